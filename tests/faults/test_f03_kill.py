"""Being killed, while notes sound: nobody is left to send their offs, but the guardian."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from live_improv.music.events import ControlChange, NoteOn
from live_improv.performance.ensemble import ALL_NOTES_OFF
from tests.faults.leaving import BAND, kill_once, live
from tests.jack_server import jack_server

pytestmark = pytest.mark.realtime

KILLS = int(os.environ.get("LIVE_IMPROV_KILLS", "20"))
"""How many in all; `python -m tests.faults.leaving` makes 200."""


@pytest.fixture(scope="module", autouse=True)
def server() -> Iterator[None]:
    with jack_server():
        yield


@pytest.mark.parametrize("number", range(KILLS))
def test_what_sounds_is_silenced_and_the_take_loads(tmp_path: Path, number: int) -> None:
    # Four notes where the band plays a chord, else whatever there is.
    after = random.Random(number).uniform(0.0, 3.0)
    killed = kill_once(tmp_path, after, notes=4 if number % 2 else 1)
    assert killed.sounding
    assert killed.faults(after) == []


def test_who_plays_next_silences_first_what_may_sound(tmp_path: Path) -> None:
    with live(tmp_path, *BAND) as playing:
        playing.receiver.wait_for(3)
        events = [stamped.event for stamped in playing.receiver.heard]
    first_note = next(at for at, event in enumerate(events) if isinstance(event, NoteOn))
    silenced = {
        event.channel
        for event in events[:first_note]
        if isinstance(event, ControlChange) and event.control == ALL_NOTES_OFF
    }
    used = {event.channel for event in events if isinstance(event, NoteOn)}
    assert used
    assert used <= silenced
