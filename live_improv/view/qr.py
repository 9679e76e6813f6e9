"""QR codes: an address that a phone can read off the screen of the laptop.

Only what an address needs: bytes, versions 1 to 5 at the lowest level of error correction, which
are those of a single block. After ISO/IEC 18004:2015; the numbers of sections are its own.

Conventions
    A picture is a square of rows of modules, true where dark, without the quiet zone of four
    modules that belongs around it. Places are (row, column) from the upper left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

Picture = tuple[tuple[bool, ...], ...]

BLOCKS = {1: (19, 7), 2: (34, 10), 3: (55, 15), 4: (80, 20), 5: (108, 26)}
"""Codewords of data and of error correction by version, at level L (table 9)."""

LONGEST = BLOCKS[5][0] - 2
"""Bytes of the longest text."""

_MASKS: tuple[Callable[[int, int], int], ...] = (  # table 10: dark where 0
    lambda i, j: (i + j) % 2,
    lambda i, j: i % 2,
    lambda i, j: j % 3,
    lambda i, j: (i + j) % 3,
    lambda i, j: (i // 2 + j // 3) % 2,
    lambda i, j: i * j % 2 + i * j % 3,
    lambda i, j: (i * j % 2 + i * j % 3) % 2,
    lambda i, j: ((i + j) % 2 + i * j % 3) % 2,
)

_FINDER = (0b1111111, 0b1000001, 0b1011101, 0b1011101, 0b1011101, 0b1000001, 0b1111111)
_ALIGNMENT = (0b11111, 0b10001, 0b10101, 0b10001, 0b11111)


class QrError(ValueError):
    """A text that is too long."""


def qr(text: str, mask: int | None = None) -> Picture:
    """The picture of a text.

    Args:
        mask: 0 to 7; None for the one with the fewest neighbours that are alike.

    Raises:
        QrError: it has more than `LONGEST` bytes.
    """
    data = text.encode()
    version = next((v for v, (room, _) in BLOCKS.items() if len(data) + 2 <= room), None)
    if version is None:
        raise QrError(f"{len(data)} bytes: expected {LONGEST} at most")
    room, checks = BLOCKS[version]
    codewords = _codewords(data, room)
    bits = [
        bool(word >> (7 - bit) & 1)
        for word in (*codewords, *_remainder(codewords, checks))
        for bit in range(8)
    ]
    wanted = range(len(_MASKS)) if mask is None else [mask]
    return min((_picture(version, bits, each) for each in wanted), key=_alike)


def _codewords(data: bytes, room: int) -> list[int]:
    """Mode, length, data and padding (7.4)."""
    bits = f"0100{len(data):08b}" + "".join(f"{byte:08b}" for byte in data) + "0000"
    words = [int(bits[at : at + 8], 2) for at in range(0, len(bits), 8)]
    return words + [(0xEC, 0x11)[number % 2] for number in range(room - len(words))]


def _remainder(words: list[int], count: int) -> list[int]:
    """The codewords of error correction: Reed and Solomon's, over GF(256) (7.5.2)."""
    divisor = [1]
    root = 1
    for _ in range(count):
        shifted = [*divisor, 0]
        for at, factor in enumerate(divisor):
            shifted[at + 1] ^= _times(factor, root)
        divisor, root = shifted, _times(root, 2)
    left = [*words, *[0] * count]
    for at in range(len(words)):
        factor = left[at]
        for offset, each in enumerate(divisor):
            left[at + offset] ^= _times(each, factor)
    return left[-count:]


def _times(a: int, b: int) -> int:
    """A product in GF(256), modulo x^8 + x^4 + x^3 + x^2 + 1."""
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a = a << 1 ^ (0x11D if a & 0x80 else 0)
        b >>= 1
    return product


def _picture(version: int, bits: list[bool], mask: int) -> Picture:
    size = 17 + 4 * version
    fixed = _patterns(version, size) | _format(mask, size)
    modules = dict(fixed)
    # What is left over after the last codeword is light (7.7.3).
    stream = iter(bits)
    for place in _snake(size):
        if place not in fixed:
            modules[place] = next(stream, False) != (_MASKS[mask](*place) == 0)
    return tuple(tuple(modules[row, column] for column in range(size)) for row in range(size))


def _patterns(version: int, size: int) -> dict[tuple[int, int], bool]:
    """Finders with their light borders, timing, alignment and the dark module (6.3)."""
    found: dict[tuple[int, int], bool] = {}
    for i in range(size):
        found[6, i] = found[i, 6] = i % 2 == 0
    for top, left in ((0, 0), (0, size - 7), (size - 7, 0)):
        for row in range(max(top - 1, 0), min(top + 8, size)):
            for column in range(max(left - 1, 0), min(left + 8, size)):
                found[row, column] = False
        _stamp(found, _FINDER, top, left)
    if version > 1:
        _stamp(found, _ALIGNMENT, size - 9, size - 9)
    found[size - 8, 8] = True
    return found


def _stamp(
    found: dict[tuple[int, int], bool], pattern: tuple[int, ...], top: int, left: int
) -> None:
    for row, bits in enumerate(pattern):
        for column in range(len(pattern)):
            found[top + row, left + column] = bool(bits >> column & 1)


def _format(mask: int, size: int) -> dict[tuple[int, int], bool]:
    """The level of correction and the mask, twice, with a code of their own (7.9)."""
    data = 0b01 << 3 | mask
    rest = data << 10
    for bit in range(14, 9, -1):
        if rest >> bit & 1:
            rest ^= 0b10100110111 << (bit - 10)
    code = (data << 10 | rest) ^ 0b101010000010010
    down = [(row, 8) for row in (0, 1, 2, 3, 4, 5, 7, 8)]
    across = [(8, column) for column in (7, 5, 4, 3, 2, 1, 0)]
    right = [(8, size - 1 - i) for i in range(8)]
    below = [(size - 7 + i, 8) for i in range(7)]
    places = (*enumerate([*down, *across]), *enumerate([*right, *below]))
    return {place: bool(code >> bit & 1) for bit, place in places}


def _snake(size: int) -> Iterator[tuple[int, int]]:
    """The places in the order in which they are filled: two columns up, two down (7.7.3)."""
    rows = range(size - 1, -1, -1)
    for right in (*range(size - 1, 6, -2), 5, 3, 1):
        for row in rows:
            yield row, right
            yield row, right - 1
        rows = rows[::-1]


def _alike(picture: Picture) -> int:
    """How many modules are like their neighbours to the right and below."""
    beside = sum(a == b for row in picture for a, b in pairwise(row))
    rows = pairwise(picture)
    return beside + sum(a == b for row, under in rows for a, b in zip(row, under, strict=True))
