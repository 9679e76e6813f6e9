"""The scene: what the page shows, put together from frames in the page's own process.

A browser asks for what is new since it asked last. Who is slow asks seldom and gets the latest:
nothing waits for anybody, and nothing is kept for them but what is on the page anyway.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from live_improv.grammar.values import Kind, resolves, settled_kind
from live_improv.music.changes import Changes
from live_improv.music.timing import GRID_TICKS, PPQ, Ticks
from live_improv.view.frames import changes_of

KEPT_NOTES = 600
"""So many notes of both players are kept, more than eight bars hold."""

JUMP = Ticks(2 * PPQ)
"""Who is so far from where they should be has jumped, and what was played before is elsewhere."""


@dataclass(slots=True)
class Sounded:
    """A note that somebody has played.

    Attributes:
        number: of the note, rising.
        who: played it.
        onset: tick at which it began.
        end: tick at which it ended, None while it sounds.
        kind: what it is to the chord; None while the next note may still decide.
        changed: the revision of the scene in which any of this was changed last.
    """

    number: int
    who: str
    pitch: int
    velocity: int
    onset: Ticks
    end: Ticks | None
    kind: Kind | None
    changed: int

    def shown(self) -> tuple[int, str, int, int, int, int | None, str]:
        """As the page takes it; what is not decided yet is another tone."""
        kind = self.kind or Kind.OTHER
        return (
            *(self.number, self.who, self.pitch, self.velocity),
            *(self.onset, self.end, kind.value),
        )


class Scene:
    """What is on the page now.

    Attributes:
        revision: rises with every frame.
    """

    def __init__(self) -> None:
        self.revision = 0
        self._state: dict[str, Any] = {}
        self._chart: dict[str, Any] | None = None
        self._changes: Changes | None = None
        self._knobs: dict[str, Any] | None = None
        self._changed = {"chart": 0, "knobs": 0, "roll": 0}
        self._notes: deque[Sounded] = deque(maxlen=KEPT_NOTES)
        self._open: dict[tuple[str, int], Sounded] = {}
        self._undecided: dict[str, list[Sounded]] = {}
        self._number = 0

    @property
    def begun(self) -> bool:
        """Whether there is anything to show."""
        return bool(self._state)

    def take(self, says: dict[str, Any]) -> None:
        """Take a frame.

        Raises:
            ChangesError, KeyError, TypeError, ValueError: it is none.
        """
        self.revision += 1
        if (chart := says.pop("chart", None)) is not None:
            self._changes, self._chart = changes_of(chart), chart
            self._changed["chart"] = self.revision
        if (knobs := says.pop("knobs", None)) is not None:
            self._knobs = knobs
            self._changed["knobs"] = self.revision
        notes = says.pop("notes", ())
        if self._has_jumped(says):
            self._clear()
        self._state = says
        self._play(notes)

    def news(self, seen: int) -> dict[str, Any]:
        """What is new since the revision `seen`; -1 for everything."""
        says = {"type": "frame", **self._state}
        for name, value in (("chart", self._chart), ("knobs", self._knobs)):
            if value is not None and self._changed[name] > seen:
                says[name] = value
        if self._changed["roll"] > seen or seen < 0:
            says["clear"] = True
        notes = [note.shown() for note in self._notes if note.changed > seen]
        if notes:
            says["notes"] = notes
        return says

    def _has_jumped(self, says: dict[str, Any]) -> bool:
        """Whether the music has gone on elsewhere than where it was going."""
        before = self._state
        if not before:
            return False
        expected = float(before["tick"])
        if before["state"] == "playing":
            expected += (says["at"] - before["at"]) * before["bpm"] * PPQ / 60
        return abs(float(says["tick"]) - expected) > JUMP

    def _clear(self) -> None:
        self._notes.clear()
        self._open.clear()
        self._undecided.clear()
        self._changed["roll"] = self.revision

    def _play(self, notes: Iterable[tuple[int, str, int, int]]) -> None:
        for tick, who, pitch, velocity in notes:
            sounding = self._open.pop((who, pitch), None)
            if sounding is not None:
                sounding.end, sounding.changed = Ticks(tick), self.revision
            if velocity:
                self._begin(Ticks(tick), who, pitch, velocity)

    def _begin(self, tick: Ticks, who: str, pitch: int, velocity: int) -> None:
        """A note begins: it has a kind, and it decides the kinds of those before it."""
        changes = self._changes
        kind: Kind | None = Kind.OTHER
        if changes is not None:
            # Nobody plays quite on the grid, on which the language is written.
            place = Ticks((tick + GRID_TICKS // 2) // GRID_TICKS * GRID_TICKS)
            chord = changes.chord_at(place)
            kind = settled_kind(pitch, chord)
            before = self._undecided.setdefault(who, [])
            together = [each for each in before if tick - each.onset < GRID_TICKS]
            for each in before:
                if each not in together:
                    resolved = resolves(each.pitch, pitch, chord)
                    each.kind = Kind.APPROACH if resolved else Kind.OTHER
                    each.changed = self.revision
            self._undecided[who] = together
        note = Sounded(self._number, who, pitch, velocity, tick, None, kind, self.revision)
        self._number += 1
        self._notes.append(note)
        self._open[who, pitch] = note
        if kind is None:
            self._undecided[who].append(note)
