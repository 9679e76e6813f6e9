"""What a performance is asked to be, before anything of it is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from live_improv.grammar.realization import Register
from live_improv.music.changes import Changes
from live_improv.music.timing import PPQ, Ticks
from live_improv.performance.band import BandPlayer
from live_improv.performance.constraints import Constraints
from live_improv.performance.controls import Knobs
from live_improv.performance.hands import Hands
from live_improv.performance.harmony import ChordSource
from live_improv.performance.instruments import DEFAULT, Instrument
from live_improv.performance.partner import Listening
from live_improv.performance.turns import First

COMMIT_HORIZON = Ticks(PPQ)
"""How long before it sounds a note is committed."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a performance is to be.

    Attributes:
        chart: a file, a link, the name of a chart that comes with the program, or changes; None
            for the default one, or for none at all where the chords are played live.
        tune: of a play list, the number or the title of one.
        model: a model folder, or None for the default one.
        bpm: quarters a minute, or None for the chart's own tempo.
        bars, choruses: how long; with neither it does not end.
        instrument: what is played.
        register: the lowest and the highest note, or None for the instrument's.
        seed: of every draw.
        channel: 0..15.
        program: 0..127, the General MIDI sound that is asked for, or None to leave it alone.
        band: who accompanies.
        knobs: what can be turned while it plays, as it is at the beginning.
        manner: the name of one of the model's manners, or None for none.
        first: who trades first.
        count_in: bars that are counted in.
        chords: where they come from.
        listening: how the player is listened to.
        constraints: what the line is held to.
        horizon: how long before it sounds a note is committed.
        hands: what the player's knobs and keys do.
        leads: whether a MIDI clock is sent.
    """

    chart: str | Changes | None = None
    tune: str | None = None
    model: Path | None = None
    bpm: float | None = None
    bars: int | None = None
    choruses: int | None = None
    instrument: Instrument = DEFAULT
    register: Register | None = None
    seed: int = 0
    channel: int = 0
    program: int | None = None
    band: frozenset[BandPlayer] = frozenset()
    knobs: Knobs = Knobs()  # noqa: RUF009
    manner: str | None = None
    first: First = First.PLAYER
    count_in: int = 0
    chords: ChordSource = ChordSource.CHART
    listening: Listening = Listening()  # noqa: RUF009
    constraints: Constraints = Constraints()  # noqa: RUF009
    horizon: Ticks = COMMIT_HORIZON
    hands: Hands = field(default_factory=Hands)
    leads: bool = False
