"""Solos in MusicXML (.musicxml, .xml, .mxl) -> solos of a corpus.

The file is unpacked, bounded and checked by `charts` (`mxl`, `musicxml_tree`): entities, sizes,
zip bombs. Notes are read by music21 (`score_lines`), of the part that has the melody
(`score_parts`); chord symbols, meters and the order of the bars by `charts`, of the part that has
most chord symbols; `score_time` lays both out. Everything is at sounding pitch.

A chord symbol that is none becomes N.C. and is told; so are repeat signs that make no order, which
are then left out. Notes without a single chord symbol are taken only where the melody is named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement

from live_improv.charts.layout import plain_text
from live_improv.charts.musicxml_bars import (
    Measure,
    WrittenBar,
    WrittenPart,
    read_part,
    tempo_of,
)
from live_improv.charts.musicxml_form import played
from live_improv.charts.musicxml_harmony import read_harmony
from live_improv.charts.musicxml_marks import Marks, marks_of, merged
from live_improv.charts.musicxml_tree import MAX_XML, parse_tree, text_at
from live_improv.charts.mxl import SIGNATURE, unpack
from live_improv.charts.text import ChartError
from live_improv.importing.feels import feel_of
from live_improv.importing.imported import Choices, NotUnderstood, Understood
from live_improv.importing.lines import About, changes_of, title_of, understood
from live_improv.importing.transposing import transposed_by
from live_improv.music.chords import ChordSymbolError, parse_chord
from live_improv.music.timing import TimingError, checked_bpm
from live_improv.training.score_lines import line_of
from live_improv.training.score_parts import Part, melody_of, parts_of
from live_improv.training.score_time import Timeline, Turn

_UNREADABLE = (ChartError, NotUnderstood, TimingError)


def read_score(path: Path, choices: Choices) -> tuple[Understood, ...]:
    """The solo of a score.

    Raises:
        NotUnderstood: the file is no score, or no solo can be had from it; says why.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        data = file.read(MAX_XML + 1)
    try:
        return (_read(data, path.stem, choices),)
    except (ChartError, TimingError, ChordSymbolError) as error:
        raise NotUnderstood(str(error)) from None


def _read(data: bytes, name: str, choices: Choices) -> Understood:
    score = parse_tree(unpack(data) if data.startswith(SIGNATURE) else data)
    parts = parts_of(score)
    melody = melody_of(parts, choices.melody)
    left_out: Counter[str] = Counter()
    harmony = max(parts, key=lambda part: part.count("harmony"))
    beside = [part for part in parts if len(part.measures) == len(melody.measures)]
    if not harmony.count("harmony"):
        if choices.melody is None:
            raise NotUnderstood(
                "the score has no chord symbols: name the part of the melody to take it all the "
                "same, over no chords"
            )
        harmony = melody
    elif harmony not in beside:
        raise NotUnderstood(
            f"{harmony.label}, with the chord symbols, has {len(harmony.measures)} measures and "
            f"{melody.label} {len(melody.measures)}: expected as many"
        )
    written = read_part(_harmonies(harmony.measures, left_out))
    bars = _longest(written.bars, [written, read_part(_plain(melody.measures))])
    line = line_of(melody)
    marks, order, told = _order(beside, bars)
    time = Timeline()
    time.lay([Turn(i, bars[i], marks[i], line.measures[i]) for i in order])
    left_out += line.left_out
    left_out["bars too short, filled up with silence"] += time.filled_up
    left_out["other parts"] += len(parts) - 1
    about = _about(score, beside, written.key, name)
    about = replace(about, performer=about.performer or choices.performer)
    chords = {tick: parse_chord(symbol) for tick, symbol in time.chords.items()}
    found = understood(
        time.line(),
        changes_of(time.bars, chords, time.sections, about),
        about,
        melody=melody.label,
        chords_from="chord symbols" if time.chords else "",
        left_out=left_out,
        told=told,
    )
    return transposed_by(found, choices.transposed)


def _plain(measures: Iterable[Measure]) -> list[Measure]:
    """The measures without their chord symbols."""
    return [
        replace(each, elements=[e for e in each.elements if e.tag != "harmony"])
        for each in measures
    ]


def _harmonies(measures: Iterable[Measure], left_out: Counter[str]) -> list[Measure]:
    """The measures with no other chord symbols than such as can be read, one to a place."""
    found = []
    for measure in measures:
        kept: list[Element] = []
        taken: set[str] = set()
        for element in measure.elements:
            if element.tag in ("note", "backup", "forward"):
                taken.clear()
            elif element.tag == "harmony" and element.get("type") != "alternate":
                place = text_at(element, "offset")
                if place in taken:
                    left_out["chord symbols at the place of another"] += 1
                    continue
                taken.add(place)
            kept.append(_readable(element, left_out))
        found.append(replace(measure, elements=kept))
    return found


def _readable(element: Element, left_out: Counter[str]) -> Element:
    """An element; for a chord symbol that cannot be read one that says N.C."""
    if element.tag != "harmony" or element.get("type") == "alternate":
        return element
    try:
        read_harmony(element, 0)
    except ChartError as error:
        what = str(error).partition(": expected")[0][:80]
        left_out[f"chord symbols taken for N.C. ({what})"] += 1
        none = Element("harmony")
        SubElement(none, "kind").text = "none"
        if (offset := element.find("offset")) is not None:
            none.append(offset)
        return none
    return element


def _longest(bars: Sequence[WrittenBar], parts: Sequence[WrittenPart]) -> list[WrittenBar]:
    """The bars, each as long as in the part where it is longest: others may have left rests out."""
    return [
        replace(bar, length=max(part.bars[i].length for part in parts))
        for i, bar in enumerate(bars)
    ]


def _order(
    parts: Sequence[Part], bars: Sequence[WrittenBar]
) -> tuple[list[Marks], list[int], tuple[str, ...]]:
    """The marks of each bar, and the order in which the bars are played; where the marks make
    none, as they are written, and why."""
    names = [bar.name for bar in bars]
    try:
        marks = [
            merged(marks_of(part.measures[i].elements) for part in parts) for i in range(len(bars))
        ]
        return marks, played(marks, names), ()
    except ChartError as error:
        why = f"played as written, as the repeats are not understood: {error}"
        return [Marks()] * len(bars), list(range(len(bars))), (why[:200],)


def _about(score: Element, parts: Sequence[Part], key: str, name: str) -> About:
    """What the score says of itself; `miscellaneous` is where our own scores say more."""
    title = text_at(score, "movement-title") or text_at(score, "work/work-title")
    creators: dict[str, str] = {
        each.get("type", "").lower(): plain_text(text_at(each))
        for each in score.iterfind("identification/creator")
    }
    ours = "live_improv" in {
        text_at(each) for each in score.iterfind("identification/encoding/software")
    }
    known: Mapping[str, str] = {
        each.get("name", ""): plain_text(text_at(each))
        for each in score.iterfind("identification/miscellaneous/miscellaneous-field")
        if ours
    }
    return About(
        id=known.get("id") or plain_text(name) or "score",
        title=title_of(title, name),
        performer=creators.get("performer") or creators.get("soloist") or "",
        key=key,
        bpm=_tempo(parts),
        instrument=known.get("instrument", ""),
        style=known.get("style", ""),
        feel=known.get("feel") or _feel(parts),
        split=known.get("split") or "train",
        lengths_known=known.get("lengths") != "unknown",
    )


def _tempo(parts: Sequence[Part]) -> float | None:
    """The tempo at the beginning: of the first two measures, as the first may be a pickup."""
    for i in range(2):
        for part in parts:
            if i < len(part.measures):
                try:
                    tempo = tempo_of(part.measures[i].elements)
                    if tempo is not None:
                        return checked_bpm(float(tempo))
                except _UNREADABLE:
                    continue
    return None


def _feel(parts: Sequence[Part]) -> str:
    """The feel that words or a <swing> at the head name; empty where none does."""
    words = []
    for part in parts:
        for measure in part.measures[:2]:
            for element in measure.elements:
                words += [text_at(each) for each in element.iterfind("direction-type/words")]
                # How a program plays it, where nothing is printed.
                words += ["swing"] * (element.find("sound/swing/first") is not None)
    return feel_of(" ".join(words))
