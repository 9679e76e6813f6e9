"""The scene: kinds of notes, jumps, and that everybody sees the same however slow they are."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.corpus import read_corpus
from live_improv.grammar.abstraction import kinds
from live_improv.grammar.values import NOTE_KINDS
from live_improv.music.events import Note
from live_improv.music.timing import GRID_TICKS, PPQ, Ticks
from live_improv.repertoire import read_chart
from live_improv.view.frames import chart_of
from live_improv.view.scene import KEPT_NOTES, Scene
from tests.view.stands import BLUES

CHART = chart_of(BLUES)


def says(tick: int, notes: Any = (), **other: Any) -> dict[str, Any]:
    """A frame at 120, at the moment that belongs to its tick."""
    at = tick / (2 * PPQ)
    return {"at": at, "tick": tick, "bpm": 120.0, "state": "playing", "notes": notes, **other}


def scene(chart: dict[str, Any] = CHART) -> Scene:
    found = Scene()
    found.take(says(0, chart=chart, knobs={"density": 0.0}))
    return found


def shown(found: Scene) -> dict[int, tuple[Any, ...]]:
    return {note[0]: note for note in found.news(-1).get("notes", ())}


def kinds_shown(found: Scene) -> list[str]:
    return [note[-1] for note in sorted(found.news(-1)["notes"])]


lines = st.lists(
    st.tuples(st.integers(1, 24), st.integers(1, 24), st.integers(40, 90)), min_size=1, max_size=30
)


@given(lines, st.sampled_from(["blues_in_f", "jazz_waltz", "modal", "coltrane_cycle"]))
def test_kinds_are_those_of_the_language(steps: list[tuple[int, int, int]], name: str) -> None:
    """Each note over the chord of its place on the grid, as `grammar.abstraction.kinds` has it."""
    changes = read_chart(name)
    found = scene(chart_of(changes))
    notes, at = [], 0
    for gap, length, pitch in steps:
        at += gap * GRID_TICKS
        notes.append(Note(Ticks(at), Ticks(min(length, gap) * GRID_TICKS), pitch))
    for note in notes:
        found.take(says(note.onset, [(note.onset, "machine", note.pitch, 80)]))
        found.take(says(note.end, [(note.end, "machine", note.pitch, 0)]))
    assert kinds_shown(found) == [kind.value for kind in kinds(notes, changes)]


def test_kinds_of_human_solos(data_dir: Path) -> None:
    """What people play is what the language makes of it; the last note of all is undecided."""
    solos = read_corpus(data_dir / "corpus" / "wjazzd_solos.jsonl.gz")
    seen: Counter[str] = Counter()
    for solo in islice(solos, 5):
        notes = solo.notes[:KEPT_NOTES]
        found = scene(chart_of(solo.changes))
        for note in notes:
            found.take(says(note.onset, [(note.onset, "player", note.pitch, 80)]))
        expected = [kind.value for kind in kinds(notes, solo.changes)]
        assert kinds_shown(found)[:-1] == expected[:-1]
        seen.update(expected)
    assert set(seen) == {kind.value for kind in NOTE_KINDS}


def test_an_approach_tone_is_one_once_it_has_resolved() -> None:
    found = scene()
    found.take(says(0, [(0, "machine", 68, 80)]))  # G sharp over F7
    assert kinds_shown(found) == ["X"]
    found.take(says(240, [(240, "machine", 69, 80)]))  # to A, its third
    assert kinds_shown(found) == ["A", "C"]


def test_one_player_does_not_resolve_the_others_notes() -> None:
    found = scene()
    found.take(says(0, [(0, "machine", 68, 80)]))
    found.take(says(240, [(240, "player", 69, 80)]))
    assert kinds_shown(found) == ["X", "C"]


def test_a_note_is_judged_over_the_chord_it_means() -> None:
    """A hair before the bar line is on it."""
    found = scene()
    bar_2 = 1920  # Bb7 after F7: D is its third
    found.take(says(bar_2 - 15, [(bar_2 - 15, "player", 62, 80)]))
    assert kinds_shown(found) == ["C"]


def test_a_note_ends_with_its_off_or_with_the_next_on_of_its_key() -> None:
    found = scene()
    found.take(says(0, [(0, "machine", 60, 80), (100, "machine", 62, 80)]))
    assert [note[5] for note in shown(found).values()] == [None, None]
    found.take(says(200, [(200, "machine", 60, 0), (210, "machine", 62, 80)]))
    assert [note[5] for note in shown(found).values()] == [200, 210, None]


@pytest.mark.parametrize("to", [0, 8 * 1920])
def test_who_jumps_begins_an_empty_roll(to: int) -> None:
    found = scene()
    found.take(says(4 * 1920 - 40))
    found.take(says(4 * 1920, [(4 * 1920, "machine", 60, 80)]))
    seen = found.revision
    found.take({**says(to), "at": 4 * 1920 / 960 + 0.05})
    assert found.news(seen).get("clear") is True
    assert shown(found) == {}


def test_who_plays_on_keeps_it() -> None:
    found = scene()
    found.take(says(40, [(40, "machine", 60, 80)]))
    seen = found.revision
    found.take(says(10 * PPQ))  # frames in between were dropped
    assert "clear" not in found.news(seen)
    assert len(shown(found)) == 1


def test_what_is_seen_is_not_told_again() -> None:
    found = scene()
    first = found.news(-1)
    assert {"chart", "knobs"} <= first.keys()
    seen = found.revision
    found.take(says(40, [(40, "machine", 60, 80)]))
    second = found.news(seen)
    assert not {"chart", "knobs", "clear"} & second.keys()
    assert len(second["notes"]) == 1
    seen = found.revision
    found.take(says(80))
    assert "notes" not in found.news(seen)


frames = st.lists(
    st.tuples(
        st.integers(0, 60),
        st.lists(
            st.tuples(st.sampled_from(["machine", "player"]), st.integers(58, 66), st.booleans()),
            max_size=4,
        ),
        st.booleans(),
    ),
    max_size=20,
)


@given(frames)
def test_who_looks_seldom_sees_what_who_looks_always_sees(steps: Any) -> None:
    found = scene()
    always: dict[int, Any] = {}
    seldom: dict[int, Any] = {}
    seen = [-1, -1]

    def look(which: int, picture: dict[int, Any]) -> None:
        news = found.news(seen[which])
        seen[which] = found.revision
        if news.get("clear"):
            picture.clear()
        for note in news.get("notes", ()):
            picture[note[0]] = note

    tick = 0
    for forward, notes, looks in steps:
        tick += forward * 40
        found.take(says(tick, [(tick, who, pitch, 80 * on) for who, pitch, on in notes]))
        look(0, always)
        if looks:
            look(1, seldom)
    look(0, always)
    look(1, seldom)
    assert always == seldom == shown(found)
