"""Where a take goes: a file of its own in the folder of takes, kept while the music plays.

A process of its own keeps it (`runtime.recorder_process`), so nothing that a disk does is ever
waited for here, and a take outlives us: a thread tells that process four times a second what has
been taken in, which costs some 50 microseconds; the end of the pipe, also by SIGKILL, is the end of
the take. What is told is on the disk at once, and the file that everybody reads is written whole
every second while that takes less than a tenth of one.

Nothing of it can stop the music. If the process ends, one line says so and another gets the whole
take; if none lasts, the take is written here, at its end. A disk that is full, or a folder that
is gone, becomes one warning, and the take goes to the system's folder for temporary files until
its own takes it again.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from live_improv.disk import DiskError
from live_improv.midi.codec import printable
from live_improv.midi.files import MidiFileError, check_writable, score_bytes
from live_improv.music.timing import Seconds, Ticks
from live_improv.performance.take import Take
from live_improv.runtime import children
from live_improv.runtime.priority import ask_realtime
from live_improv.runtime.take_keeper import put_take
from live_improv.runtime.take_lines import Latest, ending, header, lines

EVERY = Seconds(0.25)
"""Between two times at which the process is told what is new."""

_WRITES = 4
"""The file is written after so many of them."""

_SLICE = 32
"""So many entries are made into lines at once, which takes less than a tenth of a millisecond."""

_BREATH = Seconds(0.001)
"""Between two slices, where the process is told what it has missed."""

_STARTS = 3
"""So many processes are started for a take, if they end."""

_PATIENCE = Seconds(10.0)
"""How long the last writing is waited for; a take of some hours is finished after we have ended."""

_LEAVING = Seconds(1.0)
"""How long the end of a process is waited for that has kept nothing."""

MAX_TITLE = 80
"""Characters of a title in a file name; and twice as many bytes, as systems count those."""

_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


class Recorder:
    """Keeps one take on disk.

    Args:
        take: grows while it is recorded.
        folder: made if it is missing.
        title: of the tune, whatever it is made of.
        began: when the take began, for its name; now, if it is not said.
        tell: takes one line about what went wrong first, from any thread.
        every: between two times at which what is new is told.
        early: a process that has been begun already.

    Raises:
        MidiFileError: nothing can be written in the folder.
    """

    def __init__(
        self,
        take: Take,
        folder: Path,
        title: str,
        tell: Callable[[str], None],
        began: datetime | None = None,
        every: Seconds = EVERY,
        early: EarlyProcess | None = None,
    ) -> None:
        self._tell = tell
        self._early = early
        self._take = take
        self._folder = folder
        self._stem = f"{began or datetime.now():%Y-%m-%d_%H%M%S}_{safe_title(title)}"
        self._every = every
        self._end: Ticks | None = None
        self._path: Path | None = None
        self._whole = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep_telling, name="recorder", daemon=True)
        self._process: subprocess.Popen[bytes] | None = None
        self._made_folder = not folder.exists()
        _make(folder)
        check_writable(folder / f"{self._stem}.mid")

    @property
    def pid(self) -> int | None:
        """The process that keeps the take, once there is one."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Begin to keep it."""
        self._thread.start()

    def save(self, end: Ticks | None = None) -> Path | None:
        """Have the whole take written and say where it is; None if nobody played a note.

        Args:
            end: the tick of the song at which the session ended, if it is known.

        Raises:
            MidiFileError: it could be written nowhere.
        """
        self._end = end
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join(_PATIENCE)
        if not self._take.has_notes():
            self._leave_no_folder()
            return None
        if self._path is not None and self._whole:
            return self._path
        if self._path is not None and self._thread.is_alive():
            self._tell(f"{printable(str(self._path))} is still being written")
            return self._path
        return self._save_here()

    def _keep_telling(self) -> None:
        """Tell a process about the take, and another one if that does not live to its end."""
        # Who holds up the interpreter, be it for a moment, holds up the notes.
        ask_realtime()
        for _ in range(_STARTS):
            try:
                self._process = process = self._started()
            except OSError as error:
                self._tell(f"no recorder, the take is written at its end: {error}")
                return
            assert process.stdout is not None
            reader = threading.Thread(
                target=self._listen, args=(process.stdout,), name="recorder news", daemon=True
            )
            reader.start()
            with suppress(OSError):
                assert process.stdin is not None
                with process.stdin:
                    self._tell_all(process.stdin, lambda: process.poll() is None)  # noqa: B023
            process.wait()
            reader.join()
            process.stdout.close()
            if self._ended.is_set():
                return
            self._tell("the recorder has ended; another one goes on")
        self._tell("no recorder lasts, the take is written at its end")

    def _started(self) -> subprocess.Popen[bytes]:
        early = None if self._early is None else self._early.take()
        return early or _start(self._folder, self._every)

    def _tell_all(self, pipe: IO[bytes], heard: Callable[[], bool]) -> None:
        """Tell the whole take, as it grows, up to its end or that of who hears it.

        Raises:
            OSError: nobody listens any more.
        """
        told = 0
        line: Latest | None = None
        _put(pipe, header(self._take, self._stem))
        over = False
        while heard() and not over:
            over = self._ended.wait(self._every)
            while entries := self._take.entries(told, _SLICE):
                _put(pipe, lines(entries))
                told += len(entries)
                if len(entries) == _SLICE:
                    time.sleep(_BREATH)
            if (latest := self._take.latest) != line:
                line = latest
                _put(pipe, lines((), line))
        _put(pipe, ending(self._end))

    def _listen(self, news: IO[bytes]) -> None:
        """Take what the process says, until it ends."""
        ask_realtime()
        self._whole = False
        with suppress(OSError):
            for said in news:
                match json.loads(said):
                    case {"say": str(line)}:
                        self._tell(line)
                    case {"path": str(path)}:
                        self._path = Path(path)
                    case {"whole": bool(whole)}:
                        self._whole = whole

    def _save_here(self) -> Path:
        """Write the take without the process, beside what that may have left."""
        data = score_bytes(self._take.score(self._end))
        for folder in (self._folder, Path(tempfile.gettempdir())):
            try:
                _make(folder)
                return put_take(folder, self._stem, data)
            except DiskError as error:
                path = folder / f"{self._stem}.mid"
                failed = MidiFileError(f"cannot write {printable(str(path))}: {error}")
            except MidiFileError as error:
                failed = error
            if folder == self._folder:
                self._tell(str(failed))
        raise failed

    def _leave_no_folder(self) -> None:
        if self._made_folder:
            try:
                self._folder.rmdir()
            except OSError:
                return  # Somebody else has put something there.


class EarlyProcess:
    """A process that keeps a take, begun while the program still reads charts and nets.

    On a machine with much else to do it takes a second and more until a process is there, and what
    nobody was told is lost if we are killed. As a context manager it ends what nobody took.
    """

    def __init__(self, folder: Path) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        with suppress(OSError):  # then one is begun with the take
            self._process = _start(folder, EVERY)

    def take(self) -> subprocess.Popen[bytes] | None:
        """The process, once; who takes it ends it."""
        process, self._process = self._process, None
        return process

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        process = self.take()
        if process is not None:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.close()
            process.stdout.close()
            with suppress(subprocess.TimeoutExpired):  # it may be at work on old takes
                process.wait(_LEAVING)


def _start(folder: Path, every: Seconds) -> subprocess.Popen[bytes]:
    """A process that keeps a take in this folder."""
    arguments = (str(folder), tempfile.gettempdir(), str(_WRITES * every))
    return subprocess.Popen(
        children.command("runtime.recorder_process", *arguments),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        env=children.environment(),
        # What interrupts us or closes our terminal does not reach it: it ends after us.
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def safe_title(title: str) -> str:
    """A title as a part of a file name on every system: letters, digits, spaces and ``.-_``.

    Anything else is left out, so the name stays in its folder; `take` if nothing is left.
    """
    kept = " ".join(re.sub(r"[^\w .-]", " ", title).split()).lstrip(".- ")
    kept = kept[:MAX_TITLE].encode()[: 2 * MAX_TITLE].decode(errors="ignore").rstrip(". ")
    return f"_{kept}" if _DEVICES.match(kept) else kept or "take"


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise MidiFileError(
            f"cannot make the folder {printable(str(folder))}: {printable(reason or str(error))}"
        ) from error


def _put(pipe: IO[bytes], data: bytes) -> None:
    """Write all of it, however long that takes."""
    while data:
        data = data[pipe.write(data) :]
