"""Manners: the players and styles of a corpus that a net is told apart by.

A manner is one more fact that holds at every step, as the tempo is. A solo has as many as it has
names: its player's and its style's. It is told one of them at a time, so that each says all it has
to by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from live_improv.corpus import Solo
from live_improv.model_folder import MOST_MANNERS, is_manner

ALL = "all"
LEAST = 5
"""Solos to learn from that a player or a style must have to be among `all` of them."""


class UnknownManner(ValueError):
    """A player or style that is not in the corpus, or that cannot be told from another."""


@dataclass(frozen=True, slots=True)
class Manner:
    """A player or a style.

    Attributes:
        name: as the corpus writes it.
        kind: the field of a solo that says it, `performer` or `style`.
        solos: of `train`.
    """

    name: str
    kind: str
    solos: int


def named(solos: Iterable[Solo], players: Sequence[str], styles: Sequence[str]) -> list[Manner]:
    """The manners of these players and styles, in this order.

    Args:
        solos: the corpora.
        players, styles: names, in capitals or not; `all` stands for those of `LEAST` solos.

    Raises:
        UnknownManner: there is no solo to learn from of one, or two are called the same.
    """
    taught = [solo for solo in solos if solo.split == "train"]
    found = [
        *_of_kind(taught, "performer", "player", players),
        *_of_kind(taught, "style", "style", styles),
    ]
    if not found and (players or styles):
        raise UnknownManner(f"no player or style has {LEAST} solos to learn from")
    if len(found) > MOST_MANNERS:
        raise UnknownManner(f"{len(found)} players and styles: expected {MOST_MANNERS} at most")
    once: dict[str, Manner] = {}
    for manner in found:
        other = once.setdefault(manner.name.casefold(), manner)
        if other != manner:
            raise UnknownManner(
                f"{other.name!r} ({other.kind}) and {manner.name!r} ({manner.kind}) "
                "are called the same: name one of them"
            )
    return list(once.values())


def _of_kind(solos: Sequence[Solo], kind: str, word: str, wanted: Sequence[str]) -> list[Manner]:
    counts = Counter(getattr(solo, kind) for solo in solos)
    there = {name: number for name, number in counts.most_common() if is_manner(name)}
    found = []
    for name in wanted:
        if name.casefold() == ALL:
            found += [each for each, number in there.items() if number >= LEAST]
            continue
        same = [each for each in there if each.casefold() == name.casefold()]
        if not same:
            raise UnknownManner(f"no solos of the {word} {name!r}: {', '.join(there) or 'none'}")
        # Of two that differ in capitals only, the one that is written so.
        found.append(name if name in same else same[0])
    return [Manner(name, kind, there[name]) for name in dict.fromkeys(found)]


def of_solo(solo: Solo, manners: Sequence[Manner]) -> tuple[int, ...]:
    """The numbers of the manners that a solo is in."""
    return tuple(
        number for number, each in enumerate(manners) if getattr(solo, each.kind) == each.name
    )


def drawn(numbers: Sequence[int], share: float, rng: np.random.Generator) -> int | None:
    """One of a solo's manners with probability `share`, or none."""
    if not numbers or rng.random() >= share:
        return None
    return int(rng.choice(numbers))
