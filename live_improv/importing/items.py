"""The solos of an import, with what is known of each but is not of the solo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from live_improv.music.solos import Solo


@dataclass(frozen=True, slots=True)
class Item:
    """A solo of an import.

    Attributes:
        source: the file it is from.
        side: the side of the split that it came with, None where it had none.
        known: whether it is of a corpus to compare with, and is not written.
        recording: the MIDI file it is a part of, None where a file has solos that are none of
            one recording.
    """

    solo: Solo
    source: str
    side: str | None = None
    known: bool = False
    coverage: float = 0.0
    recording: Path | None = None


def with_own_ids(items: Sequence[Item]) -> list[Item]:
    """The same solos, none of ours with the id of another: the second of a name is `NAME-2`."""
    used = {item.solo.id for item in items}
    taken = {item.solo.id for item in items if item.known}
    reached: dict[str, int] = {}
    found = []
    for item in items:
        name, number = item.solo.id, 1
        if name in taken:
            number = reached.get(name, 1)
        while not item.known and (name in taken or (number > 1 and name in used)):
            number += 1
            name = f"{item.solo.id}-{number}"
        reached[item.solo.id] = number
        taken.add(name)
        found.append(item if item.known else replace(item, solo=replace(item.solo, id=name)))
    return found
