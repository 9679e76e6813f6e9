"""Bytes as they come over a MIDI cable."""

from __future__ import annotations

WIRE_SEEDS = (
    bytes.fromhex("90 3c 50 80 3c 00 b0 40 7f c0 05 e0 00 40 d0 11 a0 3c 10"),
    bytes.fromhex("90 3c 50 3c 00 40 60 40 00 93 40 7f f8 fe 40 00"),
    bytes.fromhex("f0 7d 01 02 f8 03 f7 90 3c 50 f2 10 00 fa f8 fc fb"),
    bytes.fromhex("f0 7d 01 02 03 90 3c f8 50 f1 03 f3 05 f6 80 3c 00 ff"),
    bytes.fromhex("f0 00 20 29 02 0c 03") + bytes(60) + bytes.fromhex("90 3c 50"),
)
WIRE_TOKENS = (
    *(b"\xf8", b"\xfe", b"\xff", b"\xf0", b"\xf7", b"\xfa", b"\xfb", b"\xfc", b"\xf2", b"\xf1"),
    *(
        b"\x90\x3c\x50",
        b"\x80\x3c\x00",
        b"\x90\x3c\x00",
        b"\xb0\x7b\x00",
        b"\xf4",
        b"\xf5",
        b"\xf9",
    ),
    *(b"\xfd", b"\x3c\x50", b"\xc0", b"\xf0" + b"\x01" * 300, b"\x80" * 9),
)
