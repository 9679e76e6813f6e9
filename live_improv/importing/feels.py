"""What words on a lead sheet say of the feel, in the names that the corpora have."""

from __future__ import annotations

import re

_FEELS = {
    "swing": "SWING",
    "swung": "SWING",
    "shuffle": "SWING",
    "bebop": "SWING",
    "bossa": "LATIN",
    "samba": "LATIN",
    "latin": "LATIN",
    "afro": "LATIN",
    "mambo": "LATIN",
    "calypso": "LATIN",
    "funk": "FUNK",
    "rock": "FUNK",
    "ballad": "BALLAD",
}
_WORDS = re.compile("|".join(_FEELS))
_MOST = 400
"""How many characters are looked at."""


def feel_of(text: str) -> str:
    """The feel that a text names first, such as `SWING`; empty where it names none."""
    found = _WORDS.search(text[:_MOST].lower())
    return _FEELS[found[0]] if found else ""
