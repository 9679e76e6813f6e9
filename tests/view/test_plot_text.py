"""How words are set in a picture."""

from __future__ import annotations

import pytest

from live_improv.view.plot_text import Symbol, chord_symbol, pitch_name, shortened


@pytest.mark.parametrize(
    ("symbol", "root", "rest"),
    [
        ("C", "C", ""),
        ("Bb6", "B♭", "6"),
        ("F#m7b5", "F♯", "m7♭5"),
        ("C7(b9,#11)", "C", "7(♭9,♯11)"),
        ("Ab7#9#5", "A♭", "7♯9♯5"),
        ("Bbm7/Eb", "B♭", "m7/E♭"),
        ("Ebmaj7", "E♭", "maj7"),
        ("Balt", "B", "alt"),
        ("Bb7sus4", "B♭", "7sus4"),
        ("N.C.", "N.C.", ""),
    ],
)
def test_a_chord_symbol_has_its_signs(symbol: str, root: str, rest: str) -> None:
    assert chord_symbol(symbol) == Symbol(root, rest)


@pytest.mark.parametrize(
    ("symbol", "rest"),
    [
        *(("Cmaj7", "Δ7"), ("Cmaj9", "Δ9"), ("Cdim7", "°7"), ("Bm7b5", "ø7"), ("Cm7", "m7")),
        *(("C7sus4", "7sus"), ("CmM7", "mM7"), ("Cmin7", "m7"), ("C7", "7")),
    ],
)
def test_long_words_have_short_signs(symbol: str, rest: str) -> None:
    assert chord_symbol(symbol, short=True).rest == rest


@pytest.mark.parametrize(
    ("symbol", "rest", "raised"),
    [
        ("G7b9", "7", "♭9"),
        ("G7(b9,#11)", "7", "♭9,♯11"),
        ("G7sus4", "7", "sus4"),
        ("Fm7/Eb", "/E♭", "m7"),
        ("G7", "7", ""),
        ("Galt", "alt", ""),
        ("F/C", "/C", ""),
    ],
)
def test_a_symbol_is_narrower_in_two_rows(symbol: str, rest: str, raised: str) -> None:
    stacked = chord_symbol(symbol).stacked()
    assert (stacked.rest, stacked.raised) == (rest, raised)
    assert stacked.stacked() == stacked


def test_long_words_are_shortened() -> None:
    assert [shortened("a tune", most) for most in (6, 5, 3)] == ["a tune", "a tu…", "a…"]


def test_middle_c_is_c4() -> None:
    assert [pitch_name(pitch) for pitch in (0, 21, 60, 70, 127)] == [
        *("C-1", "A0", "C4", "B♭4", "G9"),
    ]
