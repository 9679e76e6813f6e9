"""The guardian of the output port: what is sent arrives, and what is left sounding is silenced."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.midi.codec import decode
from live_improv.midi.port_names import PortError, PortInUse
from live_improv.music.events import ControlChange, Event, NoteOff, NoteOn, Pulse, Start, Stop
from live_improv.runtime.guardian import GuardedOutput
from live_improv.runtime.guardian_process import Messages, Sounding
from live_improv.runtime.hot_plug import PortNews
from tests.jack_server import wait_until

Open = Callable[[str], GuardedOutput]


class Port:
    """What a guardian has sent."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def heard(self) -> list[Event | None]:
        """Everything, in order."""
        lines = self.path.read_text().split() if self.path.exists() else []
        return [decode(bytes.fromhex(line)) for line in lines]


@pytest.fixture
def port(tmp_path: Path) -> Port:
    return Port(tmp_path / "heard")


@pytest.fixture
def opened(port: Port) -> Iterator[Open]:
    """Opens a guarded port of that system."""
    outputs: list[GuardedOutput] = []

    def open_it(name: str) -> GuardedOutput:
        command = (sys.executable, "-m", "tests.runtime.telling_guardian", str(port.path), name)
        outputs.append(GuardedOutput(name, command))
        outputs[-1].start()
        return outputs[-1]

    yield open_it
    for output in outputs:
        output.close()


def test_what_is_sent_arrives_in_order(port: Port, opened: Open) -> None:
    output = opened("Synth")
    output.ready()
    events: list[Event] = [
        *(Start(), NoteOn(60, 80, 3), Pulse(), ControlChange(64, 127, 2), NoteOff(60, 3), Stop()),
    ]
    for event in events:
        output.send(event)
    output.close()
    assert (output.name, output.virtual) == ("Synth", False)
    assert port.heard() == events


def test_what_a_pipe_took_in_part_is_finished_first(
    port: Port, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Python on Windows writes to a pipe that is full."""
    output = opened("Synth")
    output.ready()
    write, count = os.write, iter(range(100))

    def short(file: int, data: bytes) -> int:
        return write(file, data[:2] if next(count) in (1, 3) else data)

    monkeypatch.setattr("live_improv.runtime.guardian.os.write", short)
    events: list[Event] = [NoteOn(60 + i, 80) for i in range(8)]
    events += [NoteOff(60 + i) for i in range(8)]
    for event in events:
        output.send(event)
    monkeypatch.undo()
    output.close()
    assert port.heard() == events


def test_who_closes_before_the_port_is_open_leaves_no_trace(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised: list[object] = []
    monkeypatch.setattr(threading, "excepthook", raised.append)
    for _ in range(3):
        opened("Synth").close()
    assert raised == []


def test_what_is_left_sounding_is_ended(port: Port, opened: Open) -> None:
    output = opened("Synth")
    output.ready()
    for event in (NoteOn(60, 80, 0), NoteOn(64, 80, 1), NoteOn(67, 80, 0), NoteOff(60, 0)):
        output.send(event)
    output.close()
    output.close()
    assert port.heard()[4:] == [NoteOff(64, 1), NoteOff(67, 0)]


def test_a_name_that_nobody_has_becomes_a_virtual_port(opened: Open) -> None:
    output = opened("ours")
    output.ready()
    assert (output.name, output.virtual) == ("ours", True)


def test_a_port_that_does_not_open_says_why(opened: Open) -> None:
    with pytest.raises(PortInUse, match="'Busy' does not open"):
        opened("Busy").ready()


def test_a_guardian_that_does_not_start_is_a_port_that_does_not_open() -> None:
    output = GuardedOutput("Synth", (sys.executable, "-c", "pass"))
    output.start()
    with pytest.raises(PortError, match="ended at its start"):
        output.ready()
    output.close()


def test_a_guardian_that_dies_is_replaced(port: Port, opened: Open) -> None:
    output = opened("Synth")
    output.ready()
    news: list[PortNews] = []
    output.listen(news.append)
    assert output.pid is not None
    os.kill(output.pid, signal.SIGKILL)
    wait_until(lambda: len(news) == 1, "it has gone")
    output.send(NoteOn(60, 80))
    wait_until(lambda: len(news) == 2, "it is back")
    output.send(NoteOn(62, 80))
    output.close()
    assert news == [PortNews("Synth", "Synth", True, back) for back in (False, True)]
    assert port.heard() == [NoteOn(62, 80), NoteOff(62)], "what nobody could send is not sent late"


def test_signals_for_the_engine_do_not_end_it(port: Port, opened: Open) -> None:
    output = opened("Synth")
    output.ready()
    assert output.pid is not None
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(output.pid, number)
    output.send(NoteOn(60, 80))
    output.close()
    assert port.heard() == [NoteOn(60, 80), NoteOff(60)]


def test_no_off_is_lost_while_the_guardian_stands_still(port: Port, opened: Open) -> None:
    output = opened("Synth")
    output.ready()
    assert output.pid is not None
    os.kill(output.pid, signal.SIGSTOP)
    for number in range(30_000):
        output.send(NoteOn(number % 128, 80))
        output.send(NoteOff(number % 128))
    os.kill(output.pid, signal.SIGCONT)
    wait_until(lambda: bool(port.heard()), "it goes on")
    wait_until(lambda: _pushed(output), "all has left")
    output.close()
    heard = port.heard()
    assert sum(isinstance(event, NoteOff) for event in heard) >= 30_000
    assert sum(isinstance(event, NoteOn) for event in heard) < 30_000, "ons are left out"


def _pushed(output: GuardedOutput) -> bool:
    """Whether nothing waits any more; what waits goes with the next message."""
    output.send(Pulse())
    return not output._waiting


NOTES = st.builds(NoteOn, st.integers(0, 127), st.integers(1, 127), st.integers(0, 15)) | st.builds(
    NoteOff, st.integers(0, 127), st.integers(0, 15)
)


@given(st.lists(NOTES, max_size=40), st.lists(st.integers(1, 9), min_size=1))
def test_messages_come_whole_out_of_pieces_of_any_size(
    events: list[NoteOn | NoteOff], sizes: list[int]
) -> None:
    data = b""
    for event in events:
        match event:
            case NoteOn(pitch, velocity, channel):
                data += bytes((3, 0x90 | channel, pitch, velocity))
            case NoteOff(pitch, channel):
                data += bytes((3, 0x80 | channel, pitch, 0))
    messages, found, at, number = Messages(), list[Event](), 0, 0
    while at < len(data):
        size = sizes[number % len(sizes)]
        found += messages.feed(data[at : at + size])
        at, number = at + size, number + 1
    assert found == events


@given(st.lists(NOTES, max_size=80))
def test_after_the_offs_nothing_sounds_and_none_is_sent_for_what_does_not(
    events: list[NoteOn | NoteOff],
) -> None:
    sounding, down = Sounding(), set[tuple[int, int]]()
    for event in events:
        sounding.sent(event)
        key = (event.channel, event.pitch)
        down = down | {key} if isinstance(event, NoteOn) else down - {key}
    offs = sounding.offs()
    assert {(off.channel, off.pitch) for off in offs} == down
    assert len(offs) == len(down)
