"""`train`: from corpus files to a model folder with its card."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from live_improv import model_folder
from live_improv.corpus import CorpusError, Solo, read_corpora, read_corpus
from live_improv.evaluation.bits import Bits, bits_per_note
from live_improv.grammar.vocabulary import Vocabulary
from live_improv.training.train import Settings, Trained, train

# By how the name of a corpus file begins: what a model trained on it has to say.
_NOTICES = {
    "wjazzd": "Trained on the Weimar Jazz Database (jazzomat.hfm-weimar.de), ODbL 1.0, contents "
    "DbCL 1.0.",
    "omnibook": "Trained on the Charlie Parker Omnibook, for training only: no melody is in the "
    "weights.",
    "improvisor": "Trained on Impro-Visor's transcriptions (GPL 2 or later), for training only: "
    "no melody is in the weights.",
}


class ModelExists(ValueError):
    """A finished model would be replaced."""


def train_model(
    corpus: Sequence[Path], out: Path, chosen: dict[str, Any], *, overwrite: bool
) -> None:
    """Train on `corpus` with the default settings but for the `chosen`, and write `out`.

    An interrupted training goes on where it stopped when it is started again.

    Raises:
        CorpusError: a file cannot be read, or no solo is for training or none for validation.
        ModelExists: `out` holds a finished model and `overwrite` is not set.
    """
    if (out / "config.json").exists() and not overwrite:
        raise ModelExists(f"{out} holds a model: name another folder, or use --overwrite")
    solos = read_corpora(corpus)
    for split in ("train", "valid"):
        if not any(solo.split == split for solo in solos):
            raise CorpusError(f"no solos of split {split!r} in {', '.join(map(str, corpus))}")
    settings = Settings(**chosen)
    out.mkdir(parents=True, exist_ok=True)
    checkpoint = out / "checkpoint"
    trained = train(solos, settings, checkpoint)
    held = [solo for solo in read_corpus(corpus[0]) if solo.split == "valid"]
    bits = bits_per_note(trained.weights, held) if held else None
    card = _card(corpus, settings, trained, bits, solos)
    model_folder.save(out, trained.weights, Vocabulary(), card)
    shutil.rmtree(checkpoint)
    print(f"{out}: trained in {trained.minutes:.0f} minutes")


def _card(
    corpus: Sequence[Path],
    settings: Settings,
    trained: Trained,
    bits: Bits | None,
    solos: Sequence[Solo],
) -> str:
    """What a reader of the model folder should know."""
    taught = sum(solo.split == "train" for solo in solos)
    held = sum(solo.split == "valid" for solo in solos)
    lines = [
        "# Model card",
        "",
        "An LSTM that improvises jazz lines over chord changes, one note a step.",
        "",
        f"**Licence of the data.** {' '.join(_notices(corpus))}",
        "",
        f"**Data.** {taught} solos, {trained.notes} notes, to learn from; {held} to stop by.",
        "",
        "| file | SHA-256 |",
        "|---|---|",
        *(f"| {path.name} | `{_digest(path)[:16]}` |" for path in corpus),
        "",
        "**Use.** Lines in 4/4 and 3/4 are what it learned; other meters are felt in groups of "
        "these. It knows swing and bop far better than anything else.",
        "",
    ]
    if bits is not None:
        lines += [
            f"**Figure.** {bits.total:.3f} bits per note on the valid solos of {corpus[0].name} "
            f"({bits.notes} notes): onset {bits.onset:.3f}, pitch {bits.pitch:.3f}.",
            "",
        ]
    return "\n".join([*lines, *_course(corpus, settings, trained)])


def _course(corpus: Sequence[Path], settings: Settings, trained: Trained) -> list[str]:
    """How the model was made, and how to make it again."""
    described = ", ".join(f"{name} {value}" for name, value in asdict(settings).items())
    courses = [", ".join(f"{bits.total:.3f}" for bits in each) for each in trained.histories]
    files = " ".join(path.name for path in corpus)
    return [
        f"**Settings.** {described}.",
        "",
        f"**Course** ({trained.minutes:.0f} minutes). Bits per note on all the valid solos after "
        f"each epoch: {'; then '.join(courses)}.",
        "",
        "Retrain with:",
        "",
        f"    python -m live_improv train --corpus {files} --groups {settings.groups} "
        f"--units {settings.units} --epochs {settings.epochs} --seed {settings.seed} --out DIR",
        "",
    ]


def _notices(corpus: Sequence[Path]) -> list[str]:
    """What has to be said of each source, once."""
    found = []
    for path in corpus:
        known = [notice for name, notice in _NOTICES.items() if path.name.startswith(name)]
        found += known or [f"Trained on {path.name}, under its own licence."]
    return list(dict.fromkeys(found))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
