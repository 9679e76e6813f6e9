"""Reading files of others: whole ones, odd ones, broken ones."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import mido
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from live_improv.midi import scan
from live_improv.midi.files import MidiFileError, write_score
from live_improv.midi.parts import read_parts
from live_improv.midi.reader import BadMidiFile, Recorded, read_player
from live_improv.music.changes import Bar, ChordSpan
from live_improv.music.chords import parse_chord
from live_improv.music.events import ControlChange, NoteOff, NoteOn, ProgramChange, Timed
from live_improv.music.score import Part, Score
from live_improv.music.timing import Meter, TempoMap, Ticks

END = bytes.fromhex("00 ff 2f 00")
NOTE = bytes.fromhex("00 90 3c 50 60 80 3c 00")


def chunk(body: bytes, kind: bytes = b"MTrk", claimed: int | None = None) -> bytes:
    length = len(body) if claimed is None else claimed
    return kind + length.to_bytes(4, "big") + body


def header(form: int = 1, count: int = 1, division: int = 96) -> bytes:
    return chunk(b"".join(n.to_bytes(2, "big") for n in (form, count, division)), b"MThd")


def read(tmp_path: Path, data: bytes, channel: int | None = None) -> Recorded:
    path = tmp_path / "a.mid"
    path.write_bytes(data)
    return read_player(path, channel)


def text(kind: int, words: str, delta: int = 0) -> bytes:
    data = words.encode()
    return bytes((delta, 0xFF, kind, len(data))) + data


def notes(recorded: Recorded) -> list[Timed]:
    return [timed for timed in recorded.events if isinstance(timed.event, NoteOn | NoteOff)]


A_NOTE = [Timed(Ticks(0), NoteOn(60, 80)), Timed(Ticks(480), NoteOff(60))]


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
    assert notes(read(tmp_path, data)) == A_NOTE


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
        (header() + chunk(b"\x00\xff\x51\x03\x00\x00\x00" + END), "tempo of inf"),
        (header() + chunk(b"\x00\xff\x51\x00" + END), "tempo of inf"),
        (header() + chunk(b"\x60\xff\x51\x03\xff\xff\xff" + END), "tempo of 3.57.* at quarter 1;"),
        (header() + chunk(b"\xff\xff\xff\x7f\xff\x2f\x00"), "longer than a day"),
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
    monkeypatch.setattr(scan, "MAX_EVENTS", 6)
    assert len(read(tmp_path, data).events) == 4
    monkeypatch.setattr(scan, "MAX_EVENTS", 5)
    with pytest.raises(BadMidiFile, match="more than 5 events"):
        read(tmp_path, data)
    monkeypatch.setattr(scan, "MAX_BYTES", 20)
    with pytest.raises(BadMidiFile, match="larger than 20 bytes"):
        read(tmp_path, data)


@pytest.mark.parametrize("name", ["missing.mid", ".", "nul\0"])
def test_what_is_no_file_is_a_bad_one(tmp_path: Path, name: str) -> None:
    with pytest.raises(MidiFileError) as raised:
        read_player(tmp_path / name)
    assert str(raised.value).isprintable()


def test_what_may_not_be_read_is_a_bad_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a.mid").touch()
    monkeypatch.setattr(Path, "open", forbidden)
    with pytest.raises(BadMidiFile, match=r"a\.mid: Permission denied$"):
        read_player(tmp_path / "a.mid")


def test_the_events_of_all_tracks_are_in_the_order_of_time(tmp_path: Path) -> None:
    name = b"\x00\xff\x03\x06Ca\xc3\xb1\x1ba"
    recorded = read(
        tmp_path,
        header(count=3, division=960)
        + chunk(name + NOTE + bytes.fromhex("02 b0 40 7f") + bytes.fromhex("83 60 ff 2f 00"))
        + chunk(bytes.fromhex("03 c5 07") + bytes.fromhex("5e e0 00 40 00 90 40 50") + END)
        + chunk(END),
    )
    assert recorded.names == ("Cañ a", "", "")
    assert recorded.end == 289
    assert recorded.events == (
        Timed(Ticks(0), NoteOn(60, 80)),
        Timed(Ticks(2), ProgramChange(7, 5)),
        Timed(Ticks(48), NoteOff(60)),
        Timed(Ticks(49), ControlChange(64, 127)),
        Timed(Ticks(49), NoteOn(64, 80)),
    )
    assert recorded.tempo == TempoMap.constant(120)
    assert recorded.meters == (Bar(Ticks(0), Meter()),)
    assert [stamped.event for stamped in recorded.stamped] == [e.event for e in recorded.events]
    assert [stamped.at for stamped in recorded.stamped] == pytest.approx(
        [timed.tick / 960 for timed in recorded.events]
    )


def test_one_channel_alone(tmp_path: Path) -> None:
    data = header() + chunk(NOTE + bytes.fromhex("00 93 40 50 60 83 40 00 00 c3 05") + END)
    assert [*read(tmp_path, data, channel=0).events] == A_NOTE
    assert [timed.tick for timed in read(tmp_path, data, channel=3).events] == [480, 960, 960]
    assert len(read(tmp_path, data).events) == 5
    assert read(tmp_path, data, channel=5).stamped == ()


def test_seconds_are_by_the_tempi_of_the_file_whatever_track_they_are_in(tmp_path: Path) -> None:
    def tempo(delta: int, microseconds: int) -> bytes:
        return bytes((delta, 0xFF, 0x51, 3)) + microseconds.to_bytes(3, "big")

    recorded = read(
        tmp_path,
        header(count=2)
        + chunk(tempo(96, 1_000_000) + tempo(0, 250_000) + END)
        + chunk(tempo(48, 1_000_000) + NOTE + NOTE + END),
    )
    assert [(change.tick, change.bpm) for change in recorded.tempo.changes] == [
        (0, 120),
        (240, 60),
        (480, 240),
    ]
    assert [timed.tick for timed in recorded.events] == [240, 720, 720, 1200]
    assert [stamped.at for stamped in recorded.stamped] == pytest.approx(
        [0.25, 0.875, 0.875, 1.125]
    )


def test_meters_are_read_and_impossible_ones_are_not(tmp_path: Path) -> None:
    def meter(delta: int, *data: int) -> bytes:
        return bytes((delta, 0xFF, 0x58, len(data), *data))

    recorded = read(
        tmp_path,
        header()
        + chunk(
            meter(0, 3, 2, 24, 8)
            + meter(96, 3, 2, 24, 8)
            + meter(96, 0, 2, 24, 8)
            + meter(0, 4, 255, 24, 8)
            + meter(0, 4)
            + meter(96, 12, 3, 24, 8)
            + END
        ),
    )
    assert [(bar.start, str(bar.meter)) for bar in recorded.meters] == [(0, "3/4"), (1440, "12/8")]


@pytest.mark.parametrize("kind", [1, 5, 6, 7])
def test_chords_are_read_from_texts_that_name_them(tmp_path: Path, kind: int) -> None:
    data = (
        text(kind, "Dm7") + text(kind, "solo", 48) + text(kind, "G7(b9)", 48) + text(kind, "N.C.")
    )
    found = read(tmp_path, header() + chunk(data + END)).chords
    assert [(mark.tick, mark.chord.symbol) for mark in found] == [(0, "Dm7"), (480, "G7(b9)")]


def test_chords_may_be_written_in_latin_1(tmp_path: Path) -> None:
    data = b"\x00\xff\x06\x02B\xf8"
    assert [m.chord.symbol for m in read(tmp_path, header() + chunk(data + END)).chords] == ["Bø"]


@pytest.mark.parametrize(
    "words",
    [
        ["A", "walk", "with", "C", "in", "it"],  # a lyric
        ["A", "A", "B", "A"],
        ["A", "B", "C"],
        ["Verse", "Chorus"],
        ["C" * 100],
        [" ", ""],
    ],
)
def test_other_texts_are_no_chords(tmp_path: Path, words: list[str]) -> None:
    data = b"".join(text(1, word, 10) for word in words)
    assert read(tmp_path, header() + chunk(data + END)).chords == ()


def test_plain_triads_are_chords(tmp_path: Path) -> None:
    data = b"".join(text(6, word, 10) for word in ("C", "F", "C", "G"))
    assert len(read(tmp_path, header() + chunk(data + END)).chords) == 4


def test_what_we_write_is_read_back(tmp_path: Path) -> None:
    tempo = TempoMap.constant(150).with_tempo(Ticks(1000), 75)
    spans = [("Dø7", 0, 1440), ("G7(b9,#11)", 1440, 3000), ("CΔ/E", 3360, 3840)]
    played = (Timed(Ticks(0), ProgramChange(65)), Timed(Ticks(7), NoteOn(60, 80)))
    heard = (Timed(Ticks(5), NoteOn(62, 81, 3)), Timed(Ticks(2000), NoteOff(62, 3)))
    score = Score(
        length=Ticks(3840),
        tempo=tempo,
        meters=(Bar(Ticks(0), Meter(3, 4)), Bar(Ticks(1440), Meter(5, 4))),
        chords=tuple(ChordSpan(Ticks(a), Ticks(b), parse_chord(s)) for s, a, b in spans),
        parts=(Part("Improviser", played), Part("Player", heard)),
        title="Tune",
    )
    write_score(tmp_path / "a.mid", score)
    recorded = read_player(tmp_path / "a.mid")
    assert recorded.names == ("Tune", "Improviser", "Player")
    assert recorded.meters == score.meters
    assert recorded.tempo == tempo
    assert [(m.chord.symbol, m.tick) for m in recorded.chords] == [(s, a) for s, a, _ in spans]
    # Of what we have written ourselves only the player's track is the player.
    assert recorded.events == heard


def test_of_a_take_without_a_player_nothing_is_the_player(tmp_path: Path) -> None:
    notes = (Timed(Ticks(0), NoteOn(60, 80)), Timed(Ticks(9), NoteOff(60)))
    other = (*notes[:1], Timed(Ticks(5), NoteOff(60)))
    parts = (Part("Improviser", notes), Part("Bass", notes), Part("Sax", other))
    span = ChordSpan(Ticks(0), Ticks(1920), parse_chord("C7"))
    score = Score(
        length=Ticks(1920),
        tempo=TempoMap.constant(120),
        meters=(Bar(Ticks(0), Meter(4, 4)),),
        chords=(span,),
        parts=parts,
        chord_track=True,
    )
    write_score(tmp_path / "a.mid", score)
    recorded = read_player(tmp_path / "a.mid")
    assert [timed.tick for timed in recorded.events] == [0, 5]


def test_every_odd_file_is_read_or_refused(data_dir: Path) -> None:
    paths = sorted((data_dir / "midi").iterdir())
    assert len(paths) > 20
    refused = []
    for path in paths:
        begun = time.process_time()
        try:
            recorded = read_player(path)
            assert len(recorded.stamped) == len(recorded.events)
            assert recorded.tempo.changes[0].tick == recorded.meters[0].start == 0
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


def test_the_notes_and_their_seconds_are_those_that_mido_finds(data_dir: Path) -> None:
    compared = 0
    for path in sorted((data_dir / "midi").glob("*.[mM][iI][dD]*")):
        try:
            file = mido.MidiFile(path)
        except (OSError, EOFError):
            continue
        if file.type == 2:
            continue
        recorded = read_player(path)
        ours = sorted(
            (stamped.event.pitch, stamped.at)
            for stamped in recorded.stamped
            if isinstance(stamped.event, NoteOn)
        )
        theirs, at = [], 0.0
        for message in file:
            at += message.time
            if message.type == "note_on" and message.velocity:
                theirs.append((message.note, at))
        theirs.sort()
        assert [pitch for pitch, _ in ours] == [pitch for pitch, _ in theirs], path
        # Half a tick of ours at the slowest of their tempi, and as much at each change.
        assert [at for _, at in ours] == pytest.approx([at for _, at in theirs], abs=0.003), path
        assert len(recorded.names) == len(file.tracks)
        compared += 1
    assert compared > 18


MUTANTS = st.lists(
    st.tuples(st.integers(0), st.sampled_from(("change", "cut", "insert", "delete")), st.binary()),
    min_size=1,
    max_size=16,
)
SEED = (
    header(count=2)
    + chunk(text(3, "Tune") + bytes.fromhex("00 ff 51 03 07 a1 20") + text(6, "Dm7") + END)
    + chunk(NOTE * 5 + bytes.fromhex("00 ff 58 04 03 02 18 08 81 00 c0 05") + NOTE + END)
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(MUTANTS)
def test_a_changed_file_is_read_or_refused(
    tmp_path: Path, edits: list[tuple[int, str, bytes]]
) -> None:
    data = SEED
    for place, edit, new in edits:
        at = place % (len(data) + 1)
        data = {
            "change": data[:at] + new + data[at + len(new) :],
            "cut": data[:at],
            "insert": data[:at] + new + data[at:],
            "delete": data[:at] + data[at + 1 + len(new) :],
        }[edit]
    try:
        recorded = read(tmp_path, data)
    except BadMidiFile:
        return
    assert all(one.at <= two.at for one, two in pairwise(recorded.stamped))
    assert all(0 <= timed.tick <= recorded.end for timed in recorded.events)


def test_the_largest_file_is_read_with_its_parts_within_a_second(tmp_path: Path) -> None:
    # All notes at once, so that most of them sound together.
    struck = b"".join(bytes((0, 0x90, i % 128, 9)) for i in range(scan.MAX_EVENTS - 1))
    path = tmp_path / "a.mid"
    path.write_bytes(header() + chunk(struck + END))
    begun = time.process_time()
    recorded, parts = read_parts(path)
    assert time.process_time() - begun < 2.5  # 0.7 where nobody else computes
    assert len(recorded.events) == scan.MAX_EVENTS - 1
    assert [len(part.notes) for part in parts] == [128]
    path.write_bytes(header() + chunk(b"\x00\x90\x3c\x50" * 600_000 + END))
    begun = time.process_time()
    with pytest.raises(BadMidiFile, match=f"more than {scan.MAX_EVENTS} events"):
        read_parts(path)
    assert time.process_time() - begun < 1.0
