"""Whether another of us plays to the same port: two lines in one instrument end each other's notes.

Most systems let several programs play to a port, so nobody is kept from it; it is only told. Who
plays holds a lock on a file of the port's name, which ends with the process, however that ends.
Windows gives a port to one program alone and says so itself; there no file is made.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType

FOLDER = "playing"
"""Of the user's folder of configuration: who plays where now."""

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # Windows
    fcntl = None


@contextmanager
def playing_to(port: str, folder: Path | None) -> Iterator[bool]:
    """Within the block we are known to play to `port`; whether nobody else of us was before.

    Args:
        folder: holds the files, and is made; with None, or where none can be made, nobody is known.
    """
    file = None if fcntl is None or folder is None else _opened(folder, port)
    if fcntl is None or file is None:
        yield True
        return
    try:
        yield _locked(fcntl, file)
    finally:
        os.close(file)


def _opened(folder: Path, port: str) -> int | None:
    # A port may be called anything, also what no file may.
    name = hashlib.sha256(port.encode(errors="surrogatepass")).hexdigest()[:16]
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        return os.open(folder / name, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    return None


def _locked(locks: ModuleType, file: int) -> bool:
    try:
        locks.flock(file, locks.LOCK_EX | locks.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True
