"""The .mid scan and all that reads its messages."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

from live_improv.midi.forms import read_form_marks
from live_improv.midi.parts import read_parts
from live_improv.midi.reader import BadMidiFile
from live_improv.music.timing import MAX_BPM, MIN_BPM
from tests.fuzz.seeds.midi import MIDI_SEEDS, MIDI_TOKENS, TRACK_SEEDS, chunk, header
from tests.fuzz.target import Target, refused

# A delta time and a message.
_EVENTS = re.compile(
    rb"[\x80-\xff]*[\x00-\x7f](?:\xff.(?s:.)[ -~]*|[\x80-\xef]?[\x00-\x7f]+)|.", re.DOTALL
)


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
                assert 0 <= note.onset <= note.end
                assert 0 <= note.pitch <= 127
        return True

    return Target(read, MIDI_SEEDS, MIDI_TOKENS, re.compile(rb"MTrk....|\xff.|.", re.DOTALL))


def track(folder: Path) -> Target:
    """The inside of a track, after the division: the chunks around it are right."""
    read = midi(folder).read

    def read_track(data: bytes) -> bool:
        division = int.from_bytes(data[:2], "big") & 0x7FFF or 96
        return read(header(0, 1, division) + chunk(data[2:]))

    return Target(read_track, TRACK_SEEDS, MIDI_TOKENS, _EVENTS, 2_000)
