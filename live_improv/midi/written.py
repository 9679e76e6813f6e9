"""Standard MIDI files: what a file says in words and signs beside the notes.

Conventions
    As in `reader`: ticks come out at 480 to the quarter. Keys are written as `Bb-maj`, `F#-min`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from live_improv.midi.codec import printable
from live_improv.midi.scan import META, Scanned
from live_improv.music.timing import PPQ, Ticks

WORDS, MARKER, CUE = 0x01, 0x06, 0x07
"""Kinds of text."""

_KEY_SIGNATURE = 0x59
_MOST = 10_000
_MAJOR = ("Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#")
_MINOR = ("Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#", "G#", "D#", "A#")


@dataclass(frozen=True, slots=True)
class FileText:
    """A text of a file: its kind (as in the specification), and where it stands."""

    track: int
    tick: Ticks
    kind: int
    text: str


def texts_in(scanned: Scanned, *kinds: int) -> tuple[FileText, ...]:
    """The texts of these kinds that say something, track by track."""
    found: list[FileText] = []
    for track, tick, data in _metas(scanned):
        if data[1] in kinds and len(found) < _MOST:
            text = printable(data[2:].decode("utf-8", "replace"))
            if text:
                found.append(FileText(track, tick, data[1], text))
    return tuple(found)


def key_signature(scanned: Scanned) -> str:
    """The first key signature of a file; empty where it has none that can be."""
    signs = [data[2:4] for _, _, data in _metas(scanned) if data[1] == _KEY_SIGNATURE]
    for sharps, minor in (sign for sign in signs if len(sign) == 2):
        signed = sharps - 256 if sharps > 127 else sharps
        if -7 <= signed <= 7 and minor in (0, 1):
            return f"{_MINOR[signed + 7]}-min" if minor else f"{_MAJOR[signed + 7]}-maj"
    return ""


def _metas(scanned: Scanned) -> Iterator[tuple[int, Ticks, bytes]]:
    for number, track in enumerate(scanned.tracks):
        for message in track:
            if message.data[0] == META and len(message.data) > 1:
                tick = (2 * message.tick * PPQ + scanned.division) // (2 * scanned.division)
                yield number, Ticks(tick), message.data
