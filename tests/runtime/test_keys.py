"""Keys are heard one by one, and the terminal is given back as it was."""

from __future__ import annotations

import io
import os
import select
import threading
from collections.abc import Iterator
from queue import Empty, Queue
from typing import Any

import pytest

from live_improv.runtime import keys as module
from live_improv.runtime.keys import key_presses

pty = pytest.importorskip("pty")
termios = pytest.importorskip("termios")

PATIENCE = 10.0


class Terminal:
    """A real terminal of which we hold the keyboard."""

    def __init__(self) -> None:
        self.keyboard, self.number = os.openpty()
        self.stream = os.fdopen(self.number, encoding="utf-8")

    def type(self, data: bytes) -> None:
        os.write(self.keyboard, data)

    def mode(self) -> list[Any]:
        mode: list[Any] = termios.tcgetattr(self.number)
        return mode


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    made = Terminal()
    yield made
    made.stream.close()
    os.close(made.keyboard)


def typed(queue: Queue[str], count: int) -> str:
    return "".join(queue.get(timeout=PATIENCE) for _ in range(count))


def our_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "keys"]


def test_keys_come_one_by_one_without_a_line_end_and_are_not_shown(terminal: Terminal) -> None:
    before, queue = terminal.mode(), Queue[str]()
    with key_presses(queue.put, terminal.stream) as listening:
        assert listening
        for key in "tT [!":
            terminal.type(key.encode())
            assert typed(queue, 1) == key
        os.set_blocking(terminal.keyboard, False)
        with pytest.raises(BlockingIOError):
            os.read(terminal.keyboard, 10)  # what the terminal would show
        assert terminal.mode() != before
    assert terminal.mode() == before
    assert not our_threads()


def test_the_terminal_is_given_back_after_an_exception(terminal: Terminal) -> None:
    before = terminal.mode()
    with pytest.raises(KeyboardInterrupt), key_presses(lambda _: None, terminal.stream):
        raise KeyboardInterrupt
    assert terminal.mode() == before
    assert not our_threads()


def test_the_terminal_still_interrupts(terminal: Terminal) -> None:
    with key_presses(lambda _: None, terminal.stream):
        assert terminal.mode()[3] & termios.ISIG


def test_keys_that_send_sequences_are_not_taken_for_letters(terminal: Terminal) -> None:
    queue = Queue[str]()
    with key_presses(queue.put, terminal.stream):
        for data in (b"\x1b[A", b"\x1bOP", b"\x1b[15;2~", b"\x1bq"):
            terminal.type(data + b"x")
            assert typed(queue, 1) == "x"
        terminal.type(b"\x1b")
        assert typed(queue, 1) == "\x1b"


def test_a_character_in_two_halves_is_one(terminal: Terminal) -> None:
    queue = Queue[str]()
    with key_presses(queue.put, terminal.stream):
        for byte in "é".encode():
            terminal.type(bytes([byte]))
        terminal.type(b"\xff!")
        assert typed(queue, 2) == "é!"


def test_what_was_typed_last_is_not_left_for_the_shell(terminal: Terminal) -> None:
    release, reached = threading.Event(), threading.Event()

    def slow(_key: str) -> None:
        reached.set()
        release.wait(PATIENCE)

    with key_presses(slow, terminal.stream):
        terminal.type(b"a")
        assert reached.wait(PATIENCE)
        terminal.type(b"bc")
        assert select.select([terminal.number], [], [], PATIENCE)[0]
        release.set()
    os.set_blocking(terminal.number, False)
    with pytest.raises(BlockingIOError):
        os.read(terminal.number, 10)


def test_a_receiver_that_hangs_does_not_hold_the_end(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "JOIN_SECONDS", 0.01)
    before, release, reached = terminal.mode(), threading.Event(), threading.Event()

    def hang(_key: str) -> None:
        reached.set()
        release.wait(PATIENCE)

    with key_presses(hang, terminal.stream):
        terminal.type(b"a")
        assert reached.wait(PATIENCE)
    assert terminal.mode() == before
    threads = our_threads()
    assert threads
    release.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert not our_threads()


def test_a_terminal_that_goes_ends_the_listening_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    faults: list[object] = []
    monkeypatch.setattr("threading.excepthook", faults.append)
    keyboard, number = os.openpty()
    queue = Queue[str]()
    with os.fdopen(number, encoding="utf-8") as stream, key_presses(queue.put, stream):
        threads = our_threads()
        os.close(keyboard)
        for thread in threads:
            thread.join(PATIENCE)
        assert not our_threads()
    with pytest.raises(Empty):
        queue.get_nowait()
    assert not faults


def test_where_there_is_no_terminal_nothing_happens() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading) as pipe, os.fdopen(writing, "w"):
        for stream in (pipe, io.StringIO("q")):
            with key_presses(lambda _: None, stream) as listening:
                assert not listening
                assert not our_threads()
    with key_presses(lambda _: None, pipe) as listening:  # closed
        assert not listening


def test_without_standard_input_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    with key_presses(lambda _: None) as listening:
        assert not listening


def test_in_the_background_the_terminal_is_left_alone(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = terminal.mode()
    monkeypatch.setattr("os.tcgetpgrp", lambda _number: os.getpgrp() + 1)
    with key_presses(lambda _: None, terminal.stream) as listening:
        assert not listening
        assert terminal.mode() == before
