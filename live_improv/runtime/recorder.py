"""Where a take goes: a file of its own in the folder of takes, saved while the music plays.

Nothing here is on the timing path. A thread saves every half minute, so a crash loses no more; each
time the file is complete and takes the place of the one before at once. A disk that is full, or a
folder that is gone, becomes one warning and another attempt half a minute later; the last attempt
is made in the system's folder for temporary files.
"""

from __future__ import annotations

import re
import tempfile
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from live_improv.midi.codec import printable
from live_improv.midi.files import MidiFileError, check_writable, write_score
from live_improv.music.score import Pace
from live_improv.music.timing import Seconds, Ticks
from live_improv.performance.take import Take

EVERY = Seconds(30.0)

_BREATH = Seconds(0.001)
"""Between two slices of work, each of which takes about a tenth of this."""

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
        every: between two saves.

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
    ) -> None:
        self._tell = tell
        self._warned = False
        self._take = take
        self._folder = folder
        self._stem = f"{began or datetime.now():%Y-%m-%d_%H%M%S}_{safe_title(title)}"
        self._every = every
        self._path: Path | None = None
        self._saved = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep_saving, name="recorder", daemon=True)
        self._made_folder = not folder.exists()
        _make(folder)
        check_writable(folder / f"{self._stem}.mid")

    def start(self) -> None:
        """Begin to save every now and then."""
        self._thread.start()

    def save(self, end: Ticks | None = None) -> Path | None:
        """Stop the saving, write the whole take and say where it is; None if nobody played a note.

        Args:
            end: the tick of the song at which the session ended, if it is known.

        Raises:
            MidiFileError: it could be written nowhere.
        """
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join()
        if not self._take.has_notes():
            self._leave_no_folder()
            return None
        try:
            return self._write(self._folder, end)
        except MidiFileError as error:
            self._warn(error)
        self._path = None
        return self._write(Path(tempfile.gettempdir()), end)

    def _keep_saving(self) -> None:
        while not self._ended.wait(self._every):
            try:
                size = len(self._take)
                if size > self._saved and self._take.has_notes():
                    self._write(self._folder, None, self._give_way)
                    self._saved = size
            except MidiFileError as error:
                self._warn(error)

    def _write(self, folder: Path, end: Ticks | None, pace: Pace | None = None) -> Path:
        _make(folder)
        claimed = self._path is None
        path = self._path or _claim(folder, self._stem)
        try:
            write_score(path, self._take.score(end, pace), pace)
        except BaseException:
            if claimed:
                path.unlink(missing_ok=True)
            raise
        self._path = path
        return path

    def _give_way(self) -> None:
        """Let the music have the interpreter, unless it has ended."""
        self._ended.wait(_BREATH)

    def _warn(self, error: MidiFileError) -> None:
        if not self._warned:
            self._warned = True
            self._tell(str(error))

    def _leave_no_folder(self) -> None:
        if self._made_folder:
            try:
                self._folder.rmdir()
            except OSError:
                return  # Somebody else has put something there.


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


def _claim(folder: Path, stem: str) -> Path:
    """A new empty file of that name, with -2, -3 and so on where there is one already."""
    number = 1
    while True:
        path = folder / (f"{stem}.mid" if number == 1 else f"{stem}-{number}.mid")
        try:
            path.touch(exist_ok=False)
        except FileExistsError:
            number += 1
        except OSError as error:
            raise MidiFileError(
                f"cannot write {printable(str(path))}: {printable(error.strerror or str(error))}"
            ) from error
        else:
            return path
