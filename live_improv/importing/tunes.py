"""Which solos are over the same tune: those that must not stand on both sides of a split.

Two solos are, if their titles are the same but for how they are spelled, or if one line has much
of the other (`duplicates`). Where a title says nothing, as `take 3`, the changes stand for it.
Tunes that only have their changes in common, as all that are over `I Got Rhythm`, are different.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence

from live_improv.music.solos import Solo

_AROUND = re.compile(
    r"\((?:no|take|alt|version)[^)]*\)|\b(?:take|alternate|alt|version|solo|chorus|transcription)\b"
    r"|\bno\.? ?\d+|\btake ?\d+|[-_ ]\d+$"
)
_ARTICLES = re.compile(r"^(?:the|an?) ")
_SAYS_NOTHING = frozenset(
    (
        *("untitled", "track", "midi", "song", "newsong", "improvisation", "improv", "impro"),
        *("recording", "melody", "music", "jam", "idea", "test", "project", "export", "session"),
        *("unknown", "noname", "notitle", "score", "piano", "sax", "lead", "practice", "lick"),
    )
)
_MOST_CHORDS = 64  # of changes, so that one chorus more or less does not make another tune


def tune_of(solo: Solo) -> str:
    """What solos over the same tune have in common, as far as titles and changes tell."""
    title = plain_title(solo.title)
    return f"title {title}" if title else _changes_of(solo)


def plain_title(title: str) -> str:
    """A title without what is spelled now so, now so; empty where it says nothing.

    `Ko-Ko`, `KoKo (take 2)` and `Ko Ko-1` are one.
    """
    letters = unicodedata.normalize("NFKD", title.casefold())
    plain = _AROUND.sub(" ", letters.replace("_", " ").replace("'", "").replace("\u2019", ""))
    plain = _ARTICLES.sub("", plain.strip())
    kept = "".join(each for each in plain if each.isalnum())
    return "" if kept in _SAYS_NOTHING or not kept.strip("0123456789") else kept


def tunes(solos: Sequence[Solo], together: Iterable[tuple[int, int]] = ()) -> list[list[int]]:
    """The indices of the solos by tune, in order of the first; `together` are pairs that belong
    together whatever they are called."""
    parent = list(range(len(solos)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    def join(one: int, other: int) -> None:
        low, high = sorted((root(one), root(other)))
        parent[high] = low

    first: dict[str, int] = {}
    for index, solo in enumerate(solos):
        join(index, first.setdefault(tune_of(solo), index))
    for one, other in together:
        join(one, other)
    found: dict[int, list[int]] = {}
    for index in range(len(solos)):
        found.setdefault(root(index), []).append(index)
    return list(found.values())


def _changes_of(solo: Solo) -> str:
    """The changes in any key, as a name; without changes the solo is a tune of its own."""
    roots: list[tuple[int, str]] = []
    for span in solo.changes.chords:
        if span.chord.root is not None and roots[-1:] != [(span.chord.root, span.chord.quality)]:
            roots.append((span.chord.root, span.chord.quality))
    if len(roots) < 2:
        return f"solo {solo.id}"
    key = roots[0][0]
    said = " ".join(f"{(root - key) % 12}{quality}" for root, quality in roots[:_MOST_CHORDS])
    return f"changes {hashlib.sha256(said.encode()).hexdigest()[:16]}"
