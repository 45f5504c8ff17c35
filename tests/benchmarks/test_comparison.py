"""`make bench` in small: real servers of every stack but PostGraphile, on a PostgreSQL of their own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.answers import difference
from benchmarks.chart import chart
from benchmarks.goals import GOALS, LATER_ISSUES, MISSED, rows
from benchmarks.spending import summary

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What a quick run printed, and the folder it wrote into."""
    folder = tmp_path_factory.mktemp("quick")
    command = [sys.executable, "-m", "benchmarks.compare", "--quick", str(folder)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert run.returncode == 0, run.stderr[-3_000:]
    return run.stdout, folder


def test_gateway_naive_and_limit_answer_equally_before_anything_is_timed(quick: tuple[str, Path]) -> None:
    lines = quick[0].splitlines()
    equal = next(number for number, line in enumerate(lines) if "pages are equal on all stacks" in line)
    first_round = next(number for number, line in enumerate(lines) if line.startswith("round 1:"))
    assert lines[equal].startswith("7 pages are equal on all stacks")
    assert equal < first_round


def test_every_row_of_the_table_of_goals_is_written(quick: tuple[str, Path]) -> None:
    page = (quick[1] / "RESULTS.md").read_text(encoding="utf-8")
    assert [goal.measure for goal in GOALS if f"| {goal.measure} |" not in page] == []
    assert [measure for measure in LATER_ISSUES if f"| {measure} |  |  |  | later issue |" not in page] == []


def test_the_chart_shows_each_stack_that_ran(quick: tuple[str, Path]) -> None:
    drawn = (quick[1] / "results.svg").read_text(encoding="utf-8")
    assert [name for name in (">gateway<", ">naive<", ">limit<", ">bare GET<") if name not in drawn] == []


def test_round_trips_are_counted_as_the_gateway_says_them(quick: tuple[str, Path]) -> None:
    counts = json.loads((quick[1] / "results.json").read_text(encoding="utf-8"))["counts"]
    assert set(counts["reads"]) == {"1", "10", "100"}
    assert len(set(counts["reads"].values())) == 1


def measured(requests_per_second: float) -> dict[str, Any]:
    return {"requests_per_second": requests_per_second, "p50": 1.0, "p99": 2.0}


def test_a_ratio_is_the_median_of_the_rounds_ratios() -> None:
    ours = [measured(rate) for rate in (200, 90, 400)]
    theirs = [measured(rate) for rate in (10, 9, 10)]
    table = rows({"cells": {"gateway|Q1|16": ours, "naive|Q1|16": theirs}})
    assert table[0] == (GOALS[0].measure, "20.00 times", "at least 20", "at least 40", "met")


def test_a_goal_that_is_not_reached_is_said_to_be_missed() -> None:
    table = rows({"cells": {"gateway|Q1|16": [measured(100)], "naive|Q1|16": [measured(10)]}})
    assert table[0][1:] == ("10.00 times", "at least 20", "at least 40", MISSED)


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ({"a": [1, 2]}, {"a": [1, 2]}, None),
        ({"a": [1, 2]}, {"a": [1, 3]}, ".a[1]: 2 against 3"),
        ({"a": [1]}, {"a": [1, 1]}, ".a: 1 entries against 2"),
        ({"a": None}, {"b": None}, ": ['a'] against ['b']"),
        ({"score": 2.0}, {"score": 2.00001}, None),
        ({"score": 2.0}, {"score": 2.1}, ".score: 2.0 against 2.1"),
    ],
)
def test_answers_differ_where_their_values_do_and_scores_by_more_than_a_moment(one: Any, other: Any, said: str) -> None:
    assert difference(one, other) == said


def test_the_longest_bar_is_of_the_fastest_stack() -> None:
    drawn = chart([("Pages", [("slow", 50.0, False), ("fast", 100.0, True)])])
    widths = [float(bar.partition('width="')[2].partition('"')[0]) for bar in drawn.split("<rect")[1:]]
    assert widths[1] == 2 * widths[0]


def test_time_is_summed_by_layer_and_by_function() -> None:
    stacks = [
        f"serve (x/site-packages/uvicorn/server.py);load ({ROOT}/loaders/base.py) 30",
        "serve (x/site-packages/uvicorn/server.py) 10",
    ]
    lines = summary(stacks)
    assert lines[0].endswith("loaders 75%, uvicorn 25%.")
    assert "| 75.0% | `load (loaders/base.py)` |" in lines


def test_what_npm_installs_for_postgraphile_has_a_hash_and_no_address() -> None:
    lock = ROOT / "benchmarks" / "peers" / "postgraphile" / "package-lock.json"
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    foreign = {path: each for path, each in packages.items() if path.startswith("node_modules/")}
    assert foreign
    assert [path for path, each in foreign.items() if "integrity" not in each or "resolved" in each] == []
