"""What `evaluate` measures: how well a model, as it is on disk, knows the solos of a corpus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from live_improv import assets, corpus, model_folder
from live_improv.evaluation.bits import Bits, bits_per_note


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The figures of one evaluation."""

    bits: Bits
    solos: int
    split: str
    model: str


def evaluate(paths: Sequence[Path], split: str | None, model: Path | None) -> Evaluated:
    """Bits per note of a model on the solos of a corpus, of one split or of all.

    Raises:
        CorpusError: a file cannot be read, or no solo of the split is in it.
        ModelFormatError: the model cannot be used.
    """
    loaded = model_folder.load(model or assets.default_model())
    solos = corpus.read_corpora(paths)
    chosen = [solo for solo in solos if split is None or solo.split == split]
    if not chosen:
        there = ", ".join(sorted({solo.split for solo in solos})) or "none"
        raise corpus.CorpusError(f"no solos of split {split!r}: the corpus has {there}")
    bits = bits_per_note(loaded.weights, chosen)
    return Evaluated(bits, len(chosen), split or "all", loaded.name)
