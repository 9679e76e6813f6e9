"""The chronicler: what of a session goes into its take, besides what we send.

What the player began while the music ran, which chords held from where on, how the clock ran, and
where the music went. What is sent the ensemble hands over itself.
"""

from __future__ import annotations

from live_improv.music.changes import Changes
from live_improv.music.events import Event, NoteOff, NoteOn
from live_improv.music.timing import TempoMap, Ticks
from live_improv.performance.band import final_chord
from live_improv.performance.take import Take


class Chronicler:
    """Tells the take.

    Args:
        take: who is told; with None nothing is kept.
        changes: what is played over at the beginning.
    """

    def __init__(self, take: Take | None, changes: Changes) -> None:
        self._take = take
        self._changes = changes
        self._down: set[tuple[int, int]] = set()  # keys whose on is in the take

    def heard(self, tick: Ticks, event: Event, *, counts: bool) -> None:
        """Keep what the player did; an off is kept if its on was, whatever has become of it since.

        Args:
            counts: whether it is the player's, and the music runs.
        """
        if self._take is None:
            return
        if isinstance(event, NoteOff):
            key = (event.channel, event.pitch)
            counts = key in self._down
            self._down.discard(key)
        elif counts and isinstance(event, NoteOn):
            self._down.add((event.channel, event.pitch))
        if counts:
            self._take.heard(tick, event)

    def over(self, tick: Ticks, changes: Changes) -> None:
        """Keep that these chords hold from `tick` on, if others did."""
        if changes is self._changes:
            return
        self._changes = changes
        if self._take is not None:
            self._take.over(tick, changes)

    def tempo(self, tempo: TempoMap) -> None:
        """Keep how the clock runs now."""
        if self._take is not None:
            self._take.tempo(tempo.changes[-1])

    def relocated(self, left: Ticks, to: Ticks, changes: Changes, tempo: TempoMap) -> None:
        """Keep that the music went from `left` to `to`, what is played over there, and how fast."""
        self._changes = changes
        if self._take is not None:
            self._take.relocated(left, to, changes)
            self._take.tempo(tempo.changes[-1])

    def ended(self, end: Ticks | None, last: Ticks | None) -> None:
        """Keep that the tune ended, and that it rang out until `last` if that is later."""
        if self._take is not None and end is not None and last is not None and last > end:
            self._take.ended(end, final_chord(self._changes, end))
