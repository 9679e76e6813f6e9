"""The computer, its Python and what is installed. Looks at nothing that could be slow to answer."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata

from live_improv.runtime.doctor.findings import Finding, Level

PYTHON = ((3, 11), (3, 13))
"""The first Python that it plays with, and the first with which nobody has tried: python-rtmidi
1.5.8 is built for none from there on."""


@dataclass(frozen=True, slots=True)
class Package:
    """A package, as `pyproject.toml` asks for it.

    Attributes:
        name: on PyPI.
        low, below: the first version that will do, and the first that has not been tried; the
            latter may be empty.
        extra: that brings it; empty if it does not play without.
        use: what an extra's package is for.
    """

    name: str
    low: str
    below: str
    extra: str = ""
    use: str = ""


PACKAGES = (
    Package("numpy", "1.26", "3"),
    Package("mido", "1.3.3", "2"),
    Package("python-rtmidi", "1.5.8", "2"),
    Package("miniaudio", "1.61", "2", "audio", "--speakers"),
    Package("lameenc", "1.7", "2", "audio", "--mp3"),
    Package("websockets", "15", "18", "web", "the page in the browser"),
    Package("segno", "1.6", "2", "web", "the page's address as a QR code"),
    Package("LinkPython-extern", "1.3", "2", "link", "--clock link"),
    Package("matplotlib", "3.9", "4", "plot", "pictures of takes"),
    Package("tensorflow", "2.21", "2.22", "train", "training"),
    Package("music21", "10.5", "11", "train", "training"),
)

_REINSTALL = "pip install -e . in the folder of live_improv"


def look(version: Callable[[str], str | None] | None = None) -> Iterator[Finding]:
    """Python, the packages and the system.

    Args:
        version: of an installed package by its name, None where it is missing; this Python's own.
    """
    installed = version or _version
    yield python(sys.version_info[:3], installed("live-improv"))
    yield from packages(installed)
    yield system(platform.platform(), os.cpu_count())


def python(version: tuple[int, ...], ours: str | None) -> Finding:
    """The interpreter, and which live_improv it runs."""
    low, below = PYTHON
    shown = ".".join(map(str, version))
    program = f"live_improv {ours}" if ours else "live_improv from its folder, not installed"
    says = f"{shown}, {platform.python_implementation()}, {_bits()} bit; {program}"
    if low <= version < below:
        return Finding(Level.OK, "Python", says)
    wanted = f"{_dotted(low)} to {below[0]}.{below[1] - 1}"
    return Finding(
        Level.NOTE,
        "Python",
        says,
        f"python-rtmidi is built for Python {wanted}; use one of those "
        f"(uv venv --python {below[0]}.{below[1] - 1})",
    )


def packages(version: Callable[[str], str | None]) -> Iterator[Finding]:
    """What is installed, in one line, and a line for each package that is missing or untried."""
    found = {package: version(package.name) for package in PACKAGES}
    there = [f"{package.name} {has}" for package, has in found.items() if has]
    yield Finding(Level.OK if there else Level.INFO, "packages", ", ".join(there) or "none")
    for package, has in found.items():
        if has is None and package.extra:
            yield Finding(
                Level.INFO,
                f"extra {package.extra}",
                f"{package.name} is not installed ({package.use})",
                f"pip install -e '.[{package.extra}]'",
            )
        elif has is None:
            yield Finding(Level.WRONG, package.name, "not installed", _REINSTALL)
        elif not _fits(package, has):
            most = f", below {package.below}" if package.below else ""
            yield Finding(
                Level.NOTE,
                package.name,
                f"version {has}, tried with {package.low} and later{most}",
                _REINSTALL if not package.extra else f"pip install -e '.[{package.extra}]'",
            )


def system(shown: str, cpus: int | None) -> Finding:
    """The operating system."""
    says = f"{shown}, {cpus or 'an unknown number of'} CPUs"
    if "microsoft" in shown.lower() and "linux" in shown.lower():
        return Finding(
            Level.NOTE, "system", says, "WSL has no MIDI ports; run it in Windows itself"
        )
    return Finding(Level.OK, "system", says)


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _fits(package: Package, has: str) -> bool:
    version = _numbers(has)
    return _numbers(package.low) <= version and (
        not package.below or version < _numbers(package.below)
    )


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers at the beginning of a version, without zeros at its end: 1.26 is 1.26.0."""
    match = re.match(r"\d+(\.\d+)*", version)
    numbers = [int(part) for part in match.group().split(".")] if match else []
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _bits() -> int:
    return 64 if sys.maxsize > 1 << 32 else 32
