"""A solo that was written in the key of its instrument -> at sounding pitch."""

from __future__ import annotations

from dataclasses import replace

from live_improv.importing.imported import NotUnderstood, Understood
from live_improv.music.chords import ChordSymbolError
from live_improv.music.transposing import transposed


def transposed_by(found: Understood, semitones: int) -> Understood:
    """The same solo so many semitones higher, its chords as well: they stand in the part's key.

    Raises:
        NotUnderstood: a note or a chord cannot be moved there.
    """
    if not semitones:
        return found
    solo = found.solo
    notes = tuple(replace(note, pitch=note.pitch + semitones) for note in solo.notes)
    if any(not 0 <= note.pitch <= 127 for note in notes):
        raise NotUnderstood(f"{semitones} semitones lead out of the range of MIDI, 0 to 127")
    try:
        changes = transposed(solo.changes, semitones)
    except ChordSymbolError as error:
        raise NotUnderstood(str(error)) from None
    return replace(found, solo=replace(solo, notes=notes, changes=changes))
