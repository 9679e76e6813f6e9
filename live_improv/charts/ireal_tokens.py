"""The chords of an iReal Pro song -> its bars as they are written.

Grammar
    A cell holds a chord, `x` (repeat the bar before), `r` (repeat two bars; the bar after it is
    empty), `n` (N.C.), `p` (a slash: the chord goes on) or nothing, which is a space. A chord is
    a root, a quality and perhaps a bass; `W` is the root of the chord before. What stands in
    parentheses above a chord is another one for it, and left out; commas only divide.
    Bar lines are `|`, `[` `]` (double), `{` `}` (repeat) and `Z` (end). Blank cells after a line
    that closes, up to the next line, are layout.
    `*A` names a section (`*i` intro, `*v` or `*V` verse), `N1` begins an ending (`N0` the next
    one), `T34` sets the meter (`T12` is 12/8), `S` is the segno, `Q` the coda, `f` a fermata,
    `U` the player's end. `<...>` is text; of it `3x`, `Fine`, and `D.C.` and `D.S.` alone or with
    `al Coda`, `al Fine`, `al 2nd End.` are played. `s`, `l` and `Y` are layout.

Source: the app's own "Custom Chord Chart Protocol", and for what it leaves out the notes of
ireal-reader and ireal-musicxml.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from live_improv.charts.text import ChartError

MAX_MUSIC = 20_000
"""Longest song that is read, in characters; the app's page ends at a tenth of it."""

_CHORD = r"""
    (?P<root>[A-G][b#]?|W)
    (?P<quality>(?:
        \*[^*<>()\[\]{}|,\s]{1,24}\*       # as typed by hand
      | \((?:add|no)?[b\#]?[0-9]{1,2}\)
      | sus|alt|add|maj|min|dim|aug
      | [-+^ohøØΔ°\#b0-9]
    )*)
    (?:/(?P<bass>[A-G][b#]?))?
"""
_TOKEN = re.compile(
    rf"""
    (?P<chord>{_CHORD})
  | (?P<text><[^<>]*>)
  | T(?P<meter>[0-9]{{2}}8?)
  | \*(?P<section>[A-Za-z])
  | N(?P<ending>[0-9])
  | (?P<line>[|\[\]{{}}Z])
  | (?P<sign>[SQUf])
  | (?P<cell>[xrnp\ ])
  | (?P<open>\()
  | (?P<layout>[slY,.:;'"\t\r\n\u00a0]+)
    """,
    re.VERBOSE,
)
_PARENTHESIS = re.compile(r"[()]")
_RAISED = re.compile(r"\*[0-9]{2}")

_EXPECTED = (
    "expected chords such as C^7 or D-7/G, x, r, n, p, bar lines |, [, ], {, }, Z, or the "
    "marks *A, T44, N1, S, Q, f, U, <D.C. al Coda>, <3x>"
)


class TokenError(ChartError):
    """A sign that is none of the format's; the message does not know the bar."""


@dataclass(frozen=True, slots=True)
class Token:
    """A sign of a song: `kind` is the name of a group in the grammar, `text` what stands there."""

    kind: str
    text: str
    root: str = ""
    quality: str = ""
    bass: str = ""


def tokens(music: str) -> Iterator[Token]:
    """The signs of a song, without its layout.

    Raises:
        TokenError: something is none.
    """
    at = 0
    while at < len(music):
        match = _TOKEN.match(music, at)
        if match is None:
            raise TokenError(f"{music[at : at + 12]!r}: {_EXPECTED}")
        at = match.end()
        kind = match.lastgroup or ""
        if match["chord"] is not None:
            yield Token(
                "chord", match["chord"], match["root"], match["quality"], match["bass"] or ""
            )
        elif kind == "open":
            at = _closed(music, at)
        elif kind == "text":
            yield Token(kind, _RAISED.sub("", match["text"][1:-1].strip(), count=1).strip())
        elif kind != "layout":
            yield Token(kind, match[kind])


def _closed(music: str, at: int) -> int:
    """The place after the parenthesis that closes the one before `at`."""
    depth = 1
    for match in _PARENTHESIS.finditer(music, at):
        depth += 1 if match[0] == "(" else -1
        if depth == 0:
            return match.end()
    raise TokenError("the alternate chord has no )")
