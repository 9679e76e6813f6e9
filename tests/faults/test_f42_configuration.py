"""F42: a configuration is used, or refused in one line with its file, key and what is valid."""

from __future__ import annotations

from pathlib import Path

import pytest

from live_improv.cli import main
from tests.fuzz.checking import tried


@pytest.mark.parametrize("name", ["config", "learned"])
def test_ten_thousand_mutations_are_read_or_refused(name: str) -> None:
    tally = tried(name, 10_000)
    assert tally.parsed > 100, tally.line()
    assert tally.refused > 1_000, tally.line()


FAULTS = {
    "tempi = 120": ("tempi", "no such option"),
    "tempo = 0": ("tempo", "20 to 500"),
    "tempo = -1": ("tempo", "20 to 500"),
    "tempo = 1e9": ("tempo", "20 to 500"),
    'tempo = "fast"': ("tempo", "20 to 500"),
    "tempo = true": ("tempo", "a number"),
    "mode = 3": ("mode", "expected"),
    "[controls]\nvolume = 'cc 7'": ("controls.volume", "temperature"),
    "[controls]\nswing = 'cc 128'": ("controls.swing", "0 to 119"),
    "tempo = ": ("not TOML",),
    "seed = 1 #" + "x" * 70_000: ("larger than 64 kB",),
}


@pytest.mark.parametrize("text", FAULTS, ids=lambda text: text[:24])
def test_the_command_leaves_with_2_and_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    line = _said(tmp_path, monkeypatch, capsys, text.encode())
    assert all(part in line for part in FAULTS[text]), line


def test_bytes_that_are_no_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "not UTF-8 (byte 8)" in _said(tmp_path, monkeypatch, capsys, b'in = "M\xfcller"')


def _said(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    content: bytes,
) -> str:
    """What the command says of a configuration in the current folder."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "none"))
    (folder / "live_improv.toml").write_bytes(content)
    assert main(["--offline", str(folder / "out.mid"), "--chart", "blues_in_f"]) == 2
    shown = capsys.readouterr()
    assert not shown.out
    assert not (folder / "out.mid").exists()
    (line,) = shown.err.splitlines()
    assert "live_improv.toml" in line
    assert line.isprintable()
    return line
