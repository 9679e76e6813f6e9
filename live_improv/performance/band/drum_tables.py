"""What drummers play: lanes of a groove, comping of the snare, and fills.

Conventions
    A lane is written a beat after the other, each in as many signs as it is divided in (two, three
    or four); bars that differ are divided by `|`. `X` is accented, `x` plain, `o` soft, `-` a
    ghost; `s` is a skip note, that is played sometimes; a dot is silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from live_improv.performance.band.styles import Groove

KICK, RIM, SNARE, CLOSED, PEDAL, OPEN = 36, 37, 38, 42, 44, 46
RIDE, BELL, CRASH = 51, 53, 49
LOW_TOM, MID_TOM, HIGH_TOM = 43, 47, 50
"""General MIDI's percussion keys."""

STRENGTHS: Mapping[str, float] = MappingProxyType(
    {"X": 1.07, "x": 1.0, "o": 0.78, "-": 0.48, "s": 0.84}
)

LOUDNESS: Mapping[int, float] = MappingProxyType(
    {
        KICK: 64.0,
        RIM: 74.0,
        SNARE: 64.0,
        CLOSED: 72.0,
        PEDAL: 68.0,
        OPEN: 66.0,
        RIDE: 88.0,
        BELL: 76.0,
        CRASH: 90.0,
        LOW_TOM: 78.0,
        MID_TOM: 76.0,
        HIGH_TOM: 76.0,
    }
)
"""The velocity of a plain stroke."""


@dataclass(frozen=True, slots=True)
class Lane:
    """What one drum plays in a group of beats: a text of signs for each of some bars."""

    drum: int
    bars: tuple[str, ...]
    beats: int

    def signs(self, bar: int, place: int) -> str:
        """The signs of a beat of the group in a bar; what is not written is silence."""
        text = self.bars[bar % len(self.bars)]
        each = len(text) // self.beats
        place %= self.beats
        return text[place * each : (place + 1) * each]


def _lane(drum: int, beats: int, text: str) -> Lane:
    return Lane(drum, tuple(text.replace(" ", "").split("|")), beats)


LANES: Mapping[Groove, Mapping[int, tuple[Lane, ...]]] = MappingProxyType(
    {
        Groove.SWING: {
            4: (
                _lane(RIDE, 4, "x. Xs x. Xs"),
                _lane(PEDAL, 4, ".. x. .. x."),
                _lane(KICK, 4, "-. -. -. -."),
            ),
            3: (
                _lane(RIDE, 3, "x. Xs x.|x. xs xs"),
                _lane(PEDAL, 3, ".. x. .."),
                _lane(KICK, 3, "o. .. .."),
            ),
            2: (_lane(RIDE, 2, "x. Xs"), _lane(PEDAL, 2, ".. x."), _lane(KICK, 2, "-. -.")),
            1: (_lane(RIDE, 1, "x."), _lane(PEDAL, 1, "x.")),
        },
        Groove.TWO: {
            4: (
                _lane(RIDE, 4, "x. Xs x. Xs"),
                _lane(PEDAL, 4, ".. x. .. x."),
                _lane(KICK, 4, "o. .. o. .."),
            ),
            2: (_lane(RIDE, 2, "x. Xs"), _lane(PEDAL, 2, ".. x."), _lane(KICK, 2, "o. ..")),
        },
        Groove.BALLAD: {
            4: (_lane(RIDE, 4, "x. os x. os"), _lane(PEDAL, 4, ".. o. .. o.")),
            3: (_lane(RIDE, 3, "x. o. o."), _lane(PEDAL, 3, ".. o. ..")),
            2: (_lane(RIDE, 2, "x. os"), _lane(PEDAL, 2, ".. o.")),
        },
        Groove.BOSSA: {
            4: (
                _lane(CLOSED, 4, "xo xo xo xo"),
                _lane(RIM, 4, "x. .x .. x.|.. x. .x .."),
                _lane(KICK, 4, "o. .- o. .-"),
                _lane(PEDAL, 4, ".. o. .. o."),
            ),
            3: (
                _lane(CLOSED, 3, "xo xo xo"),
                _lane(RIM, 3, ".. .x ..|.. x. .."),
                _lane(KICK, 3, "o. .. .-"),
            ),
        },
        Groove.SAMBA: {
            4: (
                _lane(RIDE, 4, "xo xo xo xo"),
                _lane(RIM, 4, ".x .x .. x.|x. .x .x .."),
                _lane(KICK, 4, "o. .o x. .o"),
                _lane(PEDAL, 4, ".. x. .. x."),
            ),
        },
        Groove.LATIN: {
            4: (
                _lane(BELL, 4, "x. x. xx .x|x. xx .x .x"),
                _lane(RIM, 4, ".. x. .. ..|.. x. .. ..".replace("|", "|")),
                _lane(KICK, 4, ".. .o .. o."),
                _lane(PEDAL, 4, ".. x. .. x."),
                _lane(HIGH_TOM, 4, ".. .. .. -o"),
            ),
        },
        Groove.EVEN: {
            4: (
                _lane(RIDE, 4, "xo xo xo xo|x. xo xo xs"),
                _lane(PEDAL, 4, ".. o. .. o."),
                _lane(KICK, 4, "o. .. .- ..|o. .- .. .."),
                _lane(RIM, 4, ".. .. .. o.|.. .. .o .."),
            ),
            3: (
                _lane(RIDE, 3, "xo xo xo"),
                _lane(PEDAL, 3, ".. o. .."),
                _lane(KICK, 3, "o. .- .."),
            ),
        },
        Groove.FUNK: {
            4: (
                _lane(CLOSED, 4, "xo xo xo xo"),
                _lane(SNARE, 4, ".. X. .. X."),
                _lane(KICK, 4, "x. .. x. ..|x. .o x. .o"),
            ),
        },
        Groove.AFRO: {
            2: (
                _lane(BELL, 2, "x.x .xx|.x. x.x"),
                _lane(PEDAL, 2, "... x.."),
                _lane(KICK, 2, "o.. ...|... o.."),
                _lane(RIM, 2, "..o ...|..o ..."),
            ),
            4: (
                _lane(BELL, 4, "x.x .xx .x. x.x"),
                _lane(PEDAL, 4, "... x.. ... x.."),
                _lane(KICK, 4, "o.. ... ... o.."),
            ),
        },
        Groove.SHUFFLE: {
            4: (
                _lane(RIDE, 4, "x.o X.o x.o X.o"),
                _lane(PEDAL, 4, "... x.. ... x.."),
                _lane(KICK, 4, "o.. -.. o.. -.."),
                _lane(SNARE, 4, "... o.. ... o.."),
            ),
            2: (
                _lane(RIDE, 2, "x.o X.o"),
                _lane(PEDAL, 2, "... x.."),
                _lane(KICK, 2, "o.. ..."),
                _lane(SNARE, 2, "... o.."),
            ),
            3: (
                _lane(RIDE, 3, "x.o X.o x.o"),
                _lane(PEDAL, 3, "... x.. ..."),
                _lane(KICK, 3, "o.. ... ..."),
            ),
        },
    }
)
"""By groove and the beats of a group; a group that is not there has the beginning of one of four,
or of two."""

COMPING: tuple[tuple[str, float], ...] = (
    (".. .. .. ..", 3.0),
    (".. .. .. .-", 2.0),
    (".. .o .. ..", 1.5),
    (".- .. .. .o", 1.2),
    (".. .. .o ..", 1.5),
    (".o .. .. ..", 1.0),
    (".. .- .. .o", 1.2),
    (".. .. o. .-", 0.8),
    ("-. .o .. ..", 0.8),
    (".o .. .o ..", 0.8),
    (".. .o .o ..", 0.7),
    (".. x. .. .x", 0.4),
    (".x .. x. ..", 0.3),
)
"""Bars of the snare under a ride, and how usual each is; those with more are for hotter music."""

BOMBS = (".. .. .. .o", ".. .o .. ..", ".. .. .. ..", ".. .. .o ..")
"""Of the kick."""

FILLS: Mapping[tuple[int, int], tuple[str, ...]] = MappingProxyType(
    {
        (1, 2): ("ss", "sh", "s.", ".s"),
        (1, 3): ("sss", "s.s", ".ss", "shm"),
        (2, 2): ("s.sh", "ss.m", ".shm", "s..s"),
        (2, 3): ("s.sshm", "sss.ml", "s.s.ss", "sshmml"),
        (4, 2): ("s.ss.shm", ".ss.shml", "s..s.sml", "s.s.shml", ".s.shhml", "s.shs.ml"),
        (4, 3): (
            "s.s.ss.shm.l",
            "sss.hh.mm.ll",
            ".ss.ss.shhml",
            "s..sss.hhmml",
            "s.ss.ss.hh.l",
            "s..s.s.hm..l",
            ".s.s.sh.hmml",
        ),
    }
)
"""By the beats that they take and how each is divided: s snare, h m l toms, k kick."""

FILL_DRUMS: Mapping[str, int] = MappingProxyType(
    {"s": SNARE, "h": HIGH_TOM, "m": MID_TOM, "l": LOW_TOM, "k": KICK}
)
