"""What music21 is given of a part of a score: plain trees of our own making, checked.

Nothing is in them but what a line is made of: pitches, durations as whole numbers of the same
divisions throughout, voices, chords and ties.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from xml.etree.ElementTree import Element, SubElement

from live_improv.charts.musicxml_tree import decimal, text_at, whole
from live_improv.charts.text import ChartError
from live_improv.importing.imported import NotUnderstood
from live_improv.music.timing import PPQ, Ticks
from live_improv.training.score_parts import MAX_NOTES, Part

_DIVISIONS = 10_080
"""Of a quarter."""
_AT_ONCE = 100
"""How many measures music21 is given at once: its time grows with their square."""
_MOST_PERFORMED = 64
"""How far from its place a note may be played, in quarters; what is said to be further is not."""


@dataclass(frozen=True, slots=True)
class Head:
    """A note of the file, the divisions of a quarter, and the transposition that hold there."""

    element: Element
    divisions: Fraction
    transposed: int

    def performed(self, name: str) -> Ticks | None:
        """What it says of its `attack` or `release`; None where that is nothing."""
        try:
            quarters = decimal(self.element.get(name, ""), name) / self.divisions
        except ChartError:
            return None
        return Ticks(round(quarters * PPQ)) if abs(quarters) <= _MOST_PERFORMED else None


@dataclass
class Plain:
    """Makes plain trees, and finds again what music21 does not keep.

    Attributes:
        staff: the one that is read.
        heads: the text under a note in the tree is its place here.
        left_out: how many of what.
        divisions, transposed: what holds at the place that was reached.
    """

    staff: str
    heads: list[Head] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    divisions: Fraction = Fraction(1)
    transposed: int = 0

    @classmethod
    def of(cls, part: Part) -> Plain:
        """With nothing made yet, for the uppermost staff of a part that has notes."""
        return cls(_staff_of(part))

    def scores(self, part: Part) -> Iterator[Element]:
        """The trees of a part, so many measures in each."""
        for first in range(0, len(part.measures), _AT_ONCE):
            root = Element("score-partwise", version="4.0")
            listed = SubElement(SubElement(root, "part-list"), "score-part", id="P")
            SubElement(listed, "part-name")
            tree = SubElement(root, "part", id="P")
            for i, measure in enumerate(part.measures[first : first + _AT_ONCE], 1):
                into = SubElement(tree, "measure", number=str(i))
                known = SubElement(into, "attributes")
                SubElement(known, "divisions").text = str(_DIVISIONS)
                try:
                    for element in measure.elements:
                        self.add(element, into)
                except ChartError as error:
                    raise ChartError(f"{measure.name}: {error}") from None
            yield root

    def add(self, element: Element, into: Element) -> None:
        """Put in what one element of a measure says."""
        if element.tag == "attributes":
            if text := text_at(element, "divisions"):
                self.divisions = decimal(text, "divisions")
            for transpose in element.findall("transpose"):
                if transpose.get("number", self.staff) == self.staff:
                    self.transposed = _semitones(transpose)
        elif element.tag in ("backup", "forward"):
            move = SubElement(into, element.tag)
            SubElement(move, "duration").text = self.duration(element)
        elif element.tag == "note":
            self.add_note(element, into)

    def duration(self, element: Element) -> str:
        """A duration in the divisions of the trees."""
        length = decimal(text_at(element, "duration"), f"duration of a {element.tag}")
        return str(max(round(length / self.divisions * _DIVISIONS), 1))

    def add_note(self, note: Element, into: Element) -> None:
        """Put in a note, a rest, or for what is no melody a rest in its place."""
        chord = note.find("chord") is not None
        if note.find("grace") is not None:
            self.left_out["grace notes"] += 1
            return
        reason = self.reason(note)
        if chord and (reason or note.find("rest") is not None):
            self.left_out[reason or "rests in chords"] += 1
            return
        silent = bool(reason) or note.find("rest") is not None
        if reason:
            self.left_out[reason] += 1
        plain = SubElement(into, "note")
        # A chord whose first note is left out begins with its second.
        if chord and not silent and len(into) > 1 and into[-2].find("pitch") is not None:
            SubElement(plain, "chord")
        elif chord:
            into.remove(plain)
            self.left_out["notes of chords without a first note"] += 1
            return
        plain.append(Element("rest") if silent else _pitch(note))
        SubElement(plain, "duration").text = self.duration(note)
        if not silent:
            for kind in _ties(note):
                SubElement(plain, "tie", type=kind)
        SubElement(plain, "voice").text = (text_at(note, "voice") or "1")[:8]
        if not silent:
            lyric = SubElement(plain, "lyric", number=str(len(self.heads) + 1))
            SubElement(lyric, "text").text = str(len(self.heads))
            self.heads.append(Head(note, self.divisions, self.transposed))
            if len(self.heads) > MAX_NOTES:
                raise NotUnderstood(f"a part of over {MAX_NOTES} notes")

    def reason(self, note: Element) -> str:
        """Why a note is no melody; empty if it is or may be."""
        if note.find("cue") is not None:
            return "cue notes"
        if (text_at(note, "staff") or self.staff) != self.staff and note.find("rest") is None:
            return "notes of other staves"
        if note.find("unpitched") is not None:
            return "notes without a pitch"
        if text_at(note, "notehead") in ("slash", "slashed", "none"):
            return "slashes"
        return ""


def _staff_of(part: Part) -> str:
    """The uppermost staff that has notes."""
    staves = {
        text_at(element, "staff") or "1"
        for measure in part.measures
        for element in measure.elements
        if element.tag == "note" and element.find("pitch") is not None
    }
    return min(staves, key=lambda staff: (len(staff), staff), default="1")


def _pitch(note: Element) -> Element:
    """A <pitch>, checked."""
    step = text_at(note, "pitch/step")
    if step not in tuple("ABCDEFG"):
        raise ChartError(f"step {step[:20]!r}: expected A to G")
    alter = decimal(text_at(note, "pitch/alter") or "0", "alter")
    pitch = Element("pitch")
    SubElement(pitch, "step").text = step
    if rounded := min(max(round(alter), -3), 3):
        SubElement(pitch, "alter").text = str(rounded)
    SubElement(pitch, "octave").text = str(whole(text_at(note, "pitch/octave"), "octave", 0, 9))
    return pitch


def _ties(note: Element) -> list[str]:
    """The ties of a note; where only their curves are written, those."""
    kinds = [tie.get("type", "") for tie in note.findall("tie")]
    kinds = kinds or [tie.get("type", "") for tie in note.findall("notations/tied")]
    return [kind for kind in ("stop", "start") if kind in kinds]


def _semitones(transpose: Element) -> int:
    """How many semitones higher than written a <transpose> has a part sound."""
    chromatic = whole(text_at(transpose, "chromatic"), "chromatic", -36, 36)
    octaves = text_at(transpose, "octave-change") or "0"
    return chromatic + 12 * whole(octaves, "octave-change", -3, 3)
