"""The band: who accompanies, planned a beat at a time and at most one beat before it sounds.

Each player plans a beat from the scene and from a small value that it left with the beat before, so
a beat may be planned again: under the same chords it sounds the same, under others it follows them
from the next note on that has not begun.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from live_improv.music.changes import Changes
from live_improv.music.events import Note, Timed
from live_improv.music.timing import PPQ, Ticks
from live_improv.performance.band import ending
from live_improv.performance.band.bass import BassLine, plan_bass
from live_improv.performance.band.beats import beat_at
from live_improv.performance.band.click import plan_clicks
from live_improv.performance.band.drums import plan_drums
from live_improv.performance.band.heat import heat_at
from live_improv.performance.band.part import Part, Strike, within
from live_improv.performance.band.piano import Comping, plan_piano
from live_improv.performance.band.players import BandChannels, BandPlayer
from live_improv.performance.band.room import Soloing
from live_improv.performance.band.scene import Scene
from live_improv.performance.band.styles import groove_of
from live_improv.performance.controls import Knobs
from live_improv.performance.feel import EARLIEST, swing_ratio

HORIZON = PPQ
"""How long before it begins a beat is planned."""

_KNOWN = Ticks(HORIZON + PPQ // 4)
"""What the soloist begins later than this before a beat does not change the beat: whether it has
been heard of by then would depend on when somebody comes to ask."""

_ALONE = frozenset((BandPlayer.BASS, BandPlayer.PIANO))
"""Who lets go of what sounds when they strike anew."""

_LEVELS = {
    BandPlayer.BASS: "bass_level",
    BandPlayer.PIANO: "piano_level",
    BandPlayer.DRUMS: "drums_level",
}
"""The control that says how loud a player is."""


@dataclass(frozen=True, slots=True)
class _Lines:
    """What the players leave with a beat."""

    bass: BassLine
    piano: Comping


@dataclass(frozen=True, slots=True)
class _Planned:
    """A beat that is planned: how it was, so that it can be again."""

    scene: Scene
    before: _Lines


class Band:
    """The players that were asked for.

    Args:
        seed: of all draws; each player has its own.
        start: they play from there on.
        end: the final chord is struck there; with None they play on.
    """

    def __init__(
        self,
        asked: frozenset[BandPlayer],
        seed: int,
        channels: BandChannels | None = None,
        start: Ticks = Ticks(0),  # noqa: B008
        end: Ticks | None = None,
    ) -> None:
        at = channels or BandChannels()
        self._parts = {player: Part(at.of(player)) for player in BandPlayer if player in asked}
        self._channels = tuple(dict.fromkeys(at.of(player) for player in self._parts))
        self._seed = seed
        self._knobs = Knobs()
        self._changes: Changes | None = None
        self._next: Ticks | None = start
        self._end = end
        self._lines = _Lines(BassLine(), Comping())
        self._planned: deque[_Planned] = deque(maxlen=8)
        self._soloing = Soloing()
        self._now: Ticks | None = None
        # What is to be handed out as soon as somebody asks.
        self._owed: list[Timed] = []

    @property
    def channels(self) -> tuple[int, ...]:
        """The channels of those who play."""
        return self._channels

    @property
    def end(self) -> Ticks | None:
        """Where the final chord is struck; None where they play on."""
        return self._end

    @end.setter
    def end(self, end: Ticks | None) -> None:
        if end != self._end:
            self._end = end
            self._plan_again()

    @property
    def last(self) -> Ticks | None:
        """The tick by which all has ended; None without an end."""
        if self._end is None or self._changes is None:
            return None
        return ending.last_tick(self._changes, self._end)

    def over(self, changes: Changes) -> None:
        """Other chords hold; what has not begun follows them."""
        if changes is not self._changes:
            self._changes = changes
            self._plan_again()

    def turn_knobs(self, knobs: Knobs) -> None:
        """Play by these knobs from the next beat on that is planned."""
        self._knobs = knobs

    def heard(self, onset: Ticks) -> None:
        """The soloist or the player begins a note: leave room."""
        self._soloing.heard(onset)

    # When

    def plan_at(self) -> Ticks | None:
        """When the next beat is to be planned; None after the end."""
        return None if self._next is None else Ticks(self._next - HORIZON)

    def next_onset(self) -> Ticks | None:
        """Where the beat begins that is to be planned next."""
        return self._next

    def next_tick(self) -> Ticks | None:
        """When the next event is due."""
        ticks = [part.next_tick() for part in self._parts.values()]
        ticks += [timed.tick for timed in self._owed]
        return min((tick for tick in ticks if tick is not None), default=None)

    def has_more(self) -> bool:
        """Whether a beat is to be planned, or something sounds or will."""
        return self._next is not None or self.next_tick() is not None

    # What

    def plan(self, bpm: float) -> None:
        """Plan the next beat of all players.

        Args:
            bpm: quarters a minute.
        """
        assert self._changes is not None, "chords hold"
        assert self._next is not None, "there is a beat to plan"
        self._plan(self._scene(self._changes, self._next, bpm))

    def due(self, tick: Ticks) -> list[Timed]:
        """The events due up to and including `tick`, in order of time."""
        self._now = tick
        found, self._owed = self._owed, []
        for part in self._parts.values():
            found += part.due(tick)
        found.sort(key=lambda timed: timed.tick)
        return found

    def silence(self, tick: Ticks) -> list[Timed]:
        """End everything that sounds at `tick`, and forget what was to come."""
        found, self._owed = self._owed, []
        for part in self._parts.values():
            found += part.all_off(tick)
        self._planned.clear()
        return found

    def relocate(self, left: Ticks, to: Ticks) -> None:
        """What was to be at `left` is at `to`; silence first.

        They go on with the first beat there or after it, and not before bar 1.
        """
        for part in self._parts.values():
            part.cancel()
        self._planned.clear()
        self._soloing.moved(to - left)
        self._lines = _Lines(self._lines.bass, replace(self._lines.piano, at=None))
        self._now = None
        self._next = Ticks(max(to, 0))
        if self._changes is not None:
            beat = beat_at(self._changes, self._next)
            self._next = beat.end if beat.start < self._next else beat.start

    # Planning

    def _scene(self, changes: Changes, tick: Ticks, bpm: float) -> Scene:
        beat = beat_at(changes, tick)
        knobs = self._knobs
        return Scene(
            changes=changes,
            beat=beat,
            groove=groove_of(changes.style, beat.length, bpm),
            seed=self._seed,
            bpm=bpm,
            ratio=1.0 + (swing_ratio(bpm, changes.style) - 1.0) * knobs.swing,
            loose=knobs.loose,
            heat=heat_at(changes, tick),
            room=self._soloing.room(Ticks(tick - _KNOWN)),
            start=tick,
        )

    def _plan(self, scene: Scene, after: Ticks | None = None) -> None:
        """Plan a beat, and leave out what would have begun up to `after`."""
        if self._end is not None and scene.start >= self._end:
            self._finish(scene, after)
            return
        self._planned.append(_Planned(scene, self._lines))
        bass, line = plan_bass(scene, self._lines.bass)
        piano, comping = plan_piano(scene, self._lines.piano)
        self._lines = _Lines(line, comping)
        self._add(BandPlayer.BASS, _single(bass), scene, after)
        self._add(BandPlayer.PIANO, piano, scene, after)
        self._add(BandPlayer.DRUMS, _single(plan_drums(scene)), scene, after)
        self._add(BandPlayer.CLICK, _single(plan_clicks(scene)), scene, after)
        self._next = scene.beat.end
        if self._end is not None:
            self._next = Ticks(min(self._next, self._end))

    def _finish(self, scene: Scene, after: Ticks | None) -> None:
        """Plan the final chord; nothing comes after it."""
        self._planned.append(_Planned(scene, self._lines))
        notes = ending.final(scene, self._lines.bass, self._lines.piano)
        for player, played in notes.items():
            self._add(player, played, scene, after)
        self._next = None

    def _add(
        self, player: BandPlayer, strikes: list[Strike], scene: Scene, after: Ticks | None
    ) -> None:
        """Have a player play these strokes of a beat, where it may.

        Args:
            after: what would have begun up to this tick is left out.
        """
        part, level = self._parts.get(player), self._level(player)
        if part is None or level == 0.0:
            return
        final = self._end is not None and scene.start >= self._end
        latest = None if final else self._end
        for strike in strikes:
            bounded = [within(note, scene.start, latest, level) for note in strike]
            played = [note for note in bounded if note is not None]
            if not played:
                continue
            begins = Ticks(min(note.onset for note in played))
            coming = tuple(note for note in played if after is None or note.onset > after)
            alone = player in _ALONE and (after is None or begins > after)
            part.add(coming, begins if alone else None)

    def _level(self, player: BandPlayer) -> float:
        """How loud a player is asked to be; 0 is silent and 1 as is."""
        level = _LEVELS.get(player)
        return 1.0 if level is None else float(self._knobs.value(level))

    def _plan_again(self) -> None:
        """Plan anew what has not begun: chords, or where the end is, have changed."""
        if self._changes is None:
            return
        now = self._now
        for part in self._parts.values():
            part.cancel()
        ahead = [past for past in self._planned if now is None or past.scene.beat.end > now]
        if not ahead:
            return
        self._planned.clear()
        self._lines = ahead[0].before
        until = ahead[-1].scene.start
        self._next = ahead[0].scene.start
        scenes = {past.scene.start: past.scene for past in ahead}
        while self._next is not None and self._next <= until:
            at = self._next
            known = scenes.get(at, ahead[0].scene)
            scene = self._scene(self._changes, at, known.bpm)
            room = known.room if at in scenes else scene.room
            self._plan(replace(scene, room=room, ratio=known.ratio, loose=known.loose), now)


def _single(notes: list[Note]) -> list[Strike]:
    return [(note,) for note in notes]
