"""Model folders that are right, and pieces of those that want to run code."""

from __future__ import annotations

import io
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np

WEIGHTS, MEMBER, VALUES, CONFIG = range(4)
"""What the first byte of an input says it is: all weights; one array, whose number comes next;
`values.json`; `config.json`."""


class Trap:
    """An object whose pickle, when it is read, makes a folder."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return os.mkdir, (self.path,)


def trapped(path: Path) -> bytes:
    """An array of objects whose pickle makes a folder at `path`."""
    out, trap = io.BytesIO(), np.empty(2, object)
    trap[:] = [Trap(path)] * 2
    np.save(out, trap, allow_pickle=True)
    return out.getvalue()


def array(values: object, kind: str = "<f2") -> bytes:
    """An array as NumPy saves it."""
    out = io.BytesIO()
    np.save(out, np.asarray(values, kind))
    return out.getvalue()


def model_seeds(folder: Path, marker: Path) -> tuple[bytes, ...]:
    """Seeds out of a sound folder; some have a trap that makes a folder at `marker`."""
    return (
        bytes((WEIGHTS,)) + (folder / "weights.npz").read_bytes(),
        bytes((VALUES,)) + (folder / "values.json").read_bytes(),
        bytes((CONFIG,)) + (folder / "config.json").read_bytes(),
        bytes((MEMBER, 1)) + array(np.zeros(33)),
        bytes((MEMBER, 1)) + array(np.full(33, np.nan)),
        bytes((MEMBER, 1)) + array(np.zeros(33), "<f8"),
        bytes((MEMBER, 2)) + trapped(marker),
        bytes((WEIGHTS,)) + pickle.dumps(Trap(marker)),
    )


def habit_seeds(content: bytes, members: list[bytes], marker: Path) -> tuple[bytes, ...]:
    """Seeds out of a sound file of habits, and out of its arrays; one has a trap."""
    return (
        bytes((WEIGHTS,)) + content,
        *(bytes((MEMBER, number)) + member for number, member in enumerate(members)),
        bytes((MEMBER, 1)) + trapped(marker),
        bytes((WEIGHTS,)) + pickle.dumps(Trap(marker)),
    )


MODEL_TOKENS = (
    *(b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"\x93NUMPY\x01\0", b"\x93NUMPY\x03\0", b"'|O'"),
    *(b"'<f2'", b"'<f8'", b"(33,)", b"(0,)", b"(99999999999,)", b"(-1,)", b"True", b"'descr'"),
    *(
        b"fortran_order",
        b"[('a','<f2')]",
        b"(" * 300,
        b"-" * 3000,
        b"__import__('os')",
        b"cos\nsystem",
    ),
    *(
        b"NaN",
        b"Infinity",
        b"1e999",
        b"null",
        b"[]",
        b"{}",
        b"true",
        b'"units"',
        b"-1",
        b"0",
        b"[" * 2000,
    ),
    *(b"\xff\xff\xff\xff", b"\x0c\0", b"\0\x7c", b"\xff\x7f", b"9" * 5000, b".npy", b"../x.npy"),
)
