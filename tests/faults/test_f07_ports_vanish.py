"""F7 and F8: an instrument, or a keyboard, that is pulled out while we play, and comes back.

The whole chain but threads: a session, ports over a stand-in for rtmidi, the watch that looks at
them twice a second. The real thing over JACK is `tests/runtime/test_hot_plug_jack.py`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import pytest

from live_improv.loop import run
from live_improv.midi import connection, ports
from live_improv.midi.codec import decode
from live_improv.music.events import ControlChange, Ear, Heard, NoteOn, Stamped, Timed
from live_improv.music.timing import Seconds
from live_improv.performance.band import QUARTET, BandPlayer
from live_improv.performance.incoming import Incoming, Plugged, Port
from live_improv.performance.session import State
from live_improv.runtime.hot_plug import (
    LOOK_SECONDS,
    PortNews,
    PortWatch,
    SteadyInput,
    SteadyOutput,
    open_steady_input,
    open_steady_output,
)
from tests.fake_rtmidi import ALSA, FakeRtMidi
from tests.faults.invariants import check, of_session
from tests.performance.sessions import Rehearsal, Sent, Sink, events, ons, turned

SYNTH, SYNTH_AGAIN = "Synth:port 128:0", "Synth:port 131:0"
KEYS, KEYS_AGAIN = "Keys:port 20:0", "Keys:port 24:0"
NOBODY: frozenset[BandPlayer] = frozenset()


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeRtMidi:
    """A stand-in in the place of rtmidi."""
    found = FakeRtMidi([ALSA], [ALSA], [SYNTH, KEYS])
    monkeypatch.setitem(sys.modules, "rtmidi", found)
    for module in (ports, connection):
        monkeypatch.setattr(module, "SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(ports, "DRAIN_SECONDS", 0.0)
    return found


class Cables:
    """A sink and a source in one: what is sent leaves by a port, whose cable is pulled.

    Attributes:
        kept: what the session sent.
        heard: what the instrument heard, and when.
    """

    def __init__(
        self, rehearsal: Rehearsal, fake: FakeRtMidi, out: float, back: float, until: float
    ) -> None:
        self.open = True
        self.kept = Sink(rehearsal.clock)
        self.heard: list[tuple[float, list[int]]] = []
        self.news: list[tuple[float, PortNews]] = []
        self._clock, self._fake = rehearsal.clock, fake
        self._waiting: list[Incoming] = []
        self._looks = 0
        self._moves = [(out, self._pull), (back, self._plug), (until, self._quit)]
        self.output: SteadyOutput = open_steady_output("Synth")
        self.input: SteadyInput = open_steady_input("Keys", self._hear)
        self._watch = PortWatch([self.output, self.input], self._told)

    def send(self, timed: Timed) -> None:
        """Send it."""
        self.kept.send(timed)
        self.output.send(timed.event)
        for _, data in self._fake.heard:
            self.heard.append((self._clock.now(), data))
        self._fake.heard.clear()

    def take(self, now: Seconds) -> Sequence[Incoming]:
        """Do what is to happen by now, and look."""
        while self._moves and self._moves[0][0] <= now:
            self._moves.pop(0)[1]()
        while self._looks * LOOK_SECONDS <= now:
            self._looks += 1
            self._watch.look()
        found, self._waiting = self._waiting, []
        return found

    def next_at(self) -> Seconds | None:
        """The next look."""
        if not self.open:
            return None
        moves = [at for at, _ in self._moves]
        return Seconds(min([self._looks * LOOK_SECONDS, *moves]))

    def key(self, pitch: int) -> None:
        """Somebody presses a key of the keyboard, whichever connection it has."""
        for device in self._fake.devices:
            if device.callback is not None and device.connected is not None:
                device.callback(([0x90, pitch, 80], 0.0), None)

    def _hear(self, stamped: Stamped) -> None:
        self._waiting.append(Heard(self._clock.now(), stamped.event, Ear.PLAYER))

    def _told(self, news: PortNews) -> None:
        self.news.append((self._clock.now(), news))
        self._waiting.append(Plugged(Port.NOTES if news.output else Port.PLAYER, news.back))

    def _pull(self) -> None:
        self._fake.unplug(SYNTH)
        self._fake.unplug(KEYS)

    def _plug(self) -> None:
        self._fake.plug(SYNTH_AGAIN)
        self._fake.plug(KEYS_AGAIN)

    def _quit(self) -> None:
        self.open = False
        self._waiting.append(turned("quit", True))


@pytest.mark.parametrize("band", [NOBODY, QUARTET], ids=["alone", "band"])
@pytest.mark.parametrize("away", [1.0, 10.0, 60.0])
def test_time_goes_on_and_the_instrument_is_played_on(
    fake: FakeRtMidi, away: float, band: frozenset[BandPlayer]
) -> None:
    rehearsal = Rehearsal(density=1.0, band=band)
    out, back = 3.05, 3.05 + away
    cables = Cables(rehearsal, fake, out, back, until=back + 12.0)
    run(rehearsal.session, rehearsal.clock, cables, cables)
    assert rehearsal.session.state is State.ENDED
    check(of_session(cables.kept.sent))
    # It is told, and told again within two seconds of its return.
    told = [(at, news.output, news.back) for at, news in cables.news]
    assert {each[1:] for each in told} == {
        (True, False),
        (True, True),
        (False, False),
        (False, True),
    }
    assert all(at <= (back if is_back else out) + 2.0 for at, _, is_back in told)
    # Nothing is different but for the silence: the same notes at the same places.
    plain = Rehearsal(density=1.0, band=band).play(until=back + 12.0)
    assert _notes(cables.kept.sent) == _notes(plain)
    # The first that it hears is that nothing sounds; then it is played on.
    since = [(at, decode(data)) for at, data in cables.heard if at >= back]
    assert [type(event) for _, event in since[:2]] == [ControlChange, ControlChange]
    assert [event.control for _, event in since[:2] if isinstance(event, ControlChange)] == [
        64,
        123,
    ]
    assert any(isinstance(event, NoteOn) for _, event in since)
    assert not [at for at, _ in cables.heard if out <= at < back]
    assert len(fake.devices) == 2, "no client is made for it"


def _notes(sent: list[Sent]) -> list[Timed]:
    return [timed for timed in events(sent) if not isinstance(timed.event, ControlChange)]


@pytest.mark.parametrize("away", [0.3, 1.0, 10.0])
def test_without_the_keyboard_it_plays_alone_and_then_it_is_heard_again(
    fake: FakeRtMidi, away: float
) -> None:
    """A key that was down when the cable came out is no player who plays on for ever."""
    rehearsal = Rehearsal("duet")
    out, back = 6.0, 6.0 + away
    cables = Cables(rehearsal, fake, out, back, until=back + 12.0)
    take = cables.take

    def keys(now: Seconds) -> Sequence[Incoming]:
        """A key shortly before, and one after."""
        for at, pitch in list(pressed):
            if now >= at:
                pressed.remove((at, pitch))
                cables.key(pitch)
        return take(now)

    pressed = [(out - 0.01, 60), (back + 5.0, 62)]
    cables.take = keys  # type: ignore[method-assign]
    run(rehearsal.session, rehearsal.clock, cables, cables)
    sent = cables.kept.sent
    check(of_session(sent))
    assert not pressed
    assert any(out + 2.0 < each.at < back + 5.0 for each in ons(sent)), "it plays alone"
    # The key after its return is heard: we give way.
    assert not any(back + 6.5 < each.at for each in ons(sent))
