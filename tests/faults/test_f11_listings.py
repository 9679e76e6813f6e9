"""F11: a thousand listings of ports leave no client behind.

A system has few of them (ALSA 192), and who is not deleted is there until the process ends.
Over JACK, with its own count: `tests/runtime/test_hot_plug_jack.py`.
"""

from __future__ import annotations

import sys

import pytest

from live_improv.midi.ports import list_ports
from live_improv.runtime.hot_plug import PortWatch, open_steady_output
from tests.fake_rtmidi import ALSA, JACK, FakeRtMidi


@pytest.mark.parametrize("api", [ALSA, JACK])
def test_each_listing_gives_its_clients_back(api: int, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeRtMidi([api], [api], ["Synth"])
    monkeypatch.setitem(sys.modules, "rtmidi", fake)
    for _ in range(1_000):
        assert list_ports().outputs == ("Synth",)
        assert all(device.deleted for device in fake.devices)
        fake.devices.clear()


def test_a_thousand_looks_make_no_client(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeRtMidi([ALSA], [ALSA], ["Synth"])
    monkeypatch.setitem(sys.modules, "rtmidi", fake)
    with open_steady_output("Synth") as port:
        watch = PortWatch([port], lambda _: None)
        for _ in range(1_000):
            watch.look()
        assert len(fake.devices) == 1
