"""`send` never returns, and holds the interpreter of whoever calls it."""

from __future__ import annotations

import sys
import time

from live_improv.music.events import NoteOff, NoteOn
from live_improv.runtime.guardian import GuardedOutput
from live_improv.runtime.hot_plug import PortNews
from tests.jack_server import wait_until

HANGS = (sys.executable, "-m", "tests.faults.hung_guardian", "send_message", "Synth")


def test_the_engine_goes_on_and_ends_within_two_seconds() -> None:
    output = GuardedOutput("Synth", HANGS)
    output.start()
    output.ready()
    begun = time.perf_counter()
    for pitch in range(100):
        output.send(NoteOn(pitch, 64))
        output.send(NoteOff(pitch))
    sent = time.perf_counter()
    output.close()
    closed = time.perf_counter()
    assert sent - begun < 0.2
    assert closed - sent < 2.0


def test_the_port_is_told_to_have_gone_and_is_opened_again() -> None:
    news: list[PortNews] = []
    output = GuardedOutput("Synth", HANGS)
    output.start()
    output.ready()
    output.listen(news.append)
    first = output.pid
    output.send(NoteOn(60, 64))
    wait_until(lambda: len(news) == 2, "gone, and back")
    assert [each.back for each in news] == [False, True]
    assert output.pid != first
    output.close()
