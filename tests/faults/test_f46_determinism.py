"""F46: the same seed, chart and model give the same bytes, from whichever process.

Another Python gives them too where its NumPy adds in the same order; `LIVE_IMPROV_OTHER_PYTHON`
names one to compare with.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OPTIONS = ("--bars", "24", "--seed", "46", "--tempo", "180")
BANDS = ("none", "bass,piano,drums")


def played(folder: Path, name: str, band: str, python: str = sys.executable, **more: str) -> str:
    """The SHA-256 of what one process writes."""
    command = [python, "-m", "live_improv", "--offline", name, *OPTIONS, "--band", band]
    home = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    environment = {**os.environ, **home, "PYTHONPATH": str(ROOT), **more}
    subprocess.run(command, cwd=folder, env=environment, check=True, timeout=120)
    return hashlib.sha256((folder / name).read_bytes()).hexdigest()


@pytest.mark.parametrize("band", BANDS)
def test_two_processes_write_the_same_bytes(tmp_path: Path, band: str) -> None:
    """Whatever the order of sets and the time of day."""
    first = played(tmp_path, "one.mid", band, PYTHONHASHSEED="1", TZ="UTC")
    second = played(tmp_path, "two.mid", band, PYTHONHASHSEED="2", TZ="Asia/Tokyo")
    assert first == second


@pytest.mark.skipif("LIVE_IMPROV_OTHER_PYTHON" not in os.environ, reason="no other Python is named")
def test_another_python_writes_the_same_bytes(tmp_path: Path) -> None:
    other = os.environ["LIVE_IMPROV_OTHER_PYTHON"]
    assert played(tmp_path, "one.mid", "none") == played(tmp_path, "two.mid", "none", other)
