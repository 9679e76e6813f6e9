"""A score as sound: in time, as long as it is, as loud as it should be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest

from live_improv.app import Performance
from live_improv.music.changes import Bar, ChordSpan
from live_improv.music.chords import parse_chord
from live_improv.music.events import NoteOff, NoteOn, ProgramChange, Timed
from live_improv.music.score import Part, Score
from live_improv.music.timing import PPQ, Meter, TempoMap, Ticks
from live_improv.offline import performed
from live_improv.performance.band import QUARTET, BandPlayer
from live_improv.performance.instruments import instrument
from live_improv.request import Request
from live_improv.sound.partials import Samples
from live_improv.sound.playback import LOUDNESS, PART, levelled, sounding
from tests.sound.hearing import RATE, power, true_peak

pyloudnorm = pytest.importorskip("pyloudnorm")


def score(*events: Timed, bars: int = 2, tempo: TempoMap | None = None) -> Score:
    return Score(
        Ticks(bars * 4 * PPQ),
        tempo or TempoMap.constant(120.0),
        (Bar(Ticks(0), Meter(4, 4)),),
        (),
        (Part("Solo", tuple(events)),),
    )


def note(tick: int, length: int, pitch: int, channel: int = 2, velocity: int = 90) -> list[Timed]:
    on, off = NoteOn(pitch, velocity, channel), NoteOff(pitch, channel)
    return [Timed(Ticks(tick), on), Timed(Ticks(tick + length), off)]


def whole(parts: Iterable[Samples]) -> Samples:
    return np.concatenate(list(parts), axis=1).T


def test_every_note_sounds_at_its_tick_whatever_the_tempo() -> None:
    tempo = TempoMap.constant(90.0).with_tempo(Ticks(3 * PPQ), 200.0)
    ticks = [0, 37, PPQ, 3 * PPQ + 11, 7 * PPQ]
    clicks = [event for tick in ticks for event in note(tick, 60, 76, 9, 120)]
    sound = whole(sounding(score(*clicks, tempo=tempo), RATE))
    for tick in ticks:
        at = round(tempo.seconds_at(Ticks(tick)) * RATE)
        before, after = sound[max(at - 50, 0) : at], sound[at : at + 60]
        assert np.abs(after).max() > 5 * np.abs(before).max(initial=0.001)


def test_it_is_as_long_as_the_score_and_its_last_note() -> None:
    early = whole(sounding(score(*note(0, PPQ, 60)), RATE))
    assert len(early) == pytest.approx(4.0 * RATE, abs=0.11 * RATE)
    late = whole(sounding(score(*note(7 * PPQ, PPQ, 60)), RATE))
    assert 4.2 * RATE < len(late) < 6.0 * RATE
    assert np.abs(late[-50:]).max() < 1e-4
    held = whole(sounding(score(Timed(Ticks(0), NoteOn(60, 90, 0))), RATE))
    assert len(held) < 13 * RATE  # nobody ends it: it is not waited for


def test_an_empty_score_is_silence_of_its_length() -> None:
    sound = whole(levelled(sounding(score(), RATE), RATE))
    assert len(sound) == pytest.approx(4.0 * RATE, abs=0.11 * RATE)
    assert not sound.any()


def test_at_one_tick_offs_come_before_ons_and_sounds_before_notes() -> None:
    on, off = NoteOn(60, 90, 0), NoteOff(60, 0)
    events = (on, ProgramChange(0, 0)), (on, off)
    first = score(*(Timed(Ticks(0), each) for each in events[0]), Timed(Ticks(PPQ), off))
    turned = score(*(Timed(Ticks(0), each) for each in reversed(events[0])), Timed(Ticks(PPQ), off))
    np.testing.assert_array_equal(whole(sounding(first, RATE)), whole(sounding(turned, RATE)))
    again = score(Timed(Ticks(0), on), Timed(Ticks(PPQ), on), Timed(Ticks(PPQ), off))
    sound = whole(sounding(again, RATE))
    assert power(sound[round(0.6 * RATE) : RATE]) > -40  # the second still sounds


def test_chords_are_held_where_they_have_a_track() -> None:
    span = ChordSpan(Ticks(0), Ticks(4 * PPQ), parse_chord("C7"))
    plain = replace(score(*note(0, PPQ, 72, 0)), chords=(span,))
    with_chords = replace(plain, chord_track=True)
    without, sound = (whole(sounding(each, RATE)) for each in (plain, with_chords))
    assert power(sound[RATE : 2 * RATE]) > power(without[RATE : 2 * RATE]) + 20
    assert power(sound[round(3.5 * RATE) :]) < -50


TAKES = {
    "blues, quartet": (
        Request("blues_in_f", bars=24, bpm=140, instrument=instrument("tenor")),
        QUARTET,
    ),
    "ballad, quartet": (Request("ballad", bars=8, instrument=instrument("trumpet")), QUARTET),
    "fast, alone": (Request("rhythm_changes", bars=32, bpm=260), frozenset()),
    "waltz, bass": (
        Request("jazz_waltz", bars=16, instrument=instrument("clarinet")),
        {BandPlayer.BASS},
    ),
    "bossa, quartet": (Request("bossa", bars=16, instrument=instrument("guitar")), QUARTET),
}


@pytest.mark.parametrize("name", TAKES)
def test_levels_of_takes(name: str) -> None:
    request, players = TAKES[name]
    request = replace(request, program=request.instrument.program, band=frozenset(players))
    take = performed(Performance(request))
    sound = whole(levelled(sounding(take, RATE), RATE))
    loudness = pyloudnorm.Meter(RATE).integrated_loudness(sound)
    assert loudness == pytest.approx(LOUDNESS, abs=1.0)
    assert true_peak(sound) < -1.0
    assert longest_silence(sound) < longest_rest(take) + 0.25


def longest_silence(sound: Samples) -> float:
    """Seconds for which it is below -60 dBFS, but at its end."""
    loud = np.flatnonzero(np.abs(sound).max(axis=1) > 1e-3)
    return float(np.diff(loud, prepend=0).max() / RATE)


def longest_rest(take: Score) -> float:
    """Seconds for which nobody plays."""
    held, reached, longest = 0, 0.0, 0.0
    events = sorted((t for part in take.parts for t in part.events), key=lambda timed: timed.tick)
    for timed in events:
        at = take.tempo.seconds_at(timed.tick)
        if isinstance(timed.event, NoteOn):
            if not held:
                longest = max(longest, at - reached)
            held += 1
        elif isinstance(timed.event, NoteOff):
            held, reached = held - 1, at
    return 0.0 if take.chord_track else longest


def test_what_is_soft_is_made_as_loud() -> None:
    soft = score(*(e for k in range(8) for e in note(k * PPQ, PPQ, 60 + k, 0, 30)))
    hard = score(*(e for k in range(8) for e in note(k * PPQ, PPQ, 60 + k, 0, 110)))
    levels = [
        pyloudnorm.Meter(RATE).integrated_loudness(whole(levelled(sounding(each, RATE), RATE)))
        for each in (soft, hard)
    ]
    assert levels == pytest.approx([LOUDNESS, LOUDNESS], abs=0.5)


def test_stretches_are_given_as_they_are_made() -> None:
    parts = sounding(score(*note(0, PPQ, 60), bars=10_000), RATE)
    assert next(parts).shape == (2, PART)
