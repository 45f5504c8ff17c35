"""Spending: where a server's time goes under load, sampled by py-spy from outside."""

import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.load import Job, Load

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 6
SAMPLES_PER_SECOND = 250
SHOWN = 15
LAYERS = ("gateway", "resolvers", "loaders", "profiles", "executor", "benchmarks")


def profiled(load: Load, job: Job, pid: int) -> list[str] | None:
    """Lines that say where the process was while it was under the job's load: by layer and library, and the functions
    in which it was most often. None where py-spy is missing or may not look."""
    spy = shutil.which("py-spy", path=str(Path(sys.executable).parent)) or shutil.which("py-spy")
    if spy is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "stacks.txt")
        load.start(job)
        recorded = subprocess.run(
            [spy, "record", "--pid", str(pid), "--duration", str(SECONDS), "--rate", str(SAMPLES_PER_SECOND),
             "--format", "raw", "--full-filenames", "--nolineno", "--output", str(output)],
            capture_output=True, text=True,
        )  # fmt: skip
        load.finish()
        if recorded.returncode != 0 or not output.exists():
            return None
        return summary(output.read_text(encoding="utf-8").splitlines())


def summary(stacks: list[str]) -> list[str]:
    """What py-spy's folded stacks say."""
    functions: Counter[str] = Counter()
    places: Counter[str] = Counter()
    total = 0
    for line in stacks:
        frames, _, count = line.rpartition(" ")
        if not frames:
            continue
        innermost = frames.split(";")[-1]
        samples = int(count)
        total += samples
        functions[_shown(innermost)] += samples
        places[_place(innermost)] += samples
    if not total:
        return []
    shares = ", ".join(f"{place} {samples / total:.0%}" for place, samples in places.most_common(10))
    return [
        f"By where the code stands (time in the function itself): {shares}.",
        "",
        "| share | function |",
        "|---|---|",
        *(f"| {samples / total:.1%} | `{name}` |" for name, samples in functions.most_common(SHOWN)),
    ]


def _place(frame: str) -> str:
    _, _, file = frame.partition(" (")
    for layer in LAYERS:
        if file.startswith(f"{ROOT}/{layer}/"):
            return layer
    if "site-packages/" in file:
        return file.partition("site-packages/")[2].partition("/")[0].removesuffix(".py")
    return "Python itself"


def _shown(frame: str) -> str:
    name, _, file = frame.partition(" (")
    short = file.partition("site-packages/")[2] or file.replace(f"{ROOT}/", "")
    short = short.rstrip(")").partition("python3.")[2].partition("/")[2] or short.rstrip(")")
    return f"{name} ({short})".replace("|", "\\|")
