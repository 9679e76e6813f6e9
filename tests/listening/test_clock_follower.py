"""Following a clock: which bar and beat it is, and that nobody hears when the line fails."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.listening.clock_follower import ClockFollower, Move
from live_improv.music.events import (
    Continue,
    ControlChange,
    Event,
    NoteOff,
    NoteOn,
    ProgramChange,
    Pulse,
    SongPosition,
    Start,
    Stop,
)
from live_improv.music.timing import PPQ, Seconds, TempoMap, Ticks
from tests.listening.senders import Reference, flood, song

PULSE = 20
"""Ticks."""

GAP = 60.0 / 120.0 / 24
"""Seconds between two pulses at 120 quarters a minute."""


class Sender:
    """A clock of 120 and its follower; a message comes where a third of the gap has passed."""

    def __init__(self, gap: float = GAP) -> None:
        self.follower = ClockFollower()
        self.now = 50.0
        self.gap = gap

    def pulses(self, count: int) -> None:
        for _ in range(count):
            self.now += self.gap
            self.follower.receive(Pulse(), Seconds(self.now))

    def says(self, *events: Event) -> list[Move]:
        return [self.follower.receive(event, Seconds(self.now + self.gap / 3)) for event in events]

    def silent(self, seconds: float) -> None:
        self.now += seconds

    @property
    def tempo(self) -> TempoMap:
        assert self.follower.tempo is not None
        return self.follower.tempo


def test_nothing_is_known_before_anything_is_heard() -> None:
    follower = ClockFollower()
    assert (follower.playing, follower.tempo, follower.bpm) == (False, None, None)
    assert not follower.lost(Seconds(1e9))
    assert follower.downbeat(Seconds(5.0)) is Move.NONE


# What is said to one who has heard pulses but no place, or one who plays at pulse 30; then what
# each message meant, whether it plays, and the tick of the next pulse if it does.
TRANSPORT: list[tuple[str, bool, list[Event], list[Move], bool, int]] = [
    ("start", False, [Start()], [Move.STARTED], True, 0),
    ("continue alone", False, [Continue()], [Move.STARTED], True, 0),
    ("a place alone", False, [SongPosition(8)], [Move.RELOCATED], False, 960),
    (
        "continue at a place",
        False,
        [SongPosition(8), Continue()],
        [Move.RELOCATED, Move.STARTED],
        True,
        960,
    ),
    (
        "continue, then the place",
        False,
        [Continue(), SongPosition(8)],
        [Move.STARTED, Move.RELOCATED],
        True,
        960,
    ),
    (
        "continue and 0 for start",
        False,
        [Continue(), SongPosition(0)],
        [Move.STARTED, Move.NONE],
        True,
        0,
    ),
    ("start and continue", False, [Start(), Continue()], [Move.STARTED, Move.NONE], True, 0),
    ("stop unheard of", False, [Stop()], [Move.NONE], False, 0),
    ("stop", True, [Stop()], [Move.STOPPED], False, 600),
    ("stop twice", True, [Stop(), Stop()], [Move.STOPPED, Move.NONE], False, 600),
    ("stop and go on", True, [Stop(), Continue()], [Move.STOPPED, Move.STARTED], True, 600),
    (
        "stop, place, go on",
        True,
        [Stop(), SongPosition(100), Continue()],
        [Move.STOPPED, Move.RELOCATED, Move.STARTED],
        True,
        12_000,
    ),
    (
        "the place beats a start only if it comes after it",
        True,
        [Stop(), SongPosition(100), Start()],
        [Move.STOPPED, Move.RELOCATED, Move.STARTED],
        True,
        0,
    ),
    ("a place while playing", True, [SongPosition(16)], [Move.RELOCATED], True, 1_920),
    ("the place that it is", True, [SongPosition(5)], [Move.NONE], True, 600),
    ("start while playing", True, [Start()], [Move.RELOCATED], True, 0),
    ("continue while playing", True, [Continue()], [Move.NONE], True, 600),
    ("the last place there is", True, [SongPosition(16_383)], [Move.RELOCATED], True, 1_965_960),
]


@pytest.mark.parametrize(
    ("playing_before", "said", "moves", "playing", "following"),
    [row[1:] for row in TRANSPORT],
    ids=[row[0] for row in TRANSPORT],
)
def test_transport(
    playing_before: bool, said: list[Event], moves: list[Move], playing: bool, following: int
) -> None:
    sender = Sender()
    if playing_before:
        sender.says(Start())
    sender.pulses(30)
    assert sender.says(*said) == moves
    follower = sender.follower
    assert follower.playing is playing
    if playing:
        # Whatever was said: the next pulse comes in time, and the map knows of it.
        assert sender.tempo.seconds_at(Ticks(following)) == pytest.approx(sender.now + GAP)
    else:
        assert follower.position == following
    sender.pulses(1)
    assert follower.position == following
    assert follower.bpm == pytest.approx(120.0)
    if playing:
        assert sender.tempo.seconds_at(Ticks(following)) == pytest.approx(sender.now)
        sender.pulses(5)
        assert follower.position == following + 5 * PULSE


@pytest.mark.parametrize(
    ("said", "following"),
    [
        ([Stop(), SongPosition(0), *flood(), Start()], 0),
        ([Stop(), SongPosition(0), *flood(), Continue()], 0),
        ([Stop(), SongPosition(0), SongPosition(16), *flood(), Continue()], 1_920),
        ([Start(), Start()], 0),  # Live, when the position changes
        ([Stop(), *flood(), Continue()], 600),
    ],
)
def test_what_real_senders_send(said: list[Event], following: int) -> None:
    sender = Sender()
    sender.says(Start())
    sender.pulses(30)
    sender.says(*said)
    sender.pulses(1)
    assert (sender.follower.playing, sender.follower.position) == (True, following)


@pytest.mark.parametrize(
    "event", [NoteOn(60, 80), NoteOff(60), ControlChange(1, 2), ProgramChange(3)]
)
def test_other_events_mean_nothing(event: Event) -> None:
    sender = Sender()
    sender.says(Start())
    sender.pulses(30)
    before = sender.tempo
    assert sender.says(event) == [Move.NONE]
    assert (sender.follower.position, sender.tempo) == (580, before)


def bar_and_beat(tick: int, beats: int) -> tuple[int, int, int]:
    beat, rest = divmod(tick, PPQ)
    return beat // beats + 1, beat % beats + 1, rest


@pytest.mark.parametrize("part", range(8))
def test_bar_and_beat_are_right_over_two_hundred_random_songs(part: int) -> None:
    for seed in range(25 * part, 25 * part + 25):
        random = Random(seed)
        beats = random.choice([3, 4])
        follower, reference = ClockFollower(), Reference()
        for event, at in song(random):
            before = reference.running
            move = follower.receive(event, Seconds(at))
            reference.hear(event)
            assert follower.playing == reference.running
            assert (move is Move.STARTED) == (reference.running and not before)
            assert (move is Move.STOPPED) == (before and not reference.running)
            assert bar_and_beat(follower.position, beats) == bar_and_beat(
                reference.here * PULSE, beats
            ), f"song {seed} at {at:.3f}"


EVENTS = st.sampled_from([Pulse(), Start(), Stop(), Continue(), SongPosition(0), SongPosition(7)])


@given(st.lists(st.tuples(EVENTS, st.sampled_from([0.0, 0.001, 0.01, 0.0208, 0.1, 0.3, 2.0]))))
def test_whatever_comes_there_is_a_tempo_or_none(said: list[tuple[Event, float]]) -> None:
    follower, now = ClockFollower(), 0.0
    for event, gap in said:
        now += gap
        follower.receive(event, Seconds(now))
        assert follower.bpm is None or 20.0 <= follower.bpm <= 500.0
        if follower.tempo is not None:
            assert follower.tempo.bpm_at(Ticks(0)) == follower.bpm
            assert follower.position % PULSE == 0
        follower.lost(Seconds(now))


def test_a_clock_that_only_runs_with_the_song_starts_with_its_first_pulse() -> None:
    sender = Sender()
    assert sender.says(Start()) == [Move.STARTED]
    sender.pulses(2)
    assert (sender.follower.playing, sender.follower.tempo) == (True, None)
    sender.pulses(60)
    assert sender.tempo.seconds_at(Ticks(0)) == pytest.approx(50.0 + GAP)
    sender.says(Stop())
    sender.silent(30.0)
    sender.says(SongPosition(4), Continue())
    assert sender.follower.playing
    assert sender.follower.tempo is None  # when is not known until the pulse comes
    assert sender.follower.bpm == pytest.approx(120.0)
    sender.silent(2.0)
    sender.pulses(1)
    assert sender.tempo.seconds_at(Ticks(480)) == pytest.approx(sender.now)
    assert sender.tempo.seconds_at(Ticks(960)) == pytest.approx(sender.now + 0.5)


def test_a_sender_that_begins_its_pulses_anew_with_the_song() -> None:
    sender = Sender()
    sender.pulses(100)
    sender.says(Start())
    sender.silent(-0.4 * GAP)  # the first pulse comes sooner than the last ones say
    sender.pulses(1)
    assert sender.follower.position == 0
    assert sender.tempo.seconds_at(Ticks(0)) == pytest.approx(sender.now)
    assert sender.tempo.seconds_at(Ticks(480)) == pytest.approx(sender.now + 0.5)


def test_a_late_pulse_at_the_end_of_a_loop_moves_nothing() -> None:
    sender = Sender()
    sender.says(Start())
    sender.pulses(200)
    due = sender.tempo.seconds_at(Ticks(210 * PULSE))
    sender.says(SongPosition(0))
    sender.follower.receive(Pulse(), Seconds(sender.now + GAP + 0.008))
    assert sender.follower.position == 0
    assert sender.tempo.seconds_at(Ticks(10 * PULSE)) == pytest.approx(due, abs=3e-4)


def test_lost_is_a_second_without_a_pulse_while_playing() -> None:
    sender = Sender()
    sender.pulses(100)
    assert not sender.follower.lost(Seconds(sender.now + 5))
    sender.says(Start())
    sender.pulses(10)
    assert not sender.follower.lost(Seconds(sender.now + 1.0))
    assert sender.follower.lost(Seconds(sender.now + 1.01))
    sender.says(Stop())
    assert not sender.follower.lost(Seconds(sender.now + 5))


@pytest.mark.parametrize("seconds", [0.3, 2.0, 20.0])
@pytest.mark.parametrize("share", [0.0, 0.3, -0.45])
def test_after_a_dropout_it_goes_on_where_it_must_be(seconds: float, share: float) -> None:
    """Also a clock that comes back a little beside its row; the map gives in unheard."""
    sender = Sender()
    sender.says(Start())
    sender.pulses(200)
    before, last = sender.tempo, sender.now
    missing = round(seconds / GAP)
    sender.silent((missing + share) * GAP)
    for number in range(1, 200):
        due = sender.tempo.seconds_at(Ticks((200 + missing + number) * PULSE))
        sender.pulses(1)
        tick = Ticks((199 + missing + number) * PULSE)
        assert sender.follower.position == tick
        moved = sender.tempo.seconds_at(Ticks(tick + PULSE)) - due
        assert abs(moved) <= 0.005 / 24 + 1e-4
    assert sender.tempo.seconds_at(tick) == pytest.approx(sender.now, abs=1e-3)
    assert before.seconds_at(tick) == pytest.approx(sender.now - share * GAP, abs=1e-3)
    assert last < sender.now


def test_a_shift_too_large_to_be_hidden_is_followed_at_once() -> None:
    sender = Sender(60.0 / 22.0 / 24)  # 22 quarters a minute: half a pulse is 57 ms
    sender.says(Start())
    sender.pulses(200)
    sender.silent(10.48 * sender.gap)
    sender.pulses(1)
    assert sender.follower.position == 210 * PULSE
    assert sender.tempo.seconds_at(Ticks(210 * PULSE)) == pytest.approx(sender.now, abs=1e-3)


@pytest.mark.parametrize("held", [3, 7, 14, 60])
def test_pulses_that_come_late_all_at_once_are_counted_once(held: int) -> None:
    sender = Sender()
    sender.says(Start())
    sender.pulses(200)
    end = sender.now + (held + 0.2) * GAP
    for number in range(held):
        sender.follower.receive(Pulse(), Seconds(end + 0.0003 * number))
    sender.silent(held * GAP)
    sender.pulses(100)
    assert sender.follower.position == (299 + held) * PULSE
    assert sender.tempo.seconds_at(sender.follower.position) == pytest.approx(sender.now, abs=2e-3)


@pytest.mark.parametrize(("tap", "nearest"), [(0.0, 0), (0.4, 0), (-0.4, 0), (0.7, 1), (-3.2, -3)])
def test_the_players_tap_is_the_downbeat(tap: float, nearest: int) -> None:
    sender = Sender()
    sender.pulses(100)
    follower = sender.follower
    assert not follower.playing
    assert follower.downbeat(Seconds(sender.now + tap * GAP)) is Move.STARTED
    assert follower.playing
    assert follower.position == -nearest * PULSE
    assert sender.tempo.seconds_at(Ticks(0)) == pytest.approx(sender.now + nearest * GAP)
    sender.pulses(24)
    assert follower.position == (24 - nearest) * PULSE
    assert follower.downbeat(Seconds(sender.now)) is Move.RELOCATED
    assert follower.position == 0


def test_a_tap_needs_a_clock() -> None:
    sender = Sender()
    sender.pulses(100)
    assert sender.follower.downbeat(Seconds(sender.now + 1.5)) is Move.NONE
    assert not sender.follower.playing


def test_tempo_is_followed_while_stopped_and_the_place_is_not() -> None:
    sender = Sender()
    sender.says(Start())
    sender.pulses(100)
    sender.says(Stop())
    sender.gap = 60.0 / 90.0 / 24
    sender.pulses(60)
    assert sender.follower.bpm == pytest.approx(90.0, rel=1e-3)
    assert sender.follower.position == 100 * PULSE
    sender.says(Continue())
    assert sender.tempo.seconds_at(Ticks(100 * PULSE)) == pytest.approx(sender.now + sender.gap)


def test_the_map_never_stumbles_over_a_jittering_clock() -> None:
    """Each pulse moves what is due next by less than a third of a millisecond."""
    random, follower = Random(5), ClockFollower()
    follower.receive(Start(), Seconds(9.99))
    due = None
    for number in range(2_000):
        late = random.uniform(0.0, 0.001) + (random.random() < 0.02) * random.uniform(0.003, 0.010)
        follower.receive(Pulse(), Seconds(10.0 + number * GAP + late))
        if number > 96:
            assert follower.tempo is not None
            if due is not None:
                moved = follower.tempo.seconds_at(Ticks((number + 1) * PULSE)) - due
                assert abs(moved) < 0.0003
            due = follower.tempo.seconds_at(Ticks((number + 2) * PULSE))
