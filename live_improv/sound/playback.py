"""A score becomes sound: its events, each at its frame, go through the synthesizer.

Nothing but the first minute is ever held as a whole, so a piece may be as long as it likes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from live_improv.music.events import ControlChange, NoteOff, NoteOn, ProgramChange
from live_improv.music.score import ChannelEvent, Score
from live_improv.music.timing import Ticks
from live_improv.music.voicing import bass_note, voice
from live_improv.sound.levels import limited
from live_improv.sound.loudness import integrated
from live_improv.sound.partials import Samples
from live_improv.sound.programs import DRUM_CHANNEL
from live_improv.sound.synth import Synth

LOUDNESS = -17.0
"""LUFS that a piece has."""

MEASURED = 60.0
"""Seconds that are measured to make it so: what follows is within a decibel or two of them."""

PART = 1 << 14
"""Frames that are rendered at once."""

_MOST_GAIN = 8.0
"""What is nearly silent is left so."""

_LONGEST_TAIL = 6.0
_ROOM_TAIL = 1.2
"""Seconds for which the last notes may sound after the end, and the room after them."""

_FLOOR = 10.0 ** (-60 / 20)
_FADE = 0.1
"""Below what nobody hears it, and in how many seconds it is then gone."""

_CHORD_VELOCITY = 52

# What comes first among the events of one tick: an off must free its key before the next on.
_RANKS: dict[type, int] = {ProgramChange: 0, ControlChange: 0, NoteOff: 1, NoteOn: 2}


def sounding(score: Score, rate: int) -> Iterator[Samples]:
    """What a score sounds like, in stretches of shape (2, frames), before its level is set.

    It begins at tick 0, is as long as the score, and goes on until the last note has died away.
    """
    synth = Synth(rate, PART)
    events = sorted(_events(score), key=lambda item: (item[0], _RANKS[type(item[1])]))
    frames = [round(score.tempo.seconds_at(tick) * rate) for tick, _ in events]
    end = max(round(score.tempo.seconds_at(score.length) * rate), *frames[-1:], 1)
    following = 0
    tail: list[Samples] = []
    now, last = 0, end
    while now < last:
        while following < len(events) and frames[following] < now + PART:
            synth.handle(events[following][1], frames[following] - now)
            following += 1
        part = synth.sides(PART)
        now += PART
        if now <= end:
            yield part
        else:
            tail.append(part)
        if not synth.silent and now < end + _LONGEST_TAIL * rate:
            last = max(end, now + round(_ROOM_TAIL * rate))
    if tail:
        yield ended(np.concatenate(tail, axis=1), end % PART, rate)


def levelled(parts: Iterable[Samples], rate: int) -> Iterator[Samples]:
    """The same with one gain, for a loudness of `LOUDNESS`, and within -1..1."""
    parts = iter(parts)
    first: list[Samples] = []
    for part in parts:
        first.append(part)
        if sum(each.shape[1] for each in first) >= MEASURED * rate:
            break
    if not first:
        return
    loudness = integrated(np.concatenate(first, axis=1), rate)
    if loudness == -np.inf:
        loudness = LOUDNESS
    gain = np.float32(min(10 ** ((LOUDNESS - loudness) / 20), _MOST_GAIN))
    for part in first:
        yield limited(part * gain)
    for part in parts:
        yield limited(part * gain)


def ended(sound: Samples, end: int, rate: int) -> Samples:
    """The same without the silence at its end, but no shorter than `end` frames."""
    after = np.flatnonzero(np.abs(sound[:, end:]).max(axis=0, initial=0.0) > _FLOOR)
    last = end + (int(after[-1]) + 1 if len(after) else 0)
    count = min(round(_FADE * rate), sound.shape[1] - last)
    sound[:, last : last + count] *= np.linspace(1.0, 0.0, count, dtype=np.float32)
    return sound[:, : last + count]


def _events(score: Score) -> Iterator[tuple[Ticks, ChannelEvent]]:
    """All that is to be heard, part by part."""
    used: set[int] = set()
    for part in score.parts:
        for timed in part.events:
            if isinstance(timed.event, ChannelEvent):
                used.add(timed.event.channel)
                yield timed.tick, timed.event
    if score.chord_track:
        spare = (c for c in range(16) if c not in used and c != DRUM_CHANNEL)
        yield from _held_chords(score, next(spare, 0))


def _held_chords(score: Score, channel: int) -> Iterator[tuple[Ticks, ChannelEvent]]:
    """The chords, as `midi.files` writes them on a track of their own."""
    yield Ticks(0), ProgramChange(0, channel)
    upper: tuple[int, ...] | None = None
    for span in score.chords:
        bass, upper = bass_note(span.chord), voice(span.chord, upper)
        for pitch in upper if bass is None else (bass, *upper):
            yield span.start, NoteOn(pitch, _CHORD_VELOCITY, channel)
            yield span.end, NoteOff(pitch, channel)
