"""The command that draws a take."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from live_improv.cli.parsing import OK
from live_improv.cli.plotting import plot, plot_options
from live_improv.view.plot import PlotError
from tests.view.takes import BAR, blues, take

pytest.importorskip("matplotlib")


def options(*arguments: str | Path) -> argparse.Namespace:
    parser = argparse.ArgumentParser(exit_on_error=False)
    plot_options(parser)
    return parser.parse_args([str(each) for each in arguments])


def test_a_picture_is_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notes = [(0, 90, 65), (20 * BAR, 90, 66)]
    path = take(tmp_path / "a.mid", {"Improviser": notes, "Player": notes[:1]}, blues(2), bars=24)
    assert plot(options(path, tmp_path / "a.svg")) == OK
    out = capsys.readouterr().out
    assert out == f"{tmp_path / 'a.svg'}: 2 notes of Improviser and 1 note of Player, 2 lines\n"


def test_a_chart_is_given_by_its_name(tmp_path: Path) -> None:
    path = take(tmp_path / "a.mid", {"Sax": [(0, 90, 65)]})
    with pytest.raises(PlotError, match="--chart"):
        plot(options(path, tmp_path / "a.svg"))
    assert plot(options(path, tmp_path / "a.svg", "--chart", "blues_in_f")) == OK


@pytest.mark.parametrize(
    ("text", "bars"), [("1-32", (1, 32)), (" 5 - 8 ", (5, 8)), ("7", (7, 7)), ("-1-4", (-1, 4))]
)
def test_bars_are_read(text: str, bars: tuple[int, int]) -> None:
    assert options("a.mid", "a.svg", f"--bars={text}").bars == bars


@pytest.mark.parametrize("text", ["", "8-5", "a-b", "1-", "1-2-3", "1.5"])
def test_other_bars_are_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentError, match="expected FROM-TO"):
        options("a.mid", "a.svg", f"--bars={text}")
