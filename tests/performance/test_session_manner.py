"""Manners while it plays: one more row of the net's, turned as other controls are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from live_improv.charts.text import parse
from live_improv.model import Weights
from live_improv.model_folder import context_sizes
from live_improv.music.timing import Seconds
from live_improv.performance.controls import Knobs, Step
from live_improv.performance.incoming import Charted, Key
from tests.performance.sessions import Item, Rehearsal, turned
from tests.small_nets import random_weights

NAMES = ("BEBOP", "Bird")
NET = random_weights(7, 0.7, context_sizes(6, 5, 4, manners=2))


def without_rows(net: Weights) -> Weights:
    """The same net before it had manners."""
    rows = net.arrays["input"][: net.sizes.rows]
    return Weights(replace(net.sizes, manners=0), {**net.arrays, "input": rows})


def played(script: list[Item] | None = None, manner: str = "off") -> list[tuple[int, int]]:
    rehearsal = Rehearsal(bars=12, net=NET, manners=NAMES, manner=manner)
    rehearsal.play(script or [])
    return [(each.note.onset, each.note.pitch) for each in rehearsal.planned]


def test_without_a_manner_it_plays_as_the_net_did_before_it_had_any() -> None:
    before = Rehearsal(bars=12, net=without_rows(NET))
    before.play()
    assert played() == [(each.note.onset, each.note.pitch) for each in before.planned]


@pytest.mark.parametrize("manner", NAMES)
def test_the_same_seed_in_the_same_manner_is_the_same_solo(manner: str) -> None:
    assert played(manner=manner) == played(manner=manner)
    others = [each for each in ("off", *NAMES) if each != manner]
    assert all(played(manner=manner) != played(manner=other) for other in others)


@pytest.mark.parametrize(
    "turning",
    [[turned("manner", "Bird")], [Step("manner", -1)], [Key("N"), Key("N")]],
    ids=["turned", "stepped", "keys"],
)
def test_what_is_not_committed_is_in_the_new_manner(turning: list[object]) -> None:
    at = Seconds(4.0)
    changed = played([(at, each) for each in turning])  # type: ignore[misc]
    plain = played()
    committed = 4.0 * 200 / 60 * 480  # by the moment it was turned, at 200 quarters a minute
    kept = [note for note in plain if note[0] <= committed]
    assert changed[: len(kept)] == kept
    assert changed != plain
    assert changed == played([(at, turned("manner", "Bird"))])


def test_what_it_does_not_have_is_not_turned_to() -> None:
    assert played([(Seconds(2.0), turned("manner", "Foo"))]) == played()


def test_the_manner_stays_with_other_chords_and_another_tempo() -> None:
    rehearsal = Rehearsal(bars=None, net=NET, manners=NAMES, manner="Bird")
    other = parse("title: x\ntempo: 90\nCm7 | Fm7 | G7alt | Cm7")
    rehearsal.play([(Seconds(2.0), turned("tempo", 90.0)), (Seconds(4.0), Charted(other))], 8.0)
    assert rehearsal.improviser.context.manner == 1
    assert rehearsal.improviser.context.changes is other
    rehearsal.soloist.turn_knobs(Knobs())
    assert rehearsal.improviser.context.manner is None
