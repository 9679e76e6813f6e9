"""What it plays from: the model and the charts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from live_improv import assets, model_folder
from live_improv.charts.reading import read_chart
from live_improv.grammar.context import Context
from live_improv.model import initial_state, step
from live_improv.model_folder import Model, ModelFormatError
from live_improv.music.timing import Ticks
from live_improv.performance.improviser import Improviser
from live_improv.performance.taste import Taste
from live_improv.runtime.doctor.findings import Finding, Level
from live_improv.runtime.doctor.plan import Plan

SLOW_STEP = 0.005
"""Seconds; a note costs one step, and fast lines have fifteen notes a second."""

_STEPS, _NOTES = 200, 60
_CHART, _BPM = "blues_in_f", 140.0


def model(plan: Plan) -> Iterator[Finding]:
    """The model: which, whether it loads, how long a step takes."""
    folder = assets.default_model() if plan.model is None else Path(plan.model)
    begun = time.perf_counter()
    try:
        loaded = model_folder.load(folder)
    except ModelFormatError as error:
        advice = (
            "install live_improv again" if plan.model is None else "name another model (--model)"
        )
        yield Finding(Level.WRONG, "model", str(error), advice)
        return
    took = time.perf_counter() - begun
    which = "the default one" if plan.model is None else plan.model
    says = f"{which}, weights {loaded.hash[:16]}, read in {took:.2f} s"
    if loaded.quotes is None:
        says += "; no index of what it learned from, so --max-quote does nothing"
    yield Finding(Level.OK, "model", says)
    yield speed(step_seconds(loaded), note_seconds(loaded))


def speed(of_step: float, of_note: float) -> Finding:
    """How long deciding takes."""
    says = f"{1e3 * of_step:.2f} ms, a note with all that is decided {1e3 * of_note:.2f} ms"
    if of_step <= SLOW_STEP:
        return Finding(Level.OK, "step of the net", says)
    advice = "close programs that compute, and see the BLAS threads"
    return Finding(Level.NOTE, "step of the net", says, advice)


def step_seconds(loaded: Model) -> float:
    """The median of a step of the net, with carried state."""
    state, times = initial_state(loaded.weights), []
    for _ in range(_STEPS):
        begun = time.perf_counter()
        _, state = step(loaded.weights, state, [0])
        times.append(time.perf_counter() - begun)
    return median(times)


def note_seconds(loaded: Model) -> float:
    """The median of a note's planning, in a line over the blues."""
    context = Context(read_chart(_CHART), _BPM, straight=True)
    improviser = Improviser(loaded.weights, context, Taste(), start=Ticks(0))
    times = []
    for _ in range(_NOTES):
        begun = time.perf_counter()
        improviser.plan()
        times.append(time.perf_counter() - begun)
    return median(times)


def charts() -> Iterator[Finding]:
    """Whether the charts that come along are there and can be read."""
    names = assets.chart_names()
    broken = []
    for name in names:
        try:
            read_chart(name)
        except (ValueError, OSError) as error:
            broken.append(f"{name}: {error}")
    if broken:
        yield Finding(Level.NOTE, "charts", "; ".join(broken), "install live_improv again")
    elif not names:
        yield Finding(Level.WRONG, "charts", "none came along", "install live_improv again")
    else:
        yield Finding(Level.OK, "charts", f"{len(names)} came along, and can be read")
