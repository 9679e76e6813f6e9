"""The rows of the board: which figures there are, how they are written, what is to be reached.

The numbers 1 to 8 are those of the study the definitions come from. A figure without a goal is
there to be compared with papers, or to explain another one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Figures = Mapping[str, float]
"""Figures by the names of `ROWS`; one that is missing, or NaN, is not known."""


_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Goal:
    """What is to be reached: from `low` to `high`, either of which may be open.

    Attributes:
        of_human: low and high are shares of what humans reach.
    """

    low: float | None = None
    high: float | None = None
    of_human: bool = False

    def bounds(self, human: float | None) -> tuple[float | None, float | None]:
        """The lowest and the highest figure that reaches it; None where that end is open."""
        if not self.of_human:
            return self.low, self.high
        if human is None:
            return None, None
        low, high = (None if end is None else end * human for end in (self.low, self.high))
        return low, high

    def reached(self, figure: float, human: float | None) -> bool:
        """Whether a figure is between its ends; one that is not known is not."""
        low, high = self.bounds(human)
        if low is None and high is None:
            return False
        far_enough = low is None or figure >= low - _ROUNDING
        return far_enough and (high is None or figure <= high + _ROUNDING)


@dataclass(frozen=True, slots=True)
class Row:
    """One figure.

    Attributes:
        number: of the study's table; 0 for a figure beside it.
        name: in JSON.
        label: for people, with the unit.
        decimals: how many are shown.
    """

    number: int
    name: str
    label: str
    decimals: int
    goal: Goal | None = None


NEAR_HUMAN = Goal(0.85, 1.15, of_human=True)

ROWS = (
    Row(1, "bits", "bits a note", 3, Goal(high=5.08)),
    Row(1, "bits_onset", "  of its onset", 3),
    Row(1, "bits_pitch", "  of its pitch", 3),
    Row(2, "lift", "chord lift, points", 2, Goal(7.0, 10.5)),
    Row(2, "chord_tones", "chord tones, share", 3, Goal(0.48, 0.53)),
    Row(3, "resolved", "other tones resolved by step", 3, Goal(0.36, 0.44)),
    Row(3, "strong_minus_off", "strong minus off-beat, points", 2, Goal(low=2.0)),
    Row(4, "rhythm_divergence", "rhythm divergence, bits", 4, Goal(high=0.03)),
    Row(5, "phrase_notes", "notes a phrase, median", 1, NEAR_HUMAN),
    Row(5, "rest_beats", "rest between phrases, beats", 2, NEAR_HUMAN),
    Row(5, "notes_a_bar", "notes a bar", 2, NEAR_HUMAN),
    Row(5, "drift", "drift over 128 bars", 3, Goal(-0.10, 0.10)),
    Row(6, "recurrence", "motif recurrence", 3, Goal(0.055, 0.11)),
    Row(7, "told_by_solo", "tellability, folds by solo", 3, Goal(high=0.70)),
    Row(7, "told_by_window", "tellability, folds by window", 3, Goal(high=0.75)),
    Row(8, "copied", "longest copied run, mean", 2, Goal(high=6.5)),
    Row(8, "copied_most", "longest copied run of all", 0, Goal(high=16)),
    Row(8, "coverage", "share of 8 intervals copied", 3, Goal(high=0.09)),
    Row(0, "copied_intervals", "copied run without rhythm, mean", 2),
    Row(0, "h1", "pitch-class entropy, 1 bar", 2),
    Row(0, "h4", "pitch-class entropy, 4 bars", 2),
    Row(0, "groove", "grooving similarity", 3),
)
