"""Keeping a take on disk whatever happens, in a process that does nothing else.

Two things are kept. The journal gets each line as it comes and is on the disk at once, for a power
cut. The file of the take, which everybody reads, is written whole again and again: a second after
the last time, or later where the take is so long that it would take more than a tenth of the time
(measured: 0.2 s for ten minutes of a quartet, 1.5 s for an hour, 7 s for four). At the end of the
lines, which is also the death of who told them, it is written once more, and the journal goes.

Each goes to the folder of takes or, as long as that takes nothing, to another.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from live_improv.disk import DiskError, put_bytes, put_new_bytes, remove_stale
from live_improv.midi.codec import printable
from live_improv.midi.files import score_bytes
from live_improv.music.timing import Seconds
from live_improv.runtime.take_journal import Abandoned, Journal, abandoned
from live_improv.runtime.take_lines import Reader, TakeLineError, header, lines, wrote

SHARE = 9.0
"""The writing of a file is followed by a rest so many times as long."""

RETRY = Seconds(5.0)
"""Between two attempts to have the journal in its folder again."""


class Keeper:
    """One take that is told line by line.

    Args:
        folders: where it is to be, and where else, in this order; each is made if it is missing.
        tell: takes one line about the first thing that goes wrong, from any thread.
        now: seconds on any clock.
    """

    def __init__(
        self,
        folders: Iterable[Path],
        tell: Callable[[str], None],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folders = tuple(folders)
        self._tell = tell
        self._now = now
        self._reader = Reader()
        self._journal: Journal | None = None
        self._complete = True  # the journal, if there is one
        self._tried = float("-inf")
        self._warned = False
        self._written: object = None
        self._one_at_a_time = threading.Lock()  # of those who write into the journal
        self.path: Path | None = None

    def take_in(self, told: list[bytes]) -> None:
        """Take whole lines, and have them on the disk."""
        with self._one_at_a_time:
            good = [line for line in told if _read(self._reader, line)]
            if good and self._reader.take is not None:
                self._keep(b"".join(line + b"\n" for line in good))

    def write(self, hurry: Callable[[], object] | None = None) -> bool:
        """Write the file if there is anything new; whether it holds all that was told before.

        Args:
            hurry: called every now and then; what it raises ends the writing.
        """
        take = self._reader.take
        if take is None or not take.has_notes():
            return True
        state = len(take), take.latest, self._reader.end
        if state == self._written:
            return True
        data = score_bytes(take.score(self._reader.end, hurry), hurry)
        for folder in self._folders:
            try:
                self._put(folder, data)
            except DiskError as error:
                self._warn(self._named(folder), error)
            else:
                self._written = state
                return True
        return False

    def end(self) -> bool:
        """Write what is there a last time; whether that is all, else the journal stays."""
        whole = self.write()
        if whole and self._journal is not None:
            self._journal.remove()
            self._journal = None
        return whole

    def _put(self, folder: Path, data: bytes) -> None:
        _make(folder)
        before = self.path
        if before is not None and before.parent == folder:
            put_bytes(before, data)
        else:
            self.path = put_take(folder, self._reader.stem, data)
            if before is not None and self._folders.index(before.parent) > 0:
                with suppress(OSError):
                    before.unlink()
            with self._one_at_a_time:
                self._keep(wrote(self.path.name))
        if self._journal is not None:
            self._journal.touch()

    def _keep(self, data: bytes) -> None:
        """Have the lines in the journal, or the whole of it somewhere."""
        home, now = self._folders[0], self._now()
        journal = self._journal
        if journal is not None and self._complete:
            try:
                journal.append(data)
            except OSError as error:
                self._warn(self._named(journal.folder), error)
                self._complete, self._tried = False, float("-inf")
        at_home = journal is not None and self._complete and journal.folder == home
        if not at_home and now >= self._tried + RETRY:
            self._move_journal(journal)

    def _move_journal(self, before: Journal | None) -> None:
        """Have the whole journal in the first folder that takes it, unless it is there."""
        self._tried = self._now()
        data = b"".join(self._all())
        for folder in self._folders:
            if before is not None and self._complete and before.folder == folder:
                return
            try:
                _make(folder)
                self._journal = Journal(folder, data)
            except (OSError, DiskError) as error:
                self._warn(self._named(folder), error)
                continue
            self._complete = True
            if before is not None:
                before.remove()
            return

    def _all(self) -> Iterator[bytes]:
        """All that was told."""
        take = self._reader.take
        assert take is not None
        yield header(take, self._reader.stem)
        yield lines(take.entries(0, len(take)), take.latest)
        if self.path is not None:
            yield wrote(self.path.name)

    def _named(self, folder: Path) -> Path:
        """The file in a folder, as it is spoken of."""
        if self.path is not None and self.path.parent == folder:
            return self.path
        return folder / f"{self._reader.stem}.mid"

    def _warn(self, path: Path, error: Exception) -> None:
        if not self._warned:
            self._warned = True
            why = error.strerror if isinstance(error, OSError) else None
            self._tell(f"cannot write {printable(str(path))}: {printable(why or str(error))}")


class Writer:
    """The thread that writes the file while lines come in.

    Args:
        keeper: writes it.
        every: between two times.
        found: takes the path of the file when there is one, and when it is another.
    """

    def __init__(self, keeper: Keeper, every: Seconds, found: Callable[[Path], None]) -> None:
        self._keeper = keeper
        self._every = every
        self._found = found
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Write no more; what is being written is left, the file before it stays."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        rest, path = float(self._every), None
        while not self._ended.wait(rest):
            began = time.monotonic()
            try:
                self._keeper.write(self._check)
            except _LeftError:
                return
            if self._keeper.path is not None and self._keeper.path != path:
                path = self._keeper.path
                self._found(path)
            rest = max(self._every, SHARE * (time.monotonic() - began))

    def _check(self) -> None:
        if self._ended.is_set():
            raise _LeftError


class _LeftError(Exception):
    """The file is left as it is."""


def recover(folder: Path, found: Iterable[Abandoned] | None = None) -> Iterator[Path]:
    """Make files of the takes that a power cut left in a folder; their paths.

    What it left half-written is removed.

    Args:
        found: their journals, where they have been looked for.
    """
    remove_stale(folder)
    for left in abandoned(folder) if found is None else found:
        try:
            path = _recovered(left)
        except (OSError, DiskError):  # as on a disk that is full: at the next start
            left.close()
            continue
        left.remove()
        if path is not None:
            yield path


def put_take(folder: Path, stem: str, data: bytes) -> Path:
    """A new file of that name, with -2, -3 and so on where there is one already.

    Raises:
        DiskError: it cannot be written; nothing is left.
    """
    number = 1
    while True:
        path = folder / (f"{stem}.mid" if number == 1 else f"{stem}-{number}.mid")
        if put_new_bytes(path, data):
            return path
        number += 1


def _recovered(left: Abandoned) -> Path | None:
    """The file of a take; None if nobody played a note.

    The file that was written last is replaced if nobody has touched it since.
    """
    reader = Reader()
    for line in left.lines():
        _read(reader, line)
    take = reader.take
    if take is None or not take.has_notes():
        return None
    data = score_bytes(take.score(reader.end))
    folder = left.path.parent
    if reader.file is not None and Path(reader.file).name == reader.file:
        path = folder / reader.file
        if path.is_file() and path.stat().st_mtime <= left.stamp:
            put_bytes(path, data)
            return path
    return put_take(folder, Path(reader.stem).name or "take", data)


def _read(reader: Reader, line: bytes) -> bool:
    """Whether it is a line of a take, which is taken."""
    try:
        reader.read(line)
    except TakeLineError:
        return False
    return True


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DiskError(error.strerror or str(error)) from error
