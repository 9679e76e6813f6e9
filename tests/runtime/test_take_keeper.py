"""A take is kept: its file, its journal, and both elsewhere while their folder takes nothing."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from live_improv import disk
from live_improv.disk import DiskError
from live_improv.music.timing import Seconds
from live_improv.performance.take import Take
from live_improv.runtime import take_keeper
from live_improv.runtime.recorder_process import keep
from live_improv.runtime.take_journal import PATTERN, Journal
from live_improv.runtime.take_keeper import RETRY, Keeper, recover
from live_improv.runtime.take_lines import header, lines
from tests.runtime.test_recorder import a_take, pitches, play


@dataclass
class Kept:
    """A take, and the keeper that is told of it."""

    root: Path
    take: Take = field(default_factory=lambda: a_take(60))
    says: list[str] = field(default_factory=list)
    at: float = 0.0
    told: int = 0

    def __post_init__(self) -> None:
        self.home, self.elsewhere = self.root / "takes", self.root / "elsewhere"
        self.keeper = Keeper((self.home, self.elsewhere), self.says.append, lambda: self.at)
        self.keeper.take_in([header(self.take, "Tune").rstrip()])
        self.tell()

    def tell(self, *more: int) -> None:
        """Play, and tell what is new."""
        play(self.take, *more)
        self.keeper.take_in(lines(self.take.entries(self.told, 999)).splitlines())
        self.told = len(self.take)

    def journals(self) -> list[Path]:
        return [*self.root.rglob(PATTERN)]


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


def test_the_journal_goes_when_the_file_is_whole(kept: Kept) -> None:
    assert [each.parent for each in kept.journals()] == [kept.home]
    assert kept.keeper.write()
    assert pitches(kept.home / "Tune.mid") == [60]
    kept.tell(62)
    assert kept.keeper.end()
    assert pitches(kept.home / "Tune.mid") == [60, 62]
    assert [*kept.root.rglob("*")] == [kept.home, kept.home / "Tune.mid"]


def test_what_does_not_change_is_not_written_again(kept: Kept) -> None:
    kept.keeper.write()
    first = (kept.home / "Tune.mid").stat().st_ino
    kept.keeper.write()
    assert (kept.home / "Tune.mid").stat().st_ino == first
    kept.tell(62)
    kept.keeper.write()
    assert (kept.home / "Tune.mid").stat().st_ino != first


def test_nothing_is_left_of_a_take_without_notes(tmp_path: Path) -> None:
    kept = Kept(tmp_path, a_take())
    assert kept.keeper.write()
    assert kept.keeper.end()
    assert [*kept.home.iterdir()] == []


def test_a_folder_that_is_removed_is_made_again_with_all_that_was(kept: Kept) -> None:
    kept.keeper.write()
    for each in kept.home.iterdir():
        each.unlink()
    kept.home.rmdir()
    kept.tell(62)
    (journal,) = kept.journals()
    assert journal.parent == kept.home
    assert journal.read_bytes().count(b'"on"') == 2
    kept.keeper.write()
    assert pitches(kept.home / "Tune.mid") == [60, 62]
    assert len(kept.says) == 1


def refuse(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Have the system take nothing in a folder; what lets it again."""
    real, refused = os.open, [True]

    def opened(path: os.PathLike[str] | str, flags: int, *more: int) -> int:
        if refused[0] and flags & os.O_CREAT and Path(path).parent == folder:
            raise OSError(28, "No space left on device")
        return real(path, flags, *more)

    def written(path: Path, *_: object) -> bool:
        if refused[0] and path.parent == folder:
            raise DiskError("No space left on device")
        return False

    monkeypatch.setattr(os, "open", opened)
    for name in ("put_bytes", "put_new_bytes"):
        put = getattr(disk, name)
        monkeypatch.setattr(take_keeper, name, lambda *a, put=put: written(*a) or put(*a))
    return lambda: refused.__setitem__(0, False)


def test_a_take_goes_elsewhere_and_comes_back(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.keeper.write()
    for each in kept.journals():
        each.unlink()
    allow = refuse(kept.home, monkeypatch)
    kept.tell(62)
    kept.keeper.write()
    assert [each.parent for each in kept.journals()] == [kept.elsewhere]
    assert pitches(kept.elsewhere / "Tune.mid") == [60, 62]
    assert pitches(kept.home / "Tune.mid") == [60], "what was there is whole"
    allow()
    kept.at += RETRY
    kept.tell(64)
    kept.keeper.write()
    assert [each.parent for each in kept.journals()] == [kept.home]
    assert [*kept.elsewhere.iterdir()] == []
    kept.keeper.end()
    (path,) = kept.home.glob("*-2.mid")
    assert pitches(path) == [60, 62, 64]
    assert len(kept.says) == 1
    assert kept.says[0].endswith("takes/Tune.mid: No such file or directory")


def cut(kept: Kept) -> None:
    """The power goes: nobody holds the journal any more."""
    journal = kept.keeper._journal
    assert journal is not None
    os.close(journal._number)


def test_what_a_power_cut_leaves_becomes_a_file(kept: Kept) -> None:
    cut(kept)
    assert [*recover(kept.home)] == [kept.home / "Tune.mid"]
    assert pitches(kept.home / "Tune.mid") == [60]
    assert kept.journals() == []
    assert [*recover(kept.home)] == []


def test_the_file_that_was_written_before_the_power_cut_is_replaced(kept: Kept) -> None:
    kept.keeper.write()
    kept.tell(62)
    cut(kept)
    assert [*recover(kept.home)] == [kept.home / "Tune.mid"]
    assert pitches(kept.home / "Tune.mid") == [60, 62]


def test_a_file_that_somebody_has_touched_since_is_not(kept: Kept) -> None:
    kept.keeper.write()
    kept.tell(62)
    cut(kept)
    (kept.home / "Tune.mid").write_bytes(b"mine")
    later = time.time() + 10
    os.utime(kept.home / "Tune.mid", (later, later))
    assert [*recover(kept.home)] == [kept.home / "Tune-2.mid"]
    assert (kept.home / "Tune.mid").read_bytes() == b"mine"


def test_a_journal_that_is_written_is_left_alone(kept: Kept) -> None:
    assert [*recover(kept.home)] == []
    assert len(kept.journals()) == 1


def test_a_journal_that_ends_within_a_line_is_the_take_up_to_there(kept: Kept) -> None:
    cut(kept)
    (journal,) = kept.journals()
    whole = journal.read_bytes()
    for length in range(len(whole), -1, -37):
        (kept.home / PATTERN.replace("*", "cut")).write_bytes(whole[:length])
        journal.unlink(missing_ok=True)
        for path in recover(kept.home):
            assert pitches(path) == [60]
        assert kept.journals() == []


@pytest.mark.parametrize("name", ["../out.mid", "/etc/out.mid", "a/b.mid"])
def test_a_journal_names_no_file_outside(kept: Kept, name: str) -> None:
    cut(kept)
    (journal,) = kept.journals()
    journal.write_bytes(journal.read_bytes() + f'["wrote","{name}"]\n'.encode())
    assert [*recover(kept.home)] == [kept.home / "Tune.mid"]


def test_only_old_parts_are_removed(tmp_path: Path) -> None:
    names = [".live_improv-0a.part", ".live_improv-0b.part", "x.part", ".live_improv-0c.mid"]
    old = time.time() - disk.STALE - 5
    for name in names:
        (tmp_path / name).touch()
        if name != names[1]:
            os.utime(tmp_path / name, (old, old))
    assert [*recover(tmp_path)] == []
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(names[1:])


def test_a_journal_whose_name_is_gone_says_so(tmp_path: Path) -> None:
    journal = Journal(tmp_path, b"a\n")
    journal.path.unlink()
    with pytest.raises(OSError, match="No such file"):
        journal.append(b"b\n")
    journal.path.write_bytes(b"another")
    with pytest.raises(OSError, match="No such file"):
        journal.append(b"b\n")


def test_the_end_of_the_pipe_is_the_end_of_the_take(tmp_path: Path) -> None:
    """Whatever pieces it comes in, and the last line need not be whole."""
    reading, writing = os.pipe()
    take, said = a_take(60, 64), list[dict[str, object]]()
    keeping = threading.Thread(
        target=keep,
        args=((tmp_path, tmp_path), Seconds(60.0), reading, lambda **it: said.append(it)),
    )
    keeping.start()
    told = header(take, "Tune") + lines(take.entries(0, 99)) + b'["played",9,"on'
    for at in range(0, len(told), 100):
        os.write(writing, told[at : at + 100])
    os.close(writing)
    keeping.join()
    os.close(reading)
    assert pitches(tmp_path / "Tune.mid") == [60, 64]
    assert said == [{"path": str(tmp_path / "Tune.mid")}, {"whole": True}]
    assert [*tmp_path.iterdir()] == [tmp_path / "Tune.mid"]
