"""Chance as a value: every part draws from its own stream, keyed by where it is.

Planning a tick again, planning it earlier or later, or adding another part gives every part the
same draws at the same tick.
"""

from __future__ import annotations

from random import Random

import numpy as np

from live_improv.model import Array
from live_improv.music.timing import Ticks


def stream(seed: int, part: str, tick: Ticks) -> Random:
    """The draws of one part at one tick. The key is hashed, so near keys are not alike."""
    return Random(f"{seed}/{part}/{tick}")


def pick(logits: Array, chance: Random) -> int:
    """An index drawn with the probabilities that the logits, of shape (n,), stand for.

    Entries of minus infinity are never drawn; at least one must be finite.
    """
    odds = np.exp(logits - logits.max()).cumsum()
    return min(int(odds.searchsorted(chance.random() * float(odds[-1]), "right")), len(odds) - 1)
