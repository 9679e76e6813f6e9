"""Notes, chords and bars that a reader has found -> a solo, and how it was understood."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from live_improv.charts.layout import plain_text
from live_improv.grammar.abstraction import monophonic, on_grid
from live_improv.importing.imported import NotUnderstood, Understood
from live_improv.music.changes import Bar, Changes, Section, end_to_end
from live_improv.music.chords import Chord
from live_improv.music.events import Note
from live_improv.music.solos import Played, Solo
from live_improv.music.timing import GRID_TICKS, Ticks

USUAL_BPM = 140.0
"""The tempo of a solo whose file names none, as in `corpus`."""


@dataclass(frozen=True, slots=True)
class Sounding:
    """A note as it stands on paper, with the length that it sounds, and as it was played."""

    onset: Ticks
    end: Ticks
    pitch: int
    played: Played | None

    def until(self, sounds: Ticks) -> Sounding:
        """The same note tied on to another one, which stops to sound at `sounds`."""
        if self.played is None:
            return replace(self, end=Ticks(max(sounds, self.onset + 1)))
        length = Ticks(max(sounds - self.played.onset, 1))
        played = replace(self.played, length=length)
        return replace(self, end=Ticks(self.onset + length), played=played)


@dataclass(frozen=True, slots=True)
class About:
    """What a file says of a solo besides its notes."""

    id: str
    title: str
    performer: str = ""
    key: str = ""
    bpm: float | None = None
    instrument: str = ""
    style: str = ""
    feel: str = ""
    split: str = "train"
    lengths_known: bool = True


def changes_of(
    bars: Sequence[Bar],
    chords: Mapping[Ticks, Chord],
    sections: Iterable[Section],
    about: About,
) -> Changes:
    """Changes whose chords begin at these ticks; before the first one there is none."""
    end = Ticks(bars[-1].start + bars[-1].meter.bar_ticks)
    starts = sorted((at, chord) for at, chord in chords.items() if at >= 0)
    return Changes(
        chords=end_to_end(starts, end),
        bars=tuple(bars),
        sections=tuple(sections),
        title=about.title,
        key=about.key,
        tempo=about.bpm,
        style=about.feel.lower(),
    )


def understood(
    line: Sequence[Sounding],
    changes: Changes,
    about: About,
    melody: str,
    chords_from: str,
    left_out: Mapping[str, int],
    told: Sequence[str] = (),
) -> Understood:
    """The solo of a line over changes, and how it was understood.

    Args:
        left_out: how many of what, by their names in the plural.
        told: what else a reader of the report should know.

    Raises:
        NotUnderstood: there is no note in it.
    """
    by_note = {
        Note(each.onset, Ticks(each.end - each.onset), each.pitch): each.played for each in line
    }
    kept, under = monophonic(by_note)
    if not kept:
        raise NotUnderstood("a solo without notes")
    notes = on_grid(kept)
    played = tuple(by_note[note] for note in kept)
    changes = _over(changes, notes[-1].onset)
    solo = Solo(
        id=about.id,
        split=about.split,
        performer=about.performer,
        title=about.title,
        notes=notes,
        changes=changes,
        bpm=about.bpm or USUAL_BPM,
        lengths_known=about.lengths_known,
        dropped=under,
        instrument=about.instrument,
        style=about.style,
        feel=about.feel,
        played=played if any(played) else (),
    )
    over = sum(changes.chord_at(note.onset).root is not None for note in notes)
    moved = sum(note.onset % GRID_TICKS != 0 for note in kept)
    reasons = {**left_out, "notes below another at their onset": under}
    reasons["onsets moved to the grid of 12 a beat"] = moved
    dropped = [f"{reason}: {count}" for reason, count in reasons.items() if count]
    return Understood(solo, melody, chords_from, over / len(notes), (*told, *dropped))


def _over(changes: Changes, tick: Ticks) -> Changes:
    """The changes with one more bar where a note was moved up to their end."""
    if tick < changes.length:
        return changes
    bar = Bar(changes.length, changes.bars[-1].meter)
    last = changes.chords[-1]
    end = Ticks(changes.length + bar.meter.bar_ticks)
    return replace(
        changes,
        bars=(*changes.bars, bar),
        chords=(*changes.chords[:-1], replace(last, end=end)),
    )


def title_of(text: str, otherwise: str) -> str:
    """A title on one line; `otherwise` where there is none."""
    return plain_text(text) or plain_text(otherwise)
