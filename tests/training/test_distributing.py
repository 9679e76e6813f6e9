"""Training on several devices gives what training on one does."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("keras", reason="the train extra is not installed")

from live_improv import cli
from live_improv.training.distributing import DistributionError, every_device, own_lanes
from tests.conftest import ROOT

# Keras takes its backend once and for all, so JAX is tried in processes of its own. Another Python
# than this one may have it.
PYTHON = os.environ.get("LIVE_IMPROV_JAX_PYTHON", sys.executable)


@pytest.fixture
def jax_python() -> str:
    """A Python that has JAX and Keras; the test skips without one."""
    if sys.executable == PYTHON and find_spec("jax") is None:
        pytest.skip("jax is not installed: pip install 'live-improv[train-jax]'")
    return PYTHON


def started(python: str, out: Path, devices: int, **more: str) -> subprocess.Popen[str]:
    """A training in a process of its own."""
    environment = {**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", **more}
    return subprocess.Popen(
        [python, "-m", "tests.training.learn_in_parts", str(out), str(devices)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def learned(process: subprocess.Popen[str], out: Path) -> tuple[dict[str, np.ndarray], str]:
    """What it learned, and what it said last."""
    said, _ = process.communicate(timeout=800)
    assert process.returncode == 0, said[-3000:]
    with np.load(out) as arrays:
        return dict(arrays), said.splitlines()[-1]


def check_equal(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> None:
    """Both learned the same, to rounding, and something."""
    assert one["bits"][1] < one["bits"][0]
    for name, array in one.items():
        assert np.abs(array - other[name]).max() < 1e-4, name


@pytest.mark.timeout(900)
def test_two_devices_learn_what_one_does(jax_python: str, tmp_path: Path) -> None:
    alone = started(jax_python, tmp_path / "one.npz", 1)
    one, used = learned(alone, tmp_path / "one.npz")
    assert used == "devices 1"
    two_devices = "--xla_force_host_platform_device_count=2"
    both = started(jax_python, tmp_path / "two.npz", 2, XLA_FLAGS=two_devices)
    two, used = learned(both, tmp_path / "two.npz")
    assert used == "devices 2"
    check_equal(one, two)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_two_processes_learn_what_one_does(jax_python: str, tmp_path: Path) -> None:
    one, _ = learned(started(jax_python, tmp_path / "one.npz", 1), tmp_path / "one.npz")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    processes = [
        started(
            jax_python,
            tmp_path / f"part{number}.npz",
            2,
            KERAS_DISTRIBUTION_JOB_ADDRESSES=address,
            KERAS_DISTRIBUTION_NUM_PROCESSES="2",
            KERAS_DISTRIBUTION_PROCESS_ID=str(number),
        )
        for number in range(2)
    ]
    for number, process in enumerate(processes):
        part, used = learned(process, tmp_path / f"part{number}.npz")
        assert used == "devices 2"
        check_equal(one, part)


@pytest.mark.parametrize(
    ("missing", "flags", "extra"),
    [("jax", ["--distributed"], "train-jax"), ("tensorflow", ["--logs", "logs"], "train")],
)
def test_what_is_missing_is_said_before_anything_is_read(
    missing: str,
    flags: list[str],
    extra: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def find(name: str, package: str | None = None) -> object:
        return None if name == missing else object()

    monkeypatch.setattr("importlib.util.find_spec", find)
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert cli.main(["train", "--corpus", "none.jsonl", "--out", "none", *flags]) == 2
    assert f"{missing} is not installed: pip install 'live-improv[{extra}]'" in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize("flags", [["--distributed"], ["--logs", "logs"]])
def test_manners_are_taught_on_one_device(
    flags: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda *_: object())
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    more = ["--manners-of", "models/default", "--players", "all"]
    assert cli.main(["train", "--corpus", "none.jsonl", "--out", "none", *more, *flags]) == 2
    assert f"{flags[0]} does not go with --manners-of" in capsys.readouterr().err


def test_tensorflow_cannot_share(monkeypatch: pytest.MonkeyPatch) -> None:
    import keras

    monkeypatch.setattr(keras.backend, "backend", lambda: "tensorflow")
    with pytest.raises(DistributionError, match="KERAS_BACKEND=jax"), every_device(32):
        pytest.fail("it went on")


class TwelveDevices:
    """Stands in for Keras' distribution on a machine with as many."""

    num_model_replicas = 12

    def __init__(self, **_options: object) -> None:
        pass


def test_lanes_have_to_be_shared_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    import keras

    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    monkeypatch.setattr(keras.distribution, "DataParallel", TwelveDevices)
    with pytest.raises(DistributionError, match=r"32 lanes for 12 devices: .* 1, 2, 4, 8, 16, 32"):
        every_device(32).__enter__()


def test_one_process_has_all_lanes() -> None:
    batch = ({"a": np.arange(4)}, {"b": np.arange(4)}, {"c": np.arange(4)})
    assert own_lanes(batch) is batch
