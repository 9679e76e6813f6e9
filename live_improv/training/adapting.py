"""A net that can play already learns a few solos more, and keeps what it knows.

A few thousand notes are learned by heart before they are understood: after twelve walks through
five solos at twice this rate, others of the same player cost more than before. So everything here
holds back: few walks, a running average of the weights, and at the end a step only part of the way
from the base to what was learned (Wortsman et al., "Robust fine-tuning of zero-shot models",
2022), which keeps most of what was gained and forgets less than half as much. How far is chosen by
what was held out, where there is any, and never so far that what stands for the rest of the music
costs more than `MOST_FORGOTTEN`, or else only the shortest of `PARTS`.

What a few notes say of a player is better counted than learned: beside the weights the net is given
the habits of the solos (`grammar/habits.py`), as the base sees them. They gain as much as the step
does, and with a shorter step more than either.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import keras
import numpy as np

from live_improv.corpus import Solo
from live_improv.evaluation.bits import bits_per_note
from live_improv.model import Weights
from live_improv.performance.clock import WallClock
from live_improv.training import network as net
from live_improv.training.dataset import Steps, solo_steps
from live_improv.training.habits import habits_of
from live_improv.training.settings import Settings
from live_improv.training.train import averaged, compile_for, walk

ADAPTING = Settings(
    lanes=16,
    epochs=2,
    learning_rate=5e-4,
    weight_decay=0.0,
    average=0.9,
)
"""How a net is adapted, of what does not follow from the net."""

FEWEST_UPDATES, MOST_EPOCHS = 40, 8
"""Where there are few notes there are more epochs, for so many updates, but no more than these."""

KEYS = (-1, 0, 0, 0, 1)
"""Semitones by which each of the solos is moved, once each in an epoch: hardly at all, since chords
are relative anyway and a player has a register."""

PARTS = (1.0, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2)
"""How far it may go from the base to what was learned."""

USUAL_PART = 0.5
"""How far it goes at most where nothing is held out."""

MOST_FORGOTTEN = 0.045
"""Bits a note that the general solos may cost more, by a part of them: for 0.05 on all of them."""

_MEASURED = 5_000  # notes of the general solos, and of those held out: enough to choose by


@dataclass(frozen=True, slots=True)
class Adapted:
    """A net that has been adapted.

    Attributes:
        weights: of the same sizes as the base, with habits.
        part: how far they went from the base to what was learned, 0..1.
        notes: that it learned from, each once.
        minutes: of learning and choosing.
    """

    weights: Weights
    part: float
    notes: int
    minutes: float


def adapt(
    base: Weights,
    mine: Sequence[Solo],
    general: Sequence[Solo],
    settings: Settings = ADAPTING,
    report: Callable[[str], None] = print,
) -> Adapted:
    """Adapt `base` to the `train` solos of `mine`.

    Args:
        base: of any number of groups, which learn together, and of manners, which stay; habits
            that it has give way to new ones.
        mine: its `valid` solos choose how far.
        general: what must not be forgotten, by its `valid` solos; it is not learned from.
        settings: how.
        report: is given one line an epoch, and one for each part that is weighed.
    """
    keras.utils.set_random_seed(settings.seed)
    clock = WallClock()
    started = clock.now()
    shape, manners = base.sizes, base.sizes.manners
    lessons = _lessons(mine)
    notes = sum(len(played) for played, _ in lessons)
    settings = replace(settings, epochs=_epochs(notes, settings))
    network = net.build(
        shape, settings.lanes, settings.length, settings.dropout, settings.input_dropout
    )
    net.load_into(network, base)
    for layer in network.layers:
        layer.trainable = not layer.name.startswith(net.MANNER)
    compile_for(network, settings, notes * len(KEYS))
    for epoch in range(1, settings.epochs + 1):
        rng = np.random.default_rng((settings.seed, epoch))
        loss = walk(network, _shuffled(lessons, settings, rng), settings, rng, manners)
        report(f"epoch {epoch}  loss {loss:.3f}")
    with averaged(network):
        learned = net.export(network, shape)

    learned = replace(learned, habits=habits_of(base, _of_split(mine, "train")))
    held, kept = (_some(_of_split(solos, "valid"), _MEASURED) for solos in (mine, general))
    part = _part(base, learned, held, kept, report)
    return Adapted(partly(base, learned, part), part, notes, (clock.now() - started) / 60)


def partly(base: Weights, learned: Weights, part: float) -> Weights:
    """The net that lies `part` of the way from `base` to `learned`, array by array.

    Habits are those of `learned`, all of them.
    """
    arrays = {
        name: (array + np.float32(part) * (learned.arrays[name] - array)).astype(np.float32)
        for name, array in base.arrays.items()
    }
    return Weights(base.sizes, arrays, learned.habits)


def _part(
    base: Weights,
    learned: Weights,
    held: Sequence[Solo],
    kept: Sequence[Solo],
    report: Callable[[str], None],
) -> float:
    """How far to go: where the held-out solos cost least, of what forgets little enough."""
    known = bits_per_note(base, kept).total if kept else 0.0
    allowed: dict[float, float] = {}
    for part in PARTS if held else [part for part in PARTS if part <= USUAL_PART]:
        weights = partly(base, learned, part)
        forgotten = bits_per_note(weights, kept).total - known if kept else 0.0
        said = f"{part:.0%} of the way: general {forgotten:+.3f} bits/note"
        if forgotten <= MOST_FORGOTTEN:
            allowed[part] = bits_per_note(weights, held).total if held else -part
            said += f", held out {allowed[part]:.3f}" if held else ""
        report(said)
        if allowed and not held:
            break
    return min(allowed, key=allowed.__getitem__) if allowed else PARTS[-1]


def _lessons(solos: Iterable[Solo]) -> list[tuple[Steps, Steps]]:
    """The `train` solos as steps, as played and with swung pairs even."""
    return [
        (solo_steps(solo, straight=False), solo_steps(solo, straight=True))
        for solo in _of_split(solos, "train")
    ]


def _of_split(solos: Iterable[Solo], split: str) -> list[Solo]:
    """Those to learn from or to measure; one note has no interval and no gap to measure."""
    return [
        solo for solo in solos if solo.split == split and (split == "train" or len(solo.notes) > 1)
    ]


def _some(solos: Sequence[Solo], notes: int) -> list[Solo]:
    """Solos from all over the list, until they have so many notes."""
    found: list[Solo] = []
    for i in np.random.default_rng(0).permutation(len(solos)):
        if sum(len(solo.notes) for solo in found) >= notes:
            break
        found.append(solos[i])
    return found


def _epochs(notes: int, settings: Settings) -> int:
    """How often to walk through so many notes in all keys."""
    updates = notes * len(KEYS) / (settings.lanes * settings.length)
    return max(settings.epochs, min(math.ceil(FEWEST_UPDATES / updates), MOST_EPOCHS))


def _shuffled(
    lessons: Sequence[tuple[Steps, Steps]], settings: Settings, rng: np.random.Generator
) -> list[Steps]:
    """Each lesson once in each key, in random order and notation."""
    found = [
        lesson[int(rng.random() < settings.straight)].transposed(key)
        for lesson in lessons
        for key in KEYS
    ]
    return [found[i] for i in rng.permutation(len(found))]
