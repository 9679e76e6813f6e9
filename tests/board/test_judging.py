"""The board itself, on real solos: what it says of humans, of spoiled humans and of ours."""

from __future__ import annotations

import gzip
import json
import xml.etree.ElementTree as xml
from pathlib import Path

import pytest

from live_improv import assets, model_folder
from live_improv.app import Performance
from live_improv.board.checking import check
from live_improv.board.judging import Board, MidiFolder, Solos, board, read_solos
from live_improv.board.making import Plan
from live_improv.board.ours import perform
from live_improv.board.plot import picture
from live_improv.board.scores import Judge, Scores
from live_improv.board.table import as_json, table
from live_improv.corpus import CorpusError
from live_improv.evaluation.lines import Line, line_of
from live_improv.evaluation.lines import written as written_out
from live_improv.evaluation.rows import ROWS
from live_improv.offline import Files, play_offline
from live_improv.repertoire import read_chart
from live_improv.request import Request
from tests.test_corpus import INTEGERS, written

LEAN = "wjazzd_lean.jsonl.gz"
BLUES = read_chart("blues_in_f")


@pytest.fixture(scope="module")
def solos(data_dir: Path) -> Solos:
    """All of the corpus."""
    return read_solos([data_dir / "corpus" / LEAN], "valid")


@pytest.fixture(scope="module")
def judge(solos: Solos) -> Judge:
    """Who judges by all of the corpus, with few draws."""
    learned = [line_of(solo) for solo in solos.learned]
    return Judge(learned, [line_of(solo) for solo in solos.held_out], draws=100)


@pytest.fixture(scope="module")
def human(judge: Judge) -> Scores:
    """What humans score."""
    return judge.human_scores()


def test_spoiled_solos_are_noticed_by_the_figures_made_for_it(judge: Judge) -> None:
    found = list(check(judge))
    assert len(found) == 13
    assert {each.control for each in found} == {
        "chords moved four bars",
        "notes shuffled in the bar",
        "lines reversed",
    }
    assert not [str(each) for each in found if not each.right]


def test_humans_score_as_the_study_says(human: Scores) -> None:
    """Its figures are of another sample of the same database, which its bands allow for."""
    assert (human.solos, human.notes) == (45, 20058)
    for name, low, high in (
        ("lift", 5.6, 11.1),
        ("resolved", 0.35, 0.44),
        ("rhythm_divergence", 0.0, 0.03),
        ("recurrence", 0.065, 0.103),
        ("told_by_solo", 0.42, 0.59),
        ("told_by_window", 0.55, 0.72),
        ("copied", 5.8, 6.8),
        ("coverage", 0.06, 0.10),
        ("notes_a_bar", 5.8, 6.8),
        ("h1", 1.85, 2.05),
        ("groove", 0.86, 0.90),
    ):
        assert low <= human.figures[name] <= high, name


def test_the_band_is_around_the_humans(human: Scores) -> None:
    for name, band in human.bands.items():
        assert band.low <= band.high
        # A draw has some solos twice, so it is further from the rest than all of them.
        if name != "rhythm_divergence":
            assert band.low <= human.figures[name] <= band.high, name


def test_who_copies_is_told_by_copying_alone(judge: Judge) -> None:
    """Solos that were learned from are like humans in all but that."""
    found = judge.score("copier", judge.learned[:45]).figures
    assert found["copied_most"] == 64
    assert found["copied"] > 60  # some windows have fewer notes than that
    assert found["coverage"] == 1.0
    assert found["told_by_solo"] < 0.7


def test_other_meters_and_silence_are_left_out(judge: Judge, solos: Solos) -> None:
    waltzes = [line_of(solo) for solo in solos.learned if not line_of(solo).in_four]
    assert waltzes
    silent = Line("silence", (), judge.humans[0].changes, 120.0, bars=32)
    found = judge.score("some", [*waltzes, silent, judge.humans[0]])
    assert (found.solos, found.notes) == (1, len(judge.humans[0].notes))


@pytest.fixture(scope="module")
def small(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Board:
    """A board of few solos and notes, with files of ours as somebody else's."""
    with gzip.open(data_dir / "corpus" / LEAN, "rt") as whole:
        records = [json.loads(line) for line in whole]
    few = [record for record in records if record["split"] == "valid"][1:9]
    learned = [record for record in records if record["split"] == "train"][:40]
    paths = [written(tmp_path_factory.mktemp("corpus") / "few.jsonl", *few, *learned)]
    folder = tmp_path_factory.mktemp("files") / "theirs"
    folder.mkdir()
    for seed in range(2):
        request = Request(chart=BLUES, bars=48, bpm=150.0, seed=seed)
        play_offline(Performance(request), Files(folder / f"{seed}.mid"))
    (folder / "broken.mid").write_bytes(b"MThd")
    said: list[str] = []
    midi = MidiFolder(folder)
    found = board(paths, "valid", None, Plan(notes=300), ("markov",), midi, said.append)
    assert any("broken.mid" in line for line in said)
    assert sum("seconds" in line for line in said) == 4
    return found


def test_ours_and_others_are_judged(small: Board) -> None:
    assert small.ours.notes >= 300
    assert small.ours.figures["bits"] == pytest.approx(
        small.ours.figures["bits_onset"] + small.ours.figures["bits_pitch"]
    )
    assert {row.name for row in ROWS} <= set(small.ours.figures)
    markov, _ = small.others
    assert markov.name == "markov"
    assert markov.notes >= 300
    assert markov.figures["bits"] > small.ours.figures["bits"]
    assert markov.figures["told_by_solo"] > 0.8
    assert set(small.ours.seconds) >= {"playing", "long runs", "bits", "tellability"}


def test_a_file_of_ours_is_read_back_as_it_was_written(small: Board) -> None:
    """Swung, laid back and articulated in between: what is counted is hardly changed."""
    model = model_folder.load(assets.default_model())
    lines = [
        Line(f"{seed}", written_out(perform(request, model).written), BLUES, 150.0, bars=48)
        for seed in range(2)
        for request in [Request(chart=BLUES, bars=48, bpm=150.0, seed=seed)]
    ]
    (theirs,) = (each for each in small.others if each.name == "theirs")
    exact = Judge(lines, lines, draws=1).score("exact", lines)
    assert theirs.solos == 2
    assert abs(theirs.notes - exact.notes) <= 2
    for name, within in (
        ("chord_tones", 0.03),
        ("lift", 3.0),
        ("recurrence", 0.02),
        ("notes_a_bar", 0.2),
        ("rest_beats", 0.5),
    ):
        assert theirs.figures[name] == pytest.approx(exact.figures[name], abs=within), name


def test_the_table_and_the_json_say_what_is_reached(small: Board) -> None:
    shown = table(small).splitlines()
    for row in ROWS:
        assert any(line[2:].startswith(row.label) for line in shown)
    found = as_json(small)
    goals, sets = found["goals"], found["sets"]
    assert isinstance(goals, dict)
    assert isinstance(sets, list)
    assert set(goals) == {row.name for row in ROWS if row.goal is not None}
    ours = {each["name"]: each for each in sets}["ours"]["figures"]
    lift = goals["lift"]
    assert lift["reached"] == (7.0 <= ours["lift"] <= 10.5)
    line = next(line for line in shown if "chord lift" in line)
    assert ("ok" if lift["reached"] else "no") in line.split()
    json.dumps(found, allow_nan=False)  # what is not known is null, and not NaN


def test_the_picture_has_a_row_for_each_goal(small: Board) -> None:
    root = xml.fromstring(picture(small))
    texts = [each.text or "" for each in root.iter("{http://www.w3.org/2000/svg}text")]
    for row in ROWS:
        if row.goal is not None:
            assert any(row.label.strip() in text for text in texts)
    assert "theirs" in texts
    width = float(root.attrib["width"])
    for circle in root.iter("{http://www.w3.org/2000/svg}circle"):
        assert 0 < float(circle.attrib["cx"]) < width


def test_a_board_needs_solos_to_learn_from_and_to_compare_with(tmp_path: Path) -> None:
    corpus = written(tmp_path / "solos.jsonl", INTEGERS)
    with pytest.raises(CorpusError, match="'train'"):
        read_solos([corpus], "valid")
    both = written(tmp_path / "both.jsonl", {**INTEGERS, "split": "train"})
    with pytest.raises(CorpusError, match="'valid'"):
        read_solos([both], "valid")
