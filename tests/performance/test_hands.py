"""Hands on the controls: knobs, pads, keys, and MIDI learn as sequences of what is done."""

from __future__ import annotations

import pytest

from live_improv.music.events import ControlChange, Event, NoteOff, NoteOn, Pulse
from live_improv.performance.bindings import Binding, ControlMap
from live_improv.performance.controls import ControlError, Knobs, Turned
from live_improv.performance.hands import Handled, Hands, Learning, Stage

KNOBS = Knobs()


def bound(**bindings: str) -> Hands:
    return Hands(ControlMap.from_dict(bindings))


def test_music_is_not_handled() -> None:
    hands = Hands()
    events: list[Event] = [NoteOn(60, 90), NoteOff(60), ControlChange(64, 127), Pulse()]
    assert [hands.hear(event, KNOBS) for event in events] == [None] * 4


def test_a_knob_and_a_key_turn_the_same_control() -> None:
    hands = Hands()
    assert hands.hear(ControlChange(20, 127), KNOBS) == Handled(Turned("temperature", 4.0))
    assert hands.hear(ControlChange(20, 64), KNOBS) == Handled(None)
    assert hands.press("T", KNOBS) == Turned("temperature", 1.1)
    assert hands.press("z", KNOBS) is None


def test_a_controller_is_learned_for_the_control_whose_key_is_pressed() -> None:
    hands = Hands()
    assert hands.press("l", KNOBS) == Learning(Stage.CHOOSING)
    assert hands.press("S", KNOBS) == Learning(Stage.WAITING, "swing")
    binding = Binding.parse("cc 74 channel 2")
    learned = Handled(Learning(Stage.LEARNED, "swing", binding))
    assert hands.hear(ControlChange(74, 10, 1), KNOBS) == learned
    assert hands.hear(ControlChange(74, 127, 1), KNOBS) == Handled(Turned("swing", 2.0))
    assert hands.hear(ControlChange(74, 127, 0), KNOBS) is None
    assert hands.hear(ControlChange(23, 127), KNOBS) is None  # what turned it before
    assert hands.learned.to_dict() == {"swing": "cc 74 channel 2"}


def test_a_pad_is_learned_and_its_off_is_no_music() -> None:
    hands = Hands()
    hands.learn("mute")
    learned = Handled(Learning(Stage.LEARNED, "mute", Binding.parse("note 36 channel 10")))
    assert hands.hear(NoteOn(36, 80, 9), KNOBS) == learned
    assert hands.hear(NoteOff(36, 9), KNOBS) == Handled()
    assert hands.hear(NoteOn(36, 80, 9), KNOBS) == Handled(Turned("mute", True))
    assert hands.hear(NoteOff(36, 9), KNOBS) == Handled()


def test_the_off_goes_where_the_on_went_whatever_was_learned_in_between() -> None:
    hands = bound(mute="note 36", panic="note 40")
    assert hands.hear(NoteOn(50, 80), KNOBS) is None  # held, as music
    assert hands.hear(NoteOn(36, 80), KNOBS) == Handled(Turned("mute", True))  # held
    hands.learn("panic")
    hands.hear(NoteOn(50, 81, 3), KNOBS)
    hands.learn("mute")
    hands.hear(NoteOn(51, 81), KNOBS)
    assert hands.hear(NoteOff(50), KNOBS) is None
    assert hands.hear(NoteOff(36), KNOBS) == Handled()
    assert hands.hear(NoteOff(36), KNOBS) is None


def test_what_a_daw_sends_by_itself_is_not_learned() -> None:
    hands = Hands()
    hands.hear(ControlChange(7, 100), KNOBS)
    hands.learn("follow")
    for event in (ControlChange(120, 0), ControlChange(123, 0), ControlChange(7, 100), Pulse()):
        assert hands.hear(event, KNOBS) is None
    moved = hands.hear(ControlChange(7, 99), KNOBS)
    assert moved == Handled(Learning(Stage.LEARNED, "follow", Binding.parse("cc 7 channel 1")))


def test_a_knob_that_is_learned_again_leaves_its_old_control_with_nothing() -> None:
    hands = Hands()
    for name in ("swing", "follow"):
        hands.learn(name)
        hands.hear(ControlChange(74, 1 if name == "swing" else 2), KNOBS)
    assert hands.learned.to_dict() == {"follow": "cc 74 channel 1"}
    assert str(hands.map.binding("swing")) == "cc 23"  # as it was before it was learned


@pytest.mark.parametrize("key", ["\x1b", "l"])
def test_learning_can_be_left(key: str) -> None:
    hands = Hands()
    hands.press("l", KNOBS)
    assert hands.press(key, KNOBS) == Learning(Stage.CANCELLED)
    hands.press("l", KNOBS)
    hands.press("t", KNOBS)
    assert hands.press(key, KNOBS) == Learning(Stage.CANCELLED, "temperature")
    assert hands.hear(ControlChange(74, 5), KNOBS) is None
    assert hands.learned == ControlMap()


def test_what_was_learned_can_be_forgotten() -> None:
    hands = Hands(learned=ControlMap.from_dict({"swing": "cc 74"}))
    assert hands.hear(ControlChange(74, 127), KNOBS) == Handled(Turned("swing", 2.0))
    hands.press("l", KNOBS)
    hands.press("s", KNOBS)
    forgotten = Learning(Stage.FORGOTTEN, "swing", Binding.parse("cc 23"))
    assert hands.press("\x7f", KNOBS) == forgotten
    assert str(forgotten) == "swing: forgotten; now cc 23"
    assert hands.learned == ControlMap()
    assert hands.hear(ControlChange(74, 127), KNOBS) is None


def test_while_a_knob_is_awaited_keys_still_play() -> None:
    hands = Hands()
    hands.learn("swing")
    assert hands.press(" ", KNOBS) == Turned("panic", True)
    assert hands.press("q", KNOBS) == Turned("quit", True)


def test_a_key_that_is_none_does_not_choose() -> None:
    hands = Hands()
    hands.press("l", KNOBS)
    assert hands.press("z", KNOBS) is None
    assert hands.press("3", KNOBS) == Learning(Stage.WAITING, "mode")


def test_learning_can_begin_from_a_pad() -> None:
    hands = bound(learn="note 20")
    assert hands.hear(NoteOn(20, 9), KNOBS) == Handled(Learning(Stage.CHOOSING))


def test_a_control_that_does_not_exist_is_not_learned() -> None:
    with pytest.raises(ControlError, match="volume"):
        Hands().learn("volume")


@pytest.mark.parametrize(
    ("values", "fired"),
    [
        ((127, 0, 127, 0), 2),  # a button
        ((127, 127, 127), 3),  # one that never says 0
        ((10, 60, 64, 80, 127, 100, 63, 70), 2),  # a knob fires on its way up
        ((0, 63), 0),
    ],
)
def test_a_trigger_fires_once_for_each_press(values: tuple[int, ...], fired: int) -> None:
    hands = bound(downbeat="cc 30")
    outcomes = [hands.hear(ControlChange(30, value), KNOBS) for value in values]
    assert outcomes.count(Handled(Turned("downbeat", True))) == fired
    assert outcomes.count(Handled()) == len(values) - fired
