"""Solos as the arrays the network learns from.

Conventions
    A lane is one place in the batch. Each lane plays solos from beginning to end, cut into chunks
    of equal length, so the recurrent state can be carried from chunk to chunk as it is when the
    net plays; where a lane begins a solo its state starts from zero. What pads the last chunk of
    a solo has weight 0 everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from heapq import heapreplace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from live_improv.corpus import Solo
from live_improv.grammar import context
from live_improv.grammar.abstraction import kinds, sounding_steps, straighten
from live_improv.grammar.context import Context, Past, choice_rows
from live_improv.grammar.recall import recall_gap, recall_pitch
from live_improv.grammar.values import settled_kind
from live_improv.grammar.vocabulary import MAX_INTERVAL
from live_improv.music.events import Note
from live_improv.music.timing import GRID_TICKS, Ticks
from live_improv.prediction import MIN_REST

_MAX_ROWS = 58
NO_ROW = -1


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of one solo (or of a chunk of lanes), as arrays with a common first shape.

    Attributes:
        rows: (..., rows) numbers of the context rows that hold, filled up with `NO_ROW`.
        choice: (..., 3) numbers of the rows of the chosen pitch, filled up with `NO_ROW`.
        last_pitch: the pitch that intervals are counted from.
        last_degree, next_degree: its degree over the sounding and over the next chord.
        places: (..., `LONGEST_GAP`) the place in the bar that each gap leads to.
        pitch_recall, gap_recall: (..., ways, outcomes) what the line says of each outcome.
        manner: the number of the manner it is in, or `NO_ROW`.
        interval, gap, resolved, sounding: what really came; see `network.OUTPUTS`.
        *_weight: 1 where that outcome counts, 0 where it is unknown or does not exist.
    """

    rows: NDArray[np.int16]
    choice: NDArray[np.int16]
    last_pitch: NDArray[np.int16]
    last_degree: NDArray[np.int8]
    next_degree: NDArray[np.int8]
    degree: NDArray[np.int8]
    places: NDArray[np.int8]
    pitch_recall: NDArray[np.float32]
    gap_recall: NDArray[np.float32]
    interval: NDArray[np.int16]
    interval_weight: NDArray[np.int8]
    gap: NDArray[np.int16]
    gap_weight: NDArray[np.int8]
    resolved: NDArray[np.int8]
    resolved_weight: NDArray[np.int8]
    sounding: NDArray[np.int8]
    sounding_weight: NDArray[np.int8]
    manner: NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.last_pitch)

    def cut(self, start: int, length: int) -> Steps:
        """The `length` steps from `start`, padded at the end with steps of weight 0."""
        return Steps(
            **{name: _padded(a[start : start + length], length) for name, a in _arrays(self)}
        )

    def in_manner(self, manner: int | None) -> Steps:
        """The same steps, said to be in this manner, or in none."""
        number = NO_ROW if manner is None else manner
        return replace(self, manner=np.full_like(self.manner, number))

    def transposed(self, semitones: int) -> Steps:
        """The same steps in another key: only the register's facts change."""
        first, count = _register_rows()
        rows = self.rows.copy()
        register = (rows >= first) & (rows < first + count)
        # A register row spans two semitones; odd shifts take the pitch itself.
        pitch = np.clip(self.last_pitch + semitones, context.LOWEST, context.HIGHEST)
        moved = first + (pitch - context.LOWEST) // 2
        rows = np.where(register, moved[..., None].astype(np.int16), rows)
        shifted = (self.last_pitch + semitones).astype(np.int16)
        return replace(self, rows=rows, last_pitch=shifted)


def solo_steps(solo: Solo, *, straight: bool) -> Steps:
    """The steps of a solo, as transcribed or with its swung pairs written even."""
    notes = straighten(solo.notes) if straight else solo.notes
    seen = Context(solo.changes, solo.bpm, straight=straight)
    chorus_places = np.array(
        [seen.place_at(Ticks(i * GRID_TICKS)) for i in range(seen.steps)], np.int8
    )
    reach = 1 + np.arange(context.LONGEST_GAP)
    all_kinds = kinds(notes, solo.changes)
    past = Past()
    found: list[dict[str, Any]] = []
    for i, (note, kind) in enumerate(zip(notes, all_kinds, strict=True)):
        after = notes[i + 1] if i + 1 < len(notes) else None
        gap = (after.onset - note.onset) // GRID_TICKS if after else 0
        steps = sounding_steps(note, gap) if after else 0
        by_gap = recall_gap(past.history, note.onset // GRID_TICKS)
        found.append(
            {
                **_moment(seen, note, past),
                "pitch_recall": recall_pitch(past.history).says,
                "gap_recall": by_gap.says,
                **_outcome(seen, note, past, gap, steps, lengths_known=solo.lengths_known),
                "choice": choice_rows(
                    note.pitch - past.pitches[-1] if past.pitches else None,
                    (note.pitch - seen.root_at(note.onset)) % 12,
                    kind,
                    by_gap.orders[0],
                ),
                "places": chorus_places[(note.onset // GRID_TICKS + reach) % seen.steps],
                "resolved": kind.value == "A",
                "manner": NO_ROW,
            }
        )
        past = past.then(note.pitch, kind, max(gap, 1), rested=steps < gap)
    return _stack(found)


def _moment(seen: Context, note: Note, past: Past) -> dict[str, Any]:
    last = past.pitches[-1] if past.pitches else note.pitch
    return {
        "rows": seen.rows(note.onset, past),
        "last_pitch": last,
        "last_degree": (last - seen.root_at(note.onset)) % 12,
        "next_degree": (last - seen.next_root_at(note.onset)) % 12,
        "degree": (note.pitch - seen.root_at(note.onset)) % 12,
    }


def _outcome(
    seen: Context, note: Note, past: Past, gap: int, steps: int, *, lengths_known: bool
) -> dict[str, Any]:
    interval = note.pitch - past.pitches[-1] if past.pitches else 0
    in_reach = abs(interval) <= MAX_INTERVAL
    unsettled = settled_kind(note.pitch, seen.changes.chord_at(note.onset)) is None
    return {
        "interval": interval + MAX_INTERVAL if in_reach else 0,
        "interval_weight": bool(past.pitches) and in_reach,
        "gap": min(gap, context.LONGEST_GAP + 1) - 1 if gap else 0,
        "gap_weight": gap > 0,
        "resolved_weight": unsettled and gap > 0,
        "sounding": 0 if steps == gap else min(steps, context.SOUNDING - 1),
        "sounding_weight": lengths_known and gap > MIN_REST,
    }


def _stack(found: list[dict[str, Any]]) -> Steps:
    arrays = {}
    for name, kind in _DTYPES.items():
        column = [step[name] for step in found]
        width = {"rows": _MAX_ROWS, "choice": 4}.get(name)
        if width is not None:
            column = [[*row, *[NO_ROW] * (width - len(row))] for row in column]
        arrays[name] = np.array(column, kind)
    return Steps(**arrays)


_DTYPES: dict[str, type[np.generic]] = {
    **{field.name: np.int8 for field in fields(Steps)},
    **dict.fromkeys(("rows", "choice", "last_pitch", "interval", "gap", "manner"), np.int16),
    **dict.fromkeys(("pitch_recall", "gap_recall"), np.float32),
}


def _arrays(steps: Steps) -> list[tuple[str, NDArray[Any]]]:
    return [(field.name, getattr(steps, field.name)) for field in fields(steps)]


def _padded(array: NDArray[Any], length: int) -> NDArray[Any]:
    missing = length - len(array)
    return np.pad(array, [(0, missing)] + [(0, 0)] * (array.ndim - 1)) if missing else array


def _register_rows() -> tuple[int, int]:
    names = list(context.GROUPS)
    before = names[: names.index("register")]
    return sum(context.GROUPS[name] for name in before), context.GROUPS["register"]


def beside(cuts: Sequence[Steps]) -> Steps:
    """Steps of equal length side by side, as lanes: arrays of shape (lanes, length, ...)."""
    return Steps(*(np.stack([getattr(cut, field.name) for cut in cuts]) for field in fields(Steps)))


@dataclass(frozen=True, slots=True)
class Chunk:
    """One batch: a chunk of every lane, shapes (lanes, length, ...), and who begins a solo."""

    steps: Steps
    begins: NDArray[np.bool_]


def chunk_count(solos: Sequence[Steps], count: int, length: int) -> int:
    """How many chunks `lanes` will give."""
    busy = [0] * count
    for solo in solos:
        heapreplace(busy, busy[0] + -(-len(solo) // length))
    return max(busy)


def lanes(solos: Sequence[Steps], count: int, length: int) -> Iterator[Chunk]:
    """Chunks of `length` steps of `count` lanes, until every solo has been played once.

    Solos are given in order to whichever lane is free first. Lanes that have run out are padded.
    """
    waiting = iter(solos)
    playing: list[Steps | None] = [None] * count
    at = [0] * count
    empty = solos[0].cut(len(solos[0]), length)
    while True:
        begins = np.zeros(count, np.bool_)
        chunks = []
        for lane in range(count):
            current = playing[lane]
            if current is None or at[lane] >= len(current):
                playing[lane] = current = next(waiting, None)
                at[lane], begins[lane] = 0, True
            chunks.append(empty if current is None else current.cut(at[lane], length))
            at[lane] += length
        if all(current is None for current in playing):
            return
        yield Chunk(beside(chunks), begins)
