"""How solos are played, so that what was played can be written: the figures for `RhythmReader`.

They stand beside this module, in `rhythm.json`: how often which pattern of a beat follows which at
which tempo, and how late the notes of each come, counted in the `train` solos of the Weimar Jazz
Database (jazzomat.hfm-weimar.de, ODbL 1.0) by `benchmarks/import_rhythm.py`. Of 338 patterns the
79 are kept that occur twenty times. On the `valid` solos 80.9 % of the notes are read as they are
notated there; with the nearest place of the grid it is 42 %.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np

from live_improv.evaluation.beat_patterns import BeatPatterns, Manner
from live_improv.evaluation.played_rhythm import RhythmReader
from live_improv.evaluation.witten_bell import WittenBell
from live_improv.music.timing import GRID_PER_BEAT

FIGURES = Path(__file__).with_name("rhythm.json")


@cache
def rhythm_reader() -> RhythmReader:
    """A reader that knows how people play."""
    figures = json.loads(FIGURES.read_text("utf-8"))
    patterns = tuple(figures["patterns"])
    counted = np.array(figures["following"], np.int64)  # (rows, tempo before after count)
    rows = np.repeat(counted[:, :3], counted[:, 3], axis=0)
    late, spread = np.zeros((len(patterns), GRID_PER_BEAT)), np.ones((len(patterns), GRID_PER_BEAT))
    for pattern, step, how_late, how_far in figures["places"]:
        late[pattern, step], spread[pattern, step] = how_late, how_far
    return RhythmReader(
        BeatPatterns(
            patterns,
            WittenBell.learn(rows[:, :2], rows[:, 2], len(patterns)),
            late,
            spread,
            tuple(Manner(lag, swing) for lag, swing in figures["usual"]),
        )
    )
