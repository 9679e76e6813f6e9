"""Transposition: pitch classes move exactly, and the spelling suits the key."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.charts import text
from live_improv.music.changes import Changes
from live_improv.music.transposing import KeyNameError, semitones_to, transposed
from tests.charts import test_text


def symbols(changes: Changes) -> str:
    """The chords of a chart."""
    return " ".join(span.chord.symbol for span in changes.chords)


def moved(key: str, chords: str, semitones: int) -> tuple[str, str]:
    """Key and chords after a move."""
    changes = transposed(text.parse(f"key: {key}\n{chords}"), semitones)
    return changes.key, symbols(changes)


@pytest.mark.parametrize(
    ("key", "chords", "semitones", "expected"),
    [
        ("F", "F7 Bb7 Bo7 F#o7", 2, ("G", "G7 C7 C#o7 G#o7")),
        ("C", "Dm7 Db7 Ebo7 F#m7b5", 1, ("Db", "Ebm7 D7 Eo7 Gm7b5")),
        ("C", "C E7 Am7", 6, ("Gb", "Gb Bb7 Ebm7")),
        ("Bb", "Bbmaj7 G7 Cm7 F7/A", 11, ("A", "Amaj7 F#7 Bm7 E7/G#")),
        ("Eb", "Ebmaj7 Abm7 Cb7", 4, ("G", "Gmaj7 Cm7 Eb7")),
        ("Gmin", "Gm7 C7b9 Ebmaj7 D7#9", 1, ("G#min", "G#m7 C#7b9 Emaj7 D#7#9")),
        ("Gm", "Gm Cm D7", 3, ("Bbm", "Bbm Ebm F7")),
        ("D-", "Dm Gm A7", -2, ("C-", "Cm Fm G7")),
        ("A minor", "Am", 1, ("Bb minor", "Bbm")),
        ("F blues", "F7", 7, ("C blues", "C7")),
        ("", "Ab7 Db7", 2, ("", "Bb7 Eb7")),
        ("", "Am7 D7 E7", 3, ("", "Cm7 F7 G7")),
        ("atonal", "Ab7", 1, ("atonal", "A7")),
        ("C", "C/E N.C. E\\FM7 Fm7/Bb7 C/bb", 2, ("D", "D/F# N.C. F#\\GM7 Gm7/C7 D/C")),
        ("E", "F#(b9) F#b9 G#7", 1, ("F", "G(b9) G(b9) A7")),
        ("C", "C6/9/E C7(b9,#11)/Bb", 3, ("Eb", "Eb6/9/G Eb7(b9,#11)/Db")),
        ("B", "B E#m7b5 A#7 Fb", 1, ("C", "C F#m7b5 B7 F")),
        ("C", "CΔ F♯ø B♭7", 2, ("D", "DΔ G#ø C7")),
        ("F", "F7", 12, ("F", "F7")),
        ("F", "F7", 0, ("F", "F7")),
    ],
)
def test_moved_charts(key: str, chords: str, semitones: int, expected: tuple[str, str]) -> None:
    assert moved(key, chords, semitones) == expected


SPELLED = {*"CDEFGAB", "C#", "Db", "D#", "Eb", "F#", "Gb", "G#", "Ab", "A#", "Bb"}


@pytest.mark.parametrize("name", ["leadsheets.jsonl.gz", "leadsheets_jazzstandards.jsonl.gz"])
def test_every_reference_chart_in_every_key(data_dir: Path, name: str) -> None:
    with gzip.open(data_dir / "charts" / name, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    for number, record in enumerate(records):
        changes = text.parse(test_text.written(record))
        # Each chart in one other key, so that each key has many charts.
        semitones = number % 11 + 1
        check_moved(changes, transposed(changes, semitones), semitones)


def check_moved(before: Changes, after: Changes, semitones: int) -> None:
    """See that one chart is the other one, moved, and nothing else is different."""
    assert (after.bars, after.sections, after.length) == (
        before.bars,
        before.sections,
        before.length,
    )
    assert (after.title, after.tempo, after.style) == (before.title, before.tempo, before.style)
    for old, new in zip(before.chords, after.chords, strict=True):
        assert (new.start, new.end) == (old.start, old.end)
        for pitch, there in ((old.chord.root, new.chord.root), (old.chord.bass, new.chord.bass)):
            assert there == (None if pitch is None else (pitch + semitones) % 12)
        assert new.chord.pitch_classes == {
            (pitch + semitones) % 12 for pitch in old.chord.pitch_classes
        }
        assert new.chord.scale == {(pitch + semitones) % 12 for pitch in old.chord.scale}
        root = re.match(r"[A-G][b#]*", new.chord.symbol)
        assert root is None or semitones == 0 or root[0] in SPELLED


@given(
    st.sampled_from(["C", "F#", "Bbmin", "Gm", "", "E-"]),
    st.lists(
        st.tuples(
            st.sampled_from(["C", "Db", "F#", "Ebb", "Cb", "E#", "B", "Abb", "G##"]),
            st.sampled_from(["", "m7", "maj7", "7(b9,#11)", "ø", "sus", "maj9", "7alt", "m(maj9)"]),
            st.sampled_from(["", "/G", "/Eb", "/B#"]),
        ),
        min_size=1,
        max_size=8,
    ),
    st.integers(-11, 11),
)
def test_any_move_and_back(key: str, chords: list[tuple[str, str, str]], semitones: int) -> None:
    written = " | ".join("".join(parts) for parts in chords)
    changes = text.parse(f"key: {key}\n{written}")
    there = transposed(changes, semitones)
    check_moved(changes, there, semitones)
    check_moved(changes, transposed(there, -semitones), 0)


@pytest.mark.parametrize(
    ("own", "key", "expected"),
    [("F", "G", 2), ("G", "F", 10), ("Gmin", "Bb", 3), ("C", "C minor", 0), ("Eb", " D- ", 11)],
)
def test_the_way_to_a_key(own: str, key: str, expected: int) -> None:
    assert semitones_to(text.parse(f"key: {own}\nC"), key) == expected


@pytest.mark.parametrize(("own", "key"), [("F", "H"), ("F", "Gx"), ("", "G"), ("many", "G")])
def test_no_way_to_a_key(own: str, key: str) -> None:
    with pytest.raises(KeyNameError) as caught:
        semitones_to(text.parse(f"key: {own}\nC"), key)
    assert "expected" in str(caught.value)
