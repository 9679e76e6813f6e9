"""Whether a net in somebody's manner plays as they do.

    python benchmarks/manner.py --corpus SOLOS.jsonl.gz [--model DIR] [--manners "A,B"] [--seeds 2]

Two tables. The first is what the net knows: bits per note on the `valid` solos of each player and
style, told their own manner, told none, and told another of the same kind (the mean over those
that are nearest in the list before and after). The second is what is heard: the program plays over
the changes of a manner's own solos, at their tempos and on their instruments, in that manner and in
none, and both are put beside those solos.

    notes     a bar, silent bars too
    chord     the share of chord tones
    pitch     the mean, as a MIDI note
    steps     the share of intervals of one or two semitones
    phrase    the median of notes a phrase
    rest      between phrases, the median, in beats
    fast      the share of gaps of less than half a beat

How to read it: `nearer` is how much of the way from no manner to theirs the manner goes: of the
distance that the figures have from theirs, each in standard deviations of all the solos of the
corpus, the part that is gone. Where ours is near them without a manner, it says little. The last
rows are the correlation of a figure of ours with theirs, over the manners.
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
from dataclasses import replace
from pathlib import Path

import numpy as np
from figures import Table

from live_improv import assets, model_folder
from live_improv.board.ours import perform, request_for
from live_improv.corpus import Solo, read_corpora
from live_improv.evaluation.bits import note_costs
from live_improv.evaluation.harmony import HARMONY
from live_improv.evaluation.lines import Line, line_of, written
from live_improv.evaluation.phrasing import PHRASING
from live_improv.model_folder import Model
from live_improv.music.timing import GRID_PER_BEAT

FIGURES = ("notes", "chord", "pitch", "steps", "phrase", "rest", "fast")


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add = parser.add_argument
    add("--corpus", type=Path, nargs="+", required=True, metavar="FILE")
    add("--model", type=Path, help="a model folder (the default model)")
    add("--manners", metavar="NAMES", help="with commas between (all that the model has)")
    add("--solos", type=int, default=6, help="of each manner that are played over (6)")
    add("--seeds", type=int, default=1, help="takes over each (1)")
    add("--without-bits", action="store_true", help="only what is heard")
    add("--json", type=Path, metavar="OUT", help="write the figures here too")
    options = parser.parse_args()

    model = model_folder.load(options.model or assets.default_model())
    asked = [each.strip() for each in (options.manners or ",".join(model.manners)).split(",")]
    names = [model.manner(each) for each in asked]
    solos = read_corpora(options.corpus)
    if not options.without_bits:
        known(model, solos, names).show()
    table = heard(model, solos, names, options.solos, options.seeds)
    table.show()
    if options.json:
        table.write(options.json)


def known(model: Model, solos: Sequence[Solo], names: Sequence[str]) -> Table:
    """Bits per note on the `valid` solos, by manner."""
    table = Table(
        f"Bits per note on valid solos, {model.name}",
        ("manner", "solos", "notes", "own", "none", "another", "own - none", "another - none"),
    )
    held = [solo for solo in solos if solo.split == "valid"]
    totals: dict[str, list[np.ndarray]] = {}
    counts: Counter[str] = Counter()
    for name in names:
        kind, theirs = _kind(solos, name)
        own = [solo for solo in held if solo in theirs]
        if not own:
            continue
        others = _others(solos, model, name)
        rows = np.concatenate([_costs(model, solo, [name, None, *others]) for solo in own])
        found = np.stack([rows[:, 0], rows[:, 1], rows[:, 2:].mean(1)], axis=1)
        totals.setdefault(kind, []).append(found)
        counts[kind] += len(own)
        _bits_row(table, name, len(own), found)
    for kind, parts in totals.items():
        _bits_row(table, f"every {kind}", counts[kind], np.concatenate(parts))
    return table


def _bits_row(table: Table, name: str, count: int, found: np.ndarray) -> None:
    own, none, other = found.mean(0).tolist()
    table.add(name, count, len(found), own, none, other, own - none, other - none)


def _costs(model: Model, solo: Solo, names: Sequence[str | None]) -> np.ndarray:
    """The bits of each note but the first, told each of these manners, `(notes, names)`."""
    numbers = [None if name is None else model.manners.index(name) for name in names]
    return np.stack(
        [np.sum(note_costs(model.weights, solo, number), axis=1) for number in numbers], axis=1
    )


def _kind(solos: Sequence[Solo], name: str) -> tuple[str, list[Solo]]:
    """Whether a manner is a performer's or a style, and the solos that are in it."""
    for kind in ("performer", "style"):
        theirs = [solo for solo in solos if getattr(solo, kind) == name]
        if theirs:
            return kind, theirs
    raise SystemExit(f"no solos of {name} in the corpus")


def _others(solos: Sequence[Solo], model: Model, name: str) -> list[str]:
    """Two other manners of the same kind."""
    players = {solo.performer for solo in solos}
    same = [each for each in model.manners if (each in players) == (name in players)]
    at = same.index(name)
    return [same[at - 1], same[(at + 1) % len(same)]]


def heard(
    model: Model, solos: Sequence[Solo], names: Sequence[str], most: int, seeds: int
) -> Table:
    """What is played in each manner and in none, beside their own solos."""
    table = Table(
        f"Their own solos, ours in their manner, ours in none, {model.name}",
        ("manner", "who", *FIGURES, "nearer"),
        digits=2,
    )
    lines = [line_of(solo) for solo in solos]
    spread = np.nanstd([_figures([line]) for line in lines if len(line.notes) > 30], axis=0)
    far = np.zeros(2)
    found = []
    for name in names:
        theirs = [solo for solo in _kind(solos, name)[1] if line_of(solo).in_four]
        # Spread over the list, in which a player's stand together.
        chosen = theirs[:: max(len(theirs) // most, 1)][:most]
        own = _figures([line_of(solo) for solo in chosen])
        told = _figures([_ours(model, solo, name, s) for solo in chosen for s in range(seeds)])
        untold = _figures([_ours(model, solo, None, s) for solo in chosen for s in range(seeds)])
        apart, left = (np.abs(each - own) / spread for each in (untold, told))
        nearer = 1.0 - left.mean() / apart.mean()
        far += left.mean(), apart.mean()
        found.append((own, told, untold))
        for who, figures in (("theirs", own), ("in manner", told), ("in none", untold)):
            label = name if who == "theirs" else ""
            way = f"{100 * nearer:.0f} %" if who == "in manner" else ""
            table.add(label, who, *figures.tolist(), way)
    if len(found) > 2:
        own, *ours = np.moveaxis(np.array(found), 1, 0)
        for who, figures in zip(("in manner", "in none"), ours, strict=True):
            alike = [np.corrcoef(figures[:, i], own[:, i])[0, 1] for i in range(len(FIGURES))]
            table.add("correlation", who, *map(float, alike), "")
    table.notes.append(f"nearer, all of these together: {100 * (1 - far[0] / far[1]):.0f} %")
    return table


def _ours(model: Model, solo: Solo, manner: str | None, seed: int) -> Line:
    """What the program plays over a solo's changes, at its tempo, on its instrument."""
    bars = len(solo.changes.bars)
    request = replace(request_for(solo, bars, seed), manner=manner)
    notes = written(perform(request, model).written)
    return Line(solo.id, notes, solo.changes, solo.bpm, solo.title, bars)


def _figures(lines: Sequence[Line]) -> np.ndarray:
    """`FIGURES` of all the lines together."""
    chord = HARMONY.figures(HARMONY.counts(lines).sum(0))[0]
    phrase, rest, notes = PHRASING.figures(PHRASING.counts(lines).sum(0))
    pitches = np.concatenate([line.pitches() for line in lines])
    intervals = np.abs(np.concatenate([np.diff(line.pitches()) for line in lines]))
    gaps = np.concatenate([np.diff(line.onsets()) for line in lines])
    steps, fast = ((intervals == 1) | (intervals == 2)).mean(), (gaps < GRID_PER_BEAT // 2).mean()
    return np.array([notes, chord, pitches.mean(), steps, phrase, rest, fast])


if __name__ == "__main__":
    main()
