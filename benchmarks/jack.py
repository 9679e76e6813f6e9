"""A JACK server of our own without sound hardware, so that real MIDI ports can be measured."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

_PATIENCE = 20.0


@contextmanager
def server() -> Iterator[bool]:
    """Run jackd, which this process and its children then find; False where it is missing.

    ALSA is taken out of the way: it would answer first. The table of ports is kept small: JACK
    locks it into the memory of every client, 105 MB of it at its own default of 2,048 ports.
    """
    program = shutil.which("jackd")
    if program is None:
        yield False
        return
    name = f"live_improv_benchmark_{os.getpid()}"
    os.environ |= {"JACK_DEFAULT_SERVER": name, "ALSA_CONFIG_PATH": os.devnull}
    options = ["-n", name, "-r", "-p", "64", "-d", "dummy", "-r", "48000", "-p", "128"]
    jackd = subprocess.Popen(
        [program, *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield _answers(jackd)
    finally:
        stop(jackd)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a program and wait for its end."""
    process.terminate()
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _answers(jackd: subprocess.Popen[bytes]) -> bool:
    from live_improv.midi.ports import MidiUnavailable, list_ports

    end = time.monotonic() + _PATIENCE
    while jackd.poll() is None and time.monotonic() < end:
        try:
            list_ports()
        except MidiUnavailable:
            time.sleep(0.05)
        else:
            return True
    return False
