"""The board for people, as a table of text, and for programs, as JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from live_improv.board.judging import Board
from live_improv.board.scores import Scores
from live_improv.evaluation.rows import ROWS, Goal, Row

_LABEL, _CELL = 33, 11


def table(board: Board) -> str:
    """One line a figure: humans and their band, ours, whether that is what is to be reached."""
    sets = (board.human, board.ours, *board.others)
    head = ["", "human", "95 %", "ours", "+-", "goal", "", *(each.name for each in board.others)]
    lines = [_line(head)]
    for row in ROWS:
        figures = [each.figures.get(row.name, math.nan) for each in sets]
        human, ours, *others = (_shown(row, figure) for figure in figures)
        number = f"{row.number or '':>1} {row.label}"
        reached = _reached(row, board)
        wander = _wander(row, board)
        lines.append(_line([number, human, _band(row, board), ours, wander, *reached, *others]))
    for name in ("solos", "notes"):
        human, ours, *others = (str(getattr(each, name)) for each in sets)
        lines.append(_line([f"  {name}", human, "", ours, "", "", "", *others]))
    lines += ["", "how it is played: people of train, then ours (median [quartiles] number)"]
    lines += [f"  {verdict}" for verdict in board.played]
    lines += ["", "what gives ours away (share of it, humans, ours)", *_signs(board.ours)]
    return "\n".join(line.rstrip() for line in lines)


def _signs(scores: Scores) -> list[str]:
    return [
        f"  {sign.name:40} {sign.share:5.0%} {sign.there:8.3f} {sign.here:8.3f}"
        for sign in scores.signs
    ]


def as_json(board: Board) -> dict[str, object]:
    """The board as JSON has it; what is not known is null."""
    return {
        "split": board.split,
        "model": board.model,
        "seconds": round(board.seconds, 1),
        "goals": {row.name: _goal(row.goal, row, board) for row in ROWS if row.goal is not None},
        "played": [_known(asdict(verdict)) for verdict in board.played],
        "sets": [_set(each) for each in (board.human, board.ours, *board.others)],
    }


def _set(scores: Scores) -> dict[str, object]:
    return {
        "name": scores.name,
        "solos": scores.solos,
        "notes": scores.notes,
        "figures": _known(scores.figures),
        "signs": [asdict(sign) for sign in scores.signs],
        "bands": {name: [band.low, band.high] for name, band in scores.bands.items()},
        "seconds": {part: round(took, 2) for part, took in scores.seconds.items()},
    }


def _goal(goal: Goal, row: Row, board: Board) -> dict[str, object]:
    low, high = goal.bounds(board.human.figures.get(row.name))
    ours = board.ours.figures.get(row.name, math.nan)
    reached = goal.reached(ours, board.human.figures.get(row.name))
    return {"low": low, "high": high, "reached": reached}


def _known(figures: Mapping[str, Any]) -> dict[str, Any]:
    """The same with null for what is not a number, also further in."""
    found: dict[str, Any] = {}
    for name, value in figures.items():
        if isinstance(value, Mapping):
            found[name] = _known(value)
        else:
            unknown = isinstance(value, float) and math.isnan(value)
            found[name] = None if unknown else value
    return found


def _line(cells: list[str]) -> str:
    widths = [_LABEL, 7, 14, 7, 6, 15, 3, *[_CELL] * (len(cells) - 7)]
    first, *rest = (
        cell.ljust(width) if i in (0, 6) else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return " ".join([first, *rest])


def _shown(row: Row, figure: float | None) -> str:
    return "-" if figure is None or math.isnan(figure) else f"{figure:.{row.decimals}f}"


def _band(row: Row, board: Board) -> str:
    band = board.human.bands.get(row.name)
    return "" if band is None else f"{_shown(row, band.low)}-{_shown(row, band.high)}"


def _wander(row: Row, board: Board) -> str:
    """Half the width of the band of ours: how far its figure may be off by chance."""
    band = board.ours.bands.get(row.name)
    return "" if band is None else _shown(row, (band.high - band.low) / 2)


def _reached(row: Row, board: Board) -> tuple[str, str]:
    """The goal, and whether ours reaches it."""
    if row.goal is None:
        return "", ""
    human = board.human.figures.get(row.name)
    low, high = row.goal.bounds(human)
    if low is None:
        goal = f"<= {_shown(row, high)}"
    elif high is None:
        goal = f">= {_shown(row, low)}"
    else:
        goal = f"{_shown(row, low)} to {_shown(row, high)}"
    figure = board.ours.figures.get(row.name, math.nan)
    if math.isnan(figure):
        return goal, "?"
    return goal, "ok" if row.goal.reached(figure, human) else "no"
