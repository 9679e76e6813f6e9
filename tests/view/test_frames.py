"""Frames: what the page is told, and that nothing of it is lost."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from live_improv.assets import chart_names
from live_improv.music.changes import ChangesError
from live_improv.music.score import IMPROVISER, PLAYER
from live_improv.performance.hands import Learning, Stage
from live_improv.repertoire import read_chart
from live_improv.view.frames import MOST_NOTES, Told, changes_of, chart_of, frame
from tests.view.stands import BLUES, glimpse, note


def framed(told: Told = Told(), played: Any = (), **other: Any) -> tuple[dict[str, Any], Told]:  # noqa: B008
    line, after = frame(
        replace(glimpse(), **other), (played, told.entries + len(played)), 0.5, 1.0, told
    )
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    return json.loads(line), after


def test_the_chart_and_the_knobs_are_told_once() -> None:
    first, told = framed()
    assert first["chart"]["title"] == "Blues in F"
    assert first["knobs"]["temperature"] == 1.0
    second, told = framed(told)
    assert "chart" not in second
    assert "knobs" not in second
    assert second["tick"] == 0
    third, told = framed(told, changes=read_chart("modal"))
    assert third["chart"]["bars"][-1] == [31 * 1920, 4, 4]
    assert "knobs" not in third


def test_a_knob_that_is_turned_is_told() -> None:
    _, told = framed()
    says, _ = framed(told, knobs=told.knobs.with_("density", 0.5) if told.knobs else None)
    assert says["knobs"]["density"] == 0.5


def test_notes_are_told_once_and_again_where_a_frame_was_dropped() -> None:
    played = note(0, 60, 100)
    says, told = framed(played=played)
    assert says["notes"] == [[0, "machine", 60, 80], [100, "machine", 60, 0]]
    assert told.entries == 2
    # Who sends the frame keeps the old `Told` where it did not go out: the same is told again.
    assert framed(played=played)[0] == says
    assert "notes" not in framed(told)[0]


def test_both_players_are_told_apart_and_the_band_is_left_out() -> None:
    played = [
        *note(0, 60, 9, IMPROVISER),
        *note(0, 61, 9, PLAYER),
        *note(0, 40, 9, "Bass"),
    ]
    says, told = framed(played=played)
    assert {who for _, who, _, _ in says["notes"]} == {"machine", "player"}
    assert told.entries == 6


def test_so_many_notes_that_a_frame_would_take_long_are_cut() -> None:
    played = [each for i in range(MOST_NOTES) for each in note(i, 60, 1)]
    says, told = framed(played=played)
    assert len(says["notes"]) == MOST_NOTES
    assert says["notes"][-1][0] == MOST_NOTES
    assert told.entries == 2 * MOST_NOTES


def test_what_learning_has_come_to_is_told() -> None:
    waiting = Learning(Stage.WAITING, "density")
    says, _ = framed(learning=waiting)
    assert says["learning"] == {
        "name": "density",
        "says": "density: move a knob or strike a pad",
        "waits": True,
    }
    assert framed(learning=Learning(Stage.LEARNED, "density"))[0]["learning"]["waits"] is False


@pytest.mark.parametrize("name", chart_names())
def test_a_chart_comes_through_whole(name: str) -> None:
    changes = replace(read_chart(name), tempo=None)
    assert changes_of(json.loads(json.dumps(chart_of(changes)))) == changes


def test_a_title_is_no_way_out_of_the_line() -> None:
    hostile = replace(BLUES, title='</script>\n{"do":"key"}\x1b[2J\u2028')
    says, _ = framed(changes=hostile)
    assert says["chart"]["title"] == hostile.title


def test_a_chord_that_cannot_be_read_is_no_chord() -> None:
    chart = chart_of(BLUES)
    chart["chords"][0] = (0, "Zorp7")
    assert changes_of(chart).chords[0].chord.root is None


def test_bars_and_chords_that_do_not_fit_are_no_chart() -> None:
    chart = chart_of(BLUES)
    with pytest.raises(ChangesError):
        changes_of({**chart, "bars": chart["bars"][:-1]})
    with pytest.raises(ChangesError):
        changes_of({**chart, "bars": []})
