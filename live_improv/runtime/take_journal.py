"""The journal of a take: its lines, on disk a moment after they were told.

It lies beside the take under a name of its own and goes when the take's file is whole. What a power
cut leaves is found at the next start: nobody holds its lock any more.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from live_improv.disk import sync_folder

PATTERN = ".live_improv-*.take"

MOST = 1 << 28
"""Bytes: ten times a day of music; nothing longer is read."""

_FAR = 1 << 30
"""Where the lock lies on Windows, which lets nobody read what is locked."""


class Journal:
    """A growing file.

    Args:
        folder: where it is made.
        data: its first lines.

    Raises:
        OSError: it cannot be made, or not all of it; then nothing is left.
    """

    def __init__(self, folder: Path, data: bytes) -> None:
        self.folder = folder
        self.path = folder / PATTERN.replace("*", secrets.token_hex(6))
        self._number = _opened(self.path, os.O_CREAT | os.O_EXCL)
        try:
            if not _lock(self._number):
                raise OSError("somebody takes it for abandoned")
            self.append(data)
        except BaseException:
            self.remove()
            raise
        sync_folder(folder)

    def append(self, data: bytes) -> None:
        """Add whole lines, which are on the disk after it.

        Raises:
            OSError: they are not, or not whole; what was there is.
        """
        if not os.path.samestat(os.stat(self.path), os.fstat(self._number)):
            raise FileNotFoundError(2, "No such file or directory")
        while data:
            data = data[os.write(self._number, data) :]
        os.fsync(self._number)

    def touch(self) -> None:
        """Make it younger than what has just been written beside it."""
        with suppress(OSError):
            os.utime(self.path)

    def remove(self) -> None:
        """Have it no more."""
        _remove(self.path, self._number)


class Abandoned:
    """A journal that nobody writes any more, and nobody else reads as long as it is not closed."""

    def __init__(self, path: Path, number: int) -> None:
        self.path = path
        self.stamp = os.fstat(number).st_mtime
        self._number = number

    def lines(self) -> list[bytes]:
        """Its lines, the last of which may be a part of one.

        Raises:
            OSError: it cannot be read.
        """
        with open(self._number, "rb", closefd=False) as file:
            return file.read(MOST).split(b"\n")

    def remove(self) -> None:
        """Have it no more."""
        _remove(self.path, self._number)

    def close(self) -> None:
        """Leave it to whoever comes next."""
        with suppress(OSError):
            os.close(self._number)


def abandoned(folder: Path) -> Iterator[Abandoned]:
    """What was left in a folder, each to be removed or closed; a folder that is not there has none.

    What is not ours to read is none either: links, and in a folder that is shared what others left.
    """
    with suppress(OSError):
        for path in sorted(folder.glob(PATTERN)):
            with suppress(OSError):
                if path.is_symlink() or not path.is_file():
                    continue
                number = _opened(path, 0)
                if _owner(number) == _owner() and _lock(number):
                    yield Abandoned(path, number)
                else:
                    os.close(number)


def _opened(path: Path, flags: int) -> int:
    """A file to append to and read from, as bytes, that no process we start inherits."""
    flags |= os.O_RDWR | os.O_APPEND | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    return os.open(path, flags, 0o600)


def _remove(path: Path, number: int) -> None:
    with suppress(OSError):
        path.unlink()
    with suppress(OSError):
        os.close(number)
    with suppress(OSError):
        path.unlink(missing_ok=True)  # Windows keeps what is open


def _owner(number: int | None = None) -> int:
    """Whose a file is, or who we are; everybody is the same on Windows."""
    if sys.platform == "win32":
        return 0
    return os.getuid() if number is None else os.fstat(number).st_uid


def _lock(number: int) -> bool:
    """Whether the file is ours alone now, up to the end of this process, however it comes."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(number, _FAR, os.SEEK_SET)
            msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
            os.lseek(number, 0, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
