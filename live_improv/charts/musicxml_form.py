"""The order in which the bars of a score are played: its repeats (`musicxml_repeats`) and its
jumps.

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
from live_improv.charts.musicxml_repeats import Repeat, repeats_of
from live_improv.charts.text import MAX_BARS, ChartError


def played(marks: Sequence[Marks], names: Sequence[str]) -> list[int]:
    """The bars in the order in which they are played, counted from 0.

    Args:
        marks: of each bar.
        names: of each bar, for errors: `bar 5`.

    Raises:
        ChartError: the marks make no order, or one of over `MAX_BARS` bars.
    """
    known = _with_codas(marks, names)
    return _Player(known, names, repeats_of(known, names)).play()


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


@dataclass
class _Player:
    """Walks through the bars.

    Attributes:
        repeat, time: the repeat that the last bar played lies in, and which time it is.
        last_time: that repeat is not played again.
        begun: the first bars of the repeats that have been played.
        jump: the last jump that was made, at the bar `jumped_at`; `jumped` are those of all.
        ended: after that jump the Fine, or the way to the coda, was taken.
        signs: by kind and name, the bars that have one.
    """

    marks: Sequence[Marks]
    names: Sequence[str]
    repeats: Sequence[Repeat]
    order: list[int] = field(default_factory=list)
    repeat: Repeat | None = None
    time: int = 0
    last_time: bool = False
    begun: set[int] = field(default_factory=set)
    jump: Jump | None = None
    jumped_at: int = 0
    jumped: set[int] = field(default_factory=set)
    ended: bool = False
    signs: dict[str, dict[str, list[int]]] = field(init=False)

    def __post_init__(self) -> None:
        self.signs = {"segno": {}, "coda": {}, "tocoda": {}, "fine": {}}
        for bar, mark in enumerate(self.marks):
            for sign, bars in self.signs.items():
                names = getattr(mark, sign) if sign != "fine" else [""] * mark.fine
                for name in names:
                    bars.setdefault(name, []).append(bar)

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
        if (
            self.jump
            and repeat.first in self.begun
            and not (repeat.after_jump or self.jump.repeats)
        ):
            named = self.jump.ending if repeat.endings else 0
            self.time = named if 0 < named <= repeat.times else repeat.times
            self.last_time = True
        self.begun.add(repeat.first)

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
            (self.jump,) = mark.jumps
            self.jumped_at = bar
            self.jumped.add(bar)
            self.ended, self.repeat = False, None
            segno = self.jump.segno
            return 0 if segno is None else self.target("segno", frozenset((segno,)), bar)
        return bar + 1

    def target(self, sign: str, wanted: frozenset[str], bar: int) -> int:
        """The bar of the segno up to `bar`, or of the coda after it: the one so named, or the
        only one."""
        signs = self.signs[sign]
        there = [each for name in wanted for each in signs.get(name, ())] or [
            each for bars in signs.values() for each in bars
        ]
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
        there = [sign for sign in ("tocoda", "fine") if self.signs[sign]]
        if wanted := self.jump.until or (there[0] if there else ""):
            sign = "Fine" if wanted == "fine" else "To Coda"
            place = self.names[self.jumped_at]
            raise ChartError(f"{place}: after the jump no {sign} is reached")

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
