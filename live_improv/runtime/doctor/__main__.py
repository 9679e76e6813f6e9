"""One check, in a process of its own; see `asking`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator

from live_improv.runtime.doctor.asking import answer
from live_improv.runtime.doctor.examination import ONE_BY_ONE, TOGETHER
from live_improv.runtime.doctor.findings import Finding
from live_improv.runtime.doctor.plan import Plan

# What a check needs is imported when it runs: what is missing or broken fails that check alone.


def _model(plan: Plan) -> Iterator[Finding]:
    from live_improv.runtime.doctor.belongings import model

    yield from model(plan)


def _charts(_plan: Plan) -> Iterator[Finding]:
    from live_improv.runtime.doctor.belongings import charts

    yield from charts()


def _takes(plan: Plan) -> Iterator[Finding]:
    from live_improv.runtime.doctor.takes import takes

    yield from takes(plan)


def _speakers(_plan: Plan) -> Iterator[Finding]:
    from live_improv.runtime.doctor.sound import speakers

    yield from speakers()


def _fluidsynth(_plan: Plan) -> Iterator[Finding]:
    from live_improv.runtime.doctor.sound import fluidsynth

    yield from fluidsynth()


def _page(_plan: Plan) -> Iterator[Finding]:
    from live_improv.runtime.doctor.sound import page

    yield from page()


def _systems(_plan: Plan) -> Iterator[Finding]:
    from live_improv.runtime.doctor.ports import systems

    yield from systems()


def _listening(plan: Plan) -> Iterator[Finding]:
    from live_improv.runtime.doctor.listening import listen
    from live_improv.runtime.doctor.ports import chosen, listed, ports

    there = listed()
    if there is None:
        return  # as the systems say
    yield from ports(there)
    named = (
        chosen(plan.port, there.outputs, "--port"),
        chosen(plan.player_in, there.inputs, "--in"),
    )
    yield from (each for each in named if each is not None)
    yield from listen(plan, there)


def _timing(plan: Plan) -> Iterator[Finding]:
    from live_improv.runtime.doctor.timing import measure

    yield from measure(plan)


CHECKS: dict[str, Callable[[Plan], Iterator[Finding]]] = {
    "model": _model,
    "charts": _charts,
    "takes": _takes,
    "speakers": _speakers,
    "fluidsynth": _fluidsynth,
    "page": _page,
    "systems": _systems,
    "listening": _listening,
    "timing": _timing,
}


def main(arguments: list[str]) -> None:
    """Run the check of that name."""
    name, text = arguments
    plan = Plan.from_json(text)
    (check,) = (check for check in (*ONE_BY_ONE, *TOGETHER) if check.name == name)
    answer(check, CHECKS[name], plan)


if __name__ == "__main__":
    main(sys.argv[1:])
    os._exit(0)  # a library that cleans up at the end may hang there; everything is closed
