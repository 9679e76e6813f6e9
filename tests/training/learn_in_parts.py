"""Trains a tiny net and keeps its weights; run by `test_distributing` with Keras on JAX.

    python -m tests.training.learn_in_parts OUT.npz DEVICES

With more devices than one the training is distributed over all of them, of all processes. Prints
how many devices had a share.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from live_improv.charts.text import parse
from live_improv.corpus import Solo
from live_improv.music.events import Note
from live_improv.music.timing import Ticks
from live_improv.training.distributing import every_device
from live_improv.training.settings import Settings
from live_improv.training.train import train

SETTINGS = Settings(
    groups=1,
    units=8,
    pitch_units=8,
    time_units=8,
    lanes=2,
    length=4,
    epochs=2,
    patience=2,
    learning_rate=0.02,
    average=0.5,
)


def solo(seed: int, notes: int, split: str) -> Solo:
    """Notes at random over two chords, a rest after every third."""
    chance = Random(seed)
    onsets = [240 * (i + 2 * (i // 3)) for i in range(notes)]
    line = tuple(Note(Ticks(at), Ticks(240), chance.randrange(60, 72)) for at in onsets)
    return Solo(
        id=f"{split} {seed}",
        split=split,
        performer="",
        title="",
        notes=line,
        changes=parse("| Dm7 | G7 | Em7 | A7 |"),
        bpm=120.0,
    )


def main(out: Path, devices: int) -> None:
    """Train and write the weights."""
    # The lanes are of unlike lengths, so that one begins while the other goes on.
    solos = [solo(1, 10, "train"), solo(2, 6, "train"), solo(3, 7, "train"), solo(4, 9, "valid")]
    sharing = every_device(SETTINGS.lanes) if devices > 1 else nullcontext(1)
    with sharing as used, tempfile.TemporaryDirectory() as checkpoint:
        trained = train(solos, SETTINGS, Path(checkpoint))
    bits = [each.total for each in trained.histories[0]]
    arrays: dict[str, Any] = {"bits": np.array(bits), **trained.weights.arrays}
    np.savez(out, **arrays)
    print(f"devices {used}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
