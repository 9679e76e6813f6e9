"""Writing a performance, read back with mido."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import mido
import pytest

from live_improv.midi.codec import from_message
from live_improv.midi.files import (
    MidiFileError,
    check_writable,
    notes_in,
    write_performance,
    write_score,
)
from live_improv.music.changes import Bar, Changes, ChordSpan
from live_improv.music.chords import parse_chord
from live_improv.music.events import (
    ControlChange,
    Note,
    NoteOff,
    NoteOn,
    ProgramChange,
    Pulse,
    Start,
    Timed,
)
from live_improv.music.score import BREATH, Part, Score
from live_improv.music.timing import PPQ, Meter, TempoMap, Ticks

BAR = 4 * PPQ


def changes(*symbols: str, meters: tuple[str, ...] = (), title: str = "", key: str = "") -> Changes:
    """One chord to a bar; 4/4 where no meter is given."""
    chords, bars = [], []
    at = Ticks(0)
    for i, symbol in enumerate(symbols):
        meter = Meter.parse(meters[i]) if meters else Meter()
        end = Ticks(at + meter.bar_ticks)
        chords.append(ChordSpan(at, end, parse_chord(symbol)))
        bars.append(Bar(at, meter))
        at = end
    return Changes(tuple(chords), tuple(bars), title=title, key=key)


def on(tick: int, pitch: int, velocity: int = 80, channel: int = 0) -> Timed:
    return Timed(Ticks(tick), NoteOn(pitch, velocity, channel))


def off(tick: int, pitch: int, channel: int = 0) -> Timed:
    return Timed(Ticks(tick), NoteOff(pitch, channel))


def write(
    path: Path,
    events: list[Timed],
    tune: Changes | None = None,
    tempo: TempoMap | None = None,
    length: int | None = None,
) -> mido.MidiFile:
    tune = tune or changes("Dm7", "G7", "Cmaj7", "N.C.")
    write_performance(
        path,
        events,
        tune,
        tempo or TempoMap.constant(120),
        Ticks(tune.length if length is None else length),
    )
    return mido.MidiFile(path, charset="utf-8")


def events_of(track: mido.MidiTrack) -> list[Timed]:
    """The events of a track, as ours."""
    found, at = [], 0
    for message in track:
        at += message.time
        if not message.is_meta and (event := from_message(message)) is not None:
            found.append(Timed(Ticks(at), event))
    return found


def absolute(track: mido.MidiTrack, kind: str) -> list[tuple[int, mido.Message]]:
    """The messages of a type with their ticks."""
    tick = 0
    found = []
    for message in track:
        tick += message.time
        if message.type == kind:
            found.append((tick, message))
    return found


SOLO = [
    Timed(Ticks(0), ProgramChange(65)),
    on(0, 62),
    off(200, 62),
    on(240, 65, 101),
    off(480, 65),
    on(480, 65, 33),
    off(BAR * 3 + 7, 65),
]


def test_a_file_has_the_format_the_tracks_and_one_end_each(tmp_path: Path) -> None:
    file = write(tmp_path / "a.mid", SOLO, changes("Dm7", "G7", title="Tune"))
    assert (file.type, file.ticks_per_beat) == (1, PPQ)
    assert [track.name for track in file.tracks] == ["Tune", "Solo", "Chords"]
    ends = [absolute(track, "end_of_track") for track in file.tracks]
    assert [len(found) for found in ends] == [1, 1, 1]
    assert all(track[-1].type == "end_of_track" for track in file.tracks)
    assert {found[0][0] for found in ends} == {BAR * 3 + 7}, "the last event is after the length"


def test_the_solo_keeps_its_ticks_velocities_and_program(tmp_path: Path) -> None:
    file = write(tmp_path / "a.mid", SOLO)
    assert [(t, m.program, m.channel) for t, m in absolute(file.tracks[1], "program_change")] == [
        (0, 65, 0)
    ]
    assert events_of(file.tracks[1]) == SOLO


def test_an_off_comes_before_an_on_of_the_same_tick(tmp_path: Path) -> None:
    events = [on(0, 60), on(0, 64), off(480, 60), on(480, 60), off(480, 64), off(960, 60)]
    track = write(tmp_path / "a.mid", events).tracks[1]
    order = [m.type for m in track if m.type.startswith("note")]
    assert order == ["note_on", "note_on", "note_off", "note_off", "note_on", "note_off"]


@pytest.mark.parametrize(
    ("events", "notes"),
    [
        ([on(0, 60), on(240, 60), off(480, 60)], [(0, 240), (240, 240)]),
        ([on(0, 60), off(480, 60), off(960, 60)], [(0, 480)]),
        ([off(0, 60), on(0, 60), off(480, 60)], [(0, 480)]),
        ([on(100, 60)], [(100, BAR - 100)]),
        ([on(100, 60), off(100, 60)], [(100, 1)]),
        ([on(0, 60), on(0, 60), off(480, 60), off(480, 60)], [(0, 480)]),
        ([on(BAR + 5, 60)], [(BAR + 5, 1)]),
        ([on(0, 60), on(0, 60, channel=1), off(480, 60, 1), off(960, 60)], [(0, 960), (0, 480)]),
    ],
)
def test_every_on_has_its_off(
    tmp_path: Path, events: list[Timed], notes: list[tuple[int, int]]
) -> None:
    file = write(tmp_path / "a.mid", events, changes("C"))
    solo = events_of(file.tracks[1])
    end = Ticks(2 * BAR)
    found = [n for channel in (0, 1) for n in notes_in(solo, end, channel)]
    assert [(note.onset, note.length) for note in found] == notes
    for track in file.tracks:
        sounding: Counter[tuple[int, int]] = Counter()
        for message in track:
            if message.type == "note_on":
                sounding[message.channel, message.note] += 1
                assert sounding[message.channel, message.note] == 1
            elif message.type == "note_off":
                sounding[message.channel, message.note] -= 1
        assert not any(sounding.values())


def test_only_what_belongs_in_a_file_is_written(tmp_path: Path) -> None:
    events = [
        Timed(Ticks(0), Start()),
        Timed(Ticks(0), Pulse()),
        Timed(Ticks(0), ControlChange(7, 100)),
        *SOLO,
    ]
    track = write(tmp_path / "a.mid", events).tracks[1]
    assert {message.type for message in track} == {
        *("track_name", "control_change", "program_change"),
        *("note_on", "note_off", "end_of_track"),
    }


def test_the_meters_go_round_with_the_choruses(tmp_path: Path) -> None:
    tune = changes("C", "F", "G", meters=("4/4", "3/4", "3/4"))
    file = write(tmp_path / "a.mid", [], tune, length=tune.length * 2)
    found = absolute(file.tracks[0], "time_signature")
    assert [(tick, f"{m.numerator}/{m.denominator}") for tick, m in found] == [
        *((0, "4/4"), (BAR, "3/4")),
        *((tune.length, "4/4"), (tune.length + BAR, "3/4")),
    ]


@pytest.mark.parametrize("meter", ["2/4", "3/4", "4/4", "5/4", "6/8", "7/8", "12/8", "2/2", "1/32"])
def test_every_meter_is_written(tmp_path: Path, meter: str) -> None:
    file = write(tmp_path / "a.mid", [], changes("C", meters=(meter,)))
    ((_, message),) = absolute(file.tracks[0], "time_signature")
    assert f"{message.numerator}/{message.denominator}" == meter
    assert message.clocks_per_click * message.denominator == 96
    assert message.notated_32nd_notes_per_beat == 8


def test_the_chord_symbols_are_markers_in_every_chorus_up_to_the_end(tmp_path: Path) -> None:
    tune = changes("Dø7", "G7(b9,#11)", "CΔ/E")
    file = write(tmp_path / "a.mid", [], tune, length=tune.length + 2 * BAR)
    markers = [(tick, message.text) for tick, message in absolute(file.tracks[0], "marker")]
    assert markers == [
        (0, "Dø7"),
        (BAR, "G7(b9,#11)"),
        (2 * BAR, "CΔ/E"),
        (3 * BAR, "Dø7"),
        (4 * BAR, "G7(b9,#11)"),
    ]


def test_the_chords_are_held_over_their_spans_on_another_channel(tmp_path: Path) -> None:
    tune = changes("Dm7", "G7/B", "N.C.", "C")
    length = tune.length + BAR // 2
    track = events_of(write(tmp_path / "a.mid", SOLO, tune, length=length).tracks[2])
    events = [timed.event for timed in track]
    assert events[0] == ProgramChange(0, 1)
    assert {e.channel for e in events if isinstance(e, NoteOn | NoteOff)} == {1}
    notes = notes_in(track, Ticks(length), 1)
    spans = {note.onset: note.end for note in notes}
    assert spans == {0: BAR, BAR: 2 * BAR, 3 * BAR: 4 * BAR, 4 * BAR: 4 * BAR + BAR // 2}
    at_the_g7 = [note.pitch for note in notes if note.onset == BAR]
    assert min(at_the_g7) == 47
    assert {pitch % 12 for pitch in at_the_g7} == {7, 11, 2, 5}


@pytest.mark.parametrize(("solo", "chords"), [(0, 1), (1, 0), (8, 0), (9, 0)])
def test_the_chords_keep_off_the_channel_of_the_solo(
    tmp_path: Path, solo: int, chords: int
) -> None:
    file = write(tmp_path / "a.mid", [Timed(Ticks(0), ProgramChange(1, solo)), on(0, 60, 80, solo)])
    assert {m.channel for m in file.tracks[2] if m.type == "note_on"} == {chords}


def test_the_tempo_map_is_written(tmp_path: Path) -> None:
    tempo = TempoMap.constant(100).with_tempo(Ticks(0), 120).with_tempo(Ticks(BAR), 60)
    file = write(tmp_path / "a.mid", [], tempo=tempo.with_tempo(Ticks(99 * BAR), 200))
    tempos = [(tick, m.tempo) for tick, m in absolute(file.tracks[0], "set_tempo")]
    assert tempos == [(0, 500_000), (BAR, 1_000_000)]
    assert file.length == pytest.approx(2 + 3 * 4)


@pytest.mark.parametrize("bpm", [20.0, 500.0, 133.3])
def test_every_tempo_that_is_played_can_be_written(tmp_path: Path, bpm: float) -> None:
    file = write(tmp_path / "a.mid", [], tempo=TempoMap.constant(bpm))
    ((_, message),) = absolute(file.tracks[0], "set_tempo")
    assert mido.tempo2bpm(message.tempo) == pytest.approx(bpm, rel=1e-5)


@pytest.mark.parametrize(
    ("key", "written"),
    [
        ("F", "F"),
        ("Bb", "Bb"),
        ("C# major", "C#"),
        ("Dm", "Dm"),
        ("C-", "Cm"),
        ("F♯ minor", "F#m"),
        ("Ab min", "Abm"),
        ("G#", None),
        ("D♭ minor", None),
        ("", None),
        ("who knows", None),
        ("H", None),
    ],
)
def test_a_key_is_written_where_it_is_one(tmp_path: Path, key: str, written: str | None) -> None:
    found = absolute(
        write(tmp_path / "a.mid", [], changes("C", key=key)).tracks[0], "key_signature"
    )
    assert [message.key for _, message in found] == ([] if written is None else [written])


def test_a_title_loses_its_control_characters(tmp_path: Path) -> None:
    file = write(tmp_path / "a.mid", [], changes("C", title="\x1b[2J Côte\r\n d'Azur\0 \ud800"))
    assert file.tracks[0].name == "[2J Côte d'Azur"
    assert mido.MidiFile(tmp_path / "a.mid").tracks[0].name, "a reader of Latin-1 does not fail"


def test_negative_ticks_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="-3"):
        write(tmp_path / "a.mid", [on(-3, 60)])
    assert not list(tmp_path.iterdir())


def test_the_same_performance_is_the_same_file(tmp_path: Path) -> None:
    for name in ("a.mid", "b.mid"):
        write(tmp_path / name, SOLO)
    assert (tmp_path / "a.mid").read_bytes() == (tmp_path / "b.mid").read_bytes()


def test_the_notes_are_read_back(tmp_path: Path) -> None:
    solo = write(tmp_path / "a.mid", SOLO).tracks[1]
    assert notes_in(events_of(solo), Ticks(BAR * 3 + 7), 0) == [
        Note(Ticks(0), Ticks(200), 62, 80),
        Note(Ticks(240), Ticks(240), 65, 101),
        Note(Ticks(480), Ticks(BAR * 3 + 7 - 480), 65, 33),
    ]


def score(*parts: Part, length: int = 2 * BAR, chord_track: bool = False) -> Score:
    return Score(
        length=Ticks(length),
        tempo=TempoMap.constant(120),
        meters=(Bar(Ticks(0), Meter(3, 4)), Bar(Ticks(3 * PPQ), Meter(5, 4))),
        chords=(ChordSpan(Ticks(0), Ticks(BAR), parse_chord("Dm7")),),
        parts=parts,
        chord_track=chord_track,
    )


def test_each_part_has_a_track_and_keeps_its_channels(tmp_path: Path) -> None:
    ours = (Timed(Ticks(0), ProgramChange(65, 2)), on(0, 60, 80, 2), on(9, 60, 80, 5))
    theirs = (on(0, 60, 70, 0), off(5, 60, 0), Timed(Ticks(7), ControlChange(64, 127, 0)))
    parts = Part("Improviser", ours), Part("Player\x1b[2J", theirs)
    write_score(tmp_path / "a.mid", score(*parts))
    file = mido.MidiFile(tmp_path / "a.mid")
    assert [track.name for track in file.tracks] == ["live_improv", "Improviser", "Player [2J"]
    assert events_of(file.tracks[1]) == [*ours, off(2 * BAR, 60, 2), off(2 * BAR, 60, 5)]
    assert events_of(file.tracks[2]) == [*theirs]
    assert [m.text for _, m in absolute(file.tracks[0], "marker")] == ["Dm7"]
    assert [(t, m.numerator) for t, m in absolute(file.tracks[0], "time_signature")] == [
        (0, 3),
        (3 * PPQ, 5),
    ]
    assert {sum(m.time for m in track) for track in file.tracks} == {2 * BAR}


def test_chords_that_are_asked_for_keep_off_the_channels_of_all_parts(tmp_path: Path) -> None:
    parts = Part("One", (on(0, 60, 80, 0),)), Part("Two", (on(0, 60, 80, 1), on(1, 60, 80, 2)))
    write_score(tmp_path / "a.mid", score(*parts, chord_track=True))
    file = mido.MidiFile(tmp_path / "a.mid")
    assert [track.name for track in file.tracks][3:] == ["Chords"]
    held = notes_in(events_of(file.tracks[3]), Ticks(2 * BAR), 3)
    assert {(note.onset, note.end) for note in held} == {(0, BAR)}
    assert len(held) > 3


def test_a_long_piece_is_written_at_a_pace_and_is_the_same(tmp_path: Path) -> None:
    events = tuple(each for i in range(2000) for each in (on(9 * i, 60), off(9 * i + 5, 60)))
    breaths: list[int] = []
    for name, pace in (("a.mid", None), ("b.mid", lambda: breaths.append(1))):
        write_score(tmp_path / name, score(Part("One", events)), pace)
    assert (tmp_path / "a.mid").read_bytes() == (tmp_path / "b.mid").read_bytes()
    assert len(breaths) >= len(events) / BREATH
    assert events_of(mido.MidiFile(tmp_path / "a.mid").tracks[1]) == [*events]


def test_long_rests_and_texts_are_counted_right(tmp_path: Path) -> None:
    ticks = [0, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152 * 2 + 16_384]
    notes = tuple(each for tick in ticks for each in (on(tick, 60), off(tick + 1, 60)))
    write_score(tmp_path / "a.mid", score(Part("é" * 100, notes)))
    file = mido.MidiFile(tmp_path / "a.mid", charset="utf-8")
    assert file.tracks[1].name == "é" * 100
    assert events_of(file.tracks[1]) == [*notes]


def test_a_failure_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "a.mid"
    path.write_text("old")
    for function in ("replace", "fsync"):
        with monkeypatch.context() as patched:
            patched.setattr(os, function, full)
            with pytest.raises(MidiFileError) as raised:
                write(path, SOLO)
        assert str(raised.value) == f"cannot write {path}: No space left on device"
        assert path.read_text() == "old"
        assert list(tmp_path.iterdir()) == [path]


def test_an_interruption_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    path = tmp_path / "a.mid"
    path.write_text("old")
    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(path, SOLO)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_is_written_through(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "link.mid"
    link.symlink_to(tmp_path / "real" / "a.mid")
    write(link, SOLO)
    assert link.is_symlink()
    assert (tmp_path / "real" / "a.mid").stat().st_size > 100


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("missing/a.mid", "there is no folder"),
        ("folder", "a folder"),
        ("folder/", "a folder"),
        ("file/a.mid", "there is no folder|Not a directory"),
        ("pipe", "not a regular file"),
        ("nul\0.mid", "null"),
    ],
)
def test_what_cannot_be_written_is_said_before_and_after(
    tmp_path: Path, name: str, why: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("old")
    os.mkfifo(tmp_path / "pipe")
    before = sorted(tmp_path.rglob("*"))
    for attempt in (check_writable, lambda path: write(path, SOLO)):
        with pytest.raises(MidiFileError, match=why) as raised:
            attempt(tmp_path / name)
        assert str(raised.value).isprintable()
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_that_takes_no_files_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "touch", forbidden)
    with pytest.raises(MidiFileError, match=r"a\.mid: Permission denied$"):
        check_writable(tmp_path / "a.mid")


def test_a_check_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 250 + ".mid")
    check_writable(path)
    assert not list(tmp_path.iterdir())
    write(path, SOLO)
    check_writable(path)
    assert list(tmp_path.iterdir()) == [path]


def test_writing_needs_no_midi_system(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['rtmidi'] = None\n"
        "import live_improv.midi.files, live_improv.midi.ports\n"
        "print(sys.modules['rtmidi'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["None"]
