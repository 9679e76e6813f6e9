"""Runs of a line that stand in other lines, and where."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.charts.text import parse
from live_improv.corpus import read_corpus
from live_improv.evaluation.lines import Line, line_of
from live_improv.evaluation.novelty import Place, Repertoire, bar_and_beat
from live_improv.music.events import Note
from tests.evaluation.test_lines import FOUR
from tests.lines import line, note


def random_line(seed: int, notes: int = 200) -> Line:
    """Eighths by chance over the blues."""
    chance = Random(seed)
    pitches = [60 + chance.randrange(0, 30) for _ in range(notes)]
    return Line(f"{seed}", line(*pitches), FOUR, 120.0)


LEARNED = [random_line(seed) for seed in range(5)]
REPERTOIRE = Repertoire(LEARNED)


def with_quote(source: int, at: int, count: int, into: int) -> Line:
    """A line of 100 notes that has `count` notes of a learned one at `into`, a fourth higher."""
    taken = LEARNED[source].notes[at : at + count]
    own = random_line(99).notes[:100]
    both = [
        note(
            each.onset // 40,
            taken[i - into].pitch + 5 if into <= i < into + count else each.pitch,
            6,
        )
        for i, each in enumerate(own)
    ]
    return Line("take", tuple(both), FOUR, 120.0)


@given(st.integers(0, 4), st.integers(0, 150), st.integers(8, 40), st.integers(0, 60))
def test_a_quote_is_found_with_its_place(source: int, at: int, count: int, into: int) -> None:
    run, *others = REPERTOIRE.runs(with_quote(source, at, count, into), 6, 5)
    # By chance the note before or after it may fit too.
    assert count <= run.notes <= count + 4
    assert run.at in range(into - 2, into + 1)
    assert run.source == Place(source, at + run.at - into)
    assert run.others == 0
    assert all(each.notes < 8 for each in others)


def test_what_is_longer_than_the_book_tells_is_followed_to_its_end() -> None:
    (run,) = REPERTOIRE.runs(LEARNED[3], 8, 10)
    assert (run.notes, run.at, run.source) == (200, 0, Place(3, 0))


def test_runs_do_not_lie_in_each_other() -> None:
    first, second = LEARNED[0].notes[:30], LEARNED[1].notes[50:70]
    moved = tuple(
        Note(each.onset, each.length, two.pitch)
        for each, two in zip(random_line(7).notes[30:50], second, strict=True)
    )
    runs = REPERTOIRE.runs(Line("take", first + moved, FOUR, 120.0), 8, 10)
    assert [(run.source.line, run.at) for run in runs] == [(0, 0), (1, 30)]
    assert [run.notes for run in runs] == pytest.approx([30, 20], abs=2)


def test_in_another_rhythm_only_the_intervals_stand() -> None:
    slower = tuple(note(i * 12, each.pitch, 12) for i, each in enumerate(LEARNED[2].notes[:40]))
    take = Line("take", slower, FOUR, 120.0)
    assert REPERTOIRE.runs(take, 8, 10) == []
    (run,) = REPERTOIRE.runs(take, 8, 10, timed=False)
    assert (run.notes, run.source) == (40, Place(2, 0))
    sharing = REPERTOIRE.sharing([take])
    assert (sharing.moves.groups, sharing.moves.longest) == ((1.0, 1.0), 40)
    assert sharing.timed.groups == (0.0, 0.0)
    assert sharing.timed.longest < 8


def test_what_stands_in_several_lines_is_counted_with_them() -> None:
    twice = Repertoire([*LEARNED, LEARNED[1]])
    (run,) = twice.runs(LEARNED[1], 8, 10)
    assert (run.source.line, run.others) == (1, 1)


def test_levels_are_of_windows_of_16_bars() -> None:
    quoting = Line("q", LEARNED[0].notes[:128] + random_line(9).notes[128:], FOUR, 120.0, bars=32)
    found = REPERTOIRE.sharing([quoting])
    assert found.windows == 2
    assert found.timed.longest == 65
    assert found.timed.levels[0] < 8
    assert found.timed.levels[1:] == (65, 65)
    short = Line("s", LEARNED[0].notes[:20], FOUR, 120.0)
    assert REPERTOIRE.sharing([short]).timed.longest == 20


def test_places_are_bars_and_beats_from_1() -> None:
    assert bar_and_beat(LEARNED[0], 0) == (1, 1.0)
    assert bar_and_beat(LEARNED[0], 11) == (2, 2.5)
    twice = Line("x", LEARNED[0].notes, parse("F7 | Bb7 | F7"), 120.0)
    assert bar_and_beat(twice, 24) == (4, 1.0)
    assert bar_and_beat(twice, 67) == (9, 2.5)


def test_a_solo_of_the_corpus_is_found_in_it(data_dir: Path) -> None:
    solos = list(
        zip(range(25), read_corpus(data_dir / "corpus" / "omnibook.jsonl.gz"), strict=False)
    )
    lines = [line_of(solo) for _, solo in solos]
    found = Repertoire(lines)
    own = found.runs(lines[7], 12, 3)
    assert own[0].notes == len(lines[7].notes)
    assert own[0].source == Place(7, 0)
    shared = Repertoire(lines[:7] + lines[8:]).sharing([lines[7]])
    assert shared.timed.longest <= shared.moves.longest < 60
    assert 0.0 < shared.moves.groups[1] < shared.moves.groups[0] < 0.5
