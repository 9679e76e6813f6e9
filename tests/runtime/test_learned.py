"""What was learned is there the next time, and a broken file is not lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from live_improv.performance.bindings import ControlMap
from live_improv.runtime.configuration import MAX_BYTES, ConfigurationError
from live_improv.runtime.learned import Learned, learned_path, read_learned, write_learned

MAP = ControlMap.from_dict({"swing": "cc 74 channel 2", "mute": "note 36"})


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = learned_path(tmp_path / "not" / "there" / "yet")
    assert read_learned(path) == Learned(ControlMap())
    for each in (ControlMap(), MAP):
        write_learned(path, each)
        assert read_learned(path) == Learned(each)
    assert [file.name for file in path.parent.iterdir()] == ["learned.json"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"controls": []}',
        b"[" * 60_000,
        b"9" * 5_000,
        b" " * (MAX_BYTES + 1),
        b'{"controls": {"volume": "cc 7"}}',
        b'{"controls": {"swing": 7}}',
        b'{"controls": {"swing": "cc 123"}}',
    ],
    ids=lambda data: data[:20].decode("ascii", "replace"),
)
def test_a_broken_file_is_kept_aside_with_one_line_of_warning(tmp_path: Path, data: bytes) -> None:
    path = learned_path(tmp_path)
    for aside in ("learned.json.bad", "learned.json.bad2"):
        path.write_bytes(data)
        read = read_learned(path)
        assert read.map == ControlMap()
        assert read.warning is not None
        assert str(path) in read.warning
        assert read.warning.endswith(f"kept as {aside}")
        assert "\n" not in read.warning
        assert len(read.warning) < 500
        assert (tmp_path / aside).read_bytes() == data
        assert not path.exists()
    write_learned(path, MAP)
    assert read_learned(path) == Learned(MAP)


def test_what_is_right_in_a_broken_file_is_used(tmp_path: Path) -> None:
    path = learned_path(tmp_path)
    path.write_text('{"controls": {"volume": "cc 7", "swing": "cc 74", "mode": 1}}')
    read = read_learned(path)
    assert read.map == ControlMap.from_dict({"swing": "cc 74"})
    assert read.warning is not None
    assert "'volume'" in read.warning
    assert "and 1 more" in read.warning
    assert "1 of its bindings are used" in read.warning


def test_what_is_no_file_is_left_alone(tmp_path: Path) -> None:
    learned_path(tmp_path).mkdir()
    read = read_learned(learned_path(tmp_path))
    assert read == Learned(ControlMap(), f"{learned_path(tmp_path)}: expected a file")
    with pytest.raises(ConfigurationError, match=r"learned\.json"):
        write_learned(learned_path(tmp_path), MAP)
    assert [file.name for file in tmp_path.iterdir()] == ["learned.json"]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = learned_path(tmp_path)
    write_learned(path, MAP)

    def full(_number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ConfigurationError, match="No space left"):
        write_learned(path, ControlMap())
    assert read_learned(path) == Learned(MAP)
    assert [file.name for file in tmp_path.iterdir()] == ["learned.json"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles" / "learned.json"
    real.parent.mkdir()
    link = learned_path(tmp_path)
    link.symlink_to(real)
    write_learned(link, MAP)
    assert link.is_symlink()
    assert read_learned(real) == Learned(MAP)
