"""Many mutations of the seeds, one after another, and what came of them."""

from __future__ import annotations

import random
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from tests.fuzz.mutation import mutated
from tests.fuzz.target import Target

SLOW = 1.0
"""Seconds of the processor's time that one input may take."""
HANGS = 10
"""Seconds after which one is broken off."""
POOL = 256
"""How many inputs that were read are mutated further."""


class Hang(BaseException):
    """An input took far too long; not an `Exception`, so that no reader catches it."""


@dataclass(frozen=True, slots=True)
class Defect:
    """An input on which something else happened than reading or refusing."""

    data: bytes
    said: str
    place: str


@dataclass(slots=True)
class Tally:
    """What came of the inputs.

    Attributes:
        slowest: seconds of the processor's time of the slowest input, which is `slow_input`.
        grown: by how many MB the most memory in use has grown; None where it is not known.
        defects: one for each place in the program.
    """

    parsed: int = 0
    refused: int = 0
    others: int = 0
    slowest: float = 0.0
    slow_input: bytes = b""
    grown: float | None = None
    defects: dict[str, Defect] = field(default_factory=dict)

    def line(self) -> str:
        """The figures, in one line."""
        grown = "?" if self.grown is None else f"{self.grown:.0f}"
        return (
            f"{self.parsed + self.refused + self.others} inputs: {self.parsed} parsed, "
            f"{self.refused} refused, {self.others} other exceptions; slowest "
            f"{1000 * self.slowest:.0f} ms, memory +{grown} MB"
        )


def campaign(target: Target, inputs: int, key: str) -> Tally:
    """Try the seeds and so many mutations; the same key tries the same ones."""
    tally = Tally()
    chance = random.Random(key)
    pool = list(target.seeds)
    before = most_memory()
    with _watched():
        for number in range(inputs):
            data = pool[number] if number < len(target.seeds) else mutated(target, pool, chance)
            if not _try(target, data, tally) or len(data) > target.longest:
                continue
            if len(pool) < len(target.seeds) + POOL:
                pool.append(data)
            else:
                pool[chance.randrange(len(target.seeds), len(pool))] = data
    after = most_memory()
    tally.grown = None if before is None or after is None else after - before
    return tally


def _try(target: Target, data: bytes, tally: Tally) -> bool:
    begun = time.process_time()
    _alarm(HANGS)
    try:
        parsed = target.read(data)
    except (Exception, Hang) as error:
        _alarm(0)
        parsed = False
        tally.others += 1
        _note(tally, data, error)
    else:
        _alarm(0)
        tally.parsed += parsed
        tally.refused += not parsed
    took = time.process_time() - begun
    if took > tally.slowest:
        tally.slowest, tally.slow_input = took, data
    return parsed


def _note(tally: Tally, data: bytes, error: BaseException) -> None:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/live_improv/" in frame.filename] or frames
    place = f"{type(error).__name__} at {ours[-1].filename}:{ours[-1].lineno}"
    if place not in tally.defects or len(data) < len(tally.defects[place].data):
        tally.defects[place] = Defect(data, str(error)[:300], place)


def most_memory() -> float | None:
    """The most memory that this process has used, in MB; None where the system does not say."""
    try:
        import resource
    except ImportError:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)


@contextmanager
def _watched() -> Iterator[None]:
    """Let `_alarm` raise, where the system can."""
    if not hasattr(signal, "SIGPROF"):
        yield
        return
    before = signal.signal(signal.SIGPROF, _hang)
    try:
        yield
    finally:
        _alarm(0)
        signal.signal(signal.SIGPROF, before)


def _alarm(seconds: float) -> None:
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


def _hang(_: int, __: FrameType | None) -> None:
    raise Hang(f"over {HANGS} s")
