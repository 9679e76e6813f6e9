"""The cap on quoting: no run of more than so many notes that stand in what was learned from.

People quote as well, themselves and others. Of the stretches of 16 bars of solos that nothing was
learned from, half share 8 notes in a row with what was, five of 100 share more than 11, and one of
100 more than 16, intervals and rhythm alike.
"""

from __future__ import annotations

import numpy as np

from live_improv.grammar.context import Past
from live_improv.grammar.quoting import Quotes
from live_improv.grammar.realization import Register
from live_improv.grammar.values import settled_kind
from live_improv.model import Array
from live_improv.music.chords import Chord
from live_improv.music.timing import GRID_TICKS, Ticks


def unquoted(
    odds: Array,
    quotes: Quotes,
    most: int,
    past: Past,
    tick: Ticks,
    register: Register,
    chord: Chord,
) -> Array:
    """The logits of the register's pitches without those that make a run too long.

    A tone outside the scale goes one note earlier: if it is to resolve, its resolution could not
    be taken out. Where nothing else is possible, because a promise or a narrow register wants it,
    the run goes on.

    Args:
        odds: of the pitches, lowest first.
        quotes: what was learned from.
        most: how many notes a run may have.
        past: the line so far, whoever played it.
        tick: of the note that is chosen.
        chord: at that tick.
    """
    step = tick // GRID_TICKS
    run = quotes.run(past.history, step, most)
    if run < most - 1:
        return odds
    pitches = range(register.low, register.high + 1)
    taken = quotes.lengthens(past.history, step, pitches)
    if run < most:
        taken &= [settled_kind(pitch, chord) is None for pitch in pitches]
    left: Array = np.where(taken, np.float32(-np.inf), odds)
    return left if np.isfinite(left.max()) else odds
