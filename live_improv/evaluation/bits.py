"""How well a net knows human solos: bits per note.

Conventions
    A note costs -log2 of the probability of its onset, given everything before it and the
    chart, and -log2 of that of its pitch, given its onset as well. Onsets are on the grid of 12 a
    beat. The first note of a solo is not counted. Whatever has probability 0 costs
    `IMPOSSIBLE` bits, so that nothing is left out.

    The language tells approach tones from other tones outside the scale, which only the next
    note decides. Its probability is charged to that next note's pitch: the kinds follow from the
    notes, so the cost of all the kinds and notes is the cost of the notes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from live_improv.corpus import Solo
from live_improv.grammar.abstraction import kinds, sounding_steps
from live_improv.grammar.context import Context, Past
from live_improv.grammar.realization import Register
from live_improv.grammar.values import Kind
from live_improv.model import Weights, initial_state
from live_improv.music.timing import GRID_TICKS
from live_improv.prediction import Predictor, gap_log_probability, log_probability

IMPOSSIBLE = 20.0

_ALL = Register()


class EvaluationError(ValueError):
    """Solos that hold no note to count."""


@dataclass(frozen=True, slots=True)
class Bits:
    """Bits per note over a number of notes, apart for onset and pitch."""

    onset: float
    pitch: float
    notes: int

    @property
    def total(self) -> float:
        """Bits per note, onset and pitch."""
        return self.onset + self.pitch


def note_costs(
    weights: Weights, solo: Solo, manner: int | None = None
) -> list[tuple[float, float]]:
    """The bits of the onset and of the pitch of every note of a solo but the first.

    Args:
        manner: the number of the net's manner that the solo is held to, or None.
    """
    seen = Context(solo.changes, solo.bpm, straight=False, manner=manner)
    predictor = Predictor(weights, seen)
    state, past = initial_state(weights), Past()
    costs: list[tuple[float, float]] = []
    onset_cost = kind_cost = 0.0
    found_kinds = kinds(solo.notes, solo.changes)
    for i, (note, kind) in enumerate(zip(solo.notes, found_kinds, strict=True)):
        logits, state = predictor.step(state, note.onset, past)
        if i:
            pitches = predictor.pitch_logits(logits, note.onset, past, _ALL)
            cost = _bits(log_probability(pitches, note.pitch)) + kind_cost
            costs.append((onset_cost, cost))
        if i + 1 == len(solo.notes):
            break
        resolves = predictor.approach_chance(logits, note.onset, note.pitch, _ALL)
        kind_cost = 0.0
        if resolves is not None:
            chance = resolves if kind is Kind.APPROACH else 1.0 - resolves
            kind_cost = _bits(math.log(chance) if chance > 0 else -math.inf)
        gap = (solo.notes[i + 1].onset - note.onset) // GRID_TICKS
        time = predictor.time_logits(logits, note.onset, past, note.pitch, kind)
        gaps = predictor.gap_logits(time, note.onset, past, note.pitch, kind, _ALL)
        onset_cost = _bits(gap_log_probability(gaps, gap))
        past = past.then(note.pitch, kind, gap, rested=sounding_steps(note, gap) < gap)
    return costs


def bits_per_note(weights: Weights, solos: Iterable[Solo]) -> Bits:
    """The mean cost of the notes of all solos; each is read in order with carried state.

    Raises:
        EvaluationError: there is no note to count.
    """
    costs = [cost for solo in solos for cost in note_costs(weights, solo)]
    if not costs:
        raise EvaluationError("no notes to evaluate: every solo has one note at most")
    onset, pitch = (sum(part) / len(costs) for part in zip(*costs, strict=True))
    return Bits(onset, pitch, len(costs))


def _bits(log_probability: float) -> float:
    return IMPOSSIBLE if log_probability == -math.inf else -log_probability / math.log(2)
