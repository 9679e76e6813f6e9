"""The board checked on itself: spoiled human solos have to fail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from live_improv.board.scores import Judge
from live_improv.evaluation.controls import CONTROLS


@dataclass(frozen=True, slots=True)
class Noticed:
    """Whether a figure notices a control.

    Attributes:
        figure: its name.
        human, spoiled: the figure of the human solos, and of the same when spoiled.
        bound: the end of the humans' band that it has to pass.
        right: whether it does.
    """

    control: str
    figure: str
    human: float
    spoiled: float
    bound: float
    right: bool

    def __str__(self) -> str:
        verdict = "noticed" if self.right else "NOT NOTICED"
        return (
            f"{self.control:26} {self.figure:15} {self.human:7.3f} -> {self.spoiled:7.3f} "
            f"(human bound {self.bound:.3f}): {verdict}"
        )


def check(judge: Judge) -> Iterator[Noticed]:
    """Every control and every figure that was made to notice it."""
    human = judge.human_scores()
    for control in CONTROLS:
        lines = [control.spoil(line) for line in judge.humans]
        spoiled = judge.score(control.name, lines).figures
        for name in (*control.falls, *control.rises):
            band, figure = human.bands[name], spoiled[name]
            falls = name in control.falls
            bound = band.low if falls else band.high
            right = figure < bound if falls else figure > bound
            yield Noticed(control.name, name, human.figures[name], figure, bound, right)
