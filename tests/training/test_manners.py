"""Manners: whose they are, who is in one, and teaching them to a net that plays on as before."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from live_improv.corpus import Solo, read_corpus
from live_improv.evaluation.bits import note_costs
from live_improv.model_folder import context_sizes
from tests.lines import note
from tests.small_nets import random_weights

pytest.importorskip("keras", reason="the train extra is not installed")

from live_improv.training import teaching
from live_improv.training.manners import LEAST, Manner, UnknownManner, drawn, named, of_solo
from live_improv.training.settings import Settings
from live_improv.training.train import train
from tests.training.test_network import SETTINGS, solo, stepwise


def by(performer: str, style: str, count: int, split: str = "train") -> list[Solo]:
    """Short solos of somebody's."""
    short = solo(1, 4, split=split)
    return [replace(short, performer=performer, style=style) for _ in range(count)]


CORPUS = [
    *by("Bird", "BEBOP", LEAST),
    *by("Trane", "POSTBOP", LEAST - 1),
    *by("", "POSTBOP", 2),
    *by("Trane", "MODAL", 9, "valid"),
]


def test_all_are_those_with_enough_to_learn_from() -> None:
    assert named(CORPUS, ["all"], ["all"]) == [
        Manner("Bird", "performer", LEAST),
        Manner("POSTBOP", "style", LEAST + 1),
        Manner("BEBOP", "style", LEAST),
    ]


def test_one_that_is_named_needs_no_more_than_one() -> None:
    assert named(CORPUS, ["trane", "Bird", "TRANE"], []) == [
        Manner("Trane", "performer", LEAST - 1),
        Manner("Bird", "performer", LEAST),
    ]


@pytest.mark.parametrize(
    ("players", "styles", "said"),
    [
        (["Monk"], [], "no solos of the player 'Monk': Bird, Trane"),
        ([], ["MODAL"], "no solos of the style 'MODAL': POSTBOP, BEBOP"),
    ],
)
def test_who_is_not_there_to_learn_from(players: list[str], styles: list[str], said: str) -> None:
    with pytest.raises(UnknownManner, match=said):
        named(CORPUS, players, styles)


def test_nobody_has_enough_to_learn_from() -> None:
    with pytest.raises(UnknownManner, match=f"no player or style has {LEAST} solos"):
        named(CORPUS[LEAST:-9], ["all"], [])


def test_two_that_are_called_the_same() -> None:
    solos = [*by("Swing", "swing", 5), *by("Bird", "SWING", 5)]
    with pytest.raises(UnknownManner, match=r"'Swing' \(performer\) and 'swing' \(style\)"):
        named(solos, ["all"], ["all"])
    assert [each.name for each in named(solos, [], ["SWING"])] == ["SWING"]


def test_a_solo_is_in_the_manner_of_its_player_and_of_its_style() -> None:
    manners = named(CORPUS, ["all"], ["all"])
    found = Counter(of_solo(each, manners) for each in CORPUS)
    assert found == {(0, 2): LEAST, (1,): LEAST + 1, (): 9}


def test_it_is_told_one_of_them_or_none() -> None:
    rng = np.random.default_rng(0)
    found = Counter(drawn((3, 5), 0.5, rng) for _ in range(4000))
    assert found[None] == pytest.approx(2000, abs=150)
    assert found[3] == pytest.approx(1000, abs=150)
    assert set(found) == {None, 3, 5}
    assert drawn((), 1.0, rng) is None


def test_the_players_and_periods_of_a_real_corpus(data_dir: Path) -> None:
    solos = list(read_corpus(data_dir / "corpus" / "wjazzd_lean.jsonl.gz"))
    manners = named(solos, ["all"], ["all"])
    counts = {each.name: each.solos for each in manners}
    assert {"John Coltrane", "Charlie Parker", "BEBOP", "SWING", "COOL"} <= counts.keys()
    assert min(counts.values()) >= LEAST
    assert all(any(n in of_solo(each, manners) for each in solos) for n in range(len(manners)))


def leaping(seed: int, notes: int, split: str) -> Solo:
    """A line unlike `stepwise`: fifths up and down, in quarters."""
    line = tuple(note(12 * i, 60 + seed % 12 + 7 * (i % 2), 12) for i in range(notes))
    return replace(solo(seed, 1, split=split), notes=line, performer="Leaper")


def apart() -> list[Solo]:
    """Two players who have nothing in common."""
    found = [replace(stepwise(i, 60, "train"), performer="Stepper") for i in range(4)]
    found += [leaping(i, 60, "train") for i in range(4)]
    found += [replace(stepwise(9, 40, "valid"), performer="Stepper"), leaping(9, 40, "valid")]
    return found


TEACHING = Settings(
    lanes=8, length=12, epochs=4, learning_rate=0.2, weight_decay=0.0, average=0.5, dropout=0.0
)


@pytest.mark.usefixtures("eagerly")
def test_manners_are_taught_and_all_else_stays_as_it_was() -> None:
    solos = apart()
    manners = named(solos, ["Stepper", "Leaper"], [])
    base = random_weights(2, 0.4, context_sizes(8, 8, 8, groups=2))
    lines: list[str] = []
    taught = teaching.teach(base, solos, manners, replace(TEACHING, told=1.0), lines.append)
    assert len(lines) == 1 + TEACHING.epochs
    assert taught.after.total < taught.before.total - 1
    for name, array in base.arrays.items():
        now = taught.weights.arrays[name]
        assert np.array_equal(now[: len(array)] if name == "input" else now, array), name
    for each in (one for one in solos if one.split == "valid"):
        (own,) = of_solo(each, manners)
        told, wrong, none = (
            np.sum(note_costs(taught.weights, each, number)) for number in (own, 1 - own, None)
        )
        assert told < none - len(each.notes)  # a bit a note, at least
        assert told < wrong
        assert none == np.sum(note_costs(base, each))


@pytest.mark.usefixtures("eagerly")
@pytest.mark.parametrize("told", [0.0, 1.0])
def test_training_tells_as_many_solos_as_it_is_to(tmp_path: Path, told: float) -> None:
    solos = [each for each in apart() if int(each.id[1:]) in (0, 9)]
    manners = named(solos, ["Stepper", "Leaper"], [])
    settings = replace(SETTINGS, groups=1, epochs=1, told=told)
    weights = train(solos, settings, tmp_path, lambda _line: None, manners).weights
    assert weights.sizes.manners == 2
    rows = weights.arrays["input"][weights.sizes.rows :]
    assert [bool(row.any()) for row in rows] == [told > 0.0] * 2
