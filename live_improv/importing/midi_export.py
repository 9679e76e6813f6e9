"""A solo of the corpus as a MIDI file: the line, its chords as markers and on a track, the form.

The notes stand where they are written, so that what is read back is the same; how loud they were
played and when they ended is kept. `Manner.PLAYED` writes them where they were played instead,
for listening: read back, their rhythm is found again, and four notes of five are where they were.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from live_improv.corpus import Solo
from live_improv.importing.midi_words import words_of
from live_improv.midi.files import score_bytes
from live_improv.music.changes import Bar
from live_improv.music.events import NoteOff, NoteOn, ProgramChange, Timed
from live_improv.music.form_marks import FormMark
from live_improv.music.score import Part, Score, meters_between
from live_improv.music.timing import MAX_BPM, MIN_BPM, TempoMap, Ticks
from live_improv.performance.instruments import INSTRUMENTS, Instrument

SOLO = "Solo"
"""The name of the track of the line, with the instrument after it."""

_INTRO = re.compile(r"I\d*'*", re.IGNORECASE)
_KEY = re.compile(r"([A-G][#b]?)-(maj|min)")


class Manner(StrEnum):
    """Where the notes of an exported solo stand."""

    WRITTEN = "written"
    PLAYED = "played"


def to_midi(solo: Solo, manner: Manner = Manner.WRITTEN) -> bytes:
    """The content of a MIDI file of the solo."""
    tempo = TempoMap.constant(min(max(solo.bpm, MIN_BPM), MAX_BPM))
    changes = solo.changes
    plays = _instrument(solo)
    name = f"{SOLO} ({plays.name})" if plays else SOLO
    early = min((event.tick for event in line_events(solo, manner)), default=Ticks(0))
    # A note that is played before the first bar needs a bar to stand in.
    lead = changes.bars[0].meter.bar_ticks if early < 0 else Ticks(0)
    program = 0 if plays is None else plays.program
    score = Score(
        length=Ticks(changes.length + lead),
        tempo=tempo,
        meters=tuple(
            Bar(Ticks(bar.start + lead if bar.start else 0), bar.meter)
            for bar in meters_between(changes, Ticks(0), changes.length)
        ),
        chords=tuple(
            type(span)(Ticks(span.start + lead), Ticks(span.end + lead), span.chord)
            for span in changes.chords
        ),
        parts=(
            Part(
                name,
                (
                    Timed(Ticks(0), ProgramChange(program)),
                    *sorted(
                        (Timed(Ticks(e.tick + lead), e.event) for e in line_events(solo, manner)),
                        key=lambda timed: timed.tick,
                    ),
                ),
            ),
        ),
        title=solo.title,
        key=_key(changes.key),
        chord_track=True,
        marks=tuple(_marks(solo, lead)),
        words=tuple(words_of(solo)),
    )
    return score_bytes(score)


def line_events(solo: Solo, manner: Manner) -> Iterator[Timed]:
    """The notes, in the order of the solo."""
    known = solo.played or (None,) * len(solo.notes)
    for note, played in zip(solo.notes, known, strict=True):
        loud = played.velocity if played is not None else None
        onset, end = note.onset, note.end
        if manner is Manner.PLAYED and played is not None:
            onset, end = played.onset, played.end
        yield Timed(onset, NoteOn(note.pitch, loud or note.velocity))
        yield Timed(end, NoteOff(note.pitch))


def _marks(solo: Solo, lead: Ticks) -> Iterator[FormMark]:
    """The sections, as choruses: one begins wherever the first of them comes again."""
    changes = solo.changes
    first = next((part.name for part in changes.sections if not _INTRO.fullmatch(part.name)), None)
    chorus, began = 1, 0
    for section in changes.sections:
        bar = changes.bar_index(section.start)
        if section.name == first and bar:
            chorus, began = chorus + 1, bar
        tick = Ticks(section.start + lead)
        yield FormMark(tick, chorus, section.name, bar - began + 1)


def _instrument(solo: Solo) -> Instrument | None:
    wanted = solo.instrument.lower()
    return next((each for each in INSTRUMENTS.values() if wanted in (each.name, *each.names)), None)


def _key(key: str) -> str:
    """A key of the corpus as a score has it; empty for those that no signature says."""
    match = _KEY.fullmatch(key)
    return "" if match is None else match[1] + ("m" if match[2] == "min" else "")
