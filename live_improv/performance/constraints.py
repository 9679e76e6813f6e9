"""Constraints: what the line is held to besides what the net has learned, one row each.

Each is a number that is added to logits while the line is drawn, so it makes something less likely
and never decides it; 0 switches it off. Nothing is changed after it has been drawn. What each of
them does to the figure it is there for is measured by `benchmarks/constraints.py`; "humans" are the
`train` solos of the Weimar Jazz Database. One is not added: `quotes` takes pitches out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

from live_improv.grammar import quoting


class ConstraintError(ValueError):
    """There is no such constraint; the message names those there are."""


@dataclass(frozen=True, slots=True)
class Row:
    """One constraint.

    Attributes:
        name: as in `Constraints`.
        strength: what it is set to; its unit stands in `about`.
        about: what it does.
        reason: what is measured, in humans and without it.
        least, most: what it may be set to, but for 0.
    """

    name: str
    strength: float
    about: str
    reason: str
    least: float = 0.0
    most: float = 10.0


_ROWS = (
    Row(
        "repeats",
        0.7,
        "off the logit of a note that has been struck three times running, to be struck again",
        "2.7 of 1,000 such runs in humans; a net falls into them when it is cold",
    ),
    Row(
        "leaps",
        0.15,
        "off a pitch's logit for each semitone beyond an octave, inside a phrase",
        "1.9 of 1,000 in humans; 1.2 by the net alone, but 4 at temperature 1.3, 13 at 1.6",
    ),
    Row(
        "edges",
        0.08,
        "off a pitch's logit for each semitone it is nearer to the register's end than five",
        "6 % of the notes within three semitones of the end in humans; a line that would leave "
        "a narrow register stays at its edge otherwise",
    ),
    Row(
        "focus",
        0.05,
        "how much colder pitches are drawn than rhythms, as a share of the temperature",
        "chord tones 49 % of the notes in humans; the net spreads its odds a little wide",
    ),
    Row(
        "recall",
        1.1,
        "times what the line's own past says, as far as the net heeds it",
        "8.9 of 100 groups of four intervals return within 100 notes in humans; 5.0 at 1 and 12.6 "
        "at 1.2, where a line begins to feed on itself; 2.9 of a net that recalls nothing",
    ),
    Row(
        "rhythm",
        0.95,
        "times what the line's own rhythm says, as far as the net heeds it",
        "48 of 100 gaps are as the one before in humans; 54 at 1.08, a line feeds on itself",
    ),
    Row(
        "harmony",
        0.08,
        "onto the logit of the tones of the chord",
        "chord tones 49 % of the notes in humans; by the net alone one or two of 100 less",
    ),
    Row(
        "clashes",
        0.7,
        "off the logit of sounding a beat and a half or more over a chord in which it is no chord "
        "tone and no colour",
        "24 % of such notes in humans, whose bands bend the chart; 27 % by the net alone",
    ),
    Row(
        "breath",
        1.0,
        "times what the need to breathe takes off the logit of going on without a rest",
        "measured on each instrument, see `instruments.breath_shape`",
    ),
    Row(
        "opening",
        1.0,
        "1: the first note comes when and where the first notes of humans do; 0: on the first "
        "beat, a chord tone",
        "9 % of humans begin on beat 1 of bar 1, 54 % before it; 55 % on a chord tone",
    ),
    Row(
        "arc",
        0.5,
        "times the rise and fall of density and register over a performance",
        "the first chorus is 8 % thinner and a semitone lower than the middle ones in humans",
    ),
    Row(
        "steady",
        0.3,
        "times a departure from the plan's density and register over 32 bars is asked back",
        "32 bars differ by 16 % of their notes in humans, by 18 % by the net alone, which at "
        "temperature 1.6 plays half as many",
    ),
    Row(
        "ending",
        1.0,
        "1: the last note falls where the last notes of humans do; 0: the line is cut",
        "64 % within a beat of the downbeat of the last bar in humans, 32 % on the root",
    ),
    Row(
        "quotes",
        16.0,
        "notes in a row that may stand in what the model learned from, intervals and rhythm alike; "
        "what would make it more is not played",
        "1 of 100 stretches of 16 bars of humans shares more with solos they are not among",
        least=quoting.GROUP,
        most=quoting.LONGEST,
    ),
)

CONSTRAINTS = {row.name: row for row in _ROWS}
"""Every constraint by its name."""


@dataclass(frozen=True, slots=True)
class Constraints:
    """How strong each constraint is; 0 is off.

    Raises:
        ConstraintError: a strength is outside what its row allows.
    """

    repeats: float = CONSTRAINTS["repeats"].strength
    leaps: float = CONSTRAINTS["leaps"].strength
    edges: float = CONSTRAINTS["edges"].strength
    focus: float = CONSTRAINTS["focus"].strength
    recall: float = CONSTRAINTS["recall"].strength
    rhythm: float = CONSTRAINTS["rhythm"].strength
    harmony: float = CONSTRAINTS["harmony"].strength
    clashes: float = CONSTRAINTS["clashes"].strength
    breath: float = CONSTRAINTS["breath"].strength
    opening: float = CONSTRAINTS["opening"].strength
    arc: float = CONSTRAINTS["arc"].strength
    steady: float = CONSTRAINTS["steady"].strength
    ending: float = CONSTRAINTS["ending"].strength
    quotes: float = CONSTRAINTS["quotes"].strength

    def __post_init__(self) -> None:
        for field in fields(self):
            row, strength = CONSTRAINTS[field.name], getattr(self, field.name)
            if strength != 0.0 and not row.least <= strength <= row.most:
                off = "0 or " if row.least else ""
                raise ConstraintError(
                    f"{row.name} {strength:g}: expected {off}{row.least:g} to {row.most:g}"
                )

    def without(self, names: Iterable[str]) -> Constraints:
        """The same with those of these names off; `all` names every one.

        Raises:
            ConstraintError: there is none of that name.
        """
        off: set[str] = set()
        for name in names:
            if name != "all" and name not in CONSTRAINTS:
                known = ", ".join((*CONSTRAINTS, "all"))
                raise ConstraintError(f"constraint {name!r}: expected one of {known}")
            off |= set(CONSTRAINTS) if name == "all" else {name}
        return replace(self, **dict.fromkeys(off, 0.0))
