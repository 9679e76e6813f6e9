"""The signs of an iReal Pro song -> its bars as they are written, before any repeat."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from live_improv.charts.ireal_tokens import Token, TokenError, tokens
from live_improv.charts.ireal_words import Fine, Jump, Times, WordsError, heard
from live_improv.charts.ireal_written import Slot, WrittenBar, fail
from live_improv.charts.text import MAX_BARS, ChartError
from live_improv.music.chords import Chord, ChordSymbolError, parse_chord
from live_improv.music.timing import Meter

METERS = {
    **{f"{top}{bottom}": Meter(top, bottom) for top in (2, 3) for bottom in (2,)},
    **{f"{top}4": Meter(top, 4) for top in range(2, 8)},
    **{f"{top}8": Meter(top, 8) for top in (2, 3, 4, 5, 6, 7, 9)},
    "12": Meter(12, 8),
    "128": Meter(12, 8),
}
"""Signatures as written after a T."""

SECTION_NAMES = {"i": "Intro", "I": "Intro", "v": "Verse", "V": "Verse"}
"""Sections that go by more than their letter."""

# A quality by itself that `parse_chord` reads in the way of another program.
_QUALITIES = {"-": "m"}


def written_bars(music: str) -> list[WrittenBar]:
    """The bars of a song.

    Raises:
        ChartError: something in it cannot be read; the message names the bar.
    """
    reader = _Reader()
    try:
        for token in tokens(music):
            reader.read(token)
    except TokenError as error:
        fail(reader.number, str(error))
    return reader.finished()


@dataclass
class _Reader:
    """What has been read of a song so far."""

    bars: list[WrittenBar] = field(default_factory=list)
    meter: Meter = field(default_factory=Meter)
    # The chord that was written last, the one that sounded before each bar, and after the last.
    chord: Chord | None = None
    before: list[Chord | None] = field(default_factory=list)
    sounding: Chord | None = None
    # Of the bar being read: its slots, whether it is `x` or `r`, its blank cells, its marks.
    slots: list[Slot] = field(default_factory=list)
    repeats: str = ""
    blanks: int = 0
    marks: WrittenBar = field(default_factory=lambda: WrittenBar(0, Meter(), ()))
    next_meter: Meter | None = None
    # Nothing but layout stands since a line that closes; `r` wants its second bar; `3x` its `}`.
    outside: bool = True
    second: bool = False
    times: int = 0
    named: bool = False

    @property
    def number(self) -> int:
        """The bar being read, as errors name it."""
        return len(self.bars) + 1

    @property
    def filled(self) -> bool:
        """Whether something sounds in the bar being read."""
        return bool(self.slots or self.repeats)

    def read(self, token: Token) -> None:
        """Read one sign."""
        match token.kind:
            case "chord":
                self.add(self.parsed(token))
            case "cell":
                self.read_cell(token.text)
            case "line":
                self.read_line(token.text)
            case "text":
                self.read_text(token.text)
            case _:
                self.read_mark(token.kind, token.text)

    def read_cell(self, sign: str) -> None:
        """Read what is no chord but takes a cell."""
        if sign == " ":
            if self.slots:
                self.slots[-1] = replace(self.slots[-1], cells=self.slots[-1].cells + 1)
            else:
                self.blanks += 1
        elif sign == "p":
            if self.chord is None:
                fail(self.number, "p has no chord before it")
            self.hold()
        elif sign == "n":
            self.add(parse_chord("N.C."))
        else:
            if self.filled:
                fail(self.number, f"{sign} repeats whole bars and stands alone in its own")
            self.repeats = sign

    def parsed(self, token: Token) -> Chord | None:
        """The chord of a sign; None where the one before goes on."""
        symbol = token.text
        if token.root == "W":
            if self.chord is None or self.chord.root is None:
                fail(self.number, f"{symbol} has no chord before it")
            if not token.bass and not token.quality:
                return None
            upper, slash, _ = self.chord.symbol.rpartition("/")
            base = upper if slash and self.chord.bass is not None else self.chord.symbol
            symbol = f"{base}/{token.bass}" if not token.quality else symbol
        else:
            quality = token.quality.replace("*", "")
            bass = f"/{token.bass}" if token.bass else ""
            symbol = f"{token.root}{_QUALITIES.get(quality, quality)}{bass}"
        try:
            return parse_chord(symbol)
        except ChordSymbolError as error:
            fail(self.number, str(error))

    def add(self, chord: Chord | None) -> None:
        """Put a chord into the bar."""
        if self.repeats:
            fail(self.number, f"{self.repeats} repeats whole bars and stands alone in its own")
        if chord is None:
            self.hold()
            return
        self.slots.append(Slot(chord, 1))
        self.chord = chord

    def hold(self) -> None:
        """Let the chord go on for a cell."""
        if self.repeats:
            fail(self.number, f"{self.repeats} repeats whole bars and stands alone in its own")
        if self.slots:
            self.slots[-1] = replace(self.slots[-1], cells=self.slots[-1].cells + 1)
        else:
            self.slots.append(Slot(None, 1))

    def read_line(self, line: str) -> None:
        """Read a bar line."""
        self.end_bar(line)
        if line == "{":
            self.mark(opens=True)
        elif line == "}":
            if not self.bars:
                fail(self.number, "} has no bar before it")
            self.bars[-1] = replace(self.bars[-1], closes=True, times=self.times)
            self.times = 0
        if line in "]}Z":
            if self.bars:
                self.bars[-1] = replace(self.bars[-1], ends=True)
            self.outside = True
        elif line == "[" and self.named and self.marks.section is None:
            self.mark(section="")

    def end_bar(self, line: str) -> None:
        """Finish the bar being read, if there is one."""
        if self.second:
            if self.filled:
                fail(self.number, "r repeats two bars: expected the second one to be empty")
            if self.blanks or line in "]}Z":
                self.second = False
                self.add_bar(self.repeated(2))
        elif self.repeats == "x":
            if not self.bars:
                fail(self.number, "x has no bar before it")
            self.add_bar(self.repeated(1))
        elif self.repeats == "r":
            if len(self.bars) < 2:
                fail(self.number, "r has no two bars before it")
            self.second = True
            self.add_bar(self.repeated(2))
        elif self.slots:
            self.add_bar(tuple(self.slots))
        elif self.blanks and not self.outside:
            fail(
                self.number, "the bar is empty: expected a chord, x, r, n, or p for the one before"
            )
        self.blanks = 0

    def repeated(self, back: int) -> tuple[Slot, ...]:
        """The slots of the bar so many before, with the chord that goes on into it, if others
        follow: that one does not sound before the repeated bar."""
        slots, before = self.bars[-back].slots, self.before[-back]
        if before is None or slots[0].chord is not None or len(slots) == 1:
            return slots
        return (Slot(before, slots[0].cells), *slots[1:])

    def add_bar(self, slots: tuple[Slot, ...]) -> None:
        """Add the bar that has been read."""
        if len(self.bars) == MAX_BARS:
            raise ChartError(f"the song has too many bars: expected at most {MAX_BARS}")
        self.bars.append(replace(self.marks, number=self.number, meter=self.meter, slots=slots))
        self.before.append(self.sounding)
        self.sounding = self.chord = slots[-1].chord or self.sounding
        self.marks = WrittenBar(0, Meter(), ())
        self.slots, self.repeats, self.outside = [], "", False
        self.meter = self.next_meter or self.meter
        self.next_meter = None

    def mark(self, **marks: object) -> None:
        """Note something about the bar being read."""
        self.marks = replace(self.marks, **marks)  # type: ignore[arg-type]

    def read_mark(self, kind: str, text: str) -> None:
        """Read a mark that stands in a bar, or before it."""
        if kind == "meter":
            if text not in METERS:
                fail(self.number, f"meter T{text}: expected T and one of {', '.join(METERS)}")
            if self.filled:
                self.next_meter = METERS[text]
            else:
                self.meter = METERS[text]
        elif kind == "section":
            self.named = True
            self.mark(section=SECTION_NAMES.get(text, text.upper()))
        elif kind == "ending":
            if self.filled or self.marks.ending:
                fail(self.number, f"N{text} in the middle: expected it before the first chord")
            self.mark(ending=int(text) or -1)
        elif text == "S":
            if self.filled:
                fail(self.number, "S in the middle: expected it before the first chord of a bar")
            self.mark(segno=True)
        elif text == "Q":
            self.mark(**{"coda_after" if self.filled else "coda_before": True})
        elif text == "U":
            self.mark(stop=True)

    def read_text(self, words: str) -> None:
        """Read what stands between < and >."""
        try:
            said = heard(words)
        except WordsError as error:
            fail(self.number, str(error))
        if isinstance(said, Jump):
            if self.marks.jump:
                fail(self.number, f"<{words}> beside <{self.marks.jump.words}>: expected one")
            self.mark(jump=said)
        elif isinstance(said, Times):
            self.times = said.count
        elif isinstance(said, Fine):
            self.mark(fine=True)

    def finished(self) -> list[WrittenBar]:
        """All bars, at the end of the song."""
        self.end_bar("Z")
        if not self.bars:
            raise ChartError("the song has no bars: expected some, such as T44C^7 |D-7 G7 |C6 Z")
        if self.times:
            raise ChartError(f"bar {len(self.bars)}: <{self.times}x> has no }} after it")
        last = self.marks
        if last.jump or last.fine or last.ending or last.opens or last.coda_before or last.segno:
            raise ChartError(f"bar {len(self.bars)}: after it stand marks without a bar")
        return self.bars
