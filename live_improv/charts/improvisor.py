"""Lead sheets of Impro-Visor (`.ls`) -> `Changes`.

    (title A Blues)
    (meter 4 4)
    (key -1)
    (tempo 160.0)
    (part (type chords) ...)
    (section (style swing))
    F7 | Bb7 | F7 | Cm7 F7 |
    Bb7 | / | ...
    (part (type melody) ...)
    c8 d8 ...

What stands in parentheses says something about the chart, or about the part that follows; chords
are the words outside them that begin with a capital, melody is the rest. Bars end at `|`, or
where a part or a section does; the symbols of a bar share it equally, and `/` holds the chord for
one more share. `(key -1)` is F, one flat. Sections have no names; that they begin is kept where
there are several.

Source: Keller, Impro-Visor Leadsheet Notation (2005), and the program's own files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from live_improv.charts.layout import Heading, PlayedBar, Start, lay_out, plain_text
from live_improv.charts.text import MAX_BARS, MAX_SHARES, ChartError
from live_improv.music.changes import Changes
from live_improv.music.chords import Chord, ChordSymbolError, parse_chord
from live_improv.music.timing import MAX_BPM, MIN_BPM, Meter, Ticks, TimingError

MAX_LEADSHEET = 1_000_000
"""Longest file that is read, in characters: melodies and analyses make them long."""
MAX_DEPTH = 200
"""Deepest parentheses that are read."""

_TOKEN = re.compile(r"[()|]|[^\s()|]+(?:\([^\s()|]*\)[^\s()|]*)*")
_KEYS = ("C", "G", "D", "A", "E", "B", "F#", "C#", "Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F")


@dataclass(frozen=True, slots=True)
class _Statement:
    """What stands in parentheses: its name, its words, and those directly inside it by name."""

    name: str
    words: tuple[str, ...]
    inner: dict[str, tuple[str, ...]]


def parse(text: str) -> Changes:
    """Read a lead sheet.

    Raises:
        ChartError: something in it cannot be read; the message names the bar, counted from 1.
    """
    if len(text) > MAX_LEADSHEET:
        raise ChartError(f"{len(text)} characters: expected at most {MAX_LEADSHEET}")
    reader = _Reader()
    for item in _items(text):
        if isinstance(item, _Statement):
            reader.read_statement(item)
        else:
            reader.read_word(item)
    return reader.finished()


def _items(text: str) -> Iterator[_Statement | str]:
    """Statements, and the words between them."""
    depth = 0
    words: list[str] = []
    inner: dict[str, list[str]] = {}
    name = ""
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token == "(":
            before = text[match.start() - 1 : match.start()]
            if depth == 0 and before and not before.isspace() and before not in "()|":
                raise ChartError(f"line {_line(text, match.start())}: {before}( has no )")
            depth += 1
            if depth > MAX_DEPTH:
                raise ChartError(f"parentheses inside each other: expected at most {MAX_DEPTH}")
            name = "" if depth == 2 else name
        elif token == ")":
            depth -= 1
            if depth < 0:
                raise ChartError(f"line {_line(text, match.start())}: ) closes nothing")
            if depth == 0:
                found = {key: tuple(value) for key, value in inner.items()}
                yield _Statement(words[0] if words else "", tuple(words[1:]), found)
                words, inner = [], {}
        elif depth == 0:
            yield token
        elif depth == 1 or words[:1] == ["title"]:
            words.append(token)
        elif depth == 2:
            if name:
                inner[name].append(token)
            else:
                name = token
                inner.setdefault(name, [])
    if depth:
        raise ChartError(f"{depth} parentheses are not closed")


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


@dataclass
class _Reader:
    """What has been read of a lead sheet so far."""

    title: str = ""
    key: str = ""
    tempo: float | None = None
    style: str = ""
    meter: Meter = field(default_factory=Meter)
    bars: list[PlayedBar] = field(default_factory=list)
    symbols: list[str] = field(default_factory=list)
    melody: bool = False
    opens: bool = False

    @property
    def number(self) -> int:
        """The bar being read, as errors name it."""
        return len(self.bars) + 1

    def read_statement(self, said: _Statement) -> None:
        """Read what stands in parentheses."""
        match said.name:
            case "title":
                self.title = self.title or plain_text(" ".join(said.words))
            case "meter":
                self.read_meter(said.words)
            case "key":
                self.key = self.key or _key(said.words)
            case "tempo":
                self.tempo = _tempo(said.words)
            case "style":
                self.style = self.style or plain_text(" ".join(said.words))
            case "part":
                self.end_bar()
                self.melody = said.inner.get("type", ()) == ("melody",)
            case "section" | "phrase":
                self.end_bar()
                self.opens = True
                self.style = self.style or plain_text(" ".join(said.inner.get("style", ())))

    def read_meter(self, words: tuple[str, ...]) -> None:
        """Read a meter, `4 4`."""
        if self.bars or self.symbols:
            raise ChartError(
                f"bar {self.number}: (meter {' '.join(words)[:40]}) after the first bar"
            )
        try:
            self.meter = Meter.parse("/".join(words)[:40])
        except TimingError as error:
            raise ChartError(str(error)) from None

    def read_word(self, word: str) -> None:
        """Read a word outside parentheses."""
        if self.melody:
            return
        if word == "|":
            if not self.symbols:
                raise ChartError(
                    f"bar {self.number}: the bar is empty: expected a chord, NC, or / for the one "
                    "before"
                )
            self.end_bar()
        elif word == "/" or word[0].isupper():
            self.symbols.append(word)

    def end_bar(self) -> None:
        """Finish the bar being read, if there is one."""
        if not self.symbols:
            return
        count = len(self.symbols)
        if count > MAX_SHARES:
            raise ChartError(f"bar {self.number}: {count} symbols: expected at most {MAX_SHARES}")
        if len(self.bars) == MAX_BARS:
            raise ChartError(f"the lead sheet has too many bars: expected at most {MAX_BARS}")
        length = self.meter.bar_ticks
        starts = [
            Start(Ticks(share * length // count), self.chord(symbol))
            for share, symbol in enumerate(self.symbols)
            if symbol != "/"
        ]
        self.bars.append(PlayedBar(self.meter, tuple(starts), "" if self.opens else None))
        self.symbols, self.opens = [], False

    def chord(self, symbol: str) -> Chord:
        """The chord of a symbol."""
        try:
            return parse_chord(symbol)
        except ChordSymbolError as error:
            raise ChartError(f"bar {self.number}: {error}") from None

    def finished(self) -> Changes:
        """The changes, at the end of the file."""
        self.end_bar()
        if not self.bars:
            raise ChartError("the lead sheet has no chords: expected some, such as Dm7 G7 | CM7 |")
        bars = self.bars
        if sum(bar.section is not None for bar in bars) < 2:
            bars = [PlayedBar(bar.meter, bar.starts) for bar in bars]
        return lay_out(bars, Heading(self.title, self.key, self.tempo, self.style))


def _key(words: tuple[str, ...]) -> str:
    """The major key with so many sharps, or flats if it is negative."""
    if len(words) != 1 or not re.fullmatch(r"-?[0-7]", words[0]):
        raise ChartError(f"key {' '.join(words)[:40]!r}: expected -7 (flats) to 7 (sharps)")
    return _KEYS[int(words[0])]


def _tempo(words: tuple[str, ...]) -> float | None:
    """The tempo, or None where it cannot be played."""
    if len(words) != 1 or not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,6})?", words[0]):
        raise ChartError(f"tempo {' '.join(words)[:40]!r}: expected quarters a minute")
    return float(words[0]) if MIN_BPM <= float(words[0]) <= MAX_BPM else None
