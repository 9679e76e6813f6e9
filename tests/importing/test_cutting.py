"""A solo cut in two loses no note, and its parts lie over the chords they lay over."""

from __future__ import annotations

from pathlib import Path

import pytest

from live_improv.corpus import Solo, read_corpus
from live_improv.corpus_writing import line_of
from live_improv.importing.cutting import cut
from live_improv.music.timing import Ticks
from tests.test_corpus_writing import solo


@pytest.fixture(scope="module")
def solos(data_dir: Path) -> list[Solo]:
    """Some of the database's."""
    every = read_corpus(data_dir / "corpus" / "wjazzd_lean.jsonl.gz")
    return [each for each, _ in zip(every, range(40), strict=False)]


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_the_parts_are_the_whole(solos: list[Solo], share: float) -> None:
    for whole in solos:
        bars = [bar.start for bar in whole.changes.bars]
        at = bars[int(share * len(bars))]
        first, second = cut(whole, at)
        assert first.changes.length == at
        assert first.changes.length + second.changes.length == whole.changes.length
        moved = [(note.onset + at, note.pitch) for note in second.notes]
        assert [*((note.onset, note.pitch) for note in first.notes), *moved] == [
            (note.onset, note.pitch) for note in whole.notes
        ]
        assert all(note.end <= at for note in first.notes)
        for tick in range(0, whole.changes.length, 240):
            part, place = (first, tick) if tick < at else (second, tick - at)
            here, there = Ticks(place), Ticks(tick)
            assert part.changes.chord_at(here) == whole.changes.chord_at(there)
            mine, theirs = part.changes.section_at(here), whole.changes.section_at(there)
            assert (mine and mine.name) == (theirs and theirs.name)
        played = [
            *first.played,
            *(each and (each.onset + at, each.velocity) for each in second.played),
        ]
        assert len(played) == len(whole.played)
        for each in (first, second):
            assert line_of(each)


@pytest.mark.parametrize("at", [0, 240, 1919, 3840, 99999])
def test_where_a_solo_cannot_be_cut(at: int) -> None:
    with pytest.raises(ValueError, match="tick"):
        cut(solo(), Ticks(at))
    # There is a bar line at 1920, but behind it there is nothing.
    with pytest.raises(ValueError, match="no notes"):
        cut(solo(), Ticks(1920))
