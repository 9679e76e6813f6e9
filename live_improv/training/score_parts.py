"""The parts of a score, and which of them has the melody."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from xml.etree.ElementTree import Element

from live_improv.charts.layout import plain_text
from live_improv.charts.musicxml import measure_of
from live_improv.charts.musicxml_bars import Measure
from live_improv.charts.musicxml_tree import shown, text_at
from live_improv.importing.imported import NotUnderstood

MAX_PARTS = 100
MAX_MEASURES = 5_000
MAX_NOTES = 30_000
"""Bounds of a score: what is larger takes music21 too long."""

_LEADING = re.compile(
    r"\b(?:solo|melody|lead|theme|tune|voice|vocals?|sax(?:ophone)?|trumpet|cornet|flugel(?:horn)?|"
    r"trombone|clarinet|flute|violin|vibra(?:phone|harp)|vibes|harmonica)\b",
    re.IGNORECASE,
)
_ACCOMPANYING = re.compile(
    r"\b(?:bass|contrabass|drums?|drumset|percussion|piano|keys|keyboard|organ|chords?|comping|"
    r"rhythm|strings|click)\b",
    re.IGNORECASE,
)
_BASS_REGISTER = 3
"""A line whose median note lies in this octave or below is likely a bass line."""
_CHORDAL = 0.2
"""From this share of notes that sound with another one on, a part is an accompaniment."""
_SPARSE = 0.2
"""With less than this share of the notes of the busiest part, a part is a second voice to it."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a score, numbered from 1."""

    number: int
    name: str
    measures: Sequence[Measure]

    @property
    def label(self) -> str:
        """What it is called in a report."""
        return f'part {self.number} "{self.name}"' if self.name else f"part {self.number}"

    def count(self, tag: str) -> int:
        """How many elements of a name it has."""
        return sum(each.tag == tag for measure in self.measures for each in measure.elements)


def parts_of(score: Element) -> list[Part]:
    """The parts of a partwise or timewise score.

    Raises:
        NotUnderstood: it has none, or is too large.
    """
    if score.tag == "score-partwise":
        found = [
            (part.get("id", ""), [(each, each) for each in part.findall("measure")])
            for part in score.findall("part")
        ]
    elif score.tag == "score-timewise":
        by_id: dict[str, list[tuple[Element, Element]]] = {}
        for measure in score.findall("measure"):
            for part in measure.findall("part"):
                by_id.setdefault(part.get("id", ""), []).append((measure, part))
        found = list(by_id.items())
    else:
        raise NotUnderstood(f"{shown(score.tag)}: expected score-partwise or score-timewise")
    names = {
        each.get("id", ""): plain_text(text_at(each, "part-name"))
        for each in score.iterfind("part-list/score-part")
    }
    parts = [
        Part(i, names.get(key, ""), [measure_of(*each, j) for j, each in enumerate(measures)])
        for i, (key, measures) in enumerate(found, 1)
    ]
    if not any(part.measures for part in parts):
        raise NotUnderstood("the score has no measures")
    longest = max(len(part.measures) for part in parts)
    if len(parts) > MAX_PARTS or longest > MAX_MEASURES:
        raise NotUnderstood(
            f"{len(parts)} parts of {longest} measures: expected at most {MAX_PARTS} of "
            f"{MAX_MEASURES}"
        )
    return parts


def melody_of(parts: Sequence[Part], wanted: str | None) -> Part:
    """The part that has the melody.

    Args:
        wanted: its number, or a part of its name; None to find it.

    Raises:
        NotUnderstood: there is none, or not the one that is wanted.
    """
    sounding = [part for part in parts if _pitches(part)]
    if not sounding:
        raise NotUnderstood("the score has no notes with a pitch")
    if wanted is not None:
        named = [part for part in sounding if _is(part, wanted)]
        if not named:
            labels = ", ".join(part.label for part in sounding[:8])
            raise NotUnderstood(f"no part {shown(wanted)} with notes: expected one of {labels}")
        return named[0]
    most = max(len(_pitches(part)) for part in sounding)
    chords = max(part.count("harmony") for part in parts)
    return max(sounding, key=lambda part: _likeliness(part, most, chords))


def _is(part: Part, wanted: str) -> bool:
    """Whether a part is the one that somebody means."""
    if wanted.strip().isdecimal():
        return part.number == int(wanted) if len(wanted) < 6 else False
    return wanted.strip().lower() in part.name.lower()


def _likeliness(part: Part, most: int, chords: int) -> float:
    """How likely a part has the melody; of equal ones the first does."""
    pitches = _pitches(part)
    notes = [each for measure in part.measures for each in measure.elements if each.tag == "note"]
    together = sum(note.find("chord") is not None for note in notes)
    return (
        2.0 * (_LEADING.search(part.name) is not None)
        - 2.0 * (_ACCOMPANYING.search(part.name) is not None)
        + 1.0 * (0 < chords == part.count("harmony"))
        - 2.0 * (together > _CHORDAL * len(notes))
        - 1.0 * (median(pitches) <= _BASS_REGISTER)
        - 1.0 * (len(pitches) < _SPARSE * most)
    )


def _pitches(part: Part) -> list[int]:
    """The octave of each pitched note; one that cannot be read counts as 4."""
    octaves = [
        text_at(element, "pitch/octave")
        for measure in part.measures
        for element in measure.elements
        if element.tag == "note" and element.find("pitch") is not None
    ]
    return [int(octave) if octave in tuple("0123456789") else 4 for octave in octaves]
