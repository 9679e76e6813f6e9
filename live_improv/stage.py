"""Playing live: what stands around the loop, put up before the first note and taken down after.

Each part is a block that `play_live` enters, and what is put up first is taken down last. The loop
itself is `loop.run`; nothing here is on its path but the inbox and the outputs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from live_improv.app import Performance
from live_improv.assets import chart_names
from live_improv.loop import Sink, run, undisturbed
from live_improv.midi.codec import printable
from live_improv.music.changes import Changes
from live_improv.music.timing import Seconds
from live_improv.performance.clock import Clock, WallClock
from live_improv.performance.incoming import Key, Plugged, Port
from live_improv.performance.session import Session, State
from live_improv.performance.take import Take
from live_improv.repertoire import playable
from live_improv.runtime import announcing
from live_improv.runtime.gear import Gear, open_ports, watched
from live_improv.runtime.guardian import GuardedOutput
from live_improv.runtime.inbox import Inbox
from live_improv.runtime.keeping import learning_kept, recorded
from live_improv.runtime.keys import key_presses
from live_improv.runtime.link_feed import LinkFeed
from live_improv.runtime.outputs import Outputs
from live_improv.runtime.playing_to import playing_to
from live_improv.runtime.priority import realtime
from live_improv.runtime.recorder import EarlyProcess
from live_improv.runtime.speakers import Speakers
from live_improv.runtime.status import Status
from live_improv.runtime.stopping import ending_in_peace, ending_in_time
from live_improv.view.page import Charts, Stage, open_page

LEAD_IN = Seconds(0.15)
"""Between the opening of the ports and the first note: time to prepare what surrounds the loop,
which takes some 30 ms, and to plan it."""


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
        put_up = stack.enter_context
        # Around the ports: it is their closing that may hang.
        hurry = put_up(ending_in_time())
        put_up(realtime())

        # What may be refused, before anything is said or written.
        ports = put_up(open_ports(gear, guarded, inbox.put))
        if speakers is not None:
            speakers.ready()
        say(announcing.playing(performance, ports, speakers))
        if ports.notes is not None and not put_up(playing_to(ports.notes.name, gear.playing)):
            say(announcing.shared(ports.notes))

        # The first note has its moment now; all that follows is put up within the lead-in.
        start = Seconds(clock.now() + LEAD_IN)
        take = performance.take(start)
        session = performance.session(start, take)
        if session.state is State.STOPPED and not performance.shares_beat:
            say(announcing.WAITS)

        # Around all that has news: it says the last of them when the others have ended.
        status = Status(session, clock.now, say, hears=bool(ports.inputs))
        put_up(status.looking())
        put_up(watched(ports, gear, inbox.put, status.tell))

        # Passed on the way down: the take and the rest of what is put up below have the time they
        # need, and from here on the ports are given little.
        stack.callback(hurry)
        put_up(_shared_beat(performance, session, clock, inbox, status))
        put_up(key_presses(lambda char: inbox.put(Key(char))))
        title = performance.changes.title
        recording = put_up(recorded(take, gear.takes, title, status.tell, keeper))
        put_up(learning_kept(performance.request.hands, gear.learned))
        sink = Outputs(session, clock.now, ports, speakers)
        if gear.page is not None:
            late, charts = sink.lateness, _charts(performance.written)
            shown = Stage(session, take, late, clock.now, inbox.put, status.tell, charts)
            put_up(open_page(gear.page, shown))

        try:
            # From the opening on there may be something sounding, and something to keep.
            with suppress(KeyboardInterrupt), undisturbed():
                _open(performance, session, take, clock.now(), sink)
                run(session, clock, sink, inbox)
        finally:
            from_here_on()  # what has been put up is taken down whole
    return recording.path


@contextmanager
def _shared_beat(
    performance: Performance, session: Session, clock: Clock, inbox: Inbox, status: Status
) -> Iterator[None]:
    """Keep the beat that is shared over the network for as long as the session's clock is that one.

    Raises:
        LinkMissing: it begins by that clock, and the extra is not installed.
    """
    bar = performance.changes.bars[0].meter.bar_ticks
    feed = LinkFeed(session, inbox.put, status.tell, clock.now, bar)
    if performance.shares_beat:
        feed.join()
    with feed.feeding():
        yield


def _open(performance: Performance, session: Session, take: Take, now: Seconds, sink: Sink) -> None:
    """Send what comes before the first note."""
    for timed in session.receive(Plugged(Port.NOTES, back=True), now):
        sink.send(timed)  # a run that was killed may have left notes sounding there
    for timed in performance.opening():
        take.played(timed)
        sink.send(timed)


def _charts(playing: Changes) -> Charts:
    """The tunes to choose from: the one that is played, and those that come along."""
    first = printable(playing.title)
    names = [first, *(name for name in chart_names() if name != first)]
    return Charts(names, lambda name: playing if name == first else playable(name))
