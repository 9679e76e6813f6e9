"""Chords out of the keys that are held: what a pianist's left hand means.

`recognise` names one voicing; `ChordRecogniser` hears keys go down and come up, decides when there
is a voicing to judge, and how much it takes to change the chord that holds.

Conventions
    Pitches are MIDI notes; moments are seconds on one monotonic clock.
    A natural ninth, eleventh or thirteenth belongs to the chord's scale and is not named, except
    above a fourth: one voicing of C7 has it, the next one not, and the chord is the same.
    A bass is named after a slash where the root sounds above another lowest note. A voicing
    without its root has no bass.
"""

from __future__ import annotations

from collections.abc import Collection

from live_improv.listening.chord_judgement import (
    AS_PLAYED,
    Array,
    Judgement,
    Rows,
    Weights,
    certain,
    judge,
)
from live_improv.listening.chord_shapes import family_of
from live_improv.music.chords import Chord, parse_chord
from live_improv.music.events import NoteOff, NoteOn
from live_improv.music.timing import Seconds

SETTLE = 0.030
"""Seconds after its last note-on at which a voicing is judged, so that a rolled chord is one."""

GATHER = 0.25
"""Seconds from its first note in which notes belong to one stroke of the hand, however slowly the
chord is rolled; a note that has come up before the next goes down belongs to a line instead."""

LEGATO = 0.15
"""Seconds after a stroke in which a key of the chord before that comes up is a finger on its way:
the stroke is judged again without it. Later, keys that come up change nothing."""

EXPIRES = 10.0
"""Seconds after which a key that never came up is forgotten."""

SHELL_BELOW = 52
"""Two notes can name a chord only if the lower one, its root, is below this pitch (E3)."""

MOST_TONES = 7
"""More different pitch classes than this are no voicing: the oldest keys are left out."""

# By how much (log odds) another chord must be likelier than the one that holds: where a whole chord
# was struck; where one key has moved (half of it for two); where there are no more than two notes.
_STRUCK = float("-inf")
_MOVED = 3.0
_SHELL = 3.0

_ROOTS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


def recognise(
    pitches: Collection[int],
    *,
    previous: Chord | None = None,
    expected: Chord | None = None,
    following: Chord | None = None,
    weights: Weights = AS_PLAYED,
) -> Chord | None:
    """The chord that `pitches` (MIDI notes that sound together) are likeliest to mean.

    Args:
        pitches: any number; less than three different pitch classes are no chord.
        previous: the chord before this one, if any.
        expected: what the chart has here, if there is a chart.
        following: what the chart has next; hands often come in ahead of it.
        weights: what the evidence counts for.

    Returns:
        None where they are no chord: too few, or more than one tone is wrong or missing in every
        shape. `expected` or `following` itself, where the root and the family are theirs and no
        tone is outside their scale: a chart says more than a hand.
    """
    heard = frozenset(pitch % 12 for pitch in pitches)
    if len(heard) < 3:
        return None
    judgement = judge(pitches, weights, certain(previous), expected, following)
    best = judgement.best()
    return None if best is None else named(judgement.rows, best, pitches, (expected, following))


def named(rows: Rows, row: int, pitches: Collection[int], chart: tuple[Chord | None, ...]) -> Chord:
    """The chord of a row, as the chart calls it where it has that chord."""
    root, shape = int(rows.root[row]), rows.shapes[row]
    heard = frozenset(pitch % 12 for pitch in pitches)
    for chord in chart:
        if (
            chord is not None
            and chord.root == root
            and family_of(chord) == shape.family
            and heard <= chord.scale
        ):
            return chord
    suffix = shape.suffix
    if suffix == "7sus4" and (root + 2) % 12 in heard:
        suffix = "9sus4"
    lowest = min(pitches) % 12
    bass = f"/{_ROOTS[lowest]}" if lowest != root and root in heard else ""
    return parse_chord(f"{_ROOTS[root]}{suffix}{bass}")


class ChordRecogniser:
    """The chord that the hand holds, from the keys as they go down and come up.

    Keys of one stroke are judged together, `settle` seconds after the last of them. Three or more
    new tones are a chord of their own (with the keys still held, if they fit it); one or two are
    a movement within the chord that holds, and change it only where that is clearly likelier. A
    chord holds on until another is played.
    """

    def __init__(
        self,
        weights: Weights = AS_PLAYED,
        *,
        settle: float = SETTLE,
        gather: float = GATHER,
        expires: float = EXPIRES,
    ) -> None:
        """Nothing held and no chord; times in seconds."""
        self.chord: Chord | None = None
        self._weights = weights
        self._settle = settle
        self._gather = gather
        self._expires = expires
        self._held: dict[int, Seconds] = {}
        self._stroke: set[int] = set()
        self._first = self._last = Seconds(float("-inf"))
        self._due: Seconds | None = None
        self._belief: Array | None = None
        # What held when the stroke began: it is judged against that, however often.
        self._chord_before: Chord | None = None
        self._belief_before: Array | None = None
        # The tables are made here, not when the first chord is waited for.
        judge((0,), weights, None)

    def receive(self, event: NoteOn | NoteOff, at: Seconds) -> None:
        """A key goes down or comes up at `at`."""
        if isinstance(event, NoteOn):
            self._press(event.pitch, at)
        elif self._held.pop(event.pitch, None) is not None:
            late = event.pitch not in self._stroke and at - self._last <= LEGATO
            if late and self._due is None:
                self._due = at

    def _press(self, pitch: int, at: Seconds) -> None:
        if at - self._first > self._gather:
            self._stroke = set()
            self._first = at
            self._chord_before, self._belief_before = self.chord, self._belief
        self._stroke = {each for each in self._stroke if each in self._held} | {pitch}
        self._held[pitch] = self._last = at
        self._due = Seconds(at + self._settle)

    def wake_at(self) -> Seconds | None:
        """The moment from which `settle` has something to decide; None if nothing is pending."""
        return self._due

    def settle(
        self, now: Seconds, *, expected: Chord | None = None, following: Chord | None = None
    ) -> Chord | None:
        """The new chord, if one has been decided by `now`; it is then `chord` as well.

        `expected` and `following` are what a chart has here and next. The same chord again, also
        in another inversion or with a colour of its scale, is not new.
        """
        if self._due is None or now < self._due:
            return None
        self._due = None
        oldest = now - self._expires
        self._held = {pitch: at for pitch, at in self._held.items() if at >= oldest}
        pitches, margin = self._reading(expected, following)
        chord, belief = self._chord_before, self._belief_before
        judgement = self._judge(pitches, expected, following) if margin is not None else None
        best = None if judgement is None else judgement.best()
        if judgement is not None and best is not None and margin is not None:
            shell = len({pitch % 12 for pitch in pitches}) < 3
            rooted = min(pitches) % 12 == judgement.rows.root[best]
            likelier = judgement.weight[best] - judgement.weight_of(chord)
            if likelier >= margin and (rooted or not shell):
                chord = named(judgement.rows, best, pitches, (expected, following))
                belief = judgement.belief()
        self._belief = belief
        if chord is None or not _is_new(chord, self.chord, pitches, (expected, following)):
            return None
        self.chord = chord
        return chord

    def _reading(
        self, expected: Chord | None, following: Chord | None
    ) -> tuple[frozenset[int], float | None]:
        """The keys to judge, and the margin that they need; no margin where they say nothing."""
        stroke = frozenset(self._stroke)
        older = sorted(self._held.keys() - stroke, key=self._held.__getitem__)
        while older and len({pitch % 12 for pitch in (*stroke, *older)}) > MOST_TONES:
            older.pop(0)
        together = stroke.union(older)
        tones = {pitch % 12 for pitch in together}
        if len({pitch % 12 for pitch in stroke}) >= 3:
            fits = self._belong(stroke, older, expected, following)
            return (together if fits else stroke), _STRUCK
        if len(tones) >= 3:
            return together, _MOVED / max(len(stroke), 1)
        if len(tones) == 2 and min(together) < SHELL_BELOW:
            return together, _SHELL
        return together, None

    def _belong(
        self,
        stroke: frozenset[int],
        older: Collection[int],
        expected: Chord | None,
        following: Chord | None,
    ) -> bool:
        """Whether keys from before, still held, are part of the chord rather than left over."""
        together = stroke.union(older)
        joint = self._judge(together, expected, following)
        alone = self._judge(stroke, expected, following)
        best, other = joint.best(), alone.best()
        if best is None or any(joint.rows.foreign[best, pitch % 12] for pitch in together):
            return False
        if other is None:
            return True
        return bool(joint.weight[best] >= alone.weight[other])

    def _judge(
        self, pitches: frozenset[int], expected: Chord | None, following: Chord | None
    ) -> Judgement:
        return judge(pitches, self._weights, self._belief_before, expected, following)

    def release_all(self) -> None:
        """Every key is up, as after a panic or when the keyboard is gone; the chord holds."""
        self._held.clear()
        self._stroke.clear()
        self._due = None


def _is_new(
    chord: Chord, held: Chord | None, pitches: Collection[int], chart: tuple[Chord | None, ...]
) -> bool:
    """Whether a soloist must know: another root or family, a tone that the scale of the chord
    that holds does not have, or a chord tone more (a seventh on a triad)."""
    if chord == held:
        return False
    if held is None or chord in chart:
        return True
    if chord.root != held.root or family_of(chord) != family_of(held):
        return True
    heard = frozenset(pitch % 12 for pitch in pitches)
    return not heard <= held.scale or chord.chord_tones > held.chord_tones
