"""Takes on disk: their names, when they are written, and what happens when they cannot be."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.midi.files import MidiFileError
from live_improv.midi.reader import read_player
from live_improv.music.changes import Bar, Changes, ChordSpan
from live_improv.music.chords import parse_chord
from live_improv.music.events import NoteOff, NoteOn, ProgramChange, Timed
from live_improv.music.timing import Meter, Seconds, TempoMap, Ticks
from live_improv.performance.take import Take
from live_improv.runtime import children, recorder
from live_improv.runtime.recorder import EarlyProcess, Recorder, safe_title

BEGAN = datetime(2026, 3, 1, 21, 5, 9)
NAME = "2026-03-01_210509_Tune.mid"
SOON = Seconds(0.01)


def a_take(*pitches: int) -> Take:
    chord = ChordSpan(Ticks(0), Ticks(1920), parse_chord("C7"))
    take = Take(Changes((chord,), (Bar(Ticks(0), Meter()),)), TempoMap.constant(120))
    play(take, *pitches)
    return take


def play(take: Take, *pitches: int) -> None:
    for pitch in pitches:
        take.played(Timed(Ticks(pitch), NoteOn(pitch, 80)))
        take.played(Timed(Ticks(pitch + 9), NoteOff(pitch)))


def pitches(path: Path) -> list[int]:
    messages = (message for track in mido.MidiFile(path).tracks for message in track)
    return [message.note for message in messages if message.type == "note_on"]


def a_recorder(
    take: Take,
    folder: Path,
    every: Seconds = recorder.EVERY,
    tell: Callable[[str], None] = pytest.fail,
) -> Recorder:
    return Recorder(take, folder, "Tune", tell, BEGAN, every)


def test_a_take_is_written_at_the_end_in_a_folder_that_is_made(tmp_path: Path) -> None:
    take = a_take(60)
    recorder = a_recorder(take, tmp_path / "my" / "takes")
    recorder.start()
    play(take, 62)
    path = recorder.save(Ticks(4000))
    assert path == tmp_path / "my" / "takes" / NAME
    assert pitches(path) == [60, 62]
    assert read_player(path).end == 4000
    assert [each.name for each in path.parent.iterdir()] == [NAME]


def test_a_process_that_was_begun_before_keeps_the_take(tmp_path: Path) -> None:
    with EarlyProcess(tmp_path) as early:
        process = early._process
        assert process is not None
        recorder = Recorder(a_take(60), tmp_path, "Tune", pytest.fail, BEGAN, early=early)
        recorder.start()
        path = recorder.save()
        assert path is not None
        assert recorder.pid == process.pid
    assert pitches(path) == [60]


def test_a_process_that_nobody_took_ends_and_leaves_nothing(tmp_path: Path) -> None:
    with EarlyProcess(tmp_path / "takes") as early:
        process = early._process
        assert process is not None
    assert process.returncode == 0
    assert not (tmp_path / "takes").exists()


def test_a_process_that_does_not_end_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "_LEAVING", Seconds(0.01))
    long = (sys.executable, "-c", "import time; time.sleep(600)")
    monkeypatch.setattr(children, "command", lambda *_: long)
    with EarlyProcess(tmp_path) as early:
        process = early._process
        assert process is not None
    assert process.poll() is None
    process.kill()
    process.wait()


@pytest.mark.parametrize("there", [False, True])
def test_nothing_is_left_when_nobody_played_a_note(tmp_path: Path, there: bool) -> None:
    if there:
        (tmp_path / "takes").mkdir()
    take = a_take()
    take.played(Timed(Ticks(0), ProgramChange(3)))
    recorder = a_recorder(take, tmp_path / "takes")
    recorder.start()
    assert recorder.save() is None
    assert [*tmp_path.rglob("*")] == [tmp_path / "takes"] * there


def test_what_was_there_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("old")
    paths = [a_recorder(a_take(pitch), tmp_path).save() for pitch in (60, 61)]
    stem = NAME.removesuffix(".mid")
    assert paths == [tmp_path / f"{stem}-2.mid", tmp_path / f"{stem}-3.mid"]
    assert (tmp_path / NAME).read_text() == "old"
    assert [pitches(path) for path in paths if path] == [[60], [61]]


def wait_for(happened: Callable[[], bool]) -> None:
    """Until the thread that saves has done something; the test fails on its own time limit."""
    while not happened():
        threading.Event().wait(0.001)


def test_it_is_saved_while_the_music_plays_and_into_the_same_file(tmp_path: Path) -> None:
    take = a_take(60)
    recorder = a_recorder(take, tmp_path, SOON)
    recorder.start()
    path = tmp_path / NAME
    wait_for(lambda: path.exists() and path.stat().st_size > 0)
    assert pitches(path) == [60]
    play(take, *range(61, 100))
    wait_for(lambda: pitches(path) == [*range(60, 100)])
    assert recorder.save() == path
    assert pitches(path) == [*range(60, 100)]
    assert [*tmp_path.iterdir()] == [path]


def test_a_process_that_ends_is_replaced_and_the_take_is_whole(tmp_path: Path) -> None:
    take, told = a_take(60), list[str]()
    recorder = a_recorder(take, tmp_path, SOON, told.append)
    recorder.start()
    wait_for((tmp_path / NAME).exists)
    assert recorder.pid is not None
    first = recorder.pid
    os.kill(first, signal.SIGKILL)
    play(take, 62)
    wait_for(lambda: recorder.pid != first)
    play(take, 64)
    path = recorder.save()
    assert path is not None
    assert pitches(path) == [60, 62, 64]
    assert told[0] == "the recorder has ended; another one goes on"
    # What the first one kept is a take as well, and its journal is one no more.
    assert {each.suffix for each in tmp_path.iterdir()} == {".mid"}


def test_a_take_is_written_here_if_no_process_lasts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    told: list[str] = []
    recorder = a_recorder(a_take(60), tmp_path, SOON, told.append)
    recorder.start()
    wait_for(lambda: len(told) == 4)
    path = recorder.save()
    assert path == tmp_path / NAME
    assert pitches(path) == [60]
    assert told[-1] == "no recorder lasts, the take is written at its end"


def test_a_take_is_written_here_if_there_is_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no"))
    told: list[str] = []
    recorder = a_recorder(a_take(60), tmp_path, SOON, told.append)
    recorder.start()
    assert recorder.save() == tmp_path / NAME
    assert len(told) == 1
    assert told[0].startswith("no recorder, the take is written at its end: ")


def test_a_take_that_finds_no_place_in_its_folder_goes_to_the_temporary_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "tmp"
    elsewhere.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    told: list[str] = []
    recorder = a_recorder(a_take(60), tmp_path / "takes", tell=told.append)
    (tmp_path / "takes").rmdir()
    (tmp_path / "takes").write_text("in the way")
    path = recorder.save()
    assert path == elsewhere / NAME
    assert pitches(path) == [60]
    assert len(told) == 1
    assert "takes" in told[0]


def test_a_take_that_finds_no_place_at_all_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = a_recorder(a_take(60), tmp_path / "takes", tell=lambda _: None)
    (tmp_path / "takes").rmdir()
    (tmp_path / "takes").write_text("in the way")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "takes" / "no"))
    with pytest.raises(MidiFileError):
        recorder.save()


def test_a_folder_that_was_deleted_meanwhile_is_made_again(tmp_path: Path) -> None:
    recorder = a_recorder(a_take(60), tmp_path / "takes")
    (tmp_path / "takes").rmdir()
    assert recorder.save() == tmp_path / "takes" / NAME


@pytest.mark.parametrize("name", ["file", "file/takes", "nul\0"])
def test_a_folder_that_cannot_be_is_refused_at_the_start(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("old")
    with pytest.raises(MidiFileError) as raised:
        a_recorder(a_take(), tmp_path / name)
    assert str(raised.value).isprintable()
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_folder_that_takes_no_files_is_refused_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "touch", forbidden)
    with pytest.raises(MidiFileError, match=r"Tune\.mid: Permission denied$"):
        a_recorder(a_take(), tmp_path)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Blues in F", "Blues in F"),
        ("Ça c'est l'été", "Ça c est l été"),
        ("../../etc/passwd", "etc passwd"),
        ("..\\..\\x", "x"),
        ("-rf .hidden", "rf .hidden"),
        ("CON", "_CON"),
        ("nul.mid", "_nul.mid"),
        ("Con Alma", "Con Alma"),
        ("a\x1b[2J\0\r\nb", "a 2J b"),
        ("\u202egpj.exe", "gpj.exe"),
        ("ends with dots. . .", "ends with dots"),
        ("", "take"),
        ("???", "take"),
        ("x" * 10_000, "x" * 80),
        ("日" * 100, "日" * 53),
    ],
)
def test_a_title_becomes_a_name(title: str, name: str) -> None:
    assert safe_title(title) == name


@given(st.text(max_size=200))
def test_every_title_stays_in_its_folder(title: str) -> None:
    name = safe_title(title)
    assert name
    assert len(name) <= 81
    assert len(name.encode()) <= 161
    assert Path("folder", name).parent == Path("folder")
    assert name[0] not in ".- "
    assert name[-1] not in ". "
    assert name.isprintable()
