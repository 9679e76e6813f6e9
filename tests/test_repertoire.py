"""The repertoire: charts by link, file and name, and what of them can be played over."""

from __future__ import annotations

from pathlib import Path

import pytest

from live_improv import assets
from live_improv.assets import AssetError
from live_improv.charts.text import ChartError, parse
from live_improv.grammar.context import Context
from live_improv.loop import Script, run
from live_improv.music.chords import ChordSymbolError
from live_improv.music.events import NoteOn
from live_improv.music.timing import PPQ, TempoMap, Ticks
from live_improv.performance.clock import VirtualClock
from live_improv.performance.controls import Knobs
from live_improv.performance.feel import Feel, swing_ratio
from live_improv.performance.hands import Hands
from live_improv.performance.harmony import ChordSource, Harmony
from live_improv.performance.improviser import Improviser
from live_improv.performance.partner import Listening
from live_improv.performance.parts import Parts, Span
from live_improv.performance.session import Session, State
from live_improv.performance.soloist import Soloist
from live_improv.performance.taste import Taste
from live_improv.performance.transport import ClockSource, Transport
from live_improv.performance.turns import First, Mode, Turns
from live_improv.repertoire import read_chart
from tests.charts.test_text import records, written
from tests.small_nets import random_weights
from tests.test_loop import Kept, sounding

NET = random_weights(1, 0.5)


def test_a_chart_is_titled_by_its_file_if_by_nothing_else(tmp_path: Path) -> None:
    chart = tmp_path / "my tune.txt"
    chart.write_text("C7")
    assert read_chart(str(chart)).title == "my tune"
    chart.write_text("\ufefftitle: Another\nC7")
    assert read_chart(str(chart)).title == "Another"
    assert read_chart("blues_in_f") == read_chart("blues_in_f.txt")
    assert read_chart(str(assets.chart_path("blues_in_f"))) == read_chart("blues_in_f")


def test_charts_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(AssetError, match="blues_in_f"):
        read_chart("no_such_chart")
    with pytest.raises(AssetError):
        read_chart(str(tmp_path))
    with pytest.raises(AssetError):
        read_chart("../charts/blues_in_f")
    chart = tmp_path / "x.txt"
    for content, error in (
        (b"", ChartError),
        (b"C7 | Hm7", ChordSymbolError),
        (b"\xff\xfeC", ChartError),
        (b"C |" * 400_000, ChartError),
    ):
        chart.write_bytes(content)
        with pytest.raises(error):
            read_chart(str(chart))


def test_charts_of_others_can_be_improvised_over(data_dir: Path) -> None:
    """All the reference charts, for two bars each, by a net that nobody taught."""
    names = ("leadsheets.jsonl.gz", "leadsheets_jazzstandards.jsonl.gz")
    charts = [record for name in names for record in records(data_dir, name)]
    assert len(charts) == 1966
    meters = set()
    for record in charts:
        changes = parse(written(record))
        meters.add(str(changes.bars[0].meter))
        bpm = changes.tempo or 140.0
        context = Context(changes, bpm, straight=True)
        end = changes.bars_ticks(2)
        soloist = Soloist(
            Improviser(NET, context, Taste(seed=3), Ticks(0)),
            Feel(swing_ratio(bpm), 3),
            0,
            Ticks(PPQ),
            end,
        )
        session = Session(
            soloist,
            Parts(
                transport=Transport(ClockSource.INTERNAL, TempoMap.constant(bpm)),
                turns=Turns(Mode.SOLO, 4, First.PLAYER, Ticks(0)),
                harmony=Harmony(changes, ChordSource.CHART),
                span=Span(Ticks(0), end),
                listening=Listening(),
                knobs=Knobs(),
                hands=Hands(),
            ),
        )
        sink = Kept()
        run(session, VirtualClock(), sink, Script())
        assert session.state is State.ENDED, record["title"]
        assert sink.events, record["title"]
        assert not sounding(sink.events)
        assert all(0 <= timed.tick <= end for timed in sink.timed)
        assert all(55 <= event.pitch <= 84 for event in sink.events if isinstance(event, NoteOn))
    assert meters >= {"4/4", "3/4", "5/4", "6/8", "12/8"}
