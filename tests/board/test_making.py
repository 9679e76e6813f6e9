"""Making enough lines, with seeds that are fixed."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from live_improv.board.making import ENOUGH_NOTES, Plan, make_lines, make_runs
from live_improv.corpus import Solo
from live_improv.evaluation.lines import Line
from live_improv.music.events import Note
from tests.evaluation.test_lines import FOUR
from tests.lines import line, note

SOLOS = [
    Solo(f"solo {i}", "valid", "", f"tune {i // 2}", (note(0, 60),), FOUR, 120.0 + i)
    for i in range(20)
]


class Recorder:
    """A maker that keeps what it is asked for, and plays so many notes."""

    def __init__(self, notes: int) -> None:
        self.asked: list[tuple[str, int, int]] = []
        self._notes = notes

    def __call__(self, solo: Solo, bars: int, seed: int) -> Sequence[Note]:
        self.asked.append((solo.id, bars, seed))
        return line(*[60] * self._notes)


def made(notes: int, plan: Plan) -> tuple[list[Line], list[tuple[str, int, int]]]:
    """Lines, and what the maker was asked for."""
    maker = Recorder(notes)
    return list(make_lines(maker, SOLOS, plan)), maker.asked


def test_each_solo_is_played_over_once_a_take_for_as_long() -> None:
    lines, asked = made(10, Plan(takes=2))
    assert len(lines) == 40
    for take in (asked[:20], asked[20:]):
        assert {name for name, *_ in take} == {solo.id for solo in SOLOS}
        assert {bars for _, bars, _ in take} == {40}
    assert len({seed for *_, seed in asked}) == len({each.name for each in lines}) == 40
    assert {each.bars for each in lines} == {40}


def test_a_line_has_the_tune_and_the_tempo_of_its_solo() -> None:
    lines, asked = made(10, Plan(takes=1))
    solos = {solo.id: solo for solo in SOLOS}
    for each, (name, *_) in zip(lines, asked, strict=True):
        assert (each.kin, each.bpm) == (solos[name].title, solos[name].bpm)
        assert each.changes is FOUR


def test_it_goes_on_in_whole_rounds_until_there_are_enough() -> None:
    many, _ = made(1000, Plan())
    assert len(many) == 80  # 64 solos, and four rounds of 20 make them
    few, _ = made(100, Plan())
    assert len(few) == 260
    assert sum(len(each.notes) for each in few) >= ENOUGH_NOTES


def test_it_stops_at_so_many_notes_with_the_same_lines() -> None:
    some, _ = made(100, Plan(notes=250))
    everything, _ = made(100, Plan(takes=1))
    assert [each.name for each in some] == [each.name for each in everything[:3]]


def test_a_few_are_not_the_first_of_the_corpus() -> None:
    some, _ = made(100, Plan(notes=700))
    assert [each.name.split()[1] for each in some] != [str(i) for i in range(7)]


def test_runs_are_of_128_bars() -> None:
    maker = Recorder(10)
    runs = list(make_runs(maker, SOLOS[:3]))
    assert [bars for _, bars, _ in maker.asked] == [128] * 3
    assert [each.bars for each in runs] == [128] * 3


@pytest.mark.parametrize("take", [1, 3])
def test_the_first_takes_are_the_same_however_many_follow(take: int) -> None:
    assert made(10, Plan(takes=4))[1][: 20 * take] == made(10, Plan(takes=take))[1]


def test_what_is_made_is_written() -> None:
    swung = (note(0, 60, 5), note(8, 62, 3), note(12, 64, 5))
    (found,) = make_lines(lambda *_: swung, SOLOS[:1], Plan(takes=1))
    assert [each.onset // 40 for each in found.notes] == [0, 6, 12]
