"""The measures of one part of MusicXML -> bars with their chords, as written.

A chord stands where the notes, <backup> and <forward> before it and its own <offset> put it, in
<divisions> of a quarter, rounded to the nearest tick. A bar is as long as what stands in it, or,
with nothing in it, as its time signature says; less than a step of the grid too little or too much
is rounding. Where a <measure-repeat> sign stands and no chord, the chords of the bars that it
repeats are played. Chords of a transposing part are read as they sound (<transpose>).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from xml.etree.ElementTree import Element

from live_improv.charts.musicxml_harmony import NO_CHORD, note_name, read_harmony
from live_improv.charts.musicxml_tree import decimal, shown, text_at, whole
from live_improv.charts.text import ChartError
from live_improv.music.timing import GRID_TICKS, PPQ, Meter, Ticks, TimingError

MAX_REPEATED = 32
"""Most bars that one measure-repeat sign repeats."""

_BEATS = {
    "breve": Fraction(8),
    "whole": Fraction(4),
    "half": Fraction(2),
    "quarter": Fraction(1),
    "eighth": Fraction(1, 2),
    "16th": Fraction(1, 4),
}
"""Quarters of the notes that a metronome mark may count."""

_MODES = {
    "": (0, ""),
    "none": (0, ""),
    "major": (0, ""),
    "ionian": (0, ""),
    "minor": (3, "min"),
    "aeolian": (3, "min"),
    "dorian": (2, " dorian"),
    "phrygian": (4, " phrygian"),
    "lydian": (-1, " lydian"),
    "mixolydian": (1, " mixolydian"),
    "locrian": (5, " locrian"),
}
"""Where the tonic of a mode lies on the circle of fifths from that of major, and its name."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of one part: its elements, and what the file calls it."""

    name: str
    implicit: bool
    elements: Sequence[Element]


@dataclass(frozen=True, slots=True)
class WrittenBar:
    """A bar as it stands in the score.

    Attributes:
        name: as errors name it.
        meter: its time signature.
        length: how long it is, in ticks: that of the meter in all but pickups and their like.
        implicit: it is marked as a part of a bar.
        chords: where each chord starts in it, and its symbol; in order.
    """

    name: str
    meter: Meter
    length: Ticks
    implicit: bool
    chords: tuple[tuple[Ticks, str], ...]


@dataclass(frozen=True, slots=True)
class WrittenPart:
    """The bars of a part, and the key at its beginning."""

    bars: tuple[WrittenBar, ...]
    key: str


def read_part(measures: Iterable[Measure]) -> WrittenPart:
    """Read all measures of a part.

    Raises:
        ChartError: a measure cannot be read; the message names it and the value.
    """
    reader = _PartReader()
    for measure in measures:
        try:
            reader.read_measure(measure)
        except (ChartError, TimingError) as error:
            raise ChartError(f"{measure.name}: {error}") from None
    return WrittenPart(tuple(reader.bars), reader.key or "")


@dataclass
class _PartReader:
    """What has been read of a part so far.

    Attributes:
        divisions: of a quarter; None up to the first.
        fifths: how far chords are moved round the circle of fifths to sound as they do.
        repeats: how many bars the measure-repeat sign in force repeats; 0 where none is.
        at, furthest: the place in the measure, and its end so far, in quarters.
    """

    bars: list[WrittenBar] = field(default_factory=list)
    key: str | None = None
    divisions: Fraction | None = None
    meter: Meter | None = None
    fifths: int = 0
    repeats: int = 0
    at: Fraction = Fraction(0)
    furthest: Fraction = Fraction(0)

    def read_measure(self, measure: Measure) -> None:
        """Read one measure."""
        self.at = self.furthest = Fraction(0)
        chords: list[tuple[Fraction, str]] = []
        repeats = 0
        for element in measure.elements:
            if element.tag == "attributes":
                # A sign that ends behind the music of a measure still covers it.
                repeats = max(repeats, self.repeats if self.furthest else 0)
                self.read_attributes(element)
                repeats = max(repeats, self.repeats)
            elif element.tag == "harmony":
                if element.get("type") != "alternate":
                    chords.append((self.place(element), read_harmony(element, self.fifths)))
            elif element.tag in ("note", "backup", "forward"):
                self.move(element)
        if self.meter is None:
            raise ChartError("no time signature: expected a <time>")
        length = self.length(self.meter)
        placed = _in_ticks(chords, length)
        if not placed and (repeats := max(repeats, self.repeats)):
            placed = self.repeated(repeats)
        self.bars.append(WrittenBar(measure.name, self.meter, length, measure.implicit, placed))

    def read_attributes(self, attributes: Element) -> None:
        """Take up what holds from here on."""
        # It stands behind the key that it moves.
        if (transpose := attributes.find("transpose")) is not None:
            self.fifths = _transposition(transpose)
        for element in attributes:
            if element.tag == "divisions":
                self.divisions = decimal(text_at(element), "divisions")
                if self.divisions <= 0:
                    raise ChartError(f"divisions {self.divisions}: expected more than 0")
            elif element.tag == "time":
                self.meter = _meter(element)
            elif element.tag == "key" and self.key is None:
                self.key = _key(element, self.fifths)
            elif (sign := element.find("measure-repeat")) is not None:
                starts = sign.get("type") == "start"
                count = text_at(sign)
                self.repeats = whole(count, "measure-repeat", 1, MAX_REPEATED) if starts else 0

    def place(self, harmony: Element) -> Fraction:
        """Where a harmony stands in the measure, in quarters."""
        offset = text_at(harmony, "offset")
        return self.at + self.quarters(decimal(offset, "offset")) if offset else self.at

    def move(self, element: Element) -> None:
        """Go on in the measure by a note, or by a <backup> or <forward>."""
        if element.find("chord") is not None or element.find("grace") is not None:
            return
        duration = decimal(text_at(element, "duration"), f"duration of a {element.tag}")
        if duration < 0:
            raise ChartError(f"duration {duration}: expected 0 or more")
        length = self.quarters(duration)
        self.at += -length if element.tag == "backup" else length
        self.furthest = max(self.furthest, self.at)

    def quarters(self, divisions: Fraction) -> Fraction:
        if self.divisions is None:
            raise ChartError("no <divisions> before the first duration")
        return divisions / self.divisions

    def length(self, meter: Meter) -> Ticks:
        """How long the measure is, in ticks."""
        there = round(self.furthest * PPQ)
        rounding = abs(there - meter.bar_ticks) < GRID_TICKS
        return meter.bar_ticks if not there or rounding else Ticks(there)

    def repeated(self, count: int) -> tuple[tuple[Ticks, str], ...]:
        """The chords of the bar `count` bars before, and at its head the one that sounds there."""
        at = len(self.bars) - count
        if at < 0:
            raise ChartError(f"a sign that repeats {count} bars: only {len(self.bars)} before it")
        chords = self.bars[at].chords
        if chords and chords[0][0] == 0:
            return chords
        before = next((bar.chords[-1][1] for bar in reversed(self.bars[:at]) if bar.chords), None)
        return ((Ticks(0), before or NO_CHORD), *chords)


def _in_ticks(
    chords: Iterable[tuple[Fraction, str]], length: Ticks
) -> tuple[tuple[Ticks, str], ...]:
    """The chords of a bar by the ticks at which they start."""
    placed: dict[Ticks, str] = {}
    for quarters, symbol in chords:
        tick = Ticks(round(quarters * PPQ))
        if not 0 <= tick < length:
            beat = float(quarters) + 1
            raise ChartError(
                f"{symbol} stands {beat - 1:g} quarters into a bar of {length / PPQ:g}"
            )
        if placed.setdefault(tick, symbol) != symbol:
            raise ChartError(
                f"{placed[tick]} and {symbol} stand at one place: expected one, or an <offset>"
            )
    return tuple(sorted(placed.items()))


def _meter(time: Element) -> Meter:
    """A time signature: `3+2` beats are 5, and 2/4 + 3/8 is 7/8."""
    if time.find("senza-misura") is not None:
        raise ChartError("senza misura: expected a time signature")
    beats = [text_at(each) for each in time.findall("beats")]
    types = [whole(text_at(each), "beat-type", 1, 32) for each in time.findall("beat-type")]
    if not beats or len(beats) != len(types):
        raise ChartError("a time signature without beats and beat-type")
    bottom = max(types)
    top = Fraction(0)
    for text, each in zip(beats, types, strict=True):
        top += sum(whole(part.strip(), "beats", 1, 32) for part in text.split("+")[:32]) * Fraction(
            bottom, each
        )
    if top.denominator != 1:
        raise ChartError(f"beats {shown('+'.join(beats))}: expected notes of one kind")
    return Meter(int(top), bottom)


def _transposition(transpose: Element) -> int:
    """How far the part sounds from how it is written, round the circle of fifths."""
    chromatic = whole(text_at(transpose, "chromatic"), "chromatic", -36, 36)
    diatonic = text_at(transpose, "diatonic")
    if not diatonic:
        return (7 * chromatic + 5) % 12 - 5
    return 7 * chromatic - 12 * whole(diatonic, "diatonic", -21, 21)


def _key(key: Element, fifths: int) -> str:
    """The key, such as `Bb` or `Cmin`; empty for a signature of its own making."""
    signature = text_at(key, "fifths")
    mode = text_at(key, "mode").lower()
    if not signature or mode not in _MODES:
        return ""
    place, name = _MODES[mode]
    return note_name(whole(signature, "fifths", -11, 11) + fifths + place) + name


def tempo_of(elements: Iterable[Element]) -> Fraction | None:
    """The first tempo that the elements of a measure name, in quarters a minute; None without.

    Raises:
        ChartError: it is not a number.
    """
    counted = None
    for element in elements:
        if element.tag not in ("direction", "sound"):
            continue
        sound = element if element.tag == "sound" else element.find("sound")
        # A tempo of 0 leaves it to the player.
        if sound is not None and (tempo := decimal(sound.get("tempo", "0"), "tempo")):
            return tempo
        if counted is None:
            counted = _metronome(element.find("direction-type/metronome"))
    return counted


def _metronome(mark: Element | None) -> Fraction | None:
    """What a metronome mark such as `half = 90` says, in quarters a minute."""
    if mark is None or len(mark.findall("beat-unit")) != 1:
        return None
    unit = _BEATS.get(text_at(mark, "beat-unit"))
    count = re.search(r"[0-9]{1,4}(?:\.[0-9]{1,4})?", text_at(mark, "per-minute"))
    if unit is None or count is None:
        return None
    dots = min(len(mark.findall("beat-unit-dot")), 3)
    return Fraction(count[0]) * unit * (2 - Fraction(1, 2**dots))
