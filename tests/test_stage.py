"""Playing live, with everything that stands around it, over a MIDI system that is none."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import mido
import pytest

from live_improv import model_folder, stage
from live_improv.app import Performance
from live_improv.midi import connection, ports
from live_improv.midi.port_names import PortInUse
from live_improv.music.events import Continue, ControlChange, Event, NoteOff, NoteOn
from live_improv.music.timing import Seconds
from live_improv.performance.constraints import Constraints
from live_improv.performance.controls import Knobs
from live_improv.performance.ensemble import ALL_NOTES_OFF
from live_improv.performance.hands import Hands
from live_improv.request import Request
from live_improv.runtime import gear
from live_improv.runtime.gear import Gear
from live_improv.runtime.hot_plug import PortNews
from live_improv.runtime.outputs import Outputs
from live_improv.stage import play_live
from tests.cli.conftest import QuickClock, Rig

LOAD = cache(model_folder.load)
OUT = "Synth"

At = dict[int, Callable[[], None]]


class Live:
    """Live playing where no time passes but that of the music, and things happen when we say so.

    Attributes:
        rig: the MIDI system.
        at: what happens with the sending of each message, counted from 0.
        said: the news.
        keys: presses a key of the terminal.
        news: tells of a port.
        comes: what comes in by itself, each at its moment, at the input of the number `port`; None
            is somebody who quits.
        sent_at: what was sent, and when.
    """

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.at: At = {}
        self.said: list[str] = []
        self.keys: Callable[[str], None]
        self.news: Callable[[PortNews], None]
        self.watched: list[str] = []
        self.comes: list[tuple[float, int | None]] = []
        self.port = 0
        self.sent_at: list[tuple[float, Event]] = []

    def play(self, request: Request, gear: Gear | None = None) -> Path | None:
        """Play."""
        return play_live(Performance(request), gear or Gear(OUT), self.said.append)

    def hear(self, *data: int, device: int = -1) -> None:
        """A message comes in, at an input counted from the first."""
        inputs = [each for each in self.rig.devices if each.callback is not None]
        callback = inputs[device].callback
        assert callback is not None
        callback((list(data), 0.0), None)


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> Iterator[Live]:
    """Live playing over a system that is none, by a clock that does not wait."""
    rig = Rig(OUT, "Keys", "DAW", "Drums")
    found = Live(rig)
    clocks: list[QuickClock] = []

    class Clock(QuickClock):
        def __init__(self) -> None:
            super().__init__()
            clocks.append(self)

        def wait(self, until: Seconds) -> None:
            if not found.comes or found.comes[0][0] > until:
                super().wait(until)
                return
            at, status = found.comes.pop(0)
            super().wait(Seconds(at))
            if status is None:
                found.keys("q")
            else:
                found.hear(status, device=found.port)

    class Watch:
        def __init__(self, watched: list[Any], tell: Callable[[PortNews], None]) -> None:
            found.watched = [port.name for port in watched]
            found.news = tell

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            return None

    @contextmanager
    def key_presses(receive: Callable[[str], None]) -> Iterator[bool]:
        found.keys = receive
        yield True

    sends = Outputs.send
    count = iter(range(1_000_000))

    def send(self: Any, timed: Any) -> None:
        happens = found.at.get(next(count))
        sends(self, timed)
        found.sent_at.append((clocks[-1].now(), timed.event))
        if happens is not None:
            happens()

    monkeypatch.setitem(sys.modules, "rtmidi", rig)
    monkeypatch.setattr(connection, "SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(ports, "SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(ports, "DRAIN_SECONDS", 0.0)
    # What is heard is stamped by the same clock that plays.
    stamps = SimpleNamespace(
        perf_counter=lambda: clocks[-1].now() if clocks else 0.0, sleep=lambda _: None
    )
    monkeypatch.setattr(ports, "time", stamps)
    monkeypatch.setattr(stage, "WallClock", Clock)
    monkeypatch.setattr(gear, "PortWatch", Watch)
    monkeypatch.setattr(stage, "key_presses", key_presses)
    monkeypatch.setattr(Outputs, "send", send)
    monkeypatch.setattr(model_folder, "load", LOAD)
    yield found
    assert not rig.left_sounding()
    assert all(device.deleted for device in rig.devices)


def test_it_plays_and_says_where(live: Live) -> None:
    assert live.play(Request(bars=4, program=30)) is None
    assert live.rig.opened == ["open Synth"]
    assert live.watched == ["Synth"]
    assert " to Synth" in live.said[0]
    assert "Blues in F" in live.said[0]
    assert "Ctrl-C" in live.said[0]
    (data,) = [device.sent for device in live.rig.devices if device.sent]
    # Who was killed before us may have left notes sounding.
    assert data[:3] == [[0xB0, 64, 0], [0xB0, ALL_NOTES_OFF, 0], [0xC0, 30]]
    assert len(data) > 20


def test_inputs_are_named(live: Live) -> None:
    live.play(Request(bars=1), Gear("mine", player_in="Keys", clock_in="DAW", chord_in="chords"))
    assert "virtual port mine" in live.said[0]
    assert "listening to Keys, DAW, virtual port chords" in live.said[0]
    assert set(live.watched) == {"mine", "Keys", "DAW", "chords"}


def test_a_call_that_comes_in_is_answered_and_kept(live: Live, tmp_path: Path) -> None:
    """From a port to the file: the key goes down in the count-in of the clock's own time."""
    request = Request(bars=8, bpm=200.0, knobs=Knobs(mode="trade", trade=1, follow=1.0), count_in=1)
    live.at = {
        0: lambda: live.hear(0x90, 60, 77),
        1: lambda: live.hear(0x90, 60, 0),
        2: lambda: live.hear(0x90, 64, 78),
        3: lambda: live.hear(0x80, 64, 64),
    }
    take = live.play(request, Gear(OUT, player_in="Keys", takes=tmp_path / "takes"))
    assert take is not None
    names = [track.name for track in mido.MidiFile(take).tracks]
    assert {"Improviser", "Player"} <= set(names)
    (theirs,) = [track for track in mido.MidiFile(take).tracks if track.name == "Player"]
    ons = [(m.note, m.velocity) for m in theirs if m.type == "note_on" and m.velocity]
    assert ons == [(60, 77), (64, 78)]


def test_a_clock_is_followed_from_its_own_port(live: Live, tmp_path: Path) -> None:
    """Start, two bars of pulses at 120, Stop, one bar more; the port of the player is another."""
    begin, beat = 0.5, 1 / 48
    live.comes = [
        (begin, 0xFA),
        *((begin + i * beat, 0xF8) for i in range(2 * 96)),
        (begin + 192 * beat, 0xFC),
        (8.0, 0xFB),
        *((8.0 + i * beat, 0xF8) for i in range(96)),
        (8.0 + 96 * beat, 0xFC),
        (12.0, None),
    ]
    live.port = 1
    on_time = Knobs(clock="midi", density=1.0, laid_back=0.0, loose=0.0)
    at_once = Constraints().without(("opening",))
    request = Request(knobs=on_time, constraints=at_once)
    take = live.play(request, Gear(OUT, player_in="Keys", clock_in="DAW", takes=tmp_path))
    assert any("waiting for the clock" in line for line in live.said)
    assert take is not None
    ons = [at for at, event in live.sent_at if isinstance(event, NoteOn)]
    assert ons[0] == pytest.approx(begin, abs=0.002)
    assert [at for at in ons if 4.5 <= at < 8.0] == []
    assert [at for at in ons if at >= 8.0]
    assert not [at for at in ons if at > 10.0]


def test_our_clock_goes_to_its_port_alone(live: Live) -> None:
    live.play(Request(bars=1, leads=True), Gear(OUT, clock_out="Drums"))
    notes, clock = [[data[0] for data in device.sent] for device in live.rig.devices if device.sent]
    assert all(status < 0xF0 for status in notes)
    assert clock[0] == 0xFA
    assert clock[-1] == 0xFC
    assert clock.count(0xF8) >= 96


def test_notes_and_clock_may_share_a_port(live: Live) -> None:
    live.play(Request(bars=1, leads=True), Gear(OUT, clock_out=OUT))
    assert live.rig.opened == ["open Synth"]
    (data,) = [device.sent for device in live.rig.devices if device.sent]
    assert {0xFA, 0xF8, 0xFC, 0x90, 0x80} <= {each[0] for each in data}


def test_keys_turn_and_quit(live: Live) -> None:
    live.at = {10: lambda: live.keys("T"), 30: lambda: live.keys("q")}
    live.play(Request(bars=100))
    assert "temperature: 1.10" in live.said
    assert 30 < len(live.rig.sent) < 60


def test_a_knob_is_learned_and_kept(live: Live, tmp_path: Path) -> None:
    learned = tmp_path / "deep" / "learned.json"
    live.at = {
        2: lambda: live.keys("l"),
        4: lambda: live.keys("d"),
        6: lambda: live.hear(0xB2, 74, 99),
        20: lambda: live.hear(0xB2, 74, 127),
    }
    live.play(Request(bars=8, hands=Hands()), Gear(OUT, player_in="Keys", learned=learned))
    assert json.loads(learned.read_text()) == {"controls": {"density": "cc 74 channel 3"}}
    assert any("learned" in line for line in live.said)


def test_without_learning_nothing_is_written(live: Live, tmp_path: Path) -> None:
    live.play(Request(bars=1), Gear(OUT, player_in="Keys", learned=tmp_path / "learned.json"))
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_goes_is_told_and_played_on_without(live: Live) -> None:
    """What to do then is the session's: here it is asked to."""

    def goes() -> None:
        live.news(PortNews(OUT, "Synth 2", output=True, back=False))

    def is_back() -> None:
        live.news(PortNews(OUT, "Synth 2", output=True, back=True))

    live.at = {10: goes, 20: is_back}
    live.play(Request(bars=8))
    assert "Synth 2 has gone; playing on" in live.said
    assert "Synth 2 is back" in live.said
    sent = live.rig.sent
    assert sent.index(ControlChange(64, 0)) + 1 == sent.index(ControlChange(123, 0))
    assert sum(isinstance(event, NoteOn) for event in sent[22:]) > 10


def test_a_clock_port_that_goes_is_not_that_of_the_notes(live: Live) -> None:
    """Its followers are placed again when it is back; the instrument is left alone."""
    live.at = {
        100: lambda: live.news(PortNews("Drums", "Drums", output=True, back=False)),
        300: lambda: live.news(PortNews("Drums", "Drums", output=True, back=True)),
    }
    live.play(Request(bars=8, leads=True), Gear(OUT, clock_out="Drums"))
    assert not [event for event in live.rig.sent[2:] if isinstance(event, ControlChange)]
    back = live.sent_at[301:]
    assert any(isinstance(event, Continue) for _, event in back)


def test_the_sound_that_was_asked_for_is_in_the_take(live: Live, tmp_path: Path) -> None:
    take = live.play(Request(bars=2, program=30), Gear(OUT, takes=tmp_path))
    assert take is not None
    programs = [m.program for m in mido.MidiFile(take).tracks[1] if m.type == "program_change"]
    assert programs == [30]


def test_an_input_that_goes_holds_no_key(live: Live) -> None:
    request = Request(bars=16, bpm=240.0, knobs=Knobs(mode="duet"))
    news = PortNews("Keys", "Keys", output=False, back=False)
    live.at = {4: lambda: live.hear(0x90, 60, 77), 5: lambda: live.news(news)}
    live.play(request, Gear(OUT, player_in="Keys"))
    assert sum(isinstance(event, NoteOn) for event in live.rig.sent) > 10


@pytest.mark.parametrize("number", [0, 1])
def test_an_interruption_before_the_first_note_leaves_no_take(
    live: Live, tmp_path: Path, number: int
) -> None:
    live.rig.interrupt_at = number
    assert live.play(Request(), Gear(OUT, takes=tmp_path)) is None
    assert not any(isinstance(event, NoteOn) for event in live.rig.sent)


@pytest.mark.parametrize("number", [3, 7, 30])
def test_an_interruption_is_an_end_like_any_other(live: Live, tmp_path: Path, number: int) -> None:
    live.rig.interrupt_at = number
    take = live.play(Request(), Gear(OUT, takes=tmp_path))
    assert take is not None
    ons = sum(isinstance(event, NoteOn) for event in live.rig.sent)
    (track,) = [t for t in mido.MidiFile(take).tracks if t.name == "Improviser"]
    # What was handed out and not sent, because of the interruption, may be in it.
    assert ons <= sum(message.type == "note_on" for message in track) <= ons + 1


def test_what_is_open_is_closed_when_a_later_port_fails(live: Live) -> None:
    live.rig.busy.add("Keys")
    with pytest.raises(PortInUse):
        live.play(Request(bars=1), Gear(OUT, player_in="Keys"))
    assert live.rig.opened == ["open Synth"]


def test_a_loop_is_told(live: Live) -> None:
    """Our output is wired to our input: said once, and nobody answers themselves."""
    sends = live.rig.heard

    def comes_back() -> None:
        live.hear(*sends[-1][1])

    live.at = dict.fromkeys(range(400), comes_back)
    live.play(Request(bars=12, knobs=Knobs(mode="duet")), Gear(OUT, player_in="Keys"))
    assert [line for line in live.said if "come back" in line] == [
        "our own notes come back to the input: they are not taken for yours"
    ]
    events = live.rig.sent
    assert sum(isinstance(event, NoteOn) for event in events) > 20
    assert sum(isinstance(event, NoteOff) for event in events) > 20
