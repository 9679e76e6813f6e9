"""N-grams over the same events as the net's: a product of experts that each look at something else.

Every expert is a Witten-Bell model of one aspect of the next note, given some facts about the line
so far. Their logarithms are added, with weights fitted on solos that were not counted (a product
of experts; for pitch the idea of Johnson, Keller and Weintraut, 2017, in n-grams). `MARKOV` is the
least of such recipes: each interval given the interval before, each gap given the gap before.

Conventions
    As in `prediction`: logits of pitch run over a register, lowest first, and minus infinity is
    impossible; logits of a gap run over 1 to `LONGEST_GAP` grid steps and then anything longer.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from live_improv.corpus import Solo
from live_improv.evaluation.line_facts import GAP_FACTS, PITCH_FACTS, Facts, Trail
from live_improv.evaluation.log_linear import Asked, Scores, fit_weights, mixed
from live_improv.evaluation.witten_bell import Floats, Ints, WittenBell
from live_improv.grammar.abstraction import sounding_steps
from live_improv.grammar.context import (
    HIGHEST,
    LONGEST_GAP,
    LOWEST,
    PLACES,
    REGISTERS,
    SOUNDING,
    Context,
)
from live_improv.grammar.realization import Register
from live_improv.grammar.vocabulary import MAX_INTERVAL
from live_improv.music.timing import GRID_TICKS, Ticks

INTERVALS = np.arange(-MAX_INTERVAL, MAX_INTERVAL + 1)
GAPS = LONGEST_GAP + 1


@dataclass(frozen=True, slots=True)
class Expert:
    """What is foreseen, and from which facts, the most telling first."""

    target: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recipe:
    """The experts of pitch and those of the gap."""

    pitch: tuple[Expert, ...]
    gap: tuple[Expert, ...]


MARKOV = Recipe((Expert("interval", ("interval_1",)),), (Expert("gap", ("gap_1",)),))

PRODUCT = Recipe(
    pitch=(
        # Intervals, with the rhythm and for longer.
        Expert("interval", ("interval_1", "interval_2", "gap_class", "interval_3", "interval_4")),
        Expert("interval", ("interval_1", "interval_2", "interval_3", "interval_4", "interval_5")),
        # Where the line is over the chord, and over the next one.
        Expert("degree", ("tones", "degree_1", "strength", "degree_2", "interval_1", "interval_2")),
        Expert("interval", ("degree_1", "degree_2", "degree_3", "tones", "interval_3")),
        Expert("next_degree", ("next_degree", "ahead", "degree_1", "tones", "moves")),
        # Register: of the instrument, of the line lately, and of single tones.
        Expert("pitch", ("last", "interval_1", "gap_class", "above_centre")),
        Expert("pitch", ("last", "interval_1", "interval_2", "interval_3")),
        Expert("interval", ("above_centre", "interval_1", "rested", "interval_2")),
    ),
    gap=(
        # Rhythm: where it is, what came before, and where it leads.
        Expert("gap", ("place", "gap_1", "gap_2", "gap_3")),
        Expert("gap", ("beat", "gap_1", "gap_2", "gap_3", "gap_4")),
        Expert("gap", ("beat", "phrase", "gap_1", "tempo")),
        Expert("place", ("place", "gap_1", "tempo", "gap_2")),
        # And what was played.
        Expert("gap", ("beat", "gap_1", "interval_1", "degree")),
        Expert("gap", ("gap_1", "interval_1", "gap_2", "interval_2")),
        Expert("gap", ("place", "ahead", "in_chord")),
    ),
)
"""The standing baseline."""


@dataclass(frozen=True, slots=True)
class Read:
    """A solo as questions and answers, one for each note but the first.

    Attributes:
        facts: of its changes.
        ticks: the onset that each gap begins at, `(notes,)`.
        gap_facts, pitch_facts: `(notes, facts)`.
        gaps: 1 and more; pitches: 0..127.
    """

    facts: Facts
    ticks: Ints
    gap_facts: Ints
    pitch_facts: Ints
    gaps: Ints
    pitches: Ints


def read(solo: Solo) -> Read:
    """The questions that a solo answers; there may be none."""
    facts = Facts(Context(solo.changes, solo.bpm, straight=False))
    trail = Trail.begin(solo.notes[0].pitch)
    of_gap, of_pitch = [], []
    for before, note in zip(solo.notes, solo.notes[1:], strict=False):
        gap = (note.onset - before.onset) // GRID_TICKS
        of_gap.append(facts.of_gap(before.onset, trail))
        of_pitch.append(facts.of_pitch(note.onset, trail, gap))
        trail = trail.then(gap, note.pitch)
    onsets = np.array([note.onset for note in solo.notes], np.int64)
    return Read(
        facts,
        onsets[:-1],
        np.array(of_gap, np.int64).reshape(-1, len(GAP_FACTS)),
        np.array(of_pitch, np.int64).reshape(-1, len(PITCH_FACTS)),
        np.diff(onsets) // GRID_TICKS,
        np.array([note.pitch for note in solo.notes[1:]], np.int64),
    )


# What the outcomes of a choice of pitch, the intervals, are to each expert; `(notes, outcomes)`
# from the facts. The sounding pitches outside the usual range count as the nearest in it.
_PITCH_TARGETS: dict[str, tuple[int, Callable[[Ints], Ints]]] = {
    "interval": (len(INTERVALS), lambda facts: INTERVALS[None, :] + MAX_INTERVAL),
    "pitch": (REGISTERS, lambda facts: np.clip(_tried(facts), LOWEST, HIGHEST) - LOWEST),
    "degree": (12, lambda facts: (_tried(facts) - _column(facts, "root")) % 12),
    "next_degree": (12, lambda facts: (_tried(facts) - _column(facts, "next_root")) % 12),
}

_GAP_TARGETS = {"gap": GAPS, "place": PLACES}


def _column(facts: Ints, name: str) -> Ints:
    found: Ints = facts[:, PITCH_FACTS.index(name), None]
    return found


def _tried(facts: Ints) -> Ints:
    """The pitches that the intervals lead to."""
    found: Ints = _column(facts, "last") + INTERVALS
    return found


@dataclass(frozen=True, slots=True)
class Ngrams:
    """What was learned: a table for each expert, and how much each says."""

    recipe: Recipe
    pitch_tables: tuple[WittenBell, ...]
    gap_tables: tuple[WittenBell, ...]
    sounding_table: WittenBell
    pitch_weights: Floats
    gap_weights: Floats

    def pitch_logits(
        self, facts: Facts, tick: Ticks, trail: Trail, gap: int, register: Register
    ) -> Floats:
        """The logit of every pitch of the register at `tick`, `(high - low + 1,)`.

        Those further away than the widest interval of the language are impossible; so may all be.
        """
        row = np.array([facts.of_pitch(tick, trail, gap)])
        reached = trail.pitches[0] + INTERVALS
        inside = (reached >= register.low) & (reached <= register.high)
        out = np.full(register.high - register.low + 1, -np.inf)
        logits = mixed(self.pitch_scores(row), self.pitch_weights)[0]
        out[reached[inside] - register.low] = logits[inside]
        return out

    def gap_logits(self, facts: Facts, tick: Ticks, trail: Trail) -> Floats:
        """The logit of every gap after the last note, which is at `tick`, `(LONGEST_GAP + 1,)`."""
        row = np.array([facts.of_gap(tick, trail)])
        scores = self.gap_scores(row, facts.places_after(np.array([tick])))
        logits: Floats = mixed(scores, self.gap_weights)[0]
        return logits

    def sounding_odds(self, gap: int) -> Floats:
        """How likely each part of a gap sounds, `(SOUNDING,)` as in `prediction`."""
        odds: Floats = self.sounding_table.probabilities(np.array([[min(gap, GAPS)]]))[0]
        return odds

    def pitch_scores(self, facts: Ints) -> Scores:
        """What each expert says of each interval, `(experts, notes, intervals)`."""
        found = np.empty((len(self.pitch_tables), len(facts), len(INTERVALS)), np.float32)
        for i, (expert, table) in enumerate(zip(self.recipe.pitch, self.pitch_tables, strict=True)):
            said = np.log(table.probabilities(_chosen(facts, expert, PITCH_FACTS)))
            symbols = np.broadcast_to(_PITCH_TARGETS[expert.target][1](facts), found.shape[1:])
            found[i] = np.take_along_axis(said, symbols, 1)
        return found

    def gap_scores(self, facts: Ints, places: Ints) -> Scores:
        """What each expert says of each gap, `(experts, notes, gaps)`.

        Args:
            facts: as `GAP_FACTS`.
            places: that the gaps but the last lead to.
        """
        found = np.empty((len(self.gap_tables), len(facts), GAPS), np.float32)
        for i, (expert, table) in enumerate(zip(self.recipe.gap, self.gap_tables, strict=True)):
            said = np.log(table.probabilities(_chosen(facts, expert, GAP_FACTS)))
            if expert.target == "place":
                found[i, :, :-1] = np.take_along_axis(said, places, 1)
                found[i, :, -1] = -np.log(PLACES)  # it may lead anywhere
            else:
                found[i] = said
        return found


def learn(recipe: Recipe, solos: Sequence[Solo]) -> Ngrams:
    """Count all solos; the weights are fitted beforehand on an eighth of the tunes, by counts of
    the others."""
    known = [read(solo) for solo in solos]
    apart = [zlib.crc32(solo.title.strip().casefold().encode()) % 8 == 0 for solo in solos]
    kept = [each for each, out in zip(known, apart, strict=True) if not out]
    asked = [each for each, out in zip(known, apart, strict=True) if out and len(each.gaps)]
    pitch_weights, gap_weights = (
        np.full(len(experts), 1.0 / len(experts)) for experts in (recipe.pitch, recipe.gap)
    )
    sounding = _sounding(solos)
    if kept and asked and (len(pitch_weights) > 1 or len(gap_weights) > 1):
        part = _counted(recipe, kept, sounding, pitch_weights, gap_weights)
        pitch_weights = fit_weights([_asked_pitch(part, each) for each in asked], pitch_weights)
        gap_weights = fit_weights([_asked_gap(part, each) for each in asked], gap_weights)
    return _counted(recipe, known, sounding, pitch_weights, gap_weights)


def _asked_pitch(model: Ngrams, each: Read) -> Asked:
    return Asked(model.pitch_scores(each.pitch_facts), _intervals(each) + MAX_INTERVAL)


def _asked_gap(model: Ngrams, each: Read) -> Asked:
    scores = model.gap_scores(each.gap_facts, each.facts.places_after(each.ticks))
    return Asked(scores, np.minimum(each.gaps, GAPS) - 1)


def _intervals(each: Read) -> Ints:
    moved = each.pitches - _column(each.pitch_facts, "last")[:, 0]
    found: Ints = np.clip(moved, -MAX_INTERVAL, MAX_INTERVAL)
    return found


def _chosen(facts: Ints, expert: Expert, names: tuple[str, ...]) -> Ints:
    found: Ints = facts[:, [names.index(name) for name in expert.facts]]
    return found


def _counted(
    recipe: Recipe,
    known: Sequence[Read],
    sounding: WittenBell,
    pitch_weights: Floats,
    gap_weights: Floats,
) -> Ngrams:
    gap_facts, pitch_facts, gaps, intervals = (
        np.concatenate(parts)
        for parts in zip(
            *((each.gap_facts, each.pitch_facts, each.gaps, _intervals(each)) for each in known),
            strict=True,
        )
    )
    answers = intervals[:, None] + MAX_INTERVAL
    arrived = pitch_facts[:, PITCH_FACTS.index("place")]
    gap_answers = {"gap": np.minimum(gaps, GAPS) - 1, "place": arrived}
    pitch_tables = []
    for expert in recipe.pitch:
        size, symbols = _PITCH_TARGETS[expert.target]
        of_all = np.broadcast_to(symbols(pitch_facts), (len(gaps), len(INTERVALS)))
        told = np.take_along_axis(of_all, answers, 1)[:, 0]
        contexts = _chosen(pitch_facts, expert, PITCH_FACTS)
        pitch_tables.append(WittenBell.learn(contexts, told, size))
    gap_tables = [
        WittenBell.learn(
            _chosen(gap_facts, expert, GAP_FACTS),
            gap_answers[expert.target],
            _GAP_TARGETS[expert.target],
        )
        for expert in recipe.gap
    ]
    return Ngrams(
        recipe, tuple(pitch_tables), tuple(gap_tables), sounding, pitch_weights, gap_weights
    )


def _sounding(solos: Sequence[Solo]) -> WittenBell:
    """How much of a gap sounds, from the solos whose notes' ends were measured."""
    gaps, parts = [], []
    for solo in solos:
        if not solo.lengths_known:
            continue
        for note, after in zip(solo.notes, solo.notes[1:], strict=False):
            gap = (after.onset - note.onset) // GRID_TICKS
            steps = sounding_steps(note, gap)
            gaps.append(min(gap, GAPS))
            parts.append(0 if steps == gap else min(steps, SOUNDING - 1))
    contexts = np.array(gaps, np.int64)[:, None]
    return WittenBell.learn(contexts, np.array(parts, np.int64), SOUNDING)
