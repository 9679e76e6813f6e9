"""Grammar values: their text, their windows, their kinds and which may follow which."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.grammar.values import (
    MAX_STEPS,
    NOTE_KINDS,
    GrammarValue,
    Kind,
    ValueFormatError,
    Window,
    legal_after,
    parse_value,
    resolves,
    rests,
    settled_kind,
)
from live_improv.music.chords import Chord, parse_chord

windows = st.tuples(st.integers(-60, 60), st.integers(0, 12)).map(lambda w: Window(sum(w), w[0]))
notes = st.builds(
    GrammarValue, st.sampled_from(NOTE_KINDS), st.integers(1, MAX_STEPS), st.none() | windows
)
silences = st.integers(1, MAX_STEPS).map(lambda steps: GrammarValue(Kind.REST, steps))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("C,0.500,<+1,-5>", GrammarValue(Kind.CHORD, 6, Window(1, -5))),
        ("C,0.250,<m2,P-4>", GrammarValue(Kind.CHORD, 3, Window(1, -5))),
        ("A,0.333,<d1,P-5>", GrammarValue(Kind.APPROACH, 4, Window(-1, -7))),
        ("L,0.667,<A4,m-2>", GrammarValue(Kind.COLOUR, 8, Window(6, -1))),
        ("S,0.083,<+9,+3>", GrammarValue(Kind.SCALE, 1, Window(9, 3))),
        ("X,16,<-1,-7>", GrammarValue(Kind.OTHER, 192, Window(-1, -7))),
        ("X,.5", GrammarValue(Kind.OTHER, 6)),
        ("R,1.000", GrammarValue(Kind.REST, 12)),
        (" R,4.5\n", GrammarValue(Kind.REST, 54)),
        ("C,1.,<3,-3>", GrammarValue(Kind.CHORD, 12, Window(3, -3))),
        ("C,1,< M3 , m-3 >", GrammarValue(Kind.CHORD, 12, Window(4, -3))),
    ],
)
def test_values_are_read(text: str, expected: GrammarValue) -> None:
    assert parse_value(text) == expected


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (GrammarValue(Kind.CHORD, 6, Window(1, -5)), "C,0.500,<+1,-5>"),
        (GrammarValue(Kind.APPROACH, 4, Window(3, -3)), "A,0.333,<+3,-3>"),
        (GrammarValue(Kind.SCALE, 1), "S,0.083"),
        (GrammarValue(Kind.COLOUR, 8, Window(0, -6)), "L,0.667,<+0,-6>"),
        (GrammarValue(Kind.REST, 48), "R,4.000"),
    ],
)
def test_values_are_written(value: GrammarValue, text: str) -> None:
    assert str(value) == text


@given(notes | silences)
def test_what_is_written_is_read(value: GrammarValue) -> None:
    assert parse_value(str(value)) == value


INTERVALS = {
    **{"P1": 0, "m2": 1, "M2": 2, "m3": 3, "M3": 4, "P4": 5, "A4": 6, "d5": 6, "P5": 7},
    **{"m6": 8, "M6": 9, "m7": 10, "M7": 11, "P8": 12, "m9": 13, "M9": 14, "P12": 19, "P15": 24},
    **{"A1": 1, "AA1": 2, "d2": 0, "d3": 2, "A2": 3, "A3": 5, "d4": 4, "A5": 8, "d6": 7, "A6": 10},
    **{"d7": 9, "A7": 12, "d8": 11, "A8": 13, "dd5": 5, "AA4": 7, "dd3": 1, "ddd7": 7, "A11": 18},
    **{"m-2": -1, "M-3": -4, "P-4": -5, "d-5": -6, "P-8": -12, "M-10": -16, "A-4": -6, "P-1": 0},
}


@pytest.mark.parametrize("name", INTERVALS)
def test_interval_names(name: str) -> None:
    window = Window(INTERVALS[name], -50)
    assert parse_value(f"C,1.000,<{name},-50>").window == window


@pytest.mark.parametrize(
    "text",
    [
        "",
        "C",
        "C,",
        "Q,1.000",
        "c,1.000",
        "C,0",
        "C,0.000",
        "C,0.3",
        "C,0.340",
        "C,-1.0",
        "C,1e3",
        "C,nan",
        "C,inf",
        "C,16.083",
        "C,1.000,<+1>",
        "C,1.000,<+1,-5",
        "C,1.000,+1,-5",
        "C,1.000,<>",
        "C,1.000,<,>",
        "C,1.000,<-5,+1>",
        "R,1.000,<+1,-5>",
        "C,1.000,<P2,-5>",
        "C,1.000,<m4,-5>",
        "C,1.000,<M5,-5>",
        "C,1.000,<m8,-5>",
        "C,1.000,<P0,-5>",
        "C,1.000,<x3,-5>",
        "C,1.000,<AAAAA4,-5>",
        "C,1.000,<+-1,-5>",
        "C,1.000,<1.5,-5>",
        "C 1.000",
        "C,0.500,<+1,-5> R,1.000",
        "C," + "9" * 400,
        "C," + "9" * 5000,
        f"C,1.000,<{'9' * 5000},-5>",
        f"C,1.000,<M{'9' * 5000},-5>",
    ],
)
def test_other_texts_are_no_values(text: str) -> None:
    with pytest.raises(ValueFormatError):
        parse_value(text)


@given(st.text(alphabet="CLSAXR,.<>+-0123456789mMPAd ", max_size=24))
def test_any_text_is_a_value_or_one_error(text: str) -> None:
    try:
        value = parse_value(text)
    except ValueFormatError:
        return
    assert parse_value(str(value)) == value


@pytest.mark.parametrize("steps", [0, -1, MAX_STEPS + 1])
def test_a_length_has_bounds(steps: int) -> None:
    with pytest.raises(ValueFormatError, match="expected 1 to 192"):
        GrammarValue(Kind.CHORD, steps)


@pytest.mark.parametrize("interval", [-36, -5, 0, 2, 36])
def test_a_window_reaches_three_semitones_each_way(interval: int) -> None:
    window = Window.around(interval)
    assert [d for d in range(-60, 61) if d in window] == list(range(interval - 3, interval + 4))
    assert window.centre == interval


def test_kinds_are_tested_in_order() -> None:
    def pitch_classes(*classes: int) -> frozenset[int]:
        return frozenset(classes)

    chord = Chord(
        symbol="test",
        root=0,
        quality="",
        pitch_classes=pitch_classes(0),
        bass=None,
        chord_tones=pitch_classes(0),
        colour_tones=pitch_classes(0, 2),
        scale=pitch_classes(0, 2, 4),
    )
    assert settled_kind(60, chord) is Kind.CHORD
    assert settled_kind(62, chord) is Kind.COLOUR
    assert settled_kind(64, chord) is Kind.SCALE
    assert settled_kind(61, chord) is None


@pytest.mark.parametrize("octave", [0, 5, 10])
def test_kinds_over_a_real_chord(octave: int) -> None:
    # C7 is C E G Bb, with 9 and 13 for colour and the fourth in its scale.
    chord = parse_chord("C7")
    low = 12 * octave
    assert [settled_kind(low + step, chord) for step in (0, 4, 7)] == [Kind.CHORD] * 3
    assert [settled_kind(low + step, chord) for step in (2, 5)] == [Kind.COLOUR, Kind.SCALE]
    assert [settled_kind(low + step, chord) for step in (1, 3)] == [None, None]


def test_over_no_chord_every_tone_is_another_tone() -> None:
    nothing = parse_chord("N.C.")
    assert {settled_kind(pitch, nothing) for pitch in range(128)} == {Kind.OTHER}


@pytest.mark.parametrize(
    ("pitch", "into", "resolved"),
    [
        (68, 69, True),  # G# A
        (70, 69, True),  # Bb A
        (63, 64, True),
        (59, 60, True),
        (67, 69, False),  # a whole tone
        (60, 59, False),  # C B: B is no tone of the chord
        (68, 68, False),
        (68, 81, False),  # an octave too far
        (68, 57, False),
    ],
)
def test_a_resolution_is_a_semitone_into_a_chord_tone(
    pitch: int, into: int, resolved: bool
) -> None:
    assert resolves(pitch, into, parse_chord("Am7")) is resolved


C = GrammarValue(Kind.CHORD, 6, Window(3, -3))
A = GrammarValue(Kind.APPROACH, 6, Window(3, -3))
R = GrammarValue(Kind.REST, 6)
LONG_REST = GrammarValue(Kind.REST, MAX_STEPS)


@pytest.mark.parametrize(
    ("previous", "last_note", "value", "legal"),
    [
        (None, None, GrammarValue(Kind.CHORD, 6), True),
        (None, None, R, True),
        (None, None, C, False),  # nothing to count a window from
        (R, None, GrammarValue(Kind.SCALE, 6), True),
        (C, C, GrammarValue(Kind.SCALE, 6), False),  # a window is not forgotten
        (R, C, GrammarValue(Kind.SCALE, 6), False),  # nor over a rest
        (R, C, C, True),
        (C, C, R, True),
        (R, C, R, False),  # two rests are one longer rest
        (R, C, LONG_REST, False),  # longest first
        (LONG_REST, C, R, True),
        (LONG_REST, C, LONG_REST, True),
        (A, A, C, True),
        (A, A, R, True),
        (R, A, C, True),
        (A, A, GrammarValue(Kind.SCALE, 6, Window(3, -3)), False),
        (A, A, A, False),
        (A, A, GrammarValue(Kind.CHORD, 6, Window(8, 2)), False),  # no semitone in it
        (A, A, GrammarValue(Kind.CHORD, 6, Window(7, 1)), True),
        (A, A, GrammarValue(Kind.CHORD, 6, Window(-1, -7)), True),
    ],
)
def test_what_may_follow(
    previous: GrammarValue | None,
    last_note: GrammarValue | None,
    value: GrammarValue,
    legal: bool,
) -> None:
    assert legal_after(previous, last_note, value) is legal


@given(st.integers(0, 5 * MAX_STEPS))
def test_a_silence_is_written_with_the_fewest_rests_longest_first(steps: int) -> None:
    found = rests(steps)
    assert all(each.is_rest for each in found)
    assert sum(each.steps for each in found) == steps
    assert len(found) == -(-steps // MAX_STEPS)
    assert [each.steps for each in found] == sorted((e.steps for e in found), reverse=True)
    assert all(legal_after(a, None, b) for a, b in zip((None, *found), found, strict=False))
