"""Ports that are unplugged and plugged in again while we play.

A `SteadyOutput` takes every event whether or not its port is there: while the port is gone, time
goes on in silence. A `PortWatch` looks at the lists of ports twice a second, in a thread of its
own, reconnects what is back, also under another number, and tells what happened; what to play then
is the session's affair.

What cannot be done
    rtmidi holds the interpreter in every call, so reconnecting in a thread still stops the loop for
    as long as the system takes: over JACK 1 to 5 ms, measured. A call that never returns stops
    everything, in whatever thread; none is made to a system that is known to be dead.
    A port that goes and comes back between two looks under the same name and number is noticed over
    JACK alone, which numbers its clients.
    macOS renews its lists for the thread that first used MIDI; whether another thread sees what is
    plugged in is not tested.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from live_improv.midi.ports import (
    CLIENT,
    InputPort,
    MidiUnavailable,
    OutputPort,
    PortAmbiguous,
    PortError,
    SystemWatch,
    match_port,
    open_input,
    open_output,
)
from live_improv.music.events import Event, Stamped

LOOK_SECONDS = 0.5
"""Between two looks at the lists of ports. One look costs 0.1 to 0.2 ms for each port."""

CLOSE_SECONDS = 1.0
"""How long the end of the watch is waited for."""


@dataclass(frozen=True, slots=True)
class PortNews:
    """A port has gone, or is back and connected again.

    Attributes:
        wanted: the name that was asked for.
        name: the port as the system shows it now, or did at last.
        output: we send to it, else we listen to it.
        back: it is back, else it has gone.
    """

    wanted: str
    name: str
    output: bool
    back: bool


class _Steady(ABC):
    """A port that may come and go. A context manager; close it after its watch.

    Attributes:
        here: it is connected.
    """

    def __init__(self, port: OutputPort | InputPort) -> None:
        self.here = True
        self._port = port
        self._closed = False
        self._has_client = True
        self._owner: str | None = None
        self._known = self._names()

    @property
    def wanted(self) -> str:
        """The name that was asked for."""
        return self._port.wanted

    @property
    def name(self) -> str:
        """The port at the other end as the system shows it or did at last, or our virtual port."""
        return self._port.name

    @property
    def virtual(self) -> bool:
        """We made the port, so it goes only with the whole system."""
        return self._port.virtual

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close it; a second call does nothing."""
        self._closed = True
        self._set_here(False)
        self._port.close()

    def look(self, system: SystemWatch) -> Iterator[PortNews]:
        """See whether the port is there, and disconnect or reconnect it."""
        if self._closed or self.virtual or not self._has_client:
            return
        names = self._names()
        if self.here and not self._is_there(names, system):
            self._set_here(False)
            with suppress(Exception):  # a device that has gone may refuse even to be let go
                self._port.disconnect()
            yield self._news()
        if self.here:
            self._known = names
        elif (name := self._again(names)) is not None:
            with suppress(PortError):  # it has gone again or is in use: the next look tries anew
                self._port.reconnect(name)
                self._owner = system.owner(name) or None
                self._set_here(True)
                yield self._news()

    def lose_system(self) -> Iterator[PortNews]:
        """The system has died, and the port with it."""
        if self._closed or not self._has_client:
            return
        was_here = self.here
        self._set_here(False)
        self._has_client = False
        self._owner = None
        self._known = ()
        self._port.abandon()
        if was_here:
            yield self._news()

    def find_system(self) -> Iterator[PortNews]:
        """Take part in the system again, if it is back.

        Raises:
            PortError: it is not.
        """
        if self._closed or self._has_client:
            return
        self._port.renew()
        self._has_client = True
        if self.virtual:
            self._set_here(True)
            yield self._news()

    def watch(self, died: Callable[[], None]) -> SystemWatch:
        """Something that tells whether the system behind the port runs.

        Raises:
            MidiUnavailable: it does not.
            PortError: it cannot be told now.
        """
        return self._port.watch(died)

    def _names(self) -> tuple[str, ...]:
        try:
            return self._port.names()
        except PortError:  # what cannot be listed is not there
            return ()

    def _is_there(self, names: Sequence[str], system: SystemWatch) -> bool:
        if not any(map(self._port.stands_for, names)):
            return False
        owner = system.owner(self.name)
        if self._owner is None:
            self._owner = owner or None
        return not owner or owner == self._owner

    def _again(self, names: Sequence[str]) -> str | None:
        """Which of `names` is the port that had gone.

        It is the one with its name, or, of those that came since it was last seen, the one that
        its last name or the name that was asked for means.
        """
        for name in (self.name, *filter(self._port.stands_for, names)):
            if name in names:
                return name
        came = [name for name in names if name not in self._known]
        for meant in (self.name, self.wanted):
            with suppress(PortAmbiguous):
                index = match_port(meant, came)
                if index is not None:
                    return came[index]
        return None

    def _news(self) -> PortNews:
        output = isinstance(self._port, OutputPort)
        return PortNews(self.wanted, self.name, output=output, back=self.here)

    @abstractmethod
    def _set_here(self, here: bool) -> None:
        """Let events pass, or stop them."""


class SteadyOutput(_Steady):
    """An output that takes every event, and loses those that come while its port is gone.

    Attributes:
        dropped: how many events were lost.
    """

    def __init__(self, port: OutputPort) -> None:
        super().__init__(port)
        self.dropped = 0
        self._open: OutputPort | None = port

    def send(self, event: Event) -> None:
        """Send one event now, if the port is there.

        Raises:
            ValueError: the event has a number that MIDI cannot say.
        """
        port = self._open  # the watch may take it away at any moment
        if port is None:
            self.dropped += 1
            return
        try:
            port.send(event)
        except PortError:
            self.dropped += 1
            self._open = None  # the next look finds out what is the matter

    def _is_there(self, names: Sequence[str], system: SystemWatch) -> bool:
        return self._open is not None and super()._is_there(names, system)

    def _set_here(self, here: bool) -> None:
        assert isinstance(self._port, OutputPort)
        self._open = self._port if here else None
        self.here = here


class SteadyInput(_Steady):
    """An input whose port may come and go."""

    def __init__(self, port: InputPort) -> None:
        super().__init__(port)
        self._input = port

    @property
    def faults(self) -> int:
        """How many events the receiving function raised an exception on."""
        return self._input.faults

    def _set_here(self, here: bool) -> None:
        self.here = here


def open_steady_output(name: str, *, client: str = CLIENT) -> SteadyOutput:
    """`open_output`, as a port that may come and go.

    Raises:
        PortError: in one of its kinds; it has to be there, or to be made, at first.
    """
    return SteadyOutput(open_output(name, client=client))


def open_steady_input(
    name: str, receive: Callable[[Stamped], None], *, client: str = CLIENT
) -> SteadyInput:
    """`open_input`, as a port that may come and go.

    Raises:
        PortError: in one of its kinds; it has to be there, or to be made, at first.
    """
    return SteadyInput(open_input(name, receive, client=client))


class PortWatch:
    """Looks after ports in a thread of its own, from `start` (or `with`) to `close`.

    Attributes:
        faults: how many looks ended in an error that nobody expected.

    Args:
        ports: closed by their owner, after the watch.
        tell: called with all news in the watch's thread; it must only put them away.
        every: seconds between two looks.
    """

    def __init__(
        self,
        ports: Sequence[SteadyOutput | SteadyInput],
        tell: Callable[[PortNews], None],
        *,
        every: float = LOOK_SECONDS,
    ) -> None:
        self.faults = 0
        self._ports = tuple(ports)
        self._tell = tell
        self._every = every
        self._system: SystemWatch | None = None
        self._wake = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def start(self) -> None:
        """Begin to look, at once and then again and again."""
        assert self._thread is None, "a watch is started once"
        self._thread = threading.Thread(target=self._run, name="port watch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop looking. A look that does not return is left behind after `CLOSE_SECONDS`."""
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(CLOSE_SECONDS)
        elif self._system is not None:
            self._system.close()

    def look(self) -> None:
        """Look once at every port; the thread does nothing else."""
        if not self._ports:
            return
        if self._system is not None and not self._system.answers():
            self._lose_system()
        if self._system is None:
            try:
                for port in self._ports:
                    self._tell_all(port.find_system())
                self._system = self._ports[0].watch(self._wake.set)
            except MidiUnavailable:
                self._lose_system()
                return
            except PortError:  # the next look tries again
                pass
        for port in self._ports:
            self._tell_all(port.look(self._system or SystemWatch()))

    def _lose_system(self) -> None:
        self._system = None
        for port in self._ports:
            self._tell_all(port.lose_system())

    def _tell_all(self, news: Iterator[PortNews]) -> None:
        for each in news:
            self._tell(each)

    def _run(self) -> None:
        try:
            while not self._stopping:
                try:
                    self.look()
                except Exception:  # the ports that are well go on being looked after
                    self.faults += 1
                self._wake.wait(self._every)
                self._wake.clear()
        finally:
            if self._system is not None:
                self._system.close()
