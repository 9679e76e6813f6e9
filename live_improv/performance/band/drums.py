"""The drums: the lanes of a groove, a snare that talks a little, and fills where sections end."""

from __future__ import annotations

from dataclasses import dataclass

from live_improv.music.events import Note
from live_improv.music.timing import PPQ, Ticks
from live_improv.performance.band.beats import TWELFTHS, Beat, beat_at, round_ticks
from live_improv.performance.band.drum_tables import (
    BOMBS,
    COMPING,
    CRASH,
    FILL_DRUMS,
    FILLS,
    KICK,
    LANES,
    LOUDNESS,
    PEDAL,
    RIDE,
    SNARE,
    STRENGTHS,
    Lane,
)
from live_improv.performance.band.scene import Scene
from live_improv.performance.band.styles import Groove

_EARLY_MS = {RIDE: 4.0}
_WIDTH_MS = 2.5
_RINGS = PPQ // 4
_ONE_PLACE = PPQ // 12
_SOFT = {Groove.BALLAD: 0.8, Groove.EVEN: 0.95}
_TALKS = frozenset({Groove.SWING, Groove.SHUFFLE, Groove.EVEN})
_FEATHERED_UNTIL = 210.0
_SKIPS = ((40.0, 0.95), (120.0, 0.9), (200.0, 0.8), (240.0, 0.55), (280.0, 0.25), (320.0, 0.1))
"""Up to so many beats a minute, how often a skip note is played."""

_FILLS, _FILLS_BALLAD = (0.6, 0.9), 0.4
"""How often a section, and a round, ends with a fill."""

_CRASHES = {Groove.BOSSA: 0.7, Groove.EVEN: 0.75, Groove.TWO: 0.8}
"""How hard a round begins, to the usual."""

_BUSY, _CROWDED = 5, 0.25
_BREATH, _GONE, _HOLE = 1.5, 16.0, 0.2
"""A soloist who has so many notes in two beats is talked to less, one who breathes more."""

_SECTION = 8  # bars, where none is named
_TRIPLETS_UNTIL = 190.0


def plan_drums(scene: Scene) -> list[Note]:
    """The notes of a beat."""
    fill = _fill(scene)
    notes = [] if fill is None else _filled(scene, fill.signs)
    for lane in _lanes(scene):
        if fill is not None and lane.drum not in fill.beside:
            continue
        notes += _laid(scene, lane.drum, lane.signs(scene.beat.number, scene.beat.place))
    if fill is None:
        notes += _talk(scene)
    top = _top(scene)
    if any(note.pitch == CRASH for note in top):
        notes = [note for note in notes if note.pitch != RIDE or note.onset >= scene.beat.at(3)]
    return _once(notes + top)


def _once(notes: list[Note]) -> list[Note]:
    """Of strokes of one drum at one place the loudest."""
    kept: list[Note] = []
    for note in sorted(notes, key=lambda note: -note.velocity):
        if all(
            note.pitch != other.pitch or abs(note.onset - other.onset) > _ONE_PLACE
            for other in kept
        ):
            kept.append(note)
    return kept


def _lanes(scene: Scene) -> tuple[Lane, ...]:
    rows = LANES[scene.groove]
    return rows.get(scene.beat.group) or rows.get(4) or rows[2]


def _laid(scene: Scene, drum: int, signs: str) -> list[Note]:
    """The strokes of one drum in a beat."""
    if not signs.strip("."):
        return []
    chance = scene.chance(f"drums/{drum}")
    notes = []
    for number, sign in enumerate(signs):
        drawn = chance.random()
        if sign == "." or (sign == "s" and drawn >= _skips(scene)):
            continue
        if drum == KICK and sign == "-" and scene.pulse > _FEATHERED_UNTIL:
            continue
        notes.append(_stroke(scene, drum, number * TWELFTHS // len(signs), STRENGTHS[sign], drawn))
    return notes


def _skips(scene: Scene) -> float:
    return next((often for until, often in _SKIPS if scene.pulse <= until), 0.05)


def _stroke(scene: Scene, drum: int, twelfths: int, strength: float, drawn: float) -> Note:
    chance = scene.chance(f"drums/{drum}/{twelfths}")
    off = scene.uneven(chance, _EARLY_MS.get(drum, 0.0), _WIDTH_MS)
    loud = LOUDNESS[drum] * strength * _SOFT.get(scene.groove, 1.0)
    loud += 12 * (scene.heat - 0.5) + (drawn - 0.5) * 6.0
    return Note(Ticks(scene.at(twelfths) + off), Ticks(_RINGS), drum, round(loud))


def _talk(scene: Scene) -> list[Note]:
    """What snare and kick say under the ride; less while the soloist is busy."""
    if scene.groove not in _TALKS:
        return []
    chance = scene.bar_chance("drums/talk")
    often = 0.35 + 0.6 * scene.heat - 0.2 * (scene.pulse > 220)
    often += _HOLE if _BREATH <= scene.room.silence < _GONE else 0.0
    often -= _CROWDED if scene.room.notes > _BUSY else 0.0
    if chance.random() >= often:
        return []
    cell = chance.choices([row for row, _ in COMPING], [weight for _, weight in COMPING])[0]
    bomb = chance.choice(BOMBS) if chance.random() < 0.4 * scene.heat else ""
    place = scene.beat.index % 4
    notes = _laid(scene, SNARE, cell.split()[place])
    if bomb:
        notes += _laid(scene, KICK, bomb.split()[place])
    return notes


def _section_ends(scene: Scene, beat: Beat) -> bool:
    """Whether a section ends with the beat's bar."""
    changes, end = scene.changes, beat.bar_end
    if end % round_ticks(changes) == 0:
        return True
    if changes.sections and round_ticks(changes) == changes.length:
        return any(section.start == end % changes.length for section in changes.sections)
    bars = len(changes.bars)
    return (beat.number + 1) % (4 if bars % _SECTION and bars % 4 == 0 else _SECTION) == 0


@dataclass(frozen=True, slots=True)
class _Fill:
    """A beat of a fill: its signs, and what goes on beside it."""

    signs: str
    beside: tuple[int, ...]


def _fill(scene: Scene) -> _Fill | None:
    """The beat's part of a fill, if one is played: a short one leaves the ride alone."""
    beat = scene.beat
    if not _section_ends(scene, beat):
        return None
    whole = beat.bar_end % round_ticks(scene.changes) == 0
    chance = scene.bar_chance("drums/fill")
    drawn, pick = chance.random(), chance.random()
    often = _FILLS_BALLAD if scene.groove is Groove.BALLAD else _FILLS[whole]
    if drawn >= often:
        return None
    beats = (4 if scene.heat > 0.6 and beat.count >= 4 else 2) if whole else 1
    beats = min(beats, 2 if beat.count < 4 else 4)
    left = beat.count - beat.index
    if left > beats:
        return None
    even = scene.ratio < 1.05 or scene.pulse > _TRIPLETS_UNTIL
    each = 2 if even and not beat.compound else 3
    rows = FILLS[beats, each]
    text = rows[int(pick * len(rows))]
    signs = text[(beats - left) * each : (beats - left + 1) * each]
    return _Fill(signs, (PEDAL, RIDE) if beats == 1 else (PEDAL,))


def _filled(scene: Scene, signs: str) -> list[Note]:
    notes = []
    for number, sign in enumerate(signs):
        if sign != ".":
            chance = scene.chance(f"drums/fill/{number}")
            twelfths = number * TWELFTHS // len(signs)
            notes.append(_stroke(scene, FILL_DRUMS[sign], twelfths, 0.95, chance.random()))
    return notes


def _top(scene: Scene) -> list[Note]:
    """The stroke with which a round or a section begins."""
    beat = scene.beat
    if beat.index or not _section_ends(scene, _before(scene)):
        return []
    whole = beat.start % round_ticks(scene.changes) == 0
    if whole and beat.start > 0 and scene.groove is not Groove.BALLAD:
        return [
            _stroke(scene, CRASH, 0, _CRASHES.get(scene.groove, 1.0), 0.5),
            _stroke(scene, KICK, 0, 1.1, 0.5),
        ]
    return [_stroke(scene, KICK, 0, 0.8, 0.5)] if beat.start > 0 else []


def _before(scene: Scene) -> Beat:
    return beat_at(scene.changes, Ticks(scene.beat.start - 1))
