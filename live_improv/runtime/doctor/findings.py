"""What the doctor finds, a line each, fit to be pasted where everybody reads it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

MOST = 400
"""Characters of what a line says; a list of ports can be long."""


class Level(StrEnum):
    """How a finding is to be taken."""

    OK = "ok"
    INFO = "info"
    """Nothing is wrong: something is not there that not everybody needs."""
    NOTE = "note"
    """It plays, but not as well as it could."""
    WRONG = "WRONG"
    """It keeps it from playing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        what: was looked at, in a word or three.
        says: what was found.
        advice: what to do about it, where something is to be done.
    """

    level: Level
    what: str
    says: str
    advice: str = ""

    def line(self) -> str:
        """The finding in one line."""
        said = f"{self.says}: {self.advice}" if self.advice else self.says
        return f"{self.level:<5}  {self.what:<15}  {said}"


class Discretion:
    """Makes a text fit for strangers: one line, printable, without the way to this user's files.

    Args:
        home: the user's folder, which becomes `~`; as the name of a folder elsewhere, as below
            `/media`, the user's name becomes `~` too.
    """

    def __init__(self, home: str) -> None:
        self._patterns: list[tuple[re.Pattern[str], str]] = []
        kept = home.rstrip("/\\")
        if len(kept) < 2:  # the system's own folder, which is nobody's
            return
        case = re.IGNORECASE if "\\" in kept else re.NOFLAG
        ends = r"(?![\w-])"
        for written in sorted({kept, kept.replace("\\", "/")}):
            self._patterns.append((re.compile(re.escape(written) + ends, case), "~"))
        name = re.split(r"[/\\]", kept)[-1]
        self._patterns.append((re.compile(rf"([/\\]){re.escape(name)}(?=[/\\]|$)", case), r"\1~"))

    @classmethod
    def here(cls) -> Discretion:
        """For this user."""
        return cls(os.path.expanduser("~"))

    def of(self, finding: Finding) -> Finding:
        """The finding, fit to be shown."""
        return Finding(finding.level, *map(self.text, (finding.what, finding.says, finding.advice)))

    def text(self, text: str) -> str:
        """The text, fit to be shown."""
        # As `midi.codec.printable`, which needs mido: the doctor comes where that is missing.
        line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
        for pattern, instead in self._patterns:
            line = pattern.sub(instead, line)
        return line if len(line) <= MOST else f"{line[:MOST]}..."


def verdict(findings: Iterable[Finding]) -> str:
    """The last line: what all of it comes to."""
    levels = [finding.level for finding in findings]
    wrong, notes = levels.count(Level.WRONG), levels.count(Level.NOTE)
    worse = f"; {_things(notes)} could be better" if notes else ""
    if wrong:
        return f"{_things(wrong)} {'keeps' if wrong == 1 else 'keep'} it from playing{worse}"
    return f"it can play{worse}"


def _things(count: int) -> str:
    return "1 thing" if count == 1 else f"{count} things"
