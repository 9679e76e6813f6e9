"""F44: everything is switched while notes sound, 10,000 times: held notes end, time goes on.

"Switching scenes does not affect notes already held, and does not result in dropouts or stuck
notes" is what mididings promises; here it holds of chart, tempo, style and transposition. That a
knob cuts no note at all is `tests/performance/test_session_switching.py`.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from random import Random

from live_improv.assets import chart_names
from live_improv.charts.text import parse
from live_improv.music.events import NoteOff, NoteOn
from live_improv.music.timing import Seconds
from live_improv.performance.band import QUARTET, BandChannels
from live_improv.performance.incoming import Charted, Incoming
from live_improv.repertoire import read_chart
from tests.faults.invariants import Limits, check, of_session
from tests.performance.sessions import CHANNEL, Item, Rehearsal, ons, turned

BAND = BandChannels.beside(CHANNEL)
COUNT = 10_000
SLOWEST = 60.0 / 100.0
"""Seconds of a beat at the slowest tempo."""

CHARTS = [
    *(replace(read_chart(name), tempo=None) for name in chart_names()[:4]),
    parse("C7 | F7 | Dm7 G7 | CM7"),
]
STYLES = ("swing", "bossa", "ballad", "")


def switch(chance: Random) -> Incoming:
    """One of them."""
    kind = chance.randrange(12)
    if kind == 0:
        chart = chance.choice(CHARTS)
        return Charted(replace(chart, style=chance.choice(STYLES)))
    if kind <= 2:
        return turned("tempo", chance.uniform(100.0, 300.0))
    if kind == 3:
        return turned("transpose", chance.randint(-11, 11))
    name = chance.choice(["density", "swing", "register", "temperature", "mode"])
    if name == "mode":
        return turned("mode", chance.choice(["solo", "duet"]))
    return turned(name, chance.uniform(0.1, 0.9))


def test_ten_thousand_switches() -> None:
    chance, every = Random(7), 0.02
    script: list[Item] = []
    at = 0.0
    for _ in range(COUNT):
        at += chance.expovariate(1 / every)
        script.append((Seconds(at), switch(chance)))
    rehearsal = Rehearsal(band=QUARTET, density=0.5)
    sent = rehearsal.play(script, until=at + 4.0)
    check(of_session(sent), Limits(sounding=16, rate=60))
    # Nothing is missing for longer than a beat: somebody strikes.
    strokes = sorted(
        each.at for channel in (BAND.bass, BAND.drums, BAND.piano) for each in ons(sent, channel)
    )
    gaps = [after - before for before, after in pairwise(strokes)]
    assert len(strokes) > at
    assert max(gaps) <= SLOWEST, max(gaps)


def test_a_held_note_ends_where_it_was_to_end() -> None:
    """Another key, at the same time as any note: each that sounds ends as it would have."""
    plain = Rehearsal(bars=32, density=0.3, seed=2).play()
    for each in ons(plain)[::5]:
        at = Seconds(each.at + 0.01)
        found = Rehearsal(bars=32, density=0.3, seed=2).play([(at, turned("transpose", 3))])
        check(of_session(found))
        assert isinstance(each.event, NoteOn)
        off = NoteOff(each.event.pitch, CHANNEL)
        assert next(one for one in plain if one.at > at and one.event == off) in found
