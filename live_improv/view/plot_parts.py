"""Who plays in a take: its tracks sorted into the improviser, the player and the band."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from live_improv.midi.parts import FilePart
from live_improv.music.events import Note
from live_improv.music.score import CHORDS, IMPROVISER, PLAYER

DRUMS = 9
"""The channel of the drums."""

_SOLOISTS = (IMPROVISER, "Solo")
_BAND = re.compile(
    rf"\b({CHORDS}|chords?|comp(ing)?|harmony|changes|bass|piano|drums?)\b", re.IGNORECASE
)
_MELODIES = re.compile(
    r"\b(solo|soloist|melody|lead|sax|saxophone|trumpet|horn|flute|vibes)\b", re.IGNORECASE
)


class Who(StrEnum):
    """Who plays a note."""

    IMPROVISER = "improviser"
    PLAYER = "player"
    BAND = "band"
    DRUMS = "drums"


@dataclass(frozen=True, slots=True)
class Voice:
    """The notes of one of them, by onset, under the name they have in the file."""

    who: Who
    name: str
    notes: tuple[Note, ...]


def voices(parts: Sequence[FilePart]) -> tuple[Voice, ...]:
    """Who plays what, the improviser first.

    In a file that is no take of ours the melody is taken for the improviser: the part that is
    called one, or else the one that most often sounds alone; of equal ones the higher.
    """
    ours = any(part.name in (*_SOLOISTS, PLAYER) for part in parts)
    melody = None if ours else _melody(parts)
    sorted_out: dict[tuple[Who, str], list[Note]] = {}
    for part in parts:
        who = _who(part) if part is not melody else Who.IMPROVISER
        name = part.name or ("Melody" if who is Who.IMPROVISER else "Band")
        sorted_out.setdefault((who, name), []).extend(part.notes)
    order = tuple(Who)
    return tuple(
        Voice(who, name, _in_order(notes))
        for (who, name), notes in sorted(
            sorted_out.items(), key=lambda each: order.index(each[0][0])
        )
    )


def _who(part: FilePart) -> Who:
    if part.name in _SOLOISTS:
        return Who.IMPROVISER
    if part.name == PLAYER:
        return Who.PLAYER
    return Who.DRUMS if part.channel == DRUMS else Who.BAND


def _melody(parts: Iterable[FilePart]) -> FilePart | None:
    pitched = [part for part in parts if part.channel != DRUMS]
    return max(pitched, key=_likeness, default=None)


def _likeness(part: FilePart) -> tuple[bool, bool, bool, int]:
    """How like a melody a part is, in the order of what counts."""
    named = _MELODIES.search(part.name) is not None
    band = _BAND.search(part.name) is not None
    onsets = [note.onset for note in part.notes]
    alone = len(set(onsets)) >= 0.8 * len(onsets)
    middle = sorted(note.pitch for note in part.notes)[len(onsets) // 2]
    return named, not band, alone, middle


def _in_order(notes: Iterable[Note]) -> tuple[Note, ...]:
    return tuple(sorted(notes, key=lambda note: (note.onset, note.pitch)))
