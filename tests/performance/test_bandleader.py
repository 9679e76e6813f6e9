"""The bandleader: who plans next, what is left out, and where the end is."""

from __future__ import annotations

from typing import Any

import pytest

from live_improv.music.events import NoteOff, NoteOn
from live_improv.music.timing import PPQ, Seconds, Ticks
from live_improv.performance.band import Band, BandPlayer
from live_improv.performance.band.band import HORIZON
from live_improv.performance.bandleader import LATE, STALL, Bandleader
from live_improv.performance.clicks import Clicks
from live_improv.performance.ensemble import Ensemble
from live_improv.performance.timekeeper import Timekeeper
from live_improv.performance.turns import PICKUP
from tests.performance.sessions import BAND, BAR, CHANGES, COMMIT_HORIZON, Rehearsal

BASS = frozenset({BandPlayer.BASS})


class Led:
    """A bandleader at 120 quarters a minute, in the place of a session's, and whom it leads."""

    def __init__(
        self, mode: str = "solo", *, band: frozenset[BandPlayer] = frozenset(), **how: Any
    ) -> None:
        made = Rehearsal(mode, bpm=120.0, **how)
        self.soloist = made.soloist
        players = Band(band, 0, BAND, Ticks(0), made.end) if band else None
        self.ensemble = Ensemble(made.soloist, players, Clicks(CHANGES, Ticks(0)), None, None)
        self.ensemble.over(CHANGES)
        knobs = made.session.knobs
        self.leader = Bandleader(
            made.soloist,
            self.ensemble,
            made.turns,
            made.harmony,
            Timekeeper(made.transport, made.harmony, knobs),
            made.end,
        )

    def plan_until(self, tick: int) -> None:
        """Let the soloist plan at once all that begins before `tick`."""
        while (onset := self.soloist.next_onset()) is None or onset < tick:
            self.leader.plan(Seconds(0.0), room=True)


def seconds(tick: int) -> float:
    """The moment of a tick at 120 quarters a minute."""
    return tick / (2 * PPQ)


def test_nothing_is_due_before_it_is_planned() -> None:
    led = Led()
    assert led.leader.due(Seconds(0.0)) is None
    assert led.leader.next_at(Seconds(0.0)) is None
    assert led.leader.plan_at(Seconds(0.0)) is not None


@pytest.mark.parametrize("late", [0.0, LATE - 0.01, LATE + 0.05])
def test_a_note_that_comes_late_is_left_out(late: float) -> None:
    led = Led()
    led.soloist.begin = Ticks(-8 * BAR)  # there is no grace any more
    led.plan_until(BAR)
    first = led.leader.next_at(Seconds(0.0))
    assert first is not None
    sent = led.leader.due(Seconds(first + late)) or []
    begun = [timed for timed in sent if isinstance(timed.event, NoteOn)]
    assert bool(begun) == (late < LATE)
    assert bool(led.ensemble.dropped) == (late > LATE)


@pytest.mark.parametrize(("latency", "begun"), [(500, True), (200, False)])
def test_who_hears_late_of_the_beginning_begins_all_the_same(latency: int, begun: bool) -> None:
    """A clock that starts says so when we should have sent already."""
    led = Led(latency_ms=latency)
    led.plan_until(BAR)
    assert led.leader.next_at(Seconds(-9.0)) == -latency / 1000
    assert bool(led.leader.due(Seconds(-latency / 1000 + 0.3))) == begun


def test_after_a_stall_what_sounds_ends_and_nothing_is_caught_up_with() -> None:
    led = Led()
    led.plan_until(4 * BAR)
    first = led.leader.next_at(Seconds(0.0))
    assert first is not None
    begun = led.leader.due(first)
    assert begun is not None
    assert isinstance(begun[-1].event, NoteOn)
    after = Seconds(first + 10 * STALL)
    offs = led.leader.due(after)
    assert offs is not None
    assert [type(timed.event) for timed in offs] == [NoteOff]
    assert seconds(offs[0].tick) == pytest.approx(after, abs=0.001)
    assert led.ensemble.dropped == 0
    assert led.leader.due(after) is None


def test_the_more_urgent_of_line_and_band_is_planned() -> None:
    """The band plans beat after beat, until the line is to come in; then it is the line's turn."""
    led = Led("trade", band=BASS, trade=4)
    beats = []
    while led.soloist.turn is None:
        beats.append(led.ensemble.band_plans_at())
        led.leader.plan(Seconds(0.0), room=True)
    comes_in = 4 * BAR - PICKUP - COMMIT_HORIZON
    assert beats == list(range(-HORIZON, comes_in + 1, PPQ))


@pytest.mark.parametrize("band", [frozenset(), BASS])
def test_all_rest_up_to_a_bar_line(band: frozenset[BandPlayer]) -> None:
    led = Led(band=band)
    led.leader.rest_until(Ticks(2 * BAR))
    plan_at = led.leader.plan_at(Seconds(0.0))
    assert plan_at is not None
    assert plan_at >= seconds(2 * BAR - COMMIT_HORIZON)
    led.leader.relocate(Ticks(0), Ticks(0), led=False)
    plan_at = led.leader.plan_at(Seconds(0.0))
    assert plan_at is not None
    assert plan_at <= 0.0


class TestTheEnd:
    """Where it is."""

    def test_it_is_when_nobody_has_more(self) -> None:
        leader = Led(bars=2).leader
        assert not leader.is_over(Seconds(0.0))
        assert leader.next_at(Seconds(0.0)) == seconds(2 * BAR)
        assert not leader.is_over(Seconds(seconds(2 * BAR) - 0.01))
        assert leader.is_over(Seconds(seconds(2 * BAR)))

    def test_who_sounds_is_waited_for(self) -> None:
        leader = Led(bars=2, band=BASS).leader
        assert not leader.is_over(Seconds(seconds(2 * BAR)))

    @pytest.mark.parametrize(("led", "end"), [(True, 7 * BAR), (False, 2 * BAR)])
    def test_who_is_led_plays_as_much_from_anywhere(self, led: bool, end: int) -> None:
        found = Led(bars=2, band=BASS)
        found.leader.relocate(Ticks(0), Ticks(5 * BAR), led=led)
        assert found.leader.end == found.soloist.end == end

    def test_another_tune_has_none(self) -> None:
        found = Led(bars=2)
        found.leader.play_on()
        found.leader.relocate(Ticks(0), Ticks(5 * BAR), led=True)
        assert found.leader.end is None
        assert found.soloist.end is None
        assert not found.leader.is_over(Seconds(1e6))
