"""Every tune on one side: what is learned from, and what is held out to judge by.

About a tenth of the tunes is held out. Which ones is told by their names alone (a hash), so a tune
stays where it is when others are imported beside it. But for that, of two tunes or more at least
one is held out, with a twentieth to a third of the notes where that can be. Of a single tune a
whole solo is held out, of a single solo its end: training and adapting need something to judge by.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count

from live_improv.importing.cutting import cut
from live_improv.importing.tunes import tune_of
from live_improv.music.solos import Solo

TRAIN, VALID, TEST = "train", "valid", "test"

HELD_OUT = 0.1
"""The share of the tunes that is held out."""

_LEAST, _MOST = 0.05, 1 / 3  # of the notes
_END = 0.8  # of the notes of a single solo are learned from
_FEWEST = 40  # notes of a solo that is cut

# Which side has all of a tune when it stands on several: nothing held out is learned from.
_RANK = {TRAIN: 0, VALID: 1, TEST: 2}


@dataclass(frozen=True, slots=True)
class Split:
    """Solos with their sides, in the order they came in.

    Attributes:
        solos: all of them; of one that was cut both parts, one after the other.
        told: what the user should know of it, a line each.
    """

    solos: tuple[Solo, ...]
    told: tuple[str, ...] = ()


def split(
    solos: Sequence[Solo],
    tunes: Sequence[Sequence[int]],
    sides: Sequence[str | None],
    taken: Iterable[str] = (),
) -> Split:
    """Give each solo its side.

    Args:
        solos: at least one.
        tunes: their indices by tune.
        sides: for each solo the side it came with, None where it can go to either.
        taken: ids of other solos, that the end of one that is cut must not have.
    """
    found = [TRAIN] * len(solos)
    told: list[str] = []
    free: list[Sequence[int]] = []
    for tune in tunes:
        given = [side for i in tune if (side := sides[i]) is not None]
        if not given:
            free.append(tune)
        most = max(given, key=rank, default=VALID if _lot(solos, tune) < HELD_OUT else TRAIN)
        for i in tune:
            own = sides[i] or most
            found[i] = max(own, most, key=rank)
            if own != found[i]:
                told.append(f"{solos[i].id}: {found[i]} instead of {own}, as another of its tune")
    if VALID not in sides:
        _balance(solos, free, found)
    if TRAIN not in found:
        told.append("everything is held out: there is nothing to learn from")
    if VALID in found or TRAIN not in found:
        return Split(_sided(solos, found), tuple(told))
    ids = {*taken, *(solo.id for solo in solos)}
    return _with_one_held_out(solos, tunes, free, found, told, ids)


def _balance(solos: Sequence[Solo], free: Sequence[Sequence[int]], found: list[str]) -> None:
    """Learn from what lot has held out, where it is too much, and hold out more where it is not
    enough to judge by; a tune with a low lot is held out first."""
    total = _size(solos, range(len(solos)))
    in_turn = sorted(free, key=lambda tune: _lot(solos, tune))
    held = [tune for tune in in_turn if found[tune[0]] == VALID]
    learned = [tune for tune in in_turn if found[tune[0]] == TRAIN]
    while held and sum(_size(solos, tune) for tune in held) > _MOST * total:
        learned.insert(0, held.pop())
    for tune in learned:
        enough = sum(_size(solos, each) for each in held) >= _LEAST * total
        if not enough and len(held) + 1 < len(in_turn) and _size(solos, tune) <= _MOST * total:
            held.append(tune)
    for tune in in_turn:
        for i in tune:
            found[i] = VALID if tune in held else TRAIN


def _with_one_held_out(
    solos: Sequence[Solo],
    tunes: Sequence[Sequence[int]],
    free: Sequence[Sequence[int]],
    found: list[str],
    told: list[str],
    taken: Container[str],
) -> Split:
    """Hold something out where so far nothing is: a tune, or a solo, or the end of one."""
    learned = [tune for tune in tunes if found[tune[0]] == TRAIN]
    if len(learned) == 1 and len(learned[0]) == 1:
        (index,) = learned[0]
        begin, *end = _ended(solos[index], told, taken)
        sided = list(_sided(solos, found))
        return Split((*sided[:index], begin, *end, *sided[index + 1 :]), tuple(told))
    if len(learned) == 1:
        held = _one_of(solos, [[i] for i in learned[0]], lambda each: _hash(solos[each[0]].id))
        told.append(
            f"all of it is one tune: {solos[held[0]].id} is held out, and as it is over the same "
            "changes, its figures are kinder than those of a new tune would be"
        )
    else:
        held = _one_of(solos, free or learned, lambda tune: _lot(solos, tune))
        if not free:
            told.append(
                f"every tune is one that is learned from elsewhere: {solos[held[0]].title} is "
                "held out all the same"
            )
    for i in held:
        found[i] = VALID
    return Split(_sided(solos, found), tuple(told))


def _one_of(
    solos: Sequence[Solo],
    choices: Sequence[Sequence[int]],
    lot: Callable[[Sequence[int]], float],
) -> Sequence[int]:
    """The choice with the lowest lot that is not too much; the least where all are."""
    most = _MOST * _size(solos, range(len(solos)))
    small = [each for each in choices if _size(solos, each) <= most]
    if small:
        return min(small, key=lot)
    return min(choices, key=lambda each: (_size(solos, each), lot(each)))


def _ended(solo: Solo, told: list[str], taken: Container[str]) -> tuple[Solo, ...]:
    """A single solo, whose end is held out."""
    wanted = solo.notes[int(_END * len(solo.notes))].onset
    first, last = solo.notes[0].onset, solo.notes[-1].onset
    inside = [bar.start for bar in solo.changes.bars if first < bar.start <= last]
    if len(solo.notes) < _FEWEST or not inside:
        told.append(
            f"one solo of {len(solo.notes)} notes is too short to hold a part of it out: "
            "how well others are known after learning from it cannot be measured"
        )
        return (replace(solo, split=TRAIN),)
    at = min(inside, key=lambda start: (abs(start - wanted), start))
    begin, end = cut(solo, at)
    ends = chain(("end",), (f"end-{number}" for number in count(2)))
    name = next(name for each in ends if (name := f"{solo.id}-{each}") not in taken)
    told.append(
        f"all of it is one solo: from bar {solo.changes.bar_index(at) + 1} on it is held out; its "
        "figures are kinder than those of another solo would be"
    )
    return replace(begin, split=TRAIN), replace(end, id=name, split=VALID)


def _sided(solos: Sequence[Solo], found: Sequence[str]) -> tuple[Solo, ...]:
    return tuple(replace(solo, split=side) for solo, side in zip(solos, found, strict=True))


def _size(solos: Sequence[Solo], tune: Iterable[int]) -> int:
    """Its notes."""
    return sum(len(solos[i].notes) for i in tune)


def rank(side: str) -> int:
    """How far a side is from being learned from."""
    # A side by another name, as `dev`, is one that is not learned from.
    return _RANK.get(side, _RANK[VALID])


def _lot(solos: Sequence[Solo], tune: Sequence[int]) -> float:
    """A number from 0 to 1 that the name of a tune gives it, whatever stands beside it."""
    return min(_hash(tune_of(solos[i])) for i in tune)


def _hash(text: str) -> float:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8]) / 2**64
