"""What comes in: everything that a session takes, whoever it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from live_improv.music.changes import Changes
from live_improv.music.events import Heard
from live_improv.performance.controls import Step, Turned
from live_improv.performance.transport import Beat


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the terminal was pressed."""

    char: str


class Port(Enum):
    """What a port is for, as far as its coming and going matters."""

    NOTES = "notes out"
    CLOCK = "clock out"
    PLAYER = "player in"
    CHORDS = "chords in"


@dataclass(frozen=True, slots=True)
class Plugged:
    """A port has gone or is back."""

    port: Port
    back: bool


@dataclass(frozen=True, slots=True)
class Charted:
    """Another tune is to be played."""

    changes: Changes


Incoming = Heard | Turned | Step | Beat | Key | Plugged | Charted
"""What a session takes."""
