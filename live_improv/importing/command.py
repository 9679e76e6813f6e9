"""`import`: from other people's files to one corpus."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from live_improv.corpus import read_corpora
from live_improv.corpus_writing import CorpusExists, write_corpus
from live_improv.disk import check_writable
from live_improv.importing.copies import copies_in
from live_improv.importing.duplicates import overlaps
from live_improv.importing.imported import Choices, NotUnderstood, Understood
from live_improv.importing.items import Item, with_own_ids
from live_improv.importing.reading import CORPUS_ENDINGS, MIDI_ENDINGS, found_in, solos_of
from live_improv.importing.report import FileReport, about_file, about_solos
from live_improv.importing.splitting import TRAIN, rank, split
from live_improv.importing.tunes import tunes
from live_improv.music.solos import Solo

Say = Callable[[str], None]
"""Told a line for the user."""

Progress = Callable[[int, int, str], None]
"""Told which file is read, of how many, and its name."""

_SAID = 20  # lines of one sort


class BadName(ValueError):
    """A name that no corpus has."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to import, and to where."""

    files: tuple[Path, ...]
    out: Path
    choices: Choices
    against: tuple[Path, ...] = ()
    overwrite: bool = False


def import_files(wanted: Wanted, say: Say, progress: Progress) -> int:
    """Read files and write the corpus of their solos; returns how many were written.

    Raises:
        BadName: the name of the corpus is none.
        CorpusExists, DiskError: it cannot be written; that is known before files are read.
        CorpusError: a corpus to compare with cannot be read.
        FileNotFoundError, NotUnderstood: the files that were named cannot be told.
    """
    _check_out(wanted)
    known = [
        Item(solo, path.name, solo.split, known=True)
        for path in wanted.against
        for solo in read_corpora([path])
    ]
    items, files, refused = _read(wanted, say, progress)
    if not items:
        say(f"{_files(files)}, and no solo in {'it' if files == 1 else 'them'}: nothing is written")
        return 0
    everything = [*known, *with_own_ids(items)]
    found = overlaps([item.solo for item in everything])
    copies, lines = copies_in(everything, found)
    _say_some(lines, say, "left out so")
    kept = [i for i in range(len(everything)) if i not in copies]
    # Of two solos of one id, in two corpora, only the first would be learned from.
    for i, item in zip(kept, with_own_ids([everything[i] for i in kept]), strict=True):
        everything[i] = item
    related = [
        (pair.first, pair.second)
        for pair in found
        # What the corpora to compare with have in common is not this import's business.
        if not (everything[pair.first].known and everything[pair.second].known)
    ]
    # What one recording holds is one tune, also where its name says nothing.
    related += [
        (i, i + 1)
        for i, (one, other) in enumerate(pairwise(everything))
        if one.recording is not None and one.recording == other.recording
    ]
    solos, count = _split(everything, related, copies, say)
    if not solos:
        say("every solo is in the corpora that were compared: nothing is written")
        return 0
    write_corpus(wanted.out, solos, overwrite=wanted.overwrite)
    say("")
    say(f"{_files(files)}, {f'{refused} of them not understood' if refused else 'all understood'}")
    for line in (f"{wanted.out}:", *about_solos(solos, count)):
        say(line)
    return len(solos)


def _check_out(wanted: Wanted) -> None:
    if not wanted.out.name.endswith(CORPUS_ENDINGS):
        raise BadName(f"{wanted.out}: expected a name that ends in {' or '.join(CORPUS_ENDINGS)}")
    named = [path for path in wanted.files if not path.is_dir()]
    if any(_is_same(path, wanted.out) for path in (*named, *wanted.against)):
        raise BadName(f"{wanted.out} is read as well: expected another name")
    if wanted.out.exists() and not wanted.overwrite:
        raise CorpusExists(f"{wanted.out} is there already: expected a new name, or --overwrite")
    check_writable(wanted.out)


def _is_same(one: Path, other: Path) -> bool:
    """Whether two names are of one file."""
    return one.exists() and other.exists() and one.samefile(other)


def _read(wanted: Wanted, say: Say, progress: Progress) -> tuple[list[Item], int, int]:
    """The solos of the files, how many files there were, and of how many nothing came."""
    found = found_in(wanted.files)
    not_to_read = {wanted.out.resolve(), *(path.resolve() for path in wanted.against)}
    files = [path for path in found.files if path.resolve() not in not_to_read]
    items: list[Item] = []
    refused = 0
    for number, path in enumerate(files, 1):
        progress(number, len(files), path.name)
        solos: list[Understood] = []
        reasons: list[NotUnderstood] = []
        for each in solos_of(path, wanted.choices):
            if isinstance(each, Understood):
                solos.append(each)
            else:
                reasons.append(each)
        if not solos and not reasons:
            reasons.append(NotUnderstood("no solos"))
        refused += not solos
        for line in about_file(FileReport(path, tuple(solos), tuple(reasons))):
            say(line)
        # A corpus that is split already stays as it is split.
        has_sides = any(each.solo.split != TRAIN for each in solos)
        items += [
            Item(
                _named(each.solo, wanted.choices),
                path.name,
                each.solo.split if has_sides else None,
                coverage=each.coverage,
                recording=path if path.name.lower().endswith(MIDI_ENDINGS) else None,
            )
            for each in solos
        ]
    if found.passed_over:
        say(f"{_files(found.passed_over)} of other kinds passed over")
    return items, len(files), refused


def _named(solo: Solo, choices: Choices) -> Solo:
    return solo if solo.performer else replace(solo, performer=choices.performer)


def _split(
    items: Sequence[Item], related: Sequence[tuple[int, int]], copies: set[int], say: Say
) -> tuple[tuple[Solo, ...], int]:
    """The solos that are written, each with its side, and how many tunes they are.

    A copy that is left out is still of its tune: what it ties together stays together, and the
    tune stays on the side that the copy came with.
    """
    groups = tunes([item.solo for item in items], related)
    ours = [i for i, item in enumerate(items) if not item.known and i not in copies]
    place = {i: at for at, i in enumerate(ours)}
    sides = [items[i].side for i in ours]
    own: list[list[int]] = []
    lines: list[str] = []
    for group in groups:
        inside = [place[i] for i in group if i in place]
        elsewhere = [items[i] for i in group if items[i].known]
        if not inside:
            continue
        own.append(inside)
        left = [side for i in group if i in copies and (side := items[i].side) is not None]
        if left:
            most = max(left, key=rank)
            for at in inside:
                own_side = sides[at] or most
                sides[at] = side = max(own_side, most, key=rank)
                if side != own_side:
                    lines.append(
                        f"{items[ours[at]].solo.id}: {side} instead of {own_side}, as another of "
                        "its tune"
                    )
        if not elsewhere:
            continue
        first = max(elsewhere, key=lambda item: item.solo.split != TRAIN)
        for at in inside:
            if first.solo.split != TRAIN or sides[at] not in (None, TRAIN):
                lines.append(
                    f"{items[ours[at]].solo.id} is put to {first.solo.split}, as "
                    f"{first.solo.title or first.solo.id} is in {first.source}"
                )
            sides[at] = first.solo.split
    if not ours:
        return (), 0
    theirs = [item.solo.id for item in items if item.known]
    done = split([items[i].solo for i in ours], own, sides, theirs)
    _say_some([*lines, *done.told], say, "put somewhere so")
    return done.solos, len(own)


def _say_some(lines: Sequence[str], say: Say, what: str) -> None:
    """Say the lines, but not hundreds of them."""
    for line in lines[:_SAID]:
        say(line)
    if len(lines) > _SAID:
        say(f"and {len(lines) - _SAID} more are {what}")


def _files(number: int) -> str:
    return f"{number} file{'' if number == 1 else 's'}"
