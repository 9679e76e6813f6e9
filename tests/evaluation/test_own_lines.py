"""Lines of a net's own: they are what the net finds likely, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from live_improv import assets, model_folder
from live_improv.charts.reading import read_chart
from live_improv.evaluation.bits import bits_per_note
from live_improv.evaluation.own_lines import own_line
from live_improv.grammar.context import LONGEST_GAP
from tests.small_nets import random_weights


def test_a_line_has_its_notes_on_the_grid_and_comes_again() -> None:
    weights, changes = random_weights(3), read_chart("blues_in_f")
    line = own_line(weights, changes, 60, 7, "valid")
    assert len(line.notes) == 60
    assert (line.split, line.changes, line.bpm) == ("valid", changes, changes.tempo)
    assert line.notes[0].onset == 0
    gaps = np.diff([note.onset for note in line.notes])
    assert ((gaps % 40 == 0) & (gaps > 0) & (gaps <= 40 * LONGEST_GAP)).all()
    # No note sounds into the next one.
    assert all(note.length <= gap for note, gap in zip(line.notes, gaps, strict=False))
    assert own_line(weights, changes, 60, 7, "valid") == line
    assert own_line(weights, changes, 60, 8, "valid") != line


def test_a_net_knows_its_own_lines_better_than_another_net_does() -> None:
    ours = model_folder.load(assets.default_model()).weights
    other = replace(
        ours, arrays={**ours.arrays, "experts_bias": ours.arrays["experts_bias"][::-1].copy()}
    )
    lines = [
        own_line(ours, read_chart(name), 150, seed, "valid")
        for seed, name in enumerate(("blues_in_f", "bossa"))
    ]
    assert bits_per_note(ours, lines).total < bits_per_note(other, lines).total - 0.05
    # Its lines are typical: neither the likeliest nor made at random.
    assert 3.5 < bits_per_note(ours, lines).total < 7.5
