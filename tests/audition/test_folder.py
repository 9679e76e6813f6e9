"""The folder of an audition: what is in it, and that only the key says who is who."""

from __future__ import annotations

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from random import Random

import mido
import pytest

from live_improv import model_folder
from live_improv.audition.folder import PAGE_NAME, Plan, duration, make_audition, page_of, shuffled
from live_improv.audition.key import KEY_NAME, AuditionError, By, read_key, seal_of
from live_improv.audition.tally import tally
from live_improv.corpus import CorpusError
from live_improv.model_folder import Model
from live_improv.music.score import Score
from live_improv.music.timing import PPQ, TempoMap, Ticks

COUNT = 6


@pytest.fixture
def plan(held_out: Path, monkeypatch: pytest.MonkeyPatch, default_model: Model) -> Plan:
    """Six excerpts of the solos that are held out."""
    monkeypatch.setattr(model_folder, "load", lambda path: default_model)
    return Plan([held_out], "valid", COUNT, seed=11)


def meta(path: Path) -> list[list[str]]:
    """All that a file says besides its notes, track by track."""
    return [
        [str(message) for message in track if not message.type.startswith("note")]
        for track in mido.MidiFile(path).tracks
    ]


def test_an_audition_from_the_making_to_the_tally(plan: Plan, tmp_path: Path) -> None:
    out = tmp_path / "audition"
    said: list[str] = []
    seal = make_audition(plan, out, say=said.append)
    names = [f"{number:02}" for number in range(1, COUNT + 1)]
    assert sorted(each.name for each in out.iterdir()) == sorted(
        [*(f"{name}.mid" for name in names), PAGE_NAME, KEY_NAME]
    )
    assert [each.name for each in tmp_path.iterdir()] == ["audition"]
    assert len(said) == COUNT
    key, found = read_key(out)
    assert found == seal == seal_of((out / KEY_NAME).read_bytes())
    assert list(key.excerpts) == names
    assert (key.seed, key.model) == (11, "default")
    truths = list(key.excerpts.values())
    assert [each.by for each in truths].count(By.HUMAN) == COUNT // 2
    for half in (truths[: COUNT // 2], truths[COUNT // 2 :]):
        assert {each.place for each in half} == set(range(COUNT // 2))
    # Who answers by the key is found to have told all.
    ratings = {name: {"rating": 3, "guess": truth.by} for name, truth in key.excerpts.items()}
    path = tmp_path / "ratings.json"
    path.write_text(json.dumps({"audition": seal, "ratings": ratings}))
    (verdict,) = tally(out, [path])
    assert verdict.told is not None
    assert (verdict.told.value, verdict.told.count) == (1.0, COUNT)


def test_only_the_key_says_who_is_who(plan: Plan, tmp_path: Path) -> None:
    out = tmp_path / "audition"
    make_audition(plan, out)
    key, _ = read_key(out)
    by_place: dict[int, list[Path]] = {}
    for name, truth in key.excerpts.items():
        by_place.setdefault(truth.place, []).append(out / f"{name}.mid")
    for one, other in by_place.values():
        # The times between meta messages of the solo's track are the notes'.
        without_times = [
            [re.sub(r"time=\d+", "", each) for track in meta(path) for each in track]
            for path in (one, other)
        ]
        assert without_times[0] == without_times[1]
        assert mido.MidiFile(one).length == pytest.approx(mido.MidiFile(other).length, abs=1e-9)
        first, second = mido.MidiFile(one).tracks, mido.MidiFile(other).tracks
        assert len(first) == len(second) == 4
        for number in (0, 1, 3):  # all but the solo, to the byte
            assert first[number] == second[number]
        assert 0.4 < one.stat().st_size / other.stat().st_size < 2.5
    page = (out / PAGE_NAME).read_text()
    for truth in key.excerpts.values():
        for told in (truth.solo, truth.performer, truth.title):
            assert told not in page
            for path in out.glob("*.mid"):
                assert told.encode() not in path.read_bytes()
            assert told not in (out / KEY_NAME).read_text()


def test_the_same_seed_makes_the_same_folder(plan: Plan, tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    seals = [make_audition(plan, folder) for folder in folders]
    assert seals[0] == seals[1]
    for path in folders[0].iterdir():
        assert path.read_bytes() == (folders[1] / path.name).read_bytes()


def test_what_is_there_stays_there(plan: Plan, tmp_path: Path) -> None:
    full, empty, file, link = (tmp_path / name for name in ("full", "empty", "file", "link"))
    full.mkdir()
    (full / "mine.txt").write_text("x")
    empty.mkdir()
    file.write_text("x")
    link.symlink_to(tmp_path / "nowhere")
    before = sorted(tmp_path.rglob("*"))
    for out in (full, empty, file, link):
        with pytest.raises(AuditionError, match="is there already"):
            make_audition(plan, out)
    with pytest.raises(AuditionError, match="there is no folder"):
        make_audition(plan, tmp_path / "a" / "b")
    assert sorted(tmp_path.rglob("*")) == before


def test_an_audition_that_fails_leaves_nothing(plan: Plan, tmp_path: Path) -> None:
    for bad in (
        Plan(plan.corpora, "valid", 400, 1),
        Plan(plan.corpora, "no such split", 4, 1),
        Plan(plan.corpora, "valid", 5, 1),
        Plan(plan.corpora, "valid", 0, 1),
    ):
        with pytest.raises(AuditionError):
            make_audition(bad, tmp_path / "x")
    with pytest.raises(CorpusError):
        make_audition(Plan([tmp_path / "none.jsonl"], None, 4, 1), tmp_path / "x")

    def stop(line: str) -> None:
        if line.startswith("excerpt 03"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_audition(plan, tmp_path / "x", say=stop)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_said_to_be(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "rmtree", lambda *_, **__: None)
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(AuditionError, match=r"cannot make .*x: No space left on device"):
        make_audition(plan, tmp_path / "x")


def test_the_order_is_chance() -> None:
    orders = [shuffled(10, Random(seed)) for seed in range(200)]
    for order in orders:
        assert sorted(order) == sorted((number, by) for number in range(10) for by in By)
        for half in (order[:10], order[10:]):
            assert {number for number, _ in half} == set(range(10))
    humans_first = sum(order[0][1] is By.HUMAN for order in orders)
    assert 70 <= humans_first <= 130
    in_the_first_half = [sum(by is By.HUMAN for _, by in order[:10]) for order in orders]
    assert min(in_the_first_half) <= 3  # nobody can count
    assert max(in_the_first_half) >= 7


class Page(HTMLParser):
    """What a page asks for, and what it loads."""

    def __init__(self) -> None:
        super().__init__()
        self.sections: list[str] = []
        self.inputs: list[tuple[str, str]] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "section":
            self.sections.append(found["id"])
        if tag == "input" and "name" in found:
            self.inputs.append((found["name"], found.get("value", "")))
        self.loaded += [found[name] for name in ("src", "href") if name in found]


@pytest.mark.parametrize("sound", [True, False])
def test_the_page_asks_for_everything_and_nobody_else(sound: bool) -> None:
    text = page_of(["01", "02"], "ab" * 32, sound=sound)
    page = Page()
    page.feed(text)
    assert page.sections == ["01", "02"]
    assert page.inputs == [
        each
        for name in page.sections
        for each in (
            *((f"rating-{name}", str(rating)) for rating in range(1, 6)),
            *((f"guess-{name}", by) for by in ("human", "machine")),
            (f"known-{name}", ""),
        )
    ]
    assert page.loaded == [f"{name}.{'wav' if sound else 'mid'}" for name in page.sections]
    assert "ab" * 32 in text
    assert KEY_NAME in text
    # Nothing of it comes from or goes to a network.
    assert "//" not in re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)
    for word in ("fetch(", "XMLHttp", "import ", "url(", "@import", "sendBeacon"):
        assert word not in text


def test_a_sound_file_lasts_as_long_as_the_score_and_its_echo() -> None:
    score = Score(Ticks(68 * PPQ), TempoMap.constant(120.0), (), (), ())
    assert duration(score) == pytest.approx(34 + 1.5)
