"""The composition root: what a request becomes."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from live_improv import model_folder
from live_improv.app import Performance
from live_improv.music.events import NoteOn, ProgramChange, Timed
from live_improv.music.timing import Ticks
from live_improv.performance.controls import Knobs
from live_improv.performance.harmony import ChordSource
from live_improv.repertoire import read_chart
from live_improv.request import Request
from tests.recordings import recorded
from tests.test_loop import offline

LOAD = cache(model_folder.load)


@pytest.fixture(autouse=True)
def _loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The default model is read from disk only once."""
    monkeypatch.setattr(model_folder, "load", LOAD)


def test_one_seed_begins_otherwise_on_another_tune() -> None:
    blues, bossa = (
        [
            (t.tick, t.event.pitch)
            for t in offline(Request(chart=name, bars=4, bpm=140.0))
            if isinstance(t.event, NoteOn)
        ]
        for name in ("blues_in_f", "bossa")
    )
    assert {tick for tick, _ in blues[:6]} != {tick for tick, _ in bossa[:6]}


def test_a_program_is_asked_for_before_all() -> None:
    opening = Performance(Request(channel=4, program=11, count_in=2)).opening()
    assert opening == [Timed(Ticks(-2 * 1920), ProgramChange(11, 4))]
    assert Performance(Request()).opening() == []


def test_how_long_it_is() -> None:
    assert Performance(Request(bars=5)).length == 5 * 1920
    assert Performance(Request(choruses=3)).length == 3 * 12 * 1920
    assert Performance(Request(chart="five_four", bars=25)).length == 25 * 2400
    assert Performance(Request(chart="slow_twelve_eight", choruses=1)).length == 12 * 2880


def test_how_long_it_is_with_a_player(tmp_path: Path) -> None:
    """To the end of their last bar, and a turn longer: they may be answered."""
    player = recorded(tmp_path, [(0, 60, 480), (2 * 1920 + 10, 62, 400)])
    assert Performance(Request(), player).length == (3 + 4) * 1920
    assert Performance(Request(knobs=Knobs(trade=2)), player).length == (3 + 2) * 1920
    assert Performance(Request(bars=2), player).length == 2 * 1920
    waltz = Request(chart="jazz_waltz")
    assert Performance(waltz, player).length == (3 + 4) * 1440


def test_the_tempo_is_that_of_the_player_unless_one_is_asked_for(tmp_path: Path) -> None:
    player = recorded(tmp_path, [(0, 60, 480)], tempi=[(0, 90), (1920, 180)])
    performance = Performance(Request(bars=4), player)
    assert performance.bpm == pytest.approx(90.0, abs=0.001)
    assert performance.tempo.bpm_at(Ticks(2000)) == pytest.approx(180.0, abs=0.001)
    assert Performance(Request(bars=4, bpm=77.0), player).bpm == 77.0


def test_where_it_begins() -> None:
    assert Performance(Request(count_in=0)).start == 0
    assert Performance(Request(count_in=2)).start == -2 * 1920
    assert Performance(Request(chart="five_four", count_in=1)).start == -2400


def test_chords_that_are_played_need_no_chart() -> None:
    free = Performance(Request(chords=ChordSource.LIVE, bpm=111.0))
    assert free.bpm == 111.0
    assert all(span.chord.root is None for span in free.changes.chords)
    assert Performance(Request(chords=ChordSource.BOTH)).changes.title != free.changes.title
    assert Performance(Request("bossa", chords=ChordSource.LIVE)).changes == read_chart("bossa")


def test_the_tempo_is_the_askers_or_the_charts_or_usual(tmp_path: Path) -> None:
    chart = tmp_path / "x.txt"
    chart.write_text("tempo: 99\nC7")
    assert Performance(Request(str(chart), bpm=200.0)).bpm == 200.0
    assert Performance(Request(str(chart))).bpm == 99.0
    chart.write_text("C7")
    assert Performance(Request(str(chart))).bpm == 140.0
