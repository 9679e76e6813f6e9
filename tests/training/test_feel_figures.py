"""Learning the feel: what was put in is found, and the shipped figures are those of the corpus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from live_improv.charts.text import parse
from live_improv.corpus import CorpusError, Played, Solo, read_corpus
from live_improv.grammar.abstraction import straighten
from live_improv.music.timing import PPQ, Ticks
from live_improv.performance import feel_tables
from live_improv.performance.feel import Feel, swing_ratio
from live_improv.training.feel_figures import (
    Learned,
    learn,
    report,
    tables,
)
from live_improv.training.feel_samples import samples, swing_share, written_line
from tests.lines import even_line

CHANGES = parse("C7 | F7 | C7 | G7")


def as_people(line: Sequence[tuple[int, int]], bpm: float, name: str, feel: Feel) -> Solo:
    """A line of pitches and gaps in grid steps, as our own feel plays it."""
    notes = even_line([pitch for pitch, _ in line], [gap for _, gap in line])
    written = written_line(notes, CHANGES)
    pairs = zip(written, [*written[1:], None], strict=True)
    sent = [feel.played(each, following) for each, following in pairs]
    played = tuple(Played(note.onset, note.length, note.velocity) for note in sent)
    return Solo(name, "train", "", name, notes, CHANGES, bpm, played=played)


def of_our_own(count: int, notes: int) -> list[Solo]:
    """Lines by chance, each at a tempo, the last of which are to be tried on."""
    solos = []
    for i in range(count):
        chance, bpm = Random(i), 110.0 + 190 * i / count
        pitches, at = [], 64
        for _ in range(notes):
            at = min(max(at + chance.choice((-7, -4, -2, -1, 0, 1, 2, 4, 7)), 50), 80)
            pitches.append(at)
        gaps: list[int] = []
        while len(gaps) < notes:
            gaps += chance.choice(((6, 6), (6, 6), (6, 6), (12,), (4, 4, 4), (3, 3, 3, 3)))
        feel = Feel(swing_ratio(bpm), i, bpm=bpm, laid_back=1.0, loose=1.0, centre=64.0)
        solo = as_people(list(zip(pitches, gaps, strict=False)), bpm, str(i), feel)
        solos.append(replace(solo, split="valid") if i >= count - 3 else solo)
    return solos


@pytest.fixture(scope="module")
def again() -> Learned:
    """What is learned from what our own feel plays."""
    return learn(of_our_own(30, 500))


def test_what_our_feel_does_is_learned_back(again: Learned) -> None:
    assert [bpm for bpm, _ in again.ratios] == [100, 140, 180, 220, 260]
    for bpm, ratio in again.ratios:
        assert ratio == pytest.approx(swing_ratio(bpm), abs=0.1)
    assert again.ratios[0][1] > again.ratios[-1][1] + 0.12
    assert again.drift == pytest.approx(feel_tables.DRIFT, rel=0.25)
    assert again.jitter == pytest.approx(feel_tables.JITTER, rel=0.25)
    swing, lag, articulation, loudness = (each.figure for each in again.figures)
    near = pytest.approx
    assert swing.weights["dip"].by == near(feel_tables.SWING.weights["dip"].by, abs=0.02)
    assert lag.weights["slow_beat"].by == near(feel_tables.LAG.weights["slow_beat"].by, abs=5)
    known = feel_tables.ARTICULATION.weights
    assert articulation.weights["repeated"].by == near(known["repeated"].by, abs=0.03)
    assert articulation.weights["leaps"].by == near(known["leaps"].by, abs=0.006)
    known = feel_tables.LOUDNESS.weights
    assert loudness.weights["height"].by == near(known["height"].by, abs=0.2)
    assert loudness.weights["dip"].by == near(known["dip"].by, abs=1.5)
    assert loudness.near + loudness.far > 0.08


def test_the_text_of_the_tables_can_be_read_back(again: Learned) -> None:
    there: dict[str, object] = {"Figure": feel_tables.Figure, "Weight": feel_tables.Weight}
    compile_and_run(tables(again), there)
    assert there["SWING_RATIOS"] == again.ratios
    assert (there["DRIFT"], there["JITTER"]) == (again.drift, again.jitter)
    for each in again.figures:
        assert there[each.figure.name] == each.figure
    assert report(again).count("\n") == len(again.figures) - 1


def compile_and_run(text: str, names: dict[str, object]) -> None:
    """Run what is meant to stand in a module."""
    exec(compile(text, "tables", "exec"), names)


def test_nothing_known_is_nothing_learned() -> None:
    (solo, *_) = of_our_own(1, 50)
    for without in (replace(solo, played=()), replace(solo, split="test")):
        with pytest.raises(CorpusError, match="how they were played"):
            learn([without])


def test_samples_know_what_is_on_both_sides_of_them() -> None:
    solo = replace(of_our_own(1, 40)[0], split="train")
    holed = replace(solo, played=(*solo.played[:10], None, *solo.played[11:]))
    found = list(samples([holed]))
    assert [each.number for each in found] == [*range(10), *range(11, 40)]
    assert found[9].after is found[10].before is None
    assert found[0].before is found[-1].after is None
    assert found[5].before is found[4].here
    assert all(each.here is solo.played[each.number] for each in found)


def test_where_a_swung_off_beat_came() -> None:
    line = [(60, 6), (64, 6), (60, 12)]
    solo = as_people(line, 150.0, "x", Feel(1.5, 0))
    first, second, third = samples([solo])
    assert swing_share(first) is swing_share(third) is None
    assert swing_share(second) == pytest.approx(0.6)
    assert swing_share(second, (0.0, 10.0, 0.0)) == pytest.approx((288 - 10) / 480)
    assert second.beats_late == pytest.approx(48 / PPQ)


def test_the_shipped_figures_are_those_of_the_corpus(data_dir: Path) -> None:
    """A sixth of the solos says much the same as all of them do."""
    path = data_dir / "corpus" / "wjazzd_solos.jsonl.gz"
    found = learn([solo for i, solo in enumerate(read_corpus(path)) if i % 6 == 0])
    assert dict(found.ratios)[220] == pytest.approx(swing_ratio(220), abs=0.1)
    assert all(a >= b for (_, a), (_, b) in pairwise(found.ratios))
    assert found.drift == pytest.approx(feel_tables.DRIFT, rel=0.2)
    assert found.jitter == pytest.approx(feel_tables.JITTER, rel=0.1)
    for each in found.figures:
        shipped = getattr(feel_tables, each.figure.name)
        assert list(each.figure.weights) == list(shipped.weights)
        assert each.explained[1] > 0.02, each.figure.name
        # The facts that matter most matter in the same direction.
        strongest = sorted(shipped.weights, key=lambda name: -abs(_effect(shipped, name)))[:2]
        for name in strongest:
            assert each.figure.weights[name].by * shipped.weights[name].by > 0, name


def _effect(figure: feel_tables.Figure, name: str) -> float:
    weight = figure.weights[name]
    return weight.by * max(abs(weight.usual), abs(1 - weight.usual))


def test_a_line_as_the_improviser_writes_it() -> None:
    notes = even_line([60, 64, 64, 67], [6, 6, 24, 12])
    notes = (*notes[:2], replace(notes[2], length=Ticks(470)), notes[3])
    written = written_line(straighten(notes), CHANGES)
    assert [each.note.onset for each in written] == [0, 240, 480, 1440]
    assert [each.note.length for each in written] == [240, 240, 480, 480]
    assert [each.rested for each in written] == [False, False, True, True]
    assert [each.starts_phrase for each in written] == [True, False, False, True]
    assert [each.phrase for each in written] == [0, 1, 2, 0]
    assert [each.interval for each in written] == [None, 4, 0, 3]
    assert [each.before for each in written] == [None, 0, 240, 480]
