"""What the page costs the music, and how soon a key pressed on it is heard.

    python benchmarks/page.py

Lateness: the moment a note-on reaches the port less the moment the session's own tempo map gives
it, while `stage.play_live` plays the default model as in `benchmarks/lateness.py`. The conditions
take turns:

    idle        the soloist alone, nothing listens, no page
    page        the same, and the page is open: another process has its frames, twenty a second
    input       the band plays too, and another process sends 2,000 messages a second, which the
                session listens to (over JACK, without sound hardware)
    all         the band, the input, and the page open

Keys: while the page is open its reader presses `V` and `v` (dynamics up and down by one step) in
turn. `key to knob` is the time from the press to when the session has turned the knob. Which notes
have the other velocity is told by the same performance without any keys. `unchanged` is how long
after a press, less the commit horizon, the last note that it did not change was due: the key works
beyond the horizon with no more than that delay.

Frames: what one frame takes in the process that plays, by what it tells. This is how long a note
could have to wait at worst.

With `--chromium` the reader is a real browser without a screen, driven through chromedriver (it
needs selenium), which draws with these same processor cores.

How to read it: milliseconds. `over idle` is the p99 less that of idle, and is to stay below 1 for
`all`; `unchanged` is to stay below 100. Where other people's programs keep every core busy, all
rows are late: then compare rows.
"""

from __future__ import annotations

import argparse
import os

# Before NumPy is imported, as the command line does.
os.environ.update(
    dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
)

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

import jack
from figures import Table, quantile
from stamped import Stamping, play_stamped

from live_improv.app import Performance
from live_improv.loop import Script, run, undisturbed
from live_improv.midi.ports import list_ports, match_port
from live_improv.music.events import NoteOff, NoteOn, Timed
from live_improv.music.score import IMPROVISER
from live_improv.music.timing import PPQ, Seconds, Ticks
from live_improv.performance.band import QUARTET
from live_improv.performance.clock import VirtualClock
from live_improv.performance.controls import Turned
from live_improv.performance.improviser import Improviser
from live_improv.performance.incoming import Charted
from live_improv.performance.session import Session
from live_improv.performance.take import Take
from live_improv.request import Request
from live_improv.runtime.lateness import Lateness
from live_improv.view.feed import Feed, Pipe
from live_improv.view.page import Page

FLOOD = "live_improv_benchmark_flood"
OVER_IDLE, UNCHANGED, FRAME = 1.0, 100.0, 0.3
"""The bars, in milliseconds."""

PRESS_EVERY = 0.7
"""Seconds between two keys."""

_PATIENCE = 20.0
_LATENESS = Path(__file__).with_name("lateness.py")


@dataclass(frozen=True, slots=True)
class Condition:
    """What else goes on."""

    page: bool = False
    band: bool = False
    player_in: str | None = None


CONDITIONS = {
    "idle": Condition(),
    "page": Condition(page=True),
    "input": Condition(band=True, player_in=FLOOD),
    "all": Condition(page=True, band=True, player_in=FLOOD),
}


@dataclass
class Found:
    """What was measured under one condition, in seconds.

    Attributes:
        late: of each note-on.
        frames: the reader has had a second.
        heard: messages a second.
        knobs: from key to knob.
        unchanged: see above; negative where every note beyond the horizon was changed.
    """

    late: list[float] = field(default_factory=list)
    frames: list[float] = field(default_factory=list)
    heard: list[float] = field(default_factory=list)
    knobs: list[float] = field(default_factory=list)
    unchanged: list[float] = field(default_factory=list)


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add = parser.add_argument
    add("--rounds", type=int, default=4, help="performances under each condition (4)")
    add("--seconds", type=float, default=10.0, help="length of each (10)")
    add("--tempo", type=float, default=400.0, help="quarters a minute (400)")
    add("--only", nargs="+", choices=CONDITIONS, default=list(CONDITIONS), help="these conditions")
    add("--chromium", action="store_true", help="a real browser reads the page")
    add("--json", type=Path, metavar="OUT", help="write the figures here too")
    add("--read", metavar="ADDRESS", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        (browse if options.chromium else read)(options.read)
        return

    found = {name: Found() for name in options.only}
    with jack.server() as jack_runs, _flood(jack_runs):
        for seed in range(options.rounds):
            for name in options.only:
                condition = CONDITIONS[name]
                if condition.player_in is None or jack_runs:
                    measure(condition, seed, options, found[name])
    table = Table(
        f"Lateness of note-ons in ms, at {options.tempo:g} quarters a minute",
        ("condition", "notes", "p50", "p99", "max", "over idle", "frames/s", "heard/s"),
    )
    idle = quantile(found["idle"].late, 0.99) if "idle" in found else 0.0
    for name, each in found.items():
        if not each.late:
            table.notes.append(f"{name}: skipped, no JACK server runs (Debian: apt install jackd2)")
            continue
        late = [1e3 * moment for moment in each.late]
        p99 = quantile(late, 0.99)
        rates = [min(rates, default=0.0) for rates in (each.frames, each.heard)]
        table.add(name, len(late), quantile(late, 0.5), p99, max(late), p99 - 1e3 * idle, *rates)
    table.notes.append(f"to reach: all: over idle <= {OVER_IDLE:g} ms")
    table.show()
    columns = ("condition", "what", "keys", "p50", "p99", "max")
    keys = Table("Keys pressed on the page, in ms", columns)
    for name, each in found.items():
        for what, values in (("key to knob", each.knobs), ("unchanged", each.unchanged)):
            if values:
                shown = [1e3 * value for value in values]
                keys.add(
                    name, what, len(shown), quantile(shown, 0.5), quantile(shown, 0.99), max(shown)
                )
    keys.notes.append(f"to reach: unchanged <= {UNCHANGED:g} ms")
    keys.show()
    frame_costs().show()
    if options.json is not None:
        table.write(options.json)


def measure(condition: Condition, seed: int, options: argparse.Namespace, found: Found) -> None:
    """Play once and add what was measured."""
    bars = max(round(options.seconds * options.tempo / 60 / 4), 1)
    band = QUARTET if condition.band else frozenset()
    request = Request(bpm=options.tempo, bars=bars, seed=seed, band=band)
    performance = _Pressed(request)
    readers: list[subprocess.Popen[str]] = []

    def news(line: str) -> None:
        if line.startswith("page: "):
            command = [sys.executable, __file__, "--read", line.split()[1]]
            command += ["--chromium"] if options.chromium else []
            pipe, null = subprocess.PIPE, subprocess.DEVNULL
            readers.append(subprocess.Popen(command, stdout=pipe, stderr=null, text=True))

    sent = play_stamped(
        performance,
        player_in=condition.player_in,
        page=Page() if condition.page else None,
        news=news,
    )
    found.late += [each.late for each in sent]
    if condition.player_in is not None:
        found.heard.append(performance.kept.heard_count / (sent[-1].at - sent[0].at))
    for reader in readers:
        out, _ = reader.communicate(timeout=_PATIENCE)
        if not out.strip():
            continue  # on so busy a machine the music was over before the page was open
        told = json.loads(out.splitlines()[-1])
        found.frames.append(told["frames"] / told["seconds"])
        presses: list[float] = told["presses"]
        # Who presses while the last notes sound presses for nobody.
        turned = performance.turned[: len(presses)]
        found.knobs += [at - press for at, press in zip(turned, presses, strict=False)]
        if condition.player_in is None:
            found.unchanged += unchanged(performance, request, presses[: len(turned)])


class _Pressed(Stamping):
    """A performance that notes when the dynamics are turned."""

    def session(
        self,
        start: Seconds,
        take: Take | None = None,
        improviser: Callable[..., Improviser] = Improviser,
    ) -> Session:
        """A session that begins at the moment `start`."""
        session = super().session(start, take, improviser)
        self.turned: list[float] = []
        turn = session.turn

        def noted(turned: Turned, now: Seconds) -> list[Timed]:
            done = turn(turned, now)
            self.turned.append(time.perf_counter())
            return done

        setattr(session, "turn", noted)  # noqa: B010
        return session


def unchanged(performance: Stamping, request: Request, presses: list[float]) -> list[float]:
    """For each press, when the last note that it did not change was due, less the horizon."""
    played = _notes(performance.kept)
    plain = _notes(_without_keys(request))
    if [each[:2] for each in plain[: len(played)]] != [each[:2] for each in played]:
        return []  # a stall has changed the notes: nothing can be compared
    tempo = performance.played_by.tempo
    louder = [
        (tempo.seconds_at(tick), after - before)
        for (tick, _, after), (_, _, before) in zip(played, plain, strict=False)
    ]
    horizon = request.horizon / PPQ * 60 / performance.bpm
    found = []
    for number, press in enumerate(presses):
        is_new = number % 2 == 0  # louder after the first, as it was after the second
        after = [(at, bool(more) == is_new) for at, more in louder if at > press]
        first = next((at for at, new in after if new), None)
        if first is not None:
            old = [at for at, _ in after if at < first]
            found.append(max(old, default=press) - press - horizon)
    return found


def _notes(take: Take) -> list[tuple[Ticks, int, int]]:
    """Tick, pitch and velocity of each note of the soloist."""
    return [
        (each.tick, each.event.pitch, each.event.velocity)
        for each in take.since(0)[0]
        if isinstance(each.event, NoteOn) and each.part == IMPROVISER
    ]


def _without_keys(request: Request) -> Take:
    """The same performance, in no time."""
    performance = Performance(request)
    take = performance.take(Seconds(0.0))
    run(performance.session(Seconds(0.0), take), VirtualClock(), _Nowhere(), Script())
    return take


class _Nowhere:
    def send(self, timed: Timed) -> None:
        """Nothing: the take has it."""


@contextmanager
def _flood(possible: bool) -> Iterator[None]:
    """Somebody who sends 2,000 messages a second, as in `benchmarks/lateness.py`."""
    if not possible:
        yield
        return
    process = subprocess.Popen([sys.executable, str(_LATENESS), "--flood"], stdin=subprocess.PIPE)
    try:
        end = time.monotonic() + _PATIENCE
        while match_port(FLOOD, list_ports().inputs) is None:
            if time.monotonic() > end:
                raise SystemExit(f"{FLOOD}: no such port in {_PATIENCE:g} s")
            time.sleep(0.05)
        yield
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(2.0)
        finally:
            jack.stop(process)


def frame_costs() -> Table:
    """What a frame takes, in ms."""
    table = Table(
        "A frame, in ms of the process that plays", ("tells", "bytes", "p50", "p99", "max")
    )
    performance = Performance(Request(bars=12, chart="ballad"))
    take = performance.take(Seconds(0.0))
    session = performance.session(Seconds(0.0), take)
    lateness = Lateness()
    for number in range(1_000):
        lateness.add(Seconds(number % 7 / 1_000))
    now = lambda: Seconds(0.0)  # noqa: E731
    for tells, notes, chart in (
        ("nothing new", 0, False),
        ("5 notes", 5, False),
        ("50 notes", 50, False),
        ("5 notes and the chart", 5, True),
    ):
        reading, writing = os.pipe()
        # As on stage nothing is collected.
        with os.fdopen(writing, "wb") as stream, os.fdopen(reading, "rb") as out, undisturbed():
            feed = Feed(session, take, lateness, now, Pipe(stream))
            feed.look()
            out.readline()
            costs = []
            for number in range(400):
                for pitch in range(notes):
                    take.played(Timed(Ticks(number), NoteOn(pitch, 80)))
                    take.played(Timed(Ticks(number), NoteOff(pitch)))
                if chart:
                    session.receive(Charted(replace(performance.changes)), Seconds(0.0))
                begun = time.perf_counter()
                feed.look()
                costs.append(1e3 * (time.perf_counter() - begun))
                line = out.readline()
            table.add(tells, len(line), quantile(costs, 0.5), quantile(costs, 0.99), max(costs))
    table.notes.append(f"to reach: p99 < {FRAME:g} ms")
    return table


def read(address: str) -> None:
    """Read the page until it ends, and press keys; what was had is told on standard output."""
    from websockets.exceptions import ConnectionClosed
    from websockets.sync.client import connect

    parts = urlsplit(address)
    frames = 0
    presses: list[float] = []
    with connect(f"ws://{parts.netloc}/live", compression=None) as socket:
        socket.send(json.dumps({"token": parts.fragment}))
        begun = time.perf_counter()
        press_at = begun + PRESS_EVERY
        try:
            while True:
                socket.recv()
                frames += 1
                if (now := time.perf_counter()) >= press_at:
                    socket.send(json.dumps({"do": "key", "char": "vV"[len(presses) % 2 == 0]}))
                    presses.append(now)
                    press_at = now + PRESS_EVERY
        except ConnectionClosed:
            pass
    print(json.dumps({"frames": frames, "seconds": now - begun, "presses": presses}))


def browse(address: str) -> None:
    """The same with a real browser, whose page counts for itself."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from tests.view.browser import chromium

    script = """
        const [every, done] = arguments;
        const now = () => performance.timeOrigin + performance.now();
        const told = { frames: 0, presses: [], begun: now() };
        const state = document.getElementById("link");
        let last = null;
        const tempo = setInterval(() => {
          const key = told.presses.length % 2 ? "v" : "V";
          told.presses.push(now());
          dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
        }, every);
        const frame = () => {
          told.frames += 1;
          if (state.textContent === "live") requestAnimationFrame(frame);
          else { clearInterval(tempo); told.seconds = (now() - told.begun) / 1000; done(told); }
        };
        frame();
    """
    with chromium() as screen:
        screen.open(address)
        screen.driver.set_script_timeout(600)
        screen.until(lambda: screen.text("#link") == "live", "the page is live")
        told = screen.driver.execute_async_script(script, 1000 * PRESS_EVERY)
    # From the clock of the day to the one that every process here has.
    shift = time.perf_counter() - time.time()
    told["presses"] = [press / 1000 + shift for press in told["presses"]]
    print(json.dumps(told))


if __name__ == "__main__":
    main()
