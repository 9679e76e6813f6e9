"""What MIDI learn has learned, kept as JSON beside the user's configuration.

The program writes this file and nobody else, so a configuration written by hand is never touched.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from live_improv.performance.bindings import Binding, ControlMap
from live_improv.performance.controls import ControlError
from live_improv.runtime.configuration import MAX_BYTES, ConfigurationError, user_folder

NAME = "learned.json"
_TABLE = "controls"


@dataclass(frozen=True, slots=True)
class Learned:
    """What a file had.

    Attributes:
        map: what could be used.
        warning: one line about what could not, or None.
    """

    map: ControlMap
    warning: str | None = None


def learned_path(folder: Path | None = None) -> Path:
    """Where it is kept.

    Args:
        folder: instead of the user's.
    """
    return (folder or user_folder()) / NAME


def read_learned(path: Path) -> Learned:
    """What has been learned; nothing if there is no file.

    A file with faults is moved aside, to `learned.json.bad` or a like name that is free, so it is
    not lost when something new is learned. What is right in it is used.
    """
    try:
        if not path.exists():
            return Learned(ControlMap())
        if not path.is_file():
            return Learned(ControlMap(), f"{path}: expected a file")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        return Learned(ControlMap(), f"{path}: {error.strerror or error}")
    learned, faults = _parsed(data)
    if not faults:
        return Learned(learned)
    kept = len(learned.to_dict())
    used = f"; {kept} of its bindings are used" if kept else ""
    more = f" and {len(faults) - 1} more" if faults[1:] else ""
    return Learned(learned, f"{path}: {faults[0]}{more}; {_moved_aside(path)}{used}")


def write_learned(path: Path, learned: ControlMap) -> None:
    """Put it on disk, whole or not at all.

    It waits for the disk, some ten milliseconds: keep it off the loop that plays.

    Raises:
        ConfigurationError: it cannot be written.
    """
    text = json.dumps({_TABLE: learned.to_dict()}, indent=2) + "\n"
    target = Path(os.path.realpath(path))  # a link stays a link
    temporary: str | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(
            "w", encoding="utf-8", dir=target.parent, prefix=f".{NAME}-", delete=False
        ) as file:
            temporary = file.name
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
        temporary = None
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror or error}") from None
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def _parsed(data: bytes) -> tuple[ControlMap, list[str]]:
    """The bindings in `data`, and what is wrong with the rest."""
    if len(data) > MAX_BYTES:
        return ControlMap(), [f"larger than {MAX_BYTES // 1024} kB"]
    try:
        table = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        return ControlMap(), [f"not JSON: {str(error)[:80]}"]
    bindings = table.get(_TABLE) if isinstance(table, dict) else None
    if not isinstance(bindings, dict):
        return ControlMap(), [f"expected an object with {_TABLE!r}"]
    learned, faults = ControlMap(), []
    for name, text in bindings.items():
        try:
            if not isinstance(text, str):
                raise ControlError(f"{text!r}: expected something like 'cc 21'")
            learned = learned.with_binding(name, Binding.parse(text))
        except ControlError as error:
            faults.append(f"{name[:40]}: {str(error)[:120]}")
    return learned, faults


def _moved_aside(path: Path) -> str:
    """Give the file another name; what has become of it, in words."""
    number = 1
    while (aside := path.with_name(f"{path.name}.bad{number if number > 1 else ''}")).exists():
        number += 1
    try:
        path.rename(aside)
    except OSError as error:
        return f"it cannot be moved aside ({error.strerror or error})"
    return f"kept as {aside.name}"
