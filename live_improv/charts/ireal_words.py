"""Text in an iReal Pro song, of which some is played: `3x`, `Fine`, `D.C. al Coda`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from live_improv.charts.text import ChartError

MAX_TIMES = 64
"""Most times that a repeat may be asked for."""

_TIMES = re.compile(
    r"(?:(?:repeat|play)\s+)?([0-9]{1,3})\s*x|x([0-9]{1,3})|([0-9]{1,3})\s+times", re.IGNORECASE
)
_JUMP = re.compile(
    r"D\.?\s?([CS])\.?(?:\s+al\s+(?:(coda)|(fine)|([1-9])(?:st|nd|rd|th)\s+end(?:ing)?)\.?)?",
    re.IGNORECASE,
)
_LIKE_A_JUMP = re.compile(r"\b(?:D\.\s?[CS]\b|D[CS]\s+al\b|da\s+capo|dal?\s+segno)", re.IGNORECASE)


class WordsError(ChartError):
    """Words that would have to be played and cannot; the message does not know the bar."""


@dataclass(frozen=True, slots=True)
class Jump:
    """D.C. or D.S., and what it goes on to: `until` is coda, fine, ending or nothing."""

    words: str
    to_segno: bool
    until: str
    ending: int = 0


@dataclass(frozen=True, slots=True)
class Times:
    """How often the repeat that it stands in is played."""

    count: int


@dataclass(frozen=True, slots=True)
class Fine:
    """The end, after D.C. or D.S. al Fine."""


def heard(words: str) -> Jump | Times | Fine | None:
    """What words mean; None for those that are only to be read.

    Raises:
        WordsError: they are D.C. or D.S. in a way that nobody can play, or an odd number of times.
    """
    if times := _TIMES.fullmatch(words):
        count = int(times[1] or times[2] or times[3])
        if not 2 <= count <= MAX_TIMES:
            raise WordsError(f"<{words}>: expected 2 to {MAX_TIMES} times")
        return Times(count)
    if words.lower().rstrip(".") == "fine":
        return Fine()
    if jump := _JUMP.fullmatch(words):
        until = "coda" if jump[2] else "fine" if jump[3] else "ending" if jump[4] else ""
        return Jump(words, jump[1].upper() == "S", until, int(jump[4] or 0))
    if _LIKE_A_JUMP.search(words):
        raise WordsError(
            f"<{words[:40]}>: expected D.C. or D.S., alone or with al Coda, al Fine or al 2nd End."
        )
    return None
