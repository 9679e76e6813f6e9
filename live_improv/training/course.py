"""How far a training has come, kept on disk so that an interrupted one goes on from there."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import keras
import numpy as np
from keras import ops

from live_improv.evaluation.bits import Bits
from live_improv.model import Sizes, Weights
from live_improv.training.settings import Settings

_COURSE = "course.npz"


class Course:
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
            "manners": self.best.sizes.manners,
            "epoch": self.epoch,
            "seconds": self.seconds,
            "history": [asdict(bits) for bits in self.history],
        }
        variables = [*network.variables, *network.optimizer.variables]
        arrays = {f"v{i}": ops.convert_to_numpy(variable) for i, variable in enumerate(variables)}
        arrays |= {f"best_{name}": array for name, array in self.best.arrays.items()}
        # All in one file, which is replaced as a whole: it is never half of two epochs.
        arrays["note"] = np.frombuffer(json.dumps(note).encode(), np.uint8)
        part = folder / "course.part.npz"
        np.savez(part, **arrays)
        part.replace(folder / _COURSE)

    @classmethod
    def resume(cls, folder: Path, settings: Settings, network: keras.Model, shape: Sizes) -> Course:
        """The course kept in `folder` for the same settings, put back into the network."""
        course = cls()
        network.optimizer.build(network.trainable_variables)
        if not (folder / _COURSE).is_file():
            return course
        with np.load(folder / _COURSE, allow_pickle=False) as arrays:
            note = json.loads(arrays["note"].tobytes())
            if note["settings"] != asdict(settings) or note["manners"] != shape.manners:
                return course
            variables = [*network.variables, *network.optimizer.variables]
            for i, variable in enumerate(variables):
                variable.assign(arrays[f"v{i}"])
            course.best = Weights(shape, {name: arrays[f"best_{name}"] for name in shape.shapes()})
        course.epoch, course.seconds = note["epoch"], note["seconds"]
        course.history = [Bits(**bits) for bits in note["history"]]
        return course
