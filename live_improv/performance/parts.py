"""Parts: what a session is made of, as whoever puts it together hands them over."""

from __future__ import annotations

from dataclasses import dataclass

from live_improv.music.timing import Ticks
from live_improv.performance.band import Band
from live_improv.performance.controls import Knobs
from live_improv.performance.hands import Hands
from live_improv.performance.harmony import Harmony
from live_improv.performance.partner import Listening
from live_improv.performance.take import Take
from live_improv.performance.transport import Transport
from live_improv.performance.turns import Turns


@dataclass(frozen=True, slots=True)
class Span:
    """From which tick a session plays, and until which, or without end."""

    start: Ticks
    end: Ticks | None


@dataclass(frozen=True, slots=True)
class Parts:
    """What a session is made of besides the soloist; each is its own.

    Attributes:
        transport: when the music is.
        turns: who plays when.
        harmony: over what.
        span: what is played; a start before 0 is a count-in.
        listening: how the player is listened to.
        knobs: as they are set at the beginning.
        hands: what the player's knobs and keys do.
        leads: whether a MIDI clock is sent.
        band: who accompanies, or None.
        take: where everything is kept, or None.
        looped: whether our own notes may come back; a recorded player brings none.
    """

    transport: Transport
    turns: Turns
    harmony: Harmony
    span: Span
    listening: Listening
    knobs: Knobs
    hands: Hands
    leads: bool = False
    band: Band | None = None
    take: Take | None = None
    looped: bool = True
