"""How a wind instrument is played: one note as a gesture of breath.

While a note sounds the dark and the bright wave of its pitch are mixed, and pitch, loudness and
brightness go the way a player takes them: a tongued note begins with breath and a scoop from
below, a slurred one at once; a held note is left straight and then swells into vibrato.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

import numpy as np
from numpy.typing import NDArray

from live_improv.sound.partials import Samples, noise
from live_improv.sound.voices import GONE, falling
from live_improv.sound.winds import WAVE_BITS, Wind

STEP = 128
"""Frames between two points at which a gesture is told; between them it is a straight line."""

_WAVE = 1 << WAVE_BITS
_FRAMES = np.arange(STEP, dtype=np.float32)
_LINE = _FRAMES / STEP
_BEND = _FRAMES * _LINE / 2


@dataclass(slots=True)
class Breath:
    """How one note is played: a gesture, told every `STEP` frames from its beginning.

    Attributes:
        step: of the pitch, in places of the wave a frame.
        hard: 0..1.
        slurred: semitones from the note before to this one, None where it is tongued.
        straight, pulse, depth: of the vibrato, in seconds, a second, and cents.
    """

    wind: Wind
    step: float
    hard: float
    slurred: float | None
    rate: int
    chance: Random
    straight: float = field(init=False)
    pulse: float = field(init=False)
    depth: float = field(init=False)
    detune: float = field(init=False)

    def __post_init__(self) -> None:
        draw = self.chance.uniform
        self.straight = self.wind.straight * draw(0.8, 1.3)
        self.pulse = self.wind.pulse * draw(0.93, 1.07)
        self.depth = self.wind.vibrato * draw(0.75, 1.2)
        self.detune = draw(-2.5, 2.5)

    def told(self, first: int, count: int) -> tuple[NDArray[np.float64], ...]:
        """Places a frame, loudness, brightness and breath at `count` points from number `first`."""
        wind = self.wind
        time = np.arange(first, first + count) * (STEP / self.rate)
        swell = np.clip((time - self.straight) / 0.5, 0.0, 1.0)
        sway = np.sin(2 * np.pi * self.pulse * (time - self.straight)) * swell
        cents = self.detune + self.depth * sway
        if self.slurred is None:
            onset = 1.0 - np.exp(-time / (wind.attack * (1.25 - 0.5 * self.hard)))
            cents = cents - wind.scoop * np.exp(-time / 0.028)
            chiff = np.exp(-time / 0.035)
        else:
            onset = 1.0 - np.exp(-time / wind.slur)
            glide = max(min(self.slurred, 3.0), -3.0) * 30.0
            cents = cents - glide * np.exp(-time / 0.008)
            chiff = 0.15 * np.exp(-time / 0.03)
        turns = self.step * (1.0 + cents * (np.log(2) / 1200))
        settle = 0.86 + 0.14 * np.exp(-time / 0.12) + 0.08 * swell
        loud = onset * settle * (1.0 + 0.06 * sway)
        bright = self.hard * (0.75 + 0.25 * onset) + 0.18 * np.exp(-time / 0.07) - 0.06
        bright = np.clip(bright + 0.05 * sway, 0.0, 1.0)
        air = wind.breath * (0.55 + 2.2 * chiff) * np.minimum(time / 0.004, 1.0)
        return turns, loud, bright, air


class Air:
    """Noise of breath, some seconds of it, that goes round."""

    SECONDS = 1.5

    def __init__(self, wind: Wind, rate: int) -> None:
        low, high = wind.air
        once = noise(rate, self.SECONDS, low, high, 1e9, 7)
        # The burst fades in and out; only what lies between is used.
        cut = round(0.12 * self.SECONDS * rate)
        steady = once[cut:-cut]
        self.samples: Samples = np.concatenate((steady, steady))
        self.length = len(steady)

    def read(self, start: int, count: int) -> Samples:
        """So many frames from `start` on, which is below `length`."""
        if start + count <= len(self.samples):
            return self.samples[start : start + count]
        return self.samples.take(np.arange(start, start + count), mode="wrap")


class Blown:
    """A voice that is held by a player's breath; the frames are those of `voices.Voice`.

    Args:
        waves: one period, dark and bright, of shape (2, 2 ** `WAVE_BITS`).
        breath: how it is played.
        air: the noise beside it.
        start: the frame at which it begins.
        gain: how loud.
    """

    def __init__(
        self, waves: NDArray[np.float32], breath: Breath, air: Air, start: int, gain: float
    ) -> None:
        self._start = start
        self.off: int | None = None
        self.done = False
        self._waves = waves
        self._breath = breath
        self._air = air
        self._gain = gain
        self._falls: list[tuple[int, float]] = []
        self._phase = 0.0
        self._noise = breath.chance.randrange(air.length)

    def add_to(self, out: Samples, now: int, loud: float) -> None:
        """Add what sounds from the frame `now` on to `out`, at the level `loud`."""
        begin = max(self._start - now, 0)
        age, count = now + begin - self._start, len(out) - begin
        point = age // STEP
        points = -(-(age + count) // STEP) - point + 1
        within = slice(age - point * STEP, age - point * STEP + count)
        turns, level, bright, air = self._breath.told(point, points)
        level *= self._gain * loud
        for begin_at, life in self._falls:
            gone = (np.arange(point, point + points) - begin_at) / life
            level *= falling(gone)
            self.done = self.done or bool(gone[-2] >= GONE)

        index = self._places(turns, (age + count) // STEP - point).ravel()[within]
        dark, light = self._waves
        sound = dark.take(index)
        sound += _lines(bright)[within] * (light.take(index) - sound)
        at = (self._noise + age) % self._air.length
        sound += _lines(air)[within] * self._air.read(at, count)
        sound *= _lines(level)[within]
        out[begin:] += sound

    def let_go(self, frame: int, release: float | None = None) -> None:
        """End it from the next point after `frame` on, in `release` seconds if not in its own."""
        if release is None and self.off is not None:
            return
        release = self._breath.wind.release if release is None else release
        frame = max(frame, self._start)
        self.off = frame if self.off is None else self.off
        # A line between two points that has begun is not bent.
        self._falls.append((-(-(frame - self._start) // STEP), release * self._breath.rate / STEP))

    def _places(self, turns: NDArray[np.float64], kept: int) -> NDArray[np.intp]:
        """Where in the wave every frame between the points is, of shape (points - 1, STEP).

        The place at the point number `kept` is where the next stretch goes on.
        """
        begin, rise = turns[:-1], np.diff(turns)
        steps = np.concatenate(((self._phase,), (begin + rise / 2) * STEP)).cumsum() % _WAVE
        self._phase = float(steps[kept])
        place = begin.astype(np.float32)[:, None] * _FRAMES
        place += rise.astype(np.float32)[:, None] * _BEND
        place += steps[:-1].astype(np.float32)[:, None]
        return place.astype(np.intp) & (_WAVE - 1)


def _lines(points: NDArray[np.float64]) -> Samples:
    """Straight lines from point to point, one value a frame."""
    begin, rise = points[:-1].astype(np.float32), np.diff(points).astype(np.float32)
    return np.asarray((begin[:, None] + rise[:, None] * _LINE).ravel())
