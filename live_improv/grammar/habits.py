"""Habits: what a player does more often, or less often, than a net expects of anybody.

What happened in a player's solos is counted beside what a net expected there, situation by
situation, and the logarithm of the one over the other is added to the net's logits whenever the
line is in such a situation again: a memory of solos that were learned as a whole, beside the
recall of the line itself (long-term and short-term models: Pearce, "The construction and
evaluation of statistical models of melodic structure", 2005). As the net is what is corrected, it
is also what is fallen back on: a situation that was never heard adds nothing.

Conventions
    A situation is a whole number of 64 bits, made of the facts of a table, a byte each. Intervals
    are in semitones; gaps are in grid steps, `LONGEST_GAP` + 1 for longer ones. Outcomes of pitch
    are those of `recall_pitch`, the `INTERVALS`; those of gaps are 1 to `LONGEST_GAP` + 1.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from live_improv.grammar.context import (
    HIGHEST,
    INTERVALS,
    LONGEST_GAP,
    LOWEST,
    PLACES,
    REGISTERS,
    Context,
    Past,
)
from live_improv.grammar.gaps import gap_class
from live_improv.grammar.vocabulary import MAX_INTERVAL
from live_improv.model import Array, Habit
from live_improv.music.timing import GRID_PER_BEAT, Ticks

GAPS = LONGEST_GAP + 1
SIZES = {"pitch": REGISTERS, "interval": INTERVALS, "gap": GAPS, "place": PLACES}
"""Outcomes of each kind; pitches beyond those that the net tells apart count as the nearest."""

MOST_AMOUNT = 4.0
"""Nothing that is added to a logit is further from 0."""

MOST_BYTES = 128 << 20
"""Unpacked, of a file."""

_LONGEST_REASON = 200  # characters; NumPy and zipfile show what they have read


@dataclass(frozen=True, slots=True)
class Table:
    """One way of telling situations apart.

    Attributes:
        outcome: what is counted, one of `SIZES`.
        facts: what makes the situation.
        held: how many notes as the net expects them are counted besides, against chance.
        weight: how much it says, beside the other tables.
        timed: whether swung pairs written even are another situation than as they were played.
    """

    outcome: str
    facts: str
    held: float
    weight: float
    timed: bool = False


# The weights were fitted on `valid` solos of players of whom there are two and more, to what the
# other ones of the same player say (log_linear.fit_weights); so they are no player's own.
PITCH_TABLES = (
    Table("pitch", "", 2.0, 0.14),
    Table("interval", "gap class", 1.0, 0.08, timed=True),
    Table("interval", "interval", 1.0, 0.14),
    Table("interval", "degree, chord", 1.0, 0.06),
    Table("pitch", "pitch", 1.0, 0.10),
    Table("interval", "2 intervals", 1.0, 0.23),
    Table("interval", "2 degrees", 1.0, 0.11),
    Table("pitch", "pitch, interval", 1.0, 0.11),
    Table("pitch", "pitch, 2 intervals", 1.0, 0.09),
    Table("pitch", "pitch, 3 intervals", 0.5, 0.27),
    Table("interval", "4 intervals", 0.5, 0.17),
)
GAP_TABLES = (
    Table("gap", "", 1.0, 0.15, timed=True),
    Table("place", "", 1.0, 0.17, timed=True),
    Table("gap", "beat, gap", 1.0, 0.19, timed=True),
    Table("gap", "beat, 3 gaps", 1.0, 0.04, timed=True),
    Table("gap", "beat, 4 gaps", 1.0, 0.08, timed=True),
)
TABLES = PITCH_TABLES + GAP_TABLES

_CONTRACT = hashlib.sha256(
    repr([(table.outcome, table.facts, table.timed) for table in TABLES]).encode()
).digest()[:8]

# The pitch that each interval leads to, as the register tells it apart, from any pitch on.
_REACHED = np.clip(np.arange(-MAX_INTERVAL, 128 + MAX_INTERVAL), LOWEST, HIGHEST) - LOWEST

_ARRAYS: dict[str, type[np.generic]] = {
    "contract": np.uint8,
    "tables": np.uint32,
    "situations": np.uint64,
    "starts": np.uint32,
    "outcomes": np.uint8,
    "amounts": np.float16,
}


class HabitsError(ValueError):
    """A file of habits that cannot be used."""


def pitch_situations(context: Context, tick: Ticks, past: Past) -> tuple[int, ...]:
    """The situation at `tick` after `past`, which has a note, in each of `PITCH_TABLES`."""
    pitches = past.history.pitches[-5:]
    last = pitches[-1]
    moves = [later - earlier + 128 for earlier, later in pairwise(pitches)]
    one, two, three, four = (*reversed(moves), 0, 0, 0, 0)[:4]
    root = context.root_at(tick)
    degree = (last - root) % 12
    before = (pitches[-2] - root) % 12 if len(pitches) > 1 else 12
    tones = sum(1 << (tone - root) % 12 for tone in context.changes.chord_at(tick).chord_tones)
    two_moves = one << 8 | two
    three_moves = two_moves << 8 | three
    return (
        0,
        context.straight << 8 | gap_class(past.history.gaps[-1]),
        one,
        degree << 12 | tones,
        last,
        two_moves,
        degree << 8 | before,
        last << 8 | one,
        last << 16 | two_moves,
        last << 24 | three_moves,
        three_moves << 8 | four,
    )


def gap_situations(context: Context, tick: Ticks, past: Past) -> tuple[int, ...]:
    """The situation after a note at `tick`, which came after `past`, in each of `GAP_TABLES`."""
    one, two, three, four = (*past.history.gaps[:-5:-1], 0, 0, 0, 0)[:4]
    even = int(context.straight)
    beat = even << 8 | context.place_at(tick) % GRID_PER_BEAT
    three_gaps = ((beat << 8 | one) << 8 | two) << 8 | three
    return (even, even, beat << 8 | one, three_gaps, three_gaps << 8 | four)


def reached(last: int) -> NDArray[np.int64]:
    """The pitch each interval leads to from `last`, 0..`REGISTERS` - 1, shape (`INTERVALS`,)."""
    return _REACHED[last : last + INTERVALS]


def pitch_habits(habits: Sequence[Habit], context: Context, tick: Ticks, past: Past) -> Array:
    """What is added to the logit of each interval from the last note, shape (`INTERVALS`,)."""
    found = pitch_situations(context, tick, past)
    said = _said(PITCH_TABLES, habits[: len(PITCH_TABLES)], found)
    said["interval"] += said["pitch"][reached(past.pitches[-1])]
    return said["interval"]


def gap_habits(
    habits: Sequence[Habit], context: Context, tick: Ticks, past: Past, places: NDArray[np.int64]
) -> Array:
    """What is added to the logit of each gap after a note at `tick`, shape (`LONGEST_GAP` + 1,).

    Args:
        places: that the gaps but the last lead to.
    """
    found = gap_situations(context, tick, past)
    said = _said(GAP_TABLES, habits[len(PITCH_TABLES) :], found)
    said["gap"][:-1] += said["place"][places]
    return said["gap"]


def _said(
    tables: Sequence[Table], habits: Sequence[Habit], situations: Sequence[int]
) -> dict[str, Array]:
    """What the tables say of their outcomes, added up."""
    kinds = {table.outcome for table in tables}
    total: dict[str, Array] = {kind: np.zeros(SIZES[kind], np.float32) for kind in kinds}
    for table, habit, situation in zip(tables, habits, situations, strict=True):
        where = habit.where.get(situation)
        if where is not None:
            total[table.outcome][habit.outcomes[where]] += habit.amounts[where]
    return total


def packed(habits: Sequence[Habit]) -> bytes:
    """Habits as the content of a file; amounts are rounded to half precision."""
    ordered = [sorted(habit.where.items()) for habit in habits]
    entries = [
        (habit.outcomes[where], habit.amounts[where])
        for habit, items in zip(habits, ordered, strict=True)
        for _, where in items
    ]
    columns: dict[str, Any] = {
        "contract": np.frombuffer(_CONTRACT, np.uint8),
        "tables": np.cumsum([0, *map(len, ordered)]),
        "situations": [situation for items in ordered for situation, _ in items],
        "starts": np.cumsum([0, *(len(outcomes) for outcomes, _ in entries)]),
        "outcomes": np.concatenate([np.empty(0), *(outcomes for outcomes, _ in entries)]),
        "amounts": np.concatenate([np.empty(0), *(amounts for _, amounts in entries)]),
    }
    file = io.BytesIO()
    arrays = {name: np.array(column, _ARRAYS[name]) for name, column in columns.items()}
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]  # names, not options
    return file.getvalue()


def unpacked(content: bytes) -> tuple[Habit, ...]:
    """The habits in the content of a file.

    Raises:
        HabitsError: it is not one of these tables', or anything else is wrong with it.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > MOST_BYTES:
            raise HabitsError(f"unpacks to {size} bytes, too large")
        with np.load(io.BytesIO(content), allow_pickle=False) as saved:
            if set(saved.files) != set(_ARRAYS):
                raise HabitsError("arrays missing or unknown")
            arrays = {name: saved[name] for name in _ARRAYS}
    except HabitsError:
        raise
    except Exception as error:  # zipfile, zlib and NumPy raise a dozen different ones
        reason = " ".join(str(error).split())[:_LONGEST_REASON]
        raise HabitsError(f"{type(error).__name__}: {reason}") from None
    for name, kind in _ARRAYS.items():
        array = arrays[name]
        if not isinstance(array, np.ndarray) or array.dtype != kind or array.ndim != 1:
            raise HabitsError(f"{name} is no row of {kind.__name__}")
    if arrays["contract"].tobytes() != _CONTRACT:
        raise HabitsError("counted by other tables than this program's")
    return tuple(_tables(arrays))


def _tables(arrays: dict[str, NDArray[Any]]) -> Iterator[Habit]:
    """The tables one by one, each checked."""
    tables, starts = (arrays[name].astype(np.int64) for name in ("tables", "starts"))
    situations, amounts = arrays["situations"], arrays["amounts"].astype(np.float32)
    outcomes = arrays["outcomes"].astype(np.intp)  # to index with others is three times slower
    _climbing("tables", tables, len(TABLES), len(situations))
    _climbing("starts", starts, len(situations), len(outcomes))
    if len(amounts) != len(outcomes):
        raise HabitsError(f"{len(amounts)} amounts of {len(outcomes)} outcomes")
    if not (np.abs(amounts) <= MOST_AMOUNT).all():  # nor what is no number
        raise HabitsError(f"amounts beyond {MOST_AMOUNT:g}")
    # Within a situation no outcome comes twice.
    again = np.flatnonzero(outcomes[1:] <= outcomes[:-1]) + 1
    if not np.isin(again, starts).all():
        raise HabitsError("outcomes out of order")
    for table, first, end in zip(TABLES, tables, tables[1:], strict=False):
        numbers = situations[first:end]
        if (numbers[1:] <= numbers[:-1]).any():
            raise HabitsError("situations out of order")
        if (outcomes[starts[first] : starts[end]] >= SIZES[table.outcome]).any():
            raise HabitsError(f"outcomes beyond those of {table.outcome}")
        bounds = starts[first : end + 1].tolist()
        where = map(slice, bounds, bounds[1:])
        yield Habit(dict(zip(numbers.tolist(), where, strict=True)), outcomes, amounts)


def _climbing(name: str, bounds: NDArray[np.int64], parts: int, end: int) -> None:
    if len(bounds) != parts + 1 or bounds[0] or bounds[-1] != end or (np.diff(bounds) < 0).any():
        raise HabitsError(f"{name} do not fit")
