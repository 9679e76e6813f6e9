"""Scores: the figures of a set of lines, and between what humans score by chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from live_improv.evaluation.copying import copying_from
from live_improv.evaluation.entropy import ENTROPY
from live_improv.evaluation.harmony import HARMONY
from live_improv.evaluation.lines import Floats, Line
from live_improv.evaluation.measures import Measure, spread
from live_improv.evaluation.motifs import MOTIFS
from live_improv.evaluation.phrasing import DRIFT, PHRASING
from live_improv.evaluation.rhythm import rhythm_against
from live_improv.evaluation.tellability import (
    Sign,
    Told,
    Windows,
    signs,
    tell_apart,
    together,
    windows_of,
)
from live_improv.performance.clock import WallClock

SEED = 0
"""Of every draw of the judging."""

BAND_DRAWS, HALVINGS = 1_000, 20
"""How often as many solos are drawn again, and how often humans are told from humans."""

DRAWS_IN_HALVING = 2
"""How often windows and folds are drawn in each of those."""

SIGNS = 10
"""How many of what gives a set away are told."""

BAND = (2.5, 97.5)
"""Per cent of the draws below the band and below its upper end."""


@dataclass(frozen=True, slots=True)
class Band:
    """Where 95 % of the draws are."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Scores:
    """What a set of lines scores.

    Attributes:
        name: of the set.
        figures: by the names of `rows.ROWS`, as far as they are known.
        seconds: what each part of the scoring took.
        bands: of most figures, by name: where they are for as many lines drawn with replacement;
            of the tellability of humans, for other humans.
        signs: what gives the set away among humans, most telling first.
    """

    name: str
    solos: int
    notes: int
    figures: Mapping[str, float]
    seconds: Mapping[str, float]
    bands: Mapping[str, Band]
    signs: tuple[Sign, ...] = ()


class Timing:
    """How long parts of a job take.

    Attributes:
        seconds: by part, in the order in which they were done.
    """

    def __init__(self) -> None:
        self._clock = WallClock()
        self.seconds: dict[str, float] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Time what is done in the block."""
        begun = self._clock.now()
        yield
        self.seconds[name] = self._clock.now() - begun


class Judge:
    """Scores sets of lines, always against the same human ones.

    Args:
        learned: the human solos that may be learned from.
        humans: those held out, which others are compared with.
        draws: for the bands.

    Lines that are not in 4/4 are left out everywhere, and so are those without a note.
    """

    def __init__(
        self, learned: Sequence[Line], humans: Sequence[Line], draws: int = BAND_DRAWS
    ) -> None:
        self._draws = draws
        self.learned = _judged(learned)
        self.humans = _judged(humans)
        self._measures: dict[str, Measure] = {
            "harmony": HARMONY,
            "rhythm": rhythm_against(self.learned),
            "phrasing": PHRASING,
            "motifs": MOTIFS,
            "copying": copying_from(self.learned),
            "entropy": ENTROPY,
        }
        self._human_windows = windows_of(self.humans)

    def score(
        self,
        name: str,
        lines: Sequence[Line],
        runs: Sequence[Line] = (),
        known: Mapping[str, float] | None = None,
    ) -> Scores:
        """The figures of a set of lines, of the drift of long runs, and what else is known."""
        chosen, timing = _judged(lines), Timing()
        counts = self._counts(chosen, _judged(runs), timing)
        figures = self._figures(counts)
        with timing.part("bands"):
            bands = self._bands(counts, self._draws)
        with timing.part("tellability"):
            windows = windows_of(chosen)
            told = tell_apart(windows, self._human_windows)
            given_away = signs(windows, self._human_windows, SIGNS)
        figures |= {"told_by_solo": told.by_solo, "told_by_window": told.by_window}
        figures |= known or {}
        return Scores(name, len(chosen), _notes(chosen), figures, timing.seconds, bands, given_away)

    def human_scores(self) -> Scores:
        """What the humans score.

        Tellability is of humans from other humans. Drift is of all the solos that are long enough,
        also of those that may be learned from.
        """
        humans, timing = self.humans, Timing()
        counts = self._counts(humans, [*humans, *self.learned], timing)
        figures = self._figures(counts)
        with timing.part("bands"):
            bands = self._bands(counts, self._draws)
        with timing.part("tellability"):
            told = self._humans_told()
        for name in ("by_solo", "by_window"):
            areas = np.array([getattr(each, name) for each in told])
            figures[f"told_{name}"] = float(areas.mean())
            bands[f"told_{name}"] = _band(areas)
        return Scores("human", len(humans), _notes(humans), figures, timing.seconds, bands)

    def _humans_told(self) -> list[Told]:
        """How well two sets of humans are told apart that share no tune, each as large as the
        held-out one and drawn from all there are."""
        everyone = [*self.humans, *self.learned]
        windows = [windows_of([line]) for line in everyone]
        kins = np.array(sorted({line.kin for line in everyone}))
        chance = np.random.default_rng(SEED)
        found = []
        for _ in range(HALVINGS):
            half = set(chance.permutation(kins)[: len(kins) // 2].tolist())
            sides: tuple[list[Windows], list[Windows]] = ([], [])
            for place in chance.permutation(len(everyone)):
                sides[everyone[place].kin in half].append(windows[place])
            one, other = (together(side[: len(self.humans)]) for side in sides)
            found.append(tell_apart(one, other, SEED, DRAWS_IN_HALVING))
        return found

    def _counts(
        self, lines: Sequence[Line], runs: Sequence[Line], timing: Timing
    ) -> list[tuple[Measure, Floats]]:
        """What each measure counts in each line, and that of drift in each run."""
        found = []
        for part, measure in self._measures.items():
            with timing.part(part):
                found.append((measure, measure.counts(lines)))
        if runs:
            found.append((DRIFT, DRIFT.counts(runs)))
        return found

    @staticmethod
    def _figures(counts: Sequence[tuple[Measure, Floats]]) -> dict[str, float]:
        found: dict[str, float] = {}
        for measure, each in counts:
            found.update(zip(measure.names, measure.figures(each.sum(0)), strict=True))
        return found

    @staticmethod
    def _bands(counts: Sequence[tuple[Measure, Floats]], draws: int) -> dict[str, Band]:
        """Where the figures of as many lines are, drawn with replacement."""
        found: dict[str, Band] = {}
        for measure, each in counts:
            drawn = zip(measure.names, spread(measure, each, draws, SEED).T, strict=True)
            found |= {name: _band(figures) for name, figures in drawn if _any_known(figures)}
        return found


def _judged(lines: Sequence[Line]) -> list[Line]:
    return [line for line in lines if line.in_four and line.notes]


def _notes(lines: Sequence[Line]) -> int:
    return sum(len(line.notes) for line in lines)


def _any_known(figures: Floats) -> bool:
    return not np.isnan(figures).all()


def _band(drawn: Floats) -> Band:
    low, high = np.nanpercentile(drawn, BAND)
    return Band(float(low), float(high))
