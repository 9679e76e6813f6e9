"""Standard MIDI files: reading what a player recorded.

Conventions
    Ticks come out at 480 to the quarter, rounded, whatever the division of the file; tick 0 is its
    beginning. Messages with impossible data bytes are skipped, as a synthesizer would, and so are
    impossible meters. Where a file does not say it, the tempo is 120 and the meter 4/4, as the
    specification has it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import inf
from pathlib import Path

from live_improv.midi.codec import decode, printable
from live_improv.midi.files import MidiFileError
from live_improv.midi.scan import META, Fault, Message, Scanned, scan
from live_improv.music.changes import Bar
from live_improv.music.chords import MAX_SYMBOL, Chord, ChordSymbolError, parse_chord
from live_improv.music.events import Event, Stamped, Timed
from live_improv.music.score import BAND, CHORDS, IMPROVISER, PLAYER, ChannelEvent
from live_improv.music.timing import (
    MAX_BPM,
    MIN_BPM,
    PPQ,
    Meter,
    Seconds,
    TempoChange,
    TempoMap,
    Ticks,
    TimingError,
)

MAX_SECONDS = 86_400
MAX_TEXTS = 10_000
"""Texts after these are not read for chords."""

_TEXT, _TRACK_NAME, _LYRIC, _MARKER, _CUE = 0x01, 0x03, 0x05, 0x06, 0x07
_SET_TEMPO, _TIME_SIGNATURE = 0x51, 0x58
_DEFAULT_TEMPO = 500_000  # microseconds to the quarter


class BadMidiFile(MidiFileError):
    """A file that is not a MIDI file we read; the message names it and says why."""

    def __init__(self, path: str | Path, why: str) -> None:
        super().__init__(f"cannot read {printable(str(path))}: {printable(why)}")
        self.why = why


@dataclass(frozen=True, slots=True)
class ChordMark:
    """A chord that a text of the file names, and where."""

    tick: Ticks
    chord: Chord


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is in a file.

    Attributes:
        events: of all tracks together, by tick; within a tick by track, then as in the track.
        stamped: the same events at their seconds by the tempo of the file, its beginning at 0.
        tempo: of the file; its first change is at tick 0.
        meters: the bars at which the meter changes; the first one is at tick 0.
        chords: by tick, from the texts that name chords.
        names: one for each track, empty where it has none.
        end: the tick of the last end-of-track, or of the last event where there is none.
    """

    events: tuple[Timed, ...]
    stamped: tuple[Stamped, ...]
    tempo: TempoMap
    meters: tuple[Bar, ...]
    chords: tuple[ChordMark, ...]
    names: tuple[str, ...]
    end: Ticks


def read_player(path: str | Path, channel: int | None = None) -> Recorded:
    """What a file of format 0 or 1 holds, on one channel (0..15) or on all.

    Chords are read from those kinds of text (text, lyric, marker, cue) of a track that mostly name
    chords: the words of a song can look like one now and then. Texts that are nothing but A, B, C
    in order name sections.

    Raises:
        BadMidiFile: the file cannot be read, is not a whole MIDI file, is beyond our bounds, or
            goes slower or faster than we play.
    """
    return read_scanned(path, channel)[0]


def read_scanned(path: str | Path, channel: int | None = None) -> tuple[Recorded, Scanned]:
    """As `read_player`, with the messages that it was made of."""
    try:
        scanned = scan(path)
        return _recorded(_Contents.of(scanned), channel), scanned
    except (OSError, Fault) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise BadMidiFile(path, reason or str(error)) from error


@dataclass(slots=True)
class _Contents:
    """What the tracks of a file hold, each list in the order of the file.

    Attributes:
        events: of the player.
        tempi: microseconds to the quarter.
        texts: by track and kind of text.
    """

    events: list[Timed] = field(default_factory=list)
    by_track: list[list[Timed]] = field(default_factory=list)
    tempi: list[tuple[Ticks, int]] = field(default_factory=list)
    meters: list[Bar] = field(default_factory=list)
    texts: dict[tuple[int, int], list[tuple[Ticks, str]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    names: list[str] = field(default_factory=list)
    end: Ticks = Ticks(0)  # noqa: RUF009

    @classmethod
    def of(cls, scanned: Scanned) -> _Contents:
        """Sort out what has been scanned."""
        contents = cls()
        for track in scanned.tracks:
            contents._read_track(track, scanned.division)
        theirs = PLAYER in contents.names
        # Whoever else has a track of such a name plays; those of our own takes accompany.
        ours = (IMPROVISER, CHORDS, *(BAND if IMPROVISER in contents.names else ()))
        for name, events in zip(contents.names, contents.by_track, strict=True):
            # What we have written ourselves holds more than the player.
            if name == PLAYER if theirs else name not in ours:
                contents.events += events
        return contents

    def _read_track(self, track: Iterable[Message], division: int) -> None:
        self.names.append("")
        self.by_track.append([])
        for message in track:
            tick = Ticks((2 * message.tick * PPQ + division) // (2 * division))
            self.end = max(self.end, tick)
            if message.data[0] == META:
                self._read_meta(tick, message.data[1], message.data[2:])
            elif isinstance(event := event_of(message.data), ChannelEvent):
                self.by_track[-1].append(Timed(tick, event))

    def _read_meta(self, tick: Ticks, kind: int, data: bytes) -> None:
        if kind == _SET_TEMPO:
            self.tempi.append((tick, int.from_bytes(data[:3], "big")))
        elif kind == _TIME_SIGNATURE and len(data) >= 2 and data[1] <= 5:
            try:
                self.meters.append(Bar(tick, Meter(data[0], 1 << data[1])))
            except TimingError:
                return
        elif kind == _TRACK_NAME and not self.names[-1]:
            self.names[-1] = printable(_decoded(data))
        elif kind in (_TEXT, _LYRIC, _MARKER, _CUE) and (text := printable(_decoded(data))):
            self.texts[len(self.names), kind].append((tick, text))


@lru_cache(maxsize=4096)
def event_of(message: bytes) -> Event | None:
    """As `codec.decode`, quick where a message comes again."""
    return decode(message)


def _decoded(text: bytes) -> str:
    """A text of a file: UTF-8, or Latin-1 as older programs wrote."""
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1")


def _recorded(contents: _Contents, channel: int | None) -> Recorded:
    tempo = _tempo_map(contents.tempi)
    if tempo.seconds_at(contents.end) > MAX_SECONDS:
        raise Fault("it is longer than a day")
    wanted = (
        timed
        for timed in contents.events
        if channel is None or getattr(timed.event, "channel", None) == channel
    )
    events = tuple(sorted(wanted, key=lambda timed: timed.tick))
    return Recorded(
        events=events,
        stamped=tuple(Stamped(tempo.seconds_at(timed.tick), timed.event) for timed in events),
        tempo=tempo,
        meters=_meters(contents.meters),
        chords=tuple(_chords(contents.texts.values())),
        names=tuple(contents.names),
        end=contents.end,
    )


def _tempo_map(tempi: Iterable[tuple[Ticks, int]]) -> TempoMap:
    """The tempo map; of two tempi at one tick the later counts."""
    by_tick = {Ticks(0): _DEFAULT_TEMPO}
    by_tick.update(sorted(tempi, key=lambda each: each[0]))
    changes: list[TempoChange] = []
    for tick, microseconds in sorted(by_tick.items()):
        bpm = 60e6 / microseconds if microseconds else inf
        if not MIN_BPM <= bpm <= MAX_BPM:
            raise Fault(
                f"a tempo of {bpm:g} quarters a minute at quarter {tick // PPQ}; "
                f"expected {MIN_BPM:g} to {MAX_BPM:g}"
            )
        at = TempoMap((changes[-1],)).seconds_at(tick) if changes else Seconds(0.0)
        changes.append(TempoChange(tick, at, bpm))
    return TempoMap(tuple(changes))


def _meters(bars: Iterable[Bar]) -> tuple[Bar, ...]:
    by_tick = {Ticks(0): Meter()}
    by_tick.update((bar.start, bar.meter) for bar in sorted(bars, key=lambda bar: bar.start))
    kept: list[Bar] = []
    for tick, meter in sorted(by_tick.items()):
        if not kept or kept[-1].meter != meter:
            kept.append(Bar(tick, meter))
    return tuple(kept)


def _chords(streams: Iterable[Sequence[tuple[Ticks, str]]]) -> list[ChordMark]:
    """The chords of the streams of text that mostly name chords, one at a tick."""
    found: dict[Ticks, Chord] = {}
    for stream in streams:
        texts = stream[:MAX_TEXTS]
        chords = [(tick, chord) for tick, text in texts if (chord := _chord(text)) is not None]
        if 2 * len(chords) > len(texts) and not _names_sections(text for _, text in texts):
            for tick, chord in chords:
                found.setdefault(tick, chord)
    return [ChordMark(tick, chord) for tick, chord in sorted(found.items())]


def _chord(text: str) -> Chord | None:
    try:
        return parse_chord(text) if len(text) <= MAX_SYMBOL else None
    except ChordSymbolError:
        return None


def _names_sections(texts: Iterable[str]) -> bool:
    names = "".join(dict.fromkeys(texts))
    return "ABCDEFG".startswith(names)
