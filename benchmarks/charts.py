"""Whether every chart there is can be soloed over and accompanied.

    python benchmarks/charts.py --data DIR [--every N]

What is measured: one chorus of each reference chart (DIR holds `charts/leadsheets.jsonl.gz` and
`charts/leadsheets_jazzstandards.jsonl.gz`), played into a score by the default model with bass,
piano and drums. A chart fails if the solo has no note or one outside the instrument's range, if the
bars of the score are not those of the chart, if a note of anybody begins before the music or after
its end, or if something is left sounding; the bass may not leap more than an octave. It also counts
the changes of chord at which the bass plays the root or the bass that is written.

How to read it: all charts are to pass; the bass is to be on the root at 85 % of the changes at
least. Expect a quarter of an hour; `--every 20` takes one chart of twenty.
"""

from __future__ import annotations

import argparse
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import gzip
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from figures import Table

from live_improv import assets, model_folder
from live_improv.app import Performance
from live_improv.charts.text import parse
from live_improv.music.changes import Changes
from live_improv.music.events import NoteOff, NoteOn, Timed
from live_improv.music.score import IMPROVISER, Part, Score, meters_between
from live_improv.music.timing import PPQ, Ticks
from live_improv.offline import performed
from live_improv.performance.band import QUARTET, TRACKS, BandPlayer
from live_improv.request import Request

NAMES = ("leadsheets.jsonl.gz", "leadsheets_jazzstandards.jsonl.gz")
_EARLY = PPQ // 8
_ROLLED = PPQ // 2  # the notes of the last chord may be struck one after the other


@dataclass
class Tally:
    """What has been found so far."""

    charts: int = 0
    notes: int = 0
    changes: int = 0
    on_root: int = 0
    faults: list[str] = field(default_factory=list)


def main() -> int:
    """Play over all of them; 1 where one fails."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--every", type=int, default=1)
    options = parser.parse_args()
    model = model_folder.load(assets.default_model())
    tally = Tally()
    for title, changes in list(_charts(options.data))[:: options.every]:
        performance = Performance(
            Request(chart=changes, choruses=1, band=QUARTET, seed=tally.charts), model=model
        )
        score = performed(performance)
        tally.charts += 1
        faults = [*_faults(score, performance), *_bass(score, changes, tally)]
        tally.faults += [f"{title}: {fault}" for fault in faults]
        if sys.stderr.isatty():
            print(f"\r{tally.charts}", end="", file=sys.stderr)
    table = Table("Charts soloed over and accompanied", ("what", "figure"))
    table.add("charts", tally.charts)
    table.add("without a fault", tally.charts - len({f.split(":")[0] for f in tally.faults}))
    table.add("notes of the solo", tally.notes)
    table.add("changes of chord", tally.changes)
    table.add("bass on the root, %", 100 * tally.on_root / max(tally.changes, 1))
    table.notes = tally.faults[:40]
    table.show()
    return bool(tally.faults)


def _charts(data: Path) -> Iterator[tuple[str, Changes]]:
    for name in NAMES:
        with gzip.open(data / "charts" / name, "rt", encoding="utf-8") as file:
            for line in file:
                record = json.loads(line)
                yield f"{name[10:14]} {record['title']}", parse(_written(record))


def _written(record: dict[str, Any]) -> str:
    """A chart of the reference data in our format."""
    headers = (("title", "title"), ("key", "key"), ("tempo", "tempo"), ("time", "meter"))
    lines = [f"{ours}: {record[name]}" for ours, name in headers if record.get(name)]
    lines += [f"style: {record['style']}"] if record["style"] else []
    starts = {part[0]: part[1] for part in record["sections"]}
    for index, bar in enumerate(record["bars"]):
        lines += [f"[{starts[index] or ''}]"] if index in starts else []
        lines.append(f"| {' '.join(bar)} |")
    return "\n".join(lines)


def _faults(score: Score, performance: Performance) -> Iterator[str]:
    register = performance.request.instrument.register
    length = performance.length
    assert length is not None
    meters = tuple(meters_between(performance.changes, Ticks(0), score.length))
    if score.meters != meters:
        yield "its bars are others"
    for part in score.parts:
        sounding: set[tuple[int, int]] = set()
        ons = [timed for timed in part.events if isinstance(timed.event, NoteOn)]
        for timed in part.events:
            match timed.event:
                case NoteOn(pitch, _, channel):
                    sounding.add((channel, pitch))
                case NoteOff(pitch, channel):
                    sounding.discard((channel, pitch))
        if sounding:
            yield f"{part.name} is left sounding"
        if ons and (ons[0].tick < 0 or ons[-1].tick > length + _ROLLED):
            yield f"{part.name} plays outside the music"
        if part.name == IMPROVISER and any(
            not register.low <= _pitch(on) <= register.high for on in ons
        ):
            yield "the solo leaves its range"
        named = any(span.chord.root is not None for span in performance.changes.chords)
        if not ons and (named or part.name == IMPROVISER):
            yield f"{part.name} does not play"


def _bass(score: Score, changes: Changes, tally: Tally) -> Iterator[str]:
    tally.notes += len(_ons(score.parts, IMPROVISER))
    bass = _ons(score.parts, TRACKS[BandPlayer.BASS])
    if any(abs(_pitch(a) - _pitch(b)) > 12 for a, b in pairwise(bass)):
        yield "the bass leaps more than an octave"
    for before, span in pairwise(changes.chords):
        lowest = span.chord.root if span.chord.bass is None else span.chord.bass
        if before.chord == span.chord or lowest is None:
            continue
        tally.changes += 1
        near = [on for on in bass if abs(on.tick - span.start) < _EARLY]
        tally.on_root += any(_pitch(on) % 12 == lowest for on in near)


def _ons(parts: Iterable[Part], name: str) -> list[Timed]:
    return [
        timed
        for part in parts
        if part.name == name
        for timed in part.events
        if isinstance(timed.event, NoteOn)
    ]


def _pitch(on: Timed) -> int:
    assert isinstance(on.event, NoteOn)
    return on.event.pitch


if __name__ == "__main__":
    raise SystemExit(main())
