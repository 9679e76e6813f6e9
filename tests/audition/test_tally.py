"""The tally: right for ratings whose outcome is known, and in one line for what are none."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from live_improv.audition.key import KEY_NAME, AuditionError, By, Key, Truth, seal_of, sealed
from live_improv.audition.tally import Verdict, tally

PLACES = 10


def key() -> Key:
    """Ten places; human and ours alternate."""
    names = [f"{number:02}" for number in range(1, 2 * PLACES + 1)]
    whose = [By.HUMAN if number % 2 else By.OURS for number in range(2 * PLACES)]
    return Key(
        {
            name: Truth(by, number // 2, f"solo {number // 2}", "A tune", "Somebody", 8)
            for number, (name, by) in enumerate(zip(names, whose, strict=True))
        },
        seed=1,
        model="default",
    )


KEY = key()
SEAL = seal_of(sealed(KEY))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the key in it."""
    (tmp_path / KEY_NAME).write_bytes(sealed(KEY))
    return tmp_path


def rated(folder: Path, file: str, ratings: dict[str, Any], **more: Any) -> Path:
    """A file of ratings as the page makes it."""
    path = folder / file
    said = {"audition": SEAL, "listener": "", "background": "", "ratings": ratings} | more
    path.write_text(json.dumps(said))
    return path


def answer(rating: int | None, guess: str | None, *, known: bool = False) -> dict[str, Any]:
    return {"rating": rating, "guess": guess, "known": known}


def truthful(human: int = 4, ours: int = 3) -> dict[str, Any]:
    """Who hears everything, and likes humans that much."""
    return {
        name: answer(human if truth.by is By.HUMAN else ours, truth.by)
        for name, truth in KEY.excerpts.items()
    }


def values(verdict: Verdict) -> dict[str, float | None]:
    names = ("human", "ours", "gap", "told", "human_called", "ours_called")
    found = {name: getattr(verdict, name) for name in names}
    return {name: None if each is None else each.value for name, each in found.items()}


def test_who_hears_everything(folder: Path) -> None:
    (only,) = tally(folder, [rated(folder, "a.json", truthful(), listener="Anna")])
    assert (only.name, only.listeners, only.known) == ("Anna", 1, 0)
    assert values(only) == {
        "human": 4, "ours": 3, "gap": 1, "told": 1, "human_called": 1, "ours_called": 0,
    }  # fmt: skip
    assert only.told is not None
    assert only.told.count == 2 * PLACES
    assert only.told.low == pytest.approx(0.8316, abs=1e-4)
    assert only.gap is not None
    assert (only.gap.low, only.gap.high, only.gap.count) == (1, 1, PLACES)


def test_who_hears_nothing_and_calls_everything_human(folder: Path) -> None:
    ratings = {name: answer(3, "human") for name in KEY.excerpts}
    (only,) = tally(folder, [rated(folder, "deaf.json", ratings)])
    assert only.name == "deaf"
    assert values(only) == {
        "human": 3, "ours": 3, "gap": 0, "told": 0.5, "human_called": 1, "ours_called": 1,
    }  # fmt: skip


def test_the_gap_is_of_pairs(folder: Path) -> None:
    # Places are of different merit, human and ours at one place a point apart: the means are
    # hardly known, the gap exactly.
    ratings = {
        name: answer(2 + truth.place % 3 + (truth.by is By.HUMAN), None)
        for name, truth in KEY.excerpts.items()
    }
    (only,) = tally(folder, [rated(folder, "a.json", ratings)])
    assert only.gap is not None
    assert only.human is not None
    assert (only.gap.low, only.gap.high) == (1, 1)
    assert only.human.low is not None
    assert only.human.low < only.human.value - 0.4
    assert only.told is None


def test_what_was_not_answered_or_is_known_does_not_count(folder: Path) -> None:
    ratings = truthful()
    ratings["01"] = answer(5, "human", known=True)  # ours, and wrong
    ratings["02"] = answer(None, "human")
    ratings["04"] = answer(1, None)
    del ratings["06"]
    (only,) = tally(folder, [rated(folder, "a.json", ratings)])
    assert only.known == 1
    assert only.told is not None
    assert (only.told.value, only.told.count) == (1, 17)
    assert only.ours is not None
    assert (only.ours.value, only.ours.count) == (3, 9)
    assert only.human is not None
    assert (only.human.value, only.human.count) == (29 / 8, 8)
    # of the places of 01, 02 and 06 there is no pair
    assert only.gap is not None
    assert (only.gap.value, only.gap.count) == (5 / 8, 8)


def test_together_an_excerpt_counts_once(folder: Path) -> None:
    files = [
        rated(folder, "a.json", truthful(5, 3), listener="Anna", background="professional"),
        rated(folder, "b.json", truthful(4, 4), listener="Bo", background="listener"),
        rated(folder, "c.json", truthful(3, 2), listener="Cy", background="listener"),
    ]
    found = {each.name: each for each in tally(folder, files)}
    assert list(found) == ["Anna", "Bo", "Cy", "listener", "professional", "together"]
    together = found["together"]
    assert together.listeners == 3
    assert values(together) == pytest.approx(
        {"human": 4, "ours": 3, "gap": 1, "told": 1, "human_called": 1, "ours_called": 0}
    )
    assert together.human is not None
    assert together.human.count == PLACES
    assert together.told is not None
    assert together.told.count == 6 * PLACES
    assert values(found["listener"])["gap"] == pytest.approx(0.5)


def test_the_interval_of_a_gap_holds_the_truth_in_95_cases_of_100(folder: Path) -> None:
    """Listeners by chance, who like humans 0.7 points more on the average."""
    chance, held, runs = Random(5), 0, 300
    for run in range(runs):
        ratings = {
            name: answer(
                chance.choice((2, 3, 4)) + (truth.by is By.HUMAN and chance.random() < 0.7), None
            )
            for name, truth in KEY.excerpts.items()
        }
        (only,) = tally(folder, [rated(folder, f"{run}.json", ratings)])
        assert only.gap is not None
        assert only.gap.low is not None
        assert only.gap.high is not None
        held += only.gap.low <= 0.7 <= only.gap.high
    assert 0.91 <= held / runs <= 0.99


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"audition": "0" * 64}, "another audition"),
        ({"audition": None}, "another audition"),
        ({"ratings": []}, "expected the file that the page makes"),
        ({"ratings": {"99": answer(3, "human")}}, "'99'"),
        ({"ratings": {"01": 3}}, "'01': expected a rating"),
        ({"ratings": {"01": answer(0, "human")}}, "rating 0: expected 1 to 5"),
        ({"ratings": {"01": answer(6, "human")}}, "rating 6"),
        ({"ratings": {"01": answer(True, "human")}}, "rating True"),
        ({"ratings": {"01": {"rating": 3.5}}}, "rating 3.5"),
        ({"ratings": {"01": {"rating": "3"}}}, "rating '3'"),
        ({"ratings": {"01": answer(3, "a dog")}}, "guess 'a dog': expected human or machine"),
        ({"ratings": {"01": {"guess": ["human"]}}}, "guess"),
    ],
)
def test_what_are_no_ratings_is_refused_in_one_line(
    folder: Path, said: dict[str, Any], told: str
) -> None:
    path = folder / "x.json"
    path.write_text(json.dumps({"audition": SEAL, "ratings": truthful()} | said))
    with pytest.raises(AuditionError) as error:
        tally(folder, [path])
    assert told in str(error.value)
    assert "x.json" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("content", [b"", b"[1]", b"\xff\xfe", b"[" * 100_000, b" " * (1 << 21)])
def test_a_file_of_something_else_is_refused(folder: Path, content: bytes) -> None:
    (folder / "x.json").write_bytes(content)
    with pytest.raises(AuditionError, match=r"x\.json"):
        tally(folder, [folder / "x.json"])


def test_a_key_that_was_changed_does_not_fit(folder: Path) -> None:
    path = rated(folder, "a.json", truthful())
    swapped = {
        name: Truth(By.OURS, each.place, each.solo, each.title, each.performer, each.first)
        for name, each in KEY.excerpts.items()
    }
    (folder / KEY_NAME).write_bytes(sealed(Key(swapped, KEY.seed, KEY.model)))
    with pytest.raises(AuditionError, match="the key was changed"):
        tally(folder, [path])


def test_nobody_counts_twice(folder: Path) -> None:
    one = rated(folder, "a.json", truthful())
    copy = rated(folder, "b.json", truthful())
    for twice in ([one, one], [one, copy]):
        with pytest.raises(AuditionError, match="one listener counts once"):
            tally(folder, twice)


def test_a_file_that_is_not_there(folder: Path) -> None:
    with pytest.raises(AuditionError, match=r"none\.json: No such file"):
        tally(folder, [folder / "none.json"])
