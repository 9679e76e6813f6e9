"""A solo of a corpus -> a score: MusicXML 4.0, partwise, that any notation program opens.

What is written is what a copyist would write: notes last until the next one where less than half a
beat is silent between them. What was played stands in the attributes that the standard has for it:
`attack` and `release` of a note say how far its played beginning and end lie from the written
ones, and `dynamics` how loud it was, in percent of velocity 90. So a score that is read again gives
the same solo, and one that was edited in between still is one. Divisions are our ticks.

Source: MusicXML 4.0, W3C Community Group, 2021 (`note`, `harmony`, `time-modification`, `sound`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from statistics import median
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from live_improv.grammar.abstraction import MIN_SILENCE
from live_improv.importing.score_keys import fifths_and_mode
from live_improv.importing.score_measures import Content, Written, fill
from live_improv.music.events import Note
from live_improv.music.solos import Solo
from live_improv.music.timing import GRID_TICKS, PPQ, Meter, Ticks

_HEADER = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" '
    '"http://www.musicxml.org/dtds/partwise.dtd">\n'
)
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SIXTEENTH, _TRIPLET_EIGHTH = PPQ // 4, PPQ // 3
_LOW = 55
"""A line whose median pitch is below this one, G3, is written in the bass clef."""


def to_musicxml(solo: Solo) -> bytes:
    """The score of a solo, at sounding pitch.

    Raises:
        NotationError: a note or a bar line is off the grid.
    """
    score = Element("score-partwise", version="4.0")
    SubElement(SubElement(score, "work"), "work-title").text = _text(solo.title)
    _identify(score, solo)
    listed = SubElement(SubElement(score, "part-list"), "score-part", id="P1")
    SubElement(listed, "part-name").text = _text(solo.instrument) or "Solo"
    part = SubElement(score, "part", id="P1")
    pickup = _pickup(solo)
    written = list(_written(solo))
    # Of two that begin together the last is the one that goes on.
    sections = {each.start: each for each in solo.changes.sections if each.name}
    meter: Meter | None = None
    for i, bar in enumerate(solo.changes.bars):
        measure = SubElement(part, "measure", number=str(i if pickup else i + 1))
        if pickup and not i:
            measure.set("implicit", "yes")
        if meter != bar.meter:
            meter = bar.meter
            measure.append(_attributes(solo, None if i else solo.changes.key, meter))
        if not i:
            measure.append(_tempo(solo))
        start, end = bar.start + (0 if i else pickup), Ticks(bar.start + meter.bar_ticks)
        for section in sections.values():
            if bar.start <= section.start < end:
                types = SubElement(SubElement(measure, "direction"), "direction-type")
                SubElement(types, "rehearsal").text = _text(section.name)
        while written and written[0].end <= start:
            written.pop(0)
        inside = [each for each in _until(written, end) if each.end > start]
        chords = [span for span in solo.changes.chords if start <= span.start < end]
        fill(measure, Content(Ticks(start), end, inside, chords, solo.changes.key))
    indent(score, "")
    return (_HEADER + tostring(score, "unicode") + "\n").encode()


def _until(written: list[Written], end: Ticks) -> Iterator[Written]:
    """The notes that begin before `end`."""
    for each in written:
        if each.note.onset >= end:
            return
        yield each


def _identify(score: Element, solo: Solo) -> None:
    """Who plays, and what else the corpus knows."""
    about = SubElement(score, "identification")
    if solo.performer:
        SubElement(about, "creator", type="performer").text = _text(solo.performer)
    SubElement(SubElement(about, "encoding"), "software").text = "live_improv"
    known = {
        "id": solo.id,
        "split": solo.split,
        "instrument": solo.instrument,
        "style": solo.style,
        "feel": solo.feel,
        "lengths": "known" if solo.lengths_known else "unknown",
    }
    more = SubElement(about, "miscellaneous")
    for name, value in known.items():
        if value:
            SubElement(more, "miscellaneous-field", name=name).text = _text(value)


def _text(text: str) -> str:
    """Text that XML can hold."""
    return _UNWRITABLE.sub("", text)


def _pickup(solo: Solo) -> int:
    """How much of the first bar is left out, in ticks, where the changes begin in it or after it:
    the beats before the first note, chord and section."""
    first, bars = solo.changes.chords[0], solo.changes.bars
    if len(bars) < 2 or first.chord.root is not None or first.end > bars[1].start:
        return 0
    sections = (each.start for each in solo.changes.sections[:1])
    at = min(solo.notes[0].onset, first.end, *sections)
    return at - at % PPQ if at < bars[1].start else 0


def _written(solo: Solo) -> Iterator[Written]:
    """The notes with their written ends."""
    played = solo.played or (None,) * len(solo.notes)
    onsets = [*(note.onset for note in solo.notes[1:]), solo.changes.length]
    for note, known, following in zip(solo.notes, played, onsets, strict=True):
        yield Written(note, _end(note, following), known)


def _end(note: Note, following: Ticks) -> Ticks:
    """Where a note ends on paper: at the next one, or at a sixteenth or triplet after its end."""
    if following - note.end < MIN_SILENCE:
        return following
    ternary = note.onset % _SIXTEENTH and not note.onset % _TRIPLET_EIGHTH
    unit = _TRIPLET_EIGHTH if ternary else _SIXTEENTH
    end = -(-note.end // unit) * unit
    return Ticks(min(max(end, note.onset + GRID_TICKS), following))


def _attributes(solo: Solo, key: str | None, meter: Meter) -> Element:
    """The meter, and at the top, where `key` is given, what holds throughout."""
    found = Element("attributes")
    if key is not None:
        SubElement(found, "divisions").text = str(PPQ)
        if (known := fifths_and_mode(key)) is not None:
            signature = SubElement(found, "key")
            SubElement(signature, "fifths").text = str(known[0])
            SubElement(signature, "mode").text = known[1]
    time = SubElement(found, "time")
    SubElement(time, "beats").text = str(meter.numerator)
    SubElement(time, "beat-type").text = str(meter.denominator)
    if key is not None:
        low = median(note.pitch for note in solo.notes) < _LOW
        clef = SubElement(found, "clef")
        SubElement(clef, "sign").text = "F" if low else "G"
        SubElement(clef, "line").text = "4" if low else "2"
    return found


def _tempo(solo: Solo) -> Element:
    """The tempo mark, and the feel in words."""
    direction = Element("direction", placement="above")
    if solo.feel:
        types = SubElement(direction, "direction-type")
        SubElement(types, "words").text = _text(solo.feel.capitalize())
    metronome = SubElement(SubElement(direction, "direction-type"), "metronome")
    tempo = f"{solo.bpm:.3f}".rstrip("0").rstrip(".")
    SubElement(metronome, "beat-unit").text = "quarter"
    SubElement(metronome, "per-minute").text = tempo
    SubElement(direction, "sound", tempo=tempo)
    return direction
