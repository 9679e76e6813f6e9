"""Voicings: which tones, and where they lie."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.music.chords import parse_chord
from live_improv.performance.band.voicings import (
    HIGHEST,
    LOWEST,
    SHAPES,
    movement,
    tones,
    voiced,
)
from tests.performance.band.bands import reference

SHAPED = {
    "CM7": {4, 11, 2, 7},
    "C7": {4, 10, 2, 9},
    "Cm7": {3, 10, 2, 7},
    "C6": {4, 9, 2, 7},
    "C7b9": {4, 10, 1, 7},
    "C7#5#9": {4, 10, 3, 8},
    "C13": {4, 10, 2, 9},
    "C13b9": {4, 10, 1, 9},
    "C9#11": {4, 10, 2, 6},
    "C7alt": {4, 10, 3, 8},
    "Cm7b5": {3, 6, 10, 0},
    "Cdim7": {3, 6, 9, 0},
    "C9sus4": {5, 10, 2, 9},
    "C7sus4b9": {5, 10, 1, 7},
    "Cm6": {3, 9, 2, 7},
    "CmM7": {3, 11, 2, 7},
    "CM7#11": {4, 11, 2, 6},
    "C+": {0, 4, 8},
    "Cm": {0, 3, 7},
    "C5": {0, 7},
    "C7/E": {4, 10, 2, 9},
    "E\\CM7": {8, 4, 11, 7},
    "N.C.": set(),
}


@pytest.mark.parametrize(("symbol", "expected"), SHAPED.items())
def test_the_tones_of_a_chord(symbol: str, expected: set[int]) -> None:
    assert set(tones(parse_chord(symbol))) == expected


def test_every_shape_has_a_chord(data_dir: Path) -> None:
    met = set()
    for changes in reference(data_dir, every=1):
        for span in changes.chords:
            chord = span.chord
            if chord.root is not None:
                named = {(each - chord.root) % 12 for each in chord.pitch_classes}
                row = next((s for s in SHAPES if s.needs <= named and not s.lacks & named), None)
                met.add(row.name if row else "none")
    assert met >= {row.name for row in SHAPES}


def test_every_reference_chord_is_voiced(data_dir: Path) -> None:
    symbols = {span.chord for changes in reference(data_dir) for span in changes.chords}
    assert len(symbols) > 500
    for chord in symbols:
        for voices in (3, 4):
            notes = voiced(chord, (), voices)
            if chord.root is None:
                assert notes == ()
                continue
            assert 1 <= len(notes) <= voices
            assert all(a < b for a, b in pairwise(notes))
            assert notes[0] >= LOWEST
            assert notes[-1] <= HIGHEST
            assert {note % 12 for note in notes} <= chord.pitch_classes | chord.scale
            gaps = [b - a for a, b in pairwise(notes)]
            clusters = [a <= 2 and b <= 2 for a, b in pairwise(gaps)]
            assert not any(clusters) or "\\" in chord.quality or "add" in chord.quality


SYMBOLS = st.sampled_from(
    [
        f"{root}{quality}"
        for root in ("C", "Db", "E", "F#", "A")
        for quality in ("7", "m7", "M7", "7alt", "m7b5", "o7", "6", "sus4", "")
    ]
)


@given(st.lists(SYMBOLS, min_size=2, max_size=12))
def test_no_voice_leaps(symbols: list[str]) -> None:
    voices: tuple[int, ...] = ()
    for symbol in symbols:
        following = voiced(parse_chord(symbol), voices)
        assert movement(following, voices) <= 6
        voices = following


def test_a_two_five_one_is_led_as_bill_evans_does() -> None:
    two = voiced(parse_chord("Dm7"))
    five = voiced(parse_chord("G7"), two)
    one = voiced(parse_chord("CM7"), five)
    # The seventh falls to the third, the third stays and is the seventh.
    assert movement(five, two) <= 1
    assert movement(one, five) <= 2
    assert {note % 12 for note in five} == {11, 5, 9, 4}
