"""The whole program without a DAW: from the command line to the samples, on a device without sound.

miniaudio's null device keeps time like a sound card; what it was given is kept in a file.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import mido
import numpy as np
import pytest
from numpy.typing import NDArray

from live_improv.runtime.speaker_process import NO_DEVICE, RATE
from live_improv.runtime.speakers import SETTING
from tests.conftest import ROOT
from tests.jack_server import PATIENCE, wait_until

pytestmark = pytest.mark.realtime

BARS, BPM = 8, 240
PLAYED_SECONDS = BARS * 4 * 60 / BPM
COMMAND = [sys.executable, str(ROOT / "run_live.py"), "--speakers", "--tempo", str(BPM)]

SOUNDING = 1e-3
"""60 dB below the loudest that there is."""


@pytest.fixture(autouse=True)
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever this user has set is not tested."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "nobody"))


def levels(path: Path) -> NDArray[np.float32]:
    """The louder channel of every frame."""
    sound = np.fromfile(path, "<f4")
    louder: NDArray[np.float32] = np.abs(sound[: len(sound) // 2 * 2].reshape(-1, 2)).max(axis=1)
    return louder


@pytest.mark.parametrize("band", [[], ["--band", "none"]])
def test_eight_bars_are_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, band: list[str]
) -> None:
    path = tmp_path / "sound"
    monkeypatch.setenv(SETTING, f"file:{path}")
    done = subprocess.run(
        [*COMMAND, "--bars", str(BARS), "--seed", "1", *band],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=PLAYED_SECONDS + PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "playing to the speakers" in done.stdout
    level = levels(path)
    assert level.max() <= 1.0
    (loud,) = np.nonzero(level > SOUNDING)
    length = (loud[-1] - loud[0]) / RATE
    assert 0.6 * PLAYED_SECONDS < length < PLAYED_SECONDS + 3, "with a last chord that rings"
    heard = level[loud[0] : loud[-1]]
    seconds = heard[: len(heard) // RATE * RATE].reshape(-1, RATE)
    assert np.sqrt((seconds**2).mean(axis=1)).min() > 0.005, "every second has its notes"
    assert level[-1] == 0.0, "it ends in silence"
    # The take has the same notes at the same distances: no sound before the first, one at each.
    (take,) = (tmp_path / "takes").iterdir()
    ons, now = [], 0.0
    for message in mido.MidiFile(take):
        now += message.time
        if message.type == "note_on" and message.velocity:
            ons.append(now)
    since = (np.array(ons) - ons[0]) * RATE + loud[0]
    after = [level[round(at) : round(at) + RATE // 10].max() for at in since]
    assert min(after) > SOUNDING


def test_ctrl_c_ends_the_sound_within_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sound"
    monkeypatch.setenv(SETTING, f"file:{path}")
    program = subprocess.Popen(
        [*COMMAND, "--no-take"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with program:
        wait_until(lambda: path.exists() and bool(np.any(levels(path) > SOUNDING)), "it sounds")
        # As a terminal does it: to everyone at once.
        os.killpg(program.pid, signal.SIGINT)
        asked = time.perf_counter()
        _, errors = program.communicate(timeout=PATIENCE)
    assert time.perf_counter() - asked < 1.5
    assert (program.returncode, errors) == (0, "")
    assert levels(path)[-1] == 0.0


def test_without_a_sound_device_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SETTING, "audio4")  # OpenBSD's, which is never here
    done = subprocess.run(
        COMMAND, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert NO_DEVICE in line
