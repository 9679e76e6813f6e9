"""Loudness: the standard's reference tone, and another program's measure."""

from __future__ import annotations

import numpy as np
import pytest

from live_improv.sound.loudness import integrated
from live_improv.sound.partials import Samples

pyloudnorm = pytest.importorskip("pyloudnorm")


def tone(hertz: float, level: float, seconds: float, rate: int) -> Samples:
    """A sine of a peak of `level` dBFS on both sides."""
    time = np.arange(round(seconds * rate)) / rate
    wave = 10 ** (level / 20) * np.sin(2 * np.pi * hertz * time)
    return np.asarray([wave, wave], np.float32)


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_the_reference_tone(rate: int) -> None:
    # EBU Tech 3341, case 1: 1 kHz at -23 dBFS on both sides is -23 LUFS.
    assert integrated(tone(1000.0, -23.0, 20.0, rate), rate) == pytest.approx(-23.0, abs=0.1)


def test_what_is_silent_does_not_count() -> None:
    loud = tone(1000.0, -23.0, 10.0, 48_000)
    silence = np.zeros((2, 480_000), np.float32)
    soft = tone(1000.0, -43.0, 10.0, 48_000)
    for after in (silence, soft):
        both = np.concatenate((loud, after), axis=1)
        assert integrated(both, 48_000) == pytest.approx(-23.0, abs=0.15)
    assert integrated(silence, 48_000) == -np.inf
    assert integrated(silence[:, :0], 48_000) == -np.inf


@pytest.mark.parametrize("colour", [0.0, 0.9, 0.99, -0.7])
def test_as_another_program_measures(colour: float) -> None:
    rate = 44_100
    chance = np.random.default_rng(3)
    white = chance.standard_normal((2, 6 * rate))
    spectrum = np.fft.rfft(white)
    turn = np.exp(-2j * np.pi * np.fft.rfftfreq(6 * rate))
    sound = np.fft.irfft(spectrum / (1 - colour * turn))
    sound *= 0.1 / sound.std()
    sound *= np.repeat(chance.uniform(0.1, 1.5, 12), rate // 2)  # louder and softer
    theirs = pyloudnorm.Meter(rate).integrated_loudness(sound.T)
    assert integrated(sound.astype(np.float32), rate) == pytest.approx(theirs, abs=0.2)


def test_what_is_shorter_than_a_block_is_measured_too() -> None:
    assert -40 < integrated(tone(1000.0, -23.0, 0.2, 48_000), 48_000) < -23
