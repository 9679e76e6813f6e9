"""Charts of notation programs: MusicXML (.musicxml, .xml, .mxl) -> `Changes`.

What is read is the chord symbols (`musicxml_harmony`) of the part that has most of them, the first
of such parts; repeats, endings, jumps and rehearsal marks (`musicxml_marks`, `musicxml_form`) of
all parts, as many programs write them into the top one only; time signatures (`musicxml_bars`,
`musicxml_layout`); title, first key and first tempo. The melody is not read, but the lengths of its
notes are: they say where chords stand. A bar without a chord holds the one before.
Partwise and timewise scores of any version are read (MusicXML 4.0, W3C Community Group, 2021).

Every error is one line and names the bar as the file numbers it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import PurePath
from xml.etree.ElementTree import Element

from live_improv.charts.layout import Heading, lay_out
from live_improv.charts.musicxml_bars import Measure, WrittenBar, read_part, tempo_of
from live_improv.charts.musicxml_form import played
from live_improv.charts.musicxml_layout import Turn, whole_bars
from live_improv.charts.musicxml_marks import Marks, marks_of, merged
from live_improv.charts.musicxml_tree import parse_tree, shown, text_at
from live_improv.charts.mxl import SIGNATURE, unpack
from live_improv.charts.text import MAX_BARS, MAX_NAME, ChartError
from live_improv.music.changes import Changes
from live_improv.music.timing import TimingError, checked_bpm

MAX_PARTS = 100
"""Most parts of a score."""

ENDINGS = (".musicxml", ".xml", ".mxl")
"""How the names of such files end."""

_TITLES = ("movement-title", "work/work-title")


def read(data: bytes, name: str) -> Changes:
    """Read a chart.

    Args:
        data: what is in the file, packed (.mxl) or not.
        name: the file's name; the chart is called by it where the score has no title.

    Raises:
        ChartError: it is no MusicXML, or something in it cannot be read.
    """
    score = parse_tree(unpack(data) if data.startswith(SIGNATURE) else data)
    parts = _parts(score)
    chosen = max(parts, key=_harmonies)
    if not _harmonies(chosen):
        raise ChartError("the score has no chord symbols")
    lengths = sorted({len(part) for part in parts})
    if len(lengths) > 1:
        raise ChartError(f"parts of {' and '.join(map(str, lengths))} measures: expected as many")
    marks = [_marks(measures) for measures in zip(*parts, strict=True)]
    written = read_part(chosen)
    order = played(marks, [bar.name for bar in written.bars])
    turns = [Turn(written.bars[i], marks[i].section) for i in order]
    heading = Heading(
        title=_title(score) or PurePath(name).stem[:MAX_NAME],
        key=written.key,
        tempo=_tempo(parts),
    )
    return lay_out(whole_bars(turns, _pickup(written.bars)), heading)


def _parts(score: Element) -> list[list[Measure]]:
    """The measures of each part."""
    if score.tag == "score-partwise":
        parts = [
            [measure_of(measure, measure, i) for i, measure in enumerate(part.findall("measure"))]
            for part in score.findall("part")
        ]
    elif score.tag == "score-timewise":
        by_part: dict[str, list[Measure]] = {}
        for i, measure in enumerate(score.findall("measure")):
            for part in measure.findall("part"):
                by_part.setdefault(part.get("id", ""), []).append(measure_of(measure, part, i))
        parts = list(by_part.values())
    else:
        raise ChartError(f"{shown(score.tag)}: expected score-partwise or score-timewise")
    if not parts or not parts[0]:
        raise ChartError("the score has no measures")
    if len(parts) > MAX_PARTS or len(parts[0]) > MAX_BARS:
        raise ChartError(
            f"{len(parts)} parts of {len(parts[0])} measures: expected at most {MAX_PARTS} of "
            f"{MAX_BARS}"
        )
    return parts


def measure_of(measure: Element, content: Element, index: int) -> Measure:
    """A measure: `content` is the element that holds its notes."""
    number = measure.get("number", "").strip()
    name = f"bar {number if 0 < len(number) <= 12 else index + 1}"
    return Measure(name, measure.get("implicit") == "yes", list(content))


def _harmonies(part: Sequence[Measure]) -> int:
    """How many chord symbols a part has."""
    return sum(element.tag == "harmony" for measure in part for element in measure.elements)


def _marks(measures: Sequence[Measure]) -> Marks:
    """The marks of one measure in all parts."""
    try:
        return merged(marks_of(measure.elements) for measure in measures)
    except ChartError as error:
        raise ChartError(f"{measures[0].name}: {error}") from None


def _pickup(bars: Sequence[WrittenBar]) -> WrittenBar | None:
    """The first bar, if it is a pickup."""
    return bars[0] if bars[0].length < bars[0].meter.bar_ticks else None


def _title(score: Element) -> str:
    """The title, of the movement rather than of the work; empty where there is none."""
    for path in _TITLES:
        if title := " ".join(text_at(score, path).split()):
            if len(title) > MAX_NAME:
                raise ChartError(f"title over {MAX_NAME} characters")
            return title
    return ""


def _tempo(parts: Sequence[Sequence[Measure]]) -> float | None:
    """The tempo at the beginning, in quarters a minute: of the first two measures, as the first
    may be a pickup."""
    for tempo in _tempos(parts):
        try:
            return checked_bpm(float(tempo))
        except TimingError as error:
            raise ChartError(str(error)) from None
    return None


def _tempos(parts: Sequence[Sequence[Measure]]) -> Iterator[Fraction]:
    """The tempo marks of the first two measures."""
    for i in range(min(2, len(parts[0]))):
        for part in parts:
            try:
                tempo = tempo_of(part[i].elements)
            except ChartError as error:
                raise ChartError(f"{part[i].name}: {error}") from None
            if tempo is not None:
                yield tempo
