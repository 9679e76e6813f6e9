"""The repeats of a score and their endings.

A repeat goes back to the last forward sign, or to the bar after the repeat before it, or to the
top. The endings of a repeat are numbered from 1 without a gap; each but the last ends at a repeat
sign, whatever its bracket covers. Without a next ending the last time goes on after the one there
is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from live_improv.charts.musicxml_marks import Marks
from live_improv.charts.text import ChartError


@dataclass(slots=True)
class Ending:
    """An ending: its bars, and the times it is played; `repeats` where it goes back."""

    first: int
    times: frozenset[int]
    last: int = -1
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Repeat:
    """A passage that is played `times` times; without endings its last bar goes back."""

    first: int
    last: int
    times: int
    after_jump: bool
    endings: tuple[Ending, ...] = ()

    def goes_back(self, bar: int) -> bool:
        """Whether a repeat sign closes `bar`."""
        if not self.endings:
            return bar == self.last
        return any(ending.repeats and ending.last == bar for ending in self.endings)

    def skips_to(self, bar: int, time: int) -> int | None:
        """Where the `time`-th time, counted from 1, goes on instead of at `bar`."""
        here = next((each for each in self.endings if each.first <= bar <= each.last), None)
        if here is None or time in here.times:
            return None
        there = next((each for each in self.endings if time in each.times), None)
        return there.first if there else self.endings[-1].last + 1


def repeats_of(marks: Sequence[Marks], names: Sequence[str]) -> list[Repeat]:
    """All repeats, in order; none lies in another.

    Args:
        marks: of each bar.
        names: of each bar, for errors: `bar 5`.

    Raises:
        ChartError: a repeat is not closed, or its endings do not follow each other.
    """
    found: list[Repeat] = []
    start, opened = 0, False
    endings: list[Ending] = []
    stop = -1
    for i, mark in enumerate(marks):
        if mark.forward:
            if opened and not any(each.repeats for each in endings):
                raise ChartError(f"{names[i]}: the repeat of {names[start]} is not closed")
            found += _with_endings(start, endings, stop, i, marks, names)
            start, opened, endings, stop = i, True, [], -1
        if mark.starts:
            if len(endings) > 1 and 0 <= stop < i - 1 and not endings[-1].repeats:
                found += _with_endings(start, endings, stop, i, marks, names)
                start, endings = stop + 1, []
            if endings and not (endings[-1].repeats and endings[-1].last == i - 1):
                raise ChartError(
                    f"{names[i]}: ending {mark.starts[0]}: expected after the repeat of the "
                    "ending before"
                )
            endings.append(Ending(i, frozenset(mark.starts)))
            stop = -1
        if mark.stops and stop < 0:
            stop = i
        if not mark.times:
            continue
        goes_on = i + 1 < len(marks) and bool(marks[i + 1].starts) and not marks[i + 1].forward
        if endings and (len(endings) == 1 or goes_on or stop < 0 or stop == i):
            endings[-1].last, endings[-1].repeats = i, True
            if goes_on:
                continue
            found += _with_endings(start, endings, stop, i + 1, marks, names)
        else:
            # After the bracket of a last ending a passage without a forward sign begins.
            found += _with_endings(start, endings, stop, i + 1, marks, names)
            start = stop + 1 if endings else start
            found.append(Repeat(start, i, mark.times, mark.after_jump))
        start, opened, endings, stop = i + 1, False, [], -1
    if opened and not any(each.repeats for each in endings):
        raise ChartError(f"{names[start]}: the repeat is not closed")
    return found + _with_endings(start, endings, stop, len(marks), marks, names)


def _with_endings(
    start: int,
    endings: list[Ending],
    stop: int,
    end: int,
    marks: Sequence[Marks],
    names: Sequence[str],
) -> list[Repeat]:
    """The repeat that has these endings, none where there are none.

    The last ending, where no repeat closes it, lasts to the bar `stop` of its bracket, or up to
    `end`.
    """
    if not endings:
        return []
    place = names[endings[0].first]
    if endings[0].first == start:
        raise ChartError(f"{place}: an ending without a passage before it")
    if not endings[0].repeats:
        raise ChartError(f"{place}: ending {min(endings[0].times)}: expected a repeat at its end")
    last = endings[-1]
    if not last.repeats:
        last.last = stop if stop >= 0 else end - 1
    numbers = sorted(time for each in endings for time in each.times)
    if numbers != list(range(1, len(numbers) + 1)):
        raise ChartError(
            f"{place}: endings {', '.join(map(str, numbers))}: expected 1, 2 and so on"
        )
    times = len(numbers) + (len(endings) == 1)
    for each in endings:
        said = marks[each.last].times
        if each.repeats and said not in (2, times, len(each.times) + 1, max(each.times) + 1):
            raise ChartError(f"{names[each.last]}: {said} times: expected as many as endings")
    after_jump = any(marks[each.last].after_jump for each in endings)
    return [Repeat(start, last.last, times, after_jump, tuple(endings))]
