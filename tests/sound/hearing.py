"""What the tests hear: events through a synthesizer, and what is measured of the sound."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from live_improv.music.events import Event
from live_improv.sound.synth import Synth

RATE = 44_100

Sound = NDArray[np.floating]


def heard(
    events: Iterable[tuple[float, Event]],
    seconds: float,
    blocks: Sequence[int] = (4410,),
    synth: Synth | None = None,
) -> NDArray[np.float32]:
    """What the events, each at its second, sound like; rendered in blocks of these lengths in turn.

    Of shape (frames, 2).
    """
    synth = synth or Synth(RATE)
    coming = sorted(
        ((round(at * RATE), number, event) for number, (at, event) in enumerate(events))
    )
    parts, now, turn = [], 0, 0
    while now < seconds * RATE:
        frames = blocks[turn % len(blocks)]
        turn += 1
        while coming and coming[0][0] < now + frames:
            at, _, event = coming.pop(0)
            synth.handle(event, at - now)
        parts.append(synth.render(frames))
        now += frames
    return np.concatenate(parts)[: round(seconds * RATE)]


def power(sound: Sound) -> float:
    """The mean square, in decibels."""
    return float(10 * np.log10(np.mean(np.square(sound, dtype=float)) + 1e-20))


def spectrum(sound: Sound) -> tuple[Sound, Sound]:
    """Frequencies in Hz and the power at them, of both sides together."""
    mono = np.asarray(sound, float).reshape(len(sound), -1)
    window = np.hanning(len(mono))[:, None]
    size = 4 * (1 << (len(mono) - 1).bit_length())
    found = np.abs(np.fft.rfft(mono * window, size, axis=0)) ** 2
    return np.fft.rfftfreq(size, 1 / RATE), found.sum(axis=1)


def off_pitch(sound: Sound, first: float) -> float:
    """How many cents the strongest of the first four partials of `first` Hz is too high."""
    hertz, found = spectrum(sound)
    near = np.zeros(len(hertz))
    for k in range(1, 5):
        near[np.abs(hertz / (k * first) - 1) < 0.029] = k
    strongest = int(np.argmax(np.where(near > 0, found, 0.0)))
    return cents(float(hertz[strongest]) / near[strongest], first)


def share_near(sound: Sound, first: float) -> float:
    """How much of the power is within half a semitone of a multiple of `first` Hz."""
    hertz, found = spectrum(sound)
    k = np.maximum(np.rint(hertz / first), 1)
    return float(found[np.abs(hertz / (k * first) - 1) < 0.029].sum() / found.sum())


def centroid(sound: Sound) -> float:
    """The centre of the spectrum, in Hz."""
    hertz, found = spectrum(sound)
    return float(np.sum(hertz * found) / np.sum(found))


def true_peak(sound: Sound) -> float:
    """The peak between the frames too, in dBFS: four times oversampled, as ITU-R BS.1770 has it."""
    whole = np.asarray(sound, float)
    worst = 0.0
    for begin in range(0, len(whole), 1 << 16):
        part = whole[max(begin - 64, 0) : begin + (1 << 16) + 64]
        padded = np.pad(part, ((32, 32), (0, 0)))
        spectra = np.fft.rfft(padded, axis=0)
        finer = np.fft.irfft(spectra, 4 * len(padded), axis=0) * 4
        worst = max(worst, float(np.abs(finer).max()))
    return float(20 * np.log10(worst + 1e-12))


def cents(one: float, other: float) -> float:
    """How much higher `one` is."""
    return float(1200 * np.log2(one / other))
