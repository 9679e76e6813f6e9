"""What a file says of its solo in words: those that `midi_export` writes, and anybody's title.

Conventions
    A text at the beginning, `Performer: Art Pepper`, says one thing; those of `_SAID` are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields

from live_improv.corpus import Solo
from live_improv.midi.scan import Scanned
from live_improv.midi.written import WORDS, texts_in
from live_improv.performance.instruments import INSTRUMENTS

_LONGEST = 200  # characters of what is said
_TITLE = 0x03
# Names of a first track that are no title.
_NO_TITLE = re.compile(
    r"untitled.*|live_improv|midi.*|tempo.*|conductor|(soft )?karaoke|(midi )?track[ -]?\d*|"
    r"standard midi file.*|inst\w* ?\d*|piano|control track",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class About:
    """What is said; empty where nothing is.

    Attributes:
        id: in the corpus that the file was exported from; it is empty in everybody else's.
    """

    id: str = ""
    title: str = ""
    performer: str = ""
    instrument: str = ""
    style: str = ""
    feel: str = ""
    key: str = ""
    split: str = ""
    lengths: str = ""

    @property
    def exported(self) -> bool:
        """Whether the file is one of ours, which stands as it is."""
        return bool(self.id)


_SAID = tuple(each.name for each in fields(About))


def about(scanned: Scanned) -> About:
    """What a file says."""
    said: dict[str, str] = {}
    for each in texts_in(scanned, WORDS):
        name, colon, value = each.text.partition(": ")
        if colon and not each.tick and name.lower() in _SAID:
            said.setdefault(name.lower(), value[:_LONGEST].strip())
    if not said.get("id"):
        said = {name: said[name] for name in ("performer", "title") if name in said}
    return About(**{"title": _title(scanned), **said})


def words_of(solo: Solo) -> Iterator[str]:
    """What `about` reads back."""
    lengths = "" if solo.lengths_known else "from the onsets"
    said = About(
        id=solo.id,
        title=solo.title,
        performer=solo.performer,
        instrument=solo.instrument,
        style=solo.style,
        feel=solo.feel,
        key=solo.changes.key,
        split=solo.split,
        lengths=lengths,
    )
    for name in _SAID:
        value = getattr(said, name)
        if value:
            yield f"{name.capitalize()}: {value}"


def instrument_of(name: str, program: int | None) -> str:
    """The instrument that a track's name or its General MIDI sound says, as the corpus calls it."""
    for each in INSTRUMENTS.values():
        if re.search(rf"\b{each.name}\b", name, re.IGNORECASE):
            return each.names[0]
    blown = (each for each in INSTRUMENTS.values() if each.breath is not None)
    return next((each.names[0] for each in blown if each.program == program), "")


def _title(scanned: Scanned) -> str:
    """The name of the first track, where several tracks have names of their own."""
    names = [each for each in texts_in(scanned, _TITLE) if not each.track]
    if len(scanned.tracks) < 2 or not names:
        return ""
    name = names[0].text[:_LONGEST]
    return "" if _NO_TITLE.fullmatch(name) else name
