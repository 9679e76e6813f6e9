"""Plain voicings."""

from __future__ import annotations

import pytest

from live_improv.music.chords import parse_chord
from live_improv.music.voicing import BASS_LOWEST, HIGHEST, LOWEST, bass_note, voice

SYMBOLS = [
    *("C", "Dm7", "G7", "Cmaj7", "F#ø", "Bbdim7", "Eb6/9", "Ab7alt", "Dbsus4", "B+", "Am(maj7)"),
    *("C13#11", "F7(b9,#11)", "E\\FM7", "C5", "G/F#", "N.C."),
]


@pytest.mark.parametrize("symbol", SYMBOLS)
@pytest.mark.parametrize("previous", [None, (), (48, 52, 55), (62, 65, 69, 72)])
def test_a_voicing_is_close_and_in_range_and_of_the_chord(
    symbol: str, previous: tuple[int, ...] | None
) -> None:
    chord = parse_chord(symbol)
    notes = voice(chord, previous)
    assert list(notes) == sorted(set(notes))
    assert all(LOWEST <= note <= HIGHEST for note in notes)
    assert len(notes) == min(len(chord.pitch_classes), 4)
    assert {note % 12 for note in notes} <= chord.pitch_classes
    assert not notes or notes[-1] - notes[0] < 12


@pytest.mark.parametrize(
    ("symbol", "kept"),
    [
        ("C9", {4, 10, 2, 7}),
        ("C13", {4, 10, 2, 9}),
        ("C13#11", {4, 10, 6, 9}),
        ("Gm9", {10, 5, 9, 2}),
        ("C7b9", {4, 7, 10, 1}),
        ("E\\FM7", {4, 8, 9, 11}),
    ],
)
def test_the_root_the_fifth_and_the_ninth_are_left_out_first(symbol: str, kept: set[int]) -> None:
    assert {note % 12 for note in voice(parse_chord(symbol))} == kept


def test_the_voices_move_little() -> None:
    line = None
    for symbol in [
        "Dm7",
        "G7",
        "Cmaj7",
        "Fmaj7",
        "Bø",
        "E7",
        "Am7",
        "A7",
        "Dm7",
        "G7",
        "C6",
        "C",
    ] * 3:
        before, line = line, voice(parse_chord(symbol), line)
        if before:
            assert sum(min(abs(a - b) for b in before) for a in line) <= 6


def test_no_chord_has_no_notes() -> None:
    nothing = parse_chord("N.C.")
    assert voice(nothing, (60, 64, 67)) == ()
    assert bass_note(nothing) is None


@pytest.mark.parametrize(
    ("symbol", "bass"), [("C", 36), ("B7", 47), ("Bb/D", 38), ("G/F#", 42), ("E\\FM7", 41)]
)
def test_the_bass_is_what_the_symbol_names(symbol: str, bass: int) -> None:
    assert bass_note(parse_chord(symbol)) == bass
    assert BASS_LOWEST <= bass < LOWEST
