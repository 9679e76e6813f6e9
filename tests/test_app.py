"""The composition root and the loop: live and offline play the same, and charts can be played."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random

import mido
import pytest

from live_improv import app, assets, model_folder
from live_improv.app import (
    ChartFileError,
    Performance,
    Request,
    play_live,
    play_offline,
    read_chart,
    run,
)
from live_improv.assets import AssetError
from live_improv.charts.text import ChartError, parse
from live_improv.grammar.context import Context
from live_improv.midi.ports import OutputPort
from live_improv.music.chords import ChordSymbolError
from live_improv.music.events import Event, NoteOff, NoteOn, ProgramChange, Timed
from live_improv.music.timing import Seconds, TempoMap, Ticks
from live_improv.performance.clock import VirtualClock
from live_improv.performance.feel import Feel, swing_ratio
from live_improv.performance.improviser import Improviser, Taste
from live_improv.performance.session import Mode, Session, Span
from tests.charts.test_text import records, written
from tests.small_nets import random_weights

NET = random_weights(1, 0.5)


@pytest.fixture(autouse=True)
def _loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The default model is read from disk only once."""
    monkeypatch.setattr(model_folder, "load", LOAD)


LOAD = cache(model_folder.load)


class Recorder:
    """A sink that keeps the events."""

    def __init__(self) -> None:
        self.events: list[Timed] = []

    def send(self, timed: Timed) -> None:
        """Keep one event."""
        self.events.append(timed)


class FakePort(OutputPort):
    """An open port without a system behind it.

    The event of one number interrupts the player, after it was sent or before.
    """

    def __init__(self, fails_at: int | None = None, *, sent: bool = False) -> None:
        super().__init__(None, "fake", virtual=False)
        self.events: list[Event] = []
        self.fails_at = fails_at
        self.sent = sent

    def send(self, event: Event) -> None:
        """Keep one event."""
        if len(self.events) == self.fails_at:
            self.fails_at = None
            if self.sent:
                self.events.append(event)
            raise KeyboardInterrupt
        self.events.append(event)


class RealEnough:
    """A clock like a real one: time passes by itself, and waiting ends late, sometimes very."""

    def __init__(self) -> None:
        self.moment = 5000.0
        self.chance = Random(4)

    def now(self) -> Seconds:
        """The moment, a little later every time."""
        self.moment += self.chance.random() * 1e-4
        return Seconds(self.moment)

    def wait(self, until: Seconds) -> None:
        """Be there, or too late."""
        late = self.chance.choice((0.0, 1e-4, 2e-3, 0.25))
        self.moment = max(self.moment, until + late)


@pytest.fixture
def real_enough(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Live playing by that clock."""
    monkeypatch.setattr(app, "WallClock", RealEnough)
    yield
    gc.unfreeze()


def offline(request: Request) -> list[Timed]:
    """The events of a performance under the virtual clock."""
    performance, sink = Performance(request), Recorder()
    for timed in performance.opening():
        sink.send(timed)
    run(performance.session(Seconds(0.0)), VirtualClock(), sink)
    return sink.events


@pytest.mark.usefixtures("real_enough")
@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("bpm", [60.0, 300.0])
def test_live_and_offline_play_the_same(seed: int, bpm: float) -> None:
    request = Request(bpm=bpm, bars=8, taste=Taste(seed=seed), channel=4, program=11)
    port = FakePort()
    play_live(Performance(request), port)
    expected = [timed.event for timed in offline(request)]
    assert port.events == expected
    assert expected[0] == ProgramChange(11, 4)
    assert len(expected) > 10


def test_the_moment_of_the_start_changes_nothing() -> None:
    performance = Performance(Request(bars=6))
    found = []
    for start in (0.0, 0.05, 12345.678):
        sink = Recorder()
        run(performance.session(Seconds(start)), VirtualClock(), sink)
        found.append(sink.events)
    assert found[0] == found[1] == found[2]
    ticks = [timed.tick for timed in found[0]]
    assert ticks == sorted(ticks)
    assert ticks[0] == 0


def sounding(events: list[Event]) -> set[int]:
    """The pitches that are left sounding; an off too many does no harm."""
    left: set[int] = set()
    for event in events:
        if isinstance(event, NoteOn):
            left.add(event.pitch)
        elif isinstance(event, NoteOff):
            left.discard(event.pitch)
    return left


@pytest.mark.usefixtures("real_enough")
@pytest.mark.parametrize("sent", [False, True])
@pytest.mark.parametrize("fails_at", range(8))
def test_whoever_interrupts_leaves_silence(fails_at: int, sent: bool) -> None:
    port = FakePort(fails_at, sent=sent)
    with pytest.raises(KeyboardInterrupt):
        play_live(Performance(Request()), port)
    assert len(port.events) >= fails_at
    assert not sounding(port.events)


def test_a_performance_without_a_length_goes_on() -> None:
    performance = Performance(Request())
    assert performance.length is None
    port = FakePort(fails_at=2000)

    class Sink:
        def send(self, timed: Timed) -> None:
            port.send(timed.event)

    with pytest.raises(KeyboardInterrupt):
        run(performance.session(Seconds(0.0)), VirtualClock(), Sink())
    assert not sounding(port.events)


def test_how_long_it_is() -> None:
    assert Performance(Request(bars=5)).length == 5 * 1920
    assert Performance(Request(choruses=3)).length == 3 * 12 * 1920
    assert Performance(Request(chart="five_four", bars=25)).length == 25 * 2400
    assert Performance(Request(chart="slow_twelve_eight", choruses=1)).length == 12 * 2880


def test_the_tempo_is_the_askers_or_the_charts_or_usual(tmp_path: Path) -> None:
    chart = tmp_path / "x.txt"
    chart.write_text("tempo: 99\nC7")
    assert Performance(Request(str(chart), bpm=200.0)).bpm == 200.0
    assert Performance(Request(str(chart))).bpm == 99.0
    chart.write_text("C7")
    assert Performance(Request(str(chart))).bpm == 140.0


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
        (b"\xff\xfeC", ChartFileError),
        (b"C |" * 400_000, ChartFileError),
    ):
        chart.write_bytes(content)
        with pytest.raises(error):
            read_chart(str(chart))


def check_file(path: Path, count: int, length: int) -> None:
    """A file that parses, with that many solo notes, each with its off, and one end per track."""
    found = mido.MidiFile(path)
    assert (found.type, found.ticks_per_beat, len(found.tracks)) == (1, 480, 3)
    solo_ons = 0
    for number, track in enumerate(found.tracks):
        at, left = 0, set()
        for message in track:
            at += message.time
            if message.type == "note_on":
                assert message.velocity > 0
                assert message.note not in left
                left.add(message.note)
                solo_ons += number == 1
            elif message.type == "note_off":
                left.remove(message.note)
        assert not left
        assert at == length
        assert [message.type for message in track].count("end_of_track") == 1
    assert solo_ons == count


@pytest.mark.parametrize("name", assets.chart_names())
def test_each_of_our_charts_can_be_improvised_over(tmp_path: Path, name: str) -> None:
    out = tmp_path / "solo.mid"
    performance = Performance(Request(chart=name, choruses=1))
    count = play_offline(performance, out)
    bars = len(performance.changes.bars)
    assert count >= bars  # a note a bar at the very least
    assert performance.length is not None
    check_file(out, count, performance.length)


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
        session = Session(
            Improviser(NET, context, Taste(seed=3), Ticks(0)),
            Feel(swing_ratio(bpm), 3),
            TempoMap.constant(bpm),
            Span(Ticks(0), end),
        )
        sink = Recorder()
        run(session, VirtualClock(), sink)
        assert session.mode is Mode.ENDED, record["title"]
        assert sink.events, record["title"]
        assert not sounding([timed.event for timed in sink.events])
        assert all(0 <= timed.tick <= end for timed in sink.events)
        assert all(
            55 <= timed.event.pitch <= 84
            for timed in sink.events
            if isinstance(timed.event, NoteOn)
        )
    assert meters >= {"4/4", "3/4", "5/4", "6/8", "12/8"}
