"""N-grams: what the experts are asked and say."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from live_improv.charts.text import parse
from live_improv.corpus import Solo, read_corpus
from live_improv.evaluation.line_facts import GAP_FACTS, NONE, PITCH_FACTS, Facts, Trail
from live_improv.evaluation.ngrams import GAPS, INTERVALS, MARKOV, PRODUCT, Ngrams, learn, read
from live_improv.grammar.context import Context
from live_improv.grammar.realization import Register
from live_improv.music.events import Note
from live_improv.music.timing import Ticks
from tests.lines import even_line, line, lines

ALL = Register()


def solo(notes: tuple[Note, ...], chart: str = "C7 | F7", title: str = "") -> Solo:
    """A solo over a chart."""
    return Solo("x", "train", "", title, notes, parse(chart), 120.0)


@pytest.fixture(scope="module")
def few(data_dir: Path) -> list[Solo]:
    """Some solos of the database, so that learning takes a moment."""
    path = data_dir / "corpus" / "wjazzd_lean.jsonl.gz"
    train = (each for each in read_corpus(path) if each.split == "train")
    return [each for each, _ in zip(train, range(24), strict=False)]


@pytest.fixture(scope="module")
def product(few: list[Solo]) -> Ngrams:
    """The product of experts, learned from them."""
    return learn(PRODUCT, few)


def test_the_facts_of_a_line_are_as_they_can_be_seen() -> None:
    # Eighths on C7 up to the bar line, F7 from there: C E G Bb A.
    asked = read(solo(even_line((60, 64, 67, 70, 69), (12,) * 5)))
    of_gap = dict(zip(GAP_FACTS, asked.gap_facts[-1].tolist(), strict=True))
    assert of_gap["place"] == 36
    assert of_gap["beat"] == 0
    assert (of_gap["gap_1"], of_gap["gap_4"]) == (12, NONE)
    assert (of_gap["interval_1"], of_gap["interval_2"]) == (3, 3)
    assert (of_gap["degree"], of_gap["in_chord"]) == (10, 1)
    of_pitch = dict(zip(PITCH_FACTS, asked.pitch_facts[-1].tolist(), strict=True))
    assert (of_pitch["place"], of_pitch["strength"]) == (0, 0)
    assert (of_pitch["last"], of_pitch["root"], of_pitch["next_root"]) == (70, 5, 0)
    assert of_pitch["moves"] == 7
    assert [of_pitch[f"degree_{n}"] for n in (1, 2, 3)] == [5, 2, 11]
    assert of_pitch["next_degree"] == 10
    assert of_pitch["tones"] == 1 | 1 << 4 | 1 << 7 | 1 << 10
    assert asked.gaps.tolist() == [12, 12, 12, 12]
    assert asked.pitches.tolist() == [64, 67, 70, 69]


@settings(max_examples=30)
@given(lines(most=12), st.integers(-6, 6))
def test_a_line_transposed_with_its_changes_is_seen_alike(notes: tuple[Note, ...], by: int) -> None:
    """All but the pitch of the last note, and the roots."""
    names = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
    moved = tuple(Note(n.onset, n.length, n.pitch + by) for n in notes)
    here = read(solo(notes, "C7 | F7 | Dm7 G7"))
    there = read(
        solo(moved, "{}7 | {}7 | {}m7 {}7".format(*(names[(k + by) % 12] for k in (0, 5, 2, 7))))
    )
    same = [i for i, name in enumerate(PITCH_FACTS) if name not in ("last", "root", "next_root")]
    assert np.array_equal(here.pitch_facts[:, same], there.pitch_facts[:, same])
    assert np.array_equal(here.gap_facts, there.gap_facts)


def test_the_places_ahead_go_round_the_form() -> None:
    facts = Facts(Context(parse("C7 | F7"), 120.0, straight=False))
    places = facts.places_after(np.array([0, 3840 - 40]))
    assert places[0, :3].tolist() == [1, 2, 3]
    assert places[1, :3].tolist() == [0, 1, 2]
    assert places[0, 95] == 0


def test_markov_knows_the_interval_and_the_gap_before() -> None:
    # Up a tone, down a tone, over and over: after a rise always a fall.
    model = learn(MARKOV, [solo(line(*(60, 62) * 200))])
    facts = Facts(Context(parse("C7"), 120.0, straight=False))
    risen = Trail.begin(60).then(6, 62)
    logits = model.pitch_logits(facts, Ticks(480), risen, 6, ALL)
    assert int(logits.argmax()) == 60
    gaps = model.gap_logits(facts, Ticks(240), risen)
    assert int(gaps.argmax()) == 6 - 1
    assert np.exp(gaps)[5] > 0.9


def test_what_is_said_of_one_note_is_what_is_said_of_all(product: Ngrams, few: list[Solo]) -> None:
    """The way that plays and the way that counts agree, note by note."""
    asked = read(few[0])
    notes = few[0].notes[:12]
    trail = Trail.begin(notes[0].pitch)
    places = asked.facts.places_after(asked.ticks[:11])
    of_gap = np.tensordot(product.gap_weights, product.gap_scores(asked.gap_facts[:11], places), 1)
    of_pitch = np.tensordot(product.pitch_weights, product.pitch_scores(asked.pitch_facts[:11]), 1)
    for i, (before, note) in enumerate(pairwise(notes)):
        gap = int(asked.gaps[i])
        assert product.gap_logits(asked.facts, before.onset, trail) == pytest.approx(
            of_gap[i], abs=1e-4
        )
        found = product.pitch_logits(asked.facts, note.onset, trail, gap, ALL)
        inside = found[trail.pitches[0] - 36 : trail.pitches[0] + 37]
        assert inside == pytest.approx(of_pitch[i], abs=1e-4)
        assert np.isneginf(found[: trail.pitches[0] - 36]).all()
        trail = trail.then(gap, note.pitch)


def test_a_register_bounds_what_can_be_played(product: Ngrams) -> None:
    facts = Facts(Context(parse("C7"), 120.0, straight=False))
    trail = Trail.begin(60)
    logits = product.pitch_logits(facts, Ticks(240), trail, 6, Register(58, 65))
    assert logits.shape == (8,)
    assert np.isfinite(logits).all()
    # What lies further away than the widest interval cannot be reached.
    far = product.pitch_logits(facts, Ticks(240), trail, 6, Register(90, 99))
    assert np.isfinite(far).tolist() == [True] * 7 + [False] * 3


def test_shapes_are_those_of_the_net(product: Ngrams) -> None:
    facts = Facts(Context(parse("C7"), 120.0, straight=False))
    assert product.gap_logits(facts, Ticks(0), Trail.begin(60)).shape == (GAPS,)
    assert len(INTERVALS) == 73
    for gap in (1, 6, 30, 500):
        assert product.sounding_odds(gap).sum() == pytest.approx(1.0)


def test_weights_are_fitted_and_all_speak(product: Ngrams) -> None:
    assert len(product.pitch_weights) == len(PRODUCT.pitch)
    assert len(product.gap_weights) == len(PRODUCT.gap)
    for weights in (product.pitch_weights, product.gap_weights):
        assert len(set(weights.round(6))) > 1
        assert 0.5 < weights.sum() < 1.5
