"""Parts of the tune as a file needs them."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from live_improv.music.changes import Bar, Changes, ChordSpan
from live_improv.music.chords import parse_chord
from live_improv.music.score import BREATH, chords_between, meters_between, paced
from live_improv.music.timing import PPQ, Meter, Ticks

# Four bars: 4/4 with two chords, 3/4, 3/4, 5/4.
TUNE = Changes(
    tuple(
        ChordSpan(Ticks(PPQ * start), Ticks(PPQ * end), parse_chord(symbol))
        for start, end, symbol in ((0, 2, "Dm7"), (2, 4, "G7"), (4, 10, "C6"), (10, 15, "A7"))
    ),
    (
        Bar(Ticks(0), Meter()),
        Bar(Ticks(4 * PPQ), Meter(3, 4)),
        Bar(Ticks(7 * PPQ), Meter(3, 4)),
        Bar(Ticks(10 * PPQ), Meter(5, 4)),
    ),
)


def test_meters_are_told_where_they_change() -> None:
    found = meters_between(TUNE, Ticks(-5 * PPQ), Ticks(17 * PPQ))
    assert [(bar.start // PPQ, bar.meter.numerator) for bar in found] == [
        *((-5, 5), (0, 4), (4, 3), (10, 5), (15, 4))
    ]
    assert [bar.start for bar in meters_between(TUNE, Ticks(7 * PPQ), Ticks(8 * PPQ))] == [7 * PPQ]
    assert not [*meters_between(TUNE, Ticks(0), Ticks(0))]


@given(st.integers(-20_000, 20_000), st.integers(0, 20_000))
def test_chords_fill_the_time_without_a_gap(start: int, length: int) -> None:
    spans = [*chords_between(TUNE, Ticks(start), Ticks(start + length))]
    assert sum(span.end - span.start for span in spans) == length
    for before, after in pairwise(spans):
        assert before.end == after.start
    for span in spans:
        assert span.start < span.end
        assert span.chord == TUNE.chord_at(span.start) == TUNE.chord_at(Ticks(span.end - 1))


def test_a_pace_is_called_before_so_many_items_each() -> None:
    calls: list[int] = []
    seen: list[int] = []
    for item in paced(range(2 * BREATH + 1), lambda: calls.append(len(seen))):
        seen.append(item)
    assert calls == [0, BREATH, 2 * BREATH]
    assert seen == [*paced(range(2 * BREATH + 1), None)]
