"""Instruments: what a soloist can reach, how long they can blow, how long their notes are.

Every figure of a row is measured on the `train` solos of the Weimar Jazz Database for that
instrument; their number stands behind the row, and few solos say little. Pitches are sounding
ones (concert pitch, middle C is 60), programs General MIDI's, counted from 0.

    low, high       0.25 % and 99.75 % of the notes: inside what the instrument can do, and what its
                    soloists do with it
    usual           the middle half of the notes
    breath          seconds within which 95 % of the stretches end that have no silence of a
                    quarter of a second; None for those who need not breathe to play
    legato          of the time to the next note the share that sounds, the median inside phrases
                    where the next note is less than a beat away
"""

from __future__ import annotations

from dataclasses import dataclass

from live_improv.grammar.realization import Register
from live_improv.music.timing import Seconds


class InstrumentError(ValueError):
    """There is no such instrument; the message names those there are."""


@dataclass(frozen=True, slots=True)
class Instrument:
    """An instrument as one soloist plays it; the conventions are the module's.

    Attributes:
        name: as it is asked for.
        register: the lowest and the highest note.
        usual: where half of the notes are.
        breath: the longest usual stretch without a rest; None where nobody has to breathe.
        legato: the share of the time to the next note that sounds, 0..1.
        program: 0..127.
        names: other names of it, those of the Weimar Jazz Database among them.
    """

    name: str
    register: Register
    usual: Register
    breath: Seconds | None
    legato: float
    program: int
    names: tuple[str, ...]


def _row(
    name: str,
    register: tuple[int, int],
    usual: tuple[int, int],
    breath: float | None,
    legato: float,
    program: int,
    *names: str,
) -> Instrument:
    lungs = None if breath is None else Seconds(breath)
    return Instrument(name, Register(*register), Register(*usual), lungs, legato, program, names)


_ROWS = (
    # name             low high  usual    breath legato program
    _row("trumpet", (55, 89), (67, 74), 8.0, 0.84, 56, "tp", "cor"),  # 92 solos, 12 on cornet
    _row("soprano", (57, 87), (66, 76), 8.8, 0.86, 64, "ss"),  # 21
    _row("alto", (52, 80), (62, 70), 6.8, 0.89, 65, "as"),  # 61
    _row("tenor", (45, 82), (59, 68), 6.5, 0.87, 66, "ts", "ts-c"),  # 125, one on C melody
    _row("baritone", (43, 68), (53, 60), 6.5, 0.85, 67, "bs"),  # 9
    _row("trombone", (46, 74), (58, 65), 6.2, 0.81, 57, "tb"),  # 22
    _row("clarinet", (50, 89), (63, 77), 6.2, 0.86, 71, "cl"),  # 8
    # General MIDI has no bass clarinet; the clarinet's sound goes that low.
    _row("bass-clarinet", (38, 79), (54, 68), 4.7, 0.85, 71, "bcl"),  # 1
    _row("guitar", (49, 78), (59, 67), None, 0.83, 26, "g"),  # 3
    _row("vibes", (55, 87), (68, 77), None, 0.85, 11, "vib"),  # 10
    _row("piano", (40, 88), (57, 68), None, 0.95, 0, "p"),  # 5
)

INSTRUMENTS = {row.name: row for row in _ROWS}
"""All there are, by name."""

DEFAULT = INSTRUMENTS["alto"]
"""What is played where nobody asks: its middle is the middle of all solos together."""

_BY_ANY_NAME = {each: row for row in _ROWS for each in (row.name, *row.names)}


def instrument(name: str) -> Instrument:
    """The instrument of that name, or of that abbreviation in the Weimar Jazz Database.

    Raises:
        InstrumentError: there is none.
    """
    found = _BY_ANY_NAME.get(name.strip().lower())
    if found is None:
        raise InstrumentError(f"instrument {name!r}: expected one of {', '.join(INSTRUMENTS)}")
    return found


BREATH_SHARE = 0.5
"""From this share of a breath on a player begins to look for a place to rest."""

BREATH_NEED = 1.0
"""What the odds of a rest have been raised by, as a power of e, when the breath is used up.

Tenors rest after 5.9 % of their notes when they have blown for a second, after 7.3, 11.0 and 14.3 %
after 3, 5 and 7 (breath 6.5), which is e to 0.8 from the beginning to the end; vibes at 4.1, 3.2,
4.3 and 3.2 % do not change. The net alone counts notes and not seconds: the longest 5 % of its
stretches over the `valid` solos begin at 6.7 seconds and the longest hundredth at 10.6, with this
and an alto's breath at 5.8 and 8.5 (humans, all instruments together, 6.1 and 9.3)."""


def breath_shape(blown: Seconds, breath: Seconds | None) -> float:
    """How much less likely it is that the phrase goes on without a rest.

    It is subtracted from the logit of every outcome that does not rest: a gap too short to hold a
    rest, and a longer one that sounds all through. It grows on in the same slope when the breath is
    used up, so that a stretch of twice the breath is rare and never forbidden.

    Args:
        blown: how long the line has been going since its last rest.
        breath: of the instrument.
    """
    if breath is None:
        return 0.0
    used = blown / breath
    return BREATH_NEED * max(used - BREATH_SHARE, 0.0) / (1.0 - BREATH_SHARE)
