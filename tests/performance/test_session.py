"""A session: events in, events out, each in its time."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from live_improv.music.events import (
    Continue,
    ControlChange,
    Ear,
    Event,
    Heard,
    NoteOff,
    NoteOn,
    Pulse,
    SongPosition,
    Start,
    Stop,
    Timed,
)
from live_improv.music.timing import Seconds
from live_improv.performance.incoming import Incoming, Key, Plugged, Port
from live_improv.performance.session import State
from tests.performance.sessions import (
    BAR,
    CHANNEL,
    COMMIT_HORIZON,
    Rehearsal,
    Sent,
    chord,
    events,
    ons,
    phrase,
    press,
    sounded,
    turned,
)


def check_ledger(sent: list[Sent], offs: list[Timed] | None = None) -> None:
    """Every on has one off, a pitch sounds once at a time, and nothing sounds at the end."""
    last = sent[-1].at if sent else Seconds(0.0)
    sounded([*sent, *(Sent(last, timed) for timed in offs or [])])


@settings(max_examples=25)
@given(
    st.integers(1, 12),
    st.sampled_from([20.0, 137.0, 240.0, 500.0]),
    st.integers(0, 50),
    st.sampled_from([0.0, 0.05, 1234.5678]),
)
def test_everything_comes_out_in_its_time(bars: int, bpm: float, seed: int, start: float) -> None:
    rehearsal = Rehearsal(bars=bars, bpm=bpm, seed=seed, start=start)
    sent = rehearsal.played()
    assert rehearsal.session.state is State.ENDED
    assert rehearsal.end is not None
    check_ledger(sent)
    ticks = [each.tick for each in sent]
    assert ticks == sorted(ticks)
    # Never early, and, as nothing here takes any time, never late.
    for each in sent:
        assert each.at == pytest.approx(rehearsal.tempo.seconds_at(each.tick), abs=1e-6)
    # Nothing starts at the end or sounds after it.
    assert all(0 <= tick <= rehearsal.end for tick in ticks)
    starts = [each.tick for each in ons(sent)]
    assert starts
    assert max(starts) < rehearsal.end


@pytest.mark.parametrize("horizon", [60, 240, 480, 1920])
def test_a_note_is_committed_at_most_a_horizon_before_it_sounds(horizon: int) -> None:
    rehearsal = Rehearsal(bars=16, horizon=horizon)
    session, improviser, now = rehearsal.session, rehearsal.improviser, Seconds(0.0)
    ahead = []
    while session.state is State.PLAYING:
        before = improviser.moment.tick
        session.advance(now)
        if improviser.moment.tick != before:
            ahead.append(before - rehearsal.tempo.tick_at(now))
        moment = session.wake_at(now)
        if moment is not None:
            now = moment
    assert len(ahead) > 10
    assert max(ahead) <= horizon
    # But for the first ones, which there was no time for, it is planned well before it sounds.
    assert min(ahead[horizon // 240 + 1 :]) > horizon / 2


@settings(max_examples=10)
@given(st.integers(0, 20), st.integers(0, 2**32))
def test_how_time_passes_changes_nothing(seed: int, steps: int) -> None:
    expected = events(Rehearsal(bars=8, seed=seed).played())
    chance = Random(steps)
    for longest in (0.01, 0.03, 0.05):
        rehearsal = Rehearsal(bars=8, seed=seed)
        session, tempo = rehearsal.session, rehearsal.tempo
        now, found = 0.0, []
        while session.state is State.PLAYING:
            # As often as there is something to do, as the loop does.
            while True:
                due = session.advance(Seconds(now))
                assert all(tempo.seconds_at(timed.tick) <= now + 1e-6 for timed in due)
                found += due
                moment = session.wake_at(Seconds(now))
                if not due and (moment is None or moment > now):
                    break
            now += chance.random() * longest
        assert found == expected


@pytest.mark.parametrize("mode", ["solo", "duet"])
@pytest.mark.parametrize("stall", [1.5, 9.0, 3600.0])
def test_a_stall_is_left_out(stall: float, mode: str) -> None:
    """The machine slept: nothing hangs, nothing is caught up with, the music is where it is."""
    rehearsal = Rehearsal(mode, density=1.0, leads=True, seed=1)
    before = rehearsal.played(until=2.0)
    session, now = rehearsal.session, Seconds(2.0 + stall)
    offs = []
    while due := session.advance(now):
        offs += due
    music = [timed for timed in offs if isinstance(timed.event, NoteOn | NoteOff)]
    check_ledger([each for each in before if isinstance(each.event, NoteOn | NoteOff)], music)
    assert not [timed for timed in music if isinstance(timed.event, NoteOn)]
    assert sum(isinstance(timed.event, Pulse) for timed in offs) <= 1
    rehearsal.clock.wait(now)
    after = rehearsal.played(until=now + 8.0)
    assert len(ons(after)) > 4
    for each in after:
        assert each.at == pytest.approx(rehearsal.tempo.seconds_at(each.tick), abs=1e-6)
    assert ons(after)[0].tick >= rehearsal.tempo.tick_at(now)


@pytest.mark.parametrize("bars", [2, 8])
def test_a_stall_over_the_end_is_the_end(bars: int) -> None:
    rehearsal = Rehearsal(bars=bars)
    before = rehearsal.played(until=1.0)
    session = rehearsal.session
    offs = []
    for _ in range(10):
        offs += session.advance(Seconds(100.0))
    assert session.state is State.ENDED
    check_ledger(before, offs)


def test_what_is_asked_for_late_comes_in_order() -> None:
    """Notes, clicks and our clock, out of three heaps."""
    session = Rehearsal(bars=4, leads=True, count_in=BAR, density=1.0).session
    now, found = 0.0, 0
    while session.state is State.PLAYING:
        for _ in range(20):
            ticks = [timed.tick for timed in session.advance(Seconds(now))]
            assert ticks == sorted(ticks)
            found += len(ticks)
        now += 0.31
    assert found > 400


def test_asking_too_often_changes_nothing() -> None:
    expected = events(Rehearsal(bars=8).played())
    session, found = Rehearsal(bars=8).session, []
    for millisecond in range(20_000):
        found += session.advance(Seconds(millisecond / 1000))
    assert found == expected


START, STOP = (Heard(Seconds(1e6), each, Ear.CLOCK) for each in (Start(), Stop()))


def test_after_the_end_there_is_nothing() -> None:
    rehearsal = Rehearsal(bars=1)
    rehearsal.played()
    session = rehearsal.session
    assert session.state is State.ENDED
    assert session.advance(Seconds(1e6)) == []
    assert session.wake_at(Seconds(1e6)) is None
    assert session.close(Seconds(1e6)) == []


def test_where_it_stood_when_somebody_quit_it_stands() -> None:
    """No time passes in it any more, for those who look on."""
    session = Rehearsal(bpm=240.0).session
    session.receive(Key("x"), Seconds(1.0))
    session.receive(Key("q"), Seconds(2.0))
    assert session.state is State.ENDED
    assert session.glimpse(Seconds(60.0)).tick == 1920


@pytest.mark.parametrize("last", [turned("clock", "midi"), turned("downbeat", True), START, STOP])
def test_whoever_quits_has_quit(last: object) -> None:
    """What was in the same handful as the wish to end does not begin the music again."""
    rehearsal = Rehearsal(clock="midi" if isinstance(last, Heard) else "internal")
    session = rehearsal.session
    session.receive(START, Seconds(0.0))
    session.receive(Key("q"), Seconds(1.0))
    assert session.state is State.ENDED
    session.receive(last, Seconds(1.0))  # type: ignore[arg-type]
    assert session.state is State.ENDED
    assert session.advance(Seconds(9.0)) == []
    assert session.wake_at(Seconds(9.0)) is None


def test_without_a_length_it_does_not_end() -> None:
    rehearsal = Rehearsal()
    found = rehearsal.played(until=120.0)
    assert rehearsal.session.state is State.PLAYING
    assert found[-1].at > 115.0


@pytest.mark.parametrize("bpm", [60.0, 240.0])
@pytest.mark.parametrize("seed", range(6))
def test_a_player_changes_nothing_in_a_solo_that_does_not_follow(seed: int, bpm: float) -> None:
    expected = events(Rehearsal(bars=12, seed=seed, bpm=bpm, follow=0.0, start=0.05).played())
    chance = Random(seed)
    script = phrase(0.0, [60, 62], every=0.04)
    for _ in range(8):
        pitches = [chance.randint(40, 90) for _ in range(chance.randint(1, 9))]
        script += phrase(chance.random() * 40, pitches, 0.05 + chance.random() / 4)
        script += chord(chance.random() * 40, [48, 52, 55, 58], chance.random() * 3)
    rehearsal = Rehearsal(bars=12, seed=seed, bpm=bpm, follow=0.0, start=0.05)
    assert events(rehearsal.play(script)) == expected


def test_a_player_is_taken_up_in_a_solo_that_follows() -> None:
    script = [item for i in range(8) for item in phrase(2.0 * i, [60, 62, 64, 65, 67])]
    alone = Rehearsal(bars=12, follow=0.9).play()
    assert events(Rehearsal(bars=12, follow=0.9).play(script)) != events(alone)


@pytest.mark.parametrize(
    "event",
    [Start(), Continue(), Stop(), Pulse(), SongPosition(4), NoteOn(60, 80), ControlChange(7, 100)],
)
@pytest.mark.parametrize("ears", [Ear.PLAYER, Ear.PLAYER | Ear.CLOCK, Ear.CLOCK, Ear.CHORDS])
def test_other_events_change_nothing_while_it_plays(event: Event, ears: Ear) -> None:
    """A clock that is not followed may do as it likes, and a player may play in a solo."""
    expected = events(Rehearsal(bars=8, follow=0.0).played())
    rehearsal = Rehearsal(bars=8, follow=0.0)
    found = events(rehearsal.played(until=1.5))
    assert rehearsal.session.receive(Heard(Seconds(1.5), event, ears), Seconds(1.5)) == []
    assert rehearsal.session.state is State.PLAYING
    assert [*found, *events(rehearsal.played())] == expected


@pytest.mark.parametrize("moment", [0.0, 0.31, 1.0, 2.7, 5.0])
def test_closing_pays_every_debt(moment: float) -> None:
    rehearsal = Rehearsal(bars=8)
    before = rehearsal.played(until=moment)
    offs = rehearsal.session.close(Seconds(moment))
    check_ledger(before, offs)
    assert all(isinstance(timed.event, NoteOff) for timed in offs)
    assert all(timed.tick == rehearsal.tempo.tick_at(Seconds(moment)) for timed in offs)


PANIC = [(64, 0), (123, 0), (120, 0)]


def controls(sent: list[Timed]) -> list[tuple[int, int]]:
    """The controllers among the events, on our channel."""
    found = [timed.event for timed in sent if isinstance(timed.event, ControlChange)]
    assert all(event.channel == CHANNEL for event in found)
    return [(event.control, event.value) for event in found]


@pytest.mark.parametrize("moment", [0.0, 0.31, 1.0, 2.7, 4.8, 5.0])
@pytest.mark.parametrize("how", ["key", "knob", "function"])
def test_panic_is_silence_at_once_until_the_next_bar(moment: float, how: str) -> None:
    rehearsal = Rehearsal(bars=16)
    session, now = rehearsal.session, Seconds(moment)
    before = rehearsal.played(until=moment)
    if how == "function":
        said = session.panic(now)
    else:
        said = session.receive(Key("!") if how == "key" else turned("panic", True), now)
    check_ledger(before, [timed for timed in said if isinstance(timed.event, NoteOff)])
    assert controls(said) == PANIC
    at = rehearsal.tempo.tick_at(now)
    assert all(timed.tick == at for timed in said)
    bar = (at // BAR + 1) * BAR
    after = rehearsal.played()
    check_ledger(after)
    assert after[0].tick == bar
    assert len(after) > 10


@pytest.mark.parametrize("late", [0.0, 0.0001, 0.002, 0.02])
def test_after_a_panic_the_downbeat_is_met_though_time_is_short(late: float) -> None:
    """Nobody is asked exactly at the bar line; there was time to think of it before."""
    rehearsal = Rehearsal(bars=16)
    session = rehearsal.session
    rehearsal.played(until=1.0)
    session.panic(Seconds(1.0))
    now, found = Seconds(1.0), list[Timed]()
    while not found:
        found += session.advance(now)
        moment = session.wake_at(now)
        assert moment is not None
        now = Seconds(moment + late) if moment > now else now
    assert found[0].tick == BAR


def test_panic_twice_is_one_bar_line_later_at_most() -> None:
    rehearsal = Rehearsal(bars=16)
    rehearsal.played(until=1.0)
    session = rehearsal.session
    for tenth in range(10, 20):
        assert controls(session.panic(Seconds(tenth / 10))) == PANIC
    after = rehearsal.played()
    assert after[0].tick == 2 * BAR


def test_panic_in_trade_waits_for_the_turn() -> None:
    rehearsal = Rehearsal("trade", trade=4)
    sent = rehearsal.play([(Seconds(0.5), turned("panic", True))], until=12.0)
    first = ons(sent)[0].tick
    assert 4 * BAR - COMMIT_HORIZON <= first < 5 * BAR


def test_the_output_comes_back_and_hangs_no_note() -> None:
    rehearsal = Rehearsal(bars=8)
    expected = events(Rehearsal(bars=8).played())
    before = rehearsal.played(until=2.0)
    session = rehearsal.session
    assert session.receive(Plugged(Port.NOTES, back=False), Seconds(2.0)) == []
    between = rehearsal.played(until=4.0)
    said = session.receive(Plugged(Port.NOTES, back=True), Seconds(4.0))
    assert controls(said) == [(64, 0), (123, 0)]
    assert len(said) == 2
    after = rehearsal.played()
    assert events([*before, *between, *after]) == expected


@pytest.mark.parametrize("mode", ["answer", "duet"])
@pytest.mark.parametrize("gone", ["unplugged", "all notes off", "all sound off"])
def test_an_input_that_goes_holds_no_key(mode: str, gone: str) -> None:
    """The off of a key that was down never comes; the music goes on, and so does the player."""
    rehearsal = Rehearsal(mode)
    kinds: dict[str, Incoming] = {
        "unplugged": Plugged(Port.PLAYER, back=False),
        "all notes off": Heard(Seconds(1.1), ControlChange(123, 0)),
        "all sound off": Heard(Seconds(1.1), ControlChange(120, 0)),
    }
    script = [*phrase(0.5, [60, 62, 64]), press(1.0, 65), (Seconds(1.1), kinds[gone])]
    sent = rehearsal.play([*script, *phrase(12.0, [60, 62, 64, 65])], until=20.0)
    check_ledger(sent)
    if mode == "duet":
        assert any(1.1 < each.at < 6.0 for each in ons(sent)), "it takes the room"
    assert any(each.at > 12.6 for each in ons(sent)), "it hears what comes after"


class TestCountIn:
    """Bars that are counted in."""

    def test_every_beat_is_clicked_and_nothing_else(self) -> None:
        rehearsal = Rehearsal(bars=2, count_in=2 * BAR)
        sent = rehearsal.play()
        clicks = ons(sent, 9)
        pitches = [each.event.pitch for each in clicks if isinstance(each.event, NoteOn)]
        assert [each.tick for each in clicks] == [-2 * BAR + 480 * i for i in range(8)]
        assert [each.at for each in clicks] == pytest.approx([0.3 * i for i in range(8)])
        assert pitches[0] == pitches[4] != pitches[1]
        sounded(sent, 9)
        assert ons(sent)[0].tick == 0

    def test_it_changes_no_note(self) -> None:
        plain = events(ons(Rehearsal(bars=8).play()))
        assert events(ons(Rehearsal(bars=8, count_in=BAR).play())) == plain

    @pytest.mark.parametrize("mode", ["answer", "duet", "trade", "solo"])
    def test_we_never_play_into_it(self, mode: str) -> None:
        script = phrase(0.1, [60, 62, 64, 65])
        sent = Rehearsal(mode, bars=8, count_in=4 * BAR, seed=3).play(script)
        assert all(each.tick >= 0 for each in ons(sent))

    def test_a_followed_player_is_heard_in_it(self) -> None:
        script = phrase(0.1, [60, 62, 64, 65])
        sent = Rehearsal("trade", bars=8, count_in=BAR, trade=2, follow=1.0).play(script)
        alone = Rehearsal("trade", bars=8, count_in=BAR, trade=2, follow=1.0).play()
        assert events(ons(sent)) != events(ons(alone))


@pytest.mark.parametrize("milliseconds", [-200, -35, 0, 35, 500])
def test_latency_moves_all_that_is_sent(milliseconds: int) -> None:
    plain = Rehearsal(bars=8, start=1.0).play()
    moved = Rehearsal(bars=8, start=1.0, latency_ms=milliseconds).play()
    assert events(moved) == events(plain)
    for one, other in zip(plain, moved, strict=True):
        assert one.at - other.at == pytest.approx(milliseconds / 1000, abs=1e-6)


@pytest.mark.parametrize("milliseconds", [-200, 35, 500])
def test_latency_can_be_turned_while_it_plays(milliseconds: int) -> None:
    plain = Rehearsal(bars=8).play()
    sent = Rehearsal(bars=8).play([(Seconds(3.0), turned("latency_ms", milliseconds))])
    check_ledger(sent)
    assert events(sent) == events(plain), "no note is lost, and none comes twice"
    for each, other in zip(sent, plain, strict=True):
        usual = other.at - milliseconds / 1000 if other.at > 3.6 or other.at - 0.5 > 3.0 else None
        if usual is not None and usual > 3.0:
            assert each.at == pytest.approx(usual, abs=1e-6)


def test_what_is_heard_by_the_clock_alone_is_no_music() -> None:
    """A clock comes from a port of its own; notes of that port are nobody's."""
    script = [
        (at, Heard(at, item.event, Ear.CLOCK))
        for at, item in phrase(0.5, [60, 62, 64])
        if isinstance(item, Heard)
    ]
    rehearsal = Rehearsal("answer", keep=True)
    assert ons(rehearsal.play(script, until=8.0)) == []
    assert rehearsal.take is not None
    assert not rehearsal.take.has_notes()


def test_pads_and_knobs_are_no_music() -> None:
    rehearsal = Rehearsal("answer", keep=True)
    rehearsal.hands.press("l", rehearsal.session.knobs)
    rehearsal.hands.press("m", rehearsal.session.knobs)
    pad = [press(0.5, 36), (Seconds(0.6), Heard(Seconds(0.6), NoteOff(36)))]
    assert ons(rehearsal.play([*pad, press(1.0, 36)], until=8.0)) == []
    assert rehearsal.session.knobs.mute
    assert rehearsal.take is not None
    assert not rehearsal.take.has_notes()


def test_learning_is_shown() -> None:
    session = Rehearsal().session
    for char, shown in (("l", "press the key"), ("t", "temperature: move"), ("l", "nothing")):
        session.receive(Key(char), Seconds(0.0))
        assert shown in str(session.learning)


def test_where_it_is() -> None:
    session = Rehearsal(bpm=240.0, count_in=BAR).session
    assert session.place(Seconds(0.5)) == "the count-in"
    assert session.place(Seconds(1.0)) == "chorus 1, bar 1"
    assert session.place(Seconds(3.5)) == "chorus 1, bar 3"
    assert session.place(Seconds(1.0 + 4 * 7)) == "chorus 8, bar 1"


def test_mute_plays_on_in_silence() -> None:
    """Notes end as planned, none begins, and the line goes on as if it had been heard."""
    plain = Rehearsal(bars=16).play()
    script = [(Seconds(3.0), turned("mute", True)), (Seconds(9.0), turned("mute", False))]
    sent = Rehearsal(bars=16).play(script)
    notes = sounded(sent)
    assert not [note for note in notes if 3.0 < note.at <= 9.0]
    loud = [note for note in sounded(plain) if note.at <= 3.0 or note.at > 9.0 + 0.3]
    assert [note for note in notes if note in loud] == loud


@pytest.mark.parametrize("name", ["temperature", "density"])
def test_a_knob_is_heard_within_the_horizon(name: str) -> None:
    """What is not committed is decided anew; what is committed sounds as it was."""
    plain = Rehearsal(bars=16).play()
    low = 0.3 if name == "temperature" else -1.0
    sent = Rehearsal(bars=16).play([(Seconds(3.0), turned(name, low))])
    committed = [each for each in events(plain) if each.tick < 3.0 * 1600]
    assert events(sent)[: len(committed)] == committed
    assert events(sent) != events(plain)


@pytest.mark.parametrize("name", ["temperature", "density", "trade", "mode"])
def test_knobs_do_not_pull_us_into_the_turn_of_the_player(name: str) -> None:
    """They hold a note up to the bar line, somebody turns a knob, and we come in on it."""
    values: dict[str, tuple[float | str, ...]] = {
        "temperature": (0.8, 1.3),
        "density": (0.3, 0.6),
        "trade": (4, 4),
        "mode": ("trade", "trade"),
    }
    for seed in range(10):
        script = [*phrase(0.1, [60, 62, 64, 65]), press(3.0, 67)]
        script += [(Seconds(4.0 + i * 0.07), turned(name, values[name][i % 2])) for i in range(10)]
        sent = Rehearsal("trade", seed=seed, density=1.0).play(script, until=9.0)
        assert 4 * BAR <= ons(sent)[0].tick < 5 * BAR


class TestLeading:
    """A MIDI clock of ours."""

    def test_there_are_24_pulses_to_the_quarter(self) -> None:
        rehearsal = Rehearsal(bars=2, leads=True)
        sent = rehearsal.play()
        clock = [each for each in sent if isinstance(each.event, Pulse | Start | Stop)]
        assert isinstance(clock[0].event, Start)
        assert isinstance(clock[-1].event, Stop)
        pulses = clock[1:-1]
        assert [each.tick for each in pulses] == [20 * i for i in range(2 * 4 * 24 + 1)]
        assert [each.at for each in pulses] == pytest.approx([i * 0.0125 for i in range(193)])

    def test_they_change_no_note(self) -> None:
        plain, leading = (Rehearsal(bars=8, leads=leads).play() for leads in (False, True))
        music = [each.timed for each in leading if isinstance(each.event, NoteOn | NoteOff)]
        assert music == events(plain)

    def test_a_count_in_is_led_without_a_start(self) -> None:
        sent = Rehearsal(bars=1, leads=True, count_in=BAR).play()
        (start,) = [each for each in sent if isinstance(each.event, Start)]
        assert start.tick == 0
        early = [each for each in sent if isinstance(each.event, Pulse) and each.tick < 0]
        assert len(early) == 96
