"""One bar of a solo -> the notes, rests and chord symbols of a <measure>."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from live_improv.importing.score_chords import harmony
from live_improv.importing.score_keys import spelled
from live_improv.importing.score_notation import Sign, Stretch, signs
from live_improv.music.changes import ChordSpan
from live_improv.music.events import Note
from live_improv.music.solos import Played
from live_improv.music.timing import Ticks

VELOCITY_OF_FORTE = 90
"""What `dynamics` is a percentage of (MusicXML 4.0, `note`)."""


@dataclass(frozen=True, slots=True)
class Written:
    """A note, where it ends on paper, and how it was played."""

    note: Note
    end: Ticks
    played: Played | None

    def performance(self) -> dict[str, str]:
        """The attributes that say how it was played; `attack` is there where that is known."""
        if self.played is None:
            release, said = self.note.end - self.end, {}
        else:
            release = self.played.end - self.end
            said = {"attack": str(self.played.onset - self.note.onset)}
            if self.played.velocity is not None:
                said["dynamics"] = f"{self.played.velocity * 100 / VELOCITY_OF_FORTE:.2f}"
        return said | ({"release": str(release)} if release else {})


@dataclass(frozen=True, slots=True)
class Content:
    """What stands in a bar from `start` up to `end`: notes that sound in it, chords that begin."""

    start: Ticks
    end: Ticks
    notes: Sequence[Written]
    chords: Sequence[ChordSpan]
    key: str


@dataclass(frozen=True, slots=True)
class _Part:
    """What sounds, or with no note is silent, from `start` up to `end`."""

    start: int
    end: int
    written: Written | None


def fill(measure: Element, content: Content) -> None:
    """Write what stands in a bar.

    Raises:
        NotationError: a note is off the grid.
    """
    parts = list(_parts(content))
    if len(parts) == 1 and parts[0].written is None:
        _chords(measure, content, content.start, content.end)
        rest = SubElement(measure, "note")
        SubElement(rest, "rest", measure="yes")
        SubElement(rest, "duration").text = str(content.end - content.start)
        return
    bounds = [
        Stretch(Ticks(part.start - content.start), Ticks(part.end - content.start))
        for part in parts
    ]
    for part, found in zip(parts, signs(bounds), strict=True):
        for sign in found:
            at = content.start + sign.start
            _chords(measure, content, at, at + sign.length)
            measure.append(_note(at, sign, part.written, content.key))


def _parts(content: Content) -> Iterator[_Part]:
    """What sounds and what is silent in a bar, in order."""
    at = int(content.start)
    for written in content.notes:
        onset = max(int(written.note.onset), at)
        if onset > at:
            yield _Part(at, onset, None)
        at = min(written.end, content.end)
        yield _Part(onset, at, written)
    if at < content.end:
        yield _Part(at, content.end, None)


def _chords(measure: Element, content: Content, start: int, end: int) -> None:
    """Write the chords that begin from `start` up to `end`."""
    for span in content.chords:
        if start <= span.start < end:
            measure.append(harmony(span.chord, Ticks(span.start - start)))


def _note(at: int, sign: Sign, written: Written | None, key: str) -> Element:
    """A note or a rest."""
    note = Element("note")
    ties = []
    if written is None:
        SubElement(note, "rest")
    else:
        before, after = at > written.note.onset, at + sign.length < written.end
        ties = ["stop"] * before + ["start"] * after
        for name, value in written.performance().items():
            if not (after if name == "release" else before):
                note.set(name, value)
        pitch = spelled(written.note.pitch, key)
        element = SubElement(note, "pitch")
        SubElement(element, "step").text = pitch.step
        if pitch.alter:
            SubElement(element, "alter").text = str(pitch.alter)
        SubElement(element, "octave").text = str(pitch.octave)
    SubElement(note, "duration").text = str(sign.length)
    for tie in ties:
        SubElement(note, "tie", type=tie)
    SubElement(note, "voice").text = "1"
    SubElement(note, "type").text = sign.type
    for _ in range(sign.dots):
        SubElement(note, "dot")
    if sign.triplet:
        ratio = SubElement(note, "time-modification")
        SubElement(ratio, "actual-notes").text = "3"
        SubElement(ratio, "normal-notes").text = "2"
    brackets = ["start"] * sign.opens + ["stop"] * sign.closes
    if ties or brackets:
        notations = SubElement(note, "notations")
        for tie in ties:
            SubElement(notations, "tied", type=tie)
        for bracket in brackets:
            SubElement(notations, "tuplet", type=bracket)
    return note
