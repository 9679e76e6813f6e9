"""Charts as musicians type them: text -> `Changes`.

    title: Blues for a start
    key: F
    tempo: 132
    time: 4/4
    style: swing
    form: blues
    [A]
    F7 | Bb7 | F7 | Cm7 F7 |
    Bb7 | Bdim7 | F7 | D7b9 |
    Gm7 | C7 | F7 D7b9 | Gm7 / C7 C7(b9,#5) |

Lines
    A line is a header, a comment (`#` in front), or music. Headers are `title`, `key`, `tempo`,
    `time`, `style` and `form`, in any case, each at most once; only `time` may come again, and
    changes the meter from there on (4/4 where there is none). `form` is a description: the bars
    are played as they are written.
Bars
    Bars are divided by `|` or `||`, which may stand at the ends of a line or not: a bar never
    runs over a line, and a line without a bar line is one bar.
    The symbols of a bar share it equally; `/` holds the chord for one more share. The i-th of n
    shares begins floor(i * length / n) ticks into the bar. A `/` at the head of a bar, and a bar
    with nothing in it (`| |`), hold the chord that sounds before; at the top of the chart, where
    none does, that is N.C. `%` alone in a bar repeats the bar written before it.
Form
    `[A]` names the section that begins with the next bar, `[]` begins one without a name; of
    several in front of one bar the last counts, and at the end of the chart none.
    `|:` and `:|` repeat what is between them, from the last repeat or the top of the chart where
    there is no `|:`. An ending is the bars from `1.` to `:|`; the next, `2.`, follows at once.
    Without a next ending the second time goes on after the first one. A repeated bar begins its
    section again.

Every error is one line and names the bar, counted from 1 as written, or the line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from live_improv.music.changes import Bar, Changes, Section, end_to_end
from live_improv.music.chords import Chord, ChordSymbolError, parse_chord
from live_improv.music.timing import MAX_BPM, MIN_BPM, Meter, Ticks, TimingError, checked_bpm

MAX_TEXT = 200_000
"""Longest chart that is read, in characters: far more than a tune, little enough to be quick."""
MAX_BARS = 10_000
"""Most bars of a chart, with its repeats played."""
MAX_SHARES = 48
"""Most symbols of a bar."""
MAX_NAME = 200
"""Longest header or section name, in characters."""

HEADERS = ("title", "key", "tempo", "time", "style", "form")

# `C :|` is music.
_HEADER = re.compile(r"\s*([A-Za-z]+)\s*:(?!\s*\|)(.*)")
_BAR_LINE = re.compile(r"(:?)\|+(:?)")
_SECTION = re.compile(r"\s*\[([^\[\]]*)\]")
_ENDING = re.compile(r"\s*([1-9])\.")
# A space inside the parentheses of a symbol does not end it.
_SYMBOL = re.compile(r"(?:\([^()]*\)|\S)+")
_UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class ChartError(ValueError):
    """A chart that cannot be read; the message names the place, the value and what is valid."""


@dataclass(frozen=True, slots=True)
class _WrittenBar:
    """A bar as it stands in the chart; a chord of None is a hold."""

    number: int
    meter: Meter
    chords: tuple[Chord | None, ...]
    section: str | None = None
    ending: int = 0
    opens: bool = False
    closes: bool = False


def parse(text: str) -> Changes:
    """Read a chart.

    Raises:
        ChordSymbolError: a chord symbol is not understood; the message names it and its bar.
        ChartError: anything else is wrong with the chart, or it is too large.
    """
    if len(text) > MAX_TEXT:
        raise ChartError(f"the chart has {len(text)} characters: expected at most {MAX_TEXT}")
    if unreadable := _UNREADABLE.search(text):
        place = text.count("\n", 0, unreadable.start()) + 1
        raise ChartError(f"line {place}: {unreadable[0]!r} is not text")
    reader = _Reader()
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        reader.read_line(number, line)
    return _changes(_played(reader.finished_bars()), reader.headers)


@dataclass
class _Reader:
    """What has been read of a chart so far."""

    headers: dict[str, str] = field(default_factory=dict)
    bars: list[_WrittenBar] = field(default_factory=list)
    meter: Meter = field(default_factory=Meter)
    # What belongs to the next bar.
    section: str | None = None
    ending: int = 0
    opens: bool = False
    # The chords that sound at the head of the last bar, and after it; None at the top.
    before: Chord | None = None
    after: Chord | None = None

    def read_line(self, number: int, line: str) -> None:
        """Read one line of the chart, counted from 1."""
        if line.lstrip().startswith("#"):
            return
        if header := _HEADER.fullmatch(line):
            self.read_header(number, header[1].lower(), _visible(header[2]))
            return
        at = 0
        for bar_line in _BAR_LINE.finditer(line):
            self.read_bar(line[at : bar_line.start()], at == 0, closes=bool(bar_line[1]))
            if bar_line[2]:
                if self.opens:
                    raise ChartError(f"{self.place()}: two |: in a row")
                self.opens = True
            at = bar_line.end()
        self.read_bar(line[at:], True, closes=False)

    def read_header(self, number: int, name: str, value: str) -> None:
        """Read the header `name`."""
        if name not in HEADERS:
            raise ChartError(f"line {number}: header {_shown(name)}: expected {', '.join(HEADERS)}")
        if len(value) > MAX_NAME:
            raise ChartError(f"line {number}: {name} is longer than {MAX_NAME} characters")
        if name == "time":
            try:
                self.meter = Meter.parse(value)
            except TimingError as error:
                raise ChartError(f"line {number}: {error}") from None
        elif name in self.headers:
            raise ChartError(f"line {number}: {name} is given twice")
        else:
            self.headers[name] = value

    def read_bar(self, text: str, edge: bool, closes: bool) -> None:
        """Read what stands between two bar lines, or between one and an `edge` of the line."""
        rest = self.read_marks(text)
        symbols = _SYMBOL.findall(rest)
        if symbols or not edge:
            self.add_bar(symbols, closes)
        elif closes:
            # `:|` at the head of a line closes the bar before.
            if not self.bars or self.opens or self.ending:
                raise ChartError(f"{self.place()}: :| has no bar before it")
            self.bars[-1] = replace(self.bars[-1], closes=True)

    def read_marks(self, text: str) -> str:
        """Take the section names and the number of an ending off the head of a bar."""
        at = 0
        while True:
            if mark := _SECTION.match(text, at):
                self.section = _visible(mark[1])
                if len(self.section) > MAX_NAME:
                    raise ChartError(f"{self.place()}: section name over {MAX_NAME} characters")
            elif mark := _ENDING.match(text, at):
                if self.ending:
                    raise ChartError(f"{self.place()}: ending {self.ending}. has no bars")
                self.ending = int(mark[1])
            else:
                return text[at:]
            at = mark.end()

    def add_bar(self, symbols: list[str], closes: bool) -> None:
        """Add a bar with these symbols."""
        if len(self.bars) == MAX_BARS:
            raise ChartError(f"the chart has too many bars: expected at most {MAX_BARS}")
        if len(symbols) > MAX_SHARES:
            raise ChartError(
                f"{self.place()}: {len(symbols)} symbols: expected at most {MAX_SHARES}"
            )
        chords = self.repeated() if symbols == ["%"] else tuple(map(self.chord, symbols))
        self.before = self.after
        self.after = next((chord for chord in reversed(chords) if chord), self.after)
        self.bars.append(
            _WrittenBar(
                number=len(self.bars) + 1,
                meter=self.meter,
                chords=chords,
                section=self.section,
                ending=self.ending,
                opens=self.opens,
                closes=closes,
            )
        )
        self.section, self.ending, self.opens = None, 0, False

    def chord(self, symbol: str) -> Chord | None:
        """The chord of one symbol of the next bar; None for a hold."""
        if symbol == "/":
            return None
        if symbol == "%":
            raise ChartError(f"{self.place()}: % repeats a whole bar and stands alone in it")
        if "[" in symbol or "]" in symbol:
            raise ChartError(
                f"{self.place()}: {_shown(symbol)}: a section such as [A] begins a bar"
            )
        try:
            return parse_chord(symbol)
        except ChordSymbolError as error:
            raise ChordSymbolError(f"{self.place()}: {error}") from None

    def repeated(self) -> tuple[Chord | None, ...]:
        """The chords of the bar written before."""
        if not self.bars:
            raise ChartError(f"{self.place()}: % has no bar before it")
        chords = self.bars[-1].chords
        if any(chords) and chords[0] is None:
            # Held over into that bar, the chord does not sound before this one.
            return (self.before or parse_chord("N.C."), *chords[1:])
        return chords

    def place(self) -> str:
        """The bar being read, as errors name it."""
        return f"bar {len(self.bars) + 1}"

    def finished_bars(self) -> list[_WrittenBar]:
        """All bars, at the end of the chart."""
        if self.ending or self.opens:
            mark = f"{self.ending}." if self.ending else "|:"
            raise ChartError(f"{mark} at the end of the chart has no bars")
        if not self.bars:
            raise ChartError("the chart has no bars: expected some, such as Dm7 G7 | Cmaj7 | % |")
        return self.bars


def _played(bars: list[_WrittenBar]) -> list[_WrittenBar]:
    """The bars in the order in which they are played.

    `start` is the first bar that a `:|` goes back to, `first` the first bar of the first ending,
    `ending` the ending being read (0: none), `waiting` the bar of a mark that wants a `:|`.
    """
    played: list[_WrittenBar] = []
    start = first = ending = 0
    waiting: _WrittenBar | None = None
    for i, bar in enumerate(bars):
        if bar.opens:
            if waiting:
                raise ChartError(f"bar {bar.number}: the repeat of bar {waiting.number} has no :|")
            start, ending, waiting = i, 0, bar
        if bar.ending:
            if bar.ending != ending + 1 or (ending and not bars[i - 1].closes):
                raise ChartError(
                    f"bar {bar.number}: ending {bar.ending}.: expected endings from 1. up, each "
                    "after the :| of the one before"
                )
            if bar.ending == 1:
                first, waiting = i, bar
            ending = bar.ending
        played.append(bar)
        if bar.closes:
            waiting = None
            more = i + 1 < len(bars) and bars[i + 1].ending == ending + 1
            if ending < 2 or more:
                played += bars[start : first if ending else i + 1]
            if not (ending and more):
                start, ending = i + 1, 0
        if len(played) > MAX_BARS:
            raise ChartError(f"the chart has too many bars: expected at most {MAX_BARS}")
    if waiting:
        raise ChartError(f"bar {waiting.number}: the repeat has no :|")
    return played


def _changes(played: list[_WrittenBar], headers: dict[str, str]) -> Changes:
    """Lay bars out in time."""
    starts: list[tuple[Ticks, Chord]] = []
    bars: list[Bar] = []
    sections: list[Section] = []
    at = Ticks(0)
    for bar in played:
        length = bar.meter.bar_ticks
        bars.append(Bar(at, bar.meter))
        if bar.section is not None:
            sections.append(Section(at, bar.section))
        for share, chord in enumerate(bar.chords):
            if chord:
                starts.append((Ticks(at + share * length // len(bar.chords)), chord))
        at = Ticks(at + length)
    return Changes(
        chords=end_to_end(starts, at),
        bars=tuple(bars),
        sections=tuple(sections),
        title=headers.get("title", ""),
        key=headers.get("key", ""),
        tempo=_tempo(headers["tempo"]) if "tempo" in headers else None,
        style=headers.get("style", ""),
        form=headers.get("form", ""),
    )


def _tempo(value: str) -> float:
    """The tempo written in a header, in quarters a minute."""
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value):
        raise ChartError(
            f"tempo {_shown(value)}: expected {MIN_BPM:g} to {MAX_BPM:g} quarters a minute"
        )
    try:
        return checked_bpm(float(value))
    except TimingError as error:
        raise ChartError(str(error)) from None


def _visible(text: str) -> str:
    """A name without what cannot be seen: marks of byte order and of direction, and their like."""
    return "".join(sign if sign.isprintable() else " " for sign in text).strip()


def _shown(text: str) -> str:
    """A value as an error shows it."""
    return repr(text if len(text) <= 40 else f"{text[:40]}...")
