"""Every reader of charts, through the one door that all of them have."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from live_improv.charts import text
from live_improv.charts.reading import tunes_in
from live_improv.charts.text import ChartError
from live_improv.charts.writing import WritingError, written
from live_improv.music.changes import Changes
from live_improv.music.chords import ChordSymbolError
from live_improv.music.timing import MAX_BPM, MIN_BPM
from tests.charts.ireal_writing import fields, link
from tests.fuzz.seeds import charts
from tests.fuzz.target import Target, refused

_XML_PIECES = re.compile(rb"<[^<>]*>|[^<>]+|.", re.DOTALL)
_IREAL_PIECES = re.compile(rb"T\d\d|N\d|\*.|[A-G][b#]?[^ |,A-G\[\]{}]*|%..|<[^<>]*>|.", re.DOTALL)


def sound(changes: Changes) -> None:
    """What holds for all changes, besides what they check themselves; and that what our own format
    can write of them it reads as the same."""
    assert changes.length > 0
    assert changes.tempo is None or MIN_BPM <= changes.tempo <= MAX_BPM
    starts = {bar.start for bar in changes.bars}
    assert all(section.start in starts for section in changes.sections)
    try:
        again = written(changes)
    except WritingError as error:
        refused(error)
    else:
        assert text.parse(again) == changes, "what is written is read as something else"


def _chart(name: str) -> Callable[[bytes], bool]:
    """Reads a file of that name."""

    def read(data: bytes) -> bool:
        try:
            for tune in tunes_in(data, name)[:4]:
                assert tune.title.isprintable()
                assert tune.composer.isprintable()
                sound(tune.changes())
        except (ChartError, ChordSymbolError) as error:
            return refused(error)
        return True

    return read


def text_chart(_: Path) -> Target:
    """Our own text."""
    return Target(_chart("a.txt"), charts.TEXTS, charts.TEXT_TOKENS)


def ireal_link(_: Path) -> Target:
    """Links of iReal Pro. What is no link is taken for the chords of one."""
    plain = _chart("a.txt")

    def read(data: bytes) -> bool:
        if data.lstrip()[:6].lower() != b"irealb":
            music = data.decode("utf-8", "replace").replace("=", "")
            data = link(fields("A", music)).encode()
        return plain(data)

    return Target(read, charts.LINKS, charts.LINK_TOKENS, _IREAL_PIECES, 2_000)


def ireal_page(_: Path) -> Target:
    """Pages with links of iReal Pro."""
    return Target(_chart("a.html"), charts.PAGES, charts.PAGE_TOKENS, _IREAL_PIECES, 2_000)


def musicxml(_: Path) -> Target:
    """Scores of notation programs."""
    return Target(_chart("a.musicxml"), charts.SCORES, charts.SCORE_TOKENS, _XML_PIECES)


def mxl(_: Path) -> Target:
    """Packed scores: after 0 as the bytes are, after 1 packed here, so that they are sound."""
    read_file = _chart("a.mxl")

    def read(data: bytes) -> bool:
        if data[:1] == b"\1":
            container, _, score = data[1:].partition(charts.BOUNDARY)
            members = {"META-INF/container.xml": container, "a.xml": score}
            return read_file(charts.packed(members, 0))
        return read_file(data[1:])

    return Target(read, charts.ARCHIVES, charts.ARCHIVE_TOKENS, _XML_PIECES)


def leadsheet(_: Path) -> Target:
    """Lead sheets of Impro-Visor."""
    return Target(_chart("a.ls"), charts.LEADSHEETS, charts.LEADSHEET_TOKENS)
