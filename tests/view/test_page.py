"""The page's process, as browsers and those who only look like them find it."""

from __future__ import annotations

import http.client
import importlib.util
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from live_improv.performance.controls import Step, Turned
from live_improv.performance.incoming import Charted, Key
from live_improv.repertoire import read_chart
from live_improv.view.commands import LONGEST
from live_improv.view.files import STATIC
from live_improv.view.guard import HEADERS, RATE
from live_improv.view.page import MISSING, Page, PageError, open_page
from live_improv.view.server import MOST_BROWSERS
from tests.view.stands import BLUES, NAMES, PATIENCE, Stand, note

client = pytest.importorskip("websockets.sync.client")
exceptions = pytest.importorskip("websockets.exceptions")

OTHER = "127.0.0.2"
"""Another address of this machine; on Linux all of 127/8 are."""

QR_CORNER = ["1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111"]
"""What each of three corners of a QR code looks like."""


@contextmanager
def opened(page: Page = Page()) -> Iterator[tuple[Stand, str]]:  # noqa: B008
    """A page, and its address."""
    stand = Stand(log=note(0, 60, 240))
    with open_page(page, stand.stage()):
        yield stand, stand.address()


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Stand, str]]:
    """A page that several tests look at."""
    with opened() as found:
        yield found


@pytest.fixture
def stand(running: tuple[Stand, str]) -> Stand:
    """What it shows."""
    running[0].put.clear()
    return running[0]


@pytest.fixture
def address(running: tuple[Stand, str]) -> str:
    """Where it is."""
    return running[1]


class Browser:
    """Somebody who has the page open."""

    def __init__(self, address: str, origin: str | None = None, token: object = None) -> None:
        parts = urlsplit(address)
        self._open = ExitStack()
        self.socket = self._open.enter_context(
            client.connect(f"ws://{parts.netloc}/live", origin=origin, compression=None)
        )
        self.send({"token": parts.fragment if token is None else token})

    def send(self, says: object) -> None:
        """Send a message."""
        self.socket.send(says if isinstance(says, str | bytes) else json.dumps(says))

    def hears(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The next message like that."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            says = json.loads(self.socket.recv(timeout=PATIENCE))
            assert isinstance(says, dict)
            if wanted(says):
                return says
        raise AssertionError("not heard")

    def refused(self) -> int:
        """The code with which it was sent away, after whatever it was told."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                self.socket.recv(timeout=PATIENCE)
            except exceptions.ConnectionClosed as error:
                return 0 if error.rcvd is None else int(error.rcvd.code)
        raise AssertionError("not sent away")

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()


def ask(
    address: str, path: str = "/", headers: dict[str, str] | None = None
) -> http.client.HTTPResponse:
    """One request, with the Host that is wanted."""
    parts = urlsplit(address)
    with closing(http.client.HTTPConnection(parts.netloc, timeout=PATIENCE)) as connection:
        connection.putrequest("GET", path, skip_host=True)
        for name, value in {"Host": parts.netloc, **(headers or {})}.items():
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        response.content = response.read()  # type: ignore[attr-defined]
        return response


def has_title(title: str) -> Callable[[dict[str, Any]], bool]:
    """Whether a message has the chart of that title."""
    return lambda says: says.get("chart", {}).get("title") == title


UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def test_the_files_of_the_page_are_served(address: str) -> None:
    for path in ["/", *(f"/{each.name}" for each in STATIC.iterdir())]:
        response = ask(address, path)
        assert response.status == 200, path
        for name, value in HEADERS.items():
            assert response.headers[name] == value
        assert response.headers["Access-Control-Allow-Origin"] is None


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/../server.py",
        "/%2e%2e/server.py",
        "/..%2fserver.py",
        "//etc/passwd",
        "/static/../../page.py",
        "http://127.0.0.1/",
        "/live.py",
    ],
)
def test_nothing_else_is(address: str, path: str) -> None:
    assert ask(address, path).status == 404


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:1", "127.0.0.1", "127.0.0.1:1", f"{OTHER}:1", ""]
)
@pytest.mark.parametrize("path", ["/", "/live"])
def test_another_host_is_refused(address: str, host: str, path: str) -> None:
    headers = UPGRADE if path == "/live" else {}
    assert ask(address, path, {**headers, "Host": host}).status == 403


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:1"]
)
def test_another_origin_is_refused(address: str, origin: str) -> None:
    assert ask(address, "/live", {**UPGRADE, "Origin": origin}).status == 403
    with pytest.raises(exceptions.InvalidStatus):
        Browser(address, origin=origin)


def test_two_hosts_in_one_request_are_none(address: str) -> None:
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port or 0), timeout=PATIENCE) as line:
        both = f"Host: {parts.netloc}\r\nHost: evil.example\r\n"
        line.sendall(f"GET / HTTP/1.1\r\n{both}\r\n".encode())
        assert b"403" in line.recv(4096).split(b"\r\n")[0]


def test_our_own_page_is_let_in(address: str) -> None:
    with Browser(address, origin=f"http://{urlsplit(address).netloc}") as browser:
        about = browser.hears(lambda says: says["type"] == "about")
        assert about["charts"] == list(NAMES)
        assert about["phone"] is None
        names = [row["name"] for row in about["controls"]]
        assert {"density", "panic", "learn", "start_stop", "bass_level"} <= set(names)
        assert "quit" not in names
        first = browser.hears(lambda says: says["type"] == "frame")
        assert first["chart"]["title"] == "Blues in F"
        assert first["notes"] == [[0, "machine", 60, 80, 0, 240, "C"]]
        second = browser.hears(lambda says: says["type"] == "frame")
        assert second["tick"] > first["tick"]


@pytest.mark.parametrize("token", ["", "x" * 22, 7, None, ["a"], {"token": "a"}])
def test_who_does_not_know_the_token_is_told_nothing(address: str, token: object) -> None:
    with Browser(address, token=token or "no") as browser:
        with pytest.raises(exceptions.ConnectionClosed) as closed:
            browser.socket.recv(timeout=PATIENCE)
        assert closed.value.rcvd.code == 1008


def test_a_command_before_the_token_is_not_done(stand: Stand, address: str) -> None:
    parts = urlsplit(address)
    with client.connect(f"ws://{parts.netloc}/live") as line:
        line.send(json.dumps({"do": "turn", "name": "panic", "value": True}))
        with pytest.raises(exceptions.ConnectionClosed):
            line.recv(timeout=PATIENCE)
    assert stand.put == []


def test_commands_arrive(stand: Stand, address: str) -> None:
    with Browser(address) as browser:
        browser.send({"do": "turn", "name": "density", "value": 0.5})
        browser.send(' {"do" :\n "step", "name": "swing",\n"by": 1}')
        browser.send({"do": "key", "char": "D"})
        browser.send({"do": "chart", "number": 2})
        put = stand.wait_for(4)
    assert put[:3] == [Turned("density", 0.5), Step("swing", 1), Key("D")]
    assert isinstance(put[3], Charted)
    assert put[3].changes == read_chart(NAMES[2])


@pytest.mark.parametrize(
    "says",
    [
        {"do": "quit"},
        {"do": "turn", "name": "quit", "value": True},
        {"do": "turn", "name": "density", "value": 2},
        {"do": "chart", "number": 3},
        {"do": "chart", "number": "../../etc/passwd"},
        {"do": "chart", "path": "/etc/passwd"},
        "no JSON",
        b"\x00\xff",
    ],
    ids=repr,
)
def test_what_is_no_command_is_refused(stand: Stand, address: str, says: Any) -> None:
    with Browser(address) as browser:
        browser.send(says)
        browser.hears(lambda heard: heard["type"] == "refused")
        browser.send({"do": "key", "char": "b"})
        assert stand.wait_for() == [Key("b")]


def test_a_message_that_is_too_long_ends_it(stand: Stand, address: str) -> None:
    with Browser(address) as browser:
        browser.send({"do": "key", "char": "b", "more": "x" * LONGEST})
        assert browser.refused() == 1009
    assert stand.put == []


def test_who_says_too_much_is_sent_away(stand: Stand, address: str) -> None:
    with Browser(address) as browser:
        for _ in range(3 * RATE):
            try:
                browser.send({"do": "key", "char": "b"})
            except exceptions.ConnectionClosed:
                break
        assert browser.refused() == 1008
    assert 0 < len(stand.wait_for(1)) <= 2 * RATE


def test_who_does_not_read_holds_nobody_up() -> None:
    with opened() as (stand, address):
        parts = urlsplit(address)
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.connect((parts.hostname, parts.port))
            lines = "".join(f"{name}: {value}\r\n" for name, value in UPGRADE.items())
            slow.sendall(f"GET /live HTTP/1.1\r\nHost: {parts.netloc}\r\n{lines}\r\n".encode())
            token = json.dumps({"token": parts.fragment}).encode()
            slow.sendall(bytes([0x81, 0x80 | len(token), 0, 0, 0, 0]) + token)
            with Browser(address) as browser:
                for i in range(12):  # of 60 kB, more than all that is in between can hold
                    stand.changes = replace(BLUES, title=f"{i}", style="x" * 60_000)
                    browser.hears(has_title(f"{i}"))


def test_so_many_browsers_and_no_more(address: str) -> None:
    with ExitStack() as stack:
        for _ in range(MOST_BROWSERS):
            browser = stack.enter_context(Browser(address))
            browser.hears(lambda says: says["type"] == "frame")
        one_more = stack.enter_context(Browser(address))
        assert one_more.refused() == 1013


@pytest.mark.skipif(os.name != "posix", reason="127/8")
def test_a_page_for_the_room_is_at_that_address_too() -> None:
    with opened(Page(OTHER)) as (stand, address):
        port = urlsplit(address).port
        there = stand.said[0].split()[3]
        assert there.startswith(f"http://{OTHER}:{port}/#")
        for each in (address, there):
            with Browser(each, origin=f"http://{urlsplit(each).netloc}") as browser:
                about = browser.hears(lambda says: says["type"] == "about")
                assert about["phone"]["address"] == there
                picture = about["phone"]["picture"]
                assert {len(row) for row in picture} == {len(picture)}
                assert [row[:7] for row in picture[:7]] == QR_CORNER
                browser.hears(lambda says: says["type"] == "frame")
        assert ask(there, "/", {"Host": "evil.example"}).status == 403
        with pytest.raises(exceptions.InvalidStatus):
            Browser(there, origin="http://evil.example")
        with Browser(there, token="wrong") as browser:
            assert browser.refused() == 1008


@pytest.mark.skipif(os.name != "posix", reason="127/8")
def test_a_page_for_this_machine_is_nowhere_else(address: str) -> None:
    with pytest.raises(OSError, match=r"refused|reach|timed"):
        socket.create_connection((OTHER, urlsplit(address).port or 0), timeout=1.0)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "224.0.0.1", "everybody", "", "127.0.0.1/8"])
def test_an_address_is_one_address(host: str) -> None:
    with pytest.raises(PageError, match="--page-host"):
        Page(host)


def test_an_address_of_another_machine_is_said() -> None:
    stand = Stand()
    with open_page(Page("192.0.2.1"), stand.stage()):  # TEST-NET-1, RFC 5737
        assert stand.says_something().startswith("no page: ")
    assert len(stand.said) == 1


def test_without_websockets_there_is_no_page_and_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    stand = Stand()
    with open_page(Page(), stand.stage()):
        assert stand.said == [MISSING]


def test_a_page_that_dies_is_said_and_nothing_else(
    processes: list[subprocess.Popen[bytes]],
) -> None:
    with opened() as (stand, _):
        processes[0].kill()
        stand.hears("the page has ended; playing on")


def test_the_page_ends_with_the_music_and_not_before(
    processes: list[subprocess.Popen[bytes]],
) -> None:
    with opened() as (stand, address):
        # Ctrl-C, if it reached it.
        os.kill(processes[0].pid, signal.SIGINT)
        with Browser(address) as browser:
            browser.hears(lambda says: says["type"] == "frame")
            stand.state = "ended"
            browser.hears(lambda says: says.get("state") == "ended")
    assert processes[0].returncode == 0
    assert stand.said == [stand.said[0]]


def test_who_plays_may_vanish(processes: list[subprocess.Popen[bytes]]) -> None:
    """Then nobody closes anything, and the page's process ends all the same."""
    with opened() as (_, address):
        process = processes[0]
        assert process.stdin is not None
        with Browser(address) as browser:
            browser.hears(lambda says: says["type"] == "frame")
            os.close(os.dup2(os.open(os.devnull, os.O_WRONLY), process.stdin.fileno()))
            assert process.wait(PATIENCE) == 0


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """The processes that pages are started in."""
    found: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def start(*given: Any, **named: Any) -> subprocess.Popen[bytes]:
        found.append(popen(*given, **named))
        return found[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    return found
