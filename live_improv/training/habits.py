"""Counting habits: what happened in solos, beside what a net expected there.

The solos are walked through twice, as they were played and with swung pairs even, since a line to
be played is written even; what does not depend on time is counted as it was played.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from live_improv.corpus import Solo
from live_improv.grammar.abstraction import kinds, sounding_steps, straighten
from live_improv.grammar.context import INTERVALS, LONGEST_GAP, Context, Past
from live_improv.grammar.habits import (
    GAP_TABLES,
    GAPS,
    MOST_AMOUNT,
    PITCH_TABLES,
    SIZES,
    TABLES,
    Table,
    gap_situations,
    pitch_situations,
    reached,
)
from live_improv.grammar.realization import Register
from live_improv.grammar.vocabulary import MAX_INTERVAL
from live_improv.model import Array, Habit, Weights, initial_state
from live_improv.music.timing import GRID_TICKS
from live_improv.prediction import Predictor

MOST_NOTES = 20_000
"""Notes that are counted at most, those of the first solos: for the size of the model."""

LEAST_AMOUNT = 0.01
"""What adds less to a logit is left out."""

_ALL = Register()


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A choice that a player made.

    Attributes:
        situations: in each table that counts it.
        expected: (outcomes,) the probability of each, by the net.
        answer: what came.
        leads: the outcome of the other kind, pitch or place, that each of them is.
    """

    situations: dict[Table, int]
    expected: Array
    answer: int
    leads: NDArray[np.int64]


def habits_of(weights: Weights, solos: Iterable[Solo]) -> tuple[Habit, ...]:
    """The habits in solos, over a net that has not learned from them.

    Args:
        weights: the net; habits that it has are not asked.
        solos: all of them are counted, up to `MOST_NOTES`.
    """
    net = replace(weights, habits=())
    choices: list[_Chosen] = []
    notes = 0
    for solo in solos:
        if notes >= MOST_NOTES:
            break
        notes += len(solo.notes)
        choices += _choices(net, solo, straight=False)
        choices += _choices(net, solo, straight=True)
    return tuple(
        _counted(table, [chosen for chosen in choices if table in chosen.situations])
        for table in TABLES
    )


def _choices(net: Weights, solo: Solo, *, straight: bool) -> Iterator[_Chosen]:
    """Every choice of a pitch but the first, and of a gap."""
    notes = straighten(solo.notes) if straight else solo.notes
    context = Context(solo.changes, solo.bpm, straight=straight)
    predictor = Predictor(net, context)
    chorus = np.array(context.places)
    state, past = initial_state(net), Past()
    for i, (note, kind) in enumerate(zip(notes, kinds(notes, solo.changes), strict=True)):
        tick = note.onset
        logits, state = predictor.step(state, tick, past)
        last = past.pitches[-1] if past.pitches else None
        if last is not None and abs(note.pitch - last) <= MAX_INTERVAL:
            near = np.arange(last - MAX_INTERVAL, last + MAX_INTERVAL + 1)
            inside = (near >= _ALL.low) & (near <= _ALL.high)
            expected = np.zeros(INTERVALS, np.float32)
            pitches = predictor.pitch_logits(logits, tick, past, _ALL)
            expected[inside] = _odds(pitches)[near[inside]]
            found = pitch_situations(context, tick, past)
            answer = note.pitch - last + MAX_INTERVAL
            asked = _asked(PITCH_TABLES, found, straight=straight)
            yield _Chosen(asked, expected, answer, reached(last))
        if i + 1 == len(notes):
            return
        gap = (notes[i + 1].onset - tick) // GRID_TICKS
        time = predictor.time_logits(logits, tick, past, note.pitch, kind)
        expected = _odds(predictor.gap_logits(time, tick, past, note.pitch, kind, _ALL))
        places = chorus[(tick // GRID_TICKS + 1 + np.arange(LONGEST_GAP)) % context.steps]
        found = gap_situations(context, tick, past)
        asked = _asked(GAP_TABLES, found, straight=straight)
        yield _Chosen(asked, expected, min(gap, GAPS) - 1, places)
        past = past.then(note.pitch, kind, gap, rested=sounding_steps(note, gap) < gap)


def _asked(
    tables: Sequence[Table], situations: Sequence[int], *, straight: bool
) -> dict[Table, int]:
    pairs = zip(tables, situations, strict=True)
    return {table: found for table, found in pairs if table.timed or not straight}


def _odds(logits: Array) -> Array:
    """Probabilities; none where nothing is possible."""
    peak = logits.max()
    if not np.isfinite(peak):
        return np.zeros_like(logits)
    odds = np.exp(logits - peak)
    found: Array = odds / odds.sum()
    return found


def _counted(table: Table, choices: Sequence[_Chosen]) -> Habit:
    """What a table adds in each of the situations that came."""
    size = SIZES[table.outcome]
    came: dict[int, list[_Chosen]] = {}
    for chosen in choices:
        came.setdefault(chosen.situations[table], []).append(chosen)
    where: dict[int, slice] = {}
    outcomes, amounts, end = [np.empty(0, np.intp)], [np.empty(0, np.float32)], 0
    for situation in sorted(came):
        heard, expected = np.zeros(size), np.zeros(size)
        for chosen in came[situation]:
            if table.outcome in ("interval", "gap"):
                heard[chosen.answer] += 1
                expected += chosen.expected
                continue
            # A gap beyond the longest leads to no place that is known.
            known = chosen.expected[: len(chosen.leads)]
            expected += np.bincount(chosen.leads, known, size)
            if chosen.answer < len(chosen.leads):
                heard[chosen.leads[chosen.answer]] += 1
        said = table.weight * np.log((heard + table.held) / (expected + table.held))
        said = np.clip(said, -MOST_AMOUNT, MOST_AMOUNT)
        kept = np.flatnonzero(np.abs(said) >= LEAST_AMOUNT)
        if len(kept):
            where[situation] = slice(end, end + len(kept))
            end += len(kept)
            outcomes.append(kept)
            amounts.append(said[kept].astype(np.float32))
    return Habit(where, np.concatenate(outcomes), np.concatenate(amounts))
