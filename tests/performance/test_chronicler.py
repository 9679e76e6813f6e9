"""The chronicler: what of a session gets into its take."""

from __future__ import annotations

import pytest

from live_improv.charts.text import parse
from live_improv.music.events import ControlChange, Event, NoteOff, NoteOn
from live_improv.music.timing import TempoMap, Ticks
from live_improv.performance.chronicler import Chronicler
from live_improv.performance.take import Take
from live_improv.performance.take_entries import Ended, HeardAt, Jump, Over
from tests.performance.sessions import BAR, CHANGES

TEMPO = TempoMap.constant(120.0)
OTHER = parse("Bb7 | Eb7 | F7 | F7")


def kept() -> tuple[Chronicler, Take]:
    """A chronicler over the usual chords, and its take."""
    take = Take(CHANGES, TEMPO)
    return Chronicler(take, CHANGES), take


def entries(take: Take, kind: type) -> list[object]:
    """All of one kind that are in a take."""
    return [each for each in take.entries(0, len(take)) if isinstance(each, kind)]


ON, OFF = NoteOn(60, 80, 2), NoteOff(60, 2)


@pytest.mark.parametrize(
    ("told", "in_it"),
    [
        ([(ON, True), (OFF, True)], [ON, OFF]),
        ([(ON, True), (OFF, False)], [ON, OFF]),  # the music stopped before the key came up
        ([(ON, False), (OFF, True)], []),  # it went down before the music began
        ([(OFF, True)], []),
        ([(ON, True), (OFF, True), (OFF, True)], [ON, OFF]),
        ([(ON, True), (NoteOff(60, 3), True)], [ON]),  # another channel's
        ([(ControlChange(64, 127), True), (ControlChange(64, 0), False)], [ControlChange(64, 127)]),
    ],
)
def test_an_off_is_kept_if_its_on_was(told: list[tuple[Event, bool]], in_it: list[Event]) -> None:
    chronicler, take = kept()
    for tick, (event, counts) in enumerate(told):
        chronicler.heard(Ticks(tick), event, counts=counts)
    heard = [each.event for each in entries(take, HeardAt) if isinstance(each, HeardAt)]
    assert heard == in_it


def test_chords_are_told_when_they_are_others() -> None:
    chronicler, take = kept()
    for tick, changes in enumerate((CHANGES, OTHER, OTHER, CHANGES)):
        chronicler.over(Ticks(tick), changes)
    assert entries(take, Over) == [Over(Ticks(1), OTHER), Over(Ticks(3), CHANGES)]


def test_a_jump_says_what_is_played_over_from_there() -> None:
    chronicler, take = kept()
    chronicler.relocated(Ticks(BAR), Ticks(0), OTHER, TEMPO)
    chronicler.over(Ticks(10), OTHER)
    assert entries(take, Jump) == [Jump(Ticks(BAR), Ticks(0), OTHER)]
    assert entries(take, Over) == []
    assert take.latest == (1, TEMPO.changes[-1])


@pytest.mark.parametrize(
    ("end", "last", "rings"),
    [(BAR, 2 * BAR, True), (BAR, BAR, False), (BAR, None, False), (None, None, False)],
)
def test_what_rings_after_the_end_is_told(
    end: Ticks | None, last: Ticks | None, rings: bool
) -> None:
    chronicler, take = kept()
    chronicler.ended(end, last)
    ended = [each for each in entries(take, Ended) if isinstance(each, Ended)]
    assert [each.tick for each in ended] == [end] * rings
