"""Model folders: written, read back, and refused in one line when anything is wrong."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from live_improv import model_folder
from live_improv.assets import default_model
from live_improv.grammar.habits import TABLES
from live_improv.grammar.quoting import LEAST_BYTES, Quotes
from live_improv.grammar.vocabulary import Vocabulary
from live_improv.model import Habit
from live_improv.model_folder import (
    MannerError,
    ModelFormatError,
    context_sizes,
    is_manner,
    load,
    put_quotes,
    save,
)
from tests.small_nets import random_weights, sizes

WEIGHTS = random_weights(3)
NO_HABIT = Habit({}, np.empty(0, np.intp), np.empty(0, np.float32))
HABITS = (
    Habit({0: slice(0, 2)}, np.array([3, 40], np.intp), np.array([0.5, -0.25], np.float32)),
    *[NO_HABIT] * (len(TABLES) - 1),
)
QUOTES, OTHER_QUOTES = Quotes(bytes(LEAST_BYTES)), Quotes(b"\x11" * 2 * LEAST_BYTES)

Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a small model."""
    path = tmp_path / "small"
    save(path, WEIGHTS, Vocabulary(), "# A card\n")
    return path


def rewrite(folder: Path, arrays: dict[str, Any]) -> None:
    """Put other arrays into the folder, with their right hash."""
    packed = io.BytesIO()
    np.savez_compressed(packed, **arrays)
    put(folder, packed.getvalue())


def put(folder: Path, content: bytes) -> None:
    """Put these bytes for weights into the folder, with their right hash."""
    (folder / "weights.npz").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    reconfigure(folder, lambda config: config.update(weights=digest))


def reconfigure(folder: Path, change: Change) -> None:
    """Change the configuration."""
    path = folder / "config.json"
    config = json.loads(path.read_text())
    change(config)
    path.write_text(json.dumps(config))


def refused(folder: Path, *parts: str) -> None:
    """The folder is refused in one line that names it and says these things."""
    with pytest.raises(ModelFormatError) as caught:
        load(folder)
    message = str(caught.value)
    assert str(folder) in message
    for part in parts:
        assert part in message
    assert "\n" not in message
    assert len(message) < 1000


def test_what_is_saved_is_loaded(folder: Path) -> None:
    model = load(folder)
    assert model.name == "small"
    assert model.vocabulary == Vocabulary()
    assert model.weights.sizes == sizes()
    assert model.weights.arrays.keys() == WEIGHTS.arrays.keys()
    for name, array in WEIGHTS.arrays.items():
        assert np.array_equal(model.weights.arrays[name], array.astype(np.float16))
        assert model.weights.arrays[name].dtype == np.float32
    assert model.hash == hashlib.sha256((folder / "weights.npz").read_bytes()).hexdigest()
    assert (folder / "CARD.md").read_text() == "# A card\n"


def test_a_folder_holds_four_files_and_no_more(folder: Path) -> None:
    names = {"weights.npz", "values.json", "config.json", "CARD.md"}
    assert {path.name for path in folder.iterdir()} == names
    save(folder, random_weights(4), Vocabulary(), "# Another card\n")
    assert {path.name for path in folder.iterdir()} == names
    other = load(folder).weights.arrays["bias"]
    assert not np.array_equal(other, WEIGHTS.arrays["bias"])


def test_the_default_model_can_be_played() -> None:
    model = load(default_model())
    assert model.vocabulary == Vocabulary()
    total = sum(path.stat().st_size for path in default_model().iterdir() if path.is_file())
    assert total <= 10 << 20


MANNERS = ("John Coltrane", "BEBOP", "Ornette")


@pytest.fixture
def mannered(tmp_path: Path) -> Path:
    """A folder with a small model of three manners."""
    path = tmp_path / "mannered"
    save(
        path, random_weights(8, shape=context_sizes(6, 5, 4, manners=3)), Vocabulary(), "", MANNERS
    )
    return path


def test_the_manners_of_a_model_are_kept_with_their_rows(mannered: Path, folder: Path) -> None:
    model = load(mannered)
    assert model.manners == MANNERS
    rows = model.weights.sizes.rows
    assert model.weights.arrays["input"].shape[0] == rows + 3
    assert load(folder).manners == ()


def test_a_folder_of_before_there_were_manners_is_read_as_it_was(folder: Path) -> None:
    expected = load(folder)

    def as_before(config: dict[str, Any]) -> None:
        del config["manners"]
        del config["sizes"]["manners"]

    reconfigure(folder, as_before)
    again = load(folder)
    assert (again.manners, again.weights.sizes) == ((), expected.weights.sizes)
    for name, array in expected.weights.arrays.items():
        assert np.array_equal(again.weights.arrays[name], array)


def test_a_manner_is_found_however_it_is_written(mannered: Path) -> None:
    model = load(mannered)
    assert [model.manner(name) for name in ("bebop", " john coltrane ")] == ["BEBOP", MANNERS[0]]
    with pytest.raises(MannerError, match=r"'Foo' in the model mannered: John Coltrane, BEBOP, "):
        model.manner("Foo")


def test_a_model_without_manners_says_so(folder: Path) -> None:
    with pytest.raises(MannerError, match="'BEBOP' in the model small: it has none"):
        load(folder).manner("BEBOP")


@pytest.mark.parametrize("name", ["", " Bird", "off", "OFF", "x" * 61, "a\nb", "\x1b[2J", None, 3])
def test_what_no_manner_may_be_called(name: object) -> None:
    assert not is_manner(name)
    assert is_manner("Ørnulf O'Neill 2")


@pytest.mark.parametrize(
    "names",
    [None, "abc", 3, [], ["A", "B"], ["A", "B", "C", "D"], ["A", "a", "B"], ["A", "", "B"], [1, 2]],
)
def test_manners_that_are_not_those_of_the_rows(mannered: Path, names: object) -> None:
    reconfigure(mannered, lambda config: config.update(manners=names))
    refused(mannered, "config.json")


@pytest.mark.parametrize("count", [-1, 2, 1 << 40])
def test_rows_of_manners_that_are_not_there(mannered: Path, count: int) -> None:
    reconfigure(mannered, lambda config: config["sizes"].update(manners=count))
    refused(mannered, "config.json")


@pytest.mark.parametrize("name", ["config.json", "values.json", "weights.npz"])
def test_a_missing_file(folder: Path, name: str) -> None:
    (folder / name).unlink()
    refused(folder, name)


def test_a_missing_folder(tmp_path: Path) -> None:
    refused(tmp_path / "nowhere", "is no folder")


@pytest.mark.parametrize("name", ["config.json", "values.json", "weights.npz"])
def test_a_folder_in_the_place_of_a_file(folder: Path, name: str) -> None:
    (folder / name).unlink()
    (folder / name).mkdir()
    refused(folder, name)


@pytest.mark.parametrize("name", ["net.keras", "net.h5"])
def test_a_keras_file_is_no_model_folder(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    refused(path, "expected a model folder", "train")
    path.write_bytes(b"\x89HDF")
    refused(path, "expected a model folder", "train")
    other = tmp_path / "weights.npz"
    other.write_bytes(b"PK")
    refused(other, "expected a model folder")


def test_a_wrong_hash(folder: Path) -> None:
    content = bytearray((folder / "weights.npz").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "weights.npz").write_bytes(content)
    refused(folder, "hash", "weights", hashlib.sha256(content).hexdigest()[:12])


@pytest.mark.parametrize("name", ["context", "vocabulary"])
def test_weights_for_another_language(folder: Path, name: str) -> None:
    reconfigure(folder, lambda config: config.update({name: "0123456789abcdef"}))
    refused(folder, f"hash of its {name}", "0123456789ab")


def test_another_vocabulary(folder: Path) -> None:
    other = Vocabulary(max_steps=96)
    (folder / "values.json").write_text(other.to_json())
    refused(folder, "hash of its vocabulary", other.content_hash[:12])


def test_a_vocabulary_that_was_tampered_with(folder: Path) -> None:
    path = folder / "values.json"
    path.write_text(path.read_text().replace("192", "191"))
    refused(folder, "values.json", "hash")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "1", '"x"', "{}", "[" * 50_000, '{"sizes": {}}', "\x00"]
)
@pytest.mark.parametrize("name", ["config.json", "values.json"])
def test_a_text_that_is_no_configuration(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text)
    refused(folder, name)


@pytest.mark.parametrize("name", ["config.json", "values.json"])
def test_a_text_that_is_not_utf8(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"\xff\xfe{}")
    refused(folder, name)


CONFIGURATIONS: dict[str, Change] = {
    "no sizes": lambda config: config.pop("sizes"),
    "no hash": lambda config: config.pop("weights"),
    "sizes that are no table": lambda config: config.update(sizes=[1, 2]),
    "a size too many": lambda config: config["sizes"].update(layers=2),
    "a size too few": lambda config: config["sizes"].pop("units"),
    "a size that is no number": lambda config: config["sizes"].update(units="many"),
    "a size that is nothing": lambda config: config["sizes"].update(units=None),
    "an endless size": lambda config: config["sizes"].update(units=float("inf")),
    "another grammar's size": lambda config: config["sizes"].update(rows=433),
    "no units": lambda config: config["sizes"].update(units=0),
    "negative units": lambda config: config["sizes"].update(time_units=-4),
    "a huge layer": lambda config: config["sizes"].update(units=1 << 40),
}


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_a_wrong_configuration(folder: Path, name: str) -> None:
    reconfigure(folder, CONFIGURATIONS[name])
    refused(folder, "config.json")


def test_sizes_that_the_arrays_do_not_have(folder: Path) -> None:
    reconfigure(folder, lambda config: config["sizes"].update(units=7))
    refused(folder, "weights.npz", "expected float16")


def arrays_with(**changed: Any) -> dict[str, Any]:
    """The small model's arrays, some of them others or, if None, left out."""
    both = {**HALVES, **changed}
    return {name: array for name, array in both.items() if array is not None}


HALVES = {name: array.astype(np.float16) for name, array in WEIGHTS.arrays.items()}

ARRAYS: dict[str, tuple[dict[str, Any], str]] = {
    "missing": ({"heads": None}, "missing or unknown: heads"),
    "unknown": ({"extra": np.zeros(3, np.float16)}, "missing or unknown: extra"),
    "shape": ({"bias": np.zeros(3, np.float16)}, "bias is float16 (3,), expected float16 (33,)"),
    "one axis more": ({"bias": np.zeros((33, 1), np.float16)}, "bias is float16 (33, 1)"),
    "transposed": ({"heads": HALVES["heads"].T.copy()}, "heads is float16 (9, 6, 1)"),
    "type": ({"bias": np.zeros(33, np.float64)}, "bias is float64"),
    "whole numbers": ({"bias": np.zeros(33, np.int32)}, "bias is int32"),
    "text": ({"bias": np.array(["x"] * 33)}, "bias is <U1"),
    "nan": ({"bias": np.full(33, np.nan, np.float16)}, "bias holds numbers that are not finite"),
    "infinity": (
        {"time": np.full_like(HALVES["time"], np.inf)},
        "time holds numbers that are not finite",
    ),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_wrong_arrays(folder: Path, name: str) -> None:
    changed, message = ARRAYS[name]
    rewrite(folder, arrays_with(**changed))
    refused(folder, "weights.npz", message)


class Trap:
    """An object whose pickle, when it is read, makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return os.mkdir, (self.path,)


def test_a_pickled_array_is_refused_and_nothing_in_it_runs(folder: Path, tmp_path: Path) -> None:
    sprung = tmp_path / "sprung"
    trap = np.empty(33, object)
    trap[:] = [Trap(sprung)] * 33
    rewrite(folder, arrays_with(bias=trap))
    refused(folder, "weights.npz", "allow_pickle=False")
    assert not sprung.exists()
    # The trap works where pickles are read.
    # The second of the 33 finds the folder of the first.
    with np.load(folder / "weights.npz", allow_pickle=True) as saved, suppress(OSError):
        _ = saved["bias"]
    assert sprung.exists()


def test_a_pickle_that_pretends_to_be_a_zip(folder: Path, tmp_path: Path) -> None:
    sprung = tmp_path / "sprung"
    put(folder, pickle.dumps(Trap(sprung)))
    refused(folder, "weights.npz")
    assert not sprung.exists()


@pytest.mark.parametrize("keep", [0, 1, 100, 0.5, 0.9, 0.999])
def test_a_truncated_file(folder: Path, keep: float) -> None:
    content = (folder / "weights.npz").read_bytes()
    put(folder, content[: int(keep * len(content)) if isinstance(keep, float) else keep])
    refused(folder, "weights.npz")


def test_a_member_that_is_broken_inside_a_whole_zip(folder: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, array in WEIGHTS.arrays.items():
            one = io.BytesIO()
            np.save(one, array)
            content = one.getvalue()
            archive.writestr(f"{name}.npy", content[:-4] if name == "time" else content)
    put(folder, packed.getvalue())
    refused(folder, "weights.npz")


@pytest.mark.parametrize("content", [b"", b"no array", b"\x93NUMP"])
def test_a_member_that_is_no_array(folder: Path, content: bytes) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, array in HALVES.items():
            one = io.BytesIO()
            np.save(one, array)
            archive.writestr(f"{name}.npy", content if name == "bias" else one.getvalue())
    put(folder, packed.getvalue())
    refused(folder, "weights.npz", "bias is no array")


def test_names_and_numbers_without_end_are_told_in_short(folder: Path) -> None:
    sound = (folder / "config.json").read_text()
    reconfigure(folder, lambda config: config["sizes"].update({"x" * 5_000: 1}))
    refused(folder, "config.json")
    (folder / "config.json").write_text(sound)
    reconfigure(folder, lambda config: config["sizes"].update(units=10**4_000))
    refused(folder, "config.json")
    (folder / "config.json").write_text(sound)
    reconfigure(folder, lambda config: config.update(weights="two\nlines"))
    refused(folder, "hash")
    (folder / "config.json").write_text(sound)
    rewrite(folder, arrays_with(**{f"\x1b{'x' * 5_000}": np.zeros(1, np.float16)}))
    refused(folder, "weights.npz", "missing or unknown")


def test_a_file_too_large(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_folder, "MAX_FILE_BYTES", 1000)
    refused(folder, "weights.npz", "larger than")


def test_a_file_that_unpacks_to_too_much(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_folder, "MAX_UNPACKED_BYTES", 100_000)
    rewrite(folder, arrays_with(extra=np.zeros(1 << 20, np.float32)))
    refused(folder, "weights.npz", "too large")


def test_nothing_is_replaced_by_half_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = load(folder).hash

    def fail(*_arguments: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="full"):
        save(folder, random_weights(4), Vocabulary(), "")
    assert load(folder).hash == before


def test_the_index_of_what_was_learned_stands_beside_it(folder: Path) -> None:
    assert load(folder).quotes is None
    put_quotes(folder, QUOTES)
    found = load(folder)
    assert found.quotes == QUOTES
    assert found.hash == hashlib.sha256((folder / "weights.npz").read_bytes()).hexdigest()
    save(folder, WEIGHTS, Vocabulary(), "# A card\n", quotes=OTHER_QUOTES)
    assert load(folder).quotes == OTHER_QUOTES
    save(folder, WEIGHTS, Vocabulary(), "# A card\n")
    assert load(folder).quotes is None
    assert not (folder / "quotes.bin").exists()


def test_an_index_that_is_not_this_models_is_refused(folder: Path) -> None:
    put_quotes(folder, QUOTES)
    path = folder / "quotes.bin"
    path.write_bytes(OTHER_QUOTES.bitmap)
    refused(folder, "quotes.bin", "hash", "config.json says")
    path.write_bytes(bytes(1000))
    digest = hashlib.sha256(bytes(1000)).hexdigest()
    reconfigure(folder, lambda config: config.update(quotes=digest))
    refused(folder, "quotes.bin", "1000 bytes: expected a power of two")
    path.unlink()
    refused(folder, "quotes.bin", "No such file")
    reconfigure(folder, lambda config: config.update(quotes=["\n\x1b[31m" * 400]))
    path.write_bytes(QUOTES.bitmap)
    refused(folder, "quotes.bin", "hash")
    # One that no configuration names is nobody's.
    reconfigure(folder, lambda config: config.pop("quotes"))
    assert load(folder).quotes is None


def test_an_index_goes_to_a_model_only(tmp_path: Path) -> None:
    with pytest.raises(ModelFormatError, match="No such file"):
        put_quotes(tmp_path / "nowhere", QUOTES)


def test_habits_stand_beside_the_weights(folder: Path) -> None:
    assert load(folder).weights.habits == ()
    save(folder, replace(WEIGHTS, habits=HABITS), Vocabulary(), "# A card\n", quotes=QUOTES)
    found = load(folder)
    (habit, *others) = found.weights.habits
    assert dict(habit.where) == dict(HABITS[0].where)
    assert habit.amounts.tolist() == [0.5, -0.25]
    assert not any(other.where for other in others)
    put_quotes(folder, OTHER_QUOTES)
    assert dict(load(folder).weights.habits[0].where) == dict(habit.where)
    # Another model in its place has none of them.
    save(folder, WEIGHTS, Vocabulary(), "# A card\n")
    assert load(folder).weights.habits == ()
    assert not (folder / "habits.npz").exists()


def test_habits_that_are_not_this_models_are_refused(folder: Path) -> None:
    save(folder, replace(WEIGHTS, habits=HABITS), Vocabulary(), "# A card\n")
    path = folder / "habits.npz"
    path.write_bytes(b"nothing of the kind")
    refused(folder, "habits.npz", "hash", "config.json says")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    reconfigure(folder, lambda config: config.update(habits=digest))
    refused(folder, "habits.npz", "BadZipFile")
    path.unlink()
    refused(folder, "habits.npz", "No such file")
    # Those that no configuration names are nobody's.
    reconfigure(folder, lambda config: config.pop("habits"))
    assert load(folder).weights.habits == ()
