"""F32: charts of every format that are broken or want to hurt are read or refused, soon."""

from __future__ import annotations

import io
import re
import time
import zipfile

import pytest

from live_improv.charts.reading import tunes_in
from live_improv.charts.text import ChartError
from live_improv.music.changes import Changes
from live_improv.music.chords import ChordSymbolError
from tests.charts.ireal_writing import link
from tests.charts.musicxml_scores import attributes, harmony, rest, score
from tests.charts.refusals import is_one_line
from tests.fuzz.checking import tried
from tests.fuzz.seeds.charts import CONTAINER, SCORES, packed

ENOUGH = {
    "text": (10_000, 1_000),
    "ireal": (10_000, 1_000),
    "page": (10_000, 1_000),
    "musicxml": (10_000, 200),
    "mxl": (5_000, 50),
    "leadsheet": (10_000, 1_000),
}
"""How many inputs, and how many of them at least are read as charts; fewer of zip files,
which take some milliseconds each."""


@pytest.mark.parametrize("name", ENOUGH)
def test_ten_thousand_mutations_are_read_or_refused(name: str) -> None:
    inputs, sound = ENOUGH[name]
    tally = tried(name, inputs)
    assert tally.parsed >= sound, tally.line()
    assert tally.refused >= 1_000, tally.line()


LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10 if i else "ha"}">' for i in range(10))
HOSTILE: dict[str, tuple[str, bytes]] = {
    "billion laughs": ("a.xml", f"<!DOCTYPE a [{LAUGHS}]><a>&l9;</a>".encode()),
    "a file of the system": (
        "a.xml",
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    ),
    "a DTD from the net": (
        "a.xml",
        b'<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x"> %x;]><a/>',
    ),
    "a zip bomb": (
        "a.mxl",
        packed({"META-INF/container.xml": CONTAINER, "a.xml": b" " * 50_000_000}),
    ),
    "a member outside": (
        "a.mxl",
        packed(
            {
                "META-INF/container.xml": CONTAINER.replace(b"a.xml", b"../a.xml"),
                "../a.xml": SCORES[0],
            }
        ),
    ),
    "a member at the root": (
        "a.mxl",
        packed(
            {
                "META-INF/container.xml": CONTAINER.replace(b"a.xml", b"/etc/passwd"),
                "/etc/passwd": SCORES[0],
            }
        ),
    ),
    "elements without end": ("a.xml", b"<a>" * 1_000_000),
    "parentheses without end": ("a.ls", b"(" * 1_000_000),
    "bars without end": ("a.txt", b"C|" * 90_000),
    "repeats of repeats": ("a.txt", b"|: C " * 20_000),
    "a name without end": ("a.txt", b"title: " + b"x" * 190_000 + b"\nC |"),
    "songs without end": ("a.txt", b"irealb://" + b"A=" * 1_000_000),
    "a song without end": ("a.txt", ("irealbook://A=B=C=C=n=" + "[C " * 1_000_000).encode()),
    "nothing but zeros": ("a.txt", bytes(1_000_000)),
    "sixteen megabytes": ("a.txt", b"C | " * 5_000_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_chart_made_to_hurt_is_one_line_within_a_second(name: str) -> None:
    file, data = HOSTILE[name]
    begun = time.process_time()
    with pytest.raises((ChartError, ChordSymbolError)) as caught:
        read(data, file)
    assert time.process_time() - begun < 1.0
    assert is_one_line(str(caught.value))
    assert "root:" not in str(caught.value)


def read(data: bytes, name: str) -> list[Changes]:
    """All tunes of a file."""
    return [tune.changes() for tune in tunes_in(data, name)]


def test_a_member_that_says_it_is_small_is_no_way_round_the_bounds() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("META-INF/container.xml", CONTAINER)
        archive.writestr("a.xml", b"<a>" + b" " * 30_000_000 + b"</a>")
    data = bytearray(out.getvalue())
    size = (30_000_007).to_bytes(4, "little")
    assert data.count(size) == 2
    lies = bytes(data).replace(size, (1_000).to_bytes(4, "little"))
    begun = time.process_time()
    with pytest.raises(ChartError):
        tunes_in(lies, "a.mxl")
    assert time.process_time() - begun < 1.0


BROKEN_IN_BAR_3 = {
    "a.txt": b"C | F | Gfoo | C |",
    "a.ls": b"(title A)\nC | F | Gfoo | C |\n",
    "a.musicxml": score(
        [
            attributes() + harmony("C") + rest(),
            harmony("F") + rest(),
            harmony("G", "foo") + rest(),
            rest(),
        ]
    ),
    "a.html": b'<a href="'
    + link("A=B==Swing=C==1r34LbKcu7[C |F |Gfoo |C Z=x=0=3").encode()
    + b'">',
}


@pytest.mark.parametrize("name", BROKEN_IN_BAR_3)
def test_an_error_names_the_bar(name: str) -> None:
    with pytest.raises((ChartError, ChordSymbolError)) as caught:
        read(BROKEN_IN_BAR_3[name], name)
    assert re.search(r"\bbar 3\b", str(caught.value)), str(caught.value)
