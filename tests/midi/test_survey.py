"""Which MIDI systems are said to be there, against a stand-in for rtmidi."""

from __future__ import annotations

import sys

import pytest

from live_improv.midi.ports import MidiUnavailable
from live_improv.midi.survey import MidiSystem, survey
from tests.fake_rtmidi import ALSA, JACK, FakeRtMidi


def test_systems_are_told_in_the_order_in_which_they_are_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake = FakeRtMidi([JACK, ALSA, FakeRtMidi.API_RTMIDI_DUMMY], [JACK], [])
    monkeypatch.setitem(sys.modules, "rtmidi", fake)
    assert survey("x") == (MidiSystem("Jack", True, True), MidiSystem("ALSA", False, False))
    fake.working = [ALSA, JACK]
    assert survey("x") == (MidiSystem("ALSA", True, True), MidiSystem("Jack", True, False))
    assert all(device.deleted for device in fake.devices)


def test_where_nothing_answers_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rtmidi", FakeRtMidi([ALSA, JACK], [], []))
    with pytest.raises(MidiUnavailable, match="--offline"):
        survey("x")
