"""The disguise of the chords in `irealb://` links.

The app writes the chords behind a fixed sign, in blocks of 50 characters whose characters have
changed places, with short forms for what comes often. None of it is documented by its makers;
it is described in public by ireal-reader (pianosnake) and accompaniser (ironss).
"""

from __future__ import annotations

SIGN = "1r34LbKcu7"
"""What disguised chords begin with."""

BLOCK = 50
# A block is left as it is where less than this follows it.
_LEAST_AFTER = 2
# Each of these places of a block changes with its mirror image.
_MIRRORED = (*range(5), *range(10, 24))
_ORDER = tuple(
    BLOCK - 1 - place if min(place, BLOCK - 1 - place) in _MIRRORED else place
    for place in range(BLOCK)
)
_SHORT_FORMS = (("Kcl", "| x"), ("LZ", " |"), ("XyQ", "   "))


def unscramble(text: str) -> str:
    """The chords of a link, without the sign in front."""
    parts: list[str] = []
    at = 0
    while len(text) - at > BLOCK:
        block = text[at : at + BLOCK]
        at += BLOCK
        parts.append(swapped(block) if len(text) - at >= _LEAST_AFTER else block)
    plain = "".join((*parts, text[at:]))
    for short, long in _SHORT_FORMS:
        plain = plain.replace(short, long)
    return plain


def swapped(block: str) -> str:
    """A block of 50 characters with the mirrored places swapped; once more undoes it."""
    return "".join([block[place] for place in _ORDER])
