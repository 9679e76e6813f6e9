"""Following the clock of somebody else: the right place, at once silent, never a stuck note."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from live_improv.charts.text import parse
from live_improv.music.events import (
    Continue,
    Ear,
    Heard,
    NoteOff,
    NoteOn,
    Pulse,
    SongPosition,
    Start,
    Stop,
)
from live_improv.music.score import PLAYER
from live_improv.music.timing import GRID_TICKS, PPQ, Seconds, TempoMap, Ticks
from live_improv.performance.incoming import Plugged, Port
from live_improv.performance.session import State
from live_improv.performance.transport import Beat, ClockSource
from tests.performance.sessions import (
    BAR,
    CHANGES,
    Item,
    Master,
    Rehearsal,
    Sent,
    events,
    lift,
    ons,
    phrase,
    press,
    sounded,
    trained,
    turned,
)

PULSE = PPQ // 24

# No two neighbours share a chord: a note of the wrong bar is over the wrong one.
MOVING = parse("C7 | Gb7 | Dm7 G7 | BM7 | Am7b5 | Eb7 | F7 Bb7 | Dbm7")


def check_places(
    rehearsal: Rehearsal, sent: list[Sent], master: Master, near: float, late: float = 0.0
) -> int:
    """See that each note begins where the master's song is, over the chord that is there.

    Args:
        near: how many ticks off it may be.
        late: how many ticks later still, as where the song came in between two places of the grid.
    """
    planned = {each.note.onset: each for each in rehearsal.planned}
    notes = sounded(sent)
    for note in notes:
        away = master.away(note.at, note.tick)
        assert away is not None, f"the song stands: {note}"
        assert -near <= away <= near + late, (away, note)
        # Swing has delayed it, by less than a sixteenth.
        written = next(tick for tick in range(note.tick, note.tick - 120, -1) if tick in planned)
        assert written % GRID_TICKS == 0
        expected = rehearsal.changes.chord_at(Ticks(written))
        assert planned[Ticks(written)].changes.chord_at(Ticks(written)) == expected
    return len(notes)


def check_stops(sent: list[Sent], master: Master) -> None:
    """See that all that sounds ends at once with each stop, and nothing comes meanwhile."""
    standing = master.standing()
    for since, until in standing:
        during = [each for each in sent if since < each.at < until]
        assert during == []
    for note in sounded(sent):
        for since, _ in standing:
            assert not note.at <= since < note.until


def wandering(seed: int, bpm: float, moves: int = 12) -> Master:
    """A transport that is started, stopped, placed and let go on, at random moments."""
    chance, master = Random(seed), Master(0.5, bpm)
    if chance.random() < 0.7:
        master.pulses(chance.randint(2, 60))  # the clock runs before the song
    for _ in range(moves):
        kind = chance.random()
        if not master.running:
            if kind < 0.4:
                master.start()
            elif kind < 0.7:
                master.place(chance.randint(0, 400))
                master.go_on()
            else:
                master.go_on()
        elif kind < 0.45:
            master.stop()
            if chance.random() < 0.5:
                master.pulses(chance.randint(1, 50))
            else:
                master.at += chance.random() * 3
            if chance.random() < 0.3:
                master.place(16 * chance.randint(0, 20))
        elif kind < 0.6:
            master.place(chance.randint(0, 400))
        elif kind < 0.7:
            master.start()  # again, while it plays
        master.pulses(chance.randint(1, 24 * 8))
    if master.running:
        master.stop()
    return master


@settings(max_examples=30)
@given(
    st.integers(0, 2**32),
    st.sampled_from([72.0, 120.0, 197.0, 260.0]),
    st.sampled_from(["solo", "trade", "duet"]),
)
def test_whatever_the_transport_does(seed: int, bpm: float, mode: str) -> None:
    master = wandering(seed, bpm)
    rehearsal = Rehearsal(mode, bpm=bpm, changes=MOVING, seed=seed % 40, clock="midi", trade=2)
    sent = rehearsal.play(master.items)
    # The song may come in between two places of the grid; the one before is not too late then.
    check_places(rehearsal, sent, master, near=4, late=GRID_TICKS / 2)
    check_stops(sent, master)
    assert rehearsal.session.state is State.STOPPED


def test_it_does_play_all_the_while() -> None:
    counts = []
    for seed in range(8):
        master = wandering(seed, 120.0, moves=20)
        rehearsal = Rehearsal(bpm=120.0, changes=MOVING, seed=seed, clock="midi")
        counts.append(
            check_places(rehearsal, rehearsal.play(master.items), master, 4, GRID_TICKS / 2)
        )
    assert sum(counts) > 80


@pytest.mark.parametrize("seed", range(4))
def test_a_song_from_a_clock_is_the_song_by_itself(seed: int) -> None:
    """From Start to the end, with a steady clock: the same notes as by our own."""
    own = Rehearsal(bpm=120.0, bars=12, seed=seed).play()
    master = Master(1.0, 120.0)
    master.pulses(48)
    master.start()
    master.pulses(12 * 96 + 2)
    followed = Rehearsal(bpm=120.0, bars=12, seed=seed, clock="midi").play(master.items)
    assert events(ons(followed)) == events(ons(own))
    begin = 1.0 + 48 / 48
    for one, other in zip(ons(followed), ons(own), strict=True):
        assert one.at - begin == pytest.approx(other.at, abs=1e-3)


@pytest.mark.parametrize("late", [0.0, 0.0005, 0.002, 0.004])
@pytest.mark.parametrize("bar", [0, 5])
def test_the_downbeat_is_met_though_the_pulse_is_read_late(late: float, bar: int) -> None:
    """A stamp is read a little later than it was made; the bar begins with it all the same."""
    master = Master(1.0, 120.0)
    master.pulses(48)
    master.place(16 * bar)
    master.go_on()
    master.pulses(96 * 4)
    master.stop()
    script = [(Seconds(at + late), item) for at, item in master.items]
    on_time, behind = (
        Rehearsal(bpm=120.0, clock="midi").play(each) for each in (master.items, script)
    )
    assert ons(on_time)[0].tick == bar * BAR
    assert events(ons(behind)) == events(ons(on_time))


@pytest.mark.parametrize("bpm", [60.0, 90.0, 180.0, 300.0])
def test_the_tempo_of_the_chart_does_not_matter(bpm: float) -> None:
    """Whatever tempo we have been told: theirs is played, also from a clock that was silent."""
    for before in (0, 48):
        master = Master(1.0, bpm)
        if before:
            master.pulses(before)
        master.start()
        master.pulses(24 * 32)
        master.stop()
        rehearsal = Rehearsal(bpm=133.0, clock="midi", changes=MOVING)
        sent = rehearsal.play(master.items)
        late = [each for each in sent if each.at > 1.0 + 4 * 60 / bpm]
        for each in ons(late):
            assert abs(master.away(each.at, each.tick) or 0.0) <= 4
        assert len(ons(sent)) > 5


@pytest.mark.parametrize("to", [60.0, 100.0, 132.0, 180.0, 240.0])
def test_a_change_of_tempo_is_followed(to: float) -> None:
    master = Master(1.0, 120.0)
    master.pulses(48)
    master.start()
    master.pulses(24 * 8)
    master.bpm = to
    changed = master.at
    master.pulses(24 * 24)
    master.stop()
    rehearsal = Rehearsal(bpm=120.0, clock="midi", changes=MOVING)
    sent = rehearsal.play(master.items)
    off = []
    for each in ons(sent):
        place = master.place_at(each.at)
        assert place is not None
        if each.at > changed + 2 * 60 / to:
            off.append(abs(place - each.tick) / PPQ * 60 / to)
    # Two beats later it is within 5 ms of the beat.
    assert len(off) > 3
    assert max(off) < 0.005
    check_stops(sent, master)


def test_a_ritardando_is_followed() -> None:
    master = Master(1.0, 160.0)
    master.pulses(48)
    master.start()
    for _ in range(24 * 32):
        master.pulses(1)
        master.bpm *= 0.9995
    master.stop()
    rehearsal = Rehearsal(bpm=160.0, clock="midi", changes=MOVING)
    sent = rehearsal.play(master.items)
    assert check_places(rehearsal, sent, master, near=PPQ / 16) > 5
    check_stops(sent, master)


def test_jitter_moves_no_note_far() -> None:
    chance = Random(3)
    master = Master(1.0, 140.0)
    master.pulses(48)
    master.start()
    master.pulses(24 * 64)
    script: list[Item] = []
    for _, item in master.items:
        assert isinstance(item, Heard)
        at = Seconds(item.at + chance.uniform(0.0, 0.002))
        script.append((at, Heard(at, item.event, item.ears)))
    script.sort(key=lambda each: each[0])
    rehearsal = Rehearsal(bpm=140.0, clock="midi", changes=MOVING)
    sent = rehearsal.play(script, until=master.at)
    assert check_places(rehearsal, sent, master, near=4) > 10


def test_a_clock_that_falls_silent_is_played_on_without() -> None:
    master = Master(1.0, 120.0)
    master.pulses(48)
    master.start()
    master.pulses(24 * 8)
    gone = master.at
    master.pulses(24 * 40, silent=True)
    rehearsal = Rehearsal(bpm=120.0, clock="midi", changes=MOVING)
    sent = rehearsal.play(master.items, until=gone + 19.0)
    assert any(each.at > gone + 10.0 for each in ons(sent))
    assert rehearsal.session.clock_lost(Seconds(gone + 3.0))
    check_places(rehearsal, sent, master, near=4)


def test_before_the_start_there_is_silence_and_no_hurry() -> None:
    master = Master(1.0, 120.0)
    master.pulses(24 * 16)
    rehearsal = Rehearsal(clock="midi")
    assert rehearsal.session.wake_at(Seconds(0.0)) is None
    assert rehearsal.play(master.items) == []
    assert rehearsal.session.state is State.STOPPED


@pytest.mark.parametrize("event", [Start(), Continue(), SongPosition(8), Stop(), Pulse()])
def test_only_the_ear_for_the_clock_hears_it(event: object) -> None:
    master = Master(1.0, 120.0)
    master.start()
    master.pulses(24 * 16)
    rehearsal = Rehearsal(clock="midi")
    script = [
        (at, Heard(item.at, item.event, Ear.PLAYER | Ear.CHORDS))
        for at, item in master.items
        if isinstance(item, Heard)
    ]
    script.append((Seconds(9.0), Heard(Seconds(9.0), event, Ear.PLAYER)))  # type: ignore[arg-type]
    assert rehearsal.play(script) == []


def test_the_downbeat_can_be_tapped_where_no_start_was_heard() -> None:
    master = Master(1.0, 120.0)
    master.pulses(24 * 4)
    tapped = master.at + 0.01
    master.pulses(24 * 16)
    master.items.append((Seconds(tapped), turned("downbeat", True)))
    rehearsal = Rehearsal(clock="midi", bpm=120.0)
    sent = rehearsal.play(master.items, until=master.at)
    # The tap itself comes a little after the pulse that it means, and so does the first note.
    assert ons(sent)[0].at == tapped
    assert len(ons(sent)) > 2
    for each in ons(sent)[1:]:
        exact = (each.at - (tapped - 0.01)) * 2 * PPQ
        assert abs(exact - each.tick) < 4


@pytest.mark.parametrize("offset", [-120, -15, 0, 15, 120])
@pytest.mark.parametrize("how", ["from the beginning", "while it plays", "before the start"])
def test_the_offset_moves_the_beat_that_is_followed(offset: int, how: str) -> None:
    master = Master(1.0, 120.0)
    master.pulses(48)
    master.start()
    master.pulses(24 * 40)
    begin = 2.0
    script = [*master.items]
    if how == "while it plays":
        script.append((Seconds(8.0), turned("clock_offset_ms", offset)))
    elif how == "before the start":
        script.append((Seconds(1.5), turned("clock_offset_ms", offset)))
    at_first = offset if how == "from the beginning" else 0
    rehearsal = Rehearsal(bpm=120.0, clock="midi", clock_offset_ms=at_first)
    sent = rehearsal.play(script, until=20.0)
    sounded(sent)
    since = 8.5 if how == "while it plays" else begin + 0.5
    notes = [each for each in ons(sent) if each.at > since]
    assert len(notes) > 5
    for each in notes:
        exact = begin + offset / 1000 + each.tick / (2 * PPQ)
        assert each.at == pytest.approx(exact, abs=0.0025)


@pytest.mark.parametrize("offset", [-120, 120])
def test_the_offset_leaves_our_own_clock_alone(offset: int) -> None:
    plain = Rehearsal(bars=8).play()
    moved = Rehearsal(bars=8, clock_offset_ms=offset).play(
        [(Seconds(2.0), turned("clock_offset_ms", -offset))]
    )
    assert moved == plain


@pytest.mark.parametrize(
    ("latency", "offset"), [(0, 0), (50, 0), (150, 0), (-80, 0), (0, -50), (0, 60), (60, -60)]
)
def test_each_round_of_a_loop_begins_on_its_downbeat(latency: int, offset: int) -> None:
    """A DAW that goes round two bars: we are told of each jump when it happens, not before."""
    master = Master(0.5, 125.0)
    master.pulses(48)
    master.start()
    for _ in range(6):
        master.pulses(2 * 96)
        master.place(0)
    master.pulses(12)
    master.stop()
    rehearsal = Rehearsal(clock="midi", latency_ms=latency, clock_offset_ms=offset, density=0.5)
    ticks = [each.tick for each in ons(rehearsal.play(master.items))]
    rounds = [ticks[0], *(b for a, b in pairwise(ticks) if b < a)]
    assert rounds == [0] * 7


@pytest.mark.parametrize("bars", [1, 4])
@pytest.mark.parametrize("place", [0, 64, 100])
def test_so_many_bars_are_counted_from_where_the_clock_starts(bars: int, place: int) -> None:
    master = Master(0.5, 240.0)
    master.pulses(48)
    master.place(place)
    master.go_on()
    begin = master.at
    master.pulses(24 * 4 * (bars + 3))
    rehearsal = Rehearsal(bars=bars, clock="midi", changes=MOVING, density=1.0)
    sent = rehearsal.play(master.items)
    assert rehearsal.session.state is State.ENDED
    assert ons(sent)
    for note in sounded(sent):
        assert begin <= note.at < note.until <= begin + bars + 0.01


@pytest.mark.parametrize("latency", [-200, 100, 400])
def test_with_latency_nothing_sounds_after_a_stop(latency: int) -> None:
    for seed in range(8):
        master = wandering(seed, 120.0)
        rehearsal = Rehearsal(bpm=120.0, seed=seed, clock="midi", latency_ms=latency)
        sent = rehearsal.play(master.items)
        sounded(sent)
        for since, until in master.standing():
            assert [each for each in sent if since < each.at < until] == []


class TestSwitching:
    """From one clock to another while it plays."""

    def test_to_a_clock_that_is_silent_changes_nothing(self) -> None:
        plain = Rehearsal(bars=8).play()
        for name in ("midi", "link"):
            sent = Rehearsal(bars=8).play([(Seconds(3.0), turned("clock", name))], until=9.6)
            assert events(ons(sent)) == [
                timed for timed in events(ons(plain)) if timed.tick < 9.6 * 1600
            ]

    def test_to_a_clock_that_plays_goes_to_its_place(self) -> None:
        master = Master(0.5, 120.0)
        master.place(16 * 5)
        master.go_on()
        master.pulses(24 * 40)
        script = [*master.items, (Seconds(4.0), turned("clock", "midi"))]
        rehearsal = Rehearsal(bpm=133.0, changes=MOVING)
        sent = rehearsal.play(script, until=20.0)
        notes = [note for note in sounded(sent) if note.at > 4.0]
        assert len(notes) > 3
        for note in notes:
            away = master.away(note.at, note.tick)
            assert away is not None
            assert abs(away) <= 4
        # What sounded in the other place ended there.
        assert not [note for note in sounded(sent) if note.at < 4.0 < note.until]

    def test_back_to_ours_it_goes_on_in_tempo(self) -> None:
        master = Master(0.5, 150.0)
        master.start()
        master.pulses(24 * 12)
        script = [
            *(item for item in master.items if item[0] < 4.0),
            (Seconds(4.0), turned("clock", "internal")),
        ]
        rehearsal = Rehearsal(bpm=99.0, clock="midi", changes=MOVING)
        sent = rehearsal.play(script, until=14.0)
        notes = [note for note in sounded(sent) if note.at > 4.0]
        assert len(notes) > 5
        for note in notes:
            assert (note.at - 0.5) * 2.5 * PPQ == pytest.approx(note.tick, abs=5)
        # No note was cut by the switch.
        assert not [note for note in sounded(sent) if note.until == 4.0]

    def test_ours_starts_what_stood(self) -> None:
        rehearsal = Rehearsal(clock="midi")
        sent = rehearsal.play([(Seconds(2.0), turned("clock", "internal"))], until=8.0)
        assert ons(sent)[0].at == pytest.approx(2.0, abs=0.01)
        assert ons(sent)[0].tick == 0


def test_a_jump_within_a_call_is_survived() -> None:
    """A key that was struck before a jump comes up after it: nobody minds."""
    for mode in ("solo", "trade", "answer", "duet"):
        for shift in range(0, 40, 3):
            down = 0.3 * 4 - shift / 1000
            script: list[Item] = [
                *phrase(down, [60], 0.5),
                (Seconds(0.3 * 4 - 0.002), turned("downbeat", True)),
                *phrase(down + 0.1, [62], 0.5),
            ]
            sounded(Rehearsal(mode, start=0.0).play(script, until=8.0))


def beats(
    since: float, until: float, tempo: TempoMap, *, running: bool = True, every: float = 0.02
) -> list[Item]:
    """What a shared beat says, again and again."""
    count = round((until - since) / every)
    moments = [Seconds(since + i * every) for i in range(count)]
    return [(at, Beat(tempo, running)) for at in moments]


def test_what_is_played_while_the_song_stands_is_no_call() -> None:
    master = Master(0.5, 120.0)
    master.start()
    master.pulses(24 * 4)
    stop = master.at
    master.stop()
    master.pulses(96)
    master.go_on()
    begin = master.at
    master.pulses(24 * 24)
    script = [*master.items, *phrase(begin - 1.0, [60, 62, 64, 65, 67], 0.2)]
    rehearsal = Rehearsal("answer", bpm=120.0, clock="midi")
    assert stop < begin
    assert ons(rehearsal.play(script, until=master.at)) == []


@pytest.mark.parametrize("place", [0, 8, 160])
def test_an_answer_that_was_begun_is_not_taken_up_elsewhere(place: int) -> None:
    """Wherever the song goes on, it is for them to play."""
    for seed in range(5):
        master = Master(0.5, 120.0)
        master.start()
        master.pulses(24 * 10)
        jump = master.at
        master.place(place)
        master.pulses(24 * 16)
        script = [*master.items, *phrase(1.0, [60 + i % 7 for i in range(24)], 0.15)]
        rehearsal = Rehearsal("answer", bpm=120.0, clock="midi", net=trained(), seed=seed)
        sent = rehearsal.play(script, until=master.at)
        assert any(4.9 < each.at < jump for each in ons(sent))
        assert not [each for each in ons(sent) if each.at > jump]


def test_a_phrase_that_is_jumped_over_is_not_as_long_as_the_jump() -> None:
    """The song goes on a hundred bars further in the middle of a call."""
    master = Master(0.5, 120.0)
    master.start()
    master.pulses(24 * 4)
    master.place(1600)
    master.pulses(24 * 80)
    script = [*master.items, *phrase(1.5, [60, 62, 64, 65, 67, 69], 0.3)]
    rehearsal = Rehearsal("answer", bpm=120.0, clock="midi", net=trained())
    notes = sounded(rehearsal.play(script, until=40.0))
    assert notes[0].at > 3.3
    assert notes[-1].until - notes[0].at < 3.5


class TestSharedBeat:
    """A beat that is shared (Link): it tells its whole map, many times a second."""

    def test_it_is_followed_from_its_first_word_on(self) -> None:
        tempo = TempoMap.constant(150.0, Seconds(-3.0))
        rehearsal = Rehearsal(clock="link", changes=MOVING)
        sent = rehearsal.play(beats(1.0, 12.0, tempo), until=12.0)
        notes = sounded(sent)
        assert notes[0].at == pytest.approx(1.0, abs=0.02)
        for note in notes:
            assert tempo.seconds_at(note.tick) == pytest.approx(note.at, abs=0.02)

    def test_what_it_says_again_changes_nothing(self) -> None:
        tempo = TempoMap.constant(150.0, Seconds(1.0))
        often, seldom = (
            Rehearsal(clock="link").play(beats(0.5, 12.0, tempo, every=every), until=12.0)
            for every in (0.01, 4.0)
        )
        assert events(often) == events(seldom)
        assert len(ons(often)) > 5

    def test_its_tempo_is_followed(self) -> None:
        slow = TempoMap.constant(100.0, Seconds(1.0))
        fast = slow.with_tempo(slow.tick_at(Seconds(6.0)), 180.0)
        rehearsal = Rehearsal(clock="link", changes=MOVING, bpm=100.0)
        sent = rehearsal.play([*beats(1.0, 6.0, slow), *beats(6.0, 14.0, fast)], until=14.0)
        notes = sounded(sent)
        assert any(note.at > 8.0 for note in notes)
        for note in notes:
            assert fast.seconds_at(note.tick) == pytest.approx(note.at, abs=0.001)

    def test_its_stop_and_its_start_are_ours(self) -> None:
        tempo = TempoMap.constant(150.0, Seconds(1.0))
        script = [
            *beats(1.0, 5.0, tempo),
            *beats(5.0, 8.0, tempo, running=False),
            *beats(8.0, 12.0, tempo),
        ]
        rehearsal = Rehearsal(clock="link", seed=1)
        sent = rehearsal.play(script, until=12.0)
        notes = sounded(sent)
        assert not [each for each in sent if 5.0 < each.at < 8.0]
        assert [note for note in notes if note.at >= 8.0]
        assert not [note for note in notes if note.at < 5.0 < note.until]

    def test_while_another_clock_is_kept_it_is_not_listened_to(self) -> None:
        tempo = TempoMap.constant(99.0, Seconds(0.3))
        plain = Rehearsal(bars=8).play()
        script = [*beats(0.5, 4.0, tempo), *beats(4.0, 9.0, tempo, running=False)]
        assert Rehearsal(bars=8).play(script) == plain

    def test_switching_to_it_goes_to_its_place(self) -> None:
        tempo = TempoMap.constant(150.0, Seconds(-20.0))
        script = [*beats(0.5, 12.0, tempo), (Seconds(4.0), turned("clock", "link"))]
        rehearsal = Rehearsal(bpm=133.0, changes=MOVING)
        notes = sounded(rehearsal.play(script, until=12.0))
        late = [note for note in notes if note.at >= 4.0]
        assert len(late) > 4
        for note in late:
            assert tempo.seconds_at(note.tick) == pytest.approx(note.at, abs=0.02)


class TestTake:
    """What a take has of a song whose transport was moved."""

    def test_offs_at_a_jump_are_where_it_left(self) -> None:
        master = Master(0.5, 120.0)
        master.place(16 * 8)
        master.go_on()
        master.pulses(24 * 10)
        master.start()  # again: back to bar 1
        master.pulses(24 * 16)
        master.stop()
        rehearsal = Rehearsal(bpm=120.0, clock="midi", keep=True)
        sent = rehearsal.play(master.items)
        assert rehearsal.take is not None
        score = rehearsal.take.score()
        (part,) = score.parts
        down: dict[int, Ticks] = {}
        lengths = []
        for timed in part.events:
            if isinstance(timed.event, NoteOn):
                assert timed.event.pitch not in down
                down[timed.event.pitch] = timed.tick
            elif isinstance(timed.event, NoteOff):
                lengths.append(timed.tick - down.pop(timed.event.pitch))
        assert not down
        live = [note.until - note.at for note in sounded(sent)]
        assert [length / (2 * PPQ) for length in lengths] == pytest.approx(live, abs=0.01)
        # Both stretches are whole and neither is pushed away by the other.
        onsets = [t.tick for t in part.events if isinstance(t.event, NoteOn)]
        gaps = [b - a for a, b in pairwise(onsets)]
        played = [note.at for note in sounded(sent)]
        usual = [round((b - a) * 2 * PPQ) for a, b in pairwise(played)]
        assert sum(abs(a - b) > 8 for a, b in zip(gaps, usual, strict=True)) <= 1

    def test_a_stop_and_a_start_elsewhere(self) -> None:
        master = wandering(11, 120.0)
        rehearsal = Rehearsal(bpm=120.0, clock="midi", keep=True, changes=MOVING)
        sent = rehearsal.play(master.items)
        assert rehearsal.take is not None
        score = rehearsal.take.score()
        count = sum(
            isinstance(timed.event, NoteOn) for part in score.parts for timed in part.events
        )
        assert count == len(ons(sent)) > 10
        for part in score.parts:
            ticks = [timed.tick for timed in part.events]
            assert ticks == sorted(ticks)
            assert ticks[-1] <= score.length

    def test_what_is_played_while_the_song_stands_has_no_place_in_it(self) -> None:
        master = Master(0.5, 120.0)
        master.start()
        master.pulses(24 * 8)
        stop = master.at
        master.stop()
        master.at += 4.0
        master.go_on()
        master.pulses(24 * 8)
        master.stop()
        script = [
            *master.items,
            press(stop - 0.2, 50),
            lift(stop + 0.2, 50),
            *phrase(stop + 1.0, [60, 62, 64]),
            *phrase(stop + 5.0, [70, 72]),
        ]
        rehearsal = Rehearsal("trade", bpm=120.0, clock="midi", keep=True)
        rehearsal.play(script)
        assert rehearsal.take is not None
        (theirs,) = [p for p in rehearsal.take.score().parts if p.name == PLAYER]
        ons = [t.event.pitch for t in theirs.events if isinstance(t.event, NoteOn)]
        offs = [t.event.pitch for t in theirs.events if isinstance(t.event, NoteOff)]
        assert ons == offs == [50, 70, 72]


class TestLeadingOthers:
    """A clock of ours while another one is followed, or bar 1 is set anew."""

    def follower(self, sent: list[Sent]) -> list[tuple[float, int | None]]:
        """Where somebody who follows our clock believes to be, at each pulse."""
        found: list[tuple[float, int | None]] = []
        tick: int | None = 0
        playing = False
        for each in sent:
            match each.event:
                case Start():
                    tick, playing = 0, True
                case Continue():
                    playing = True
                case Stop():
                    playing = False
                case SongPosition(sixteenths):
                    tick = sixteenths * PPQ // 4
                case Pulse():
                    assert tick is not None
                    found.append((each.at, tick if playing else None))
                    tick += PULSE if playing else 0
        return found

    def test_they_are_where_we_are(self) -> None:
        for seed in range(8):
            master = wandering(seed, 120.0)
            rehearsal = Rehearsal(bpm=120.0, clock="midi", leads=True, seed=seed)
            sent = rehearsal.play(master.items)
            places = self.follower(sent)
            assert len([place for _, place in places if place is not None]) > 20
            off = 0
            for at, tick in places:
                away = None if tick is None else master.away(at, tick)
                # A place between two sixteenths cannot be told: until the next one they are off.
                off = off + 1 if away is not None and abs(away) > 5 else 0
                assert off < 6, (seed, at)

    @pytest.mark.parametrize("where", [0, 16, 160])
    def test_pulses_go_on_evenly_through_a_jump(self, where: int) -> None:
        master = Master(0.5, 120.0)
        master.start()
        master.pulses(24 * 8)
        master.place(where)
        master.pulses(24 * 8)
        end = master.at
        master.stop()
        sent = Rehearsal(bpm=120.0, clock="midi", leads=True).play(master.items)
        pulses = [each.at for each in sent if isinstance(each.event, Pulse) and each.at < end]
        gaps = [b - a for a, b in pairwise(pulses)]
        assert 24 * 16 - 2 <= len(pulses) <= 24 * 16 + 2
        assert max(gaps) < 2.1 / 48

    def test_a_follower_that_was_unplugged_is_placed_again(self) -> None:
        """What it missed it cannot know: it is told where we are, and to go on."""
        rehearsal = Rehearsal(leads=True, bpm=120.0)
        script: list[Item] = [
            (Seconds(3.0), Plugged(Port.CLOCK, back=False)),
            (Seconds(5.3), Plugged(Port.CLOCK, back=True)),
        ]
        sent = rehearsal.play(script, until=8.0)
        assert self.follower([each for each in sent if each.at >= 5.3])
        for at, tick in self.follower([each for each in sent if each.at >= 5.3]):
            if tick is not None:
                assert at * 2 * PPQ == pytest.approx(tick, abs=2)
        told = [each.event for each in sent if 5.3 <= each.at < 5.6]
        assert Continue() in told

    def test_bar_1_set_anew_is_theirs_too(self) -> None:
        rehearsal = Rehearsal(leads=True, bpm=120.0)
        sent = rehearsal.play([(Seconds(3.3), turned("downbeat", True))], until=8.0)
        for at, tick in self.follower(sent):
            if tick is not None:
                begin = 3.3 if at >= 3.3 else 0.0
                assert (at - begin) * 2 * PPQ == pytest.approx(tick, abs=2)


def test_the_state_says_what_it_does() -> None:
    master = Master(1.0, 120.0)
    master.start()
    master.pulses(24 * 4)
    stop_at = master.at
    master.stop()
    session = Rehearsal(clock="midi").session
    assert session.state is State.STOPPED
    states = []
    for at, item in master.items:
        session.receive(item, at)
        states.append(session.state)
    assert states[1:-1] == [State.PLAYING] * (len(states) - 2)
    assert states[-1] is State.STOPPED
    assert session.place(Seconds(stop_at + 5)) == "chorus 1, bar 2"
    assert ClockSource(session.knobs.clock) is ClockSource.MIDI
    assert CHANGES.bars[1].start == BAR
