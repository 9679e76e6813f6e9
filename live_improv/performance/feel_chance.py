"""What chance says of how the notes of a line are played, and how it drifts.

People are not even, and not random from note to note either: late, loud and short come in
stretches. So of what is drawn a part belongs to the note alone, and a part to a place from where it
goes evenly to the next such place. Everything is keyed by seed and tick: a note alone, or planned
again, draws what it drew before.
"""

from __future__ import annotations

from functools import lru_cache
from math import erf, hypot, sqrt

from live_improv.music.timing import PPQ, Ticks
from live_improv.performance.chance import stream
from live_improv.performance.feel_tables import ARTICULATION, LOUDNESS, SWING, Figure

TIME = "TIME"
_PARTS = (TIME, SWING.name, ARTICULATION.name, LOUDNESS.name)
"""What is drawn for each note, and for each place between which something drifts, in order."""

_NEAR, _FAR = PPQ, 16 * PPQ
"""How far apart the places are that the `near` and the `far` of a figure drift between."""


@lru_cache(maxsize=64)  # neighbouring notes ask for the same places
def _draws(seed: int, every: int, tick: Ticks) -> tuple[float, ...]:
    """What is drawn for each of `_PARTS` at a tick, anew at each `every` ticks."""
    draws = stream(seed, f"feel/{every}" if every else "feel", tick)
    return tuple(draws.gauss(0.0, 1.0) for _ in _PARTS)


class FeelChance:
    """What chance says of the notes of a line, each number of a normal distribution of width 1.

    Args:
        seed: of the performance.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def own(self, part: str, tick: Ticks, every: int = 0) -> float:
        """What is drawn for one part at a tick; apart from that what drifts is, by its `every`."""
        return _draws(self._seed, every, tick)[_PARTS.index(part)]

    def drift(self, part: str, tick: Ticks, every: int) -> float:
        """What is drawn anew at each `every` ticks and goes evenly from there to there."""
        at, past = divmod(tick, every)
        share = past / every
        here, there = (self.own(part, Ticks(each * every), every) for each in (at, at + 1))
        return (here * (1 - share) + there * share) / hypot(1 - share, share)

    def left_over(self, figure: Figure, tick: Ticks) -> float:
        """What no fact explains of a figure; part of it drifts."""
        drawn = sqrt(1.0 - figure.near - figure.far) * self.own(figure.name, tick)
        for share, every in ((figure.near, _NEAR), (figure.far, _FAR)):
            if share:
                drawn += sqrt(share) * self.drift(figure.name, tick, every)
        return figure.left_over(share_below(drawn))


def share_below(normal: float) -> float:
    """Of a normal distribution of width 1 the share that lies below a number."""
    return 0.5 * (1.0 + erf(normal / sqrt(2.0)))
