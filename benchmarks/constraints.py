"""What each constraint does to the figure it is there for.

    python benchmarks/constraints.py --corpus SOLOS.jsonl.gz [--split valid] [--tunes 15]

The default model plays over the changes of human solos, as long as they are and on their
instrument, with all constraints, without each one of them, and without any. Seeds are the same.

How to read it: `with` and `without` are the figure of the row with all constraints and with all but
this one, `none` without any, `human` that of the solos themselves. `bits` is what the constraint
costs the humans: bits a note by which the net would find their pitches less likely if it was drawn
so; below 0 they are likelier.

    repeats   of 1,000 notes, those that strike a pitch for the fourth time running or more
    leaps     of 1,000 intervals inside phrases, those wider than an octave
    edges     of 100 notes, those less than three semitones from the end of the register
    focus, harmony
              of 100 notes, chord tones
    recall    of 100 groups of four intervals, those that were played in the 100 notes before
    rhythm    of 100 gaps, those as long as the one before
    clashes   of 100 notes of a beat and a half, those that are neither in the chord nor a colour
              of it, or of one that comes while they sound
    breath    the length in seconds of the stretches without a rest that 5 % are longer than
    opening   of 100 solos, those that begin on the first beat
    arc       semitones by which the third quarter is above the first
    steady    notes a bar
    ending    of 100 solos, those that end within a beat of the last downbeat

`quotes` has a benchmark of its own, `quoting.py`.
"""

from __future__ import annotations

import argparse
import os

# Before NumPy is imported, as the command line does.
os.environ.update(
    dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
)

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np
from figures import Table

from live_improv import assets, model_folder
from live_improv.board.ours import perform, range_of, request_for
from live_improv.corpus import Solo, read_corpora
from live_improv.grammar.abstraction import kinds, sounding_steps, straighten
from live_improv.grammar.context import Context, Past
from live_improv.grammar.realization import Register
from live_improv.model import initial_state
from live_improv.model_folder import Model
from live_improv.music.changes import Changes
from live_improv.music.events import Note
from live_improv.music.timing import GRID_TICKS, PPQ, Ticks
from live_improv.performance.constraints import CONSTRAINTS, Constraints
from live_improv.performance.controls import Knobs
from live_improv.performance.taste import Place, Taste, pitch_shape
from live_improv.prediction import Predictor, log_probability

BAR = 4 * PPQ


@dataclass(frozen=True)
class Line:
    """A solo as written."""

    notes: tuple[Note, ...]
    changes: Changes
    bpm: float
    register: Register
    bars: int

    def phrases(self) -> list[list[Note]]:
        """Its stretches without a rest."""
        found: list[list[Note]] = [[]]
        for note, after in pairwise(self.notes):
            found[-1].append(note)
            gap = (after.onset - note.onset) // GRID_TICKS
            if sounding_steps(note, gap) < gap:
                found.append([])
        found[-1].append(self.notes[-1])
        return found


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add = parser.add_argument
    add("--corpus", type=Path, nargs="+", required=True, metavar="FILE")
    add("--split", default="valid", help="of the solos whose changes are played over (valid)")
    add("--tunes", type=int, default=15, help="at most (15)")
    add("--temperature", type=float, default=1.0)
    add("--model", type=Path, help="a model folder (the default model)")
    add("--json", type=Path, metavar="OUT", help="write the figures here too")
    options = parser.parse_args()
    model = model_folder.load(options.model or assets.default_model())
    solos = [
        replace(solo, notes=straighten(solo.notes))
        for solo in read_corpora(options.corpus)
        if solo.split == options.split
        and all(bar.meter.bar_ticks == BAR for bar in solo.changes.bars)
    ][:: max(1, 45 // options.tunes)][: options.tunes]
    knobs = Knobs(temperature=options.temperature)

    def played(held: Constraints) -> list[Line]:
        return [_play(solo, held, knobs, seed, model) for seed, solo in enumerate(solos)]

    humans = [_human(solo) for solo in solos]
    everything, nothing = Constraints(), Constraints().without(["all"])
    full, bare = played(everything), played(nothing)
    columns = ("constraint", "with", "without", "none", "human", "bits")
    table = Table(f"Constraints, {len(solos)} tunes, {model.name}", columns, digits=2)
    for name in FIGURES:
        figure, held = FIGURES[name], everything.without([name])
        three = [figure(lines) for lines in (full, played(held), bare)]
        bits = _bits(solos, name, model) if name in _OF_PITCH else "-"
        table.add(name, *three, figure(humans), bits)
    table.show()
    if options.json:
        table.write(options.json)


def _play(solo: Solo, held: Constraints, knobs: Knobs, seed: int, model: Model) -> Line:
    bars = len(solo.changes.bars)
    request = replace(request_for(solo, bars, seed), constraints=held, knobs=knobs)
    notes = perform(request, model).written
    return Line(notes, solo.changes, solo.bpm, range_of(solo), bars)


def _human(solo: Solo) -> Line:
    return Line(solo.notes, solo.changes, solo.bpm, range_of(solo), len(solo.changes.bars))


def _repeats(lines: Sequence[Line]) -> float:
    runs = [
        len(list(run)) for line in lines for _, run in groupby(line.notes, lambda note: note.pitch)
    ]
    return 1000 * sum(max(run - 3, 0) for run in runs) / sum(runs)


def _leaps(lines: Sequence[Line]) -> float:
    moves = [
        abs(b.pitch - a.pitch)
        for line in lines
        for phrase in line.phrases()
        for a, b in pairwise(phrase)
    ]
    return 1000 * sum(move > 12 for move in moves) / len(moves)


def _edges(lines: Sequence[Line]) -> float:
    near = [
        min(note.pitch - line.register.low, line.register.high - note.pitch) < 3
        for line in lines
        for note in line.notes
    ]
    return 100 * float(np.mean(near))


def _focus(lines: Sequence[Line]) -> float:
    inside = [
        note.pitch % 12 in line.changes.chord_at(note.onset).chord_tones
        for line in lines
        for note in line.notes
        if line.changes.chord_at(note.onset).root is not None
    ]
    return 100 * float(np.mean(inside))


def _clashes(lines: Sequence[Line]) -> float:
    found = []
    for line in lines:
        for note in line.notes:
            if note.length < BAR * 3 // 8:
                continue
            chords = {
                line.changes.chord_at(Ticks(tick)) for tick in range(note.onset, note.end, PPQ // 2)
            }
            named = [chord for chord in chords if chord.root is not None]
            if named:
                found.append(
                    any(note.pitch % 12 not in c.chord_tones | c.colour_tones for c in named)
                )
    return 100 * float(np.mean(found))


def _breath(lines: Sequence[Line]) -> float:
    stretches = [
        (phrase[-1].end - phrase[0].onset) / PPQ * 60 / line.bpm
        for line in lines
        for phrase in line.phrases()
    ]
    return float(np.quantile(stretches, 0.95))


def _opening(lines: Sequence[Line]) -> float:
    return 100 * float(np.mean([line.notes[0].onset == 0 for line in lines]))


def _arc(lines: Sequence[Line]) -> float:
    rises = []
    for line in lines:
        parts: list[list[int]] = [[] for _ in range(4)]
        for note in line.notes:
            parts[min(4 * note.onset // (line.bars * BAR), 3)].append(note.pitch)
        if line.bars >= 24 and parts[0] and parts[2]:
            rises.append(np.mean(parts[2]) - np.mean(parts[0]))
    return float(np.mean(rises)) if rises else float("nan")


def _steady(lines: Sequence[Line]) -> float:
    return sum(len(line.notes) for line in lines) / sum(line.bars for line in lines)


def _ending(lines: Sequence[Line]) -> float:
    downbeats = [(line.bars - 1) * BAR for line in lines]
    off = [line.notes[-1].onset - at for line, at in zip(lines, downbeats, strict=True)]
    return 100 * float(np.mean([-PPQ <= each < PPQ for each in off]))


def _recall(lines: Sequence[Line]) -> float:
    found = groups = 0
    for line in lines:
        moves = [b.pitch - a.pitch for a, b in pairwise(line.notes)]
        fours = list(zip(moves, moves[1:], moves[2:], moves[3:], strict=False))
        found += sum(four in fours[max(i - 96, 0) : i] for i, four in enumerate(fours))
        groups += len(fours)
    return 100 * found / groups


def _rhythm(lines: Sequence[Line]) -> float:
    same = []
    for line in lines:
        gaps = [b.onset - a.onset for a, b in pairwise(line.notes)]
        same += [a == b for a, b in pairwise(gaps)]
    return 100 * float(np.mean(same))


FIGURES: dict[str, Callable[[Sequence[Line]], float]] = {
    "repeats": _repeats,
    "leaps": _leaps,
    "edges": _edges,
    "focus": _focus,
    "harmony": _focus,
    "recall": _recall,
    "rhythm": _rhythm,
    "clashes": _clashes,
    "breath": _breath,
    "opening": _opening,
    "arc": _arc,
    "steady": _steady,
    "ending": _ending,
}

_OF_PITCH = ("repeats", "leaps", "edges", "focus", "harmony")


def _bits(solos: Sequence[Solo], name: str, model: Model) -> float:
    """What it costs humans, bits a note."""
    free = Constraints().without(["all"])
    held = replace(free, **{name: CONSTRAINTS[name].strength})
    costs = []
    for solo in solos:
        register = Register()
        predictor = Predictor(model.weights, Context(solo.changes, solo.bpm, straight=True))
        taste = Taste(range_of(solo), constraints=held)
        state, past = initial_state(model.weights), Past()
        low, high = taste.register.low, taste.register.high
        followed = zip(solo.notes, kinds(solo.notes, solo.changes), strict=True)
        for (note, kind), (after, _) in pairwise(followed):
            logits, state = predictor.step(state, note.onset, past)
            if past.pitches and low <= note.pitch <= high:
                place = Place(note.onset, solo.changes, begins=past.phrase == 0)
                odds = predictor.pitch_logits(logits, note.onset, past, register)[low : high + 1]
                bent = odds / np.float32(taste.pitch_temperature)
                bent = bent + pitch_shape(taste, past.pitches, place)
                index = note.pitch - low
                costs.append(log_probability(odds, index) - log_probability(bent, index))
            gap = (after.onset - note.onset) // GRID_TICKS
            past = past.then(note.pitch, kind, gap, rested=sounding_steps(note, gap) < gap)
    return float(np.mean([cost for cost in costs if np.isfinite(cost)])) / float(np.log(2))


if __name__ == "__main__":
    main()
