"""The recurrent net that plays: one LSTM layer and its heads, in NumPy.

It knows only numbers. One step takes the rows that describe a moment and the state, and returns
what the net thinks of every pitch, and the next state; given the pitch that was chosen,
`time_logits` says when the next note comes. Nothing is changed in place, so the state is a value
that can be kept, branched and replayed.

Conventions
    Arrays are float32. Gates are in Keras' order: input, forget, cell, output. The pitch is a
    product of experts: the logit of an interval is the sum of what the net thinks of the
    interval itself, of the degree it lands on over this chord and over the next, and of the
    register (Johnson, Keller and Weintraut, "Learning to create jazz melodies using a product
    of experts", 2017). The gap is one too: of the length of time and of the place it leads to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sizes:
    """The shape of a net.

    Attributes:
        rows, choice_rows: rows of the context and of a chosen pitch.
        groups: of units that do not see each other: nets that were taught apart and whose logits
            are averaged, which is a product of experts again.
        units: of the LSTM, in a group.
        pitch_units, time_units: of the hidden layers in front of the two kinds of heads, in a
            group.
        intervals, registers, gap_bins, places, sounding: outputs of the heads. There are always
            12 degrees.
        pitch_recalls, gap_recalls: ways of recalling what the line did before.
        manners: rows after those of the context, one for each manner it can play in.
    """

    rows: int
    choice_rows: int
    groups: int
    units: int
    pitch_units: int
    time_units: int
    intervals: int
    registers: int
    gap_bins: int
    places: int
    sounding: int
    pitch_recalls: int
    gap_recalls: int
    manners: int = 0

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every array of the weights, by name."""
        groups, heads = self.groups, self.pitch_units + self.time_units
        pitch_hidden, time_hidden = groups * self.pitch_units, groups * self.time_units
        experts = self.intervals + 36 + self.registers + self.pitch_recalls
        time = self.gap_bins + self.places + self.gap_recalls
        return {
            "input": (self.rows + self.manners, groups * (4 * self.units + heads)),
            "bias": (groups * (4 * self.units + heads),),
            "recurrent": (groups, self.units, 4 * self.units),
            "heads": (groups, self.units, heads),
            "experts": (pitch_hidden, experts),
            "experts_bias": (experts,),
            "choice": (self.choice_rows, time_hidden),
            "time": (time_hidden, time),
            "time_bias": (time,),
            "sounding": (time_hidden, self.sounding),
            "sounding_gap": (self.gap_bins, self.sounding),
            "sounding_bias": (self.sounding,),
        }


class Habit(NamedTuple):
    """What is added to logits in situations of one kind; what they are is not known here.

    Attributes:
        where: the entries of each situation, by its number.
        outcomes: whose logits, no outcome twice in a situation.
        amounts: what is added to each.
    """

    where: Mapping[int, slice]
    outcomes: NDArray[np.intp]
    amounts: Array


@dataclass(frozen=True, slots=True)
class Weights:
    """A net: its sizes and its arrays, named and shaped as `Sizes.shapes` says.

    Attributes:
        habits: of whom it was adapted to, table by table (`grammar/habits.py`), or none at all.
    """

    sizes: Sizes
    arrays: dict[str, Array]
    habits: tuple[Habit, ...] = ()


class State(NamedTuple):
    """The recurrent state: hidden and cell, each of shape (groups, units)."""

    hidden: Array
    cell: Array


class PitchLogits(NamedTuple):
    """What the net thinks of the next pitch, and what it keeps for the choice of time.

    Attributes:
        interval: (intervals,) for each interval from the last note, the widest fall first.
        degree: (12,) for each degree over the sounding chord.
        next_degree: (12,) for each degree over the next chord.
        register: (registers,) for each pitch, the lowest first.
        approach: (12,) log-odds that a tone of that degree outside the scale will resolve.
        recall: (pitch_recalls,) how much the line's own past is listened to.
        time_context: (groups * time_units,) the input of the time heads but for the chosen pitch.
    """

    interval: Array
    degree: Array
    next_degree: Array
    register: Array
    approach: Array
    recall: Array
    time_context: Array


class TimeLogits(NamedTuple):
    """What the net thinks of the time to the next note.

    Attributes:
        gap: (gap_bins,) for each bin of gaps.
        place: (places,) for each place in the bar where the next note may fall.
        recall: (gap_recalls,) how much the line's own past is listened to.
        hidden: (groups * time_units,) kept for `sounding_logits`.
    """

    gap: Array
    place: Array
    recall: Array
    hidden: Array


def initial_state(weights: Weights) -> State:
    """The state before anything was heard."""
    zero = np.zeros((weights.sizes.groups, weights.sizes.units), np.float32)
    return State(zero, zero)


def step(weights: Weights, state: State, rows: list[int]) -> tuple[PitchLogits, State]:
    """One step: the moment described by `rows`, after `state`.

    Returns:
        The logits of the pitch at this moment, and the state after it.
    """
    sizes, arrays = weights.sizes, weights.arrays
    groups, units, pitch_units = sizes.groups, sizes.units, sizes.pitch_units
    seen = arrays["input"][rows].sum(axis=0)
    seen += arrays["bias"]
    seen = seen.reshape(groups, -1)
    gates = np.matmul(state.hidden[:, None], arrays["recurrent"])[:, 0]
    gates += seen[:, : 4 * units]
    # The logistic function by way of tanh, which cannot overflow.
    i, f, o = (
        _logistic(gates[:, :units]),
        _logistic(gates[:, units : 2 * units]),
        _logistic(gates[:, 3 * units :]),
    )
    cell = f * state.cell + i * np.tanh(gates[:, 2 * units : 3 * units])
    hidden = o * np.tanh(cell)
    heads = np.matmul(hidden[:, None], arrays["heads"])[:, 0]
    heads += seen[:, 4 * units :]
    experts = np.maximum(heads[:, :pitch_units], 0.0).reshape(-1) @ arrays["experts"]
    experts += arrays["experts_bias"]
    a = sizes.intervals
    b = a + 24 + sizes.registers
    logits = PitchLogits(
        interval=experts[:a],
        degree=experts[a : a + 12],
        next_degree=experts[a + 12 : a + 24],
        register=experts[a + 24 : b],
        approach=experts[b : b + 12],
        recall=experts[b + 12 :],
        time_context=heads[:, pitch_units:].reshape(-1),
    )
    return logits, State(hidden, cell)


def time_logits(weights: Weights, logits: PitchLogits, choice_rows: list[int]) -> TimeLogits:
    """When the next note comes, given the pitch that was chosen, described by `choice_rows`."""
    arrays, bins = weights.arrays, weights.sizes.gap_bins
    places = bins + weights.sizes.places
    hidden = arrays["choice"][choice_rows].sum(axis=0)
    hidden += logits.time_context
    hidden = np.maximum(hidden, 0.0)
    out = hidden @ arrays["time"]
    out += arrays["time_bias"]
    return TimeLogits(out[:bins], out[bins:places], out[places:], hidden)


def sounding_logits(weights: Weights, logits: TimeLogits, gap_bin: int) -> Array:
    """How much of the chosen gap sounds, of shape (sounding,).

    Entry 0 is all of it; entry n is n grid steps, the rest being silent.
    """
    arrays = weights.arrays
    out: Array = logits.hidden @ arrays["sounding"]
    out += arrays["sounding_gap"][gap_bin]
    out += arrays["sounding_bias"]
    return out


def _logistic(x: Array) -> Array:
    out: Array = np.tanh(0.5 * x)
    out *= 0.5
    out += 0.5
    return out


def joined(nets: Sequence[Weights]) -> Weights:
    """One net of groups whose logits are the means of those of `nets`, which are of equal sizes."""
    first, count = nets[0].sizes, len(nets)
    arrays: dict[str, Array] = {}
    for name in first.shapes():
        parts = [net.arrays[name] for net in nets]
        if name in ("input", "bias", "choice"):
            arrays[name] = np.concatenate(parts, axis=-1)
        elif name in ("recurrent", "heads"):
            arrays[name] = np.concatenate(parts)
        elif name in ("experts", "time", "sounding"):
            arrays[name] = np.concatenate(parts) / np.float32(count)
        else:
            arrays[name] = np.mean(parts, axis=0, dtype=np.float32)
    return Weights(replace(first, groups=count * first.groups), arrays)
