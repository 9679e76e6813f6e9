"""F24: an improviser that is too slow, or a net that says no numbers: rests, never stumbles."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from live_improv.grammar.context import Context
from live_improv.midi.codec import encode
from live_improv.model import Weights
from live_improv.music.timing import PPQ, Seconds, Ticks
from live_improv.performance.band import QUARTET, BandChannels
from live_improv.performance.bandleader import LATE
from live_improv.performance.improviser import Idea, Improviser
from live_improv.performance.session import State
from live_improv.performance.taste import Taste
from tests.faults.invariants import check, of_session
from tests.performance.sessions import CHANGES, CHANNEL, NET, Rehearsal, Watched, ons, trained

BPM = 140.0
TICK = 60.0 / BPM / PPQ
DRUMS = BandChannels.beside(CHANNEL).drums


def slowed(monkeypatch: pytest.MonkeyPatch, times: float) -> None:
    """Planning a note takes so many times as long as the time to the next one."""
    plan = Watched.plan

    def slowly(self: Watched, *arguments: Any) -> Idea:
        idea = plan(self, *arguments)
        taken = (idea.written.after - idea.written.note.onset) * TICK * times
        self._clock.wait(Seconds(self._clock.now() + taken))
        return idea

    monkeypatch.setattr(Watched, "plan", slowly)


@pytest.mark.parametrize("times", [0.5, 1.0, 2.0, 4.0, 8.0])
def test_a_slow_improviser_rests_and_does_not_stumble(
    monkeypatch: pytest.MonkeyPatch, times: float
) -> None:
    """What was due while it thought is left out; the time of what is played never slips."""
    slowed(monkeypatch, times)
    rehearsal = Rehearsal(bars=32, bpm=BPM, net=trained())
    sent = rehearsal.play()
    check(of_session(sent))
    assert rehearsal.session.state is State.ENDED
    assert rehearsal.end is not None
    # A thought that was begun before the end may end after it.
    slowest = 8 * 4 * PPQ * TICK * times
    assert rehearsal.clock.now() <= rehearsal.tempo.seconds_at(rehearsal.end) + slowest
    late = [each.at - rehearsal.tempo.seconds_at(each.tick) for each in ons(sent)]
    assert max(late, default=0.0) <= LATE + TICK
    moments = [each.at for each in ons(sent)]
    assert all(moments.count(at) == 1 for at in moments), "two at once are a burst"
    if times < 1.0:
        assert len(moments) > 50
    assert rehearsal.session.dropped > 0


def test_in_time_nothing_is_left_out() -> None:
    rehearsal = Rehearsal(bars=32, bpm=BPM, net=trained(), band=QUARTET)
    rehearsal.play()
    assert rehearsal.session.dropped == 0


def test_after_a_slow_while_it_plays_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Something took the machine for a while; bars later nothing tells of it."""
    rehearsal = Rehearsal(bpm=BPM, net=trained())
    with monkeypatch.context() as slow:
        slowed(slow, 4.0)
        before = rehearsal.played(until=20.0)
    after = rehearsal.played(until=60.0)
    recovered = [each for each in ons(after) if each.at > 30.0]
    assert len(recovered) > 30
    for each in recovered:
        assert each.at == pytest.approx(rehearsal.tempo.seconds_at(each.tick), abs=1e-6)
    check(of_session([*before, *after]), ends=False)


def test_the_band_keeps_time_beside_a_slow_improviser(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thought of a beat holds up the loop for a beat: what is late then is left out as well."""
    slowed(monkeypatch, 0.5)
    rehearsal = Rehearsal(bars=32, bpm=BPM, net=trained(), band=QUARTET)
    sent = rehearsal.play()
    check(of_session(sent))
    late = [each.at - rehearsal.tempo.seconds_at(each.tick) for each in ons(sent, DRUMS)]
    assert len(late) > 50
    assert max(late) <= LATE + TICK


def broken(name: str, number: float) -> Weights:
    """A net with an array of no numbers; no file with one is loaded, see `test_model_folder`."""
    arrays = dict(NET.arrays)
    arrays[name] = np.full_like(arrays[name], number)
    return replace(NET, arrays=arrays)


ARRAYS = ("experts_bias", "recurrent", "heads", "time_bias", "sounding_bias", "bias")


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ARRAYS)
def test_what_is_no_number_is_counted_and_not_heeded(name: str, number: float) -> None:
    """The line goes on, within the language, and not on one pitch."""
    rehearsal = Rehearsal(bars=16, net=broken(name, number), seed=3)
    with np.errstate(all="ignore"):
        sent = rehearsal.play()
    check(of_session(sent))
    assert rehearsal.improviser.faults.count > 0
    assert len({each.note.pitch for each in rehearsal.planned}) > 5
    register = rehearsal.improviser.taste.register
    for each in ons(sent):
        _, pitch, velocity = encode(each.event)
        assert pitch in register
        assert 1 <= velocity <= 127


def planned(improviser: Improviser, count: int) -> list[int]:
    """The next pitches."""
    return [improviser.plan().written.note.pitch for _ in range(count)]


def test_one_wrong_number_is_forgotten() -> None:
    """A state of NaN would be there for ever; the line begins anew, and that is all."""
    context = Context(CHANGES, BPM, straight=True)
    improviser = Improviser(NET, context, Taste(), Ticks(0))
    planned(improviser, 10)
    moment = improviser.moment
    state = moment.state._replace(hidden=np.full_like(moment.state.hidden, np.nan))
    improviser.moment = replace(moment, state=state)
    assert len(set(planned(improviser, 30))) > 3
    assert improviser.faults.count == 1
    assert np.isfinite(improviser.moment.state.hidden).all()


@pytest.mark.parametrize("what", ["time", "hear", "enter"])
def test_wherever_it_is_asked(what: str) -> None:
    """Also by a note of the player, and by the first note of a turn."""
    improviser = Improviser(
        broken("experts_bias" if what == "hear" else "time_bias", np.nan),
        Context(CHANGES, BPM, straight=True),
        Taste(follow=1.0),
        Ticks(0),
    )
    if what == "time":
        improviser.plan()
    else:
        improviser.hear(60, Ticks(0))
        improviser.enter(Ticks(480), Ticks(960))
    assert improviser.faults.count > 0
    assert improviser.plan().written.note.onset >= 0


def test_a_net_of_numbers_is_never_doubted() -> None:
    rehearsal = Rehearsal(bars=32, net=trained())
    rehearsal.play()
    assert rehearsal.improviser.faults.count == 0
