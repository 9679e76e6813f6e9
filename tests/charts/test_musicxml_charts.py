"""Every chart of the reference data, written as MusicXML and read back."""

from __future__ import annotations

from pathlib import Path

import pytest

from live_improv.charts.musicxml import read
from live_improv.charts.text import parse
from live_improv.music.changes import Changes
from tests.charts.musicxml_scores import score_of
from tests.charts.test_text import records, written

Placed = list[tuple[int, int, int | None, int | None, frozenset[int]]]


def tones(changes: Changes) -> Placed:
    """Where each chord lies, with its root, its bass where that is not the root, and its tones."""
    return [
        (
            span.start,
            span.end,
            span.chord.root,
            span.chord.bass if span.chord.bass != span.chord.root else None,
            span.chord.pitch_classes,
        )
        for span in changes.chords
    ]


@pytest.mark.parametrize(
    ("name", "count"),
    [("leadsheets.jsonl.gz", 1284), ("leadsheets_jazzstandards.jsonl.gz", 682)],
)
def test_every_reference_chart_comes_back(data_dir: Path, name: str, count: int) -> None:
    read_back = 0
    for record in records(data_dir, name):
        changes = parse(written(record))
        again = read(score_of(changes), "chart.musicxml")
        assert again.title == " ".join(changes.title.split())
        assert again.bars == changes.bars, record["title"]
        assert tones(again) == tones(changes), record["title"]
        assert [(part.start, part.name) for part in again.sections] == [
            (part.start, part.name) for part in changes.sections if part.name
        ]
        read_back += 1
    assert read_back == count
