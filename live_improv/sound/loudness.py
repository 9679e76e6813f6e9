"""Loudness as broadcasters measure it: ITU-R BS.1770-4, integrated, in LUFS.

The K-weighting is applied to the spectra of stretches of 100 ms, four of which make one of its
gating blocks; what leaks from stretch to stretch is less than 0.1 dB.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from live_improv.sound.partials import Samples

STRETCH = 0.1
"""Seconds; a gating block is four of them, and one begins with each."""

_OFFSET = -0.691
_ABSOLUTE, _RELATIVE = -70.0, -10.0
_BLOCK = 4


def integrated(sound: Samples, rate: int) -> float:
    """The loudness of sound of shape (2, frames); minus infinity where there is none.

    What is shorter than a gating block is measured as one.
    """
    frames = round(STRETCH * rate)
    weights = _weighting(frames, rate)
    count = max(-(-sound.shape[1] // frames), _BLOCK)
    energies = np.zeros(count)
    for each in range(count):
        part = sound[:, each * frames : (each + 1) * frames]
        if part.shape[1] < frames:
            part = np.pad(part, ((0, 0), (0, frames - part.shape[1])))
        spectrum = np.fft.rfft(part)
        energies[each] = float(((spectrum.real**2 + spectrum.imag**2) @ weights).sum())
    blocks = np.convolve(energies, np.full(_BLOCK, 1 / _BLOCK), "valid")
    loud = blocks[blocks > 10 ** ((_ABSOLUTE - _OFFSET) / 10)]
    if not len(loud):
        return -np.inf
    loud = loud[loud > loud.mean() * 10 ** (_RELATIVE / 10)]
    return float(_OFFSET + 10 * np.log10(loud.mean()))


def _weighting(frames: int, rate: int) -> NDArray[np.float32]:
    """What each bin of a spectrum of so many frames adds to the weighted mean square."""
    hertz = np.asarray(np.fft.rfftfreq(frames, 1 / rate), np.float64)
    gain: NDArray[np.float64] = np.abs(_shelf(hertz, rate) * _high_pass(hertz, rate)) ** 2
    both_sides = np.full(len(hertz), 2.0)
    both_sides[0] = 1.0
    if frames % 2 == 0:
        both_sides[-1] = 1.0
    return np.asarray(gain * both_sides / frames**2, np.float32)


def _shelf(hertz: NDArray[np.float64], rate: int) -> NDArray[np.complex128]:
    """The head: 4 dB more above 1.7 kHz; the standard's filter at 48 kHz, at any rate."""
    gain, quality, centre = 10 ** (3.999843853973347 / 20), 0.7071752369554196, 1681.974450955533
    k = np.tan(np.pi * centre / rate)
    boost = gain**0.4996667741545416
    b = (gain + boost * k / quality + k * k, 2 * (k * k - gain), gain - boost * k / quality + k * k)
    return _response(
        hertz, rate, b, (1 + k / quality + k * k, 2 * (k * k - 1), 1 - k / quality + k * k)
    )


def _high_pass(hertz: NDArray[np.float64], rate: int) -> NDArray[np.complex128]:
    """The ear below 38 Hz."""
    quality, centre = 0.5003270373238773, 38.13547087602444
    k = np.tan(np.pi * centre / rate)
    a = (1 + k / quality + k * k, 2 * (k * k - 1), 1 - k / quality + k * k)
    # The standard's numerator is 1, -2, 1 beside a denominator that begins with 1.
    return _response(hertz, rate, (a[0], -2 * a[0], a[0]), a)


def _response(
    hertz: NDArray[np.float64],
    rate: int,
    b: tuple[float, float, float],
    a: tuple[float, float, float],
) -> NDArray[np.complex128]:
    """The response of a filter of second order."""
    z = np.exp(-2j * np.pi * hertz / rate)
    return np.asarray((b[0] + b[1] * z + b[2] * z * z) / (a[0] + a[1] * z + a[2] * z * z))
