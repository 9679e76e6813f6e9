"""The soloist: comes in when it may, gives way when it must, and ends with its turn."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from live_improv.charts.text import parse
from live_improv.grammar.context import Context
from live_improv.listening.listener import HeardNote, Phrase
from live_improv.model import Weights
from live_improv.music.events import NoteOff, NoteOn, Timed
from live_improv.music.timing import GRID_TICKS, PPQ, Ticks
from live_improv.performance.constraints import Constraints
from live_improv.performance.controls import Knobs
from live_improv.performance.feel import Feel
from live_improv.performance.improviser import Improviser
from live_improv.performance.soloist import Soloist
from live_improv.performance.taste import Taste
from live_improv.performance.turns import JUST_BEGUN, Turn
from tests.performance.sessions import CHANGES, NET, trained

BPM = 150.0
HORIZON = Ticks(PPQ)


STRICT = Knobs(swing=0.0, laid_back=0.0, loose=0.0)
"""Notes come where they are written."""


def soloist(
    seed: int = 0,
    end: int | None = None,
    horizon: int = HORIZON,
    net: Weights = NET,
    *,
    lead: int | None = None,
    without: tuple[str, ...] = (),
) -> Soloist:
    """One who plays over four bars, again and again, without swing."""
    context = Context(CHANGES, BPM, straight=True)
    taste = Taste(seed=seed, constraints=Constraints().without(without))
    improviser = Improviser(net, context, taste, Ticks(0))
    ends = None if end is None else Ticks(end)
    before = None if lead is None else Ticks(lead)
    found = Soloist(improviser, Feel(1.0, seed), 2, Ticks(horizon), ends, before)
    found.turn_knobs(STRICT)
    return found


def turn(start: int, end: int | None, latest: int | None = None, pickup: int = 0) -> Turn:
    return Turn(
        Ticks(start),
        None if end is None else Ticks(end),
        Ticks(start if latest is None else latest),
        Ticks(pickup),
    )


def play(player: Soloist, until: int) -> list[Timed]:
    """Plan and take all that begins before a tick, and what is due by then."""
    while (at := player.plan_at()) is not None and at + player.horizon < until:
        player.plan(BPM, "")
    return player.due(Ticks(until))


def onsets(events: list[Timed]) -> list[Ticks]:
    return [timed.tick for timed in events if isinstance(timed.event, NoteOn)]


def test_without_a_turn_there_is_nothing_to_plan() -> None:
    player = soloist()
    assert player.plan_at() is None
    assert player.next_tick() is None
    assert player.due(Ticks(10**9)) == []
    assert not player.has_more()
    with pytest.raises(AssertionError):
        player.plan(BPM, "")


@settings(max_examples=60)
@given(
    st.integers(0, 40).map(lambda step: step * GRID_TICKS),
    st.integers(0, 48).map(lambda step: step * GRID_TICKS),
    st.sampled_from([0, 240, 480]),
    st.integers(-2000, 4000),
    st.booleans(),
    st.integers(0, 20),
)
def test_the_first_note_is_within_its_bounds(
    start: int, width: int, pickup: int, tick: int, room: bool, seed: int
) -> None:
    player = soloist(seed)
    player.take(turn(start, None, start + width, pickup), Ticks(tick), room=room)
    at = player.plan_at()
    assert at is not None
    first = at + HORIZON
    begin = start - pickup * room
    assert first % GRID_TICKS == 0
    assert first >= begin
    # Never in the past, but for a turn that has only just begun.
    assert first >= tick or tick <= begin + JUST_BEGUN
    assert first <= max(start + width, -(-tick // GRID_TICKS) * GRID_TICKS)


@pytest.mark.parametrize("late", [0, 1, JUST_BEGUN, JUST_BEGUN + 1, 200])
def test_a_turn_that_has_just_begun_is_met(late: int) -> None:
    player = soloist()
    player.take(turn(960, 3840), Ticks(960 + late), room=True)
    expected = 960 if late <= JUST_BEGUN else -(-(960 + late) // GRID_TICKS) * GRID_TICKS
    assert player.plan_at() == expected - HORIZON


@settings(max_examples=40)
@given(st.integers(0, 30), st.integers(1, 12).map(lambda n: n * 240), st.booleans())
def test_no_note_leaves_its_turn(seed: int, length: int, by_turn: bool) -> None:
    end = 480 + length
    player = soloist(seed, None if by_turn else end)
    player.take(turn(480, end if by_turn else None), Ticks(0), room=True)
    events = play(player, end + 9600)
    assert player.plan_at() is None
    assert not player.has_more()
    assert onsets(events)
    assert all(480 <= timed.tick <= end for timed in events)
    assert max(onsets(events)) < end
    down: set[int] = set()
    for timed in events:
        if isinstance(timed.event, NoteOn):
            assert timed.event.pitch not in down
            down.add(timed.event.pitch)
        elif isinstance(timed.event, NoteOff):
            down.remove(timed.event.pitch)
    assert not down


def test_giving_way_takes_back_what_was_not_heard() -> None:
    """The line goes on from the last note that sounded, as if the others had not been."""
    for seed in range(10):
        one, other = soloist(seed), soloist(seed)
        for player in (one, other):
            player.take(turn(0, None), Ticks(0), room=True)
            play(player, 1920)
        for _ in range(4):
            one.plan(BPM, "")
        one.give_way()
        assert one.turn is None
        assert onsets(one.due(Ticks(10**6))) == []
        other.give_way()
        other.due(Ticks(10**6))
        for player in (one, other):
            player.take(turn(5760, None, 7680), Ticks(5760), room=True)
        assert play(one, 11520) == play(other, 11520)


def test_what_sounds_ends_as_planned() -> None:
    """Giving way and leaving cut nothing."""
    for seed in range(10):
        for end in ("give_way", "leave"):
            one, plain = soloist(seed), soloist(seed)
            for player in (one, plain):
                player.take(turn(0, None), Ticks(0), room=True)
                player.plan(BPM, "")
                player.plan(BPM, "")  # a note waits for the next one
                assert onsets(player.due(Ticks(0))) == [0]
            getattr(one, end)()
            assert one.due(Ticks(10**6))[0] == plain.due(Ticks(10**6))[0]


def test_leaving_keeps_what_is_committed() -> None:
    player = soloist()
    player.take(turn(0, 1920), Ticks(-480), room=True)
    for _ in range(2):
        player.plan(BPM, "")
    player.leave()
    assert player.plan_at() is None
    assert player.has_more()
    assert onsets(player.due(Ticks(10**6)))


def test_silence_ends_at_once() -> None:
    player = soloist()
    player.take(turn(0, None), Ticks(0), room=True)
    for _ in range(3):
        player.plan(BPM, "")
    (on,) = player.due(Ticks(0))
    assert isinstance(on.event, NoteOn)
    assert player.silence(Ticks(1)) == [Timed(Ticks(1), NoteOff(on.event.pitch, 2))]
    assert player.due(Ticks(10**6)) == []
    assert player.silence(Ticks(2)) == []


def test_mute_is_not_heard_and_changes_no_note() -> None:
    one, plain = soloist(), soloist()
    for player in (one, plain):
        player.take(turn(0, None), Ticks(0), room=True)
    plain_events = play(plain, 15360)
    early = play(one, 1920)
    one.plan(BPM, "")
    one.turn_knobs(replace(STRICT, mute=True))
    muted = play(one, 7680)
    assert onsets(muted) == [], "also what was planned before"
    one.turn_knobs(STRICT)
    late = play(one, 15360)
    assert onsets(early) == [tick for tick in onsets(plain_events) if tick <= 1920]
    assert onsets(late) == [tick for tick in onsets(plain_events) if tick >= 7680]


def test_an_answer_is_busier_for_a_busier_phrase_and_the_knob_stays() -> None:
    counts = {}
    for notes in (1, 4, 32):
        counts[notes] = 0
        for seed in range(12):
            player = soloist(seed, net=trained())
            phrase = Phrase(Ticks(0), Ticks(1920), notes)
            taste = player.taste
            player.take(
                Turn(Ticks(1920), Ticks(9600), Ticks(2160), phrase=phrase), Ticks(1920), room=True
            )
            counts[notes] += len(onsets(play(player, 9600)))
            assert player.taste == taste
    assert counts[1] < counts[4] < counts[32]


def test_each_knob_reaches_the_line() -> None:
    player = soloist()
    player.turn_knobs(Knobs(temperature=0.7, density=-0.3, register=0.4, follow=0.9))
    assert player.taste == Taste(temperature=0.7, density=-0.3, lift=0.4, follow=0.9)
    player.turn_knobs(Knobs())
    assert player.taste == Taste()


def test_swing_and_dynamics_are_those_of_the_knobs() -> None:
    straight, swung, loud = (soloist(4, net=trained()) for _ in range(3))
    swung.turn_knobs(replace(STRICT, swing=2.0))
    loud.turn_knobs(replace(STRICT, dynamics=20))
    found = []
    for player in (straight, swung, loud):
        player.take(turn(0, None), Ticks(0), room=True)
        found.append([t for t in play(player, 30_000) if isinstance(t.event, NoteOn)])
    plain, late, louder = found
    assert all(timed.tick % GRID_TICKS == 0 for timed in plain)
    moved = [b.tick - a.tick for a, b in zip(plain, late, strict=True)]
    assert set(moved) >= {0}
    assert max(moved) > 0
    assert min(moved) == 0
    for a, b in zip(plain, louder, strict=True):
        assert isinstance(a.event, NoteOn)
        assert isinstance(b.event, NoteOn)
        assert (a.tick, a.event.pitch) == (b.tick, b.event.pitch)
        assert b.event.velocity == min(a.event.velocity + 20, 120)


def test_swing_is_that_of_the_style_and_tempo() -> None:
    """Twice as much as nothing is nothing: a bossa is even whatever the knob says."""
    swung, bossa = soloist(4, net=trained()), soloist(4, net=trained())
    for player, style in ((swung, "swing"), (bossa, "Bossa Nova")):
        player.turn_knobs(replace(STRICT, swing=2.0))
        player.take(turn(0, None), Ticks(0), room=True)
        while (at := player.plan_at()) is not None and at < 30_000:
            player.plan(BPM, style)
    assert any(tick % GRID_TICKS for tick in onsets(swung.due(Ticks(29_000))))
    assert all(tick % GRID_TICKS == 0 for tick in onsets(bossa.due(Ticks(29_000))))


def test_the_player_is_heard_only_if_they_are_followed() -> None:
    answers = {}
    for follow in (0.0, 0.5):
        lines = set()
        for pitches in ((60, 62, 64), (72, 71, 69), ()):
            player = soloist(1)
            player.turn_knobs(Knobs(follow=follow, swing=0.0))
            for i, pitch in enumerate(pitches):
                player.hear(HeardNote(Ticks(240 * i), pitch, 80))
                player.released(Ticks(240 * i + 200))
            player.take(turn(1920, None, 3840), Ticks(1440), room=False)
            lines.add(tuple((t.tick, t.event) for t in play(player, 9600)))
        answers[follow] = len(lines)
    assert answers == {0.0: 1, 0.5: 3}


def test_a_note_is_kept_in_mind_whoever_plays() -> None:
    """Memory alone changes what is played, where it is followed."""
    lines = {}
    for follow in (0.0, 1.0):
        found = set()
        for pitches in ((60, 62, 64, 60, 62, 64), (72, 60, 72, 60, 72, 60)):
            player = soloist(1)
            player.turn_knobs(Knobs(follow=follow, swing=0.0))
            player.take(turn(0, None), Ticks(0), room=True)
            for i, pitch in enumerate(pitches):
                player.remember(HeardNote(Ticks(240 * i), pitch, 80))
                player.released(Ticks(240 * i + 200))
            found.add(tuple((t.tick, t.event) for t in play(player, 9600)))
        lines[follow] = len(found)
    assert lines == {0.0: 1, 1.0: 2}


def test_a_release_that_belongs_to_nothing_is_nothing() -> None:
    player = soloist()
    player.released(Ticks(100))
    player.hear(HeardNote(Ticks(480), 60, 80))
    player.relocate(Ticks(470), Ticks(0))
    player.released(Ticks(20))
    player.take(turn(0, None), Ticks(0), room=True)
    assert onsets(play(player, 1920))


@settings(max_examples=40)
@given(st.integers(0, 3840), st.integers(0, 20), st.booleans())
def test_reconsidering_keeps_the_bounds_of_an_entry(tick: int, seed: int, room: bool) -> None:
    """However often it is asked while its turn is still to come."""
    player = soloist(seed)
    bounds = turn(3840, 7680, 5720, 480)
    player.take(bounds, Ticks(0), room=room)
    for _ in range(3):
        player.reconsider(Ticks(tick))
        at = player.plan_at()
        assert at is not None
        assert 3840 - 480 * room <= at + HORIZON <= 5720


def test_reconsidering_leaves_what_is_committed() -> None:
    for seed in range(10):
        player = soloist(seed)
        player.take(turn(0, None), Ticks(0), room=True)
        play(player, 1920)
        before = player.plan_at()
        assert before is not None
        # A note that is less than a horizon away stays where it is.
        player.reconsider(Ticks(before + 1))
        assert player.plan_at() == before
        # One that is further away comes no earlier than a horizon from now.
        now = Ticks(before - 3 * PPQ)
        player.reconsider(now)
        after = player.plan_at()
        assert after is not None
        assert after >= now


def test_after_its_first_note_a_turn_has_no_bounds_but_its_end() -> None:
    """What is reconsidered then may come whenever the line wants it."""
    found = set()
    for seed in range(20):
        player = soloist(seed, horizon=60, net=trained())
        player.take(turn(0, None, 480), Ticks(0), room=True)
        player.plan(BPM, "")
        player.reconsider(Ticks(0))
        after = player.plan_at()
        assert after is not None
        found.add(after + 60 > 480)
    assert found == {False, True}


def test_without_a_turn_there_is_nothing_to_reconsider() -> None:
    player = soloist()
    player.reconsider(Ticks(0))
    assert player.plan_at() is None


def test_other_chords_hold_from_the_next_note_on() -> None:
    player = soloist()
    other = parse("Gb7 | B7 | Ebm7 Ab7 | DbM7")
    player.take(turn(0, None), Ticks(0), room=True)
    player.over(CHANGES, BPM)
    player.plan(BPM, "")
    player.over(other, 200.0)
    context = player._improviser.context
    assert context.changes is other
    player.over(other, 200.0)
    assert player._improviser.context is context, "nothing new, nothing made anew"


@settings(max_examples=30)
@given(st.integers(0, 20), st.integers(0, 4000), st.integers(0, 20_000))
def test_a_line_goes_on_elsewhere(seed: int, left: int, to: int) -> None:
    """On the grid, and not before it has come there."""
    player = soloist(seed)
    player.take(turn(0, None), Ticks(0), room=True)
    play(player, left)
    player.silence(Ticks(left))
    player.relocate(Ticks(left), Ticks(to))
    start = -(-to // GRID_TICKS) * GRID_TICKS
    player.take(turn(start, None), Ticks(to), room=True)
    found = onsets(play(player, start + 9600))
    assert found
    assert found[0] == start
    assert all(tick % GRID_TICKS == 0 for tick in found)


# The plan


def begins(player: Soloist, start: int = 0) -> Ticks:
    """Where its first note is, in a turn without end."""
    player.take(turn(start, None), player.comes_in(turn(start, None)), room=True)
    at = player.plan_at()
    assert at is not None
    return Ticks(at + player.horizon)


def test_a_performance_begins_as_humans_begin() -> None:
    """Seldom on the first beat; before it where there is room."""
    here = [begins(soloist(seed, lead=0)) for seed in range(200)]
    assert min(here) == 0
    assert max(here) <= 8 * PPQ
    assert 0.1 < here.count(Ticks(0)) / 200 < 0.3
    pickups = [begins(soloist(seed, lead=3840)) for seed in range(200)]
    assert 0.4 < sum(tick < 0 for tick in pickups) / 200 < 0.65
    assert min(pickups) >= -3840
    assert {begins(soloist(seed)) for seed in range(20)} == {0}, "who has played before"
    off = {begins(soloist(seed, lead=3840, without=("opening",))) for seed in range(20)}
    assert off == {0}


def test_there_is_room_before_the_first_bar_alone() -> None:
    assert all(begins(soloist(seed, lead=3840), 7680) >= 7680 for seed in range(100))


def test_a_short_performance_begins_early() -> None:
    assert all(begins(soloist(seed, 1920, lead=0)) <= 480 for seed in range(100))


def test_only_what_has_no_end_and_nothing_before_it_is_a_beginning() -> None:
    for seed in range(20):
        player = soloist(seed, lead=3840)
        assert player.comes_in(turn(3840, 7680, 4000, 240)) == 3600
        player.hear(HeardNote(Ticks(0), 60, 80))
        assert player.comes_in(turn(1920, None)) == 1920
        played = soloist(seed, lead=3840)
        begins(played)
        played.plan(BPM, "")
        assert played.comes_in(turn(0, None)) == 0


def ends(net: Weights, without: tuple[str, ...] = ()) -> list[float]:
    """How many beats after the last downbeat the last notes of some performances begin."""
    found = []
    for seed in range(60):
        end = (12 + seed % 3) * 1920
        player = soloist(seed, end, net=net, without=without)
        player.take(turn(0, None), Ticks(0), room=True)
        events = play(player, end + 9600)
        assert all(timed.tick <= end for timed in events)
        assert not player.has_more()
        found.append((onsets(events)[-1] - (end - 1920)) / PPQ)
    return found


def test_a_performance_comes_to_an_end() -> None:
    """It ends at or near the last downbeat, where without a plan it is cut off at the end."""
    planned, cut = ends(trained()), ends(trained(), ("ending",))
    assert sum(-1 <= beat < 3 for beat in planned) >= 45
    assert sum(beat >= 3 for beat in planned) < sum(beat >= 3 for beat in cut) - 15
    assert min(planned) >= -4


def test_what_is_asked_for_the_plan_is_asked_for_one_note() -> None:
    player = soloist(end=7680, net=trained(), lead=0)
    before = player.taste
    begins(player)
    for _ in range(10):
        player.plan(BPM, "")
        assert player.taste == before


def test_the_line_is_the_same_however_early_it_is_planned() -> None:
    """What was played lately is what was written, not what has sounded."""
    for seed in range(3):
        lines = []
        for horizon in (60, 480, 1920):
            player = soloist(seed, 16 * 1920, horizon, trained(), lead=0)
            begins(player)
            events = play(player, 16 * 1920)
            lines.append(
                [(timed.tick, timed.event) for timed in events if isinstance(timed.event, NoteOn)]
            )
        assert lines[0] == lines[1] == lines[2]
        assert len(lines[0]) > 20


def test_a_register_that_is_asked_for_is_come_to_and_kept() -> None:
    """The knob moves what the line is brought back to."""
    means = []
    for register in (-0.5, 0.0, 0.5):
        pitches: list[int] = []
        for seed in range(4):
            player = soloist(seed, net=trained())
            player.turn_knobs(replace(STRICT, register=register))
            player.take(turn(0, None), Ticks(0), room=True)
            pitches += [
                timed.event.pitch
                for timed in play(player, 32 * 1920)
                if isinstance(timed.event, NoteOn)
            ]
        means.append(sum(pitches) / len(pitches))
    assert means[0] < means[1] - 1.0 < means[2] - 2.0
