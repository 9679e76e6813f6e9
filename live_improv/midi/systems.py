"""The computer's MIDI systems: which of them answers first, whether it still does, and the way out.

rtmidi is first imported when a function here is called, so everything but real ports works where
it cannot be loaded. python-rtmidi tries ALSA alone when left to choose, so every API is tried here
in turn; libjack and alsa-lib write to the standard error of the process when they find no server,
which is kept from the terminal while we look.

A JACK server can die. rtmidi does not tell: the lists of ports go on as they were, `send` fills a
buffer of 16 kB (some 2,300 messages) and then waits for ever, closing waits a second; and all of it
holds the interpreter. Clients of a dead server must not be touched once a new one has been tried,
as libjack frees them then; new clients of a new server work. So a client of our own, through the
same libjack, listens for the end.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import Any, Literal

from live_improv.midi.codec import printable
from live_improv.midi.port_names import MidiUnavailable, PortError


def first_client(kind: Literal["MidiIn", "MidiOut"], client: str) -> tuple[ModuleType, Any]:
    """rtmidi, and a client of the first of its MIDI systems that answers.

    Raises:
        MidiUnavailable: rtmidi does not load, or nothing answers.
    """
    try:
        rtmidi = importlib.import_module("rtmidi")
    except ImportError as error:
        raise MidiUnavailable(
            f"python-rtmidi cannot be loaded ({printable(str(error))}): on Debian and Ubuntu "
            "install libasound2, elsewhere python-rtmidi again; --offline FILE works without it"
        ) from error
    # JACK last: its library takes a moment to find that there is no server.
    systems = sorted(rtmidi.get_compiled_api(), key=lambda api: api == rtmidi.API_UNIX_JACK)
    with _quiet_probe():
        for api in systems:
            if api != rtmidi.API_RTMIDI_DUMMY:
                with suppress(rtmidi.RtMidiError):
                    return rtmidi, getattr(rtmidi, kind)(api, name=client)
    raise MidiUnavailable(f"no MIDI system answers{way_out()}")


def way_out() -> str:
    """What to do without a port, in the words of this operating system."""
    if sys.platform == "win32":
        return (
            "; Windows cannot make virtual ports here: make one with loopMIDI or with Windows "
            "MIDI Services and name it with --port"
        )
    if sys.platform == "darwin":
        return "; switch on the IAC Driver in Audio MIDI Setup and name its port with --port"
    return (
        "; load the ALSA sequencer (modprobe snd-seq), or start a JACK server (jackd) or PipeWire; "
        "--offline FILE needs none of them"
    )


@contextmanager
def _quiet_probe() -> Iterator[None]:
    """Keep the MIDI systems' libraries from writing to the terminal and from starting a server.

    They write to file descriptor 2 itself, so that is what points elsewhere meanwhile (some
    milliseconds); other threads' messages are lost for as long.
    """
    before = os.environ.get("JACK_NO_START_SERVER")
    os.environ["JACK_NO_START_SERVER"] = "1"
    try:
        with _stderr_to_null():
            yield
    finally:
        if before is None:
            del os.environ["JACK_NO_START_SERVER"]
        else:
            os.environ["JACK_NO_START_SERVER"] = before


@contextmanager
def _stderr_to_null() -> Iterator[None]:
    if sys.stderr is not None:
        sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # a program without a terminal may have no standard error at all
        yield
        return
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 2)
        os.close(null)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


class SystemWatch:
    """Whether the MIDI system is still the one it was. This one always is."""

    def answers(self) -> bool:
        """Whether it is; once not, never again."""
        return True

    def owner(self, _port: str) -> str:
        """What tells the program that has a port from another one of the same name, or nothing."""
        return ""

    def close(self) -> None:
        """Stop watching; a second call does nothing."""


class JackWatch(SystemWatch):
    """A client of the JACK server that hears it end, within some milliseconds.

    ctypes lets other threads run during its calls, which rtmidi does not.

    Args:
        died: called once, in a thread of libjack, when the server ends.

    Raises:
        MidiUnavailable: the server does not answer.
        PortError: it answers, and takes no client.
    """

    _NO_START, _SERVER_FAILED = 0x01, 0x10
    """JackNoStartServer and JackServerFailed of jack/types.h."""

    def __init__(self, library: Any, client: str, died: Callable[[], None]) -> None:
        self._dead = False
        self._died = died
        self._library = library
        self._heard = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(self._ended)
        library.jack_client_open.restype = ctypes.c_void_p
        library.jack_get_client_name.restype = ctypes.c_char_p
        library.jack_get_uuid_for_client_name.restype = ctypes.c_void_p
        status = ctypes.c_int()
        opened = library.jack_client_open(client.encode(), self._NO_START, ctypes.byref(status))
        self._client = ctypes.c_void_p(opened)
        if not opened and status.value & self._SERVER_FAILED:
            raise MidiUnavailable("the JACK server does not answer; start it again")
        if not opened:
            raise PortError(f"the JACK server takes no client to watch it: {status.value:#x}")
        library.jack_on_shutdown(self._client, self._heard, None)
        self._name: bytes = library.jack_get_client_name(self._client) or b""

    def answers(self) -> bool:
        """Whether the server knows us. It may have ended before we could hear it."""
        if not self._dead and self._client and not self._number(self._name):
            self._end()
        return not self._dead

    def owner(self, port: str) -> str:
        """The number that the server gave to the client of a port, another for each that joins."""
        return "" if self._dead or not self._client else self._number(port.split(":")[0].encode())

    def close(self) -> None:
        """Leave the server, unless it has ended."""
        client, self._client = self._client, ctypes.c_void_p()
        if client and not self._dead:
            self._library.jack_client_close(client)

    def _number(self, client: bytes) -> str:
        text = ctypes.c_void_p(self._library.jack_get_uuid_for_client_name(self._client, client))
        if not text:
            return ""
        try:
            return ctypes.string_at(text).decode("ascii", "replace")
        finally:
            self._library.jack_free(text)

    def _ended(self, _argument: object) -> None:
        self._end()
        self._died()

    def _end(self) -> None:
        if not self._dead:
            self._dead = True
            never_free(self)  # libjack goes on knowing `_heard`


def system_watch(
    rtmidi: ModuleType, api: int, client: str, died: Callable[[], None]
) -> SystemWatch:
    """Something that tells whether the system `api` still runs; only JACK's can be told.

    Raises:
        MidiUnavailable: it does not run.
        PortError: it cannot be told now.
    """
    if api == rtmidi.API_UNIX_JACK:
        # rtmidi may bring a libjack of its own: the one that its extension is linked to is it.
        extension = importlib.import_module("rtmidi._rtmidi").__file__
        # An older libjack tells too little, and a static one nothing.
        with suppress(AttributeError, OSError), _quiet_probe():
            return JackWatch(ctypes.CDLL(extension), client, died)
    return SystemWatch()


def never_free(thing: object) -> None:
    """Keep an object for as long as the process lives, though nobody refers to it.

    What belongs to a dead JACK server may not be freed: its destructor would use what libjack has
    freed already.
    """
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))
