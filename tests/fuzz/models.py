"""Model folders: whatever is in one, it is a net that can be played or one error; nothing runs."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path

import numpy as np

from live_improv.grammar.vocabulary import Vocabulary
from live_improv.model_folder import ModelFormatError, load, save
from tests.fuzz.seeds import models as seeds
from tests.fuzz.target import Target, refused
from tests.small_nets import random_weights


def model(folder: Path) -> Target:
    """A model folder: its weights, one array, its values, its configuration."""
    here = folder / "model"
    save(here, random_weights(3), Vocabulary(), "# A card\n")
    sound = {path.name: path.read_bytes() for path in here.iterdir()}
    marker = folder / "it ran"
    with zipfile.ZipFile(io.BytesIO(sound["weights.npz"])) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    names = sorted(members)

    def put_weights(content: bytes) -> None:
        """Other weights with their right hash: what comes after the check is what is tried."""
        config = json.loads(sound["config.json"])
        config["weights"] = hashlib.sha256(content).hexdigest()
        (here / "weights.npz").write_bytes(content)
        (here / "config.json").write_text(json.dumps(config))

    def put(data: bytes) -> tuple[str, ...]:
        """Put an input into the folder; the files that are no longer sound."""
        match data[:1]:
            case b"\x02":
                (here / "values.json").write_bytes(data[1:])
                return ("values.json",)
            case b"\x03":
                (here / "config.json").write_bytes(data[1:])
                return ("config.json",)
            case b"\x01":
                name = names[data[1] % len(names)] if data[1:] else names[0]
                put_weights(_stored({**members, name: data[2:]}))
            case _:
                put_weights(data[1:])
        return "weights.npz", "config.json"

    def read(data: bytes) -> bool:
        changed = put(data)
        try:
            weights = load(here).weights
        except ModelFormatError as error:
            return refused(error)
        finally:
            for name in changed:
                (here / name).write_bytes(sound[name])
            assert not marker.exists(), "code of the model ran"
        shapes = weights.sizes.shapes()
        assert weights.arrays.keys() == shapes.keys()
        for name, array in weights.arrays.items():
            assert array.shape == shapes[name]
            assert array.dtype == np.float32
            assert np.isfinite(array).all()
        return True

    return Target(read, seeds.model_seeds(here, marker), seeds.MODEL_TOKENS)


def _stored(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()
