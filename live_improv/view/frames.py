"""Frames: what the page is told, twenty times a second, by the process that plays.

A frame is one line of JSON, as small as it can be: the page's own process works out all that can
be worked out. What rarely changes (the chart, the knobs) is in the first frame and in those after
it has changed; what was played is in one frame each. `Told` says how much the page knows. It is
put forward only when a frame has gone out, so one that was dropped is made up for by the next.

Conventions
    Ticks are those of the song, moments seconds of the session's clock.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from live_improv.music.changes import Bar, Changes, ChangesError, ChordSpan, Section
from live_improv.music.chords import Chord, ChordSymbolError, parse_chord
from live_improv.music.events import NoteOff, NoteOn
from live_improv.music.score import IMPROVISER, PLAYER
from live_improv.music.timing import Meter, Ticks
from live_improv.performance.controls import Knobs
from live_improv.performance.glimpse import Glimpse
from live_improv.performance.hands import Learning, Stage
from live_improv.performance.take import Played

MOST_NOTES = 250
"""So many note-ons and note-offs are in one frame at most; older ones are left out. It is what
many hands play in a second, and less than the page shows."""


WHO = {IMPROVISER: "machine", PLAYER: "player"}
"""Whose notes the page draws, and what they are called there."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the page has been told so far.

    Attributes:
        changes: the chart.
        knobs: where the controls are.
        entries: how much of the take.
    """

    changes: Changes | None = None
    knobs: Knobs | None = None
    entries: int = 0


def frame(
    glimpse: Glimpse,
    played: tuple[Sequence[Played], int],
    late: float | None,
    at: float,
    told: Told,
) -> tuple[bytes, Told]:
    """A frame as a line, and what the page has been told once it has that line.

    Args:
        glimpse: what the session is doing.
        played: what the take has since `told.entries`, and the next such number.
        late: p99 of the lateness of note-ons in milliseconds, None before there are any.
        at: the moment of the glimpse.
        told: what went out before.
    """
    notes, entries = played
    says: dict[str, Any] = {
        "at": round(at, 4),
        "tick": glimpse.tick,
        "bpm": round(glimpse.bpm, 2),
        "state": glimpse.state,
        "turn": glimpse.turn,
        "lost": glimpse.clock_lost,
        "learning": None if glimpse.learning is None else _learning(glimpse.learning),
        "end": glimpse.end,
        "late": None if late is None else round(late, 2),
    }
    if notes:
        says["notes"] = _notes(notes)
    if glimpse.changes is not told.changes:
        says["chart"] = chart_of(glimpse.changes)
    if glimpse.knobs != told.knobs:
        says["knobs"] = asdict(glimpse.knobs)
    line = json.dumps(says, separators=(",", ":"), allow_nan=False)
    return f"{line}\n".encode("ascii"), Told(glimpse.changes, glimpse.knobs, entries)


def _notes(played: Sequence[Played]) -> list[tuple[int, str, int, int]]:
    """Tick, who, pitch and velocity (0 for an off) of each note of those who are drawn."""
    found: list[tuple[int, str, int, int]] = []
    for each in played[-MOST_NOTES:]:
        event, who = each.event, WHO.get(each.part)
        if who is None:
            continue
        if isinstance(event, NoteOn):
            found.append((each.tick, who, event.pitch, event.velocity))
        elif isinstance(event, NoteOff):
            found.append((each.tick, who, event.pitch, 0))
    return found


def _learning(learning: Learning) -> dict[str, Any]:
    """What MIDI learn has come to, and whether it waits for something."""
    waits = learning.stage in (Stage.CHOOSING, Stage.WAITING)
    return {"name": learning.name, "says": str(learning), "waits": waits}


def chart_of(changes: Changes) -> dict[str, Any]:
    """One chorus in plain words, for JSON."""
    return {
        "title": changes.title,
        "key": changes.key,
        "style": changes.style,
        "form": changes.form,
        "length": changes.length,
        "bars": [(bar.start, bar.meter.numerator, bar.meter.denominator) for bar in changes.bars],
        "chords": [(span.start, span.chord.symbol) for span in changes.chords],
        "sections": [(section.start, section.name) for section in changes.sections],
    }


def changes_of(chart: dict[str, Any]) -> Changes:
    """The same changes again; a chord that cannot be read is no chord.

    Raises:
        ChangesError: these are no changes.
    """
    ends = [start for start, _ in chart["chords"][1:]]
    spans = [
        ChordSpan(Ticks(start), Ticks(end), _chord(symbol))
        for (start, symbol), end in zip(chart["chords"], [*ends, chart["length"]], strict=True)
    ]
    changes = Changes(
        tuple(spans),
        tuple(Bar(Ticks(start), Meter(above, below)) for start, above, below in chart["bars"]),
        tuple(Section(Ticks(start), name) for start, name in chart["sections"]),
        title=chart["title"],
        key=chart["key"],
        style=chart["style"],
        form=chart["form"],
    )
    if changes.length != chart["length"]:
        raise ChangesError(f"the bars end at {changes.length}, not at {chart['length']}")
    return changes


def _chord(symbol: str) -> Chord:
    try:
        return parse_chord(symbol)
    except ChordSymbolError:
        return parse_chord("N.C.")
