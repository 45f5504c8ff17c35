"""Demo data that has been loaded once, kept in pytest's cache until anything changes that it is made from."""

import fcntl
import hashlib
import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import distributions
from pathlib import Path

from tests.databases import Databases

ROOT = Path(__file__).parents[2]
MAKERS = ("gateway", "loaders", "executor", "migrations", "profiles", "resolvers", "sources", "tests/demo")
"""Where everything stands that takes part in loading."""
IGNORED = frozenset({"__pycache__", "static"})


@cache
def state_of_the_sources() -> str:
    """SHA-256 over our files, and the versions of what is installed: other data has another one."""
    digest = hashlib.sha256()
    files = [file for folder in MAKERS for file in (ROOT / folder).rglob("*") if file.is_file()]
    for file in sorted([*files, ROOT / "tests" / "databases.py"]):
        name = file.relative_to(ROOT)
        if not IGNORED.intersection(name.parts):
            digest.update(f"{name.as_posix()}\0{file.stat().st_size}\0".encode())
            digest.update(file.read_bytes())
    installed = sorted({f"{each.name} {each.version}" for each in distributions()})
    digest.update("\n".join(installed).encode())
    return digest.hexdigest()[:32]


async def kept_or_loaded(databases: Databases, folder: Path, name: str, load: Callable[[], Awaitable[str]]) -> str:
    """The URL of a database with that data: a copy of what `folder` keeps under the name, or loaded and then kept.

    The workers of a run and later runs share the folder; who comes while another loads waits for it.
    """
    file = _made_room(folder) / name
    with _locked(file.with_suffix(".lock")):
        if file.exists():
            return await databases.restored(file)
        url = await load()
        unfinished = file.with_suffix(".unfinished")
        await databases.save(url, unfinished)
        unfinished.rename(file)
        return url


def _made_room(folder: Path) -> Path:
    """The folder for this state of the sources; of others only the newest is left, which a run may still be using."""
    state = folder / state_of_the_sources()
    with _locked(folder / "lock"):
        state.mkdir(exist_ok=True)
        others = [each for each in folder.iterdir() if each.is_dir() and each != state]
        for other in sorted(others, key=lambda each: each.stat().st_mtime)[:-1]:
            shutil.rmtree(other)
    return state


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Nobody else is inside; a process that ends, however it does, is not."""
    with path.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
