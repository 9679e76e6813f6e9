"""The repertoire: which tunes there are to play over, by link, by file or by name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from live_improv.charts import reading
from live_improv.grammar.context import Context
from live_improv.music.changes import Changes

DEFAULT_CHART = "blues_in_f"

DEFAULT_BPM = 140.0
"""Quarters a minute, of a chart that says no tempo."""


class ChartFileError(ValueError):
    """A chart file that cannot be read."""


def read_chart(chart: str, tune: str | None = None) -> Changes:
    """The changes of a chart given by link, path or name.

    Args:
        tune: of several, the number or the title of one.

    Raises:
        AssetError: there is no such chart.
        ChartFileError: the file cannot be read.
        ChartError, ChordSymbolError: it is not a chart.
    """
    try:
        changes = reading.read_chart(chart, tune)
    except OSError as error:
        raise ChartFileError(f"{chart}: {error.strerror or error}") from None
    return changes if changes.title else replace(changes, title=Path(chart).stem)


def playable(chart: str) -> Changes:
    """A chart that can be played over; see `read_chart` and `Context` for what is not."""
    changes = read_chart(chart)
    return Context(changes, changes.tempo or DEFAULT_BPM, straight=True).changes
