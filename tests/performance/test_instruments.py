"""Instruments: their figures are those of the corpus, and what a breath does."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.music.timing import Seconds
from live_improv.performance.instruments import (
    DEFAULT,
    INSTRUMENTS,
    Instrument,
    InstrumentError,
    breath_shape,
    instrument,
)

SILENCE = 0.25  # seconds

# The compass of each, sounding pitches, as any orchestration book has it; the saxophones' and the
# brass's upper ends as soloists extend them.
COMPASS = {
    "trumpet": (52, 91),
    "soprano": (56, 90),
    "alto": (49, 90),
    "tenor": (44, 85),
    "baritone": (36, 76),
    "trombone": (40, 77),
    "clarinet": (50, 94),
    "bass-clarinet": (34, 84),
    "guitar": (40, 88),
    "vibes": (53, 89),
    "piano": (21, 108),
}


@pytest.fixture(scope="module")
def by_instrument(data_dir: Path) -> dict[str, list[dict[str, Any]]]:
    """The solos to be learned from, by the name of our instrument."""
    found = defaultdict(list)
    with gzip.open(data_dir / "corpus" / "wjazzd_solos.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if record["split"] == "train":
                found[instrument(record["instrument"]).name].append(record)
    return found


def sounding(records: list[dict[str, Any]]) -> list[float]:
    """What share of the time to the next note sounds, inside phrases."""
    shares = []
    for record in records:
        notes = record["notes"]
        for a, b in pairwise(notes):
            gap = b[0] - a[0]
            if 0 < gap < 1 and gap - a[1] < 0.5 and b[3] > a[3]:
                shares.append(a[4] / (b[3] - a[3]))
    return shares


def stretches(records: list[dict[str, Any]]) -> list[float]:
    """The seconds between silences."""
    found = []
    for record in records:
        notes = record["notes"]
        began = notes[0][3]
        for a, b in pairwise(notes):
            end = a[3] + a[4]
            if b[3] - end >= SILENCE:
                found.append(end - began)
                began = b[3]
    return found


def test_every_instrument_of_the_corpus_is_there(
    by_instrument: dict[str, list[dict[str, Any]]],
) -> None:
    assert by_instrument.keys() == INSTRUMENTS.keys()


@pytest.mark.parametrize("row", INSTRUMENTS.values(), ids=lambda row: row.name)
def test_the_figures_are_those_of_the_corpus(
    by_instrument: dict[str, list[dict[str, Any]]], row: Instrument
) -> None:
    records = by_instrument[row.name]
    pitches = [note[2] for record in records for note in record["notes"]]
    low, first, third, high = np.quantile(pitches, (0.0025, 0.25, 0.75, 0.9975)).round()
    assert (row.register.low, row.register.high) == (low, high)
    assert (row.usual.low, row.usual.high) == (first, third)
    assert row.legato == pytest.approx(float(np.median(sounding(records))), abs=0.006)
    if row.breath is not None:
        longest = float(np.quantile(stretches(records), 0.95))
        assert row.breath == pytest.approx(longest, abs=0.06)


def test_the_default_lies_in_the_middle_of_all(
    by_instrument: dict[str, list[dict[str, Any]]],
) -> None:
    records = [record for some in by_instrument.values() for record in some]
    middle = np.median([note[2] for record in records for note in record["notes"]])
    assert abs((DEFAULT.register.low + DEFAULT.register.high) / 2 - middle) <= 1


@pytest.mark.parametrize("row", INSTRUMENTS.values(), ids=lambda row: row.name)
def test_no_instrument_is_asked_for_what_it_cannot_play(row: Instrument) -> None:
    lowest, highest = COMPASS[row.name]
    assert lowest <= row.register.low < row.usual.low
    assert row.usual.high < row.register.high <= highest
    assert 0 <= row.program <= 127
    assert (row.breath is None) == (row.name in ("guitar", "vibes", "piano"))


def test_an_instrument_is_found_by_its_name_and_its_abbreviation() -> None:
    assert instrument("trumpet") is instrument("tp") is instrument(" TP ") is INSTRUMENTS["trumpet"]
    assert instrument("ts-c").name == "tenor"
    with pytest.raises(InstrumentError, match=r"'kazoo': expected one of trumpet, .*, piano"):
        instrument("kazoo")


def test_a_breath_asks_for_a_rest_as_it_is_used_up() -> None:
    breath = Seconds(6.0)
    shape = [breath_shape(Seconds(each), breath) for each in (0.0, 3.0, 4.5, 6.0, 9.0)]
    assert shape == pytest.approx([0.0, 0.0, 0.5, 1.0, 2.0])


@given(st.floats(0, 60), st.floats(0, 60), st.floats(0.5, 20))
def test_it_never_asks_for_less_with_less_breath_left(a: float, b: float, breath: float) -> None:
    shorter, longer = (breath_shape(Seconds(each), Seconds(breath)) for each in sorted((a, b)))
    assert 0 <= shorter <= longer < np.inf


@given(st.floats(0, 600))
def test_who_need_not_breathe_is_asked_for_nothing(blown: float) -> None:
    assert breath_shape(Seconds(blown), INSTRUMENTS["vibes"].breath) == 0.0
