"""Being asked to end, at moments of chance, while notes sound."""

from __future__ import annotations

import os
import pty
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from live_improv.midi.ports import open_input
from tests.faults.leaving import BAND, PORT, ROOT, Receiver, heeding, live, noted
from tests.jack_server import jack_server, wait_until

pytestmark = pytest.mark.realtime

TIMES = int(os.environ.get("LIVE_IMPROV_SIGNALS", "2"))
"""How often each signal is sent; the fault's own number is 50."""

NOTES = 0.25
"""Seconds until everything is silent."""

EXIT = 2.0
"""Seconds until the program has ended."""


@pytest.fixture(scope="module", autouse=True)
def server() -> Iterator[None]:
    with jack_server():
        yield


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("number", range(TIMES))
def test_a_signal_ends_everything_that_sounds_and_the_take_loads(
    tmp_path: Path, name: str, number: int
) -> None:
    after = random.Random(f"{name}{number}").uniform(0.0, 2.0)
    with live(tmp_path, *BAND) as playing:
        receiver = playing.receiver
        receiver.wait_for(1)
        begun = receiver.first_note()
        wait_until(lambda: time.perf_counter() > begun + after, "time")
        receiver.wait_for(2)
        asked = time.perf_counter()
        playing.process.send_signal(getattr(signal, name))
        code, said = playing.ends()
        ended = time.perf_counter()
    assert (receiver.sounding(), code) == (set(), 0), said
    assert receiver.silent_since() - asked < NOTES
    assert ended - asked < EXIT
    (take,) = (tmp_path / "takes").glob("*.mid")
    assert f"take: takes/{take.name}" in said
    assert noted(take)[1] > 0


def test_a_terminal_that_closes_ends_everything_that_sounds(tmp_path: Path) -> None:
    receiver = Receiver()
    ours, theirs = pty.openpty()
    command = [sys.executable, str(ROOT / "run_live.py"), "--port", PORT, *BAND]
    with open_input(PORT, receiver.heard.append, client="receiver"):
        process = subprocess.Popen(
            command,
            cwd=tmp_path,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "XDG_CONFIG_HOME": str(tmp_path)},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=heeding,
        )
        try:
            os.close(theirs)
            receiver.wait_for(2)
            asked = time.perf_counter()
            os.close(ours)  # whoever has this terminal gets no SIGHUP: it is not their session's
            process.send_signal(signal.SIGHUP)
            process.wait(5.0)
            ended = time.perf_counter()
        finally:
            process.kill()
            process.wait()
    assert receiver.sounding() == set()
    assert receiver.silent_since() - asked < NOTES
    assert ended - asked < EXIT
    (take,) = (tmp_path / "takes").glob("*.mid")
    assert noted(take)[1] > 0
