"""Training the net that plays: solos in, a model folder out.

The epochs are walked by hand rather than by `fit`, because the recurrent state of each lane is
carried from chunk to chunk and cleared where a solo begins. What is kept is the running average
of the weights at the epoch with the fewest bits per note on the `valid` solos.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from live_improv.corpus import Solo
from live_improv.evaluation.bits import Bits
from live_improv.model import Sizes, Weights, joined
from live_improv.model_folder import context_sizes
from live_improv.performance.clock import WallClock
from live_improv.training import network as net
from live_improv.training.dataset import Steps, chunk_count, lanes, solo_steps

_NAT = 1 / np.log(2)
_COURSE = "course.npz"


@dataclass(frozen=True, slots=True)
class Settings:
    """How a net is trained; all of it is repeated in the model's card.

    Attributes:
        groups: nets that are taught apart, with seeds one after the other, and joined into one.
        units, pitch_units, time_units: the sizes of the layers of each.
        lanes, length: solos side by side, and notes a chunk.
        epochs: at most; the learning rate falls along a cosine over all of them.
        patience: epochs without a better figure on `valid` after which training stops.
        dropout, input_dropout: of the hidden layers and of the rows that describe a moment.
        recurrent_dropout: of the state on its way to the next step, the same over a chunk.
        straight: how many of the solos are seen with swung pairs written even.
        sounding_weight: how much the heads that only say where a note ends count.
    """

    groups: int = 2
    units: int = 384
    pitch_units: int = 192
    time_units: int = 128
    lanes: int = 32
    length: int = 32
    epochs: int = 14
    patience: int = 4
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    dropout: float = 0.35
    input_dropout: float = 0.05
    recurrent_dropout: float = 0.15
    average: float = 0.998
    straight: float = 0.5
    sounding_weight: float = 0.3
    seed: int = 0


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
    """The solos as steps: to learn from, as played and with swung pairs even, and to stop by."""

    as_played: list[Steps]
    written_even: list[Steps]
    held: list[Steps]

    @property
    def notes(self) -> int:
        """Notes to learn from."""
        return sum(map(len, self.as_played))


def train(
    solos: Sequence[Solo],
    settings: Settings,
    checkpoint: Path,
    report: Callable[[str], None] = print,
) -> Trained:
    """Train on the `train` solos, stopping early on the `valid` ones.

    Args:
        solos: the corpora; other splits than `train` and `valid` are not looked at.
        settings: how.
        checkpoint: a folder for resuming; a training with the same settings goes on from there.
        report: is given one line an epoch.
    """
    taught = [solo for solo in solos if solo.split == "train"]
    valid = [solo_steps(solo, straight=False) for solo in solos if solo.split == "valid"]
    lessons = _Lessons(
        [solo_steps(solo, straight=False) for solo in taught],
        [solo_steps(solo, straight=True) for solo in taught],
        sorted(valid, key=len, reverse=True),
    )
    courses = []
    for group in range(settings.groups):
        own = replace(settings, seed=settings.seed + group)
        courses.append(_train_group(lessons, own, checkpoint / str(group), report))
    nets = [course.best for course in courses if course.best is not None]
    return Trained(
        joined(nets),
        tuple(tuple(course.history) for course in courses),
        sum(course.seconds for course in courses) / 60,
        lessons.notes,
    )


def _train_group(
    lessons: _Lessons, settings: Settings, checkpoint: Path, report: Callable[[str], None]
) -> _Course:
    """One net, from its seed to its best epoch."""
    keras.utils.set_random_seed(settings.seed)
    shape = context_sizes(settings.units, settings.pitch_units, settings.time_units)
    network = _compiled(shape, settings, lessons.notes)
    course = _Course.resume(checkpoint, settings, network)
    clock = WallClock()
    while not course.over(settings):
        rng = np.random.default_rng((settings.seed, course.epoch))
        started = clock.now()
        solos_now = _shuffled(lessons.as_played, lessons.written_even, settings, rng)
        learned = _epoch(network, solos_now, settings, rng)
        kept = [variable.numpy() for variable in network.trainable_variables]
        network.optimizer.finalize_variable_values(network.trainable_variables)
        bits = measure(network, lessons.held, settings)
        best = course.enter(bits, clock.now() - started)
        if best:
            course.best = net.export(network, shape)
        for variable, value in zip(network.trainable_variables, kept, strict=True):
            variable.assign(value)
        course.save(checkpoint, settings, network)
        report(
            f"epoch {course.epoch:2d}  loss {learned:.3f}  valid {bits.total:.3f} bits/note "
            f"(onset {bits.onset:.3f}, pitch {bits.pitch:.3f}){'  best' if best else ''}"
        )
    return course


def _compiled(shape: Sizes, settings: Settings, notes: int) -> keras.Model:
    network = net.build(
        shape,
        settings.lanes,
        settings.length,
        settings.dropout,
        settings.input_dropout,
    )
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
        jit_compile=False,
    )
    return network


def _shuffled(
    as_played: Sequence[Steps],
    written_even: Sequence[Steps],
    settings: Settings,
    rng: np.random.Generator,
) -> list[Steps]:
    """Every solo once, in random order, key and notation."""
    found = []
    for i in rng.permutation(len(as_played)):
        even = rng.random() < settings.straight
        solo = (written_even if even else as_played)[i]
        found.append(solo.transposed(int(rng.integers(-5, 7))))
    return found


def _epoch(
    network: keras.Model, solos: Sequence[Steps], settings: Settings, rng: np.random.Generator
) -> float:
    """One walk through the solos; the mean loss in bits a note, all heads weighted together."""
    count = chunk_count(solos, settings.lanes, settings.length)
    bar = keras.utils.Progbar(count, unit_name="chunk", interval=2)
    total = 0.0
    for number, chunk in enumerate(lanes(solos, settings.lanes, settings.length), 1):
        net.reset(network, chunk.begins)
        net.thin_out(network, settings.recurrent_dropout, rng)
        loss = network.train_on_batch(*net.batch(chunk.steps))
        nats = float(loss[0] if isinstance(loss, list) else loss)
        bar.update(number, [("loss", nats)])
        total += nats * settings.lanes * settings.length
    return total / sum(map(len, solos)) * float(_NAT)


def measure(network: keras.Model, solos: Sequence[Steps], settings: Settings) -> Bits:
    """Bits per note over whole solos with carried state.

    The state that training carries is lost. The figure differs from that of `evaluation/bits.py` by
    the rules of the language, which are not applied here.
    """
    total = dict.fromkeys(net.OUTPUTS, 0.0)
    notes = 0.0
    for chunk in lanes(solos, settings.lanes, settings.length):
        net.reset(network, chunk.begins)
        inputs, targets, weights = net.batch(chunk.steps)
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


class _Course:
    """How far a training has come; kept on disk after every epoch."""

    def __init__(self) -> None:
        self.epoch = 0
        self.seconds = 0.0
        self.history: list[Bits] = []
        self.best: Weights | None = None

    def over(self, settings: Settings) -> bool:
        """Whether the epochs are used up, or the figure has not improved for long enough."""
        totals = [bits.total for bits in self.history]
        stale = len(totals) - 1 - totals.index(min(totals)) if totals else 0
        return self.epoch >= settings.epochs or stale >= settings.patience

    def enter(self, bits: Bits, seconds: float) -> bool:
        """Note an epoch's figure; whether it is the best so far."""
        self.epoch += 1
        self.seconds += seconds
        self.history.append(bits)
        return bits.total == min(entry.total for entry in self.history)

    def save(self, folder: Path, settings: Settings, network: keras.Model) -> None:
        """Write all that `resume` needs."""
        folder.mkdir(parents=True, exist_ok=True)
        assert self.best is not None
        note = {
            "settings": asdict(settings),
            "epoch": self.epoch,
            "seconds": self.seconds,
            "history": [asdict(bits) for bits in self.history],
        }
        variables = [*network.variables, *network.optimizer.variables]
        arrays = {f"v{i}": variable.numpy() for i, variable in enumerate(variables)}
        arrays |= {f"best_{name}": array for name, array in self.best.arrays.items()}
        # All in one file, which is replaced as a whole: it is never half of two epochs.
        arrays["note"] = np.frombuffer(json.dumps(note).encode(), np.uint8)
        part = folder / "course.part.npz"
        np.savez(part, **arrays)
        part.replace(folder / _COURSE)

    @classmethod
    def resume(cls, folder: Path, settings: Settings, network: keras.Model) -> _Course:
        """The course kept in `folder` for the same settings, put back into the network."""
        course = cls()
        network.optimizer.build(network.trainable_variables)
        if not (folder / _COURSE).is_file():
            return course
        with np.load(folder / _COURSE, allow_pickle=False) as arrays:
            note = json.loads(arrays["note"].tobytes())
            if note["settings"] != asdict(settings):
                return course
            variables = [*network.variables, *network.optimizer.variables]
            for i, variable in enumerate(variables):
                variable.assign(arrays[f"v{i}"])
            shape = context_sizes(settings.units, settings.pitch_units, settings.time_units)
            course.best = Weights(shape, {name: arrays[f"best_{name}"] for name in shape.shapes()})
        course.epoch, course.seconds = note["epoch"], note["seconds"]
        course.history = [Bits(**bits) for bits in note["history"]]
        return course
