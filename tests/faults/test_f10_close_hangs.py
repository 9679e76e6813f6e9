"""`close` never returns."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from live_improv.music.events import NoteOn
from live_improv.runtime.guardian import GuardedOutput
from tests.faults.leaving import BAND, live
from tests.jack_server import jack_server

EXIT = 2.0
"""Seconds."""


def test_a_port_that_does_not_close_is_left_behind_by_its_guardian() -> None:
    hangs = (sys.executable, "-m", "tests.faults.hung_guardian", "close_port", "Synth")
    output = GuardedOutput("Synth", hangs)
    output.start()
    output.ready()
    output.send(NoteOn(60, 64))
    begun = time.perf_counter()
    output.close()
    assert time.perf_counter() - begun < EXIT


def test_a_call_that_holds_the_interpreter_is_ended_in_time() -> None:
    code = (
        "import ctypes\n"
        "from live_improv.runtime.stopping import ending_in_time\n"
        "with ending_in_time(0.2) as hurry:\n"
        "    print('saved', flush=True)\n"
        "    hurry()\n"
        "    ctypes.PyDLL(None).pause()\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=20.0)
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, b"saved\n", b"")


def test_what_leaves_in_time_is_not_ended() -> None:
    code = (
        "import time\n"
        "from live_improv.runtime.stopping import ending_in_time\n"
        "with ending_in_time(0.2) as hurry:\n"
        "    hurry()\n"
        "time.sleep(0.5)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=20.0).returncode == 0


@pytest.mark.realtime
@pytest.mark.parametrize("listens", [False, True], ids=["to a port", "and from one"])
def test_a_midi_system_that_stands_still_does_not_hold_us(tmp_path: Path, listens: bool) -> None:
    options = ("--in", "live_improv test in") if listens else ()
    with jack_server():
        server = _jackd()
        with live(tmp_path, *BAND, *options) as playing:
            playing.receiver.wait_for(2)
            os.kill(server, signal.SIGSTOP)
            try:
                asked = time.perf_counter()
                playing.process.send_signal(signal.SIGINT)
                playing.ends(10.0)
                ended = time.perf_counter()
            finally:
                os.kill(server, signal.SIGCONT)
    assert ended - asked < EXIT
    assert list((tmp_path / "takes").glob("*.mid"))


def _jackd() -> int:
    """The server of `jack_server`."""
    name = os.environ["JACK_DEFAULT_SERVER"].encode()
    for process in Path("/proc").glob("[0-9]*"):
        words = (process / "cmdline").read_bytes().split(b"\0")
        if words[0].endswith(b"jackd") and name in words:
            return int(process.name)
    raise AssertionError("no jackd")
