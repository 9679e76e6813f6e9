"""F45: panic, a thousand times at random moments, from everywhere at once: silence, and go on."""

from __future__ import annotations

from random import Random

from live_improv.music.events import ControlChange, Heard, NoteOff, NoteOn
from live_improv.music.timing import Seconds
from live_improv.performance.band import QUARTET, BandChannels
from live_improv.performance.bindings import DEFAULT_MAP, Binding
from live_improv.performance.hands import Hands
from live_improv.performance.incoming import Key
from tests.faults.invariants import check, of_session
from tests.performance.sessions import BAR, CHANNEL, Item, Rehearsal, turned

COUNT = 1_000
BAND = BandChannels.beside(CHANNEL)
CHANNELS = {CHANNEL, BAND.bass, BAND.piano, BAND.drums}


def panic_pad() -> Binding:
    """The controller that panics by default."""
    binding = DEFAULT_MAP.binding("panic")
    assert binding is not None
    return binding


def test_silence_at_once_and_on_at_the_next_bar() -> None:
    chance, pad = Random(45), panic_pad()
    moments: list[float] = []
    script: list[Item] = []
    at = 0.0
    for _ in range(COUNT):
        at += chance.choice((0.05, 0.4, 1.6))
        moments.append(at)
        by_hand = (Seconds(at), Heard(Seconds(at), ControlChange(pad.number, 127)))
        by_page = (Seconds(at), turned("panic", True))
        by_key = (Seconds(at), Key("!"))
        ways = [by_hand, by_page, by_key]
        script += ways if chance.random() < 0.5 else [chance.choice(ways)]
    rehearsal = Rehearsal(band=QUARTET, density=0.5, hands=Hands(), bpm=240.0)
    sent = rehearsal.play(script, until=at + 4.0)
    check(of_session(sent))
    down: set[tuple[int, int]] = set()
    quiet_from, said = 0, set[int]()
    waiting = list(moments)
    resumed = 0
    for each in sent:
        while waiting and each.at > waiting[0]:
            # Everything that was sent in that moment has been seen: it was all of it.
            assert not down
            assert said >= CHANNELS
            tick = rehearsal.tempo.tick_at(Seconds(waiting.pop(0)))
            quiet_from, said = (tick // BAR + 1) * BAR, set()
        match each.event:
            case NoteOn(pitch, _, channel):
                assert each.tick >= quiet_from - 20, "everybody waits for the bar"
                resumed += 1
                down.add((channel, pitch))
            case NoteOff(pitch, channel):
                down.discard((channel, pitch))
            case ControlChange(120, 0, channel) if waiting and each.at == waiting[0]:
                said.add(channel)
    assert not waiting
    assert resumed > COUNT
