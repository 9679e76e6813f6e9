"""The seeds' experiment: what its report says, and that it reaches the known result."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import pytest

pytest.importorskip("keras", reason="the train extra is not installed")
# One thread: the networks are tiny, and the machine may be busy. Read when TensorFlow starts.
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")

import numpy as np

from live_improv.corpus import Solo, read_corpus
from live_improv.music.changes import Bar, Changes, ChordSpan
from live_improv.music.chords import parse_chord
from live_improv.music.events import Note
from live_improv.music.timing import Meter, Ticks
from live_improv.training import seeds, seeds_experiment
from live_improv.training.seeds_experiment import (
    DEFAULT_SOLO,
    KNOWN_LOSS,
    PIECE,
    Experiment,
    Report,
    experiment_on,
    run_experiment,
    table,
    values_of,
    windows_entropy,
)

DATA = Path(os.environ.get("LIVE_IMPROV_DATA", Path(__file__).parents[3] / "shared" / "data"))
CORPUS = DATA / "corpus" / "wjazzd_lean.jsonl.gz"

SHORT = Report(
    values=40,
    n_values=5,
    windows=2,
    epochs=2,
    seed=0,
    epoch_losses=(3.5, 1.75),
    step_losses=(1.25, 0.25),
    step_accuracies=(0.5, 1.0),
    floor=0.6931,
    by_argmax=("C,1.000",),
    by_sampling=("R,1.000",),
)


def solo_of(name: str, pitches: list[int]) -> Solo:
    """Quarter notes over one bar of C7 after another."""
    bars = tuple(Bar(Ticks(i * 1920), Meter()) for i in range(-(-len(pitches) // 4)))
    end = Ticks(len(bars) * 1920)
    return Solo(
        id=name,
        split="train",
        performer="Nobody",
        title="Scale",
        notes=tuple(Note(Ticks(480 * i), Ticks(480), pitch) for i, pitch in enumerate(pitches)),
        changes=Changes(chords=(ChordSpan(Ticks(0), end, parse_chord("C7")),), bars=bars),
        bpm=120.0,
        dropped=3,
    )


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The experiment with a network and windows that take no time."""
    monkeypatch.setattr(seeds_experiment, "TX", 3)
    monkeypatch.setattr(seeds_experiment, "N_A", 8)
    monkeypatch.setattr(seeds_experiment, "TY", 4)

    def windows_of(values: tuple[str, ...], seed: int) -> seeds.Windows:
        return seeds.windows_of(values, m=6, Tx=3, seed=seed)

    monkeypatch.setattr(seeds_experiment, "windows_of", windows_of)


def test_the_least_possible_loss_is_the_entropy_of_the_windows() -> None:
    windows = seeds.windows_of(["a", "b", "c", "d"], m=5, Tx=4)
    assert windows_entropy(windows) == pytest.approx(0.0), "one window, five times"
    apart = np.zeros((2, 4, 3), np.float32)
    for window, values in enumerate([(0, 1), (0, 1), (0, 2), (1, 1)]):
        apart[[0, 1], window, values] = 1.0
    drawn = seeds.Windows(windows.X, apart, {}, {})
    expected = -(0.5 * math.log(0.5) + 2 * 0.25 * math.log(0.25))
    assert windows_entropy(drawn) == pytest.approx(expected)


def test_the_values_of_solos_follow_each_other() -> None:
    first, second = solo_of("a", [60, 62, 64, 60]), solo_of("b", [67, 65, 64, 62])
    one, two = values_of([first], 100), values_of([second], 100)
    assert one == ("C,1.000", "L,1.000,<+5,-1>", "C,1.000,<+5,-1>", "C,1.000,<-1,-7>")
    assert values_of([first, second], 100) == one + two
    assert values_of([first, second], 6) == one + two[:2]


@pytest.mark.usefixtures("small")
def test_a_report_adds_up_and_repeats() -> None:
    values = values_of([solo_of("a", [60, 62, 64, 65, 67, 65, 64, 62] * 2)], 100)
    report = run_experiment(values, epochs=2)
    assert (report.values, report.n_values, report.windows) == (16, len(set(values)), 6)
    assert len(report.epoch_losses) == 2
    assert len(report.step_losses) == len(report.step_accuracies) == 3
    assert report.summed_loss == pytest.approx(sum(report.step_losses))
    assert report.floor < report.summed_loss < report.training_loss < report.epoch_losses[0]
    assert all(0.0 <= share <= 1.0 for share in report.step_accuracies)
    for played in (report.by_argmax, report.by_sampling):
        assert len(played) == 4
        assert set(played) <= set(values)
    assert run_experiment(values, epochs=2) == report
    assert run_experiment(values, epochs=2, seed=1).epoch_losses != report.epoch_losses


@pytest.mark.usefixtures("small")
def test_the_named_solo_is_the_piece_and_those_after_it_come_beside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs: list[tuple[str, ...]] = []

    def run(values: tuple[str, ...], epochs: int, seed: int) -> Report:
        runs.append(values)
        return SHORT

    monkeypatch.setattr(seeds_experiment, "run_experiment", run)
    solos = [solo_of("a", [60, 62, 64, 60]), solo_of("b", [67, 65, 64, 62])]
    experiment = experiment_on(solos, "b")
    assert experiment.solo is solos[1]
    assert runs == [values_of([solos[1]], 9), values_of([solos[1], solos[0]], 9)]


def test_an_unknown_solo_is_named_with_some_that_are_there() -> None:
    with pytest.raises(seeds.SeedsError, match=r"no solo 'Parkr' among 1.*'Parker'"):
        experiment_on([solo_of("Parker", [60])], "Parkr")


def test_the_table_puts_runs_side_by_side() -> None:
    lines = [line.split() for line in table([SHORT, SHORT]).splitlines()]
    assert ["n_values", "5", "5"] in lines
    assert ["loss", "in", "training", "1.7500", "1.7500"] in lines
    assert ["loss", "after", "it", "1.5000", "1.5000"] in lines
    assert lines[-2:] == [
        ["1", "1.2500", "0.500", "1.2500", "0.500"],
        ["2", "0.2500", "1.000", "0.2500", "1.000"],
    ]


def test_an_experiment_tells_what_was_left_out_and_is_json() -> None:
    experiment = Experiment(solo_of("a", [60]), SHORT, SHORT)
    assert "(a), 3 notes of double stops left out" in str(experiment)
    found = json.loads(json.dumps(experiment.as_json()))
    assert (found["solo"], found["dropped_notes"], found["known_loss"]) == ("a", 3, 12.3268)
    assert found["piece"]["training_loss"] == 1.75
    assert found["piece"]["by_argmax"] == ["C,1.000"]


@pytest.mark.skipif(not CORPUS.is_file(), reason=f"no corpus at {CORPUS}")
def test_the_known_result_is_reached_in_60_of_its_100_epochs() -> None:
    solo = next(solo for solo in read_corpus(CORPUS) if solo.id == DEFAULT_SOLO)
    values = values_of([solo], PIECE)
    assert len(values) == 250
    report = run_experiment(values, epochs=60)
    assert report.training_loss <= KNOWN_LOSS
    assert report.step_accuracies[-1] > 0.9
