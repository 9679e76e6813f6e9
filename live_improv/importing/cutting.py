"""One solo cut in two at a bar line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from live_improv.music.changes import Bar, Changes, ChordSpan, Section
from live_improv.music.events import Note
from live_improv.music.solos import Played, Solo
from live_improv.music.timing import Ticks


def cut(solo: Solo, at: Ticks) -> tuple[Solo, Solo]:
    """The solo up to a bar line and from it on; a note that sounds over it ends there.

    Raises:
        ValueError: no bar begins at `at`, or there is no note to one side of it.
    """
    changes = solo.changes
    if at not in {bar.start for bar in changes.bars[1:]}:
        raise ValueError(f"no bar line at tick {at}")
    whole = [*zip(solo.notes, solo.played or [None] * len(solo.notes), strict=True)]
    before = [(_ended(note, at), how) for note, how in whole if note.onset < at]
    after = [(_moved(note, at), _played_later(how, at)) for note, how in whole if note.onset >= at]
    if not before or not after:
        raise ValueError(f"no notes to one side of tick {at}")
    return (
        _part(solo, before, _slice(changes, Ticks(0), at)),
        _part(solo, after, _slice(changes, at, changes.length)),
    )


def _part(solo: Solo, notes: Sequence[tuple[Note, Played | None]], changes: Changes) -> Solo:
    played = tuple(how for _, how in notes)
    return replace(
        solo,
        notes=tuple(note for note, _ in notes),
        changes=changes,
        played=played if any(played) else (),
    )


def _slice(changes: Changes, start: Ticks, end: Ticks) -> Changes:
    """The changes from one bar line to another, from tick 0 on."""
    spans = [span for span in changes.chords if span.start < end and span.end > start]
    sections = [part for part in changes.sections if start <= part.start < end]
    here = changes.section_at(start)
    if here is not None and here.start < start:
        sections.insert(0, here)
    return replace(
        changes,
        chords=tuple(
            ChordSpan(
                Ticks(max(span.start, start) - start),
                Ticks(min(span.end, end) - start),
                span.chord,
            )
            for span in spans
        ),
        bars=tuple(
            Bar(Ticks(bar.start - start), bar.meter)
            for bar in changes.bars
            if start <= bar.start < end
        ),
        sections=tuple(Section(Ticks(max(part.start - start, 0)), part.name) for part in sections),
    )


def _ended(note: Note, at: Ticks) -> Note:
    return replace(note, length=Ticks(min(note.length, at - note.onset)))


def _moved(note: Note, by: Ticks) -> Note:
    return replace(note, onset=Ticks(note.onset - by))


def _played_later(how: Played | None, by: Ticks) -> Played | None:
    return how and replace(how, onset=Ticks(how.onset - by))
