"""Everything that can be turned while it plays: nothing sticks, and nothing is cut."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from live_improv.loop import Script, run
from live_improv.music.events import (
    ControlChange,
    Ear,
    Heard,
    Note,
    NoteOff,
    NoteOn,
    Pulse,
    Stop,
    Timed,
)
from live_improv.music.score import IMPROVISER
from live_improv.music.timing import Seconds
from live_improv.performance.bindings import DEFAULT_MAP
from live_improv.performance.controls import CLOCKS, CONTROLS, KEYS, MODES, TRADES, Kind
from live_improv.performance.hands import Hands
from live_improv.performance.harmony import ChordSource
from live_improv.performance.incoming import Key, Plugged, Port
from live_improv.performance.scheduler import Scheduler
from tests.performance.sessions import (
    CHANNEL,
    Item,
    Master,
    Rehearsal,
    Sent,
    Sink,
    ons,
    phrase,
    sounded,
    turned,
)

HARMLESS = ("mode", "trade", "temperature", "density", "register", "swing", "dynamics", "follow")
"""What may be turned without a note being cut."""


def planned_ends(rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> dict[int, list[int]]:
    """By the tick at which they begin, where the notes end as they were planned."""
    found: dict[int, list[int]] = {}
    adds = Scheduler.add

    def add(self: Scheduler, note: Note, *rest: Any) -> None:
        if self.channel == CHANNEL:
            found.setdefault(note.onset, []).append(note.end)
        adds(self, note, *rest)

    monkeypatch.setattr(Scheduler, "add", add)
    return found


def any_value(name: str, chance: Random) -> bool | float | str:
    """A value of a control."""
    row = CONTROLS[name]
    if row.kind is Kind.TOGGLE:
        return chance.random() < 0.5
    if row.choices:
        return chance.choice(row.choices)
    if row.kind is Kind.STOPS:
        return chance.choice(row.stops)
    if row.kind is Kind.WHOLE:
        return chance.randint(int(row.low), int(row.high))
    return chance.uniform(row.low, row.high)


@pytest.mark.parametrize("seed", range(4))
def test_a_thousand_switches_cut_no_note(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mode, length and the other knobs, while notes sound and the player plays."""
    chance = Random(seed)
    rehearsal = Rehearsal(seed=seed, density=0.8)
    ends = planned_ends(rehearsal, monkeypatch)
    script: list[Item] = []
    at = 0.0
    for _ in range(1000):
        at += chance.expovariate(1 / 0.12)
        name = chance.choice(HARMLESS)
        script.append((Seconds(at), turned(name, any_value(name, chance))))
    for _ in range(30):
        script += phrase(chance.random() * at, [chance.randint(50, 80) for _ in range(6)], 0.17)
    sent = rehearsal.play(script, until=at + 5.0)
    notes = sounded(sent)
    assert len(notes) > 50
    struck = {(note.pitch, note.tick) for note in notes}
    for note in notes:
        if note.until == at + 5.0:
            continue  # the end of it all
        # As planned, or struck anew, which needs its end first.
        assert note.end in ends[note.tick] or (note.pitch, note.end) in struck, note


@pytest.mark.parametrize("seed", range(3))
def test_a_thousand_switches_of_everything_leave_nothing_sounding(seed: int) -> None:
    chance = Random(seed)
    master = Master(0.0, 140.0)
    script: list[Item] = []
    while master.at < 70.0:
        kind = chance.random()
        if kind < 0.3:
            master.start()
        elif kind < 0.5:
            master.place(chance.randint(0, 200))
        elif kind < 0.7 and master.running:
            master.stop()
        elif kind < 0.9:
            master.go_on()
        master.pulses(chance.randint(1, 200))
    script += master.items
    for _ in range(1000):
        name = chance.choice(sorted(CONTROLS.keys() - {"quit", "learn"}))
        row = CONTROLS[name]
        value = True if row.kind is Kind.TRIGGER else any_value(name, chance)
        script.append((Seconds(chance.random() * 70.0), turned(name, value)))
    for _ in range(30):
        script += phrase(chance.random() * 70.0, [chance.randint(40, 80)] * 5, 0.2)
        gone = chance.random() * 70.0
        port = chance.choice(list(Port))
        script.append((Seconds(gone), Plugged(port, back=False)))
        script.append((Seconds(gone + 1.0), Plugged(port, back=True)))
    rehearsal = Rehearsal(seed=seed, chords=ChordSource.BOTH, leads=True, keep=True)
    sent = rehearsal.play(script, until=75.0)
    assert len(sounded(sent)) > 20
    moments = [each.at for each in sent]
    assert moments == sorted(moments)
    assert rehearsal.take is not None
    score = rehearsal.take.score()
    for part in score.parts:
        ticks = [timed.tick for timed in part.events]
        assert ticks == sorted(ticks)
    (ours,) = [part.events for part in score.parts if part.name == IMPROVISER]
    assert [timed.event for timed in ours if isinstance(timed.event, NoteOn)] == [
        each.event for each in ons(sent)
    ]


@settings(max_examples=30)
@given(st.data())
def test_knobs_and_keys_do_as_turning_does(data: st.DataObject) -> None:
    """A controller, a key of the terminal and a call are one and the same turn."""
    name = data.draw(st.sampled_from(["temperature", "density", "mode", "trade", "mute", "panic"]))
    midi = data.draw(st.integers(64, 127))
    row = CONTROLS[name]
    binding = DEFAULT_MAP.binding(name)
    assert binding is not None
    value = row.at(midi)
    if row.kind not in (Kind.TRIGGER, Kind.TOGGLE) and value == row.default:
        return
    knob = Heard(Seconds(2.0), ControlChange(binding.number, midi))
    by_knob = Rehearsal(bars=8, follow=0.0).play([(Seconds(2.0), knob)])
    by_hand = Rehearsal(bars=8, follow=0.0).play([(Seconds(2.0), turned(name, value))])
    assert by_knob == by_hand


@pytest.mark.parametrize("char", sorted(KEYS))
def test_every_key_may_be_pressed(char: str) -> None:
    script: list[Item] = [(Seconds(0.3 * i), Key(char)) for i in range(1, 30)]
    sent = Rehearsal(bars=8).play([*script, *phrase(1.0, [60, 62, 64])], until=9.0)
    sounded(sent)


def test_every_control_has_a_value_that_is_kept() -> None:
    chance = Random(1)
    session = Rehearsal().session
    for name, row in CONTROLS.items():
        if row.kind is Kind.TRIGGER:
            continue
        for _ in range(5):
            value = any_value(name, chance)
            session.receive(turned(name, value), Seconds(0.5))
            assert session.knobs.value(name) == row.checked(value)
    assert set(MODES) >= {session.knobs.mode}
    assert session.knobs.clock in CLOCKS
    assert session.knobs.trade in TRADES


def test_a_controller_of_somebody_else_turns_nothing() -> None:
    rehearsal = Rehearsal(bars=8, hands=Hands())
    script: list[Item] = [
        (Seconds(i / 10), Heard(Seconds(i / 10), ControlChange(20, i), ears))
        for i in range(1, 50)
        for ears in (Ear.CLOCK, Ear.CHORDS)
    ]
    rehearsal.play(script)
    assert rehearsal.session.knobs == Rehearsal().session.knobs


class Interrupting(Sink):
    """A sink that interrupts at one event, before or after it was sent."""

    at_number: int | None = None
    after = False

    def send(self, timed: Timed) -> None:
        """Keep it, or interrupt."""
        number, fails = len(self.sent), len(self.sent) == self.at_number
        if fails:
            self.at_number = None
            if not self.after:
                raise KeyboardInterrupt
        super().send(timed)
        if fails:
            raise KeyboardInterrupt(number)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("number", range(0, 60, 3))
def test_whoever_interrupts_leaves_silence(number: int, after: bool) -> None:
    """In any mode, at any event, with a clock of ours and a count-in."""
    for mode in MODES:
        rehearsal = Rehearsal(mode, leads=True, count_in=1920, trade=1)
        sink = Interrupting(rehearsal.clock)
        sink.at_number, sink.after = number, after
        script: list[Item] = [
            *phrase(0.4, [60, 62, 64, 65]),
            (Seconds(20.0), turned("quit", True)),
        ]
        with pytest.raises(KeyboardInterrupt):
            run(rehearsal.session, rehearsal.clock, sink, Script(script))
        left: set[tuple[int, int]] = set()
        for each in sink.sent:
            if isinstance(each.event, NoteOn):
                left.add((each.event.channel, each.event.pitch))
            elif isinstance(each.event, NoteOff):
                left.discard((each.event.channel, each.event.pitch))
        assert not left
        clock = [each.event for each in sink.sent if isinstance(each.event, Pulse | Stop)]
        if any(each.tick > 0 for each in sink.sent):
            assert isinstance(clock[-1], Stop)


@pytest.mark.parametrize("gap", [0.05, 0.2, 0.4, 1.1])
def test_an_output_that_comes_and_goes(gap: float) -> None:
    """While it is away the ledger goes on; when it is back, nothing hangs on it."""
    rehearsal = Rehearsal(bars=8)
    script: list[Item] = []
    at = 0.5
    while at < 8.0:
        script.append((Seconds(at), Plugged(Port.NOTES, back=False)))
        script.append((Seconds(at + gap), Plugged(Port.NOTES, back=True)))
        at += 2 * gap
    sent = rehearsal.play(script)
    plain = Rehearsal(bars=8).play()
    assert [e.timed for e in sent if not isinstance(e.event, ControlChange)] == [
        each.timed for each in plain
    ]
    said = [each.event for each in sent if isinstance(each.event, ControlChange)]
    assert len(said) == 2 * sum(
        isinstance(item, Plugged) and item.back for _, item in script if isinstance(item, Plugged)
    )


def heard_when(sent: list[Sent]) -> list[float]:
    """When notes began."""
    return [each.at for each in ons(sent)]


def test_a_mode_that_is_left_and_taken_again_goes_on() -> None:
    script: list[Item] = [
        (Seconds(2.0), turned("mode", "trade")),
        (Seconds(2.5), turned("mode", "answer")),
        (Seconds(3.0), turned("mode", "solo")),
    ]
    moments = heard_when(Rehearsal(seed=4).play(script, until=12.0))
    assert any(at > 3.0 for at in moments)
    assert not [at for at in moments if 2.001 < at < 3.0]
