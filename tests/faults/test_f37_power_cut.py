"""F37: the power goes between any two system calls; the old or the new file is whole.

Each call of the system by which the disk changes is a fail point: everything up to it has happened,
nothing after it does, and no handler runs that would clean up. Then, as after a start, what is
there is read, and what a recorder finds is made whole.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import mido
import pytest

from live_improv import disk
from live_improv.disk import put_bytes, put_new_bytes
from live_improv.performance.take import Take
from live_improv.runtime.take_journal import PATTERN
from live_improv.runtime.take_keeper import Keeper, recover
from live_improv.runtime.take_lines import ending, header, lines
from tests.runtime.test_recorder import a_take, pitches, play

CALLS = ("open", "write", "fsync", "replace", "rename", "link", "unlink", "utime", "mkdir", "close")
"""Of `os`, by name; what the standard library calls by them counts too."""


class PowerCut(BaseException):
    """Nothing happens any more."""


class Power:
    """Goes at a call.

    Args:
        at: before this one; before none of them if it is None.
    """

    def __init__(self, at: int | None) -> None:
        self.at = at
        self.count = 0

    def passes(self) -> None:
        """A call is made."""
        if self.at is not None and self.count >= self.at:
            raise PowerCut
        self.count += 1


@contextmanager
def power(at: int | None) -> Iterator[Power]:
    """Within the block, the power goes at a call; a write is cut in two and counts twice."""
    left = Power(at)
    with pytest.MonkeyPatch.context() as patched:
        for name in CALLS:
            real = getattr(os, name)
            patched.setattr(os, name, _write(left, real) if name == "write" else _call(left, real))
        real_open = Path.open

        def opened(path: Path, mode: str = "r", *more: Any, **others: Any) -> Any:
            left.passes()
            return _File(left, real_open(path, mode, *more, **others))

        patched.setattr(Path, "open", opened)
        yield left


def _call(left: Power, real: Callable[..., Any]) -> Callable[..., Any]:
    def called(*given: Any, **others: Any) -> Any:
        left.passes()
        return real(*given, **others)

    return called


def _write(left: Power, real: Callable[..., int]) -> Callable[..., int]:
    def written(number: int, data: bytes) -> int:
        left.passes()
        half = len(data) // 2
        if half:
            real(number, data[:half])
            left.passes()
        return half + real(number, data[half:])

    return written


class _File:
    """A file that `disk` writes, without a buffer."""

    def __init__(self, left: Power, file: Any) -> None:
        self._left, self._file = left, file

    def write(self, data: bytes) -> int:
        half = len(data) // 2
        for part in (data[:half], data[half:]):
            self._left.passes()
            self._file.write(part)
            self._file.flush()
        return len(data)

    def flush(self) -> None:
        pass

    def fileno(self) -> int:
        return int(self._file.fileno())

    def __enter__(self) -> _File:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def every_cut(work: Callable[[], object], before: Callable[[], object]) -> Iterator[int]:
    """The power goes before each of the calls of `work` in turn, which is set up by `before`."""
    before()
    with power(None) as whole:
        work()
    assert whole.count > 3
    for at in range(whole.count):
        before()
        with power(at):
            try:
                work()
            except PowerCut:
                pass
            else:
                pytest.fail(f"nothing happened at call {at}")
        yield at


def empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()


def stale(folder: Path) -> None:
    """Time goes by."""
    old = time.time() - 2 * disk.STALE
    for part in folder.glob("*.part"):
        os.utime(part, (old, old))


@pytest.mark.parametrize("there", [False, True])
def test_f37_a_file_is_the_old_or_the_new_one(tmp_path: Path, there: bool) -> None:
    folder = tmp_path / "a"
    out = folder / "out"

    def before() -> None:
        empty(folder)
        if there:
            out.write_bytes(b"old file")

    seen = set()
    for _ in every_cut(lambda: put_bytes(out, b"new"), before):
        seen.add(out.read_bytes() if out.exists() else None)
        disk.remove_stale(folder, time.time() + 2 * disk.STALE)
        assert [*folder.iterdir()] == [out] * out.exists()
    assert seen == {b"old file" if there else None, b"new"}


def test_f37_a_new_file_is_whole_or_not_there(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    out = folder / "out"
    seen = set()
    for _ in every_cut(lambda: put_new_bytes(out, b"new"), lambda: empty(folder)):
        seen.add(out.read_bytes() if out.exists() else None)
    assert seen == {None, b"new"}


def told(take: Take, begin: int) -> list[bytes]:
    return lines(take.entries(begin, 999), take.latest).splitlines()


def test_f37_a_take_lacks_only_what_was_not_yet_told(tmp_path: Path) -> None:
    """The whole life of a recorder is cut at each call; then the next one starts."""
    folder = tmp_path / "takes"
    on_disk: list[int] = []

    def work() -> None:
        on_disk.clear()
        take, size = a_take(), 0
        keeper = Keeper((folder, tmp_path / "no"), pytest.fail)
        keeper.take_in([header(take, "Tune").rstrip()])
        for pitch in (60, 62, 64):
            play(take, pitch)
            keeper.take_in(told(take, size))
            size = len(take)
            on_disk.append(pitch)
            keeper.write()
        keeper.take_in([ending(None).rstrip()])
        keeper.end()

    cuts = 0
    for _at in every_cut(work, lambda: empty(folder)):
        cuts += 1
        let_go(folder)
        for path in folder.glob("*.mid"):
            mido.MidiFile(path)
        stale(folder)
        assert len([*recover(folder)]) <= 1
        left = [*folder.iterdir()]
        assert {each.suffix for each in left} <= {".mid"}, "nothing else is left"
        best = max((pitches(each) for each in left), key=len, default=[])
        assert best[: len(on_disk)] == on_disk, "what was told is there"
        assert set(best) <= {60, 62, 64}
    assert cuts > 40


def let_go(folder: Path) -> None:
    """The locks of the journals go with their process: files of the same content have none."""
    for path in folder.glob(PATTERN):
        stamp = path.stat().st_mtime_ns
        copy = path.read_bytes()
        path.unlink()
        path.write_bytes(copy)
        os.utime(path, ns=(stamp, stamp))
