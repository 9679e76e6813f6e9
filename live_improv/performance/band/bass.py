"""The bass: it walks, or plays the pattern of a groove.

A walking line is made of runs, each over one chord and inside one group of beats. At the head of a
run its target is chosen, the first note of the next one, and a figure that leads there; so lines go
somewhere. Where the chord changes the bass has the root, or the bass that is written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from live_improv.music.changes import Changes
from live_improv.music.chords import Chord
from live_improv.music.events import Note
from live_improv.music.timing import PPQ, Ticks
from live_improv.performance.band.bass_pitch import (
    above,
    bass_class,
    below,
    degrees,
    leading,
    nearest,
    octaves,
)
from live_improv.performance.band.bass_tables import PATTERNS, Place
from live_improv.performance.band.beats import TWELFTHS, beat_at
from live_improv.performance.band.scene import OFF_BEAT, Scene
from live_improv.performance.band.styles import Groove
from live_improv.performance.band.walking import REMEMBERED, Figures, Run, walk

_WALKS = frozenset({Groove.SWING, Groove.SHUFFLE, Groove.BALLAD})
_IN_TWO_BELOW = 120.0
"""Beats a minute below which swing begins in two."""

_ROOM = PPQ // 3
"""A chord that goes on is not struck once more so shortly before the next one."""
_SHORTEST_CHORD = PPQ // 8
_SOUNDS, _RINGS = 0.92, 0.97
_LOUDNESS = {Groove.BALLAD: 69, Groove.BOSSA: 71, Groove.EVEN: 72, Groove.AFRO: 73}
_USUAL_LOUDNESS = 75
_BACKBEAT = 4
_STAYS = 0.8  # what it costs to lead on by the same note again
_SKIPS = {Groove.SHUFFLE: 0.4}  # how often a hot line skips
_WALTZES_WALK = (0.35, 0.75)  # in the first round, and later
_SKIPS_BELOW = 230.0


@dataclass(frozen=True, slots=True)
class BassLine:
    """What a beat leaves to the next one.

    Attributes:
        pitch: of the last note.
        chord: that it was played over.
        run: what is being walked.
        path: the pitches of the run's beats that are still to come.
        aim: what comes after them, and over which chord.
        recent: the figures of the last runs, the latest first.
    """

    pitch: int | None = None
    chord: Chord | None = None
    run: Run | None = None
    path: tuple[int, ...] = ()
    aim: int | None = None
    recent: Figures = ()


def plan_bass(scene: Scene, line: BassLine) -> tuple[list[Note], BassLine]:
    """The notes of a beat, and what it leaves to the next one."""
    came = line.pitch
    if walks(scene):
        notes, line = _walked(scene, line)
    else:
        notes, line = _patterned(scene, replace(line, run=None, path=(), aim=None))
    return _changing(scene, notes, line, came)


def walks(scene: Scene) -> bool:
    """Whether the bass walks in this beat, rather than play a pattern."""
    if scene.groove not in _WALKS:
        return False
    beat = scene.beat
    if scene.groove is Groove.BALLAD:
        return False if scene.pulse < 50 else beat.round % 4 >= 2 and beat.group != 3
    if beat.count == 3 or beat.count == 6:
        return scene.bar_chance("bass/waltz", 4).random() < _WALTZES_WALK[beat.round > 0]
    return beat.round > 0 or scene.pulse >= _IN_TWO_BELOW or scene.groove is Groove.SHUFFLE


def _walked(scene: Scene, line: BassLine) -> tuple[list[Note], BassLine]:
    chord = scene.chord
    if chord.root is None:
        return [], BassLine(pitch=line.pitch)
    run = _run(scene, chord)
    if (
        line.run is None
        or not line.path
        or line.run.end != run.end
        or line.run.to != run.to
        or (line.run.chord != chord)
    ):
        start = _first(scene, chord, line)
        figure, path, aim = walk(
            run, start, line.recent, scene.chance("bass/walk"), came=line.pitch
        )
        recent = (figure, *line.recent)[:REMEMBERED]
        line = replace(line, run=run, path=path, aim=aim, recent=recent)
    pitch, rest = line.path[0], line.path[1:]
    chance = scene.chance("bass")
    notes = [_note(scene, chance, 0, pitch, scene.beat.length * _SOUNDS)]
    notes += _skips(scene, chance, pitch)
    return notes, replace(line, pitch=pitch, chord=chord, path=rest)


def _run(scene: Scene, chord: Chord) -> Run:
    """The run that the beat is in, from this beat on: over one chord, inside a group."""
    changes, beat = scene.changes, scene.beat
    beats, at, end = 1, beat.end, beat
    while end.place + 1 < end.group and changes.chord_at(at) == chord:
        if _changes_within(changes, end.start, end.end):
            break
        end = beat_at(changes, at)
        beats, at = beats + 1, end.end
    to = changes.chord_at(at)
    return Run(beats, at, chord, to, to != chord)


def _first(scene: Scene, chord: Chord, line: BassLine) -> int:
    """The pitch that a run begins on."""
    under = bass_class(chord) or 0
    if line.aim is not None and (line.chord == chord or line.aim % 12 == under):
        return line.aim
    return nearest(under, line.pitch)


def _skips(scene: Scene, chance: Random, pitch: int) -> list[Note]:
    """A light note on the off-beat now and then."""
    often = _SKIPS.get(scene.groove, 0.16) * scene.heat * (scene.pulse < _SKIPS_BELOW)
    if chance.random() >= often:
        return []
    note = _note(scene, chance, OFF_BEAT, pitch, scene.beat.length * 0.25)
    return [replace(note, velocity=round(note.velocity * 0.62))]


def _patterned(scene: Scene, line: BassLine) -> tuple[list[Note], BassLine]:
    beat = scene.beat
    rows = PATTERNS[scene.groove]
    choices = rows[beat.group]
    pattern = scene.bar_chance("bass/pattern").choice(choices)
    low, high = beat.place * TWELFTHS, (beat.place + 1) * TWELFTHS
    if scene.chord != line.chord and all(place.at != low for place in pattern):
        # The pattern rests where the chord changes.
        pattern = tuple(sorted((*pattern, Place("1", low)), key=lambda place: place.at))
    chance = scene.chance("bass")
    notes = []
    for number, place in enumerate(pattern):
        if not low <= place.at < high:
            continue
        chord = scene.changes.chord_at(Ticks(beat.at(place.at - low)))
        if chord.root is None:
            line = BassLine(pitch=line.pitch)
            continue
        follows = pattern[number + 1].at if number + 1 < len(pattern) else beat.group * TWELFTHS
        pitch = _pitch(scene, chord, place, line)
        length = (follows - place.at) * beat.length / TWELFTHS * _RINGS
        note = _note(scene, chance, place.at - low, pitch, length)
        notes.append(note)
        line = replace(line, pitch=pitch, chord=chord)
    return notes, line


def _pitch(scene: Scene, chord: Chord, place: Place, line: BassLine) -> int:
    """The pitch of a place of a pattern."""
    under = bass_class(chord) or 0
    if line.pitch is None or chord != line.chord or place.token == "1":
        return nearest(under, line.pitch)
    if place.token in "an":
        to = _ahead(scene)
        if to.root is None:
            return line.pitch
        target = nearest(bass_class(to) or 0, line.pitch)
        if place.token == "n" or to == chord:
            return target
        chance, last = scene.chance("bass/leading"), line.pitch
        pitches = [each for each in leading(target, chord, to) if abs(each[0] - last) <= 12]
        if not pitches:
            return target
        costs = [
            (
                cost + 0.06 * abs(pitch - last) + _STAYS * (pitch == last) + 0.25 * chance.gauss(),
                pitch,
            )
            for pitch, cost in pitches
        ]
        return min(costs)[1]
    if place.token == "8":
        root = nearest(under, line.pitch)
        return next(
            (each for each in octaves(under) if each > root and each - (line.pitch or 0) <= 12),
            root,
        )
    wanted = degrees(chord)[int(place.token) - 1]
    if line.pitch % 12 == wanted:
        return line.pitch
    around = (above(wanted, line.pitch), below(wanted, line.pitch))
    within = [each for each in around if each in octaves(wanted)]
    return min(
        within, key=lambda each: (abs(each - (line.pitch or 0)) * 0.5 + abs(each - 38) * 0.3, each)
    )


def _ahead(scene: Scene) -> Chord:
    """The chord that comes after this beat."""
    return scene.changes.chord_at(scene.beat.end)


def _changes_within(changes: Changes, start: Ticks, end: Ticks) -> bool:
    """Whether the chord changes inside a beat, after its beginning."""
    return changes.next_chord(start)[0] < end


def _changing(
    scene: Scene, notes: list[Note], line: BassLine, came: int | None
) -> tuple[list[Note], BassLine]:
    """The roots of the chords that begin inside the beat."""
    beat, at = scene.beat, scene.beat.start
    chance = None
    while True:
        at, chord = scene.changes.next_chord(at)
        if at >= beat.end:
            return notes, line
        ends = min(scene.changes.next_chord(at)[0], beat.end)
        if chord.root is None or ends - at < _SHORTEST_CHORD:
            continue
        chance = chance or scene.chance("bass/inside")
        twelfths = (at - beat.start) * TWELFTHS // beat.length
        held = scene.changes.chord_at(Ticks(beat.start - 1)) == scene.chord
        room = _ROOM if held else PPQ // 12
        notes = [note for note in notes if note.onset < at - room]
        pitch = nearest(bass_class(chord) or 0, notes[-1].pitch if notes else came)
        note = _note(scene, chance, twelfths, pitch, (ends - at) * _SOUNDS)
        exact = note.onset if twelfths == OFF_BEAT else at
        notes.append(replace(note, onset=Ticks(exact)))
        line = BassLine(pitch, chord, recent=line.recent)


def _note(scene: Scene, chance: Random, twelfths: int, pitch: int, length: float) -> Note:
    beat = scene.beat
    loud = _LOUDNESS.get(scene.groove, _USUAL_LOUDNESS) + 10 * (scene.heat - 0.5)
    loud += _BACKBEAT * (beat.index % 2) + chance.gauss() * 3.0
    onset = scene.at(twelfths) + scene.uneven(chance)
    return Note(Ticks(onset), Ticks(max(round(length), 1)), pitch, round(loud))
