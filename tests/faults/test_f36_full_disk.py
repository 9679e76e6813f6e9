"""F36: the disk is full, or the folder of takes goes while the music plays.

The music goes on, one line says what is the matter, the take goes elsewhere and comes back, and
what was written before is whole. With a scripted disk this is shown by
`tests/runtime/test_take_keeper.py`.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from live_improv.music.events import NoteOff, NoteOn, Timed
from live_improv.music.timing import Seconds, Ticks
from live_improv.performance.take import Take
from live_improv.runtime.recorder import Recorder
from live_improv.runtime.take_journal import PATTERN
from live_improv.runtime.take_keeper import recover
from live_improv.runtime.take_lines import ending, header, lines
from tests.faults.children import PATIENCE, ROOT, playing
from tests.runtime.test_recorder import SOON, a_take, pitches, play, wait_for

LIMIT = 20_000
"""Bytes."""


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of files")
def test_f36_files_that_may_not_grow(tmp_path: Path) -> None:
    """Nothing takes any more, nowhere: what was written stays, and that is said once."""
    import resource

    takes, elsewhere = tmp_path / "takes", tmp_path / "elsewhere"
    take = a_take(60)
    process = subprocess.Popen(
        [sys.executable, "-m", "live_improv.runtime.recorder_process", takes, elsewhere, "0.01"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # A file of byte code that is cut would harm whoever comes after.
        env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, LIMIT)),
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(header(take, "Tune") + lines(take.entries(0, 9)))
    process.stdin.flush()
    assert json.loads(process.stdout.readline()) == {"path": str(takes / "Tune.mid")}
    much = much_played(take)
    process.stdin.write(much)
    rest, _ = process.communicate(ending(None), timeout=PATIENCE)
    warning, *others = map(json.loads, rest.splitlines())
    assert warning == {"say": f"cannot write {takes / 'Tune.mid'}: File too large"}
    assert others[-1] == {"whole": False}
    assert len(others) <= 2, "one warning"
    kept = pitches(takes / "Tune.mid")
    assert kept == pitches_of(take)[: len(kept)], "the file before is whole"
    assert not [*elsewhere.iterdir()]
    assert [*recover(takes)] == [takes / "Tune.mid"]
    recovered = pitches(takes / "Tune.mid")
    assert len(recovered) > 100, "the journal has what there was room for"
    assert recovered == pitches_of(take)[: len(recovered)]


def much_played(take: Take) -> bytes:
    """Four thousand notes more; their lines."""
    size = len(take)
    for number in range(4000):
        take.played(Timed(Ticks(100 + 20 * number), NoteOn(number % 47 + 40, 80)))
        take.played(Timed(Ticks(110 + 20 * number), NoteOff(number % 47 + 40)))
    return lines(take.entries(size, 1 << 20))


def pitches_of(take: Take) -> list[int]:
    return [entry.event.pitch for entry in take.entries(0, 1 << 20)[::2]]  # type: ignore[union-attr]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 kB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk))
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no disk may be mounted here")
    yield disk
    subprocess.run(("umount", str(disk)), check=True)


def test_f36_a_disk_that_is_full_and_has_room_again(
    small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "tmp"
    elsewhere.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(elsewhere))
    told: list[str] = []
    take = a_take(60)
    recorder = Recorder(take, small_disk / "takes", "Tune", told.append, every=SOON)
    recorder.start()
    wait_for(lambda: any((small_disk / "takes").glob("*.mid")))
    (first,) = (small_disk / "takes").glob("*.mid")
    fill(small_disk / "filling")
    play(take, 62)
    wait_for(lambda: bool(told))
    assert told == [f"cannot write {first}: No space left on device"]
    wait_for(lambda: any(pitches(each) == [60, 62] for each in elsewhere.glob("*.mid")))
    assert pitches(first) == [60]
    (small_disk / "filling").unlink()
    play(take, 64)
    path = recorder.save()
    assert path is not None
    assert path.parent == small_disk / "takes"
    assert pitches(path) == [60, 62, 64]
    assert len(told) == 1
    assert not [*elsewhere.iterdir()]
    assert not [*small_disk.rglob(PATTERN)]


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        while True:
            try:
                file.write(bytes(1024))
            except OSError:
                return


@pytest.mark.skipif(sys.platform == "win32", reason="a folder that is used cannot be removed")
def test_f36_the_music_goes_on_when_its_folder_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    takes, elsewhere = tmp_path / "takes", tmp_path / "tmp"
    elsewhere.mkdir()
    monkeypatch.setenv("TMPDIR", str(elsewhere))
    with playing(tmp_path, "--tempo", "300", "--take-dir", "takes") as child:
        child.reads(note_ons=20)
        wait_for(lambda: any(takes.glob("*.mid")))
        put_in_the_way(takes, tmp_path)
        child.reads(note_ons=40)
        child.process.send_signal(signal.SIGINT)
        child.reads()
        assert child.process.wait(PATIENCE) == 0
    (path,) = elsewhere.glob("*.mid")
    assert len(pitches(path)) == child.note_ons()
    assert takes.read_text() == "in the way"


def put_in_the_way(takes: Path, elsewhere: Path) -> None:
    """A file instead of a folder, which is made again as soon as it is gone."""
    for number in range(100):
        takes.rename(elsewhere / f"gone-{number}")
        try:
            takes.write_text("in the way")
        except IsADirectoryError:
            continue
        return


def test_f36_a_warning_is_one_line(tmp_path: Path) -> None:
    """Whatever the folder is called."""
    folder = tmp_path / "a\x1b[2Jb\nc"
    told: list[str] = []
    take = a_take(60)
    recorder = Recorder(take, folder, "Tune", told.append, every=Seconds(0.01))
    recorder.start()
    wait_for(lambda: any(folder.glob("*.mid")))
    folder.rename(tmp_path / "gone")
    play(take, 62)
    wait_for(lambda: bool(told))
    recorder.save()
    assert len(told) == 1
    assert told[0].isprintable()
