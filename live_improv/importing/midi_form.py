"""The bars, the sections and the key of somebody's file.

Conventions
    Ticks are those of the file, moved on by `Form.lead` where it begins with less than a bar.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from live_improv.importing.imported import NotUnderstood
from live_improv.listening.key_finding import KeyFinder, Mode
from live_improv.midi.reader import ChordMark
from live_improv.midi.scan import Scanned
from live_improv.midi.written import CUE, MARKER, key_signature, texts_in
from live_improv.music.changes import Bar, Section
from live_improv.music.events import Note
from live_improv.music.form_marks import parse_mark
from live_improv.music.timing import GRID_TICKS, PPQ, Meter, Seconds, TempoMap, Ticks

MOST_BEATS = 40_000
"""No solo is longer: two hours and more."""

_NEAR = PPQ // 8  # a meter that begins so near a bar line begins there
_SIGNS = (4, 8, 16)
_SECTION = re.compile(r"([A-G]\d?'{0,2}|intro|verse|chorus|bridge|head|solo|outro|coda)", re.I)
_NAMES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_MODES = {Mode.MAJOR: "maj", Mode.MINOR: "min"}
_PLAIN_KEY = "C-maj"


@dataclass(frozen=True, slots=True)
class Form:
    """The bars of a file.

    Attributes:
        bars: at least one, from tick 0 on.
        lead: how much later everything stands than in the file.
    """

    bars: tuple[Bar, ...]
    lead: Ticks

    def bar_index(self, tick: int) -> int:
        """The bar that a tick falls in; the first one for what is before it."""
        return max(bisect_right(self.bars, tick, key=lambda bar: bar.start) - 1, 0)

    @property
    def end(self) -> Ticks:
        """Where the last bar ends."""
        return Ticks(self.bars[-1].start + self.bars[-1].meter.bar_ticks)


def form_of(meters: Sequence[Bar], last: Ticks, *, pickup: bool = True) -> Form:
    """The bars up to the one that `last` is in.

    A meter that comes in the middle of a bar ends it there if what there is of it can be written;
    otherwise it comes with the next one. A first bar that is shorter than the next and alone in
    its meter is a pickup, and is made whole where that is asked for.

    Raises:
        NotUnderstood: the meter does not fit the grid, or it is too long.
    """
    if last > MOST_BEATS * PPQ:
        raise NotUnderstood(f"it is longer than {MOST_BEATS} beats")
    for bar in meters:
        if bar.meter.bar_ticks % GRID_TICKS:
            raise NotUnderstood(f"meter {bar.meter}: its bars do not fit a grid of 12 to the beat")
    bars: list[Bar] = []
    at = Ticks(0)
    while at <= last:
        coming = bisect_right(meters, at + _NEAR, key=lambda bar: bar.start)
        meter = meters[max(coming - 1, 0)].meter
        if coming < len(meters) and meters[coming].start - at + _NEAR < meter.bar_ticks:
            meter = _short(meters[coming].start - at) or meter
        bars.append(Bar(at, meter))
        at = Ticks(at + meter.bar_ticks)
    lead = 0
    if pickup and len(bars) > 1 and bars[0].meter.bar_ticks < bars[1].meter.bar_ticks:
        lead = bars[1].meter.bar_ticks - bars[0].meter.bar_ticks
        later = [Bar(Ticks(bar.start + lead), bar.meter) for bar in bars[1:]]
        bars = [Bar(Ticks(0), bars[1].meter), *later]
    return Form(tuple(bars), Ticks(lead))


def _short(ticks: int) -> Meter | None:
    """A meter whose bar is so long."""
    for sign in _SIGNS:
        count, over = divmod(ticks, PPQ * 4 // sign)
        if not over and 1 <= count <= 32:
            return Meter(count, sign)
    return None


def sections_of(scanned: Scanned, form: Form, chords: Iterable[ChordMark]) -> tuple[Section, ...]:
    """The sections that our form marks name, and those that others' markers and cue points do, at
    the bar lines next to them.

    `chords` are the texts that name chords: those name no sections.
    """
    symbols = {(mark.tick, mark.chord.symbol) for mark in chords}
    found: dict[Ticks, str] = {}
    for each in texts_in(scanned, MARKER, CUE):
        mark = parse_mark(each.tick, each.text)
        named = _SECTION.fullmatch(each.text)
        if mark is None and (named is None or (each.tick, each.text) in symbols):
            continue
        tick = Ticks(each.tick + form.lead)
        if tick >= form.end:
            continue
        if mark is not None:
            found[tick] = mark.section
        else:
            found[form.bars[form.bar_index(tick + _NEAR)].start] = each.text
    return tuple(Section(start, name) for start, name in sorted(found.items()) if name)


def key_of(scanned: Scanned, notes: Iterable[Note], tempo: TempoMap) -> tuple[str, bool]:
    """The key of a solo, as `Bb-maj`, and whether it was guessed from its notes.

    A signature without sharps and flats is what programs write where nobody said anything.
    """
    signed = key_signature(scanned)
    if signed and signed != _PLAIN_KEY:
        return signed, False
    finder = KeyFinder(half_life=1e9)
    for note in notes:
        sounds = tempo.seconds_at(note.end) - tempo.seconds_at(note.onset)
        finder.hear(note.pitch, max(sounds, 0.0) ** 0.5, Seconds(0.0))
    key = finder.key(Seconds(0.0))
    if key is None:
        return signed, False
    return f"{_NAMES[key.tonic]}-{_MODES[key.mode]}", True
