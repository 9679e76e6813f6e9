"""What a take is made of, in the order in which it was taken in; ticks are those of the song."""

from __future__ import annotations

from typing import NamedTuple

from live_improv.music.changes import Changes
from live_improv.music.chords import Chord
from live_improv.music.events import Event, Timed
from live_improv.music.timing import TempoChange, Ticks


class HeardAt(NamedTuple):
    """What the player did."""

    tick: Ticks
    event: Event


class Over(NamedTuple):
    """Other chords hold."""

    tick: Ticks
    changes: Changes


class Jump(NamedTuple):
    """The transport went elsewhere."""

    left: Ticks
    to: Ticks
    changes: Changes | None


class Ended(NamedTuple):
    """The tune ended."""

    tick: Ticks
    chord: Chord


Entry = Timed | HeardAt | Over | Jump | Ended | TempoChange
"""What a take is made of, in the order in which it was taken in."""
