"""Progress: how an import tells how far it is; the command line draws it."""

from typing import Protocol


class Progress(Protocol):
    """Called from time to time with the step's name, how much of it is done, and how much there is."""

    def __call__(self, step: str, done: int, total: int) -> None: ...


def silent(step: str, done: int, total: int) -> None:
    """Tells nobody."""
