"""Writes the lock files from pyproject.toml: `make lock`. Hashed and pinned, without any registry's address in them."""

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
PROJECT = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))
RUN = [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]]
GROUPS = PROJECT["dependency-groups"]
LOCKS = {"run": RUN, "dev": [*RUN, *GROUPS["dev"]], "build": GROUPS["build"]}
OPTIONS = ["--generate-hashes", "--strip-extras", "--allow-unsafe", "--no-annotate", "--no-emit-options", "--no-header"]


def main() -> int:
    """Locks every list; the development lock must agree with the one that runs."""
    for name, wanted in LOCKS.items():
        target = HERE / f"{name}.txt"
        with tempfile.NamedTemporaryFile("w", suffix=".in") as source:
            source.write("\n".join(wanted))
            if name == "dev":
                source.write(f"\n-c {HERE / 'run.txt'}\n")
            source.flush()
            command = [sys.executable, "-m", "piptools", "compile", "-q", *OPTIONS, "-o", str(target), source.name]
            if subprocess.run(command).returncode:
                return 1
        title = f"# {name}: written by `make lock` from pyproject.toml; change that file instead.\n"
        target.write_text(title + target.read_text(encoding="utf-8"), encoding="utf-8")
        sys.stdout.write(f"{target.relative_to(HERE.parent)}: {target.read_text().count('==')} packages\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
