"""Ours are what the program plays, as written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from live_improv import assets, model_folder
from live_improv.app import Performance
from live_improv.board.ours import Player, perform, request_for
from live_improv.charts.text import parse
from live_improv.corpus import Solo
from live_improv.evaluation.lines import written
from live_improv.loop import Script, run
from live_improv.model_folder import Model
from live_improv.music.events import NoteOn
from live_improv.music.score import IMPROVISER
from live_improv.music.timing import Seconds
from live_improv.offline import Nowhere
from live_improv.performance.clock import VirtualClock
from live_improv.performance.instruments import DEFAULT, instrument
from live_improv.request import Request
from tests.lines import note

CHANGES = parse("time: 4/4\n| Dm7 | G7 | CM7 | A7 | Dm7 | G7 | CM7 | CM7")
SOLO = Solo("x", "valid", "", "tune", (note(0, 60), note(6, 90)), CHANGES, 180.0, instrument="ts")


@pytest.fixture(scope="module")
def model() -> Model:
    """The default one."""
    return model_folder.load(assets.default_model())


def test_what_is_written_is_what_sounds(model: Model) -> None:
    """The same notes as in a take of the same request, which has them as played."""
    request = Request(chart=CHANGES, bpm=180.0, bars=16, seed=5)
    performance = Performance(request, model=model)
    take = performance.take(Seconds(0.0))
    run(performance.session(Seconds(0.0), take), VirtualClock(), Nowhere(), Script())
    assert performance.length is not None
    (ours,) = (part for part in take.score(performance.length).parts if part.name == IMPROVISER)
    played = [each.event.pitch for each in ours.events if isinstance(each.event, NoteOn)]
    performed = perform(request, model)
    found = performed.written
    assert [each.pitch for each in performed.sent] == played
    assert [each.pitch for each in found] == played
    assert len(found) > 30
    assert all(each.onset % 40 == 0 for each in found)
    assert written(found) == written(written(found))
    assert found[-1].onset < performance.length


def test_the_request_is_the_default_one_but_for_what_has_to_be_given() -> None:
    asked = request_for(SOLO, 24, 7)
    expected = Request(chart=CHANGES, bpm=180.0, bars=24, seed=7, instrument=instrument("tenor"))
    assert asked == replace(expected, hands=asked.hands)


def test_an_unknown_instrument_has_the_range_of_the_solo_and_the_usual_one() -> None:
    register = request_for(replace(SOLO, instrument="kazoo"), 24, 7).register
    assert register is not None
    assert (register.low, register.high) == (DEFAULT.register.low, 90)


def test_a_seed_says_what_is_played(model: Model) -> None:
    make = Player(model)
    assert make(SOLO, 8, 1) == make(SOLO, 8, 1) != make(SOLO, 8, 2)
    tenor = instrument("tenor").register
    assert all(each.pitch in tenor for each in make(SOLO, 8, 1))
