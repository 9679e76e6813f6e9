"""Every tune on one side, something on both, and always the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.corpus import Solo, read_corpus
from live_improv.importing.splitting import TEST, TRAIN, VALID, Split, split
from live_improv.importing.tunes import tune_of, tunes
from live_improv.music.changes import Bar, Changes, ChordSpan
from live_improv.music.chords import parse_chord
from live_improv.music.events import Note
from live_improv.music.timing import Meter, Ticks
from tests.test_corpus_writing import solo


def line(name: str, title: str, notes: int = 50) -> Solo:
    """A solo of so many notes, eight to the bar."""
    bars = notes // 8 + 1
    changes = Changes(
        (ChordSpan(Ticks(0), Ticks(bars * 1920), parse_chord("F7")),),
        tuple(Bar(Ticks(i * 1920), Meter()) for i in range(bars)),
    )
    line = tuple(Note(Ticks(i * 240), Ticks(200), 60 + i % 12) for i in range(notes))
    return solo(name, title=title, notes=line, changes=changes)


def apart(solos: list[Solo], sides: list[str | None] | None = None) -> Split:
    return split(solos, tunes(solos), sides or [None] * len(solos))


def sides(found: Split) -> dict[str, str]:
    return {each.id: each.split for each in found.solos}


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 90)), min_size=2, max_size=40))
def test_no_tune_is_on_both_sides(drawn: list[tuple[int, int]]) -> None:
    solos = [line(str(i), f"Tune {tune}x", size) for i, (tune, size) in enumerate(drawn)]
    found = apart(solos)
    assert {each.split for each in found.solos} == {TRAIN, VALID}
    of: dict[str, set[str]] = {}
    for each in found.solos:
        of.setdefault(tune_of(each), set()).add(each.split)
    if len(of) > 1:
        assert all(len(each) == 1 for each in of.values())
        assert found.told == ()
    else:
        assert "all of it is one tune" in found.told[0]
    # What comes first or last changes nothing.
    shuffled = list(solos)
    Random(3).shuffle(shuffled)
    assert sides(apart(shuffled)) == sides(found)


def test_about_a_tenth_is_held_out(data_dir: Path) -> None:
    solos = list(read_corpus(data_dir / "corpus" / "omnibook.jsonl.gz"))
    found = apart(solos)
    share = sum(len(each.notes) for each in found.solos if each.split == VALID) / sum(
        len(each.notes) for each in solos
    )
    assert 0.05 <= share <= 0.2
    # Other tunes beside them move none of them.
    more = apart([*solos, *(line(str(i), f"Other {i}x", 300) for i in range(60))])
    before, after = sides(found), sides(more)
    assert [name for name, side in before.items() if side != after[name]] == []


def test_a_big_tune_is_learned_from() -> None:
    solos = [line(str(i), f"Tune {i}x", 900 if i == 4 else 40) for i in range(9)]
    assert sides(apart(solos))["4"] == TRAIN


def test_a_single_tune() -> None:
    found = apart([line(str(i), "So What", 90) for i in range(5)])
    assert sorted(sides(found).values()) == [TRAIN] * 4 + [VALID]
    assert "all of it is one tune" in found.told[0]


def test_a_single_solo() -> None:
    whole = line("mine", "So What", 200)
    found = apart([whole])
    begin, end = found.solos
    assert (begin.id, begin.split) == ("mine", TRAIN)
    assert (end.id, end.split) == ("mine-end", VALID)
    assert len(begin.notes) + len(end.notes) == 200
    assert len(begin.notes) == pytest.approx(160, abs=8)
    assert "from bar 21 on" in found.told[0]
    short = apart([line("mine", "So What", 20)])
    assert sides(short) == {"mine": TRAIN}
    assert "too short" in short.told[0]


def test_sides_that_solos_came_with() -> None:
    names = [("a", "One"), ("b", "One"), ("c", "Two"), ("d", "Three"), ("e", "Four")]
    solos = [line(name, title) for name, title in names]
    given_sides: list[str | None] = [TRAIN, VALID, TEST, TRAIN, None]
    found = apart(solos, given_sides)
    expected = {"a": VALID, "b": VALID, "c": TEST, "d": TRAIN}
    assert {name: side for name, side in sides(found).items() if name != "e"} == expected
    assert found.told == ("a: valid instead of train, as another of its tune",)


def test_tunes_that_are_all_learned_from_elsewhere() -> None:
    solos = [line(name, f"Tune {name}x") for name in "abcdef"]
    found = apart(solos, [TRAIN] * 6)
    assert sorted(sides(found).values()) == [TRAIN] * 5 + [VALID]
    assert "every tune is one that is learned from elsewhere" in found.told[0]


def test_everything_is_held_out() -> None:
    found = apart([line(name, "So What") for name in "ab"], [VALID, VALID])
    assert sides(found) == {"a": VALID, "b": VALID}
    assert found.told == ("everything is held out: there is nothing to learn from",)


def test_the_rest_stays_as_it_is() -> None:
    one = line("a", "One")
    assert replace(apart([one, line("b", "Two")]).solos[0], split=one.split) == one


def test_a_side_by_another_name_is_not_learned_from() -> None:
    found = apart([line("a", "One"), line("b", "One"), line("c", "Two")], ["dev", TRAIN, TRAIN])
    assert sides(found)["a"] == sides(found)["b"] == "dev"


@pytest.mark.parametrize("taken", [(), ("q-end-2",)])
def test_the_end_of_a_solo_has_an_id_of_its_own(taken: tuple[str, ...]) -> None:
    solos = [line("q", "So What", 200), line("q-end", "Other")]
    found = split(solos, tunes(solos), [None, TEST], taken)
    assert sides(found) == {"q": TRAIN, "q-end": TEST, f"q-end-{2 + len(taken)}": VALID}
