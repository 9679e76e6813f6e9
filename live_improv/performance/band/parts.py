"""The parts of all players of a band, as one: what goes in as strokes comes out as events."""

from __future__ import annotations

from live_improv.music.chords import Chord
from live_improv.music.events import Timed
from live_improv.music.timing import Ticks
from live_improv.performance.band.part import Bounds, Part, Strike, within
from live_improv.performance.band.players import BandChannels, BandPlayer
from live_improv.performance.controls import Knobs

_ALONE = frozenset((BandPlayer.BASS, BandPlayer.PIANO))
"""Who lets go of what sounds when they strike anew."""

_LEVELS = {
    BandPlayer.BASS: "bass_level",
    BandPlayer.PIANO: "piano_level",
    BandPlayer.DRUMS: "drums_level",
}
"""The control that says how loud a player is."""


class Parts:
    """Who plays, and what is on its way to being heard.

    Attributes:
        knobs: say how loud each player is.
    """

    def __init__(self, players: frozenset[BandPlayer], channels: BandChannels) -> None:
        self._parts = {each: Part(channels.of(each)) for each in BandPlayer if each in players}
        self.channels = tuple(dict.fromkeys(channels.of(each) for each in self._parts))
        self.knobs = Knobs()

    def add(self, player: BandPlayer, strikes: list[Strike], bounds: Bounds) -> None:
        """Have a player play these strokes, where it may; who is not asked for plays nothing."""
        part, level = self._parts.get(player), self._level(player)
        if part is None or level == 0.0:
            return
        after = bounds.after
        for strike in strikes:
            bounded = [within(note, bounds, level) for note in strike]
            played = [note for note in bounded if note is not None]
            if not played:
                continue
            begins = Ticks(min(note.onset for note in played))
            coming = tuple(note for note in played if after is None or note.onset > after)
            alone = player in _ALONE and (after is None or begins > after)
            part.add(coming, begins if alone else None)

    def next_tick(self) -> Ticks | None:
        """When the next event is due."""
        ticks = (part.next_tick() for part in self._parts.values())
        return min((tick for tick in ticks if tick is not None), default=None)

    @property
    def dropped(self) -> int:
        """How many notes were left out because they would have come too late."""
        return sum(part.dropped for part in self._parts.values())

    def due(self, tick: Ticks, since: Ticks | None = None) -> list[Timed]:
        """The events due up to and including `tick`, player by player; see `Scheduler.due`."""
        return [timed for part in self._parts.values() for timed in part.due(tick, since)]

    def cancel(self) -> None:
        """Forget every note that has not begun."""
        for part in self._parts.values():
            part.cancel()

    def all_off(self, tick: Ticks) -> list[Timed]:
        """End everything that sounds at `tick`, and forget all that was to come."""
        return [timed for part in self._parts.values() for timed in part.all_off(tick)]

    def let_go(self, chords: list[Chord], tick: Ticks) -> list[Timed]:
        """End what is foreign to chords that come unforeseen; those who have such a note forget
        what was to come."""
        scales = [chord.scale | chord.pitch_classes for chord in chords]
        return [
            timed
            for player, part in self._parts.items()
            if player in _ALONE and not any(_holds(scale, part.sounding()) for scale in scales)
            for timed in part.all_off(tick)
        ]

    def _level(self, player: BandPlayer) -> float:
        """How loud a player is asked to be; 0 is silent and 1 as is."""
        level = _LEVELS.get(player)
        return 1.0 if level is None else float(self.knobs.value(level))


def _holds(scale: frozenset[int], pitches: frozenset[int]) -> bool:
    """Whether all pitches are in a scale, as they are where there is none."""
    return not scale or all(pitch % 12 in scale for pitch in pitches)
