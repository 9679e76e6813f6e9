"""Reading files of others: whole ones, odd ones, broken ones."""

from __future__ import annotations

import time
from pathlib import Path

import mido
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from live_improv.midi import reader
from live_improv.midi.files import MidiFileError
from live_improv.midi.reader import BadMidiFile, read_notes, read_tracks
from live_improv.music.events import ControlChange, Note, NoteOff, NoteOn, Timed
from live_improv.music.timing import Ticks

END = bytes.fromhex("00 ff 2f 00")
NOTE = bytes.fromhex("00 90 3c 50 60 80 3c 00")


def chunk(body: bytes, kind: bytes = b"MTrk", claimed: int | None = None) -> bytes:
    length = len(body) if claimed is None else claimed
    return kind + length.to_bytes(4, "big") + body


def header(form: int = 1, count: int = 1, division: int = 96) -> bytes:
    return chunk(b"".join(n.to_bytes(2, "big") for n in (form, count, division)), b"MThd")


def read(tmp_path: Path, data: bytes) -> list[Note]:
    path = tmp_path / "a.mid"
    path.write_bytes(data)
    return read_notes(path)


A_NOTE = [Note(Ticks(0), Ticks(480), 60, 80)]


@pytest.mark.parametrize(
    "data",
    [
        header() + chunk(NOTE + END),
        header(form=0) + chunk(NOTE + END),
        header() + chunk(NOTE),
        header() + chunk(NOTE + END + b"rubbish after the end"),
        header() + chunk(NOTE + END) + chunk(b"\x00\x90\x40\x40" + END),
        header() + chunk(b"what else", b"XFIH") + chunk(NOTE + END),
        header(count=2) + chunk(NOTE + END) + chunk(END),
        chunk(header()[8:] + b"more", b"MThd") + chunk(NOTE + END),
        header() + chunk(bytes.fromhex("00 90 3c 50 60 3c 00") + END),
        header() + chunk(bytes.fromhex("00 90 3c 50 00 ff 01 01 41 60 3c 00") + END),
        header() + chunk(bytes.fromhex("00 90 3c 50 00 f0 02 7d f7 60 3c 00") + END),
        header() + chunk(bytes.fromhex("00 b0 a8 01 00 d0 10 00 e0 00 40") + NOTE + END),
        header() + chunk(bytes.fromhex("00 90 3c 50 80 80 80 60 80 3c 00") + END),
        header(division=7) + chunk(bytes.fromhex("00 90 3c 50 07 80 3c 00") + END),
    ],
)
def test_a_note_is_read(tmp_path: Path, data: bytes) -> None:
    assert read(tmp_path, data) == A_NOTE


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not a MIDI file"),
        (b"RIFF....RMID", "not a MIDI file"),
        (b"MThd", "breaks off"),
        (header()[:12], "breaks off"),
        (chunk(b"\0\1", b"MThd"), "breaks off"),
        (header(form=2) + chunk(END), "format 2"),
        (header(form=9) + chunk(END), "format 9"),
        (header(division=0) + chunk(END), "quarter"),
        (header(division=0xE728) + chunk(END), "quarter"),
        (header(count=65_535) + chunk(END), "65535 tracks"),
        (header(count=3) + chunk(END), "3 tracks are announced, 1 are there"),
        (header() + chunk(NOTE + END, claimed=1 << 28), "breaks off"),
        (header() + chunk(b"\0\xff\x01\xff\xff\xff\x7fabc" + END), "breaks off"),
        (header() + chunk(b"\xff" * 200_000), "more than four bytes"),
        (header() + chunk(b"\0\xf0" + b"\x81" * 200_000), "more than four bytes"),
        (header() + chunk(b"\x00\x3c\x50" + END), "without a status"),
        (header() + chunk(b"\x00\xf8" + END), "0xf8"),
        (header() + chunk(b"\x00\xf4" + END), "0xf4"),
        (header() + chunk(b"\x00\xff\x51\x03\x00\x00\x00" + END), "tempo of 0"),
        (header() + chunk(b"\x00\xff\x51\x00" + END), "tempo of 0"),
        (header() + chunk(NOTE[:-1]), "breaks off"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_file_says_why_in_one_line_and_soon(tmp_path: Path, data: bytes, why: str) -> None:
    begun = time.process_time()
    with pytest.raises(BadMidiFile, match=why) as raised:
        read(tmp_path, data)
    assert time.process_time() - begun < 1
    assert str(tmp_path / "a.mid") in str(raised.value)
    assert str(raised.value).isprintable()


def test_the_bounds_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = header(count=2) + chunk(NOTE + END) * 2
    monkeypatch.setattr(reader, "MAX_EVENTS", 6)
    assert len(read(tmp_path, data)) == 2
    monkeypatch.setattr(reader, "MAX_EVENTS", 5)
    with pytest.raises(BadMidiFile, match="more than 5 events"):
        read(tmp_path, data)
    monkeypatch.setattr(reader, "MAX_BYTES", 20)
    with pytest.raises(BadMidiFile, match="larger than 20 bytes"):
        read(tmp_path, data)


@pytest.mark.parametrize("name", ["missing.mid", ".", "nul\0"])
def test_what_is_no_file_is_a_bad_one(tmp_path: Path, name: str) -> None:
    with pytest.raises(MidiFileError) as raised:
        read_tracks(tmp_path / name)
    assert str(raised.value).isprintable()


def test_tracks_have_names_ticks_and_an_end(tmp_path: Path) -> None:
    name = b"\x00\xff\x03\x06Ca\xc3\xb1\x1ba"
    (tmp_path / "a.mid").write_bytes(
        header(count=2, division=960)
        + chunk(name + NOTE + bytes.fromhex("02 b0 40 7f") + bytes.fromhex("83 60 ff 2f 00"))
        + chunk(END)
    )
    first, second = read_tracks(tmp_path / "a.mid")
    assert (first.name, first.end, second.name, second.end) == ("Cañ a", 289, "", 0)
    assert first.events == (
        Timed(Ticks(0), NoteOn(60, 80)),
        Timed(Ticks(48), NoteOff(60)),
        Timed(Ticks(49), ControlChange(64, 127)),
    )


def test_notes_of_one_channel(tmp_path: Path) -> None:
    other = bytes.fromhex("00 93 40 50 60 83 40 00")
    (tmp_path / "a.mid").write_bytes(header() + chunk(NOTE + other + END))
    assert read_notes(tmp_path / "a.mid", channel=0) == A_NOTE
    assert [note.pitch for note in read_notes(tmp_path / "a.mid")] == [60, 64]
    assert read_notes(tmp_path / "a.mid", channel=5) == []


def test_every_odd_file_is_read_or_refused(data_dir: Path) -> None:
    paths = sorted((data_dir / "midi").iterdir())
    assert len(paths) > 20
    refused = []
    for path in paths:
        begun = time.process_time()
        try:
            read_tracks(path)
        except BadMidiFile:
            refused.append(path.name)
        assert time.process_time() - begun < 1, path
    assert set(refused) == {
        "manifest.json",
        "muspy__type2.mid",
        "test-midi-files__test-2-tracks-type-2.mid",
        "test-midi-files__test-illegal-message-all.mid",
        "test-midi-files__test-not-a-midi-file.mid",
    }


def test_the_notes_are_those_that_mido_finds(data_dir: Path) -> None:
    compared = 0
    for path in sorted((data_dir / "midi").glob("*.[mM][iI][dD]*")):
        try:
            file = mido.MidiFile(path)
        except (OSError, EOFError):
            continue
        if file.type == 2:
            continue
        for ours, theirs in zip(read_tracks(path), file.tracks, strict=True):
            onsets = [e.event.pitch for e in ours.events if isinstance(e.event, NoteOn)]
            assert onsets == [m.note for m in theirs if m.type == "note_on" and m.velocity], path
            ticks = sum(message.time for message in theirs) * 480 / file.ticks_per_beat
            assert abs(ours.end - ticks) <= 0.5, path
        compared += 1
    assert compared > 18


WHOLE = header(count=2) + chunk(b"\x00\xff\x03\x02ab" + NOTE * 3 + END) + chunk(NOTE + END)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=8),
    st.integers(0, len(WHOLE)),
    st.binary(max_size=8),
)
def test_no_mutation_raises_anything_else(
    tmp_path: Path, edits: list[tuple[int, int]], cut: int, extra: bytes
) -> None:
    data = bytearray(WHOLE)
    for place, byte in edits:
        data[place] = byte
    data[cut:cut] = extra
    try:
        notes = read(tmp_path, bytes(data))
    except BadMidiFile:
        return
    assert all(note.onset >= 0 and note.length >= 1 for note in notes)
