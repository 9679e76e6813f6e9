"""The solos of a corpus as a folder of files, each whole or not at all."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from live_improv.corpus import Solo
from live_improv.disk import DiskError, put_new_bytes
from live_improv.importing.midi_export import Manner, to_midi

# Of a name, so that any file system takes it with a number and an ending.
_MOST_LETTERS = 100
_MOST_BYTES = 200
_UNSAFE = re.compile(r"[^\w.()' -]+")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # on Windows


class ExportError(RuntimeError):
    """A corpus that cannot be written as files; the message says which file and why."""


def writer(kind: str, manner: str = Manner.WRITTEN) -> Callable[[Solo], bytes]:
    """What makes the content of a file: `kind` is `mid` or `musicxml`."""
    if kind == "musicxml":
        from live_improv.importing.score_export import to_musicxml

        return to_musicxml
    return lambda solo: to_midi(solo, Manner(manner))


def written_to(
    folder: Path, solos: Sequence[Solo], suffix: str, write: Callable[[Solo], bytes]
) -> Iterator[Path]:
    """Write a file for each solo into `folder`; yields each when it is on the disk.

    Raises:
        ExportError: there are no solos, one of the files is there already (then none is written),
            or one cannot be written.
    """
    if not solos:
        raise ExportError("there are no such solos in the corpus")
    paths = [folder / f"{name}{suffix}" for name in names_of(solos)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(f"cannot write to {folder}: {error.strerror or error}") from None
    for path in paths:
        if path.exists():
            raise ExportError(f"{path} is there already: expected a folder without it")
    for path, solo in zip(paths, solos, strict=True):
        try:
            put = put_new_bytes(path, write(solo))
        except (DiskError, ValueError) as error:
            raise ExportError(f"cannot write {path}: {error}") from None
        if not put:
            raise ExportError(f"{path} is there already: expected a folder without it")
        yield path


def names_of(solos: Sequence[Solo]) -> list[str]:
    """A name for the file of each solo, from its id, that every system takes and no other has.

    Names that only differ in case or in how a letter is composed are one name to some systems.
    """
    taken: set[str] = set()
    names = []
    for solo in solos:
        plain = _UNSAFE.sub("_", unicodedata.normalize("NFC", solo.id)).strip(" .")
        plain = (
            plain[:_MOST_LETTERS].encode()[:_MOST_BYTES].decode(errors="ignore").rstrip(" .")
            or "solo"
        )
        plain = f"_{plain}" if _RESERVED.fullmatch(plain) else plain
        name, number = plain, 1
        while _folded(name) in taken:
            number += 1
            name = f"{plain}-{number}"
        taken.add(_folded(name))
        names.append(name)
    return names


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name.casefold())
