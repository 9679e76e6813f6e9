"""What the tests of auditions share."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from live_improv import assets
from live_improv.model_folder import Model
from tests.cli.conftest import LOAD


@pytest.fixture(scope="session")
def default_model() -> Model:
    """The model that plays when none is named, read once."""
    return LOAD(assets.default_model())


@pytest.fixture(scope="session")
def held_out(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of the human solos that are held out, without the others, which take time."""
    path = tmp_path_factory.mktemp("corpus") / "held_out.jsonl"
    source = data_dir / "corpus" / "wjazzd_lean.jsonl.gz"
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        path.write_text("".join(each for each in lines if json.loads(each)["split"] == "valid"))
    return path
