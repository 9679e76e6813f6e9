"""Harmony: whose chord holds, row by row."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.charts.text import parse
from live_improv.music.changes import Changes
from live_improv.music.chords import Chord, parse_chord
from live_improv.music.timing import Meter, Ticks
from live_improv.performance.harmony import (
    NO_CHORD,
    PRECEDENCE,
    ChordSource,
    Harmony,
    free_form,
)
from tests.lines import METERS, any_changes

CHART, LIVE, BOTH = ChordSource.CHART, ChordSource.LIVE, ChordSource.BOTH
DM7, KEY = parse_chord("Dm7"), parse_chord("EbM7")


def symbols(changes: Changes) -> list[str]:
    """The chord of each bar."""
    return [changes.chord_at(bar.start).symbol for bar in changes.bars]


# Where a chart names a chord (or not), one is played (or not) and there is a key (or not): whose.
ROWS = [
    (source, named, played, key, expected)
    for (source, order) in ((CHART, "c"), (LIVE, "lck"), (BOTH, "clk"))
    for named, played, key in product((True, False), repeat=3)
    for offered in [{"c": named, "l": played, "k": key}]
    for expected in [next((each for each in order if offered[each]), "")]
]


@pytest.mark.parametrize(("source", "named", "played", "key", "expected"), ROWS)
def test_every_row(
    source: ChordSource, named: bool, played: bool, key: bool, expected: str
) -> None:
    chart = parse("C7 | F7" if named else "N.C. | N.C.")
    harmony = Harmony(chart, source)
    if key:
        harmony.in_key(KEY)
    if played:
        harmony.heard(DM7)
    found = symbols(harmony.changes)
    match expected:
        case "c":
            assert found == ["C7", "F7"]
        case "l":
            assert found == ["Dm7", "Dm7"]
        case "k":
            assert found == ["EbM7", "EbM7"]
        case _:
            assert all(harmony.changes.chord_at(bar.start).root is None for bar in chart.bars)


def test_the_table_is_whole() -> None:
    assert set(PRECEDENCE) == set(ChordSource)


def test_with_both_the_chart_wins_where_it_names_a_chord() -> None:
    harmony = Harmony(parse("C7 | N.C. | F7 | N.C. | N.C."), BOTH)
    assert harmony.heard(DM7)
    assert symbols(harmony.changes) == ["C7", "Dm7", "F7", "Dm7", "Dm7"]
    # A key is no chord that is played.
    assert not harmony.in_key(KEY)
    assert symbols(harmony.changes) == ["C7", "Dm7", "F7", "Dm7", "Dm7"]
    assert harmony.heard(NO_CHORD)
    assert symbols(harmony.changes) == ["C7", "EbM7", "F7", "EbM7", "EbM7"]


def test_the_order_of_what_is_heard_does_not_matter() -> None:
    one, two = (Harmony(parse("C7 | N.C. | F7"), BOTH) for _ in range(2))
    one.heard(DM7)
    one.in_key(KEY)
    two.in_key(KEY)
    two.heard(DM7)
    assert one.changes == two.changes


@pytest.mark.parametrize("source", ChordSource)
@pytest.mark.parametrize("chart", ["C7 | C7 | F7", "C7 | N.C. | N.C. | F7", "N.C. | N.C."])
def test_it_says_whether_anything_changed(source: ChordSource, chart: str) -> None:
    harmony = Harmony(parse(chart), source)
    for say in (harmony.heard, harmony.in_key):
        for chord in (NO_CHORD, DM7, DM7, KEY, KEY, NO_CHORD, NO_CHORD):
            before = [harmony.changes.chord_at(Ticks(t)) for t in range(0, 4 * 1920, 480)]
            changes = harmony.changes
            said = say(chord)
            after = [harmony.changes.chord_at(Ticks(t)) for t in range(0, 4 * 1920, 480)]
            assert said == (before != after)
            # What did not change is the very same, so nobody has to think again.
            assert said or harmony.changes is changes


def test_a_chart_alone_listens_to_nobody() -> None:
    chart = parse("C7 | N.C.")
    harmony = Harmony(chart, CHART)
    assert not harmony.listens
    assert not harmony.needs_key
    assert not harmony.heard(DM7)
    assert not harmony.in_key(KEY)
    assert harmony.changes is chart


@pytest.mark.parametrize("source", [LIVE, BOTH])
def test_a_key_is_needed_where_nobody_names_a_chord(source: ChordSource) -> None:
    full, gappy = Harmony(parse("C7 | F7"), source), Harmony(parse("C7 | N.C."), source)
    assert full.listens
    assert not full.needs_key
    assert gappy.needs_key
    gappy.heard(DM7)
    assert not gappy.needs_key
    gappy.heard(NO_CHORD)
    assert gappy.needs_key


def test_what_the_chart_has_is_expected() -> None:
    harmony = Harmony(parse("C7 | N.C. | F7"), LIVE)
    harmony.heard(DM7)
    assert harmony.expected(Ticks(0)) == parse_chord("C7")
    assert harmony.expected(Ticks(1920)) is None
    assert harmony.expected(Ticks(-1)) == parse_chord("F7")


def test_what_the_chart_has_next_is_known() -> None:
    harmony = Harmony(parse("C7 | N.C. | F7"), LIVE)
    harmony.heard(DM7)
    assert harmony.following(Ticks(0)) is None
    assert harmony.following(Ticks(1920)) == parse_chord("F7")
    assert harmony.following(Ticks(2 * 1920)) == parse_chord("C7")


@given(
    any_changes(),
    st.sampled_from(ChordSource),
    st.lists(st.tuples(st.booleans(), st.sampled_from([DM7, KEY, NO_CHORD, parse_chord("G7")]))),
)
def test_bars_form_and_place_stay(
    chart: Changes, source: ChordSource, said: list[tuple[bool, Chord]]
) -> None:
    harmony = Harmony(chart, source)
    for live, chord in said:
        (harmony.heard if live else harmony.in_key)(chord)
        changes = harmony.changes
        assert changes.bars == chart.bars
        assert changes.sections == chart.sections
        assert changes.length == chart.length
        assert (changes.title, changes.tempo, changes.style) == (
            chart.title,
            chart.tempo,
            chart.style,
        )
        if source is CHART:
            assert changes is chart
        for span in chart.chords:
            if source is BOTH and span.chord.root is not None:
                assert changes.chord_at(span.start) == span.chord


@pytest.mark.parametrize("meter", METERS)
def test_free_playing_has_bars_and_no_chord(meter: str) -> None:
    changes = free_form(Meter.parse(meter), 133.0)
    assert len(changes.bars) == 4
    assert {bar.meter for bar in changes.bars} == {Meter.parse(meter)}
    assert [span.chord.root for span in changes.chords] == [None]
    assert changes.tempo == 133.0
    harmony = Harmony(changes, LIVE)
    assert harmony.needs_key
    assert harmony.expected(Ticks(0)) is None
    assert harmony.heard(DM7)
    assert [span.chord for span in harmony.changes.chords] == [DM7]
