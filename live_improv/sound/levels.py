"""Levels: a soft limit that nothing passes."""

from __future__ import annotations

import numpy as np

from live_improv.sound.partials import Samples

KNEE = 0.50
"""Up to here nothing is bent."""

CEILING = 0.84
"""-1.5 dBFS: what is bent never reaches it, and between two frames it stays below -1 dBFS."""


def limited(sound: Samples) -> Samples:
    """The same, bent softly where it is louder than `KNEE`, and below `CEILING` everywhere."""
    if max(sound.max(initial=0.0), -sound.min(initial=0.0)) <= KNEE:
        return sound
    room = np.float32(CEILING - KNEE)
    within = np.clip(sound, -KNEE, KNEE)
    return np.asarray(within + room * np.tanh((sound - within) / room))
