"""Files of MusicXML as bytes: what XML is let in, what an .mxl may hold, damaged files."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from live_improv.charts import musicxml_tree, mxl
from live_improv.charts.musicxml import read
from live_improv.charts.text import ChartError
from live_improv.music.changes import Changes
from tests.charts.musicxml_scores import (
    attributes,
    backward,
    begin,
    close,
    direction,
    forward,
    harmony,
    rest,
    score,
    tune,
    words,
)
from tests.charts.refusals import refusal

CONTAINER = (
    '<?xml version="1.0" encoding="UTF-8"?><container><rootfiles>'
    '<rootfile full-path="{0}" media-type="application/vnd.recordare.musicxml+xml"/>'
    "</rootfiles></container>"
)
TUNE = tune(harmony("C", "major-seventh") + rest(), harmony("G", "dominant") + rest())


def packed(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def container(path: str) -> bytes:
    """A container.xml that names a score."""
    return CONTAINER.format(path).encode()


def symbols(changes: Changes) -> list[str]:
    """The chords of a tune."""
    return [span.chord.symbol for span in changes.chords]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("path", ["score.xml", "folder/a tune.musicxml", "Für Elise.xml"])
def test_a_packed_score(method: int, path: str) -> None:
    files = {"mimetype": b"x", "META-INF/container.xml": container(path), path: TUNE}
    assert symbols(read(packed(files, method), "tune.mxl")) == ["Cmaj7", "G7"]
    # The name decides nothing.
    assert symbols(read(packed(files, method), "tune.xml")) == ["Cmaj7", "G7"]


def test_the_first_score_of_a_container_is_read() -> None:
    both = (
        container("a.pdf")
        .replace(b"musicxml+xml", b"pdf")
        .replace(
            b"</rootfiles>",
            b'<rootfile full-path="a.xml"/><rootfile full-path="b.xml"/></rootfiles>',
        )
    )
    files = {"META-INF/container.xml": both, "a.pdf": b"?", "a.xml": TUNE, "b.xml": b"<no/>"}
    assert symbols(read(packed(files), "x")) == ["Cmaj7", "G7"]


BOMB = {"META-INF/container.xml": container("a.xml"), "a.xml": bytes(100_000_000)}


def lying() -> bytes:
    """A zip whose table says that a large file is small."""
    data = packed({"META-INF/container.xml": container("a.xml"), "a.xml": bytes(5_000_000)})
    return data.replace((5_000_000).to_bytes(4, "little"), (500).to_bytes(4, "little"))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: packed(BOMB), "'a.xml' has 100000000 bytes: expected at most 4000000"),
        (
            lambda: packed(BOMB | {"a.xml": bytes(3_900_000)}),
            "'a.xml' is packed over 400 to 1",
        ),
        (lying, "the .mxl cannot be unpacked: Bad CRC"),
        (lambda: packed({"a.xml": TUNE}), "'META-INF/container.xml' is missing in the .mxl"),
        (lambda: packed({"META-INF/container.xml": container("a.xml")}), "'a.xml' is missing"),
        (
            lambda: packed({"META-INF/container.xml": b"<x/>"}),
            "META-INF/container.xml names no Mus",
        ),
        (lambda: packed({"META-INF/container.xml": b"<x"}), "not well-formed XML"),
        (lambda: packed({str(i): b"" for i in range(1001)}), "the .mxl has over 1000 files"),
        (
            lambda: packed({"META-INF/container.xml": bytes(20_001)}, 0),
            "'META-INF/container.xml' has",
        ),
        (
            lambda: packed({"META-INF/container.xml": container("a.xml"), "a.xml": TUNE}, 12),
            "'META-INF/container.xml' is packed by method 12: expected deflate",
        ),
        (lambda: packed({"a": b""})[:-4], "the .mxl cannot be unpacked: File is not a zip file"),
        (lambda: b"PK\x03\x04", "the .mxl cannot be unpacked"),
        (
            lambda: b"PK\x03\x04" + bytes(mxl.MAX_MXL),
            "the file has 4000004 bytes: expected at most",
        ),
    ],
)
def test_zip_files_that_are_refused(make: Callable[[], bytes], message: str) -> None:
    with pytest.raises(ChartError) as caught:
        read(make(), "x.mxl")
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("path", ["../a.xml", "/etc/passwd", "a/../../b.xml", "..\\a.xml", ""])
def test_paths_out_of_the_container_are_refused(path: str) -> None:
    files = {"META-INF/container.xml": container(path), "a.xml": TUNE}
    with pytest.raises(ChartError, match=r"names .*: expected a file in the \.mxl"):
        read(packed(files), "x.mxl")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_that_is_there_twice_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in (("META-INF/container.xml", container("a.xml")), ("a.xml", TUNE)):
            archive.writestr(name, content)
        archive.writestr("a.xml", TUNE)
    with pytest.raises(ChartError, match=r"'a\.xml' is there twice"):
        read(buffer.getvalue(), "x.mxl")


def test_an_encrypted_score_is_refused() -> None:
    data = bytearray(packed({"META-INF/container.xml": container("a.xml"), "a.xml": TUNE}))
    # Bit 0 of the flags of each entry, in the table and before its content.
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + place] |= 1
            at = data.find(mark, at + 1)
    with pytest.raises(ChartError, match="encrypted"):
        read(bytes(data), "x.mxl")


def test_names_in_a_damaged_file_do_not_make_its_error_long() -> None:
    data = bytearray(packed({"META-INF/container.xml": container("a.xml"), "a.xml": TUNE}))
    # Behind the second name, that of the score, 2,000 bytes are said to belong to it.
    at = data.find(b"PK\x03\x04", 4)
    data[at + 26 : at + 28] = (2_000).to_bytes(2, "little")
    data[at + 30 : at + 30] = b"x" * 2_000
    end = data.rfind(b"PK\x05\x06")
    data[end + 16 : end + 20] = data.find(b"PK\x01\x02").to_bytes(4, "little")
    said = refusal(lambda: read(bytes(data), "x.mxl"))
    assert "cannot be unpacked" in said
    assert len(said) < 300


LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10 if i else "ha"}">' for i in range(10))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (f"<!DOCTYPE x [{LAUGHS}]><x>&l9;</x>", "the DOCTYPE has declarations of its own"),
        ('<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>', "the DOCTYPE has"),
        ('<!DOCTYPE x [<!ENTITY % p SYSTEM "http://x/">%p;]><x/>', "the DOCTYPE has declarations"),
        ('<!DOCTYPE x SYSTEM "file:///etc/passwd"><x>&f;</x>', "the XML uses the entity 'f'"),
        ("<x>&f;</x>", "not well-formed XML: undefined entity"),
        ("<a>" * 50, "elements over 40 deep"),
        ("<x><y></x>", "not well-formed XML: mismatched tag"),
        ("", "not well-formed XML: no element found"),
        ("hello", "not well-formed XML"),
        ('<?xml version="1.0" encoding="klingon"?><x/>', "the encoding of the XML is not known"),
        ('<?xml version="1.0" encoding="utf-7"?><x/>', "the encoding of the XML is not known"),
        ("<x>" + "<y/>" * 200_000 + "</x>", "the score has over 200000 elements"),
        (" " * 4_000_001, "the score has 4000001 bytes: expected at most 4000000"),
        ("<x>\0</x>", "not well-formed XML"),
    ],
)
def test_xml_that_is_refused(data: str, message: str) -> None:
    with pytest.raises(ChartError) as caught:
        musicxml_tree.parse_tree(data.encode())
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_encodings(encoding: str) -> None:
    text = TUNE.decode().replace("UTF-8", encoding.removesuffix("-sig").upper())
    text = text.replace("<part-list>", "<movement-title>Été</movement-title><part-list>")
    changes = read(text.encode(encoding), "x")
    assert (changes.title, symbols(changes)) == ("Été", ["Cmaj7", "G7"])


def test_numbers_of_no_proportion_are_refused() -> None:
    for text in ("1" * 400_000, "1e999999", "0x10", "١", "1/3", "nan", "--1", "1." + "0" * 40_000):
        with pytest.raises(ChartError, match="expected a number"):
            musicxml_tree.decimal(text, "it")


# Damage ------------------------------------------------------------------------------------

RICH = score(
    [
        attributes(2, more="<key><fifths>-3</fifths><mode>minor</mode></key>")
        + direction("<rehearsal>A</rehearsal>", 'tempo="120"')
        + harmony("G", "dominant", [("alter", 5, 1)])
        + rest(2),
        forward() + direction("<segno/>", 'segno="s"') + harmony("C", "minor", bass="Eb") + rest(8),
        begin("1, 2") + harmony("Ab", "major-seventh", text="maj7") + rest(8)
        + backward(ending="1, 2"),
        begin("3") + harmony("D", "half-diminished", offset="2") + rest(8)
        + words("To Coda", 'tocoda="c"') + close("3"),
        "<attributes><time><beats>3</beats><beat-type>4</beat-type></time></attributes>"
        + harmony("F", "none", text="N.C.") + rest(6) + words("D.S. al Coda", 'dalsegno="s"'),
        direction("<coda/>", 'coda="c"')
        + "<attributes><measure-style><measure-repeat type='start'>1</measure-repeat>"
        + "</measure-style></attributes>" + rest(6),
        harmony("C", "minor-ninth", [("subtract", 5, 0), ("add", 11, 0)]) + rest(4),
    ],
    numbers="0123456",
    implicit=[0, 6],
    head="<work><work-title>A tune</work-title></work>",
)  # fmt: skip
WHOLE = (RICH, packed({"META-INF/container.xml": container("a.xml"), "a.xml": RICH}))


def test_the_score_that_is_damaged_is_a_good_one() -> None:
    changes = read(RICH, "x")
    assert symbols(changes) == [
        *("Cm/Eb", "Abmaj7", "Cm/Eb", "Abmaj7", "Cm/Eb", "Dm7b5", "N.C."),
        *("Cm/Eb", "Dm7b5", "N.C.", "Cm11no5", "G7#5"),
    ]
    assert symbols(read(WHOLE[1], "x")) == symbols(changes)


def damaged(data: bytes, chance: random.Random) -> bytes:
    """The bytes with some changed, left out, doubled or cut off."""
    for _ in range(chance.randint(1, 4)):
        at, length = chance.randrange(len(data) + 1), chance.randint(1, 40)
        data = chance.choice(
            (
                data[:at] + chance.randbytes(length % 4 + 1) + data[at + length % 4 + 1 :],
                data[:at] + data[at + length :],
                data[:at] + data[at : at + length] * 2 + data[at + length :],
                data[:at],
            )
        )
    return data


def altered(data: bytes, chance: random.Random) -> bytes:
    """The score with elements left out, doubled or moved, and values of another place."""
    root = ElementTree.fromstring(data)
    for _ in range(chance.randint(1, 6)):
        parents = [each for each in root.iter() if len(each)]
        if not parents:
            break
        parent = chance.choice(parents)
        child = chance.choice(list(parent))
        kind = chance.randrange(5)
        if kind == 0:
            parent.remove(child)
        elif kind == 1:
            parent.insert(chance.randint(0, len(parent)), child)
        elif kind == 2:
            other = chance.choice(parents)
            if child not in list(other.iter()) and other not in list(child.iter()):
                other.insert(chance.randint(0, len(other)), child)
        elif kind == 3 and child.attrib:
            child.set(chance.choice(list(child.attrib)), chance.choice(VALUES))
        else:
            leaf = chance.choice([each for each in child.iter() if not len(each)])
            leaf.text = chance.choice(VALUES)
    return ElementTree.tostring(root)


VALUES = (
    *("", "0", "-1", "1", "2", "3", "13", "99999", "1e9", "0.5", "yes", "no", "start", "stop"),
    *("forward", "backward", "add", "alter", "subtract", "none", "other", "dominant-13th", "B"),
    *("Tristan", "D.C. al Coda", "D.S.", "Fine", "To Coda", "x" * 300, "♭", "7alt", "left"),
)


def settled(data: bytes) -> Changes | None:
    """What is read of a file, None where it is refused in one line; any other error is one."""
    said = ""
    try:
        changes = read(data, "x.mxl")
    except ChartError as error:
        said = str(error)
    if said:
        assert "\n" not in said
        return None
    assert changes.chords[-1].end == changes.length
    assert changes.length == sum(bar.meter.bar_ticks for bar in changes.bars)
    return changes


@settings(max_examples=300)
@given(st.sampled_from(WHOLE), st.integers(0, 2**32))
def test_a_damaged_file_is_a_chart_or_an_error(data: bytes, seed: int) -> None:
    settled(damaged(data, random.Random(seed)))


@settings(max_examples=300)
@given(st.integers(0, 2**32))
def test_an_altered_score_is_a_chart_or_an_error(seed: int) -> None:
    settled(altered(RICH, random.Random(seed)))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_chart_or_an_error(data: bytes) -> None:
    assert settled(data) is None
    assert settled(b"PK\x03\x04" + data) is None
    assert settled(b"<score-partwise>" + data) is None
