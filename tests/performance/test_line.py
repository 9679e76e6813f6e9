"""The line: notes that are added, taken back and moved, with the moments between them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.grammar.context import LONGEST_GAP, Past
from live_improv.grammar.values import Kind
from live_improv.model import PitchLogits, State
from live_improv.music.timing import GRID_TICKS, Ticks
from live_improv.performance.line import KEPT, Line, Moment, Step

NOTHING = np.zeros(1, np.float32)
LOGITS = PitchLogits(*(NOTHING for _ in PitchLogits._fields))


def state(number: float) -> State:
    """A state that can be told from others."""
    return State(np.array([number], np.float32), NOTHING)


def moment(tick: int, number: float = 0.0, past: Past | None = None) -> Moment:
    """A moment."""
    return Moment(Ticks(tick), state(number), past or Past())


def planned(line: Line, tick: int, pitch: int, gap: int = 6, end: int | None = None) -> None:
    """A note of our own, of a chord."""
    before = replace(line.moment, tick=Ticks(tick))
    after = state(tick + 1.0)
    step = Step(
        before,
        LOGITS,
        after,
        pitch,
        Kind.CHORD,
        Kind.CHORD,
        Ticks(tick + gap * GRID_TICKS if end is None else end),
    )
    past = before.past.then(pitch, Kind.CHORD, gap, rested=False)
    line.plan(step, Moment(Ticks(tick + gap * GRID_TICKS), after, past))


def heard(line: Line, tick: int, pitch: int) -> None:
    """A note of somebody else, of a chord."""
    last = line.last
    before = line.after_last(Ticks(tick), None if last is None else Kind.CHORD)
    line.hear(before, LOGITS, state(tick + 1.0), pitch, Kind.CHORD)


def test_a_line_begins_with_its_moment() -> None:
    first = moment(480)
    line = Line(first)
    assert line.moment is first
    assert line.last is None
    assert line.lap == 0
    # Without a last note there is nothing to come after: it is the same moment, elsewhere.
    assert line.after_last(Ticks(960), None) == replace(first, tick=Ticks(960))


def test_a_note_that_is_planned_moves_the_moment() -> None:
    line = Line(moment(0))
    planned(line, 0, 60, gap=12)
    assert line.last is not None
    assert (line.last.onset, line.last.pitch) == (0, 60)
    assert line.moment.tick == 480
    assert line.moment.past == Past().then(60, Kind.CHORD, 12, rested=False)


def test_what_comes_after_a_note_depends_on_when_and_on_its_kind() -> None:
    line = Line(moment(0))
    heard(line, 480, 61)
    for gap in (1, 6, 500):
        found = line.after_last(Ticks(480 + gap * GRID_TICKS), Kind.APPROACH)
        assert found.tick == 480 + gap * GRID_TICKS
        assert found.state == state(481.0)
        assert found.past.kind is Kind.APPROACH
        assert found.past.gaps == (gap,)
        assert found.past.pitches == (61,)


@pytest.mark.parametrize(
    ("end", "tick", "rested"),
    [(240, 480, True), (241, 480, False), (480, 480, False), (900, 480, False), (100, 320, False)],
)
def test_half_a_beat_of_silence_is_a_rest(end: int, tick: int, rested: bool) -> None:
    line = Line(moment(0))
    heard(line, 0, 60)
    line.released(Ticks(end))
    assert line.after_last(Ticks(tick), Kind.CHORD).past.rested is rested


def test_a_note_that_is_held_is_followed_by_no_rest() -> None:
    line = Line(moment(0))
    heard(line, 0, 60)
    tick = Ticks(LONGEST_GAP * GRID_TICKS)
    assert not line.after_last(tick, Kind.CHORD).past.rested


def test_only_the_end_of_what_was_heard_last_is_told() -> None:
    line = Line(moment(0))
    line.released(Ticks(100))
    assert line.last is None
    planned(line, 0, 60, gap=6)
    line.released(Ticks(1))
    assert line.last is not None
    assert line.last.end == 240
    heard(line, 480, 62)
    line.released(Ticks(700))
    assert line.last.end == 700
    line.released(Ticks(0))
    assert line.last.end == 481, "a note is not over before it begins"


operations = st.lists(
    st.tuples(st.booleans(), st.integers(1, 60), st.integers(40, 80)), min_size=1, max_size=80
)


@given(operations, st.integers(-10, 200_000))
def test_what_is_taken_back_leaves_the_moment_before_it(
    notes: list[tuple[bool, int, int]], tick: int
) -> None:
    line, moments, tick_of = Line(moment(0)), [], 0
    onsets = []
    for ours, gap, pitch in notes:
        moments.append(replace(line.moment, tick=Ticks(tick_of)))
        if ours:
            planned(line, tick_of, pitch, gap)
        else:
            heard(line, tick_of, pitch)
            line.moment = line.after_last(Ticks(tick_of + gap * GRID_TICKS), Kind.CHORD)
        onsets.append(tick_of)
        tick_of += gap * GRID_TICKS
    end = line.moment
    line.take_back(Ticks(tick))
    kept = [onset for onset in onsets if onset < tick]
    # Only so many of the last ones are known.
    kept = onsets[: max(len(kept), len(onsets) - KEPT)]
    assert line.moment == (moments[len(kept)] if len(kept) < len(onsets) else end)
    known = kept[max(len(onsets) - KEPT, 0) :]
    assert (None if line.last is None else line.last.onset) == (known[-1] if known else None)


@pytest.mark.parametrize(("tick", "to"), [(1930, 0), (1921, 0), (1950, 480), (1925, 7)])
def test_after_a_jump_from_a_note_the_next_may_come_at_once(tick: int, to: int) -> None:
    """Start again, right after the downbeat of bar 2: bar 1's is not missed."""
    line = Line(moment(0))
    planned(line, 1920, 60)
    line.relocate(Ticks(tick), Ticks(to))
    place = Ticks(round(to / GRID_TICKS) * GRID_TICKS)
    assert line.last is not None
    assert line.last.onset == place - GRID_TICKS
    assert line.after_last(place, Kind.CHORD).past.gaps == (1,)


@given(operations, st.integers(0, 50_000), st.integers(-5000, 50_000))
def test_a_line_that_is_moved_is_the_same_line(
    notes: list[tuple[bool, int, int]], tick: int, to: int
) -> None:
    line, at, onsets = Line(moment(0)), 0, []
    for ours, gap, pitch in notes:
        if ours:
            planned(line, at, pitch, gap)
        else:
            heard(line, at, pitch)
            line.moment = line.after_last(Ticks(at + gap * GRID_TICKS), Kind.CHORD)
        onsets.append(at)
        at += gap * GRID_TICKS
    line.take_back(Ticks(tick))  # as whoever moves it does
    before, last = line.moment, line.last
    line.relocate(Ticks(tick), Ticks(to))
    by = line.moment.tick - before.tick
    assert by % GRID_TICKS == 0
    assert line.moment == replace(before, tick=Ticks(before.tick + by))
    assert line.lap == (1 if by < 0 else 0)
    if last is None:
        assert abs(by - (to - tick)) <= GRID_TICKS // 2
        return
    assert line.last == replace(
        last,
        before=replace(last.before, tick=Ticks(last.onset + by)),
        end=Ticks(last.end + by),
    )
    assert abs(by - (to - tick)) <= 1.5 * GRID_TICKS
    # A note may follow it at once: on the place of the grid that the music goes on at.
    place = Ticks(-(-to // GRID_TICKS) * GRID_TICKS)
    assert line.last.onset < place
    assert line.after_last(place, Kind.CHORD).past.gaps[-1] >= 1
