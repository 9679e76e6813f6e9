"""The transport: where the music is by any clock, and that every jump is told and no other."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.music.events import Continue, Event, Pulse, SongPosition, Start, Stop
from live_improv.music.timing import PPQ, Seconds, TempoChange, TempoMap, Ticks
from live_improv.performance.transport import Beat, ClockSource, Shift, Transport
from tests.listening.senders import Reference, interval

INTERNAL, MIDI, LINK = ClockSource.INTERNAL, ClockSource.MIDI, ClockSource.LINK
OURS = TempoMap.constant(120.0)
PULSE = 20
"""Ticks."""

BAR = Ticks(1920)


class Stage:
    """A transport and a clock of some tempo that it hears, pulse by pulse."""

    def __init__(self, source: ClockSource = MIDI, bpm: float = 90.0) -> None:
        self.transport = Transport(source, OURS)
        self.gap = interval(bpm)
        self.now = 50.0
        self.shifts: list[Shift] = []

    @property
    def place(self) -> int:
        """Where the music is now."""
        transport = self.transport
        if not transport.running:
            return transport.position
        return transport.tempo.tick_at(Seconds(self.now))

    def hears(self, *events: Event) -> list[Shift | None]:
        """Messages, each of them at this moment."""
        return [self.told(self.transport.hear(event, Seconds(self.now))) for event in events]

    def pulses(self, count: int) -> None:
        """Pulses, each after its time."""
        for _ in range(count):
            self.now += self.gap
            self.hears(Pulse())

    def waits(self, seconds: float) -> None:
        """Nothing comes."""
        self.now += seconds

    def switches(self, source: ClockSource) -> Shift | None:
        """Another clock."""
        return self.told(self.transport.switch(source, Seconds(self.now)))

    def follows(self, beat: Beat) -> Shift | None:
        """Link says something."""
        return self.told(self.transport.follow(beat, Seconds(self.now)))

    def told(self, shift: Shift | None) -> Shift | None:
        """Keep what was told."""
        if shift is not None:
            self.shifts.append(shift)
        return shift


def link(tick: int, now: float, bpm: float = 100.0, *, running: bool = True) -> Beat:
    """What Link says when it is at `tick` now."""
    return Beat(TempoMap((TempoChange(Ticks(tick), Seconds(now), bpm),)), running)


# Our own clock


def test_our_own_clock_runs_from_the_beginning() -> None:
    stage = Stage(INTERNAL)
    transport = stage.transport
    assert transport.running
    assert transport.tempo == OURS
    assert not transport.lost(Seconds(1e9))
    transport.offset = Seconds(0.1)
    assert transport.tempo == OURS, "the offset is to a clock that is followed"


def test_our_own_clock_does_not_listen() -> None:
    stage = Stage(INTERNAL)
    stage.pulses(30)
    assert stage.hears(Start(), SongPosition(8), Stop(), Continue()) == [None] * 4
    assert stage.follows(link(0, stage.now)) is None
    assert stage.transport.running
    assert stage.transport.tempo == OURS


@pytest.mark.parametrize("at", [0.0, 3.3, 1234.5])
def test_the_downbeat_is_now(at: float) -> None:
    transport = Transport(INTERNAL, OURS)
    left = OURS.tick_at(Seconds(at))
    assert transport.downbeat(Seconds(at), BAR) == Shift(left, Ticks(0))
    assert transport.tempo.seconds_at(Ticks(0)) == at
    assert transport.tempo.bpm_at(Ticks(0)) == 120.0


def test_the_downbeat_keeps_the_tempo_that_holds_now() -> None:
    transport = Transport(INTERNAL, OURS.with_tempo(Ticks(960), 60.0))
    transport.downbeat(Seconds(0.5), BAR)
    assert transport.tempo.bpm_at(Ticks(0)) == 120.0
    transport = Transport(INTERNAL, OURS.with_tempo(Ticks(960), 60.0))
    transport.downbeat(Seconds(5.0), BAR)
    assert transport.tempo.bpm_at(Ticks(0)) == 60.0


# A MIDI clock


def test_it_waits_for_a_clock() -> None:
    stage = Stage()
    assert not stage.transport.running
    assert stage.transport.position == 0
    stage.pulses(100)
    assert not stage.transport.running, "pulses alone tell no place"
    assert stage.shifts == []


@pytest.mark.parametrize("bpm", [40.0, 90.0, 240.0])
def test_a_running_clock_is_started(bpm: float) -> None:
    stage = Stage(bpm=bpm)
    stage.pulses(48)
    stage.waits(stage.gap / 2)
    assert stage.hears(Start()) == [Shift(Ticks(0), Ticks(0))]
    assert stage.transport.running
    assert stage.transport.tempo.bpm_at(Ticks(0)) == pytest.approx(bpm)
    first = stage.transport.tempo.seconds_at(Ticks(0))
    assert first == pytest.approx(stage.now + stage.gap / 2)


@pytest.mark.parametrize("bpm", [40.0, 90.0, 240.0])
@pytest.mark.parametrize("waits", [0.001, 0.5, 20.0])
def test_a_start_out_of_silence_waits_for_its_first_pulse(bpm: float, waits: float) -> None:
    stage = Stage(bpm=bpm)
    assert stage.hears(Start()) == [None]
    assert not stage.transport.running
    stage.waits(waits)
    assert stage.hears(Pulse()) == [Shift(Ticks(0), Ticks(0))]
    assert stage.transport.running
    # Nobody has told the tempo yet: ours has to do; but beat 1 was now.
    assert stage.transport.tempo.seconds_at(Ticks(0)) == stage.now
    assert stage.transport.tempo.bpm_at(Ticks(0)) == 120.0
    for number in range(1, 30):
        stage.pulses(1)
        # From then on the place is right at each pulse, and soon the tempo is.
        assert abs(stage.place - number * PULSE) <= 1
        if number > 3:
            assert stage.transport.tempo.bpm_at(Ticks(0)) == pytest.approx(bpm)
    assert len(stage.shifts) == 1


def test_a_place_that_is_said_before_the_first_pulse_counts() -> None:
    stage = Stage()
    assert stage.hears(SongPosition(16), Continue(), SongPosition(32)) == [None] * 3
    assert stage.hears(Pulse()) == [Shift(Ticks(1920), Ticks(32 * 120))]


def test_a_start_that_is_called_off_before_its_first_pulse() -> None:
    stage = Stage()
    assert stage.hears(SongPosition(16), Start(), Stop()) == [None] * 3
    assert not stage.transport.running
    assert stage.transport.position == 0, "the start was at 0, and it is stopped there"
    stage.pulses(40)
    assert not stage.transport.running
    assert stage.shifts == []


def test_a_place_while_stopped_is_known() -> None:
    stage = Stage()
    stage.hears(SongPosition(100))
    assert stage.place == 12_000
    stage.pulses(3)
    assert stage.place == 12_000
    stage.hears(Continue())
    assert stage.shifts == [Shift(Ticks(12_000), Ticks(12_000))]


def test_stop_and_go_on() -> None:
    stage = Stage()
    stage.pulses(30)
    stage.hears(Start())
    stage.pulses(100)
    left = stage.place
    # Its next pulse is the place that it stops at.
    assert stage.hears(Stop()) == [Shift(Ticks(left), None)]
    assert stage.place == 100 * PULSE
    stage.waits(3.0)
    stage.pulses(30)
    assert stage.place == 100 * PULSE
    assert stage.hears(Stop()) == [None]
    assert stage.hears(Continue()) == [Shift(Ticks(2000), Ticks(2000))]
    stage.pulses(1)
    assert abs(stage.place - 2000) <= 1


def test_a_start_while_it_plays_is_a_jump() -> None:
    stage = Stage()
    stage.pulses(30)
    stage.hears(Start())
    stage.pulses(100)
    left = stage.place
    assert stage.hears(Start()) == [Shift(Ticks(left), Ticks(0))]
    stage.pulses(1)
    assert abs(stage.place) <= 1


def test_a_dropout_is_played_through_and_told() -> None:
    stage = Stage()
    stage.pulses(30)
    stage.hears(Start())
    stage.pulses(100)
    stage.waits(1.5)
    assert stage.transport.lost(Seconds(stage.now))
    assert stage.transport.running
    assert stage.place == pytest.approx(99 * PULSE + 1.5 * 90 * PPQ / 60, abs=2)


def test_only_a_clock_that_is_followed_can_be_lost() -> None:
    stage = Stage(INTERNAL)
    stage.pulses(30)
    stage.hears(Start())
    stage.pulses(10)
    stage.waits(5.0)
    assert not stage.transport.lost(Seconds(stage.now))
    stage.switches(MIDI)
    assert stage.transport.lost(Seconds(stage.now))


def test_after_a_dropout_it_leaves_from_where_it_is() -> None:
    """Nobody said stop; then there is a start, and its first pulse only later."""
    stage = Stage()
    stage.pulses(30)
    stage.hears(Start())
    stage.pulses(100)
    stage.waits(3.0)
    assert stage.hears(Start()) == [None]
    stage.waits(1.0)
    left = stage.place
    assert left > 99 * PULSE + 2500
    assert stage.hears(Pulse()) == [Shift(Ticks(left), Ticks(0))]


def test_the_players_tap_places_a_clock_without_a_place() -> None:
    stage = Stage()
    assert stage.transport.downbeat(Seconds(stage.now), BAR) is None, "there is no clock yet"
    stage.pulses(100)
    shift = stage.transport.downbeat(Seconds(stage.now + 0.002), BAR)
    assert shift is not None
    assert shift.left == 0
    assert shift.to == pytest.approx(0, abs=PULSE)
    stage.pulses(10)
    assert abs(stage.place - 10 * PULSE) <= 1
    # And one that has one, anew; in a dropout as well.
    for silence in (0.0, 0.3, 2.0):
        stage.pulses(90)
        stage.waits(silence)
        left = stage.place
        shift = stage.transport.downbeat(Seconds(stage.now), BAR)
        assert shift is not None
        assert shift.left == left
        assert shift.to == pytest.approx(0, abs=PULSE)
        assert abs(stage.place) <= PULSE


@pytest.mark.parametrize("offset", [-0.05, 0.03])
def test_an_offset_moves_the_music_and_not_its_place_in_the_song(offset: float) -> None:
    with_it, without = Stage(), Stage()
    with_it.transport.offset = Seconds(offset)
    for stage in (with_it, without):
        stage.pulses(30)
        stage.hears(Start())
        stage.pulses(100)
    for tick in (0, 480, 9600):
        later = with_it.transport.tempo.seconds_at(Ticks(tick))
        assert later - without.transport.tempo.seconds_at(Ticks(tick)) == pytest.approx(offset)
    assert [shift.to for shift in with_it.shifts] == [shift.to for shift in without.shifts]


ACTIONS = st.one_of(
    st.integers(1, 60),
    st.sampled_from([Start(), Stop(), Continue()]),
    st.integers(0, 400).map(SongPosition),
)


@given(
    st.lists(ACTIONS, max_size=25),
    st.sampled_from([40.0, 90.0, 119.0, 240.0]),
    st.booleans(),
    st.integers(0, 8),
)
def test_every_jump_is_told_and_nothing_else_is_one(
    actions: list[int | Event], bpm: float, always: bool, warm: int
) -> None:
    """Any messages of a steady clock, which runs always or only with the song."""
    stage, reference = Stage(bpm=bpm), Reference()
    transport = stage.transport
    events: list[Event] = [Pulse()] * warm if always else []
    for action in actions:
        events += [Pulse()] * action if isinstance(action, int) else [action]
    for event in events:
        if isinstance(event, Pulse):
            if not always and not reference.running:
                continue
            stage.now += stage.gap
        before, was = stage.place, transport.running
        shift, *_ = stage.hears(event)
        reference.hear(event)
        # What is told is what has happened.
        if shift is None:
            assert transport.running is was
        else:
            assert shift.left == before
            assert transport.running is (shift.to is not None)
            assert was or transport.running
        # What is not told has not happened: the place is the same, by a new tempo as well. (Before
        # the clock's tempo is known ours may be wrong by a pulse.)
        if shift is None and was:
            assert abs(stage.place - before) <= 1.2 * PULSE * 120 / bpm
        # And at a pulse the place is right.
        if isinstance(event, Pulse):
            assert transport.running is reference.running
        if transport.running:
            assert reference.running
        if not reference.running:
            assert stage.place == reference.following * PULSE
        elif isinstance(event, Pulse):
            assert abs(stage.place - reference.here * PULSE) <= 1
        if shift is not None and shift.to is not None:
            assert shift.to == reference.here * PULSE


# Link


def test_link_is_waited_for() -> None:
    stage = Stage(LINK)
    assert not stage.transport.running
    assert not stage.transport.lost(Seconds(1e9))
    assert stage.follows(link(4000, stage.now)) == Shift(Ticks(0), Ticks(4000))
    assert stage.transport.running
    assert stage.place == 4000
    stage.waits(1.0)
    assert stage.place == 4800


def test_a_link_session_that_does_not_play_is_waited_for() -> None:
    stage = Stage(LINK)
    assert stage.follows(link(4000, stage.now, running=False)) is None
    assert not stage.transport.running
    assert stage.follows(link(4100, stage.now)) == Shift(Ticks(0), Ticks(4100))


def test_link_stops_and_starts() -> None:
    stage = Stage(LINK)
    stage.follows(link(0, stage.now))
    stage.waits(1.2)
    assert stage.place == 960
    assert stage.follows(link(960, stage.now, running=False)) == Shift(Ticks(960), None)
    assert not stage.transport.running
    assert stage.place == 960
    stage.waits(5.0)
    assert stage.follows(link(4960, stage.now, running=False)) is None
    assert stage.place == 960
    assert stage.follows(link(0, stage.now)) == Shift(Ticks(960), Ticks(0))
    assert stage.transport.running


def test_a_tempo_of_links_is_followed_without_a_jump() -> None:
    stage = Stage(LINK)
    stage.follows(link(0, stage.now))
    stage.waits(1.2)
    assert stage.follows(link(960, stage.now, bpm=150.0)) is None
    assert stage.place == 960
    assert stage.transport.tempo.bpm_at(Ticks(960)) == 150.0
    stage.waits(0.4)
    assert stage.place == 960 + 480


@pytest.mark.parametrize("offset", [0.0, -0.03])
@pytest.mark.parametrize("away", [-4000, -300, 300, 1920])
def test_another_bar_line_of_links_is_a_jump(away: int, offset: float) -> None:
    """Two sessions meet, and the other one's timeline counts."""
    stage = Stage(LINK)
    stage.transport.offset = Seconds(offset)
    stage.follows(link(0, stage.now))
    stage.waits(12.0)
    left = stage.place
    assert stage.follows(link(9600, stage.now)) is None, "the same as before"
    shift = stage.follows(link(9600 + away, stage.now))
    assert shift is not None
    assert shift.left == left
    assert shift.to == stage.place == pytest.approx(left + away, abs=1)


def test_what_link_corrects_is_no_jump() -> None:
    stage = Stage(LINK)
    stage.follows(link(0, stage.now))
    for i in range(1, 50):
        stage.waits(0.1)
        assert stage.follows(link(i * 80 + i % 7, stage.now)) is None
    assert len(stage.shifts) == 1


@pytest.mark.parametrize("before", [True, False])
def test_a_link_session_that_stands_is_not_started_by_what_it_says(before: bool) -> None:
    stage = Stage(LINK)
    if before:
        stage.follows(link(0, stage.now))
        stage.waits(1.0)
    for i in range(20):
        stage.waits(0.5)
        stage.follows(link(5000 + 400 * i, stage.now, running=False))
        assert not stage.transport.running


def test_links_beat_has_an_offset_too() -> None:
    stage = Stage(LINK)
    stage.transport.offset = Seconds(0.02)
    stage.follows(link(0, stage.now))
    assert stage.transport.tempo.seconds_at(Ticks(0)) == pytest.approx(stage.now + 0.02)


@pytest.mark.parametrize(
    ("place", "bars_before"), [(1900, 1), (1930, 1), (900, 0), (1000, 1), (9600, 5), (20, 0)]
)
def test_the_player_says_where_links_bar_one_is(place: int, bars_before: int) -> None:
    """Its bar lines are shared; which of them is the first is the player's choice."""
    stage = Stage(LINK)
    stage.follows(link(place, stage.now))
    shift = stage.transport.downbeat(Seconds(stage.now), BAR)
    here = place - bars_before * BAR
    assert shift == Shift(Ticks(place), Ticks(here))
    assert stage.place == here
    # And it stays so, whatever Link says next, and is told once more.
    stage.waits(6.0)
    assert stage.follows(link(place + 4800, stage.now)) is None
    assert stage.place == here + 4800
    stage.follows(link(place + 4800, stage.now, running=False))
    assert stage.follows(link(place + 4800, stage.now)) == Shift(
        Ticks(here + 4800), Ticks(here + 4800)
    )
    again = stage.transport.downbeat(Seconds(stage.now), BAR)
    assert again is not None
    assert abs(stage.place) <= BAR // 2
    assert (stage.place - here) % BAR == 4800 % BAR, "the bar line is still Link's"


def test_the_downbeat_of_a_link_session_that_stands_is_nowhere() -> None:
    stage = Stage(LINK)
    assert stage.transport.downbeat(Seconds(stage.now), BAR) is None
    stage.follows(link(5000, stage.now, running=False))
    assert stage.transport.downbeat(Seconds(stage.now), BAR) is None
    assert not stage.transport.running


def test_link_does_not_hear_a_midi_clock() -> None:
    stage = Stage(LINK)
    stage.follows(link(0, stage.now))
    stage.pulses(30)
    assert stage.hears(Start(), Stop()) == [None, None]
    assert stage.transport.running


# From one clock to another

STATES = ("stopped", "running")


def brought(source: ClockSource, state: str) -> Stage:
    """A stage with this clock, a MIDI clock that says nothing of a song, and at tick 1000 or so."""
    stage = Stage(source)
    stage.pulses(30)
    running = state == "running"
    match source:
        case ClockSource.MIDI if running:
            stage.hears(SongPosition(8), Continue())
            stage.pulses(20)
        case ClockSource.MIDI:
            stage.hears(SongPosition(8))
        case ClockSource.LINK:
            stage.follows(link(1000, stage.now))
            if not running:
                stage.follows(link(1000, stage.now, running=False))
    return stage


CASES = [
    (source, state, to)
    for source, state, to in product(ClockSource, STATES, ClockSource)
    if not (source is INTERNAL and state == "stopped")
]


@pytest.mark.parametrize("offset", [0.0, 0.04])
@pytest.mark.parametrize(("source", "state", "to"), CASES)
def test_without_a_new_beat_the_music_goes_on_as_it_did(
    source: ClockSource, state: str, to: ClockSource, offset: float
) -> None:
    stage = brought(source, state)
    stage.transport.offset = Seconds(offset)
    before, bpm = stage.place, stage.transport.tempo.bpm_at(Ticks(stage.place))
    shift = stage.switches(to)
    if source is to:
        assert shift is None
        assert stage.place == before
        return
    if state == "stopped" and to is INTERNAL:
        # Our own clock runs; so it begins where the music was.
        assert shift == Shift(Ticks(before), Ticks(before))
        assert stage.transport.running
        assert stage.place == before
        return
    assert shift is None
    assert stage.transport.running is (state == "running")
    if state == "running" or to is not MIDI:
        assert stage.place == before
        stage.waits(0.5)
        if state == "running":
            assert stage.place == pytest.approx(before + 0.5 * bpm * PPQ / 60, abs=1)


def test_to_a_midi_clock_that_plays() -> None:
    stage = Stage(INTERNAL)
    stage.pulses(30)
    stage.hears(SongPosition(100), Continue())
    stage.pulses(50)
    left = stage.place
    shift = stage.switches(MIDI)
    assert shift is not None
    assert shift.left == left
    assert shift.to == pytest.approx(12_000 + 49 * PULSE, abs=1)
    assert stage.place == pytest.approx(12_000 + 49 * PULSE, abs=1)
    stage.pulses(10)
    assert abs(stage.place - (12_000 + 59 * PULSE)) <= 1
    assert len(stage.shifts) == 1


@pytest.mark.parametrize("silence", [0.005, 0.3, 5.0])
def test_to_a_midi_clock_that_plays_and_is_not_heard(silence: float) -> None:
    """Between two pulses, or in a dropout: the music goes on where the song must be by now."""
    stage = Stage(INTERNAL)
    stage.pulses(30)
    stage.hears(Start())
    stage.pulses(50)
    stage.waits(silence)
    shift = stage.switches(MIDI)
    assert shift is not None
    assert stage.place == pytest.approx(49 * PULSE + silence * 90 * PPQ / 60, abs=2)
    assert abs(stage.place - shift.to) <= PULSE  # type: ignore[operator]


def test_to_a_midi_clock_that_has_started_and_not_pulsed() -> None:
    stage = Stage(INTERNAL)
    stage.hears(Start())
    assert stage.switches(MIDI) is None
    stage.waits(2.0)
    left = stage.place
    assert stage.hears(Pulse()) == [Shift(Ticks(left), Ticks(0))]


def test_a_start_that_was_waited_for_is_forgotten_with_its_clock() -> None:
    stage = Stage()
    stage.hears(Start())
    stage.switches(INTERNAL)
    stage.waits(1.0)
    stage.pulses(50)
    left = stage.place
    shift = stage.switches(MIDI)
    assert shift is not None
    assert shift.left == left
    assert shift.to == pytest.approx(49 * PULSE, abs=1)
    # The same with a stop in between.
    stage = Stage()
    stage.hears(Start())
    stage.switches(INTERNAL)
    stage.hears(Stop())
    stage.pulses(50)
    assert stage.switches(MIDI) is None
    left = stage.place
    assert stage.hears(Start()) == [Shift(Ticks(left), Ticks(0))]


def test_from_a_midi_clock_to_our_own_nothing_is_heard() -> None:
    stage = brought(MIDI, "running")
    before = stage.place
    assert stage.switches(INTERNAL) is None
    assert stage.place == before
    stage.hears(Stop())
    stage.waits(2.0)
    assert stage.transport.running
    assert stage.place == pytest.approx(before + 2.0 * 90 * PPQ / 60, abs=1)


def test_to_link_when_it_speaks() -> None:
    stage = brought(INTERNAL, "running")
    assert stage.switches(LINK) is None
    left = stage.place
    assert stage.follows(link(5000, stage.now)) == Shift(Ticks(left), Ticks(5000))
    assert stage.place == 5000


def test_to_a_link_session_that_does_not_play() -> None:
    stage = brought(INTERNAL, "running")
    stage.switches(LINK)
    left = stage.place
    assert stage.follows(link(5000, stage.now, running=False)) == Shift(Ticks(left), None)
    assert not stage.transport.running


def test_link_is_joined_anew_after_another_clock() -> None:
    stage = brought(LINK, "running")
    stage.switches(INTERNAL)
    stage.waits(10.0)
    assert stage.switches(LINK) is None
    left = stage.place
    assert stage.follows(link(123, stage.now)) == Shift(Ticks(left), Ticks(123))


SWITCHES = st.one_of(
    st.sampled_from(list(ClockSource)),
    ACTIONS,
    st.tuples(st.integers(0, 5000), st.booleans()),
    st.just("downbeat"),
    st.sampled_from([0.01, 0.3, 4.0]),
)


@given(st.lists(SWITCHES, max_size=30), st.sampled_from(list(ClockSource)))
def test_whatever_happens_what_is_told_adds_up(did: list[object], source: ClockSource) -> None:
    """From any clock to any other, at any time: each shift leaves from where the music was."""
    stage = Stage(source)
    transport = stage.transport
    for each in did:
        repeated = each if isinstance(each, int) else 1
        for _ in range(repeated):
            if isinstance(each, int):
                stage.now += stage.gap
            elif isinstance(each, float):
                stage.now += each
            before, was = stage.place, transport.running
            match each:
                case ClockSource():
                    shift = stage.switches(each)
                case (int(tick), bool(running)):
                    shift = stage.follows(link(tick, stage.now, running=running))
                case "downbeat":
                    shift = transport.downbeat(Seconds(stage.now), BAR)
                case int():
                    shift = stage.hears(Pulse())[0]
                case float():
                    shift = None
                case _:
                    shift = stage.hears(each)[0]  # type: ignore[arg-type]
            if shift is None:
                assert transport.running is was
            else:
                assert shift.left == before
                assert transport.running is (shift.to is not None)
            if transport.running and shift is not None and shift.to is not None:
                assert abs(stage.place - shift.to) <= 2 * PULSE
            if transport.source is INTERNAL:
                assert transport.running
