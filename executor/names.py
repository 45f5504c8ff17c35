"""The names that generated source uses, and what they stand for."""

from typing import Any


class Names:
    """A namespace for generated source; every name in it is our own."""

    def __init__(self, **known: Any) -> None:
        self.known: dict[str, Any] = known

    def add(self, prefix: str, value: Any) -> str:
        """A new name for a value."""
        return self.set(f"{prefix}{len(self.known)}", value)

    def set(self, name: str, value: Any) -> str:
        """That name, which from now on stands for the value."""
        self.known[name] = value
        return name

    def run(self, lines: list[str]) -> None:
        """Defines what the lines define."""
        # What stands in them: see the docstring of `executor.writing`.
        exec(compile("\n".join(lines), "<compiled operation>", "exec"), self.known)
