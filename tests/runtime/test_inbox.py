"""What is heard waits in order, from any thread, and nothing that matters is dropped."""

from __future__ import annotations

import threading

from live_improv.music.events import ControlChange, Ear, Heard, NoteOff, NoteOn, Pulse
from live_improv.music.timing import Seconds
from live_improv.performance.clock import WallClock
from live_improv.performance.controls import Turned
from live_improv.performance.incoming import Incoming, Key, Plugged, Port
from live_improv.runtime.inbox import FULL, MOST, Inbox

NOW = Seconds(0.0)


def heard(number: int, at: float = 0.0) -> Heard:
    return Heard(Seconds(at), NoteOn(number % 128, 1 + number // 128 % 127), Ear.PLAYER)


def test_everything_comes_out_once_and_in_order() -> None:
    woken = []
    inbox = Inbox(lambda: woken.append(len(woken)))
    items: list[Incoming] = [
        heard(1),
        Key("q"),
        Plugged(Port.NOTES, back=False),
        Turned("follow", 0.5),
        heard(2),
    ]
    for item in items:
        inbox.put(item)
    assert len(woken) == len(items)
    assert inbox.take(NOW) == items
    assert inbox.take(NOW) == []


def test_it_stays_open_and_foretells_nothing() -> None:
    inbox = Inbox(lambda: None)
    inbox.put(heard(1))
    assert inbox.open
    assert inbox.next_at() is None


def test_what_is_put_in_while_it_is_emptied_is_not_lost() -> None:
    inbox = Inbox(lambda: None)
    inbox.put(heard(1))
    taken = inbox.take(NOW)
    inbox.put(heard(2))
    assert [*taken, *inbox.take(NOW)] == [heard(1), heard(2)]


def test_of_a_flood_controllers_are_dropped_first() -> None:
    """A knob that is turned wildly may lose a step; an off that is lost would hang a note."""
    inbox = Inbox(lambda: None)
    for i in range(FULL + 100):
        inbox.put(Heard(NOW, ControlChange(1, i % 128)))
    kept: list[Incoming] = [
        Heard(NOW, NoteOff(60)),
        heard(3),
        Heard(NOW, Pulse(), Ear.CLOCK),
        Key("!"),
        Plugged(Port.PLAYER, back=False),
        Turned("panic", True),
    ]
    for item in kept:
        inbox.put(item)
    inbox.put(Heard(NOW, ControlChange(123, 0)))
    found = inbox.take(NOW)
    assert len(found) == FULL + len(kept)
    assert found[FULL:] == kept
    # With room again, controllers are taken again.
    inbox.put(Heard(NOW, ControlChange(1, 1)))
    assert len(inbox.take(NOW)) == 1


def test_what_nobody_takes_has_a_bound_but_for_what_ends_notes() -> None:
    inbox = Inbox(lambda: None)
    for _ in range(MOST[NoteOn] + 100):
        inbox.put(Heard(NOW, NoteOn(60, 80)))
        inbox.put(Heard(NOW, NoteOff(60)))
    found = [item.event for item in inbox.take(NOW) if isinstance(item, Heard)]
    assert sum(isinstance(event, NoteOn) for event in found) == MOST[NoteOn] // 2
    assert sum(isinstance(event, NoteOff) for event in found) == MOST[NoteOn] + 100


def test_many_threads_lose_nothing() -> None:
    inbox = Inbox(lambda: None)
    count, threads = 500, 4

    def fill(first: int) -> None:
        for i in range(count):
            inbox.put(heard(i, at=first))

    workers = [threading.Thread(target=fill, args=(i,)) for i in range(threads)]
    for worker in workers:
        worker.start()
    found = []
    while any(worker.is_alive() for worker in workers):
        found += inbox.take(NOW)
    for worker in workers:
        worker.join()
    found += inbox.take(NOW)
    assert len(found) == count * threads
    for first in range(threads):
        own = [item for item in found if isinstance(item, Heard) and item.at == Seconds(first)]
        assert own == [heard(i, at=first) for i in range(count)]


def test_the_loop_is_woken() -> None:
    """Whoever waits for a moment far away is there as soon as something is put in."""
    clock = WallClock()
    inbox = Inbox(clock.wake)
    inbox.put(heard(1))
    before = clock.now()
    clock.wait(Seconds(before + 60.0))
    assert clock.now() < before + 30.0
