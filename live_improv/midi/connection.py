"""What outputs and inputs have in common: a client of the MIDI system, connected or not.

Quirks of rtmidi that shape this module
    A receiver that dies goes unnoticed by `send`; when it is back the old connection is dead, but
    the same client connects anew (`names`, `disconnect`, `reconnect`).
    Every call into rtmidi holds the interpreter, so other threads wait for it. Over JACK: 0.1 ms
    for a list, 3 ms to disconnect, 1 ms to reconnect, 15 ms for a new client, which is why a port
    keeps its client.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from types import ModuleType, TracebackType
from typing import Any, Literal, Self

from live_improv.midi.codec import printable
from live_improv.midi.port_names import (
    MidiUnavailable,
    PortError,
    PortInUse,
    PortNotFound,
    match_port,
)
from live_improv.midi.systems import SystemWatch, first_client, never_free, system_watch, way_out

SETTLE_SECONDS = 0.05
"""How long a change to the system's connections takes to be in force."""

_WINDOWS_PLACE = re.compile(r"\s+\d+$")


def makes_virtual(rtmidi: ModuleType, device: Any) -> bool:
    """Whether the system of this client can make a port of a new name."""
    return device.get_current_api() in (
        rtmidi.API_MACOSX_CORE,
        rtmidi.API_LINUX_ALSA,
        rtmidi.API_UNIX_JACK,
    )


class Connection(ABC):
    """A client of the MIDI system, connected or not. A context manager; it ends with `close`.

    Attributes:
        wanted: the name that was asked for.
        name: the port at the other end, as the system shows it, or our own virtual port's name.
        virtual: we made the port, and others connect to it.

    Args:
        kind: the class of rtmidi.
        pause: waits for some seconds.
    """

    def __init__(
        self, kind: Literal["MidiIn", "MidiOut"], client: str, pause: Callable[[float], None]
    ) -> None:
        self.wanted = ""
        self.name = ""
        self.virtual = False
        self._kind: Literal["MidiIn", "MidiOut"] = kind
        self._client = client
        self._pause = pause
        self._rtmidi: ModuleType
        # rtmidi closes the port when this object is collected: it is kept as long as we are.
        self._device: Any | None
        self._rtmidi, self._device = first_client(kind, client)

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

    def connect(self, wanted: str) -> None:
        """Connect to an existing port, or else make a virtual one.

        Raises:
            PortError: in one of its kinds; the client is then deleted.
        """
        device = self._live()
        self.wanted = wanted
        try:
            names = device.get_ports()
            index = match_port(wanted, names)
            if index is None:
                self._make_virtual(names)
            else:
                self._open(index, names)
        except BaseException:
            self._device = None
            device.delete()
            raise

    def names(self) -> tuple[str, ...]:
        """What can be connected to now, as the system shows it.

        Raises:
            MidiUnavailable: the system does not say.
            PortError: the port is closed.
        """
        device = self._live()
        try:
            return tuple(device.get_ports())
        except Exception as error:  # rtmidi raises its own errors and ValueError
            raise MidiUnavailable(
                f"the MIDI system does not list its ports: {printable(str(error))}"
            ) from error

    def stands_for(self, name: str) -> bool:
        """Whether `name` is how the system may show, now, the port that we were connected to.

        Windows puts the place in the list behind every name, and places change when some other
        device goes. Elsewhere a port that is there keeps its name.
        """
        return name == self.name or (
            self._live().get_current_api() == self._rtmidi.API_WINDOWS_MM
            and _WINDOWS_PLACE.sub("", name) == _WINDOWS_PLACE.sub("", self.name)
        )

    def disconnect(self) -> None:
        """Let go of a port at the other end that has gone, and keep the client."""
        # MidiIn.close_port takes the callback away as well; see `InputPort.close`.
        super(type(self._live()), self._live()).close_port()  # type: ignore[misc]

    def reconnect(self, name: str) -> None:
        """Connect the client to the port that the system shows as `name`.

        Raises:
            PortNotFound, PortInUse: it has gone again, or is not to be had.
        """
        names = self.names()
        if name not in names:
            raise PortNotFound(f"MIDI port {printable(name)!r} has just gone; plug it in again")
        self._open(names.index(name), names)

    def abandon(self) -> None:
        """Leave the client alone for ever: its system has died, and closing it could crash."""
        device, self._device = self._device, None
        if device is not None:
            never_free(device)

    def renew(self) -> None:
        """Take a new client after `abandon`, connected to nothing; a virtual port is made again.

        Raises:
            PortError: in one of its kinds; `renew` may be tried again.
        """
        self._rtmidi, device = first_client(self._kind, self._client)
        self._device = device
        try:
            self._prepare(device)
            if self.virtual:
                device.open_virtual_port(self.name)
        except BaseException as error:
            self._device = None
            device.delete()
            if isinstance(error, self._rtmidi.RtMidiError):
                raise PortError(f"MIDI port {printable(self.name)!r} is not made again") from error
            raise

    def watch(self, died: Callable[[], None]) -> SystemWatch:
        """Something that tells whether the system behind this port still runs.

        Args:
            died: called once, in a thread of the system's library, when it does not.

        Raises:
            MidiUnavailable: it does not run.
            PortError: it cannot be told now.
        """
        api = self._live().get_current_api()
        return system_watch(self._rtmidi, api, f"{self._client} watch", died)

    @abstractmethod
    def _prepare(self, device: Any) -> None:
        """Set up a new client before it is connected."""

    def _live(self) -> Any:
        if self._device is None:
            raise PortError(f"MIDI port {printable(self.name)!r} is closed")
        return self._device

    def _open(self, index: int, names: Sequence[str]) -> None:
        device = self._live()
        try:
            device.open_port(index, name=self.wanted)
        except self._rtmidi.RtMidiError as error:
            name = printable(names[index])
            if names[index] not in device.get_ports():
                raise PortNotFound(f"MIDI port {name!r} has just gone; plug it in again") from error
            raise PortInUse(
                f"MIDI port {name!r} does not open: it may be in use by another program; close "
                f"that, or choose another port ({printable(str(error))})"
            ) from error
        if device.get_current_api() == self._rtmidi.API_UNIX_JACK:
            self._pause(SETTLE_SECONDS)  # a connection counts from one of the next periods on
        self.name, self.virtual = names[index], False

    def _make_virtual(self, names: Sequence[str]) -> None:
        device = self._live()
        name = printable(self.wanted)
        if not name or not makes_virtual(self._rtmidi, device):
            listed = ", ".join(map(printable, names)) or "none"
            raise PortNotFound(f"no MIDI port is called {name!r}; there are: {listed}{way_out()}")
        try:
            device.open_virtual_port(name)
        except (self._rtmidi.RtMidiError, UnicodeError) as error:
            raise PortError(
                f"cannot make a virtual MIDI port {name!r}: {printable(str(error))}"
            ) from error
        self.name, self.virtual = name, True
