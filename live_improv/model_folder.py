"""A model folder: `weights.npz`, `values.json`, `config.json` and `CARD.md`, written and read.

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
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from live_improv.grammar import context
from live_improv.grammar.recall import PITCH_RECALLS
from live_improv.grammar.vocabulary import Vocabulary, VocabularyError
from live_improv.model import Sizes, Weights

MAX_FILE_BYTES = 64 << 20
MAX_UNPACKED_BYTES = 256 << 20
_FORMAT = 1
_LONGEST_REASON = 300


class ModelFormatError(ValueError):
    """A model folder that cannot be used: names the file and the cause."""


@dataclass(frozen=True, slots=True)
class Model:
    """A net that is ready to play, and the values it speaks."""

    weights: Weights
    vocabulary: Vocabulary
    name: str
    hash: str


def save(folder: Path, weights: Weights, vocabulary: Vocabulary, card: str) -> None:
    """Write a model folder; each file is complete or not there at all."""
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
    }
    _write(folder / "weights.npz", content)
    _write(folder / "values.json", vocabulary.to_json().encode())
    _write(folder / "CARD.md", card.encode())
    _write(folder / "config.json", (json.dumps(config, indent=1) + "\n").encode())


def load(folder: Path) -> Model:
    """Read and check a model folder.

    Raises:
        ModelFormatError: anything at all is wrong with it.
    """
    if folder.suffix in (".keras", ".h5") or folder.is_file():
        raise ModelFormatError(
            f"{folder}: expected a model folder; `live-improv train --out FOLDER` writes one"
        )
    vocabulary = _vocabulary(folder / "values.json")
    sizes, hashes = _configuration(folder / "config.json")
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
    return Model(Weights(sizes, arrays), vocabulary, folder.name, hashes["weights"])


def _vocabulary(path: Path) -> Vocabulary:
    try:
        return Vocabulary.from_json(_read(path).decode())
    except (VocabularyError, UnicodeDecodeError) as error:
        raise ModelFormatError(f"{path}: {_short(str(error))}") from None


def _configuration(path: Path) -> tuple[Sizes, dict[str, str]]:
    """The sizes, and the hashes of what they belong to, by name."""
    try:
        config = json.loads(_read(path))
        sizes = Sizes(**{name: int(size) for name, size in config["sizes"].items()})
        return sizes, {name: str(config[name]) for name in ("context", "vocabulary", "weights")}
    except ModelFormatError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise ModelFormatError(f"{path}: not a model's ({_short(str(error))})") from None
    except RecursionError:
        raise ModelFormatError(f"{path}: not a model's (nested without end)") from None


def _sizes_of_grammar(sizes: Sizes) -> Sizes:
    """The same layers, with the inputs and outputs that the grammar needs."""
    units = (sizes.units, sizes.pitch_units, sizes.time_units, sizes.groups)
    bounded = (min(max(unit, 1), 4096) for unit in units)
    return context_sizes(*bounded)


def context_sizes(units: int, pitch_units: int, time_units: int, groups: int = 1) -> Sizes:
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
