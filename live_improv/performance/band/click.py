"""The click: a metronome that goes on, as the count-in does."""

from __future__ import annotations

from live_improv.music.events import Note
from live_improv.music.timing import PPQ, Ticks
from live_improv.performance.band.scene import Scene
from live_improv.performance.clicks import HIGH_CLICK, LOW_CLICK

_LENGTH = Ticks(PPQ // 8)
_LOUD, _SOFT = 100, 80


def plan_clicks(scene: Scene) -> list[Note]:
    """The clicks of a beat: one for each unit of the meter, the bar line higher and louder."""
    beat = scene.beat
    unit = 4 * PPQ // beat.bar.meter.denominator
    into = beat.start - beat.bar.start
    first = Ticks(beat.bar.start + -(-into // unit) * unit)
    return [
        Note(Ticks(at), _LENGTH, HIGH_CLICK, _LOUD)
        if at == beat.bar.start
        else Note(Ticks(at), _LENGTH, LOW_CLICK, _SOFT)
        for at in range(first, beat.end, unit)
    ]
