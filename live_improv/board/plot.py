"""The board as a picture: one row a figure, as SVG.

Each row has a scale of its own. The grey bar is where 95 % of draws of human solos are and the
stroke in it is the human figure; the green bracket is the goal; the full dot is ours, green where
the goal is reached and red where it is not; the rings are the others.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from live_improv.board.judging import Board
from live_improv.board.scores import Scores
from live_improv.evaluation.rows import ROWS, Row

WIDTH, ROW, TOP, LEFT, RIGHT = 920, 30, 70, 260, 90
_GREEN, _RED, _BAND, _INK = "#2a8a4a", "#c23b3b", "#cfd6de", "#20262d"
_RINGS = ("#b06a00", "#6a4fb0", "#00788a", "#a0307a")
"""Colours of the others, in turn."""


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where a figure of a row is, in pixels."""

    low: float
    high: float

    def x(self, figure: float) -> float:
        share = (figure - self.low) / (self.high - self.low)
        return LEFT + share * (WIDTH - LEFT - RIGHT)


def picture(board: Board) -> str:
    """The board as an SVG document; figures without anything to compare them with are left out."""
    rows = [row for row in ROWS if row.goal is not None and _figures(row, board)]
    height = TOP + ROW * len(rows) + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        _text(16, 24, f"{board.model} beside humans, {board.split}", size=16),
        *_legend(board),
    ]
    for place, row in enumerate(rows):
        parts += _row(row, board, TOP + ROW * place + ROW / 2)
    return "\n".join([*parts, "</svg>", ""])


def _figures(row: Row, board: Board) -> list[float]:
    """What is known of a row."""
    found = [each.figures.get(row.name, math.nan) for each in _sets(board)]
    return [figure for figure in found if not math.isnan(figure)]


def _sets(board: Board) -> Sequence[Scores]:
    return (board.human, board.ours, *board.others)


def _row(row: Row, board: Board, y: float) -> list[str]:
    assert row.goal is not None, "only rows with a goal are drawn"
    human = board.human.figures.get(row.name)
    ends = [end for end in row.goal.bounds(human) if end is not None]
    band = board.human.bands.get(row.name)
    seen = [*_figures(row, board), *ends, *([] if band is None else [band.low, band.high])]
    low, high = min(seen), max(seen)
    room = (high - low or abs(high) or 1.0) * 0.06
    scale = _Scale(low - room, high + room)
    label = f"{row.number}  {row.label.strip()}"
    parts = [
        _text(16, y + 4, label),
        _line(LEFT, y, WIDTH - RIGHT, y, _BAND, 1),
    ]
    if band is not None:
        left, right = scale.x(band.low), scale.x(band.high)
        parts.append(
            f'<rect x="{left:.1f}" y="{y - 6:.1f}" width="{max(right - left, 1):.1f}" '
            f'height="12" rx="2" fill="{_BAND}"/>'
        )
    parts += _bracket(row, scale, human, y)
    if human is not None and not math.isnan(human):
        parts.append(_line(scale.x(human), y - 6, scale.x(human), y + 6, _INK, 2))
    for each, colour in zip(board.others, _colours(board), strict=True):
        figure = each.figures.get(row.name, math.nan)
        if not math.isnan(figure):
            parts.append(
                f'<circle cx="{scale.x(figure):.1f}" cy="{y:.1f}" r="4" fill="white" '
                f'stroke="{colour}" stroke-width="2"/>'
            )
    ours = board.ours.figures.get(row.name, math.nan)
    if not math.isnan(ours):
        colour = _GREEN if row.goal.reached(ours, human) else _RED
        parts.append(f'<circle cx="{scale.x(ours):.1f}" cy="{y:.1f}" r="5" fill="{colour}"/>')
        parts.append(_text(WIDTH - RIGHT + 16, y + 4, f"{ours:.{row.decimals}f}", colour=colour))
    return parts


def _bracket(row: Row, scale: _Scale, human: float | None, y: float) -> list[str]:
    """The goal, from its low to its high end; an open end goes on to the end of the scale."""
    assert row.goal is not None, "only rows with a goal are drawn"
    low, high = row.goal.bounds(human)
    left = scale.x(scale.low if low is None else low)
    right = scale.x(scale.high if high is None else high)
    parts = [_line(left, y + 9, right, y + 9, _GREEN, 2)]
    for end, x in ((low, left), (high, right)):
        if end is not None:
            parts.append(_line(x, y + 5, x, y + 9, _GREEN, 2))
    return parts


def _legend(board: Board) -> list[str]:
    x, y = 16.0, 50.0
    parts = [
        f'<rect x="{x}" y="{y - 10}" width="26" height="12" rx="2" fill="{_BAND}"/>',
        _line(x + 13, y - 10, x + 13, y + 2, _INK, 2),
        _text(x + 34, y, "human and 95 % of draws"),
        _line(x + 200, y + 1, x + 226, y + 1, _GREEN, 2),
        _text(x + 234, y, "goal"),
        f'<circle cx="{x + 290}" cy="{y - 4}" r="5" fill="{_INK}"/>',
        _text(x + 300, y, "ours"),
    ]
    x += 350
    for each, colour in zip(board.others, _colours(board), strict=True):
        parts.append(
            f'<circle cx="{x}" cy="{y - 4}" r="4" fill="white" stroke="{colour}" stroke-width="2"/>'
        )
        parts.append(_text(x + 10, y, each.name))
        x += 30 + 7 * len(each.name)
    return parts


def _colours(board: Board) -> list[str]:
    return [_RINGS[i % len(_RINGS)] for i in range(len(board.others))]


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float) -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
        f'stroke="{colour}" stroke-width="{width}"/>'
    )


def _text(x: float, y: float, text: str, *, size: int = 12, colour: str = _INK) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}">{escape(text)}</text>'
