"""Real MIDI ports, through python-rtmidi.

Opening a port never leaves the caller guessing: an existing port is taken where its name fits,
else a virtual port is made where the system can, else a `PortError` says in one line what is the
matter and what to do.

Quirks that shape this module
    A receiver that dies goes unnoticed by `send`.
    Messages sent just before a port closes may be lost (python-rtmidi#93), and over JACK those
    sent just after it is connected. JACK shows a virtual port `name` of ours as
    `live_improv:name`; a client that has the name of the JACK server itself cuts the server off.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType, TracebackType
from typing import Any, Self

from live_improv.midi.codec import decode, encode, printable
from live_improv.midi.port_names import (
    MidiUnavailable,
    PortAmbiguous,
    PortError,
    PortInUse,
    PortNotFound,
    match_port,
)
from live_improv.midi.systems import first_client, way_out
from live_improv.music.events import Event, Stamped
from live_improv.music.timing import Seconds

__all__ = [
    "InputPort",
    "MidiUnavailable",
    "OutputPort",
    "PortAmbiguous",
    "PortError",
    "PortInUse",
    "PortNotFound",
    "Ports",
    "list_ports",
    "match_port",
    "open_input",
    "open_output",
]

CLIENT = "live_improv"
DRAIN_SECONDS = 0.06
"""How long the last message has to leave before the port closes."""

SETTLE_SECONDS = 0.05
"""How long a change to the system's connections takes to be in force."""


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


class _Closable(ABC):
    """Something that is closed at the end of a `with` block."""

    @abstractmethod
    def close(self) -> None:
        """Close it; a second call does nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class OutputPort(_Closable):
    """An open output. Use it as a context manager, or call `close`.

    Attributes:
        name: the port that receives, as the system shows it, or our own virtual port's name.
        virtual: we made the port, and others connect to it.
    """

    def __init__(self, device: Any, name: str, virtual: bool) -> None:
        self.name = name
        self.virtual = virtual
        # rtmidi closes the port when this object is collected: it is kept as long as we are.
        self._device: Any | None = device
        self._last_send = float("-inf")

    def send(self, event: Event) -> None:
        """Send one event now.

        Raises:
            PortError: the port is closed, or the system refuses the message.
            ValueError: the event has a number that MIDI cannot say.
        """
        if self._device is None:
            raise PortError(f"MIDI port {printable(self.name)!r} is closed")
        message = encode(event)
        try:
            self._device.send_message(message)
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


class InputPort(_Closable):
    """An open input, whose events go to a function in rtmidi's own thread.

    Attributes:
        name: the port that sends, or our own virtual port's name.
        virtual: we made the port, and others connect to it.
        faults: how many events the receiving function raised an exception on.
    """

    def __init__(self, device: Any, receive: Callable[[Stamped], None]) -> None:
        self.name = ""
        self.virtual = False
        self.faults = 0
        self._device = device
        self._closed = False
        self._receive = receive

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
        """Stop listening, which takes `SETTLE_SECONDS`. A second call does nothing.

        MidiIn.close_port frees the callback even while the system's thread is about to call it,
        which crashes under a stream of messages (about 1 close in 150 over JACK, on a machine
        without idle time). The base class closes the port alone, so nothing new comes in;
        the callback goes when the last call is over.
        """
        if not self._closed:
            self._closed = True
            super(type(self._device), self._device).close_port()  # type: ignore[misc]
            time.sleep(SETTLE_SECONDS)
            self._device.cancel_callback()
            self._device.delete()


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
                virtual_possible=_makes_virtual(rtmidi, outputs),
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
    rtmidi, device = first_client("MidiOut", client)
    with _deleted_on_error(device):
        return OutputPort(device, *_connect(rtmidi, device, name))


def open_input(name: str, receive: Callable[[Stamped], None], *, client: str = CLIENT) -> InputPort:
    """Open the input that `name` means, or a virtual port of that name, and start listening.

    Args:
        receive: called with each event we use, in rtmidi's own thread; it must only put the event
            away. Stamps are seconds of `time.perf_counter`. Clock messages are heard, system
            exclusive and active sensing are not.

    Raises:
        PortError: in one of its kinds.
    """
    rtmidi, device = first_client("MidiIn", client)
    with _deleted_on_error(device):
        device.ignore_types(sysex=True, timing=False, active_sense=True)
        port = InputPort(device, receive)
        device.set_callback(port.heard)  # before the port opens: nothing is missed
        port.name, port.virtual = _connect(rtmidi, device, name)
        return port


def _connect(rtmidi: ModuleType, device: Any, wanted: str) -> tuple[str, bool]:
    """Open an existing port, or else a virtual one; its name, and whether it is virtual."""
    names = device.get_ports()
    index = match_port(wanted, names)
    if index is None:
        return _make_virtual(rtmidi, device, wanted, names), True
    try:
        device.open_port(index, name=wanted)
    except rtmidi.RtMidiError as error:
        name = printable(names[index])
        if names[index] not in device.get_ports():
            raise PortNotFound(f"MIDI port {name!r} has just gone; plug it in again") from error
        raise PortInUse(
            f"MIDI port {name!r} does not open: it may be in use by another program; close that, "
            f"or choose another port ({printable(str(error))})"
        ) from error
    if device.get_current_api() == rtmidi.API_UNIX_JACK:
        time.sleep(SETTLE_SECONDS)  # a connection counts from one of the next periods on
    return names[index], False


def _make_virtual(rtmidi: ModuleType, device: Any, wanted: str, names: Sequence[str]) -> str:
    name = printable(wanted)
    if not name or not _makes_virtual(rtmidi, device):
        listed = ", ".join(map(printable, names)) or "none"
        raise PortNotFound(f"no MIDI port is called {name!r}; there are: {listed}{way_out()}")
    try:
        device.open_virtual_port(name)
    except (rtmidi.RtMidiError, UnicodeError) as error:
        raise PortError(
            f"cannot make a virtual MIDI port {name!r}: {printable(str(error))}"
        ) from error
    return name


def _makes_virtual(rtmidi: ModuleType, device: Any) -> bool:
    return device.get_current_api() in (
        rtmidi.API_MACOSX_CORE,
        rtmidi.API_LINUX_ALSA,
        rtmidi.API_UNIX_JACK,
    )


@contextmanager
def _deleted_on_error(device: Any) -> Iterator[None]:
    try:
        yield
    except BaseException:
        device.delete()
        raise
