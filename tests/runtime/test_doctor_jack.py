"""The doctor on a real MIDI system: a clock, a loop, and lateness that is really measured."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from live_improv.midi.ports import list_ports, open_input
from live_improv.music.events import NoteOff, NoteOn, Stamped
from live_improv.runtime.doctor.asking import Asked
from live_improv.runtime.doctor.examination import LISTENING, SYSTEMS, TIMING
from live_improv.runtime.doctor.findings import Finding, Level
from live_improv.runtime.doctor.plan import Plan
from tests.conftest import ROOT
from tests.jack_server import CLOCK_PORT, PATIENCE, Human, daw, human, jack_server, wait_until

pytestmark = pytest.mark.realtime

PLAN = Plan(seconds=2.0)


@pytest.fixture(scope="module", autouse=True)
def server() -> Iterator[None]:
    with jack_server():
        yield


def found(plan: Plan = PLAN) -> dict[str, Finding]:
    """What the check of the ports finds."""
    with Asked(LISTENING, plan) as asked:
        return {each.what: each for each in asked.findings()}


def best_of_three(plan: Plan, good: Callable[[dict[str, Finding]], bool]) -> dict[str, Finding]:
    """The first findings that are good, else the last: a busy machine makes JACK drop messages."""
    for _ in range(2):
        ports = found(plan)
        if good(ports):
            return ports
    return found(plan)


def test_jack_answers_and_a_virtual_port_can_be_made() -> None:
    with Asked(SYSTEMS, PLAN) as asked:
        (systems,) = asked.findings()
    assert systems.says == "Jack answers and is played through; ALSA does not answer"
    ports = found()
    assert ports["virtual port"].says == "can be made"
    assert ports["MIDI inputs"].says == "none"
    assert {each.level for each in ports.values()} <= {Level.OK, Level.INFO}
    assert list_ports().inputs == (), "nothing of it is left"


def test_a_clock_is_seen() -> None:
    with daw(132.0) as transport:
        transport.play()
        # On a busy machine the server itself is slow, and its clock with it.
        ports = best_of_three(PLAN, lambda ports: 60.0 <= bpm(ports) <= 133.0)
        assert 60.0 <= bpm(ports) <= 133.0
        assert CLOCK_PORT in ports["MIDI clock"].says


def bpm(ports: dict[str, Finding]) -> float:
    """The tempo of the clock that was heard, 0 for none."""
    match = re.match(r"\d+\.\d", ports["MIDI clock"].says)
    return float(match.group()) if match else 0.0


def test_what_somebody_plays_is_heard_and_no_note_is_sent() -> None:
    heard: list[Stamped] = []
    with human() as player, open_input("listener", heard.append, client="listener"):
        now = time.perf_counter()
        player.play([(now + 0.02 * number, 60, 80 * (number % 2)) for number in range(500)])
        plan = Plan(seconds=2.0, port="listener", player_in=Human.PORT)
        ports = best_of_three(plan, lambda ports: bool(heard))
        assert Human.PORT in ports["MIDI heard"].says
        assert "notes" in ports["MIDI heard"].says
    assert heard, "the probe arrives"
    assert not [each for each in heard if isinstance(each.event, NoteOn | NoteOff)]


THRU = """
import queue, sys, threading
from live_improv.midi.ports import open_input, open_output

heard = queue.SimpleQueue()
with open_output("thru out", client="echo") as out, open_input("thru in", heard.put, client="echo"):
    threading.Thread(target=lambda: (sys.stdin.read(), heard.put(None)), daemon=True).start()
    while (stamped := heard.get()) is not None:
        out.send(stamped.event)
"""


@contextmanager
def thru() -> Iterator[None]:
    """Another program, whose output says what its input hears."""
    command = [sys.executable, "-c", THRU]
    with subprocess.Popen(command, stdin=subprocess.PIPE, cwd=ROOT) as process:
        try:
            wait_until(lambda: any("thru out" in name for name in list_ports().inputs), "its port")
            wait_until(lambda: any("thru in" in name for name in list_ports().outputs), "its port")
            yield
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(PATIENCE)


def test_a_loop_is_seen() -> None:
    with thru():
        plan = Plan(seconds=2.0, port="thru in")
        ports = best_of_three(plan, lambda ports: ports["loop"].level is Level.NOTE)
    assert ports["--port"].level is Level.OK
    assert ports["loop"].level is Level.NOTE
    assert "thru in comes back on echo" in ports["loop"].says


def test_lateness_is_measured() -> None:
    with Asked(TIMING, Plan(seconds=1.0)) as asked:
        timing = {each.what: each for each in asked.findings()}
    assert set(timing) == {"BLAS threads", "priority", "lateness"}
    assert timing["BLAS threads"].level in (Level.OK, Level.INFO)
    assert " notes; only sleeping: " in timing["lateness"].says
