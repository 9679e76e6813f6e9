"""Small solos of ours in every format of text that solos are read from."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from live_improv.corpus_writing import line_of
from live_improv.music.changes import Bar, Changes, ChordSpan, Section
from live_improv.music.chords import parse_chord
from live_improv.music.events import Note
from live_improv.music.solos import Played, Solo
from live_improv.music.timing import Meter, Ticks
from tests.fuzz.seeds import charts
from tests.importing.melospy_files import Record, write_csv
from tests.importing.midi_making import LINE
from tests.importing.test_melospy_csv import MCSV1, MCSV2
from tests.test_corpus import BEATS, INTEGERS, TRANSCRIPTION


def _solo(name: str, bars: int, notes: int, *, played: bool) -> Solo:
    """A line of eighths over bars of three and four."""
    meters = [Meter(3, 4), *[Meter(4, 4)] * (bars - 1)]
    starts = [0]
    for meter in meters:
        starts.append(starts[-1] + meter.bar_ticks)
    symbols = ("F7", "Bb7", "C7(b9,#11)/E", "NC")
    line = [
        Note(Ticks(240 * i + 80 * (i % 3 == 2)), Ticks(150 + i), LINE[i % 16]) for i in range(notes)
    ]
    return Solo(
        id=name,
        split="valid" if played else "train",
        performer="Some Öne",
        title=name,
        notes=tuple(line),
        changes=Changes(
            chords=tuple(
                ChordSpan(Ticks(starts[i]), Ticks(starts[i + 1]), parse_chord(symbols[i % 4]))
                for i in range(bars)
            ),
            bars=tuple(Bar(Ticks(starts[i]), meters[i]) for i in range(bars)),
            sections=(Section(Ticks(0), "A1"), Section(Ticks(starts[1]), "B1")),
            title=name,
            key="F-maj",
            tempo=160.0,
            style="swing",
        ),
        bpm=160.0,
        instrument="ts",
        style="BEBOP",
        feel="SWING",
        played=tuple(Played(Ticks(n.onset + 9), Ticks(200), 90) for n in line) if played else (),
    )


SHORT = _solo("A tune", 3, 10, played=False)
LONG = _solo("Another", 8, 44, played=True)

_HEAD = "(title Ours)(composer Me)(meter 4 4)(key -1)(tempo 160.0)(style swing)\n"
_CHORDS = "(part (type chords) (title ))\n(section (style swing))\nF7 | Bb7 | F7 | Cm7 F7 |\n"
_MELODY = "(part (type melody) (title {}) (composer Somebody) (instrument 66))\n{}\n"
LEADSHEETS = (
    f"{_HEAD}{_CHORDS}{_MELODY.format('One', 'c8 d8/3 eb8/3 f#8/3 r4 g+4+8 bb-2. r1 a16 v90 c4')}"
    f"{_MELODY.format('Two', 'f+4.. r2+4 cb8 b#8 d/5 r e-4 r1 r1')}".encode(),
    f"{_HEAD}{_CHORDS}{_MELODY.format('', 'c8 d8 e8 f8 g8 a8 b8 ' * 8)}".encode(),
    b"(meter 3 4)\nDm7b5 | G7b9 | Cm69 / / | NC |\nf4 a8 bb8 c+2 r1\n",
    *charts.LEADSHEETS,
)
LEADSHEET_TOKENS = (
    *charts.LEADSHEET_TOKENS,
    *(b"r1 ", b"c4 ", b"+8", b"/3", b"/0", b"9999", b"1/999", b"....", b"u4", b"v127", b"c+++++4 "),
    *(
        b"c-----4 ",
        b"(part (type melody))\n",
        b"(title Solo)",
        b"(composer ",
        b"r9999 ",
        b"1+1+1+1",
    ),
)

RECORD: Record = {
    "melid": 1,
    "id": "SomeOne_ATune_FINAL",
    "performer": "Some One",
    "title": "A Tune",
    "instrument": "ts",
    "style": "BEBOP",
    "avg_tempo": 120.0,
    "rhythm_feel": "SWING",
    "key": "F-maj",
    "signature": "4/4",
    "meter": [[0, 4]],
    "beat0": -1,
    "beats_sec": [1 + 0.5 * beat for beat in range(9)],
    "chords": [[0, "F7", "F7"], [4, "Bb79b", "Bb79b"], [6, "F-j7", "F-j7"], [8, "NC", "NC"]],
    "form": [[0, "A1"], [4, "B1"]],
    "chorus": [[0, 1]],
    "notes": [
        *(
            [i / 2, 0.4, LINE[i % 16], 1.5 + 0.25 * i, 0.2, 60.0 + i % 5, i // 2, 2]
            for i in range(12)
        ),
        [6 + 1 / 3, 0.4, 60, 4.7, 0.1, None, 6, 3],
    ],
}
for _note in RECORD["notes"]:
    _note.append(0)  # no phrase begins with it

TRACK = b"=TRACK=\n"
"""Between a table of notes and that of its beats."""


def tables(folder: Path) -> tuple[bytes, ...]:
    """Tables as MeloSpySuite writes them, short ones."""
    whole = {**RECORD, "beat0": 0, "beats_sec": RECORD["beats_sec"][1:]}
    made = []
    for between, comma in ((";", False), ("\t", True)):
        path = write_csv(folder, whole, between=between, comma=comma)
        track = path.with_name(f"{path.stem}_beattrack.csv")
        made.append(path.read_bytes().replace(b"\r", b""))
        made.append(made[-1] + TRACK + track.read_bytes().replace(b"\r", b""))
        path.unlink()
        track.unlink()
    named = MCSV2.replace("chord", "chord;form;title;performer;key;avgtempo;rhythmfeel;style", 1)
    named = named.replace("C7", "C7;A1;A Tune;Me;C-maj;150;SWING;COOL").replace("F7", "F-7;B1;;")
    return *made, MCSV2.encode(), MCSV1.encode(), named.encode()


TABLE_TOKENS = (
    *(b"onset", b"duration", b"pitch", b"bar", b"beat", b"tatum", b"division", b"chord", b"form"),
    *(b"period", b"signature", b"takt", b"ticks", b"durs", b"avgtempo", b"loud_median", b"title"),
    *(
        b"Signature: 4/4, Ticks per Beat: 48\n",
        b"Signature: 0/4, Ticks per Beat: 0\n",
        b"beat_duration",
    ),
    *(b"nan", b"inf", b"-1", b"0", b"1e9", b"999999999", b"-999999999", b"1e-300", b"1e400", b""),
    *(
        b'"',
        b";",
        b",",
        b"\t",
        b"\n",
        b"\r",
        b"\0",
        b"NC",
        b"C79b",
        b"C7;",
        b'"4/4"',
        b"33/4",
        b"0/4",
    ),
    *(
        TRACK,
        b"\xef\xbb\xbf",
        b"\xff",
        b"1,5",
        b"100000",
        b"-100000",
        b"A" * 300,
        "\u202e".encode(),
    ),
)

RECORDS = (json.dumps(INTEGERS), json.dumps(BEATS), json.dumps(TRANSCRIPTION), line_of(SHORT))
"""A line of each schema."""


def corpora() -> tuple[bytes, ...]:
    """Corpora: a byte for how they are packed, see `solo_files.corpus`."""
    lines = [f"{record}\n".encode() for record in RECORDS]
    edits: tuple[Any, ...] = (
        (0, "tempo=140", "notes.1=[24,24,70,0,0]", "first_bar_tick=-24", "chords.1.1=C7", "form"),
        (1, "meter=[[0,4],[4,3]]", "notes.0.3=1.5", "bad_beats=[0]", "durations_from=ioi"),
        (2, "chart_quarters=4", "choruses.0.quarters=8", "style=swing", "signature=3/4"),
        (3, "changes.bars.0=[1,12/8]", "played=[]", "bpm=99.5", "split=", "notes.0.0=40"),
    )
    return (
        *(b"\1" + line for line in lines),
        b"\2" + b"".join(lines),
        b"\0" + gzip.compress(b"".join(lines), mtime=0),
        *(b"\3" + bytes((n,)) + "\n".join(each).encode() for n, *each in edits),
    )


CORPUS_TOKENS = (
    *(
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b"null",
        b"true",
        b"[]",
        b"{}",
        b'""',
        b"1e400",
        b"-1",
        b"0",
    ),
    *(
        b"1e-400",
        b"9" * 40,
        b"100000",
        b"0.5",
        b'"\\ud800"',
        b'"\\u0000"',
        b'"\\u001b[2J"',
        b"[" * 300,
    ),
    *(
        b'"notes"',
        b'"chords"',
        b'"meter"',
        b'"form"',
        b'"ticks_per_beat"',
        b'"changes"',
        b'"played"',
    ),
    *(
        b"\nnotes.0.",
        b"\nchords.0.",
        b"\nmeter.0.",
        b"\nform.0=",
        b"\nchanges.",
        b"\nbars.0",
        b"=",
        b".",
    ),
    *(
        b"\nbpm=",
        b"\ntempo=",
        b"\nfirst_bar_tick=",
        b"\nchoruses.0.",
        b"\nchart_quarters=",
        b"\nplayed.0",
    ),
    *(b"N.C.", b"3/4", b"0/4", b"33/1", b"\n", b"\xff", b"\0", b"\nnotes=[]", b"\nid=", b"[[0,4]]"),
)
