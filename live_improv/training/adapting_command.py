"""`adapt`: from a model folder and somebody's solos to a model folder of theirs."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from live_improv import assets, model_folder
from live_improv.charts.reading import read_chart
from live_improv.corpus import CorpusError, Solo, read_corpora
from live_improv.evaluation.bits import Bits, EvaluationError, bits_per_note
from live_improv.evaluation.copying import index_of
from live_improv.evaluation.lines import line_of
from live_improv.evaluation.own_lines import own_line
from live_improv.model import Weights
from live_improv.model_folder import Model
from live_improv.music.score import IMPROVISER
from live_improv.training.adapting import ADAPTING, Adapted, adapt
from live_improv.training.command import ModelExists, digest, notices, shown

_LICENCE = "**Licence of the data.**"

OWN_LINES = "lines of the base's own"
_OWN_NOTES = 200
"""Notes of each of the lines that stand in for a general corpus."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What solos cost the base and the adapted net.

    Attributes:
        of: what they are, in words.
        before, after: bits per note.
    """

    of: str
    before: Bits
    after: Bits

    def __str__(self) -> str:
        more = self.after.total - self.before.total
        return (
            f"{self.of} ({self.before.notes} notes): {self.before.total:.3f} bits per note before, "
            f"{self.after.total:.3f} after ({more:+.3f}; onset "
            f"{self.after.onset - self.before.onset:+.3f}, pitch "
            f"{self.after.pitch - self.before.pitch:+.3f})"
        )


def adapt_model(
    base: Path,
    corpus: Sequence[Path],
    out: Path,
    general: Sequence[Path] = (),
    *,
    seed: int = 0,
    overwrite: bool = False,
) -> list[Compared]:
    """Adapt the model of the folder `base` to the solos of `corpus`, and write it to `out`.

    Without `general`, lines that the base itself makes up over the charts that come with the
    program stand in for what it learned from.

    Raises:
        CorpusError: a file cannot be read, or there is no solo to learn from.
        ModelFormatError: `base` cannot be used.
        ModelExists: `out` is the base, or holds a model and `overwrite` is not set.
    """
    if out.exists() and not out.is_dir():
        raise ModelExists(f"{out} is a file: name a folder")
    if out.resolve() == base.resolve():
        raise ModelExists(f"{out} is the model to be adapted: name another folder")
    if (out / "config.json").exists() and not overwrite:
        raise ModelExists(f"{out} holds a model: name another folder, or use --overwrite")
    model = model_folder.load(base)
    # Takes hold both players; nobody wants to hear again what they were answered.
    mine = [solo for solo in read_corpora(corpus) if solo.performer != IMPROVISER]
    if not any(solo.split == "train" for solo in mine):
        raise CorpusError(
            f"no solos of split 'train' in {', '.join(map(str, corpus))} but this program's own"
        )
    known = _without(mine, read_corpora(general)) if general else own_lines(model.weights)
    if not any(solo.split == "valid" for solo in known):
        raise CorpusError(f"no solos of split 'valid' in {', '.join(map(str, general))}")
    out.mkdir(parents=True, exist_ok=True)  # what cannot be is said before the minutes of learning
    adapted = adapt(model.weights, mine, known, replace(ADAPTING, seed=seed))
    said = ", ".join(path.name for path in corpus)
    other = ", ".join(path.name for path in general)
    parts = ((f"held out of {said}", mine), (f"valid of {other}" if other else OWN_LINES, known))
    found = [
        compared
        for of, solos in parts
        if (compared := compare(of, model.weights, adapted.weights, solos)) is not None
    ]
    card = _card(base, model, corpus, general, adapted, found, seed)
    taught = index_of([line_of(solo) for solo in mine if solo.split == "train"])
    # An index of mine alone would say that all was well with what the base learned from.
    quotes = None if model.quotes is None else model.quotes | taught
    model_folder.save(out, adapted.weights, model.vocabulary, card, model.manners, quotes)
    if len(found) < len(parts):
        print(f"nothing is held out of {said}: how well others of these solos are known is unknown")
    for compared in found:
        print(compared)
    print(
        f"{out}: {adapted.notes} notes learned in {adapted.minutes:.1f} minutes, "
        f"{adapted.part:.0%} of the way, and their habits"
    )
    return found


def own_lines(weights: Weights) -> list[Solo]:
    """Lines of the net's own over the charts that come with the program, one to each."""
    return [
        own_line(weights, read_chart(name), _OWN_NOTES, seed, "valid")
        for seed, name in enumerate(assets.chart_names())
    ]


def compare(of: str, before: Weights, after: Weights, solos: Sequence[Solo]) -> Compared | None:
    """What the `valid` solos cost either net; None where there is no note to count."""
    held = [solo for solo in solos if solo.split == "valid"]
    try:
        return Compared(of, bits_per_note(before, held), bits_per_note(after, held))
    except EvaluationError:
        return None


def _without(mine: Sequence[Solo], general: Sequence[Solo]) -> list[Solo]:
    """The general solos but for those that are mine: nobody is asked what was just learned."""
    own = {solo.id for solo in mine}
    return [solo for solo in general if solo.id not in own]


def _card(
    base: Path,
    model: Model,
    corpus: Sequence[Path],
    general: Sequence[Path],
    adapted: Adapted,
    found: Sequence[Compared],
    seed: int,
) -> str:
    """What a reader of the model folder should know."""
    files = [*corpus, *general]
    more = f" --general {shlex.join(path.name for path in general)}" if general else ""
    carried = _carried(base)
    own = " ".join(notices(corpus))
    return "\n".join(
        [
            "# Model card",
            "",
            f"An LSTM that improvises jazz lines over chord changes: the model {model.name} "
            "adapted to a few solos.",
            "",
            f"{_LICENCE} {carried} Then: {own}",
            "",
            f"**Base.** {model.name}, weights SHA-256 `{model.hash}`.",
            "",
            f"**Data.** {adapted.notes} notes to learn from. Figures of these solos, of up to five "
            "notes, can be read out of `habits.npz`: pass it on only where the solos may be.",
            "",
            "| file | SHA-256 |",
            "|---|---|",
            *(f"| {path.name} | `{digest(path)[:16]}` |" for path in files),
            "",
            "**Figures.**",
            "",
            *(f"* {compared}" for compared in found),
            "",
            f"**Course.** {adapted.minutes:.1f} minutes; {adapted.part:.0%} of the way from the "
            "base to what was learned.",
            "",
            "Again with:",
            "",
            f"    python -m live_improv adapt --model {shlex.quote(shown(base))} --corpus "
            f"{shlex.join(path.name for path in corpus)}{more} --seed {seed} --out DIR",
            "",
        ]
    )


def _carried(base: Path) -> str:
    """What the card of the base says of the licences of its data."""
    card = base / "CARD.md"
    lines = card.read_text("utf-8").splitlines() if card.is_file() else []
    said = [line.removeprefix(_LICENCE).strip() for line in lines if line.startswith(_LICENCE)]
    return " ".join(said) or "That of the base is not known."
