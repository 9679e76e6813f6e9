"""Room: what the soloist leaves to the band, from when their notes began."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from live_improv.music.timing import PPQ, Ticks

_REMEMBERED = 64  # onsets
_BUSY_OVER = 2 * PPQ


@dataclass(frozen=True, slots=True)
class Room:
    """How much room the soloist leaves.

    Attributes:
        notes: that began in the last two beats that are known of.
        silence: beats since the last one that is known of; many where none was heard.
    """

    notes: int = 0
    silence: float = 99.0


class Soloing:
    """When the latest notes of the soloist and of the player began."""

    def __init__(self) -> None:
        self._onsets: deque[Ticks] = deque(maxlen=_REMEMBERED)

    def heard(self, onset: Ticks) -> None:
        """A note begins."""
        self._onsets.append(onset)

    def moved(self, by: int) -> None:
        """What was at a tick is so many ticks later."""
        self._onsets = deque((Ticks(at + by) for at in self._onsets), maxlen=_REMEMBERED)

    def room(self, until: Ticks) -> Room:
        """The room there is, from what began up to and including `until`."""
        known = [onset for onset in self._onsets if onset <= until]
        if not known:
            return Room()
        notes = sum(onset > until - _BUSY_OVER for onset in known)
        return Room(notes, (until - max(known)) / PPQ)
