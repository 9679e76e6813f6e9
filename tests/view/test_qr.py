"""QR codes: as another program draws them, and as the standard says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.view.qr import BLOCKS, LONGEST, Picture, QrError, qr

# Drawn by the package qrcode 8, version 1, level L, mask 3.
GOLDEN = """
#######.#.###.#######
#.....#...##..#.....#
#.###.#.##.#..#.###.#
#.###.#.##..#.#.###.#
#.###.#.#..#..#.###.#
#.....#..####.#.....#
#######.#.#.#.#######
...........##........
####..#.######..###.#
.#####..#.###...#...#
#..####..###..##...##
##.....#.###...###.#.
#...#####.#.###.##.##
........#.##..#.#....
#######....######.#..
#.....#...#..#...####
#.###.#.....#...###..
#.###.#.###...#..#.#.
#.###.#.#.#.###..##..
#.....#.##.######...#
#######.##.#..##.#...
"""

FINDER = ("#######", "#.....#", "#.###.#", "#.###.#", "#.###.#", "#.....#", "#######")


def drawn(picture: Picture) -> list[str]:
    return ["".join(".#"[dark] for dark in row) for row in picture]


def test_it_is_what_others_draw() -> None:
    assert drawn(qr("live_improv", mask=3)) == GOLDEN.split()


@given(st.text(st.characters(codec="ascii"), max_size=LONGEST))
def test_every_address_has_a_code(text: str) -> None:
    lines = drawn(qr(text))
    version = (len(lines) - 17) // 4
    assert len(text) <= BLOCKS[version][0] - 2
    assert version == 1 or len(text) > BLOCKS[version - 1][0] - 2
    size = len(lines)
    for top, left in ((0, 0), (0, size - 7), (size - 7, 0)):
        found = tuple(line[left : left + 7] for line in lines[top : top + 7])
        assert found == FINDER
    assert lines[6][8:-8] == "#.#.#.#.#.#.#.#.#.#.#"[: size - 16]
    assert lines[size - 8][8] == "#"


@given(st.text(max_size=30), st.integers(0, 7))
def test_the_mask_is_told_twice(text: str, mask: int) -> None:
    """Both copies of the format say level L and this mask (ISO 18004, 7.9 and annex C)."""
    lines = drawn(qr(text, mask))
    size = len(lines)
    beside = [(8, c) for c in (0, 1, 2, 3, 4, 5, 7, 8)] + [(r, 8) for r in (7, 5, 4, 3, 2, 1, 0)]
    apart = [(size - 1 - i, 8) for i in range(7)] + [(8, size - 8 + i) for i in range(8)]
    for places in (beside, apart):
        bits = "".join(".#".index(lines[row][column]).__str__() for row, column in places)
        assert (int(bits, 2) ^ 0b101010000010010) >> 10 == 0b01 << 3 | mask


def test_a_text_may_be_too_long() -> None:
    assert len(qr("x" * LONGEST)) == 37
    with pytest.raises(QrError, match="107 bytes"):
        qr("x" * (LONGEST + 1))
