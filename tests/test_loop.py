"""The loop: live and offline play the same, and whoever ends it leaves silence."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from functools import cache
from random import Random

import pytest

from live_improv import model_folder
from live_improv.app import Performance
from live_improv.loop import Script, run, undisturbed
from live_improv.music.events import Event, Heard, NoteOff, NoteOn, Timed
from live_improv.music.timing import PPQ, Seconds
from live_improv.performance.clock import VirtualClock
from live_improv.performance.controls import MODES, Knobs, Turned
from live_improv.performance.incoming import Incoming
from live_improv.performance.session import State
from live_improv.request import Request

LOAD = cache(model_folder.load)


@pytest.fixture(autouse=True)
def _loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The default model is read from disk only once."""
    monkeypatch.setattr(model_folder, "load", LOAD)


class Kept:
    """A sink that keeps the events. It can interrupt at one of them, before or after keeping it."""

    def __init__(self, fails_at: int | None = None, *, sent: bool = False) -> None:
        self.timed: list[Timed] = []
        self.fails_at = fails_at
        self.sent = sent

    @property
    def events(self) -> list[Event]:
        """The events alone."""
        return [timed.event for timed in self.timed]

    def send(self, timed: Timed) -> None:
        """Keep one event."""
        fails = len(self.timed) == self.fails_at
        if fails:
            self.fails_at = None
        if self.sent or not fails:
            self.timed.append(timed)
        if fails:
            raise KeyboardInterrupt


class RealEnough:
    """A clock like a real one: time passes by itself, and waiting ends late, nearly too late."""

    def __init__(self) -> None:
        self.moment = 5000.0
        self.chance = Random(4)

    def now(self) -> Seconds:
        """The moment, a little later every time."""
        self.moment += self.chance.random() * 1e-4
        return Seconds(self.moment)

    def wait(self, until: Seconds) -> None:
        """Be there, or too late."""
        late = self.chance.choice((0.0, 1e-4, 2e-3, 0.04))
        self.moment = max(self.moment, until + late)


LEAD_IN = 0.05


def live(request: Request, script: Sequence[tuple[float, Event]] = ()) -> list[Timed]:
    """The events of a performance by a clock like a real one; the script counts from its start."""
    performance, sink, clock = Performance(request), Kept(), RealEnough()
    start = Seconds(clock.now() + LEAD_IN)
    items = [(start + at, Heard(Seconds(start + at), event)) for at, event in script]
    run(performance.session(start), clock, sink, Script(_items(items)))
    return sink.timed


def offline(request: Request, script: Sequence[tuple[float, Event]] = ()) -> list[Timed]:
    """The events of a performance under the virtual clock."""
    performance, sink = Performance(request), Kept()
    items = [(at, Heard(Seconds(at), event)) for at, event in script]
    run(performance.session(Seconds(0.0)), VirtualClock(), sink, Script(_items(items)))
    return sink.timed


def _items(items: Sequence[tuple[float, Incoming]]) -> list[tuple[Seconds, Incoming]]:
    return [(Seconds(at), item) for at, item in items]


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("bpm", [60.0, 300.0])
def test_live_and_offline_play_the_same(seed: int, bpm: float) -> None:
    request = Request(bpm=bpm, bars=8, seed=seed, channel=4)
    expected = offline(request)
    assert live(request) == expected
    assert len(expected) > 10
    assert {timed.event.channel for timed in expected if isinstance(timed.event, NoteOn)} == {4}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("count_in", [0, 1])
def test_the_moment_of_the_start_changes_nothing(mode: str, count_in: int) -> None:
    knobs = Knobs(mode=mode, trade=1)
    performance = Performance(Request(bars=6, knobs=knobs, count_in=count_in))
    call = [(0.5 + i / 8, event) for i, event in enumerate(phrase())]
    found = []
    for start in (0.0, 0.0625, 12345.5):
        sink = Kept()
        items = [(start + at, Heard(Seconds(start + at), event)) for at, event in call]
        run(performance.session(Seconds(start)), VirtualClock(), sink, Script(_items(items)))
        found.append(sink.timed)
    assert found[0] == found[1] == found[2]
    ticks = [timed.tick for timed in found[0]]
    assert ticks == sorted(ticks)
    assert ticks[0] == -1920 if count_in else ticks[0] >= 0


def phrase() -> list[Event]:
    """A call: keys that go down and come up, one event after the other."""
    return [each(pitch) for pitch in (60, 62, 64, 65, 67) for each in (_on, NoteOff)]


def _on(pitch: int) -> NoteOn:
    return NoteOn(pitch, 80)


@pytest.mark.parametrize("mode", MODES)
def test_live_as_offline_with_a_player(mode: str) -> None:
    """Late as it is, a real clock never lets us play over the player nor leaves a note."""
    script = [(1.0 + i / 8, event) for i, event in enumerate(phrase())]
    request = Request(bpm=140.0, bars=12, knobs=Knobs(mode=mode, trade=2, follow=0.0))
    late, exact = live(request, script), offline(request, script)
    for timed in (late, exact):
        assert not sounding([each.event for each in timed])
        if mode == "trade":
            ons = [each.tick for each in timed if isinstance(each.event, NoteOn)]
            assert all((tick + PPQ) // 3840 % 2 or tick // 3840 % 2 for tick in ons)
    if mode == "solo":
        assert late == exact


def sounding(events: list[Event]) -> set[int]:
    """The pitches that are left sounding; an off too many does no harm."""
    left: set[int] = set()
    for event in events:
        if isinstance(event, NoteOn):
            left.add(event.pitch)
        elif isinstance(event, NoteOff):
            left.discard(event.pitch)
    return left


@pytest.mark.parametrize("sent", [False, True])
@pytest.mark.parametrize("fails_at", range(8))
def test_whoever_interrupts_leaves_silence(fails_at: int, sent: bool) -> None:
    sink = Kept(fails_at, sent=sent)
    clock = RealEnough()
    session = Performance(Request()).session(Seconds(clock.now() + LEAD_IN))
    with pytest.raises(KeyboardInterrupt):
        run(session, clock, sink, Script())
    assert len(sink.events) >= fails_at
    assert not sounding(sink.events)


def test_a_performance_without_a_length_goes_on() -> None:
    performance = Performance(Request())
    assert performance.length is None
    sink = Kept(fails_at=2000)
    with pytest.raises(KeyboardInterrupt):
        run(performance.session(Seconds(0.0)), VirtualClock(), sink, Script())
    assert not sounding(sink.events)


@pytest.mark.parametrize("clock", ["midi", "link"])
def test_waiting_for_a_clock_that_never_comes_ends_with_the_script(clock: str) -> None:
    """A source that is closed and a transport that stands: there is nothing to wait for."""
    sink = Kept()
    session = Performance(Request(bars=4, knobs=Knobs(clock=clock))).session(Seconds(0.0))
    run(session, VirtualClock(), sink, Script(_items([(1.0, Heard(Seconds(1.0), _on(60)))])))
    assert sink.events == []
    assert session.state is State.STOPPED


def test_a_session_that_waits_for_others_is_asked_now_and_then() -> None:
    """With an open source and nothing to do it waits a while, not for ever, and not busily."""

    class Open(Script):
        open = True
        asked = 0

        def take(self, now: Seconds) -> list[Incoming]:
            self.asked += 1
            return [Turned("quit", True)] if now > 9.5 else []

    source, clock = Open(), VirtualClock()
    session = Performance(Request(knobs=Knobs(clock="midi"))).session(Seconds(0.0))
    run(session, clock, Kept(), source)
    assert 10 <= source.asked <= 12


def test_what_comes_is_taken_in_order_and_once() -> None:
    items = [(Seconds(at), Turned("follow", at)) for at in (0.5, 0.25, 0.75, 0.25)]
    script = Script(items)
    assert script.next_at() == 0.25
    assert script.take(Seconds(0.2)) == []
    assert [item.value for item in script.take(Seconds(0.5))] == [0.25, 0.25, 0.5]  # type: ignore[union-attr]
    assert script.next_at() == 0.75
    assert len(script.take(Seconds(9.0))) == 1
    assert script.next_at() is None
    assert not script.open


def test_the_collector_is_quiet_within_and_works_after() -> None:
    with undisturbed():
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
    with pytest.raises(KeyboardInterrupt), undisturbed():
        raise KeyboardInterrupt
    assert gc.isenabled()
