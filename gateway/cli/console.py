"""The terminal: answers on standard output, everything else on standard error."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

# A table that goes to a file or a pipe is not folded to the width of no terminal.
out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 240)
err = Console(highlight=False, stderr=True, soft_wrap=True)


def complain(sentence: str) -> None:
    """Says what is wrong."""
    err.print("[bold red]profile-gateway:[/] ", end="")
    err.print(sentence, markup=False)


class Steps:
    """A progress bar a step; it is what an import calls to say how far it is."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._known: dict[str, TaskID] = {}

    def __call__(self, step: str, done: int, total: int) -> None:
        if step not in self._known:
            self._known[step] = self._bars.add_task(step, total=total)
        self._bars.update(self._known[step], completed=done, total=total)


@contextmanager
def progress() -> Iterator[Steps]:
    """Bars on standard error while the context lasts."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err) as bars:
        yield Steps(bars)
