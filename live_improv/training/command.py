"""`train`: from corpus files to a model folder with its card."""

from __future__ import annotations

import hashlib
import platform
import shlex
import shutil
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import keras

from live_improv import model_folder
from live_improv.corpus import CorpusError, Solo, read_corpora, read_corpus
from live_improv.evaluation.bits import Bits, bits_per_note
from live_improv.evaluation.copying import index_of
from live_improv.evaluation.lines import line_of
from live_improv.grammar.vocabulary import Vocabulary
from live_improv.training.distributing import every_device
from live_improv.training.logs import log_to
from live_improv.training.manners import Manner, named
from live_improv.training.settings import Settings
from live_improv.training.teaching import teach
from live_improv.training.train import Trained, train

# By how the name of a corpus file begins: what a model trained on it has to say.
_NOTICES = {
    "wjazzd": "Trained on the Weimar Jazz Database (jazzomat.hfm-weimar.de), ODbL 1.0, contents "
    "DbCL 1.0.",
    "omnibook": "Trained on the Charlie Parker Omnibook, for training only: no melody is in the "
    "weights.",
    "improvisor": "Trained on Impro-Visor's transcriptions (GPL 2 or later), for training only: "
    "no melody is in the weights.",
}

_HEADING = "## Manners"


class ModelExists(ValueError):
    """A finished model would be replaced."""


@dataclass(frozen=True, slots=True)
class Told:
    """Who the net is told apart by, as it was asked for: names, or `all`."""

    players: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()

    def among(self, solos: Sequence[Solo]) -> list[Manner]:
        """The manners that this means in a corpus.

        Raises:
            UnknownManner: one is not in it.
        """
        return named(solos, self.players, self.styles)

    def __str__(self) -> str:
        asked = (("players", self.players), ("styles", self.styles))
        return "".join(f' --{name} "{",".join(names)}"' for name, names in asked if names)


def train_model(
    corpus: Sequence[Path],
    out: Path,
    chosen: dict[str, Any],
    *,
    overwrite: bool,
    told: Told = Told(),
    distributed: bool = False,
    logs: Path | None = None,
) -> None:
    """Train on `corpus` with the default settings but for the `chosen`, and write `out`.

    An interrupted training goes on where it stopped when it is started again.

    Args:
        distributed: on all devices there are, of all processes.
        logs: a folder for TensorBoard.

    Raises:
        CorpusError: a file cannot be read, or no solo is for training or none for validation.
        ModelExists: `out` holds a finished model and `overwrite` is not set.
        UnknownManner: a player or style is not in the corpus.
        DistributionError: the work cannot be shared by the devices there are.
    """
    solos = _solos(corpus, out, overwrite=overwrite)
    manners = told.among(solos)
    settings = Settings(**chosen)
    out.mkdir(parents=True, exist_ok=True)
    checkpoint = out / "checkpoint"
    report = print if logs is None else log_to(logs)
    with every_device(settings.lanes) if distributed else nullcontext():
        trained = train(solos, settings, checkpoint, report, manners)
    held = [solo for solo in read_corpus(corpus[0]) if solo.split == "valid"]
    bits = bits_per_note(trained.weights, held) if held else None
    card = _card(corpus, settings, trained, bits, solos, told)
    if manners:
        card += "\n".join(["", *_manners(manners), ""])
    names = [each.name for each in manners]
    quotes = index_of([line_of(solo) for solo in solos if solo.split == "train"])
    model_folder.save(out, trained.weights, Vocabulary(), card, names, quotes=quotes)
    shutil.rmtree(checkpoint)
    print(f"{out}: trained in {trained.minutes:.0f} minutes")


def teach_model(
    base: Path, corpus: Sequence[Path], out: Path, told: Told, *, overwrite: bool
) -> None:
    """Teach the model of the folder `base` manners, and write it with them to `out`.

    Told none it plays as before.

    Raises:
        CorpusError, ModelExists, UnknownManner: as above.
        ModelFormatError: `base` cannot be used.
    """
    solos = _solos(corpus, out, overwrite=overwrite)
    manners = told.among(solos)
    model = model_folder.load(base)
    out.mkdir(parents=True, exist_ok=True)
    taught = teach(model.weights, solos, manners)
    names = [each.name for each in manners]
    measured = ""
    if taught.after.notes:
        measured = (
            " Bits per note on the valid solos that are in a manner: "
            f"{taught.before.total:.3f} told none, {taught.after.total:.3f} told their own."
        )
    old = (base / "CARD.md").read_text("utf-8") if (base / "CARD.md").is_file() else ""
    lines = [
        *_manners(manners),
        "",
        f"Taught in {taught.minutes:.0f} minutes by {taught.notes} notes of the train solos at a "
        "time, with everything else as it was: told no manner, the model plays the same notes as "
        "before." + measured,
        "",
        "Taught again by:",
        "",
        f"    python -m live_improv train --manners-of {shlex.quote(shown(base))} "
        f"--corpus {shlex.join(path.name for path in corpus)}{told} --out DIR",
        "",
    ]
    card = "\n".join([old.split(f"\n{_HEADING}\n")[0].rstrip("\n"), "", *lines])
    model_folder.save(out, taught.weights, model.vocabulary, card, names, quotes=model.quotes)
    print(f"{out}: {len(names)} manners, taught in {taught.minutes:.0f} minutes")


def shown(folder: Path) -> str:
    """A folder as a card may name it: as it was typed, but no place of a machine."""
    return folder.name if folder.is_absolute() else folder.as_posix()


def _solos(corpus: Sequence[Path], out: Path, *, overwrite: bool) -> list[Solo]:
    """The solos of a corpus from which a model may be made and put at `out`."""
    if out.exists() and not out.is_dir():
        raise ModelExists(f"{out} is a file: name a folder")
    if (out / "config.json").exists() and not overwrite:
        raise ModelExists(f"{out} holds a model: name another folder, or use --overwrite")
    solos = read_corpora(corpus)
    for split in ("train", "valid"):
        if not any(solo.split == split and len(solo.notes) > 1 for solo in solos):
            raise CorpusError(f"no solos of split {split!r} in {', '.join(map(str, corpus))}")
    return solos


def _manners(manners: Sequence[Manner]) -> list[str]:
    """The players and styles that can be asked for, for the card."""
    kinds = (("players", "performer"), ("styles", "style"))
    lines = [_HEADING, ""]
    for word, kind in kinds:
        counted = [f"{each.name} ({each.solos})" for each in manners if each.kind == kind]
        if counted:
            lines.append(f"{word.capitalize()} and how many solos each: {', '.join(counted)}.")
    return [*lines, "", 'One at a time is asked for by `--manner "NAME"`.']


def _card(
    corpus: Sequence[Path],
    settings: Settings,
    trained: Trained,
    bits: Bits | None,
    solos: Sequence[Solo],
    told: Told,
) -> str:
    """What a reader of the model folder should know."""
    taught = sum(solo.split == "train" for solo in solos)
    held = sum(solo.split == "valid" for solo in solos)
    lines = [
        "# Model card",
        "",
        "An LSTM that improvises jazz lines over chord changes, one note a step.",
        "",
        f"**Licence of the data.** {' '.join(notices(corpus))}",
        "",
        f"**Data.** {taught} solos, {trained.notes} notes, to learn from; {held} to stop by.",
        "",
        "| file | SHA-256 |",
        "|---|---|",
        *(f"| {path.name} | `{digest(path)[:16]}` |" for path in corpus),
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
    return "\n".join([*lines, *_course(corpus, settings, trained, told)])


def _course(corpus: Sequence[Path], settings: Settings, trained: Trained, told: Told) -> list[str]:
    """How the model was made, and how to make it again."""
    described = ", ".join(f"{name} {value}" for name, value in asdict(settings).items())
    courses = [", ".join(f"{bits.total:.3f}" for bits in each) for each in trained.histories]
    files = shlex.join(path.name for path in corpus)
    return [
        f"**Settings.** {described}.",
        "",
        f"**Made with** {_versions()}.",
        "",
        f"**Course** ({trained.minutes:.0f} minutes). Bits per note on all the valid solos after "
        f"each epoch: {'; then '.join(courses)}.",
        "",
        "Retrain with:",
        "",
        f"    python -m live_improv train --corpus {files} --groups {settings.groups} "
        f"--units {settings.units} --epochs {settings.epochs} --seed {settings.seed}{told} "
        "--out DIR",
        "",
    ]


def _versions() -> str:
    """Whose versions another training has to share to give the same numbers to the last digit."""
    python = ".".join(platform.python_version_tuple()[:2])
    ours, numpy = version("live-improv"), version("numpy")
    backend = keras.backend.backend()
    under = f"{backend} {version(backend)}"
    return f"live_improv {ours}, Python {python}, Keras {version('keras')}, {under}, NumPy {numpy}"


def notices(corpus: Sequence[Path]) -> list[str]:
    """What has to be said of each source, once."""
    found = []
    for path in corpus:
        known = [notice for name, notice in _NOTICES.items() if path.name.startswith(name)]
        found += known or [f"Trained on {path.name}, under its own licence."]
    return list(dict.fromkeys(found))


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
