"""What the readers say when they refuse something."""

from __future__ import annotations

from collections.abc import Callable

from live_improv.charts.text import ChartError
from live_improv.music.chords import ChordSymbolError


def refusal(read: Callable[[], object]) -> str:
    """The message with which something is refused; empty where it is read and has something."""
    try:
        found = read()
    except (ChartError, ChordSymbolError) as error:
        return str(error)
    assert found
    return ""


def is_one_line(message: str) -> bool:
    """Whether a person can read it."""
    return "\n" not in message and len(message) < 300
