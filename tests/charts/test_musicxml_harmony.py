"""Chord symbols of MusicXML: every kind, with degrees, against the prose of the standard, and
against music21."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.charts.musicxml import read
from live_improv.charts.text import ChartError
from live_improv.music.chords import Chord
from tests.charts.musicxml_scores import (
    KIND_TONES,
    DegreeSpec,
    attributes,
    harmony,
    oracle,
    rest,
    score,
    tune,
)

NOTES = {
    letter + sign: (pitch_class + alter) % 12
    for letter, pitch_class in zip("CDEFGAB", (0, 2, 4, 5, 7, 9, 11), strict=True)
    for sign, alter in (("bb", -2), ("b", -1), ("", 0), ("#", 1), ("##", 2))
}


def chord(text: str) -> Chord:
    """The one chord of a tune that has this harmony alone."""
    changes = read(tune(text + rest()), "x.musicxml")
    assert len(changes.chords) == 1
    return changes.chords[0].chord


def tones(found: Chord) -> frozenset[int]:
    """The tones of a chord above its root."""
    assert found.root is not None
    return frozenset((tone - found.root) % 12 for tone in found.pitch_classes)


@pytest.mark.parametrize("kind", KIND_TONES)
@pytest.mark.parametrize("root", ["C", "F#", "Bb", "Cb", "Bbb"])
def test_every_kind_has_the_tones_of_the_standard(kind: str, root: str) -> None:
    found = chord(harmony(root, kind))
    assert found.root == NOTES[root]
    assert found.bass is None
    assert tones(found) == oracle(kind, [])


@pytest.mark.parametrize("root", NOTES)
def test_every_root_and_every_bass(root: str) -> None:
    assert chord(harmony(root, "dominant-ninth")).root == NOTES[root]
    found = chord(harmony("E", "minor", bass=root))
    assert found.root == 4
    assert found.bass == (None if NOTES[root] == 4 else NOTES[root])


def readable(kind: str, degrees: list[DegreeSpec]) -> bool:
    """Whether a kind with degrees is a chord that has a symbol: no root is taken away, nothing that
    is not there, and no chord has both sevenths."""
    there = {1} if kind == "other" else set(KIND_TONES[kind])
    for action, value, _ in degrees:
        if (action == "subtract" and value not in there - {1}) or (action, value) == ("alter", 1):
            return False
        there = there - {value} if action == "subtract" else there | {value}
    return not {10, 11} <= oracle(kind, degrees)


def check(kind: str, degrees: list[DegreeSpec]) -> None:
    """Read a chord with degrees; it has the tones of the standard, or is refused for a reason."""
    if readable(kind, degrees):
        assert tones(chord(harmony("G", kind, degrees))) == oracle(kind, degrees)
    else:
        with pytest.raises(ChartError, match="bar 1: "):
            chord(harmony("G", kind, degrees))


@pytest.mark.parametrize("kind", KIND_TONES)
def test_every_kind_with_every_degree(kind: str) -> None:
    for value in range(1, 14):
        check(kind, [("subtract", value, 0)])
        for alter in range(-2, 3):
            check(kind, [("add", value, alter)])
            check(kind, [("alter", value, alter)])


degree_specs = st.tuples(
    st.sampled_from(("add", "alter", "subtract")), st.integers(1, 13), st.integers(-2, 2)
)


@given(st.sampled_from([*KIND_TONES, "other"]), st.lists(degree_specs, min_size=1, max_size=6))
def test_any_kind_with_any_degrees(kind: str, degrees: list[DegreeSpec]) -> None:
    check(kind, degrees)


@pytest.mark.parametrize(
    ("kind", "text", "degrees", "symbol"),
    [
        ("major", "", [], "G"),
        ("major-seventh", "maj7", [], "Gmaj7"),
        ("major-seventh", "Δ", [], "GΔ"),
        ("minor-seventh", "-7", [], "G-7"),
        ("half-diminished", "ø", [], "Gø"),
        ("dominant", "7", [("add", 9, -1), ("add", 11, 1)], "G7(b9,#11)"),
        ("dominant", "7", [("alter", 5, 1)], "G7#5"),
        ("suspended-fourth", "7sus4", [("add", 7, 0)], "G7sus4"),
        # What a lead sheet leaves open is as it is in every other chart.
        ("dominant-13th", "13", [], "G13"),
        ("dominant-11th", "11", [], "G11"),
        ("minor-sixth", "m6", [], "Gm6"),
        ("dominant", "7", [("add", 13, -1)], "G7b13"),
        ("dominant", "7alt", [], "G7alt"),
        ("dominant", "alt", [("add", 9, -1), ("add", 9, 1), ("alter", 5, -1)], "G7(b9,#9,b5)"),
        # A text that says another chord, or none, gives way to the kind.
        ("minor", "-", [], "Gm"),
        ("dominant", "sus", [], "G7"),
        ("major-seventh", "j7", [], "Gmaj7"),
        ("major", "5", [], "G"),
        ("dominant", "7b5/D", [], "G7"),
        # There is nothing but the text.
        ("other", "7sus4", [], "G7sus4"),
    ],
)
def test_what_is_printed(kind: str, text: str, degrees: list[DegreeSpec], symbol: str) -> None:
    found = chord(harmony("G", kind, degrees, text=text))
    if text == "alt" and degrees:
        assert tones(found) == oracle(kind, degrees)
    else:
        assert found.symbol == symbol


def test_degrees_that_are_not_printed_are_in_the_text() -> None:
    spelled = harmony("C", "dominant", [("add", 9, -1)], text="7(b9)")
    assert chord(spelled.replace("<degree>", '<degree print-object="no">')).symbol == "C7(b9)"
    assert chord(spelled).pitch_classes == {0, 4, 7, 10, 1}


def test_text_does_not_count_where_symbols_are_printed() -> None:
    spelled = harmony("C", "dominant-13th", text="13").replace("<kind", '<kind use-symbols="yes"')
    assert chord(spelled).pitch_classes == {0, 4, 7, 10, 2, 5, 9}


@pytest.mark.parametrize("text", [None, "", "N.C.", "NC", "n.c.", "No Chord", " N. C. "])
def test_no_chord(text: str | None) -> None:
    found = chord(harmony("C", "none", text=text))
    assert (found.root, found.symbol) == (None, "N.C.")


def test_no_chord_needs_no_root() -> None:
    assert chord("<harmony><kind>none</kind></harmony>").root is None


@pytest.mark.parametrize(("inversion", "bass"), [(0, None), (1, 11), (2, 2), (3, 5)])
def test_an_inversion_is_a_bass(inversion: int, bass: int | None) -> None:
    spelled = harmony("G", "dominant", more=f"<inversion>{inversion}</inversion>")
    assert chord(spelled).bass == bass


def test_a_written_bass_counts_before_an_inversion() -> None:
    assert chord(harmony("G", bass="A", more="<inversion>1</inversion>")).bass == 9


def test_two_stacked_chords_are_a_polychord() -> None:
    upper = harmony("E").removeprefix("<harmony>").removesuffix("</harmony>")
    found = chord(harmony("F", "major-seventh").replace("<harmony>", f"<harmony>{upper}"))
    assert found.symbol == "E\\Fmaj7"


@pytest.mark.parametrize(
    ("spelled", "message"),
    [
        (harmony("C", "Neapolitan"), "kind 'Neapolitan': expected major, minor"),
        (harmony("C", "Italian"), "kind 'Italian'"),
        (harmony("C", ""), "kind ''"),
        (harmony("C", "Major"), "kind 'Major'"),
        (harmony("C", "none", text="Fm7"), "kind none with the text 'Fm7': expected N.C."),
        (harmony("C", "other"), "kind other with the text ''"),
        (harmony("C", "other", text="??"), "kind other with the text '??': expected degrees"),
        (harmony("H"), "root-step 'H': expected A to G"),
        (harmony("Cbbb"), "root-alter '-3': expected a whole number, -2 to 2"),
        (harmony("C", bass="Gbbb"), "bass-alter '-3'"),
        (harmony("C").replace("major", ""), "kind ''"),
        (harmony("C", degrees=[("put", 9, 0)]), "degree-type 'put': expected add, alter or"),
        (harmony("C", degrees=[("add", 14, 0)]), "degree-value '14'"),
        (harmony("C", degrees=[("add", 9, 4)]), "degree-alter '4'"),
        (harmony("C", degrees=[("subtract", 9, 0)]), "subtract 9 from major: expected one of 3, 5"),
        (harmony("C", degrees=[("subtract", 1, 0)]), "subtract 1"),
        (harmony("C", "dominant", [("add", 7, 1)]), "no chord symbol has them"),
        (harmony("C", degrees=[("add", 9, 0)] * 17), "17 degrees: expected at most 16"),
        (harmony("C", more="<inversion>3</inversion>"), "inversion 3 of major: expected at most 2"),
        ("<harmony><function>II</function><kind>minor</kind></harmony>", "with function"),
        (
            "<harmony><numeral><numeral-root>2</numeral-root></numeral><kind>minor</kind></harmony>",
            "with numeral: expected a root",
        ),
        ("<harmony><kind>minor</kind></harmony>", "no root: expected a root such as C"),
        ("<harmony/>", "without a kind"),
        (harmony("C").replace("</root>", "<root-alter>0.5</root-alter></root>"), "'0.5'"),
    ],
)
def test_what_is_refused(spelled: str, message: str) -> None:
    with pytest.raises(ChartError) as caught:
        chord(spelled)
    assert str(caught.value).startswith("bar 1: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("transpose", "written", "sounds", "key"),
    [
        ("<diatonic>-1</diatonic><chromatic>-2</chromatic>", "C", "Bb", "Bb"),
        ("<chromatic>-2</chromatic>", "D", "C", "Bb"),
        ("<diatonic>-5</diatonic><chromatic>-9</chromatic>", "A", "C", "Eb"),
        ("<chromatic>-9</chromatic>", "F#", "A", "Eb"),
        ("<diatonic>-1</diatonic><chromatic>-2</chromatic><octave-change>-1</octave-change>", "E",
         "D", "Bb"),
        ("<chromatic>3</chromatic>", "C", "Eb", "Eb"),
        ("<chromatic>0</chromatic>", "Gb", "Gb", "C"),
        ("<chromatic>-12</chromatic>", "F#", "F#", "C"),
    ],
)  # fmt: skip
def test_a_transposing_part_is_read_as_it_sounds(
    transpose: str, written: str, sounds: str, key: str
) -> None:
    first = attributes(more="<key><fifths>0</fifths></key>").replace(
        "</attributes>", f"<transpose>{transpose}</transpose></attributes>"
    )
    changes = read(score([first + harmony(written, "minor", bass="G") + rest()]), "x")
    found = changes.chords[0].chord
    assert found.symbol.partition("/")[0] == f"{sounds}m"
    assert found.bass is not None
    assert (found.bass - NOTES["G"]) % 12 == (NOTES[sounds] - NOTES[written]) % 12
    assert changes.key == key


SIXTHS = ("Neapolitan", "Italian", "French", "German")


def test_music21_writes_the_same_chords() -> None:
    m21: Any = pytest.importorskip("music21")
    kinds = [kind for kind in m21.harmony.CHORD_TYPES if kind not in SIXTHS]
    assert len(kinds) == 46
    for root, bass in (("C", None), ("F#", None), ("B-", "D"), ("E-", "D-")):
        figures = [m21.harmony.ChordSymbol(root=root, kind=kind, bass=bass) for kind in kinds]
        bars = [
            m21.stream.Measure([figure, m21.note.Rest(quarterLength=4)], number=i)
            for i, figure in enumerate(figures, 1)
        ]
        bars[0].timeSignature = m21.meter.TimeSignature("4/4")
        part = m21.stream.Part(bars)
        data = m21.musicxml.m21ToXml.GeneralObjectExporter(part).parse()
        read_back = read(data, "x.musicxml")
        assert len(read_back.chords) == len(kinds)
        for span, figure in zip(read_back.chords, figures, strict=True):
            found = span.chord
            assert found.root == figure.root().pitchClass, figure
            lowest = figure.bass().pitchClass
            assert (found.root if found.bass is None else found.bass) == lowest, figure
            there = found.pitch_classes | {lowest}
            assert there == {pitch.pitchClass for pitch in figure.pitches} | {lowest}, figure
