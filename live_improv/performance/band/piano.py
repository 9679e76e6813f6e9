"""The piano: it comps, with what rhythm and voicing it likes, and leaves room.

Rhythms come in phrases of four bars made of a few cells. A chord on the last off-beat before a
change takes what comes. While the soloist is busy less is played, and holes are answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from random import Random

from live_improv.music.chords import Chord
from live_improv.music.events import Note
from live_improv.music.timing import PPQ, Ticks
from live_improv.performance.band.beats import TWELFTHS
from live_improv.performance.band.part import Strike
from live_improv.performance.band.piano_tables import CELLS, PHRASES, Cell, Hit
from live_improv.performance.band.scene import OFF_BEAT, TICKS_A_MS, Scene
from live_improv.performance.band.styles import Groove
from live_improv.performance.band.voicings import voiced

_PHRASE = 4  # bars
_LONG = {".": 0.4, "-": 1.6, "_": 4.0}
"""How long a chord is held at most, in beats."""

_ANTICIPATES = 6  # twelfths from which a chord belongs to the next beat
_LOUDNESS = {Groove.BALLAD: 54.0, Groove.EVEN: 56.0, Groove.BOSSA: 56.0}
_USUAL_LOUDNESS = 60.0
_BUSY, _DROPS, _DROPS_AT_MOST = 3, 0.15, 0.55
_HOLE, _HOLE_AT_MOST, _ANSWERS = 1.5, 16.0, 0.3
_ROLL_MS = 14.0
_PLAIN = frozenset({Groove.FUNK, Groove.TWO, Groove.LATIN, Groove.AFRO})
_STATES = frozenset({Groove.BALLAD, Groove.EVEN})
"""Where every chord is struck when it comes, or before."""

_THREE_ABOVE = 240.0


@dataclass(frozen=True, slots=True)
class Comping:
    """What a beat leaves to the next one: the last voicing, its chord, and when it was struck."""

    voices: tuple[int, ...] = ()
    chord: Chord | None = None
    at: Ticks | None = None


def plan_piano(scene: Scene, comping: Comping) -> tuple[list[Strike], Comping]:
    """The notes of a beat, and what it leaves to the next one."""
    strikes: list[Strike] = []
    for hit in _hits(scene, comping):
        twelfths = hit.at - scene.beat.place * TWELFTHS
        onset = scene.at(twelfths)
        place = scene.beat.at(twelfths)
        chord, until = _sounding(scene, place, twelfths)
        if twelfths == 0 and not strikes and _anticipated(scene, comping, chord):
            continue
        voices = voiced(chord, comping.voices, _voices(scene), plain=scene.groove in _PLAIN)
        if not voices:
            continue
        length = min(_LONG[hit.held] * scene.beat.length, until - onset)
        strikes.append(_struck(scene, hit, onset, voices, Ticks(round(length))))
        comping = Comping(voices, chord, Ticks(place))
    return strikes, comping


def _anticipated(scene: Scene, comping: Comping, chord: Chord) -> bool:
    """Whether the chord that a beat begins with was struck on the off-beat before it."""
    start = scene.beat.start
    if comping.at is None or chord != comping.chord:
        return False
    return start - scene.beat.length // 2 <= comping.at < start


def _sounding(scene: Scene, place: Ticks, twelfths: int) -> tuple[Chord, Ticks]:
    """The chord to be played at a place, and until when it holds."""
    changes, beat = scene.changes, scene.beat
    if twelfths >= _ANTICIPATES and changes.chord_at(beat.end) != changes.chord_at(place):
        at = beat.end
    else:
        at = place
    end, _ = changes.next_chord(at)
    return changes.chord_at(at), end


def _voices(scene: Scene) -> int:
    if scene.pulse > _THREE_ABOVE:
        return 3
    return 3 if scene.bar_chance("piano/voices", 2 * _PHRASE).random() < 0.25 else 4


def _hits(scene: Scene, comping: Comping) -> list[Hit]:
    """What is struck in the beat, in order."""
    beat, room = scene.beat, scene.room
    low = beat.place * TWELFTHS
    cell = _cell(scene)
    found = [hit for hit in cell if low <= hit.at < low + TWELFTHS]
    chance = scene.chance("piano/room")
    drawn = [chance.random() for _ in range(4)]
    turns = scene.changes.chord_at(Ticks(beat.start - 1)) != scene.chord
    if room.notes > _BUSY:
        drops = min((room.notes - _BUSY) * _DROPS, _DROPS_AT_MOST) * (0.5 if turns else 1.0)
        found = [hit for hit, draw in zip(found, drawn, strict=False) if draw >= drops]
    if turns and scene.groove in _STATES and not _anticipated(scene, comping, scene.chord):
        return [Hit(low, "_"), *(hit for hit in found if hit.at > low)]
    if found:
        return found
    if turns and comping.chord != scene.chord:
        holds = scene.changes.next_chord(beat.start)[0] - beat.start
        reach = low + min(holds, 2 * beat.length) * TWELFTHS // beat.length
        unsaid = not any(low <= hit.at < reach for hit in cell)
        if unsaid and drawn[2] < 0.7:
            return [Hit(low, "-")]
    if _HOLE <= room.silence <= _HOLE_AT_MOST and drawn[3] < _ANSWERS * scene.heat:
        return [Hit(low + OFF_BEAT, ".")]
    return []


def _cell(scene: Scene) -> tuple[Hit, ...]:
    """The cell of the bar's group."""
    beat = scene.beat
    rows = CELLS[scene.groove][beat.group]
    chance = scene.bar_chance(f"piano/{beat.index - beat.place}", _PHRASE)
    wanted = 1.0 + 1.3 * scene.heat - 0.6 * (scene.pulse > 220)
    weights = [exp(-abs(sum(map(len, cell)) / len(cell) - wanted)) for cell in rows]
    drawn = _drawn(rows, weights, chance)
    bar = beat.number % _PHRASE
    if len(drawn[0]) == 2:
        return _two_bars(drawn, bar)
    shape = chance.choice(PHRASES)
    return drawn["ABC".index(shape[bar])][0]


def _drawn(rows: tuple[Cell, ...], weights: list[float], chance: Random) -> list[Cell]:
    """Three cells, each another one where there are as many."""
    found: list[Cell] = []
    for _ in range(3):
        left = [
            weight * (len(rows) <= len(found) or cell not in found)
            for cell, weight in zip(rows, weights, strict=True)
        ]
        found += chance.choices(rows, left)
    return found


def _two_bars(drawn: list[Cell], bar: int) -> tuple[Hit, ...]:
    return drawn[bar // 2][bar % 2]


def _struck(scene: Scene, hit: Hit, onset: Ticks, voices: tuple[int, ...], length: Ticks) -> Strike:
    """A chord as it is played: its top is heard most, and slow ones are rolled a little."""
    chance = scene.chance(f"piano/{hit.at}")
    off = scene.uneven(chance)
    loud = _LOUDNESS.get(scene.groove, _USUAL_LOUDNESS) + 14 * (scene.heat - 0.5)
    loud += chance.gauss() * 3.0 + 3.0 * (hit.at % TWELFTHS != 0)
    roll = _ROLL_MS * scene.bpm * TICKS_A_MS if scene.groove is Groove.BALLAD else 0.0
    notes = []
    for number, pitch in enumerate(voices):
        at = Ticks(onset + off + round(roll * number) + round(chance.random() * 2 * scene.loose))
        weight = 5 if number == len(voices) - 1 else -3 if number else 0
        velocity = round(loud + weight + chance.gauss() * 1.5)
        notes.append(Note(at, Ticks(max(length - (at - onset), PPQ // 16)), pitch, velocity))
    return tuple(notes)
