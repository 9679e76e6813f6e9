"""The bank: all tones and waves that have been played, each made when it is first needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from live_improv.sound.blowing import Air
from live_improv.sound.drums import KIT
from live_improv.sound.partials import PIECE, Recipe, Tone
from live_improv.sound.programs import USUAL, name_of
from live_improv.sound.strings import PLUCKED
from live_improv.sound.winds import WINDS, waves

LAYERS = 5
"""How many tones there are of a key, soft to hard."""

MOST_BYTES = 128 << 20
"""What tones may take; beyond it the oldest are forgotten."""

_COUNTED = 32
"""That is looked at with every so many new ones."""

_LAYERS_BY_USE = (3, 2, 4, 1, 0)
_KEYS_BY_USE = (51, 44, 36, 38, 42, 37, 46, 53, 49, 43, 47, 50, 45, 41, 48)
_BASS, _PIANO = range(28, 56), range(46, 80)

_Key = tuple[str, int, int, int]


class Bank:
    """What has been made at `rate` frames a second."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._tones: dict[_Key, Tone] = {}
        self._waves: dict[tuple[str, int], NDArray[np.float32]] = {}
        self._airs: dict[str, Air] = {}
        self._unmade = self._usual()

    def string(self, sound: str, pitch: int, velocity: int) -> Tone:
        """A note of an instrument that is struck or plucked."""
        return self._string(sound, pitch, _layer(velocity))

    def stroke(self, key: int, velocity: int, number: int) -> Tone:
        """A stroke on a drum of the kit; `number` counts those on it."""
        return self._stroke(key, _layer(velocity), number % KIT[key].strokes)

    def wave(self, sound: str, pitch: int) -> NDArray[np.float32]:
        """The waves of a note that is blown, of shape (2, frames of the wave)."""
        key = (sound, pitch)
        if key not in self._waves:
            self._waves[key] = waves(WINDS[sound], pitch, self._rate)
        return self._waves[key]

    def air(self, sound: str) -> Air:
        """The noise of breath of an instrument."""
        if sound not in self._airs:
            self._airs[sound] = Air(WINDS[sound], self._rate)
        return self._airs[sound]

    def open(self, sound: str) -> None:
        """Make what the first note of a sound would have to wait for."""
        if sound in WINDS:
            self.air(sound)

    def prepare(self) -> bool:
        """Make one of the tones that a rhythm section uses, the likeliest first.

        Returns:
            Whether there are more.
        """
        tone = next(self._unmade, None)
        if tone is not None:
            tone.read(0, PIECE)
        return tone is not None

    @property
    def size(self) -> int:
        """Bytes that the tones take."""
        return sum(tone.size for tone in self._tones.values())

    def _usual(self) -> Iterator[Tone]:
        self.open(name_of(USUAL[0], 0))
        for layer in _LAYERS_BY_USE:
            for key in _KEYS_BY_USE:
                for which in range(KIT[key].strokes):
                    yield self._stroke(key, layer, which)
            for pitch in _BASS:
                yield self._string("upright bass", pitch, layer)
            for pitch in _PIANO:
                yield self._string("piano", pitch, layer)

    def _string(self, sound: str, pitch: int, layer: int) -> Tone:
        make = PLUCKED[sound].make
        return self._tone((sound, pitch, layer, 0), lambda: make(pitch, _hard(layer), self._rate))

    def _stroke(self, key: int, layer: int, which: int) -> Tone:
        make = KIT[key].make
        return self._tone(("", key, layer, which), lambda: make(_hard(layer), self._rate, which))

    def _tone(self, key: _Key, recipe: Callable[[], Recipe]) -> Tone:
        tone = self._tones.get(key)
        if tone is None:
            tone = self._tones[key] = Tone(recipe(), self._rate)
            if len(self._tones) % _COUNTED == 0:
                self._forget()
        return tone

    def _forget(self) -> None:
        """Let go of the oldest tones if all together are too many; what sounds is not cut."""
        taken = self.size
        while taken > MOST_BYTES:
            taken -= self._tones.pop(next(iter(self._tones))).size


def _layer(velocity: int) -> int:
    return min(velocity * LAYERS // 128, LAYERS - 1)


def _hard(layer: int) -> float:
    """How hard is struck in the middle of a layer, 0..1."""
    return (layer + 0.5) / LAYERS
