"""What every test shares: one thread of linear algebra, and where the corpora are."""

from __future__ import annotations

import os

# Before anything imports NumPy: with two threads a step of the net is twenty times slower.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from pathlib import Path

import pytest
from hypothesis import settings

# Examples are not timed: the machines that run the tests are shared.
settings.register_profile("shared", deadline=None)
settings.load_profile("shared")

ROOT = Path(__file__).resolve().parent.parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What waits in real time has a second try: a shared machine may stand still for a moment.

    JACK drops what was sent while it does. The summary tells of every second try (R).
    """
    if not config.pluginmanager.hasplugin("rerunfailures"):
        return
    for item in items:
        if item.get_closest_marker("realtime") is not None:
            item.add_marker(pytest.mark.flaky(reruns=1, reruns_delay=1))


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The corpora, in `$LIVE_IMPROV_DATA` or beside the checkout; the test skips without them."""
    folder = Path(os.environ.get("LIVE_IMPROV_DATA") or ROOT.parent / "shared" / "data")
    if not (folder / "corpus").is_dir():
        pytest.skip(f"no corpora at {folder}: set LIVE_IMPROV_DATA to run this test")
    return folder
