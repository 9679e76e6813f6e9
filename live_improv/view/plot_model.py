"""The picture of a take before it is drawn: what stands on which line, in musical time.

Conventions
    Ticks and pitches are those of the file. Notes are shown where they were played; what kind they
    are is asked where they were meant, at the nearest place of the grid, since a note that is
    played a little before the bar line belongs to the chord behind it. Of 7,487 notes of ours nine
    then have another kind than as written, and 47 where they were played.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from live_improv.grammar.abstraction import kinds, monophonic, on_grid
from live_improv.grammar.values import NOTE_KINDS, Kind, settled_kind
from live_improv.music.changes import Changes
from live_improv.music.events import Note
from live_improv.music.timing import GRID_TICKS, PPQ, TempoMap, Ticks
from live_improv.view.plot_form import ENDING, FormBar
from live_improv.view.plot_parts import Voice, Who

_ROOM = 2  # semitones above and below all notes
_LEAST = 18  # semitones on a line
_SLACK = Ticks(PPQ // 8)  # a note that is so little longer than its line ends with it


@dataclass(frozen=True, slots=True)
class Block:
    """A note, or the part of it that is on one line.

    Attributes:
        kind: what it is to the chord, None where that is not asked (the band).
        tied: the note began on the line before.
    """

    start: Ticks
    end: Ticks
    pitch: int
    who: Who
    kind: Kind | None = None
    tied: bool = False


@dataclass(frozen=True, slots=True)
class ChordName:
    """A chord symbol over the place where the chord begins."""

    at: Ticks
    symbol: str


@dataclass(frozen=True, slots=True)
class System:
    """A line of the picture.

    Attributes:
        bars: one after the other, at least one.
        top: the tick that stands where the other lines have theirs.
        chords: by tick; a chord that goes on is named again only where a line or a section begins.
        blocks: by start; the drums' too, at the pitches of General MIDI.
    """

    bars: tuple[FormBar, ...]
    top: Ticks
    chords: tuple[ChordName, ...]
    blocks: tuple[Block, ...]

    @property
    def start(self) -> Ticks:
        """Where its first bar begins."""
        return self.bars[0].start

    @property
    def end(self) -> Ticks:
        """Where its last bar ends."""
        return self.bars[-1].end


@dataclass(frozen=True, slots=True)
class Player:
    """Somebody who is named in the legend: how many notes, and the lowest and the highest."""

    who: Who
    name: str
    count: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Picture:
    """What is to be seen.

    Attributes:
        facts: a few words each, under the title.
        low, high: pitches of all lines.
        players: those who play a melody.
        shares: of the notes of the first of them, by kind.
    """

    title: str
    facts: tuple[str, ...]
    systems: tuple[System, ...]
    low: int
    high: int
    players: tuple[Player, ...]
    shares: tuple[tuple[Kind, float], ...]


def picture(
    title: str,
    lines: Sequence[Sequence[FormBar]],
    changes: Changes,
    voices: Sequence[Voice],
    tempo: TempoMap,
) -> Picture:
    """The picture of those voices on those lines.

    Args:
        changes: the whole file, as `plot_form.changes_of` makes it.
    """
    blocks = sorted(
        (block for voice in voices for block in blocks_of(voice, changes)),
        key=lambda block: (block.start, block.pitch),
    )
    systems = tuple(_systems(lines, changes, blocks))
    shown = [block for system in systems for block in system.blocks if not block.tied]
    low, high = _range(shown)
    players = tuple(_players(voices, shown))
    return Picture(
        title=title,
        facts=tuple(_facts(lines, tempo)),
        systems=systems,
        low=low,
        high=high,
        players=players,
        shares=tuple(_shares(players, shown)),
    )


def blocks_of(voice: Voice, changes: Changes) -> Iterator[Block]:
    """The notes of a voice, with their kinds where it is a melody's."""
    if voice.who in (Who.BAND, Who.DRUMS):
        for note in voice.notes:
            yield Block(note.onset, note.end, note.pitch, voice.who)
        return
    line, _ = monophonic(voice.notes)
    of_line = dict(zip(line, kinds(on_grid(line), changes), strict=True))
    for note in voice.notes:
        kind = of_line.get(note)
        if kind is None:
            # The lower notes of a chord lead nowhere: outside the scale they are other tones.
            kind = settled_kind(note.pitch, changes.chord_at(_meant(note))) or Kind.OTHER
        yield Block(note.onset, note.end, note.pitch, voice.who, kind)


def _meant(note: Note) -> Ticks:
    return Ticks((note.onset + GRID_TICKS // 2) // GRID_TICKS * GRID_TICKS)


def _systems(
    lines: Iterable[Sequence[FormBar]], changes: Changes, blocks: Sequence[Block]
) -> Iterator[System]:
    for line in lines:
        start, end = line[0].start, line[-1].end
        # Only what comes before a chorus stands left of where the others begin.
        top = next((bar.start for bar in line if bar.number == 1), start)
        inside = []
        for block in blocks:
            if block.start >= end:
                break
            if block.end > start + _SLACK or block.start >= start:
                tied = block.start < start
                begin, until = max(block.start, start), min(block.end, end)
                inside.append(replace(block, start=begin, end=until, tied=tied))
        yield System(tuple(line), top, tuple(_chord_names(line, changes)), tuple(inside))


def _chord_names(line: Sequence[FormBar], changes: Changes) -> Iterator[ChordName]:
    start, end = line[0].start, line[-1].end
    again = {start, *(bar.start for bar in line if bar.section or bar.chorus)}
    begins = {span.start for span in changes.chords if start <= span.start < end}
    before = None
    for at in sorted(begins | again):
        chord = changes.chord_at(at)
        if at in again or chord != before:
            yield ChordName(at, chord.symbol)
        before = chord


def _range(blocks: Iterable[Block]) -> tuple[int, int]:
    pitches = [block.pitch for block in blocks if block.who is not Who.DRUMS]
    low, high = min(pitches, default=60) - _ROOM, max(pitches, default=72) + _ROOM
    missing = max(_LEAST - (high - low), 0)
    return max(low - missing // 2, 0), min(high + missing - missing // 2, 127)


def _players(voices: Iterable[Voice], blocks: Sequence[Block]) -> Iterator[Player]:
    for voice in voices:
        pitches = [block.pitch for block in blocks if block.who is voice.who]
        if pitches and voice.who in (Who.IMPROVISER, Who.PLAYER):
            yield Player(voice.who, voice.name, len(pitches), min(pitches), max(pitches))


def _shares(players: Sequence[Player], blocks: Iterable[Block]) -> Iterator[tuple[Kind, float]]:
    if not players:
        return
    first = players[0]
    counts = Counter(block.kind for block in blocks if block.who is first.who)
    for kind in NOTE_KINDS:
        yield kind, counts[kind] / first.count


def _facts(lines: Sequence[Sequence[FormBar]], tempo: TempoMap) -> Iterator[str]:
    bars = [bar for line in lines for bar in line]
    start, end = bars[0].start, bars[-1].end
    yield _tempo(tempo, start, end)
    meters = list(dict.fromkeys(str(bar.meter) for bar in bars))
    yield ", ".join(meters) if len(meters) < 4 else f"{len(meters)} meters"
    yield _form(bars)
    seconds = round(tempo.seconds_at(end) - tempo.seconds_at(start))
    yield f"{seconds // 60}:{seconds % 60:02}"


def _tempo(tempo: TempoMap, start: Ticks, end: Ticks) -> str:
    found = [tempo.bpm_at(start)]
    found += [change.bpm for change in tempo.changes if start < change.tick < end]
    slow, fast = round(min(found)), round(max(found))
    return f"♩ = {slow}" if slow == fast else f"♩ = {slow}–{fast}"


def _form(bars: Sequence[FormBar]) -> str:
    tops = [bar.number for bar in bars if bar.chorus is not None]
    if not tops:
        return f"{len(bars)} bars"
    lengths = {b - a for a, b in pairwise(tops)}
    last = bars[-1].number - tops[-1] + 1
    if len(lengths) == 1 and 0 <= last - min(lengths) <= ENDING:
        return f"{len(tops)} choruses of {lengths.pop()} bars"
    return f"{len(tops)} chorus{'es' * (len(tops) > 1)}, {len(bars)} bars"
