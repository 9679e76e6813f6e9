"""What the net predicts, in the terms of the language.

Joins the numbers of `model` with the meaning of `grammar`: at a tick, after a line, every pitch
has a probability and, once a pitch is chosen, so has every gap to the next note. The language's
promises are kept by masks: an approach tone is followed by its resolution, a tone outside the
scale that is none is not, and only what is left is normalized. So the probabilities of all notes
that may come next, with the kinds they have, add up to one.

Conventions
    Arrays of logits over pitches run over a register, lowest first; over gaps, over 1 to
    `LONGEST_GAP` grid steps and then anything longer. Impossible entries are minus infinity.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from live_improv.grammar import context as ctx
from live_improv.grammar.abstraction import MIN_SILENCE
from live_improv.grammar.context import Context, Past, choice_rows
from live_improv.grammar.habits import gap_habits, pitch_habits
from live_improv.grammar.realization import Last, Register, keeps_promise
from live_improv.grammar.recall import recall_gap, recall_pitch
from live_improv.grammar.values import Kind, settled_kind
from live_improv.grammar.vocabulary import MAX_INTERVAL
from live_improv.model import (
    Array,
    PitchLogits,
    State,
    TimeLogits,
    Weights,
    sounding_logits,
    step,
    time_logits,
)
from live_improv.music.timing import GRID_TICKS, Ticks

MIN_REST = MIN_SILENCE // GRID_TICKS
"""The shortest rest, in grid steps, that follows a note."""

# Gaps beyond the longest, which are silences of many bars, fall off by this much a grid step.
_FALL_OFF = 1 - 1 / 96

_PITCHES = np.arange(128)
_REGISTER_INDEX = np.clip(_PITCHES, ctx.LOWEST, ctx.HIGHEST) - ctx.LOWEST
_BIN_OF_GAP = np.array([ctx.gap_bin(gap) for gap in range(1, ctx.LONGEST_GAP + 1)])


class Predictor:
    """A net over a context: it has no state of its own, the caller carries it."""

    def __init__(self, weights: Weights, context: Context) -> None:
        self.weights = weights
        self.context = context
        rounds = 1 + -(-(ctx.LONGEST_GAP + 1) // context.steps)
        self._places = np.tile(np.array(context.places), 1 + rounds)
        self._tones = np.tile(self._tones_of_chorus(), 1 + rounds)

    def _tones_of_chorus(self) -> NDArray[np.int64]:
        """The chord tones at each grid step of a chorus, as bits by pitch class."""
        spans = self.context.changes.chords
        bits = [sum(1 << tone for tone in span.chord.chord_tones) for span in spans]
        # A step belongs to the chord that sounds at its tick.
        ends = [-(-span.end // GRID_TICKS) for span in spans]
        return np.repeat(np.array(bits), np.diff([0, *ends]))

    def step(self, state: State, tick: Ticks, past: Past) -> tuple[PitchLogits, State]:
        """One step of the net for a note at `tick` after `past`."""
        return step(self.weights, state, self.context.rows(tick, past))

    def pitch_logits(
        self, logits: PitchLogits, tick: Ticks, past: Past, register: Register
    ) -> Array:
        """The logit of every pitch of the register, shape (high - low + 1,).

        Pitches further from the last note than the vocabulary's widest interval, and those that
        break its promise, are minus infinity; so may all be.
        """
        low, high = register.low, register.high
        classes = _PITCHES[low : high + 1]
        total = logits.register[_REGISTER_INDEX[low : high + 1]]
        total = total + logits.degree[(classes - self.context.root_at(tick)) % 12]
        total += logits.next_degree[(classes - self.context.next_root_at(tick)) % 12]
        if not past.pitches:
            return total
        last = past.pitches[-1]
        near, far = max(low, last - MAX_INTERVAL), min(high, last + MAX_INTERVAL)
        out: Array = np.full(high - low + 1, -np.inf, np.float32)
        if near > far:
            return out
        inside = slice(near - low, far - low + 1)
        out[inside] = total[inside]
        recalled = logits.recall @ recall_pitch(past.history).says
        offered = slice(near - last + MAX_INTERVAL, far - last + MAX_INTERVAL + 1)
        out[inside] += logits.interval[offered] + recalled[offered]
        if self.weights.habits:
            out[inside] += pitch_habits(self.weights.habits, self.context, tick, past)[offered]
        self._keep_promise(out, tick, past, register)
        return out

    def _keep_promise(self, out: Array, tick: Ticks, past: Past, register: Register) -> None:
        if past.kind not in (Kind.APPROACH, Kind.OTHER):
            return
        changes = self.context.changes
        chord = changes.chord_at(tick)
        before = changes.chord_at(Ticks(tick - past.gaps[-1] * GRID_TICKS))
        last = Last(past.pitches[-1], past.kind)
        allowed = {
            pitch: keeps_promise(last, before, pitch, chord)
            for pitch in (last.pitch - 1, last.pitch + 1)
            if pitch in register
        }
        if past.kind is Kind.APPROACH:
            resolutions = {p: out[p - register.low] for p, kept in allowed.items() if kept}
            out[:] = -np.inf
            for pitch, logit in resolutions.items():
                out[pitch - register.low] = logit
        else:
            for pitch, kept in allowed.items():
                if not kept:
                    out[pitch - register.low] = -np.inf

    def approach_chance(
        self, logits: PitchLogits, tick: Ticks, pitch: int, register: Register
    ) -> float | None:
        """How likely a tone at `tick` resolves; None if its kind does not depend on that."""
        if settled_kind(pitch, self.context.changes.chord_at(tick)) is not None:
            return None
        if not self.resolving_gaps(tick, pitch, register).any():
            return 0.0
        odds = float(logits.approach[(pitch - self.context.root_at(tick)) % 12])
        return 0.5 * (1.0 + math.tanh(0.5 * odds))

    def resolving_gaps(self, tick: Ticks, pitch: int, register: Register) -> NDArray[np.bool_]:
        """For each gap from 1, whether `pitch` can resolve after it, shape (`LONGEST_GAP`,)."""
        into = sum(1 << near % 12 for near in (pitch - 1, pitch + 1) if near in register)
        at = tick // GRID_TICKS % self.context.steps + 1
        found: NDArray[np.bool_] = (self._tones[at : at + ctx.LONGEST_GAP] & into) != 0
        return found

    def time_logits(
        self, logits: PitchLogits, tick: Ticks, past: Past, pitch: int, kind: Kind
    ) -> TimeLogits:
        """What the net thinks of time once `pitch` of that kind is chosen at `tick`."""
        interval = pitch - past.pitches[-1] if past.pitches else None
        degree = (pitch - self.context.root_at(tick)) % 12
        recalled = recall_gap(past.history, tick // GRID_TICKS).orders[0]
        return time_logits(self.weights, logits, choice_rows(interval, degree, kind, recalled))

    def entry_logits(
        self, time: TimeLogits, tick: Ticks, past: Past, first: int, last: int
    ) -> Array:
        """The logit of each gap after a note at `tick` from `first` to `last`, both included.

        For a line that is taken up again after a while: gaps beyond the longest, which the net
        does not tell apart by length, are told apart by the place they lead to.
        """
        gaps = np.arange(first, last + 1)
        steps = self.context.steps
        bins = np.where(
            gaps <= ctx.LONGEST_GAP,
            _BIN_OF_GAP[np.minimum(gaps, ctx.LONGEST_GAP) - 1],
            ctx.GAP_BINS - 1,
        )
        places = self._places[(tick // GRID_TICKS + gaps) % steps]
        found: Array = time.gap[bins] + time.place[places]
        recalled = self._recalled(time, tick, past)
        found += recalled[np.minimum(gaps, ctx.LONGEST_GAP + 1) - 1]
        return found

    def _recalled(self, time: TimeLogits, tick: Ticks, past: Past) -> Array:
        """What the line itself, and habits, add to each gap, shape (`LONGEST_GAP` + 1,)."""
        said: Array = time.recall @ recall_gap(past.history, tick // GRID_TICKS).says
        if self.weights.habits:
            at = tick // GRID_TICKS % self.context.steps + 1
            places = self._places[at : at + ctx.LONGEST_GAP]
            said = said + gap_habits(self.weights.habits, self.context, tick, past, places)
        return said

    def gap_logits(
        self,
        time: TimeLogits,
        tick: Ticks,
        past: Past,
        pitch: int,
        kind: Kind,
        register: Register,
    ) -> Array:
        """The logit of every gap after a note, shape (`LONGEST_GAP` + 1,)."""
        at = tick // GRID_TICKS % self.context.steps + 1
        out = np.empty(ctx.LONGEST_GAP + 1, np.float32)
        out[:-1] = time.gap[_BIN_OF_GAP]
        out[:-1] += time.place[self._places[at : at + ctx.LONGEST_GAP]]
        out[-1] = time.gap[-1]
        out += self._recalled(time, tick, past)
        if kind is Kind.APPROACH:
            out[:-1][~self.resolving_gaps(tick, pitch, register)] = -np.inf
        return out

    def sounding_logits(self, time: TimeLogits, gap: int) -> Array:
        """How much of a gap of at most `LONGEST_GAP` sounds, shape (`SOUNDING`,).

        Entry 0 is all of it, entry n is n grid steps and then a rest of at least half a beat.
        """
        out = sounding_logits(self.weights, time, ctx.gap_bin(gap))
        out[max(gap - MIN_REST, 0) + 1 :] = -np.inf
        return out


def log_probability(logits: Array, index: int) -> float:
    """The natural logarithm of the probability of one entry; minus infinity if impossible."""
    wide = logits.astype(np.float64)
    peak = wide.max()
    if not np.isfinite(peak) or not np.isfinite(wide[index]):
        return -math.inf
    return float(wide[index] - peak - np.log(np.exp(wide - peak).sum()))


def gap_log_probability(logits: Array, gap: int) -> float:
    """The natural logarithm of the probability of a gap of 1 or more grid steps."""
    if gap <= ctx.LONGEST_GAP:
        return log_probability(logits, gap - 1)
    beyond = gap - ctx.LONGEST_GAP - 1
    tail = math.log(1 - _FALL_OFF) + beyond * math.log(_FALL_OFF)
    return log_probability(logits, ctx.LONGEST_GAP) + tail
