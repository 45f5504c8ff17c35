"""The interpreter's pace: a load changes it for itself alone."""

import gc
import sys

import pytest

from sources.pace import SWITCH_SECONDS, pace_of_a_load


def _fail() -> None:
    with pace_of_a_load():
        assert not gc.isenabled()
        assert sys.getswitchinterval() == pytest.approx(SWITCH_SECONDS)
        raise RuntimeError("half way")


@pytest.mark.parametrize("collects", [True, False])
def test_after_a_load_that_failed_the_interpreter_works_as_before(collects: bool) -> None:
    seconds, collected = sys.getswitchinterval(), gc.isenabled()
    try:
        (gc.enable if collects else gc.disable)()
        with pytest.raises(RuntimeError, match="half way"):
            _fail()
        assert (sys.getswitchinterval(), gc.isenabled()) == (seconds, collects)
    finally:
        (gc.enable if collected else gc.disable)()
