"""What a clock sends, as bytes: one message is an operation and what it needs.

    0 gap        a pulse           3 gap        Stop             6 gap        the player's tap
    1 gap count  a row of pulses   4 gap        Continue         7 gap        Start and a pulse
    2 gap        Start             5 gap hi lo  Song Position

A gap is a byte: 0 is none at all, up to 127 it counts thirds of a millisecond, above it grows to
hours.
"""

from __future__ import annotations

import math

PULSE, ROW, START, STOP, CONTINUE, POSITION, TAP, BEGIN = range(8)


def gap_of(code: int) -> float:
    """Seconds to the next message."""
    if code < 128:
        return code / 3000.0
    return 0.0425 * math.pow(10.0, (code - 128) / 25.0)


AT_120, AT_240, LATE, HOURS = 62, 31, 172, 255

CLOCK_SEEDS = (
    bytes((START, 0, ROW, AT_120, 96, STOP, 1)),
    bytes((ROW, AT_120, 48, START, 3, ROW, AT_120, 200, ROW, AT_240, 100, STOP, 1, CONTINUE, 9)),
    bytes((START, 0, ROW, AT_120, 60, PULSE, LATE, ROW, AT_120, 60, PULSE, HOURS, ROW, 50, 50)),
    bytes((POSITION, 0, 0, 32, CONTINUE, 1, ROW, AT_120, 30, POSITION, 1, 1, 0, ROW, 62, 30, 2, 0)),
    bytes((ROW, AT_120, 90, TAP, 20, ROW, AT_120, 40, ROW, 0, 20, ROW, AT_120, 40, TAP, LATE)),
    bytes((START, 0, *(byte for i in range(60) for byte in (PULSE, 62 + i % 5)), STOP, 0)),
    bytes((START, 0, *(byte for i in range(60) for byte in (PULSE, 125 * (i % 2))), STOP, 0)),
)
CLOCK_TOKENS = (
    *(
        bytes((ROW, 0, 255)),
        bytes((ROW, AT_120, 255)),
        bytes((ROW, AT_240, 90)),
        bytes((ROW, 1, 90)),
    ),
    *(bytes((START, 0)), bytes((STOP, 0)), bytes((CONTINUE, 0)), bytes((POSITION, 0, 255, 255))),
    *(bytes((PULSE, HOURS)), bytes((PULSE, LATE)), bytes((TAP, 0)), bytes((TAP, HOURS))),
    *(bytes((BEGIN, 0)), bytes((ROW, 126, 99)), bytes((ROW, 129, 99)), bytes((ROW, 140, 99))),
)
