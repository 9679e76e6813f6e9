"""Which reader reads which file, by how its name ends; a fault of one file stays with that file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from live_improv.corpus import CorpusError, read_corpus
from live_improv.corpus_writing import NotWritable, line_of
from live_improv.importing.imported import Choices, NotUnderstood, Understood
from live_improv.importing.melospy_beats import covered
from live_improv.importing.melospy_csv import BEAT_TRACK

MAX_FILES = 100_000
"""Most files that one import reads."""

CORPUS_ENDINGS = (".jsonl", ".jsonl.gz")
"""How the names of corpora of ours end."""

MIDI_ENDINGS = (".mid", ".midi", ".kar", ".smf")
"""How the names of MIDI files end."""

Reader = Callable[[Path, Choices], Iterable[Understood | NotUnderstood]]


@dataclass(frozen=True, slots=True)
class Found:
    """The files of an import, and how many of the folders' were none of ours."""

    files: tuple[Path, ...]
    passed_over: int = 0


def found_in(given: Iterable[Path]) -> Found:
    """The files to read: those that were named, and of folders all that a reader is for, sorted.

    Hidden files, links to folders and files that were found before do not count.

    Raises:
        NotUnderstood: there are too many.
        FileNotFoundError: one that was named is not there.
    """
    files: dict[Path, Path] = {}
    passed_over = 0
    for path in given:
        if not path.exists():
            raise FileNotFoundError(f"{path}: no such file or folder")
        inside = _below(path) if path.is_dir() else [path]
        for file in inside:
            if path.is_dir() and not _is_for_us(file):
                passed_over += 1
            else:
                files.setdefault(file.resolve(), file)
            if len(files) > MAX_FILES:
                raise NotUnderstood(f"more than {MAX_FILES} files")
    return Found(tuple(files.values()), passed_over)


def solos_of(path: Path, choices: Choices) -> Iterator[Understood | NotUnderstood]:
    """The solos of a file, and the reason for each that cannot be had; nothing is raised."""
    try:
        if path.exists() and not path.is_file():
            # A pipe would be waited for, a device may never end.
            raise NotUnderstood("a folder" if path.is_dir() else "a pipe or a device, not a file")
        for each in _reader(path)(path, choices):
            yield _writable(each) if isinstance(each, Understood) else each
    except NotUnderstood as reason:
        yield reason
    except OSError as error:
        yield NotUnderstood(error.strerror or str(error))
    except MemoryError:
        yield NotUnderstood("it takes more memory than there is")
    except Exception as error:
        # Files come from anywhere; one that finds a fault of ours must not end a long import.
        ours = type(error).__module__.startswith("live_improv.")
        yield NotUnderstood(str(error) if ours else f"a fault of ours: {error!r:.200}")


def _writable(found: Understood) -> Understood | NotUnderstood:
    """A solo, or why it cannot be written: with one bad solo the others are not lost."""
    try:
        line_of(found.solo)
    except NotWritable as error:
        return NotUnderstood(str(error))
    return found


def _below(folder: Path) -> Iterator[Path]:
    """The files of a folder and of those in it, sorted by name."""
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(here) / name for name in sorted(names) if not name.startswith("."))


def _is_for_us(path: Path) -> bool:
    """Whether a file of a folder is one to read; a beat track is read with its notes."""
    name = path.name.lower()
    return name.endswith(tuple(_READERS)) and not name.endswith(f"{BEAT_TRACK}.csv")


def _reader(path: Path) -> Reader:
    """The reader of a file.

    Raises:
        NotUnderstood: there is none.
    """
    name = path.name.lower()
    for ending, reader in _READERS.items():
        if name.endswith(ending):
            return reader
    raise NotUnderstood(f"expected one of {' '.join(_READERS)}")


def _midi(path: Path, choices: Choices) -> Iterable[Understood | NotUnderstood]:
    from live_improv.importing.midi_solos import read_midi

    return read_midi(path, choices)


def _score(path: Path, choices: Choices) -> Iterable[Understood | NotUnderstood]:
    if find_spec("music21") is None:
        raise NotUnderstood("scores are read with music21: pip install 'live-improv[train]'")
    from live_improv.training.score_solos import read_score

    return read_score(path, choices)


def _leadsheet(path: Path, choices: Choices) -> Iterable[Understood | NotUnderstood]:
    from live_improv.importing.improvisor_solos import read_leadsheet

    return read_leadsheet(path, choices)


def _database(path: Path, choices: Choices) -> Iterable[Understood | NotUnderstood]:
    from live_improv.importing.wjazzd import read_wjazzd

    return read_wjazzd(path, choices)


def _csv(path: Path, choices: Choices) -> Iterable[Understood | NotUnderstood]:
    from live_improv.importing.melospy_csv import read_melospy_csv

    return read_melospy_csv(path, choices)


def _corpus(path: Path, choices: Choices) -> Iterator[Understood | NotUnderstood]:
    """The solos of a corpus, as they are; what stands behind a line that is none is not read."""
    try:
        for solo in read_corpus(path):
            has_chords = any(span.chord.root is not None for span in solo.changes.chords)
            chords_from = "the corpus" if has_chords else ""
            yield Understood(solo, "the corpus", chords_from, covered(solo))
    except CorpusError as error:
        yield NotUnderstood(str(error).removeprefix(f"{path}: ").removeprefix(f"{path}, "))


_READERS: dict[str, Reader] = {
    **dict.fromkeys(MIDI_ENDINGS, _midi),
    **dict.fromkeys((".musicxml", ".mxl", ".xml"), _score),
    ".ls": _leadsheet,
    **dict.fromkeys((".db", ".sqlite", ".sqlite3"), _database),
    ".csv": _csv,
    **dict.fromkeys(CORPUS_ENDINGS, _corpus),
}
