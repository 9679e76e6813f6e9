"""Chords that are played: what is planned after them is planned over them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from live_improv.charts.text import parse
from live_improv.listening.chord_recognition import SETTLE
from live_improv.music.chords import parse_chord
from live_improv.music.events import Ear, NoteOn
from live_improv.music.timing import PPQ, Meter, Seconds, Ticks
from live_improv.performance.harmony import NO_CHORD, ChordSource, free_form
from live_improv.performance.partner import Listening
from tests.performance.sessions import (
    Item,
    Master,
    Rehearsal,
    Sent,
    chord,
    ons,
    phrase,
    press,
    sounded,
    trained,
    turned,
)

BPM = 200.0
FREE = free_form(Meter(4, 4))

VOICINGS = {
    "Dm7": (50, 53, 57, 60),
    "G7": (43, 53, 59, 62),
    "CM7": (48, 52, 55, 59),
    "F7": (41, 51, 57, 60),
    "Ebm7": (51, 54, 58, 61),
}


def comping(
    names: list[str], every: float, ears: Ear = Ear.CHORDS, start: float = 1.0
) -> list[Item]:
    """A left hand that plays one chord after the other, each held up to the next."""
    script = []
    for i, name in enumerate(names):
        script += chord(start + i * every, VOICINGS[name], 0.95 * every, ears)
    return script


def roots(rehearsal: Rehearsal, sent: list[Sent]) -> list[tuple[float, int | None]]:
    """Of each note that came out: when, and the root of the chord that it was planned over."""
    planned = {each.note.onset: each for each in rehearsal.planned}
    found: list[tuple[float, int | None]] = []
    for note in sounded(sent):
        written = next(tick for tick in range(note.tick, note.tick - 120, -1) if tick in planned)
        each = planned[Ticks(written)]
        found.append((note.at, each.changes.chord_at(Ticks(written)).root))
    return found


HOW = {
    "a port of its own": (Listening(), Ear.CHORDS),
    "a channel": (Listening(chord_channel=0), Ear.PLAYER),
    "below a split": (Listening(split=64), Ear.PLAYER),
    "both hands": (Listening(both_hands=True), Ear.PLAYER),
}


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("horizon", [60, 240, 480])
def test_what_is_planned_after_a_voicing_is_over_it(how: str, horizon: int) -> None:
    listening, ears = HOW[how]
    names = ["Dm7", "G7", "CM7", "F7", "Ebm7", "Dm7", "G7"]
    for seed in range(3):
        rehearsal = Rehearsal(
            changes=FREE,
            bpm=BPM,
            seed=seed,
            chords=ChordSource.LIVE,
            listening=listening,
            horizon=horizon,
            density=0.8,
            net=trained(),
        )
        sent = rehearsal.play(comping(names, 2.4, ears), until=19.0)
        found = roots(rehearsal, sent)
        committed = horizon / PPQ * 60 / BPM
        for at, root in found:
            # The chord whose last note came at least a horizon and 50 ms before this one.
            number = int((at - committed - 0.05 - 1.0) // 2.4)
            heard = min(int((at - committed - 1.0) // 2.4), len(names) - 1)
            if number < 0 or number != heard:
                continue
            newest = min(int((at - 1.0) // 2.4), len(names) - 1)
            allowed = {parse_chord(names[n]).root for n in range(number, newest + 1)}
            assert root in allowed, (at, root, names[number])
        # Each chord is used, within the horizon and 50 ms and the time to the next note.
        for i, name in enumerate(names[:-1]):
            root = parse_chord(name).root
            struck = 1.0 + 2.4 * i
            after = [at for at, _ in found if at > struck + committed + 0.05]
            using = [at for at, r in found if r == root and at > struck]
            if after and after[0] < struck + 2.4:
                assert using
                assert using[0] <= after[0]


def test_a_chord_is_used_by_the_next_note_that_is_planned() -> None:
    rehearsal = Rehearsal(changes=FREE, bpm=BPM, chords=ChordSource.LIVE, density=1.0)
    names = ["Dm7", "G7", "CM7", "F7", "Ebm7"]
    rehearsal.play(comping(names, 2.4), until=14.0)
    after = 0
    for each in rehearsal.planned:
        since = each.at - 1.0
        number, into = int(since // 2.4), since % 2.4
        if since < 0:
            assert each.changes.chord_at(each.note.onset) == NO_CHORD
        elif into > SETTLE + 1e-6:
            expected = parse_chord(names[min(number, len(names) - 1)]).root
            assert each.changes.chord_at(each.note.onset).root == expected
            after += 1
    assert after > 8


def test_a_chord_decides_anew_when_the_line_goes_on() -> None:
    """What is not committed is planned again; what is stays."""
    moved = 0
    for seed in range(24):
        plain, comped = (
            Rehearsal(changes=FREE, bpm=BPM, chords=ChordSource.LIVE, seed=seed, horizon=60)
            for _ in range(2)
        )
        alone = ons(plain.play(until=8.0))
        sent = ons(comped.play(comping(["Ebm7"], 6.0, start=3.0), until=8.0))
        settled = 3.0 + SETTLE + 60 / PPQ * 60 / BPM
        assert [each for each in alone if each.at < settled] == [
            each for each in sent if each.at < settled
        ]
        later = ([each.tick for each in found if each.at > settled] for found in (alone, sent))
        first, other = (next(iter(ticks), None) for ticks in later)
        moved += first != other
    assert moved > 3


def test_the_chart_wins_unless_told_otherwise() -> None:
    changes = parse("C7 | N.C. | F7 | N.C.")
    script = comping(["Ebm7"], 2.4, start=0.5)
    for source, expected in (
        (ChordSource.CHART, ["C7", "N.C.", "F7", "N.C."]),
        (ChordSource.BOTH, ["C7", "Ebm7", "F7", "Ebm7"]),
        (ChordSource.LIVE, ["Ebm7"] * 4),
    ):
        rehearsal = Rehearsal(changes=changes, chords=source)
        rehearsal.play(script, until=9.0)
        found = [rehearsal.harmony.changes.chord_at(Ticks(1920 * i)).symbol for i in range(4)]
        assert found == expected


def test_without_chords_there_is_a_key_after_a_while() -> None:
    scale = [62, 64, 66, 67, 69, 71, 73, 74]  # D major
    script = [*phrase(1.0, [*scale, *scale[::-1]] * 3, 0.25)]
    rehearsal = Rehearsal("trade", trade=4, changes=FREE, chords=ChordSource.LIVE, bpm=120.0)
    sent = rehearsal.play(script, until=30.0)
    assert ons(sent)
    root = rehearsal.harmony.changes.chord_at(Ticks(0)).root
    assert root in (2, 11), "D, or its relative minor"
    # A chord that is played takes the place of the key.
    again = Rehearsal("trade", trade=4, changes=FREE, chords=ChordSource.LIVE, bpm=120.0)
    again.play([*script, *comping(["F7"], 2.0, start=14.0)], until=30.0)
    assert again.harmony.changes.chord_at(Ticks(0)).root == 5


def test_the_left_hand_is_no_melody() -> None:
    """Chords below the split, on their channel or port are not answered."""
    for name in ("a port of its own", "a channel", "below a split"):
        listening, ears = HOW[name]
        rehearsal = Rehearsal("answer", listening=listening, chords=ChordSource.LIVE)
        assert ons(rehearsal.play(comping(["Dm7", "G7", "CM7"], 2.0, ears), until=12.0)) == []
    rehearsal = Rehearsal("answer", listening=Listening(both_hands=True), chords=ChordSource.LIVE)
    assert ons(rehearsal.play(comping(["Dm7", "G7"], 2.0, Ear.PLAYER), until=12.0))


def test_the_right_hand_is_no_chord() -> None:
    """Above the split one plays as one likes."""
    script = [*comping(["Dm7"], 12.0, Ear.PLAYER), *phrase(2.0, [76, 80, 83, 87] * 6, 0.2)]
    rehearsal = Rehearsal(
        "answer", changes=FREE, listening=Listening(split=64), chords=ChordSource.LIVE
    )
    rehearsal.play(script, until=12.0)
    assert rehearsal.harmony.changes.chord_at(Ticks(0)) == parse_chord("Dm7")


def test_a_chord_held_over_a_stop_is_let_go() -> None:
    """Its offs may have been missed; what is struck next is a chord of its own."""
    master = Master(0.5, 120.0)
    master.start()
    master.pulses(24 * 8)
    stop = master.at
    master.stop()
    master.at += 1.0
    master.go_on()
    begin = master.at
    master.pulses(24 * 8)
    script = [*master.items, *[press(1.0, pitch, Ear.CHORDS) for pitch in VOICINGS["Dm7"]]]
    script += comping(["Ebm7"], 1.0, start=begin + 1.0)
    rehearsal = Rehearsal(changes=FREE, chords=ChordSource.LIVE, clock="midi", bpm=120.0)
    rehearsal.play(script, until=master.at)
    assert stop < begin
    assert rehearsal.harmony.changes.chord_at(Ticks(0)).root == 3


def test_the_take_has_the_chords_that_were_played() -> None:
    rehearsal = Rehearsal(changes=FREE, bpm=BPM, chords=ChordSource.LIVE, keep=True, bars=8)
    rehearsal.play(comping(["Dm7", "G7", "CM7"], 2.4))
    assert rehearsal.take is not None
    chords = [
        span.chord.root for span in rehearsal.take.score().chords if span.chord.root is not None
    ]
    assert [root for i, root in enumerate(chords) if i == 0 or chords[i - 1] != root] == [2, 7, 0]


@settings(max_examples=20)
@given(
    st.lists(st.sampled_from(sorted(VOICINGS)), min_size=1, max_size=8),
    st.sampled_from([0.4, 1.1, 2.4]),
    st.sampled_from(["solo", "trade", "answer", "duet"]),
    st.integers(0, 99),
)
def test_chords_in_every_mode_leave_nothing_sounding(
    names: list[str], every: float, mode: str, seed: int
) -> None:
    script = [
        *comping(names, every),
        *phrase(2.0, [72, 74, 76, 77], 0.2),
        (Seconds(4.0), turned("density", 1.0)),
    ]
    rehearsal = Rehearsal(mode, changes=FREE, chords=ChordSource.LIVE, seed=seed, trade=1)
    sent = rehearsal.play(script, until=12.0)
    sounded(sent)
    # After F7, C E G B may be Am9 as well as CM7.
    last = names[min(len(names) - 1, int((12.0 - 1.0 - 0.05) // every))]
    heard = {pitch % 12 for pitch in VOICINGS[last]}
    assert heard <= rehearsal.harmony.changes.chord_at(Ticks(0)).scale


def test_a_chord_in_the_turn_of_the_player_does_not_pull_us_in() -> None:
    """They hold a note and comp below it, up to the bar line: our turn begins on it."""
    for seed in range(10):
        script: list[Item] = [
            *phrase(0.1, [72, 74, 76], 0.2),
            press(3.0, 77),
            *comping(["Dm7", "G7", "CM7", "F7"], 0.25, start=3.95),
        ]
        rehearsal = Rehearsal("trade", seed=seed, chords=ChordSource.LIVE, density=1.0)
        first = ons(rehearsal.play(script, until=9.0))[0]
        assert isinstance(first.event, NoteOn)
        assert 4 * 1920 <= first.tick < 5 * 1920
