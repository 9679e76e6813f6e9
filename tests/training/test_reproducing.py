"""The command in a model's card makes the model again: it says all that was chosen."""

from __future__ import annotations

import argparse
import re
import shlex
from dataclasses import asdict
from pathlib import Path

import pytest

pytest.importorskip("keras", reason="the train extra is not installed")

from live_improv import cli, model_folder
from live_improv.corpus_writing import write_corpus
from live_improv.training.settings import Settings
from live_improv.training.train import Epoch, Trained
from tests.conftest import ROOT
from tests.small_nets import random_weights
from tests.training.learn_in_parts import solo


def asked(card: str) -> argparse.Namespace:
    """The options of the command in a card; what taught it manners later stands below that."""
    command, *_ = re.findall(r"^    python -m live_improv train (.*)$", card, re.MULTILINE)
    parser = argparse.ArgumentParser()
    cli._COMMANDS["train"][0](parser)
    return parser.parse_args(shlex.split(command))


def settings_of(options: argparse.Namespace) -> dict[str, str]:
    """The settings that a training with these options has, as a card has them."""
    names = ("groups", "units", "epochs", "seed")
    chosen = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    return {name: str(value) for name, value in asdict(Settings(**chosen)).items()}


def settings_in(card: str) -> dict[str, str]:
    """The settings as a card tells them."""
    (line,) = re.findall(r"^\*\*Settings\.\*\* (.*)\.$", card, re.MULTILINE)
    return dict(setting.split(" ") for setting in line.split(", "))


@pytest.mark.parametrize(
    "card", sorted((ROOT / "models").glob("*/CARD.md")), ids=lambda path: path.parent.name
)
def test_the_command_of_a_model_that_comes_along(card: Path) -> None:
    text = card.read_text("utf-8")
    options = asked(text)
    in_card = settings_in(text)
    # A setting that came later is at what it was before.
    assert {name: settings_of(options)[name] for name in in_card} == in_card
    listed = re.findall(r"^\| (\S+\.jsonl\.gz) \|", text, re.MULTILINE)
    assert [str(path) for path in options.corpus] == listed


def test_a_card_says_what_was_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = tmp_path / "of my own.jsonl.gz"
    solos = [solo(1, 12, "train"), solo(2, 12, "train"), solo(3, 12, "valid")]
    write_corpus(corpus, solos)
    given: list[Settings] = []

    def train(_solos: object, settings: Settings, checkpoint: Path, *_more: object) -> Trained:
        given.append(settings)
        checkpoint.mkdir()
        return Trained(random_weights(), (), 1.0, 24)

    monkeypatch.setattr("live_improv.training.command.train", train)
    out = tmp_path / "model"
    chosen = ["--groups", "3", "--units", "40", "--epochs", "9", "--seed", "8"]
    assert cli.main(["train", "--corpus", str(corpus), "--out", str(out), *chosen]) == 0
    card = (out / "CARD.md").read_text("utf-8")
    options = asked(card)
    assert options.corpus == [Path(corpus.name)]
    assert settings_of(options) == settings_in(card)
    assert settings_in(card) == {name: str(value) for name, value in asdict(given[0]).items()}
    assert re.search(r"^\*\*Made with\*\* live_improv .*, Keras 3\.\d+", card, re.MULTILINE)
    # Nobody's folders are in it.
    assert str(tmp_path) not in card
    assert model_folder.load(out).weights.sizes == random_weights().sizes


def test_an_epoch_is_one_line() -> None:
    from live_improv.evaluation.bits import Bits

    assert str(Epoch(1, 3, 6.5, Bits(2.25, 3.5, 10), best=True)) == (
        "epoch  3  loss 6.500  valid 5.750 bits/note (onset 2.250, pitch 3.500)  best"
    )
