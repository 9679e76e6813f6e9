"""Following a real clock: jack_midi_clock, with jack_transport as the master of the transport.

What the follower believes is compared with the frame that the JACK server itself says it is at. A
synchronous server without hardware stands still while a client gets no processor time, and then
its seconds are not ours: what it plays while it stumbles is played again.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue

import pytest

from live_improv.listening.clock_follower import ClockFollower, Move
from live_improv.midi.ports import list_ports, open_input
from live_improv.music.events import Stamped
from live_improv.music.timing import PPQ, Seconds
from tests.jack_server import PATIENCE, jack_server, wait_until

pytestmark = pytest.mark.realtime

RATE = 48_000
BPM = 90.0
CLOSE = 0.010
"""Seconds between what the server says and what we believe: some of its periods."""

EVEN = 0.006
"""By how many seconds the server's time may leave ours, from the first to the last pulse."""

TAKES = 8


class Song:
    """A follower of jack_midi_clock, the transport's frame, and a hand on the transport."""

    def __init__(self, transport: subprocess.Popen[str], jack: ctypes.CDLL, client: int) -> None:
        self.follower = ClockFollower()
        self.heard: SimpleQueue[Stamped] = SimpleQueue()
        self.moves: list[Move] = []
        self._transport = transport
        self._jack = jack
        self._client = client

    def say(self, *commands: str) -> None:
        assert self._transport.stdin is not None
        for command in commands:
            self._transport.stdin.write(command + "\n")
            self._transport.stdin.flush()

    def frame(self) -> int:
        return int(self._jack.jack_get_current_transport_frame(self._client))

    def listen(self) -> None:
        """Let the follower have what has come by now."""
        while True:
            try:
                stamped = self.heard.get_nowait()
            except Empty:
                return
            move = self.follower.receive(stamped.event, stamped.at)
            if move is not Move.NONE:
                self.moves.append(move)

    def plays(self) -> bool:
        self.listen()
        return self.follower.playing and self.follower.tempo is not None

    def stands(self) -> bool:
        self.listen()
        return not self.follower.playing

    def stop(self) -> None:
        self.say("stop")
        wait_until(self.stands, "it stands")

    def play(self, start: float) -> None:
        """Stop, and play from so many seconds of the song."""
        self.begin(start)
        wait_until(self.plays, "it plays")

    def begin(self, start: float) -> None:
        self.stop()
        place = round(start * RATE)
        self.say(f"locate {place}")
        wait_until(lambda: self.frame() == place, "it is placed")
        self.say("play")

    def plays_evenly(self, start: float, end: float) -> bool:
        """Play so much of the song, in seconds; whether the server kept real time."""
        self.begin(start)
        # A server that has thrown a client out, as it may on a busy machine, runs without it.
        wait_until(lambda: self.plays() or self.frame() >= end * RATE, "it plays")
        if not self.follower.playing or self.follower.tempo is None:
            return False
        begun, leads = time.perf_counter(), [self.frame() / RATE - time.perf_counter()]
        first = self.frame()

        def is_over() -> bool:
            self.listen()
            leads.append(self.frame() / RATE - time.perf_counter())
            return self.frame() >= end * RATE

        wait_until(is_over, f"{end} seconds have been played")
        lost = self.follower.lost(Seconds(time.perf_counter()))
        long = time.perf_counter() - begun > end - first / RATE - EVEN
        return long and max(leads) - min(leads) < EVEN and not lost

    def difference(self) -> float:
        """By how many seconds of the song the follower is ahead of the server."""
        self.listen()
        assert self.follower.tempo is not None
        tick = self.follower.tempo.tick_at(Seconds(time.perf_counter()))
        return tick / PPQ * 60.0 / BPM - self.frame() / RATE


@contextmanager
def transport() -> Iterator[Song]:
    """A clock master at 90 quarters a minute; the transport stands at 0."""
    programs = [shutil.which(name) for name in ("jack_midi_clock", "jack_transport")]
    library = ctypes.util.find_library("jack")
    if None in programs or library is None:
        pytest.skip(
            "jack_midi_clock or jack_transport is missing (Debian: jack-midi-clock, jackd2)"
        )
    jack = ctypes.CDLL(library)
    jack.jack_client_open.restype = ctypes.c_void_p
    jack.jack_client_close.argtypes = [ctypes.c_void_p]
    jack.jack_get_current_transport_frame.argtypes = [ctypes.c_void_p]
    jack.jack_get_current_transport_frame.restype = ctypes.c_uint32
    null, pipe = subprocess.DEVNULL, subprocess.PIPE
    clock_command, transport_command = [[str(program)] for program in programs]
    with (
        subprocess.Popen([*clock_command, "-d", "0.2"], stdout=null, stderr=null) as clock,
        subprocess.Popen(
            transport_command, stdin=pipe, stdout=null, stderr=null, text=True
        ) as master,
    ):
        client = jack.jack_client_open(b"observer", ctypes.c_int(1), None)
        try:
            assert client
            yield Song(master, jack, client)
        finally:
            if client:
                jack.jack_client_close(client)
            for process in (master, clock):
                process.send_signal(signal.SIGINT)  # with SIGTERM they leave JACK waiting for them
                try:
                    process.wait(PATIENCE)
                except subprocess.TimeoutExpired:
                    process.kill()


@contextmanager
def followed_song() -> Iterator[Song]:
    """A server of its own, its transport and the follower that hears its clock."""
    with jack_server(), transport() as found:
        wait_until(
            lambda: any("mclk_out" in name for name in list_ports().inputs), "the clock has a port"
        )
        with open_input("jack_midi_clock", found.heard.put) as port:
            assert (port.name, port.virtual) == ("jack_midi_clock:mclk_out", False)
            # The tempo comes from jack_transport, which is master of bars and beats as well.
            found.say("master", f"tempo {BPM:g}")
            yield found


def test_the_transport_is_followed() -> None:
    with followed_song() as song:
        song.play(0.0)
        assert song.follower.position < 2 * PPQ
        # Beat 30: the clock says Song Position, and goes on with one of the next beats.
        song.play(20.0)
        assert 30 * PPQ <= song.follower.position < 34 * PPQ
        song.play(0.0)
        assert song.follower.position < 2 * PPQ
        song.stop()
    started = [move for move in song.moves if move is not Move.RELOCATED]
    assert started == 3 * [Move.STARTED, Move.STOPPED]


@pytest.mark.parametrize("start", [0.0, 5.0])
def test_tempo_and_place_are_those_of_the_server(start: float) -> None:
    for _ in range(TAKES):
        with followed_song() as song:
            if song.plays_evenly(start, start + 3.0):
                bpm, difference = song.follower.bpm, song.difference()
                break
    else:
        pytest.skip("the machine is too busy for a server in real time")
    assert bpm == pytest.approx(BPM, rel=0.005)
    # jack_midi_clock 0.4.3 sends Continue after the pulse of the place it has told, not before:
    # whoever keeps to the specification is one pulse behind it.
    behind = 60.0 / BPM / 24 if start else 0.0
    assert difference == pytest.approx(-behind, abs=CLOSE)
