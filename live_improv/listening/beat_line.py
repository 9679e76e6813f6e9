"""A robust straight line through the pulses of a clock: which pulse is when.

A pulse is late by what the cable, the bus and the sender's audio buffer add, by a different amount
each time; the steady clock behind it is a line. It is fitted by least squares through the last
`WINDOW` pulses, which is several times as exact as an average of intervals
(`benchmarks/clock.py`). So that nothing fools it

    what is usual is measured: how far from the line nine tenths of the last pulses were. One rule
    then serves a good clock and one that comes in the steps of an audio buffer;
    an outlier, far beyond what is usual, counts for nothing, the line's own opinion stands in
    its place;
    a row of outliers on one side is an answer. If they run away from the line, the tempo has
    changed, and the line begins anew with them. If they stay beside it, the clock has slipped and
    kept its tempo. If they stay a whole number of pulses beside it, pulses were lost;
    pulses that lean to one side without being outliers tell of a tempo that moves slowly, and
    the line keeps the last of them only.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Sequence
from itertools import count, takewhile
from operator import mul

from live_improv.music.timing import MAX_BPM, MIN_BPM, Seconds

PULSES_PER_QUARTER = 24
SHORTEST = 60.0 / (MAX_BPM * PULSES_PER_QUARTER)
LONGEST = 60.0 / (MIN_BPM * PULSES_PER_QUARTER)
"""Seconds from pulse to pulse at the fastest and at the slowest tempo."""

WINDOW = 96
"""How many pulses the line is fitted to at most: four quarters."""

# The figures below were chosen on simulated clocks: jitter, spikes, and buffers of 512 frames at
# tempi from 60 to 240, with steps of tempo and ritardandi.

_FEWEST = 3  # pulses that make a tempo
_SETTLED = 24  # pulses after which nothing more is taken back of what is usual
_KNOWN = 16  # pulses after which it is known at all
_USUAL = 0.9  # the share of pulses that is usual; outliers may be nearly all the others
_FLOOR = 0.001  # seconds from the line that never make an outlier

_BEYOND = 1.8
"""An outlier is this many times the usual distance away; 1.5 to 2.1 do about as well."""

_LEAN = 0.75
"""The pulses lean if their mean distance is this share of an outlier's."""

_ONE_SIDED = 32
"""They lean as well if so many in a row are on one side. Buffers of 512 frames at 240 quarters a
minute do so by themselves: 24 is too few for them."""

_STRAIGHT = 0.17
"""Pulses are on a line if the last of them are, on average, off it by this share at most; 0.1 to
0.3 do about as well."""

_ROW = 4  # outliers in a row on one side that are an answer
_SLIP_ROW = 8  # how many are needed for a slip, where being late costs nothing

_STEP = 1.75
"""A slip of so many times an outlier's distance is one of the sender's steps and belongs to it."""

_LEAST_LOST = 3
"""How many pulses can be lost; the delay of fewer is taken for a slip."""

_PRIOR = 143.0
"""The weight of a former tempo: that of twelve pulses, whose sum of squares this is."""


class BeatLine:
    """The line, fed with one pulse after another.

    Attributes:
        index: the number of the last pulse; lost pulses are counted as well.
        interval: seconds from pulse to pulse, `SHORTEST` to `LONGEST`; None until it is known.
    """

    def __init__(self) -> None:
        self.index = -1
        self.interval: float | None = None
        # The line goes through `_mean` seconds at the pulse number `_centre`.
        self._mean = 0.0
        self._centre = 0.0
        self._prior: float | None = None
        # The last pulses as the line takes them, as they came, and how late each was by the line
        # before it: the last of all three is the pulse `index`.
        self._times: deque[float] = deque(maxlen=WINDOW)
        self._heard: deque[float] = deque(maxlen=WINDOW)
        self._errors: deque[float] = deque(maxlen=WINDOW)
        self._row = 0  # outliers on one side up to the last pulse
        self._began = 0  # the pulse at which the line last began anew
        self._slip: tuple[int, float] | None = None  # the pulse of the last slip, and how far
        # How far from the line the last pulses were, in their order and by size.
        self._distances: deque[float] = deque()
        self._by_size: list[float] = []

    def at(self, index: int) -> Seconds:
        """When the pulse of that number is, was or will be, once the interval is known."""
        assert self.interval is not None
        return Seconds(self._mean + (index - self._centre) * self.interval)

    def expects(self, at: Seconds) -> bool:
        """Whether a pulse at `at` would be the next one, as exactly as they come."""
        if self.interval is None:
            return False
        return abs(at - self.at(self.index + 1)) <= min(self._limit(), 0.5 * self.interval)

    def add(self, at: Seconds) -> Seconds:
        """Take the next pulse.

        Returns:
            how far a slip has moved the line, in seconds; positive if the clock now is earlier.
        """
        self.index += 1
        self._heard.append(at)
        if self.interval is None:
            self._errors.append(0.0)
            self._times.append(at)
            self._fit()
            return Seconds(0.0)
        expected, limit = self.at(self.index), self._limit()
        error = at - expected
        goes_on = bool(self._row) and (self._errors[-1] > 0) == (error > 0)
        self._row = 0 if abs(error) <= limit else self._row + 1 if goes_on else 1
        self._errors.append(error)
        self._times.append(expected if self._row else at)
        self._fit()
        if self._row <= 1:  # what more of a row means is not known yet
            self._measure(min(abs(error), 2.0 * limit))
        if self._row >= _ROW:
            return self._judge(limit)
        if self._leans(limit):
            self._begin_straight(list(self._times), len(self._times) // 2, _SLIP_ROW)
        return Seconds(0.0)

    def restart(self, at: Seconds, lost: int = 0) -> Seconds:
        """Take a pulse as the next one whenever it comes, after so many that were lost.

        The line begins anew with it; the tempo so far is kept until the pulses tell another.

        Returns:
            as `add` does.
        """
        self.index += 1 + lost
        before = at if self.interval is None else self.at(self.index)
        self._heard = deque([at], WINDOW)
        self._errors = deque([0.0], WINDOW)
        self._begin([at], self.interval)
        return Seconds(before - at)

    def _judge(self, limit: float) -> Seconds:
        """What a row of outliers on one side means; nothing may be sure yet."""
        assert self.interval is not None
        row = list(self._errors)[-min(self._row, _SLIP_ROW) :]
        mean, drift = sum(row) / len(row), _slope(row) * (len(row) - 1)
        away = drift if mean > 0 else -drift
        clear = max(limit, 0.5 * abs(mean))
        if away > clear:  # a new tempo, since the pulses are on this side
            self._begin_straight(list(self._heard), self._one_sided(), self._row)
            self._forget_before(len(self._times))
            return Seconds(0.0)
        lost = round(mean / self.interval)
        apart = self._stands_apart(mean)
        near = min(max(limit, 0.25 * self.interval), 0.5 * self.interval)
        if apart and lost >= _LEAST_LOST and max(abs(e - lost * self.interval) for e in row) < near:
            self.index += lost
            return self._follow_slip(len(row))
        if self._row < _SLIP_ROW or (away < -clear and self._row < 2 * _SLIP_ROW):
            return Seconds(0.0)  # a jam of late pulses comes back by itself
        if apart and abs(drift) <= max(0.25 * abs(mean), _FLOOR):
            return self._follow_slip(len(row)) if self._is_new(mean, limit) else self._widen()
        times = list(self._heard)[-len(self._times) :]
        self._begin_straight(times, len(times) // 2, _SLIP_ROW)
        return Seconds(0.0)

    def _stands_apart(self, mean: float) -> bool:
        """Whether the row began with a jump, and not little by little."""
        errors = list(self._errors)
        before = errors[-self._row - _ROW : -self._row] or [0.0]
        return abs(errors[-self._row] - sum(before) / len(before)) >= 0.75 * abs(mean)

    def _is_new(self, mean: float, limit: float) -> bool:
        """Whether a slip is an accident and not the way in which this sender's clock comes."""
        last, self._slip = self._slip, (self.index, mean)
        if abs(mean) < _STEP * limit:
            return False
        again = last is not None and self.index - last[0] < 2 * WINDOW
        return not (again and last is not None and 0.75 < mean / last[1] < 1.33)

    def _follow_slip(self, row: int) -> Seconds:
        """Begin anew beside the old line, with its tempo."""
        before = self.at(self.index)
        self._forget_before(row)
        self._begin(list(self._heard), self.interval)
        return Seconds(before - self.at(self.index))

    def _widen(self) -> Seconds:
        """Lay the line through all pulses with their slips, and measure anew what is usual."""
        before = self.at(self.index)
        self._begin(list(self._heard), None)
        self._distances.clear()
        self._by_size.clear()
        for residual in self._residuals():
            self._measure(abs(residual))
        return Seconds(before - self.at(self.index))

    def _leans(self, limit: float) -> bool:
        """Whether the last pulses are on one side of the line more than is usual."""
        if self._row or self.index - self._began < _SLIP_ROW:
            return False
        if self._one_sided() >= _ONE_SIDED:
            return True
        last = list(self._errors)[-_SLIP_ROW:]
        lean = sum(min(max(error, -limit), limit) for error in last) / len(last)
        return abs(lean) > _LEAN * limit

    def _one_sided(self) -> int:
        """How many of the last pulses in a row were on the same side of the line."""
        late = self._errors[-1] > 0
        return sum(1 for _ in takewhile(lambda e: (e > 0) == late, reversed(self._errors)))

    def _begin_straight(self, times: Sequence[float], most: int, fewest: int) -> None:
        """Begin anew with the last of these pulses, as many as lie on a line."""
        # These were measured from a line that was no longer true.
        self._unmeasure(self._one_sided() - self._row)
        keep = max(most, fewest)
        while True:
            self._begin(times[-keep:], None)
            tail = self._residuals()[-(keep // 4 + 1) :]
            if keep == fewest or abs(sum(tail)) / len(tail) < _STRAIGHT * self._limit():
                return
            keep = max(keep * 2 // 3, fewest)

    def _begin(self, times: Sequence[float], prior: float | None) -> None:
        """Fit the line to these last pulses alone, with the weight of a former interval."""
        self._row = 0
        self._began = self.index
        self._prior = prior
        self._times = deque(times, WINDOW)
        self._fit()

    def _fit(self) -> None:
        """Least squares over the window."""
        times = self._times
        n, total = len(times), sum(times)
        middle = (n - 1) / 2
        squares, products = n * (n * n - 1) / 12.0, sum(map(mul, count(), times)) - middle * total
        self._mean, self._centre = total / n, self.index - middle
        if self._prior is not None:
            slope = (products + _PRIOR * self._prior) / (squares + _PRIOR)
        elif n >= _FEWEST:
            slope = products / squares
        else:
            return
        if self.interval is not None or 0.95 * SHORTEST <= slope <= 1.05 * LONGEST:
            self.interval = min(max(slope, SHORTEST), LONGEST)

    def _forget_before(self, pulses: int) -> None:
        """Keep only the last pulses as they came: those before were on another line."""
        self._heard = deque(list(self._heard)[-pulses:], WINDOW)
        self._errors = deque(list(self._errors)[-pulses:], WINDOW)

    def _residuals(self) -> list[float]:
        first = self.index - len(self._times) + 1
        return [time - self.at(number) for number, time in enumerate(self._times, first)]

    def _limit(self) -> float:
        """How far from the line an outlier begins, in seconds; a short line knows less."""
        known = len(self._by_size)
        if known < _KNOWN:
            return float("inf")
        usual = self._by_size[int(_USUAL * (known - 1))] / _USUAL
        return max(_FLOOR, _BEYOND * usual) * (1.0 + 2.0 / len(self._times))

    def _measure(self, distance: float) -> None:
        """Note how far a pulse was from the line."""
        insort(self._by_size, distance)
        self._distances.append(distance)
        if len(self._distances) > WINDOW:
            self._forget(self._distances.popleft())

    def _unmeasure(self, pulses: int) -> None:
        """Take back what was noted last."""
        for _ in range(min(pulses, len(self._distances) - _SETTLED)):
            self._forget(self._distances.pop())

    def _forget(self, distance: float) -> None:
        del self._by_size[bisect_left(self._by_size, distance)]


def _slope(values: Sequence[float]) -> float:
    """By how much a row of at least two values rises from one to the next, by least squares."""
    n = len(values)
    products: float = sum(map(mul, count((1 - n) / 2), values))
    return products * 12.0 / (n * (n * n - 1))
