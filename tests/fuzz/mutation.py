"""Inputs made of other inputs: bytes changed, pieces left out, doubled, moved and mixed."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from tests.fuzz.target import Target

MOST_EDITS = 8
LONG_RUN = 3_000
_WHOLE_NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)

Edit = Callable[[bytearray, random.Random, Target, Sequence[bytes]], None]


def mutated(target: Target, pool: Sequence[bytes], chance: random.Random) -> bytes:
    """One more input: mostly one of the pool with some edits, now and then mere noise."""
    if chance.random() < 0.02:
        return chance.randbytes(chance.randrange(300))
    data = bytearray(chance.choice(pool))
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 4, MOST_EDITS))):
        chance.choice(_EDITS)(data, chance, target, pool)
    return bytes(data)


def _place(data: bytearray, chance: random.Random) -> int:
    return chance.randrange(len(data) + 1)


def _change(data: bytearray, chance: random.Random, _: Target, __: Sequence[bytes]) -> None:
    if data:
        data[chance.randrange(len(data))] = chance.randrange(256)


def _flip(data: bytearray, chance: random.Random, _: Target, __: Sequence[bytes]) -> None:
    if data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _insert(data: bytearray, chance: random.Random, _: Target, __: Sequence[bytes]) -> None:
    at = _place(data, chance)
    data[at:at] = chance.randbytes(chance.randint(1, 8))


def _leave_out(data: bytearray, chance: random.Random, _: Target, __: Sequence[bytes]) -> None:
    at = _place(data, chance)
    del data[at : at + chance.randint(1, 40)]


def _double(data: bytearray, chance: random.Random, _: Target, __: Sequence[bytes]) -> None:
    at, goes = _place(data, chance), _place(data, chance)
    data[goes:goes] = data[at : at + chance.randint(1, 60)]


def _cut(data: bytearray, chance: random.Random, _: Target, __: Sequence[bytes]) -> None:
    del data[_place(data, chance) :]


def _number(data: bytearray, chance: random.Random, _: Target, __: Sequence[bytes]) -> None:
    size, at = chance.choice((1, 2, 4)), _place(data, chance)
    value = chance.choice(_WHOLE_NUMBERS) & (1 << 8 * size) - 1
    data[at : at + size] = value.to_bytes(size, chance.choice(("big", "little")))


def _token(data: bytearray, chance: random.Random, target: Target, _: Sequence[bytes]) -> None:
    if target.tokens:
        at = _place(data, chance)
        over = chance.choice((0, 0, 1, 4))
        data[at : at + over] = chance.choice(target.tokens)


def _run(data: bytearray, chance: random.Random, target: Target, _: Sequence[bytes]) -> None:
    """A piece many times over; seldom very many times."""
    at = _place(data, chance)
    piece = bytes(data[at : at + chance.randint(1, 12)])
    if target.tokens and chance.random() < 0.3:
        piece = chance.choice(target.tokens)
    most = LONG_RUN if chance.random() < 0.02 else 40
    data[at:at] = (piece * chance.randint(2, most))[: 10 * LONG_RUN]


def _mix(data: bytearray, chance: random.Random, _: Target, pool: Sequence[bytes]) -> None:
    other = chance.choice(pool)
    at, begin = _place(data, chance), chance.randrange(len(other) + 1)
    size = chance.randint(1, 200)
    data[at : at + chance.choice((0, size))] = other[begin : begin + size]


def _pieces(data: bytearray, chance: random.Random, target: Target, _: Sequence[bytes]) -> None:
    """Pieces of the format left out, doubled, moved, or replaced by others."""
    found = target.pieces.findall(bytes(data[: target.longest]))
    if len(found) < 2:
        return
    for _time in range(chance.randint(1, 3)):
        at, other = chance.randrange(len(found)), chance.randrange(len(found))
        match chance.randrange(5):
            case 0:
                found[at] = b""
            case 1:
                found[at] = found[other]
            case 2:
                found[at], found[other] = found[other], found[at]
            case 3:
                found.insert(at, found[other])
            case _:
                found[at] = chance.choice(target.tokens or (b"",))
    data[:] = b"".join(found)


_EDITS: tuple[Edit, ...] = (
    *(_change, _flip, _insert, _leave_out, _double, _cut, _number, _run, _mix),
    *(_token, _token, _pieces, _pieces, _pieces, _pieces),
)
