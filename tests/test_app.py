"""The composition root and the loop: live and offline play the same, and charts can be played."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from random import Random

import pytest

from live_improv import assets, model_folder
from live_improv.app import (
    Performance,
    Request,
    Script,
    read_chart,
    run,
    undisturbed,
)
from live_improv.assets import AssetError
from live_improv.charts.text import ChartError, parse
from live_improv.grammar.context import Context
from live_improv.music.chords import ChordSymbolError
from live_improv.music.events import (
    Event,
    Heard,
    NoteOff,
    NoteOn,
    ProgramChange,
    Timed,
)
from live_improv.music.timing import PPQ, Seconds, TempoMap, Ticks
from live_improv.performance.clock import VirtualClock
from live_improv.performance.controls import MODES, Knobs, Turned
from live_improv.performance.feel import Feel, swing_ratio
from live_improv.performance.hands import Hands
from live_improv.performance.harmony import ChordSource, Harmony
from live_improv.performance.improviser import Improviser
from live_improv.performance.incoming import Incoming
from live_improv.performance.partner import Listening
from live_improv.performance.session import Parts, Session, Span, State
from live_improv.performance.soloist import Soloist
from live_improv.performance.taste import Taste
from live_improv.performance.transport import ClockSource, Transport
from live_improv.performance.turns import First, Mode, Turns
from tests.charts.test_text import records, written
from tests.recordings import recorded
from tests.small_nets import random_weights

NET = random_weights(1, 0.5)


@pytest.fixture(autouse=True)
def _loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The default model is read from disk only once."""
    monkeypatch.setattr(model_folder, "load", LOAD)


LOAD = cache(model_folder.load)


class Kept:
    """A sink that keeps the events. It can interrupt at one of them, before or after keeping it."""

    def __init__(self, fails_at: int | None = None, *, sent: bool = False) -> None:
        self.timed: list[Timed] = []
        self.fails_at = fails_at
        self.sent = sent

    @property
    def events(self) -> list[Event]:
        """The events alone."""
        return [timed.event for timed in self.timed]

    def send(self, timed: Timed) -> None:
        """Keep one event."""
        fails = len(self.timed) == self.fails_at
        if fails:
            self.fails_at = None
        if self.sent or not fails:
            self.timed.append(timed)
        if fails:
            raise KeyboardInterrupt


class RealEnough:
    """A clock like a real one: time passes by itself, and waiting ends late, nearly too late."""

    def __init__(self) -> None:
        self.moment = 5000.0
        self.chance = Random(4)

    def now(self) -> Seconds:
        """The moment, a little later every time."""
        self.moment += self.chance.random() * 1e-4
        return Seconds(self.moment)

    def wait(self, until: Seconds) -> None:
        """Be there, or too late."""
        late = self.chance.choice((0.0, 1e-4, 2e-3, 0.04))
        self.moment = max(self.moment, until + late)


LEAD_IN = 0.05


def live(request: Request, script: Sequence[tuple[float, Event]] = ()) -> list[Timed]:
    """The events of a performance by a clock like a real one; the script counts from its start."""
    performance, sink, clock = Performance(request), Kept(), RealEnough()
    start = Seconds(clock.now() + LEAD_IN)
    items = [(start + at, Heard(Seconds(start + at), event)) for at, event in script]
    run(performance.session(start), clock, sink, Script(_items(items)))
    return sink.timed


def offline(request: Request, script: Sequence[tuple[float, Event]] = ()) -> list[Timed]:
    """The events of a performance under the virtual clock."""
    performance, sink = Performance(request), Kept()
    items = [(at, Heard(Seconds(at), event)) for at, event in script]
    run(performance.session(Seconds(0.0)), VirtualClock(), sink, Script(_items(items)))
    return sink.timed


def _items(items: Sequence[tuple[float, Incoming]]) -> list[tuple[Seconds, Incoming]]:
    return [(Seconds(at), item) for at, item in items]


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("bpm", [60.0, 300.0])
def test_live_and_offline_play_the_same(seed: int, bpm: float) -> None:
    request = Request(bpm=bpm, bars=8, seed=seed, channel=4)
    expected = offline(request)
    assert live(request) == expected
    assert len(expected) > 10
    assert {timed.event.channel for timed in expected if isinstance(timed.event, NoteOn)} == {4}


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


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("count_in", [0, 1])
def test_the_moment_of_the_start_changes_nothing(mode: str, count_in: int) -> None:
    knobs = Knobs(mode=mode, trade=1)
    performance = Performance(Request(bars=6, knobs=knobs, count_in=count_in))
    call = [(0.5 + i / 8, event) for i, event in enumerate(phrase())]
    found = []
    for start in (0.0, 0.0625, 12345.5):
        sink = Kept()
        items = [(start + at, Heard(Seconds(start + at), event)) for at, event in call]
        run(performance.session(Seconds(start)), VirtualClock(), sink, Script(_items(items)))
        found.append(sink.timed)
    assert found[0] == found[1] == found[2]
    ticks = [timed.tick for timed in found[0]]
    assert ticks == sorted(ticks)
    assert ticks[0] == -1920 if count_in else ticks[0] >= 0


def phrase() -> list[Event]:
    """A call: keys that go down and come up, one event after the other."""
    return [each(pitch) for pitch in (60, 62, 64, 65, 67) for each in (_on, NoteOff)]


def _on(pitch: int) -> NoteOn:
    return NoteOn(pitch, 80)


@pytest.mark.parametrize("mode", MODES)
def test_live_as_offline_with_a_player(mode: str) -> None:
    """Late as it is, a real clock never lets us play over the player nor leaves a note."""
    script = [(1.0 + i / 8, event) for i, event in enumerate(phrase())]
    request = Request(bpm=140.0, bars=12, knobs=Knobs(mode=mode, trade=2, follow=0.0))
    late, exact = live(request, script), offline(request, script)
    for timed in (late, exact):
        assert not sounding([each.event for each in timed])
        if mode == "trade":
            ons = [each.tick for each in timed if isinstance(each.event, NoteOn)]
            assert all((tick + PPQ) // 3840 % 2 or tick // 3840 % 2 for tick in ons)
    if mode == "solo":
        assert late == exact


def sounding(events: list[Event]) -> set[int]:
    """The pitches that are left sounding; an off too many does no harm."""
    left: set[int] = set()
    for event in events:
        if isinstance(event, NoteOn):
            left.add(event.pitch)
        elif isinstance(event, NoteOff):
            left.discard(event.pitch)
    return left


@pytest.mark.parametrize("sent", [False, True])
@pytest.mark.parametrize("fails_at", range(8))
def test_whoever_interrupts_leaves_silence(fails_at: int, sent: bool) -> None:
    sink = Kept(fails_at, sent=sent)
    clock = RealEnough()
    session = Performance(Request()).session(Seconds(clock.now() + LEAD_IN))
    with pytest.raises(KeyboardInterrupt):
        run(session, clock, sink, Script())
    assert len(sink.events) >= fails_at
    assert not sounding(sink.events)


def test_a_performance_without_a_length_goes_on() -> None:
    performance = Performance(Request())
    assert performance.length is None
    sink = Kept(fails_at=2000)
    with pytest.raises(KeyboardInterrupt):
        run(performance.session(Seconds(0.0)), VirtualClock(), sink, Script())
    assert not sounding(sink.events)


@pytest.mark.parametrize("clock", ["midi", "link"])
def test_waiting_for_a_clock_that_never_comes_ends_with_the_script(clock: str) -> None:
    """A source that is closed and a transport that stands: there is nothing to wait for."""
    sink = Kept()
    session = Performance(Request(bars=4, knobs=Knobs(clock=clock))).session(Seconds(0.0))
    run(session, VirtualClock(), sink, Script(_items([(1.0, Heard(Seconds(1.0), _on(60)))])))
    assert sink.events == []
    assert session.state is State.STOPPED


def test_a_session_that_waits_for_others_is_asked_now_and_then() -> None:
    """With an open source and nothing to do it waits a while, not for ever, and not busily."""

    class Open(Script):
        open = True
        asked = 0

        def take(self, now: Seconds) -> list[Incoming]:
            self.asked += 1
            return [Turned("quit", True)] if now > 9.5 else []

    source, clock = Open(), VirtualClock()
    session = Performance(Request(knobs=Knobs(clock="midi"))).session(Seconds(0.0))
    run(session, clock, Kept(), source)
    assert 10 <= source.asked <= 12


def test_what_comes_is_taken_in_order_and_once() -> None:
    items = [(Seconds(at), Turned("follow", at)) for at in (0.5, 0.25, 0.75, 0.25)]
    script = Script(items)
    assert script.next_at() == 0.25
    assert script.take(Seconds(0.2)) == []
    assert [item.value for item in script.take(Seconds(0.5))] == [0.25, 0.25, 0.5]  # type: ignore[union-attr]
    assert script.next_at() == 0.75
    assert len(script.take(Seconds(9.0))) == 1
    assert script.next_at() is None
    assert not script.open


def test_the_collector_is_quiet_within_and_works_after() -> None:
    with undisturbed():
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
    with pytest.raises(KeyboardInterrupt), undisturbed():
        raise KeyboardInterrupt
    assert gc.isenabled()


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
