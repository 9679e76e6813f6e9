"""What everybody who sounds is told, and what of it is kept."""

from __future__ import annotations

from live_improv.music.events import ControlChange
from live_improv.music.timing import Seconds
from live_improv.performance.band import QUARTET
from live_improv.performance.incoming import Plugged, Port
from tests.performance.sessions import Rehearsal, turned


def test_what_silences_a_port_is_not_in_the_take() -> None:
    """A take would begin with it, a bar before the music."""
    rehearsal = Rehearsal(bars=2, band=QUARTET, keep=True, start=1.0)
    opened = [(Seconds(at), Plugged(Port.NOTES, back=True)) for at in (0.2, 3.0)]
    sent = rehearsal.play([*opened, (Seconds(4.0), turned("panic", True))])
    assert sum(isinstance(each.event, ControlChange) for each in sent) >= 2 * 2 * 4
    assert rehearsal.take is not None
    kept = [timed for part in rehearsal.take.score().parts for timed in part.events]
    assert kept
    assert not any(isinstance(timed.event, ControlChange) for timed in kept)
    assert min(timed.tick for timed in kept) >= 0
