"""What the benchmarks share: quantiles, and the table their figures are shown in."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


Cell = str | int | float


@dataclass
class Table:
    """Rows of figures under named columns; the first column says what a row is."""

    title: str
    columns: tuple[str, ...]
    digits: int = 3
    rows: list[tuple[Cell, ...]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, *cells: Cell) -> None:
        """Add a row."""
        assert len(cells) == len(self.columns)
        self.rows.append(cells)

    def show(self) -> None:
        """Write the table to standard output, with the machine it was measured on."""
        lines = [self.columns, *(tuple(map(self._text, row)) for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        lines.insert(1, tuple("-" * width for width in widths))
        print(f"\n{self.title}\n{machine()}\n")
        for line in lines:
            cells = (cell.rjust(width) for cell, width in zip(line, widths, strict=True))
            print("  ".join((line[0].ljust(widths[0]), *islice(cells, 1, None))))
        for note in self.notes:
            print(f"\n{note}")

    def _text(self, cell: Cell) -> str:
        """Decimals only where there can be any."""
        return f"{cell:,.{self.digits}f}" if isinstance(cell, float) else str(cell)

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
