"""The tables behind `chords`: how a chord is spelled, and which scale and tensions go with it.

Every chord is a spelling: a set of degree names over the root (`1 b3 5 b7 9`), from which pitch
classes follow by `DEGREES`. A symbol is read as one family (`FAMILIES`), at most one number
(`NUMBERS`) and any number of modifiers (`MODIFIERS`); `REVISIONS` then settles what convention
settles, and the few symbols that follow no rule stand in `ALIASES` and `WORDS` (as written) and
in `EXCEPTIONS` (in canonical form).

Sources
    The qualities are those in common use in lead sheets; where usage is divided (a bare `-`, the
    eleventh in `m6`, the third left out of `11`, the fifth kept in `7b5b9`) they are read as by
    Impro-Visor. Scales and available tensions are common chord-scale theory (Nettles and Graf,
    The Chord Scale Theory and Jazz Harmony, 1997); "colour tone" is Keller's term for a tone
    that is not in the chord but sounds well over it (Keller and Morrison, A grammatical approach
    to automatic improvisation, 2007). On a half-diminished chord and a plain 7b9 the choice
    between two accepted scales follows what recorded soloists play over them.
"""

from __future__ import annotations

from dataclasses import dataclass

DEGREES = {
    "1": 0,
    "b9": 1,
    "2": 2,
    "9": 2,
    "#9": 3,
    "b3": 3,
    "3": 4,
    "4": 5,
    "11": 5,
    "b5": 6,
    "#11": 6,
    "5": 7,
    "#5": 8,
    "b6": 8,
    "b13": 8,
    "6": 9,
    "13": 9,
    "bb7": 9,
    "b7": 10,
    "7": 11,
}
"""Semitones above the root. `2` and `4` are suspensions, `9` and `11` tensions; `bb7` is the
seventh of a diminished chord; a `6` below a seventh counts as a tension."""

CHORD_DEGREES = frozenset(["1", "2", "b3", "3", "4", "b5", "5", "#5", "6", "bb7", "b7", "7"])
"""The degrees that belong to the basic chord; the others are colour."""


def degrees(text: str) -> frozenset[str]:
    """The set of degree names in a string such as `1 b3 5`.

    Raises:
        ValueError: a name is not in `DEGREES`.
    """
    names = frozenset(text.split())
    if not names <= DEGREES.keys():
        raise ValueError(f"unknown degrees in {text!r}")
    return names


def semitones(text: str) -> frozenset[int]:
    """The semitones above the root of the degrees in a string such as `1 b3 5`."""
    return frozenset(DEGREES[name] for name in degrees(text))


@dataclass(frozen=True, slots=True)
class Family:
    """A triad, and the seventh that a 7, 9, 11 or 13 puts on it."""

    triad: frozenset[str]
    seventh: str


FAMILIES = {
    "": Family(degrees("1 3 5"), "b7"),
    "M": Family(degrees("1 3 5"), "7"),
    "m": Family(degrees("1 b3 5"), "b7"),
    "o": Family(degrees("1 b3 b5"), "bb7"),
}


@dataclass(frozen=True, slots=True)
class FamilySpelling:
    """How a family is written: a regular expression, the numbers that may follow, and the number
    and the modifiers that the name alone implies."""

    pattern: str
    family: str
    numbers: frozenset[str]
    implied_number: str = ""
    implied_modifiers: frozenset[str] = frozenset()


def _spelling(
    pattern: str, family: str, numbers: str, number: str = "", modifiers: str = ""
) -> FamilySpelling:
    return FamilySpelling(
        pattern, family, frozenset(numbers.split()), number, frozenset(modifiers.split())
    )


# Tried in this order. Words are in any case, but a lone M is major and a lone m minor, and
# `madd9` and `MI7` are not `ma` and `M` with a remainder.
FAMILY_SPELLINGS = (
    _spelling(r"(?i:half-?diminished|half-?dim|hdim)|h", "m", "7 9 11 13", "7", "b5"),
    _spelling(r"(?i:diminished|dim)|o(?!mit)|0", "o", "7 9 11"),
    _spelling(r"(?i:augmented|aug)|\+", "", "7 9", "", "#5"),
    _spelling(r"(?i:major|maj|ma(?!dd|ug|lt))|M(?![Ii])", "M", "6 69 7 9 11 13"),
    _spelling(r"\^", "M", "7 9 11 13", "7"),
    _spelling(r"(?i:minor|min|mi)|m|-", "m", "2 6 67 69 7 9 11 13"),
    _spelling(r"(?i:dominant|dom)", "", "7 9 11 13", "7"),
)
PLAIN = _spelling("", "", "2 5 6 67 69 7 9 11 13")
"""A symbol without any of these."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What a modifier does to a spelling: take degrees out, then put others in."""

    add: frozenset[str]
    remove: frozenset[str] = frozenset()

    def on(self, spelling: frozenset[str]) -> frozenset[str]:
        """The spelling after the edit."""
        return spelling - self.remove | self.add


def _edit(add: str, remove: str = "") -> Edit:
    return Edit(degrees(add), degrees(remove))


SEVENTH = "S"
"""Stands for the family's own seventh in `NUMBERS`."""

NUMBERS = {
    "": "",
    "2": "9",
    "5": "",
    "6": "6",
    "67": "6 S",
    "69": "6 9",
    "7": "S",
    "9": "S 9",
    "11": "S 9 11",
    "13": "S 9 13",
}
# Where a number means something else on one family: a power chord and a dominant eleventh have
# no third, which the eleventh suspends; a minor thirteenth has its eleventh.
FAMILY_NUMBERS = {
    ("", "5"): ("", "3"),
    ("", "11"): ("4 S 9", "3"),
    ("m", "13"): ("S 9 11 13", ""),
}

# The chords, by family and number, that a major seventh may be added to.
MAJOR_SEVENTH_ADDED = frozenset(
    [("", "6"), ("", "69"), ("M", "6"), ("M", "69"), ("m", "6"), ("m", "69"), ("o", "7")]
)

# Named in canonical form and in canonical order.
MODIFIERS = {
    "M7": _edit("7"),
    "sus2": _edit("2", "b3 3"),
    "sus24": _edit("2 4", "b3 3"),
    "sus4": _edit("4", "b3 3"),
    "b5": _edit("b5", "5"),
    "#5": _edit("#5", "5"),
    "b6": _edit("b6"),
    "b9": _edit("b9", "9"),
    "#9": _edit("#9", "9"),
    "#11": _edit("#11", "11"),
    "b13": _edit("b13", "13"),
    "alt": _edit("#5 #9", "5"),
    "add3": _edit("3"),
    "add6": _edit("6"),
    "addb9": _edit("b9"),
    "add9": _edit("9"),
    "add#9": _edit("#9"),
    "add11": _edit("11"),
    "add#11": _edit("#11"),
    "addb13": _edit("b13"),
    "add13": _edit("13"),
    "no3": _edit("", "b3 3"),
    "no5": _edit("", "5"),
}

# How a modifier is spelled, tried in this order at each place; the groups are put together to a
# name of `MODIFIERS` by `chords`.
MODIFIER_SPELLING = r"""
    (?P<gap>[ ]+)
  | (?P<sus>(?i:sus)(?:24|4/2|2|4)?)(?P<susnumber>13|9|7)?
  | (?P<alt>(?i:altered|alt))
  | (?P<add>(?i:add)[ ]*(?P<addsign>[b#+-]?)(?P<adddegree>13|11|9|6|4|3|2))
  | (?P<no>(?i:no|omit))[ ]*(?P<nodegree>3|5)(?i:rd|th)?
  | /?(?P<major>(?i:major|maj|ma(?!dd|ug|lt))|M|\^)(?P<majornumber>13|11|9|7)?
  | (?P<sign>[b#+-])(?P<degree>13|11|9|6|5|4)
  | (?P<aug>(?i:augmented|aug)|\+)
  | (?<=[ ])(?P<tension>13|11|9|6)(?![0-9])
"""

# Degrees as written -> as named in `MODIFIERS`.
ALTERATIONS = {
    "b5": "b5",
    "#5": "#5",
    "b6": "b6",
    "b9": "b9",
    "#9": "#9",
    "#4": "#11",
    "#11": "#11",
    "b13": "b13",
}
ADDITIONS = {
    "2": "add9",
    "3": "add3",
    "4": "add11",
    "6": "add6",
    "9": "add9",
    "b9": "addb9",
    "#9": "add#9",
    "11": "add11",
    "#4": "add#11",
    "#11": "add#11",
    "b13": "addb13",
    "13": "add13",
}


@dataclass(frozen=True, slots=True)
class Revision:
    """Where a spelling has all of `needs` and none of `lacks`, `edit` applies to it."""

    needs: frozenset[str]
    lacks: frozenset[str]
    edit: Edit


def _revision(needs: str, lacks: str, add: str, remove: str) -> Revision:
    return Revision(degrees(needs), degrees(lacks), _edit(add, remove))


REVISIONS = (
    # Beside another altered tension a dominant's b5 is a #11: the fifth stays.
    _revision("3 b7 b5 b9", "#5", "#11 5", "b5"),
    _revision("3 b7 b5 #9", "#5", "#11 5", "b5"),
    _revision("3 b7 b5 b13", "#5", "#11 5", "b5"),
    # Alone on a dominant a b13 is a #5: the fifth goes.
    _revision("3 b7 5 b13", "b9 #9 #11", "#5", "5 b13"),
    # On a chord without a seventh a b6 stands for the fifth.
    _revision("b6", "bb7 b7 7", "#5", "5 b6"),
    # Beside a seventh a sixth is a thirteenth.
    _revision("6 b7", "", "13", "6"),
    _revision("6 7", "", "13", "6"),
)

# Read as written, before anything else, as another suffix ...
ALIASES = {
    "-": "m7",
    "10": "",
    "m10": "m",
    "m8": "m",
    "4": "quartal",
    "phryg": "susb9",
    "diminished": "o7",
    "maj9#5": "M7#5",
    "7#9b13_": "7#5#9",
}

# ... or by itself.
WORDS = {
    "Bass": "1",
    "Note": "1",
    "Blues": "1 b3 5 b7 11 #11",
    "quartal": "1 b3 4 b7",
    "mb6M7": "1 b3 #5 7",
}

# Read in canonical form, in place of the rules.
EXCEPTIONS = {
    "m6": "1 b3 5 6 11",
    "6b5": "1 3 5 6 #11",
    "M7b6": "1 3 #5 7",
    "M7add13": "1 3 5 7 9 13",
    "sus4b9": "1 4 5 b7 b9",
}


@dataclass(frozen=True, slots=True)
class ScaleRow:
    """The scale and the available tensions over chords with `needs` and without `lacks`.

    All are semitones above the root; the first row that fits decides.
    """

    name: str
    needs: frozenset[int]
    lacks: frozenset[int]
    scale: frozenset[int]
    tensions: frozenset[int]


def _row(name: str, needs: str, lacks: str, scale: str, tensions: str) -> ScaleRow:
    return ScaleRow(name, semitones(needs), semitones(lacks), semitones(scale), semitones(tensions))


SCALE_ROWS = (
    # Dominants: a major third and a minor seventh.
    _row("altered", "3 b7 b9 #5", "5", "1 b9 #9 3 #11 b13 b7", "b9 #9 #11 b13"),
    _row("altered", "3 b7 #9 #5", "5", "1 b9 #9 3 #11 b13 b7", "b9 #9 #11 b13"),
    _row("altered", "3 b7 #9 b13", "", "1 b9 #9 3 #11 5 b13 b7", "b9 #9 #11 b13"),
    _row("altered", "3 b7 b9 #11 b13", "", "1 b9 #9 3 #11 5 b13 b7", "b9 #9 #11 b13"),
    _row("phrygian dominant", "3 b7 b9 b13", "", "1 b9 3 11 5 b13 b7", "b9 b13"),
    _row("half-whole", "3 b7 b9 13", "", "1 b9 #9 3 #11 5 13 b7", "b9 #9 #11 13"),
    _row("half-whole", "3 b7 b9 #11", "", "1 b9 #9 3 #11 5 13 b7", "b9 #9 #11 13"),
    _row("half-whole", "3 b7 #9", "", "1 b9 #9 3 #11 5 13 b7", "b9 #9 #11 13"),
    _row("phrygian dominant #9", "3 b7 b9", "", "1 b9 #9 3 11 5 b13 b7", "b9 #9 b13"),
    _row("lydian dominant b13", "3 b7 #11 b13 5", "", "1 9 3 #11 5 b13 b7", "9 #11 b13"),
    _row("whole-tone", "3 b7 #5", "5", "1 9 3 #11 #5 b7", "9 #11"),
    _row("mixolydian b13", "3 b7 b13", "", "1 9 3 11 5 b13 b7", "9 b13"),
    _row("lydian dominant", "3 b7 #11", "", "1 9 3 #11 5 13 b7", "9 #11 13"),
    _row("mixolydian", "3 b7", "", "1 9 3 11 5 13 b7", "9 13"),
    # Major: a major third, and a major seventh or none.
    _row("lydian augmented", "3 7 #5", "5", "1 9 3 #11 #5 13 7", "9 #11 13"),
    _row("augmented", "3 #5 #9", "5", "1 #9 3 5 #5 7", "#9 7"),
    _row("whole-tone", "3 #5", "5", "1 9 3 #11 #5 b7", "9 #11"),
    _row("double harmonic", "3 7 b9", "", "1 b9 3 11 5 b13 7", "b9"),
    _row("phrygian dominant", "3 b9", "7", "1 b9 3 11 5 b13 b7", "b9"),
    _row("lydian #9", "3 7 #9", "", "1 #9 3 #11 5 13 7", "#9 #11 13"),
    _row("lydian", "3 #11", "", "1 9 3 #11 5 13 7", "9 #11 13 7"),
    _row("ionian", "3", "", "1 9 3 11 5 13 7", "9 13 7"),
    # Minor and diminished: a minor third.
    _row("blues", "b3 11 #11 5 b7", "", "1 b3 11 #11 5 b7", "11 #11"),
    _row("whole-half", "b3 b5", "b7 5", "1 9 b3 11 b5 b13 13 7", "9 11 b13 7"),
    _row("locrian natural 9", "b3 b5 9 b7", "5", "1 9 b3 11 b5 b13 b7", "9 11 b13"),
    _row("locrian", "b3 b5 b7", "5", "1 b9 b3 11 b5 b13 b7", "11 b13"),
    _row("dorian", "1 b3 4 b7", "5 #5", "1 9 b3 11 5 13 b7", "9"),
    _row("harmonic minor", "b3 7 b13", "", "1 9 b3 11 5 b13 7", "9 11 b13"),
    _row("melodic minor", "b3 7", "", "1 9 b3 11 5 13 7", "9 11 13"),
    _row("phrygian", "b3 b9", "", "1 b9 b3 11 5 b13 b7", "b9 11"),
    _row("aeolian", "b3 b13", "", "1 9 b3 11 5 b13 b7", "9 11"),
    _row("dorian", "b3 b7", "", "1 9 b3 11 5 13 b7", "9 11"),
    _row("melodic minor", "b3 13", "", "1 9 b3 11 5 13 7", "9 11 7"),
    _row("dorian", "b3", "", "1 9 b3 11 5 13 b7", "9 11 b7"),
    # Suspended: a fourth and no third.
    _row("phrygian", "4 b9", "", "1 b9 b3 11 5 b13 b7", "b9"),
    _row("ionian augmented", "4 7 #5", "", "1 9 3 11 #5 13 7", "9 13"),
    _row("ionian", "4 7", "", "1 9 3 11 5 13 7", "9 13"),
    _row("mixolydian b13", "4 b13", "", "1 9 3 11 5 b13 b7", "9"),
    _row("mixolydian", "4", "", "1 9 3 11 5 13 b7", "9 13"),
    # Neither a third nor a fourth. With nothing that tells major from minor, the notes that
    # mixolydian and dorian share.
    _row("ionian", "7", "", "1 9 3 11 5 13 7", "9 13"),
    _row("ionian", "2", "b7", "1 9 3 11 5 13 7", "9 13"),
    _row("open", "1", "", "1 9 11 5 13 b7", "9"),
)
