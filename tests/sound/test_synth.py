"""The synthesizer: any events, any blocks; bounded, in its places, and silent when told so."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
from live_improv.sound.bank import Bank
from live_improv.sound.levels import CEILING
from live_improv.sound.synth import MOST_VOICES, Synth
from tests.sound.hearing import RATE, heard, off_pitch, power

BYTE, CHANNEL = st.integers(0, 127), st.integers(0, 15)
ANYTHING = st.one_of(
    st.builds(NoteOn, BYTE, BYTE, CHANNEL),
    st.builds(NoteOff, BYTE, CHANNEL),
    st.builds(ControlChange, BYTE, BYTE, CHANNEL),
    st.builds(ProgramChange, BYTE, CHANNEL),
    st.sampled_from([Pulse(), Start(), Stop(), Continue(), SongPosition(7)]),
)

TUNE: list[tuple[float, Event]] = [
    (0.0, ProgramChange(66, 0)),
    *((0.1, NoteOn(p, 70, 2)) for p in (52, 57, 60, 64)),
    *((0.45, NoteOff(p, 2)) for p in (52, 57, 60, 64)),
    *((0.1 + 0.2 * i, NoteOn(60 + i, 90, 0)) for i in range(5)),
    *((0.31 + 0.2 * i, NoteOff(60 + i, 0)) for i in range(5)),
    (0.1, NoteOn(36, 90, 1)),
    (0.6, NoteOff(36, 1)),
    (0.6, NoteOn(43, 90, 1)),
    *((0.1 + 0.25 * i, NoteOn(51, 80, 9)) for i in range(4)),
    (0.35, NoteOn(44, 80, 9)),
    (0.7, ControlChange(123, 0, 1)),
]


@settings(max_examples=25)
@given(
    events=st.lists(st.tuples(st.floats(0, 0.2), ANYTHING), max_size=40),
    blocks=st.lists(st.integers(30, 700), min_size=1, max_size=5),
)
def test_whatever_comes_it_plays_on_within_bounds(
    events: list[tuple[float, Event]], blocks: list[int]
) -> None:
    sound = heard(events, 0.3, blocks)
    assert sound.dtype == np.float32
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() <= CEILING + 1e-6


@pytest.mark.parametrize("blocks", [(256,), (240,), (1, 63, 64, 1000), (4096,), (9999,)])
def test_blocks_do_not_change_what_is_heard(blocks: tuple[int, ...]) -> None:
    whole, pieces = heard(TUNE, 1.5, (441,)), heard(TUNE, 1.5, blocks)
    assert np.abs(whole - pieces).max() < 2e-3


def test_the_same_events_sound_the_same() -> None:
    np.testing.assert_array_equal(heard(TUNE, 1.0), heard(TUNE, 1.0))


def test_a_note_begins_at_its_frame() -> None:
    for at in (0, 1, 255, 256, 3000):
        sound = heard([(at / RATE, NoteOn(76, 120, 9))], 0.2)
        assert not sound[:at].any()
        assert np.abs(sound[at : at + 60]).max() > 0.01


def test_what_was_due_before_happens_now() -> None:
    synth = Synth(RATE)
    synth.render(500)
    synth.handle(NoteOn(76, 120, 9), -100)
    assert np.abs(synth.render(60)).max() > 0.01


@pytest.mark.parametrize("program", range(0, 128, 3))
def test_every_key_of_every_sound_can_be_played(program: int) -> None:
    synth = Synth(RATE)
    for pitch in range(0, 128, 7):
        synth.handle(ProgramChange(program, 5))
        synth.handle(NoteOn(pitch, 100, 5))
        synth.handle(NoteOff(pitch, 5), 300)
        assert np.abs(synth.render(900)).max() > 0


def test_nothing_is_silence() -> None:
    synth = Synth(RATE)
    assert not synth.render(5000).any()
    assert synth.silent
    synth.handle(NoteOn(60, 80, 2))
    assert not synth.silent
    synth.render(100)
    synth.handle(NoteOff(60, 2))
    synth.render(RATE)
    assert synth.silent
    assert not synth.render(RATE)[RATE // 2 :].any()  # and the room


@pytest.mark.parametrize("control", [120, 123])
def test_all_notes_off(control: int) -> None:
    notes: list[tuple[float, Event]] = [(0.0, NoteOn(p, 90, c)) for c in (0, 2) for p in (60, 64)]
    sound = heard([*notes, (0.5, ControlChange(control, 0, 2))], 2.0)
    assert power(sound[RATE:]) > -40  # the other channel sounds on
    sound = heard([*notes, *((0.5, ControlChange(control, 0, c)) for c in (0, 2))], 3.0)
    assert power(sound[round(1.8 * RATE) :]) < -70


def test_all_sound_off_also_ends_cymbals() -> None:
    crash: list[tuple[float, Event]] = [(0.0, NoteOn(49, 110, 9)), (0.2, ControlChange(120, 0, 9))]
    assert power(heard(crash, 2.0)[RATE:]) < -60


def test_the_pedal_holds() -> None:
    notes: list[tuple[float, Event]] = [(0.1, NoteOn(60, 90, 2)), (0.3, NoteOff(60, 2))]
    pedal = [(0.0, ControlChange(64, 127, 2)), *notes]
    dry, held = heard(notes, 1.5), heard(pedal, 1.5)
    up = heard([*pedal, (0.9, ControlChange(64, 0, 2))], 1.5)
    late, later = slice(round(0.6 * RATE), round(0.9 * RATE)), slice(round(1.3 * RATE), None)
    assert power(held[late]) > power(dry[late]) + 20
    assert power(up[later]) < power(held[later]) - 15


@pytest.mark.parametrize(("control", "half"), [(7, 71), (11, 90)])
def test_volume_and_expression(control: int, half: int) -> None:
    note: list[tuple[float, Event]] = [(0.1, NoteOn(60, 90, 2))]
    full = heard(note, 0.5)
    turned = heard([(0.0, ControlChange(control, half, 2)), *note], 0.5)
    assert power(full) - power(turned) == pytest.approx(6.0, abs=0.2)
    silent = heard([(0.0, ControlChange(control, 0, 2)), *note], 0.5)
    assert not silent.any()


def test_places() -> None:
    def lean(events: list[tuple[float, Event]]) -> float:
        sound = heard(events, 0.6)
        return power(sound[:, 1]) - power(sound[:, 0])

    ride, piano = lean([(0.0, NoteOn(51, 90, 9))]), lean([(0.0, NoteOn(60, 90, 2))])
    solo, bass = lean([(0.0, NoteOn(60, 90, 0))]), lean([(0.0, NoteOn(36, 90, 1))])
    assert piano < -1.5 < solo < 1.5 < ride
    assert abs(bass) < 2
    left = lean([(0.0, ControlChange(10, 0, 2)), (0.0, NoteOn(60, 90, 2))])
    assert left < -10


def test_only_so_many_notes_sound_at_once() -> None:
    synth = Synth(RATE)
    for pitch in range(21, 101):
        for channel in (2, 3):
            synth.handle(NoteOn(pitch, 60, channel))
    synth.render(256)
    synth.render(2048)
    assert len(synth._sounding) == MOST_VOICES
    for pitch in range(21, 101):
        for channel in (2, 3):
            synth.handle(NoteOff(pitch, channel))
    synth.render(RATE)
    assert synth.silent


def test_the_newest_notes_are_those_that_sound() -> None:
    crowd: list[tuple[float, Event]] = [(0.0, NoteOn(p, 30, 3)) for p in range(21, 101)]
    sound = heard([*crowd, (0.2, NoteOn(69, 127, 4)), (0.2, ProgramChange(66, 4))], 1.0)
    alone = heard([(0.2, NoteOn(69, 127, 4)), (0.2, ProgramChange(66, 4))], 1.0)
    assert power(sound[RATE // 2 :]) > power(alone[RATE // 2 :]) - 3


def test_the_same_key_again_ends_the_first() -> None:
    twice = heard([(0.0, NoteOn(60, 90, 0)), (0.5, NoteOn(60, 90, 0)), (1.0, NoteOff(60, 0))], 3.0)
    assert power(twice[round(2.5 * RATE) :]) < -80


def test_a_channel_takes_another_sound_with_its_next_note() -> None:
    changed = heard([(0.0, NoteOn(60, 90, 0)), (0.2, ProgramChange(0, 0))], 1.0)
    np.testing.assert_array_equal(changed, heard([(0.0, NoteOn(60, 90, 0))], 1.0))


def test_a_line_is_in_tune_with_itself() -> None:
    for start, pitch in ((0.1, 60), (0.9, 67)):
        events: list[tuple[float, Event]] = [
            (0.1, NoteOn(60, 90, 0)),
            (0.9, NoteOff(60, 0)),
            (0.9, NoteOn(67, 90, 0)),
        ]
        steady = heard(events, 1.7)[round((start + 0.25) * RATE) :][: round(0.3 * RATE)]
        first = 440 * 2 ** ((pitch - 69) / 12)
        assert abs(off_pitch(steady, first)) < 25  # with vibrato


def test_preparing_changes_nothing_and_ends() -> None:
    synth = Synth(RATE)
    count = 0
    while synth.prepare():
        count += 1
    assert 300 < count < 1000
    np.testing.assert_array_equal(heard(TUNE, 1.0, synth=synth), heard(TUNE, 1.0))


def test_tones_are_forgotten_when_they_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("live_improv.sound.bank.MOST_BYTES", 3_000_000)
    bank = Bank(RATE)
    first = bank.string("piano", 40, 64)
    for pitch in range(21, 109):
        for velocity in (30, 60, 90, 120):
            bank.string("piano", pitch, velocity).read(0, 9000)
    assert bank.size < 6_000_000
    assert bank.string("piano", 40, 64) is not first
    assert len(first.read(0, 5000)) == 5000  # who has it plays on
