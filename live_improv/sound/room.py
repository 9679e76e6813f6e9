"""The room that a quartet plays in: a few walls, then a tail that dies away within a second.

The room is an impulse response, made by chance that is always the same. It lives at half the rate,
since nothing above 9 kHz comes back from a club's walls, and what is played is convolved with it in
equal parts, by the overlap-save method: live in small parts, offline in large ones. What is heard
is the same. The tail is made wide by what it was a moment before, added on the left and taken away
on the right (Schroeder's pseudo-stereo, 1958), which is half the work of two rooms.
"""

from __future__ import annotations

import numpy as np

from live_improv.sound.partials import Samples

SECONDS = 1.1
"""How long the tail is."""

DELAY = 256
"""Frames by which the room answers late, and the smallest part that it is cut into."""

_LOW_RING, _HIGH_RING = 0.95, 0.45
"""Seconds in which the tail falls by 60 dB, below 500 Hz and above 6 kHz."""

_WALLS = ((0.0109, 0.50), (0.0173, -0.40), (0.0241, 0.34), (0.0317, 0.28), (0.0403, -0.22))
"""The first reflections: seconds and how loud."""

_WIDTH = 0.0127
"""Seconds of that moment."""

_REACH = 4
_HALF_BAND = np.sinc(np.arange(1, 2 * _REACH, 2) / 2) * np.kaiser(4 * _REACH + 1, 5.0)[9::2]
_HALF_BAND /= 4 * _HALF_BAND.sum()
"""The taps of a half-band filter on either side of its middle, which is 1/2; -55 dB."""


def impulse_response(rate: int) -> Samples:
    """What a clap is answered with, of an energy of 1."""
    chance = np.random.default_rng(11)
    count = round(SECONDS * rate)
    size = 1 << (count - 1).bit_length()
    time = np.arange(count) / rate
    hertz = np.maximum(np.fft.rfftfreq(size, 1 / rate), 1.0)
    high = 1.0 / (1.0 + (2000.0 / hertz) ** 2)
    cut = 1.0 / (1.0 + (hertz / 8000.0) ** 4) / (1.0 + (160.0 / hertz) ** 2)
    spectrum = np.fft.rfft(chance.standard_normal(size))
    tail = np.zeros(count)
    for share, ring in ((1.0 - high, _LOW_RING), (high, _HIGH_RING)):
        tail += np.fft.irfft(spectrum * share * cut)[:count] * 10.0 ** (-3.0 * time / ring)
    tail *= np.minimum(time / 0.03, 1.0) ** 2 * np.minimum((SECONDS - time) / 0.1, 1.0)
    walls = np.zeros(size)
    for at, gain in _WALLS:
        walls[round(at * rate)] += gain
    walls = np.fft.irfft(np.fft.rfft(walls) * cut)[:count]
    sound = 0.8 * tail / np.sqrt(np.sum(tail**2)) + 0.6 * walls
    return np.asarray(sound / np.sqrt(np.sum(sound**2)), np.float32)


class Room:
    """A room that is played into, stretch by stretch.

    Args:
        rate: frames a second.
        part: frames of a part, an even number; stretches are of any length where it is `DELAY`,
            and else whole multiples of it.
    """

    def __init__(self, rate: int, part: int = DELAY) -> None:
        answer = impulse_response(rate // 2)
        half = part // 2
        count = -(-len(answer) // half)
        padded = np.zeros(count * half, np.float32)
        padded[: len(answer)] = answer
        # The newest that was heard meets the first part.
        self._answer = np.fft.rfft(padded.reshape(count, half), 2 * half).astype(np.complex64)
        self._heard = np.zeros((count, half + 1), np.complex64)
        self._newest = 0
        self._part = part
        self._in = np.zeros(4 * _REACH, np.float32)
        self._before = np.zeros(half, np.float32)
        self._late = np.zeros(round(_WIDTH * rate / 2), np.float32)
        self._out = np.zeros((2, 2 * _REACH), np.float32)
        self._pending = np.zeros(0, np.float32)
        self._ready = np.zeros((2, DELAY), np.float32)

    def answer(self, sent: Samples) -> Samples:
        """What it answers to these frames, `DELAY` frames later, of shape (2, frames)."""
        pending = np.concatenate((self._pending, sent)) if len(self._pending) else sent
        found = [self._ready]
        while len(pending) >= self._part:
            found.append(
                self._doubled(self._wide(self._convolved(self._halved(pending[: self._part]))))
            )
            pending = pending[self._part :]
        self._pending = pending
        ready = np.concatenate(found, axis=1)
        self._ready = ready[:, len(sent) :]
        return ready[:, : len(sent)]

    def _halved(self, sent: Samples) -> Samples:
        """Every other frame of what is sent, what is too high for that taken out."""
        whole = np.concatenate((self._in, sent))
        self._in = whole[-4 * _REACH :]
        count = len(sent) // 2
        found = whole[2 * _REACH :: 2][:count] * np.float32(0.5)
        odd = whole[1::2]
        for k, tap in enumerate(_HALF_BAND):
            found += (odd[_REACH + k :][:count] + odd[_REACH - 1 - k :][:count]) * np.float32(tap)
        return found

    def _convolved(self, part: Samples) -> Samples:
        spectrum = np.fft.rfft(np.concatenate((self._before, part)))
        self._before = part
        count = len(self._heard)
        self._newest = (self._newest - 1) % count
        self._heard[self._newest] = spectrum
        split = count - self._newest
        total = (self._heard[self._newest :] * self._answer[:split]).sum(axis=0)
        if self._newest:
            total += (self._heard[: self._newest] * self._answer[split:]).sum(axis=0)
        return np.asarray(np.fft.irfft(total)[len(part) :], np.float32)

    def _wide(self, mono: Samples) -> Samples:
        """Both sides of it."""
        whole = np.concatenate((self._late, mono))
        late, self._late = whole[: len(mono)], whole[len(mono) :]
        return np.stack((mono + late, mono - late)) * np.float32(np.sqrt(0.5))

    def _doubled(self, halved: Samples) -> Samples:
        """The same at the full rate, of shape (2, frames)."""
        whole = np.concatenate((self._out, halved), axis=1)
        self._out = whole[:, -2 * _REACH :]
        count = halved.shape[1]
        between = np.zeros((2, count), np.float32)
        for k, tap in enumerate(_HALF_BAND):
            both = whole[:, _REACH - k :][:, :count] + whole[:, _REACH + 1 + k :][:, :count]
            between += both * np.float32(2 * tap)
        found = np.empty((2, count, 2), np.float32)
        found[:, :, 0] = whole[:, _REACH : _REACH + count]
        found[:, :, 1] = between
        return found.reshape(2, 2 * count)
