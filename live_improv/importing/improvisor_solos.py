"""Solos of Impro-Visor (`.ls`): the melody over the chords of a lead sheet.

    (part (type melody) (title Chorus 1) (composer Somebody))
    c8 d8/3 eb8/3 f#8/3 r4 g+4+8 bb-2.

A note is a letter, `#` or `b`, a `+` for each octave above that of middle C or a `-` for each
below, and how long it is: 4 is a quarter, `/3` makes it one of a triplet (`/5`: four fifths), a dot
adds a half, and a `+` ties on more. `r` is a rest; without a length it is an eighth. `cb` is the B
below the next octave's C, so it has the number of its own octave. Bar lines do not count.

Each melody part is a chorus, one after another over the same chords (`charts.improvisor`); one that
ends early is followed by silence.

Source: Keller, Impro-Visor Leadsheet Notation (2005), and how the program counts: 120 slots a
quarter, rounded down.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from live_improv.charts.improvisor import MAX_LEADSHEET, parse
from live_improv.charts.layout import plain_text
from live_improv.charts.text import ChartError
from live_improv.importing.feels import feel_of
from live_improv.importing.imported import Choices, NotUnderstood, Understood
from live_improv.importing.lines import About, Sounding, changes_of, title_of, understood
from live_improv.importing.transposing import transposed_by
from live_improv.music.changes import Bar, Changes, Section
from live_improv.music.chords import Chord, ChordSymbolError
from live_improv.music.solos import MAX_BEATS
from live_improv.music.timing import PPQ, Ticks, TimingError

_SLOTS = 120
_WHOLE = 4 * _SLOTS
_EIGHTH = _SLOTS // 2
_TICKS_PER_SLOT = PPQ // _SLOTS
_MIDDLE_C = 60

_SEMITONES = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_ACCIDENTALS = {"": 0, "#": 1, "s": 1, "b": -1}
_VALUE = r"[1-9][0-9]{0,3}(?:/[1-9][0-9]{0,2})?\.{0,4}"
_LENGTH = re.compile(rf"{_VALUE}(?:[+u]{_VALUE})*")
_NOTE = re.compile(r"([a-g])([#bs]?)([+u-]{0,5})(?=[0-9]|$)")
_SILENT = re.compile(r"r(?=[0-9]|$)")
_VOLUME = re.compile(r"v[0-9]{1,3}")

_TOKEN = re.compile(r"[()]|[^\s()]+")


@dataclass
class _Chorus:
    """A melody part: what it is called, and its words."""

    title: str = ""
    composer: str = ""
    words: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Tune:
    """Notes from 0 on, in ticks, and where they end."""

    notes: tuple[Sounding, ...]
    length: Ticks


def read_leadsheet(path: Path, choices: Choices) -> tuple[Understood, ...]:
    """The solo of a lead sheet; `choices.melody` names one of its melody parts by title or number.

    Raises:
        NotUnderstood: the file is no lead sheet, or has no melody; says why.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        data = file.read(MAX_LEADSHEET + 1)
    if len(data) > MAX_LEADSHEET:
        raise NotUnderstood(f"larger than {MAX_LEADSHEET:,} bytes: this is no lead sheet")
    try:
        return (_read(_text(data), path.stem, choices),)
    except (ChartError, ChordSymbolError, TimingError) as error:
        raise NotUnderstood(str(error)) from None


def _text(data: bytes) -> str:
    """The text of a file: the program writes what its system does."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _read(text: str, name: str, choices: Choices) -> Understood:
    chart = parse(text)
    choruses = _chosen([each for each in _choruses(text) if each.words], choices.melody)
    left_out: Counter[str] = Counter()
    line: list[Sounding] = []
    played = 0
    for chorus in choruses:
        tune = _tune(chorus.words, left_out)
        start = played * chart.length
        line += [
            Sounding(Ticks(start + note.onset), Ticks(start + note.end), note.pitch, None)
            for note in tune.notes
        ]
        played += max(-(-tune.length // chart.length), 1)
        if played * chart.length > MAX_BEATS * PPQ:
            raise NotUnderstood(f"a solo of more than {MAX_BEATS} beats")
    composers = [each.composer for each in choruses if each.composer]
    about = About(
        id=plain_text(name) or "leadsheet",
        title=title_of(chart.title, name),
        performer=choices.performer or (composers[0] if composers else ""),
        key=chart.key,
        bpm=chart.tempo,
        feel=feel_of(chart.style),
    )
    count = f"{len(choruses)} melody part{'s' * (len(choruses) > 1)}"
    title = f' "{choruses[0].title}"' if len(choruses) == 1 and choruses[0].title else ""
    over = _repeated(chart, played, about)
    found = understood(line, over, about, count + title, "the lead sheet", left_out)
    return transposed_by(found, choices.transposed)


def _choruses(text: str) -> Iterator[_Chorus]:
    """The melody parts in order; notes before the first of them, as old files have, are one."""
    chorus = _Chorus()
    depth = 0
    words: list[str] = []
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token in "()":
            depth += 1 if token == "(" else -1
            if token == "(" and depth == 1:
                words = []
            words.append(token)
            if depth == 0 and words[1:2] == ["part"]:
                said = _said(words)
                if said.get("type") == "melody":
                    yield chorus
                    chorus = _Chorus(said.get("title", ""), said.get("composer", ""))
        elif depth:
            words.append(token)
        elif token[0].islower():
            chorus.words.append(token)
    yield chorus


def _said(words: Sequence[str]) -> dict[str, str]:
    """What stands in the parentheses inside a statement: the first word of each, and the rest."""
    said: dict[str, str] = {}
    for inner in re.findall(r"\( ([^()]*) \)", " ".join(words)):
        name, _, value = inner.partition(" ")
        said.setdefault(name, plain_text(value))
    return said


def _chosen(choruses: Sequence[_Chorus], wanted: str | None) -> Sequence[_Chorus]:
    """The melody parts that are meant: all, or the one of that number or title."""
    if not choruses:
        raise NotUnderstood("the lead sheet has chords and no melody")
    if wanted is None:
        return choruses
    if wanted.isdecimal() and len(wanted) < 6 and 0 < int(wanted) <= len(choruses):
        return [choruses[int(wanted) - 1]]
    named = [each for each in choruses if wanted.strip().lower() in each.title.lower()]
    if not named:
        titles = ", ".join(each.title or str(i) for i, each in enumerate(choruses[:8], 1))
        raise NotUnderstood(f"no melody part {wanted[:40]!r}: expected one of {titles}")
    return named


def _tune(words: Sequence[str], left_out: Counter[str]) -> _Tune:
    """The notes of a melody part."""
    notes: list[Sounding] = []
    slot = 0
    for word in words:
        rest, note = _SILENT.match(word), _NOTE.match(word)
        match = rest or note
        if match is None:
            left_out["words that are no notes"] += _VOLUME.fullmatch(word) is None
            continue
        length = _slots(word[match.end() :])
        if length is None:
            left_out["notes of a length that cannot be read, taken for eighths"] += 1
            length = _EIGHTH
        if note is not None and length:
            pitch = _pitch(*note.groups())
            if 0 <= pitch <= 127:
                start, end = slot * _TICKS_PER_SLOT, (slot + length) * _TICKS_PER_SLOT
                notes.append(Sounding(Ticks(start), Ticks(end), pitch, None))
            else:
                left_out["notes out of all range"] += 1
        slot += length
        if slot > MAX_BEATS * _SLOTS:
            raise NotUnderstood(f"a solo of more than {MAX_BEATS} beats")
    return _Tune(tuple(notes), Ticks(slot * _TICKS_PER_SLOT))


def _pitch(letter: str, accidental: str, octaves: str) -> int:
    """The MIDI pitch of a note."""
    octave = len(octaves) - 2 * octaves.count("-")
    return _MIDDLE_C + 12 * octave + (_SEMITONES[letter] + _ACCIDENTALS[accidental]) % 12


def _slots(text: str) -> int | None:
    """A length such as `4+8/3` in slots, an eighth where there is none; None where it is none."""
    if not text:
        return _EIGHTH
    if not _LENGTH.fullmatch(text):
        return 0 if text.strip("0") == "" else None
    total = 0
    for value in re.split("[+u]", text):
        number, _, tuplet = value.rstrip(".").partition("/")
        among = int(tuplet or 1)
        each = _WHOLE * max(among - 1, 1) // (int(number) * among)
        total += each
        for _ in range(value.count(".")):
            each //= 2
            total += each
    return total


def _repeated(chart: Changes, times: int, about: About) -> Changes:
    """The changes of so many choruses in a row."""
    bars: list[Bar] = []
    chords: dict[Ticks, Chord] = {}
    sections: list[Section] = []
    for chorus in range(times):
        start = chorus * chart.length
        bars += [Bar(Ticks(start + bar.start), bar.meter) for bar in chart.bars]
        chords |= {Ticks(start + span.start): span.chord for span in chart.chords}
        parts = chart.sections or (Section(Ticks(0), "A"),)
        sections += [Section(Ticks(start + part.start), part.name) for part in parts]
    return changes_of(bars, chords, sections, about)
