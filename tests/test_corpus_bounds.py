"""Corpora that say much in few bytes: they are refused or read, soon and in little memory."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path
from typing import Any

import pytest

from live_improv.corpus import CorpusError, read_corpus, solo_of
from tests.test_corpus import BEATS, TRANSCRIPTION


def packed(path: Path, data: bytes) -> Path:
    path.write_bytes(gzip.compress(data))
    return path


HOSTILE: dict[str, tuple[bytes, str]] = {
    "a short chart that goes round a million times": (
        json.dumps(
            {**TRANSCRIPTION, "chart_quarters": 0.05, "choruses": [{"quarters": 5e4, "notes": []}]}
        ).encode(),
        "more than 100000 chords",
    ),
    "ten million empty lines": (b"\n" * 10_000_000, "over 100000 empty lines"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_much_in_few_bytes_is_refused_within_a_second(tmp_path: Path, name: str) -> None:
    data, said = HOSTILE[name]
    path = packed(tmp_path / "a.jsonl.gz", data)
    begun = time.process_time()
    with pytest.raises(CorpusError, match=said):
        list(read_corpus(path))
    assert time.process_time() - begun < 1


def test_many_changes_of_meter_take_no_time() -> None:
    beats = 20_000
    record: dict[str, Any] = {
        **BEATS,
        "meter": [[beat, 1 + beat % 3] for beat in range(beats)],
        "notes": [[0, 1, 60], [beats, 1, 60]],
    }
    begun = time.process_time()
    bars = solo_of(record).changes.bars
    assert time.process_time() - begun < 1
    # A meter holds from the bar it falls in.
    assert all(bar.meter.numerator == 1 + bar.start // 480 % 3 for bar in bars[:-1])


def test_of_meters_that_stand_out_of_order_the_later_in_the_list_holds() -> None:
    record = {**BEATS, "meter": [[0, 4], [8, 3], [4, 2]], "notes": [[0, 1, 60], [13, 1, 60]]}
    assert [str(bar.meter) for bar in solo_of(record).changes.bars] == ["4/4", *["2/4"] * 5]


def test_a_value_without_end_is_not_told_to_its_end(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.jsonl.gz", json.dumps({"ticks_per_beat": [9] * 10_000}).encode())
    with pytest.raises(CorpusError) as caught:
        list(read_corpus(path))
    assert len(str(caught.value)) < len(str(path)) + 300
