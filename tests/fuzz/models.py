"""Model folders: whatever is in one, it is a net that can be played or one error; nothing runs.

Habits are a file of their own beside the net.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path

import numpy as np

from live_improv.charts.text import parse
from live_improv.grammar.context import Context, Past
from live_improv.grammar.habits import (
    MOST_AMOUNT,
    SIZES,
    TABLES,
    HabitsError,
    gap_habits,
    packed,
    pitch_habits,
    unpacked,
)
from live_improv.grammar.values import Kind
from live_improv.grammar.vocabulary import Vocabulary
from live_improv.model import Habit
from live_improv.model_folder import ModelFormatError, load, save
from live_improv.music.timing import Ticks
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


def habits(folder: Path) -> Target:
    """A file of habits: the whole of it, or one of its arrays."""
    marker = folder / "it ran"
    content = packed(_some_habits())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    names = sorted(members)
    context = Context(parse("C7 | F7"), 140.0, straight=False)
    past = Past().then(60, Kind.CHORD, 6, rested=False).then(62, Kind.CHORD, 6, rested=False)
    places = np.array([context.place_at(Ticks(0))] * 192)

    def read(data: bytes) -> bool:
        if data[:1] == b"\x01":
            name = names[data[1] % len(names)] if data[1:] else names[0]
            content = _stored({**members, name: data[2:]})
        else:
            content = data[1:]
        try:
            found = unpacked(content)
        except HabitsError as error:
            return refused(error)
        finally:
            assert not marker.exists(), "code of the file ran"
        assert len(found) == len(TABLES)
        for table, habit in zip(TABLES, found, strict=True):
            for where in habit.where.values():
                assert (habit.outcomes[where] < SIZES[table.outcome]).all()
                assert (np.abs(habit.amounts[where]) <= MOST_AMOUNT).all()
        said = pitch_habits(found, context, Ticks(480), past)
        assert np.isfinite(said).all()
        assert np.isfinite(gap_habits(found, context, Ticks(480), past, places)).all()
        return True

    return Target(
        read,
        seeds.habit_seeds(content, [members[name] for name in names], marker),
        seeds.MODEL_TOKENS,
    )


def _some_habits() -> tuple[Habit, ...]:
    """Two situations in every table, the second of them as whoever reads comes into."""
    found = []
    for table in TABLES:
        outcomes = np.array([0, SIZES[table.outcome] - 1, 1], np.intp)
        amounts = np.array([0.5, -1.0, 2.0], np.float32)
        found.append(Habit({0: slice(0, 2), 130: slice(2, 3)}, outcomes, amounts))
    return tuple(found)


def _stored(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()
