"""The limit: what is soft stays as it is, nothing passes."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from live_improv.sound.levels import CEILING, KNEE, limited
from live_improv.sound.partials import Samples

ANY = arrays(np.float32, st.integers(0, 40), elements=st.floats(-50, 50, width=32))


@given(ANY)
def test_nothing_passes_and_soft_sound_is_left_alone(sound: Samples) -> None:
    found = limited(sound)
    assert np.abs(found).max(initial=0.0) <= CEILING + 1e-6
    soft = np.abs(sound) <= KNEE
    np.testing.assert_array_equal(found[soft], sound[soft])
    np.testing.assert_allclose(limited(-sound), -found, atol=1e-6)


@given(ANY)
def test_louder_is_never_softer(sound: Samples) -> None:
    ordered = np.sort(sound)
    assert (np.diff(limited(ordered)) >= -1e-6).all()


def test_it_bends_softly() -> None:
    found = limited(np.linspace(0, 2, 2001, dtype=np.float32))
    slope = np.diff(found) / 0.001
    assert np.abs(np.diff(slope)).max() < 0.02
