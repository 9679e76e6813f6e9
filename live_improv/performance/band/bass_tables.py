"""What a bass player has in the fingers: figures of walking lines, and patterns of other grooves.

Conventions
    A walking figure says what comes after the first note of a run of beats over one chord: the next
    degree of the chord's scale above (`+5`) or below (`-5`) the note before, `=` the same note once
    more, `a` the note that leads to what comes after the run, and `d` before it the one from which
    two steps of a semitone lead there. A pattern names places in a group of beats by token and
    beat: `1` is the root or the written bass, `8` the octave above, `n` the root that comes next,
    `a` what leads to it, others degrees.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from live_improv.performance.band.beats import TWELFTHS
from live_improv.performance.band.styles import Groove


def _figures(rows: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(row.split()) for row in rows.strip().splitlines())


FIGURES: Mapping[tuple[int, int], tuple[tuple[str, ...], ...]] = MappingProxyType(
    {
        (1, 2): _figures("a\n+5\n-5\n+3\n+8"),
        (1, 3): _figures("+3 a\n+5 a\n-5 a\n+2 a\n-7 a\n-6 a\n+8 a\n d a\n+5 -3\n+3 +5"),
        (1, 4): _figures(
            """
            +2 +3 a
            +3 +5 a
            +3 +4 a
            +5 +6 a
            +5 +8 a
            +5 -3 a
            +8 -7 a
            +8 -5 a
            +3 -2 a
            -7 -6 a
            -7 -5 a
            -5 -3 a
            -6 -5 a
            -5 -4 a
            -5 +7 a
            +3 -1 a
            = +5 a
            +2 d a
            +3 d a
            +5 d a
            -7 d a
            -5 d a
            +2 +3 +5
            +3 +5 +6
            -7 -6 -5
            """
        ),
        (3, 2): _figures("a\n+5\n-1"),
        (3, 3): _figures("+5 a\n-1 a\n-2 a\n+4 a\nd a"),
        (3, 4): _figures(
            "+4 +5 a\n+5 +8 a\n-2 -1 a\n-1 -7 a\n-1 -5 a\n+5 -3 a\n+5 +6 a\n+5 d a\n-1 d a\n-2 d a"
        ),
        (5, 2): _figures("a\n+8\n-3\n-1"),
        (5, 3): _figures("-3 a\n+8 a\n+6 a\n-4 a\n+7 a\nd a"),
        (5, 4): _figures(
            "-4 -3 a\n-3 -1 a\n+6 +7 a\n+7 +8 a\n+8 -3 a\n-3 +5 a\n+8 -7 a\n-3 -2 a\n-1 -7 a\n"
            "-4 d a\n-3 d a\n+6 d a\n+8 d a"
        ),
    }
)
"""By the degree a run begins on and its beats."""


@dataclass(frozen=True, slots=True)
class Place:
    """One note of a pattern, so many twelfths of a beat after its group begins."""

    token: str
    at: int


def _pattern(text: str) -> tuple[Place, ...]:
    parts = (part.split("@") for part in text.split())
    return tuple(Place(token, round(float(at) * TWELFTHS)) for token, at in parts)


def _patterns(*texts: str) -> tuple[tuple[Place, ...], ...]:
    return tuple(_pattern(text) for text in texts)


_IN_TWO = {
    4: _patterns("1@0 5@2", "1@0 5@2 a@3.5", "1@0 3@2", "1@0 5@2 a@3", "1@0 8@2 5@3.5", "1@0 5@2"),
    3: _patterns("1@0 a@2", "1@0", "1@0 5@2", "1@0 5@1.5", "1@0 5@1 a@2", "1@0 5@1.5 a@2.5"),
    2: _patterns("1@0", "1@0 5@1", "1@0 a@1.5"),
    1: _patterns("1@0"),
}
_SLOW = {
    **_IN_TWO,
    4: _patterns(
        "1@0 5@2",
        "1@0 5@2",
        "1@0 5@2 a@3.5",
        "1@0 5@2 a@3.67",
        "1@0 a@1.5 5@2",
        "1@0 5@1.5 3@2 a@3",
        "1@0 5@2 a@3",
        "1@0 a@1 5@2 a@3",
        "1@0 8@1.5 5@2 a@3.5",
    ),
}

PATTERNS: Mapping[Groove, Mapping[int, tuple[tuple[Place, ...], ...]]] = MappingProxyType(
    {
        Groove.SWING: _IN_TWO,
        Groove.SHUFFLE: _IN_TWO,
        Groove.TWO: {
            **_IN_TWO,
            4: _patterns("1@0 5@2", "1@0 5@2", "1@0 5@2 a@3"),
            2: _patterns("1@0 5@1"),
        },
        Groove.BALLAD: _SLOW,
        Groove.BOSSA: {
            4: _patterns(
                *("1@0 5@1.5 5@2 n@3.5",) * 4,
                *("1@0 5@1.5 5@2 5@3.5",) * 2,
                "1@0 5@1.5 5@2",
                "1@0 5@2 n@3.5",
                "1@0 5@1.5 8@2 5@3.5",
            ),
            3: _patterns("1@0 5@1.5 5@2", "1@0 5@2"),
            2: _patterns("1@0 5@1.5", "1@0 5@1"),
            1: _patterns("1@0"),
        },
        Groove.SAMBA: {
            4: _patterns(
                "1@0 1@1.5 5@2 5@3.5", "1@0 1@1.5 5@2 5@3.5", "1@0 5@1.5 5@2 n@3.5", "1@0 5@2 5@3.5"
            ),
            3: _patterns("1@0 5@1.5 5@2"),
            2: _patterns("1@0 5@1"),
            1: _patterns("1@0"),
        },
        Groove.LATIN: {
            4: _patterns(
                "1@0 5@1.5 8@3", "1@0 5@1.5 8@3", "1@0 5@1.5 5@3 n@3.5", "1@0 3@1.5 5@2.5"
            ),
            3: _patterns("1@0 5@1.5 8@2", "1@0 5@2"),
            2: _patterns("1@0 5@1", "1@0 5@1.5"),
            1: _patterns("1@0"),
        },
        Groove.EVEN: {
            4: _patterns(
                "1@0 5@1.5 8@2.5",
                "1@0 5@2",
                "1@0 1@1.5 5@2 a@3.5",
                "1@0 5@1.5 8@2 5@3",
                "1@0 5@1.5",
            ),
            3: _patterns("1@0 5@1.5", "1@0 5@2"),
            2: _patterns("1@0", "1@0 5@1"),
            1: _patterns("1@0"),
        },
        Groove.FUNK: {
            4: _patterns("1@0 1@1.5 5@2 7@3.5", "1@0 8@1.5 7@2 5@3", "1@0 1@1.5 1@2 a@3.5"),
            3: _patterns("1@0 5@1.5 7@2"),
            2: _patterns("1@0 5@1", "1@0 8@1.5"),
            1: _patterns("1@0"),
        },
        Groove.AFRO: {
            4: _patterns("1@0 5@1 1@2 5@3", "1@0 5@1 1@2 5@2.67 8@3.33"),
            3: _patterns("1@0 5@1 8@2"),
            2: _patterns("1@0 5@1", "1@0 5@0.67 8@1.33", "1@0 5@1 a@1.67", "1@0 5@1 5@1.67"),
            1: _patterns("1@0"),
        },
    }
)
"""By groove and the beats of a group; a pattern that is more usual is written more than once."""
