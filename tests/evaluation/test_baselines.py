"""Standing baselines: what they cost and what they play."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from live_improv.charts.text import parse
from live_improv.corpus import Solo, read_corpus
from live_improv.evaluation.baselines import KINDS, Baseline, learned
from live_improv.evaluation.bits import EvaluationError
from live_improv.evaluation.lines import written
from live_improv.grammar.realization import Register
from live_improv.music.events import Note
from live_improv.music.timing import Ticks
from tests.lines import even_line, line, note


def solo(notes: tuple[Note, ...], chart: str = "C7 | F7") -> Solo:
    """A solo over a chart."""
    return Solo("x", "train", "", "", notes, parse(chart), 120.0)


@pytest.fixture(scope="module")
def corpus(data_dir: Path) -> list[Solo]:
    """Half a hundred solos of `train` and three of `valid`."""
    path = data_dir / "corpus" / "wjazzd_lean.jsonl.gz"
    found: dict[str, list[Solo]] = {"train": [], "valid": []}
    for each in read_corpus(path):
        found[each.split].append(each)
    return found["train"][:50] + found["valid"][:3]


@pytest.fixture(scope="module")
def baselines(corpus: list[Solo]) -> dict[str, Baseline]:
    """All kinds, learned from the solos of `train`."""
    return {name: learned(name, corpus[:50]) for name in KINDS}


def test_experts_know_more_than_the_note_before(
    baselines: dict[str, Baseline], corpus: list[Solo]
) -> None:
    markov, product = (baselines[name].bits_per_note(corpus[50:]) for name in KINDS)
    # With all of `train` they are 6.36 (2.83 + 3.53) and 5.49 (2.31 + 3.18) on all of `valid`.
    assert markov.notes == product.notes == sum(len(each.notes) - 1 for each in corpus[50:])
    assert 5.5 < markov.total < 7.5
    assert product.onset < markov.onset - 0.2
    assert product.pitch < markov.pitch - 0.1
    assert product.total > 4.5


def test_probabilities_of_all_that_may_come_next_add_up(baselines: dict[str, Baseline]) -> None:
    before = line(60, 62, 64)
    for baseline in baselines.values():
        pitches = [
            baseline.note_costs(solo((*before, note(18, pitch))))[-1][1] for pitch in range(28, 101)
        ]
        assert sum(2.0**-cost for cost in pitches) == pytest.approx(1.0, abs=1e-4)
        # Gaps up to 192 steps; the rest is one more outcome with a tail.
        onsets = [
            baseline.note_costs(solo((*before, note(12 + gap, 64))))[-1][0] for gap in range(1, 700)
        ]
        assert 0.995 < sum(2.0**-cost for cost in onsets) < 1.0 + 1e-4


def test_a_later_note_never_changes_what_an_earlier_one_cost(
    baselines: dict[str, Baseline], corpus: list[Solo]
) -> None:
    whole = corpus[50]
    part = replace(whole, notes=whole.notes[:20])
    for baseline in baselines.values():
        alone, among = baseline.note_costs(part), baseline.note_costs(whole)[:19]
        assert np.array(alone) == pytest.approx(np.array(among), abs=1e-4)


def test_a_leap_that_the_language_does_not_have_is_impossible(
    baselines: dict[str, Baseline],
) -> None:
    ((_, pitch),) = baselines["markov"].note_costs(solo((note(0, 40), note(6, 77))))
    assert pitch == 20.0


def test_nothing_to_count_and_nothing_to_learn_from_are_errors(
    baselines: dict[str, Baseline],
) -> None:
    single = [solo((note(0, 60),))]
    with pytest.raises(EvaluationError, match="no notes"):
        baselines["markov"].bits_per_note(single)
    with pytest.raises(EvaluationError, match="nothing to learn"):
        learned("product", single)


@pytest.mark.parametrize("name", KINDS)
def test_a_line_fills_its_bars_in_its_register(baselines: dict[str, Baseline], name: str) -> None:
    changes = parse("Dm7 | G7 | CM7 | A7")
    register = Register(55, 79)
    made = baselines[name].generate(changes, 160.0, 12, register, 7)
    assert made.bars == 12
    assert made.notes == written(made.notes)
    assert made.notes[0].onset == 0
    assert all(each.pitch in register for each in made.notes)
    assert 11 * 1920 - 8 * 480 < made.notes[-1].onset < 12 * 1920
    assert made.changes == changes


def test_the_same_seed_plays_the_same_line(baselines: dict[str, Baseline]) -> None:
    changes, register = parse("C7 | F7"), Register(50, 80)
    play = [
        baselines["product"].generate(changes, 140.0, 4, register, seed).notes for seed in (1, 1, 2)
    ]
    assert play[0] == play[1] != play[2]


def test_a_line_goes_on_from_its_opening(baselines: dict[str, Baseline]) -> None:
    opening = Note(Ticks(480), Ticks(240), 71)
    made = baselines["product"].generate(parse("C7"), 140.0, 4, Register(50, 80), 1, opening)
    assert (made.notes[0].onset, made.notes[0].pitch) == (480, 71)


def test_what_was_learned_is_what_is_played() -> None:
    # Quarters up and down a tone: nothing else was ever heard.
    taught = learned("markov", [solo(even_line((60, 62) * 300, (12,) * 600))])
    made = taught.generate(parse("C7"), 120.0, 16, Register(40, 80), 3, note(0, 60))
    moves = [b.pitch - a.pitch for a, b in pairwise(made.notes)]
    assert sum(abs(move) == 2 for move in moves) > 0.9 * len(moves)
    assert 56 <= len(made.notes) <= 72
