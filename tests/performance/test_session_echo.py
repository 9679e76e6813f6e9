"""Our own notes come back to the input: we never answer ourselves."""

from __future__ import annotations

import heapq
from dataclasses import replace
from random import Random

import pytest

from live_improv.loop import run
from live_improv.music.events import Ear, Heard, NoteOff, NoteOn, Timed
from live_improv.music.timing import Seconds
from live_improv.performance.controls import MODES
from live_improv.performance.harmony import ChordSource
from live_improv.performance.incoming import Incoming, Plugged, Port
from live_improv.performance.partner import Listening
from live_improv.performance.session import State
from tests.performance.sessions import (
    CHANNEL,
    Item,
    Rehearsal,
    Sent,
    events,
    ons,
    phrase,
    sounded,
    turned,
)

DELAYS = [0.0, 0.003, 0.010, 0.025]


class Loop:
    """An output whose notes come back as the player's, and a player who plays as well."""

    def __init__(
        self, rehearsal: Rehearsal, script: list[Item], delay: float, ears: Ear = Ear.PLAYER
    ) -> None:
        self.clock = rehearsal.clock
        self.sent: list[Sent] = []
        self.open = False
        self._delay = delay
        self._ears = ears
        self._coming = [(at, i, item) for i, (at, item) in enumerate(script)]
        heapq.heapify(self._coming)

    def send(self, timed: Timed) -> None:
        """Keep one event, which comes back."""
        now = self.clock.now()
        self.sent.append(Sent(now, timed))
        at = Seconds(now + self._delay)
        number = 1_000_000 + len(self.sent)
        heapq.heappush(self._coming, (at, number, Heard(at, timed.event, self._ears)))

    def take(self, now: Seconds) -> list[Incoming]:
        """What has come by now."""
        found: list[Incoming] = []
        while self._coming and self._coming[0][0] <= now:
            found.append(heapq.heappop(self._coming)[2])
        return found

    def next_at(self) -> Seconds | None:
        """When the next thing comes."""
        return self._coming[0][0] if self._coming else None


def looped(
    rehearsal: Rehearsal, script: list[Item], delay: float, until: float, ears: Ear = Ear.PLAYER
) -> list[Sent]:
    """What comes out when it comes back as well."""
    loop = Loop(rehearsal, [*script, (Seconds(until), turned("quit", True))], delay, ears)
    run(rehearsal.session, rehearsal.clock, loop, loop)
    assert rehearsal.session.state is State.ENDED
    return loop.sent


def assert_same(one: list[Sent], other: list[Sent]) -> None:
    """See that the same comes out at the same moments, but for rounding."""
    assert events(one) == events(other)
    assert [each.at for each in one] == pytest.approx([each.at for each in other], abs=1e-9)


def player(seed: int) -> list[Item]:
    """Phrases with rests between them, in a register of their own."""
    chance, script = Random(seed), list[Item]()
    at = 1.0
    while at < 18.0:
        line = [chance.randint(30, 50) for _ in range(chance.randint(2, 8))]
        script += phrase(at, line, 0.15)
        at += 0.15 * len(line) + chance.choice((0.6, 2.0, 4.0))
    return script


@pytest.mark.parametrize("delay", DELAYS)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("follow", [0.0, 1.0])
def test_with_and_without_the_loop_it_plays_the_same(
    mode: str, delay: float, follow: float
) -> None:
    played = 0
    for seed in range(3):
        script = player(seed)
        plain = Rehearsal(mode, seed=seed, follow=follow, trade=2, density=0.5)
        fed = Rehearsal(mode, seed=seed, follow=follow, trade=2, density=0.5)
        expected = plain.play(script, until=20.0)
        assert_same(looped(fed, script, delay, 20.0), expected)
        played += len(ons(expected))
    assert played > 20


@pytest.mark.parametrize("mode", ["answer", "trade", "duet"])
def test_nobody_there_but_ourselves(mode: str) -> None:
    """The loop alone never makes a conversation."""
    alone = Rehearsal(mode, trade=1).play(until=40.0)
    assert_same(looped(Rehearsal(mode, trade=1), [], 0.01, 40.0), alone)


def test_the_player_may_play_the_very_same_notes() -> None:
    """They double a note of ours: one of the two is theirs, and they are answered."""
    for delay in DELAYS:
        rehearsal = Rehearsal("duet")
        plain = Rehearsal("duet").play(until=3.0)
        (first, *_) = [each for each in ons(plain) if each.at > 1.0]
        assert isinstance(first.event, NoteOn)
        on = NoteOn(first.event.pitch, first.event.velocity, CHANNEL)
        at = Seconds(first.at + 0.004)
        sent = looped(rehearsal, [(at, Heard(at, on))], delay, 10.0)
        # Their key is never let go: we are silent from there on.
        assert max(each.at for each in ons(sent)) <= at + 1e-9


def test_what_a_dead_port_got_does_not_come_back() -> None:
    """The same note, just after the port has gone: it is the player's."""
    plain = Rehearsal("duet").play(until=3.0)
    (first, *_) = [each for each in ons(plain) if each.at > 1.0]
    assert isinstance(first.event, NoteOn)
    script: list[Item] = [
        (Seconds(first.at + 0.05), Plugged(Port.NOTES, back=False)),
        (Seconds(first.at + 0.1), Heard(Seconds(first.at + 0.1), first.event)),
    ]
    sent = Rehearsal("duet").play(script, until=10.0)
    assert max(each.at for each in ons(sent)) <= first.at + 0.1


def test_the_loop_is_known_and_its_length() -> None:
    rehearsal = Rehearsal()
    looped(rehearsal, [], 0.025, 20.0)
    assert rehearsal.session.echo.looped
    assert rehearsal.session.echo.delay == pytest.approx(0.025)
    unlooped = Rehearsal()
    unlooped.play(player(0), until=20.0)
    assert not unlooped.session.echo.looped


def test_our_line_is_no_chord() -> None:
    """A chord track or both hands: what comes back names no chord."""
    for listening, ears in (
        (Listening(both_hands=True), Ear.PLAYER),
        (Listening(split=84), Ear.PLAYER),
        (Listening(), Ear.CHORDS),
    ):
        plain, fed = (
            Rehearsal(chords=ChordSource.LIVE, listening=listening, density=1.0) for _ in range(2)
        )
        expected = plain.play(until=20.0)
        assert_same(looped(fed, [], 0.01, 20.0, ears), expected)
        assert fed.harmony.changes == plain.harmony.changes


def test_a_loop_leaves_no_trace_in_the_take() -> None:
    plain, fed = (Rehearsal("trade", trade=1, keep=True) for _ in range(2))
    plain.play(player(1), until=20.0)
    looped(fed, player(1), 0.01, 20.0)
    assert plain.take is not None
    assert fed.take is not None
    assert fed.take.score() == plain.take.score()


def test_what_is_sent_by_a_panic_comes_back_too() -> None:
    script: list[Item] = [(Seconds(at), turned("panic", True)) for at in (2.0, 2.1, 7.0)]
    script += phrase(1.0, [40, 42, 44, 45] * 6, 0.25)
    plain, fed = Rehearsal("duet"), Rehearsal("duet")
    expected = plain.play(script, until=12.0)
    assert_same(looped(fed, script, 0.01, 12.0), expected)
    sounded(expected)


class Altered(Loop):
    """A DAW track, which sends on what it gets on a channel of its own."""

    def take(self, now: Seconds) -> list[Incoming]:
        """What has come by now."""
        return [_on_channel(item, 9) for item in super().take(now)]


def _on_channel(item: Incoming, channel: int) -> Incoming:
    if isinstance(item, Heard) and isinstance(item.event, NoteOn | NoteOff):
        return replace(item, event=replace(item.event, channel=channel))
    return item


def test_a_loop_on_another_channel_is_seen_through() -> None:
    """The first notes are heard as the player's, and then no more."""
    rehearsal = Rehearsal("duet", seed=2)
    loop = Altered(rehearsal, [(Seconds(90.0), turned("quit", True))], 0.01)
    run(rehearsal.session, rehearsal.clock, loop, loop)
    sounded(loop.sent)
    plain = Rehearsal("duet", seed=2).play(until=90.0)
    late, usual = ([each for each in ons(sent) if each.at > 60.0] for sent in (loop.sent, plain))
    assert len(late) > 0.5 * len(usual) > 5
