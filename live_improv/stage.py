"""Playing live: what stands around the loop, put up before the first note and taken down after.

Ports that may come and go, the keys of the terminal, the take on disk, the lines of news. The loop
itself is `app.run`; nothing here is on its path but the inbox and the output.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from live_improv.app import DEFAULT_BPM, Performance, read_chart, run, undisturbed
from live_improv.assets import chart_names
from live_improv.grammar.context import Context
from live_improv.midi.codec import printable
from live_improv.music.changes import Changes
from live_improv.music.events import Ear, Heard, NoteOn, Stamped, Timed, TransportEvent
from live_improv.music.timing import Seconds
from live_improv.performance.clock import WallClock
from live_improv.performance.controls import OFF
from live_improv.performance.hands import Hands
from live_improv.performance.incoming import Key, Plugged, Port
from live_improv.performance.session import Session, State
from live_improv.performance.take import Take
from live_improv.performance.turns import Mode
from live_improv.runtime.guardian import GuardedOutput
from live_improv.runtime.hot_plug import (
    PortNews,
    PortWatch,
    SteadyInput,
    SteadyOutput,
    open_steady_input,
    open_steady_output,
)
from live_improv.runtime.inbox import Inbox
from live_improv.runtime.keys import key_presses
from live_improv.runtime.lateness import Lateness
from live_improv.runtime.learned import write_learned
from live_improv.runtime.link_feed import LinkFeed
from live_improv.runtime.playing_to import playing_to
from live_improv.runtime.priority import ask_realtime, realtime
from live_improv.runtime.recorder import EarlyProcess, Recorder
from live_improv.runtime.speakers import Speakers
from live_improv.runtime.status import Status
from live_improv.runtime.stopping import ending_in_peace, ending_in_time
from live_improv.view.page import Charts, Page, Stage, open_page

LEAD_IN = Seconds(0.15)
"""Between the opening of the ports and the first note: time to prepare what surrounds the loop,
which takes some 30 ms, and to plan it."""


@dataclass(frozen=True, slots=True)
class Gear:
    """What is played through.

    Attributes:
        port: the output, or None where only the speakers are played through.
        player_in: the player's input, or None.
        clock_in: where a MIDI clock comes from; None for the player's input.
        clock_out: where ours goes; None for nowhere.
        chord_in: where chords come from; None for the player's input.
        takes: the folder of takes, or None.
        learned: where MIDI learn is kept, or None.
        page: the page that is shown, or None.
        playing: the folder in which it is known who plays to which port, or None.
    """

    port: str | None
    player_in: str | None = None
    clock_in: str | None = None
    clock_out: str | None = None
    chord_in: str | None = None
    takes: Path | None = None
    learned: Path | None = None
    page: Page | None = None
    playing: Path | None = None

    def inputs(self) -> dict[str, Ear]:
        """Which inputs are opened, and what each is listened to for."""
        wanted = (
            (self.player_in, Ear.PLAYER),
            (self.clock_in or self.player_in, Ear.CLOCK),
            (self.chord_in, Ear.CHORDS),
        )
        found: dict[str, Ear] = {}
        for name, ear in wanted:
            if name is not None:
                found[name] = found.get(name, ear) | ear
        return found


class _Outputs:
    """The sink: notes to a port and to the speakers, the clock to a port of its own."""

    def __init__(
        self,
        session: Session,
        now: Callable[[], Seconds],
        notes: SteadyOutput | GuardedOutput | None,
        clock: SteadyOutput | GuardedOutput | None,
        speakers: Speakers | None,
    ) -> None:
        self.lateness = Lateness()
        self._session = session
        self._now = now
        self._notes = notes
        self._clock = clock
        self._speakers = speakers

    def send(self, timed: Timed) -> None:
        """Send one event."""
        if isinstance(timed.event, TransportEvent):
            if self._clock is not None:
                self._clock.send(timed.event)
            return
        if self._notes is not None:
            self._notes.send(timed.event)
        if self._speakers is not None:
            self._speakers.send(timed.event)
        if isinstance(timed.event, NoteOn):
            self.lateness.add(Seconds(self._now() - self._session.due_at(timed.tick)))


def play_live(
    performance: Performance,
    gear: Gear,
    say: Callable[[str], None],
    speakers: Speakers | None = None,
    guarded: GuardedOutput | None = None,
    keeper: EarlyProcess | None = None,
) -> Path | None:
    """Play in real time until the performance ends or is interrupted; where its take is.

    An interruption, such as Ctrl-C, is an end like any other once the music plays.

    Args:
        say: takes one line of news at a time, from a thread of its own.
        speakers: those that are played through, on already.
        guarded: the port of the gear, in a process of its own; without it, it is opened in ours.
        keeper: the process that is to keep the take; without it, one is begun.

    Raises:
        PortError: a port cannot be opened.
        MidiFileError: the take cannot be written.
        SpeakerError: the speakers do not play.
    """
    clock = WallClock()
    inbox = Inbox(clock.wake)
    with ending_in_peace() as from_here_on, ExitStack() as stack:
        hurry = stack.enter_context(ending_in_time())
        stack.enter_context(realtime())
        output: SteadyOutput | GuardedOutput | None = guarded
        if guarded is not None:
            guarded.ready()
        elif gear.port is not None:
            output = stack.enter_context(open_steady_output(gear.port))
        leading: SteadyOutput | GuardedOutput | None = None
        if gear.clock_out is not None:
            same = gear.clock_out == gear.port
            leading = output if same else stack.enter_context(open_steady_output(gear.clock_out))
        inputs = [
            stack.enter_context(open_steady_input(name, _into(inbox, ears)))
            for name, ears in gear.inputs().items()
        ]
        if speakers is not None:
            speakers.ready()
        say(f"{_title(performance)}, {_opened(output, inputs, speakers)}. Ctrl-C stops.")
        if output is not None and not stack.enter_context(playing_to(output.name, gear.playing)):
            say(_shared(output))
        bar = performance.changes.bars[0]
        start = Seconds(clock.now() + LEAD_IN)
        take = performance.take(start)
        session = performance.session(start, take)
        if session.state is State.STOPPED and not performance.shares_beat:
            say("waiting for the clock to start (b: bar 1 is now)")
        status = Status(session, clock.now, say, hears=bool(inputs))
        stack.enter_context(status.looking())
        outputs = {each for each in (output, leading) if isinstance(each, SteadyOutput)}
        tell = _news(inbox, status, gear)
        stack.enter_context(PortWatch([*outputs, *inputs], tell))
        if guarded is not None:
            guarded.listen(tell)
        stack.callback(hurry)  # when the take, which is entered below, has been saved
        feed = LinkFeed(session, inbox.put, status.tell, clock.now, bar.meter.bar_ticks)
        if performance.shares_beat:
            feed.join()
        stack.enter_context(feed.feeding())
        stack.enter_context(key_presses(lambda char: inbox.put(Key(char))))
        recording = stack.enter_context(
            _recorded(take, gear.takes, performance.changes.title, status, keeper)
        )
        stack.enter_context(_kept(performance.request.hands, gear.learned))
        sink = _Outputs(session, clock.now, output, leading, speakers)
        if gear.page is not None:
            charts = _charts(performance.written)
            shown = Stage(session, take, sink.lateness, clock.now, inbox.put, status.tell, charts)
            stack.enter_context(open_page(gear.page, shown))
        try:
            with suppress(KeyboardInterrupt), undisturbed():
                for timed in session.receive(Plugged(Port.NOTES, back=True), clock.now()):
                    sink.send(timed)  # a run that was killed may have left notes sounding there
                for timed in performance.opening():
                    take.played(timed)
                    sink.send(timed)
                run(session, clock, sink, inbox)
        finally:
            from_here_on()
    return recording.path


def _charts(playing: Changes) -> Charts:
    """The tunes to choose from: the one that is played, and those that come along."""
    first = printable(playing.title)
    names = [first, *(name for name in chart_names() if name != first)]
    return Charts(names, lambda name: playing if name == first else _playable(name))


def _playable(chart: str) -> Changes:
    """A chart that can be played over, by name; see `read_chart` and `Context` for what is not."""
    changes = read_chart(chart)
    return Context(changes, changes.tempo or DEFAULT_BPM, straight=True).changes


def _into(inbox: Inbox, ears: Ear) -> Callable[[Stamped], None]:
    """What a port calls, in a thread of its own that it does not hand out otherwise."""
    asked = False

    def receive(stamped: Stamped) -> None:
        nonlocal asked
        if not asked:
            asked = True
            ask_realtime()
        inbox.put(Heard(stamped.at, stamped.event, ears))

    return receive


def _news(inbox: Inbox, status: Status, gear: Gear) -> Callable[[PortNews], None]:
    """What the watch of the ports tells the session and the player."""
    uses = (
        (True, gear.port, Port.NOTES),
        (True, gear.clock_out, Port.CLOCK),
        (False, gear.player_in, Port.PLAYER),
        (False, gear.chord_in, Port.CHORDS),
    )

    def tell(news: PortNews) -> None:
        for output, wanted, port in uses:
            if (output, wanted) == (news.output, news.wanted):
                inbox.put(Plugged(port, news.back))
        what = "is back" if news.back else "has gone; playing on"
        status.tell(f"{printable(news.name)} {what}")

    return tell


def _title(performance: Performance) -> str:
    knobs = performance.knobs
    how = "" if knobs.mode == Mode.SOLO else f", {knobs.mode}"
    how += "" if knobs.manner == OFF else f", in the manner of {printable(knobs.manner)}"
    return f"{printable(performance.changes.title)} at {performance.bpm:g}{how}"


def _opened(
    output: SteadyOutput | GuardedOutput | None,
    inputs: list[SteadyInput],
    speakers: Speakers | None,
) -> str:
    def named(port: SteadyOutput | GuardedOutput | SteadyInput) -> str:
        return f"{'virtual port ' if port.virtual else ''}{printable(port.name)}"

    heard = f", listening to {', '.join(map(named, inputs))}" if inputs else ""
    to = [] if output is None else [named(output)]
    to += [] if speakers is None else ["the speakers"]
    return f"playing to {' and '.join(to)}{heard}"


def _shared(output: SteadyOutput | GuardedOutput) -> str:
    does = "has a port of this name" if output.virtual else "plays to this port"
    return f"another live_improv {does} as well; --port chooses another"


@dataclass
class _Recording:
    path: Path | None = None


@contextmanager
def _recorded(
    take: Take, folder: Path | None, title: str, status: Status, early: EarlyProcess | None
) -> Iterator[_Recording]:
    """Keep the take on disk while the block runs, and at its end whole."""
    recording = _Recording()
    if folder is None:
        yield recording
        return
    recorder = Recorder(take, folder, title, status.tell, early=early)
    recorder.start()
    try:
        yield recording
    finally:
        recording.path = recorder.save()


@contextmanager
def _kept(hands: Hands, path: Path | None) -> Iterator[None]:
    """Keep what MIDI learn has learned in the block."""
    before = hands.learned
    try:
        yield
    finally:
        if path is not None and hands.learned != before:
            write_learned(path, hands.learned)
