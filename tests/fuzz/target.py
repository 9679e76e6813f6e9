"""What is tried: a reader, what it may raise, and inputs to begin with."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

LONGEST_LINE = 1_200
"""Characters of an error: a path, and what a person can read."""

WORDS = re.compile(rb"\w+|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Target:
    """A reader under trial.

    Attributes:
        read: reads one input and checks what comes of it; False if it was refused as it should be.
            Any exception is a defect.
        seeds: sound inputs, made by us.
        tokens: what is put into inputs: pieces of the format, and what is known to hurt.
        pieces: how an input is divided for its pieces to change places.
        longest: bytes of an input that is mutated further.
    """

    read: Callable[[bytes], bool]
    seeds: tuple[bytes, ...]
    tokens: tuple[bytes, ...] = ()
    pieces: re.Pattern[bytes] = WORDS
    longest: int = 20_000


def refused(error: Exception, names: str = "") -> bool:
    """Check that an error of the domain is one line for people.

    Returns:
        False, as `read` does then.


    Raises:
        AssertionError: it is not.
    """
    said = str(error)
    assert said.strip(), f"{type(error).__name__} says nothing"
    assert len(said.splitlines()) == 1, f"more than one line: {said[:200]!r}"
    assert names in said, f"does not name {names}: {said[:200]!r}"
    assert len(said) <= LONGEST_LINE, f"{len(said)} characters: {said[:200]!r}"
    return False
