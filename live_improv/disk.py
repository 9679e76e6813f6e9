"""Files on disk, whole or not at all: a file appears, or is replaced, only when it is complete."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

TRIES = 4
"""A file that another program holds (a virus scanner, on Windows) is replaced in so many tries."""

STALE = 600.0
"""Seconds after which a part of a file is what a dead process has left."""

_PAUSE = 0.05  # seconds before the second try, twice as long before each later one

_PREFIX, _SUFFIX = ".live_improv-", ".part"

_Place = Callable[[Path, Path], None]
"""Gives a complete part the name of its file."""


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


@contextmanager
def replacing(path: str | Path) -> Iterator[IO[bytes]]:
    """A file to be written in the block, that then takes the place of what is at `path`.

    What was there stays until all of the new one is on the disk, whenever the power goes, and if
    the block fails. A link is written through.

    Raises:
        DiskError: it cannot be written; what was there is untouched.
    """
    try:
        target = _target(path)
    except (OSError, ValueError) as error:
        raise _why(error) from error
    try:
        with _part_of(target, _replace) as file:
            yield file
    except OSError as error:
        raise _why(error) from error


def put_bytes(path: str | Path, data: bytes) -> None:
    """Put a complete file in the place of whatever regular file is at `path`.

    Raises:
        DiskError: as above.
    """
    with replacing(path) as file:
        file.write(data)


def put_new_bytes(path: str | Path, data: bytes) -> bool:
    """The same where nothing is yet: whether it was put, False where something is at `path`.

    Raises:
        DiskError: as above.
    """
    try:
        with _part_of(Path(path), _link) as file:
            file.write(data)
    except FileExistsError:
        return False
    except (OSError, ValueError) as error:
        raise _why(error) from error
    return True


def remove_stale(folder: Path, now: float | None = None) -> None:
    """Remove what dead processes have left half-written in `folder`; nothing else, and no errors.

    Args:
        now: seconds since the epoch, of the clock that files are stamped by.
    """
    before = (time.time() if now is None else now) - STALE
    with suppress(OSError):
        for part in folder.glob(f"{_PREFIX}*{_SUFFIX}"):
            with suppress(OSError):
                if part.is_file() and part.lstat().st_mtime < before:
                    part.unlink()


def sync_folder(folder: Path) -> None:
    """Let names that were made, changed or removed in `folder` outlast a power cut."""
    # Windows cannot, nor can some network drives; there it is the system's business.
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


@contextmanager
def _part_of(target: Path, place: _Place) -> Iterator[IO[bytes]]:
    """A part beside the file, which becomes the file when all of it is on the disk."""
    part = _part_beside(target)
    try:
        with part.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        place(part, target)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def _link(part: Path, target: Path) -> None:
    """Give the file its name unless something has it, of which a plain rename makes no question.

    Raises:
        FileExistsError: something has it.
    """
    try:
        os.link(part, target)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):  # FAT has no links
        if os.path.lexists(target):
            raise FileExistsError(target) from None
        _replace(part, target)
    else:
        part.unlink()


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
    return target.with_name(f"{_PREFIX}{secrets.token_hex(6)}{_SUFFIX}")


def _why(error: Exception) -> DiskError:
    return DiskError((error.strerror or str(error)) if isinstance(error, OSError) else str(error))
