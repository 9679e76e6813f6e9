"""Tones that are struck or plucked: piano, electric piano, vibraphone, guitar, basses.

Each instrument is a function of pitch and hardness (0..1, how hard it is struck) to a `Recipe`. How
partials lie and die away is as in Fletcher and Rossing, The Physics of Musical Instruments
(chapters 9, 12 and 19), in the plainest form; the balance was set by the long-term spectra of the
same takes played with a General MIDI sound font.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from live_improv.sound.partials import Partials, Recipe, noise, tuned

Array = NDArray[np.float64]

Maker = Callable[[int, float, int], Recipe]
"""Of pitch, hardness and frames a second."""


def piano(pitch: int, hard: float, rate: int) -> Recipe:
    """A grand: stiff strings, two decays, a hammer at an eighth of the string."""
    first = tuned(pitch)
    stiff = 3e-4 * 2.0 ** ((pitch - 60) / 12)
    k = _harmonics(first, 9000.0, 36)
    frequency = k * first * np.sqrt(1 + stiff * k * k)
    bright = 500.0 + 2600.0 * hard**1.4 + 1.2 * first
    amplitude = np.abs(np.sin(np.pi * k / 8.2)) / k**0.9 * np.exp(-((frequency / bright) ** 0.9))
    # The soundboard hardly radiates the lowest notes' fundamentals.
    amplitude = amplitude / (1.0 + (75.0 / frequency) ** 2)
    decay = 2.4 * 2.0 ** (-(pitch - 48) / 14) / (1 + (frequency / 3000.0) ** 1.3)
    chance = np.random.default_rng(pitch)
    phase = chance.uniform(0, 2 * np.pi, len(k))
    both = Partials(
        np.concatenate((frequency * 0.99985, frequency * 1.00015, (95.0, 190.0))),
        np.concatenate((amplitude * 0.75, amplitude * 0.35, np.full(2, 0.12 * hard + 0.04))),
        np.concatenate((decay * 0.3, decay * 1.3, (0.05, 0.04))),
        np.concatenate((phase, phase + 0.5, (0.0, 1.0))),
    )
    hammer = noise(rate, 0.03, 300.0, 900.0 + 3000.0 * hard, 0.006, 1000 + pitch)
    return Recipe(
        _level(both, 1.0), hammer * (0.05 + 0.12 * hard), 0.0015, min(6.0 * decay[0], 9.0)
    )


def electric_piano(pitch: int, hard: float, rate: int) -> Recipe:
    """Tines before pickups: nearly a sine when soft, with a bark when hard, and a bell."""
    first = tuned(pitch)
    k = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    amplitude = np.array([1.0, 0.9 * hard, 0.6 * hard**2, 0.35 * hard**2, 0.2 * hard**3, 0.0])
    amplitude[5] = 0.1 * hard**3
    tine = np.array([7.1, 17.2])
    decay = 1.8 * 2.0 ** (-(pitch - 60) / 20)
    partials = Partials(
        np.concatenate((k, tine)) * first,
        np.concatenate((amplitude, (0.22 * hard, 0.06 * hard))),
        np.concatenate((decay / k**0.6, (0.14, 0.05))),
        np.concatenate((np.zeros(6), (1.0, 2.0))),
    )
    knock = noise(rate, 0.02, 200.0, 1500.0, 0.005, 1)
    return Recipe(_level(partials, 1.0), knock * 0.05, 0.002, 5.0)


def vibes(pitch: int, hard: float, rate: int) -> Recipe:
    """Bars tuned to 1 : 4 : 10 over resonators whose discs turn five times a second."""
    first = tuned(pitch)
    ratio = np.array([1.0, 1.0, 1.0, 4.0, 9.9, 18.0])
    beat = np.array([0.0, 5.0, -5.0, 0.0, 0.0, 0.0])
    amplitude = np.array([1.0, 0.12, 0.12, 0.10 + 0.22 * hard, 0.02 + 0.08 * hard, 0.02 * hard])
    low = 2.0 ** (-(pitch - 65) / 24)
    decay = np.array([2.2, 2.2, 2.2, 0.55, 0.16, 0.05]) * low
    partials = Partials(ratio * first + beat, amplitude, decay, np.array([0.0, 0, 0, 1, 2, 3]))
    mallet = noise(rate, 0.02, 400.0, 2500.0, 0.004, 2)
    return Recipe(_level(partials, 1.0), mallet * (0.03 + 0.06 * hard), 0.0015, 6.0)


def guitar(pitch: int, hard: float, rate: int) -> Recipe:
    """A hollow-body guitar, plucked over the end of the neck, its pickup by the neck."""
    first = tuned(pitch)
    k = _harmonics(first, 6500.0, 28)
    frequency = k * first * np.sqrt(1 + 6e-5 * k * k)
    amplitude = np.abs(np.sin(np.pi * k * 0.21) * np.sin(np.pi * k * 0.26)) / k
    amplitude = (amplitude + 0.01 / k) * np.exp(-((frequency / (1500.0 + 2300.0 * hard)) ** 1.2))
    decay = 1.5 * 2.0 ** (-(pitch - 55) / 18) / (1 + (frequency / 1500.0) ** 1.1)
    phase = np.random.default_rng(pitch).uniform(0, 2 * np.pi, len(k))
    partials = Partials(frequency, amplitude, decay, phase)
    pick = noise(rate, 0.02, 700.0, 1500.0 + 3000.0 * hard, 0.003, 3)
    return Recipe(_level(partials, 1.0), pick * (0.04 + 0.1 * hard), 0.002, 5.0)


def upright_bass(pitch: int, hard: float, rate: int) -> Recipe:
    """Gut and steel under a finger: a slow swell of the low partials, a body, a little growl."""
    first = tuned(pitch)
    k = _harmonics(first, 3200.0, 30)
    frequency = k * first * np.sqrt(1 + 4e-5 * k * k)
    pluck = np.abs(np.sin(np.pi * k * 0.17)) / k**0.85 + 0.015 / k
    bright = 330.0 + 700.0 * hard
    amplitude = pluck * np.exp(-((frequency / bright) ** 0.9)) * _body(frequency)
    decay = 1.35 * 2.0 ** (-(pitch - 36) / 20) / (1 + (frequency / 420.0) ** 1.0)
    phase = np.random.default_rng(pitch).uniform(0, 2 * np.pi, len(k))
    # What swells is a partial less the same one that is gone soon.
    swell = np.where(k <= 3, 0.75, 0.25)
    partials = Partials(
        np.concatenate((frequency, frequency)),
        np.concatenate((amplitude, -amplitude * swell)),
        np.concatenate((decay, np.full(len(k), 0.022))),
        np.concatenate((phase, phase)),
    )
    finger = noise(rate, 0.05, 500.0, 1800.0 + 1200.0 * hard, 0.009, 4)
    return Recipe(_level(partials, 1.0), finger * (0.04 + 0.08 * hard), 0.003, 4.0)


def electric_bass(pitch: int, hard: float, rate: int) -> Recipe:
    """A bass guitar, fingered."""
    first = tuned(pitch)
    k = _harmonics(first, 4000.0, 30)
    amplitude = np.abs(np.sin(np.pi * k * 0.14)) / k * np.exp(-(k * first) / (500 + 900 * hard))
    decay = 2.2 / (1 + (k * first / 500.0))
    phase = np.random.default_rng(pitch).uniform(0, 2 * np.pi, len(k))
    partials = Partials(k * first, amplitude, decay, phase)
    return Recipe(
        _level(partials, 1.0), noise(rate, 0.02, 500.0, 2500.0, 0.004, 5) * 0.06, 0.003, 5.0
    )


def _harmonics(first: float, highest: float, most: int) -> Array:
    """The numbers of the partials up to `highest` Hz: at least one."""
    return np.arange(1, 1 + max(min(int(highest / first), most), 1), dtype=float)


def _body(frequency: Array) -> Array:
    """How a bass's body radiates: air near 65 Hz, wood near 115 and 230, little below."""
    gain = 0.55 / (1.0 + (55.0 / frequency) ** 3)
    for centre, width, height in ((65.0, 18.0, 0.5), (115.0, 35.0, 0.8), (230.0, 90.0, 0.7)):
        gain = gain + height / (1.0 + ((frequency - centre) / width) ** 2)
    return gain + 0.35 / (1.0 + ((frequency - 750.0) / 300.0) ** 2)


def _level(partials: Partials, loud: float) -> Partials:
    """The same with a mean square of `loud` squared at its beginning, as if never cancelled."""
    power = float(np.sqrt(np.sum(partials.amplitudes**2) / 2)) or 1.0
    return Partials(
        partials.frequencies, partials.amplitudes * (loud / power), partials.decays, partials.phases
    )


@dataclass(frozen=True, slots=True)
class Plucked:
    """An instrument whose tones die away.

    Attributes:
        make: its tones.
        gain: of a note of velocity 100.
        release: seconds in which a note falls to 1/e when its key comes up.
        dynamics: decibels that velocity makes, from 100 down to 50.
    """

    make: Maker
    gain: float
    release: float
    dynamics: float


PLUCKED = {
    "piano": Plucked(piano, 0.16, 0.07, 10.0),
    "electric piano": Plucked(electric_piano, 0.16, 0.06, 8.0),
    "vibes": Plucked(vibes, 0.20, 0.16, 9.0),
    "guitar": Plucked(guitar, 0.22, 0.05, 8.0),
    "upright bass": Plucked(upright_bass, 0.25, 0.045, 8.0),
    "electric bass": Plucked(electric_bass, 0.26, 0.04, 8.0),
}
