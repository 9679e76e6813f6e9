"""One small tune of ours in every format that charts are read from."""

from __future__ import annotations

import io
import zipfile

from tests.charts.ireal_writing import fields, link
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
    words,
)

TEXTS = (
    b"title: A start\nkey: F\ntempo: 132\ntime: 4/4\nstyle: swing\nform: blues\n[A]\n"
    b"F7 | Bb7 | F7 | Cm7 F7 |\nGm7 | C7 | F7 D7b9 | Gm7 / C7 C7(b9,#5) |\n",
    b"time: 3/4\n[A] |: Cm7 | F7 | 1. Bbmaj7 | % :| 2. BbM7 | N.C. |\n"
    b"[]\ntime: 6/8\n| | E\\FM7 / |\n",
    "C\u0394 | D\u00f87 G7alt/B | \u266d | :|\n".encode(),
)
TEXT_TOKENS = (
    *(b"|:", b":|", b"||", b"1.", b"2.", b"[A]", b"[", b"]", b"%", b"/", b"(", b")", b"#", b"N.C."),
    *(b"title:", b"tempo: 1e9", b"tempo: -1", b"time: 0/4", b"time: 99/128", b"key:", b"Cm7b5"),
    *(b"(b9,#5)", b"\\", b"\n", b"\x1b[31m", b"\xef\xbb\xbf", b"\xff\xfe", b"\0", b"irealb://"),
    *("♭9".encode(), "\u2028".encode(), "\u202e".encode(), b"C6/9/E", b"7sus4", b"<", b"(title"),
)

_IREAL = (
    "{*AT44C^7   |A-7   |D-9   |G7#5   }[*BT34F-7   |Bb7   |N1Eh7   |A7b9   ]N2D-7   |Q x  | n ||",
    "[T44SF7   | p   |LZ(C7)D-7 G7XyQ|Kcl|r| <D.C. al Coda>Q[C6   ZU",
    "*i{T12 C-^7 W/G l,A7sus,|sD-7,G7b9,lE-7,A7|f   <4x>}Y[T24Bb^7 Z",
)
LINKS = (
    link(fields("A tune", _IREAL[0], tempo="120", key="A-")).encode(),
    link(fields("One", _IREAL[1]), fields("Two", _IREAL[2]), name="A list").encode(),
    f"irealbook://Three=Us Three=Swing=C=n={_IREAL[0]}".encode(),
    _IREAL[0].encode(),
    _IREAL[1].encode(),
)
LINK_TOKENS = (
    *(b"irealb://", b"irealbook://", b"1r34LbKcu7", b"===", b"=", b"%3D", b"%25", b"%F0", b"%"),
    *(b"*A", b"T44", b"T00", b"N1", b"N2", b"N0", b"{", b"}", b"[", b"]", b"Z", b"S", b"Q", b"U"),
    *(
        b"<D.S. al Coda>",
        b"<D.C. al Fine>",
        b"<Fine>",
        b"<3x>",
        b"Kcl",
        b"LZ",
        b"XyQ",
        b" x ",
        b"r",
    ),
    *(b"W/C", b"n", b"p", b"l", b"s", b"(A7)", b"f", b"Y", b",", b"|", b"^7", b"-7b5", b"\n", b"<"),
)


def page(of: bytes) -> bytes:
    """A link in a page, as the app exports it."""
    return b'<html><body><a href="' + of.replace(b'"', b"%22") + b'">A</a></body></html>'


PAGES = tuple(page(each) for each in LINKS[:3])
PAGE_TOKENS = (*LINK_TOKENS, b'href="', b'"', b"'", b"&amp;", b"&#0;", b"&#x110000;", b"&lt;")

SCORES = (
    score(
        [
            attributes(2, more="<key><fifths>-3</fifths><mode>minor</mode></key>")
            + direction("<rehearsal>A</rehearsal>", 'tempo="120"')
            + harmony("G", "dominant", [("alter", 5, 1)]) + rest(2),
            forward() + direction("<segno/>", 'segno="s"')
            + harmony("C", "minor", bass="Eb") + rest(8),
            begin("1, 2") + harmony("Ab", "major-seventh") + rest(8) + backward(ending="1, 2"),
            begin("3") + harmony("D", "half-diminished", offset="2") + rest(8)
            + words("To Coda", 'tocoda="c"') + close("3"),
            "<attributes><time><beats>3</beats><beat-type>4</beat-type></time></attributes>"
            + harmony("F", "none", text="N.C.") + rest(6) + words("D.S. al Coda", 'dalsegno="s"'),
            direction("<coda/>", 'coda="c"')
            + "<attributes><measure-style><measure-repeat type='start'>1</measure-repeat>"
            + "</measure-style></attributes>" + rest(6),
            harmony("C", "other", [("add", 11, 0)], text="7alt") + rest(4),
        ],
        numbers="0123456",
        implicit=[0, 6],
        head="<work><work-title>A tune</work-title></work>",
    ),
    score([attributes() + harmony("C", "dominant") + rest(), rest() + words("Fine")]),
    b"<score-timewise><measure number='1'><part id='P1'>"
    + (attributes() + harmony("B", "minor-seventh") + rest()).encode()
    + b"</part></measure></score-timewise>",
)  # fmt: skip
SCORE_TOKENS = (
    *(
        b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
        b"<!ENTITY x SYSTEM 'file:///etc/passwd'>",
        b"&x;",
        b"&#0;",
    ),
    *(
        b'<ending number="1" type="start"/>',
        b'<repeat direction="backward" times="99"/>',
        b"<![CDATA[",
    ),
    *(
        b"<divisions>0</divisions>",
        b"<backup><duration>9</duration></backup>",
        b"<note>",
        b"<harmony>",
    ),
    *(
        b"<beats>0</beats>",
        b"<beats>3+2</beats>",
        b"<degree>",
        b"<duration>-1</duration>",
        b"1e999",
    ),
    *(b"0", b"-1", b"99999999999", b"0.0000001", b"yes", b"stop", b"discontinue", b"D.C. al Coda"),
    *(b"<?xml version='1.0' encoding='utf-7'?>", b"<?xml encoding='UTF-16'?>", b"\xff\xfe", b"]]>"),
    *(b"Tristan", b"none", b"subtract", b"dominant-13th", b"\n", b"<a>" * 60, b"xmlns:a='b'"),
)

CONTAINER = (
    b'<container><rootfiles><rootfile full-path="a.xml" '
    b'media-type="application/vnd.recordare.musicxml+xml"/></rootfiles></container>'
)
BOUNDARY = b"\0\0\0"
"""Between the container and the score of an input that is packed while it is tried."""


def packed(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members.items():
            # A fixed date: the same seeds each time.
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return out.getvalue()


def _bomb() -> bytes:
    """A score of spaces that is packed a thousand to one."""
    return packed({"META-INF/container.xml": CONTAINER, "a.xml": b" " * 600_000})


ARCHIVES = (
    b"\0" + packed({"META-INF/container.xml": CONTAINER, "a.xml": SCORES[0]}),
    b"\0" + packed({"META-INF/container.xml": CONTAINER, "a.xml": SCORES[1]}, zipfile.ZIP_STORED),
    b"\0" + _bomb(),
    b"\1" + CONTAINER + BOUNDARY + SCORES[0],
    b"\1" + CONTAINER + BOUNDARY + SCORES[2],
)
ARCHIVE_TOKENS = (
    *(
        b"PK\x03\x04",
        b"PK\x01\x02",
        b"PK\x05\x06",
        b"\xff\xff\xff\xff",
        b"../a.xml",
        b"/etc/passwd",
    ),
    *(b"META-INF/container.xml", BOUNDARY, b"PK\x06\x06", b"PK\x06\x07", b"\x0c\0", b"\x0e\0"),
    *SCORE_TOKENS,
)

LEADSHEETS = (
    b"(title A Blues (in F))\n(composer )\n(meter 4 4)\n(key -1)\n(tempo 180.0)\n(style swing\n"
    b"    (swing 0.67)\n    (chord-base c- e- g-)\n)\n(part\n    (type chords)\n    (title Us)\n)\n"
    b"(section (style swing))\nF13 Bo7 | Bb13 | F13 / Cm9 F7b9 | NC |\n(section (type new-line))\n"
    b"Gm7 | C7#5#9/E | / | F6 |\n(part (type melody))\nf4 a8 bb8 c+2 r1\n",
    b"(meter 3 4)\nDm7b5 | G7b9 | Cm69 / / | Bb\\AM7 |\n",
)
LEADSHEET_TOKENS = (
    *(
        b"(",
        b")",
        b"|",
        b"/",
        b"(section",
        b"(part",
        b"(type melody)",
        b"(type chords)",
        b"(phrase",
    ),
    *(b"(meter 0 4)", b"(meter 7 8)", b"(key 99)", b"(tempo 1e9)", b"(title", b"NC", b"C7", b"\\"),
    *(b"(" * 300, b"bass", b"\xff", b"\0", "♯".encode(), b"\n", b"(style"),
)
