"""A take: what comes in while it is played, and the time line that comes out."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.music.changes import Bar, Changes, ChordSpan
from live_improv.music.chords import parse_chord
from live_improv.music.events import (
    ControlChange,
    NoteOff,
    NoteOn,
    ProgramChange,
    Pulse,
    Start,
    Timed,
)
from live_improv.music.score import IMPROVISER, PLAYER, Score
from live_improv.music.timing import PPQ, Meter, Seconds, TempoChange, TempoMap, Ticks
from live_improv.performance.take import Take

BAR = 4 * PPQ
AT_120 = TempoMap.constant(120)


def tune(*symbols: str, meters: Iterable[str] = ()) -> Changes:
    """One chord to a bar."""
    chords, bars, at = [], [], Ticks(0)
    for symbol, meter in zip(symbols, [*meters] or ["4/4"] * len(symbols), strict=True):
        bars.append(Bar(at, Meter.parse(meter)))
        end = Ticks(at + bars[-1].meter.bar_ticks)
        chords.append(ChordSpan(at, end, parse_chord(symbol)))
        at = end
    return Changes(tuple(chords), tuple(bars), title="Tune", key="F")


FOUR = tune("Dm7", "G7", "Cmaj7", "A7")


def play(take: Take, onset: int, length: int = 100, pitch: int = 60) -> None:
    take.played(Timed(Ticks(onset), NoteOn(pitch, 80)))
    take.played(Timed(Ticks(onset + length), NoteOff(pitch)))


def answer(take: Take, onset: int, length: int = 100, pitch: int = 72, channel: int = 3) -> None:
    take.heard(Ticks(onset), NoteOn(pitch, 90, channel))
    take.heard(Ticks(onset + length), NoteOff(pitch, channel))


def ons(score: Score, part: str = IMPROVISER) -> list[int]:
    """Where the notes of a part begin."""
    (found,) = (each for each in score.parts if each.name == part)
    return [timed.tick for timed in found.events if isinstance(timed.event, NoteOn)]


def marks(score: Score) -> list[tuple[int, str]]:
    return [(span.start, span.chord.symbol) for span in score.chords]


def meters(score: Score) -> list[tuple[int, str]]:
    return [(bar.start, str(bar.meter)) for bar in score.meters]


def test_both_players_have_their_part_at_the_ticks_of_the_song() -> None:
    take = Take(FOUR, AT_120)
    take.played(Timed(Ticks(0), ProgramChange(65)))
    play(take, 0)
    answer(take, BAR + 7)
    take.heard(Ticks(BAR + 300), ControlChange(64, 127, 3))
    for event in (Pulse(), Start()):
        take.heard(Ticks(BAR + 400), event)
    score = take.score()
    assert [part.name for part in score.parts] == [IMPROVISER, PLAYER]
    assert score.parts[0].events == (
        Timed(Ticks(0), ProgramChange(65)),
        Timed(Ticks(0), NoteOn(60, 80)),
        Timed(Ticks(100), NoteOff(60)),
    )
    assert score.parts[1].events == (
        Timed(Ticks(BAR + 7), NoteOn(72, 90, 3)),
        Timed(Ticks(BAR + 107), NoteOff(72, 3)),
        Timed(Ticks(BAR + 300), ControlChange(64, 127, 3)),
    )
    assert (score.title, score.key, score.length) == ("Tune", "F", 2 * BAR)
    assert marks(score) == [(0, "Dm7"), (BAR, "G7")]
    assert meters(score) == [(0, "4/4")]
    assert score.tempo == AT_120


def test_a_take_goes_on_to_the_end_that_is_given() -> None:
    take = Take(FOUR, AT_120, chord_track=True)
    play(take, 0)
    score = take.score(Ticks(5 * BAR))
    assert (score.length, score.chord_track) == (5 * BAR, True)
    assert marks(score)[-1] == (4 * BAR, "Dm7")
    assert score.chords[-1].end == 5 * BAR
    assert take.score(Ticks(50)).length == 100, "but not less far than was played"


def test_who_plays_nothing_has_no_part() -> None:
    take = Take(FOUR, AT_120)
    assert not take.has_notes()
    assert take.score().parts == ()
    take.played(Timed(Ticks(0), ProgramChange(65)))
    assert not take.has_notes()
    answer(take, 0)
    assert take.has_notes()
    assert [part.name for part in take.score().parts] == [IMPROVISER, PLAYER]


@pytest.mark.parametrize(
    ("onset", "lead"), [(0, 0), (-1, BAR), (-BAR, BAR), (-BAR - 1, 2 * BAR), (5 * BAR, 0)]
)
def test_what_is_before_bar_1_makes_the_file_begin_whole_bars_earlier(
    onset: int, lead: int
) -> None:
    take = Take(FOUR, AT_120, Ticks(-2 * BAR))
    play(take, onset, 50)
    play(take, 6 * BAR)
    score = take.score()
    assert ons(score) == [onset + lead, 6 * BAR + lead]
    assert marks(score)[0] == (lead, "Dm7"), "a count-in has no chords"
    assert score.tempo.changes[0].tick == 0


def test_the_bars_of_a_pickup_are_those_at_the_end_of_the_form() -> None:
    take = Take(tune("C", "F", meters=("4/4", "3/4")), AT_120)
    play(take, -10)
    play(take, 2 * BAR)
    assert meters(take.score())[:3] == [(0, "3/4"), (3 * PPQ, "4/4"), (3 * PPQ + BAR, "3/4")]


def test_the_chords_are_those_that_were_played_over() -> None:
    take = Take(FOUR, AT_120)
    take.over(Ticks(500), tune("Ab7", "Ab7", "Ab7", "Ab7"))
    take.over(Ticks(2 * BAR), tune("Ab7", "G7", "F6", "F6"))
    play(take, 3 * BAR)
    score = take.score()
    assert marks(score)[:3] == [(0, "Dm7"), (500, "Ab7"), (BAR, "Ab7")]
    assert marks(score)[3:] == [(2 * BAR, "F6"), (3 * BAR, "F6")]
    assert score.chords[-1].end == score.length


# From where to where the transport goes, with the last bar played in 4/4, and how many ticks of
# the file are between: of 8 bars.
JUMPS = [
    (8 * BAR, 4 * BAR, 0),
    (8 * BAR, 8 * BAR, 0),
    (8 * BAR + 3, 4 * BAR, -3),
    (8 * BAR - 3, 4 * BAR, 3),
    (7 * BAR + 960, 2 * BAR + 960, 0),
    (7 * BAR + 960, 2 * BAR + 1440, 480),
    (7 * BAR + 960, 2 * BAR, 960),
    (7 * BAR + 960, 2 * BAR + 480, 1440),
]


@pytest.mark.parametrize(("left", "to", "gap"), JUMPS)
def test_after_a_jump_the_file_goes_on_at_the_same_place_in_the_bar(
    left: int, to: int, gap: int
) -> None:
    take = Take(FOUR, AT_120)
    play(take, left - 100, 90)
    take.relocated(Ticks(left), Ticks(to))
    take.tempo(TempoChange(Ticks(to), Seconds(99.0), 120))
    play(take, to)
    play(take, to + 2 * BAR)
    score = take.score()
    there = left + gap
    assert ons(score) == [left - 100, there, there + 2 * BAR]
    assert (there - to) % BAR == 0
    assert meters(score) == [(0, "4/4")]
    assert (there, FOUR.chord_at(Ticks(to)).symbol) in marks(score)
    for before, after in pairwise(score.chords):
        assert before.end <= after.start
    assert score.tempo == AT_120, "no jump in the seconds of the file"


def test_bars_of_other_meters_are_whole_after_a_jump() -> None:
    take = Take(tune("C", "F", "G", meters=("4/4", "3/4", "5/4")), AT_120)
    play(take, 4 * PPQ + 480)  # beat 2 of the bar of 3
    take.relocated(Ticks(6 * PPQ), Ticks(8 * PPQ))  # from beat 3 to beat 2 of the bar of 5
    play(take, 8 * PPQ)
    score = take.score()
    assert ons(score)[1] == 8 * PPQ
    assert meters(score)[:3] == [(0, "4/4"), (4 * PPQ, "3/4"), (7 * PPQ, "5/4")]
    assert score.length == 12 * PPQ


def test_what_is_played_while_the_transport_stands_is_not_overtaken() -> None:
    take = Take(FOUR, AT_120)
    play(take, 0)
    answer(take, 3 * BAR + 100)  # the transport has stopped in bar 2
    take.relocated(Ticks(BAR + 20), Ticks(BAR + 20))
    play(take, BAR + 20)
    score = take.score()
    assert ons(score) == [0, 4 * BAR + 20]
    assert ons(score, PLAYER) == [3 * BAR + 100]


def test_places_where_nobody_played_leave_no_trace() -> None:
    take = Take(FOUR, AT_120)
    take.played(Timed(Ticks(0), ProgramChange(65)))
    take.relocated(Ticks(8 * BAR), Ticks(40 * BAR))
    take.relocated(Ticks(50 * BAR), Ticks(16 * BAR))
    take.tempo(TempoChange(Ticks(16 * BAR), Seconds(3.0), 90))
    play(take, 16 * BAR)
    take.relocated(Ticks(17 * BAR), Ticks(2 * BAR))
    take.relocated(Ticks(30 * BAR), Ticks(BAR))
    play(take, BAR)
    score = take.score()
    assert ons(score) == [16 * BAR, 17 * BAR], "bar 17 of the song is bar 17 of the file"
    assert Timed(Ticks(16 * BAR), ProgramChange(65)) in score.parts[0].events
    assert [change.bpm for change in score.tempo.changes] == [pytest.approx(90, rel=1e-6)]
    assert marks(score) == [(16 * BAR, "Dm7"), (17 * BAR, "G7")]


def test_a_note_held_over_a_jump_ends_after_it_began() -> None:
    take = Take(FOUR, AT_120)
    take.heard(Ticks(4 * BAR - 10), NoteOn(72, 90))
    take.relocated(Ticks(4 * BAR), Ticks(0))
    take.heard(Ticks(-15), NoteOff(72))  # a little before the beat
    take.heard(Ticks(10), NoteOn(72, 90))
    events = take.score().parts[0].events
    assert [timed.tick for timed in events] == [4 * BAR - 10, 4 * BAR - 10, 4 * BAR + 10]
    assert isinstance(events[1].event, NoteOff)


def test_offs_of_what_sounded_where_the_transport_was_belong_there() -> None:
    take = Take(FOUR, AT_120)
    take.played(Timed(Ticks(8 * BAR - 50), NoteOn(60, 80)))
    take.relocated(Ticks(8 * BAR), Ticks(4 * BAR))
    take.played(Timed(Ticks(8 * BAR), NoteOff(60)))
    play(take, 4 * BAR + 20)
    play(take, 8 * BAR - 100)  # the place that was left comes again
    assert [timed.tick - 8 * BAR for timed in take.score().parts[0].events] == [
        *(-50, 0, 20, 120),
        *(4 * BAR - 100, 4 * BAR),
    ]


moves = st.lists(
    st.tuples(
        st.integers(-BAR, 40 * BAR),  # to
        st.integers(0, 6 * BAR),  # for so long
        st.lists(st.tuples(st.integers(0, 6 * BAR), st.integers(1, BAR), st.booleans())),
        st.sampled_from((60.0, 119.7, 300.0)),
    ),
    min_size=1,
    max_size=6,
)


@given(moves, st.sampled_from(("4/4 4/4", "4/4 3/4 5/4", "7/8 4/4", "6/8 2/2")))
def test_whatever_the_transport_does_the_score_is_one_line(moves: Any, form: str) -> None:
    bars = form.split()
    song = tune(*("C7", "F7", "G7")[: len(bars)], meters=bars)
    take = Take(song, AT_120, chord_track=True)
    here, count, played = 0, 0, []
    for to, length, notes, bpm in moves:
        take.relocated(Ticks(here), Ticks(to))
        take.tempo(TempoChange(Ticks(to), Seconds(float(count)), bpm))
        for onset, held, ours in sorted(notes):
            (play if ours else answer)(take, to + onset, held)
            played.append((to + onset, ours))
            count += 1
        here = to + length
    score = take.score()
    assert sum(len(part.events) for part in score.parts) == 2 * count
    for name, who in ((IMPROVISER, True), (PLAYER, False)):
        mine = [onset for onset, ours in played if ours is who]
        if mine:
            assert len(ons(score, name)) == len(mine)
    assert all(0 <= t.tick <= score.length + BAR for part in score.parts for t in part.events)
    assert score.tempo.changes[0].tick == 0
    for before, after in pairwise(score.tempo.changes):
        assert before.tick < after.tick
        assert before.at < after.at
    assert score.meters[0].start == 0
    for one, two in pairwise(score.meters):
        assert (two.start - one.start) % one.meter.bar_ticks == 0, "every bar is whole"
        assert two.start > one.start
    for span, following in pairwise(score.chords):
        assert span.start < span.end <= following.start


@dataclass
class Follower:
    """A line through the last pulses of a jittery clock, revised with each: tick = f(seconds)."""

    jitter: float
    window: int = 48

    def lines(self, beats: int, step: float, seed: int) -> list[tuple[float, TempoChange]]:
        """What a follower would say and when; the tempo goes up by `step` half way, from 120."""
        rng = random.Random(seed)
        truth, pulses, said = 0.0, [], []
        for number in range(beats * 24):
            tick = number * 20
            pulses.append((tick, truth + rng.uniform(-self.jitter, self.jitter)))
            recent = pulses[-self.window :]
            if len(recent) >= 12:
                x0 = sum(x for x, _ in recent) / len(recent)
                y0 = sum(y for _, y in recent) / len(recent)
                over = sum((x - x0) * (y - y0) for x, y in recent)
                slope = over / sum((x - x0) ** 2 for x, _ in recent)
                at = y0 + slope * (tick - x0)
                change = TempoChange(Ticks(tick), Seconds(at), 60 / (slope * PPQ))
                said.append((at, change))
            truth += 20 / PPQ * (0.5 if number < beats * 12 else 0.5 / (1 + step))
        return said


@pytest.mark.parametrize(
    ("jitter", "step", "most", "tempi"),
    [
        (0.0, 0.0, 0.0012, 1),
        (0.001, 0.0, 0.0025, 40),
        (0.003, 0.0, 0.004, 200),
        (0.001, 0.1, 0.004, 40),
    ],
)
def test_the_file_keeps_the_seconds_of_a_followed_clock(
    jitter: float, step: float, most: float, tempi: int
) -> None:
    beats = 400
    said = Follower(jitter).lines(beats, step, seed=5)
    take = Take(FOUR, AT_120)
    first = said[0][1]
    take.relocated(Ticks(0), first.tick)
    notes = []
    for (_, change), (_, following) in pairwise(said):
        take.tempo(change)
        # A note in each span between two pulses, where it was by the line of that moment.
        tick = Ticks((change.tick + following.tick) // 2)
        play(take, tick, 5)
        notes.append((tick, change.at + (tick - change.tick) / change.ticks_per_second))
    tempo = take.score().tempo
    begun = notes[0][1] - tempo.seconds_at(notes[0][0])
    errors = [abs(tempo.seconds_at(tick) + begun - at) for tick, at in notes]
    assert max(errors) < most
    assert errors[-1] < most, "nothing adds up"
    assert len(tempo.changes) <= tempi, "and yet a DAW can show it"
    assert len(take) < 3 * len(notes), "less than a line for each pulse is kept"


@pytest.mark.parametrize("bpm", [120.0, 133.3, 61.7, 287.123])
def test_one_tempo_is_one_tempo_for_a_set_and_exact_for_three_hours(bpm: float) -> None:
    take = Take(FOUR, TempoMap.constant(bpm, Seconds(17.0)))
    set_end, end = (Ticks(round(bpm * PPQ * minutes)) for minutes in (10, 180))
    play(take, set_end)
    assert len(take.score().tempo.changes) == 1
    play(take, end)
    tempo = take.score().tempo
    for tick in range(0, end, end // 97):
        assert tempo.seconds_at(Ticks(tick)) == pytest.approx(tick / bpm / PPQ * 60, abs=0.0011)
    assert len(tempo.changes) < 20


def test_a_tempo_that_is_set_once_and_barely_different_is_kept() -> None:
    take = Take(FOUR, TempoMap.constant(140))
    play(take, 0)
    slower = TempoMap.constant(140).with_tempo(Ticks(BAR), 139.97)
    take.tempo(slower.changes[-1])
    play(take, 400 * BAR)
    assert take.score().tempo.seconds_at(Ticks(400 * BAR)) == pytest.approx(
        slower.seconds_at(Ticks(400 * BAR)), abs=0.0011
    )
    back = slower.with_tempo(Ticks(800 * BAR), 140)
    take.tempo(back.changes[-1])
    play(take, 900 * BAR)
    for bar in (100, 399, 799, 801, 900):
        assert take.score().tempo.seconds_at(Ticks(bar * BAR)) == pytest.approx(
            back.seconds_at(Ticks(bar * BAR)), abs=0.0021
        )


def test_the_tempi_of_a_map_are_written_at_their_ticks() -> None:
    slow = TempoMap.constant(120).with_tempo(Ticks(BAR), 60).with_tempo(Ticks(3 * BAR), 90)
    take = Take(FOUR, slow)
    play(take, 4 * BAR)
    tempo = take.score().tempo
    assert [(change.tick, round(change.bpm, 3)) for change in tempo.changes] == [
        (0, 120),
        (BAR, 60),
        (3 * BAR, 90),
    ]


def test_the_seconds_of_a_stop_are_not_in_the_file() -> None:
    take = Take(FOUR, AT_120)
    play(take, 0)
    take.relocated(Ticks(BAR), Ticks(BAR))
    take.tempo(TempoChange(Ticks(BAR), Seconds(1000.0), 60))
    play(take, BAR)
    play(take, 2 * BAR)
    tempo = take.score().tempo
    assert tempo.seconds_at(Ticks(BAR)) == pytest.approx(2)
    assert tempo.seconds_at(Ticks(2 * BAR)) == pytest.approx(6)


def test_a_score_can_be_asked_for_while_it_grows() -> None:
    take = Take(FOUR, AT_120)
    play(take, 0)
    calls = 0

    def meanwhile() -> None:
        nonlocal calls
        calls += 1
        play(take, calls * BAR)
        take.relocated(Ticks(calls * BAR + 200), Ticks(0))
        take.tempo(TempoChange(Ticks(0), Seconds(calls * 10.0), 60))

    score = take.score(pace=meanwhile)
    assert calls
    assert ons(score) == [0]
    assert score.tempo == AT_120
    assert len(ons(take.score())) == 1 + calls


def test_any_event_is_taken_as_it_comes() -> None:
    take = Take(FOUR, AT_120)
    before = len(take)
    take.played(Timed(Ticks(0), Pulse()))
    take.over(Ticks(0), FOUR)
    take.heard(Ticks(0), Start())
    assert len(take) == before + 3
