"""The page's process: serves the page to browsers, tells them what it is told, passes commands on.

    python -m live_improv.view.server

Standard input brings a greeting and then frames, a line each; where it ends, so does this process.
Standard output takes the port, and then commands. This is the only module that uses `websockets`.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from live_improv.view.about import about
from live_improv.view.commands import LONGEST, CommandError, read_command
from live_improv.view.files import static_files
from live_improv.view.guard import HEADERS, HERE, Allowance, Guard
from live_improv.view.scene import Scene

SOCKET = "/live"

MOST_BROWSERS = 8
MOST_CALLERS = 32
"""So many may be connected, and so many more may be about to say who they are."""

GREETING_SECONDS = 5.0

ALL_RATE = 60
"""Commands a second that are passed on, whoever they are from."""

NICENESS = 5
"""Who plays comes first."""

_SEND_BUFFER = 1 << 15
"""Bytes that wait in the system for a browser that does not read."""

_POLICY, _FULL = 1008, 1013  # RFC 6455, 7.4.1; IANA: try again later


@dataclass(frozen=True, slots=True)
class Greeting:
    """What the process that plays says first.

    Attributes:
        token: what a browser must know.
        host: where else than on this machine the page is to be found, or None.
        charts: the names of those that can be chosen.
    """

    token: str
    host: str | None
    charts: tuple[str, ...]

    @classmethod
    def read(cls, line: bytes) -> Greeting:
        """Read it.

        Raises:
            ValueError, KeyError, TypeError: it is none.
        """
        says = json.loads(line)
        return cls(str(says["token"]), says["host"], tuple(map(str, says["charts"])))


class Server:
    """The page, for all browsers.

    Args:
        greeting: what holds for all of them.
        guard: who may come in.
        scene: what they are shown.
        pass_on: takes a command as a line.
    """

    def __init__(
        self, greeting: Greeting, guard: Guard, scene: Scene, pass_on: Callable[[str], None]
    ) -> None:
        self._charts = greeting.charts
        self._about = about(greeting.charts, guard)
        self._guard = guard
        self._scene = scene
        self._pass_on = pass_on
        self._files = static_files()
        self._all = Allowance(ALL_RATE)
        self._callers = self._browsers = 0
        self._moved = asyncio.Event()

    def take(self, line: bytes) -> None:
        """Take a frame; what is none is left out."""
        with suppress(ValueError, KeyError, TypeError, IndexError, AttributeError):
            self._scene.take(json.loads(line))
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    def answer(self, connection: ServerConnection, request: Request) -> Response | None:
        """Answer a request for a file; None lets a WebSocket in."""
        headers = request.headers
        host, origin = _only(headers.get_all("Host")), _only(headers.get_all("Origin"))
        if not self._guard.knows_host(host):
            return _dressed(connection.respond(403, "unknown host\n"))
        if not self._guard.knows_origin(origin, host):
            return _dressed(connection.respond(403, "unknown origin\n"))
        path = request.path.partition("?")[0]
        if path == SOCKET:
            return None
        found = self._files.get(path)
        if found is None:
            return _dressed(connection.respond(404, "no such page\n"))
        kind, content = found
        response = connection.respond(200, "")
        response.body = content
        del response.headers["Content-Type"], response.headers["Content-Length"]
        response.headers["Content-Type"] = kind
        response.headers["Content-Length"] = str(len(content))
        return _dressed(response)

    async def talk(self, browser: ServerConnection) -> None:
        """Talk with one browser until it goes."""
        if self._callers >= MOST_CALLERS:
            await browser.close(_FULL, "too many")
            return
        self._callers += 1
        try:
            with suppress(ConnectionClosed):
                if not await self._knows(browser):
                    await browser.close(_POLICY, "wrong token")
                elif self._browsers >= MOST_BROWSERS:
                    await browser.close(_FULL, "too many browsers")
                else:
                    await self._both_ways(browser)
        finally:
            self._callers -= 1

    async def _knows(self, browser: ServerConnection) -> bool:
        """Whether the browser knows the token."""
        try:
            async with asyncio.timeout(GREETING_SECONDS):
                says = json.loads(await browser.recv())
        except (TimeoutError, ValueError, RecursionError):
            return False
        return isinstance(says, dict) and self._guard.knows_token(says.get("token"))

    async def _both_ways(self, browser: ServerConnection) -> None:
        self._browsers += 1
        telling = asyncio.create_task(self._tell(browser))
        try:
            await self._listen(browser)
        finally:
            self._browsers -= 1
            telling.cancel()
            with suppress(asyncio.CancelledError, ConnectionClosed):
                await telling

    async def _tell(self, browser: ServerConnection) -> None:
        """Tell it what is new, as fast as it listens."""
        await browser.send(_json(self._about))
        seen = -1
        while True:
            moved = self._moved
            if seen < self._scene.revision and self._scene.begun:
                news, seen = self._scene.news(seen), self._scene.revision
                await browser.send(_json(news))
            else:
                await moved.wait()

    async def _listen(self, browser: ServerConnection) -> None:
        allowance = Allowance()
        async for message in browser:
            if not allowance.allows(time.monotonic()):
                await browser.close(_POLICY, "too many messages")
                return
            try:
                read_command(message, len(self._charts))
            except CommandError as error:
                await browser.send(_json({"type": "refused", "why": str(error)}))
                continue
            if self._all.allows(time.monotonic()):
                # One line, whatever white space the message has.
                self._pass_on(_json(json.loads(message)))


def _dressed(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers[name] = value
    return response


def _only(values: list[str]) -> str | None:
    """The value of a header that is there once; one that is there twice is no value of ours."""
    return values[0] if len(values) == 1 else ", ".join(values) or None


def _json(says: dict[str, Any]) -> str:
    return json.dumps(says, separators=(",", ":"))


def listeners(host: str | None) -> list[socket.socket]:
    """Sockets at a free port of this machine, and of the address `host`.

    Raises:
        OSError: there is none.
    """
    family = socket.AF_INET6 if host and ":" in host else socket.AF_INET
    for last in (False, False, False, True):
        here = socket.create_server((HERE, 0))
        sockets = [here]
        try:
            if host is not None and host != HERE:
                port = here.getsockname()[1]
                sockets.append(socket.create_server((host, port), family=family))
        except OSError:
            here.close()
            if last:
                raise
            continue
        for each in sockets:
            each.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        return sockets
    raise AssertionError("the last attempt returns or raises")


async def run() -> None:
    """Serve until standard input ends."""
    greeting = Greeting.read(sys.stdin.buffer.readline())
    try:
        sockets = listeners(greeting.host)
    except OSError as error:
        _say(_json({"error": str(error)}))
        return
    port = sockets[0].getsockname()[1]
    guard = Guard(port, greeting.token, greeting.host)
    server = Server(greeting, guard, Scene(), _say)
    loop, ended = asyncio.get_running_loop(), asyncio.Event()

    def read() -> None:
        for line in sys.stdin.buffer:
            loop.call_soon_threadsafe(server.take, line)
        loop.call_soon_threadsafe(ended.set)

    async with AsyncExitStack() as stack:
        for each in sockets:
            await stack.enter_async_context(
                serve(
                    server.talk,
                    sock=each,
                    process_request=server.answer,
                    compression=None,
                    max_size=LONGEST,
                    server_header=None,
                    close_timeout=0.5,
                    max_queue=4,
                )
            )
        _say(_json({"port": port}))
        threading.Thread(target=read, name="frames", daemon=True).start()
        await ended.wait()


def _say(line: str) -> None:
    """Tell the process that plays."""
    with suppress(OSError):  # it has gone; standard input says so too
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def main() -> None:
    """Be the page's process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(AttributeError, OSError):
        os.nice(NICENESS)
    asyncio.run(run())


if __name__ == "__main__":
    main()
