"""The band as the session has it: planned by the beat, planned again, silenced, ended."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from live_improv.charts.text import parse
from live_improv.music.changes import Changes
from live_improv.music.events import NoteOff, NoteOn, Timed
from live_improv.music.timing import PPQ, Meter, Ticks
from live_improv.performance.band import (
    PROGRAMS,
    QUARTET,
    TRACKS,
    Band,
    BandChannels,
    BandPlayer,
)
from tests.performance.band.bands import BASS, DRUMS, PIANO, Stand, chart, notes, played

BAR = 1920
BLUES = chart("blues_in_f")
OTHER = parse("Bbm7 | Eb7 | Abmaj7 | Dbmaj7 | Gm7b5 | C7b9 | Fm7 | % | Gm7b5 | C7b9 | Fm7 | C7b9")


def again(changes: Changes) -> Changes:
    """The same changes, which are not the same object."""
    return Changes(
        changes.chords, changes.bars, changes.sections, changes.title, changes.key,
        changes.tempo, changes.style, changes.form,
    )  # fmt: skip


def ons(events: list[Timed]) -> list[tuple[int, NoteOn]]:
    return [(timed.tick, timed.event) for timed in events if isinstance(timed.event, NoteOn)]


def test_channels_keep_out_of_the_soloists_way() -> None:
    for channel in range(16):
        beside = BandChannels.beside(channel)
        used = [beside.of(player) for player in QUARTET]
        assert len({channel, *used}) == 4
        assert beside.of(BandPlayer.CLICK) == beside.drums
    assert BandChannels.beside(0) == BandChannels(1, 2, 9)
    assert set(PROGRAMS) == {BandPlayer.BASS, BandPlayer.PIANO}
    assert set(TRACKS) == set(BandPlayer)


def test_each_player_has_its_channel() -> None:
    said = played(BLUES, 4)
    assert {event.channel for _, event in ons(said)} == {BASS, PIANO, DRUMS}
    for player, channel in zip(sorted(QUARTET), (BASS, DRUMS, PIANO), strict=True):
        alone = played(BLUES, 4, players=frozenset({player}))
        assert notes(alone, channel) == notes(said, channel)
    assert Band(QUARTET, 1, BandChannels(4, 5, 6)).channels == (4, 5, 6)


def test_same_seed_same_band() -> None:
    assert played(BLUES, 12, seed=5) == played(BLUES, 12, seed=5)
    assert played(BLUES, 12, seed=5) != played(BLUES, 12, seed=6)


def test_events_come_in_order() -> None:
    said = played(BLUES, 12)
    assert [timed.tick for timed in said] == sorted(timed.tick for timed in said)
    assert said[0].tick == 0


def test_a_beat_is_planned_one_beat_before_it_begins() -> None:
    stand = Stand.of(BLUES, None)
    asked: list[Ticks] = []
    stand.until(2 * BAR, asked.append)
    assert asked == [beat * PPQ - PPQ for beat in range(10)]
    assert stand.band.next_onset() == 2 * BAR + 2 * PPQ


def test_nothing_before_bar_one() -> None:
    stand = Stand.of(BLUES, 2)
    assert stand.until(-1) == []
    assert stand.band.plan_at() == 0


def test_when_somebody_asks_changes_nothing() -> None:
    whole = played(BLUES, 4)
    stand = Stand.of(BLUES, 4)
    assert stand.band.last is not None
    by_bits = [timed for tick in range(0, stand.band.last + 1, 7) for timed in stand.until(tick)]
    assert by_bits + stand.until(stand.band.last) == whole


@given(st.lists(st.integers(0, 4 * BAR), max_size=6), st.integers(0, 99))
@settings(max_examples=25)
def test_chords_that_come_again_change_nothing(ticks: list[int], seed: int) -> None:
    whole = played(BLUES, 4, seed)
    stand = Stand.of(BLUES, 4, seed)
    said: list[Timed] = []
    for tick in sorted(ticks):
        said += stand.until(tick)
        stand.band.over(again(BLUES))
    said += stand.through()
    for channel in (BASS, PIANO, DRUMS):
        assert notes(said, channel) == notes(whole, channel)


@given(st.integers(0, 4 * BAR), st.integers(0, 99))
@settings(max_examples=25)
def test_other_chords_are_followed(tick: int, seed: int) -> None:
    stand = Stand.of(BLUES, 6, seed)
    said = stand.until(tick)
    before = len(said)
    assert said == [timed for timed in played(BLUES, 6, seed) if timed.tick <= tick]
    stand.band.over(OTHER)
    said += stand.through()
    # What begins afterwards lies over the new chords; approach notes are not of the chord.
    piano = [note for note in notes(said, PIANO) if note.onset > tick]
    for note in piano[:-4]:
        near = (OTHER.chord_at(Ticks(note.onset + at)) for at in (30, PPQ // 2))
        assert any(note.pitch % 12 in chord.scale | chord.pitch_classes for chord in near)
    assert all(timed.tick >= tick for timed in said[before:])


def test_the_bass_is_on_the_new_root_at_the_next_beat() -> None:
    stand = Stand.of(BLUES, 6, players=frozenset({BandPlayer.BASS}))
    said = stand.until(BAR + 10)
    stand.band.over(parse("F7 | Ebm7"))
    said += stand.until(3 * BAR)
    following = next(on for tick, on in ons(said) if tick > BAR + 10)
    assert following.pitch % 12 == 3


def test_what_is_foreign_to_a_chord_that_comes_unforeseen_ends() -> None:
    ballad = parse("style: ballad\nCM7 | %")
    stand = Stand.of(ballad, 2, players=frozenset({BandPlayer.PIANO}), bpm=60)
    said = stand.until(200)
    assert ons(said)
    stand.band.over(parse("style: ballad\nF#M7 | %"))
    assert stand.band.next_tick() == 200
    offs = [timed for timed in stand.band.due(Ticks(200)) if isinstance(timed.event, NoteOff)]
    assert len(offs) == len(ons(said))
    said += offs + stand.through()
    assert notes(said, PIANO)


@given(st.integers(0, 6 * BAR), st.integers(0, 99))
@settings(max_examples=25)
def test_silence_leaves_nothing_sounding(tick: int, seed: int) -> None:
    stand = Stand.of(BLUES, 6, seed)
    said = stand.until(tick) + stand.band.silence(Ticks(tick))
    for channel in (BASS, PIANO, DRUMS):
        notes(said, channel)
    assert stand.band.next_tick() is None
    assert stand.band.silence(Ticks(tick + 1)) == []


@given(st.integers(0, 6 * BAR), st.integers(-BAR, 30 * BAR))
@settings(max_examples=25)
def test_it_goes_on_elsewhere(left: int, to: int) -> None:
    stand = Stand.of(BLUES, None)
    said = stand.until(left) + stand.band.silence(Ticks(left))
    stand.band.relocate(Ticks(left), Ticks(to))
    onset = stand.band.next_onset()
    assert onset is not None
    assert onset % PPQ == 0
    assert 0 <= onset - max(to, 0) < PPQ
    moved = stand.until(onset + 2 * BAR)
    assert all(timed.tick >= onset for timed in moved)
    bass = notes(said + moved + stand.band.silence(Ticks(onset + 2 * BAR)), BASS)
    assert len([note for note in bass if note.onset >= onset]) >= 4


def test_what_there_was_no_time_for_is_left_out() -> None:
    stand = Stand.of(BLUES, 4)
    said = stand.until(700)
    stand.band.relocate(Ticks(2 * BAR + 50), Ticks(2 * BAR + 50))
    rest = stand.through()
    assert min(tick for tick, _ in ons(rest)) >= 2 * BAR + PPQ - 20
    for channel in (BASS, PIANO, DRUMS):
        notes(said + rest, channel)


# The end


@pytest.mark.parametrize("name", ["blues_in_f", "ballad", "jazz_waltz", "afro_six", "five_four"])
def test_it_ends_with_a_chord(name: str) -> None:
    changes = chart(name)
    end = changes.bars_ticks(8)
    said = played(changes, 8)
    last = end + min(changes.bars[0].meter.bar_ticks, BAR)
    for channel, most in ((BASS, 1), (PIANO, 4), (DRUMS, 2)):
        line = notes(said, channel)
        final = [note for note in line if note.onset >= end]
        assert 1 <= len(final) <= most
        assert all(note.end <= end for note in line if note.onset < end)
        assert all(note.onset < end + PPQ // 2 and note.end <= last for note in final)
        assert min(note.onset for note in final) == end
    assert said[-1].tick == last


def test_it_has_no_more_after_the_end() -> None:
    stand = Stand.of(BLUES, 2)
    assert stand.band.last == 3 * BAR
    stand.until(3 * BAR - 1)
    assert stand.band.has_more()
    assert stand.band.plan_at() is None
    stand.until(3 * BAR)
    assert not stand.band.has_more()
    assert Stand.of(BLUES, None).band.last is None


@given(st.integers(0, 3 * BAR), st.integers(1, 16))
@settings(max_examples=25)
def test_the_end_may_come_sooner_or_later(tick: int, beats: int) -> None:
    stand = Stand.of(BLUES, 2)
    said = stand.until(tick)
    end = Ticks(tick - tick % PPQ + beats * PPQ + PPQ)
    stand.band.end = end
    said += stand.through()
    assert not stand.band.has_more()
    for channel in (BASS, PIANO, DRUMS):
        assert any(note.onset == end for note in notes(said, channel))
        assert all(note.onset <= end + PPQ for note in notes(said, channel))


def test_without_an_end_it_plays_on() -> None:
    stand = Stand.of(BLUES, 2)
    stand.until(BAR)
    stand.band.end = None
    later = stand.until(40 * BAR)
    assert max(tick for tick, _ in ons(later)) > 39 * BAR


METERS = st.builds(Meter, st.integers(1, 32), st.sampled_from((1, 2, 4, 8, 16, 32)))
STYLES = st.sampled_from(
    ("", "swing", "ballad", "bossa", "samba", "latin", "even", "funk", "afro", "march", "waltz")
)
BARS = st.lists(
    st.lists(
        st.sampled_from(
            ["C", "Dm7", "G7", "Bbm7b5", "N.C.", "/", "F#o7", "Ab7/Gb", "E\\FM7", "Asus4"]
        ),
        max_size=6,
    ),
    min_size=1,
    max_size=4,
)


@given(METERS, STYLES, BARS, st.integers(30, 320), st.integers(0, 999))
@settings(max_examples=100)
def test_any_chart_is_accompanied(
    meter: Meter, style: str, bars: list[list[str]], bpm: int, seed: int
) -> None:
    shares = 1 if meter.bar_ticks < 6 * 12 else 6
    text = "|".join(" ".join(bar[:shares]) + " " for bar in bars)
    changes = parse(f"time: {meter}\nstyle: {style}\n| {text} |")
    said = played(changes, 3, seed, bpm=bpm)
    end = changes.bars_ticks(3)
    for channel in (BASS, PIANO, DRUMS):
        line = notes(said, channel)
        assert all(0 <= note.onset <= end + 200 for note in line)
    bass = notes(said, BASS)
    assert all(28 <= note.pitch <= 55 for note in bass)
    assert all(abs(a.pitch - b.pitch) <= 12 for a, b in pairwise(bass))
    assert all(a.end <= b.onset for a, b in pairwise(bass))
    if style != "ballad" and meter.denominator <= 4:
        assert notes(said, DRUMS)
