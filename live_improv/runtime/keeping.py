"""What is left of a performance when it has ended: its take, and what MIDI learn has learned."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from live_improv.performance.hands import Hands
from live_improv.performance.take import Take
from live_improv.runtime.learned import write_learned
from live_improv.runtime.recorder import EarlyProcess, Recorder


@dataclass(slots=True)
class Recording:
    """A take that is kept.

    Attributes:
        path: where, once it is whole; None before, and where nothing is kept.
    """

    path: Path | None = None


@contextmanager
def recorded(
    take: Take,
    folder: Path | None,
    title: str,
    say: Callable[[str], None],
    early: EarlyProcess | None,
) -> Iterator[Recording]:
    """Keep the take on disk while the block runs, and at its end whole.

    Args:
        folder: of takes; with None nothing is kept.
        title: of the tune.
        say: takes one line about what went wrong, from any thread.
        early: the process that is to keep it; without it, one is begun.

    Raises:
        MidiFileError: it cannot be written.
    """
    recording = Recording()
    if folder is None:
        yield recording
        return
    recorder = Recorder(take, folder, title, say, early=early)
    recorder.start()
    try:
        yield recording
    finally:
        recording.path = recorder.save()


@contextmanager
def learning_kept(hands: Hands, path: Path | None) -> Iterator[None]:
    """Keep what MIDI learn has learned in the block; with None, or where it is nothing, no file.

    Raises:
        ConfigurationError: it cannot be written.
    """
    before = hands.learned
    try:
        yield
    finally:
        if path is not None and hands.learned != before:
            write_learned(path, hands.learned)
