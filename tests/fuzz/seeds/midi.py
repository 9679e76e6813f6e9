"""MIDI files that are right, small and different."""

from __future__ import annotations

END = bytes.fromhex("00 ff 2f 00")
NOTE = bytes.fromhex("00 90 3c 50 60 80 3c 00")


def chunk(body: bytes, kind: bytes = b"MTrk") -> bytes:
    """A chunk with its right length."""
    return kind + len(body).to_bytes(4, "big") + body


def header(form: int = 1, count: int = 1, division: int = 96) -> bytes:
    """The header of a file."""
    return chunk(b"".join(n.to_bytes(2, "big") for n in (form, count, division)), b"MThd")


def meta(kind: int, data: bytes, delta: int = 0) -> bytes:
    """A meta event."""
    return bytes((delta, 0xFF, kind, len(data))) + data


_MAP = (
    meta(0x03, b"Map") + meta(0x51, (500_000).to_bytes(3, "big")) + meta(0x58, bytes((3, 2, 24, 8)))
    + meta(0x06, b"Dm7") + meta(0x06, b"G7b9", 96) + meta(0x06, b"Cmaj7", 96)
    + meta(0x07, b"Chorus 2: B", 96) + meta(0x51, (300_000).to_bytes(3, "big"), 10)
)  # fmt: skip
_RUNNING = bytes.fromhex("00 91 3c 50 30 3c 00 00 40 60 30 40 00 00 b1 40 7f 10 40 00")
_EXCLUSIVE = bytes.fromhex("00 f0 03 7d 01 f7 00 f7 01 f8")

MIDI_SEEDS = (
    header() + chunk(NOTE + END),
    header(0, 1, 480) + chunk(meta(0x03, b"Solo") + _RUNNING + END),
    header(1, 3, 960)
    + chunk(_MAP + END)
    + chunk(meta(0x03, b"Player") + NOTE * 4 + _RUNNING + END)
    + chunk(meta(0x03, b"Improviser") + _EXCLUSIVE + bytes.fromhex("00 c3 42 00 e3 00 40") + END),
    header() + chunk(b"any", b"XFIH") + chunk(meta(0x05, b"la ") + NOTE + b"\x83\x60\xff\x2f\x00"),
)

TRACK_SEEDS = (
    b"\x00\x60" + NOTE * 3 + END,
    b"\x01\xe0" + _MAP + _RUNNING + END,
    b"\x03\xc0" + meta(0x03, b"Player") + _RUNNING + _EXCLUSIVE + NOTE + END,
)
MIDI_TOKENS = (
    *(b"MThd", b"MTrk", END, NOTE, b"\xff\x51\x03", b"\xff\x58\x04", b"\xff\x06\x02C7", b"\x90"),
    *(b"\xff\x03\x06Player", b"\xff\xff\xff\x7f", b"\x81\x80\x80\x00", b"\xf0", b"\xf7\x00"),
    *(b"\xff\x51\x03\0\0\0", b"\xff\x51\x03\xff\xff\xff", b"\x00\xff\x7f\xff\xff\xff\x7f", b"\xe0"),
    *(b"\xff" * 200, b"\x80" * 9, b"\x1b[2J", "é\u202e".encode(), b"\xff\x07\x0bChorus 9: A"),
)
