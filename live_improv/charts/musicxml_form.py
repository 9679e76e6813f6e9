"""The order in which the bars of a score are played.

Repeats
    A repeat goes back to the last forward sign, or to the bar after the repeat before it, or to
    the top. The endings of a repeat are numbered from 1 without a gap; each but the last ends at
    a repeat, whatever its bracket covers. Without a next ending the last time goes on after the
    one there is.
Jumps
    D.C. and D.S. jump once, the last time through a repeat that they stand in. After a jump what
    was repeated is not repeated again, unless `after-jump` or `with repeats` says so: the last
    ending is taken, or the one that is named. The tune then ends at the Fine, or goes from To Coda
    to the coda and on, or, where neither is written, plays to the end. Every jump must be reached
    and every promised Fine and coda found; what is not is an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from live_improv.charts.musicxml_marks import Jump, Marks
from live_improv.charts.text import MAX_BARS, ChartError


@dataclass(slots=True)
class _Ending:
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
    endings: tuple[_Ending, ...] = ()

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


def played(marks: Sequence[Marks], names: Sequence[str]) -> list[int]:
    """The bars in the order in which they are played, counted from 0.

    Args:
        marks: of each bar.
        names: of each bar, for errors: `bar 5`.

    Raises:
        ChartError: the marks make no order, or one of over `MAX_BARS` bars.
    """
    known = _with_codas(marks, names)
    return _Player(known, names, _repeats(known, names)).play()


def _with_codas(marks: Sequence[Marks], names: Sequence[str]) -> list[Marks]:
    """The marks, with each coda sign either the coda or the way to it.

    Without words, the first of two signs leads to the second.
    """
    known = list(marks)
    signs = [i for i, each in enumerate(marks) if each.coda_sign and not each.coda | each.tocoda]
    coda = any(each.coda for each in marks)
    tocoda = any(each.tocoda for each in marks)
    if signs and ((coda and tocoda) or len(signs) != (1 if coda or tocoda else 2)):
        raise ChartError(
            f"{names[signs[0]]}: a coda sign of which nothing says whether it is the coda: "
            "expected To Coda at one sign and the coda at the next"
        )
    for i in signs:
        if tocoda or (not coda and i == signs[-1]):
            known[i] = replace(known[i], coda=frozenset(("",)))
        else:
            known[i] = replace(known[i], tocoda=frozenset(("",)))
    return known


def _repeats(marks: Sequence[Marks], names: Sequence[str]) -> list[Repeat]:
    """All repeats, in order; none lies in another."""
    found: list[Repeat] = []
    start, opened = 0, False
    endings: list[_Ending] = []
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
            endings.append(_Ending(i, frozenset(mark.starts)))
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
    endings: list[_Ending],
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


@dataclass
class _Player:
    """Walks through the bars.

    Attributes:
        repeat, time: the repeat that the last bar played lies in, and which time it is.
        last_time: that repeat is not played again.
        begun: the repeats that have been played.
        jump: the last jump that was made, and `jumped` the bars of all.
        ended: after that jump the Fine, or the way to the coda, was taken.
    """

    marks: Sequence[Marks]
    names: Sequence[str]
    repeats: Sequence[Repeat]
    order: list[int] = field(default_factory=list)
    repeat: Repeat | None = None
    time: int = 0
    last_time: bool = False
    begun: list[Repeat] = field(default_factory=list)
    jump: Jump | None = None
    jumped: list[int] = field(default_factory=list)
    ended: bool = False

    def play(self) -> list[int]:
        """The order of all bars."""
        by_bar = {
            bar: repeat for repeat in self.repeats for bar in range(repeat.first, repeat.last + 1)
        }
        at = 0
        while at < len(self.marks):
            if by_bar.get(at) is not self.repeat:
                self.enter(by_bar.get(at))
            skip = self.repeat.skips_to(at, self.time) if self.repeat else None
            if skip is not None:
                at = skip
                continue
            if len(self.order) == MAX_BARS:
                raise ChartError(f"the chart has too many bars: expected at most {MAX_BARS}")
            self.order.append(at)
            at = self.after(at)
        self.check_end()
        self.check_all_used()
        return self.order

    def enter(self, repeat: Repeat | None) -> None:
        """Come to the bars of `repeat`, or leave the one before for none."""
        self.repeat, self.time, self.last_time = repeat, 1, False
        if repeat is None:
            return
        if self.jump and repeat in self.begun and not (repeat.after_jump or self.jump.repeats):
            named = self.jump.ending if repeat.endings else 0
            self.time = named if 0 < named <= repeat.times else repeat.times
            self.last_time = True
        self.begun.append(repeat)

    def after(self, bar: int) -> int:
        """The bar to play after `bar`; the one after the last bar at the end."""
        mark, repeat, end = self.marks[bar], self.repeat, len(self.marks)
        if repeat and self.time < repeat.times and not self.last_time:
            if not repeat.goes_back(bar):
                return bar + 1
            self.time += 1
            return repeat.first
        if self.jump and mark.fine and (self.ended or self.jump.until != "coda"):
            self.ended = True
            return end
        if self.jump and mark.tocoda and not self.ended and self.jump.until != "fine":
            self.ended, self.repeat = True, None
            return self.target("coda", mark.tocoda, bar)
        if mark.jumps and bar not in self.jumped:
            self.check_end()
            self.jumped.append(bar)
            (self.jump,) = mark.jumps
            self.ended, self.repeat = False, None
            segno = self.jump.segno
            return 0 if segno is None else self.target("segno", frozenset((segno,)), bar)
        return bar + 1

    def target(self, sign: str, wanted: frozenset[str], bar: int) -> int:
        """The bar of the segno up to `bar`, or of the coda after it: the one so named, or the
        only one."""
        signs = {i: names for i, mark in enumerate(self.marks) if (names := getattr(mark, sign))}
        there = [i for i, names in signs.items() if names & wanted] or list(signs)
        if len(there) != 1:
            raise ChartError(f"{self.names[bar]}: {len(there) or 'no'} {sign} signs: expected one")
        if (there[0] > bar) != (sign == "coda"):
            side = "after" if sign == "coda" else "before"
            raise ChartError(f"{self.names[bar]}: expected the {sign} {side} it")
        return there[0]

    def check_end(self) -> None:
        """That the last jump has come to the end that it promises."""
        if not self.jump or self.ended:
            return
        tocoda = any(mark.tocoda for mark in self.marks)
        fine = any(mark.fine for mark in self.marks)
        if wanted := self.jump.until or ("coda" if tocoda else "fine" if fine else ""):
            sign = {"coda": "To Coda", "fine": "Fine"}[wanted]
            raise ChartError(f"{self.names[self.jumped[-1]]}: after the jump no {sign} is reached")

    def check_all_used(self) -> None:
        """That no jump was passed by, and that no sign waits for a jump that is not there."""
        for bar, mark in enumerate(self.marks):
            if mark.jumps and bar not in self.jumped:
                raise ChartError(f"{self.names[bar]}: the jump is never reached")
            signs = (
                ("a segno", mark.segno),
                ("a coda", mark.coda | mark.tocoda),
                ("a Fine", mark.fine and bar + 1 < len(self.marks)),
            )
            for sign, stands in signs:
                if stands and not self.jumped:
                    raise ChartError(f"{self.names[bar]}: {sign}: expected a D.C. or D.S. as well")
