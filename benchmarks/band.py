"""The band over every reference chart: what it plays, and what planning it costs.

    python benchmarks/band.py [--charts N] [--seed N]

The charts are those of the reference data (`$LIVE_IMPROV_DATA`, or beside the checkout), each for a
chorus of at most 16 bars at its own tempo, or at 140. Without the data those that come with the
program are taken.

How to read it: `bass on the root` is the share of chord changes at which the first note of the bass
under the new chord begins with it and is its root, or the bass that is written; a chord that lasts
less than an eighth does not count, nor does N.C. `led` is the share of those changes in walking
bars that are reached by step, or by fifth from the fifth of what comes. `movement` is how far a
voice of the piano moves from one chord to another, in semitones. A plan is one beat of all players.
"""

from __future__ import annotations

import argparse
import gc
import gzip
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from figures import Table, quantile

from live_improv.assets import chart_names, chart_path
from live_improv.charts.text import parse
from live_improv.music.changes import Changes
from live_improv.music.events import NoteOn, Timed
from live_improv.music.timing import PPQ, Ticks
from live_improv.performance.band import QUARTET, Band
from live_improv.performance.band.voicings import movement

BPM = 140.0
BARS = 16
FILES = ("leadsheets.jsonl.gz", "leadsheets_jazzstandards.jsonl.gz")
BASS, PIANO = 1, 2
_NEAR = PPQ // 8
_STEPS = {1, 2}
_FIFTH_ABOVE = 7


@dataclass
class Found:
    """What is counted."""

    charts: int = 0
    bars: int = 0
    changes: int = 0
    rooted: int = 0
    led: int = 0
    leads: int = 0
    intervals: list[int] = field(default_factory=list)
    moved: list[float] = field(default_factory=list)
    chords: int = 0
    pitches: list[int] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)
    notes: dict[int, int] = field(default_factory=dict)


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--charts", type=int, help="so many of them (all)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the figures there")
    arguments = parser.parse_args()
    found = Found()
    # As while playing: collecting garbage is none of the band's doing.
    gc.disable()
    for number, changes in enumerate(charts()):
        if number == arguments.charts:
            break
        bpm = changes.tempo or BPM
        events = played(changes, bpm, arguments.seed, found)
        count(changes, events, found)
    table = Table("the band over the reference charts", ("figure", "value"))
    for name, value in rows(found):
        table.add(name, value)
    table.show()
    if arguments.json:
        table.write(arguments.json)


def charts() -> Iterator[Changes]:
    """The reference charts, or ours where they are not there."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("LIVE_IMPROV_DATA") or beside) / "charts"
    if not folder.is_dir():
        yield from (parse(chart_path(name).read_text("utf-8")) for name in chart_names())
        return
    for name in FILES:
        with gzip.open(folder / name, "rt", encoding="utf-8") as lines:
            yield from (parse(_written(json.loads(line))) for line in lines)


def _written(record: dict[str, Any]) -> str:
    """A record in our own format."""
    names = (("key", "key"), ("tempo", "tempo"), ("time", "meter"), ("style", "style"))
    text = [f"{ours}: {record[theirs]}" for ours, theirs in names if record.get(theirs)]
    starts = {part[0]: part[1] for part in record["sections"]}
    for index, bar in enumerate(record["bars"]):
        if index in starts:
            text.append(f"[{starts[index] or ''}]")
        text.append(f"| {' '.join(bar)} |")
    return "\n".join(text)


def played(changes: Changes, bpm: float, seed: int, found: Found) -> list[Timed]:
    """A chorus, of 16 bars at most."""
    bars = min(len(changes.bars), BARS)
    end = changes.bars_ticks(bars)
    band = Band(QUARTET, seed, end=end)
    band.over(changes)
    events: list[Timed] = []
    while (at := band.plan_at()) is not None:
        began = time.thread_time()
        band.plan(bpm)
        found.costs.append(time.thread_time() - began)
        events += band.due(at)
    while (tick := band.next_tick()) is not None:
        events += band.due(tick)
    found.charts += 1
    found.bars += bars
    return [timed for timed in events if isinstance(timed.event, NoteOn) and timed.tick < end]


def count(changes: Changes, events: list[Timed], found: Found) -> None:
    """Count what a chorus has."""
    ons = [(timed.tick, timed.event) for timed in events if isinstance(timed.event, NoteOn)]
    for _, on in ons:
        found.notes[on.channel] = found.notes.get(on.channel, 0) + 1
    bass = [(tick, on.pitch) for tick, on in ons if on.channel == BASS]
    found.pitches += [pitch for _, pitch in bass]
    found.intervals += [abs(b - a) for (_, a), (_, b) in pairwise(bass)]
    end = changes.bars_ticks(min(len(changes.bars), BARS))
    _roots(changes, bass, end, found)
    _movement([(tick, on.pitch) for tick, on in ons if on.channel == PIANO], found)


def _roots(changes: Changes, bass: list[tuple[Ticks, int]], end: Ticks, found: Found) -> None:
    """Count the chord changes, and those on which the bass has what is written."""
    last = None
    for span in changes.chords:
        if span.start >= end:
            break
        chord, before = span.chord, last
        last = chord
        if chord == before or chord.root is None or span.end - span.start < PPQ // 2:
            continue
        found.changes += 1
        wanted = chord.root if chord.bass is None else chord.bass
        index = next((i for i, (at, _) in enumerate(bass) if at >= span.start - _NEAR), None)
        if index is None or bass[index][0] > span.start + _NEAR:
            continue
        found.rooted += bass[index][1] % 12 == wanted
        if index and 0 < bass[index][0] - bass[index - 1][0] < PPQ * 1.2:
            step = bass[index][1] - bass[index - 1][1]
            found.leads += 1
            found.led += abs(step) in _STEPS or -step % 12 == _FIFTH_ABOVE


def _movement(piano: list[tuple[Ticks, int]], found: Found) -> None:
    """Count how far voices move from chord to chord."""
    chords: list[tuple[Ticks, list[int]]] = []
    for tick, pitch in piano:
        if chords and tick - chords[-1][0] < PPQ // 6:
            chords[-1][1].append(pitch)
        else:
            chords.append((tick, [pitch]))
    voices = [tuple(sorted(chord)) for _, chord in chords]
    found.chords += len(voices)
    found.moved += [movement(b, a) for a, b in pairwise(voices) if a != b]


def rows(found: Found) -> Iterator[tuple[str, float | int]]:
    """The figures by name."""
    milliseconds = [1000 * cost for cost in found.costs]
    yield "charts", found.charts
    yield "bars", found.bars
    yield "chord changes", found.changes
    yield "bass on the root, %", 100 * found.rooted / found.changes
    yield "led by step or fifth, %", 100 * found.led / max(found.leads, 1)
    yield "bass: largest leap, semitones", max(found.intervals)
    yield "bass: mean interval, semitones", sum(found.intervals) / len(found.intervals)
    yield "bass: same pitch again, %", 100 * found.intervals.count(0) / len(found.intervals)
    yield "bass: steps, %", 100 * sum(0 < i < 3 for i in found.intervals) / len(found.intervals)
    yield "bass: lowest pitch", min(found.pitches)
    yield "bass: median pitch", quantile(found.pitches, 0.5)
    yield "bass: highest pitch", max(found.pitches)
    yield "piano: chords a bar", found.chords / found.bars
    yield "piano: mean movement of a voice", sum(found.moved) / len(found.moved)
    yield "piano: movement, 95 % under", quantile(found.moved, 0.95)
    for channel, name in ((BASS, "bass"), (PIANO, "piano"), (9, "drums")):
        yield f"{name}: notes a bar", found.notes.get(channel, 0) / found.bars
    yield "a plan, median, ms", quantile(milliseconds, 0.5)
    yield "a plan, 99 % under, ms", quantile(milliseconds, 0.99)
    yield "a plan, longest, ms", max(milliseconds)


if __name__ == "__main__":
    main()
