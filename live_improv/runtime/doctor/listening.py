"""What comes in while the doctor listens: a MIDI clock, notes, and our own output.

To see whether what is played comes back, three controllers that MIDI leaves undefined are sent on
channel 16, to the port that would be played to: no synthesizer makes a sound of them. No note is
ever sent.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from live_improv.listening.clock_follower import ClockFollower
from live_improv.midi.port_names import PortError, match_port
from live_improv.midi.ports import OutputPort, Ports, open_input, open_output
from live_improv.music.events import ControlChange, Event, NoteOn, Pulse, Stamped, Start
from live_improv.music.timing import Seconds
from live_improv.runtime.doctor.findings import Finding, Level
from live_improv.runtime.doctor.plan import Plan
from live_improv.runtime.doctor.ports import CLIENT

DEFAULT_PORT = "live_improv"
"""What is played to where no port is named, as the command line has it."""

MOST_INPUTS = 16
"""So many inputs are listened to, each of which takes a tenth of a second to open and to close."""

MOST_HEARD = 200_000
"""Messages of one input that are kept."""

CHANNEL, CONTROLS = 15, (119, 118, 117)
"""Undefined in MIDI 1.0 (Detailed Specification, table III), and none of ours."""

PROBES = 3
"""The probe is sent so often, as a connection may be slow to be made."""

ENOUGH_PULSES = 12


@dataclass(slots=True)
class Heard:
    """An input that is listened to.

    Attributes:
        name: as the system shows it.
        events: what came, in order.
    """

    name: str
    events: deque[Stamped] = field(default_factory=lambda: deque(maxlen=MOST_HEARD))

    def count(self, kind: type[Event]) -> int:
        """How many events of a kind came."""
        return sum(isinstance(stamped.event, kind) for stamped in self.events)


@dataclass(frozen=True, slots=True)
class Probe:
    """What is sent to be recognised if it comes back."""

    values: tuple[int, ...]

    @classmethod
    def of(cls, number: int) -> Probe:
        """A probe that another process's, of another number, is seldom taken for."""
        return cls(tuple(number // 127**place % 127 + 1 for place in range(len(CONTROLS))))

    def events(self) -> list[ControlChange]:
        """The messages."""
        return [
            ControlChange(control, value, CHANNEL)
            for control, value in zip(CONTROLS, self.values, strict=True)
        ]

    def came_back(self, heard: Sequence[Stamped]) -> Seconds | None:
        """When all of it had been heard, in whatever order."""
        missing = set(self.events())
        for stamped in heard:
            if isinstance(stamped.event, ControlChange):
                missing.discard(stamped.event)
            if not missing:
                return stamped.at
        return None


def listen(
    plan: Plan, listed: Ports, wait: Callable[[float], None] = time.sleep
) -> Iterator[Finding]:
    """Listen for `plan.seconds`, and say what was heard.

    Args:
        listed: the ports there are.
        wait: sleeps for some seconds.
    """
    probe = Probe.of(os.getpid())
    with ExitStack() as stack:
        names, missed = _inputs(plan, listed)
        # Inputs before the output: a virtual port of ours is an input for everybody else.
        heard: list[Heard] = []
        for name in names:
            each = Heard(name)
            try:
                port = open_input(name, each.events.append, client=CLIENT)
            except PortError as error:
                yield Finding(Level.NOTE, "MIDI input", str(error))
                continue
            stack.enter_context(port)
            heard.append(each)
        if missed:
            yield Finding(
                Level.INFO,
                "MIDI inputs",
                f"{missed} more are not listened to",
                "name the one that counts with --in",
            )
        output, fault = _output(plan.port or DEFAULT_PORT, stack)
        if fault is not None:
            yield fault
        first_sent: Seconds | None = None
        for _ in range(PROBES):
            if output is not None:
                try:
                    for event in probe.events():
                        output.send(event)
                except PortError as error:
                    yield Finding(Level.WRONG, "MIDI output", str(error))
                    output = None
                else:
                    first_sent = first_sent or Seconds(time.perf_counter())
            wait(plan.seconds / PROBES)
        sent_to = "" if output is None else output.name
    yield clock(plan, heard)
    yield notes(plan, heard)
    if first_sent is not None:
        yield loop(sent_to, probe, heard)


def clock(plan: Plan, heard: Sequence[Heard]) -> Finding:
    """Whether a MIDI clock came, and how fast it is."""
    found = [each for each in heard if each.count(Pulse) >= ENOUGH_PULSES]
    if found:
        return Finding(Level.OK, "MIDI clock", "; ".join(map(_clock_of, found)))
    says = f"none heard in {plan.seconds:g} s"
    if not plan.waits_for_clock:
        return Finding(Level.INFO, "MIDI clock", says)
    advice = "let the DAW send its clock to this program's input, and start it"
    return Finding(Level.NOTE, "MIDI clock", says, advice)


def notes(plan: Plan, heard: Sequence[Heard]) -> Finding:
    """Whether somebody played."""
    says = []
    for each in heard:
        counts = {"notes": each.count(NoteOn), "controllers": _controllers(each)}
        played = (stamped.event for stamped in each.events)
        channels = sorted({event.channel + 1 for event in played if isinstance(event, NoteOn)})
        on = f" on channel {', '.join(map(str, channels))}" if channels else ""
        counted = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
        if counted:
            says.append(f"{counted}{on} from {each.name}")
    if says:
        return Finding(Level.OK, "MIDI heard", "; ".join(says))
    where = "no input to listen to" if not heard else f"nothing in {plan.seconds:g} s"
    advice = "" if not heard else "to see whether your keyboard arrives, play while this runs"
    return Finding(Level.INFO, "MIDI heard", where, advice)


def loop(output: str, probe: Probe, heard: Sequence[Heard]) -> Finding:
    """Whether what is sent to a port comes back."""
    if not heard:
        return Finding(Level.INFO, "loop", "no input on which anything could come back")
    back = [each.name for each in heard if probe.came_back(list(each.events)) is not None]
    if not back:
        return Finding(Level.OK, "loop", f"what is sent to {output} does not come back")
    return Finding(
        Level.NOTE,
        "loop",
        f"what is sent to {output} comes back on {', '.join(back)}",
        "listen to another port (--in), or switch off thru there; what comes back is ignored",
    )


def _inputs(plan: Plan, listed: Ports) -> tuple[list[str], int]:
    """Which inputs are listened to, and how many more there are."""
    if plan.player_in is None:
        names = list(dict.fromkeys(listed.inputs))
        return names[:MOST_INPUTS], max(len(names) - MOST_INPUTS, 0)
    try:
        index = match_port(plan.player_in, listed.inputs)
    except PortError:
        return [], 0
    return ([] if index is None else [listed.inputs[index]]), 0


def _output(wanted: str, stack: ExitStack) -> tuple[OutputPort | None, Finding | None]:
    """The port that would be played to, open; or what is wrong with it."""
    try:
        return stack.enter_context(open_output(wanted, client=CLIENT)), None
    except PortError as error:
        return None, Finding(Level.WRONG, "MIDI output", str(error))


def _clock_of(heard: Heard) -> str:
    moments = [stamped.at for stamped in heard.events if isinstance(stamped.event, Pulse)]
    gaps = [after - before for before, after in pairwise(moments)]
    middle = median(gaps)
    unsteady = sorted(abs(gap - middle) for gap in gaps)[(len(gaps) - 1) * 99 // 100]
    follower = ClockFollower()
    for stamped in heard.events:
        follower.receive(stamped.event, stamped.at)
    bpm = "no tempo" if follower.bpm is None else f"{follower.bpm:.1f}"
    started = ", started" if heard.count(Start) else ""
    return f"{bpm} on {heard.name}, 99 of 100 pulses within {1e3 * unsteady:.1f} ms{started}"


def _controllers(heard: Heard) -> int:
    """How many controllers came that were not our own probe's."""
    return sum(
        isinstance(stamped.event, ControlChange)
        and not (stamped.event.channel == CHANNEL and stamped.event.control in CONTROLS)
        for stamped in heard.events
    )
