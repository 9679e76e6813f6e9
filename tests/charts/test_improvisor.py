"""Lead sheets of Impro-Visor: as the program writes them, and all charts of the reference."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.charts import text
from live_improv.charts.improvisor import MAX_LEADSHEET, parse
from live_improv.charts.text import ChartError
from live_improv.music.changes import Section
from live_improv.music.timing import Ticks
from tests.charts.refusals import is_one_line, refusal
from tests.charts.test_text import spans, written

# As version 10 of the program lays a file out; the chords are ours.
BLUES = """(title A Blues (in F))
(composer )
(show )
(year )
(comments )
(meter 4 4)
(key -1)
(tempo 180.0)
(volume 80)
(playback-transpose 0 0 0)
(layout)
(style swing
    (swing 0.67)
    (bass-high g-)
    (chord-base c- e- g-)
)
(part
    (type chords)
    (title Nobody's)
    (key -1)
     (roadmap
       (blocks
        (chord F13 480)
         (brick
          (name Surge)
           (blocks
            (chord Bb13 240)
            (chord Bo7 240)           )
         )
       )
     )

)


(section (style swing))

F13 | Bb13 Bo7 | / | Cm9 / / F13b9 |
Bb\\Eb7 | NC |

(section (style))

Gm7/C C7(b9 |
(part
    (type melody)
    (title )
    (instrument 11)
    (key -1)
    (stave treble)
)
 r1+1 a8 Bb8 | c+8 D
(part (type chords))
F6
"""


def test_a_file_as_the_program_writes_it() -> None:
    changes = parse(BLUES.replace("C7(b9", "C7(b9)"))
    assert (changes.title, changes.key, changes.tempo) == ("A Blues in F", "F", 180)
    assert changes.style == "swing"
    assert spans(changes) == [
        (0, "F13"),
        (1920, "Bb13"),
        (2880, "Bo7"),
        (5760, "Cm9"),
        (7200, "F13b9"),
        (7680, "Bb\\Eb7"),
        (9600, "NC"),
        (11520, "Gm7/C"),
        (12480, "C7(b9)"),
        (13440, "F6"),
    ]
    assert changes.sections == (Section(Ticks(0), ""), Section(Ticks(11520), ""))


def test_old_files_have_no_parts() -> None:
    changes = parse("(title Old)(meter 3 4)\nC G7 | / | Am\nc8 d8 e4 r2\n")
    assert spans(changes) == [(0, "C"), (720, "G7"), (2880, "Am")]
    assert changes.length == 3 * 1440
    assert changes.sections == ()
    assert (changes.key, changes.tempo) == ("", None)


@pytest.mark.parametrize(
    ("key", "expected"), [(0, "C"), (-1, "F"), (-6, "Gb"), (7, "C#"), (2, "D"), (-7, "Cb")]
)
def test_keys(key: int, expected: str) -> None:
    assert parse(f"(key {key}) C |").key == expected


@pytest.mark.parametrize(
    ("sheet", "message"),
    [
        ("", "the lead sheet has no chords"),
        ("(title x)\nc8 d8", "the lead sheet has no chords"),
        ("C | Hm7 |", "bar 2: chord symbol 'Hm7'"),
        ("C | | F |", "bar 2: the bar is empty: expected a chord, NC, or /"),
        ("C | F | (meter 3 4) G", "bar 3: (meter 3 4) after the first bar"),
        ("(meter 4 5) C |", "meter 4/5: expected 1 to 32"),
        ("(meter four) C |", "meter 'four': expected something like 4/4"),
        ("(key 9) C |", "key '9': expected -7"),
        ("(tempo fast) C |", "tempo 'fast': expected quarters"),
        ("C | F) G", "line 1: ) closes nothing"),
        ("(title x\nC | F", "1 parentheses are not closed"),
        ("C " * 49, "bar 1: 49 symbols: expected at most 48"),
        ("(" * 300, "parentheses inside each other: expected at most 200"),
        (BLUES, "line 43: 7( has no )"),
        ("C | F#( |", "line 1: #( has no )"),
        ("C" * (MAX_LEADSHEET + 1), f"expected at most {MAX_LEADSHEET}"),
    ],
)
def test_errors_name_the_bar(sheet: str, message: str) -> None:
    with pytest.raises(ChartError) as caught:
        parse(sheet)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


SHARPS = ["C", "G", "D", "A", "E", "B", "F#", "C#", "Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F"]


def sheet_of(record: dict[str, Any]) -> str:
    """A chart of the reference data in Impro-Visor's notation."""
    key = SHARPS.index(record["key"] or "C")
    lines = [
        f"(title {record['title']})",
        f"(meter {record['meter'].replace('/', ' ')})",
        f"(key {key if key < 8 else key - 15})",
        *([f"(tempo {record['tempo']})"] if record["tempo"] else []),
        f"(style {record['style']} (swing 0.5))" if record["style"] else "(style)",
        "(part (type chords) (volume 65))",
    ]
    starts = {part[0] for part in record["sections"]}
    for index, bar in enumerate(record["bars"]):
        if index in starts:
            lines.append("(section (style x))\n")
        lines.append(f"{' '.join(bar)} |")
    return "\n".join([*lines, "(part (type melody)) c8 d8 r4"])


def test_every_reference_chart_is_read_as_in_our_own_format(data_dir: Path) -> None:
    name = data_dir / "charts" / "leadsheets.jsonl.gz"
    with gzip.open(name, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    assert len(records) == 1284
    for record in records:
        expected, found = text.parse(written(record)), parse(sheet_of(record))
        assert found.chords == expected.chords, record["title"]
        assert found.bars == expected.bars
        assert (found.key, found.tempo) == (expected.key or "C", expected.tempo)
        starts = [part.start for part in expected.sections if part.start < expected.length]
        assert [part.start for part in found.sections] == (starts if len(starts) > 1 else [])


HOSTILE = {
    "open": "(" * 1_000_000,
    "close": ")" * 1_000_000,
    "pairs": "()" * 300_000,
    "bars": "C|" * 500_000,
    "lines": "|" * 1_000_000,
    "words": "c " * 500_000,
    "one word": "C" * 1_000_000,
    "chord in parentheses": "C(" * 300_000,
    "spaces": " " * 1_000_000,
    "titles": "(title x)" * 110_000,
    "sections": "(section)" * 110_000,
    "deep": "(a " * 199 + ")" * 199 + "C" * 10,
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_sheets_are_quick(name: str) -> None:
    began = time.process_time()
    assert is_one_line(refusal(lambda: parse(HOSTILE[name])))
    assert time.process_time() - began < 2


WORDS = st.sampled_from(
    [
        *("C", "Dm7", "G7/B", "Xyz", "/", "|", "|", "\n", "c8", "NC", "(", ")", "(title x)"),
        *("(section)", "(part (type melody))", "(part (type chords))", "(meter 3 4)", "(key 1)"),
    ]
)


@given(st.lists(WORDS, max_size=40).map(" ".join))
def test_any_sheet_is_read_or_refused(sheet: str) -> None:
    assert is_one_line(refusal(lambda: parse(sheet).bars))
