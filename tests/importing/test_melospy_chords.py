"""Chord symbols of the Jazzomat project in plain ones: each kind, and all of the corpus."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from live_improv.importing.imported import NotUnderstood
from live_improv.importing.melospy_chords import plain_chord
from live_improv.music.chords import ChordSymbolError, parse_chord

PLAIN = {
    "C": "C",
    "C-": "Cm",
    "Co": "Cdim",
    "C+": "Caug",
    "C6": "C6",
    "C69": "C69",
    "C6911#": "C69#11",
    "C-6": "Cm6",
    "C-69": "Cm69",
    "Cj7": "Cmaj7",
    "Cj79": "Cmaj9",
    "Cj7911#": "Cmaj9#11",
    "C+j7": "Cmaj7#5",
    "C-j7": "CmMaj7",
    "C7": "C7",
    "C79": "C9",
    "C79b": "C7b9",
    "C79#11#": "C7#9#11",
    "C7913": "C13",
    "C79b13": "C13b9",
    "C79b13b": "C7b9b13",
    "C7911": "C11",
    "C7alt": "C7alt",
    "C-7": "Cm7",
    "C-79": "Cm9",
    "C-7911": "Cm11",
    "Cm7b5": "Cm7b5",
    "Co7": "Cdim7",
    "C+7": "C7#5",
    "C+79": "C9#5",
    "C+79#": "C7#5#9",
    "Csus": "Csus4",
    "Csus7": "C7sus4",
    "Csus79": "C9sus4",
    "Csus7913": "C13sus4",
    "Bb-7/Ab": "Bbm7/Ab",
    "NC": "NC",
}


@pytest.mark.parametrize("symbol", PLAIN)
def test_every_kind(symbol: str) -> None:
    plain = plain_chord(symbol)
    assert plain == PLAIN[symbol]
    chord = parse_chord(plain)
    altered = {"9b": 1, "9#": 3, "11#": 6, "13b": 8}
    for name, tone in altered.items():
        if name in symbol:
            assert tone in chord.pitch_classes


@pytest.mark.parametrize("symbol", ["", "H7", "C7b9", "Cmaj7", "x", "C7 9b", "C" * 99])
def test_what_is_none_of_theirs(symbol: str) -> None:
    with pytest.raises((NotUnderstood, ChordSymbolError)):
        plain_chord(symbol)


def test_all_of_the_corpus(data_dir: Path) -> None:
    """Its plain symbols were made by others, from theirs."""
    pairs = set()
    with gzip.open(data_dir / "corpus" / "wjazzd_solos.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            pairs |= {(theirs, plain) for _, plain, theirs in json.loads(line)["chords"]}
    assert len(pairs) > 300
    assert {theirs: plain_chord(theirs) for theirs, _ in pairs} == dict(pairs)
