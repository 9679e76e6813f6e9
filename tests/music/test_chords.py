"""Chord symbols: what they name, what goes with them, and which are refused."""

from __future__ import annotations

import contextlib
import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.music import chord_tables as tables
from live_improv.music.chords import MAX_SYMBOL, Chord, ChordSymbolError, parse_chord

ROOTS = ["C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"]

# What people write, over C, and the semitones that it names.
WRITTEN = {
    "C": "0 4 7",
    "CM": "0 4 7",
    "Cmaj": "0 4 7",
    "Cma": "0 4 7",
    "CΔ": "0 4 7 11",
    "CΔ7": "0 4 7 11",
    "C^": "0 4 7 11",
    "C^7": "0 4 7 11",
    "CM7": "0 4 7 11",
    "CMaj7": "0 4 7 11",
    "CMA7": "0 4 7 11",
    "Cma7": "0 4 7 11",
    "C^9": "0 2 4 7 11",
    "Cmaj7(#11)": "0 4 6 7 11",
    "CΔ#11": "0 4 6 7 11",
    "Cmaj7#5": "0 4 8 11",
    "C+maj7": "0 4 8 11",
    "Cmaj7sus4": "0 5 7 11",
    "C6": "0 4 7 9",
    "C6/9": "0 2 4 7 9",
    "C69": "0 2 4 7 9",
    "C6(9)": "0 2 4 7 9",
    "C6add9": "0 2 4 7 9",
    "C6/9(#11)": "0 2 4 6 7 9",
    "C69#11": "0 2 4 6 7 9",
    "Cadd9": "0 2 4 7",
    "C(add9)": "0 2 4 7",
    "C(9)": "0 2 4 7",
    "C2": "0 2 4 7",
    "C5": "0 7",
    "C(omit3)": "0 7",
    "C7no5": "0 4 10",
    "C-": "0 3 7 10",
    "Cm": "0 3 7",
    "Cmin": "0 3 7",
    "Cmi": "0 3 7",
    "Cminor": "0 3 7",
    "C-7": "0 3 7 10",
    "Cmi7": "0 3 7 10",
    "CMI7": "0 3 7 10",
    "Cm9": "0 2 3 7 10",
    "Cm11": "0 2 3 5 7 10",
    "Cm13": "0 2 3 5 7 9 10",
    "Cm7(11)": "0 3 5 7 10",
    "Cm6/9": "0 2 3 7 9",
    "Cmadd9": "0 2 3 7",
    "CMadd9": "0 2 4 7",
    "Cm(maj7)": "0 3 7 11",
    "C-Δ7": "0 3 7 11",
    "Cm^7": "0 3 7 11",
    "Cmmaj7": "0 3 7 11",
    "Cm/maj7": "0 3 7 11",
    "Cm(maj9)": "0 2 3 7 11",
    "Cø": "0 3 6 10",
    "Cø7": "0 3 6 10",
    "Ch": "0 3 6 10",
    "Ch7": "0 3 6 10",
    "Chalf-dim": "0 3 6 10",
    "Cm7(b5)": "0 3 6 10",
    "Cm7-5": "0 3 6 10",
    "Co": "0 3 6",
    "C°": "0 3 6",
    "C0": "0 3 6",
    "Cdim": "0 3 6",
    "C-b5": "0 3 6",
    "Co7": "0 3 6 9",
    "C°7": "0 3 6 9",
    "C07": "0 3 6 9",
    "Cdim7": "0 3 6 9",
    "Cdim(maj7)": "0 3 6 11",
    "C+": "0 4 8",
    "Caug": "0 4 8",
    "C+7": "0 4 8 10",
    "C7+5": "0 4 8 10",
    "C7": "0 4 7 10",
    "Cdom7": "0 4 7 10",
    "C9": "0 2 4 7 10",
    "C11": "0 2 5 7 10",
    "C13": "0 2 4 7 9 10",
    "C7(13)": "0 4 7 9 10",
    "C7b9": "0 1 4 7 10",
    "C7-9": "0 1 4 7 10",
    "C7(b9)": "0 1 4 7 10",
    "C7(#9)": "0 3 4 7 10",
    "C7+9": "0 3 4 7 10",
    "C7#11": "0 4 6 7 10",
    "C7(b9,#11)": "0 1 4 6 7 10",
    "C7(b9, #11)": "0 1 4 6 7 10",
    "C7(♭9♯11)": "0 1 4 6 7 10",
    "C7b9#5": "0 1 4 8 10",
    "C7#9b5": "0 3 4 6 7 10",
    "C7b5": "0 4 6 10",
    "C7b9b13": "0 1 4 7 8 10",
    "C13(b9)": "0 1 4 7 9 10",
    "C13#11": "0 2 4 6 7 9 10",
    "Calt": "0 3 4 8 10",
    "C7alt": "0 3 4 8 10",
    "C7(alt)": "0 3 4 8 10",
    "Csus": "0 5 7",
    "Csus4": "0 5 7",
    "Csus2": "0 2 7",
    "C7sus": "0 5 7 10",
    "C7(sus4)": "0 5 7 10",
    "Csus7": "0 5 7 10",
    "C9sus4": "0 2 5 7 10",
    "C13sus": "0 2 5 7 9 10",
    "C7sus4(b9)": "0 1 5 7 10",
    "C7b9sus": "0 1 5 7 10",
    "C7susadd3": "0 4 5 7 10",
}

NOT_CHORDS = [
    *["", " ", "H7", "c7", "7", "m7", "/", "%", "C?", "Cfoo", "CC", "C7.", "Cj7", "C8", "Cm4"],
    *["C(7", "C7)", "C()", "C((b9))", "C7 b9", "C7,", "C7b10", "C79#", "C7b9x", "C-5", "Cm+7"],
    *["C/", "C//E", "C/H", "/E", "NC/E", "C\\", "\\C", "C\\F\\G", "C/D7/E7", "C/E\\F", "C7/13"],
    *["C7maj7", "Cm7M7", "Cmalt", "C9alt", "Csus7sus9", "C+11", "Bbb9", "F##11", "C7\x00", "♭7"],
]


def relative(pitch_classes: frozenset[int], root: int) -> list[int]:
    """Semitones above the root, in order."""
    return sorted((pitch_class - root) % 12 for pitch_class in pitch_classes)


def assert_sound(chord: Chord) -> None:
    """What holds for every chord with a root."""
    assert chord.root in chord.chord_tones
    assert chord.chord_tones <= chord.pitch_classes <= chord.scale
    assert chord.pitch_classes <= chord.chord_tones | chord.colour_tones
    assert chord.colour_tones <= chord.scale
    assert not chord.chord_tones & chord.colour_tones
    assert 6 <= len(chord.scale) <= 8


@pytest.mark.parametrize(("symbol", "expected"), WRITTEN.items())
def test_what_people_write(symbol: str, expected: str) -> None:
    chord = parse_chord(symbol)
    assert chord.symbol == symbol
    assert chord.root == 0
    assert chord.bass is None
    assert " ".join(map(str, sorted(chord.pitch_classes))) == expected
    assert_sound(chord)


@pytest.mark.parametrize("symbol", NOT_CHORDS)
def test_unknown_symbols_are_errors_that_name_them(symbol: str) -> None:
    with pytest.raises(ChordSymbolError) as caught:
        parse_chord(symbol)
    message = str(caught.value)
    assert repr(symbol) in message
    assert "\n" not in message
    assert len(message) < 300


def test_every_quality_of_the_reference_over_every_root(data_dir: Path) -> None:
    reference = json.loads((data_dir / "charts" / "chord_spellings.json").read_text("utf-8"))
    assert len(reference) == 232
    for quality, row in reference.items():
        for root, name in enumerate(ROOTS):
            chord = parse_chord(name + quality)
            assert chord.root == root, chord.symbol
            assert chord.bass is None, chord.symbol
            assert relative(chord.pitch_classes, root) == row["pcs"], chord.symbol
            assert_sound(chord)


def symbols_in(data_dir: Path) -> Iterator[str]:
    """Every chord symbol of the charts and the corpora, with repetitions."""
    for path in sorted(data_dir.glob("c*/*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                for bar in record.get("bars", []):
                    yield from (symbol for symbol in bar if symbol != "/")
                yield from (chord[1] for chord in record.get("chords", []))


def test_every_symbol_of_the_charts_and_corpora_is_read(data_dir: Path) -> None:
    symbols = set(symbols_in(data_dir))
    assert len(symbols) > 1500
    for symbol in symbols:
        chord = parse_chord(symbol)
        assert (chord.root is None) == (symbol == "NC"), symbol


@pytest.mark.parametrize("symbol", ["N.C.", "NC", "N.C", "n.c.", "nc"])
def test_no_chord(symbol: str) -> None:
    chord = parse_chord(symbol)
    assert (chord.symbol, chord.root, chord.bass, chord.quality) == (symbol, None, None, "")
    assert not chord.pitch_classes | chord.chord_tones | chord.colour_tones | chord.scale


@pytest.mark.parametrize(
    ("symbol", "root", "bass", "tones"),
    [
        ("C/E", 0, 4, "0 4 7"),
        ("C/Bb", 0, 10, "0 4 7"),
        ("C/bb", 0, 10, "0 4 7"),
        ("F/G♭", 5, 6, "0 4 7"),
        ("C6/9", 0, None, "0 2 4 7 9"),
        ("C6/9/E", 0, 4, "0 2 4 7 9"),
        ("Fm/maj7/G", 5, 7, "0 3 7 11"),
        ("C7(b9,#11)/Bb", 0, 10, "0 1 4 6 7 10"),
        ("B♭7", 10, None, "0 4 7 10"),
        ("F♯-7", 6, None, "0 3 7 10"),
        ("Bbb7", 9, None, "0 4 7 10"),
        ("F##m", 7, None, "0 3 7"),
        ("Cb", 11, None, "0 4 7"),
        ("B#", 0, None, "0 4 7"),
        (" Dm7 ", 2, None, "0 3 7 10"),
    ],
)
def test_root_and_bass(symbol: str, root: int, bass: int | None, tones: str) -> None:
    chord = parse_chord(symbol)
    assert (chord.root, chord.bass) == (root, bass)
    assert " ".join(map(str, relative(chord.pitch_classes, root))) == tones
    assert chord.symbol == symbol.strip()


def test_a_slash_bass_is_not_among_the_pitch_classes() -> None:
    assert parse_chord("C/D").pitch_classes == parse_chord("C").pitch_classes


@pytest.mark.parametrize("symbol", ["E\\FM7", "E/FM7"])
def test_a_polychord_is_its_lower_chord_coloured_by_the_upper(symbol: str) -> None:
    upper, lower, chord = parse_chord("E"), parse_chord("FM7"), parse_chord(symbol)
    assert (chord.root, chord.bass) == (5, None)
    assert chord.pitch_classes == upper.pitch_classes | lower.pitch_classes
    assert chord.chord_tones == lower.chord_tones
    assert upper.pitch_classes - lower.chord_tones <= chord.colour_tones
    assert chord.pitch_classes <= chord.scale


@pytest.mark.parametrize(
    ("symbol", "chord_tones", "colour_tones", "others"),
    [
        ("C", "0 4 7", "2 9 11", "5"),
        ("Cmaj7", "0 4 7 11", "2 9", "5"),
        ("Cmaj7#11", "0 4 7 11", "2 6 9", ""),
        ("C6", "0 4 7 9", "2 11", "5"),
        ("Cm7", "0 3 7 10", "2 5", "9"),
        ("Cm6", "0 3 7 9", "2 5 11", ""),
        ("Cm(maj7)", "0 3 7 11", "2 5 9", ""),
        ("C7", "0 4 7 10", "2 9", "5"),
        ("C13", "0 4 7 10", "2 9", "5"),
        ("C7#11", "0 4 7 10", "2 6 9", ""),
        ("C7b9", "0 4 7 10", "1 3 8", "5"),
        ("C13b9", "0 4 7 10", "1 3 6 9", ""),
        ("C7b9b13", "0 4 7 10", "1 8", "5"),
        ("C7alt", "0 4 8 10", "1 3 6", ""),
        ("C7#5", "0 4 8 10", "2 6", ""),
        ("C7b5", "0 4 6 10", "2 9", "7"),
        ("C7sus4", "0 5 7 10", "2 9", "4"),
        ("C7susb9", "0 5 7 10", "1", "3 8"),
        ("Cm7b5", "0 3 6 10", "5 8", "1"),
        ("Cm9b5", "0 3 6 10", "2 5 8", ""),
        ("Cdim7", "0 3 6 9", "2 5 8 11", ""),
        ("C+", "0 4 8", "2 6", "10"),
        ("Cmaj7#5", "0 4 8 11", "2 6 9", ""),
    ],
)
def test_chord_tones_colour_tones_and_scale(
    symbol: str, chord_tones: str, colour_tones: str, others: str
) -> None:
    chord = parse_chord(symbol)
    rest = chord.scale - chord.chord_tones - chord.colour_tones
    assert " ".join(map(str, sorted(chord.chord_tones))) == chord_tones
    assert " ".join(map(str, sorted(chord.colour_tones))) == colour_tones
    assert " ".join(map(str, sorted(rest))) == others


@pytest.mark.parametrize(
    "spellings",
    [
        ["CΔ", "Cmaj7", "CM7", "C^7", "CMA7"],
        ["Cm7", "C-7", "Cmin7", "Cmi7", "CMI7", "C-"],
        ["Cø", "Ch7", "Cm7b5", "C-7(b5)", "Chalf-diminished"],
        ["C7#5b9", "C7(b9,#5)", "C7b9#5", "C+7b9"],
        ["C7alt", "Calt", "C7(alt)", "Caltered"],
    ],
)
def test_spellings_of_one_chord_have_one_quality(spellings: list[str]) -> None:
    chords = [parse_chord(symbol) for symbol in spellings]
    assert len({chord.quality for chord in chords}) == 1
    assert len({(chord.pitch_classes, chord.scale, chord.colour_tones) for chord in chords}) == 1


def test_chords_are_values() -> None:
    parse_chord.cache_clear()
    first = parse_chord("Dm7")
    parse_chord.cache_clear()
    assert first == parse_chord("Dm7")
    assert hash(first) == hash(parse_chord("Dm7"))
    assert first != parse_chord("D7")


ALTERATIONS = ["b5", "#5", "b9", "#9", "#11", "b13"]


@given(
    st.lists(st.sampled_from(ALTERATIONS), min_size=1, unique=True).flatmap(
        lambda names: st.tuples(st.just(names), st.permutations(names))
    ),
    st.sampled_from(["7", "9", "13", "maj7", "m7"]),
    st.sampled_from(["", ",", ", ", " "]),
)
def test_alterations_in_any_order_and_any_dress(
    names: tuple[list[str], list[str]], base: str, comma: str
) -> None:
    plain = parse_chord(f"C{base}{''.join(names[0])}")
    dressed = parse_chord(f"C{base}({comma.join(names[1])})")
    assert dressed.pitch_classes == plain.pitch_classes
    assert dressed.quality == plain.quality
    assert dressed.scale == plain.scale
    for name in names[0]:
        assert tables.DEGREES[name] in plain.pitch_classes


@given(st.sampled_from(sorted(WRITTEN)), st.sampled_from(range(12)))
def test_a_transposed_symbol_is_the_transposed_chord(symbol: str, root: int) -> None:
    here, there = parse_chord(symbol), parse_chord(ROOTS[root] + symbol[1:])
    for name in ("pitch_classes", "chord_tones", "colour_tones", "scale"):
        moved = frozenset((step + root) % 12 for step in getattr(here, name))
        assert getattr(there, name) == moved


@given(st.text(max_size=80))
def test_any_text_is_a_chord_or_one_error(text: str) -> None:
    with contextlib.suppress(ChordSymbolError):
        chord = parse_chord(text)
        assert chord.pitch_classes <= chord.scale


@given(st.text(alphabet="ACb#m7915(),/\\susdimaj+-o ^M", max_size=12))
def test_whatever_is_read_as_a_chord_is_sound(suffix: str) -> None:
    try:
        chord = parse_chord(f"C{suffix}")
    except ChordSymbolError:
        return
    assert chord.root is not None
    assert chord.chord_tones <= chord.pitch_classes <= chord.chord_tones | chord.colour_tones
    assert chord.chord_tones | chord.colour_tones <= chord.scale
    assert not chord.chord_tones & chord.colour_tones


def test_a_long_symbol_is_refused_and_shown_in_short() -> None:
    with pytest.raises(ChordSymbolError) as caught:
        parse_chord("C" * 100_000)
    assert len(str(caught.value)) < 300
    with pytest.raises(ChordSymbolError):
        parse_chord("C" + "(b9)" * (MAX_SYMBOL // 4))


@pytest.mark.parametrize("row", tables.SCALE_ROWS, ids=lambda row: row.name)
def test_scale_rows(row: tables.ScaleRow) -> None:
    assert 0 in row.scale
    assert row.tensions <= row.scale
    assert not row.needs & row.lacks
    assert 6 <= len(row.scale) <= 8


def test_every_scale_row_is_the_first_that_fits_some_chord(data_dir: Path) -> None:
    reference = json.loads((data_dir / "charts" / "chord_spellings.json").read_text("utf-8"))
    spelled = [frozenset(row["pcs"]) for row in reference.values()]
    # Tensions that the reference does not name together.
    more = ["0 3 4 7 11", "0 2 7 11"]
    spelled += [frozenset(map(int, text.split())) for text in more]
    spelled.append(parse_chord("Cm7b9").pitch_classes)
    used = {
        next(
            index
            for index, row in enumerate(tables.SCALE_ROWS)
            if row.needs <= named and not row.lacks & named
        )
        for named in spelled
    }
    assert used == set(range(len(tables.SCALE_ROWS)))


def test_the_last_scale_row_fits_every_chord() -> None:
    last = tables.SCALE_ROWS[-1]
    assert last.needs == {0}
    assert not last.lacks


def test_tables_name_only_what_exists() -> None:
    assert set(tables.ADDITIONS.values()) | set(tables.ALTERATIONS.values()) <= set(
        tables.MODIFIERS
    )
    for spelling in tables.FAMILY_SPELLINGS:
        assert spelling.numbers <= set(tables.NUMBERS)
        assert spelling.implied_modifiers <= set(tables.MODIFIERS)
        assert spelling.family in tables.FAMILIES
    for suffix in (*tables.ALIASES, *tables.WORDS, *tables.EXCEPTIONS):
        assert_sound(parse_chord(f"C{suffix}"))
