"""Charts of any format: which one it is, which tune of several, and in which key."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.assets import AssetError, chart_names
from live_improv.charts.reading import MAX_FILE, chosen, moved, read_chart, tunes_in, tunes_of
from live_improv.charts.text import ChartError
from live_improv.charts.writing import written
from live_improv.music.chords import ChordSymbolError
from live_improv.music.transposing import KeyNameError
from tests.charts.ireal_writing import fields, link
from tests.charts.refusals import is_one_line, refusal
from tests.charts.test_text import by_bar, spans

TEXT = "title: Mine\nkey: F\nF7 | Bb7\n"
SHEET = "(title Mine)(key -1)\nF7 | Bb7 |"
SONG = fields("Mine", "[T44F7   |Bb7   Z", key="F")
PAGE = f'<html><body><a href="{link(SONG)}">Mine</a></body></html>'
XML = """<?xml version="1.0" encoding="UTF-8"?>
<score-partwise version="4.0"><work><work-title>Mine</work-title></work>
<part-list><score-part id="P1"><part-name>x</part-name></score-part></part-list>
<part id="P1"><measure number="1"><attributes><divisions>1</divisions>
<key><fifths>-1</fifths><mode>major</mode></key><time><beats>4</beats><beat-type>4</beat-type></time>
</attributes><harmony><root><root-step>F</root-step></root><kind>dominant</kind></harmony>
<note><rest/><duration>4</duration></note></measure>
<measure number="2"><harmony><root><root-step>B</root-step><root-alter>-1</root-alter></root>
<kind>dominant</kind></harmony><note><rest/><duration>4</duration></note></measure></part>
</score-partwise>"""


def packed() -> bytes:
    """The score as an .mxl file."""
    container = '<container><rootfiles><rootfile full-path="a.xml"/></rootfiles></container>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("META-INF/container.xml", container)
        archive.writestr("a.xml", XML)
    return out.getvalue()


FILES = {
    "a.txt": TEXT.encode(),
    "bom.txt": b"\xef\xbb\xbf" + TEXT.encode(),
    "no_ending": TEXT.encode(),
    "comment.txt": f"# from {link(SONG)}\n{TEXT}".encode(),
    "a.ls": SHEET.encode(),
    "sheet": SHEET.encode(),
    "a.html": PAGE.encode(),
    "page": PAGE.encode(),
    "link.txt": f"{link(SONG)}\n".encode(),
    "book.txt": b"irealbook://Mine=Me=Swing=F=n=[T44F7   |Bb7   Z",
    "a.musicxml": XML.encode(),
    "a.xml": XML.encode(),
    "score": XML.encode(),
    "wide.xml": XML.replace("UTF-8", "UTF-16").encode("utf-16"),
    "a.mxl": packed(),
    "zipped": packed(),
}


@pytest.mark.parametrize("name", FILES)
def test_what_a_file_is_is_told_by_what_is_in_it(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(FILES[name])
    (tune,) = tunes_of(str(tmp_path / name))
    changes = tune.changes()
    assert (tune.title, changes.title, changes.key[:1]) == ("Mine", "Mine", "F")
    assert spans(changes) == [(0, "F7"), (1920, "Bb7")]


def test_a_link_is_a_chart() -> None:
    assert spans(read_chart(f" {link(SONG)}")) == [(0, "F7"), (1920, "Bb7")]


@pytest.mark.parametrize("name", chart_names())
def test_charts_that_come_along_are_read_by_name(name: str) -> None:
    changes = read_chart(name)
    assert changes.title
    assert tunes_in(written(changes).encode())[0].changes() == changes


LIST = link(fields("Blue", "C Z"), fields("Blue Too", "F Z"), fields("Red", "G |H Z"), name="L")


@pytest.mark.parametrize(
    ("tune", "head"), [("1", "C"), ("2", "F"), ("blue", "C"), ("TOO", "F"), (" Blue Too ", "F")]
)
def test_a_tune_is_chosen_by_number_or_title(tune: str, head: str) -> None:
    assert read_chart(LIST, tune).chords[0].chord.symbol == head


def test_a_broken_tune_does_not_keep_the_others_from_being_read() -> None:
    with pytest.raises(ChartError, match=r"^Red: bar 2: 'H Z'"):
        read_chart(LIST, "3")


ALL = "1 Blue, 2 Blue Too, 3 Red"


@pytest.mark.parametrize(
    ("tune", "message"),
    [
        (None, f"3 tunes: expected the number or the title of one: {ALL}"),
        ("0", f"tune '0': expected one of {ALL}"),
        ("4", f"tune '4': expected one of {ALL}"),
        ("green", f"tune 'green': expected one of {ALL}"),
        ("", f"tune '': expected one of {ALL}"),
        ("lu", "tune 'lu': 2 match: expected one of 1 Blue, 2 Blue Too"),
    ],
)
def test_a_choice_that_is_none_names_the_tunes(tune: str | None, message: str) -> None:
    with pytest.raises(ChartError) as caught:
        chosen(tunes_of(LIST), tune)
    assert str(caught.value) == message


def test_of_many_tunes_a_dozen_are_named() -> None:
    many = link(*(fields(f"Tune {number}", "C Z") for number in range(500)))
    with pytest.raises(ChartError, match=r"^500 tunes: .* 12 Tune 11 and 488 more$"):
        read_chart(many)
    assert read_chart(many, "Tune 499").title == "Tune 499"


@pytest.mark.parametrize(
    ("transpose", "key", "heads"),
    [
        (None, "F", "F7 Bb7"),
        (2, "G", "G7 C7"),
        ("2", "G", "G7 C7"),
        ("-2", "Eb", "Eb7 Ab7"),
        ("+11", "E", "E7 A7"),
        ("Bb", "Bb", "Bb7 Eb7"),
        ("Gm", "G", "G7 C7"),
        (0, "F", "F7 Bb7"),
    ],
)
def test_a_chart_is_read_in_another_key(
    tmp_path: Path, transpose: str | int | None, key: str, heads: str
) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    changes = read_chart(str(tmp_path / "a.txt"), transpose=transpose)
    assert changes.key == key
    assert by_bar(written(changes)) == heads.split()


@pytest.mark.parametrize(
    ("transpose", "error", "message"),
    [
        (12, ChartError, "transposition 12: expected -11 to 11 semitones, or a key"),
        ("-12", ChartError, "transposition -12: expected -11 to 11"),
        ("H", KeyNameError, "key 'H': expected a note such as Bb, or semitones, -11 to 11"),
        ("", KeyNameError, "key ''"),
        ("D", KeyNameError, "key 'D': the chart does not say its own key"),
    ],
)
def test_a_key_that_is_none(transpose: str | int, error: type[Exception], message: str) -> None:
    changes = tunes_in(b"C | F")[0].changes()
    with pytest.raises(error) as caught:
        moved(changes, transpose)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.txt", b"\xff\x00", "is not"),
        ("a.txt", b"caf\xe9", "a.txt: byte 3 is not text: expected UTF-8"),
        ("a.txt", b"", "a.txt: the chart has no bars"),
        ("a.ls", b"", "a.ls: the lead sheet has no chords"),
        ("a.html", b"<html></html>", "a.html: no song: expected an irealb://"),
        ("a.xml", b"<nothing", "a.xml: "),
        ("a.mxl", b"PK\x03\x04", "a.mxl: "),
        ("a.mxl", b"C | F", "a.mxl: "),
        ("a.txt", b"x" * (MAX_FILE + 1), "a.txt: larger than 16 MB, not a chart"),
    ],
)
def test_what_is_no_chart_is_said_in_a_line(
    tmp_path: Path, name: str, data: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises((ChartError, ChordSymbolError)) as caught:
        read_chart(str(tmp_path / name))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_not_there() -> None:
    with pytest.raises(AssetError, match="no chart 'nowhere'"):
        read_chart("nowhere")
    with pytest.raises(ChartError, match=r"expected a file, irealb://"):
        read_chart("https://example.org/chart")
    with pytest.raises(ChartError, match=r"expected a file, irealb://"):
        read_chart("Title=Composer==" * 1000)


@given(st.binary(max_size=200), st.sampled_from(["a", "a.ls", "a.html", "a.xml", "a.mxl"]))
def test_any_bytes_are_read_or_refused(data: bytes, name: str) -> None:
    assert is_one_line(refusal(lambda: tunes_in(data, name)))


def test_text_as_windows_may_save_it() -> None:
    written = "title: Blåa\nC7 | F7\n"
    (tune,) = tunes_in(written.encode("utf-16"), "mine.txt")
    assert tune.changes() == tunes_in(written.encode("utf-8-sig"), "mine.txt")[0].changes()
