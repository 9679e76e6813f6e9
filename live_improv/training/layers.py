"""The layers of the network that Keras does not have.

Conventions
    Shapes are (lanes, time, ...). Whatever gives logits takes logits.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import layers, ops

from live_improv.grammar import context
from live_improv.grammar.vocabulary import MAX_INTERVAL


class Cell(layers.Layer):  # type: ignore[misc]
    """An LSTM's cell for inputs that are projected already; gates in Keras' order.

    In training units of the hidden state are left out, the same ones over a whole chunk (Gal and
    Ghahramani, "A theoretically grounded application of dropout in recurrent neural networks",
    2016).
    """

    def __init__(self, units: int, **options: Any) -> None:
        super().__init__(**options)
        self.units = self.output_size = units
        self.state_size = [units, units]

    def build(self, shape: Any) -> None:
        """Make the recurrent weights."""
        self.recurrent = self.add_weight(
            shape=(self.units, 4 * self.units), initializer="orthogonal", name="recurrent"
        )
        self.kept = self.add_weight(
            shape=(shape[0], self.units), initializer="ones", trainable=False, name="kept"
        )

    def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
        """One step: the output, and the next hidden and cell state."""
        hidden, cell = states
        gates = inputs + ops.matmul(hidden * self.kept if training else hidden, self.recurrent)
        i, f, g, o = ops.split(gates, 4, axis=-1)
        cell = ops.sigmoid(f) * cell + ops.sigmoid(i) * ops.tanh(g)
        hidden = ops.sigmoid(o) * ops.tanh(cell)
        return hidden, [hidden, cell]


def open_forget_gates(shape: tuple[int, ...], dtype: Any = None) -> Any:
    """Biases of 1 for the forget gates, so that at first nothing is forgotten; 0 for the others."""
    units = shape[0] // 4
    return ops.concatenate([ops.zeros(units), ops.ones(units), ops.zeros(2 * units)])


class Recalled(layers.Layer):  # type: ignore[misc]
    """Logits, with what the line's own past says added, as much as it is listened to."""

    def call(self, inputs: list[Any]) -> Any:
        """From (logits, (..., ways), (..., ways, outcomes)) to (..., outcomes)."""
        logits, heed, says = inputs
        return logits + ops.sum(heed[..., None] * says, axis=-2)


class Pick(layers.Layer):  # type: ignore[misc]
    """Of logits (..., n) those whose numbers, (..., k), are given."""

    def call(self, inputs: list[Any]) -> Any:
        """Logits of shape (..., k)."""
        logits, numbers = inputs
        return ops.take_along_axis(logits, numbers, axis=-1)


class PitchProduct(layers.Layer):  # type: ignore[misc]
    """The logit of each interval: what the interval, degree and register experts say, added."""

    def call(self, inputs: list[Any]) -> Any:
        """From (experts, last pitch, last degree, next degree) to (..., intervals)."""
        experts, last_pitch, last_degree, next_degree = inputs
        away = ops.arange(-MAX_INTERVAL, MAX_INTERVAL + 1)
        a, b = context.INTERVALS, context.INTERVALS + 24
        register = ops.clip(last_pitch[..., None] + away, context.LOWEST, context.HIGHEST)
        return (
            experts[..., :a]
            + _take(experts[..., a : a + 12], (last_degree[..., None] + away) % 12)
            + _take(experts[..., a + 12 : b], (next_degree[..., None] + away) % 12)
            + _take(experts[..., b : b + context.REGISTERS], register - context.LOWEST)
        )


class GapProduct(layers.Layer):  # type: ignore[misc]
    """The logit of each gap: what the bin of its length and the place it leads to say, added."""

    def __init__(self, gap_bins: int, **options: Any) -> None:
        super().__init__(**options)
        self.gap_bins = gap_bins

    def call(self, inputs: list[Any]) -> Any:
        """From (bins and places, places led to) to (..., `LONGEST_GAP` + 1)."""
        time, places = inputs
        bin_of = [context.gap_bin(gap + 1) for gap in range(context.LONGEST_GAP)]
        bounded = ops.take(time[..., : self.gap_bins], np.array(bin_of), axis=-1)
        bounded = bounded + _take(time[..., self.gap_bins :], places)
        return ops.concatenate([bounded, time[..., self.gap_bins - 1 : self.gap_bins]], axis=-1)


def _take(logits: Any, numbers: Any) -> Any:
    return ops.take_along_axis(logits, ops.cast(numbers, "int32"), axis=-1)
