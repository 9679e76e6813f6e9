"""A model folder: `weights.npz`, `values.json`, `config.json` and `CARD.md`, written and read.

`quotes.bin` may stand beside them, the index of what was learned from (`grammar/quoting.py`), and
`habits.npz`, of whom it was adapted to (`grammar/habits.py`); a model without the one is played
without a cap on quoting, and without the other by what the net says alone.

Whatever is wrong with a folder is found here, before anything plays: a file that is missing, a
hash that differs, an array of the wrong name, shape or type, a pickled object, a number that is
not finite, weights for another grammar. A model file is data; nothing in it is ever executed.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from live_improv.grammar import context, habits
from live_improv.grammar.quoting import Quotes, QuotesError
from live_improv.grammar.recall import PITCH_RECALLS
from live_improv.grammar.vocabulary import Vocabulary, VocabularyError
from live_improv.model import Sizes, Weights

MAX_FILE_BYTES = 64 << 20
MAX_UNPACKED_BYTES = 256 << 20
MOST_MANNERS, LONGEST_NAME = 200, 60
"""How many manners a model may have, and how long their names may be."""

_QUOTES, _HABITS = "quotes.bin", "habits.npz"
_FORMAT = 1
_LONGEST_REASON = 300
_Read = TypeVar("_Read")


class ModelFormatError(ValueError):
    """A model folder that cannot be used: names the file and the cause."""


class MannerError(ValueError):
    """A manner that a model does not have; says which it has."""


@dataclass(frozen=True, slots=True)
class Model:
    """A net that is ready to play, and the values it speaks.

    Attributes:
        manners: the players and styles in whose manner it can play, in the order of their rows.
        quotes: the index of what it learned from, or None where the folder has none.
    """

    weights: Weights
    vocabulary: Vocabulary
    name: str
    hash: str
    manners: tuple[str, ...] = ()
    quotes: Quotes | None = None

    def manner(self, name: str) -> str:
        """The manner of that name as the model writes it; people may write it otherwise.

        Raises:
            MannerError: the model has none of that name.
        """
        wanted = name.strip().casefold()
        for each in self.manners:
            if each.casefold() == wanted:
                return each
        there = ", ".join(self.manners) if self.manners else "it has none"
        raise MannerError(f"no manner {name!r} in the model {self.name}: {there}")


def save(
    folder: Path,
    weights: Weights,
    vocabulary: Vocabulary,
    card: str,
    manners: Sequence[str] = (),
    quotes: Quotes | None = None,
) -> None:
    """Write a model folder; each file is complete or not there at all."""
    assert len(manners) == weights.sizes.manners, "each manner has its row and its name"
    folder.mkdir(parents=True, exist_ok=True)
    packed = io.BytesIO()
    # Half the size; rounding to 11 bits costs less than a thousandth of a bit per note.
    halves = {name: array.astype(np.float16) for name, array in weights.arrays.items()}
    np.savez_compressed(packed, **halves)  # type: ignore[arg-type]  # names, not options
    content = packed.getvalue()
    config = {
        "format": _FORMAT,
        "context": context.layout_hash(),
        "vocabulary": vocabulary.content_hash,
        "weights": hashlib.sha256(content).hexdigest(),
        "sizes": asdict(weights.sizes),
        "manners": list(manners),
    }
    _write(folder / "weights.npz", content)
    _write(folder / "values.json", vocabulary.to_json().encode())
    _write(folder / "CARD.md", card.encode())
    beside = {
        _QUOTES: None if quotes is None else quotes.bitmap,
        _HABITS: habits.packed(weights.habits) if weights.habits else None,
    }
    for name, found in beside.items():
        if found is None:
            (folder / name).unlink(missing_ok=True)
        else:
            config[Path(name).stem] = hashlib.sha256(found).hexdigest()
            _write(folder / name, found)
    _write(folder / "config.json", (json.dumps(config, indent=1) + "\n").encode())


def put_quotes(folder: Path, quotes: Quotes) -> None:
    """Give a model that is there the index of what it learned from, in place of any it has.

    Raises:
        ModelFormatError: there is no model that can be used.
    """
    path = folder / "config.json"
    _configuration(path)
    config = json.loads(_read(path))
    config["quotes"] = hashlib.sha256(quotes.bitmap).hexdigest()
    _write(folder / _QUOTES, quotes.bitmap)
    _write(path, (json.dumps(config, indent=1) + "\n").encode())


def load(folder: Path) -> Model:
    """Read and check a model folder.

    Raises:
        ModelFormatError: anything at all is wrong with it.
    """
    if folder.suffix in (".keras", ".h5") or folder.is_file():
        raise ModelFormatError(
            f"{folder}: expected a model folder; `live-improv train --out FOLDER` writes one"
        )
    if not (folder / "config.json").is_file():
        missing = "holds no model, as it has no config.json" if folder.is_dir() else "is no folder"
        raise ModelFormatError(f"{folder} {missing}: `train` and `adapt` write one")
    vocabulary = _vocabulary(folder / "values.json")
    sizes, hashes, manners = _configuration(folder / "config.json")
    content = _read(folder / "weights.npz")
    found = {
        "context": context.layout_hash(),
        "vocabulary": vocabulary.content_hash,
        "weights": hashlib.sha256(content).hexdigest(),
    }
    for name, digest in found.items():
        if hashes[name] != digest:
            raise ModelFormatError(
                f"{folder}: the hash of its {name} is {digest[:12]}, "
                f"config.json says {_short(hashes[name][:12])}"
            )
    expected = _sizes_of_grammar(sizes)
    if sizes != expected:
        said = _short(f"sizes {sizes}")
        raise ModelFormatError(f"{folder / 'config.json'}: {said}, expected {expected}")
    arrays = _arrays(folder / "weights.npz", content, sizes)
    found_habits = _beside(folder / _HABITS, hashes.get("habits"), habits.unpacked)
    quotes = _beside(folder / _QUOTES, hashes.get("quotes"), Quotes)
    weights = Weights(sizes, arrays, found_habits or ())
    return Model(weights, vocabulary, folder.name, hashes["weights"], manners, quotes)


def _beside(path: Path, digest: str | None, read: Callable[[bytes], _Read]) -> _Read | None:
    """What stands beside the weights, where the configuration names its hash."""
    if digest is None:
        return None
    content = _read(path)
    found = hashlib.sha256(content).hexdigest()
    if found != digest:
        said = _short(digest[:12])
        raise ModelFormatError(f"{path}: its hash is {found[:12]}, config.json says {said}")
    try:
        return read(content)
    except (QuotesError, habits.HabitsError) as error:
        raise ModelFormatError(f"{path}: {_short(str(error))}") from None


def _vocabulary(path: Path) -> Vocabulary:
    try:
        return Vocabulary.from_json(_read(path).decode())
    except (VocabularyError, UnicodeDecodeError) as error:
        raise ModelFormatError(f"{path}: {_short(str(error))}") from None


def _configuration(path: Path) -> tuple[Sizes, dict[str, str], tuple[str, ...]]:
    """The sizes, the hashes of what they belong to, by name, and the names of the manners."""
    try:
        config = json.loads(_read(path))
        sizes = Sizes(**{name: int(size) for name, size in config["sizes"].items()})
        hashes = {name: str(config[name]) for name in ("context", "vocabulary", "weights")}
        hashes |= {name: str(config[name]) for name in ("quotes", "habits") if name in config}
        return sizes, hashes, _manners(config.get("manners", []), sizes.manners)
    except ModelFormatError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise ModelFormatError(f"{path}: not a model's ({_short(str(error))})") from None
    except RecursionError:
        raise ModelFormatError(f"{path}: not a model's (nested without end)") from None


def _manners(names: object, count: int) -> tuple[str, ...]:
    """The names of `count` manners, as a model folder says them.

    Raises:
        ValueError: they are not so many names that people can tell apart.
    """
    found = tuple(each for each in names if is_manner(each)) if isinstance(names, list) else ()
    if not isinstance(names, list) or len({each.casefold() for each in found}) != len(names):
        raise ValueError(f"manners {names!r}: expected names, each once")
    if len(found) != count:
        raise ValueError(f"{len(found)} names of manners for {count} rows")
    return found


def is_manner(name: object) -> bool:
    """Whether a manner may be called so: something to read, and not what means none."""
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
        return False
    return name.isprintable() and name.strip() == name and name.casefold() != "off"


def _sizes_of_grammar(sizes: Sizes) -> Sizes:
    """The same layers, with the inputs and outputs that the grammar needs."""
    asked = (sizes.units, sizes.pitch_units, sizes.time_units, sizes.groups)
    units, pitch_units, time_units, groups = (min(max(each, 1), 4096) for each in asked)
    manners = min(max(sizes.manners, 0), MOST_MANNERS)
    return context_sizes(units, pitch_units, time_units, groups, manners)


def context_sizes(
    units: int, pitch_units: int, time_units: int, groups: int = 1, manners: int = 0
) -> Sizes:
    """The sizes of a net of so many units in a group for the grammar's context."""
    return Sizes(
        rows=context.ROWS,
        choice_rows=context.CHOICE_ROWS,
        groups=groups,
        units=units,
        pitch_units=pitch_units,
        time_units=time_units,
        intervals=context.INTERVALS,
        registers=context.REGISTERS,
        gap_bins=context.GAP_BINS,
        places=context.PLACES,
        sounding=context.SOUNDING,
        pitch_recalls=PITCH_RECALLS,
        gap_recalls=1,
        manners=manners,
    )


def _arrays(path: Path, content: bytes, sizes: Sizes) -> dict[str, np.ndarray]:
    shapes = sizes.shapes()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MAX_UNPACKED_BYTES:
            raise ModelFormatError(f"{path}: unpacks to {unpacked} bytes, too large")
        with np.load(io.BytesIO(content), allow_pickle=False) as saved:
            if set(saved.files) != set(shapes):
                odd = sorted(set(saved.files) ^ set(shapes))
                raise ModelFormatError(
                    f"{path}: arrays missing or unknown: {_short(', '.join(odd))}"
                )
            arrays = {name: saved[name] for name in shapes}
    except ModelFormatError:
        raise
    except Exception as error:  # zipfile, zlib and NumPy raise a dozen different ones
        raise ModelFormatError(f"{path}: {_short(f'{type(error).__name__}: {error}')}") from None
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray):  # NumPy gives what is no array as its bytes
            raise ModelFormatError(f"{path}: {name} is no array")
        if array.shape != shapes[name] or array.dtype != np.float16:
            raise ModelFormatError(
                f"{path}: {name} is {_short(f'{array.dtype} {array.shape}')}, "
                f"expected float16 {shapes[name]}"
            )
        if not np.isfinite(array).all():
            raise ModelFormatError(f"{path}: {name} holds numbers that are not finite")
    return {name: array.astype(np.float32) for name, array in arrays.items()}


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ModelFormatError(f"{path}: larger than {MAX_FILE_BYTES >> 20} MB")
        return path.read_bytes()
    except OSError as error:
        raise ModelFormatError(f"{path}: {error.strerror or error}") from None


def _short(said: str) -> str:
    """What is said of a file's content, which may hold anything, in a bounded line."""
    shown = "".join(sign if sign.isprintable() else " " for sign in said[: 2 * _LONGEST_REASON])
    return " ".join(shown.split())[:_LONGEST_REASON]


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    os.replace(part, path)
