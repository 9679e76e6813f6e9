"""The drum kit: what is heard of each key of General MIDI's percussion map.

A cymbal is many partials at chance frequencies that decay the faster the higher they are and, above
them, where nobody tells partials apart, noise; a drum is a few modes of a membrane and noise; a
stick is noise of a few milliseconds. Chance is seeded by the key: it is always the same kit.
Colour and decay of the cymbals were set beside those of a General MIDI sound font.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from live_improv.sound.partials import Partials, Recipe, Samples, noise

Maker = Callable[[float, int, int], Recipe]
"""Of hardness (0..1), frames a second and which of its strokes it is."""

_NOTHING = Partials(*(np.zeros(0) for _ in range(4)))


def _cymbal(
    count: int,
    band: tuple[float, float],
    ring: tuple[float, float],
    tilt: float,
    seed: int,
) -> Partials:
    """Partials of a plate of bronze.

    Args:
        count: of the partials.
        band: the lowest and highest frequency in Hz.
        ring: the decay at 500 Hz and at 8000 Hz, in seconds.
        tilt: decibels an octave.
    """
    chance = np.random.default_rng(seed)
    low, high = band
    # Modes of a plate lie evenly over frequency, so there are more of them in a higher octave.
    spread = chance.uniform(0, 1, count) ** 0.8
    frequency = low * (high / low) ** spread
    slope = np.log(ring[1] / ring[0]) / np.log(16.0)
    decay = ring[0] * (frequency / 500.0) ** slope
    amplitude = (frequency / 3000.0) ** (tilt / 6.02) * chance.rayleigh(0.8, count)
    amplitude /= np.sqrt(np.sum(amplitude**2) / 2)
    return Partials(frequency, amplitude, decay, chance.uniform(0, 2 * np.pi, count))


def _joined(*groups: tuple[Partials, float]) -> Partials:
    """Several groups, each with its gain."""
    return Partials(
        np.concatenate([each.frequencies for each, _ in groups]),
        np.concatenate([each.amplitudes * gain for each, gain in groups]),
        np.concatenate([each.decays for each, _ in groups]),
        np.concatenate([each.phases for each, _ in groups]),
    )


def _modes(*rows: tuple[float, float, float]) -> Partials:
    """Partials by frequency in Hz, amplitude and decay in seconds."""
    frequency, amplitude, decay = (np.array(column) for column in zip(*rows, strict=True))
    return Partials(frequency, amplitude, decay, np.full(len(rows), -np.pi / 2))


def _ride(hard: float, rate: int, stroke: int) -> Recipe:
    wash = _cymbal(130, (1000.0, 11_000.0), (1.0, 0.36), 2.5, 51 + stroke)
    ping = _cymbal(40, (3200.0, 12_000.0), (0.22, 0.08), 1.0, 151)
    bell = _cymbal(9, (620.0, 2400.0), (0.8, 0.5), 0.0, 251)
    parts = _joined((wash, 0.20 + 0.33 * hard), (ping, 0.75), (bell, 0.03 + 0.05 * hard))
    hiss = noise(rate, 0.7, 8000.0, 16_000.0, 0.17, 451 + stroke) * (0.12 + 0.20 * hard)
    stick = noise(rate, 0.012, 3000.0, 14_000.0, 0.0022, 351 + stroke)
    hiss[: len(stick)] += stick * (0.6 + 0.5 * hard)
    return Recipe(parts, hiss, 0.0006, 3.2)


def _bell(hard: float, rate: int, stroke: int) -> Recipe:
    wash = _cymbal(90, (1000.0, 11_000.0), (1.0, 0.35), 2.0, 53 + stroke)
    bell = _cymbal(14, (900.0, 6500.0), (1.1, 0.5), 1.0, 153)
    parts = _joined((wash, 0.2 + 0.2 * hard), (bell, 0.9))
    return Recipe(parts, noise(rate, 0.01, 2500.0, 12_000.0, 0.002, 253) * 0.5, 0.0006, 3.0)


def _crash(hard: float, rate: int, stroke: int) -> Recipe:
    wash = _cymbal(160, (500.0, 10_000.0), (1.0, 0.5), 1.5, 49 + stroke)
    parts = _joined((wash, 1.0))
    hiss = noise(rate, 1.4, 7000.0, 16_000.0, 0.3, 149 + stroke)
    return Recipe(parts, hiss * (0.2 + 0.5 * hard), 0.012 - 0.008 * hard, 3.5)


def _hat(decay: float, seconds: float, tick: float) -> Maker:
    def make(hard: float, rate: int, stroke: int) -> Recipe:
        plates = _cymbal(70, (2200.0, 16_500.0), (decay, decay * 0.8), 2.0, 42 + stroke)
        hiss = noise(rate, min(4 * decay, 0.6), 6000.0, 16_000.0, decay * 0.8, 142 + stroke)
        stick = noise(rate, 0.01, 2500.0, 11_000.0, 0.002, 242)
        body = hiss * (0.35 + 0.25 * hard)
        body[: len(stick)] += stick * tick
        return Recipe(_joined((plates, 0.5)), body, 0.0008, seconds)

    return make


def _snare(wires: float) -> Maker:
    def make(hard: float, rate: int, stroke: int) -> Recipe:
        skin = _modes((186.0, 0.55, 0.07), (331.0, 0.35, 0.045), (465.0, 0.15, 0.03))
        rattle = noise(rate, 0.4, 1100.0, 8000.0, wires * (0.7 + 0.6 * hard), 38 + stroke)
        return Recipe(skin, rattle * (0.28 + 0.4 * hard), 0.0008, 0.45)

    return make


def _rim(hard: float, rate: int, stroke: int) -> Recipe:
    wood = _modes(
        (410.0, 0.3, 0.018), (1130.0, 0.5, 0.014), (1920.0, 0.8, 0.012), (3150.0, 0.7, 0.01)
    )
    return Recipe(wood, noise(rate, 0.012, 1500.0, 8000.0, 0.002, 37) * 0.4, 0.0004, 0.15)


def _kick(hard: float, rate: int, stroke: int) -> Recipe:
    head = noise(rate, 0.03, 300.0, 1200.0 + 2500.0 * hard, 0.005, 36) * (0.12 + 0.35 * hard)
    return Recipe(_NOTHING, _struck_skin(rate, 52.0, 0.55, 0.13, 0.45, head), 0.0005, 0.5)


def _tom(first: float) -> Maker:
    def make(hard: float, rate: int, stroke: int) -> Recipe:
        head = noise(rate, 0.06, 300.0, 2500.0 + 2500.0 * hard, 0.012, 41) * (0.1 + 0.25 * hard)
        over = _modes((first * 1.59, 0.25, 0.12), (first * 2.14, 0.12, 0.07))
        return Recipe(over, _struck_skin(rate, first, 0.25 * hard, 0.26, 0.9, head), 0.001, 0.95)

    return make


def _struck_skin(
    rate: int, first: float, rise: float, decay: float, seconds: float, head: Samples
) -> Samples:
    """A membrane that is `rise` times higher when it is struck and falls to `first` Hz."""
    time = np.arange(round(seconds * rate)) / rate
    phase = 2 * np.pi * first * (time + rise * 0.035 * (1 - np.exp(-time / 0.035)))
    sound = np.sin(phase) * np.exp(-time / decay) * np.minimum((seconds - time) / 0.05, 1.0)
    sound[: len(head)] += head
    return np.asarray(sound, np.float32)


def _block(first: float) -> Maker:
    def make(hard: float, rate: int, stroke: int) -> Recipe:
        wood = _modes((first, 1.0, 0.016), (first * 1.52, 0.4, 0.01), (first * 2.6, 0.2, 0.006))
        return Recipe(wood, noise(rate, 0.006, 1500.0, 7000.0, 0.001, 76) * 0.2, 0.0004, 0.14)

    return make


def _shaker(decay: float) -> Maker:
    def make(hard: float, rate: int, stroke: int) -> Recipe:
        return Recipe(_NOTHING, noise(rate, 4 * decay, 4000.0, 12_000.0, decay, 70), 0.001, 0.3)

    return make


def _cowbell(hard: float, rate: int, stroke: int) -> Recipe:
    bell = _modes((562.0, 0.7, 0.09), (845.0, 0.8, 0.07), (2540.0, 0.2, 0.02))
    return Recipe(bell, noise(rate, 0.006, 1500.0, 7000.0, 0.001, 56) * 0.2, 0.0005, 0.4)


@dataclass(frozen=True, slots=True)
class Drum:
    """One key of the kit.

    Attributes:
        make: its sound.
        gain: of a stroke of velocity 100.
        pan: where it stands, -1 (left) to 1.
        dynamics: decibels that velocity makes, from 100 down to 50.
        strokes: how many there are in turn, so that no two that follow are the same.
        damps: keys that a stroke ends, itself among them: a cymbal has only so much in it.
        damping: seconds in which they then fall to 1/e.
    """

    make: Maker
    gain: float
    pan: float
    dynamics: float = 12.0
    strokes: int = 1
    damps: tuple[int, ...] = ()
    damping: float = 0.015


_HATS = (42, 44, 46)
_RIDE = Drum(_ride, 0.12, 0.5, 9.0, 2, (51, 59), 0.22)
_SNARE = Drum(_snare(0.075), 0.18, 0.1, 13.0, 2)
_CRASH = Drum(_crash, 0.10, -0.3, 12.0, 1, (49, 52, 55, 57), 0.4)
_KICK = Drum(_kick, 0.30, 0.1)
_CLICK = Drum(_block(1850.0), 0.16, 0.0)

KIT = {
    **dict.fromkeys((35, 36), _KICK),
    37: Drum(_rim, 0.11, 0.1),
    38: _SNARE,
    40: Drum(_snare(0.055), 0.16, 0.1, 13.0, 2),
    39: Drum(_shaker(0.05), 0.08, 0.1),
    41: Drum(_tom(78.0), 0.26, 0.5),
    43: Drum(_tom(92.0), 0.25, 0.5),
    45: Drum(_tom(112.0), 0.24, 0.3),
    47: Drum(_tom(134.0), 0.23, 0.1),
    48: Drum(_tom(158.0), 0.22, -0.15),
    50: Drum(_tom(188.0), 0.21, -0.15),
    42: Drum(_hat(0.045, 0.3, 0.5), 0.11, -0.15, 11.0, 2, _HATS),
    44: Drum(_hat(0.035, 0.25, 0.0), 0.14, -0.15, 9.0, 2, _HATS),
    46: Drum(_hat(0.3, 1.4, 0.4), 0.09, -0.15, 11.0, 1, _HATS),
    **dict.fromkeys((49, 52, 55, 57), _CRASH),
    **dict.fromkeys((51, 59), _RIDE),
    53: Drum(_bell, 0.10, 0.5, 10.0, 1, (51, 53, 59), 0.22),
    54: Drum(_shaker(0.08), 0.06, -0.2),
    56: Drum(_cowbell, 0.09, 0.2),
    **dict.fromkeys((69, 70, 82), Drum(_shaker(0.03), 0.06, -0.3)),
    **dict.fromkeys((31, 33, 75), _CLICK),
    34: Drum(_block(2400.0), 0.16, 0.0),
    76: Drum(_block(2400.0), 0.16, 0.0),
    77: _CLICK,
}
"""What there is, by key; other keys are silent."""
