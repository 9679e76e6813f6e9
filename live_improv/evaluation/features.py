"""What a window of 16 bars sounds like, as 62 numbers (`FEATURES`): notes alone, without chords.

They are what a reader of the bare line could go by: which intervals, which rhythms, how busy, how
high, how phrased, how repetitive. Chords have figures of their own (`harmony`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from live_improv.evaluation.lines import BAR_STEPS, WINDOW_BARS, Floats, Ints, Line
from live_improv.evaluation.motifs import GROUP
from live_improv.evaluation.phrasing import BREAK
from live_improv.grammar.gaps import CLASSES, PLACES, gap_classes, snapped
from live_improv.music.timing import GRID_PER_BEAT

WIDEST = 12
"""Wider intervals count as this one, in semitones."""

FEWEST_NOTES = 16
"""A window with fewer notes says nothing."""

_BEATS = WINDOW_BARS * BAR_STEPS // GRID_PER_BEAT


@dataclass(frozen=True, slots=True)
class Window:
    """The notes of one window, at least two.

    Attributes:
        onsets: steps from the first bar of the window, `(notes,)`.
        rests: the silence after each note but the last, in steps, `(notes - 1,)`.
    """

    onsets: Ints
    pitches: Ints
    rests: Ints

    @property
    def intervals(self) -> Ints:
        """In semitones, `(notes - 1,)`."""
        return np.diff(self.pitches)

    @property
    def gaps(self) -> Ints:
        """Classes of the times from onset to onset, `(notes - 1,)`."""
        return gap_classes(self.onsets)

    @property
    def places(self) -> Ints:
        """Where in the beat, among `PLACES`, `(notes,)`."""
        return np.searchsorted(PLACES, snapped(self.onsets) % GRID_PER_BEAT)

    @property
    def bars(self) -> Ints:
        """How many notes each bar has, `(WINDOW_BARS,)`."""
        return np.bincount(self.onsets // BAR_STEPS, minlength=WINDOW_BARS)

    @property
    def phrase_starts(self) -> Ints:
        """The onsets of the notes that begin a phrase."""
        return self.onsets[[0, *(np.flatnonzero(self.rests >= BREAK) + 1)]]


def _shares(numbers: Ints, count: int) -> Floats:
    """How often each of 0 up to `count` is there, as shares."""
    return np.bincount(numbers, minlength=count) / max(len(numbers), 1)


def _beats(steps: int) -> str:
    """Steps as a fraction of a beat."""
    return str(Fraction(steps, GRID_PER_BEAT))


def _interval_shares(window: Window) -> Floats:
    return _shares(np.clip(window.intervals, -WIDEST, WIDEST) + WIDEST, 2 * WIDEST + 1)


def _entropy(pitches: Ints) -> float:
    shares = _shares(pitches % 12, 12)
    return float(-(shares * np.log2(np.where(shares > 0, shares, 1))).sum())


def _bar_entropy(window: Window) -> float:
    bars = window.onsets // BAR_STEPS
    return float(np.mean([_entropy(window.pitches[bars == bar]) for bar in np.unique(bars)]))


def _mean(numbers: Ints | Floats | NDArray[np.bool_]) -> float:
    return float(np.mean(numbers)) if len(numbers) else 0.0


def _turns(window: Window) -> float:
    """How often the line changes its direction."""
    ways = np.sign(window.intervals)
    ways = ways[ways != 0]
    return _mean(ways[1:] != ways[:-1])


def _longest_way(window: Window) -> float:
    """The most intervals in a row in one direction."""
    ways = np.sign(window.intervals)
    edges = np.flatnonzero(np.diff(ways)) + 1
    return float(np.diff([0, *edges, len(ways)]).max())


def _repeated(window: Window) -> float:
    inside = window.intervals.tolist()
    groups = [tuple(inside[i : i + GROUP]) for i in range(len(inside) - GROUP + 1)]
    return 1 - len(set(groups)) / len(groups) if groups else 0.0


def _strong(window: Window) -> float:
    """Of the notes on a beat, the share on the first and the third."""
    beats = window.onsets[window.onsets % GRID_PER_BEAT == 0]
    return _mean(beats % (BAR_STEPS // 2) == 0)


def _silent(window: Window) -> float:
    """The share of the time that is silent for a beat or more."""
    return float(window.rests[window.rests >= BREAK].sum() / (WINDOW_BARS * BAR_STEPS))


@dataclass(frozen=True, slots=True)
class Feature:
    """One row of the table: what it is, of which parts, and how they are read.

    Attributes:
        parts: one for each number; none for a feature of one.
        read: the numbers of a window, or the number.
    """

    name: str
    read: Callable[[Window], Floats | float]
    parts: tuple[str, ...] = ()


_SEMITONES = tuple(f"{interval:+d}" for interval in range(-WIDEST, WIDEST + 1))
_GAPS = tuple(_beats(steps) for steps in CLASSES)
_PLACES = tuple(_beats(steps) for steps in PLACES)

FEATURES = (
    Feature("share of interval", _interval_shares, _SEMITONES),
    Feature("share of time to the next onset", lambda w: _shares(w.gaps, len(_GAPS)), _GAPS),
    Feature("share of place in the beat", lambda w: _shares(w.places, len(_PLACES)), _PLACES),
    Feature("notes a bar", lambda w: len(w.onsets) / WINDOW_BARS),
    Feature("spread of notes over the bars", lambda w: float(np.std(w.bars))),
    Feature("bars without a note", lambda w: _mean(w.bars == 0)),
    Feature("beats with a note on them", lambda w: float(np.sum(w.places == 0)) / _BEATS),
    Feature("mean pitch", lambda w: _mean(w.pitches)),
    Feature("spread of pitch", lambda w: float(np.std(w.pitches))),
    Feature("range", lambda w: float(np.ptp(w.pitches))),
    Feature("mean size of intervals", lambda w: _mean(np.abs(w.intervals))),
    Feature("changes of direction", _turns),
    Feature("longest way in one direction", _longest_way),
    Feature("entropy of pitch classes", lambda w: _entropy(w.pitches)),
    Feature("entropy of pitch classes in a bar", _bar_entropy),
    Feature("phrases", lambda w: float(len(w.phrase_starts))),
    Feature("silence of a beat or more", _silent),
    Feature("phrases that begin on a beat", lambda w: _mean(w.phrase_starts % GRID_PER_BEAT == 0)),
    Feature("times as the one before", lambda w: _mean(w.gaps[1:] == w.gaps[:-1])),
    Feature("intervals as the one before", lambda w: _mean(np.diff(w.intervals) == 0)),
    Feature("pitches as the last but one", lambda w: _mean(w.pitches[2:] == w.pitches[:-2])),
    Feature("four intervals played before", _repeated),
    Feature("beats 1 and 3 among notes on beats", _strong),
    Feature("gaps with a rest in them", lambda w: _mean(w.rests > 0)),
)
"""The rows; they have 62 numbers."""

NAMES = tuple(
    f"{feature.name} {part}".strip() for feature in FEATURES for part in feature.parts or ("",)
)
SIZE = len(NAMES)


def features(window: Window) -> Floats:
    """The numbers of one window, `(SIZE,)`."""
    return np.concatenate([np.atleast_1d(feature.read(window)) for feature in FEATURES])


def features_of(line: Line) -> Floats:
    """Those of the windows of a line that have `FEWEST_NOTES`, `(windows, SIZE)`."""
    onsets, pitches, rests = line.onsets(), line.pitches(), line.rests()
    rows = [
        features(
            Window(
                onsets[first:last] - bar * BAR_STEPS, pitches[first:last], rests[first : last - 1]
            )
        )
        for bar, first, last in line.windows()
        if last - first >= FEWEST_NOTES
    ]
    return np.array(rows).reshape(-1, SIZE)
