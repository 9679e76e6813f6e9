"""The feed: what it offers goes out whole or not at all, and nothing waits for who reads."""

from __future__ import annotations

import io
import json
import os
import sys
import threading
from collections.abc import Iterator
from typing import IO, Any

import pytest

from live_improv.music.timing import Seconds
from live_improv.view.feed import Feed, Pipe, read_lines
from tests.view.stands import Stand, note

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes that never wait")


class Reader:
    """The other end of a pipe, which reads when it is told to."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.read = b""
        os.set_blocking(number, False)

    def lines(self) -> list[Any]:
        """All that has come."""
        while True:
            try:
                data = os.read(self.number, 1 << 16)
            except BlockingIOError:
                break
            if not data:
                break
            self.read += data
        return [json.loads(line) for line in self.read.splitlines()]


@pytest.fixture
def ends() -> Iterator[tuple[Reader, IO[bytes]]]:
    """Both ends of a pipe."""
    read, write = os.pipe()
    stream = os.fdopen(write, "wb")
    try:
        yield Reader(read), stream
    finally:
        stream.close()
        os.close(read)


def feed(stand: Stand, stream: IO[bytes]) -> Feed:
    return Feed(stand, stand, stand, lambda: Seconds(stand.begun), Pipe(stream))


def test_frames_come_out_as_they_went_in(ends: tuple[Reader, IO[bytes]]) -> None:
    reader, stream = ends
    stand = Stand(log=note(0, 60, 100))
    looks = feed(stand, stream)
    assert looks.look()
    assert looks.look()
    first, second = reader.lines()
    assert first["chart"]["title"] == "Blues in F"
    assert len(first["notes"]) == 2
    assert first["late"] == 0.5
    assert not {"chart", "knobs", "notes"} & second.keys()


def test_nothing_is_lost_on_who_does_not_read_for_a_while(ends: tuple[Reader, IO[bytes]]) -> None:
    reader, stream = ends
    stand = Stand()
    looks = feed(stand, stream)
    played = 0
    while looks.dropped < 5:  # the pipe is full; a frame that was begun is waiting for the rest
        stand.log += note(played, 60, 1)
        played += 1
        looks.look()
        assert looks.sent < 10_000, "a pipe has an end"
    stand.knobs = stand.knobs.with_("density", 0.5)
    assert not looks.look()
    reader.lines()
    assert looks.look()
    frames = reader.lines()
    told = [tick for says in frames for tick, _, _, velocity in says.get("notes", ()) if velocity]
    assert told == list(range(played))
    assert frames[-1]["knobs"]["density"] == 0.5
    assert sum("chart" in says for says in frames) == 1


def test_a_line_that_is_longer_than_the_pipe_comes_in_parts(
    ends: tuple[Reader, IO[bytes]],
) -> None:
    reader, stream = ends
    pipe = Pipe(stream)
    long = json.dumps("x" * 300_000).encode() + b"\n"
    assert pipe.offer(long)
    assert not pipe.ready()
    assert not pipe.offer(b"1\n")
    while not pipe.ready():
        with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
            reader.lines()
    assert pipe.offer(b"2\n")
    assert reader.lines() == ["x" * 300_000, 2]


def test_the_feed_ends_when_nobody_reads_any_more() -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as stream:
        feed(Stand(), stream).run(threading.Event())


def test_the_last_frame_is_sent_when_the_music_has_ended(ends: tuple[Reader, IO[bytes]]) -> None:
    reader, stream = ends
    ended = threading.Event()
    ended.set()
    feed(Stand(state="ended"), stream).run(ended)
    assert [says["state"] for says in reader.lines()] == ["ended"]


def test_lines_are_handed_over_until_one_is_none() -> None:
    taken: list[bytes] = []
    read_lines(io.BytesIO(b"1\n22\n" + b"x" * 5000 + b"\n3\n"), taken.append)
    assert taken == [b"1\n", b"22\n"]
