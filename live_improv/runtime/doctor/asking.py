"""Each check in a process of its own, so nothing that hangs or crashes takes the others with it.

A system's library may wait for ever and hold the interpreter meanwhile, or crash: a driver that is
half gone, a dead JACK server. So a check runs as

    python -m live_improv.runtime.doctor NAME PLAN

with the plan as JSON, and answers on standard output with a JSON list for each finding, and `null`
at the end. A clock that does not need the interpreter ends the process when its time is over, even
if nobody is left to wait for it.
"""

from __future__ import annotations

import faulthandler
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Self

from live_improv.runtime import children
from live_improv.runtime.doctor.findings import Finding, Level
from live_improv.runtime.doctor.plan import Plan

REINSTALL = "install live_improv again (pip install -e . in its folder)"

_GRACE = 2.0
"""Seconds that a process has to start and to end, beside the time of its check."""


@dataclass(frozen=True, slots=True)
class Check:
    """A check that is asked for by its name.

    Attributes:
        name: in `CHECKS` of `__main__`.
        what: is looked at, for people.
        patience: seconds, beside what is listened and measured.
        rounds: how often `Plan.seconds` it takes.
        failing: what it means that there is no answer.
        advice: what to do then.
    """

    name: str
    what: str
    patience: float
    rounds: int
    failing: Level
    advice: str

    def limit(self, plan: Plan) -> float:
        """Seconds after which it is given up."""
        return self.patience + self.rounds * plan.seconds


class Asked:
    """A check that is running. A context manager; at its end nothing of it runs any more."""

    def __init__(self, check: Check, plan: Plan, command: tuple[str, ...] | None = None) -> None:
        self._check = check
        self._limit = check.limit(plan)
        self._begun = time.monotonic()
        self._process = subprocess.Popen(
            command or children.command("runtime.doctor", check.name, plan.to_json()),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # where libraries tell what they looked for in vain
            env=children.environment(JACK_NO_START_SERVER="1"),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def findings(self) -> list[Finding]:
        """What it found, when it is done or given up."""
        left = self._begun + self._limit + _GRACE - time.monotonic()
        try:
            said, _ = self._process.communicate(timeout=max(left, 0.0))
        except subprocess.TimeoutExpired:
            self._process.kill()
            said, _ = self._process.communicate()
        found, complete = _read(said)
        if not complete:
            found.append(self._no_answer())
        return found

    def _no_answer(self) -> Finding:
        """What is said of a check that did not come to its end."""
        code = self._process.returncode
        if time.monotonic() - self._begun >= self._limit:
            how = f"no answer in {self._limit:g} s"
        elif code < 0:
            how = f"the check crashed ({_signal(-code)})"
        else:
            how = f"the check ended with {code}"
        return Finding(self._check.failing, self._check.what, how, self._check.advice)


def answer(check: Check, run: Callable[[Plan], Iterator[Finding]], plan: Plan) -> None:
    """Run a check in this process, which is one of its own, and say what is found."""
    said = os.dup(1)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)  # what libraries print is no answer
    with os.fdopen(null, "w") as nowhere, os.fdopen(said, "w", encoding="utf-8") as out:
        faulthandler.dump_traceback_later(check.limit(plan), exit=True, file=nowhere)
        try:
            for finding in run(plan):
                _say(out, [finding.level, finding.what, finding.says, finding.advice])
        except ImportError as error:
            _say(out, [check.failing, check.what, f"ImportError: {error}", REINSTALL])
        except Exception as error:  # whatever else a broken installation raises
            reason = f"{type(error).__name__}: {error}"
            _say(out, [check.failing, check.what, reason, check.advice])
        _say(out, None)
        faulthandler.cancel_dump_traceback_later()


def within(seconds: float, look: Callable[[], list[Finding]]) -> list[Finding] | None:
    """What `look` finds, or None if it takes longer; for what may wait, but not in C."""
    found: list[list[Finding]] = []
    thread = threading.Thread(target=lambda: found.append(look()), daemon=True)
    thread.start()
    thread.join(seconds)
    return found[0] if found else None


def _say(out: IO[str], what: object) -> None:
    out.write(f"{json.dumps(what)}\n")
    out.flush()


def _read(said: bytes) -> tuple[list[Finding], bool]:
    """The findings, and whether all of them have come."""
    found: list[Finding] = []
    for line in said.splitlines():
        try:
            what = json.loads(line)
            if what is None:
                return found, True
            level, *texts = what
            found.append(Finding(Level(level), *map(str, texts)))
        except (ValueError, TypeError):
            continue  # cut off in the middle
    return found, False


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
