"""A session with its band, and what can be turned while everybody plays."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest

from live_improv.charts.text import parse
from live_improv.loop import Script, run
from live_improv.music.events import ControlChange, Ear, NoteOn
from live_improv.music.timing import PPQ, Seconds, Ticks
from live_improv.performance.band import QUARTET, BandPlayer
from live_improv.performance.harmony import ChordSource
from live_improv.performance.incoming import Charted
from tests.performance.sessions import (
    BAND,
    BAR,
    CHANNEL,
    Item,
    Master,
    Rehearsal,
    Sent,
    Sink,
    chord,
    ons,
    press,
    sounded,
    turned,
)

BASS, PIANO, DRUMS = BAND.bass, BAND.piano, BAND.drums
WALTZ = parse("tempo: 150\ntime: 3/4\nCm7 | F7 | BbM7 | EbM7 | Am7b5 | D7 | Gm6 | G7")


def off(moment: float, period: float) -> float:
    """How far a moment is from the nearest whole period."""
    return abs((moment + period / 2) % period - period / 2)


def pitch(note: Sent) -> int:
    """The pitch of a note-on."""
    assert isinstance(note.event, NoteOn)
    return note.event.pitch


def in_order(sent: list[Sent]) -> bool:
    return all(a.at <= b.at for a, b in pairwise(sent))


def test_everybody_plays_and_nothing_is_left_sounding() -> None:
    rehearsal = Rehearsal(bars=8, band=QUARTET, keep=True)
    sent = rehearsal.play()
    assert in_order(sent)
    for channel in (CHANNEL, BASS, PIANO, DRUMS):
        assert len(sounded(sent, channel)) >= 8
    assert rehearsal.take is not None
    score = rehearsal.take.score(rehearsal.session.last)
    assert [part.name for part in score.parts] == ["Improviser", "Bass", "Piano", "Drums"]
    assert sum(len(part.events) for part in score.parts) == len(sent)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_band_changes_no_note_of_the_soloist(seed: int) -> None:
    alone = Rehearsal(bars=8, seed=seed).play()
    together = Rehearsal(bars=8, seed=seed, band=QUARTET).play()
    assert [each.timed for each in ons(together)] == [each.timed for each in ons(alone)]


def test_each_plays_the_same_whoever_else_does() -> None:
    everybody = Rehearsal(bars=8, band=QUARTET).play()
    for player in QUARTET:
        alone = Rehearsal(bars=8, band=frozenset({player})).play()
        channel = BAND.of(player)
        assert [e.timed for e in ons(alone, channel)] == [e.timed for e in ons(everybody, channel)]


def test_the_moments_at_which_it_is_asked_change_nothing() -> None:
    """A loop that is woken far too often, and at odd moments, plays the same."""
    plain = Rehearsal(bars=6, band=QUARTET).play()
    rehearsal, random = Rehearsal(bars=6, band=QUARTET), Random(3)
    sink = Sink(rehearsal.clock)
    run(
        rehearsal.session,
        sink.clock,
        sink,
        Script(sorted((Seconds(random.uniform(0, 8)), turned("loose", 0.0)) for _ in range(900))),
    )
    assert [each.timed for each in sink.sent] == [each.timed for each in plain]


def test_the_bass_goes_to_the_chord_that_is_played() -> None:
    """A chord of the left hand on beat 3 is under the bass a beat later at the latest."""
    rehearsal = Rehearsal(
        bars=4, bpm=120.0, band=frozenset({BandPlayer.BASS}), chords=ChordSource.LIVE
    )
    after = {6, 10, 1, 4, 8, 3}
    sent = rehearsal.play(chord(5.0, [54, 58, 61, 64], 2.0, Ear.CHORDS))
    notes = ons(sent, BASS)
    struck = [n for n in notes if 5.6 <= n.at < 6.9]
    assert struck
    assert sum(pitch(each) % 12 in after for each in struck) >= len(struck) / 2


def test_a_level_of_zero_is_silence_and_comes_back() -> None:
    script: list[Item] = [
        (Seconds(0.0), turned("bass_level", 0.0)),
        (Seconds(4.8), turned("bass_level", 1.0)),
    ]
    sent = Rehearsal(bars=8, band=QUARTET).play(script)
    heard = [each.at for each in ons(sent, BASS)]
    assert heard
    assert min(heard) >= 4.7
    assert ons(sent, PIANO)


def test_panic_silences_every_channel_and_the_band_goes_on() -> None:
    sent = Rehearsal(bars=8, band=QUARTET).play([(Seconds(2.0), turned("panic", True))])
    at = [each for each in sent if each.at == 2.0]
    controls = {e.event.channel for e in at if isinstance(e.event, ControlChange)}
    assert controls == {CHANNEL, BASS, PIANO, DRUMS}
    assert any(each.at > 2.5 for each in ons(sent, DRUMS))
    for channel in (CHANNEL, BASS, PIANO, DRUMS):
        assert sounded(sent, channel)


def test_what_was_slept_through_is_not_caught_up_with() -> None:
    rehearsal = Rehearsal(bars=16, band=QUARTET)
    early = rehearsal.played(until=2.0)
    rehearsal.clock.wait(Seconds(9.0))
    sent = [*early, *rehearsal.played()]
    for channel in (CHANNEL, BASS, PIANO, DRUMS):
        assert not [each for each in ons(sent, channel) if 2.1 < each.at < 9.0]
        assert [each for each in ons(sent, channel) if each.at >= 9.0]
    crowd = [each for each in ons(sent, DRUMS) if 9.0 <= each.at < 9.05]
    assert len(crowd) <= 6


def test_the_band_is_in_the_bar_of_the_clock() -> None:
    master = Master(at=0.5, bpm=120.0)
    master.start()
    master.pulses(24 * 8)
    master.place(16 * 2)
    master.go_on()
    master.pulses(24 * 8)
    master.stop()
    rehearsal = Rehearsal(band=QUARTET, clock="midi")
    sent = rehearsal.play(master.items, until=12.0)
    hats = [e for e in ons(sent, DRUMS) if pitch(e) == 44]
    assert len(hats) >= 6
    for each in hats:
        beat = (each.tick % BAR) / PPQ
        assert min(abs(beat - 1), abs(beat - 3)) < 0.1
        away = master.away(each.at, each.tick)
        assert away is not None
        assert abs(away) <= 24
    for channel in (BASS, PIANO, DRUMS):
        sounded(sent, channel)


def test_stop_and_start_again_at_bar_1() -> None:
    script = [(Seconds(at), turned("start_stop", True)) for at in (3.1, 5.0)]
    rehearsal = Rehearsal(band=QUARTET, bpm=120.0)
    sent = rehearsal.play(script, until=9.0)
    assert not [e for e in sent if isinstance(e.event, NoteOn) and 3.1 < e.at < 5.0]
    again = [each for each in ons(sent, BASS) if each.at >= 5.0]
    assert abs(again[0].tick) < PPQ / 8
    assert again[0].at == pytest.approx(5.0, abs=0.06)


def test_another_tempo_holds_from_now_on() -> None:
    script = [(Seconds(4.0), turned("tempo", 60.0))]
    rehearsal = Rehearsal(band=QUARTET, bpm=120.0)
    sent = rehearsal.play(script, until=12.0)
    bass = [each for each in ons(sent, BASS) if abs(each.tick % PPQ) < 60 or each.tick % PPQ > 420]
    slow = [b.at - a.at for a, b in pairwise(bass) if a.at > 4.5 and b.tick - a.tick > 400]
    assert slow
    for each in slow:
        assert off(each, 1.0) < 0.1
    assert rehearsal.session.glimpse(Seconds(11.0)).bpm == 60.0


def test_a_transposed_chart_sounds_so_much_higher() -> None:
    plain = Rehearsal(bars=4, band=QUARTET)
    higher = Rehearsal(bars=4, band=QUARTET)
    higher.play([(Seconds(0.0), turned("transpose", 3))])
    roots = [span.chord.root for span in plain.session.glimpse(Seconds(0.0)).changes.chords]
    found = [span.chord.root for span in higher.session.glimpse(Seconds(0.0)).changes.chords]
    assert [((root or 0) + 3) % 12 for root in roots] == found


def test_another_chart_begins_at_its_bar_1_at_its_tempo() -> None:
    rehearsal = Rehearsal(band=QUARTET, keep=True, bpm=120.0)
    sent = rehearsal.play([(Seconds(3.3), Charted(WALTZ))], until=12.0)
    glimpse = rehearsal.session.glimpse(Seconds(11.9))
    assert glimpse.changes.chords == WALTZ.chords
    assert glimpse.bpm == 150.0
    bar = Seconds(3 * 60 / 150)
    downbeats = [each for each in ons(sent, BASS) if each.at > 3.25 and each.tick % (3 * PPQ) < 30]
    assert len(downbeats) >= 4
    for each in downbeats:
        assert off(each.at - 3.3, bar) < 0.06
    for channel in (CHANNEL, BASS, PIANO, DRUMS):
        sounded(sent, channel)
    assert rehearsal.take is not None
    meters = [str(bar.meter) for bar in rehearsal.take.score().meters]
    assert meters == ["4/4", "3/4"]


def test_ten_thousand_turns_leave_nothing_sounding() -> None:
    random = Random(11)
    turns: list[Item] = []
    for _ in range(2_000):
        at = Seconds(random.uniform(0.0, 60.0))
        turns.append(
            random.choice(
                [
                    (at, turned("transpose", random.randint(-11, 11))),
                    (at, turned("tempo", random.uniform(40.0, 300.0))),
                    (at, turned("mode", random.choice(["solo", "trade", "answer", "duet"]))),
                    (at, turned("start_stop", True)),
                    (at, turned("piano_level", random.uniform(0.0, 2.0))),
                    (at, Charted(random.choice([WALTZ, parse("C7 | F7")]))),
                    press(at, random.randint(40, 80)),
                ]
            )
        )
    rehearsal = Rehearsal(band=QUARTET, keep=True)
    sent = rehearsal.play(sorted(turns, key=lambda item: item[0]), until=61.0)
    assert in_order(sent)
    for channel in (CHANNEL, BASS, PIANO, DRUMS):
        sounded(sent, channel)
    assert rehearsal.take is not None
    assert rehearsal.take.score().parts


def test_a_tune_that_is_chosen_while_it_stands_leaves_the_past_alone() -> None:
    """Nor does it when it is transposed before it starts."""
    script: list[Item] = [
        (Seconds(5.0), turned("start_stop", True)),
        (Seconds(5.5), Charted(WALTZ)),
        (Seconds(6.0), turned("transpose", 2)),
        press(6.2, 60),
        (Seconds(7.0), turned("start_stop", True)),
    ]
    rehearsal = Rehearsal(band=QUARTET, keep=True, bpm=120.0)
    rehearsal.play(script, until=12.0)
    assert rehearsal.take is not None
    score = rehearsal.take.score()
    assert [span.chord.symbol for span in score.chords[:2]] == ["C7", "F7"]
    assert "Dm7" in [span.chord.symbol for span in score.chords[2:5]]
    assert [str(bar.meter) for bar in score.meters] == ["4/4", "3/4"]


def test_a_stall_at_the_end_does_not_end_the_tune_twice() -> None:
    rehearsal = Rehearsal(bars=2, band=QUARTET, bpm=120.0)
    early = rehearsal.played(until=4.5)
    rehearsal.clock.wait(Seconds(8.5))
    late = rehearsal.played()
    assert not [each for each in late if isinstance(each.event, NoteOn)]
    sounded([*early, *late], PIANO)


def test_the_tune_ends_with_a_chord_of_everybody() -> None:
    rehearsal = Rehearsal(bars=8, band=QUARTET)
    sent = rehearsal.play()
    assert rehearsal.session.last is not None
    assert rehearsal.end is not None
    assert rehearsal.session.last <= rehearsal.end + BAR
    final = [each for each in ons(sent, PIANO) if each.tick >= rehearsal.end - BAR]
    assert len(final) >= 3
    last = max(each.tick for each in sent)
    assert Ticks(last) <= rehearsal.session.last


def test_the_take_says_what_the_tune_ends_on() -> None:
    """The last chord of the form leads back to its top; the take has what rings out instead."""
    rehearsal = Rehearsal(bars=8, band=QUARTET, keep=True, changes=parse("C6 | Am7 | Dm7 | G7"))
    rehearsal.play()
    assert rehearsal.take is not None
    assert rehearsal.end is not None
    score = rehearsal.take.score(rehearsal.session.last)
    assert [span.chord.symbol for span in score.chords[-2:]] == ["G7", "C6"]
    assert (score.chords[-1].start, score.chords[-1].end) == (rehearsal.end, score.length)
    assert all(mark.tick < rehearsal.end for mark in score.marks)
