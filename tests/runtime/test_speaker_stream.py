"""Events become blocks: each in its place, whenever the blocks are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.music.events import Event, NoteOff, NoteOn, Stamped
from live_improv.music.timing import Seconds
from live_improv.runtime.speaker_stream import (
    FADE,
    MARGIN,
    STALE,
    Frames,
    Placing,
    Stream,
)
from tests.runtime.click_speakers import Clicks

RATE, BLOCK, BUFFERED = 48_000, 240, 3
PERIOD = BLOCK / RATE


class Hum:
    """An instrument that always sounds alike."""

    def handle(self, event: Event, after: int = 0) -> None:
        """Hum on."""

    def render(self, frames: int) -> Frames:
        """The next frames."""
        return np.full((frames, 2), 0.5, np.float32)

    def prepare(self) -> bool:
        """There is nothing to make."""
        return False


def full(rng: Random, wake: float, jitter: float, rate: float = RATE) -> Iterator[float]:
    """The moments at which a device asks for blocks that keeps its buffer full.

    It looks every `wake` seconds, and is up to `jitter` late; it plays `rate` frames a second.
    """
    now, asked = 100.0, 0
    for look in count():
        now = 100.0 + look * wake + rng.uniform(0, jitter)
        played = (now - 100.0) * rate
        while asked * BLOCK < played + (BUFFERED - 1) * BLOCK:
            asked += 1
            yield now


def heard(sent: list[tuple[float, int]], moments: Iterable[float], until: float) -> list[float]:
    """At which frame each note-on sounds that is sent at such a moment, with its velocity."""
    stream = Stream(Clicks(RATE), RATE, BUFFERED)
    waiting, blocks = list(sent), []
    for now in moments:
        if now > until:
            break
        coming = [each for each in waiting if each[0] <= now]
        waiting = waiting[len(coming) :]
        stream.put(Stamped(Seconds(at), NoteOn(60, velocity)) for at, velocity in coming)
        blocks.append(stream.block(BLOCK, Seconds(now)))
    sound = np.concatenate(blocks)
    (where,) = np.nonzero(sound[:, 0])
    assert [round(128 * float(sound[each, 0])) for each in where] == [v for _, v in sent]
    return [float(each) for each in where]


@pytest.mark.parametrize(
    ("wake", "jitter"), [(PERIOD, 0.0), (PERIOD, 0.003), (0.010, 0.001), (0.004, 0.004)]
)
def test_notes_sound_a_constant_time_after_their_moments(wake: float, jitter: float) -> None:
    rng = Random(5)
    # Half a second for the latency to be known, then 100 notes at odd moments.
    sent = [(100.5 + 0.05 * i + rng.uniform(0, 0.03), 1 + i) for i in range(100)]
    frames = heard(sent, full(rng, wake, jitter), 106.0)
    latency = [f / RATE - (at - 100.0) for f, (at, _) in zip(frames, sent, strict=True)]
    assert max(latency) - min(latency) <= 0.0005
    assert max(latency) <= BUFFERED * PERIOD + MARGIN + 0.0005


def test_a_sound_card_that_runs_slow_does_not_move_the_notes() -> None:
    rng, off = Random(6), 1 - 200e-6
    sent = [(101.0 + i, 1 + i) for i in range(60)]
    frames = heard(sent, full(rng, PERIOD / off, 0.001, RATE * off), 162.0)
    latency = [f / (RATE * off) - (at - 100.0) for f, (at, _) in zip(frames, sent, strict=True)]
    assert max(latency) - min(latency) < 0.002, "12 ms without following the card"


@given(
    st.lists(st.tuples(st.floats(0, 0.2), st.booleans()), max_size=40),
    st.lists(st.integers(1, 700), min_size=1),
)
def test_no_event_is_lost_or_overtakes_another(
    sent: list[tuple[float, bool]], sizes: list[int]
) -> None:
    handled: list[Event] = []

    class Listening(Clicks):
        def handle(self, event: Event, after: int = 0) -> None:
            handled.append(event)

    stream = Stream(Listening(RATE), RATE, BUFFERED)
    events = [
        Stamped(Seconds(at), NoteOn(i, 9) if on else NoteOff(i)) for i, (at, on) in enumerate(sent)
    ]
    stream.put(events)
    rendered = 0
    for size in sizes * (1 + RATE // sum(sizes)):
        block = stream.block(size, Seconds(rendered / RATE))
        rendered += size
        assert block.shape == (size, 2)
    assert stream.rendered == rendered
    assert handled == [each.event for each in events]


def test_what_has_piled_up_is_not_played_but_let_go() -> None:
    handled: list[Event] = []

    class Listening(Hum):
        def handle(self, event: Event, after: int = 0) -> None:
            handled.append(event)

    stream = Stream(Listening(), RATE, BUFFERED)
    old, new = Seconds(10.0), Seconds(10.1 + STALE)
    stream.put(
        [Stamped(old, NoteOn(60, 90)), Stamped(old, NoteOff(60)), Stamped(new, NoteOn(62, 9))]
    )
    for block in range(9):
        stream.block(BLOCK, Seconds(new + block * PERIOD))
    assert handled == [NoteOff(60), NoteOn(62, 9)]


def test_the_end_is_a_fade_to_silence() -> None:
    stream = Stream(Hum(), RATE, BUFFERED)
    assert (stream.block(BLOCK, Seconds(0.0)) == 0.5).all()
    stream.end()
    sound: list[Frames] = []
    while not stream.faded:
        sound.append(stream.block(BLOCK, Seconds(len(sound) * PERIOD)))
    faded = np.concatenate(sound)[:, 0]
    assert len(faded) / RATE == pytest.approx(FADE, abs=PERIOD)
    assert (np.diff(faded) <= 0).all()
    assert -np.diff(faded).min() < 0.001, "no click"
    assert faded[-1] == 0
    assert not stream.block(BLOCK, Seconds(1.0)).any()


def test_a_block_is_late_when_the_device_has_run_out() -> None:
    stream = Stream(Hum(), RATE, BUFFERED)
    for moment in (1.0, 1.005, 1.019, 1.035, 1.036, 1.040):
        stream.finished(BLOCK, Seconds(moment))
    assert stream.late == 1


def test_the_latency_is_what_the_device_holds_and_a_margin() -> None:
    placing = Placing(RATE)
    placing.rendering(Seconds(50.0), 3 * BLOCK)
    assert placing.frame(Seconds(50.0)) == 3 * BLOCK + round(MARGIN * RATE)
    # A block that is asked for later does not move what is placed, until it always is later.
    placing.rendering(Seconds(50.010), 4 * BLOCK)
    assert placing.frame(Seconds(50.0)) == 3 * BLOCK + round(MARGIN * RATE)
    for block in range(5, 2000):
        placing.rendering(Seconds(50.005 + (block - 4) * PERIOD), block * BLOCK)
    assert placing.frame(Seconds(70.0)) == round(
        (4 * BLOCK) + (70.0 - 50.005) * RATE + MARGIN * RATE
    )


def test_after_a_pause_notes_do_not_wait_for_it() -> None:
    placing = Placing(RATE)
    placing.rendering(Seconds(50.0), 3 * BLOCK)
    before = placing.frame(Seconds(50.0))
    placing.rendering(Seconds(60.0), 4 * BLOCK)
    assert placing.frame(Seconds(60.0)) == before + BLOCK


def test_what_will_be_needed_is_made_in_blocks_where_nothing_happens() -> None:
    made: list[int] = []

    class Unready(Hum):
        def prepare(self) -> bool:
            made.append(stream.rendered // BLOCK)
            return len(made) < 3

    stream = Stream(Unready(), RATE, BUFFERED)
    for block in range(8):
        now = Seconds(block * PERIOD)
        if block == 1:
            stream.put([Stamped(now, NoteOn(60, 90))])
        stream.block(BLOCK, now)
    assert made == [1, 2, 4], "the note sounds in the third"
    assert stream.rendered == 8 * BLOCK
