"""Small solos as MusicXML: of our own writer, and what other programs write."""

from __future__ import annotations

from functools import cache

from live_improv.importing.score_export import to_musicxml
from tests.charts.musicxml_scores import (
    attributes,
    backward,
    begin,
    close,
    forward,
    harmony,
    rest,
    score,
    words,
)
from tests.fuzz.seeds import charts
from tests.fuzz.seeds.solos import LONG, SHORT


def _note(pitch: str, duration: int = 1, more: str = "", played: str = "") -> str:
    """A note such as `Bb4`; `more` stands behind its duration."""
    alter = pitch.count("#") - pitch.count("b")
    return (
        f"<note{played}><pitch><step>{pitch[0]}</step><alter>{alter}</alter>"
        f"<octave>{pitch[-1]}</octave></pitch><duration>{duration}</duration>{more}</note>"
    )


_CHORDAL = _note("E4", 2, "<voice>1</voice>") + _note("G4", 2).replace("<pitch>", "<chord/><pitch>")
_TUPLET = (
    "<voice>1</voice><type>eighth</type><time-modification><actual-notes>3</actual-notes>"
    "<normal-notes>2</normal-notes></time-modification>"
)


@cache
def written_scores() -> tuple[bytes, ...]:
    """Scores that are right."""
    return (
        to_musicxml(SHORT),
        score(
            [
                attributes(12, more="<key><fifths>-1</fifths></key>")
                + words("Swing", 'tempo="140"')
                + harmony("F", "dominant")
                + "".join(_note(each, 4, _TUPLET) for each in ("F4", "A4", "C5"))
                + _note("Eb5", 36, '<tie type="start"/>', ' attack="1" release="-2"'),
                forward() + harmony("Bb", "dominant") + _note("Eb5", 24, '<tie type="stop"/>')
                + "<backup><duration>24</duration></backup>" + _note("C3", 24, "<voice>2</voice>")
                + rest(24),
                begin("1") + harmony("C", "minor", offset="6") + _CHORDAL.replace(">2<", ">48<")
                + backward(ending="1"),
                begin("2") + "<note><grace/><pitch><step>D</step><octave>5</octave></pitch></note>"
                + _note("D5", 48) + close("2"),
            ],
            [
                attributes(2) + "<note><rest/><duration>8</duration></note>",
                *(_note("F2", 2) + _note("A2", 2) + _note("C3", 2) + _note("D3", 2),) * 3,
            ],
        ),
        # A tenor part with a pickup, in three.
        score(
            [
                attributes(4, "3/4", "<transpose><diatonic>-1</diatonic><chromatic>-2</chromatic>"
                "<octave-change>-1</octave-change></transpose>") + _note("G4", 2) + _note("A4", 2),
                harmony("D", "minor-seventh") + _note("B4", 6) + _note("C5", 6),
                harmony("G", "dominant", text="7alt") + _note("D5", 12),
            ],
            implicit=[0],
        ),
        score([attributes() + _note("C4"), _note("D4", 4), _note("E4", 2) + rest(2)]),
    )  # fmt: skip


def solo_scores() -> tuple[bytes, ...]:
    """Scores as text, and after the byte 3 the number of one with changes."""
    edits = (
        "9 text 5\n20 set type=stop",
        "31 drop\n12 twice",
        "25 text -1\n26 over",
        "14 tag forward\n7 into",
    )
    return (
        *written_scores(),
        to_musicxml(LONG),
        *(b"\3" + bytes((n,)) + each.encode() for n, each in enumerate(edits)),
    )


SCORE_TOKENS = (
    *charts.SCORE_TOKENS,
    *(
        b" text ",
        b" drop\n",
        b" twice\n",
        b" over\n",
        b" tag ",
        b" set ",
        b" into\n",
        b"\n1",
        b"\n2",
        b"\n3",
    ),
    *(
        b"<chord/>",
        b"<grace/>",
        b"<cue/>",
        b"<rest/>",
        b'<tie type="start"/>',
        b"<unpitched/>",
        b"<dot/>",
    ),
    *(
        b"note",
        b"chord",
        b"pitch",
        b"duration",
        b"voice",
        b"staff",
        b"divisions",
        b"octave",
        b"attack=9",
    ),
    *(
        b"release=-999",
        b"dynamics=1e9",
        b"type=start",
        b"9",
        b"10",
        b"999999",
        b"0.5",
        b"1/3",
        b"16",
        b"H",
    ),
)
