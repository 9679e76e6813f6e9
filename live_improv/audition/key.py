"""The key: which excerpt is by whom, shut away until the ratings are in.

It lies in the folder so that nobody has to keep it, packed so that a glance tells nothing. Its
SHA-256 stands on the page and in every file of ratings: a key that was changed afterwards, or that
of another audition, does not fit. It holds the seed that everything was drawn by, which nobody can
guess where it was drawn by chance, so the order cannot be found out by trying.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

KEY_NAME = "KEY-do-not-open.json"
MAX_BYTES = 1 << 20
_WARNING = "do not open before all ratings are in"
_BAD_KEY = (ValueError, LookupError, TypeError, AttributeError, zlib.error, binascii.Error)


class AuditionError(ValueError):
    """A blind test that cannot be made or counted; one line."""


class By(StrEnum):
    """Who an excerpt is by, in the word that listeners choose."""

    HUMAN = "human"
    OURS = "machine"


@dataclass(frozen=True, slots=True)
class Truth:
    """What an excerpt is.

    Attributes:
        by: who it is by.
        place: the number of its place; the two of a pair have the same one.
        solo, title, performer: the human solo at that place.
        first: its first bar in that solo, counted from 0.
    """

    by: By
    place: int
    solo: str
    title: str
    performer: str
    first: int


@dataclass(frozen=True, slots=True)
class Key:
    """What all excerpts are, by their names, and how they were made."""

    excerpts: Mapping[str, Truth]
    seed: int
    model: str


def sealed(key: Key) -> bytes:
    """The content of the file."""
    said = {
        "seed": key.seed,
        "model": key.model,
        "excerpts": {name: asdict(truth) for name, truth in key.excerpts.items()},
    }
    packed = base64.b64encode(zlib.compress(json.dumps(said).encode(), 9)).decode()
    return (json.dumps({"warning": _WARNING, "sealed": packed}) + "\n").encode()


def seal_of(content: bytes) -> str:
    """What stands on the page: the SHA-256 of the file, 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def read_key(folder: Path) -> tuple[Key, str]:
    """The key of an audition and its seal.

    Raises:
        AuditionError: there is none, or it cannot be read.
    """
    path = folder / KEY_NAME
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise AuditionError(f"{folder} is no audition: no {KEY_NAME} ({reason})") from None
    try:
        if len(content) > MAX_BYTES:
            raise ValueError("too large")
        unpack = zlib.decompressobj()
        said = json.loads(
            unpack.decompress(base64.b64decode(json.loads(content)["sealed"]), MAX_BYTES)
        )
        excerpts = {
            str(name): Truth(**{**truth, "by": By(truth["by"])})
            for name, truth in said["excerpts"].items()
        }
        return Key(excerpts, int(said["seed"]), str(said["model"])), seal_of(content)
    except _BAD_KEY as error:
        raise AuditionError(f"{path}: not the key of an audition ({error})") from None
