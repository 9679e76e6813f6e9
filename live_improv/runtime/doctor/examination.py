"""What is examined, in the order in which it is told, and how long each may take."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import Protocol

from live_improv.runtime.doctor.asking import REINSTALL, Asked, Check
from live_improv.runtime.doctor.findings import Finding, Level
from live_improv.runtime.doctor.plan import Plan

_MIDI = (
    "start the MIDI or JACK server again, unplug MIDI devices and plug them in, or start the "
    "computer again; --offline FILE works without MIDI"
)

MODEL = Check("model", "model", 30.0, 0, Level.WRONG, REINSTALL)
CHARTS = Check("charts", "charts", 20.0, 0, Level.NOTE, REINSTALL)
TAKES = Check("takes", "takes", 10.0, 0, Level.WRONG, "name another folder with --take-dir")
SPEAKERS = Check("speakers", "speakers", 25.0, 0, Level.NOTE, "start the sound system again")
FLUIDSYNTH = Check("fluidsynth", "fluidsynth", 10.0, 0, Level.NOTE, "install it again")
PAGE = Check("page", "page", 10.0, 0, Level.NOTE, "play with --no-page")
SYSTEMS = Check("systems", "MIDI systems", 15.0, 0, Level.WRONG, _MIDI)
LISTENING = Check("listening", "MIDI ports", 20.0, 1, Level.WRONG, _MIDI)
TIMING = Check("timing", "lateness", 30.0, 2, Level.NOTE, REINSTALL)

ONE_BY_ONE = (MODEL, CHARTS, TAKES, SPEAKERS, FLUIDSYNTH, PAGE, SYSTEMS)
TOGETHER = (LISTENING, TIMING)
"""They take the longest, and listening hardly disturbs the measuring."""


class Answering(Protocol):
    """A check that has been begun."""

    def findings(self) -> list[Finding]:
        """What it found, when it is done or given up."""


Ask = Callable[[Check, Plan], AbstractContextManager[Answering]]


def examine(plan: Plan, ask: Ask = Asked) -> Iterator[Finding]:
    """All that is asked of processes of their own, told as soon as it is known.

    Args:
        ask: begins a check.
    """
    for check in ONE_BY_ONE:
        with ask(check, plan) as asked:
            yield from asked.findings()
    with ExitStack() as stack:
        begun = [stack.enter_context(ask(check, plan)) for check in TOGETHER]
        for asked in begun:
            yield from asked.findings()
