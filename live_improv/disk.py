"""Files on disk, whole or not at all: a file appears, or is replaced, only when it is complete."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

TRIES = 4
"""A file that another program holds (a virus scanner, on Windows) is replaced in so many tries."""

_PAUSE = 0.05  # seconds before the second try, twice as long before each later one


class DiskError(RuntimeError):
    """A file that cannot be written; the message says why, without its name."""


def check_writable(path: str | Path) -> None:
    """See that a file could be written at `path`, before the work for it begins.

    Raises:
        DiskError: the folder is missing or takes no new file, or something that is not a regular
            file stands at `path`.
    """
    try:
        part = _part_beside(_target(path))
        part.touch(exist_ok=False)
        part.unlink()
    except (OSError, ValueError) as error:
        raise _why(error) from error


def put_file(path: str | Path, write: Callable[[IO[bytes]], object]) -> None:
    """Put a complete file in the place of whatever regular file is at `path`.

    What was there stays until all of the new one is on the disk, whenever the power goes. A link
    is written through.

    Args:
        write: writes the content.

    Raises:
        DiskError: it cannot be written; what was there is untouched.
    """
    try:
        target = _target(path)
        part = _part_beside(target)
        try:
            with part.open("xb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            _replace(part, target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    except (OSError, ValueError) as error:
        raise _why(error) from error


def put_bytes(path: str | Path, data: bytes) -> None:
    """The same for content that is there already.

    Raises:
        DiskError: as above.
    """
    put_file(path, lambda file: file.write(data))


def _replace(part: Path, target: Path) -> None:
    pause = _PAUSE
    for left in reversed(range(TRIES)):
        try:
            os.replace(part, target)
        except PermissionError:
            if not left:
                raise
            time.sleep(pause)
            pause *= 2
        else:
            return


def _target(path: str | Path) -> Path:
    """Where the file really goes: a link is written through, a device is never replaced."""
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        kind = "a folder" if target.is_dir() else "not a regular file"
        raise ValueError(f"it is {kind}")
    if not target.parent.is_dir():
        raise ValueError(f"there is no folder {target.parent}")
    return target


def _part_beside(target: Path) -> Path:
    """A new name in the same folder, short whatever the target is called."""
    return target.with_name(f".live_improv-{secrets.token_hex(6)}.part")


def _why(error: Exception) -> DiskError:
    return DiskError((error.strerror or str(error)) if isinstance(error, OSError) else str(error))
