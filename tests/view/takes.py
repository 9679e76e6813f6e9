"""Files to make pictures of, written by mido and not by our own writer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import mido

from live_improv.music.timing import PPQ

BAR = 4 * PPQ

Told = tuple[int, int, int]
"""A note: its onset and its length in ticks, and its pitch."""

BLUES = ("F7", "Bb7", "F7", "F7", "Bb7", "Bdim7", "F7", "D7b9", "Gm7", "C7", "F7", "C7")


def take(
    path: Path,
    tracks: Mapping[str, Sequence[Told]],
    chords: Iterable[tuple[int, str]] = (),
    *,
    marks: Iterable[tuple[int, str]] = (),
    meters: Iterable[tuple[int, int, int]] = (),
    title: str = "A Tune",
    bpm: float = 120.0,
    bars: int = 0,
) -> Path:
    """Write a file.

    Args:
        tracks: the notes of each, on channels from 0 up; drums are on theirs.
        chords: markers, and `marks` cue points: where and what.
        meters: where, and which.
        bars: so many of 4/4 are in it at least.
    """
    shared: list[tuple[int, mido.MetaMessage]] = [
        (0, mido.MetaMessage("track_name", name=title)),
        (0, mido.MetaMessage("set_tempo", tempo=round(60e6 / bpm))),
    ]
    for at, top, bottom in meters:
        meter = mido.MetaMessage("time_signature", numerator=top, denominator=bottom)
        shared.append((at, meter))
    shared += [(at, mido.MetaMessage("marker", text=text)) for at, text in chords]
    shared += [(at, mido.MetaMessage("cue_marker", text=text)) for at, text in marks]
    shared.append((bars * BAR, mido.MetaMessage("end_of_track")))
    file = mido.MidiFile(type=1, ticks_per_beat=PPQ, charset="utf-8")
    file.tracks.append(_track(shared))
    for channel, (name, notes) in enumerate(tracks.items()):
        on = 9 if name == "Drums" else channel
        events: list[tuple[int, mido.Message]] = []
        for onset, length, pitch in notes:
            events.append((onset, mido.Message("note_on", note=pitch, velocity=80, channel=on)))
            end = mido.Message("note_off", note=pitch, channel=on)
            events.append((onset + length, end))
        file.tracks.append(_track([(0, mido.MetaMessage("track_name", name=name)), *events]))
    file.save(path)
    return path


def blues(choruses: int = 1, start: int = 0) -> list[tuple[int, str]]:
    """The chords of so many choruses of a blues, from a bar on."""
    return [(BAR * (start + i), BLUES[i % 12]) for i in range(12 * choruses)]


def _track(events: Iterable[tuple[int, mido.Message | mido.MetaMessage]]) -> mido.MidiTrack:
    track, at = mido.MidiTrack(), 0
    # Ends come first, so that a note that is struck again has ended.
    for tick, message in sorted(events, key=lambda e: (e[0], e[1].type != "note_off")):
        track.append(message.copy(time=tick - at))
        at = tick
    return track
