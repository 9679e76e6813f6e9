"""Training the net that plays: solos in, a model folder out.

The epochs are walked by hand rather than by `fit`, because the recurrent state of each lane is
carried from chunk to chunk and cleared where a solo begins. What is kept is the running average
of the weights at the epoch with the fewest bits per note on the `valid` solos.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from live_improv.corpus import Solo
from live_improv.evaluation.bits import Bits
from live_improv.model import Sizes, Weights, joined
from live_improv.model_folder import context_sizes
from live_improv.performance.clock import WallClock
from live_improv.training import network as net
from live_improv.training.course import Course
from live_improv.training.dataset import Steps, chunk_count, lanes, solo_steps
from live_improv.training.distributing import own_lanes
from live_improv.training.manners import Manner, drawn, of_solo
from live_improv.training.settings import Settings

_NAT = 1 / np.log(2)


@dataclass(frozen=True, slots=True)
class Epoch:
    """An epoch that is over; as a text one line.

    Attributes:
        group: of which net, from 0.
        number: from 1.
        loss: what training saw, in bits a note, all heads weighted together.
        valid: the figure on the `valid` solos.
        best: whether it is the best so far.
    """

    group: int
    number: int
    loss: float
    valid: Bits
    best: bool

    def __str__(self) -> str:
        return (
            f"epoch {self.number:2d}  loss {self.loss:.3f}  valid {self.valid.total:.3f} bits/note "
            f"(onset {self.valid.onset:.3f}, pitch {self.valid.pitch:.3f})"
            f"{'  best' if self.best else ''}"
        )


@dataclass(frozen=True, slots=True)
class Trained:
    """A finished training.

    Attributes:
        weights: the best ones, of all groups.
        histories: of each group the figure of every epoch on `valid`.
        minutes: of training, all groups together.
        notes: that it learned from.
    """

    weights: Weights
    histories: tuple[tuple[Bits, ...], ...]
    minutes: float
    notes: int


@dataclass(frozen=True, slots=True)
class _Lessons:
    """The solos as steps: to learn from, as played and with swung pairs even, and to stop by.

    Attributes:
        manners: of each solo to learn from, the numbers of those that it is in.
    """

    as_played: list[Steps]
    written_even: list[Steps]
    manners: list[tuple[int, ...]]
    held: list[Steps]

    @property
    def notes(self) -> int:
        """Notes to learn from."""
        return sum(map(len, self.as_played))


def train(
    solos: Sequence[Solo],
    settings: Settings,
    checkpoint: Path,
    report: Callable[[Epoch], None] = print,
    manners: Sequence[Manner] = (),
) -> Trained:
    """Train on the `train` solos, stopping early on the `valid` ones.

    Args:
        solos: the corpora; other splits than `train` and `valid` are not looked at.
        settings: how.
        checkpoint: a folder for resuming; a training with the same settings goes on from there.
        report: is told of every epoch.
        manners: that the net is told; half of the time it is told none, so that it knows its way
            without.
    """
    taught = [solo for solo in solos if solo.split == "train"]
    valid = [solo_steps(solo, straight=False) for solo in solos if solo.split == "valid"]
    lessons = _Lessons(
        [solo_steps(solo, straight=False) for solo in taught],
        [solo_steps(solo, straight=True) for solo in taught],
        [of_solo(solo, manners) for solo in taught],
        sorted(valid, key=len, reverse=True),
    )
    courses = []
    for group in range(settings.groups):
        own = replace(settings, seed=settings.seed + group)
        shape = context_sizes(own.units, own.pitch_units, own.time_units, manners=len(manners))
        courses.append(_train_group(lessons, shape, own, group, checkpoint / str(group), report))
    nets = [course.best for course in courses if course.best is not None]
    return Trained(
        joined(nets),
        tuple(tuple(course.history) for course in courses),
        sum(course.seconds for course in courses) / 60,
        lessons.notes,
    )


def _train_group(
    lessons: _Lessons,
    shape: Sizes,
    settings: Settings,
    group: int,
    checkpoint: Path,
    report: Callable[[Epoch], None],
) -> Course:
    """One net, from its seed to its best epoch."""
    keras.utils.set_random_seed(settings.seed)
    network = net.build(
        shape, settings.lanes, settings.length, settings.dropout, settings.input_dropout
    )
    compile_for(network, settings, lessons.notes)
    course = Course.resume(checkpoint, settings, network, shape)
    clock = WallClock()
    while not course.over(settings):
        rng = np.random.default_rng((settings.seed, course.epoch))
        started = clock.now()
        solos_now = _shuffled(lessons, settings, rng)
        learned = walk(network, solos_now, settings, rng, shape.manners)
        with averaged(network):
            bits = measure(network, lessons.held, settings, shape.manners)
            best = course.enter(bits, clock.now() - started)
            if best:
                course.best = net.export(network, shape)
        course.save(checkpoint, settings, network)
        report(Epoch(group, course.epoch, learned, bits, best))
    return course


@contextmanager
def averaged(network: keras.Model) -> Iterator[None]:
    """Within the block the network has the running average of its weights."""
    variables = network.trainable_variables
    kept = [np.array(ops.convert_to_numpy(variable)) for variable in variables]
    network.optimizer.finalize_variable_values(variables)
    for variable in variables:
        # On JAX it is now the very array of the average, which the next step would take away.
        variable.assign(np.array(ops.convert_to_numpy(variable)))
    try:
        yield
    finally:
        for variable, value in zip(variables, kept, strict=True):
            variable.assign(value)


def compile_for(network: keras.Model, settings: Settings, notes: int) -> None:
    """Make it ready to learn from so many notes an epoch, by these settings."""
    updates = settings.epochs * (notes // (settings.lanes * settings.length) + 1)
    rate = keras.optimizers.schedules.CosineDecay(
        settings.learning_rate / 10,
        decay_steps=updates,
        alpha=0.02,
        warmup_target=settings.learning_rate,
        warmup_steps=updates // 50 + 1,
    )
    per_note = 1 / (settings.lanes * settings.length)
    network.compile(
        keras.optimizers.AdamW(
            rate,
            weight_decay=settings.weight_decay,
            global_clipnorm=1.0,
            use_ema=True,
            ema_momentum=settings.average,
        ),
        loss=net.losses(),
        loss_weights={
            name: per_note * (settings.sounding_weight if name == "sounding" else 1.0)
            for name in net.OUTPUTS
        },
        # TensorFlow is faster without; JAX would do every operation by itself.
        jit_compile=keras.backend.backend() == "jax",
    )


def _shuffled(lessons: _Lessons, settings: Settings, rng: np.random.Generator) -> list[Steps]:
    """Every solo once, in random order, key and notation."""
    found = []
    for i in rng.permutation(len(lessons.as_played)):
        even = rng.random() < settings.straight
        solo = (lessons.written_even if even else lessons.as_played)[i]
        moved = solo.transposed(int(rng.integers(-5, 7)))
        if lessons.manners[i]:
            moved = moved.in_manner(drawn(lessons.manners[i], settings.told, rng))
        found.append(moved)
    return found


def walk(
    network: keras.Model,
    solos: Sequence[Steps],
    settings: Settings,
    rng: np.random.Generator,
    manners: int = 0,
) -> float:
    """One walk through the solos; the mean loss in bits a note, all heads weighted together.

    Args:
        manners: of the network.
    """
    count = chunk_count(solos, settings.lanes, settings.length)
    bar = keras.utils.Progbar(count, unit_name="chunk", interval=2)
    total = 0.0
    for number, chunk in enumerate(lanes(solos, settings.lanes, settings.length), 1):
        net.reset(network, chunk.begins)
        net.thin_out(network, settings.recurrent_dropout, rng)
        loss = network.train_on_batch(*own_lanes(net.batch(chunk.steps, manners)))
        nats = float(loss[0] if isinstance(loss, list) else loss)
        bar.update(number, [("loss", nats)])
        total += nats * settings.lanes * settings.length
    return total / sum(map(len, solos)) * float(_NAT)


def measure(
    network: keras.Model, solos: Sequence[Steps], settings: Settings, manners: int = 0
) -> Bits:
    """Bits per note over whole solos with carried state.

    The state that training carries is lost. The figure differs from that of `evaluation/bits.py` by
    the rules of the language, which are not applied here.
    """
    total = dict.fromkeys(net.OUTPUTS, 0.0)
    notes = 0.0
    for chunk in lanes(solos, settings.lanes, settings.length):
        net.reset(network, chunk.begins)
        inputs, targets, weights = net.batch(chunk.steps, manners)
        found = network.predict_on_batch(inputs)
        for name in net.OUTPUTS:
            cost = _nats(np.asarray(found[name], np.float64), targets[name], name == "resolved")
            total[name] += float((cost * weights[name]).sum())
        notes += float(weights["gap"].sum())
    net.reset(network, np.ones(settings.lanes, np.bool_))
    pitch = (total["interval"] + total["resolved"]) * _NAT / notes
    return Bits(float(total["gap"] * _NAT / notes), float(pitch), int(notes))


def _nats(
    logits: NDArray[np.float64], target: NDArray[np.int32], binary: bool
) -> NDArray[np.float64]:
    """The cost in nats, shape (lanes, time), of targets of shape (lanes, time, 1)."""
    if binary:
        cost: NDArray[np.float64] = np.logaddexp(0.0, np.where(target, -logits, logits))
        return cost[..., 0]
    peak = logits.max(axis=-1, keepdims=True)
    total = np.log(np.exp(logits - peak).sum(axis=-1)) + peak[..., 0]
    chosen: NDArray[np.float64] = np.take_along_axis(logits, target.astype(np.int64), axis=-1)
    return np.asarray(total - chosen[..., 0])
