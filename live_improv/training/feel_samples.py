"""The notes of a corpus, as the program would write them and as they were played."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from live_improv.corpus import Played, Solo
from live_improv.grammar.abstraction import sounding_steps, straighten
from live_improv.music.changes import Changes
from live_improv.music.events import Note
from live_improv.music.timing import GRID_TICKS, PPQ, Ticks
from live_improv.performance.feel import Written, facts, is_even

_LONG_SILENCE = Ticks(4 * PPQ)


@dataclass(frozen=True, slots=True)
class Sample:
    """One note of a solo, and how it was played.

    Attributes:
        solo: the place of its solo among all.
        number: its place in the solo.
        facts: what the program would know of it.
    """

    solo: int
    number: int
    split: str
    bpm: float
    even: bool
    written: Written
    facts: Mapping[str, float]
    here: Played
    before: Played | None
    after: Played | None

    @property
    def beats_late(self) -> float:
        """How much later than written it came, in beats."""
        return (self.here.onset - self.written.note.onset) / PPQ


def written_line(line: Sequence[Note], changes: Changes) -> list[Written]:
    """A line as the improviser writes it.

    Args:
        line: notes in order, onsets on the grid, swung pairs as even eighths.
    """
    found: list[Written] = []
    for i, here in enumerate(line):
        last = i + 1 == len(line)
        after = Ticks(here.onset + _LONG_SILENCE) if last else line[i + 1].onset
        gap = (after - here.onset) // GRID_TICKS
        steps = sounding_steps(here, gap)
        before = found[-1] if found else None
        starts = before is None or before.rested
        found.append(
            Written(
                Note(here.onset, Ticks(steps * GRID_TICKS), here.pitch),
                before=None if before is None else before.note.onset,
                after=after,
                bar=changes.bar_at(here.onset),
                rested=steps < gap,
                starts_phrase=starts,
                interval=None if before is None else here.pitch - before.note.pitch,
                phrase=0 if before is None or starts else before.phrase + 1,
            )
        )
    return found


def samples(solos: Sequence[Solo]) -> Iterator[Sample]:
    """Every note of which it is known how it was played."""
    for number, solo in enumerate(solos):
        line = written_line(straighten(solo.notes), solo.changes)
        centre = float(np.median([note.pitch for note in solo.notes]))
        played = (None, *solo.played, None) if solo.played else (None,) * (len(line) + 2)
        for i, written in enumerate(line):
            before, here, after = played[i : i + 3]
            if here is None:
                continue
            following = line[i + 1] if i + 1 < len(line) else None
            known = facts(written, following, solo.bpm, centre)
            about = (number, i, solo.split, solo.bpm, is_even(solo.feel))
            yield Sample(*about, written, known, here, before, after)


def swing_share(sample: Sample, lags: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> float | None:
    """Where a swung off-beat came between the notes on the beats around it, 0..1.

    None for other notes, and where the notes on the beats are missing.

    Args:
        lags: how late the three notes are anyway, in ticks.
    """
    written, onset = sample.written, sample.written.note.onset
    near = written.before == onset - PPQ // 2 and written.after == onset + PPQ // 2
    if not (written.swings and near) or sample.before is None or sample.after is None:
        return None
    first, second, third = (
        each.onset - lag
        for each, lag in zip((sample.before, sample.here, sample.after), lags, strict=True)
    )
    return (second - first) / (third - first) if first < second < third else None


def sounding_share(sample: Sample) -> float | None:
    """Of the time to the next note the share that sounded, 0..1; None before a rest."""
    if sample.after is None or sample.written.rested:
        return None
    gap = sample.after.onset - sample.here.onset
    return min(sample.here.length / gap, 1.0) if gap > 0 else None
