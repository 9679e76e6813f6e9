"""The index of what was learned from: what stands in it is found, and little else."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, islice
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from live_improv.corpus import read_corpus
from live_improv.evaluation.copying import Phrasebook, index_of, intervals_in_time
from live_improv.evaluation.lines import line_of
from live_improv.grammar.abstraction import straighten
from live_improv.grammar.gaps import Ints
from live_improv.grammar.quoting import (
    BITS_A_GROUP,
    GROUP,
    LEAST_BYTES,
    LONGEST,
    MOST_BYTES,
    Quotes,
    QuotesError,
)
from live_improv.grammar.recall import History
from live_improv.music.events import Note
from live_improv.music.timing import GRID_TICKS
from tests.lines import lines, note

GAPS = (1, 3, 4, 6, 6, 6, 8, 12, 30, 100)


def melody(seed: int, notes: int = 40) -> tuple[Ints, Ints]:
    """A line by chance, its swung pairs even: pitches and onsets."""
    chance = Random(seed)
    pitches = [60]
    for _ in range(notes - 1):
        pitches.append(min(max(pitches[-1] + chance.randint(-4, 4), 40), 90))
    onsets = accumulate(chance.choice(GAPS) for _ in range(notes))
    even = straighten([note(onset, pitch) for onset, pitch in zip(onsets, pitches, strict=True)])
    return np.array(pitches), np.array([each.onset // GRID_TICKS for each in even])


def history(pitches: Sequence[int] | Ints, onsets: Sequence[int] | Ints, moment: int) -> History:
    """The history of a line at a moment after it."""
    found = History()
    for pitch, here, after in zip(pitches, onsets, (*onsets[1:], moment), strict=True):
        found = found.then(int(pitch), int(after - here))
    return found


@given(st.integers(0, 10_000), st.integers(GROUP, 40), st.integers(-12, 12), st.integers(0, 9))
def test_what_was_learned_is_found_in_any_key_and_bar(
    seed: int, notes: int, transposed: int, bars: int
) -> None:
    pitches, onsets = melody(seed)
    quotes = Quotes.of([melody(seed + 1), (pitches, onsets)])
    # Whether a pair swings is known when the note after it is.
    after = (*onsets, onsets[-1] + 12)
    moment = int(after[notes]) + 48 * bars
    line = history(pitches[:notes] + transposed, onsets[:notes] + 48 * bars, moment)
    assert quotes.run(line, moment, LONGEST) == notes
    assert quotes.run(line, moment, 12) == min(notes, 12)


def test_a_run_ends_where_a_note_or_a_gap_differs() -> None:
    pitches, onsets = melody(3)
    quotes = Quotes.of([(pitches, onsets)])
    moment = int(onsets[-1]) + 6
    bent = pitches.copy()
    bent[10] += 1
    assert quotes.run(history(bent, onsets, moment), moment, LONGEST) == 40 - 11
    late = onsets.copy()
    late[:9] -= 12
    assert onsets[9] - onsets[8] == 6
    assert quotes.run(history(pitches, late, moment), moment, LONGEST) == 40 - 9
    bent[-2] += 1
    assert quotes.run(history(bent, onsets, moment), moment, LONGEST) == 0


def test_the_pitch_that_goes_on_is_known() -> None:
    pitches, onsets = melody(5)
    quotes = Quotes.of([(pitches, onsets)])
    moment = int(onsets[20])
    line = history(pitches[:20], onsets[:20], moment)
    register = range(40, 91)
    found = quotes.lengthens(line, moment, register)
    assert [pitch for pitch, is_one in zip(register, found, strict=True) if is_one].count(
        pitches[20]
    ) == 1
    # The others are found by chance at most.
    assert found.sum() <= 1 + len(register) * 2 * quotes.filled
    too_late = line._replace(gaps=line.gaps[:-1] + bytes((line.gaps[-1] + 60,)))
    assert not quotes.lengthens(too_late, moment + 60, register)[pitches[20] - 40]


def test_what_was_not_learned_is_found_by_chance_at_most() -> None:
    quotes = Quotes.of([melody(seed, 400) for seed in range(20)])
    asked = [melody(seed, GROUP) for seed in range(1000, 1600)]
    runs = [
        quotes.run(history(*each, int(each[1][-1]) + 6), int(each[1][-1]) + 6, 16) for each in asked
    ]
    assert np.mean(np.array(runs) > 0) == pytest.approx(quotes.filled, abs=0.06)
    longer = [melody(seed, 16) for seed in range(1000, 1600)]
    runs = [
        quotes.run(history(*each, int(each[1][-1]) + 6), int(each[1][-1]) + 6, 16)
        for each in longer
    ]
    assert runs.count(16) <= 1


@given(st.integers(0, 60), st.integers(1, 30))
def test_its_size_goes_by_how_much_was_learned(lines: int, seed: int) -> None:
    quotes = Quotes.of([melody(seed + each, 100) for each in range(lines)])
    size = len(quotes.bitmap)
    groups = lines * (100 - GROUP + 1)
    assert size == LEAST_BYTES or 8 * size < 2 * BITS_A_GROUP * groups
    assert quotes.filled <= 1 / BITS_A_GROUP + 0.01


def test_nothing_learned_is_nothing_found() -> None:
    for quotes in (Quotes.of([]), Quotes.of([melody(1, GROUP - 1)])):
        assert quotes.filled == 0.0
    pitches, onsets = melody(2)
    assert Quotes.of([]).run(history(pitches, onsets, 9999), 9999, 16) == 0
    assert Quotes.of([(pitches, onsets)]).run(History(), 0, 16) == 0


@given(st.integers(1, 40), st.integers(1, 4))
def test_two_indices_together_hold_what_either_holds(many: int, few: int) -> None:
    ours = [melody(seed, 60) for seed in range(many)]
    theirs = [melody(seed, 60) for seed in range(500, 500 + few)]
    both = Quotes.of(ours) | Quotes.of(theirs)
    assert both == Quotes.of(theirs) | Quotes.of(ours)
    for pitches, onsets in (*ours, *theirs):
        moment = int(onsets[-1]) + 6
        assert both.run(history(pitches, onsets, moment), moment, LONGEST) == 60


@pytest.mark.parametrize("size", [0, 1, LEAST_BYTES // 2, LEAST_BYTES + 1, 3000, 2 * MOST_BYTES])
def test_a_bitmap_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(QuotesError, match=f"{size} bytes: expected a power of two, 128 to"):
        Quotes(bytes(size))


def test_in_solos_of_people_it_never_finds_less_than_there_is(data_dir: Path) -> None:
    solos = list(islice(read_corpus(data_dir / "corpus" / "wjazzd_lean.jsonl.gz"), 130))
    learned = [line_of(solo) for solo in solos[:120]]
    asked = [line_of(solo) for solo in solos[117:]]
    quotes, book = index_of(learned), Phrasebook([intervals_in_time(each) for each in learned])
    there = said = 0
    for line in asked:
        pitches, onsets = line.pitches().tolist(), line.onsets().tolist()
        longest = book.longest(intervals_in_time(line))
        ends = np.zeros(len(pitches), int)
        for at, length in enumerate(longest.tolist()):
            reached = np.arange(at + 1, at + length + 1)
            ends[reached] = np.maximum(ends[reached], reached - at + 1)
        for end in range(GROUP, len(pitches)):
            first = max(end - 21, 0)
            line_so_far = history(pitches[first:end], onsets[first:end], onsets[end])
            run = quotes.run(line_so_far, onsets[end], 20)
            true = min(int(ends[end - 1]), 20)
            assert run >= (true if true >= GROUP else 0)
            there += true >= 13
            said += run >= 13
    assert said <= 3 * there + 20


@given(lines(40), st.integers(1, 30))
def test_a_line_that_swings_is_the_line_it_is_written_as(swung: tuple[Note, ...], gap: int) -> None:
    pitches = np.array([each.pitch for each in swung])
    played, even = (
        np.array([each.onset // GRID_TICKS for each in notes])
        for notes in (swung, straighten(swung))
    )
    # Silences of more than four bars are not followed, and the last beat has to be over.
    moment = int(played[-1]) // 12 * 12 + 12 + gap
    assume(len(swung) >= GROUP and np.diff(played).max() <= 192)
    quotes = Quotes.of([(pitches, even)])
    assert quotes.run(history(pitches, played, moment), moment, LONGEST) == len(swung)
