"""Count the figures that `importing/midi_rhythm.py` reads played notes by, and say what they do.

    python benchmarks/import_rhythm.py CORPUS [--out live_improv/importing/rhythm.json]

Learns from the split `train` and prints, for `valid`, the share of notes that are read where they
are notated, swung pairs even.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from live_improv.corpus import Solo, read_corpus
from live_improv.evaluation import beat_patterns
from live_improv.evaluation.beat_patterns import beats_of, learn_patterns, steps_of
from live_improv.evaluation.played_rhythm import RhythmReader
from live_improv.grammar.abstraction import straighten
from live_improv.importing.midi_rhythm import rhythm_reader
from live_improv.music.events import Note
from live_improv.music.timing import GRID_TICKS

LEAST = 20
"""Times that a pattern has to occur."""


def figures(solos: Sequence[Solo], least: int = LEAST) -> dict[str, object]:
    """What is written to the file."""
    learned = learn_patterns(solos)
    counts: Counter[int] = Counter()
    rows = []
    for solo in solos:
        beats = beats_of(np.array([note.onset // GRID_TICKS for note in straighten(solo.notes)]))
        row = [0] * int(beats.beats[-1] - beats.beats[0] + 1)
        for beat, pattern in zip(beats.beats.tolist(), beats.patterns.tolist(), strict=True):
            row[beat - int(beats.beats[0])] = pattern
        counts.update(row)
        rows.append((beat_patterns._tempo(solo.bpm), row))
    smallest = {sum(1 << i * 12 // n for i in range(n)) for n in range(13)}
    kept = [p for p in learned.patterns if counts[p] >= least or p in smallest]
    index = {pattern: i for i, pattern in enumerate(kept)}
    following: Counter[tuple[int, int, int]] = Counter()
    for tempo, row in rows:
        for before, pattern in zip((0, *row), row, strict=False):
            if pattern in index:
                following[tempo, index.get(before, 0), index[pattern]] += 1
    place = {pattern: i for i, pattern in enumerate(learned.patterns)}
    return {
        "from": "Weimar Jazz Database, ODbL 1.0, split train",
        "patterns": kept,
        "following": [[*key, count] for key, count in sorted(following.items())],
        "places": [
            [
                index[p],
                step,
                round(float(learned.late[place[p], step]), 2),
                round(float(learned.spread[place[p], step]), 2),
            ]
            for p in kept
            for step in steps_of(p)
        ],
        "usual": [[round(each.lag, 3), round(each.swing, 3)] for each in learned.usual],
    }


def read_right(solos: Sequence[Solo], reader: RhythmReader) -> tuple[int, int]:
    """How many notes are read where they are notated, and how many there are."""
    right = all_notes = 0
    for solo in solos:
        pairs = [(p, n) for p, n in zip(solo.played, straighten(solo.notes), strict=True) if p]
        played = [Note(p.onset, p.length, n.pitch) for p, n in pairs]
        want = {(n.onset, n.pitch) for _, n in pairs}
        right += len(want & {(n.onset, n.pitch) for n in reader.read(played, solo.bpm).notes})
        all_notes += len(want)
    return right, all_notes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    solos = list(read_corpus(options.corpus))
    if options.out is not None:
        found = figures([solo for solo in solos if solo.split == "train"])
        options.out.write_text(json.dumps(found, separators=(",", ":")) + "\n", "utf-8")
    valid = [solo for solo in solos if solo.split == "valid" and any(solo.played)]
    right, count = read_right(valid, rhythm_reader())
    print(f"{right} of {count} notes are read where they are notated: {right / count:.1%}")


if __name__ == "__main__":
    main()
