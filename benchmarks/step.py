"""One step of the default model against the same network in Keras.

    python benchmarks/step.py

What is measured: the time from the inputs of one note, ready in memory, to its logits. The steps
are those of a line that the model itself plays over the blues, one after another with carried
state. The peers are the network that training builds, for one lane of one note, with the default
model's weights put back: `network.predict`, `network(x)`, `tf.function` of it, and that once more
compiled by XLA. They are given their inputs as they like them best; making multi-hot arrays is not
counted. What is ours is NumPy: `model.step`, `time_logits` and `sounding_logits`. BLAS and
TensorFlow are held to one thread. The peers take turns in many short rounds, so that whatever else
the machine does hits all of them.

How to read it: `times ours` is a peer's median over that of our step. The difference says how far
the outputs are apart at most: it is the same network. Last comes what planning a note costs in
all, with the context, the masks of the language and the draws.
"""

from __future__ import annotations

import argparse
import os

# Before NumPy and TensorFlow are imported: later they no longer look.
os.environ.update(
    dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
)
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from figures import Table, quantile

from live_improv import assets, model_folder
from live_improv.corpus import Solo
from live_improv.grammar.context import Context
from live_improv.model import Weights, initial_state, sounding_logits, step, time_logits
from live_improv.music.timing import Ticks
from live_improv.performance.improviser import Improviser
from live_improv.performance.taste import Taste
from live_improv.repertoire import read_chart
from live_improv.training import network as net
from live_improv.training.dataset import NO_ROW, Steps, lanes, solo_steps

BPM = 140.0
Peer = Callable[[int], Any]
"""Takes the step of that number and returns when its outputs are there."""


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", type=Path, help="a model folder (the default model)")
    parser.add_argument("--rounds", type=int, default=10, help="turns of every peer (10)")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures here too")
    options = parser.parse_args()

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    whole = model_folder.load(options.model or assets.default_model()).weights
    # Keras has a net of one group; so has ours, where the two are compared.
    weights = one_group(whole)
    steps = line(weights, notes=200)
    network = keras_network(weights)
    difference = furthest(weights, network, steps)
    peers = {
        "ours: NumPy": (ours(weights, steps), 100),
        f"ours: all {whole.sizes.groups} groups": (ours(whole, steps), 100),
        "tf.function": (function(network, steps, xla=False), 50),
        "tf.function, XLA": (function(network, steps, xla=True), 50),
        "network(x)": (eager(network, steps), 10),
        "network.predict": (predict(network, steps), 5),
        "ours: a note planned": (planning(whole), 100),
    }
    times = rounds(peers, options.rounds)

    table = Table("One step of the net, in ms", ("what", "median", "p99", "steps", "times ours"))
    median = {name: quantile(found, 0.5) for name, found in times.items()}
    for name, found in times.items():
        ratio = median[name] / median["ours: NumPy"]
        table.add(name, 1e3 * median[name], 1e3 * quantile(found, 0.99), len(found), ratio)
    sizes = weights.sizes
    table.notes.append(
        f"{sizes.units} LSTM units, {sizes.pitch_units} and {sizes.time_units} in the heads; the "
        f"outputs differ by {difference:.1e} at most over {len(steps)} steps"
    )
    table.show()
    if options.json is not None:
        table.write(options.json)


def line(weights: Weights, notes: int) -> Steps:
    """The steps of a line of so many notes that the model plays."""
    changes = read_chart("blues_in_f")
    improviser = Improviser(weights, Context(changes, BPM, straight=True), Taste(), start=Ticks(0))
    played = tuple(improviser.plan().written.note for _ in range(notes))
    return solo_steps(Solo("", "", "", "", played, changes, BPM), straight=True)


def rounds(peers: dict[str, tuple[Peer, int]], count: int) -> dict[str, list[float]]:
    """Seconds of every step of every peer, who take turns; their first steps do not count."""
    at = dict.fromkeys(peers, 0)
    times: dict[str, list[float]] = {name: [] for name in peers}
    for turn in range(count + 1):
        for name, (peer, calls) in peers.items():
            for number in range(at[name], at[name] + calls):
                begun = time.perf_counter()
                peer(number)
                if turn:
                    times[name].append(time.perf_counter() - begun)
            at[name] += calls
    return times


def ours(weights: Weights, steps: Steps) -> Peer:
    """The step that plays."""
    rows = [[int(row) for row in moment if row != NO_ROW] for moment in steps.rows]
    choices = [[int(row) for row in choice if row != NO_ROW] for choice in steps.choice]
    gap_bins = [int(one["gap_bin"][0, 0]) for one in arrays(steps)]
    state = initial_state(weights)

    def peer(number: int) -> tuple[Any, Any]:
        nonlocal state
        at = number % len(rows)
        logits, state = step(weights, state, rows[at])
        gaps = time_logits(weights, logits, choices[at])
        return logits, sounding_logits(weights, gaps, gap_bins[at])

    return peer


def planning(weights: Weights) -> Peer:
    """Everything that a note costs before it is scheduled."""
    context = Context(read_chart("blues_in_f"), BPM, straight=True)
    improviser = Improviser(weights, context, Taste(), start=Ticks(0))
    return lambda _: improviser.plan()


def predict(network: Any, steps: Steps) -> Peer:
    """`network.predict` with arrays."""
    inputs = arrays(steps)
    return lambda number: network.predict(inputs[number % len(inputs)], verbose=0)


def eager(network: Any, steps: Steps) -> Peer:
    """`network(x)` with tensors."""
    inputs = tensors(steps)
    return lambda number: network(inputs[number % len(inputs)], training=False)


def function(network: Any, steps: Steps, *, xla: bool) -> Peer:
    """`tf.function` of the network with tensors; it is traced in the first step."""
    inputs = tensors(steps)
    compiled = tf.function(lambda x: network(x, training=False), jit_compile=xla)
    return lambda number: compiled(inputs[number % len(inputs)])


def one_group(weights: Weights) -> Weights:
    """The first group of a net as a net of its own."""
    sizes = replace(weights.sizes, groups=1)
    arrays = dict(weights.arrays)
    for name, shape in sizes.shapes().items():
        arrays[name] = np.ascontiguousarray(arrays[name][tuple(slice(size) for size in shape)])
    for name in ("experts", "time", "sounding"):
        arrays[name] = arrays[name] * np.float32(weights.sizes.groups)
    return Weights(sizes, arrays)


def keras_network(weights: Weights) -> Any:
    """The network that training builds, for one lane of one note, with these weights."""
    sizes, of = weights.sizes, dict(weights.arrays)
    (of["recurrent"],), (of["heads"],) = of["recurrent"], of["heads"]
    edges = [4 * sizes.units, 4 * sizes.units + sizes.pitch_units]
    pitch, timing = np.split(of["heads"], [sizes.pitch_units], axis=1)
    seen_lstm, seen_pitch, seen_time = np.split(of["input"], edges, axis=1)
    bias_lstm, bias_pitch, bias_time = np.split(of["bias"], edges)
    layers = {
        "lstm_input": (seen_lstm, bias_lstm),
        "pitch_hidden": (np.concatenate([pitch, seen_pitch]), bias_pitch),
        "experts": (of["experts"], of["experts_bias"]),
        "time_hidden": (np.concatenate([timing, seen_time, of["choice"]]), bias_time),
        "time": (of["time"], of["time_bias"]),
        "sounding": (np.concatenate([of["sounding"], of["sounding_gap"]]), of["sounding_bias"]),
    }
    network = net.build(sizes, lanes=1, length=1, dropout=0.0)
    for name, found in layers.items():
        network.get_layer(name).set_weights(found)
    network.get_layer("lstm").cell.recurrent.assign(of["recurrent"])
    return network


def furthest(weights: Weights, network: Any, steps: Steps) -> float:
    """The largest difference between our outputs and the network's, state carried in both."""
    play, outputs = ours(weights, steps), eager(network, steps)
    worst = 0.0
    for number in range(len(steps)):
        logits, sounding = play(number)
        found = outputs(number)
        approach = logits.approach[steps.degree[number]]
        worst = max(
            worst,
            float(np.abs(found["sounding"].numpy()[0, 0] - sounding).max()),
            float(np.abs(found["resolved"].numpy()[0, 0, 0] - approach)),
        )
    net.reset(network, np.ones(1, np.bool_))
    return worst


def arrays(steps: Steps) -> list[dict[str, Any]]:
    """The network's inputs, step by step."""
    return [net.batch(chunk.steps)[0] for chunk in lanes([steps], 1, 1)]


def tensors(steps: Steps) -> list[dict[str, Any]]:
    """The same as tensors."""
    return [{name: tf.constant(array) for name, array in one.items()} for one in arrays(steps)]


if __name__ == "__main__":
    main()
