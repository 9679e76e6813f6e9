"""Changes: chords, bars and sections over ticks, going round."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.music.changes import Bar, Changes, ChangesError, ChordSpan, Section, end_to_end
from live_improv.music.chords import parse_chord
from live_improv.music.timing import Meter, Ticks

BAR = 1920


def changes_of(*symbols: str, sections: tuple[Section, ...] = ()) -> Changes:
    """One chord to a bar of 4/4."""
    return Changes(
        chords=tuple(
            ChordSpan(Ticks(i * BAR), Ticks((i + 1) * BAR), parse_chord(symbol))
            for i, symbol in enumerate(symbols)
        ),
        bars=tuple(Bar(Ticks(i * BAR), Meter()) for i in range(len(symbols))),
        sections=sections,
    )


def test_length_and_chord_at_boundaries() -> None:
    changes = changes_of("Dm7", "G7", "C")
    assert changes.length == 3 * BAR
    assert changes.chord_at(Ticks(0)).symbol == "Dm7"
    assert changes.chord_at(Ticks(BAR - 1)).symbol == "Dm7"
    assert changes.chord_at(Ticks(BAR)).symbol == "G7"
    assert changes.chord_at(Ticks(3 * BAR - 1)).symbol == "C"
    assert changes.chord_at(Ticks(3 * BAR)).symbol == "Dm7"


def test_a_pickup_lies_over_the_end_of_the_form() -> None:
    changes = changes_of("Dm7", "G7", "C")
    assert changes.chord_at(Ticks(-1)).symbol == "C"
    assert changes.chorus_of(Ticks(-1)) == -1
    assert changes.bar_index(Ticks(-1)) == 2
    assert changes.bar_at(Ticks(-1)) == Bar(Ticks(-BAR), Meter())
    assert changes.next_chord(Ticks(-1)) == (0, parse_chord("Dm7"))


def test_choruses() -> None:
    changes = changes_of("Dm7", "G7")
    assert [changes.chorus_of(Ticks(tick)) for tick in (0, 2 * BAR - 1, 2 * BAR)] == [0, 0, 1]


def test_next_chord_skips_equal_chords_and_goes_round() -> None:
    changes = changes_of("C", "F", "F", "C")
    assert changes.next_chord(Ticks(0)) == (BAR, parse_chord("F"))
    assert changes.next_chord(Ticks(BAR)) == (3 * BAR, parse_chord("C"))
    # The last bar and the first of the next chorus are one C.
    assert changes.next_chord(Ticks(3 * BAR)) == (5 * BAR, parse_chord("F"))
    assert changes.next_chord(Ticks(7 * BAR)) == (9 * BAR, parse_chord("F"))


def test_next_chord_of_a_single_chord_is_the_next_chorus() -> None:
    changes = changes_of("Dm7", "Dm7")
    assert changes.next_chord(Ticks(10)) == (2 * BAR, parse_chord("Dm7"))
    assert changes.next_chord(Ticks(BAR + 10)) == (2 * BAR, parse_chord("Dm7"))
    assert changes.next_chord(Ticks(2 * BAR)) == (4 * BAR, parse_chord("Dm7"))


@given(st.lists(st.sampled_from(["C", "F", "G7"]), min_size=1, max_size=8), st.integers(-9, 30))
def test_next_chord_by_definition(symbols: list[str], bar: int) -> None:
    changes = changes_of(*symbols)
    here = symbols[bar % len(symbols)]
    ahead = range(bar + 1, bar + 1 + len(symbols))
    other = next((i for i in ahead if symbols[i % len(symbols)] != here), None)
    if other is None:
        other = (bar // len(symbols) + 1) * len(symbols)
    at, chord = changes.next_chord(Ticks(bar * BAR + 7))
    assert (at, chord.symbol) == (other * BAR, symbols[other % len(symbols)])


# Quadratic work would take minutes here.
@pytest.mark.timeout(20)
def test_many_equal_chords_are_indexed_quickly() -> None:
    changes = changes_of(*["C"] * 50_000)
    assert changes.next_chord(Ticks(0))[0] == changes.length


def test_sections() -> None:
    parts = (Section(Ticks(BAR), "A"), Section(Ticks(2 * BAR), "B"))
    changes = changes_of("C", "F", "G7", sections=parts)
    assert changes.section_at(Ticks(0)) is None
    assert changes.section_at(Ticks(BAR)) == parts[0]
    assert changes.section_at(Ticks(2 * BAR - 1)) == parts[0]
    assert changes.section_at(Ticks(5 * BAR + 3)) == parts[1]


def test_changes_of_meter() -> None:
    meters = [Meter(3, 4), Meter(4, 4), Meter(6, 8)]
    starts = [0, 1440, 3360]
    changes = Changes(
        chords=(ChordSpan(Ticks(0), Ticks(4800), parse_chord("C")),),
        bars=tuple(Bar(Ticks(at), meter) for at, meter in zip(starts, meters, strict=True)),
    )
    assert changes.length == 4800
    assert [changes.bar_index(Ticks(tick)) for tick in (0, 1439, 1440, 3360, 4800)] == [
        *(0, 0, 1, 2, 0)
    ]
    assert changes.bar_at(Ticks(4800 + 1500)) == Bar(Ticks(4800 + 1440), Meter(4, 4))
    assert [changes.bars_ticks(count) for count in range(5)] == [0, 1440, 3360, 4800, 6240]


@pytest.mark.parametrize(
    ("spans", "bars"),
    [
        ([], [0]),
        ([(0, BAR)], []),
        ([(0, BAR)], [0, BAR]),
        ([(0, 2 * BAR)], [0]),
        ([(1, BAR)], [0]),
        ([(0, 100), (200, BAR)], [0]),
        ([(0, 200), (100, BAR)], [0]),
        ([(0, 0), (0, BAR)], [0]),
        ([(0, BAR)], [5]),
        ([(0, 2 * BAR)], [0, BAR + 1]),
    ],
)
def test_gaps_and_overlaps_are_errors(spans: list[tuple[int, int]], bars: list[int]) -> None:
    with pytest.raises(ChangesError):
        Changes(
            chords=tuple(ChordSpan(Ticks(a), Ticks(b), parse_chord("C")) for a, b in spans),
            bars=tuple(Bar(Ticks(at), Meter()) for at in bars),
        )


def test_chords_end_to_end_fill_the_time_and_begin_with_none() -> None:
    c, g = parse_chord("C"), parse_chord("G7")
    starts = [(Ticks(480), c), (Ticks(960), g), (Ticks(1920), c)]
    found = end_to_end(starts, Ticks(1920))
    assert [(span.start, span.end) for span in found] == [(0, 480), (480, 960), (960, 1920)]
    assert [span.chord.root is None for span in found] == [True, False, False]
    assert found[1:] == (
        ChordSpan(Ticks(480), Ticks(960), c),
        ChordSpan(Ticks(960), Ticks(1920), g),
    )
    (none,) = end_to_end([], Ticks(5))
    assert (none.start, none.end, none.chord.root) == (0, 5, None)
