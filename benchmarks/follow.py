"""Whether answers are closer to the call they answer than to other calls.

    python benchmarks/follow.py --corpus SOLOS.jsonl.gz [--split valid] [--bars 4]

Calls are stretches of so many bars of human solos; the default model hears one and answers over
the bars that follow it there, once for each setting of `follow`. How far an answer is from a call
is the mean of four distances, each divided by its mean over all pairs of calls:

    density     the logarithm of the ratio of notes a bar
    register    the distance of the mean pitches
    intervals   1 less the common part of the distributions of intervals and of pairs of them
    rhythm      the same of the gaps between onsets

How to read it: `closer` is the share of pairs (an answer, another solo's call) in which the answer
is closer to its own call; an answer that ignores what it hears gets about 50 %. The others are the
same for one of the distances alone; `human` is what the soloist played next.
"""

from __future__ import annotations

import argparse
import os

# Before NumPy is imported, as the command line does.
os.environ.update(
    dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
)

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
from figures import Table

from live_improv import assets, model_folder
from live_improv.corpus import Solo, read_corpora
from live_improv.grammar.abstraction import straighten
from live_improv.grammar.context import Context
from live_improv.grammar.values import settled_kind
from live_improv.model import Weights
from live_improv.music.events import Note
from live_improv.music.timing import GRID_TICKS, Ticks
from live_improv.performance.improviser import Improviser
from live_improv.performance.taste import Taste

FEWEST = 8
"""Notes a call has at least."""

DISTANCES = ("density", "register", "intervals", "rhythm")


@dataclass(frozen=True)
class Call:
    """A stretch of a solo, and what the soloist played in as many bars after it."""

    solo: Solo
    start: Ticks
    end: Ticks
    until: Ticks
    notes: tuple[Note, ...]
    after: tuple[Note, ...]


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add = parser.add_argument
    add("--corpus", type=Path, nargs="+", required=True, metavar="FILE")
    add("--split", default="valid", help="of the solos that call (valid)")
    add("--bars", type=int, default=4, help="of a call and of an answer (4)")
    add("--follow", type=float, nargs="+", default=[0.0, 0.25, 0.5, 0.75, 1.0])
    add("--seed", type=int, default=0)
    add("--calls", type=int, default=400, help="at most (400)")
    add("--model", type=Path, help="a model folder (the default model)")
    add("--json", type=Path, metavar="OUT", help="write the figures here too")
    options = parser.parse_args()

    weights = model_folder.load(options.model or assets.default_model()).weights
    solos = [s for s in read_corpora(options.corpus) if s.split == options.split]
    calls = [call for solo in solos for call in calls_of(solo, options.bars)]
    Random(options.seed).shuffle(calls)
    calls = calls[: options.calls]
    table = Table(
        f"Answers closer to their own call, {len(calls)} calls of {options.bars} bars "
        f"({options.split})",
        ("follow", "closer", *DISTANCES, "notes a bar"),
    )
    answers = {
        f"{follow:g}": [answer(weights, call, follow, options.seed + i) for i, call in numbered]
        for numbered in [list(enumerate(calls))]
        for follow in options.follow
    }
    answers["human"] = [call.after for call in calls]
    for name, played in answers.items():
        shares = closer(calls, played)
        density = np.mean([len(line) for line in played]) / options.bars
        table.add(
            name,
            f"{100 * shares['all']:.1f} %",
            *(f"{100 * shares[part]:.1f} %" for part in DISTANCES),
            f"{density:.2f}",
        )
    table.show()
    if options.json:
        table.write(options.json)


def calls_of(solo: Solo, bars: int) -> list[Call]:
    """The calls of a solo, one after the other, each followed by room for its answer."""
    found = []
    edges = [bar.start for bar in solo.changes.bars]
    for i in range(0, len(edges) - 2 * bars, bars):
        start, end, until = edges[i], edges[i + bars], edges[i + 2 * bars]
        notes = tuple(n for n in solo.notes if start <= n.onset < end)
        after = tuple(n for n in solo.notes if end <= n.onset < until)
        if len(notes) >= FEWEST and len(after) >= FEWEST:
            found.append(Call(solo, start, end, until, straighten(notes), straighten(after)))
    return found


def answer(weights: Weights, call: Call, follow: float, seed: int) -> tuple[Note, ...]:
    """What the improviser plays after a call."""
    context = Context(call.solo.changes, call.solo.bpm, straight=True)
    improviser = Improviser(weights, context, Taste(seed=seed, follow=follow), call.start)
    for note in call.notes:
        kind = settled_kind(note.pitch, context.changes.chord_at(note.onset))
        improviser.memory.hear(note.pitch, note.onset, kind)
        improviser.memory.released(note.end)
        if follow:
            improviser.hear(note.pitch, note.onset)
            improviser.released(note.end)
    improviser.enter(call.end, Ticks(call.end + (call.until - call.end) // 4))
    return tuple(idea.written.note for idea in improviser.extend(call.until))


def closer(calls: Sequence[Call], answers: Sequence[Sequence[Note]]) -> dict[str, float]:
    """The share of pairs in which the answer is closer to its own call, by all and by each."""
    apart = distances([call.notes for call in calls], [call.notes for call in calls])
    scale = {part: each.mean() for part, each in apart.items()}
    found = distances([call.notes for call in calls], answers)
    found = {part: each / scale[part] for part, each in found.items()}
    found["all"] = np.mean([found[part] for part in DISTANCES], axis=0)
    others = np.array([[a.solo.id != b.solo.id for b in calls] for a in calls])
    shares = {}
    for part, each in found.items():
        own = each.diagonal()[None, :]  # of the answer in each column
        wins = (own < each) + 0.5 * (own == each)
        shares[part] = float(wins[others].mean())
    return shares


def distances(
    calls: Sequence[Sequence[Note]], answers: Sequence[Sequence[Note]]
) -> dict[str, np.ndarray]:
    """The distances of each call (row) and each answer (column)."""
    described = [[describe(line) for line in lines] for lines in (calls, answers)]
    out = {part: np.zeros((len(calls), len(answers))) for part in DISTANCES}
    for i, call in enumerate(described[0]):
        for j, line in enumerate(described[1]):
            out["density"][i, j] = abs(call[0] - line[0])
            out["register"][i, j] = abs(call[1] - line[1])
            out["intervals"][i, j] = 1 - common(call[2], line[2])
            out["rhythm"][i, j] = 1 - common(call[3], line[3])
    return out


Described = tuple[float, float, Counter[object], Counter[object]]


def describe(line: Sequence[Note]) -> Described:
    """The logarithm of the number of notes, the mean pitch, and the two distributions."""
    if not line:
        return 0.0, 64.0, Counter(), Counter()
    pitches = [note.pitch for note in line]
    moves = [b - a for a, b in pairwise(pitches)]
    gaps = [min((b.onset - a.onset) // GRID_TICKS, 48) for a, b in pairwise(line)]
    return float(np.log(len(line))), float(np.mean(pitches)), grams(moves), grams(gaps)


def grams(numbers: Sequence[int]) -> Counter[object]:
    """The shares of the numbers and of the pairs of them, half and half."""
    found: Counter[object] = Counter()
    pairs = list(pairwise(numbers))
    for items in (numbers, pairs):
        for item in items:
            found[item] += 0.5 / len(items)  # type: ignore[assignment]
    return found


def common(one: Counter[object], two: Counter[object]) -> float:
    """The common part of two distributions, 0 to 1."""
    return sum(min(share, two[item]) for item, share in one.items() if item in two)


if __name__ == "__main__":
    main()
