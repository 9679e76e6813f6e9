"""Files on disk, whole or not at all."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from live_improv import disk
from live_improv.disk import DiskError, check_writable, put_bytes, replacing


def test_a_file_is_replaced_by_the_whole_new_one(tmp_path: Path) -> None:
    out = tmp_path / "a"
    put_bytes(out, b"one")
    put_bytes(out, b"two")
    assert out.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [out]


def test_what_was_there_stays_where_the_new_one_fails(tmp_path: Path) -> None:
    out = tmp_path / "a"
    put_bytes(out, b"one")

    def fill() -> None:
        with replacing(out) as file:
            file.write(b"half")
            raise OSError(28, "No space left on device")

    with pytest.raises(DiskError, match="No space left"):
        fill()
    assert out.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [out]


def test_a_link_is_written_through(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"one")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    put_bytes(tmp_path / "link", b"two")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"two"


@pytest.mark.parametrize("name", ["no/a", ".", "/dev/null"])
def test_where_nothing_can_be_written(tmp_path: Path, name: str) -> None:
    for write in (check_writable, lambda path: put_bytes(path, b"")):
        with pytest.raises(DiskError):
            write(tmp_path / name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("held", "saved"), [(disk.TRIES - 1, True), (disk.TRIES, False)])
def test_a_file_that_another_program_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: int, saved: bool
) -> None:
    """As under Windows while a virus scanner reads it."""
    replace, waits, refused = os.replace, list[float](), [held]

    def busy(part: Path, target: Path) -> None:
        if refused[0]:
            refused[0] -= 1
            raise PermissionError(13, "The process cannot access the file")
        replace(part, target)

    out = tmp_path / "a"
    put_bytes(out, b"one")
    monkeypatch.setattr(os, "replace", busy)
    monkeypatch.setattr(time, "sleep", waits.append)
    if saved:
        put_bytes(out, b"two")
        assert out.read_bytes() == b"two"
    else:
        with pytest.raises(DiskError, match="cannot access"):
            put_bytes(out, b"two")
        assert out.read_bytes() == b"one"
    assert len(waits) == min(held, disk.TRIES - 1)
    assert list(tmp_path.iterdir()) == [out]
