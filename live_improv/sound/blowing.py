"""How a wind instrument is played: one note as a gesture of breath.

While a note sounds the dark and the bright wave of its pitch are mixed, and pitch, loudness and
brightness go the way a player takes them: a tongued note begins with breath and a scoop from
below, a slurred one at once; a held note is left straight and then swells into vibrato.
"""

from __future__ import annotations

from functools import lru_cache
from random import Random

import numpy as np
from numpy.typing import NDArray

from live_improv.sound.partials import Samples, noise
from live_improv.sound.voices import GONE, falling
from live_improv.sound.winds import WAVE_BITS, Wind

STEP = 128
"""Frames between two points at which a gesture is told; between them it is a straight line."""

_WAVE = 1 << WAVE_BITS
_SETTLED = 0.7
"""Seconds after which the beginning of a note is over."""

_HARDNESSES = 8
"""How many ways to begin there are, soft to hard."""

_FRAMES = np.arange(STEP, dtype=np.float32)
_LINE = _FRAMES / STEP
_BEND = _FRAMES * _LINE / 2


@lru_cache(maxsize=256)
def _beginning(wind: Wind, tongued: bool, hard: float, rate: int) -> NDArray[np.float64]:
    """How a note begins: what changes in `_SETTLED` seconds and then stays.

    Rows of points: how far the pitch still is from its own (1 is all of a scoop or glide),
    loudness, brightness, and breath.
    """
    time = np.arange(round(_SETTLED * rate / STEP)) * (STEP / rate)
    if tongued:
        onset = 1.0 - np.exp(-time / (wind.attack * (1.25 - 0.5 * hard)))
        bend, chiff = np.exp(-time / 0.028), np.exp(-time / 0.035)
    else:
        onset = 1.0 - np.exp(-time / wind.slur)
        bend, chiff = np.exp(-time / 0.008), 0.15 * np.exp(-time / 0.03)
    loud = onset * (0.86 + 0.14 * np.exp(-time / 0.12))
    bright = hard * (0.75 + 0.25 * onset) + 0.18 * np.exp(-time / 0.07) - 0.06
    air = wind.breath * (0.55 + 2.2 * chiff) * np.minimum(time / 0.004, 1.0)
    return np.stack((bend, loud, np.clip(bright, 0.0, 1.0), air))


class Breath:
    """How one note is played: a gesture, told at points from its beginning, `STEP` frames apart.

    Args:
        step: of the pitch, in places of the wave a frame.
        hard: how hard is blown, 0..1.
        slurred: semitones from the note before up to this one, None where it is tongued.
        rate: frames a second.
        chance: what no two notes have alike.
    """

    def __init__(
        self, wind: Wind, step: float, hard: float, slurred: float | None, rate: int, chance: Random
    ) -> None:
        self.wind = wind
        self.rate = rate
        self._step = step
        self._begin = _beginning(
            wind, slurred is None, round(hard * _HARDNESSES) / _HARDNESSES, rate
        )
        glide = wind.scoop if slurred is None else max(min(slurred, 3.0), -3.0) * 30.0
        draw = chance.uniform
        self._detune = draw(-2.5, 2.5)
        self._glide = -glide
        self._straight = wind.straight * draw(0.8, 1.3)
        self._pulse = wind.pulse * draw(0.93, 1.07)
        self._depth = wind.vibrato * draw(0.75, 1.2)
        self.noise = chance.random()

    def told(self, first: int, count: int) -> NDArray[np.float64]:
        """Places a frame, loudness, brightness and breath at `count` points from number `first`."""
        points = np.arange(first, first + count)
        told = self._begin.take(points, axis=1, mode="clip")
        cents = told[0]
        cents *= self._glide
        cents += self._detune
        held = (first + count) * (STEP / self.rate) - self._straight
        if held > 0.0:
            time = points * (STEP / self.rate) - self._straight
            swell = np.clip(time / 0.5, 0.0, 1.0)
            sway = np.sin(2 * np.pi * self._pulse * time) * swell
            cents += self._depth * sway
            told[1] *= 1.0 + 0.08 * swell + 0.06 * sway
            told[2] += 0.05 * sway
        cents *= self._step * (np.log(2) / 1200)
        cents += self._step
        return told


class Air:
    """Noise of breath, some seconds of it, that goes round."""

    SECONDS = 0.65

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
        waves: as of `winds.waves`.
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
        self._noise = int(breath.noise * air.length)

    def add_to(self, out: Samples, now: int, loud: float) -> None:
        """Add what sounds from the frame `now` on to `out`, at the level `loud`."""
        begin = max(self._start - now, 0)
        if begin >= len(out):
            return
        age, count = now + begin - self._start, len(out) - begin
        point = age // STEP
        points = -(-(age + count) // STEP) - point + 1
        told = self._breath.told(point, points)
        told[1] *= self._gain * loud
        for first, life in self._falls:
            gone = (np.arange(point, point + points) - first) / life
            told[1] *= falling(gone)
            self.done = self.done or bool(gone[-2] >= GONE)

        within = slice(age - point * STEP, age - point * STEP + count)
        index = self._places(told[0], (age + count) // STEP - point).ravel()[within]
        level, bright, air = _lines(told[1:].astype(np.float32))[:, within]
        dark, brighter = self._waves
        sound = brighter.take(index)
        sound *= bright
        sound += dark.take(index)
        air *= self._air.read((self._noise + age) % self._air.length, count)
        sound += air
        sound *= level
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


def _lines(points: Samples) -> Samples:
    """Straight lines from point to point, one value a frame, of shape (rows, frames)."""
    lines = np.diff(points)[:, :, None] * _LINE
    lines += points[:, :-1, None]
    return np.asarray(lines.reshape(len(points), -1), np.float32)
