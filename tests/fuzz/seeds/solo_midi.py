"""Solos as MIDI, a line of text for each event, and the files they are.

d 96                 ticks a quarter
T                    a track
n TICK LENGTH PITCH VELOCITY CHANNEL
x KIND TICK TEXT     a text: 1 words, 3 a name, 6 a marker, 7 a cue
t TICK MICROSECONDS, s TICK BEATS POWER, k TICK SHARPS MINOR, p TICK PROGRAM CHANNEL
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from live_improv.importing.midi_export import Manner, to_midi
from live_improv.music.form_marks import FormMark
from live_improv.music.score import IMPROVISER, PLAYER
from live_improv.music.timing import Ticks
from tests.fuzz.seeds.midi import END, chunk, header
from tests.fuzz.seeds.solos import LONG, SHORT
from tests.importing.midi_making import Played, comping, eighths, midi_file, part, walking

CHART = b"=CHART=\n"
"""Before the text of a chart that lies beside the file."""

_TICKS = 96
_NUMBER = re.compile(rb"-?[0-9]{1,9}")
_MOST_LINES = 3_000


def file_of(text: bytes) -> bytes:
    """The file of some lines; what cannot be said is left out."""
    division, tracks = _TICKS, [_Track()]
    for line in text.split(b"\n")[:_MOST_LINES]:
        kind, _, rest = line.partition(b" ")
        numbers = [int(each) for each in _NUMBER.findall(rest)[:5]]
        if kind == b"T":
            tracks.append(_Track())
        elif kind == b"d" and numbers:
            division = numbers[0] & 0x7FFF or _TICKS
        elif kind == b"x" and len(numbers) > 1:
            words = rest.split(b" ", 2)[2] if rest.count(b" ") > 1 else b""
            tracks[-1].meta(numbers[1], numbers[0] & 0x7F, words[:100])
        elif numbers:
            tracks[-1].add(kind, numbers + [0] * 4)
    head = header(1, len(tracks), division)
    return head + b"".join(chunk(each.body()) for each in tracks)


class _Track:
    """The events of a track by tick."""

    def __init__(self) -> None:
        self.events: list[tuple[int, bytes]] = []

    def add(self, kind: bytes, numbers: Sequence[int]) -> None:
        """Add what a line says."""
        tick, two, three, four, five = numbers[:5]
        match kind:
            case b"n":
                channel, pitch = five & 0x0F, three & 0x7F
                self._put(tick, bytes((0x90 | channel, pitch, four & 0x7F)))
                self._put(tick + two, bytes((0x80 | channel, pitch, 0)))
            case b"t":
                self.meta(tick, 0x51, (two & 0xFFFFFF).to_bytes(3, "big"))
            case b"s":
                self.meta(tick, 0x58, bytes((two & 0xFF, three & 0xFF, 24, 8)))
            case b"k":
                self.meta(tick, 0x59, bytes((two & 0xFF, three & 0xFF)))
            case b"p":
                self._put(tick, bytes((0xC0 | three & 0x0F, two & 0x7F)))

    def meta(self, tick: int, kind: int, data: bytes) -> None:
        self._put(tick, bytes((0xFF, kind, len(data))) + data)

    def _put(self, tick: int, message: bytes) -> None:
        self.events.append((min(max(tick, 0), 0xFFFFFFF), message))

    def body(self) -> bytes:
        """What stands in the chunk."""
        found, at = bytearray(), 0
        for tick, message in sorted(self.events, key=lambda event: event[0]):
            delta, at = tick - at, tick
            found += bytes(0x80 | delta >> shift & 0x7F for shift in (21, 14, 7) if delta >> shift)
            found += bytes((delta & 0x7F,)) + message
        return bytes(found) + END


def notes(line: Sequence[Played], channel: int = 0, human: bool = False) -> str:
    """The lines of some notes in beats; humanly they swing, and are late now and then."""
    lines = []
    for i, (onset, length, pitch) in enumerate(line):
        late = (0.02 * (i * 7 % 5) + (0.12 if onset % 1 else 0)) if human else 0
        tick = round((onset + late) * _TICKS)
        lines.append(f"n {tick} {round(length * _TICKS)} {pitch} {70 + i * 11 % 40} {channel}\n")
    return "".join(lines)


def _texts(*texts: tuple[int, float, str]) -> str:
    return "".join(f"x {kind} {round(beat * _TICKS)} {text}\n" for kind, beat, text in texts)


_VOICING = ((53, 57, 60, 63), (58, 62, 65, 68), (53, 57, 60, 63), (55, 58, 62, 65))
_BASS = (41, 46, 41, 43)
_CHORDS = _texts((6, 0, "F7"), (6, 4, "Bb7"), (6, 8, "F7"), (6, 12, "Gm7"))
_MARKS = _texts((7, 0, "Chorus 1: A"), (7, 8, "Chorus 1: B"))
_MAP = "d 96\nt 0 450000\ns 0 4 2\nk 0 -1 0\n"

SOLOS = tuple(
    text.encode()
    for text in (
        f"{_MAP}{_CHORDS}T\nx 3 0 Tenor Sax\np 0 66 0\n{notes(eighths(4), human=True)}",
        # Three who play, and nobody names a chord.
        f"{_MAP}T\nx 3 0 Melody\n{notes(eighths(4))}T\nx 3 0 Bass\n{notes(walking(_BASS), 1)}"
        f"T\nx 3 0 Piano\n{notes(comping(_VOICING), 2)}T\nn 0 9 42 90 9\nn 96 9 38 90 9\n",
        # Both hands on one track, in three, with a pickup.
        f"d 480\ns 0 1 2\ns 96 3 2\nT\n{notes(eighths(2, 1.0))}{notes(comping(_VOICING[:2]))}",
        # Two stretches, with a chart beside them.
        f"{_MAP}T\n{notes(eighths(2))}{notes(eighths(2, 100.0), human=True)}{CHART.decode()}"
        "F7 | Bb7 | F7 | Cm7 F7 |\n",
        # A chord track, and as many notes as tell whether somebody keeps time.
        f"{_MAP}T\nx 3 0 Chords\n{notes(comping(_VOICING * 3), 3)}T\nx 3 0 Solo\n"
        f"{notes(eighths(13), human=True)}",
        # What our own export says in words.
        f"{_MAP}{_texts((1, 0, 'Id: a-1'), (1, 0, 'Title: A tune'), (1, 0, 'Split: valid'))}"
        f"{_texts((1, 0, 'Key: F-maj'), (1, 0, 'Performer: Me'), (1, 0, 'Lengths: none'))}"
        f"{_CHORDS}{_MARKS}T\nx 3 0 Solo (tenor)\n{notes(eighths(3))}",
    )
)

TAKES = tuple(
    text.encode()
    for text in (
        f"{_MAP}{_CHORDS}{_MARKS}T\nx 3 0 {PLAYER}\n{notes(eighths(2), human=True)}T\n"
        f"x 3 0 {IMPROVISER}\n{notes(eighths(2, 8.0), 1)}T\nx 3 0 Bass\n"
        f"{notes(walking(_BASS), 2)}",
        f"{_MAP}{_CHORDS}T\nx 3 0 {IMPROVISER}\n{notes(eighths(3))}",
        f"{_MAP}T\nx 3 0 {PLAYER}\n{notes(eighths(4), human=True)}T\nx 3 0 Piano\n"
        f"{notes(comping(_VOICING), 1)}",
    )
)

LINE_TOKENS = (
    *(
        b"n ",
        b"T\n",
        b"x 3 0 ",
        b"x 6 0 ",
        b"x 7 0 ",
        b"x 1 0 ",
        b"t 0 ",
        b"s 0 ",
        b"k 0 ",
        b"p 0 ",
    ),
    *(b"0", b"1", b"-1", b"127", b"96", b"97", b"9", b"40", b"2000", b"60000", b"268435455", b"\n"),
    *(
        PLAYER.encode(),
        IMPROVISER.encode(),
        b"Solo",
        b"Bass",
        b"Chords",
        b"Drums",
        b"Melody",
        b"1 4",
    ),
    *(b"F7", b"N.C.", b"C", b"Chorus 2: A", b"Id: x", b"Title: ", b"Split: test", b"Key: H", CHART),
    *(
        b"s 0 1 4\n",
        b"s 0 32 5\n",
        b"s 0 13 3\n",
        b"t 0 16777215\n",
        b"t 0 1\n",
        b"d 1\n",
        b"d 32767\n",
    ),
    *("\u202e".encode(), b"\x1b[2J", b"time: 3/4\n", b"| % |", b"\xff\xfe"),
)


def exported(folder: Path) -> tuple[bytes, ...]:
    """What our own writers make: solos, and a take."""
    path = midi_file(
        folder / "take.mid",
        part(PLAYER, eighths(2)),
        part(IMPROVISER, eighths(2, 8.0), 1),
        part("Bass", walking(_BASS), 2),
        chords=((0, "F7"), (4, "Bb7"), (8, "F7")),
        marks=[FormMark(Ticks(0), 1, "A", 1)],
        key="F",
        title="A take",
    )
    made = path.read_bytes()
    path.unlink()
    return to_midi(SHORT), to_midi(LONG, Manner.PLAYED), made
