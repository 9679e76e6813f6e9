"""The page: where the musician sees what is played and turns what can be turned.

It runs in a process of its own, which is told what goes on by a `Feed` and sends back commands. If
it ends, by whatever fault, the music plays on.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from live_improv.midi.codec import printable
from live_improv.music.changes import Changes
from live_improv.music.timing import Seconds
from live_improv.performance.incoming import Charted, Incoming
from live_improv.runtime import children
from live_improv.runtime.priority import ask_realtime
from live_improv.view.commands import Choose, CommandError, read_command
from live_improv.view.feed import Feed, Late, Pipe, Remembered, Shown, read_lines
from live_improv.view.guard import HERE, in_address

TOKEN_BYTES = 16
"""128 bits: nobody guesses them."""

MISSING = "no page: it needs websockets: pip install -e '.[web]'"

_PATIENCE = 1.0
"""Seconds that the page's process has to end, and that its threads have."""


class PageError(ValueError):
    """A page that cannot be had as it was asked for."""


@dataclass(frozen=True, slots=True)
class Page:
    """The page that is asked for.

    Attributes:
        host: an address of this machine at which others in the room find the page too; None for
            this machine alone.
        opens: whether it is shown in the browser at once.

    Raises:
        PageError: the host is not one address.
    """

    host: str | None = None
    opens: bool = False

    def __post_init__(self) -> None:
        if self.host is None:
            return
        from ipaddress import ip_address  # few ask for it, and the music waits for none of it

        try:
            address = ip_address(self.host)
        except ValueError:
            raise PageError(
                f"--page-host {self.host}: expected an address such as 192.168.1.20"
            ) from None
        if address.is_unspecified or address.is_multicast:
            raise PageError(
                f"--page-host {self.host}: expected the address of this machine that is meant"
            )


@dataclass(frozen=True, slots=True)
class Charts:
    """The charts that can be chosen on the page.

    Attributes:
        names: as they are shown.
        read: the changes of the one of that name; may raise ValueError or OSError.
    """

    names: Sequence[str] = ()
    read: Callable[[str], Changes] | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """What the page shows and where its commands go.

    Attributes:
        session: what is played now.
        take: what has been.
        late: how late.
        now: the session's clock.
        put: takes what the session is to receive.
        say: takes one line of news.
        charts: what can be chosen.
    """

    session: Shown
    take: Remembered
    late: Late
    now: Callable[[], Seconds]
    put: Callable[[Incoming], None]
    say: Callable[[str], None]
    charts: Charts = Charts()


@contextmanager
def open_page(page: Page, shown: Stage) -> Iterator[None]:
    """Have the page while the block runs; it is there some time after the block has begun.

    Where it cannot be had, one line says why.
    """
    if None in map(importlib.util.find_spec, ("websockets", "segno")):
        shown.say(MISSING)
        yield
        return
    ended = threading.Event()
    running = _Running(page, shown, ended)
    thread = threading.Thread(target=running.run, name="page", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(2 * _PATIENCE)


class _Running:
    """The page's process and the two threads that talk with it."""

    def __init__(self, page: Page, shown: Stage, ended: threading.Event) -> None:
        self._page = page
        self._stage = shown
        self._ended = ended
        self._token = os.urandom(TOKEN_BYTES).hex()
        self._refused = False

    def run(self) -> None:
        """Start the process and feed it until it is told to end, or does."""
        stage = self._stage
        try:
            process = subprocess.Popen(
                children.command("view.server"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=children.environment(),
                # What interrupts us or closes our terminal does not reach it: it ends after us.
                start_new_session=True,
            )
        except OSError as error:
            stage.say(f"no page: {error}")
            return
        assert process.stdin is not None
        assert process.stdout is not None
        reader = threading.Thread(
            target=read_lines, args=(process.stdout, self._told), name="page reader", daemon=True
        )
        reader.start()
        # Who holds up the interpreter, and be it for a frame, holds up the notes: let it be short.
        ask_realtime()
        try:
            pipe = Pipe(process.stdin)
            pipe.offer(self._greeting())
            Feed(stage.session, stage.take, stage.late, stage.now, pipe).run(self._ended)
        finally:
            with suppress(OSError):
                process.stdin.close()
            if not self._ended.is_set() and not self._refused:
                stage.say("the page has ended; playing on")
            with suppress(subprocess.TimeoutExpired):
                process.wait(_PATIENCE)
            process.kill()
            process.wait()
            reader.join(_PATIENCE)

    def _greeting(self) -> bytes:
        says = {
            "token": self._token,
            "host": self._page.host,
            "charts": list(self._stage.charts.names),
        }
        return f"{json.dumps(says)}\n".encode("ascii")

    def _told(self, line: bytes) -> None:
        """Take a line of the page's process: where the page is, or why not, or a command."""
        stage = self._stage
        try:
            command = read_command(line, len(stage.charts.names))
        except CommandError:
            self._announce(line)
            return
        if isinstance(command, Choose):
            self._choose(stage.charts.names[command.number])
            return
        for each in command:
            stage.put(each)

    def _choose(self, name: str) -> None:
        stage = self._stage
        if stage.charts.read is None:
            return
        try:
            changes = stage.charts.read(name)
        except (ValueError, OSError) as error:
            stage.say(f"{name}: {error}")
            return
        stage.put(Charted(changes))

    def _announce(self, line: bytes) -> None:
        try:
            says = json.loads(line)
            if "error" in says:
                self._refused = True
                self._stage.say(f"no page: {printable(str(says['error']))}")
                return
            port = int(says["port"])
        except (ValueError, KeyError, TypeError):
            return  # it is no business of the music's
        hosts = [HERE, *([self._page.host] if self._page.host else [])]
        addresses = [f"http://{in_address(host)}:{port}/#{self._token}" for host in hosts]
        self._stage.say(f"page: {' or '.join(addresses)}")
        if self._page.opens:
            import webbrowser  # which the music does not wait for

            webbrowser.open(addresses[0])
