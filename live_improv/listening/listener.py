"""The listener: what the other player does, as one line on the grid and its phrases.

It is a state machine fed with what was heard and when; it decides nothing about what to play.
Out of several keys the melody is taken: the highest of what is struck together, and not what is
struck far below a note that still sounds.
"""

from __future__ import annotations

from dataclasses import dataclass

from live_improv.listening.quantising import EXACT_ROW, is_exact, place
from live_improv.music.events import NoteOff, NoteOn
from live_improv.music.timing import GRID_TICKS, PPQ, Seconds, Ticks

TOGETHER = Seconds(0.03)
"""Keys struck within this are struck together."""

FAR_BELOW = 12
"""Semitones under a sounding melody note from which on another one accompanies it."""

PHRASE_SILENCE = Seconds(0.3)
"""After this silence a phrase is over: in the Weimar Jazz Database 80 to 90 % of such silences
end an annotated phrase, at any tempo, and 80 to 95 % of the phrases end with one. At least
`PHRASE_BEATS` of it, so that slow music has a chance to breathe."""

PHRASE_BEATS = Ticks(PPQ // 2)

DRUMS = 9
"""General MIDI's channel of the drums, on which no melody is played."""

STUCK = Seconds(10.0)
"""A key is taken to be released when nothing has been heard of it for this long."""


class FilterError(ValueError):
    """Nothing would be heard."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which notes are the player's.

    Attributes:
        channel: 0..15, or None for all but that of the drums.
        low, high: the pitches, both included.

    Raises:
        FilterError: no pitch passes.
    """

    channel: int | None = None
    low: int = 0
    high: int = 127

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise FilterError(
                f"lowest note heard {self.low}, highest {self.high}: "
                "expected the lowest not above the highest"
            )

    def passes(self, event: NoteOn | NoteOff) -> bool:
        """Whether a note is listened to."""
        ours = event.channel != DRUMS if self.channel is None else event.channel == self.channel
        return ours and self.low <= event.pitch <= self.high


@dataclass(frozen=True, slots=True)
class HeardNote:
    """A note of the player's melody.

    Attributes:
        onset: on the grid, where it was meant.
        replaces: it takes the place of the note before, which was struck together with it.
    """

    onset: Ticks
    pitch: int
    velocity: int
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """What the player has played since they last rested.

    Attributes:
        start: the onset of its first note.
        end: where its last note ended, as played.
        notes: how many.
    """

    start: Ticks
    end: Ticks
    notes: int


class Listener:
    """The melody and the phrases of one player.

    Attributes:
        phrase: the present or the last one, None before the first note.
    """

    def __init__(self) -> None:
        self.phrase: Phrase | None = None
        self._keys: dict[int, Seconds] = {}  # since when each is down
        self._melody: int | None = None
        self._last_step: int | None = None
        self._last_at = Seconds(float("-inf"))
        self._last_off = Seconds(0.0)
        self._resting = True
        self._elsewhere = False
        self._exact = 0  # onsets in a row that were on the grid

    @property
    def holding(self) -> bool:
        """Whether any key is down."""
        return bool(self._keys)

    @property
    def playing(self) -> bool:
        """Whether the player is in the middle of a phrase."""
        return not self._resting

    def note_on(self, event: NoteOn, at: Seconds, tick: Ticks, swing: float) -> HeardNote | None:
        """A key goes down; the note it adds to the melody, or None.

        Args:
            at: when, in seconds.
            tick: when, by the tempo.
            swing: of the music, see `quantising.swing_steps`.
        """
        self._forget_stuck(at)
        sounding = self._melody if self._melody in self._keys else None
        together = at - self._last_at <= TOGETHER and self._last_step is not None
        self._keys[event.pitch] = at
        if together and self._melody is not None and self._last_step is not None:
            if event.pitch <= self._melody:
                return None
            self._melody = event.pitch
            return HeardNote(
                Ticks(self._last_step * GRID_TICKS), event.pitch, event.velocity, replaces=True
            )
        if sounding is not None and event.pitch <= sounding - FAR_BELOW:
            return None
        step = self._step(tick / GRID_TICKS, swing)
        self._melody, self._last_step, self._last_at = event.pitch, step, at
        onset = Ticks(step * GRID_TICKS)
        if self._resting or self._elsewhere or self.phrase is None:
            self._resting = self._elsewhere = False
            self.phrase = Phrase(onset, onset, 1)
        else:
            self.phrase = Phrase(self.phrase.start, onset, self.phrase.notes + 1)
        return HeardNote(onset, event.pitch, event.velocity)

    def note_off(self, event: NoteOff, at: Seconds, tick: Ticks) -> Ticks | None:
        """A key comes up; where the melody's last note ended, or None if it was another's."""
        if self._keys.pop(event.pitch, None) is None:
            return None
        self._last_off = at
        if event.pitch != self._melody or self.phrase is None or self._elsewhere:
            return None
        end = Ticks(max(tick, self.phrase.end))
        self.phrase = Phrase(self.phrase.start, end, self.phrase.notes)
        return end

    def over_at(self, beat: Seconds) -> Seconds | None:
        """When the phrase will be over if nothing more is heard; None if there is none.

        While a key is down that is when it will be taken to be stuck.

        Args:
            beat: how long a quarter lasts.
        """
        if self._resting:
            return None
        if self._keys:
            silent_at = Seconds(max(max(self._keys.values()) + STUCK, self._last_off))
        else:
            silent_at = self._last_off
        return Seconds(silent_at + max(PHRASE_SILENCE, beat * PHRASE_BEATS / PPQ))

    def rest(self) -> None:
        """The phrase is over; keys that are down all the same are taken to be stuck."""
        self._resting = True
        self._keys.clear()

    def relocate(self) -> None:
        """The music goes on elsewhere: what is held is still held, the next note begins anew."""
        self._last_step = None
        self._elsewhere = True

    def forget(self, at: Seconds) -> None:
        """No key is down: all notes off was heard, or the port has gone."""
        if self._keys:
            self._last_off = at
        self._keys.clear()
        self._last_at = Seconds(float("-inf"))

    def _step(self, played: float, swing: float) -> int:
        """The step that an onset is meant for."""
        self._exact = self._exact + 1 if is_exact(played) else 0
        nearest = round(played)
        if self._exact >= EXACT_ROW and (self._last_step is None or nearest > self._last_step):
            return nearest
        return place(played, self._last_step, swing)

    def _forget_stuck(self, at: Seconds) -> None:
        for pitch in [pitch for pitch, since in self._keys.items() if at - since > STUCK]:
            del self._keys[pitch]
