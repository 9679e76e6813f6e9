"""Standard MIDI files: reading the parts of what anybody wrote, each track and channel by itself.

Conventions
    As in `reader`: ticks come out at 480 to the quarter, and what is impossible is skipped.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from live_improv.midi.files import notes_in
from live_improv.midi.reader import Recorded, event_of, read_scanned
from live_improv.midi.scan import META
from live_improv.music.events import Note, NoteOff, NoteOn, Timed
from live_improv.music.timing import PPQ, Ticks


@dataclass(frozen=True, slots=True)
class FilePart:
    """The notes of one channel (0..15) of one track, by onset, and the track's name."""

    name: str
    channel: int
    notes: tuple[Note, ...]


def read_parts(path: str | Path) -> tuple[Recorded, tuple[FilePart, ...]]:
    """What a file holds for all, and its parts, in the order of its tracks.

    Raises:
        BadMidiFile: as for `reader.read_player`.
    """
    recorded, scanned = read_scanned(path)
    division = scanned.division
    parts = []
    for name, track in zip(recorded.names, scanned.tracks, strict=True):
        by_channel: dict[int, list[Timed]] = defaultdict(list)
        for message in track:
            if message.data[0] == META:
                continue
            event = event_of(message.data)
            if isinstance(event, NoteOn | NoteOff):
                tick = Ticks((2 * message.tick * PPQ + division) // (2 * division))
                by_channel[event.channel].append(Timed(tick, event))
        for channel, events in sorted(by_channel.items()):
            notes = notes_in(events, recorded.end, channel)
            if notes:
                parts.append(FilePart(name, channel, tuple(notes)))
    return recorded, tuple(parts)
