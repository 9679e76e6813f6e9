"""Standard MIDI files: reading the parts of what anybody wrote, each track and channel by itself.

Conventions
    As in `reader`: ticks come out at 480 to the quarter, and what is impossible is skipped.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

from live_improv.midi.files import notes_in
from live_improv.midi.reader import Recorded, event_of, read_scanned
from live_improv.midi.scan import META, Scanned
from live_improv.music.events import Note, NoteOff, NoteOn, ProgramChange, Timed
from live_improv.music.timing import PPQ, Ticks


@dataclass(frozen=True, slots=True)
class FilePart:
    """The notes of one channel of one track.

    Attributes:
        name: of the track.
        channel: 0..15.
        notes: by onset.
        track: counted from 0.
        program: the General MIDI sound, 0..127, that most of the notes have; None where the track
            asks for none.
    """

    name: str
    channel: int
    notes: tuple[Note, ...]
    track: int = 0
    program: int | None = None


def read_parts(path: str | Path) -> tuple[Recorded, tuple[FilePart, ...]]:
    """What a file holds for all, and its parts, in the order of its tracks.

    Raises:
        BadMidiFile: as for `reader.read_player`.
    """
    recorded, scanned = read_scanned(path)
    return recorded, parts_of(recorded, scanned)


def parts_of(recorded: Recorded, scanned: Scanned) -> tuple[FilePart, ...]:
    """The parts of a file that has been read, in the order of its tracks."""
    division = scanned.division
    parts = []
    for number, (name, track) in enumerate(zip(recorded.names, scanned.tracks, strict=True)):
        by_channel: dict[int, list[Timed]] = defaultdict(list)
        sounds: dict[int, Counter[int | None]] = defaultdict(Counter)
        programs: dict[int, int] = {}
        for message in track:
            if message.data[0] == META:
                continue
            event = event_of(message.data)
            if isinstance(event, ProgramChange):
                programs[event.channel] = event.program
            elif isinstance(event, NoteOn | NoteOff):
                tick = Ticks((2 * message.tick * PPQ + division) // (2 * division))
                by_channel[event.channel].append(Timed(tick, event))
                sounds[event.channel][programs.get(event.channel)] += 1
        for channel, events in sorted(by_channel.items()):
            notes = notes_in(events, recorded.end, channel)
            if notes:
                program = sounds[channel].most_common(1)[0][0]
                parts.append(FilePart(name, channel, tuple(notes), number, program))
    return tuple(parts)
