"""The ending: the final chord, struck where the tune ends and held for a bar at most."""

from __future__ import annotations

import re

from live_improv.music.changes import Changes
from live_improv.music.chords import Chord, parse_chord
from live_improv.music.events import Note
from live_improv.music.timing import PPQ, Ticks
from live_improv.performance.band.bass import BassLine
from live_improv.performance.band.bass_pitch import bass_class, nearest
from live_improv.performance.band.drum_tables import CRASH, KICK, RIDE
from live_improv.performance.band.part import Strike
from live_improv.performance.band.piano import Comping
from live_improv.performance.band.players import BandPlayer
from live_improv.performance.band.scene import TICKS_A_MS, Scene
from live_improv.performance.band.styles import Groove
from live_improv.performance.band.voicings import voiced

_LONGEST = Ticks(4 * PPQ)
_ROLL_MS = 18.0


def last_tick(changes: Changes, end: Ticks) -> Ticks:
    """The tick by which a tune that ends at `end` has been left to ring out."""
    return Ticks(end + min(changes.bar_at(end).meter.bar_ticks, _LONGEST))


def final_chord(changes: Changes, end: Ticks) -> Chord:
    """The chord a tune ends on at `end`: the one before, if that is the tonic.

    Where it is not, as in a turnaround, the first chord of the form at `end`, on which the next
    chorus would begin; and where that is not the tonic either, the tonic wherever the form has it.
    """
    before, after = changes.chord_at(Ticks(end - 1)), changes.chord_at(end)
    form = [span.chord for span in changes.chords]
    tonic, third = _tonic(changes)
    if _rests(before) and before.root in (tonic, after.root):
        return before
    if _rests(after) and (after.root, _third(after)) == (tonic, third):
        return after
    home = [chord for chord in form if _rests(chord) and chord.root == tonic]
    home = [chord for chord in home if _third(chord) == third]
    # A blues has no other tonic than its first dominant.
    home += [chord for chord in (after, before, *form) if chord.root == tonic]
    home += [chord for chord in (after, before) if _rests(chord)]
    return home[0] if home else after


def _tonic(changes: Changes) -> tuple[int | None, int]:
    """The root and the third of the key's chord; without a key those of the first chord."""
    name = re.match(r"([A-G][b#]?)\s*(m(?!aj)|-)?", changes.key)
    if name is None:
        first = changes.chord_at(Ticks(0))
        return first.root, _third(first)
    return parse_chord(name[1]).root, 3 if name[2] else 4


def _third(chord: Chord) -> int:
    root = chord.root or 0
    return 3 if (root + 3) % 12 in chord.chord_tones else 4


def _rests(chord: Chord) -> bool:
    """Whether one can end on a chord: on its own root, and neither dominant nor diminished."""
    root = chord.root
    if root is None or chord.bass not in (None, root):
        return False
    tones = {(each - root) % 12 for each in chord.chord_tones}
    return 7 in tones and not {4, 10} <= tones and not {5, 10} <= tones


def final(scene: Scene, line: BassLine, comping: Comping) -> dict[BandPlayer, list[Strike]]:
    """What each player plays last, at the tick the scene is for."""
    at, changes = scene.start, scene.changes
    chord = final_chord(changes, at)
    length = Ticks(last_tick(changes, at) - at)
    soft = 0.75 if scene.groove is Groove.BALLAD else 1.0
    cymbal = RIDE if scene.groove is Groove.BALLAD else CRASH
    kick = Note(at, Ticks(length // 2), KICK, round(64 * soft))
    found: dict[BandPlayer, list[Strike]] = {
        BandPlayer.DRUMS: [(kick, Note(at, length, cymbal, round(88 * soft)))]
    }
    under = bass_class(chord)
    if under is not None:
        pitch = nearest(under, line.pitch)
        found[BandPlayer.BASS] = [(Note(at, length, pitch, round(80 * soft)),)]
    roll = _ROLL_MS * scene.bpm * TICKS_A_MS
    late = [round(roll * number) for number in range(4)]
    voices = voiced(chord, comping.voices)
    found[BandPlayer.PIANO] = [
        tuple(
            Note(Ticks(at + by), Ticks(length - by), pitch, round(62 * soft))
            for by, pitch in zip(late, voices, strict=False)
        )
    ]
    return found
