"""A looped port brings our notes back: all of them are known, and the player's are heard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.listening.echo import ENOUGH, WINDOW, EchoGuard
from live_improv.music.events import (
    ControlChange,
    Event,
    NoteOff,
    NoteOn,
    ProgramChange,
    Pulse,
    Stamped,
    Start,
)
from live_improv.music.timing import Seconds

Message = NoteOn | NoteOff


@dataclass(frozen=True)
class Key:
    """A key held from `at` for `length` seconds."""

    at: float
    length: float
    pitch: int
    velocity: int
    channel: int = 0

    def messages(self) -> list[tuple[float, Message]]:
        return [
            (self.at, NoteOn(self.pitch, self.velocity, self.channel)),
            (self.at + self.length, NoteOff(self.pitch, self.channel)),
        ]


@dataclass
class Heard:
    """What the guard let through, by who had really played it."""

    of_player: list[Stamped]
    of_us: list[Stamped]
    player_played: int
    guard: EchoGuard

    def ons(self) -> Counter[NoteOn]:
        every = [*self.of_player, *self.of_us]
        return Counter(each.event for each in every if isinstance(each.event, NoteOn))


def messages(keys: Iterable[Key]) -> list[tuple[float, Message]]:
    return sorted(
        (each for key in keys for each in key.messages()),
        key=lambda each: (each[0], isinstance(each[1], NoteOn)),
    )


def played(
    ours: Sequence[Key],
    player: Sequence[Key],
    delay: Callable[[], float],
    altered: Callable[[Message], Message] = lambda message: message,
) -> Heard:
    """Both play at once, and what we send comes back after `delay()`, in its order."""
    events: list[tuple[float, int, Message]] = []
    back = 0.0
    for at, message in messages(ours):
        events.append((at, 0, message))
        back = max(at + delay(), back)
        events.append((back, 1, altered(message)))
    theirs = messages(player)
    events += [(at, 2, message) for at, message in theirs]
    heard = Heard([], [], len(theirs), EchoGuard())
    for at, who, message in sorted(events, key=lambda each: each[:2]):
        if who == 0:
            heard.guard.sent(message, Seconds(at))
        elif not heard.guard.ours(message, Seconds(at)):
            (heard.of_us if who == 1 else heard.of_player).append(Stamped(Seconds(at), message))
    return heard


def line(random: Random, seconds: float, loud: float, channel: int = 0) -> list[Key]:
    """One voice in the register of a solo, with loudness as `Feel` and people have it."""
    keys, at, pitch = [], random.uniform(0.0, 0.2), 67
    while at < seconds:
        length = random.choice((0.1, 0.15, 0.2, 0.4))
        pitch = min(max(pitch + random.choice((-4, -2, -1, 1, 2, 3)), 55), 84)
        velocity = min(max(round(random.gauss(loud, 5.0)), 1), 127)
        keys.append(Key(at, length * random.uniform(0.6, 0.95), pitch, velocity, channel))
        at += length
    return keys


@pytest.mark.parametrize("milliseconds", [0, 2, 10, 25, 100])
@pytest.mark.parametrize("jitter", [0.0, 0.3])
def test_in_a_plain_loop_the_player_is_heard_and_we_are_not(
    milliseconds: int, jitter: float
) -> None:
    random = Random(milliseconds)
    ours, player = line(random, 120.0, 78.0), line(random, 120.0, 84.0)
    delay = milliseconds / 1000
    heard = played(ours, player, lambda: delay * random.uniform(1 - jitter, 1 + jitter))
    assert heard.ons() == Counter(NoteOn(key.pitch, key.velocity) for key in player)
    assert len(heard.of_player) >= 0.99 * heard.player_played
    # Two equal messages within one delay cannot be told apart: one is heard, one is not.
    equal = sum(
        mine.pitch == key.pitch
        and mine.velocity == key.velocity
        and 0 <= key.at - mine.at <= delay * (1 + jitter)
        for mine in ours
        for key in player
    )
    assert len([each for each in heard.of_us if isinstance(each.event, NoteOn)]) <= equal
    assert len(heard.of_us) <= 0.01 * heard.player_played
    assert heard.guard.looped
    assert heard.guard.delay == pytest.approx(delay, rel=0.31, abs=1e-9)


@pytest.mark.parametrize("milliseconds", [0, 2, 10, 25, 100])
def test_a_player_who_doubles_each_of_our_notes_before_its_echo_is_heard(
    milliseconds: int,
) -> None:
    random = Random(milliseconds)
    ours = line(random, 60.0, 78.0)
    delay = milliseconds / 1000
    player = [
        replace(
            key,
            at=key.at + random.uniform(0.0, delay),
            velocity=key.velocity + random.choice((-9, -2, 1, 6)),
        )
        for key in ours
    ]
    heard = played(ours, player, lambda: delay)
    assert not [each for each in heard.of_us if isinstance(each.event, NoteOn)]
    ons = [each for each in heard.of_player if isinstance(each.event, NoteOn)]
    assert len(ons) == len(player)
    assert len(heard.of_player) + len(heard.of_us) == heard.player_played


def test_of_two_equal_notes_one_is_heard_whichever_comes_first() -> None:
    guard = EchoGuard()
    guard.sent(NoteOn(60, 80), Seconds(1.0))
    assert guard.ours(NoteOn(60, 80), Seconds(1.005))
    assert not guard.ours(NoteOn(60, 80), Seconds(1.010))
    guard.sent(NoteOff(60), Seconds(1.1))
    assert guard.ours(NoteOff(60), Seconds(1.110))
    assert not guard.ours(NoteOff(60), Seconds(1.120))


def test_what_was_stamped_before_it_was_sent_is_the_players() -> None:
    guard = EchoGuard()
    guard.sent(NoteOn(60, 80), Seconds(1.0))
    assert not guard.ours(NoteOn(60, 80), Seconds(0.999))
    assert guard.ours(NoteOn(60, 80), Seconds(1.0))


def test_an_entry_is_void_after_the_window() -> None:
    guard = EchoGuard()
    for at in (1.0, 3.0):
        guard.sent(NoteOn(60, 80), Seconds(at))
    assert not guard.ours(NoteOn(60, 80), Seconds(3.0 + WINDOW + 0.001))
    guard.sent(NoteOn(60, 80), Seconds(5.0))
    assert guard.ours(NoteOn(60, 80), Seconds(5.0 + WINDOW))


def test_stamps_that_are_read_late_still_find_their_entry() -> None:
    guard = EchoGuard()
    for index in range(20):
        guard.sent(NoteOn(60 + index, 80), Seconds(index * 0.04))
    assert all(guard.ours(NoteOn(60 + n, 80), Seconds(n * 0.04 + 0.01)) for n in range(20))


def test_without_a_loop_a_player_in_unison_is_heard_and_no_loop_is_told() -> None:
    random = Random(4)
    ours = line(random, 120.0, 78.0)
    player = [
        replace(
            key,
            at=key.at + random.uniform(0.01, 0.06),
            velocity=key.velocity + random.choice((-11, -3, 4, 8)),
        )
        for key in ours[::3]
    ]
    guard = EchoGuard()
    theirs = [(at, 1, message) for at, message in messages(player)]
    events = [(at, 0, message) for at, message in messages(ours)] + theirs
    lost = 0
    for at, who, message in sorted(events, key=lambda each: each[:2]):
        if who == 0:
            guard.sent(message, Seconds(at))
        else:
            lost += guard.ours(message, Seconds(at))
    assert (lost, guard.looped) == (0, False)


OPENING = [ControlChange(number, 0, channel) for channel in (0, 9) for number in (64, 123)]


@pytest.mark.parametrize("back", range(len(OPENING) + 1))
def test_an_opening_that_comes_back_whole_tells_of_a_loop(back: int) -> None:
    guard = EchoGuard()
    for control in OPENING:
        guard.sent(control, Seconds(1.0))
    for control in OPENING[:back]:
        assert guard.ours(control, Seconds(1.02))
    assert guard.looped == (back == len(OPENING))


def test_what_a_daw_says_at_our_opening_is_no_loop() -> None:
    """It silences another channel of ours later than an echo may come, and one in time."""
    guard = EchoGuard()
    for control in OPENING:
        guard.sent(control, Seconds(1.0))
    for control in OPENING[:2]:
        guard.ours(control, Seconds(1.1))
    for control in OPENING[2:]:
        assert not guard.ours(control, Seconds(1.01 + WINDOW))
    assert not guard.looped


def test_one_controller_that_comes_back_is_no_loop() -> None:
    guard = EchoGuard()
    guard.sent(ControlChange(123, 0), Seconds(1.0))
    assert guard.ours(ControlChange(123, 0), Seconds(1.0))
    assert not guard.looped


def test_a_panic_in_mid_music_is_no_probe() -> None:
    guard = EchoGuard()
    guard.sent(NoteOn(60, 80), Seconds(0.5))
    for control in OPENING:
        guard.sent(control, Seconds(1.0))
        guard.ours(control, Seconds(1.01))
    assert not guard.looped


def test_an_off_without_our_on_is_the_players_even_if_one_of_ours_was_sent() -> None:
    guard = EchoGuard()
    guard.sent(NoteOn(60, 80), Seconds(1.0))
    assert not guard.ours(NoteOn(60, 90), Seconds(1.05))  # no loop: the player doubles us
    guard.sent(NoteOff(60), Seconds(1.2))
    assert not guard.ours(NoteOff(60), Seconds(1.21))


@pytest.mark.parametrize(
    ("name", "altered"),
    [
        ("another channel", lambda message: replace(message, channel=5)),
        (
            "another velocity",
            lambda message: (
                replace(message, velocity=max(message.velocity // 2, 1))
                if isinstance(message, NoteOn)
                else message
            ),
        ),
        (
            "both",
            lambda message: (
                NoteOn(message.pitch, 100, 9)
                if isinstance(message, NoteOn)
                else NoteOff(message.pitch, 9)
            ),
        ),
    ],
)
@pytest.mark.parametrize("milliseconds", [0, 10, 100])
def test_a_loop_that_alters_is_known_after_a_few_notes(
    name: str, altered: Callable[[Message], Message], milliseconds: int
) -> None:
    random = Random(name)
    ours, player = line(random, 120.0, 78.0), line(random, 120.0, 84.0)
    heard = played(ours, player, lambda: milliseconds / 1000, altered)
    ons = [each for each in heard.of_us if isinstance(each.event, NoteOn)]
    # Until it is known, that is; then those that the player doubled within one delay, whose note
    # was taken for the echo.
    known = ons[ENOUGH - 2].at + 0.5
    assert len([each for each in ons if each.at < known]) == ENOUGH - 1
    assert len(ons) - (ENOUGH - 1) <= 0.03 * len(player)
    through = [each for each in heard.of_player if isinstance(each.event, NoteOn)]
    assert len(through) >= 0.97 * len(player)
    assert heard.guard.looped


def test_a_loop_that_alters_is_forgotten_when_it_is_gone() -> None:
    guard = EchoGuard()
    for n in range(30):
        guard.sent(NoteOn(60 + n % 5, 80), Seconds(n))
        guard.ours(NoteOn(60 + n % 5, 80, 7), Seconds(n + 0.01))
    guard.sent(NoteOn(60, 80), Seconds(30.0))
    assert guard.ours(NoteOn(60, 99, 7), Seconds(30.01))
    for n in range(31, 41):
        guard.sent(NoteOn(60, 80), Seconds(n))
    assert not guard.ours(NoteOn(60, 99, 7), Seconds(40.01))


def test_a_note_whose_altered_echo_has_been_heard_has_no_second_one() -> None:
    guard = EchoGuard()
    for n in range(ENOUGH):
        guard.sent(NoteOn(60 + n, 80), Seconds(n * 0.03))
        ours = guard.ours(NoteOn(60 + n, 99, 7), Seconds(n * 0.03 + 0.01))
        assert ours == (n == ENOUGH - 1)
    assert not guard.ours(NoteOn(60 + ENOUGH - 2, 99, 7), Seconds(ENOUGH * 0.03))


def test_controllers_and_programs_are_in_the_ledger_and_clocks_are_not() -> None:
    guard = EchoGuard()
    for event in (ControlChange(7, 100), ProgramChange(65, 2), Pulse(), Start()):
        guard.sent(event, Seconds(1.0))
    heard: list[Event] = [
        ControlChange(7, 100),
        ControlChange(7, 100),
        ControlChange(7, 99),
        ProgramChange(65, 2),
        Pulse(),
        Start(),
    ]
    ours = [guard.ours(event, Seconds(1.01)) for event in heard]
    assert ours == [True, False, False, True, False, False]


def test_after_clear_nothing_is_ours() -> None:
    guard = EchoGuard()
    guard.sent(NoteOn(60, 80), Seconds(1.0))
    guard.clear()
    assert not guard.ours(NoteOn(60, 80), Seconds(1.01))


def test_what_never_comes_back_is_not_kept() -> None:
    guard = EchoGuard()
    for n in range(5_000):
        guard.sent(NoteOn(n % 128, 1 + n % 127, n % 16), Seconds(n * 0.01))
    kept = round(4 * WINDOW / 0.01) + 2
    assert len(guard._sent) <= kept
    assert len(guard._waiting) <= kept


@st.composite
def lines(draw: st.DrawFn) -> list[Key]:
    """A monophonic line of few pitches and loudnesses, so that much coincides."""
    keys, at = [], 0.0
    for _ in range(draw(st.integers(0, 12))):
        at += draw(st.sampled_from((0.0, 0.01, 0.05, 0.3)))
        length = draw(st.sampled_from((0.02, 0.06, 0.2)))
        pitch, velocity = draw(st.integers(60, 61)), draw(st.sampled_from((80, 81)))
        keys.append(Key(at, length, pitch, velocity))
        at += length + 0.001
    return keys


@given(lines(), lines(), st.sampled_from((0.0, 0.004, 0.03, 0.2)), st.floats(0.0005, 0.0009))
def test_each_note_is_heard_as_often_as_the_player_struck_it_and_is_released(
    ours: list[Key], player: list[Key], delay: float, shift: float
) -> None:
    player = [replace(key, at=key.at + shift) for key in player]
    heard = played(ours, player, lambda: delay)
    assert heard.ons() == Counter(NoteOn(key.pitch, key.velocity) for key in player)
    held: Counter[int] = Counter()
    for each in sorted([*heard.of_player, *heard.of_us], key=lambda each: each.at):
        if isinstance(each.event, NoteOn):
            held[each.event.pitch] += 1
        elif isinstance(each.event, NoteOff):
            held[each.event.pitch] -= 1
            assert held[each.event.pitch] >= 0
    assert not +held
