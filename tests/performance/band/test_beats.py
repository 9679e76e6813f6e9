"""How bars are counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.charts.text import parse
from live_improv.music.timing import PPQ, Meter, Ticks
from live_improv.performance.band.beats import beat_at

METERS = st.builds(Meter, st.integers(1, 32), st.sampled_from((1, 2, 4, 8, 16, 32)))
COUNTED = {
    "4/4": [1, 1, 1, 1],
    "3/4": [1, 1, 1],
    "5/4": [1, 1, 1, 1, 1],
    "2/2": [1, 1, 1, 1],
    "6/8": [1.5, 1.5],
    "12/8": [1.5, 1.5, 1.5, 1.5],
    "3/8": [1.5],
    "5/8": [1.5, 1],
    "7/8": [1, 1, 1.5],
    "8/8": [1, 1, 1, 1],
    "5/16": [1, 0.25],
}
GROUPED = {"4/4": "4", "3/4": "3", "5/4": "32", "7/4": "43", "6/4": "33", "11/4": "443", "6/8": "2"}


def beats(meter: Meter | str) -> list[tuple[int, int, int, int]]:
    """Start, length, group and place of every beat of the second bar."""
    changes = parse(f"time: {meter}\nC | F")
    at = changes.bars[1].start
    found: list[tuple[int, int, int, int]] = []
    while at < changes.length:
        beat = beat_at(changes, at)
        assert beat.start == at
        found.append((beat.start, beat.length, beat.group, beat.place))
        at = beat.end
    assert at == changes.length
    return found


@pytest.mark.parametrize(("meter", "lengths"), COUNTED.items())
def test_a_bar_is_counted_in_beats(meter: str, lengths: list[float]) -> None:
    assert [length / PPQ for _, length, _, _ in beats(meter)] == lengths


@pytest.mark.parametrize(("meter", "groups"), GROUPED.items())
def test_beats_stand_in_groups(meter: str, groups: str) -> None:
    found = [group for _, _, group, place in beats(meter) if place == 0]
    assert "".join(map(str, found)) == groups


@given(METERS)
def test_the_beats_of_any_meter_fill_its_bar(meter: Meter) -> None:
    places = [(group, place) for _, _, group, place in beats(meter)]
    at = 0
    while at < len(places):
        group = places[at][0]
        assert 1 <= group <= 4
        assert places[at : at + group] == [(group, place) for place in range(group)]
        at += group


@given(METERS, st.integers(-5000, 50_000))
def test_every_tick_is_in_one_beat(meter: Meter, tick: int) -> None:
    changes = parse(f"time: {meter}\nC | F | G7")
    beat = beat_at(changes, Ticks(tick))
    assert beat.start <= tick < beat.end
    assert beat.bar.start <= beat.start < beat.end <= beat.bar_end
    assert 0 <= beat.index < beat.count
