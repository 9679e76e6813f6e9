"""Writing charts: what is written is read back equal, for every chart we have."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.charts import text
from live_improv.charts.layout import Heading, PlayedBar, Start, lay_out, plain_text
from live_improv.charts.text import MAX_SHARES, ChartError
from live_improv.charts.writing import WritingError, written
from live_improv.music.changes import Changes, Section
from live_improv.music.chords import parse_chord
from live_improv.music.timing import Meter, Ticks
from tests.charts import test_text

OUR_CHARTS = sorted(test_text.OUR_CHARTS.glob("*.txt"))


@pytest.mark.parametrize("name", ["leadsheets.jsonl.gz", "leadsheets_jazzstandards.jsonl.gz"])
def test_every_reference_chart_is_read_back(data_dir: Path, name: str) -> None:
    for record in test_text.records(data_dir, name):
        changes = text.parse(test_text.written(record))
        assert text.parse(written(changes)) == changes, record["title"]


@pytest.mark.parametrize("path", OUR_CHARTS, ids=lambda path: path.stem)
def test_our_charts_are_read_back(path: Path) -> None:
    changes = text.parse(path.read_text("utf-8"))
    assert text.parse(written(changes)) == changes


METERS = [Meter(4, 4), Meter(3, 4), Meter(5, 4), Meter(6, 8), Meter(12, 8), Meter(7, 8)]
SYMBOLS = ["C", "F#m7b5", "Bb7(b9, #11)", "E\\FM7", "N.C.", "Am/G", "C^7", "Dø", "G7alt", "F6/9"]
NAMES = st.text(max_size=30).map(plain_text)


@st.composite
def charts(draw: st.DrawFn) -> Changes:
    """Changes with chords on shares of their bars, sections and changes of meter."""
    bars = []
    for _ in range(draw(st.integers(1, 12))):
        meter = draw(st.sampled_from(METERS))
        count = draw(st.integers(1, MAX_SHARES))
        shares = draw(st.sets(st.integers(0, count - 1), max_size=6))
        starts = tuple(
            Start(
                Ticks(share * meter.bar_ticks // count), parse_chord(draw(st.sampled_from(SYMBOLS)))
            )
            for share in sorted(shares)
        )
        bars.append(PlayedBar(meter, starts, draw(st.none() | NAMES)))
    tempo = draw(st.none() | st.floats(20, 500).map(lambda bpm: round(bpm, 4)))
    return lay_out(bars, Heading(draw(NAMES), draw(NAMES), tempo, draw(NAMES)))


@given(charts())
def test_any_chart_is_read_back(changes: Changes) -> None:
    assert text.parse(written(changes)) == changes


def test_four_bars_are_a_line() -> None:
    changes = text.parse(
        "title: Mine\nkey: F\n[A]\nF7 | Bb7 / / C7 | F7 | F7 | Bb7\n[B]\nG | % |\ntime: 3/4\nC"
    )
    assert written(changes) == (
        "title: Mine\n"
        "key: F\n"
        "time: 4/4\n"
        "\n"
        "[A]\n"
        "| F7  | Bb7 / / C7 | F7 | % |\n"
        "| Bb7 |\n"
        "[B]\n"
        "| G   | %          |\n"
        "time: 3/4\n"
        "| C   |\n"
    )


def bar(*starts: tuple[int, str], section: str | None = None) -> PlayedBar:
    """A bar of 4/4 with these chords."""
    placed = tuple(Start(Ticks(at), parse_chord(symbol)) for at, symbol in starts)
    return PlayedBar(Meter(), placed, section)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (lay_out([bar((0, "C")), bar((7, "F"))], Heading()), "bar 2: a chord starts where no"),
        (lay_out([bar((0, "E \\ FM7"))], Heading()), "bar 1: chord 'E \\\\ FM7' cannot"),
        (lay_out([bar((0, "C"), section="a]b")], Heading()), "bar 1: section 'a]b'"),
        (lay_out([bar((0, "C"), section=" a")], Heading()), "bar 1: section ' a'"),
        (lay_out([bar((0, "C"))], Heading(title="a\nb")), "title 'a\\nb': expected one line"),
        (lay_out([bar((0, "C"))], Heading(title="a" * 201)), "title 'aaaa"),
        (
            replace(lay_out([bar((0, "C"))], Heading()), sections=(Section(Ticks(5), "A"),)),
            "two sections begin at once, or one inside a bar",
        ),
    ],
)
def test_what_cannot_be_written_is_refused(changes: Changes, message: str) -> None:
    with pytest.raises(WritingError) as caught:
        written(changes)
    assert message in str(caught.value)


def test_laying_out_nothing_or_too_much_is_refused() -> None:
    with pytest.raises(ChartError, match="no bars"):
        lay_out([], Heading())
    with pytest.raises(ChartError, match="too many bars"):
        lay_out([bar()] * 10_001, Heading())


@pytest.mark.parametrize(
    ("given_name", "expected"),
    [
        ("  A \n tune\t", "A tune"),
        ("[A] | B", "A B"),
        ("\x00\u202e\ufeffx", "x"),
        ("a" * 500, "a" * 200),
        ("Águas — de", "Águas — de"),
    ],
)
def test_plain_names(given_name: str, expected: str) -> None:
    assert plain_text(given_name) == expected
