"""What is said of an import: of each file what was understood of it, and of all what became."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from live_improv.importing.imported import NotUnderstood, Understood
from live_improv.music.solos import Solo

SHOWN = 6
"""So many solos of a file are told one by one."""

_MOST_NAMED = 8
_MOST_REASONS = 20
_LONGEST_REASON = 400


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file: its solos, and why there are not more."""

    path: Path
    found: tuple[Understood, ...]
    refused: tuple[NotUnderstood, ...]


def about_file(report: FileReport) -> Iterator[str]:
    """What was understood of a file, line by line."""
    yield str(report.path)
    if len(report.found) > SHOWN:
        yield from _many(report.found)
    else:
        for each in report.found:
            yield from _one(each)
    for reason in report.refused[:_MOST_REASONS]:
        yield f"  not understood: {_reason(reason)}"
    if (more := len(report.refused) - _MOST_REASONS) > 0:
        yield f"  not understood: {more} more"


def about_solos(solos: Sequence[Solo], tunes: int) -> Iterator[str]:
    """What is in a corpus, side by side."""
    notes = sum(len(solo.notes) for solo in solos)
    yield f"{_count(len(solos), 'solo')} of {_count(tunes, 'tune')}, {_count(notes, 'note')}"
    sides: dict[str, list[Solo]] = {}
    for solo in solos:
        sides.setdefault(solo.split, []).append(solo)
    for side, own in sorted(sides.items()):
        notes = sum(len(solo.notes) for solo in own)
        titles = "" if side == "train" else f": {_named([solo.title or solo.id for solo in own])}"
        yield f"  {side:5}  {_count(len(own), 'solo')}, {_count(notes, 'note')}{titles}"
    bare = sum(all(span.chord.root is None for span in solo.changes.chords) for solo in solos)
    if bare:
        yield f"  {_count(bare, 'solo')} without chords: line and rhythm can be learned there"


def _reason(reason: NotUnderstood) -> str:
    """A reason in a line; it may show a value of the file, however long."""
    line = " ".join(str(reason)[: 4 * _LONGEST_REASON].split())
    return line if len(line) <= _LONGEST_REASON else f"{line[:_LONGEST_REASON]} .."


def _one(found: Understood) -> Iterator[str]:
    solo = found.solo
    who = ", ".join(each for each in (solo.performer, solo.instrument) if each)
    meters = _named([str(bar.meter) for bar in solo.changes.bars])
    facts = [
        _count(len(solo.notes), "note"),
        f"{_count(len(solo.changes.bars), 'bar')} of {meters}",
        f"{solo.bpm:.0f} bpm",
        *([solo.feel.lower()] if solo.feel else []),
        *([f"key {solo.changes.key}"] if solo.changes.key else []),
    ]
    yield f"  {solo.title or 'without a title'}{f' ({who})' if who else ''}: {', '.join(facts)}"
    yield f"    melody    {found.melody}"
    yield f"    chords    {_chords(found)}"
    for line in found.dropped:
        yield f"    remark    {line}"


def _chords(found: Understood) -> str:
    if not found.chords_from:
        return "none"
    symbols = [
        span.chord.symbol for span in found.solo.changes.chords if span.chord.root is not None
    ]
    return (
        f"{found.chords_from}, under {_percent(found.coverage)} of the notes: "
        f"{' '.join(symbols[:_MOST_NAMED])}{' ..' if len(symbols) > _MOST_NAMED else ''}"
    )


def _many(found: Sequence[Understood]) -> Iterator[str]:
    solos = [each.solo for each in found]
    notes = sum(len(solo.notes) for solo in solos)
    under = sum(each.coverage * len(each.solo.notes) for each in found) / notes
    meters = Counter(str(solo.changes.bars[0].meter) for solo in solos)
    tempos = sorted(solo.bpm for solo in solos)
    yield (
        f"  {_count(len(solos), 'solo')}, {_count(notes, 'note')}, chords under {_percent(under)} "
        f"of them, {tempos[0]:.0f} to {tempos[-1]:.0f} bpm, "
        + ", ".join(f"{meter} {count}" for meter, count in meters.most_common(4))
    )
    players = Counter(solo.performer for solo in solos if solo.performer)
    if players:
        yield f"    players   {_named([name for name, _ in players.most_common()])}"
    if without := sum(not each.chords_from for each in found):
        yield f"    chords    none in {_count(without, 'solo')}"
    if dropped := sum(bool(each.dropped) for each in found):
        first = next(each for each in found if each.dropped)
        yield (
            f"    remark    on {_count(dropped, 'solo')}, such as {first.solo.id}: "
            f"{first.dropped[0]}"
        )


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _percent(share: float) -> str:
    # All is all: nothing below it is rounded up to it.
    return f"{min(round(100 * share), 100 if share == 1 else 99)} %"


def _named(names: Sequence[str]) -> str:
    """Names, each once, as many as fit in a line."""
    each = list(dict.fromkeys(names))
    more = len(each) - _MOST_NAMED
    return ", ".join(each[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
