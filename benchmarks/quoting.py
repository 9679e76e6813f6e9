"""How long the runs are that stand in what was learned from, with the cap on quoting and without.

    python benchmarks/quoting.py --corpus SOLOS.jsonl.gz ... [--choruses 100] [--bars 32]

The corpora are those of the model's card: `train` is what was learned from, and the stretches of
as many bars of the `valid` solos are what people share with it. The default model plays choruses of
as many bars over the changes of the `valid` solos, each with a seed of its own, without a cap and
with each of `CAPS`, at each of `TEMPERATURES`: a cold net says what it knows by heart.

How to read it: of each chorus the longest run is taken, in notes, intervals and rhythm alike, as
`evaluation/copying.py` finds it; that is not how the cap finds it. `half`, `95 %` and `99 %` are
what so many choruses do not go beyond; `changed` is the share of the choruses that the cap changes;
`ms` is the median of the time that a note takes to be decided.
"""

from __future__ import annotations

import argparse
import os

# Before NumPy is imported, as the command line does.
os.environ.update(
    dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
)

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from figures import Table

from live_improv import assets, model_folder
from live_improv.board.ours import perform, request_for
from live_improv.charts.reading import read_chart
from live_improv.corpus import Solo, read_corpora
from live_improv.evaluation.copying import Phrasebook, index_of, intervals_in_time
from live_improv.evaluation.lines import BAR_STEPS, Line, line_of, written
from live_improv.grammar.context import Context
from live_improv.model_folder import Model
from live_improv.music.timing import Ticks
from live_improv.performance.constraints import Constraints
from live_improv.performance.controls import Knobs
from live_improv.performance.improviser import Improviser
from live_improv.performance.taste import Taste

CAPS = (0, 12, 16)
TEMPERATURES = (1.0, 0.5)
_TIMED, _TAKES = 200, 8
_FIRST_SEED = 5000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--corpus", type=Path, nargs="+", required=True)
    add("--choruses", type=int, default=100)
    add("--bars", type=int, default=32)
    add("--model", type=Path, help="a model folder (the default model)")
    add("--json", type=Path, metavar="OUT", help="write the figures here too")
    options = parser.parse_args()
    solos = read_corpora(options.corpus)
    learned = [line_of(solo) for solo in solos if solo.split == "train"]
    asked = [solo for solo in solos if solo.split == "valid" and line_of(solo).in_four]
    book = Phrasebook([intervals_in_time(line) for line in learned])
    loaded = model_folder.load(options.model or assets.default_model())
    model = replace(loaded, quotes=index_of(learned))
    columns = ("who", "choruses", "notes", "half", "95 %", "99 %", "most", "changed", "ms")
    table = Table(f"Quoting, {options.bars} bars, {model.name}", columns, digits=2)
    lines = [line_of(solo) for solo in asked]
    people = [run for line in lines for run in _longest(line, book, options.bars)]
    _add(table, "people", people, sum(len(line.notes) for line in lines), "-", "-")
    for temperature in TEMPERATURES:
        free: list[Line] = []
        for most in CAPS:
            played = [
                _chorus(asked[i % len(asked)], options.bars, i, temperature, most, model)
                for i in range(options.choruses)
            ]
            free = free or played
            changed = np.mean([a.notes != b.notes for a, b in zip(free, played, strict=True)])
            runs = [run for line in played for run in _longest(line, book, options.bars)]
            notes = sum(len(line.notes) for line in played)
            name = f"T {temperature:g}, " + (f"at most {most}" if most else "no cap")
            _add(table, name, runs, notes, float(changed), _milliseconds(model, most))
    table.show()
    if options.json:
        table.write(options.json)


def _chorus(
    solo: Solo, bars: int, number: int, temperature: float, most: int, model: Model
) -> Line:
    request = replace(
        request_for(solo, bars, _FIRST_SEED + number),
        constraints=Constraints(quotes=most),
        knobs=Knobs(temperature=temperature),
    )
    notes = written(perform(request, model).written)
    return Line(f"{number}", notes, solo.changes, solo.bpm, bars=bars)


def _longest(line: Line, book: Phrasebook, bars: int) -> list[int]:
    """The longest run of each stretch of so many bars, in notes."""
    runs, onsets, found = book.longest(intervals_in_time(line)), line.onsets(), []
    for bar in range(0, line.bars - bars + 1, bars):
        first, last = np.searchsorted(onsets, [bar * BAR_STEPS, (bar + bars) * BAR_STEPS])
        inside = runs[first : max(last - 1, first)]
        found.append(int(np.minimum(inside, np.arange(len(inside), 0, -1)).max(initial=0)) + 1)
    return found


def _milliseconds(model: Model, most: int) -> float:
    """The median of the time a note takes."""
    context = Context(read_chart("blues_in_f"), 140.0, straight=True)
    times = []
    for seed in range(_TAKES):
        taste = Taste(seed=seed, constraints=Constraints(quotes=most))
        by = Improviser(model.weights, context, taste, Ticks(0), model.quotes)
        for _ in range(_TIMED):
            begun = time.perf_counter()
            by.plan()
            times.append(time.perf_counter() - begun)
    return 1e3 * float(np.median(times))


def _add(
    table: Table, who: str, runs: Sequence[int], notes: int, changed: float | str, ms: float | str
) -> None:
    half, most, nearly_all = np.quantile(runs, (0.5, 0.95, 0.99), method="inverted_cdf").tolist()
    table.add(who, len(runs), notes, half, most, nearly_all, max(runs), changed, ms)


if __name__ == "__main__":
    main()
