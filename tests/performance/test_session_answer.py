"""Answering and playing a duet: in the player's rests, on the grid, and away at once."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from live_improv.listening.listener import PHRASE_SILENCE, STUCK
from live_improv.music.events import Heard, NoteOff, NoteOn
from live_improv.music.timing import GRID_TICKS, PPQ, Seconds
from live_improv.performance.incoming import Plugged, Port
from tests.performance.sessions import (
    Item,
    Rehearsal,
    Sent,
    chord,
    events,
    lift,
    ons,
    phrase,
    press,
    sounded,
    trained,
    turned,
)

CALL = [60, 62, 64, 65, 67, 69]


def playing(script: list[Item], bpm: float) -> list[tuple[float, float]]:
    """When the player plays: from a key down until all have been up for half a beat, at least."""
    found: list[tuple[float, float]] = []
    down, since = 0, 0.0
    rest = max(PHRASE_SILENCE, 30.0 / bpm)
    for at, item in sorted(script, key=lambda each: each[0]):
        if not isinstance(item, Heard):
            continue
        if isinstance(item.event, NoteOn):
            if not down:
                since = at
            down += 1
        elif isinstance(item.event, NoteOff):
            down -= 1
            if not down:
                if found and found[-1][1] >= since:
                    since = found.pop()[0]
                found.append((since, at + rest))
    assert not down
    return found


def check_manners(sent: list[Sent], script: list[Item], bpm: float) -> None:
    """See that no note of ours begins while they play."""
    busy = playing(script, bpm)
    for each in ons(sent):
        assert not any(a - 1e-9 < each.at < b - 1e-9 for a, b in busy), each
    sounded(sent)


def calls(chance: Random, until: float) -> list[Item]:
    """A player of phrases, long notes and chords, with rests of any length between."""
    script: list[Item] = []
    at = chance.random()
    while at < until:
        if chance.random() < 0.7:
            count, every = chance.randint(1, 12), chance.choice((0.06, 0.11, 0.2, 0.29))
            line = [chance.randint(50, 84) for _ in range(count)]
            script += phrase(at, line, every, chance.choice((0.4, 0.95)))
            at += count * every
        elif chance.random() < 0.5:
            length = 4 * chance.random()
            script += [press(at, 60), lift(at + length, 60)]
            at += length
        else:
            script += chord(at, [55, 59, 64], 0.4)
            at += 0.4
        at += chance.choice((0.05, 0.31, 0.5, 1.0, 4.0)) * (0.5 + chance.random())
    return script


@settings(max_examples=40)
@given(
    st.sampled_from(["answer", "duet"]),
    st.sampled_from([60.0, 120.0, 200.0, 320.0]),
    st.integers(0, 2**32),
    st.sampled_from([60, 240, 480, 1920]),
    st.sampled_from([-200, -30, 0, 30, 400]),
)
def test_we_never_play_over_the_player(
    mode: str, bpm: float, seed: int, horizon: int, latency: int
) -> None:
    script = calls(Random(seed), 20.0)
    rehearsal = Rehearsal(
        mode, bpm=bpm, seed=seed % 100, horizon=horizon, latency_ms=latency, start=0.2
    )
    sent = rehearsal.play(script, until=24.0)
    check_manners(sent, script, bpm)


@pytest.mark.parametrize("mode", ["answer", "duet"])
def test_we_do_play(mode: str) -> None:
    counts = []
    for seed in range(10):
        script = calls(Random(seed), 20.0)
        counts.append(len(ons(Rehearsal(mode, seed=seed).play(script, until=24.0))))
    assert min(counts) > 3


@pytest.mark.parametrize("bpm", [60.0, 120.0, 200.0, 300.0])
@pytest.mark.parametrize("seed", range(5))
def test_an_answer_comes_soon_on_the_grid_and_is_as_long(bpm: float, seed: int) -> None:
    every = 30.0 / bpm
    script = phrase(1.0, [*CALL, 67, 65, 64, 62, 60, 59], every)
    last_off = script[-1][0]
    rehearsal = Rehearsal("answer", bpm=bpm, seed=seed, swing=0.0, net=trained())
    sent = rehearsal.play(script, until=last_off + 60.0)
    notes = sounded(sent)
    beat = 60.0 / bpm
    silence = max(PHRASE_SILENCE, beat / 2)
    step = beat / 12
    # At 120 that is a beat and a grid step at most; half a beat of it decides that it is over.
    assert last_off + silence <= notes[0].at <= last_off + silence + beat / 2 + step + 1e-6
    assert all(note.tick % GRID_TICKS == 0 for note in notes), "swing is off"
    start = rehearsal.tempo.tick_at(Seconds(last_off + silence))
    length = 12 * PPQ // 2
    assert all(note.end <= start + GRID_TICKS + length + PPQ for note in notes)
    assert notes[-1].end >= start + length / 2


def test_a_short_call_gets_two_beats() -> None:
    found = set()
    for seed in range(12):
        script = phrase(1.0, [60], 0.1)
        rehearsal = Rehearsal("answer", seed=seed)
        notes = sounded(rehearsal.play(script, until=20.0))
        found.add(notes[-1].end - notes[0].tick <= 2 * PPQ + GRID_TICKS)
        assert notes
    assert found == {True}


def test_an_answer_is_about_as_busy_as_the_call() -> None:
    """Over many seeds: a busy call of a length gets more notes than a sparse one."""

    def count(every: float) -> int:
        found = 0
        for seed in range(8):
            script = phrase(1.0, [60 + i % 5 for i in range(round(4.8 / every))], every)
            found += len(
                ons(Rehearsal("answer", seed=seed, net=trained()).play(script, until=15.0))
            )
        return found

    busy, sparse = count(0.1), count(0.6)
    assert busy > 1.4 * sparse


@pytest.mark.parametrize("mode", ["answer", "duet"])
@pytest.mark.parametrize("latency", [-200, 0, 200])
@pytest.mark.parametrize("late", [0.0, 0.004])
def test_we_give_way_at_once(mode: str, latency: int, late: float) -> None:
    """No note begins after theirs was received, whatever was planned; what sounds ends."""
    interrupted = 0
    for seed in range(8):
        for tenth in range(5):
            back = 4.0 + tenth / 10
            comes = Heard(Seconds(back), NoteOn(66, 90))
            script: list[Item] = [
                *phrase(1.0, CALL * 3, 0.1),
                (Seconds(back + late), comes),
                (Seconds(back + 6.0), Heard(Seconds(back + 6.0), NoteOff(66))),
            ]
            rehearsal = Rehearsal(mode, seed=seed, latency_ms=latency)
            notes = sounded(rehearsal.play(script, until=back + 6.0))
            assert not [note for note in notes if note.at > back + late + 1e-9]
            interrupted += any(note.at < back < note.until for note in notes)
            # What sounds is not cut: it ends as it would have if they had not come back.
            alone = Rehearsal(mode, seed=seed, latency_ms=latency)
            plain = sounded(alone.play(script[: 2 * len(CALL * 3)], until=back + 6.0))
            assert notes == plain[: len(notes)]
    assert interrupted > 1


def test_a_duet_begins_by_itself_and_comes_back_after_each_phrase() -> None:
    script = [item for at in (3.0, 8.0, 13.0) for item in phrase(at, CALL, 0.15)]
    sent = Rehearsal("duet").play(script, until=20.0)
    check_manners(sent, script, 200.0)
    for since, until in ((0.0, 3.0), (4.5, 8.0), (9.5, 13.0), (14.5, 20.0)):
        assert any(since <= each.at < until for each in ons(sent))


def test_an_answer_is_only_given_once() -> None:
    sent = Rehearsal("answer").play(phrase(1.0, CALL), until=60.0)
    assert len(ons(sent)) > 0
    assert ons(sent)[-1].at < 6.0


def test_without_a_call_there_is_no_answer() -> None:
    assert Rehearsal("answer").play(until=60.0) == []


def test_a_lost_note_off_does_not_end_the_conversation() -> None:
    script = [*phrase(1.0, CALL), press(2.0, 70)]
    sent = Rehearsal("answer").play(script, until=2.0 + STUCK + 6.0)
    assert ons(sent)
    assert ons(sent)[0].at > 2.0 + STUCK


@pytest.mark.parametrize("mode", ["solo", "trade", "answer"])
def test_a_duet_that_begins_in_a_phrase_waits_for_its_end(mode: str) -> None:
    script = [
        *phrase(0.5, CALL * 4, 0.2),
        press(5.35, 72),
        (Seconds(3.0), turned("mode", "duet")),
        lift(9.0, 72),
    ]
    sent = Rehearsal(mode).play(script, until=14.0)
    assert not [each for each in ons(sent) if 3.0 < each.at < 9.0 + PHRASE_SILENCE]
    assert [each for each in ons(sent) if each.at > 9.0]


def test_a_jump_within_a_phrase_leaves_it_theirs() -> None:
    script: list[Item] = [
        *phrase(0.5, CALL * 4, 0.2),
        (Seconds(3.0), turned("downbeat", True)),
    ]
    for mode in ("duet", "answer"):
        sent = Rehearsal(mode).play(script, until=14.0)
        check_manners(sent, [*script, press(0.5, 1), lift(5.28, 1)], 200.0)
        notes = [note for note in sounded(sent) if note.at > 5.0]
        assert notes
        if mode == "answer":
            # As long as what they played, or the part after the jump: not as the jump was far.
            assert notes[-1].until - notes[0].at < 5.5


def test_an_answer_to_a_mode_that_was_switched_meanwhile() -> None:
    script: list[Item] = [
        *phrase(0.5, CALL * 2, 0.2),
        (Seconds(1.5), turned("mode", "answer")),
    ]
    sent = Rehearsal("solo").play(script, until=14.0)
    late = [each for each in ons(sent) if each.at > 1.5]
    assert late
    assert min(each.at for each in late) >= 0.5 + 11.9 * 0.2 + PHRASE_SILENCE


def test_the_answer_hears_the_call() -> None:
    answers = set()
    for call in (CALL, CALL[::-1], [60] * 6):
        sent = Rehearsal("answer", follow=0.01, net=trained()).play(phrase(1.0, call), until=8.0)
        answers.add(tuple(events(ons(sent))))
    assert len(answers) == 3


def test_without_follow_the_call_is_not_heard() -> None:
    """What is asked of it stays: when it is over, how long and how busy it was."""
    answers = set()
    for call in (CALL, CALL[::-1], [60, 72] * 3):
        sent = Rehearsal("answer", follow=0.0).play(phrase(1.0, call), until=8.0)
        answers.add(tuple(events(ons(sent))))
    assert len(answers) == 1


def test_a_filtered_note_is_nobodys() -> None:
    from live_improv.listening.listener import Filter
    from live_improv.performance.partner import Listening

    only = Listening(Filter(channel=2, low=50, high=90))
    for channel, pitch, heard in ((2, 60, True), (1, 60, False), (2, 40, False), (2, 95, False)):
        script = [press(1.0, pitch, channel=channel), lift(1.5, pitch, channel=channel)]
        sent = Rehearsal("answer", listening=only).play(script, until=8.0)
        assert bool(ons(sent)) is heard


def test_an_input_that_goes_and_comes_back() -> None:
    script: list[Item] = [
        press(1.0, 60),
        (Seconds(1.5), Plugged(Port.PLAYER, back=False)),
        (Seconds(4.0), Plugged(Port.PLAYER, back=True)),
        *phrase(5.0, CALL),
    ]
    sent = Rehearsal("answer").play(script, until=12.0)
    assert any(5.9 < each.at < 7.0 for each in ons(sent))
