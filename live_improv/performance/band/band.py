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
from live_improv.performance.band.part import Bounds, Strike
from live_improv.performance.band.parts import Parts
from live_improv.performance.band.piano import Comping, plan_piano
from live_improv.performance.band.players import BandChannels, BandPlayer
from live_improv.performance.band.room import Soloing
from live_improv.performance.band.scene import Scene
from live_improv.performance.band.styles import groove_of
from live_improv.performance.controls import Knobs
from live_improv.performance.feel import swing_ratio

HORIZON = PPQ
"""How long before it begins a beat is planned."""

_KNOWN = Ticks(HORIZON + PPQ // 4)
"""What the soloist begins later than this before a beat does not change the beat: whether it has
been heard of by then would depend on when somebody comes to ask."""


_KEPT = 32  # beats: as many as may be planned and not over


_Strokes = dict[BandPlayer, list[Strike]]


@dataclass(frozen=True, slots=True)
class _Lines:
    """What the players leave with a beat."""

    bass: BassLine
    piano: Comping


@dataclass(frozen=True, slots=True)
class _Planned:
    """A beat that is planned: with what, so that it can be again, and what it left."""

    scene: Scene
    before: _Lines
    left: _Lines


class Band:
    """The players that were asked for.

    Args:
        seed: of all draws; each player has its own.
        start: they play from there on.
        end: the final chord is struck there; with None they play on.
    """

    def __init__(
        self,
        players: frozenset[BandPlayer],
        seed: int,
        channels: BandChannels | None = None,
        start: Ticks = Ticks(0),  # noqa: B008
        end: Ticks | None = None,
    ) -> None:
        self._parts = Parts(players, channels or BandChannels())
        self._seed = seed
        self._changes: Changes | None = None
        self._next: Ticks | None = start
        self._since = start
        self._end = end
        self._lines = _Lines(BassLine(), Comping())
        self._planned: deque[_Planned] = deque(maxlen=_KEPT)
        self._soloing = Soloing()
        self._now: Ticks | None = None
        # What is to be handed out as soon as somebody asks.
        self._owed: list[Timed] = []

    @property
    def channels(self) -> tuple[int, ...]:
        """The channels of those who play."""
        return self._parts.channels

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
        before, self._changes = self._changes, changes
        if before is None or before is changes:
            return
        now = self._now
        if now is not None and before.chord_at(now) != changes.chord_at(now):
            # Its own chord, and the one that may have been anticipated.
            chords = [changes.chord_at(Ticks(now + ahead)) for ahead in (0, PPQ // 2)]
            self._owed += self._parts.let_go(chords, now)
        self._plan_again()

    def turn_knobs(self, knobs: Knobs) -> None:
        """Play by these knobs from the next beat on that is planned."""
        self._parts.knobs = knobs

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
        return self._owed[0].tick if self._owed else self._parts.next_tick()

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

    @property
    def dropped(self) -> int:
        """How many notes were left out because they would have come too late."""
        return self._parts.dropped

    def due(self, tick: Ticks, since: Ticks | None = None) -> list[Timed]:
        """The events due up to and including `tick`, in order of time; see `Scheduler.due`."""
        self._now = tick
        found, self._owed = self._owed + self._parts.due(tick, since), []
        found.sort(key=lambda timed: timed.tick)
        return found

    def silence(self, tick: Ticks) -> list[Timed]:
        """End everything that sounds at `tick`, and forget what was to come."""
        found, self._owed = self._owed + self._parts.all_off(tick), []
        self._planned.clear()
        return found

    def relocate(self, left: Ticks, to: Ticks) -> None:
        """What was to be at `left` is at `to`; silence first.

        They go on with the first beat there or after it, and not before bar 1.
        """
        self._parts.cancel()
        self._planned.clear()
        self._soloing.moved(to - left)
        self._lines = _Lines(self._lines.bass, replace(self._lines.piano, at=None))
        self._now = None
        self._next = Ticks(max(to, 0))
        if self._changes is not None:
            beat = beat_at(self._changes, self._next)
            self._next = beat.end if beat.start < self._next else beat.start
        self._since = self._next

    # Planning

    def _scene(self, changes: Changes, tick: Ticks, bpm: float) -> Scene:
        beat = beat_at(changes, tick)
        knobs = self._parts.knobs
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

    def _plan(self, scene: Scene, after: Ticks | None = None, past: _Planned | None = None) -> None:
        """Plan a beat.

        Args:
            after: what would have begun up to this tick has, or is left out.
            past: how the beat was planned before.
        """
        before = self._lines
        bounds = Bounds(scene.start, self._since, self._end, after)
        if self._end is not None and scene.start >= self._end:
            strokes = ending.final(scene, before.bass, before.piano)
            bounds = Bounds(scene.start, self._since, after=after)
            following = None
        else:
            strokes, self._lines = _played(scene, before)
            following = scene.beat.end
            if self._end is not None:
                following = Ticks(min(following, self._end))
        if past is not None and after is not None and scene.start <= after:
            self._lines = _begun(strokes, self._lines, past.left, after)
        self._planned.append(_Planned(scene, before, self._lines))
        for player, strikes in strokes.items():
            self._parts.add(player, strikes, bounds)
        self._next = following

    def _go_on(self, now: Ticks | None) -> None:
        """Take up the tune again after what was the end, if that is no longer where it was."""
        assert self._changes is not None, "chords hold"
        if self._next is None and now is not None and (self._end is None or self._end > now):
            self._next = beat_at(self._changes, now).end

    def _plan_again(self) -> None:
        """Plan anew what has not begun: chords, or where the end is, have changed."""
        if self._changes is None:
            return
        now = self._now
        self._parts.cancel()
        ahead = [past for past in self._planned if now is None or past.scene.beat.end > now]
        if not ahead:
            self._go_on(now)
            return
        self._planned.clear()
        self._lines = ahead[0].before
        until = ahead[-1].scene.start
        self._next = ahead[0].scene.start
        before = {past.scene.start: past for past in ahead}
        while self._next is not None and self._next <= until:
            at = self._next
            past = before.get(at)
            known = (past or ahead[0]).scene
            scene = self._scene(self._changes, at, known.bpm)
            room = scene.room if past is None else known.room
            self._plan(replace(scene, room=room, ratio=known.ratio, loose=known.loose), now, past)


def _played(scene: Scene, before: _Lines) -> tuple[_Strokes, _Lines]:
    """What everybody plays in a beat, and what they leave to the next one."""
    bass, line = plan_bass(scene, before.bass)
    piano, comping = plan_piano(scene, before.piano)
    strokes = {
        BandPlayer.BASS: _single(bass),
        BandPlayer.PIANO: piano,
        BandPlayer.DRUMS: _single(plan_drums(scene)),
        BandPlayer.CLICK: _single(plan_clicks(scene)),
    }
    return strokes, _Lines(line, comping)


def _begun(strokes: _Strokes, lines: _Lines, left: _Lines, after: Ticks) -> _Lines:
    """What a beat leaves that is planned again while it sounds.

    Who begins nothing more in it leaves what they did before: what they have played is played.
    """

    def more(player: BandPlayer) -> bool:
        strikes = strokes.get(player, [])
        return any(note.onset > after for strike in strikes for note in strike)

    return _Lines(
        lines.bass if more(BandPlayer.BASS) else left.bass,
        lines.piano if more(BandPlayer.PIANO) else left.piano,
    )


def _single(notes: list[Note]) -> list[Strike]:
    return [(note,) for note in notes]
