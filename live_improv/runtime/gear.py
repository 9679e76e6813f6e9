"""What is played through: the ports of a performance, opened, watched and closed again.

Ports come and go while the music plays; what to do then is the session's affair, and it is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from live_improv.midi.codec import printable
from live_improv.music.events import Ear, Heard, Stamped
from live_improv.performance.incoming import Incoming, Plugged, Port
from live_improv.runtime.guardian import GuardedOutput
from live_improv.runtime.hot_plug import (
    PortNews,
    PortWatch,
    SteadyInput,
    SteadyOutput,
    open_steady_input,
    open_steady_output,
)
from live_improv.runtime.priority import ask_realtime
from live_improv.view.page import Page

Output = SteadyOutput | GuardedOutput


@dataclass(frozen=True, slots=True)
class Gear:
    """What is played through.

    Attributes:
        port: the output, or None where only the speakers are played through.
        player_in: the player's input, or None.
        clock_in: where a MIDI clock comes from; None for the player's input.
        clock_out: where ours goes; None for nowhere.
        chord_in: where chords come from; None for the player's input.
        takes: the folder of takes, or None.
        learned: where MIDI learn is kept, or None.
        page: the page that is shown, or None.
        playing: the folder in which it is known who plays to which port, or None.
    """

    port: str | None
    player_in: str | None = None
    clock_in: str | None = None
    clock_out: str | None = None
    chord_in: str | None = None
    takes: Path | None = None
    learned: Path | None = None
    page: Page | None = None
    playing: Path | None = None

    def inputs(self) -> dict[str, Ear]:
        """Which inputs are opened, and what each is listened to for."""
        wanted = (
            (self.player_in, Ear.PLAYER),
            (self.clock_in or self.player_in, Ear.CLOCK),
            (self.chord_in, Ear.CHORDS),
        )
        found: dict[str, Ear] = {}
        for name, ear in wanted:
            if name is not None:
                found[name] = found.get(name, ear) | ear
        return found

    def uses(self, news: PortNews) -> list[Port]:
        """What the port of the news is for; one port may be for several."""
        rows = (
            (True, self.port, Port.NOTES),
            (True, self.clock_out, Port.CLOCK),
            (False, self.player_in, Port.PLAYER),
            (False, self.chord_in, Port.CHORDS),
        )
        asked = (news.output, news.wanted)
        return [port for output, name, port in rows if (output, name) == asked]


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of the gear, open.

    Attributes:
        notes: where notes go, or None where only the speakers are played through.
        clock: where the clock goes, which may be the same; None for nowhere.
        inputs: what is listened to.
    """

    notes: Output | None
    clock: Output | None
    inputs: tuple[SteadyInput, ...]


@contextmanager
def open_ports(
    gear: Gear, guarded: GuardedOutput | None, put: Callable[[Incoming], None]
) -> Iterator[Ports]:
    """The ports of the gear within the block; each is opened once, whatever it is for.

    Args:
        guarded: the output of the gear, begun before; without it, it is opened here.
        put: takes what is heard, from threads of the MIDI system's own.

    Raises:
        PortError: one cannot be opened; the others are closed.
    """
    with ExitStack() as stack:
        notes: Output | None = guarded
        if guarded is not None:
            guarded.ready()
        elif gear.port is not None:
            notes = stack.enter_context(open_steady_output(gear.port))
        clock: Output | None = None
        if gear.clock_out is not None:
            same = gear.clock_out == gear.port
            clock = notes if same else stack.enter_context(open_steady_output(gear.clock_out))
        inputs = [
            stack.enter_context(open_steady_input(name, _hearing(put, ears)))
            for name, ears in gear.inputs().items()
        ]
        yield Ports(notes, clock, tuple(inputs))


@contextmanager
def watched(
    ports: Ports, gear: Gear, put: Callable[[Incoming], None], say: Callable[[str], None]
) -> Iterator[None]:
    """Within the block a port that goes or is back is told to the session and to the player.

    A port with a guardian is watched by that.
    """

    def tell(news: PortNews) -> None:
        for port in gear.uses(news):
            put(Plugged(port, news.back))
        what = "is back" if news.back else "has gone; playing on"
        say(f"{printable(news.name)} {what}")

    outputs = {each for each in (ports.notes, ports.clock) if isinstance(each, SteadyOutput)}
    with PortWatch([*outputs, *ports.inputs], tell):
        if isinstance(ports.notes, GuardedOutput):
            ports.notes.listen(tell)
        yield


def _hearing(put: Callable[[Incoming], None], ears: Ear) -> Callable[[Stamped], None]:
    """What a port calls, in a thread of its own that it does not hand out otherwise."""
    asked = False

    def receive(stamped: Stamped) -> None:
        nonlocal asked
        if not asked:
            asked = True
            ask_realtime()
        put(Heard(stamped.at, stamped.event, ears))

    return receive
