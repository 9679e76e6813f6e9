"""What the doctor is asked to look at."""

from __future__ import annotations

import json
from dataclasses import dataclass

SECONDS = 5.0
"""How long is listened, and how long lateness is measured."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is looked at, beside the computer itself.

    Attributes:
        seconds: how long is listened, and how long lateness is measured.
        port: the output that was asked for, by its name, or None.
        player_in: the input that was asked for, or None for all there are.
        waits_for_clock: it will play by a MIDI clock.
        takes: the folder of takes, or None where none are kept.
        model: a model folder, or None for the default one.
    """

    seconds: float = SECONDS
    port: str | None = None
    player_in: str | None = None
    waits_for_clock: bool = False
    takes: str | None = None
    model: str | None = None

    def to_json(self) -> str:
        """The plan as a line of text."""
        return json.dumps({name: getattr(self, name) for name in self.__slots__})

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """The plan that such a line says."""
        return cls(**json.loads(text))
