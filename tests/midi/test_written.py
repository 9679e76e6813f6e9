"""Reading what a file says in words and signs, and which sound a part asks for."""

from __future__ import annotations

from pathlib import Path

import mido
import pytest

from live_improv.midi.parts import read_parts
from live_improv.midi.scan import scan
from live_improv.midi.written import CUE, MARKER, WORDS, FileText, key_signature, texts_in
from live_improv.music.timing import Ticks


def saved(path: Path, *tracks: list[mido.Message | mido.MetaMessage], division: int = 96) -> Path:
    """A file of these messages."""
    mido.MidiFile(ticks_per_beat=division, tracks=[mido.MidiTrack(t) for t in tracks]).save(path)
    return path


@pytest.mark.parametrize(
    ("signed", "key"),
    [("Bb", "Bb-maj"), ("F#m", "F#-min"), ("C", "C-maj"), ("Cb", "Cb-maj"), ("A#m", "A#-min")],
)
def test_the_key_signature_is_read(tmp_path: Path, signed: str, key: str) -> None:
    path = saved(tmp_path / "a.mid", [mido.MetaMessage("key_signature", key=signed)])
    assert key_signature(scan(path)) == key


@pytest.mark.parametrize("data", [b"", b"\x02", b"\x09\x00", b"\x00\x07"])
def test_signs_that_cannot_be_are_none(tmp_path: Path, data: bytes) -> None:
    body = b"\x00\xff\x59" + bytes((len(data),)) + data + b"\x00\xff\x2f\x00"
    header = b"MThd\x00\x00\x00\x06\x00\x00\x00\x01\x01\xe0MTrk"
    path = tmp_path / "a.mid"
    path.write_bytes(header + len(body).to_bytes(4, "big") + body)
    assert key_signature(scan(path)) == ""


def test_texts_are_read_by_kind_with_their_place(tmp_path: Path) -> None:
    path = saved(
        tmp_path / "a.mid",
        [
            mido.MetaMessage("text", text="Performer: Me\x1b[31m"),
            mido.MetaMessage("marker", text="A", time=96),
            mido.MetaMessage("lyrics", text="la", time=1),
            mido.MetaMessage("cue_marker", text="   ", time=1),
        ],
        [mido.MetaMessage("cue_marker", text="solo", time=48)],
    )
    assert texts_in(scan(path), WORDS) == (FileText(0, Ticks(0), WORDS, "Performer: Me [31m"),)
    assert texts_in(scan(path), MARKER, CUE) == (
        FileText(0, Ticks(480), MARKER, "A"),
        FileText(1, Ticks(240), CUE, "solo"),
    )


def test_a_part_says_its_track_and_the_sound_of_most_of_its_notes(tmp_path: Path) -> None:
    def note(pitch: int) -> list[mido.Message]:
        return [
            mido.Message("note_on", note=pitch, velocity=80),
            mido.Message("note_off", note=pitch, time=48),
        ]

    path = saved(
        tmp_path / "a.mid",
        [mido.MetaMessage("track_name", name="first")],
        [*note(60), mido.Message("program_change", program=66), *note(62), *note(64)],
        [mido.Message("note_on", note=50, channel=3), *note(70)],
    )
    parts = read_parts(path)[1]
    assert [(part.track, part.channel, part.program) for part in parts] == [
        (1, 0, 66),
        (2, 0, None),
        (2, 3, None),
    ]
