"""What the tests ask of a target: so many inputs, none of which does anything else."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.fuzz.plain import SLOW, Tally, campaign
from tests.fuzz.table import TARGETS

MOST_MEMORY = 100.0
"""By how many MB a campaign may grow."""
_IN_MEMORY = Path("/dev/shm")


@contextmanager
def quick_folder() -> Iterator[Path]:
    """A folder for many small files: in memory, where the system has that."""
    within = _IN_MEMORY if _IN_MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(dir=within) as folder:
        yield Path(folder)


def tried(name: str, inputs: int) -> Tally:
    """Try a target with so many inputs; what came of them, once all is as it should be."""
    with quick_folder() as folder:
        tally = campaign(TARGETS[name](folder), inputs, f"{name} in tests")
    found = "\n".join(
        f"{place}: {defect.said}: {defect.data[:300]!r}" for place, defect in tally.defects.items()
    )
    assert not tally.others, f"{tally.line()}\n{found}"
    assert tally.parsed + tally.refused == inputs
    assert tally.slowest <= SLOW, f"{tally.slowest:.1f} s: {tally.slow_input[:300]!r}"
    assert tally.grown is None or tally.grown <= MOST_MEMORY, tally.line()
    return tally
