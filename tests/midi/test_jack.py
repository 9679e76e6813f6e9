"""Our ports on a real MIDI system, and where there is none."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from live_improv.midi.ports import list_ports, open_input, open_output
from live_improv.music.events import (
    ControlChange,
    Event,
    NoteOff,
    NoteOn,
    ProgramChange,
    Pulse,
    SongPosition,
    Stamped,
    Start,
    Stop,
)
from tests.jack_server import jack_server, wait_until

pytestmark = pytest.mark.realtime


def note_on(pitch: int) -> NoteOn:
    return NoteOn(pitch, 80)


PLAYED: list[Event] = [
    ProgramChange(65),
    ControlChange(7, 100),
    Start(),
    SongPosition(16),
    *(
        event
        for pitch in range(40, 90)
        for event in (NoteOn(pitch, pitch), Pulse(), NoteOff(pitch))
    ),
    Stop(),
]


@pytest.fixture(scope="module", autouse=True)
def server() -> Iterator[None]:
    with jack_server():
        yield


def test_a_virtual_port_sends_what_was_sent_in_order() -> None:
    heard: list[Stamped] = []
    with open_output("live_improv") as port:
        assert (port.name, port.virtual) == ("live_improv", True)
        with open_input("live_improv", heard.append, client="monitor") as monitor:
            assert (monitor.name, monitor.virtual) == ("live_improv:live_improv", False)
            for event in PLAYED:
                port.send(event)
            wait_until(lambda: len(heard) >= len(PLAYED), "all is heard")
    assert [stamped.event for stamped in heard] == PLAYED
    moments = [stamped.at for stamped in heard]
    assert moments == sorted(moments)


def test_an_existing_port_is_connected_to_by_a_part_of_its_name() -> None:
    heard: list[Stamped] = []
    with open_input("Grand Piano", heard.append, client="synth") as synth:
        assert synth.virtual
        with open_output("piano") as port:
            assert (port.name, port.virtual) == ("synth:Grand Piano", False)
            port.send(NoteOn(60, 80, 3))
            wait_until(lambda: bool(heard), "the note is heard")
    assert [stamped.event for stamped in heard] == [NoteOn(60, 80, 3)]


@pytest.mark.parametrize("_again", range(5))
def test_closing_at_once_loses_no_off(_again: int) -> None:
    heard: list[Event] = []
    notes: list[Event] = [*map(note_on, range(40, 80)), *map(NoteOff, range(40, 80))]
    with open_input("synth", lambda stamped: heard.append(stamped.event)):
        with open_output("synth") as port:
            for event in notes:
                port.send(event)
        wait_until(lambda: len(heard) >= len(notes), "all is heard after the port has closed")
    assert heard == notes


def test_two_of_us_have_a_port_each() -> None:
    with open_output("live_improv") as first, open_output("live_improv") as second:
        assert first.virtual
        assert second.virtual
        inputs = list_ports().inputs
    assert inputs == ("live_improv:live_improv", "live_improv-01:live_improv")
    assert list_ports().inputs == ()


OPENING = """
import sys
from live_improv.midi.ports import MidiUnavailable, open_output
try:
    open_output("live_improv")
except MidiUnavailable as error:
    print("live-improv:", error, file=sys.stderr)
    sys.exit(3)
"""


def test_without_a_server_there_is_one_line_of_ours() -> None:
    nobody = {"JACK_DEFAULT_SERVER": "nobody_is_called_so", "ALSA_CONFIG_PATH": os.devnull}
    done = subprocess.run(
        [sys.executable, "-c", OPENING],
        env={**os.environ, **nobody},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    (line,) = done.stderr.splitlines()
    assert line.startswith("live-improv: no MIDI system answers")
    assert done.stdout == ""
