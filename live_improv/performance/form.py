"""Form: the plan of a performance.

A net that plays one note after the other neither begins nor goes anywhere. A plan says where
density and register are to lie at each tick: an arc over a performance whose end is known, one
after another where there is none. What keeps the line to it is in `course`, how it begins and ends
in `edges`.

Figures are from 336 solos in 4/4, the `train` split of the Weimar Jazz Database. Shapes are sums of
Legendre's first two polynomials over a performance, -1 at its beginning and 1 at its end: a slope
and a curve, which is negative where the middle is higher than the ends.

| over tenths of a solo | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
|---|---|---|---|---|---|---|---|---|---|---|
| notes a bar, to its mean | .91 | .99 | .97 | 1.02 | 1.00 | 1.05 | 1.01 | 1.02 | 1.02 | 1.07 |
| mean pitch, semitones | -.8 | -.9 | -.2 | .0 | .2 | .9 | .7 | .6 | .4 | -.4 |
| highest pitch over the mean | 7.3 | 8.1 | 9.0 | 9.4 | 9.5 | 9.9 | 9.9 | 10.0 | 9.7 | 9.0 |

Conventions
    Density is in octaves (1 is twice as many notes), register in semitones. Beats are quarters.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import log2

from live_improv.music.timing import PPQ, Ticks
from live_improv.performance.chance import stream

HUMAN_DENSITY = (4.856, -0.571)
"""The logarithm to base 2 of the notes a beat: the first number, and the second times that of the
tempo in quarters a minute. 1.7 notes a beat at 140, 1.3 at 220, 2.5 at 70."""

_TEMPI = (50.0, 320.0)  # where that was measured

OWN_DENSITY, OWN_REGISTER = 0.3, 1.0
"""How far apart performances are meant to be, as standard deviations: humans differ by 0.37 from
what their tempo says, and by 2.0 from what is usual on their instrument; the net does by 0.3 and
1.9 when nothing is asked of it."""

MIDDLE = 0.48
"""Where in an instrument's range the mean of a solo lies: 0.46 to 0.51 for trumpet, alto, tenor."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How arcs are drawn: the mean and the standard deviation of a slope and of a curve."""

    slope: tuple[float, float]
    curve: tuple[float, float]

    def at(self, place: float, slope: float, curve: float) -> float:
        """Its height at a place from -1 to 1, where it is so many deviations from its means."""
        first, second = place, 1.5 * place * place - 0.5
        (usual, spread), (curved, bent) = self.slope, self.curve
        return (usual + spread * slope) * first + (curved + bent * curve) * second


SHORT, LONG, ROUND = 24 * 4, 64 * 4, (64 * 4, 128 * 4)
"""Beats: a performance that is shorter has no arc; from here on it has a long one's; where there
is no end an arc is as many choruses as reach a length between these."""

DENSITY = Shape((0.04, 0.15), (-0.06, 0.12))
"""Humans in more than 64 bars: slope 0.08, half of it asked for (what is played for long should not
grow denser and denser), and curve -0.09. They differ by 0.22 and 0.24, the net alone by as much."""

REGISTER_SHORT = Shape((0.4, 1.0), (-0.8, 1.0))
REGISTER_LONG = Shape((0.85, 1.0), (-1.15, 1.0))
"""Humans differ by 1.8 and 1.9, the net alone by 2.0 and 2.5, with means of 0."""


@dataclass(frozen=True, slots=True)
class Aim:
    """Where a line is to lie: density in octaves, register in semitones, both as offsets."""

    density: float = 0.0
    register: float = 0.0

    def plus(self, other: Aim) -> Aim:
        """Both offsets together."""
        return Aim(self.density + other.density, self.register + other.register)

    def times(self, share: float) -> Aim:
        """So much of it."""
        return Aim(self.density * share, self.register * share)


@dataclass(frozen=True, slots=True)
class Form:
    """The plan of one performance; the same for the same values.

    Attributes:
        seed: another one, another plan.
        begin: its first tick.
        end: the first tick after it; None where there is none.
        chorus: ticks of a chorus.
    """

    seed: int
    begin: Ticks
    end: Ticks | None
    chorus: Ticks

    def own(self) -> Aim:
        """What this performance as a whole is to be, apart from the usual."""
        density, register = _draws(self.seed, -1)[:2]
        return Aim(OWN_DENSITY * density, OWN_REGISTER * register)

    def at(self, tick: Ticks) -> Aim:
        """Where the arc is at `tick`, apart from `own`."""
        since = tick - self.begin
        if self.end is not None:
            length = self.end - self.begin
            if length < SHORT * PPQ:
                return Aim()
            register = REGISTER_SHORT if length < LONG * PPQ else REGISTER_LONG
            return self._arc(0, since / length, DENSITY, register)
        low, high = ROUND
        beats = low + (high - low) * _draws(self.seed, -2)[-1]
        length = max(round(beats * PPQ / self.chorus), 1) * self.chorus
        number, within = divmod(max(since, 0), length)
        # Built up and released: an arc ends where the next one begins.
        return self._arc(number, within / length, _level(DENSITY), _level(REGISTER_LONG))

    def _arc(self, number: int, share: float, density: Shape, register: Shape) -> Aim:
        a, b, c, d, _ = _draws(self.seed, number)
        place = 2.0 * min(max(share, 0.0), 1.0) - 1.0
        return Aim(density.at(place, a, b), register.at(place, c, d))


@lru_cache(maxsize=16)
def _draws(seed: int, number: int) -> tuple[float, ...]:
    """What chance has for an arc: four numbers of mean 0 and deviation 1, and one from 0 to 1."""
    chance = stream(seed, "form", Ticks(number))
    return (*(chance.gauss() for _ in range(4)), chance.random())


def _level(shape: Shape) -> Shape:
    return Shape((0.0, 0.0), shape.curve)


def human_density(bpm: float) -> float:
    """Notes a beat in human solos at a tempo, rests included."""
    low, high = _TEMPI
    constant, factor = HUMAN_DENSITY
    return float(2.0 ** (constant + factor * log2(min(max(bpm, low), high))))
