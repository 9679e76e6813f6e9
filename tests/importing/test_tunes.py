"""Which solos are over the same tune."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

from live_improv.corpus import read_corpus
from live_improv.importing.tunes import plain_title, tune_of, tunes
from live_improv.music.transposing import transposed
from tests.test_corpus_writing import solo

SAME = [
    ("Ko-Ko", "KoKo (take 2)", "Ko Ko-1", "KO_KO"),
    ("Now's The Time", "Nows the time (No.1)", "now\u2019s the time"),
    ("She Rote (No.2)", "She Rote"),
    ("The Bird", "Bird"),
    ("Ágú\u0301a de beber", "Agua de Beber"),
    ("Stella by Starlight", "stella_by_starlight_3", "Stella By Starlight Solo"),
]


@pytest.mark.parametrize("titles", SAME)
def test_titles_that_are_one(titles: tuple[str, ...]) -> None:
    assert len({plain_title(title) for title in titles}) == 1


def test_titles_that_are_several() -> None:
    titles = ("Take Five", "Take the A Train", "All Blues", "Blues", "Alone Together", "Solar")
    assert len({plain_title(title) for title in titles}) == len(titles)


@pytest.mark.parametrize(
    "title", ["", "  ", "take 3", "Untitled", "track 01", "12", "Solo", "?!", "26-2"]
)
def test_titles_that_say_nothing(title: str) -> None:
    assert plain_title(title) == ""


def test_the_changes_stand_for_a_title(data_dir: Path) -> None:
    first, second, *_ = read_corpus(data_dir / "corpus" / "omnibook.jsonl.gz")
    one, other = replace(first, title="take 1"), replace(first, title="take 2", id="x")
    moved = replace(one, changes=transposed(one.changes, 3), id="y")
    assert tune_of(one) == tune_of(other) == tune_of(moved)
    assert tune_of(one) != tune_of(replace(second, title=""))
    # Where there are no changes either, a solo is a tune of its own.
    bare = solo("a", title="take 1")
    assert tune_of(bare) != tune_of(replace(bare, id="b"))


def test_what_belongs_together() -> None:
    solos = [solo(str(i), title=title) for i, title in enumerate("abcabd")]
    assert tunes(solos) == [[0, 3], [1, 4], [2], [5]]
    assert tunes(solos, [(3, 2), (5, 1)]) == [[0, 2, 3], [1, 4, 5]]


def test_the_database_is_split_by_tune(data_dir: Path) -> None:
    """What its makers call a tune and what we do: no tune of ours is on both of their sides."""
    sides = defaultdict(set)
    for each in read_corpus(data_dir / "corpus" / "wjazzd_lean.jsonl.gz"):
        sides[tune_of(each)].add(each.split)
    assert not [tune for tune, found in sides.items() if len(found) > 1]
