"""The reader of solos in .mid files: as bytes, and note by note with all around them right."""

from __future__ import annotations

import re
from pathlib import Path

from live_improv.importing.midi_solos import read_midi
from tests.fuzz.importing import choices_for, taken_in
from tests.fuzz.seeds import solo_midi as seeds
from tests.fuzz.seeds.midi import MIDI_TOKENS
from tests.fuzz.target import Target

_CHUNKS = re.compile(rb"MTrk....|\xff.|.", re.DOTALL)
_LINES = re.compile(rb"[^ \n]+|.*\n|.", re.DOTALL)


def solo_file(folder: Path) -> Target:
    """Files of MIDI with a solo."""
    path = folder / "a.mid"

    def read(data: bytes) -> bool:
        path.write_bytes(data)
        return taken_in(read_midi, path, choices_for(data))

    sound = tuple(seeds.file_of(each) for each in (*seeds.SOLOS, *seeds.TAKES))
    written = (*sound, *seeds.exported(folder))
    return Target(read, written, MIDI_TOKENS, _CHUNKS, 2_500)


def solo_notes(folder: Path) -> Target:
    """Solos note by note: the file is right, what is played and said in it is not."""
    return _by_line(folder, seeds.SOLOS)


def take(folder: Path) -> Target:
    """Takes of ours note by note."""
    return _by_line(folder, seeds.TAKES)


def _by_line(folder: Path, sound: tuple[bytes, ...]) -> Target:
    path, chart = folder / "a.mid", folder / "a.txt"

    def read(data: bytes) -> bool:
        lines, there, beside = data.partition(seeds.CHART)
        path.write_bytes(seeds.file_of(lines))
        chart.write_bytes(beside)
        if not there:
            chart.unlink()
        return taken_in(read_midi, path, choices_for(data))

    return Target(read, sound, seeds.LINE_TOKENS, _LINES, 2_500)
