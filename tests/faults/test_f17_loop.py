"""F17: our output comes back to our input, from the beginning or only later.

That nothing is different then, in any mode and for any delay, is
`tests/performance/test_session_echo.py`; here: how soon it is told, how much is sent, and that the
player is heard.
"""

from __future__ import annotations

import pytest

from live_improv.loop import run
from live_improv.music.timing import Seconds
from live_improv.performance.band import QUARTET
from live_improv.performance.controls import MODES
from live_improv.performance.incoming import Incoming, Plugged, Port
from tests.faults.invariants import check, of_session
from tests.performance.sessions import Rehearsal, ons, turned
from tests.performance.test_session_echo import Loop

SOON = 0.75
"""Seconds after the opening; a second is asked for, of which the status takes a quarter."""

DELAYS = [0.0, 0.002, 0.010, 0.025]
NOTES = 7
"""Of so many it is known: six came back, and a seventh was on its way."""


class Noticing(Loop):
    """A loop that notes when it was noticed."""

    at: float | None = None
    notes = 0

    def take(self, now: Seconds) -> list[Incoming]:
        """What has come by now."""
        self._notice()
        return super().take(now)

    def next_at(self) -> Seconds | None:
        """When the next thing comes; what has come is known by now."""
        self._notice()
        return super().next_at()

    def _notice(self) -> None:
        if self.at is None:
            self.notes = len(ons(self.sent))
            if self.looks():
                self.at = self.clock.now()

    looks = staticmethod(lambda: False)


@pytest.mark.parametrize("delay", DELAYS)
def test_one_that_is_there_is_told_within_a_second(delay: float) -> None:
    """The session opens its port as `stage` has it do."""
    rehearsal = Rehearsal(bpm=60.0)
    opened = (Seconds(0.0), Plugged(Port.NOTES, back=True))
    loop = Noticing(rehearsal, [opened, (Seconds(20.0), turned("quit", True))], delay)
    loop.looks = lambda: rehearsal.session.echo.looped
    run(rehearsal.session, rehearsal.clock, loop, loop)
    assert loop.at is not None
    assert loop.at <= SOON
    assert loop.notes < NOTES


@pytest.mark.parametrize("delay", DELAYS)
def test_one_that_is_made_later_is_told_after_a_few_notes(delay: float) -> None:
    rehearsal = Rehearsal(density=1.0, bpm=140.0)
    loop = Noticing(rehearsal, [(Seconds(20.0), turned("quit", True))], delay)
    loop.looks = lambda: rehearsal.session.echo.looped
    run(rehearsal.session, rehearsal.clock, loop, loop)
    assert loop.at is not None
    assert loop.notes <= NOTES


@pytest.mark.parametrize("delay", DELAYS)
@pytest.mark.parametrize("mode", MODES)
def test_no_more_is_sent_than_without_it(mode: str, delay: float) -> None:
    plain = Rehearsal(mode, trade=1, band=QUARTET).play(until=15.0)
    rehearsal = Rehearsal(mode, trade=1, band=QUARTET)
    loop = Loop(rehearsal, [(Seconds(15.0), turned("quit", True))], delay)
    run(rehearsal.session, rehearsal.clock, loop, loop)
    check(of_session(loop.sent))
    assert len(loop.sent) <= 1.2 * len(plain)
