"""What the benchmarks share: quantiles, and the table their figures are shown in."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


@dataclass
class Table:
    """Rows of figures under named columns; the first column says what a row is."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, name: str, *figures: float | str, digits: int = 3) -> None:
        """Add a row; numbers are written with so many decimals."""
        cells = (f if isinstance(f, str) else f"{f:,.{digits}f}" for f in figures)
        self.rows.append((name, *cells))

    def show(self) -> None:
        """Write the table to standard output, with the machine it was measured on."""
        lines = [self.columns, *self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.columns))]
        print(f"\n{self.title}\n{machine()}\n")
        for line in lines:
            cells = (cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))
            print("  ".join((line[0].ljust(widths[0]), *cells)))
            if line is self.columns:
                print("  ".join("-" * width for width in widths))
        for note in self.notes:
            print(f"\n{note}")

    def write(self, path: Path) -> None:
        """Write the same figures as JSON."""
        rows = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        found = {"title": self.title, "machine": machine(), "rows": rows, "notes": self.notes}
        path.write_text(json.dumps(found, indent=1) + "\n")


def machine() -> str:
    """The system, Python, the number of cores, and how busy they have been for a minute."""
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return (
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}, "
        f"{os.cpu_count()} cores{load}"
    )
