"""The reader of solos in MusicXML: its text, and sound scores with elements changed.

music21 takes some milliseconds a score, so fewer inputs are tried than of the other readers.
"""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring, tostring

from live_improv.training.score_solos import read_score
from tests.fuzz.importing import choices_for, taken_in
from tests.fuzz.seeds import scores as seeds
from tests.fuzz.target import Target

_PIECES = re.compile(rb"<[^<>]*>|[^<>]+|.", re.DOTALL)
_MOST_EDITS = 30


def score(folder: Path) -> Target:
    """Solos in MusicXML (needs music21)."""
    path = folder / "a.musicxml"

    def read(data: bytes) -> bool:
        path.write_bytes(edited(data[1:]) if data[:1] == b"\3" else data)
        return taken_in(read_score, path, choices_for(data))

    return Target(read, seeds.solo_scores(), seeds.SCORE_TOKENS, _PIECES)


def edited(data: bytes) -> bytes:
    """The score of that number, changed: a line `17 text 9` for each change, the element first."""
    sound = seeds.written_scores()
    root = fromstring(sound[data[0] % len(sound) if data else 0])
    for line in data[1:].decode("latin-1").splitlines()[:_MOST_EDITS]:
        words = line.split(" ", 2)
        if len(words) > 1 and words[0].isascii() and words[0].isdigit():
            _change(root, int(words[0][:6]), words[1], "".join(words[2:]))
    return tostring(root)


def _change(root: Element, number: int, how: str, what: str) -> None:
    """Change one element, or leave it where that cannot be."""
    all_of_them = [(parent, child) for parent in root.iter() for child in parent]
    if not all_of_them:
        return
    parent, element = all_of_them[number % len(all_of_them)]
    other = all_of_them[(number + len(what) * 7) % len(all_of_them)][1]
    # What XML cannot hold is for the other inputs.
    plain = "".join(sign if sign.isprintable() else " " for sign in what)
    match how:
        case "text":
            element.text = plain
        case "drop":
            parent.remove(element)
        case "twice":
            parent.insert(list(parent).index(element), element)
        case "over":
            parent[list(parent).index(element)] = other
        case "tag" if re.fullmatch(r"[a-z][a-z-]*", what):
            element.tag = what
        case "set" if re.match(r"[a-z][a-z-]*=", what):
            name, _, value = plain.partition("=")
            element.set(name, value)
        case "into" if element not in other.iter():
            other.append(element)
