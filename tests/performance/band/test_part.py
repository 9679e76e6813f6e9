"""A part: what it owes, and what it lets go of."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from live_improv.music.events import Note, NoteOff, NoteOn, Timed
from live_improv.music.timing import Ticks
from live_improv.performance.band.part import Bounds, Part, within
from tests.performance.band.bands import BASS, notes


def note(onset: int, length: int, pitch: int = 40, velocity: int = 80) -> Note:
    return Note(Ticks(onset), Ticks(length), pitch, velocity)


def test_who_strikes_anew_lets_go() -> None:
    part = Part(BASS)
    part.add((note(0, 900),), Ticks(0))
    part.add((note(480, 200, 43), note(490, 200, 47)), Ticks(480))
    found = notes(part.due(Ticks(2000)), BASS)
    assert [(each.onset, each.end, each.pitch) for each in found] == [
        (0, 480, 40),
        (480, 680, 43),
        (490, 690, 47),
    ]


def test_others_ring_on() -> None:
    part = Part(BASS)
    part.add((note(0, 900),))
    part.add((note(480, 200, 43),))
    assert [each.end for each in notes(part.due(Ticks(2000)), BASS)] == [900, 680]


def test_what_is_let_go_of_can_be_cancelled() -> None:
    part = Part(BASS)
    part.add((note(0, 900),), Ticks(0))
    part.add((note(480, 200, 43),), Ticks(480))
    said = part.due(Ticks(100))
    part.cancel()
    assert [each.end for each in notes(said + part.due(Ticks(2000)), BASS)] == [900]
    assert part.next_tick() is None


def test_silence_leaves_nothing() -> None:
    part = Part(BASS)
    part.add((note(0, 900), note(0, 900, 44)), Ticks(0))
    part.add((note(480, 200, 43),), Ticks(480))
    said = part.due(Ticks(100)) + part.all_off(Ticks(120))
    assert {each.end for each in notes(said, BASS)} == {120}
    assert part.due(Ticks(5000)) == []
    assert not part.sounding()


STRIKES = st.lists(
    st.tuples(st.integers(0, 400), st.integers(1, 900), st.sampled_from((40, 41, 47))), max_size=12
)


@given(STRIKES, st.lists(st.integers(0, 5000), max_size=8))
def test_one_note_sounds_at_a_time(strikes: list[tuple[int, int, int]], asked: list[int]) -> None:
    part, onset, said = Part(BASS), 0, list[Timed]()
    for gap, length, pitch in strikes:
        onset += gap + 1
        part.add((note(onset, length, pitch),), Ticks(onset))
    for tick in [*sorted(asked), 20_000]:
        said += part.due(Ticks(tick))
    assert [timed.tick for timed in said] == sorted(timed.tick for timed in said)
    found = notes(said, BASS)
    assert len(found) == len(strikes)
    assert all(a.end <= b.onset for a, b in pairwise(found))


def test_a_note_is_bounded() -> None:
    bounds = Bounds(Ticks(480), Ticks(480), Ticks(600))
    assert within(note(580, 50), bounds, 0.5) == note(580, 20, velocity=40)
    assert within(note(475, 50), bounds, 1.0) == note(480, 45)
    assert within(note(300, 500), bounds, 1.0) is None
    assert within(note(610, 50), bounds, 1.0) is None
    early = within(note(475, 50), Bounds(Ticks(480), Ticks(0)), 2.0)
    assert early == note(475, 50, velocity=127)


def test_events_say_the_channel() -> None:
    part = Part(5)
    part.add((note(0, 10),))
    assert [timed.event for timed in part.due(Ticks(10))] == [NoteOn(40, 80, 5), NoteOff(40, 5)]
