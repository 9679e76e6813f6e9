"""Chord symbols as the Jazzomat project writes them, in plain ones.

Its symbols are a root, a kind (`-`, `o`, `+`, `sus`, `m7b5`, none for major), a `j7`, `7` or `6`,
and then tensions with their accidental behind them: `C-j7`, `G79b`, `Eb7911#`. What stands there
is what we say: the highest natural tension names the chord, the altered ones follow (`G7b9`,
`Eb9#11`)."""

from __future__ import annotations

import re

from live_improv.importing.imported import NotUnderstood
from live_improv.music.chords import parse_chord

_SYMBOL = re.compile(
    r"(?P<root>[A-G][b#]?)(?P<kind>m7b5|-|o|\+|sus|)(?P<alt>7alt|alt|)(?P<seventh>j7|7|6|)"
    r"(?P<tensions>(?:(?:9|11|13)[b#]?)*)(?:/(?P<bass>[A-G][b#]?))?"
)
_TENSION = re.compile(r"(9|11|13)([b#]?)")

# (kind, seventh) of a chord without tensions.
_PLAIN = {
    ("", ""): "",
    ("-", ""): "m",
    ("o", ""): "dim",
    ("+", ""): "aug",
    ("sus", ""): "sus4",
    ("m7b5", ""): "m7b5",
    ("-", "j7"): "mMaj7",
    ("o", "j7"): "dimMaj7",
}

# What the symbol begins and ends with, around the number that names it.
_BEFORE = {"": "", "-": "m", "o": "dim", "+": "", "sus": "", "m7b5": "m7b5"}
_AFTER = {"+": "#5", "sus": "sus4"}


def plain_chord(symbol: str) -> str:
    """The plain symbol of one of theirs; `NC` stays as it is.

    Raises:
        NotUnderstood: it is not one of theirs.
        ChordSymbolError: it is, and says what no chord says.
    """
    text = symbol.strip()
    if text in ("NC", "N.C."):
        return "NC"
    found = _SYMBOL.fullmatch(text)
    if found is None:
        raise NotUnderstood(f"the chord {text[:20]!r}: expected one like C-7, Ebj7 or G79b")
    plain = found["root"] + ("7alt" if found["alt"] else _quality(found))
    plain += f"/{found['bass']}" if found["bass"] else ""
    parse_chord(plain)
    return plain


def _quality(found: re.Match[str]) -> str:
    kind, seventh = found["kind"], found["seventh"]
    tensions = _TENSION.findall(found["tensions"])
    if not tensions and (kind, seventh) in _PLAIN:
        return _PLAIN[kind, seventh]
    natural = [int(number) for number, sign in tensions if not sign]
    altered = "".join(sign + number for number, sign in tensions if sign)
    if seventh == "6":
        name = "69" if 9 in natural else "6"
    else:
        name = str(max(natural, default=7)) if seventh else "".join(f"add{n}" for n in natural)
    major = ("Maj" if kind == "-" else "maj") if seventh == "j7" else ""
    return _BEFORE[kind] + major + name + _AFTER.get(kind, "") + altered
