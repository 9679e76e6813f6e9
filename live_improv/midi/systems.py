"""The computer's MIDI systems: which of them answers first, and what to do where none does.

rtmidi is first imported when a function here is called, so everything but real ports works where
it cannot be loaded. python-rtmidi tries ALSA alone when left to choose, so every API is tried here
in turn; libjack and alsa-lib write to the standard error of the process when they find no server,
which is kept from the terminal while we look.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import Any, Literal

from live_improv.midi.codec import printable
from live_improv.midi.port_names import MidiUnavailable


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
