"""The programs this one grew from, working: an LSTM shared over time steps that learns one solo.

Source: deepjazz, and the exercise "Improvise a Jazz Solo with an LSTM Network" made from it.
Names and call signatures are those of the exercise, so what is written for it runs here; the
network is a plain Keras 3 functional model.

Conventions
    m windows of Tx (training) or Ty (playing) values; n_values distinct values; n_a units in the
    LSTM. A value is a text of the grammar, here only a token. `X` is `(m, Tx, n_values)` and `Y`
    is `(Ty, m, n_values)`, both one-hot float32; state is `(m, n_a)`. Losses are in nats.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

TX = 30
N_A = 64
WINDOWS = 60
TY = 50

LSTM_NAME = "LSTM_cell"
DENSE_NAME = "densor"


class SeedsError(ValueError):
    """Values or layers that do not fit together."""


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Windows of a line of values, as the network learns them.

    Attributes:
        X: `(m, Tx, n_values)`; `X[i, 0]` is zero (nothing was heard yet) and `X[i, t]` is the
            value before the one to predict.
        Y: `(Tx, m, n_values)`; `Y[t, i]` is the value to predict, so `Y[t, i] == X[i, t + 1]`.
        indices_values: the value of each index, in sorted order of the values.
        values_indices: the index of each value.
    """

    X: Array
    Y: Array
    indices_values: dict[int, str]
    values_indices: dict[str, int]

    @property
    def n_values(self) -> int:
        """How many distinct values there are."""
        return len(self.indices_values)


def windows_of(values: Sequence[str], m: int = WINDOWS, Tx: int = TX, seed: int = 0) -> Windows:
    """Draw `m` windows of `Tx` values, their first values placed at random, and encode them.

    The exercise leaves out the first value of each window and has an empty last row in `Y`, so
    its loss is over Tx - 1 values. Here every row is a value: one step more to predict, at the
    same number of inputs. The order of the vocabulary is sorted, so it never changes.

    Raises:
        SeedsError: there are fewer than `Tx` values.
    """
    if len(values) < Tx:
        raise SeedsError(f"{len(values)} values: expected at least {Tx}")
    vocabulary = sorted(set(values))
    values_indices = {value: index for index, value in enumerate(vocabulary)}
    line = np.array([values_indices[value] for value in values])
    starts = np.random.default_rng(seed).integers(0, len(values) - Tx + 1, m)
    targets = line[starts[:, None] + np.arange(Tx)]
    encoded = np.eye(len(vocabulary), dtype=np.float32)[targets]
    X = np.zeros_like(encoded)
    X[:, 1:] = encoded[:, :-1]
    Y = np.ascontiguousarray(encoded.swapaxes(0, 1))
    return Windows(X, Y, dict(enumerate(vocabulary)), values_indices)


def djmodel(Tx: int, n_a: int, n_values: int) -> keras.Model:
    """The network for training: one LSTM and one softmax, shared by all `Tx` steps.

    Inputs are `[X, a0, c0]` of `(m, Tx, n_values)`, `(m, n_a)` and `(m, n_a)`; outputs are a list
    of `Tx` softmaxes of `(m, n_values)`. The shared layers are `get_layer(LSTM_NAME)` and
    `get_layer(DENSE_NAME)`; `music_inference_model` takes them.
    """
    reshapor = keras.layers.Reshape((1, n_values), name="reshapor")
    # Each call is a single step, so the loop that `unroll` avoids would turn once.
    LSTM_cell = keras.layers.LSTM(n_a, return_state=True, unroll=True, name=LSTM_NAME)
    densor = keras.layers.Dense(n_values, activation="softmax", name=DENSE_NAME)
    X = keras.Input((Tx, n_values), name="X")
    a = a0 = keras.Input((n_a,), name="a0")
    c = c0 = keras.Input((n_a,), name="c0")
    outputs = []
    for t in range(Tx):
        a, _, c = LSTM_cell(reshapor(X[:, t, :]), initial_state=[a, c])
        outputs.append(densor(a))
    return keras.Model([X, a0, c0], outputs)


def one_hot(x: keras.KerasTensor) -> keras.KerasTensor:
    """The likeliest value of each row of `x` `(m, n_values)`, as an input `(m, 1, n_values)`."""
    return keras.ops.expand_dims(
        keras.ops.one_hot(keras.ops.argmax(x, axis=-1), x.shape[-1], dtype="float32"), axis=1
    )


def music_inference_model(
    LSTM_cell: keras.layers.LSTM,
    densor: keras.layers.Dense,
    n_values: int = 78,
    n_a: int = N_A,
    Ty: int = TY,
    temperature: float = 0.0,
) -> keras.Model:
    """The network for playing: each value that it chooses is its next input.

    Inputs are `[x0, a0, c0]` of `(m, 1, n_values)`, `(m, n_a)` and `(m, n_a)`. At temperature 0
    the likeliest value is fed back and the outputs are `Ty` softmaxes of `(m, n_values)`. Above 0
    values are drawn by a fourth input, standard Gumbel `noise` of `(m, Ty, n_values)`, and the
    outputs are those values, one-hot. In both, the argmax of an output is the value fed back.

    Raises:
        SeedsError: the layers have other sizes than `n_a` and `n_values`, or the temperature is
            negative.
    """
    if LSTM_cell.units != n_a or densor.units != n_values:
        raise SeedsError(
            f"n_a {n_a} and n_values {n_values}: "
            f"the layers have {LSTM_cell.units} and {densor.units}"
        )
    if not temperature >= 0.0:
        raise SeedsError(f"temperature {temperature:g}: expected 0 or more")
    x = x0 = keras.Input((1, n_values), name="x0")
    a = a0 = keras.Input((n_a,), name="a0")
    c = c0 = keras.Input((n_a,), name="c0")
    noise = keras.Input((Ty, n_values), name="noise")
    outputs = []
    for t in range(Ty):
        a, _, c = LSTM_cell(x, initial_state=[a, c])
        out = densor(a)
        if temperature > 0.0:
            out = _drawn(out, noise[:, t, :], temperature)
        x = one_hot(out)
        outputs.append(out)
    inputs = [x0, a0, c0, noise] if temperature > 0.0 else [x0, a0, c0]
    return keras.Model(inputs, outputs)


def _drawn(
    chances: keras.KerasTensor, noise: keras.KerasTensor, temperature: float
) -> keras.KerasTensor:
    """One-hot draws from `chances` ** (1 / `temperature`), all of shape `(m, n_values)`.

    The Gumbel-max rule: the argmax of log p / temperature + standard Gumbel noise.
    """
    # The smallest float32 keeps the logarithm of a probability of 0 finite.
    logits = keras.ops.log(keras.ops.maximum(chances, np.finfo(np.float32).tiny))
    return one_hot(logits / temperature + noise)[:, 0, :]


def predict_and_sample(
    inference_model: keras.Model,
    x_initializer: npt.ArrayLike | None = None,
    a_initializer: npt.ArrayLike | None = None,
    c_initializer: npt.ArrayLike | None = None,
    seed: int = 0,
) -> tuple[Array, npt.NDArray[np.int64]]:
    """Play one line: the values one-hot, `(Ty, n_values)`, and their indices, `(Ty, 1)`.

    The initializers are one line's first input `(1, 1, n_values)` and state `(1, n_a)`, zero if
    left out. A model that samples draws from `seed`: the same seed, the same line. A model that
    takes the likeliest value has no use for it.

    Raises:
        SeedsError: an initializer has another shape than the model's input.
    """
    given = (x_initializer, a_initializer, c_initializer)
    inputs: list[Array] = []
    for wanted, initializer in zip(inference_model.inputs, given, strict=False):
        shape = (1, *wanted.shape[1:])
        array = np.zeros(shape) if initializer is None else np.asarray(initializer)
        if array.shape != shape:
            raise SeedsError(f"{wanted.name} of shape {array.shape}: expected {shape}")
        inputs.append(array.astype(np.float32))
    for noise in inference_model.inputs[len(given) :]:
        drawn = np.random.default_rng(seed).gumbel(size=(1, *noise.shape[1:]))
        inputs.append(drawn.astype(np.float32))
    outputs = inference_model(inputs, training=False)
    predictions = np.stack([keras.ops.convert_to_numpy(output) for output in outputs])
    indices = predictions.argmax(axis=-1)
    results = np.eye(predictions.shape[-1], dtype=np.float32)[indices[:, 0]]
    return results, indices


def compile_as_seeds(model: keras.Model) -> None:
    """Give `model` the seeds' optimizer and loss: the cross-entropy summed over its outputs.

    The seeds say Adam(0.01, 0.9, 0.999, decay=0.01). `decay` divided the rate by
    1 + decay * updates; Keras 3 writes that as a schedule.
    """
    rate = keras.optimizers.schedules.InverseTimeDecay(0.01, decay_steps=1, decay_rate=0.01)
    optimizer = keras.optimizers.Adam(rate, beta_1=0.9, beta_2=0.999)
    model.compile(optimizer=optimizer, loss="categorical_crossentropy")


def fit(model: keras.Model, windows: Windows, epochs: int = 100) -> tuple[float, ...]:
    """Train a compiled `model` from zero state; the summed loss of each epoch, as training saw it.

    Batches are of 32 windows, as in the seeds, so 60 windows are two updates an epoch.
    """
    inputs = [windows.X, *_zero_state(model, len(windows.X))]
    history = model.fit(inputs, list(windows.Y), batch_size=32, epochs=epochs, verbose=0)
    return tuple(float(loss) for loss in history.history["loss"])


def probabilities(model: keras.Model, windows: Windows) -> Array:
    """What `model` gives each value at each step of each window, `(Tx, m, n_values)`."""
    outputs = model([windows.X, *_zero_state(model, len(windows.X))], training=False)
    return np.stack([keras.ops.convert_to_numpy(output) for output in outputs])


def _zero_state(model: keras.Model, m: int) -> list[Array]:
    n_a = model.get_layer(LSTM_NAME).units
    return [np.zeros((m, n_a), np.float32), np.zeros((m, n_a), np.float32)]
