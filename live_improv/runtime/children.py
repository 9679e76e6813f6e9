"""Processes of our own beside the one that plays: what is run, and in which environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def command(module: str, *arguments: str) -> tuple[str, ...]:
    """What runs a module of this package, such as `runtime.recorder_process`.

    `-P`: nothing in the current folder is taken for a module.
    """
    return (sys.executable, "-P", "-m", f"live_improv.{module}", *arguments)


def environment(**more: str) -> dict[str, str]:
    """Ours, with `more`, and with where this package is, which need not be installed."""
    package = str(Path(__file__).resolve().parents[2])
    paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **more}
