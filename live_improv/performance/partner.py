"""The partner: the other player, and what the soloist does about what they do.

Melody goes to the soloist's line and memory, a phrase that begins or ends gives turns or takes
them, the left hand changes the chords.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from live_improv.listening.chord_recognition import ChordRecogniser
from live_improv.listening.key_finding import KeyFinder, key_chord
from live_improv.listening.listener import Filter, Listener
from live_improv.listening.quantising import swing_steps
from live_improv.music.events import Ear, NoteOff, NoteOn
from live_improv.music.timing import Seconds, Ticks
from live_improv.performance.harmony import Harmony
from live_improv.performance.soloist import Soloist
from live_improv.performance.turns import Action, Cue, Turns

_USUAL_WEIGHT = 0.5
"""Of a note for the key: the square root of a quarter of a second, as long as most sound."""


@dataclass(frozen=True, slots=True)
class Listening:
    """How the player is listened to.

    Attributes:
        notes: which notes are the player's.
        split: the pitch under which the left hand plays chords, or None.
        chord_channel: the channel, 0..15, on which chords are played, or None.
        both_hands: every note counts for the chords as well.
    """

    notes: Filter = field(default_factory=Filter)
    split: int | None = None
    chord_channel: int | None = None
    both_hands: bool = False

    def hears(self, event: NoteOn | NoteOff) -> bool:
        """Whether a note counts at all."""
        return self.is_chord(event) or self.notes.passes(event)

    def is_chord(self, event: NoteOn | NoteOff) -> bool:
        """Whether a note of the player belongs to the chords alone."""
        if self.chord_channel is not None and event.channel == self.chord_channel:
            return True
        below = self.split is not None and event.pitch < self.split
        return below and self.notes.channel in (None, event.channel)


class Partner:
    """The other player.

    Args:
        soloist: who plays with them.
        turns: who plays when.
        harmony: the chords, which they may change.
        listening: which notes are whose.
    """

    def __init__(
        self, soloist: Soloist, turns: Turns, harmony: Harmony, listening: Listening
    ) -> None:
        self._soloist = soloist
        self._turns = turns
        self._harmony = harmony
        self._listening = listening
        self._listener = Listener()
        self._recogniser = ChordRecogniser()
        self._keys = KeyFinder()

    @property
    def playing(self) -> bool:
        """Whether they are in the middle of a phrase."""
        return self._listener.playing

    def theirs(self, event: NoteOn | NoteOff, ears: Ear) -> bool:
        """Whether a note that was heard is the player's, of their melody or their chords."""
        return Ear.CHORDS in ears or self._listening.hears(event)

    def note(
        self,
        event: NoteOn | NoteOff,
        ears: Ear,
        at: Seconds,
        tick: Ticks,
        swing_ratio: float | None,
    ) -> None:
        """A key of theirs goes down or up.

        Args:
            ears: which of ours heard it.
            at, tick: when.
            swing_ratio: of the music, see `feel.swing_ratio`; None while it stands still, when
                notes have no place in it.
        """
        listening = self._listening
        chord_only = Ear.PLAYER not in ears or listening.is_chord(event)
        both = listening.both_hands and listening.notes.passes(event)
        if self._harmony.listens and (chord_only or Ear.CHORDS in ears or both):
            self._recogniser.receive(event, at)
        if chord_only or not listening.notes.passes(event):
            return
        if isinstance(event, NoteOff):
            end = self._listener.note_off(event, at, tick)
            if end is not None:
                self._soloist.released(end)
            return
        if swing_ratio is None:
            self._listen_for_key(event.pitch, at)
            return
        was_resting = not self._listener.playing
        note = self._listener.note_on(event, at, tick, swing_steps(swing_ratio))
        if note is None:
            return
        self._soloist.remember(note)
        self._listen_for_key(note.pitch, at)
        action = self._turns.cue(Cue.PLAYS, tick) if was_resting else Action.NOTHING
        if action is Action.GIVE_WAY:
            self._soloist.give_way()
        turn = self._soloist.turn
        if turn is None or not turn.holds(note.onset):
            self._soloist.hear(note)

    def think_at(self, beat: Seconds) -> Seconds | None:
        """When there is something to decide if nothing more is heard; None for nothing."""
        moments = (self._recogniser.wake_at(), self._listener.over_at(beat))
        return min((at for at in moments if at is not None), default=None)

    def think(self, now: Seconds, tick: Ticks, beat: Seconds) -> bool:
        """Decide what is to be decided by `now`; whether other chords hold from now on."""
        over_at = self._listener.over_at(beat)
        if over_at is not None and over_at <= now:
            phrase = self._listener.phrase
            self._listener.rest()
            self._turns.cue(Cue.RESTS, tick, phrase)
        wake_at = self._recogniser.wake_at()
        if wake_at is None or wake_at > now:
            return False
        chord = self._recogniser.settle(
            now, expected=self._harmony.expected(tick), following=self._harmony.following(tick)
        )
        return chord is not None and self._harmony.heard(chord)

    def cue_again(self, tick: Ticks) -> None:
        """Whose turn it is has been decided anew; if they are playing, it is theirs."""
        if self._listener.playing:
            self._turns.cue(Cue.PLAYS, tick)

    def relocate(self) -> None:
        """The music goes on elsewhere."""
        self._listener.relocate()

    def forget(self, at: Seconds) -> None:
        """No key of theirs is down."""
        self._listener.forget(at)
        self._recogniser.release_all()

    def forget_chords(self) -> None:
        """Nothing is held on the port of the chords."""
        self._recogniser.release_all()

    def _listen_for_key(self, pitch: int, at: Seconds) -> None:
        if not self._harmony.needs_key:
            return
        self._keys.hear(pitch, _USUAL_WEIGHT, at)
        key = self._keys.key(at)
        if key is not None:
            self._harmony.in_key(key_chord(key))
