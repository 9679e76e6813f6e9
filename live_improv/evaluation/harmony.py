"""How a line follows its chords.

Conventions
    A chord tone is one of the basic chord (`Chord.chord_tones`) that sounds at the note's onset.
    Notes over N.C. are not counted. Rates of many lines are of all their notes together.

    `chord_tones`: their share. It is gamed by playing nothing else; so the others count.
    `strong_minus_off`: percentage points, the share on beats 1 and 3 minus that off the beat.
    `lift`: percentage points, the share minus the mean share with the chords moved by 4 and by 8
    beats both ways; over the notes that have a chord under all five. Right notes at the wrong
    time have none.
    `resolved`: the share of the other tones that are followed within two beats by a step of one
    or two semitones into a tone of the chord that sounds then.
"""

from __future__ import annotations

import numpy as np

from live_improv.evaluation.lines import BAR_STEPS, BAR_TICKS, Floats, Line
from live_improv.evaluation.measures import Measure, ratio
from live_improv.music.timing import GRID_PER_BEAT, PPQ, Ticks

SHIFTS = (-8 * PPQ, -4 * PPQ, 4 * PPQ, 8 * PPQ)
SOON = 2 * GRID_PER_BEAT
"""Within how many steps a tone outside the chord is resolved, if at all."""

NAMES = ("chord_tones", "strong_minus_off", "lift", "resolved")


def _inside(line: Line, shift: int) -> Floats:
    """For each note 1 for a tone of the chord `shift` ticks later, else 0; NaN without one."""
    changes = line.changes
    # Every line has as many bars as its changes, or goes round them.
    end = max(line.bars * BAR_TICKS, changes.length)
    found = np.full(len(line.notes), np.nan)
    for i, note in enumerate(line.notes):
        at = note.onset + shift
        if not 0 <= at < end:
            continue
        tones = changes.chord_at(Ticks(at)).chord_tones
        if tones:
            found[i] = note.pitch % 12 in tones
    return found


def _count(line: Line) -> Floats:
    here = _inside(line, 0)
    moved = np.array([_inside(line, shift) for shift in SHIFTS])
    everywhere = ~np.isnan(here) & ~np.isnan(moved).any(0)
    onsets, pitches = line.onsets(), line.pitches()
    known = ~np.isnan(here)
    strong, off = onsets % (BAR_STEPS // 2) == 0, onsets % GRID_PER_BEAT != 0
    outside = known[:-1] & (here[:-1] == 0)
    step = np.isin(np.abs(np.diff(pitches)), (1, 2))
    resolved = outside & step & (np.diff(onsets) <= SOON) & (here[1:] == 1)
    last_is_outside = bool(len(here)) and here[-1] == 0
    return np.array(
        [
            np.nansum(here),
            known.sum(),
            np.nansum(here[strong]),
            known[strong].sum(),
            np.nansum(here[off]),
            known[off].sum(),
            here[everywhere].sum(),
            moved[:, everywhere].mean(0).sum(),
            everywhere.sum(),
            resolved.sum(),
            outside.sum() + last_is_outside,
        ],
        np.float64,
    )


def _figures(counts: Floats) -> tuple[float, ...]:
    inside, known, strong, strongs, off, offs, here, moved, both, resolved, outside = counts
    return (
        ratio(inside, known),
        100 * (ratio(strong, strongs) - ratio(off, offs)),
        100 * ratio(here - moved, both),
        ratio(resolved, outside),
    )


HARMONY = Measure(NAMES, _count, _figures)
