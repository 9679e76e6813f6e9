"""Struck and plucked tones: sums of decaying sinusoids, made a piece at a time and kept.

A partial is `amplitude * exp(-t / decay) * cos(2 pi frequency t + phase)`: the real part of a
complex number that is multiplied by the same factor at every frame. In rows of `ROW` frames that
is a product of two small matrices, (rows, partials) by (partials, frames of a row), so a frame of a
tone of a hundred partials takes a few hundredths of a microsecond and no sine.

A tone is made no further than it is heard: a note that has not been played before costs a block of
a live performance one piece, and the next note like it nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

ROW = 64
"""Frames of a row."""

ROWS = 32
"""Rows of a piece."""

PIECE = ROW * ROWS

HIGHEST = 17_000.0
"""Hz; higher partials are left out."""

_NOTHING = 3e-5
"""A partial that is so much softer than the loudest was, 90 dB, is left out from then on."""

_FADE = 1024
"""Frames in which a tone that has been heard to its end goes to nothing."""


@dataclass(frozen=True, slots=True)
class Partials:
    """Some decaying sinusoids, one a row of four arrays of the same shape `(partials,)`.

    Attributes:
        frequencies: in Hz.
        amplitudes: at time 0.
        decays: seconds in which it falls to 1/e, which is 8.7 dB.
        phases: in radians.
    """

    frequencies: NDArray[np.float64]
    amplitudes: NDArray[np.float64]
    decays: NDArray[np.float64]
    phases: NDArray[np.float64]

    def where(self, kept: NDArray[np.bool_]) -> Partials:
        """Those that are marked."""
        return Partials(
            self.frequencies[kept], self.amplitudes[kept], self.decays[kept], self.phases[kept]
        )


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a tone is made of.

    Attributes:
        partials: what rings.
        noise: what is heard beside it from the beginning, such as a hammer or a stick.
        attack: seconds in which the ringing comes in.
        seconds: how long the tone is.
    """

    partials: Partials
    noise: Samples
    attack: float
    seconds: float


class Tone:
    """A tone of a recipe: its samples, as far as anybody has asked for them."""

    def __init__(self, recipe: Recipe, rate: int) -> None:
        partials = recipe.partials
        partials = partials.where(partials.frequencies < min(0.45 * rate, HIGHEST))
        loud = np.abs(partials.amplitudes)
        partials = partials.where(loud > _NOTHING * loud.max(initial=0.0))
        self._length = round(recipe.seconds * rate)
        self._samples = np.empty(0, np.float32)
        self._ready = 0
        self._noise = recipe.noise
        self._attack = max(round(recipe.attack * rate), 1)
        turn = 2j * np.pi * partials.frequencies - 1.0 / np.maximum(partials.decays, 1e-4)
        factor = np.exp(turn / rate)
        self._state = partials.amplitudes * np.exp(1j * partials.phases)
        self._floor = _NOTHING * loud.max(initial=0.0)
        # The real part of a product: a row of real and imaginary parts, one after the other, by a
        # column of real parts and negative imaginary ones.
        columns = _powers(factor, ROW).conj().astype(np.complex64)
        self._columns = np.ascontiguousarray(columns.view(np.float32).T)
        self._steps = _powers(factor**ROW, ROWS).astype(np.complex64)
        self._piece = factor**PIECE

    def __len__(self) -> int:
        """How many frames there are."""
        return self._length

    @property
    def size(self) -> int:
        """Bytes that it takes as yet."""
        return int(self._samples.nbytes + self._columns.nbytes + self._steps.nbytes)

    def read(self, start: int, stop: int) -> Samples:
        """The frames from `start` up to `stop`, as far as there are any; not to be written to."""
        stop = min(stop, self._length)
        while self._ready < stop:
            if self._ready == len(self._samples):
                more = np.empty(max(self._ready, 4 * PIECE), np.float32)
                self._samples = np.concatenate((self._samples, more))
            self._extend()
        return self._samples[start:stop]

    def _extend(self) -> None:
        """Make the next piece."""
        begin = self._ready
        out = self._samples[begin : begin + PIECE]
        rows = self._steps * self._state.astype(np.complex64)
        piece = (rows.view(np.float32) @ self._columns).reshape(-1)
        self._state = self._state * self._piece
        self._leave_out()
        if begin < self._attack:
            rise = np.arange(begin, begin + PIECE, dtype=np.float32) / np.float32(self._attack)
            np.minimum(rise, 1.0, out=rise)
            piece *= rise * rise * (3.0 - 2.0 * rise)
        out[:] = piece
        if begin < len(self._noise):
            noise = self._noise[begin : begin + PIECE]
            out[: len(noise)] += noise
        self._ready = begin + PIECE
        left = self._length - begin
        if left < PIECE + _FADE:
            fade = np.arange(left, left - PIECE, -1, dtype=np.float32) / np.float32(_FADE)
            out *= np.clip(fade, 0.0, 1.0)

    def _leave_out(self) -> None:
        """Go on without the partials that nobody hears any more, if they are many."""
        kept = np.abs(self._state) > self._floor
        if np.count_nonzero(kept) < 0.8 * len(kept):
            self._state, self._piece = self._state[kept], self._piece[kept]
            self._steps = np.compress(kept, self._steps, axis=1)
            self._columns = self._columns[np.repeat(kept, 2)]


def _powers(factor: NDArray[np.complex128], count: int) -> NDArray[np.complex128]:
    """The powers 0 to `count` - 1 of each factor, of shape (count, factors); a power of two."""
    powers = np.ones((1, len(factor)), np.complex128)
    by = factor
    while len(powers) < count:
        powers = np.concatenate((powers, powers * by))
        by = by * by
    return powers


def tuned(pitch: float) -> float:
    """The frequency in Hz of a MIDI pitch in equal temperament, A4 = 69 = 440 Hz."""
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))


def noise(rate: int, seconds: float, low: float, high: float, decay: float, seed: int) -> Samples:
    """A burst of noise of mean square 1 at its beginning.

    Args:
        low, high: the band in Hz.
        decay: seconds in which it falls to 1/e.
    """
    count = max(round(seconds * rate), 8)
    size = 1 << (count - 1).bit_length()
    spectrum = _white(size, seed)
    squares = np.square(np.arange(len(spectrum), dtype=np.float32) * np.float32(rate / size))
    below, above = squares / np.float32(low * low), squares / np.float32(high * high)
    below *= below
    shape = below / ((1.0 + below) * (1.0 + above * above * above))
    burst = np.fft.irfft(spectrum * shape)[:count]
    burst *= 1.0 / (np.sqrt(np.mean(np.square(burst))) + 1e-12)
    time = np.arange(count, dtype=np.float32) * np.float32(1 / rate)
    burst *= np.exp(time * np.float32(-1 / decay))
    burst *= np.minimum(time * np.float32(2500), 1.0)
    burst *= np.minimum((time[-1] - time) * np.float32(10 / seconds), 1.0)
    return np.asarray(burst, np.float32)


@lru_cache(maxsize=128)
def _white(size: int, seed: int) -> NDArray[np.complex64]:
    """The spectrum of white noise of `size` frames."""
    white = np.random.default_rng(seed).standard_normal(size, np.float32)
    return np.asarray(np.fft.rfft(white), np.complex64)
