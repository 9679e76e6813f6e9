"""F16: active sensing, begun and ended, and an hour of nothing else: it is nothing to us."""

from __future__ import annotations

import sys

import pytest

from live_improv.midi.ports import open_input
from live_improv.music.events import Stamped
from tests.fake_rtmidi import ALSA, FakeRtMidi

EVERY = 0.3
"""Seconds; MIDI 1.0 asks for one at least so often."""


def test_an_hour_of_it_is_neither_heard_nor_told(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """It is asked for to be left out; should it come all the same, it goes no further."""
    fake = FakeRtMidi([ALSA], [ALSA], ["Keys"])
    monkeypatch.setitem(sys.modules, "rtmidi", fake)
    found: list[Stamped] = []
    with open_input("Keys", found.append) as port:
        (device,) = fake.devices
        assert device.ignored["active_sense"] is True
        assert device.ignored["timing"] is False
        capfd.readouterr()
        for _ in range(int(3600 / EVERY)):
            port.heard(([0xFE], EVERY))
        # It ends, which MIDI 1.0 takes for a pulled cable: hot plug sees that better.
        port.heard(([0x90, 60, 80], 10.0))
        assert port.faults == 0
    assert len(found) == 1
    assert capfd.readouterr() == ("", "")
