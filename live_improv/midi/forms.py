"""Standard MIDI files: reading what a file says of the form of its tune."""

from __future__ import annotations

from pathlib import Path

from live_improv.midi.codec import printable
from live_improv.midi.reader import BadMidiFile
from live_improv.midi.scan import META, Fault, scan
from live_improv.music.form_marks import FormMark, parse_mark
from live_improv.music.timing import PPQ, Ticks

_MARKS = (0x06, 0x07)  # markers and cue points


def read_form_marks(path: str | Path) -> tuple[FormMark, ...]:
    """The form marks of a file, by tick; none where it has none.

    Raises:
        BadMidiFile: as for `reader.read_player`.
    """
    try:
        scanned = scan(path)
    except (OSError, Fault) as error:
        raise BadMidiFile(path, str(error)) from error
    found = []
    for track in scanned.tracks:
        for message in track:
            if message.data[0] != META or message.data[1] not in _MARKS:
                continue
            tick = (2 * message.tick * PPQ + scanned.division) // (2 * scanned.division)
            mark = parse_mark(Ticks(tick), printable(message.data[2:].decode("utf-8", "replace")))
            if mark is not None:
                found.append(mark)
    return tuple(sorted(found, key=lambda mark: mark.tick))
