"""Manners for a net that has none: their rows are taught, everything else stays as it is.

Without a manner the net then plays what it played before, note for note. All its groups are taught
together, since what they say is one product.

Whoever has heard a solo for a while knows whose it is without being told, and the net knows those
that it learned from by heart. So the rows are taught by short stretches, each as if nothing had
been before it: all that the net can know of whose it is then is what it is told. As many stretches
are drawn from each manner, whether it has few solos or many.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import keras
import numpy as np

from live_improv.corpus import Solo
from live_improv.evaluation.bits import Bits, note_costs
from live_improv.model import Array, Weights
from live_improv.performance.clock import WallClock
from live_improv.training import network as net
from live_improv.training.dataset import Steps, beside, solo_steps
from live_improv.training.manners import Manner, UnknownManner, of_solo
from live_improv.training.settings import Settings
from live_improv.training.train import averaged, compile_for

TEACHING = Settings(
    lanes=128,
    length=12,
    epochs=3,
    learning_rate=8e-3,
    weight_decay=0.0,
    input_dropout=0.15,
    average=0.9,
)
"""How manners are taught; `length` is that of a stretch."""

STRETCHES = 132
"""Drawn from each manner in an epoch, at most."""

MOST_MOVED = 1
"""Semitones by which a stretch is transposed at most: a manner has its register."""


@dataclass(frozen=True, slots=True)
class Taught:
    """A net that has been taught manners.

    Attributes:
        weights: the net, with their rows after its own.
        before: bits per note on the `valid` solos that are in a manner, told none.
        after: the same, each told its own.
        minutes: of teaching.
        notes: that it was taught by, in an epoch.
    """

    weights: Weights
    before: Bits
    after: Bits
    minutes: float
    notes: int


def teach(
    base: Weights,
    solos: Sequence[Solo],
    manners: Sequence[Manner],
    settings: Settings = TEACHING,
    report: Callable[[str], None] = print,
) -> Taught:
    """Teach `base` these manners on the `train` solos that are in one.

    Args:
        base: a net; manners that it has already are forgotten.
        settings: how; nothing is chosen by the `valid` solos.
        report: is given one line an epoch.

    Raises:
        UnknownManner: there are too few notes.
    """
    keras.utils.set_random_seed(settings.seed)
    taught = _by_manner(solos, manners, settings)
    settings = replace(settings, lanes=min(settings.lanes, _fewest(taught, settings.length)))
    network = _network(base, len(manners), settings)
    notes = settings.length * sum(
        min(STRETCHES, sum(len(steps) // settings.length for steps in each)) for each in taught
    )
    compile_for(network, settings, notes)
    clock = WallClock()
    started = clock.now()
    for epoch in range(settings.epochs):
        rng = np.random.default_rng((settings.seed, epoch))
        loss = _epoch(network, _drawn(taught, settings, rng), settings, rng, len(manners))
        report(f"epoch {epoch + 1:2d}  loss {loss:.3f}")
    with averaged(network):
        shape = replace(base.sizes, manners=len(manners))
        rows = net.export(network, shape).arrays["input"][shape.rows :]
    weights = _with_rows(base, rows)
    before, after = _figures(weights, solos, manners)
    report(f"valid: {before.total:.3f} bits/note told none, {after.total:.3f} told their own")
    return Taught(weights, before, after, (clock.now() - started) / 60, notes)


def _fewest(taught: Sequence[Sequence[Steps]], length: int) -> int:
    """How many stretches an epoch has at least, wherever they begin."""
    found = sum(
        min(STRETCHES, sum(max(len(steps) // length - 1, 0) for steps in each)) for each in taught
    )
    if not found:
        raise UnknownManner(f"too few notes to teach a manner by: expected {2 * length} in a row")
    return found


def _network(base: Weights, manners: int, settings: Settings) -> keras.Model:
    """The net, with rows that say nothing yet, and in which nothing else can be changed."""
    empty = np.zeros((manners, base.arrays["input"].shape[1]), np.float32)
    weights = _with_rows(base, empty)
    network = net.build(
        weights.sizes, settings.lanes, settings.length, settings.dropout, settings.input_dropout
    )
    net.load_into(network, weights)
    for layer in network.layers:
        layer.trainable = layer.name.startswith(net.MANNER)
    return network


def _by_manner(
    solos: Sequence[Solo], manners: Sequence[Manner], settings: Settings
) -> list[list[Steps]]:
    """The solos to learn from that are in each manner, some with swung pairs written even."""
    rng = np.random.default_rng(settings.seed)
    found: list[list[Steps]] = [[] for _ in manners]
    for solo in solos:
        numbers = of_solo(solo, manners) if solo.split == "train" else ()
        if numbers:
            steps = solo_steps(solo, straight=bool(rng.random() < settings.straight))
            for number in numbers:
                found[number].append(steps.in_manner(number))
    return found


def _drawn(
    taught: Sequence[Sequence[Steps]], settings: Settings, rng: np.random.Generator
) -> list[Steps]:
    """As many stretches of each manner as there are to be, in random order."""
    length, found = settings.length, []
    for solos in taught:
        places = [
            (steps, at)
            for steps in solos
            for at in range(int(rng.integers(length)), len(steps) - length + 1, length)
        ]
        for i in rng.permutation(len(places))[:STRETCHES]:
            steps, at = places[i]
            moved = int(rng.integers(-MOST_MOVED, MOST_MOVED + 1))
            found.append(steps.cut(at, length).transposed(moved))
    return [found[i] for i in rng.permutation(len(found))]


def _epoch(
    network: keras.Model,
    stretches: Sequence[Steps],
    settings: Settings,
    rng: np.random.Generator,
    manners: int,
) -> float:
    """One walk through the stretches that fill all lanes; the mean loss."""
    total, chunks = 0.0, len(stretches) // settings.lanes
    bar = keras.utils.Progbar(chunks, unit_name="chunk", interval=2)
    for number in range(chunks):
        chunk = beside(stretches[number * settings.lanes : (number + 1) * settings.lanes])
        net.reset(network, np.ones(settings.lanes, np.bool_))
        net.thin_out(network, settings.recurrent_dropout, rng)
        loss = network.train_on_batch(*net.batch(chunk, manners))
        nats = float(loss[0] if isinstance(loss, list) else loss)
        bar.update(number + 1, [("loss", nats)])
        total += nats
    return total / max(chunks, 1)


def _figures(
    weights: Weights, solos: Sequence[Solo], manners: Sequence[Manner]
) -> tuple[Bits, Bits]:
    """Bits per note on the `valid` solos that are in a manner, told none and told each of theirs.

    NaN where there is none.
    """
    none: list[tuple[float, float]] = []
    told: list[tuple[float, float]] = []
    for solo in solos:
        numbers = of_solo(solo, manners) if solo.split == "valid" else ()
        none += note_costs(weights, solo) * len(numbers) if numbers else []
        for number in numbers:
            told += note_costs(weights, solo, number)
    return _bits(none), _bits(told)


def _bits(costs: Sequence[tuple[float, float]]) -> Bits:
    onset, pitch = np.mean(costs, axis=0) if costs else (np.nan, np.nan)
    return Bits(float(onset), float(pitch), len(costs))


def _with_rows(base: Weights, rows: Array) -> Weights:
    """The same net with these rows for manners, one each."""
    own = base.arrays["input"][: base.sizes.rows]
    arrays = {**base.arrays, "input": np.concatenate([own, rows])}
    return Weights(replace(base.sizes, manners=len(rows)), arrays, base.habits)
