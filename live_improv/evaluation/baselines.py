"""Standing baselines: n-grams that a net has to beat, learned in seconds.

    markov   each interval given the one before, each gap given the one before
    product  a product of n-gram experts (`ngrams.PRODUCT`)

They are counted as the net is (`bits`): a note costs -log2 of the probabilities of its onset, on
the grid of 12 a beat, and of its pitch given its onset. The lines they play are drawn from those
probabilities as they are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from live_improv.corpus import Solo
from live_improv.evaluation.bits import IMPOSSIBLE, Bits, EvaluationError
from live_improv.evaluation.line_facts import Facts, Trail
from live_improv.evaluation.lines import Line, written
from live_improv.evaluation.log_linear import mixed
from live_improv.evaluation.ngrams import MARKOV, PRODUCT, Ngrams, learn, read
from live_improv.grammar.context import LONGEST_GAP, Context
from live_improv.grammar.realization import Register
from live_improv.grammar.vocabulary import MAX_INTERVAL
from live_improv.model import Array
from live_improv.music.changes import Changes
from live_improv.music.events import Note
from live_improv.music.timing import GRID_TICKS, Ticks
from live_improv.performance.chance import pick, stream
from live_improv.prediction import gap_log_probability, log_probability

KINDS = {"markov": MARKOV, "product": PRODUCT}
"""What is counted, by name."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """A baseline that has learned."""

    name: str
    ngrams: Ngrams

    def note_costs(self, solo: Solo) -> list[tuple[float, float]]:
        """The bits of the onset and of the pitch of every note of a solo but the first."""
        if len(solo.notes) < 2:
            return []
        asked = read(solo)
        places = asked.facts.places_after(asked.ticks)
        of_gap = mixed(self.ngrams.gap_scores(asked.gap_facts, places), self.ngrams.gap_weights)
        scores = self.ngrams.pitch_scores(asked.pitch_facts)
        of_pitch = mixed(scores, self.ngrams.pitch_weights)
        moved = np.diff([note.pitch for note in solo.notes])
        return [
            (_bits(gap_log_probability(gaps, int(gap))), _pitch_bits(pitches, int(interval)))
            for gaps, gap, pitches, interval in zip(
                of_gap.astype(np.float32),
                asked.gaps,
                of_pitch.astype(np.float32),
                moved,
                strict=True,
            )
        ]

    def bits_per_note(self, solos: Iterable[Solo]) -> Bits:
        """The mean cost of the notes of all solos.

        Raises:
            EvaluationError: there is no note to count.
        """
        costs = [cost for solo in solos for cost in self.note_costs(solo)]
        if not costs:
            raise EvaluationError("no notes to evaluate: every solo has one note at most")
        onset, pitch = (sum(part) / len(costs) for part in zip(*costs, strict=True))
        return Bits(onset, pitch, len(costs))

    def generate(
        self,
        changes: Changes,
        bpm: float,
        bars: int,
        register: Register,
        seed: int,
        opening: Note | None = None,
    ) -> Line:
        """A line over the changes, which go round for as long as there are bars.

        Args:
            opening: the first note; without it, one on the first beat near the middle of the
                register.
        """
        facts = Facts(Context(changes, bpm, straight=False))
        end = changes.bars_ticks(bars)
        if opening is None:
            low = (register.low + register.high) // 2 - 6
            pitch = low + pick(np.zeros(12, np.float32), stream(seed, "opening", Ticks(0)))
            pitch = min(max(pitch, register.low), register.high)
            opening = Note(Ticks(0), Ticks(GRID_TICKS), pitch)
        tick, trail = opening.onset, Trail.begin(opening.pitch)
        notes: list[Note] = []
        while True:
            chance = stream(seed, self.name, tick)
            logits = self.ngrams.gap_logits(facts, tick, trail)
            gap = 1 + pick(logits[:LONGEST_GAP].astype(np.float32), chance)
            sounds = pick(np.log(self.ngrams.sounding_odds(gap)).astype(np.float32), chance)
            steps = min(sounds or gap, gap)
            notes.append(Note(tick, Ticks(steps * GRID_TICKS), trail.pitches[0]))
            tick = Ticks(tick + gap * GRID_TICKS)
            if tick >= end:
                return Line(
                    f"{changes.title} {seed}".strip(), written(notes), changes, bpm, bars=bars
                )
            logits = self.ngrams.pitch_logits(facts, tick, trail, gap, register)
            pitch = register.low + pick(logits.astype(np.float32), chance)
            trail = trail.then(gap, pitch)


def learned(name: str, solos: Sequence[Solo]) -> Baseline:
    """A baseline of one of `KINDS`, learned from these solos.

    Raises:
        EvaluationError: no solo has two notes.
    """
    if all(len(solo.notes) < 2 for solo in solos):
        raise EvaluationError("nothing to learn from: every solo has one note at most")
    return Baseline(name, learn(KINDS[name], solos))


def _pitch_bits(logits: Array, interval: int) -> float:
    if abs(interval) > MAX_INTERVAL:
        return IMPOSSIBLE
    return _bits(log_probability(logits, interval + MAX_INTERVAL))


def _bits(log_probability: float) -> float:
    return IMPOSSIBLE if log_probability == -math.inf else -log_probability / math.log(2)
