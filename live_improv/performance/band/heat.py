"""Heat: how much the band does, from where in the performance it is."""

from __future__ import annotations

from live_improv.music.changes import Changes
from live_improv.music.timing import Ticks
from live_improv.performance.band.beats import round_ticks

_ROUNDS = (0.4, 0.5, 0.65, 0.75, 0.6)
"""Of each round; what comes after the last one goes on from the second."""

_WITHIN = 0.12
"""By how much it rises over a round."""


def heat_at(changes: Changes, tick: Ticks) -> float:
    """How much is going on at a tick, 0..1: it rises within a round and over the first ones."""
    length = round_ticks(changes)
    number, within = divmod(max(tick, 0), length)
    if number >= len(_ROUNDS):
        number = 1 + (number - 1) % (len(_ROUNDS) - 1)
    return _ROUNDS[number] + _WITHIN * within / length
