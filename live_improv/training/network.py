"""The network in Keras: the same arithmetic as `model.py`, over batches and whole chunks.

Conventions
    Shapes are (lanes, time, ...). The LSTM keeps its state from batch to batch; `reset` clears
    the lanes that begin a solo. Heads give logits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import layers, ops
from numpy.typing import NDArray

from live_improv.grammar import context
from live_improv.model import Array, Sizes, Weights
from live_improv.training.dataset import NO_ROW, Steps
from live_improv.training.layers import (
    Cell,
    GapProduct,
    Pick,
    PitchProduct,
    Recalled,
    open_forget_gates,
)

OUTPUTS = ("interval", "gap", "resolved", "sounding")
"""The heads: the interval from the last note, in 0..72; the gap in grid steps less one (the last
is anything longer); whether a tone outside the scale resolves; how much of the gap sounds."""

MANNER = "manner"
"""How the names of the layers begin that only manners have, see `build`."""


def build(
    shape: Sizes,
    lanes: int,
    length: int,
    dropout: float = 0.0,
    input_dropout: float = 0.0,
) -> keras.Model:
    """The trainable network for batches of (lanes, length) steps.

    Groups do not see each other; what they say is added up. Each has a layer `manner_<group>` for
    its manners, if there are any, which at first says nothing. It speaks to the hidden layers in
    front of the heads and not to the state: what has been heard is the same in every manner.
    """

    def given(name: str, *width: int, dtype: str = "int32") -> Any:
        return keras.Input(batch_shape=(lanes, length, *width), name=name, dtype=dtype)

    moment = given("moment", shape.rows, dtype="float32")
    manner = given("manner", shape.manners, dtype="float32") if shape.manners else None
    choice = given("choice", shape.choice_rows, dtype="float32")
    gap_bin = given("gap_bin", dtype="int32")
    last_pitch, last_degree, next_degree, degree = (
        given(name) for name in ("last_pitch", "last_degree", "next_degree", "degree")
    )
    places = given("places", context.LONGEST_GAP)
    pitch_recall = given("pitch_recall", shape.pitch_recalls, shape.intervals, dtype="float32")
    gap_recall = given("gap_recall", shape.gap_recalls, context.LONGEST_GAP + 1, dtype="float32")

    seen = layers.Dropout(input_dropout)(moment)
    groups = range(shape.groups)
    told = [_told(shape, manner, group) for group in groups]
    both = []
    for group in groups:
        # All moments are projected at once: a step of the recurrence has only the state to
        # multiply.
        projected = layers.Dense(
            4 * shape.units, bias_initializer=open_forget_gates, name=f"lstm_input_{group}"
        )(seen)
        hidden = layers.RNN(
            Cell(shape.units),
            return_sequences=True,
            stateful=True,
            unroll=True,
            name=f"lstm_{group}",
        )(projected)
        hidden = layers.Dropout(dropout)(hidden)
        both.append(layers.Concatenate()([hidden, seen]))

    def layer(name: str, units: int, inputs: list[Any], more: list[Any]) -> Any:
        """A hidden layer of all groups, side by side."""
        found = []
        for group in groups:
            linear = layers.Dense(units, name=f"{name}_{group}")(inputs[group])
            hidden = ops.relu(_sum(linear, more[group]))
            found.append(layers.Dropout(dropout)(hidden))
        return _beside(found)

    pitch_hidden = layer("pitch_hidden", shape.pitch_units, both, [each.pitch for each in told])
    known = shape.intervals + 36 + shape.registers
    experts = layers.Dense(known + shape.pitch_recalls, name="experts")(pitch_hidden)
    interval = PitchProduct()([experts, last_pitch, last_degree, next_degree])
    interval = Recalled(name="interval")([interval, experts[..., known:], pitch_recall])
    resolved = Pick(name="resolved")([experts[..., known - 12 : known], degree[..., None]])

    chosen = [layers.Concatenate()([each, choice]) for each in both]
    time_hidden = layer("time_hidden", shape.time_units, chosen, [each.time for each in told])
    known = shape.gap_bins + shape.places
    time = layers.Dense(known + shape.gap_recalls, name="time")(time_hidden)
    gap = GapProduct(shape.gap_bins)([time[..., :known], places])
    gap = Recalled(name="gap")([gap, time[..., known:], gap_recall])
    bins = ops.one_hot(gap_bin, shape.gap_bins)
    sounding = layers.Dense(shape.sounding, name="sounding")(
        layers.Concatenate()([time_hidden, bins])
    )
    inputs = [moment, choice, gap_bin, last_pitch, last_degree, next_degree, degree, places]
    inputs += [pitch_recall, gap_recall, *([] if manner is None else [manner])]
    outputs = dict(zip(OUTPUTS, (interval, gap, resolved, sounding), strict=True))
    return keras.Model({tensor.name: tensor for tensor in inputs}, outputs)


class _Told(NamedTuple):
    """What the manner adds to the two hidden layers of a group, if anything."""

    pitch: Any = None
    time: Any = None


def _told(shape: Sizes, manner: Any, group: int) -> _Told:
    if manner is None:
        return _Told()
    rows = layers.Dense(
        shape.pitch_units + shape.time_units,
        use_bias=False,
        kernel_initializer="zeros",
        name=f"{MANNER}_{group}",
    )(manner)
    return _Told(rows[..., : shape.pitch_units], rows[..., shape.pitch_units :])


def _sum(one: Any, other: Any) -> Any:
    return one if other is None else one + other


def _beside(parts: list[Any]) -> Any:
    return parts[0] if len(parts) == 1 else layers.Concatenate()(parts)


def thin_out(network: keras.Model, share: float, rng: np.random.Generator) -> None:
    """Draw anew which units of the state are left out of the recurrence, a `share` of them."""
    if share > 0.0:
        for lstm in _recurrent(network):
            kept = lstm.cell.kept
            kept.assign((rng.random(kept.shape) >= share).astype(np.float32) / (1 - share))


def _recurrent(network: keras.Model) -> list[Any]:
    """The recurrent layers, one of each group."""
    return [layer for layer in network.layers if isinstance(layer, layers.RNN)]


Batch = tuple[dict[str, NDArray[Any]], dict[str, NDArray[Any]], dict[str, NDArray[Any]]]


def batch(steps: Steps, manners: int = 0) -> Batch:
    """Inputs, targets and weights of a chunk, by the names of `build`'s inputs and outputs.

    Args:
        manners: of the network; without any the steps' own are not looked at.
    """
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
    if manners:
        inputs["manner"] = _multi_hot(steps.manner[..., None], manners)
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
    for lstm in _recurrent(network):
        for state in lstm.states:
            state.assign(state * keep)


def export(network: keras.Model, shape: Sizes) -> Weights:
    """The trained network as the weights `model.step` plays with."""

    def of(layer: str) -> list[Array]:
        return [np.asarray(array) for array in network.get_layer(layer).get_weights()]

    units, heads = shape.units, shape.units + shape.rows
    parts: dict[str, list[Array]] = {name: [] for name in _OF_GROUPS}
    for group in range(shape.groups):
        lstm_in, lstm_bias = of(f"lstm_input_{group}")
        pitch_in, pitch_bias = of(f"pitch_hidden_{group}")
        time_in, time_bias = of(f"time_hidden_{group}")
        rows = np.concatenate([lstm_in, pitch_in[units:], time_in[units:heads]], axis=1)
        if shape.manners:
            (told,) = of(f"{MANNER}_{group}")
            rows = np.concatenate([rows, np.pad(told, ((0, 0), (4 * units, 0)))])
        parts["input"].append(rows)
        parts["bias"].append(np.concatenate([lstm_bias, pitch_bias, time_bias]))
        parts["recurrent"].append(_cell(network, group).recurrent)
        parts["heads"].append(np.concatenate([pitch_in[:units], time_in[:units]], axis=1))
        parts["choice"].append(time_in[heads:])
    experts, experts_bias = of("experts")
    time, time_out_bias = of("time")
    sounding, sounding_bias = of("sounding")
    time_units = shape.groups * shape.time_units
    arrays = {
        **{name: joining(parts[name]) for name, joining in _OF_GROUPS.items()},
        "experts": experts,
        "experts_bias": experts_bias,
        "time": time,
        "time_bias": time_out_bias,
        "sounding": sounding[:time_units],
        "sounding_gap": sounding[time_units:],
        "sounding_bias": sounding_bias,
    }
    found = {name: np.ascontiguousarray(array, np.float32) for name, array in arrays.items()}
    assert {name: array.shape for name, array in found.items()} == shape.shapes()
    return Weights(shape, found)


def load_into(network: keras.Model, weights: Weights) -> None:
    """Put the weights of a model into a network of its sizes: `export` the other way round.

    A network that has manners where the weights have none keeps what its manners say. What a
    manner's row says to the state is not read: in what `export` makes that is nothing.
    """
    shape, arrays = weights.sizes, weights.arrays
    gates, pitch = 4 * shape.units, 4 * shape.units + shape.pitch_units
    inputs = np.split(arrays["input"], shape.groups, axis=1)
    biases = np.split(arrays["bias"], shape.groups)
    choices = np.split(arrays["choice"], shape.groups, axis=1)
    for group in range(shape.groups):
        rows, bias = inputs[group][: shape.rows], biases[group]
        heads = arrays["heads"][group]
        pitch_in = np.concatenate([heads[:, : shape.pitch_units], rows[:, gates:pitch]])
        time_in = np.concatenate(
            [heads[:, shape.pitch_units :], rows[:, pitch:], choices[group]],
        )
        for layer, values in (
            ("lstm_input", [rows[:, :gates], bias[:gates]]),
            ("pitch_hidden", [pitch_in, bias[gates:pitch]]),
            ("time_hidden", [time_in, bias[pitch:]]),
        ):
            network.get_layer(f"{layer}_{group}").set_weights(values)
        _cell(network, group).recurrent.assign(arrays["recurrent"][group])
        if shape.manners:
            network.get_layer(f"{MANNER}_{group}").set_weights(
                [inputs[group][shape.rows :, gates:]]
            )
    sounding = np.concatenate([arrays["sounding"], arrays["sounding_gap"]])
    for layer, values in (
        ("experts", [arrays["experts"], arrays["experts_bias"]]),
        ("time", [arrays["time"], arrays["time_bias"]]),
        ("sounding", [sounding, arrays["sounding_bias"]]),
    ):
        network.get_layer(layer).set_weights(values)


def _cell(network: keras.Model, group: int) -> Any:
    return network.get_layer(f"lstm_{group}").cell


def _columns(parts: list[Array]) -> Array:
    return np.concatenate(parts, axis=-1)


def _stacked(parts: list[Any]) -> Array:
    return np.stack([ops.convert_to_numpy(part) for part in parts])


_OF_GROUPS: dict[str, Callable[[list[Array]], Array]] = {
    "input": _columns,
    "bias": _columns,
    "choice": _columns,
    "recurrent": _stacked,
    "heads": _stacked,
}
"""How the parts of the groups are put together, by array; the other arrays are common."""
