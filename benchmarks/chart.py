"""The chart: requests a second of every stack as bars, an SVG that is legible on light and on dark pages."""

from collections.abc import Sequence
from html import escape

WIDTH, LEFT, RIGHT = 760, 190, 90
BAR, GAP, TITLE, MARGIN = 22, 8, 34, 16

STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 14px }
  .bar { fill: #8c959f }
  .own { fill: #0969da }
  .figure { font-variant-numeric: tabular-nums }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .bar { fill: #6e7681 }
    .own { fill: #4493f8 }
  }
"""


def chart(groups: Sequence[tuple[str, Sequence[tuple[str, float, bool]]]]) -> str:
    """Groups of bars, each group with a scale of its own: (title, [(label, requests a second, whether it is ours)])."""
    parts: list[str] = []
    top = MARGIN
    for title, bars in groups:
        parts.append(f'<text class="title" x="{MARGIN}" y="{top + 16}">{escape(title)}</text>')
        top += TITLE
        most = max(value for _, value, _ in bars)
        for label, value, is_own in bars:
            middle = top + BAR * 0.7
            length = max(1.0, (WIDTH - LEFT - RIGHT) * value / most)
            parts += [
                f'<text x="{LEFT - 10}" y="{middle:.1f}" text-anchor="end">{escape(label)}</text>',
                f'<rect class="{"own" if is_own else "bar"}" x="{LEFT}" y="{top}" width="{length:.1f}" '
                f'height="{BAR}" rx="3"/>',
                f'<text class="figure" x="{LEFT + length + 8:.1f}" y="{middle:.1f}">{value:,.0f}</text>',
            ]
            top += BAR + GAP
        top += MARGIN
    size = f'viewBox="0 0 {WIDTH} {top}" width="{WIDTH}" height="{top}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">'
    named = "<title>Requests a second, each stack as one process on the same database</title>"
    return "\n".join((head, named, f"<style>{STYLE}</style>", *parts, "</svg>", ""))
