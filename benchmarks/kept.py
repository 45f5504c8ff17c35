"""Kept results: what the last runs measured, as JSON beside the page that is written from it."""

import json
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results.json"
PACKAGES = ("strawberry-graphql", "graphql-core", "sqlmodel", "sqlalchemy", "asyncpg", "starlette", "uvicorn", "uvloop")


def read_results(file: Path = RESULTS) -> dict[str, Any]:
    """The kept results; empty where there are none."""
    if not file.exists():
        return {"cells": {}}
    results: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return results


def write_results(results: dict[str, Any], file: Path = RESULTS) -> None:
    """Keeps them, rounded to what can be told apart."""
    file.write_text(json.dumps(_rounded(results), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def surroundings(postgres_version: str, postgraphile_version: str | None) -> dict[str, str]:
    """The machine and the versions."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{_processor()}, {os.cpu_count()} cores, {psutil.virtual_memory().total // 2**30} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "PostgreSQL": postgres_version,
        "PostGraphile": postgraphile_version or "not run",
        **{package: version(package) for package in PACKAGES},
    }


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value
