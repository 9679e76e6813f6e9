"""What came out of a file: solos, and a word on how each was understood."""

from __future__ import annotations

from dataclasses import dataclass

from live_improv.corpus import Solo


class NotUnderstood(ValueError):
    """A file, or a solo of it, from which no solo can be had: the message says why."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the caller knows better than any guess.

    Attributes:
        melody: a part of the name, or the number from 1, of the track that has the melody.
        performer: who plays, where the file does not say.
        transposed: semitones that a written part sounds higher than written, added to its pitches.
    """

    melody: str | None = None
    performer: str = ""
    transposed: int = 0


@dataclass(frozen=True, slots=True)
class Understood:
    """One solo, and how it was understood.

    Attributes:
        solo: as it goes into the corpus.
        melody: what was taken for the melody, in words: `track 2 "Tenor Sax"`.
        chords_from: where the chords come from, in words: `markers`, `chord symbols`,
            `the accompaniment`; empty where there are none.
        coverage: the share of the notes that have a chord, 0..1.
        dropped: what was left out and why, a line each.
        first_bar: the bar of the file, from 1, in which the solo's first tick lies.
    """

    solo: Solo
    melody: str
    chords_from: str
    coverage: float
    dropped: tuple[str, ...] = ()
    first_bar: int = 1
