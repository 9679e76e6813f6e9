"""The seeds' known result, reached again on a solo of the corpus.

The exercise trains on 60 overlapping windows of 30 values from a piece of about 250 and shows a
loss of 12.3268, summed over the steps, after 100 epochs. That is a memory of one solo, not a
measure of music: the same on 2,000 values is told beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from itertools import islice

import keras
import numpy as np

from live_improv.corpus import Solo
from live_improv.grammar.abstraction import abstract
from live_improv.training.seeds import (
    DENSE_NAME,
    LSTM_NAME,
    N_A,
    TX,
    TY,
    SeedsError,
    Windows,
    compile_as_seeds,
    djmodel,
    fit,
    music_inference_model,
    predict_and_sample,
    probabilities,
    windows_of,
)

KNOWN_LOSS = 12.3268
DEFAULT_SOLO = "PatMetheny_AllTheThingsYouAre_FINAL"
PIECE = 250
LONG_PIECE = 2000


@dataclass(frozen=True, slots=True)
class Report:
    """What one run of the experiment found. Losses are in nats, accuracies 0..1.

    Attributes:
        values: how many values the windows were drawn from.
        epoch_losses: the summed loss of each epoch while training, as the seeds print it; the
            last one is the figure to hold against `KNOWN_LOSS`.
        step_losses: after training, the loss of each of the Tx steps; `step_accuracies` likewise.
        floor: the least summed loss that any model can have on these windows: what tells them
            apart (their entropy) must be guessed, whatever is remembered.
        by_argmax: the values that the trained network plays from nothing, the likeliest each time.
        by_sampling: the same, drawn from its probabilities.
    """

    values: int
    n_values: int
    windows: int
    epochs: int
    seed: int
    epoch_losses: tuple[float, ...]
    step_losses: tuple[float, ...]
    step_accuracies: tuple[float, ...]
    floor: float
    by_argmax: tuple[str, ...]
    by_sampling: tuple[str, ...]

    @property
    def training_loss(self) -> float:
        """The summed loss of the last epoch, seen while it still trained."""
        return self.epoch_losses[-1]

    @property
    def summed_loss(self) -> float:
        """The summed loss over all steps after training."""
        return sum(self.step_losses)

    def as_json(self) -> dict[str, object]:
        """The report as plain numbers, texts and lists."""
        sums = {"training_loss": self.training_loss, "summed_loss": self.summed_loss}
        return {**asdict(self), **sums}


@dataclass(frozen=True, slots=True)
class Experiment:
    """The experiment on one solo, and beside it on as many values as several solos have.

    Attributes:
        solo: the solo the first `PIECE` values are of.
        piece: the run that is held against `KNOWN_LOSS`.
        long_piece: the same on `LONG_PIECE` values, of this solo and those after it.
    """

    solo: Solo
    piece: Report
    long_piece: Report

    def as_json(self) -> dict[str, object]:
        """The experiment as plain numbers, texts and lists."""
        return {
            "solo": self.solo.id,
            "performer": self.solo.performer,
            "title": self.solo.title,
            "dropped_notes": self.solo.dropped,
            "known_loss": KNOWN_LOSS,
            "piece": self.piece.as_json(),
            "long_piece": self.long_piece.as_json(),
        }

    def __str__(self) -> str:
        dropped = self.solo.dropped
        return (
            f"{self.solo.performer}: {self.solo.title} ({self.solo.id}), {dropped} notes of double "
            f"stops left out\nknown loss after 100 epochs: {KNOWN_LOSS}\n"
            + table([self.piece, self.long_piece])
        )


def experiment_on(
    solos: Sequence[Solo], solo_id: str = DEFAULT_SOLO, epochs: int = 100, seed: int = 0
) -> Experiment:
    """Run the experiment on the first values of one of `solos`, and on more of them in order.

    Raises:
        SeedsError: no solo has that id, or it has too few values.
    """
    ids = [solo.id for solo in solos]
    if solo_id not in ids:
        near = get_close_matches(solo_id, ids, n=3, cutoff=0.3) or ids[:3]
        raise SeedsError(f"no solo {solo_id!r} among {len(ids)}: expected one such as {near}")
    first = ids.index(solo_id)
    return Experiment(
        solos[first],
        run_experiment(values_of([solos[first]], PIECE), epochs, seed),
        run_experiment(values_of([*solos[first:], *solos[:first]], LONG_PIECE), epochs, seed),
    )


def values_of(solos: Iterable[Solo], count: int) -> tuple[str, ...]:
    """The first `count` values of solos one after the other, fewer where they have no more."""
    values = (str(value) for solo in solos for value in abstract(solo.notes, solo.changes))
    return tuple(islice(values, count))


def run_experiment(values: Sequence[str], epochs: int = 100, seed: int = 0) -> Report:
    """Train the seeds' network on 60 random windows of `values` and let it play 50 values.

    `seed` places the windows, starts the weights and draws the sampled line; the global random
    state of Keras, NumPy and Python is set to it.

    Raises:
        SeedsError: there are fewer values than a window has.
    """
    keras.utils.set_random_seed(seed)
    windows = windows_of(values, seed=seed)
    model = djmodel(TX, N_A, windows.n_values)
    compile_as_seeds(model)
    epoch_losses = fit(model, windows, epochs)
    predicted = probabilities(model, windows)
    targets = windows.Y.argmax(axis=-1)
    chances = np.take_along_axis(predicted, targets[..., None], axis=-1)[..., 0]
    losses = -np.log(np.maximum(chances, np.finfo(np.float32).tiny)).mean(axis=1)
    accuracies = (predicted.argmax(axis=-1) == targets).mean(axis=1)
    return Report(
        values=len(values),
        n_values=windows.n_values,
        windows=len(windows.X),
        epochs=epochs,
        seed=seed,
        epoch_losses=epoch_losses,
        step_losses=tuple(losses.tolist()),
        step_accuracies=tuple(accuracies.tolist()),
        floor=windows_entropy(windows),
        by_argmax=play(model, windows, 0.0, seed),
        by_sampling=play(model, windows, 1.0, seed),
    )


def windows_entropy(windows: Windows) -> float:
    """The entropy of the windows in nats: each is drawn as often as it occurs among the m.

    The conditional entropies of the steps, each given all before it, add up to it.
    """
    counts = Counter(window.tobytes() for window in windows.Y.argmax(axis=-1).T)
    shares = np.array(list(counts.values())) / counts.total()
    return float(-(shares * np.log(shares)).sum())


def play(model: keras.Model, windows: Windows, temperature: float, seed: int) -> tuple[str, ...]:
    """The 50 values that a trained `model` plays from nothing; the likeliest at temperature 0."""
    inference = music_inference_model(
        model.get_layer(LSTM_NAME),
        model.get_layer(DENSE_NAME),
        n_values=windows.n_values,
        n_a=model.get_layer(LSTM_NAME).units,
        Ty=TY,
        temperature=temperature,
    )
    _, indices = predict_and_sample(inference, seed=seed)
    return tuple(windows.indices_values[int(index)] for index in indices[:, 0])


def table(reports: Sequence[Report]) -> str:
    """The reports side by side: sizes and sums first, then loss and accuracy of each step."""
    rows = [
        ["values", *(str(report.values) for report in reports)],
        ["n_values", *(str(report.n_values) for report in reports)],
        ["epochs", *(str(report.epochs) for report in reports)],
        ["loss in training", *(f"{report.training_loss:.4f}" for report in reports)],
        ["loss after it", *(f"{report.summed_loss:.4f}" for report in reports)],
        ["least possible", *(f"{report.floor:.4f}" for report in reports)],
        ["step", *("loss    accuracy" for _ in reports)],
    ]
    for step in range(max(len(report.step_losses) for report in reports)):
        cells = [
            f"{report.step_losses[step]:.4f}  {report.step_accuracies[step]:8.3f}"
            for report in reports
        ]
        rows.append([str(step + 1), *cells])
    return "\n".join(f"{row[0]:<17}" + "".join(f"{cell:>20}" for cell in row[1:]) for row in rows)
