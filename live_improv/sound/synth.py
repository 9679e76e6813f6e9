"""A small synthesizer: events in, stereo sound out, live and offline by the same code.

Conventions
    Frames are counted from the first one that is rendered. Sound is float32 of shape (frames, 2),
    left and right, within -1..1. Nothing is drawn but from streams that are seeded here, so the
    same events at the same frames sound the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import cos, pi, sin
from random import Random

import numpy as np

from live_improv.music.events import ControlChange, Event, NoteOff, NoteOn, ProgramChange
from live_improv.sound.bank import Bank
from live_improv.sound.blowing import Blown, Breath
from live_improv.sound.drums import KIT
from live_improv.sound.levels import limited
from live_improv.sound.partials import Samples, tuned
from live_improv.sound.programs import DRUMS, USUAL, name_of, place_of
from live_improv.sound.room import DELAY, Room
from live_improv.sound.strings import PLUCKED
from live_improv.sound.voices import Ringing, Voice
from live_improv.sound.winds import WAVE_BITS, WINDS

MOST_VOICES = 48
"""So many notes sound at once; the oldest gives way to the next."""

_STOLEN = 0.004
_SLURRED = 0.05
"""Seconds after its end within which a note is still slurred from."""

_VOLUME, _PAN, _EXPRESSION, _PEDAL, _SOUND_OFF, _RESET = 7, 10, 11, 64, 120, 121
_NOTES_OFF = (123, 124, 125, 126, 127)

_ALL = np.float32(0.72)
"""The gain of everything: a quartet at its usual velocities has -17 LUFS."""

_AS_IS = 100
"""The volume that General MIDI has where nobody turns it."""


@dataclass(slots=True)
class _Channel:
    """What a channel is set to, and what sounds on it.

    Attributes:
        pan: None where the sound stands in its own place.
        keys: the notes whose keys are down.
        held: those that only the pedal holds.
        ringing: the last strokes of drums that another stroke damps.
        last: the last note that was blown, and its pitch.
    """

    sound: str
    volume: float = 1.0
    expression: float = 1.0
    pan: float | None = None
    pedal: bool = False
    keys: dict[int, list[Voice]] = field(default_factory=dict)
    held: list[Voice] = field(default_factory=list)
    ringing: dict[int, Voice] = field(default_factory=dict)
    last: tuple[Voice, int] | None = None

    @property
    def loud(self) -> float:
        """The level, 1 where nobody has turned it."""
        return self.volume * self.expression


@dataclass(slots=True)
class _Placed:
    """A voice, and whose it is.

    Attributes:
        pan: where it is heard from, -1 (left) to 1.
        send: how much of it the room hears.
        stolen: whether it has given way to another.
    """

    voice: Voice
    channel: _Channel
    pan: float
    send: float
    stolen: bool = False


class Synth:
    """The synthesizer.

    Args:
        rate: frames a second.
        part: frames of a part of the room; `room.Room` has what follows of it.
    """

    def __init__(self, rate: int = 44_100, part: int = DELAY) -> None:
        self.rate = rate
        self._now = 0
        self._coming: list[tuple[int, int, Event]] = []
        self._count = 0
        self._channels = {
            number: _Channel(name_of(USUAL.get(number, 0), number)) for number in range(16)
        }
        self._sounding: list[_Placed] = []
        self._bank = Bank(rate)
        self._room = Room(rate, part)
        self._chance = Random(5)
        self._strokes: dict[int, int] = {}

    def handle(self, event: Event, after: int = 0) -> None:
        """Take an event, which happens `after` frames after the beginning of the next `render`.

        What no instrument knows is ignored.
        """
        if isinstance(event, NoteOn | NoteOff | ControlChange | ProgramChange):
            self._count += 1
            heappush(self._coming, (self._now + max(after, 0), self._count, event))

    def render(self, frames: int) -> Samples:
        """The next `frames` frames, of shape (frames, 2), within -1..1."""
        return np.ascontiguousarray(limited(self.sides(frames)).T)

    def sides(self, frames: int) -> Samples:
        """The same before the limit, which may go beyond -1..1, of shape (2, frames)."""
        end = self._now + frames
        while self._coming and self._coming[0][0] < end:
            frame, _, event = heappop(self._coming)
            self._happen(event, frame)
        sound = self._mixed(frames)
        self._now = end
        self._sounding = [each for each in self._sounding if not each.voice.done]
        return sound

    def prepare(self) -> bool:
        """Make one of the tones that are usually played; whether there are more.

        Nobody has to: a tone that is missing is made when it is struck, in less than 2 ms, but then
        a block waits for it.
        """
        return self._bank.prepare()

    @property
    def silent(self) -> bool:
        """Whether no note sounds and none is to come; the room may still."""
        return not self._sounding and not self._coming

    def _mixed(self, frames: int) -> Samples:
        """All voices in their places, and the room."""
        places: dict[tuple[float, float], list[_Placed]] = {}
        for each in self._sounding:
            pan = each.pan if each.channel.pan is None else each.channel.pan
            places.setdefault((min(max(pan, -1.0), 1.0), each.send), []).append(each)
        rows = np.zeros((len(places), frames), np.float32)
        for row, voices in zip(rows, places.values(), strict=True):
            for each in voices:
                each.voice.add_to(row, self._now, each.channel.loud)
        turns = [((pan + 1.0) * pi / 4, send) for pan, send in places]
        gains = np.array([(cos(turn), sin(turn), send) for turn, send in turns], np.float32)
        mixed = _ALL * gains.reshape(-1, 3).T @ rows
        return np.asarray(mixed[:2] + self._room.answer(mixed[2]))

    def _happen(self, event: Event, frame: int) -> None:
        """What an event does from `frame` on."""
        match event:
            case NoteOn(pitch, velocity, channel) if velocity > 0:
                self._strike(pitch, velocity, self._channels[channel & 15], frame)
            case NoteOn(pitch, _, channel) | NoteOff(pitch, channel):
                self._release(pitch, self._channels[channel & 15], frame)
            case ControlChange(control, value, channel):
                self._turn(control, value, self._channels[channel & 15], frame)
            case ProgramChange(program, channel):
                sound = name_of(program & 127, channel & 15)
                self._channels[channel & 15].sound = sound
                self._bank.open(sound)
            case _:
                pass

    def _strike(self, pitch: int, velocity: int, channel: _Channel, frame: int) -> None:
        self._release(pitch, channel, frame)
        if channel.sound == DRUMS:
            found = self._drum(pitch, velocity, channel, frame)
        elif channel.sound in WINDS:
            found = self._blown(pitch, velocity, channel, frame)
        else:
            found = self._plucked(pitch, velocity, channel, frame)
        if found is None:
            return
        self._sounding.append(found)
        channel.keys.setdefault(pitch, []).append(found.voice)
        kept = [each for each in self._sounding if not each.stolen]
        for each in kept[:-MOST_VOICES]:
            each.stolen = True
            each.voice.let_go(frame, _STOLEN)

    def _release(self, pitch: int, channel: _Channel, frame: int) -> None:
        for voice in channel.keys.pop(pitch, ()):
            if channel.pedal:
                channel.held = [*(each for each in channel.held if not each.done), voice]
            else:
                voice.let_go(frame)

    def _turn(self, control: int, value: int, channel: _Channel, frame: int) -> None:
        """A controller moves."""
        if control == _VOLUME:
            channel.volume = (value / _AS_IS) ** 2
        elif control == _EXPRESSION:
            channel.expression = (value / 127) ** 2
        elif control == _PAN:
            channel.pan = min(max((value - 64) / 63, -1.0), 1.0)
        elif control == _PEDAL:
            channel.pedal = value >= 64
            if not channel.pedal:
                for voice in channel.held:
                    voice.let_go(frame)
                channel.held.clear()
        elif control == _RESET:
            channel.expression, channel.pedal = 1.0, False
        elif control in (_SOUND_OFF, *_NOTES_OFF):
            release = _STOLEN if control == _SOUND_OFF else None
            for each in self._sounding:
                if each.channel is channel:
                    each.voice.let_go(frame, release)
            channel.keys.clear()
            channel.held.clear()
            channel.ringing.clear()

    def _plucked(self, pitch: int, velocity: int, channel: _Channel, frame: int) -> _Placed:
        row, place = PLUCKED[channel.sound], place_of(channel.sound)
        tone = self._bank.string(channel.sound, pitch, velocity)
        gain = row.gain * _louder(velocity, row.dynamics)
        voice = Ringing(tone, frame, gain, row.release, self.rate)
        pan = place.pan + place.width * round((pitch - 60) / 12)
        return _Placed(voice, channel, pan, place.send)

    def _drum(self, key: int, velocity: int, channel: _Channel, frame: int) -> _Placed | None:
        drum = KIT.get(key)
        if drum is None:
            return None
        for other in drum.damps:
            if (before := channel.ringing.pop(other, None)) is not None:
                before.let_go(frame, drum.damping)
        stroke = self._strokes.get(key, -1) + 1
        self._strokes[key] = stroke
        tone = self._bank.stroke(key, velocity, stroke)
        voice = Ringing(tone, frame, drum.gain * _louder(velocity, drum.dynamics), None, self.rate)
        if drum.damps:
            channel.ringing[key] = voice
        return _Placed(voice, channel, drum.pan, place_of(DRUMS).send)

    def _blown(self, pitch: int, velocity: int, channel: _Channel, frame: int) -> _Placed:
        wind, place = WINDS[channel.sound], place_of(channel.sound)
        breath = Breath(
            wind,
            tuned(pitch) / self.rate * (1 << WAVE_BITS),
            min(max((velocity - 25) / 95, 0.0), 1.0),
            self._slurred(pitch, channel, frame),
            self.rate,
            self._chance,
        )
        gain = wind.gain * _louder(velocity, wind.dynamics)
        wave = self._bank.wave(channel.sound, pitch)
        voice = Blown(wave, breath, self._bank.air(channel.sound), frame, gain)
        channel.last = (voice, pitch)
        return _Placed(voice, channel, place.pan, place.send)

    def _slurred(self, pitch: int, channel: _Channel, frame: int) -> float | None:
        """Semitones up from the note that a new one is slurred from, None where there is none."""
        if channel.last is None:
            return None
        voice, before = channel.last
        late = voice.off is not None and frame - voice.off > _SLURRED * self.rate
        return None if late or before == pitch else float(pitch - before)


def _louder(velocity: int, dynamics: float) -> float:
    """The gain of a velocity, 1 at 100; `dynamics` is the decibels from there down to 50."""
    return float((velocity / 100) ** (dynamics / 6.02))
