"""A take as lines of text: what the recorder's process is told, and what its journal holds.

A line is a JSON array in ASCII, the first of its items says what it is. The lines of a take begin
with `header`; after it a take is restored from each further line in turn, so the lines up to any
moment are the take up to that moment. A journal may come from a power cut, or from elsewhere:
`Reader` takes nothing that a take could not have told.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from live_improv.music.changes import Bar, Changes, ChordSpan, Section
from live_improv.music.chords import Chord
from live_improv.music.events import ControlChange, Event, NoteOff, NoteOn, ProgramChange, Timed
from live_improv.music.timing import Meter, Seconds, TempoChange, TempoMap, Ticks, checked_bpm
from live_improv.performance.take import Take
from live_improv.performance.take_entries import Ended, Entry, HeardAt, Jump, Over

VERSION = 1

Latest = tuple[int, TempoChange | None]

_MAX_TICK = 480 * 500 * 60 * 48
"""Two days at the fastest tempo: a file of more bars is no take."""

_MAX_TEXT = 100_000

_EVENTS: dict[str, Callable[..., Event]] = {
    "on": NoteOn,
    "off": NoteOff,
    "control": ControlChange,
    "program": ProgramChange,
}
_FIELDS = {"on": 3, "off": 2, "control": 3, "program": 2}


class TakeLineError(ValueError):
    """A line that no take has told."""


def header(take: Take, stem: str) -> bytes:
    """The first line.

    Args:
        stem: of the name of the take's file.
    """
    begun = take.beginning
    return _line(
        "take",
        VERSION,
        stem,
        _changes(begun.changes),
        [_tempo(change) for change in begun.tempo.changes],
        begun.start,
        begun.chord_track,
        sorted(begun.band.items()),
    )


def lines(entries: Iterable[Entry], latest: Latest | None = None) -> bytes:
    """The lines of some entries of a take, and of its latest line of the clock if it is given."""
    told = [_line(*said) for entry in entries if (said := _entry(entry)) is not None]
    if latest is not None:
        jumps, change = latest
        told.append(_line("latest", jumps, None if change is None else _tempo(change)))
    return b"".join(told)


def ending(end: Ticks | None) -> bytes:
    """The last line, of a take that goes on to `end`; see `Take.score`."""
    return _line("end", end)


def wrote(name: str) -> bytes:
    """A line of the journal alone: the take is, so far, in the file of that name beside it."""
    return _line("wrote", name)


@dataclass(slots=True)
class Reader:
    """What lines have told so far.

    Attributes:
        take: None before the header.
        stem: of the name of the file.
        end: where the take goes on to, if that was told.
        file: the name of the file that was written, if that was told.
    """

    take: Take | None = None
    stem: str = ""
    end: Ticks | None = None
    file: str | None = None

    def read(self, line: bytes) -> None:
        """Take a line.

        Raises:
            TakeLineError: it is none.
        """
        try:
            what, *rest = json.loads(line)
            if what == "take":
                self._begin(*rest)
            elif self.take is None:
                raise TakeLineError("no header")
            elif what == "end":
                (end,) = rest
                self.end = None if end is None else _tick(end)
            elif what == "wrote":
                (self.file,) = map(_text, rest)
            else:
                self.take.restore(_read_entry(what, *rest))
        except TakeLineError:
            raise
        except (ValueError, TypeError, LookupError, RecursionError) as error:
            raise TakeLineError(str(error)) from error

    def _begin(
        self,
        version: int,
        stem: str,
        changes: Any,
        tempo: list[Any],
        start: Any,
        chord_track: Any,
        band: list[Any],
    ) -> None:
        if version != VERSION or self.take is not None:
            raise TakeLineError("a header of another kind")
        self.stem = _text(stem)
        self.take = Take(
            _read_changes(*changes),
            TempoMap(tuple(_read_tempo(*change) for change in tempo)),
            _tick(start),
            chord_track=bool(chord_track),
            band={_number(channel, 16): _text(name) for channel, name in band},
        )


def _line(*items: object) -> bytes:
    return json.dumps(items, separators=(",", ":")).encode("ascii") + b"\n"


def _entry(entry: Entry) -> tuple[object, ...] | None:
    match entry:
        case Timed(tick, event):
            return _event("played", tick, event)
        case HeardAt(tick, event):
            return _event("heard", tick, event)
        case TempoChange():
            return "tempo", *_tempo(entry)
        case Over(tick, changes):
            return "over", tick, _changes(changes)
        case Jump(left, to, changed):
            return "jump", left, to, None if changed is None else _changes(changed)
        case Ended(tick, chord):
            return "ended", tick, _chord(chord)


def _event(what: str, tick: Ticks, event: Event) -> tuple[object, ...] | None:
    match event:
        case NoteOn(pitch, velocity, channel):
            return what, tick, "on", pitch, velocity, channel
        case NoteOff(pitch, channel):
            return what, tick, "off", pitch, channel
        case ControlChange(control, value, channel):
            return what, tick, "control", control, value, channel
        case ProgramChange(program, channel):
            return what, tick, "program", program, channel
        case _:
            return None  # those of the transport are in no file


def _read_entry(what: str, *rest: Any) -> Entry | Latest:
    match what:
        case "played":
            return Timed(_tick(rest[0]), _read_event(*rest[1:]))
        case "heard":
            return HeardAt(_tick(rest[0]), _read_event(*rest[1:]))
        case "tempo":
            return _read_tempo(*rest)
        case "latest":
            jumps, change = rest
            return _number(jumps, 1 << 31), None if change is None else _read_tempo(*change)
        case "over":
            tick, changes = rest
            return Over(_tick(tick), _read_changes(*changes))
        case "jump":
            left, to, changes = rest
            changed = None if changes is None else _read_changes(*changes)
            return Jump(_tick(left), _tick(to), changed)
        case "ended":
            tick, chord = rest
            return Ended(_tick(tick), _read_chord(*chord))
        case _:
            raise TakeLineError(f"{what!r} is nothing that a take tells")


def _read_event(name: str, *fields: Any) -> Event:
    if len(fields) != _FIELDS[name]:
        raise TakeLineError(f"{name} with {len(fields)} numbers")
    *data, channel = fields
    return _EVENTS[name](*(_number(each, 128) for each in data), _number(channel, 16))


def _tempo(change: TempoChange) -> tuple[object, ...]:
    return change.tick, change.at, change.bpm


def _read_tempo(tick: Any, at: Any, bpm: Any) -> TempoChange:
    return TempoChange(_tick(tick), Seconds(_finite(at)), checked_bpm(_finite(bpm)))


def _changes(changes: Changes) -> tuple[object, ...]:
    return (
        [(span.start, span.end, _chord(span.chord)) for span in changes.chords],
        [(bar.start, bar.meter.numerator, bar.meter.denominator) for bar in changes.bars],
        [(section.start, section.name) for section in changes.sections],
        changes.title,
        changes.key,
    )


def _read_changes(chords: Any, bars: Any, sections: Any, title: Any, key: Any) -> Changes:
    return Changes(
        tuple(ChordSpan(_tick(a), _tick(b), _read_chord(*chord)) for a, b, chord in chords),
        tuple(Bar(_tick(a), Meter(_number(n, 33), _number(d, 33))) for a, n, d in bars),
        tuple(Section(_tick(a), _text(name)) for a, name in sections),
        title=_text(title),
        key=_text(key),
    )


def _chord(chord: Chord) -> tuple[object, ...]:
    """All of it: a chord that was heard need not have a symbol that is read again."""
    sets = (chord.pitch_classes, chord.chord_tones, chord.colour_tones, chord.scale)
    return chord.symbol, chord.root, chord.quality, chord.bass, *map(sorted, sets)


def _read_chord(symbol: Any, root: Any, quality: Any, bass: Any, *sets: Any) -> Chord:
    pitch_classes, chord_tones, colour_tones, scale = (
        frozenset(_number(each, 12) for each in tones) for tones in sets
    )
    return Chord(
        symbol=_text(symbol),
        root=None if root is None else _number(root, 12),
        quality=_text(quality),
        pitch_classes=pitch_classes,
        bass=None if bass is None else _number(bass, 12),
        chord_tones=chord_tones,
        colour_tones=colour_tones,
        scale=scale,
    )


def _tick(value: Any) -> Ticks:
    if type(value) is not int or abs(value) > _MAX_TICK:
        raise TakeLineError(f"tick {value!r}")
    return Ticks(value)


def _number(value: Any, below: int) -> int:
    if type(value) is not int or not 0 <= value < below:
        raise TakeLineError(f"{value!r}: expected 0 to {below - 1}")
    return value


def _finite(value: Any) -> float:
    if type(value) not in (int, float) or not abs(value) < 1e12:
        raise TakeLineError(f"{value!r} is no number")
    return float(value)


def _text(value: Any) -> str:
    if type(value) is not str or len(value) > _MAX_TEXT:
        raise TakeLineError("a text that no take has told")
    return value
