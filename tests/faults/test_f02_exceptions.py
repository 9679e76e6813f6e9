"""F2: an exception in each part: the offs are sent, and the others play on or end in order."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mido
import pytest

from live_improv.loop import Script, run
from live_improv.music.events import NoteOff, NoteOn, Timed
from live_improv.music.timing import Seconds
from live_improv.performance.band import QUARTET, Band
from live_improv.performance.clock import VirtualClock
from live_improv.performance.improviser import Improviser
from live_improv.performance.partner import Partner
from live_improv.performance.scheduler import Scheduler
from live_improv.performance.session import State
from live_improv.request import Request
from live_improv.runtime.gear import Gear
from live_improv.runtime.inbox import Inbox
from live_improv.runtime.status import Status
from tests.faults.invariants import check, of_session
from tests.performance.sessions import Item, Rehearsal, Sink, phrase, turned
from tests.test_stage import OUT, Live


class Broken(RuntimeError):
    """What is raised."""


def breaks(calls: Callable[..., Any], at: int) -> Callable[..., Any]:
    """The same, but for one call, counted from 0."""
    count = iter(range(1_000_000))

    def broken(*given: Any, **named: Any) -> Any:
        if next(count) == at:
            raise Broken
        return calls(*given, **named)

    return broken


PARTS: dict[str, tuple[type, str]] = {
    "the improviser": (Improviser, "plan"),
    "the scheduler": (Scheduler, "due"),
    "the band": (Band, "plan"),
    "the partner": (Partner, "note"),
}


@pytest.mark.parametrize("at", [0, 3, 11])
@pytest.mark.parametrize("part", PARTS)
def test_whatever_breaks_what_sounds_is_ended(
    part: str, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind, name = PARTS[part]
    rehearsal = Rehearsal("duet", band=QUARTET, leads=True)
    monkeypatch.setattr(kind, name, breaks(getattr(kind, name), at))
    sink = Sink(rehearsal.clock)
    script = phrase(0.5, [60, 62, 64, 65, 67, 65, 64, 62, 60, 59])
    with pytest.raises(Broken):
        run(rehearsal.session, rehearsal.clock, sink, Script(script))
    check(of_session(sink.sent))


@pytest.mark.parametrize("at", range(0, 60, 7))
def test_a_sink_that_breaks_once_gets_its_offs(at: int) -> None:
    rehearsal = Rehearsal(band=QUARTET)
    sink = Sink(rehearsal.clock)
    tried: list[Timed] = []
    send = breaks(sink.send, at)

    class Breaking:
        def send(self, timed: Timed) -> None:
            tried.append(timed)
            send(timed)

    with pytest.raises(Broken):
        run(rehearsal.session, rehearsal.clock, Breaking(), Script([]))
    # What broke may have been an on, which then has an off too many: harmless.
    down = {each.event for each in sink.sent if isinstance(each.event, NoteOn)}
    last = {each.event for each in sink.sent if isinstance(each.event, NoteOff)}
    assert {(on.pitch, on.channel) for on in down} <= {(off.pitch, off.channel) for off in last}
    assert at < len(tried)


@pytest.mark.parametrize("how", ["quit", "end"])
def test_quitting_is_silence_at_once(how: str) -> None:
    """The loop does not wait for anything once the music is over."""
    rehearsal = Rehearsal(bars=4, density=1.0)
    waits: list[float] = []

    class Watching(VirtualClock):
        def wait(self, until: Seconds) -> None:
            if rehearsal.session.state is State.ENDED:
                waits.append(until)
            super().wait(until)

    class Open(Script):
        open = True

    items: list[Item] = [(Seconds(1.0), turned("quit", True))] if how == "quit" else []
    clock = Watching()
    sink = Sink(clock)
    run(rehearsal.session, clock, sink, Open(items))
    assert waits == []
    check(of_session(sink.sent))


def test_on_stage_a_broken_part_ends_all_in_order(
    live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ports are closed and the take is kept: the fixture and the file say so."""
    monkeypatch.setattr(Improviser, "plan", breaks(Improviser.plan, 12))
    with pytest.raises(Broken):
        live.play(Request(bars=32), Gear(OUT, takes=tmp_path))
    (take,) = tmp_path.glob("*.mid")
    ons = [m for track in mido.MidiFile(take).tracks for m in track if m.type == "note_on"]
    assert len(ons) > 3


def test_on_stage_news_that_nobody_can_read_stop_nothing(
    live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The terminal has gone. The thread that says them dies; the music does not."""
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    monkeypatch.setattr(Status, "look", breaks(Status.look, 0))
    # Long enough for the thread, which looks first after a quarter of a second.
    take = live.play(Request(bars=40), Gear(OUT, takes=tmp_path))
    assert take is not None
    assert len(live.sent_at) > 20


def test_on_stage_a_callback_that_breaks_is_counted(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the thread of the input; see also `tests/midi/test_ports.py`."""
    monkeypatch.setattr(Inbox, "put", breaks(Inbox.put, 1))
    live.at = {2: lambda: live.hear(0x90, 60, 77), 3: lambda: live.hear(0x90, 62, 77)}
    live.at[4] = lambda: live.hear(0x80, 62, 0)
    live.play(Request(bars=8), Gear(OUT, player_in="Keys"))
    assert len(live.sent_at) > 20
