"""Which solos of an import are left out, as they stand in another one."""

from __future__ import annotations

from collections.abc import Sequence

from live_improv.importing.duplicates import Overlap, shape
from live_improv.importing.items import Item


def copies_in(items: Sequence[Item], found: Sequence[Overlap]) -> tuple[set[int], tuple[str, ...]]:
    """Those that are another one once more, and a line on each for the user.

    Of the same line the one that says most is kept, and what is known already before that.
    """
    copies: dict[int, dict[int, Overlap]] = {}
    for pair in found:
        if pair.is_copy and not (items[pair.first].known and items[pair.second].known):
            copies.setdefault(pair.first, {})[pair.second] = pair
            copies.setdefault(pair.second, {})[pair.first] = pair
    left: set[int] = set()
    kept: set[int] = set()
    of_shape: dict[object, int] = {}
    lines: list[str] = []
    for index in sorted(copies, key=lambda i: (_worth(items[i]), -i), reverse=True):
        others = [i for i in copies[index] if i in kept]
        # Of many copies of one solo not every two are compared.
        whole = shape(items[index].solo)
        same = of_shape.setdefault(whole, index)
        if items[index].known or (not others and same not in kept):
            kept.add(index)
            of_shape[whole] = index
            continue
        left.add(index)
        if others:
            other = max(others, key=lambda i: copies[index][i].share)
            pair = copies[index][other]
            share = pair.share
            higher = pair.semitones if index == pair.second else -pair.semitones
        else:
            other, share = same, 1.0
            higher = items[index].solo.notes[0].pitch - items[same].solo.notes[0].pitch
        lines.append(
            f"{items[index].solo.id} is left out: {_share(share)} of it stands in "
            f"{_called(items[other])}{_moved(higher)}"
        )
    return left, tuple(lines)


def _worth(item: Item) -> tuple[bool, float, int, bool]:
    """Which of two copies to keep: what is known already, then chords, then notes."""
    solo = item.solo
    return item.known, round(item.coverage, 1), len(solo.notes), bool(solo.played)


def _called(item: Item) -> str:
    return f"{item.solo.id} ({item.source})" if item.known else item.solo.id


def _share(share: float) -> str:
    return "all" if share == 1 else f"{share:.0%}".replace("%", " %")


def _moved(semitones: int) -> str:
    """How much higher a copy is, in words."""
    if not semitones:
        return ""
    way = "higher" if semitones > 0 else "lower"
    return f" ({abs(semitones)} semitone{'' if abs(semitones) == 1 else 's'} {way})"
