"""A net that is not believed everything: what is no number is counted and never heeded.

A model's arrays are finite when they are loaded, but what is computed with them may overflow, and a
NaN that once is in the recurrent state stays there for ever. Then every pitch would be the highest
one. So a step that gives no numbers is taken anew out of the state before anything was heard, and a
net that has none then either has nothing to say: every pitch, or gap, that the language allows is
as likely as any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

import numpy as np

from live_improv.grammar.context import Context, Past
from live_improv.grammar.values import Kind
from live_improv.model import Array, PitchLogits, State, TimeLogits, Weights, initial_state
from live_improv.music.timing import Ticks
from live_improv.prediction import Predictor


@dataclass(slots=True)
class Faults:
    """How often a net said what is no number."""

    count: int = 0


class CarefulPredictor(Predictor):
    """A predictor whose logits, but for those of the language, are finite.

    Args:
        faults: counts what was not.
    """

    def __init__(self, weights: Weights, context: Context, faults: Faults) -> None:
        super().__init__(weights, context)
        self._faults = faults

    def step(self, state: State, tick: Ticks, past: Past) -> tuple[PitchLogits, State]:
        """One step of the net for a note at `tick` after `past`."""
        for known in (state, initial_state(self.weights)):
            logits, after = super().step(known, tick, past)
            if _finite(*logits, *after):
                return logits, after
            self._faults.count += 1
        return PitchLogits(*map(np.zeros_like, logits)), initial_state(self.weights)

    def time_logits(
        self, logits: PitchLogits, tick: Ticks, past: Past, pitch: int, kind: Kind
    ) -> TimeLogits:
        """What the net thinks of time once `pitch` of that kind is chosen at `tick`."""
        time = super().time_logits(logits, tick, past, pitch, kind)
        if _finite(*time):
            return time
        self._faults.count += 1
        return TimeLogits(*map(np.zeros_like, time))

    def sounding_logits(self, time: TimeLogits, gap: int) -> Array:
        """How much of a gap sounds; see `Predictor.sounding_logits`."""
        out = super().sounding_logits(time, gap)
        if isfinite(out[0]) and not np.isnan(out.max()) and out.max() < np.inf:
            return out
        self._faults.count += 1
        all_of_it: Array = np.full_like(out, -np.inf)
        all_of_it[0] = 0.0
        return all_of_it


def _finite(*arrays: Array) -> bool:
    """Whether all of it are numbers; their sums tell, and cost less."""
    return all(isfinite(float(array.sum())) for array in arrays)
