"""Players in files, for the tests that play with one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import mido

from live_improv.midi.reader import Recorded, read_player


def recorded(
    folder: Path,
    notes: Sequence[tuple[int, int, int]],
    tempi: Sequence[tuple[int, float]] = ((0, 120.0),),
    channel: int = 0,
) -> Recorded:
    """A player in a file, of notes as (tick, pitch, length), read again."""
    path = folder / "player.mid"
    write_player(path, notes, tempi, channel)
    return read_player(path)


def write_player(
    path: Path,
    notes: Sequence[tuple[int, int, int]],
    tempi: Sequence[tuple[int, float]] = ((0, 120.0),),
    channel: int = 0,
) -> None:
    """A player in a file."""
    messages: list[tuple[int, mido.Message | mido.MetaMessage]] = [
        (tick, mido.MetaMessage("set_tempo", tempo=round(60e6 / bpm))) for tick, bpm in tempi
    ]
    for tick, pitch, length in notes:
        on = mido.Message("note_on", note=pitch, velocity=80, channel=channel)
        off = mido.Message("note_off", note=pitch, channel=channel)
        messages += [(tick, on), (tick + length, off)]
    track, at = mido.MidiTrack(), 0
    for tick, message in sorted(messages, key=lambda each: each[0]):
        track.append(message.copy(time=tick - at))
        at = tick
    mido.MidiFile(ticks_per_beat=480, tracks=[track]).save(path)
