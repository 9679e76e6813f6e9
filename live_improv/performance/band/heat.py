"""Heat: how much the band does, from where in the performance it is."""

from __future__ import annotations

from live_improv.music.changes import Changes
from live_improv.music.timing import Ticks

_CHORUSES = (0.4, 0.5, 0.65, 0.75, 0.6)
"""Of each chorus; what comes after the last one goes round from the second."""

_WITHIN = 0.12
"""By how much it rises over a chorus."""


def heat_at(changes: Changes, tick: Ticks) -> float:
    """How much is going on at a tick, 0..1: it rises within a chorus and over the first ones."""
    chorus = max(changes.chorus_of(tick), 0)
    if chorus >= len(_CHORUSES):
        chorus = 1 + (chorus - 1) % (len(_CHORUSES) - 1)
    return _CHORUSES[chorus] + _WITHIN * (tick % changes.length) / changes.length
