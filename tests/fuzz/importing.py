"""What holds for whatever a reader of `import` makes of a file, up to where it is written.

The readers are asked by themselves, without the handler around them (`importing.reading.solos_of`)
that makes a line of any exception: here only `NotUnderstood` is a refusal. What a reader catches
itself, and hands on as a reason, must not read as Python's own words: that was not foreseen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from live_improv.corpus_writing import NotWritable, line_of
from live_improv.importing.copies import copies_in
from live_improv.importing.duplicates import overlaps
from live_improv.importing.imported import Choices, NotUnderstood, Understood
from live_improv.importing.items import Item, with_own_ids
from live_improv.importing.report import FileReport, about_file, about_solos
from live_improv.importing.splitting import split
from live_improv.importing.tunes import tunes
from live_improv.midi.codec import printable
from tests.fuzz.target import refused

Reader = Callable[[Path, Choices], Iterable[Understood | NotUnderstood]]

_PYTHON_SAYS = re.compile(
    r"' object|out of range$|cannot convert float|division by zero|unsupported operand|math domain|"
    r"must be (?:a|an|str|int|real)\b|invalid literal|not JSON compliant|not enough values|"
    r"codec can|too many values|Exceeds the limit|recursion|not supported between|too large to"
)
_MOST = 8  # solos of a file that are compared


def taken_in(reader: Reader, path: Path, choices: Choices, *, schema: bool = True) -> bool:
    """Read a file as `import` does; False if there was no solo in it, for a reason.

    Args:
        schema: whether the reader knows what it expects where; the one of corpora tries.

    Raises:
        AssertionError: what was found cannot be told or sorted, or a reason is none for people.
    """
    solos: list[Understood] = []
    reasons: list[NotUnderstood] = []
    try:
        for each in reader(path, choices):
            if isinstance(each, Understood):
                try:
                    line_of(each.solo)
                except NotWritable as error:
                    reasons.append(NotUnderstood(str(error)))
                else:
                    solos.append(each)
            else:
                reasons.append(each)
    except NotUnderstood as error:
        reasons.append(error)
    if not solos and not reasons:  # as the command says it
        reasons.append(NotUnderstood("no solos"))
    for reason in reasons:
        assert not schema or not _PYTHON_SAYS.search(str(reason)), f"not foreseen: {reason}"
        assert str(reason).strip(), "a reason that says nothing"
    assert all(map(printable, about_file(FileReport(path, tuple(solos), ()))))
    for line in about_file(FileReport(path, (), tuple(reasons))):
        refused(NotUnderstood(printable(line)))
    if not solos:
        return False
    _sorted_out(solos[:_MOST])
    return True


def _sorted_out(found: Sequence[Understood]) -> None:
    """What `import` does with solos before they are written; what it cuts must be writable, too."""
    for each in found:
        assert 0 <= each.coverage <= 1
        assert len(each.solo.notes) > 0
    items = with_own_ids([Item(each.solo, "a", coverage=each.coverage) for each in found])
    solos = [item.solo for item in items]
    pairs = overlaps(solos)
    copies_in(items, pairs)
    groups = tunes(solos, [(pair.first, pair.second) for pair in pairs])
    done = split(solos, groups, [None] * len(solos))
    if len(done.solos) > len(solos):
        assert all(map(line_of, done.solos))
    assert all(map(printable, about_solos(done.solos, len(groups))))


def choices_for(data: bytes) -> Choices:
    """What the user chose: mostly nothing, and for the same input always the same."""
    match len(data) % 8:
        case 0:
            return Choices(melody="1", performer="Me")
        case 1:
            return Choices(transposed=-14)
        case 2:
            return Choices(melody="solo", transposed=36)
        case _:
            return Choices()
