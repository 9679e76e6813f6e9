"""The .mid scan and all that reads its messages."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

from live_improv.midi.forms import read_form_marks
from live_improv.midi.parts import read_parts
from live_improv.midi.reader import BadMidiFile
from live_improv.music.timing import MAX_BPM, MIN_BPM
from tests.fuzz.seeds.midi import MIDI_SEEDS, MIDI_TOKENS
from tests.fuzz.target import Target, refused


def midi(folder: Path) -> Target:
    """A file of MIDI, its parts and its form."""
    path = folder / "a.mid"

    def read(data: bytes) -> bool:
        path.write_bytes(data)
        try:
            recorded, parts = read_parts(path)
        except BadMidiFile as error:
            return refused(error)
        marks = read_form_marks(path)
        ticks = [timed.tick for timed in recorded.events]
        assert all(0 <= a <= b for a, b in pairwise([0, *ticks, recorded.end]))
        times = [stamped.at for stamped in recorded.stamped]
        assert all(a <= b for a, b in pairwise([0.0, *times]))
        assert all(MIN_BPM <= each.bpm <= MAX_BPM for each in recorded.tempo.changes)
        assert all(a.tick < b.tick for a, b in pairwise(recorded.chords))
        assert all(a.tick <= b.tick for a, b in pairwise(marks))
        assert all(name.isprintable() for name in recorded.names)
        for part in parts:
            assert 0 <= part.channel <= 15
            for note in part.notes:
                assert 0 <= note.onset <= note.end and 0 <= note.pitch <= 127
        return True

    return Target(read, MIDI_SEEDS, MIDI_TOKENS, re.compile(rb"MTrk....|\xff.|.", re.DOTALL))
