"""Adapting: a net learns a few solos more, keeps what it knew, and says what it did."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest

from live_improv import model_folder
from live_improv.corpus import CorpusError, Solo, read_corpora
from live_improv.corpus_writing import write_corpus
from live_improv.evaluation.bits import bits_per_note
from live_improv.evaluation.copying import index_of
from live_improv.evaluation.lines import line_of
from live_improv.grammar.vocabulary import Vocabulary
from live_improv.model import Weights, joined
from live_improv.model_folder import context_sizes
from live_improv.music.score import IMPROVISER
from tests.lines import note
from tests.small_nets import random_weights

pytest.importorskip("keras", reason="the train extra is not installed")

from live_improv.training import adapting, adapting_command
from live_improv.training.adapting import ADAPTING, adapt, partly
from live_improv.training.adapting_command import adapt_model
from live_improv.training.command import ModelExists
from live_improv.training.habits import habits_of
from tests.training.test_network import solo, stepwise

QUICK = replace(ADAPTING, lanes=4, length=4, epochs=2, learning_rate=0.02, average=0.5)

MINE = [stepwise(seed, 80, "train") for seed in (1, 2)] + [stepwise(3, 80, "valid")]


def leaping(seed: int, notes: int, split: str) -> Solo:
    """A line that has nothing in common with those: leaps in triplets."""
    chance = Random(seed)
    line = tuple(note(4 * i, chance.randrange(50, 85), 4) for i in range(notes))
    return replace(solo(seed, 1, split=split), notes=line)


GENERAL = [leaping(20, 120, "train"), leaping(21, 120, "valid")]

BASE = joined([random_weights(seed, 0.1, context_sizes(8, 6, 5)) for seed in (0, 1)])


def quiet(line: str) -> None:
    """Report to nobody."""
    assert line


def held(solos: list[Solo]) -> list[Solo]:
    return [each for each in solos if each.split == "valid"]


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may forget as much as it likes."""
    monkeypatch.setattr(adapting, "MOST_FORGOTTEN", 100.0)


@pytest.mark.usefixtures("forgetful")
def test_it_learns_what_was_not_shown_and_the_same_every_time() -> None:
    said: list[str] = []
    found = adapt(BASE, MINE, GENERAL, QUICK, said.append)
    before, after = (bits_per_note(net, held(MINE)).total for net in (BASE, found.weights))
    assert after < before - 0.5
    assert found.weights.sizes == BASE.sizes
    assert bits_per_note(replace(found.weights, habits=()), held(MINE)).total > after
    assert found.notes == 160
    assert [line.split()[0] for line in said[:2]] == ["epoch", "epoch"]
    again = adapt(BASE, MINE, GENERAL, QUICK, quiet)
    assert again.part == found.part
    for name, array in found.weights.arrays.items():
        assert np.abs(array - again.weights.arrays[name]).max() < 1e-5, name


def test_it_goes_no_further_than_it_may_forget(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = []
    # More is forgotten by far where it may: these lines have nothing in common.
    for most in (100.0, -100.0):
        monkeypatch.setattr(adapting, "MOST_FORGOTTEN", most)
        parts.append(adapt(BASE, MINE, GENERAL, QUICK, quiet).part)
    assert parts[0] > parts[1] == min(adapting.PARTS)


@pytest.mark.usefixtures("forgetful")
def test_where_nothing_is_held_out_it_goes_the_usual_part() -> None:
    assert adapt(BASE, MINE[:1], [], QUICK, quiet).part == adapting.USUAL_PART


def test_manners_stay() -> None:
    rows = np.full((2, BASE.arrays["input"].shape[1]), 0.25, np.float32)
    # To the gates a manner says nothing.
    rows.reshape(2, 2, -1)[..., : 4 * BASE.sizes.units] = 0.0
    arrays = {**BASE.arrays, "input": np.concatenate([BASE.arrays["input"], rows])}
    told = Weights(replace(BASE.sizes, manners=2), arrays)
    found = adapt(told, MINE[:1], [], QUICK, quiet).weights
    assert found.sizes == told.sizes
    assert np.array_equal(found.arrays["input"][-2:], rows)
    assert not np.array_equal(found.arrays["input"][:-2], BASE.arrays["input"])


def test_partly_lies_between() -> None:
    one, other = random_weights(1), random_weights(2)
    middle = partly(one, other, 0.25)
    for name, array in middle.arrays.items():
        expected = 0.75 * one.arrays[name] + 0.25 * other.arrays[name]
        assert np.abs(array - expected).max() < 1e-6
        assert array.dtype == np.float32
    for part, same in ((0.0, one), (1.0, other)):
        ends = partly(one, other, part)
        for name, array in ends.arrays.items():
            assert np.abs(array - same.arrays[name]).max() < 1e-6


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a small model; what is learned from it is learned quickly."""
    card = "# Model card\n\n**Licence of the data.** Trained on somebody, CC BY 4.0.\n"
    learned = index_of([line_of(GENERAL[0])])
    model_folder.save(tmp_path / "base", BASE, Vocabulary(), card, quotes=learned)
    monkeypatch.setattr(adapting_command, "ADAPTING", QUICK)
    monkeypatch.setattr(adapting, "FEWEST_UPDATES", 1)
    return tmp_path / "base"


def test_the_folder_says_what_was_done(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine, general, out = tmp_path / "mine.jsonl.gz", tmp_path / "all.jsonl", tmp_path / "me"
    write_corpus(mine, MINE)
    write_corpus(general, GENERAL)
    found = adapt_model(base, [mine], out, [general], seed=3)
    card = (out / "CARD.md").read_text()
    old, new = model_folder.load(base), model_folder.load(out)
    assert old.hash in card
    assert "Trained on somebody, CC BY 4.0." in card
    assert "`habits.npz`" in card
    assert "adapt --model base --corpus mine.jsonl.gz --general all.jsonl --seed 3" in card
    said = capsys.readouterr().out
    for compared, path in zip(found, (mine, general), strict=True):
        assert str(compared) in card
        assert str(compared) in said
        solos = held(read_corpora([path]))
        assert compared.before == bits_per_note(old.weights, solos)
        # What is on disk is rounded.
        assert compared.after.total == pytest.approx(
            bits_per_note(new.weights, solos).total, abs=2e-3
        )
    assert old.quotes is not None
    taught = index_of([line_of(each) for each in read_corpora([mine])[:2]])
    assert new.quotes == old.quotes | taught
    # Habits are those of the solos to learn from, over the base.
    expected = habits_of(old.weights, [each for each in MINE if each.split == "train"])
    for one, other in zip(new.weights.habits, expected, strict=True):
        assert list(one.where) == list(other.where)


def test_one_solo_is_enough(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapting_command, "_OWN_NOTES", 12)
    write_corpus(tmp_path / "one.jsonl", MINE[:1])
    (compared,) = adapt_model(base, [tmp_path / "one.jsonl"], tmp_path / "me")
    assert compared.of == adapting_command.OWN_LINES
    assert compared.before.notes > 100
    assert "nothing is held out of one.jsonl" in capsys.readouterr().out
    assert model_folder.load(tmp_path / "me").weights.sizes == BASE.sizes


def test_what_is_mine_does_not_count_as_general(base: Path, tmp_path: Path) -> None:
    write_corpus(tmp_path / "mine.jsonl", MINE)
    write_corpus(tmp_path / "all.jsonl", [*MINE, *GENERAL])
    files = ([tmp_path / "mine.jsonl"], tmp_path / "me", [tmp_path / "all.jsonl"])
    _, general = adapt_model(base, *files)
    assert general.before.notes == len(GENERAL[1].notes) - 1


def test_what_cannot_be_adapted(base: Path, tmp_path: Path) -> None:
    mine, held_only = tmp_path / "mine.jsonl", tmp_path / "held.jsonl"
    write_corpus(mine, MINE)
    write_corpus(held_only, held(MINE))
    with pytest.raises(ModelExists, match="to be adapted"):
        adapt_model(base, [mine], base, overwrite=True)
    with pytest.raises(CorpusError, match="'train'"):
        adapt_model(base, [held_only], tmp_path / "me")
    with pytest.raises(CorpusError, match=r"'valid'.*mine\.jsonl"):
        adapt_model(base, [mine], tmp_path / "me", [mine])
    model_folder.save(tmp_path / "me", BASE, Vocabulary(), "")
    with pytest.raises(ModelExists, match="--overwrite"):
        adapt_model(base, [mine], tmp_path / "me")


def test_what_the_program_played_itself_is_not_learned(tmp_path: Path) -> None:
    own = tmp_path / "takes.jsonl"
    write_corpus(own, [replace(each, performer=IMPROVISER) for each in MINE])
    base = tmp_path / "base"
    model_folder.save(base, BASE, Vocabulary(), "card")
    with pytest.raises(CorpusError, match="but this program's own"):
        adapt_model(base, [own], tmp_path / "out")
