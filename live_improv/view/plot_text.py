"""How words are set in the picture: chord symbols as on a lead sheet, names of pitches."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAMES = ("C", "D♭", "D", "E♭", "E", "F", "G♭", "G", "A♭", "A", "B♭", "B")
_ROOT = re.compile(r"([A-G])(bb|##|b|#|♭|♯)?")
_ALTERED = re.compile(r"(?<![A-Za-z])[b#](?=\d)")
_BASS = re.compile(r"(?<=/[A-G])[b#]")
_BASE = re.compile(r"(maj|min|dim|m|°|ø|Δ|\+)?(6/9|69|13|11|9|7|6)?")
_SIGNS = {"b": "♭", "#": "♯"}
# Shorter ways to set what is often long; those that begin others come after them.
_SHORT = (
    *(("m7b5", "ø7"), ("min7", "m7"), ("maj7", "Δ7"), ("maj9", "Δ9"), ("M7", "Δ7")),
    *(("dim7", "°7"), ("dim", "°"), ("7sus4", "7sus"), ("sus4", "sus")),
)


@dataclass(frozen=True, slots=True)
class Symbol:
    """A chord symbol as it is set: a large root, and smaller what follows.

    Attributes:
        raised: what stands over `rest`, both still smaller; empty where all is on one line.
    """

    root: str
    rest: str = ""
    raised: str = ""

    def stacked(self) -> Symbol:
        """The narrower way: alterations over the number, or a chord over its bass."""
        match = _BASE.match(self.rest)
        base = match[0] if match else ""
        tail = self.rest[len(base) :].strip("()")
        if self.raised or not base or not tail:
            return self
        return Symbol(self.root, *((tail, base) if tail.startswith("/") else (base, tail)))


def pitch_name(pitch: int) -> str:
    """A pitch such as `B♭3`; middle C is C4."""
    return f"{_NAMES[pitch % 12]}{pitch // 12 - 1}"


def shortened(words: str, most: int) -> str:
    """Words of at most so many characters, with dots where some were left out."""
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


def chord_symbol(text: str, *, short: bool = False) -> Symbol:
    """A chord symbol on one line.

    Args:
        short: with signs for its longer words.
    """
    match = _ROOT.match(text)
    if match is None:
        return Symbol(text)
    root = match[1] + "".join(_SIGNS.get(sign, sign) for sign in match[2] or "")
    rest = text[match.end() :]
    for long, sign in _SHORT if short else ():
        if rest.startswith(long):
            rest = sign + rest[len(long) :]
            break
    return Symbol(root, _BASS.sub(_sign, _ALTERED.sub(_sign, rest)))


def _sign(match: re.Match[str]) -> str:
    return _SIGNS[match[0]]
