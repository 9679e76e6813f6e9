"""The network in Keras: the same arithmetic as `model.py`, over batches and whole chunks.

Conventions
    Shapes are (lanes, time, ...). The LSTM keeps its state from batch to batch; `reset` clears
    the lanes that begin a solo. Heads give logits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import layers, ops
from numpy.typing import NDArray

from live_improv.grammar import context
from live_improv.grammar.vocabulary import MAX_INTERVAL
from live_improv.model import Array, Sizes, Weights
from live_improv.training.dataset import NO_ROW, Steps

OUTPUTS = ("interval", "gap", "resolved", "sounding")
"""The heads: the interval from the last note, in 0..72; the gap in grid steps less one (the last
is anything longer); whether a tone outside the scale resolves; how much of the gap sounds."""


def build(
    shape: Sizes,
    lanes: int,
    length: int,
    dropout: float = 0.0,
    input_dropout: float = 0.0,
) -> keras.Model:
    """The trainable network for batches of (lanes, length) steps."""

    def given(name: str, *width: int, dtype: str = "int32") -> Any:
        return keras.Input(batch_shape=(lanes, length, *width), name=name, dtype=dtype)

    moment = given("moment", shape.rows, dtype="float32")
    choice = given("choice", shape.choice_rows, dtype="float32")
    gap_bin = given("gap_bin", dtype="int32")
    last_pitch, last_degree, next_degree, degree = (
        given(name) for name in ("last_pitch", "last_degree", "next_degree", "degree")
    )
    places = given("places", context.LONGEST_GAP)
    pitch_recall = given("pitch_recall", shape.pitch_recalls, shape.intervals, dtype="float32")
    gap_recall = given("gap_recall", shape.gap_recalls, context.LONGEST_GAP + 1, dtype="float32")

    seen = layers.Dropout(input_dropout)(moment)
    # All moments are projected at once: a step of the recurrence has only the state to multiply.
    projected = layers.Dense(
        4 * shape.units, bias_initializer=_open_forget_gates, name="lstm_input"
    )(seen)
    hidden = layers.RNN(
        Cell(shape.units),
        return_sequences=True,
        stateful=True,
        unroll=True,
        name="lstm",
    )(projected)
    hidden = layers.Dropout(dropout)(hidden)
    both = layers.Concatenate()([hidden, seen])

    pitch_hidden = layers.Dense(shape.pitch_units, "relu", name="pitch_hidden")(both)
    pitch_hidden = layers.Dropout(dropout)(pitch_hidden)
    known = shape.intervals + 36 + shape.registers
    experts = layers.Dense(known + shape.pitch_recalls, name="experts")(pitch_hidden)
    interval = PitchProduct()([experts, last_pitch, last_degree, next_degree])
    interval = Recalled(name="interval")([interval, experts[..., known:], pitch_recall])
    resolved = Pick(name="resolved")([experts[..., known - 12 : known], degree[..., None]])

    time_hidden = layers.Dense(shape.time_units, "relu", name="time_hidden")(
        layers.Concatenate()([both, choice])
    )
    time_hidden = layers.Dropout(dropout)(time_hidden)
    known = shape.gap_bins + shape.places
    time = layers.Dense(known + shape.gap_recalls, name="time")(time_hidden)
    gap = GapProduct(shape.gap_bins)([time[..., :known], places])
    gap = Recalled(name="gap")([gap, time[..., known:], gap_recall])
    bins = ops.one_hot(gap_bin, shape.gap_bins)
    sounding = layers.Dense(shape.sounding, name="sounding")(
        layers.Concatenate()([time_hidden, bins])
    )
    inputs = [moment, choice, gap_bin, last_pitch, last_degree, next_degree, degree, places]
    inputs += [pitch_recall, gap_recall]
    outputs = dict(zip(OUTPUTS, (interval, gap, resolved, sounding), strict=True))
    return keras.Model({tensor.name: tensor for tensor in inputs}, outputs)


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


def _open_forget_gates(shape: tuple[int, ...], dtype: Any = None) -> Any:
    """Biases of 1 for the forget gates, so that at first nothing is forgotten; 0 for the others."""
    units = shape[0] // 4
    return ops.concatenate([ops.zeros(units), ops.ones(units), ops.zeros(2 * units)])


def thin_out(network: keras.Model, share: float, rng: np.random.Generator) -> None:
    """Draw anew which units of the state are left out of the recurrence, a `share` of them."""
    if share > 0.0:
        kept = network.get_layer("lstm").cell.kept
        kept.assign((rng.random(kept.shape) >= share).astype(np.float32) / (1 - share))


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


Batch = tuple[dict[str, NDArray[Any]], dict[str, NDArray[Any]], dict[str, NDArray[Any]]]


def batch(steps: Steps) -> Batch:
    """Inputs, targets and weights of a chunk, by the names of `build`'s inputs and outputs."""
    gap = np.where(steps.gap_weight, steps.gap, 0).astype(np.int32)
    bin_of = np.array([context.gap_bin(i + 1) for i in range(context.LONGEST_GAP + 1)], np.int32)
    inputs = {
        "moment": _multi_hot(steps.rows, context.ROWS),
        "choice": _multi_hot(steps.choice, context.CHOICE_ROWS),
        "gap_bin": bin_of[gap],
        **{
            name: getattr(steps, name).astype(np.int32)
            for name in ("last_pitch", "last_degree", "next_degree", "degree", "places")
        },
        "pitch_recall": steps.pitch_recall.astype(np.float32),
        "gap_recall": steps.gap_recall.astype(np.float32),
    }
    targets = {name: getattr(steps, name).astype(np.int32)[..., None] for name in OUTPUTS}
    weights = {name: getattr(steps, f"{name}_weight").astype(np.float32) for name in OUTPUTS}
    return inputs, targets, weights


def _multi_hot(rows: NDArray[np.int16], count: int) -> Array:
    hot = np.zeros((*rows.shape[:-1], count + 1), np.float32)
    np.put_along_axis(hot, np.where(rows == NO_ROW, count, rows).astype(np.int64), 1.0, axis=-1)
    return hot[..., :count]


def losses() -> dict[str, Callable[..., Any]]:
    """The loss of each head: nats, so that their sum is the code length of a note."""
    pick = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="sum")
    toss = keras.losses.BinaryCrossentropy(from_logits=True, reduction="sum")
    return {"interval": pick, "gap": pick, "resolved": toss, "sounding": pick}


def reset(network: keras.Model, begins: NDArray[np.bool_]) -> None:
    """Clear the recurrent state of the lanes that begin a solo."""
    keep = (~begins).astype(np.float32)[:, None]
    for state in network.get_layer("lstm").states:
        state.assign(state * keep)


def export(network: keras.Model, shape: Sizes) -> Weights:
    """The trained network as the weights `model.step` plays with."""
    lstm_in, lstm_bias = network.get_layer("lstm_input").get_weights()
    lstm_rec = network.get_layer("lstm").cell.recurrent.numpy()
    pitch_in, pitch_bias = network.get_layer("pitch_hidden").get_weights()
    time_in, time_bias = network.get_layer("time_hidden").get_weights()
    experts, experts_bias = network.get_layer("experts").get_weights()
    time, time_out_bias = network.get_layer("time").get_weights()
    sounding, sounding_bias = network.get_layer("sounding").get_weights()
    units, rows = shape.units, shape.rows
    arrays = {
        "input": np.concatenate([lstm_in, pitch_in[units:], time_in[units : units + rows]], axis=1),
        "bias": np.concatenate([lstm_bias, pitch_bias, time_bias]),
        "recurrent": lstm_rec[None],
        "heads": np.concatenate([pitch_in[:units], time_in[:units]], axis=1)[None],
        "experts": experts,
        "experts_bias": experts_bias,
        "choice": time_in[units + rows :],
        "time": time,
        "time_bias": time_out_bias,
        "sounding": sounding[: shape.time_units],
        "sounding_gap": sounding[shape.time_units :],
        "sounding_bias": sounding_bias,
    }
    found = {name: np.ascontiguousarray(array, np.float32) for name, array in arrays.items()}
    assert {name: array.shape for name, array in found.items()} == shape.shapes()
    return Weights(shape, found)
