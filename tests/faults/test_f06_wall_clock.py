"""F6: the clock on the wall is set, forward or back, while we play: the music does not know."""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from live_improv.music.timing import Seconds
from live_improv.performance.clock import WallClock

PACKAGE = Path(__file__).resolve().parents[2] / "live_improv"

TOLD_THE_DATE = {"disk.py", "runtime/recorder.py", "runtime/recorder_process.py"}
"""Who may ask for the date: the name of a take has it, and what is stale goes by that of files."""

CALENDAR = {"time", "time_ns", "now", "utcnow", "today", "localtime", "gmtime", "ctime", "strftime"}
COARSE = {"monotonic", "monotonic_ns"}
"""On Windows, before Python 3.13, this one moves every 15.6 ms (cpython gh-88494)."""


def clocks(source: str) -> Iterator[str]:
    """The names of clocks that are read, as `module.name`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id in ("time", "datetime", "date"):
                yield node.attr
        elif isinstance(node, ast.ImportFrom) and node.module in ("time", "datetime"):
            yield from (each.name for each in node.names)


def test_nobody_reads_the_wall_clock() -> None:
    for path in sorted(PACKAGE.rglob("*.py")):
        where = path.relative_to(PACKAGE).as_posix()
        read = set(clocks(path.read_text()))
        if where not in TOLD_THE_DATE:
            assert not read & CALENDAR, where
        if where.startswith(("performance/", "midi/", "listening/")):
            assert not read & COARSE, where


def test_the_check_sees_what_it_is_for() -> None:
    assert set(clocks("import time\ntime.time()")) & CALENDAR
    assert set(clocks("from time import time")) & CALENDAR
    assert set(clocks("from datetime import datetime\ndatetime.now()")) & CALENDAR
    assert not set(clocks("import time\ntime.perf_counter()")) & (CALENDAR | COARSE)


@pytest.mark.parametrize("jump", [3600.0, -3600.0, 0.05])
def test_a_wait_takes_as_long_as_ever(jump: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every look at the wall clock gives another time."""
    count = iter(range(1_000_000))
    monkeypatch.setattr(time, "time", lambda: 1.7e9 + jump * (next(count) % 7))
    clock = WallClock()
    begun = time.perf_counter()
    for i in range(1, 21):
        clock.wait(Seconds(begun + 0.005 * i))
        assert time.perf_counter() >= begun + 0.005 * i
    assert time.perf_counter() - begun < 1.0
