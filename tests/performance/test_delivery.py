"""The delivery: a note waits for the next one as long as it can, and no longer."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.charts.text import parse
from live_improv.music.events import Note, NoteOff, NoteOn, Timed
from live_improv.music.timing import Ticks
from live_improv.performance.delivery import Delivery
from live_improv.performance.feel import EARLIEST, Feel, Written
from live_improv.training.feel_samples import written_line
from tests.lines import even_line, lines

CHANNEL = 3
FAR = Ticks(10**9)
FEEL = Feel(1.3, 0, laid_back=1.0, loose=1.0)
CHANGES = parse("C7 | F7 | C7 | C7")


def line(*gaps: int) -> list[Written]:
    """A line that goes up and down, with these gaps in grid steps."""
    pitches = [60 + 5 * (i % 2) for i in range(len(gaps))]
    return written_line(even_line(pitches, gaps), CHANGES)


def delivered(*notes: Written, feel: Feel = FEEL) -> Delivery:
    """A delivery with these notes."""
    delivery = Delivery(CHANNEL)
    for note in notes:
        delivery.add(note, feel)
    return delivery


def begun(events: list[Timed]) -> list[tuple[Ticks, int, int]]:
    """When, which and how loud the notes are that begin."""
    ons = [(timed.tick, timed.event) for timed in events]
    return [(at, on.pitch, on.velocity) for at, on in ons if isinstance(on, NoteOn)]


def as_begun(note: Note) -> tuple[Ticks, int, int]:
    """A note as `begun` tells it."""
    return note.onset, note.pitch, note.velocity


def test_nothing_is_due_of_nothing() -> None:
    delivery = Delivery()
    assert delivery.next_tick() is delivery.waits_until() is delivery.cancel() is None
    assert delivery.due(FAR) == delivery.all_off(Ticks(0)) == []


def test_a_note_is_played_in_view_of_the_next() -> None:
    first, second, *_ = line(6, 6, 6)
    delivery = delivered(first)
    assert delivery.waits_until() == delivery.next_tick() == first.note.onset - EARLIEST
    delivery.add(second, FEEL)
    expected = FEEL.played(first, second)
    assert delivery.next_tick() == min(expected.onset, second.note.onset - EARLIEST)
    assert expected != FEEL.played(first)
    assert begun(delivery.due(Ticks(second.note.onset - EARLIEST - 1))) == [as_begun(expected)]


def test_it_waits_no_longer_than_it_can() -> None:
    first, *_ = line(24, 6)
    delivery = delivered(first)
    assert delivery.due(Ticks(-EARLIEST - 1)) == []
    assert delivery.waits_until() is not None
    assert delivery.due(Ticks(-EARLIEST)) == []
    assert delivery.waits_until() is None
    expected = FEEL.played(first)
    assert delivery.next_tick() == expected.onset
    assert begun(delivery.due(expected.onset)) == [as_begun(expected)]


def test_held_it_waits_for_the_next_however_late_somebody_asks() -> None:
    first, second, *_ = line(6, 6, 6)
    delivery = delivered(first)
    assert delivery.next_tick(held=True) is None
    assert delivery.due(Ticks(400), held=True) == []
    delivery.add(second, FEEL)
    assert begun(delivery.due(Ticks(400), held=True)) == [as_begun(FEEL.played(first, second))]


@given(lines(most=12), st.integers(0, 3), st.booleans())
def test_whatever_comes_in_comes_out_once_and_in_order(
    notes: tuple[Note, ...], seed: int, strict: bool
) -> None:
    feel = Feel(1.2, seed) if strict else replace(FEEL, seed=seed)
    written = written_line(notes, CHANGES)
    events = delivered(*written, feel=feel).due(FAR)
    assert [pitch for _, pitch, _ in begun(events)] == [note.pitch for note in notes]
    assert [timed.tick for timed in events] == sorted(timed.tick for timed in events)
    assert sum(isinstance(timed.event, NoteOff) for timed in events) == len(notes)
    assert all(timed.event.channel == CHANNEL for timed in events)  # type: ignore[union-attr]


@pytest.mark.parametrize("until", [-1000, -EARLIEST, 0, 200, 300])
def test_what_has_not_begun_can_be_cancelled(until: int) -> None:
    written = line(6, 6, 6, 6)
    delivery = delivered(*written)
    started = begun(delivery.due(Ticks(until)))
    left = [each.note.onset for each in written][len(started) :]
    assert delivery.cancel() == min(left)
    assert begun(delivery.due(FAR)) == []
    assert delivery.cancel() is None


def test_only_the_one_that_waits_can_be_cancelled_too() -> None:
    delivery = delivered(line(6, 6)[0])
    assert delivery.cancel() == 0
    assert delivery.next_tick() is None


def test_all_off_ends_what_sounds_and_forgets_the_rest() -> None:
    written = line(6, 6, 6, 6)
    delivery = delivered(*written)
    first = FEEL.played(written[0], written[1])
    assert delivery.due(first.onset)
    assert delivery.all_off(Ticks(90)) == [Timed(Ticks(90), NoteOff(first.pitch, CHANNEL))]
    assert delivery.next_tick() is None
    assert delivery.due(FAR) == []


def test_a_line_that_begins_anew_is_not_what_follows() -> None:
    first, second, third = line(6, 6, 6)
    again = replace(first, note=replace(first.note, pitch=72))
    delivery = delivered(third)
    delivery.add(again, FEEL)
    assert begun(delivery.due(Ticks(600)))[-1] == as_begun(FEEL.played(third))
    assert second.note.onset < third.note.onset


def test_bounds_are_kept() -> None:
    since, until = Ticks(0), Ticks(480)
    for seed in range(50):
        delivery = Delivery()
        for each in line(6, 6):
            delivery.add(each, replace(FEEL, seed=seed), since, until)
        events = delivery.due(FAR)
        assert len(events) == 4
        assert all(since <= timed.tick <= until for timed in events)
        assert all(at < until for at, _, _ in begun(events))
