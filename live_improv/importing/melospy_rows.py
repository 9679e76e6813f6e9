"""What stands in a row of a CSV of MeloSpySuite, by the name of its column."""

from __future__ import annotations

from live_improv.importing.imported import NotUnderstood

Row = dict[str, str]
"""A row by column."""


def number_in(row: Row, name: str) -> float:
    """A number that a row must have.

    Raises:
        NotUnderstood: it has none there.
    """
    text = row.get(name) or ""
    try:
        found = float(text)
    except ValueError:
        found = float("nan")
    if not -1e9 < found < 1e9:
        raise NotUnderstood(f"{name} {text[:20]!r}: expected a number")
    return found


def known_in(row: Row, *names: str) -> float | None:
    """A number that a row may have."""
    for name in names:
        if name in row:
            try:
                return number_in(row, name)
            except NotUnderstood:
                return None
    return None


def text_in(row: Row, name: str) -> str:
    """A text, without the quotes they put around some; empty where there is none."""
    text = (row.get(name) or "").strip().strip("\"'").strip()
    return "" if text in ("NA", "nan", "None") else text[:200]
