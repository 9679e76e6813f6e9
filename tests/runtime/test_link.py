"""Ableton Link: against a stand-in with a clock of its own, and two real Links on one host."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.music.timing import PPQ, Meter, Seconds, Ticks, TimingError
from live_improv.runtime.link import BEFORE_JOINING, DISCOVERY, LinkClock, LinkMissing
from tests.conftest import ROOT

BAR = Meter(4, 4).bar_ticks


class FakeWorld:
    """A clock that stands still between readings, and a session that somebody else plays in."""

    def __init__(self, *, bpm: float = 97.3, beat_zero: float = 3.0, ahead: float = 41.5) -> None:
        self.now = 100.0
        self.ahead = ahead
        self.bpm = bpm
        self.beat_zero = beat_zero  # in our seconds
        self.playing = False
        self.peers = 1
        self.log: list[str] = []
        self.delays: list[float] = []  # what the next readings of Link's clock take
        self.enabled = False
        self.startStopSyncEnabled = False
        self.log.clear()

    def perf_counter(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.log.append(f"wait {seconds:g}")
        self.now += seconds

    # What the module `link` and its objects have.
    def Link(self, bpm: float) -> FakeWorld:
        self.log.append(f"make {bpm:g}")
        return self

    def __setattr__(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)
        if name == "enabled":
            self.log.append(f"enabled {value}")

    def clock(self) -> SimpleNamespace:
        return SimpleNamespace(micros=self.micros)

    def micros(self) -> int:
        """The reading is made at the beginning of the time that it takes."""
        read = round((self.now - self.ahead) * 1e6)
        self.now += self.delays.pop(0) if self.delays else 1e-7
        return read

    def numPeers(self) -> int:
        return self.peers

    def captureAppSessionState(self) -> FakeWorld:
        return self

    def commitAppSessionState(self, _state: object) -> None:
        self.log.append("commit")

    def tempo(self) -> float:
        return self.bpm

    def setTempo(self, bpm: float, micros: int) -> None:
        self.log.append(f"tempo {bpm:g} at {micros / 1e6 + self.ahead:.3f}")

    def isPlaying(self) -> bool:
        return self.playing

    def setIsPlaying(self, playing: bool, micros: int) -> None:
        self.log.append(f"playing {playing} at {micros / 1e6 + self.ahead:.3f}")

    def beatAtTime(self, micros: int, _quantum: float) -> float:
        return (micros / 1e6 + self.ahead - self.beat_zero) * self.bpm / 60

    def timeAtBeat(self, beat: float, _quantum: float) -> float:
        return (self.beat_zero + beat * 60 / self.bpm - self.ahead) * 1e6


@contextmanager
def faked(world: FakeWorld) -> Iterator[FakeWorld]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "link", world)
        patch.setattr(time, "perf_counter", world.perf_counter)
        yield world


@pytest.fixture
def world() -> Iterator[FakeWorld]:
    with faked(FakeWorld()) as world:
        yield world


def test_joining_waits_and_says_nothing_to_the_session(world: FakeWorld) -> None:
    with LinkClock.join(BAR, bpm=120.0, wait=world.wait) as clock:
        clock.begin(Seconds(world.now))
        clock.tempo_map(Seconds(world.now))
        assert (clock.bpm, clock.peers, clock.playing) == (97.3, 1, True)
    assert world.log == [
        "make 120",
        f"wait {BEFORE_JOINING}",
        "enabled True",
        "wait 0.05",
        "enabled False",
    ], "no tempo, no commit"


def test_nobody_is_waited_for_longer_than_a_second(world: FakeWorld) -> None:
    world.peers = 0
    before = world.now
    LinkClock.join(BAR, wait=world.wait)
    assert world.now - before == pytest.approx(BEFORE_JOINING + DISCOVERY)


@given(
    bpm=st.floats(20, 500),
    ahead=st.floats(-1e6, 1e6),
    beat_zero=st.floats(-100, 200),
    meter=st.sampled_from(["4/4", "3/4", "6/8", "7/8", "5/4"]),
    later=st.floats(0, 600),
)
def test_tick_0_is_the_next_bar_line_and_ticks_keep_to_the_beats(
    bpm: float, ahead: float, beat_zero: float, meter: str, later: float
) -> None:
    bar = Meter.parse(meter).bar_ticks
    world = FakeWorld(bpm=bpm, ahead=ahead, beat_zero=beat_zero)
    with faked(world), LinkClock.join(bar, wait=world.wait) as clock:
        begun = world.now
        line = clock.begin(Seconds(begun))
        bar_seconds = bar / PPQ * 60 / bpm
        assert begun - 1e-4 <= line <= begun + bar_seconds + 1e-4
        bars = (line - beat_zero) / bar_seconds
        assert bars == pytest.approx(round(bars), abs=1e-4)
        world.now += later
        tempo = clock.tempo_map(Seconds(world.now))
        assert tempo.seconds_at(Ticks(0)) == pytest.approx(line, abs=1e-4)
        assert tempo.seconds_at(bar) == pytest.approx(line + bar_seconds, abs=1e-4)
        (change,) = tempo.changes
        assert world.now - 1e-4 <= change.at <= world.now + 60 / bpm / PPQ + 1e-4
        assert change.bpm == bpm


def test_another_bar_than_the_first_can_be_begun_at(world: FakeWorld) -> None:
    clock = LinkClock.join(BAR, wait=world.wait)
    eighth_bar = Ticks(7 * BAR)
    line = clock.begin(Seconds(world.now), eighth_bar)
    assert clock.tempo_map(Seconds(world.now)).seconds_at(eighth_bar) == pytest.approx(line)


def test_a_bar_line_that_is_now_is_the_next_one(world: FakeWorld) -> None:
    clock = LinkClock.join(BAR, wait=world.wait)
    line = clock.begin(Seconds(world.now))
    assert clock.begin(line) == pytest.approx(line, abs=1e-5)


def test_a_change_of_tempo_moves_no_tick_that_is_now(world: FakeWorld) -> None:
    clock = LinkClock.join(BAR, wait=world.wait)
    clock.begin(Seconds(world.now))
    world.now += 30
    before = clock.tempo_map(Seconds(world.now))
    beat = world.beatAtTime(round((world.now - world.ahead) * 1e6), 4.0)
    world.bpm, world.beat_zero = 140.0, world.now - beat * 60 / 140.0
    after = clock.tempo_map(Seconds(world.now))
    assert after.changes[0].tick == before.changes[0].tick
    assert after.changes[0].at == pytest.approx(before.changes[0].at, abs=1e-3)
    assert after.bpm_at(after.changes[0].tick) == 140.0


def test_a_reading_that_was_interrupted_does_not_count(world: FakeWorld) -> None:
    clock = LinkClock.join(BAR, wait=world.wait)
    world.delays = [0.02, 0.01, 1e-6, 0.03, 0.02, 0.01, 0.02, 0.05]
    line = clock.begin(Seconds(world.now))
    bars = (line - world.beat_zero) / (4 * 60 / world.bpm)
    assert abs(bars - round(bars)) * 4 * 60 / world.bpm < 2e-6


def test_tempo_and_transport_change_only_when_asked(world: FakeWorld) -> None:
    clock = LinkClock.join(BAR, start_stop=True, wait=world.wait)
    assert world.startStopSyncEnabled
    assert not clock.playing
    world.playing = True
    assert clock.playing
    world.log.clear()
    clock.ask_tempo(150.0, Seconds(200.0))
    clock.ask_playing(False, Seconds(201.0))
    assert world.log == ["tempo 150 at 200.000", "commit", "playing False at 201.000", "commit"]
    with pytest.raises(TimingError):
        clock.ask_tempo(1000.0, Seconds(200.0))


def test_a_transport_that_is_not_shared_is_let_alone(world: FakeWorld) -> None:
    clock = LinkClock.join(BAR, wait=world.wait)
    world.log.clear()
    clock.ask_playing(True, Seconds(200.0))
    assert clock.playing
    assert world.log == []


@pytest.mark.parametrize("there", [None, SimpleNamespace()])
def test_without_the_extra_there_is_one_line(
    monkeypatch: pytest.MonkeyPatch, there: object
) -> None:
    monkeypatch.setitem(sys.modules, "link", there)
    with pytest.raises(LinkMissing, match=r"pip install 'live-improv\[link\]'$") as raised:
        LinkClock.join(BAR)
    assert str(raised.value).isprintable()


def test_the_package_is_imported_only_to_join() -> None:
    code = "import live_improv.runtime.link, sys; sys.exit('link' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


TEMPO = 97.3
ROUNDS, JOINERS = 4, 5

# The one who was there before: it uses the package itself, and tells of every change of tempo.
FIRST = """
import json, sys, time
from link import Link
link = Link(120.0)
changes = []
time.sleep(0.5)
link.enabled = True
clock = link.clock()
state = link.captureAppSessionState()
state.setTempo(float(sys.argv[1]), clock.micros())
link.commitAppSessionState(state)
time.sleep(0.1)
link.setTempoCallback(changes.append)
print("ready", flush=True)
for _ in sys.stdin:
    state = link.captureAppSessionState()
    here, micros = time.perf_counter(), clock.micros()
    line = here - state.phaseAtTime(micros, 4.0) * 60 / state.tempo()
    said = {"bpm": state.tempo(), "line": line, "peers": link.numPeers(), "changes": changes}
    print(json.dumps(said), flush=True)
"""

# Some who join at the same time, each at a tempo of their own, and leave, and join again.
JOINING = """
import json, sys, threading, time
from live_improv.music.timing import Ticks
from live_improv.runtime.link import LinkClock
rounds, joiners = int(sys.argv[1]), int(sys.argv[2])
def join():
    with LinkClock.join(Ticks(1920), bpm=120.0) as clock:
        end = time.perf_counter() + 3
        while abs(clock.bpm - 120.0) < 1 and time.perf_counter() < end:
            time.sleep(0.01)
        together.wait()
        now = time.perf_counter()
        line = clock.begin(now)
        mapped = clock.tempo_map(now).seconds_at(0)
        said = {"bpm": clock.bpm, "line": line, "peers": clock.peers, "mapped": mapped}
        sys.stdout.write(json.dumps(said) + "\\n")  # one piece: others write too
        together.wait()
for _ in range(rounds):
    together = threading.Barrier(joiners)
    threads = [threading.Thread(target=join) for _ in range(joiners)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


@pytest.mark.realtime
def test_joining_twenty_times_changes_no_tempo_and_finds_the_bar_line() -> None:
    pytest.importorskip("link", reason="the extra `link` is not installed")
    pipe = subprocess.PIPE

    def start(source: str, *arguments: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", source, *map(str, arguments)]
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT)

    with start(FIRST, TEMPO) as first:
        assert first.stdin is not None
        assert first.stdout is not None
        try:
            assert first.stdout.readline() == "ready\n"
            output = start(JOINING, ROUNDS, JOINERS).communicate(timeout=60)[0]
            said = [json.loads(line) for line in output.splitlines()]
            answer = first.communicate("?\n", timeout=20)[0]
        finally:
            first.kill()
    told = json.loads(answer)
    assert len(said) == ROUNDS * JOINERS
    if not any(one["peers"] for one in said):
        pytest.skip("multicast is closed on this machine: Link finds nobody")
    assert told["bpm"] == pytest.approx(TEMPO, abs=0.001)
    assert told["changes"] == [], "nobody who joined changed the tempo"
    bar = 4 * 60 / told["bpm"]
    for one in said:
        assert one["bpm"] == pytest.approx(TEMPO, abs=0.001)
        assert one["mapped"] == pytest.approx(one["line"], abs=1e-4)
        bars = (one["line"] - told["line"]) / bar
        assert abs(bars - round(bars)) * bar < 0.005, "the bar lines agree"
