"""The logs of a training, as TensorBoard finds them."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("tensorflow", reason="the train extra is not installed")

import tensorflow

from live_improv.evaluation.bits import Bits
from live_improv.training.logs import log_to
from live_improv.training.train import Epoch


def scalars(folder: Path) -> dict[str, dict[int, float]]:
    """What the event files of a run say: by name the value at each step."""
    found: dict[str, dict[int, float]] = {}
    for file in sorted(folder.iterdir()):
        for event in tensorflow.compat.v1.train.summary_iterator(str(file)):
            for value in event.summary.value:
                assert value.metadata.plugin_data.plugin_name == "scalars"
                number = float(tensorflow.make_ndarray(value.tensor))
                found.setdefault(value.tag, {})[event.step] = number
    return found


def test_every_epoch_is_in_the_run_of_its_group(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    epochs = [
        Epoch(0, 1, 8.5, Bits(3.0, 4.5, 100), best=True),
        Epoch(0, 2, 7.25, Bits(2.5, 3.5, 100), best=True),
        Epoch(1, 1, 8.0, Bits(2.75, 4.0, 100), best=False),
    ]
    report = log_to(tmp_path / "logs")
    for epoch in epochs[:1]:
        report(epoch)
    # A training that goes on adds to the same runs.
    report = log_to(tmp_path / "logs")
    for epoch in epochs[1:]:
        report(epoch)
    assert capsys.readouterr().out.splitlines() == [str(epoch) for epoch in epochs]
    assert sorted(path.name for path in (tmp_path / "logs").iterdir()) == ["group1", "group2"]
    assert scalars(tmp_path / "logs" / "group1") == {
        "loss": {1: 8.5, 2: 7.25},
        "valid/bits": {1: 7.5, 2: 6.0},
        "valid/onset": {1: 3.0, 2: 2.5},
        "valid/pitch": {1: 4.5, 2: 3.5},
    }
    assert scalars(tmp_path / "logs" / "group2")["loss"] == {1: 8.0}
