"""F5: the machine sleeps, or stops for a while: no burst, no stuck note, back on the beat."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from live_improv.loop import Script, run
from live_improv.music.events import NoteOn, Pulse, Timed
from live_improv.music.timing import PPQ, Seconds
from live_improv.performance.band import QUARTET
from live_improv.performance.bandleader import LATE
from live_improv.performance.controls import MODES
from tests.faults.children import PATIENCE, playing
from tests.faults.invariants import check, of_session
from tests.performance.sessions import BAR, Item, Rehearsal, Sent, Sink, ons, phrase, turned

BURST, IN = 8, 0.1
"""No more note-ons than this come in so many seconds after a stall."""

BPM = 140.0


class Stalling(Sink):
    """A sink with which time goes by once, as when a port blocks or the machine sleeps."""

    stall_at, stall = 2.0, 0.0

    def send(self, timed: Timed) -> None:
        """Keep it, after a while."""
        if self.stall and self.clock.now() >= self.stall_at:
            self.clock.wait(Seconds(self.clock.now() + self.stall))
            self.stall = 0.0
            self.back = self.clock.now()
        super().send(timed)


@pytest.mark.parametrize("stall", [0.05, 0.2, 0.5, 0.99, 1.5, 5.0, 3600.0])
@pytest.mark.parametrize("mode", MODES)
def test_what_was_slept_through_is_left_out(mode: str, stall: float) -> None:
    rehearsal = Rehearsal(mode, bpm=BPM, density=1.0, trade=1, band=QUARTET, leads=True)
    sink = Stalling(rehearsal.clock)
    sink.stall = stall
    script: list[Item] = phrase(0.5, [60, 62, 64, 65])
    script.append((Seconds(20.0 + stall), turned("quit", True)))
    run(rehearsal.session, rehearsal.clock, sink, Script(script))
    sent, back = sink.sent, sink.back
    check(of_session(sent))
    # The first message is the one that was being sent, which knew of nothing.
    soon = [each for each in sent if back <= each.at < back + IN][1:]
    assert sum(isinstance(each.event, NoteOn) for each in soon) <= BURST
    late = [each.at - rehearsal.tempo.seconds_at(each.tick) for each in _begun(sent)]
    after = [each for each in _begun(sent) if each.at > back]
    assert (
        max(each.at - rehearsal.tempo.seconds_at(each.tick) for each in after)
        <= LATE + 60 / BPM / PPQ
    ), max(late)
    # Back on the beat within a bar: the band plays every beat.
    bar = 60.0 / BPM * BAR / PPQ
    assert min(each.at for each in after) <= back + bar
    pulses = [each for each in soon if isinstance(each.event, Pulse)]
    assert len(pulses) <= 24 * BPM / 60 * (min(stall, 1.0) + IN) + 1


def _begun(sent: list[Sent]) -> list[Sent]:
    return [each for channel in range(16) for each in ons(sent, channel)]


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no SIGSTOP on this system")
@pytest.mark.parametrize("seconds", [0.6, 3.0])
def test_a_process_that_was_stopped(tmp_path: Path, seconds: float) -> None:
    """The real thing, in real time."""
    options = ("--tempo", "200", "--bars", "6", "--no-take")
    with playing(tmp_path, *options) as child:
        child.reads(note_ons=6)
        os.kill(child.process.pid, signal.SIGSTOP)
        time.sleep(seconds)
        back = time.perf_counter()
        os.kill(child.process.pid, signal.SIGCONT)
        stream = child.reads()
        child.process.wait(PATIENCE)
    check(stream)
    burst = [event for at, event in stream if back <= at < back + IN]
    assert sum(isinstance(event, NoteOn) for event in burst) <= BURST
    assert any(isinstance(event, NoteOn) for at, event in stream if at > back + IN)
