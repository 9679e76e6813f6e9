"""The key of what is heard."""

from __future__ import annotations

import pytest

from live_improv.listening.key_finding import PROFILES, Key, KeyFinder, Mode, key_chord
from live_improv.music.timing import Seconds

MAJOR = (0, 2, 4, 5, 7, 9, 11, 12, 7, 4, 0)
MINOR = (0, 2, 3, 5, 7, 8, 11, 12, 7, 3, 0)


def play(finder: KeyFinder, steps: tuple[int, ...], tonic: int, start: float, rounds: int) -> float:
    """Half-second notes from `start`; the moment when they end."""
    at = start
    for step in steps * rounds:
        at += 0.5
        finder.hear(60 + tonic + step, 0.5**0.5, Seconds(at))
    return at


@pytest.mark.parametrize("tonic", range(12))
@pytest.mark.parametrize(("steps", "mode"), [(MAJOR, Mode.MAJOR), (MINOR, Mode.MINOR)])
def test_scales_of_every_key(tonic: int, steps: tuple[int, ...], mode: Mode) -> None:
    finder = KeyFinder()
    end = play(finder, steps, tonic, 0.0, 2)
    assert finder.key(Seconds(end)) == Key(tonic, mode)


def test_no_key_until_enough_is_heard() -> None:
    finder = KeyFinder()
    assert finder.key(Seconds(0.0)) is None
    end = play(finder, MAJOR[:5], 0, 0.0, 1)
    assert finder.key(Seconds(end)) is None
    end = play(finder, MAJOR[:5], 0, end, 1)
    assert finder.key(Seconds(end)) is not None


def test_few_tones_are_no_key_however_long() -> None:
    finder = KeyFinder()
    end = play(finder, (0, 7), 0, 0.0, 40)
    assert finder.key(Seconds(end)) is None


def test_the_key_follows_a_change_and_is_forgotten_in_silence() -> None:
    finder = KeyFinder(half_life=10.0)
    end = play(finder, MAJOR, 0, 0.0, 4)
    assert finder.key(Seconds(end)) == Key(0, Mode.MAJOR)
    end = play(finder, MAJOR, 4, end, 8)
    assert finder.key(Seconds(end)) == Key(4, Mode.MAJOR)
    assert finder.key(Seconds(end + 200.0)) is None


def test_one_foreign_note_does_not_change_the_key() -> None:
    finder = KeyFinder()
    end = play(finder, MAJOR, 5, 0.0, 3)
    before = finder.key(Seconds(end))
    finder.hear(60, 0.7, Seconds(end + 0.5))
    finder.hear(66, 0.7, Seconds(end + 1.0))
    assert finder.key(Seconds(end + 1.0)) == before == Key(5, Mode.MAJOR)


def test_the_profiles_are_shares_of_a_thousand() -> None:
    for profile in PROFILES.values():
        assert len(profile) == 12
        assert sum(profile) == pytest.approx(1000, abs=3)


@pytest.mark.parametrize("tonic", range(12))
def test_the_chord_of_a_key_has_its_tonic_and_its_scale(tonic: int) -> None:
    major, minor = key_chord(Key(tonic, Mode.MAJOR)), key_chord(Key(tonic, Mode.MINOR))
    assert major.root == minor.root == tonic
    assert {(tone - tonic) % 12 for tone in major.scale} == {0, 2, 4, 5, 7, 9, 11}
    assert {(tone - tonic) % 12 for tone in minor.scale} == {0, 2, 3, 5, 7, 9, 10}


def test_a_half_life_is_above_zero() -> None:
    with pytest.raises(ValueError, match="half-life 0"):
        KeyFinder(0.0)
