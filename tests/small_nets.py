"""Small nets for the tests: the grammar's inputs and outputs, few units, numbers of our choice."""

from __future__ import annotations

import numpy as np

from live_improv.model import Sizes, Weights
from live_improv.model_folder import context_sizes


def sizes(units: int = 6, pitch_units: int = 5, time_units: int = 4) -> Sizes:
    """The shape of a small net."""
    return context_sizes(units, pitch_units, time_units)


def zero_weights() -> Weights:
    """A net that knows nothing: every logit is 0."""
    shape = sizes()
    return Weights(
        shape, {name: np.zeros(size, np.float32) for name, size in shape.shapes().items()}
    )


def random_weights(
    seed: int = 0, scale: float = 0.5, shape: Sizes | None = None, *, recalls: bool = False
) -> Weights:
    """A net with opinions that nobody taught it; the larger the scale, the stronger they are.

    Args:
        recalls: whether it heeds what the line did before. One that nobody has taught how much
            soon repeats itself for ever.
    """
    shape = shape or sizes()
    rng = np.random.default_rng(seed)
    arrays = {
        name: (scale * rng.standard_normal(size)).astype(np.float32)
        for name, size in shape.shapes().items()
    }
    if not recalls:
        for name in ("experts", "experts_bias"):
            arrays[name][..., -shape.pitch_recalls :] = 0.0
        for name in ("time", "time_bias"):
            arrays[name][..., -shape.gap_recalls :] = 0.0
    return Weights(shape, arrays)
