"""What is said while the music plays: a line for each change, and none twice."""

from __future__ import annotations

import threading

import pytest

from live_improv.music.events import Ear, Event, Heard, NoteOn, Pulse, Start, Stop
from live_improv.music.timing import Seconds
from live_improv.performance.incoming import Key
from live_improv.runtime import status as status_module
from live_improv.runtime.status import Status
from tests.performance.sessions import Rehearsal, turned


class Watched:
    """A session, its moment, and what is said of it."""

    def __init__(self, **kinds: object) -> None:
        self.session = Rehearsal(**kinds).session  # type: ignore[arg-type]
        self.now = Seconds(0.0)
        self.said: list[str] = []
        self.status = Status(self.session, lambda: self.now, self.said.append)

    def look(self) -> list[str]:
        """What is said at a look."""
        self.said.clear()
        self.status.look()
        return list(self.said)

    def hear(self, event: Event) -> None:
        """The clock says something."""
        self.session.receive(Heard(self.now, event, Ear.CLOCK), self.now)


def test_nothing_new_nothing_said() -> None:
    watched = Watched()
    assert watched.look() == []
    watched.now = Seconds(100.0)
    watched.session.advance(watched.now)
    assert watched.look() == []


def test_each_change_is_one_line_once() -> None:
    watched = Watched()
    session = watched.session
    for name, value, line in (
        ("mode", "trade", "mode: trade"),
        ("trade", 8, "trade: 8 bars"),
        ("temperature", 1.25, "temperature: 1.25"),
        ("clock_offset_ms", 5, "clock offset ms: +5 ms"),
        ("mute", True, "mute: on"),
        ("mute", False, "mute: off"),
    ):
        session.receive(turned(name, value), Seconds(0.0))
        assert watched.look() == [line]
        assert watched.look() == []


def test_what_is_turned_back_between_two_looks_is_not_worth_a_line() -> None:
    watched = Watched()
    watched.session.receive(turned("follow", 0.9), Seconds(0.0))
    watched.session.receive(turned("follow", 0.5), Seconds(0.0))
    watched.session.receive(turned("density", 0.5), Seconds(0.0))
    watched.session.receive(turned("swing", 0.5), Seconds(0.0))
    assert watched.look() == ["density: 0.50", "swing: 0.50"]


def test_learning_is_said_step_by_step() -> None:
    watched = Watched()
    for char, part in (("l", "press the key"), ("t", "temperature: move"), ("\x1b", "nothing")):
        watched.session.receive(Key(char), Seconds(0.0))
        (line,) = watched.look()
        assert part in line
    assert watched.look() == []


def test_the_transport_is_told_with_its_place() -> None:
    watched = Watched(clock="midi", bpm=120.0)
    assert watched.look() == []
    watched.hear(Start())
    watched.hear(Pulse())
    assert watched.look() == ["playing at chorus 1, bar 1"]
    for _ in range(96 * 5):
        watched.now = Seconds(watched.now + 60 / 120 / 24)
        watched.hear(Pulse())
    assert watched.look() == []
    watched.hear(Stop())
    assert watched.look() == ["stopped at chorus 2, bar 2"]


def test_a_clock_that_falls_silent_is_told_and_that_it_is_back() -> None:
    watched = Watched(clock="midi", bpm=120.0)
    watched.hear(Start())
    for _ in range(48):
        watched.hear(Pulse())
        watched.now = Seconds(watched.now + 60 / 120 / 24)
    watched.look()
    watched.now = Seconds(watched.now + 3.0)
    assert watched.look() == ["clock lost, playing on"]
    assert watched.look() == []
    watched.hear(Pulse())
    assert watched.look() == ["clock is back"]


def test_a_loop_is_told_once() -> None:
    watched = Watched()
    for i in range(40):
        at = Seconds(i / 10)
        watched.session.echo.sent(NoteOn(60 + i % 12, 80), at)
        watched.session.receive(Heard(at, NoteOn(60 + i % 12, 80)), at)
    (line,) = watched.look()
    assert "come back" in line
    assert watched.look() == []


def test_the_end_needs_no_word() -> None:
    watched = Watched()
    watched.session.receive(Key("q"), Seconds(0.0))
    assert watched.look() == []


def test_what_others_tell_comes_first_and_in_order() -> None:
    watched = Watched()
    watched.session.receive(turned("mode", "duet"), Seconds(0.0))
    watched.status.tell("one")
    watched.status.tell("two")
    assert watched.look() == ["one", "two", "mode: duet"]


def test_it_looks_by_itself_and_once_more_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status_module, "EVERY", 0.001)
    watched = Watched()
    said = threading.Event()
    status = Status(watched.session, lambda: Seconds(0.0), lambda _line: said.set())
    with status.looking():
        status.tell("here I am")
        assert said.wait(20.0)
        monkeypatch.setattr(status_module, "EVERY", 60.0)
        watched.said.clear()
    late = Watched()
    monkeypatch.setattr(status_module, "EVERY", 60.0)
    with late.status.looking():
        late.session.receive(turned("mode", "duet"), Seconds(0.0))
        assert late.said == []
    assert late.said == ["mode: duet"]
