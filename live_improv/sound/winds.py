"""Blown tones: reeds, brass, and what else is held. A table of instruments, and their waves.

A wave is one period, made for each pitch, dark and bright; `blowing` is what a player does with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from live_improv.sound.partials import tuned

WAVE_BITS = 13
"""A period is so many bits long; read at the nearest place it is 70 dB clean."""


@dataclass(frozen=True, slots=True)
class Wind:
    """An instrument that is blown.

    Attributes:
        formants: of its bore and bell: centre and width in Hz, and how much.
        dark, bright: frequencies in Hz at which its spectrum falls, softly and fully blown.
        fall: decibels an octave by which it falls there.
        even: how much there is of even partials, at the lowest and at the highest notes.
        attack: seconds until a tongued note speaks.
        slur: the same where it is slurred into.
        release: seconds in which it falls to 1/e.
        scoop: cents from which below a tongued note begins.
        vibrato: cents.
        pulse: vibrato, a second.
        straight: seconds that a note is held before.
        breath: how much noise there is beside the tone.
        air: the band of that noise in Hz.
        gain: of a note of velocity 100.
        dynamics: decibels that velocity makes, from 100 down to 50.
    """

    formants: tuple[tuple[float, float, float], ...]
    dark: float
    bright: float
    fall: float = 14.0
    even: tuple[float, float] = (1.0, 1.0)
    attack: float = 0.016
    slur: float = 0.010
    release: float = 0.022
    scoop: float = 35.0
    vibrato: float = 18.0
    pulse: float = 5.2
    straight: float = 0.30
    breath: float = 0.04
    air: tuple[float, float] = (1200.0, 7000.0)
    gain: float = 0.17
    dynamics: float = 7.0


WINDS = {
    "soprano": Wind(((900, 500, 0.7), (2100, 900, 0.7)), 1500, 3800, breath=0.035, gain=0.15),
    "alto": Wind(((650, 350, 0.9), (1500, 600, 0.7), (2900, 900, 0.35)), 1150, 3200, breath=0.05),
    "tenor": Wind(
        ((480, 260, 1.0), (1200, 500, 0.8), (2500, 800, 0.35)), 850, 2700, breath=0.065, gain=0.18
    ),
    "baritone": Wind(
        ((330, 200, 1.0), (900, 400, 0.9), (2000, 700, 0.35)), 650, 2200, breath=0.06, gain=0.19
    ),
    "clarinet": Wind(
        ((1500, 700, 0.5), (3000, 900, 0.2)),
        *(1300, 2700),
        fall=17.0,
        even=(0.12, 0.7),
        breath=0.02,
        vibrato=5.0,
        scoop=12.0,
        gain=0.17,
    ),
    "trumpet": Wind(
        ((1250, 700, 1.3), (2600, 1100, 0.5)),
        *(1300, 4600),
        fall=12.0,
        attack=0.012,
        scoop=20.0,
        vibrato=14.0,
        breath=0.02,
        gain=0.15,
    ),
    "trombone": Wind(
        ((560, 300, 1.3), (1300, 600, 0.6)),
        *(700, 2500),
        fall=12.0,
        attack=0.019,
        slur=0.02,
        scoop=30.0,
        vibrato=14.0,
        breath=0.02,
        gain=0.18,
    ),
    "flute": Wind(
        ((900, 700, 0.6),), 900, 1900, attack=0.028, breath=0.12, air=(800.0, 5000.0), gain=0.17
    ),
    "organ": Wind(
        (), *(1500, 2500), attack=0.006, scoop=0.0, vibrato=6.0, pulse=6.6, straight=0.0, breath=0.0
    ),
    "strings": Wind(
        ((500, 300, 0.5), (2500, 1200, 0.5)),
        *(1500, 2600),
        attack=0.09,
        slur=0.06,
        release=0.10,
        scoop=0.0,
        straight=0.1,
        breath=0.02,
        gain=0.10,
    ),
}
"""Those there are, by name."""

_VOICED = 40
"""At most so many partials."""


def waves(wind: Wind, pitch: int, rate: int) -> NDArray[np.float32]:
    """One period, dark, and what makes it bright when it is added, of shape (2, 2 ** `WAVE_BITS`).

    The dark and the bright wave have a mean square of 1.
    """
    first = tuned(pitch)
    count = max(min(_VOICED, int(min(0.42 * rate, 15_000.0) / first)), 1)
    k = np.arange(1, count + 1, dtype=float)
    hertz = k * first
    shape = np.full(count, 0.35)
    for centre, width, height in wind.formants:
        shape += height / (1.0 + ((hertz - centre) / width) ** 2)
    high = min(max((pitch - 50) / 36, 0.0), 1.0)
    even = wind.even[0] + (wind.even[1] - wind.even[0]) * high
    shape[1::2] *= even
    # Phases of chance keep the crest low, and are the same in both, so that they can be mixed.
    turn = np.exp(2j * np.pi * np.random.default_rng(pitch).uniform(0, 1, count))
    size = 1 << WAVE_BITS
    found = np.empty((2, size), np.float32)
    for row, corner in enumerate((wind.dark, wind.bright)):
        corner = max(corner, first * 0.8)
        amplitude = shape / (1.0 + (hertz / corner) ** (wind.fall / 3.01)) ** 0.5 / k**0.35
        spectrum = np.zeros(size // 2 + 1, np.complex128)
        spectrum[1 : count + 1] = amplitude * turn
        wave = np.fft.irfft(spectrum)
        found[row] = wave / np.sqrt(np.mean(wave**2))
    found[1] -= found[0]
    return found
