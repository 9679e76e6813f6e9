"""Runs that stand in what was learned from."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.evaluation.copying import LONGEST, Phrasebook, copying_from
from live_improv.evaluation.lines import Line
from tests.evaluation.test_lines import FOUR
from tests.lines import line, note

Symbols = st.lists(st.integers(-2, 2), max_size=25)


@given(st.lists(Symbols, min_size=1, max_size=4), Symbols)
def test_the_longest_runs_are_those_found_by_looking_everywhere(
    book: list[list[int]], asked: list[int]
) -> None:
    def stands(run: list[int]) -> bool:
        return any(
            run == each[i : i + len(run)] for each in book for i in range(len(each) - len(run) + 1)
        )

    found = Phrasebook([np.array(each, np.int64) for each in book]).longest(
        np.array(asked, np.int64)
    )
    expected = [
        max(n for n in range(len(asked) - i + 1) if n == 0 or stands(asked[i : i + n]))
        for i in range(len(asked))
    ]
    assert found.tolist() == expected


def test_runs_longer_than_can_be_told_count_as_the_longest() -> None:
    same = np.zeros(300, np.int64)
    assert Phrasebook([same]).longest(same).max() == LONGEST


def random_line(seed: int, notes: int = 300) -> Line:
    """Eighths by chance; 32 bars and some."""
    chance = Random(seed)
    pitches = [60 + chance.randrange(0, 30) for _ in range(notes)]
    return Line(f"{seed}", line(*pitches), FOUR, 120.0, bars=32)


LEARNED = random_line(0)
MEASURE = copying_from([LEARNED, random_line(1)])


def figures(asked: Line) -> dict[str, float]:
    """The figures of one line against those learned from."""
    return dict(zip(MEASURE.names, MEASURE.figures(MEASURE.count(asked)), strict=True))


def test_who_copies_everything_is_found_out_in_any_key() -> None:
    moved = tuple(note(each.onset // 40, each.pitch + 5, 6) for each in LEARNED.notes)
    found = figures(Line("copy", moved, FOUR, 120.0, bars=32))
    assert found == {
        "copied": LONGEST,
        "copied_most": LONGEST,
        "copied_intervals": LONGEST,
        "coverage": 1.0,
    }


def test_in_another_rhythm_only_the_intervals_are_copied() -> None:
    slower = tuple(
        note(2 * each.onset // 40, each.pitch, 6) for each in LEARNED.notes if each.onset < 61000
    )
    found = figures(Line("copy", slower, FOUR, 120.0, bars=32))
    assert found["copied_intervals"] > 40
    assert found["copied_most"] < 4


def test_chance_copies_little() -> None:
    found = figures(random_line(7))
    assert found["copied_most"] <= found["copied_intervals"] + 2 < 6
    assert found["coverage"] == 0.0


def test_a_lick_of_ten_notes_is_a_run_of_nine_intervals() -> None:
    own = random_line(8).notes
    lick = [each.pitch for each in LEARNED.notes[100:110]]
    notes = tuple(
        note(each.onset // 40, lick[i - 20] if 20 <= i < 30 else each.pitch, 6)
        for i, each in enumerate(own)
    )
    found = figures(Line("x", notes, FOUR, 120.0, bars=32))
    assert found["copied_most"] == pytest.approx(9, abs=1)
    assert found["coverage"] > 0.0
