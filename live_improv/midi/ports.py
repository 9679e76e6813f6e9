"""Real MIDI ports, through python-rtmidi.

Opening a port never leaves the caller guessing: an existing port is taken where its name fits,
else a virtual port is made where the system can, else a `PortError` says in one line what is the
matter and what to do.

Quirks that shape this module (more of them in `connection` and `systems`)
    Messages sent just before a port closes may be lost (python-rtmidi#93), and over JACK those
    sent just after it is connected. JACK shows a virtual port `name` of ours as
    `live_improv:name`; a client that has the name of the JACK server itself cuts the server off.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from live_improv.midi.codec import decode, encode, printable
from live_improv.midi.connection import SETTLE_SECONDS, Connection, makes_virtual
from live_improv.midi.port_names import (
    MidiUnavailable,
    PortAmbiguous,
    PortError,
    PortInUse,
    PortNotFound,
    match_port,
)
from live_improv.midi.systems import SystemWatch, first_client
from live_improv.music.events import Event, Stamped
from live_improv.music.timing import Seconds

__all__ = [
    "CLIENT",
    "SETTLE_SECONDS",
    "InputPort",
    "MidiUnavailable",
    "OutputPort",
    "PortAmbiguous",
    "PortError",
    "PortInUse",
    "PortNotFound",
    "Ports",
    "SystemWatch",
    "list_ports",
    "match_port",
    "open_input",
    "open_output",
]

CLIENT = "live_improv"
DRAIN_SECONDS = 0.06
"""How long the last message has to leave before the port closes."""


@dataclass(frozen=True, slots=True)
class Ports:
    """What the system has: the names of its inputs and outputs, in its own order.

    Attributes:
        api: the MIDI system that answered, as rtmidi calls it.
        virtual_possible: a port of a new name can be made.
    """

    api: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    virtual_possible: bool


class OutputPort(Connection):
    """An open output."""

    def __init__(self, client: str = CLIENT) -> None:
        super().__init__("MidiOut", client, time.sleep)
        self._last_send = float("-inf")

    def send(self, event: Event) -> None:
        """Send one event now.

        Raises:
            PortError: the port is closed, or the system refuses the message.
            ValueError: the event has a number that MIDI cannot say.
        """
        device = self._live()
        message = encode(event)
        try:
            device.send_message(message)
        except Exception as error:  # rtmidi raises its own errors and ValueError
            raise PortError(
                f"MIDI port {printable(self.name)!r} does not send: {printable(str(error))}"
            ) from error
        self._last_send = time.perf_counter()

    def close(self) -> None:
        """Let the last messages leave, which takes `DRAIN_SECONDS` at most, and close.

        A second call does nothing. Deleting a client right after its port hung over JACK once in
        some 5,000 closes on a machine without idle time; the pause between is a precaution.
        """
        device, self._device = self._device, None
        if device is None:
            return
        try:
            time.sleep(max(0.0, self._last_send + DRAIN_SECONDS - time.perf_counter()))
        finally:
            device.close_port()
            time.sleep(SETTLE_SECONDS)
            device.delete()

    def _prepare(self, device: Any) -> None:
        """Nothing: an output is ready as it is."""


class InputPort(Connection):
    """An open input, whose events go to a function in rtmidi's own thread.

    Attributes:
        faults: how many events the receiving function raised an exception on.
    """

    def __init__(self, receive: Callable[[Stamped], None], client: str = CLIENT) -> None:
        super().__init__("MidiIn", client, time.sleep)
        self.faults = 0
        self._receive = receive
        self._in_use: list[Any] = []
        self._prepare(self._device)

    def heard(self, message: tuple[Sequence[int], float], _data: object = None) -> None:
        """Stamp and hand over one message. rtmidi calls this, holding the interpreter."""
        at = Seconds(time.perf_counter())
        event = decode(message[0])
        if event is None:
            return
        try:
            self._receive(Stamped(at, event))
        except Exception:  # it would be printed and lost inside rtmidi
            self.faults += 1

    def close(self) -> None:
        """Stop listening, which takes twice `SETTLE_SECONDS`. A second call does nothing.

        rtmidi calls `heard` from the system's own thread, in the middle of reading the port's
        buffer, and waits there for the interpreter, which closing a port holds: over JACK the
        port was unregistered under that thread, which then read on and crashed now and then
        (about 1 close in 100 under a stream of messages while the program was busy). So the
        callback goes first: what comes in from then on stays in a queue of rtmidi (1,024
        messages) and waits for nobody, and the pause lets a call that has begun end before the
        port closes.
        """
        device, self._device = self._device, None
        if device is not None:
            device.cancel_callback()
            time.sleep(SETTLE_SECONDS)
            device.close_port()
            time.sleep(SETTLE_SECONDS)
            device.delete()
            self._in_use = []

    def _prepare(self, device: Any) -> None:
        device.ignore_types(sysex=True, timing=False, active_sense=True)
        device.set_callback(self.heard)  # before the port opens: nothing is missed
        # MidiIn hands the system's thread a pair that only it refers to, and `cancel_callback`
        # frees it even while a call with it waits for the interpreter.
        self._in_use = gc.get_referents(device)


def list_ports(*, client: str = CLIENT) -> Ports:
    """The ports of the first MIDI system that answers.

    Raises:
        MidiUnavailable: none does.
    """
    rtmidi, outputs = first_client("MidiOut", client)
    try:
        _, inputs = first_client("MidiIn", client)
        try:
            return Ports(
                api=rtmidi.get_api_display_name(outputs.get_current_api()),
                inputs=tuple(inputs.get_ports()),
                outputs=tuple(outputs.get_ports()),
                virtual_possible=makes_virtual(rtmidi, outputs),
            )
        finally:
            inputs.delete()
    finally:
        outputs.delete()


def open_output(name: str, *, client: str = CLIENT) -> OutputPort:
    """Open the output that `name` means (see `match_port`), or a virtual port of that name.

    Raises:
        PortError: in one of its kinds.
    """
    port = OutputPort(client)
    port.connect(name)
    return port


def open_input(name: str, receive: Callable[[Stamped], None], *, client: str = CLIENT) -> InputPort:
    """Open the input that `name` means, or a virtual port of that name, and start listening.

    Args:
        receive: called with each event we use, in rtmidi's own thread; it must only put the event
            away. Stamps are seconds of `time.perf_counter`. Clock messages are heard, system
            exclusive and active sensing are not.

    Raises:
        PortError: in one of its kinds.
    """
    port = InputPort(receive, client)
    port.connect(name)
    return port
