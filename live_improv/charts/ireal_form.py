"""Written bars of an iReal Pro song -> the order in which one chorus plays them.

Conventions
    A repeat is played twice, or as often as `<3x>` or its endings say; on the last time it takes
    its last ending, on another the one of that number, and where `<3x>` asks for more times than
    there are endings, the last but one again. Without a second ending the last time goes on
    after the first one. A `}` without `{` goes back to the top of the song, if it is the first.
    D.C. and D.S. hold at the next closing line, as their words may begin some bars before it, and
    not before the repeat they stand in is over.
    After them repeats are not taken, and of endings only the last, or the one that is named.
    A coda is part of the chorus only where D.C. or D.S. say `al Coda`. Else it is played once,
    after the last chorus (the app's help, "How the Coda symbol works in iReal Pro"), and so are
    the places of Fine and of `U`: a chorus has no end, and goes through them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from live_improv.charts.ireal_words import Jump
from live_improv.charts.ireal_written import WrittenBar, fail
from live_improv.charts.text import MAX_BARS, ChartError

MAX_AHEAD = 3
"""Most bars from the words D.C. or D.S. to the end of their part: those of a line."""


@dataclass
class _Repeat:
    """A repeated part: where it goes back to, where its endings begin, how often it is played."""

    first: int | None
    endings: list[int] = field(default_factory=list)
    closes: list[int] = field(default_factory=list)
    times: int = 0
    opened: bool = False
    after: int = 0

    @property
    def passes(self) -> int:
        """How often it is played."""
        return max(self.times or 2, len(self.endings)) if self.closes else 1

    def wanted(self, played: int) -> int:
        """The ending of a pass, both counted from 1; one more than there are: after all of them."""
        if played < self.passes:
            return min(played, max(len(self.endings) - 1, 1))
        return max(len(self.endings), 2)


@dataclass(frozen=True)
class _Form:
    """What the marks of a song say.

    Attributes:
        repeats: by the bars that close them or begin an ending of them.
        jump: D.C. or D.S., or None; it holds after the bar `jump_at`.
        fines: bars with Fine; where there are none, those with `U`.
        to_coda: bars after which the coda is gone to; `coda` is its first one.
        end: the bar after the last one of a chorus.
    """

    repeats: dict[int, _Repeat]
    jump: Jump | None
    jump_at: int
    target: int
    fines: frozenset[int]
    to_coda: frozenset[int]
    coda: int
    end: int


def played(bars: list[WrittenBar]) -> list[WrittenBar]:
    """The bars of one chorus in the order in which they are played.

    Raises:
        ChartError: the marks contradict each other, or lead nowhere.
    """
    form = _read_form(bars)
    order: list[WrittenBar] = []
    passes: dict[int, int] = {}
    at, jumped, arrived = 0, False, False
    while at < form.end:
        repeat = form.repeats.get(at)
        straight = jumped and not arrived
        if repeat is not None and at in repeat.endings:
            number = repeat.endings.index(at) + 1
            wanted = _wanted(repeat, passes.get(id(repeat), 1), form.jump if straight else None)
            if number != wanted:
                at = repeat.endings[wanted - 1] if wanted <= len(repeat.endings) else repeat.after
                continue
        if len(order) == MAX_BARS:
            raise ChartError(f"the song has too many bars: expected at most {MAX_BARS}")
        bar = bars[at]
        order.append(replace(bar, section=bar.section or "Coda") if at == form.coda else bar)
        if straight and form.jump is not None:
            if form.jump.until == "fine" and at in form.fines:
                return order
            if form.jump.until == "coda" and at in form.to_coda:
                at, arrived = form.coda, True
                continue
        elif repeat is not None and at in repeat.closes and repeat.first is not None:
            count = passes.get(id(repeat), 1)
            passes[id(repeat)] = count + 1
            if count < repeat.passes:
                at = repeat.first
                continue
            passes[id(repeat)] = 1
        if form.jump is not None and at == form.jump_at and not jumped:
            at, jumped = form.target, True
            continue
        at += 1
    _check_led_somewhere(bars, form, jumped, arrived)
    return order


def _wanted(repeat: _Repeat, count: int, jump: Jump | None) -> int:
    """The ending to take."""
    if jump is None:
        return repeat.wanted(count) if repeat.closes else 1
    if jump.until == "ending" and jump.ending <= len(repeat.endings):
        return jump.ending
    return max(len(repeat.endings), 2)


def _check_led_somewhere(bars: list[WrittenBar], form: _Form, jumped: bool, arrived: bool) -> None:
    if form.jump is None:
        return
    number = bars[form.jump_at].number
    if not jumped:
        fail(number, f"<{form.jump.words}> is never come to")
    if form.jump.until == "coda" and not arrived:
        fail(number, f"<{form.jump.words}>: expected a Q on the way to the coda")
    if form.jump.until == "fine":
        fail(number, f"<{form.jump.words}>: expected <Fine> on the way")


def _read_form(bars: list[WrittenBar]) -> _Form:
    jump_bar = _jump_bar(bars)
    jump = None if jump_bar is None else bars[jump_bar].jump
    signs = [
        (at, after)
        for at, bar in enumerate(bars)
        for after, there in ((False, bar.coda_before), (True, bar.coda_after))
        if there
    ]
    end, coda = len(bars), len(bars)
    to_coda: frozenset[int] = frozenset()
    if signs:
        coda, after = signs[-1]
        if after:
            fail(
                bars[coda].number, "Q leads nowhere: expected one before the first chord of a coda"
            )
        if jump is None or jump.until != "coda":
            end = coda
            if not end:
                fail(bars[0].number, "Q at the top: expected a coda after the song")
        to_coda = frozenset(at if follows else at - 1 for at, follows in signs[:-1])
    if jump is not None and jump.until == "coda" and not to_coda:
        fail(
            bars[jump_bar or 0].number,
            f"<{jump.words}>: expected two Q, where the coda is gone to and where it begins",
        )
    repeats = _repeats(bars[:end], jump)
    jump_at = end
    target = 0
    if jump is not None and jump_bar is not None:
        if jump_bar >= end:
            fail(bars[jump_bar].number, f"<{jump.words}> in a coda that nothing goes to")
        jump_at = _place_of_jump(bars[:end], jump_bar)
        target = _target(bars, jump, jump_bar)
        if not jump.until:
            if any(bar.fine for bar in bars[:end]):
                jump = Jump(jump.words, jump.to_segno, "fine")
            elif not jump.to_segno and jump_at == end - 1:
                # The form goes round by itself.
                jump = None
    fines = frozenset(at for at, bar in enumerate(bars) if bar.fine)
    fines = fines or frozenset(at for at, bar in enumerate(bars) if bar.stop)
    return _Form(repeats, jump, jump_at, target, fines, to_coda, coda, end)


def _jump_bar(bars: list[WrittenBar]) -> int | None:
    """The bar with D.C. or D.S., if there is one."""
    found = [at for at, bar in enumerate(bars) if bar.jump]
    if len(found) > 1:
        first, second = bars[found[0]], bars[found[1]]
        fail(second.number, f"a second D.C. or D.S. after that of bar {first.number}: expected one")
    return found[0] if found else None


def _place_of_jump(bars: list[WrittenBar], written: int) -> int:
    """The bar after which D.C. or D.S. is obeyed, where its words stand under bar `written`."""
    at = written
    while at + 1 < len(bars) and not bars[at].ends:
        following = bars[at + 1]
        if following.ending or following.opens or following.coda_before or following.section:
            break
        at += 1
    if at - written > MAX_AHEAD:
        fail(bars[written].number, f"D.C. or D.S. {at - written} bars before the end of its part")
    return at


def _target(bars: list[WrittenBar], jump: Jump, jump_bar: int) -> int:
    """The bar that D.C. or D.S. goes back to."""
    if not jump.to_segno:
        return 0
    segnos = [at for at, bar in enumerate(bars) if bar.segno]
    if len(segnos) != 1 or segnos[0] > jump_bar:
        fail(bars[jump_bar].number, f"<{jump.words}>: expected one S before it, not {len(segnos)}")
    return segnos[0]


def _repeats(bars: list[WrittenBar], jump: Jump | None) -> dict[int, _Repeat]:
    """The repeats of a song, by the bars that close them or begin an ending of them."""
    found: dict[int, _Repeat] = {}
    here: _Repeat | None = None
    last: _Repeat | None = None
    for at, bar in enumerate(bars):
        following = bars[at + 1] if at + 1 < len(bars) else None
        if bar.opens:
            _check_closed(bars, here)
            here = last = _Repeat(at, opened=True)
        if bar.ending:
            here = last = _with_ending(bars, at, here, last, jump)
            found[at] = here
        if bar.closes:
            if here is None:
                if last is not None:
                    fail(bar.number, "} has no { before it, since the repeat before it")
                here = last = _Repeat(0)
            elif here.first is None:
                fail(bar.number, "} has no { before it, since the repeat before it")
            here.closes.append(at)
            here.times = max(here.times, bar.times)
            found[at] = here
        if here is not None and (bar.closes or (bar.ends and here.endings)):
            here.after = at + 1
            number = len(here.endings) + 1
            goes_on = following is not None and following.ending in (number, -1) and number > 1
            if not goes_on:
                here = None
    _check_closed(bars, here)
    for repeat in found.values():
        if repeat.endings and not repeat.closes and (jump is None or jump.until != "ending"):
            fail(bars[repeat.endings[0]].number, "the ending has no } after it")
        if not repeat.after:
            repeat.after = len(bars)
    return found


def _with_ending(
    bars: list[WrittenBar], at: int, here: _Repeat | None, last: _Repeat | None, jump: Jump | None
) -> _Repeat:
    """The repeat that the ending of bar `at` belongs to, with that ending."""
    bar = bars[at]
    to_ending = jump is not None and jump.until == "ending"
    number = bar.ending
    if here is None and to_ending and last is not None and number in (len(last.endings) + 1, -1):
        # Played after D.C. or D.S. only, so it may stand anywhere after the first one.
        here = last
    if here is None:
        here = _Repeat(0 if last is None else None)
    expected = len(here.endings) + 1
    if number not in (expected, -1):
        fail(bar.number, f"N{number}: expected N{expected}")
    if expected > 1 and not bars[at - 1].closes and not to_ending:
        fail(bar.number, f"N{expected}: expected the }} of N{expected - 1} before it")
    here.endings.append(at)
    return here


def _check_closed(bars: list[WrittenBar], here: _Repeat | None) -> None:
    """See that a repeat that is left has been closed."""
    if here is not None and here.opened and not here.closes:
        first = 0 if here.first is None else here.first
        fail(bars[first].number, "the { before it has no }")
