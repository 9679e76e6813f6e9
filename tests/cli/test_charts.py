"""The command that shows a chart and writes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from live_improv.assets import chart_names
from live_improv.charts import text
from live_improv.charts.reading import read_chart
from live_improv.cli.parsing import BAD_INPUT, OK
from tests.charts.ireal_writing import fields, link
from tests.cli.conftest import Command

SONG = fields("Mine", "{*AT44F7   |Bb7   |N1C-7 F7 }|N2Bb7   ]", key="F", tempo="120")
LIST = link(SONG, fields("Other", "[T34C   |G7   Z"), name="A list")

SHEET = """title: Mine
key: F
tempo: 120
time: 4/4
style: Medium Swing

[A]
| F7 | Bb7 | C-7 F7 |
[A]
| F7 | Bb7 | %      |
"""


def test_a_chart_is_shown_as_a_lead_sheet(command: Command) -> None:
    ran = command("chart", link(SONG))
    assert (ran.code, ran.out, ran.err) == (OK, SHEET, "")


def test_it_is_written_into_a_new_file_only(command: Command, tmp_path: Path) -> None:
    ran = command("chart", link(SONG), "--out", "mine.txt")
    assert ran.code == OK
    assert ran.out == f"{SHEET}\nmine.txt: 6 bars\n"
    assert (tmp_path / "mine.txt").read_text("utf-8") == SHEET
    assert text.parse(SHEET) == read_chart(link(SONG))
    (tmp_path / "mine.txt").write_text("old")
    assert "mine.txt is there already" in command(
        "chart", link(SONG), "--out", "mine.txt"
    ).one_line(BAD_INPUT)
    assert (tmp_path / "mine.txt").read_text() == "old"
    assert "a folder that exists" in command("chart", link(SONG), "--out", "no/mine.txt").one_line(
        BAD_INPUT
    )


def test_nothing_is_written_where_nothing_is_read(command: Command, tmp_path: Path) -> None:
    line = command("chart", link(fields("x", "C |H Z")), "--out", "mine.txt").one_line(BAD_INPUT)
    assert "x: bar 2: 'H Z': expected chords" in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("transpose", ["2", "-10", "G"])
def test_it_is_transposed(command: Command, transpose: str) -> None:
    ran = command("chart", LIST, "--tune", "mine", f"--transpose={transpose}")
    assert ran.code == OK
    assert "key: G\n" in ran.out
    assert "| G7 | C7 | D-7 G7 |" in ran.out


def test_tunes_are_listed_and_chosen(command: Command) -> None:
    assert command("chart", LIST, "--list").out == "    1 Mine\n    2 Other\n"
    assert "| C | G7 |" in command("chart", LIST, "--tune", "2").out
    assert "2 tunes: expected the number or the title of one: 1 Mine, 2 Other" in command(
        "chart", LIST
    ).one_line(BAD_INPUT)
    assert "tune '3': expected one of 1 Mine, 2 Other" in command(
        "chart", LIST, "--tune", "3"
    ).one_line(BAD_INPUT)


@pytest.mark.parametrize("name", chart_names())
def test_what_comes_along_is_shown(command: Command, name: str) -> None:
    ran = command("chart", name)
    assert ran.code == OK
    assert text.parse(ran.out) == read_chart(name)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere",), "no chart 'nowhere': expected a file, or one of"),
        (("https://example.org/x",), "expected a file, irealb://... or irealbook://..."),
        (("blues_in_f", "--transpose", "12"), "transposition 12: expected -11 to 11"),
        (("blues_in_f", "--transpose", "H"), "key 'H': expected a note such as Bb"),
        ((link(SONG), "--tune", "x"), "tune 'x': expected one of 1 Mine"),
        (("irealb://x",), "song 1 of the link: 1 fields"),
    ],
)
def test_errors_are_one_line(command: Command, arguments: tuple[str, ...], message: str) -> None:
    assert message in command("chart", *arguments).one_line(BAD_INPUT)
