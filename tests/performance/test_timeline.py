"""Few tempi for many revisions of a clock."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.music.timing import PPQ, Seconds, TempoChange, TempoMap, Ticks
from live_improv.performance.timeline import TOLERANCE, Anchor, anchors, fitted, tempo_map


def change(tick: int, at: float, bpm: float = 120) -> TempoChange:
    return TempoChange(Ticks(tick), Seconds(at), bpm)


def test_the_first_line_holds_before_it_began_and_the_last_to_the_end() -> None:
    found = anchors([change(480, 1.0), change(960, 1.5, 60)], Ticks(0), Ticks(1920))
    seconds = {anchor.tick: anchor.at for anchor in found}
    assert (seconds[Ticks(0)], seconds[Ticks(960)]) == (0.5, 1.5)
    assert seconds[Ticks(1920)] == 3.5
    assert min(seconds) == 0
    assert max(seconds) == 1920


def test_of_two_lines_of_a_tick_the_later_known_counts() -> None:
    known = [change(0, 0.0), change(480, 0.5), change(960, 7.0), change(480, 0.6)]
    found = {anchor.tick: anchor.at for anchor in anchors(known, Ticks(0), Ticks(960))}
    assert found[Ticks(480)] == 0.6
    assert found[Ticks(960)] == pytest.approx(1.1)


def test_where_two_lines_do_not_meet_the_first_one_is_kept_almost_to_the_second() -> None:
    known = [change(0, 0.0), change(40 * PPQ, 20.02)]
    tempo = tempo_map(fitted(anchors(known, Ticks(0), Ticks(80 * PPQ))))
    for beat in (1, 20, 39, 39.5):
        assert tempo.seconds_at(Ticks(int(beat * PPQ))) == pytest.approx(beat / 2, abs=TOLERANCE)
    for beat in (40, 41, 60, 80):
        assert tempo.seconds_at(Ticks(beat * PPQ)) == pytest.approx(beat / 2 + 0.02, abs=0.0011)


def test_a_jump_that_no_tempo_follows_is_made_up_for() -> None:
    back = [Anchor(Ticks(i * 60), Seconds(i / 16), 500_000) for i in range(4)]
    after = [Anchor(Ticks(i * 60), Seconds(i / 16 - 0.2), 500_000) for i in range(4, 40)]
    tempo = tempo_map(fitted([*back, *after]))
    assert all(one.at < two.at for one, two in pairwise(tempo.changes))
    assert tempo.seconds_at(after[-1].tick) == pytest.approx(after[-1].at, abs=TOLERANCE)


@given(
    st.lists(
        st.tuples(st.integers(60, 64 * PPQ), st.floats(25, 400), st.floats(-0.001, 0.001)),
        min_size=1,
        max_size=50,
    )
)
def test_every_anchor_is_near_the_line(steps: list[tuple[int, float, float]]) -> None:
    points = [Anchor(Ticks(0), Seconds(0.0), 500_000)]
    tick, at = 0, 0.0
    for ticks, bpm, noise in steps:
        tick, at = tick + ticks, at + ticks / PPQ * 60 / bpm
        points.append(Anchor(Ticks(tick), Seconds(at + noise), 500_000))
    tempo: TempoMap = tempo_map(fitted(points))
    for point in points:
        assert tempo.seconds_at(point.tick) == pytest.approx(point.at, abs=TOLERANCE + 1e-6)
    assert all(60e6 / each.bpm == pytest.approx(round(60e6 / each.bpm)) for each in tempo.changes)


def test_nothing_known_is_no_tempo() -> None:
    assert fitted([]) == []
    assert fitted([Anchor(Ticks(0), Seconds(5.0), 400_000)]) == [(0, 400_000)]
