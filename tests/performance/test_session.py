"""A session: events in, events out, each in its time."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from live_improv.charts.text import parse
from live_improv.grammar.context import Context
from live_improv.music.events import (
    Continue,
    ControlChange,
    Event,
    NoteOff,
    NoteOn,
    Pulse,
    SongPosition,
    Start,
    Stop,
    Timed,
)
from live_improv.music.timing import Seconds, TempoMap, Ticks
from live_improv.performance.clock import VirtualClock
from live_improv.performance.feel import Feel, swing_ratio
from live_improv.performance.improviser import Improviser, Taste
from live_improv.performance.session import (
    COMMIT_HORIZON,
    Mode,
    Session,
    Span,
)
from tests.small_nets import random_weights

NET = random_weights(2, 0.7)
CHANGES = parse("C7 | F7 | Dm7 G7 | CM7")


class Observed:
    """A session and the improviser inside it."""

    def __init__(
        self, bars: int | None = 8, bpm: float = 200.0, seed: int = 0, start: float = 0.0
    ) -> None:
        context = Context(CHANGES, bpm, straight=True)
        self.improviser = Improviser(NET, context, Taste(seed=seed), Ticks(0))
        self.tempo = TempoMap.constant(bpm, Seconds(start))
        self.end = None if bars is None else Ticks(bars * 1920)
        feel = Feel(swing_ratio(bpm), seed)
        self.session = Session(
            self.improviser, feel, self.tempo, Span(Ticks(0), self.end), channel=3
        )

    def played(self, until: float = 1e9) -> list[tuple[Seconds, Timed]]:
        """What comes out under virtual time, and when, up to a moment."""
        clock, found = VirtualClock(), []
        while self.session.mode is Mode.PLAYING:
            due = self.session.advance(clock.now())
            found += [(clock.now(), timed) for timed in due]
            moment = self.session.wake_at(clock.now())
            if moment is None or moment > until:
                break
            clock.wait(moment)
        return found


def events(found: list[tuple[Seconds, Timed]]) -> list[Timed]:
    """The events alone."""
    return [timed for _, timed in found]


def check_ledger(timeline: list[Timed]) -> None:
    """Every on has one off, a pitch sounds once at a time, and nothing sounds at the end."""
    sounding = set()
    for timed in timeline:
        event = timed.event
        assert isinstance(event, NoteOn | NoteOff)
        assert event.channel == 3
        if isinstance(event, NoteOn):
            assert event.pitch not in sounding
            sounding.add(event.pitch)
        else:
            sounding.remove(event.pitch)
    assert not sounding


@settings(max_examples=25)
@given(
    st.integers(1, 12),
    st.sampled_from([20.0, 137.0, 240.0, 500.0]),
    st.integers(0, 50),
    st.sampled_from([0.0, 0.05, 1234.5678]),
)
def test_everything_comes_out_in_its_time(bars: int, bpm: float, seed: int, start: float) -> None:
    observed = Observed(bars, bpm, seed, start)
    found = observed.played()
    assert observed.session.mode is Mode.ENDED
    assert observed.end is not None
    timeline = events(found)
    check_ledger(timeline)
    ticks = [timed.tick for timed in timeline]
    assert ticks == sorted(ticks)
    # Never early, and, as nothing here takes any time, never late.
    for now, timed in found:
        assert now == pytest.approx(observed.tempo.seconds_at(timed.tick), abs=1e-6)
    # Nothing starts at the end or sounds after it.
    assert all(0 <= timed.tick <= observed.end for timed in timeline)
    starts = [timed.tick for timed in timeline if isinstance(timed.event, NoteOn)]
    assert starts
    assert max(starts) < observed.end


def test_a_note_is_committed_at_most_a_beat_before_it_sounds() -> None:
    observed = Observed(bars=16)
    clock = VirtualClock()
    ahead = []
    while observed.session.mode is Mode.PLAYING:
        before = observed.improviser.moment.tick
        observed.session.advance(clock.now())
        if observed.improviser.moment.tick != before:
            ahead.append(before - observed.tempo.tick_at(clock.now()))
        moment = observed.session.wake_at(clock.now())
        if moment is not None:
            clock.wait(moment)
    assert len(ahead) > 10
    assert max(ahead) <= COMMIT_HORIZON == 480
    # But for the first one, which there was no time for, it is planned well before it sounds.
    assert min(ahead[1:]) > 240


@settings(max_examples=25)
@given(st.integers(0, 20), st.integers(0, 2**32))
def test_how_time_passes_changes_nothing(seed: int, steps: int) -> None:
    expected = events(Observed(seed=seed).played())
    chance = Random(steps)
    for longest in (0.004, 0.3, 30.0):
        observed = Observed(seed=seed)
        now, found = 0.0, []
        while observed.session.mode is Mode.PLAYING:
            # As often as there is something to do, as the loop does.
            while True:
                due = observed.session.advance(Seconds(now))
                assert all(observed.tempo.seconds_at(t.tick) <= now + 1e-6 for t in due)
                found += due
                moment = observed.session.wake_at(Seconds(now))
                if not due and (moment is None or moment > now):
                    break
            now += chance.random() * longest
        assert found == expected


def test_asking_too_often_changes_nothing() -> None:
    expected = events(Observed().played())
    observed = Observed()
    found = []
    for millisecond in range(20_000):
        found += observed.session.advance(Seconds(millisecond / 1000))
    assert found == expected


def test_after_the_end_there_is_nothing() -> None:
    observed = Observed(bars=1)
    observed.played()
    session = observed.session
    assert session.mode is Mode.ENDED
    assert session.advance(Seconds(1e6)) == []
    assert session.wake_at(Seconds(1e6)) is None
    assert session.silence(Seconds(1e6)) == []
    for event in (Start(), Continue(), Stop()):
        assert session.receive(event, Seconds(1e6)) == []
        assert session.mode is Mode.ENDED


def test_without_a_length_it_does_not_end() -> None:
    observed = Observed(bars=None)
    found = observed.played(until=120.0)
    assert observed.session.mode is Mode.PLAYING
    assert found[-1][0] > 115.0
    # The first bars are those of a session that ends later.
    shorter = events(Observed(bars=8).played())
    early = [timed for timed in events(found) if timed.tick < 6 * 1920]
    assert early == [timed for timed in shorter if timed.tick < 6 * 1920]


@pytest.mark.parametrize("moment", [0.0, 0.31, 1.0, 2.7, 5.0])
def test_stop_silences(moment: float) -> None:
    observed = Observed()
    before = events(observed.played(until=moment))
    offs = observed.session.receive(Stop(), Seconds(moment))
    assert observed.session.mode is Mode.STOPPED
    check_ledger([*before, *offs])
    assert all(isinstance(timed.event, NoteOff) for timed in offs)
    assert all(timed.tick == observed.tempo.tick_at(Seconds(moment)) for timed in offs)
    assert observed.session.advance(Seconds(moment + 10)) == []
    assert observed.session.wake_at(Seconds(moment + 10)) is None
    assert observed.session.receive(Stop(), Seconds(moment + 11)) == []


@pytest.mark.parametrize("event", [Start(), Continue()])
def test_it_can_be_started_again(event: Event) -> None:
    observed = Observed()
    observed.played(until=2.0)
    observed.session.receive(Stop(), Seconds(2.0))
    assert observed.session.receive(event, Seconds(2.0)) == []
    assert observed.session.mode is Mode.PLAYING
    rest = events(observed.played())
    check_ledger(rest)
    assert len(rest) > 4


def test_a_pause_is_not_caught_up_with() -> None:
    """What would have sounded meanwhile is not played in a burst afterwards."""
    observed = Observed()
    observed.played(until=2.0)
    session = observed.session
    session.receive(Stop(), Seconds(2.0))
    session.receive(Continue(), Seconds(60.0))
    resumed_at = session.tempo.tick_at(Seconds(60.0))
    assert resumed_at == observed.tempo.tick_at(Seconds(2.0))
    now, heard = Seconds(60.0), 0
    while session.mode is Mode.PLAYING:
        due = session.advance(now)
        heard += len(due)
        for timed in due:
            assert abs(session.tempo.seconds_at(timed.tick) - now) < 0.001
        if not due and (moment := session.wake_at(now)) is not None:
            now = moment
    assert heard > 4


@pytest.mark.parametrize(
    "event",
    [Start(), Continue(), Pulse(), SongPosition(4), NoteOn(60, 80), ControlChange(7, 100)],
)
def test_other_events_change_nothing_while_it_plays(event: Event) -> None:
    expected = events(Observed().played())
    observed = Observed()
    found = events(observed.played(until=1.5))
    assert observed.session.receive(event, Seconds(1.5)) == []
    assert observed.session.mode is Mode.PLAYING
    assert [*found, *events(observed.played())] == expected


@pytest.mark.parametrize("moment", [0.0, 0.31, 1.0, 2.7, 5.0])
def test_silence_pays_every_debt(moment: float) -> None:
    observed = Observed()
    before = events(observed.played(until=moment))
    check_ledger([*before, *observed.session.silence(Seconds(moment))])
