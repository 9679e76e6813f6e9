"""Charts as text: what is read, what is refused, and every chart we have."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.charts.text import MAX_SHARES, MAX_TEXT, ChartError, parse
from live_improv.charts.writing import written as written_out
from live_improv.music.changes import Bar, Changes, Section
from live_improv.music.chords import ChordSymbolError
from live_improv.music.timing import Meter, Ticks

OUR_CHARTS = Path(__file__).parents[2] / "data" / "charts"


def spans(changes: Changes) -> list[tuple[int, str]]:
    """Where each chord starts, and its symbol."""
    return [(span.start, span.chord.symbol) for span in changes.chords]


def by_bar(text: str) -> list[str]:
    """The chord at the head of each bar."""
    changes = parse(text)
    return [changes.chord_at(bar.start).symbol for bar in changes.bars]


def names(changes: Changes) -> list[tuple[int, str]]:
    """The bar at which each section starts, and its name."""
    return [(changes.bar_index(part.start), part.name) for part in changes.sections]


def test_a_line_of_bars() -> None:
    changes = parse("Dm7 G7 | Cmaj7 | % |")
    assert spans(changes) == [(0, "Dm7"), (960, "G7"), (1920, "Cmaj7"), (3840, "Cmaj7")]
    assert changes.bars == tuple(Bar(Ticks(at), Meter()) for at in (0, 1920, 3840))
    assert (changes.title, changes.key, changes.tempo) == ("", "", None)


def test_headers() -> None:
    changes = parse(
        "# a comment\nTitle: One: two\nKEY:F\ntempo: 132.5\n time : 3/4\nstyle: jazz waltz\n"
        "form: AB\n\nF | C7 |\n# another\n"
    )
    assert (changes.title, changes.key, changes.tempo) == ("One: two", "F", 132.5)
    assert (changes.style, changes.form) == ("jazz waltz", "AB")
    assert changes.length == 2 * 1440


def test_names_have_only_signs_that_can_be_seen() -> None:
    changes = parse("title: \ufeffA\u202e tune\nkey: F\xa0\n[\u200bA\xadB] F | C7 |")
    assert (changes.title, changes.key) == ("A  tune", "F")
    assert all(part.name.isprintable() for part in changes.sections)
    assert parse(written_out(changes)) == changes


@pytest.mark.parametrize(
    "text",
    ["C | F\nG", "| C | F |\n| G |", "C | F |\n\nG ||", "C\nF\nG", "C || F\r\nG\r\n", "C|F|G"],
)
def test_bar_lines_at_the_ends_of_a_line_are_optional(text: str) -> None:
    assert by_bar(text) == ["C", "F", "G"]
    assert parse(text).length == 3 * 1920


@pytest.mark.parametrize(
    ("bar", "expected"),
    [
        ("Dm7 / / G7", [(0, "Dm7"), (1440, "G7")]),
        ("Dm7 / G7 /", [(0, "Dm7"), (960, "G7")]),
        ("C F G", [(0, "C"), (640, "F"), (1280, "G")]),
        ("C C", [(0, "C"), (960, "C")]),
        ("C F G A B", [(0, "C"), (384, "F"), (768, "G"), (1152, "A"), (1536, "B")]),
        ("N.C. / C7(b9, #11) E\\FM7", [(0, "N.C."), (960, "C7(b9, #11)"), (1440, "E\\FM7")]),
    ],
)
def test_the_symbols_of_a_bar_share_it(bar: str, expected: list[tuple[int, str]]) -> None:
    assert spans(parse(bar)) == expected


@given(
    st.lists(st.sampled_from(["C", "F7", "Gm", "/"]), min_size=1, max_size=MAX_SHARES),
    st.sampled_from(["2/4", "3/4", "4/4", "5/4", "6/8", "7/8", "12/8", "1/32"]),
)
def test_shares_begin_at_the_floor(symbols: list[str], meter: str) -> None:
    changes = parse(f"time: {meter}\nD\n{' '.join(symbols)}")
    bar = changes.bars[1]
    expected = [
        (bar.start + i * bar.meter.bar_ticks // len(symbols), symbol)
        for i, symbol in enumerate(symbols)
        if symbol != "/"
    ]
    assert spans(changes) == [(0, "D"), *expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("C | | F", [(0, "C"), (3840, "F")]),
        ("C | / | F", [(0, "C"), (3840, "F")]),
        ("C | / F", [(0, "C"), (2880, "F")]),
        ("/ F", [(0, "N.C."), (960, "F")]),
        ("| | F", [(0, "N.C."), (1920, "F")]),
        ("C | / F | %", [(0, "C"), (2880, "F"), (3840, "C"), (4800, "F")]),
        ("C | | %", [(0, "C")]),
        ("/ F | %", [(0, "N.C."), (960, "F"), (1920, "N.C."), (2880, "F")]),
    ],
)
def test_holds_and_repeated_bars(text: str, expected: list[tuple[int, str]]) -> None:
    assert spans(parse(text)) == expected


def test_a_repeated_bar_fits_a_new_meter() -> None:
    assert spans(parse("C F\ntime: 3/4\n%"))[2:] == [(1920, "C"), (1920 + 720, "F")]


def test_meter_may_change_between_sections() -> None:
    changes = parse("[A] C | F\ntime: 3/4\n[B] G7\ntime: 12/8\nAm")
    assert [str(bar.meter) for bar in changes.bars] == ["4/4", "4/4", "3/4", "12/8"]
    assert changes.length == 2 * 1920 + 1440 + 2880
    assert changes.sections == (Section(Ticks(0), "A"), Section(Ticks(3840), "B"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("|: C | F :| G", "C F C F G"),
        ("C | F :| G", "C F C F G"),
        ("C |: F :| G :|", "C F F G G"),
        ("C |: F :|: G :|", "C F F G G"),
        ("C ||: F :|| G", "C F F G"),
        ("C |:\nF |\n:| G", "C F F G"),
        ("|: F6 | 1. Gm7 | C7 :| 2. Am | D |", "F6 Gm7 C7 F6 Am D"),
        ("|: F6 |1.Gm7 | C7 :|2.Am | D |", "F6 Gm7 C7 F6 Am D"),
        ("F6\n1. Gm7 | C7 :|\n2. Am | D", "F6 Gm7 C7 F6 Am D"),
        ("|: C | 1. F :| 2. G :| 3. A | B", "C F C G C A B"),
        ("|: C | 1. F :| 2. G :| A", "C F C G A"),
        ("|: C | 1. F :| G", "C F C G"),
        ("|: C | 1. F :| 2. G |: A :|", "C F C G A A"),
        ("|: C | 1. % :| 2. F |", "C C C F"),
        ("C |: | F :|", "C C F F F"),
    ],
)
def test_repeats_and_endings(text: str, expected: str) -> None:
    assert by_bar(text) == expected.split()


def test_sections_are_named_and_repeated() -> None:
    changes = parse("[Intro] C\n[A]\n|: F | G :|\n[B] | Am |")
    assert names(changes) == [(0, "Intro"), (1, "A"), (3, "A"), (5, "B")]
    assert names(parse("C | [my bridge] F | G")) == [(1, "my bridge")]
    assert names(parse("|: [A] C | 1. F :| [B] 2. G |")) == [(0, "A"), (2, "A"), (3, "B")]
    assert names(parse("[A] C | [] F")) == [(0, "A"), (1, "")]
    assert names(parse("[A] [B] C\n[C]")) == [(0, "B")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the chart has no bars"),
        ("title: x\n# y\n\n", "the chart has no bars"),
        ("tempo: 0\nC", "tempo 0: expected 20 to 500"),
        ("tempo: 10000\nC", "tempo 10000: expected 20 to 500"),
        ("tempo: -5\nC", "tempo -5: expected 20 to 500"),
        ("tempo: nan\nC", "tempo 'nan': expected 20 to 500"),
        ("tempo: quick\nC", "tempo 'quick': expected 20 to 500"),
        ("\ntime: 4/5\nC", "line 2: meter 4/5: expected 1 to 32 over 1, 2, 4, 8, 16 or 32"),
        ("time: 33/4\nC", "line 1: meter 33/4"),
        ("time: four\nC", "line 1: meter 'four': expected something like 4/4"),
        ("time: " + "9" * 5000 + "/4\nC", "line 1: time is longer than 200"),
        ("titel: x\nC", "line 1: header 'titel': expected title, key, tempo, time, style, form"),
        ("key: F\nkey: G\nC", "line 2: key is given twice"),
        ("% | C", "bar 1: % has no bar before it"),
        ("C | % F", "bar 2: % repeats a whole bar"),
        ("[" + "A" * 201 + "] C", "bar 1: section name over 200 characters"),
        ("C [A] F", "bar 1: '[A]'"),
        ("|: C | F", "bar 1: the repeat has no :|"),
        ("|: C |: F :|", "bar 2: the repeat of bar 1 has no :|"),
        ("C | 1. F | G", "bar 2: the repeat has no :|"),
        ("C | 1. F | 2. G", "bar 3: ending 2."),
        ("C | 2. F :| G", "bar 2: ending 2."),
        ("|: C | 1. F :| 2. G | 3. A", "bar 4: ending 3."),
        ("C |:", "|: at the end of the chart"),
        ("C | 1.", "1. at the end of the chart"),
        (":| C", "bar 1: :| has no bar before it"),
        ("C\nF \x07 G", "line 2: '\\x07' is not text"),
        ("C " * (MAX_SHARES + 1), f"bar 1: {MAX_SHARES + 1} symbols: expected at most"),
        ("C\n" * 10_001, "too many bars: expected at most 10000"),
        ("C\n" * 6_000 + ":|", "too many bars: expected at most 10000"),
        ("C" * (MAX_TEXT + 1), f"expected at most {MAX_TEXT}"),
    ],
)
def test_errors_name_the_place_and_what_is_valid(text: str, message: str) -> None:
    with pytest.raises(ChartError) as caught:
        parse(text)
    assert message in str(caught.value)
    assert_short(str(caught.value))


@pytest.mark.parametrize(
    ("text", "bar", "symbol"),
    [
        ("Dm7 | Hm7", 2, "Hm7"),
        ("title: x\n|: C | F :|\n[B] Gfoo | A", 3, "Gfoo"),
        ("C | C7(b9 | F", 2, "C7(b9"),
        ("C | D.C.", 2, "D.C."),
        ("C : | F", 1, ":"),
    ],
)
def test_an_unknown_symbol_is_named_with_its_bar(text: str, bar: int, symbol: str) -> None:
    with pytest.raises(ChordSymbolError) as caught:
        parse(text)
    assert str(caught.value).startswith(f"bar {bar}: chord symbol {symbol!r}: expected")
    assert_short(str(caught.value))


def assert_short(message: str) -> None:
    """A message is one line that a person can read."""
    assert "\n" not in message
    assert "Traceback" not in message
    assert len(message) < 300


HOSTILE = {
    "bar lines": "|" * MAX_TEXT,
    "empty bars": "| " * (MAX_TEXT // 2),
    "bars": "C|" * (MAX_TEXT // 2),
    "symbols": "C " * (MAX_TEXT // 2),
    "parentheses": "(" * MAX_TEXT,
    "one symbol": "C" * MAX_TEXT,
    "sections": "[a]" * (MAX_TEXT // 3),
    "open sections": "[" * MAX_TEXT,
    "endings": "1." * (MAX_TEXT // 2),
    "repeats": "|: C " * (MAX_TEXT // 5),
    "nested": "C :|" * (MAX_TEXT // 4),
    "blank lines": "\n" * MAX_TEXT,
    "spaces": " " * MAX_TEXT,
    "spaced header": "title" + " " * (MAX_TEXT - 6) + "|",
    "huge": "C | " * 5_000_000,
}


# Each takes a small part of a second; quadratic work would take minutes.
@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_charts_are_refused_quickly(name: str) -> None:
    with pytest.raises((ChartError, ChordSymbolError)) as caught:
        parse(HOSTILE[name])
    assert_short(str(caught.value))


@pytest.mark.timeout(20)
def test_a_large_chart_is_read_quickly() -> None:
    assert len(parse(("C7 " * 40 + "\n") * 1_600).chords) == 64_000


@given(st.text(alphabet="CF7m/%|:[]()1.2 \n#", max_size=60))
def test_any_text_is_a_chart_or_one_error(text: str) -> None:
    try:
        changes = parse(text)
    except (ChartError, ChordSymbolError):
        return
    assert changes.length == sum(bar.meter.bar_ticks for bar in changes.bars)


def records(data_dir: Path, name: str) -> Iterator[dict[str, Any]]:
    """The charts of one file of the reference data."""
    with gzip.open(data_dir / "charts" / name, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def written(record: dict[str, Any]) -> str:
    """A chart of the reference data in our format, four bars or one section to a line."""
    text = [f"title: {record['title']}"]
    text += [f"key: {record['key']}"] if record["key"] else []
    text += [f"tempo: {record['tempo']}"] if record.get("tempo") else []
    text += [f"time: {record['meter']}"] if record["meter"] else []
    text += [f"style: {record['style']}"] if record["style"] else []
    starts = {part[0]: part[1] for part in record["sections"]}
    for index, bar in enumerate(record["bars"]):
        if index in starts:
            text.append(f"[{starts[index] or ''}]")
        text.append(f"| {' '.join(bar)} |")
    return "\n".join(text)


@pytest.mark.parametrize(
    ("name", "count"),
    [("leadsheets.jsonl.gz", 1284), ("leadsheets_jazzstandards.jsonl.gz", 682)],
)
def test_every_reference_chart_is_read(data_dir: Path, name: str, count: int) -> None:
    charts = list(records(data_dir, name))
    assert len(charts) == count
    for record in charts:
        changes = parse(written(record))
        meter = Meter.parse(record["meter"] or "4/4")
        assert changes.title == record["title"].strip()
        assert len(changes.bars) == len(record["bars"]), record["title"]
        assert changes.length == len(record["bars"]) * meter.bar_ticks
        expected = [
            (bar * meter.bar_ticks + share * meter.bar_ticks // len(symbols), symbol)
            for bar, symbols in enumerate(record["bars"])
            for share, symbol in enumerate(symbols)
            if symbol != "/"
        ]
        if expected[0][0] > 0:
            expected.insert(0, (0, "N.C."))
        assert spans(changes) == expected, record["title"]
        # One chart ends with a section that has no bars.
        assert names(changes) == [
            (bar, label or "") for bar, label, *_ in record["sections"] if bar < len(record["bars"])
        ]


def test_reference_chords_lie_where_the_reference_says(data_dir: Path) -> None:
    for record in records(data_dir, "leadsheets.jsonl.gz"):
        changes = parse(written(record))
        for quarter, symbol in record["chords"]:
            # A share that is no whole number of ticks begins at the floor.
            tick = Ticks(int(quarter * 480) + 1)
            assert changes.chord_at(tick).symbol == symbol, record["title"]


FORMS = {
    "afro_six": (32, "6/8"),
    "ballad": (32, "4/4"),
    "blues_in_bb": (12, "4/4"),
    "blues_in_f": (12, "4/4"),
    "bossa": (32, "4/4"),
    "coltrane_cycle": (16, "4/4"),
    "five_four": (24, "5/4"),
    "ii_v_i": (48, "4/4"),
    "jazz_waltz": (32, "3/4"),
    "minor_blues": (12, "4/4"),
    "minor_tune": (32, "4/4"),
    "modal": (32, "4/4"),
    "rhythm_changes": (32, "4/4"),
    "slow_twelve_eight": (12, "12/8"),
    "sus_vamp": (16, "4/4"),
}


def test_our_charts_are_all_listed() -> None:
    assert {path.stem for path in OUR_CHARTS.glob("*.txt")} == set(FORMS)


@pytest.mark.parametrize("name", FORMS)
def test_our_charts(name: str) -> None:
    changes = parse((OUR_CHARTS / f"{name}.txt").read_text("utf-8"))
    bars, meter = FORMS[name]
    assert len(changes.bars) == bars
    assert {str(bar.meter) for bar in changes.bars} == {meter}
    assert all([changes.title, changes.key, changes.tempo, changes.style, changes.form])
    assert changes.sections
    assert changes.sections[0].start == 0
    assert len({span.chord for span in changes.chords}) > 1


def test_ii_v_i_goes_through_all_keys() -> None:
    changes = parse((OUR_CHARTS / "ii_v_i.txt").read_text("utf-8"))
    tonics = [changes.chord_at(bar.start) for bar in changes.bars[2::4]]
    assert {chord.root for chord in tonics} == set(range(12))
    assert {chord.quality for chord in tonics} == {"M7"}
