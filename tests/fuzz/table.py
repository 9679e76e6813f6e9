"""All readers that can be tried, by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.fuzz import (
    chart_files,
    clocks,
    databases,
    midi_files,
    models,
    scores,
    settings,
    solo_files,
    solo_midi,
    wire,
)
from tests.fuzz.target import Target

TARGETS: dict[str, Callable[[Path], Target]] = {
    "midi": midi_files.midi,
    "track": midi_files.track,
    "text": chart_files.text_chart,
    "ireal": chart_files.ireal_link,
    "page": chart_files.ireal_page,
    "musicxml": chart_files.musicxml,
    "mxl": chart_files.mxl,
    "leadsheet": chart_files.leadsheet,
    "clock": clocks.clock,
    "wire": wire.wire,
    "model": models.model,
    "habits": models.habits,
    "config": settings.config,
    "learned": settings.learned,
    "solofile": solo_midi.solo_file,
    "solonotes": solo_midi.solo_notes,
    "take": solo_midi.take,
    "wjazzd": databases.database,
    "melospy": solo_files.table,
    "sololeads": solo_files.leadsheet,
    "corpus": solo_files.corpus,
    "score": scores.score,
}
"""Each makes its target with a folder of its own for files."""
