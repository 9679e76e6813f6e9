"""Links of iReal Pro, and pages that hold them -> songs as they are written there.

A link is a list of fields with `=` between them:

    irealb://    TITLE=COMPOSER==STYLE=KEY=TRANSPOSITION=1r34LbKcu7CHORDS=GROOVE=TEMPO=CHORUSES
    irealbook:// TITLE=COMPOSER=STYLE=KEY=n=CHORDS

Songs of a play list follow each other, in the first form with `===` between them (two empty
fields), and its name comes last. In a link everything may be percent-encoded, the `=` too.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import unquote

from live_improv.charts.ireal_scramble import SIGN, unscramble
from live_improv.charts.text import ChartError

MAX_LINKS = 4_000_000
"""Longest text with links that is read, in characters; the app's largest lists have 700,000."""
MAX_SONGS = 10_000
"""Most songs of a text; the app's largest lists have some 1,500."""

SCHEME = re.compile(r"irealb(?:ook)?://", re.IGNORECASE)
_QUOTED = re.compile(r"""=\s*(?:"(irealb(?:ook)?://[^"]*)"|'(irealb(?:ook)?://[^']*)')""", re.I)
_LINE = re.compile(r"[\r\n]+\s*")

# Where a field is, counted from that of the chords.
_TITLE, _COMPOSER, _STYLE, _KEY, _GROOVE, _TEMPO = -6, -5, -3, -2, 1, 2
_BOOK_FIELDS = 6


@dataclass(frozen=True, slots=True)
class Song:
    """A song of a link: its fields as written, and `music`, its chords without disguise."""

    title: str
    composer: str
    style: str
    key: str
    tempo: str
    music: str


def songs_in(text: str) -> list[Song]:
    """The songs of all links of a text: a link, several with one on a line, or a page (HTML).

    Raises:
        ChartError: there is no link, or one that cannot be read, or too much text.
    """
    if len(text) > MAX_LINKS:
        raise ChartError(f"{len(text)} characters of links: expected at most {MAX_LINKS}")
    songs: list[Song] = []
    for link in _links(text):
        songs += _songs(link)
        if len(songs) > MAX_SONGS:
            raise ChartError(f"over {MAX_SONGS} songs: expected at most so many")
    if not songs:
        raise ChartError("no song: expected an irealb:// or irealbook:// link with one")
    return songs


def _links(text: str) -> list[str]:
    """The links of a text, without their line breaks."""
    found = [html.unescape(a or b) for a, b in _QUOTED.findall(text)]
    if not found:
        places = [match.start() for match in SCHEME.finditer(text)]
        found = [text[at:end].strip() for at, end in pairwise([*places, len(text)])]
    return [_LINE.sub("", link) for link in found]


def _songs(link: str) -> list[Song]:
    try:
        body = unquote(SCHEME.sub("", link, count=1), errors="strict")
    except UnicodeDecodeError:
        raise ChartError("the link is broken: its %-signs do not spell UTF-8") from None
    fields = body.split("=")
    if any(field.startswith(SIGN) for field in fields):
        return _disguised(fields)
    return _plain(fields)


def _disguised(fields: list[str]) -> list[Song]:
    """The songs of an `irealb://` link. They are found by their chords: a song is not told from
    the next one by `===`, which empty fields make as well."""
    songs = []
    for at, field in enumerate(fields):
        if not field.startswith(SIGN):
            continue
        if at + _TITLE < 0:
            raise ChartError(
                "the link is broken: expected TITLE=COMPOSER==STYLE=KEY== before its chords"
            )
        after = fields[at + _TEMPO] if at + _TEMPO < len(fields) else ""
        songs.append(
            Song(
                title=fields[at + _TITLE].strip(),
                composer=fields[at + _COMPOSER].strip(),
                style=fields[at + _STYLE].strip(),
                key=fields[at + _KEY].strip(),
                tempo=after.strip(),
                music=unscramble(field.removeprefix(SIGN)),
            )
        )
    return songs


def _plain(fields: list[str]) -> list[Song]:
    """The songs of an `irealbook://` link."""
    songs: list[Song] = []
    at = 0
    while at < len(fields):
        if not fields[at].strip():
            at += 1
            continue
        if len(fields) - at < _BOOK_FIELDS:
            # The name of a play list stands behind its songs.
            if songs and not any(re.search(r"[|{}\[\]]", field) for field in fields[at:]):
                break
            raise ChartError(
                f"song {len(songs) + 1} of the link: {len(fields) - at} fields: expected "
                "TITLE=COMPOSER=STYLE=KEY=n=CHORDS"
            )
        title, composer, style, key, _, music = fields[at : at + _BOOK_FIELDS]
        songs.append(Song(title.strip(), composer.strip(), style.strip(), key.strip(), "", music))
        at += _BOOK_FIELDS
    return songs
