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


def random_weights(seed: int = 0, scale: float = 0.5, shape: Sizes | None = None) -> Weights:
    """A net with opinions that nobody taught it; the larger the scale, the stronger they are."""
    shape = shape or sizes()
    rng = np.random.default_rng(seed)
    return Weights(
        shape,
        {
            name: (scale * rng.standard_normal(size)).astype(np.float32)
            for name, size in shape.shapes().items()
        },
    )
