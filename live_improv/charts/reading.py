"""A chart of any format we read, from a file, a link or a name -> the tunes in it -> `Changes`.

What it is is told by what is in it first and by its name's ending second:

    irealb://..., irealbook://...   iReal Pro: a link, or a file or a page (.html) with some
    .musicxml .xml .mxl             MusicXML
    .ls                             Impro-Visor
    anything else                   our own text

Only a list of iReal Pro's holds more than one tune; of several, one has to be chosen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from live_improv import assets
from live_improv.charts import improvisor, ireal, text
from live_improv.charts.ireal_links import SCHEME
from live_improv.charts.layout import plain_text
from live_improv.charts.text import ChartError
from live_improv.music.changes import Changes, Section
from live_improv.music.chords import ChordSymbolError
from live_improv.music.transposing import semitones_to, transposed

MAX_FILE = 16_000_000
"""Largest file that is read, in bytes."""
MAX_PATH = 4096
"""Longest name of a file, in characters."""
MAX_SHOWN = 12
"""Most tunes that an error names."""

# A link begins a line, or stands in the quotes of a page; one in a comment of ours is none.
_LINKS = re.compile(r"""(?:^[ \t]*|["'])irealb(?:ook)?://""", re.IGNORECASE | re.MULTILINE)
_ZIP = b"PK\x03\x04"
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_XML_ENDINGS = (".musicxml", ".xml", ".mxl")


@dataclass(frozen=True, slots=True)
class Tune:
    """A tune of a chart; `changes` reads it."""

    title: str
    composer: str
    changes: Callable[[], Changes]


def read_chart(chart: str, tune: str | None = None, transpose: str | int | None = None) -> Changes:
    """The changes of a chart given by its link, its file, or the name of one that comes along.

    Args:
        chart: which.
        tune: of several tunes, its number from 1, its title, or a part of it.
        transpose: semitones (-11 to 11), or the key to go to.

    Raises:
        AssetError: there is no such file.
        OSError: the file cannot be read.
        ChartError, ChordSymbolError, KeyNameError: it cannot be read, chosen or transposed.
    """
    changes = chosen(tunes_of(chart), tune).changes()
    return changes if transpose is None else moved(changes, transpose)


def tunes_of(chart: str) -> list[Tune]:
    """The tunes of a chart given by its link, its file, or the name of one that comes along.

    Raises:
        AssetError: there is no such file.
        OSError: the file cannot be read.
        ChartError: it is not a chart.
    """
    if SCHEME.match(chart.lstrip()):
        return _songs(chart)
    if re.match(r"[a-z]{2,12}://", chart, re.IGNORECASE) or len(chart) > MAX_PATH:
        raise ChartError(f"{chart[:40]!r}: expected a file, irealb://... or irealbook://...")
    path = assets.chart_path(chart)
    with path.open("rb") as file:
        data = file.read(MAX_FILE + 1)
    try:
        return tunes_in(data, path.name)
    except (ChartError, ChordSymbolError) as error:
        raise type(error)(f"{path}: {error}") from None


def tunes_in(data: bytes, name: str = "") -> list[Tune]:
    """The tunes of a file that has been read; `name` is its own, with its ending.

    Raises:
        ChartError: it is not a chart.
    """
    if len(data) > MAX_FILE:
        raise ChartError(f"larger than {MAX_FILE // 1_000_000} MB, not a chart")
    ending = Path(name).suffix.lower()
    if data.startswith(_ZIP) or ending == ".mxl":
        return [_one(_music_xml(data, name))]
    try:
        written = data.decode("utf-16" if data.startswith(_WIDE) else "utf-8-sig")
    except UnicodeDecodeError as error:
        if ending in _XML_ENDINGS or data.lstrip().startswith(b"<?xml"):
            return [_one(_music_xml(data, name))]
        raise ChartError(f"byte {error.start} is not text: expected UTF-8") from None
    if _LINKS.search(written):
        return _songs(written)
    if ending in (".html", ".htm"):
        raise ChartError("no song: expected an irealb:// or irealbook:// link in the page")
    if ending in _XML_ENDINGS or written.lstrip().startswith("<"):
        return [_one(_music_xml(data, name))]
    if ending == ".ls" or written.lstrip().startswith("("):
        return [_one(improvisor.parse(written))]
    return [_one(text.parse(written))]


def chosen(tunes: Sequence[Tune], tune: str | None) -> Tune:
    """The tune of that number, title or part of a title; the only one where there is one.

    Raises:
        ChartError: there is no such tune, or more than one; the message names them.
    """
    if tune is None:
        if len(tunes) == 1:
            return tunes[0]
        raise ChartError(
            f"{len(tunes)} tunes: expected the number or the title of one: {_all(tunes)}"
        )
    wanted = tune.strip()
    if re.fullmatch(r"[0-9]{1,6}", wanted) and 1 <= int(wanted) <= len(tunes):
        return tunes[int(wanted) - 1]
    folded = wanted.casefold()
    same = [each for each in tunes if each.title.casefold() == folded]
    found = same or [each for each in tunes if folded and folded in each.title.casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        numbers = {id(each): number for number, each in enumerate(tunes, 1)}
        named = ", ".join(f"{numbers[id(each)]} {each.title}" for each in found[:MAX_SHOWN])
        raise ChartError(f"tune {wanted[:40]!r}: {len(found)} match: expected one of {named}")
    raise ChartError(f"tune {wanted[:40]!r}: expected one of {_all(tunes)}")


def moved(changes: Changes, transpose: str | int) -> Changes:
    """Changes in another key.

    Args:
        changes: those to move.
        transpose: semitones (-11 to 11), or the key to go to.

    Raises:
        KeyNameError: it is neither, or the chart does not say its own key.
    """
    if isinstance(transpose, str) and not re.fullmatch(r"[+-]?[0-9]{1,2}", transpose.strip()):
        return transposed(changes, semitones_to(changes, transpose))
    semitones = int(transpose)
    if not -11 <= semitones <= 11:
        raise ChartError(f"transposition {semitones}: expected -11 to 11 semitones, or a key")
    return transposed(changes, semitones)


def _all(tunes: Sequence[Tune]) -> str:
    """Tunes as an error names them."""
    named = [f"{number} {tune.title[:60]}" for number, tune in enumerate(tunes[:MAX_SHOWN], 1)]
    more = len(tunes) - len(named)
    return ", ".join(named) + (f" and {more} more" if more > 0 else "")


def _songs(written: str) -> list[Tune]:
    """The songs of links."""

    def reader(song: ireal.Song) -> Callable[[], Changes]:
        def read() -> Changes:
            try:
                return ireal.changes(song)
            except ChartError as error:
                raise ChartError(f"{plain_text(song.title)[:60]}: {error}") from None

        return read

    return [
        Tune(plain_text(song.title), plain_text(song.composer), reader(song))
        for song in ireal.songs_in(written)
    ]


def _one(changes: Changes) -> Tune:
    """The only tune of a file."""
    return Tune(changes.title, "", lambda: changes)


def _music_xml(data: bytes, name: str) -> Changes:
    """The changes of a MusicXML file, with names that our own format can hold."""
    from live_improv.charts import musicxml

    changes = musicxml.read(data, name)
    sections = {part.start: plain_text(part.name) for part in changes.sections}
    return replace(
        changes,
        title=plain_text(changes.title or Path(name).stem),
        key=plain_text(changes.key),
        style=plain_text(changes.style),
        form=plain_text(changes.form),
        sections=tuple(Section(start, called) for start, called in sections.items()),
    )
