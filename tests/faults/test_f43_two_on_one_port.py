"""Two programs at one port: the second is told, and neither leaves a note sounding."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from live_improv.runtime.playing_to import playing_to
from tests.faults.leaving import BAND, Receiver, live, started
from tests.jack_server import jack_server, wait_until


@pytest.fixture
def server() -> Iterator[None]:
    with jack_server():
        yield


@pytest.mark.realtime
def test_the_second_is_told_and_neither_leaves_a_note(server: None, tmp_path: Path) -> None:
    with live(tmp_path, *BAND) as first:
        first.receiver.wait_for(3)
        second = started(tmp_path, *BAND, "--seed", "1")
        assert second.stdout is not None
        told = [second.stdout.readline(), second.stdout.readline()]
        assert any("another live_improv plays to this port" in line for line in told), told
        count = len(first.receiver.heard)
        wait_until(lambda: len(first.receiver.heard) > count + 50, "both play")
        second.send_signal(signal.SIGTERM)
        second.communicate(timeout=5)
        first.receiver.wait_for(3)
        first.process.send_signal(signal.SIGTERM)
        _, said = first.ends()
        assert "another live_improv" not in said
        assert silent(first.receiver)


def silent(receiver: Receiver) -> bool:
    """Whether everything ends."""
    wait_until(lambda: not receiver.sounding(), "silence")
    return True


def test_a_port_is_free_again_when_it_is_left(tmp_path: Path) -> None:
    with playing_to("IAC Bus", tmp_path) as alone:
        assert alone
        with playing_to("IAC Bus", tmp_path) as also, playing_to("../x\0", tmp_path) as other:
            assert not also
            assert other
        with playing_to("IAC Bus", tmp_path) as also:
            assert not also
    with playing_to("IAC Bus", tmp_path) as again:
        assert again
    assert all(path.parent == tmp_path for path in tmp_path.iterdir())


def test_where_nothing_can_be_noted_nobody_is_known(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (None, tmp_path / "file"):
        with playing_to("IAC Bus", folder) as first, playing_to("IAC Bus", folder) as second:
            assert first
            assert second
