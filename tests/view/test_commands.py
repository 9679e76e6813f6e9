"""Commands: the list of what a page may ask for, and all else, which it may not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.performance.controls import CONTROLS, KEYS, Kind, Knobs, Step, Turned
from live_improv.performance.hands import Hands, Learning, Stage
from live_improv.performance.incoming import Key
from live_improv.view.commands import LEFT_OUT, LONGEST, Choose, CommandError, read_command

FOR_THE_PAGE = [row for row in CONTROLS.values() if row.name not in {*LEFT_OUT, "learn"}]


def read(charts: int = 3, **says: Any) -> Any:
    return read_command(json.dumps(says), charts)


@pytest.mark.parametrize("row", FOR_THE_PAGE, ids=lambda row: row.name)
def test_every_control_can_be_turned_stepped_and_learned(row: Any) -> None:
    value = True if row.kind is Kind.TRIGGER else row.default
    assert read(do="turn", name=row.name, value=value) == (Turned(row.name, value),)
    assert read(do="step", name=row.name, by=-1) == (Step(row.name, -1),)
    hands, found = Hands(), None
    for key in read(do="learn", name=row.name):
        found = hands.press(key.char, Knobs())
    assert found == Learning(Stage.WAITING, row.name)


def test_which_manners_there_are_the_session_knows() -> None:
    assert read(do="turn", name="manner", value="Bird") == (Turned("manner", "Bird"),)
    with pytest.raises(CommandError, match="manner 3"):
        read(do="turn", name="manner", value=3)


def test_learning_another_control_leaves_the_one_before_as_it_was() -> None:
    hands = Hands()
    for name in ("density", "swing"):
        for key in read(do="learn", name=name):
            found = hands.press(key.char, Knobs())
    assert found == Learning(Stage.WAITING, "swing")
    assert hands.learned == Hands().learned


@pytest.mark.parametrize("char", [*(KEYS.keys() - {"q"}), "\x1b", "\x7f"])
def test_a_key_is_that_key(char: str) -> None:
    assert read(do="key", char=char) == (Key(char),)


def test_a_chart_goes_by_its_place() -> None:
    assert read(do="chart", number=2) == Choose(2)


@pytest.mark.parametrize(
    "says",
    [
        {},
        {"do": "quit"},
        {"do": "turn"},
        {"do": "turn", "name": "quit", "value": True},
        {"do": "step", "name": "quit", "by": 1},
        {"do": "key", "char": "q"},
        {"do": "learn", "name": "quit"},
        {"do": "turn", "name": "learn", "value": True},
        {"do": "turn", "name": "__class__", "value": 1},
        {"do": "turn", "name": "density", "value": 1.01},
        {"do": "turn", "name": "density", "value": "0"},
        {"do": "turn", "name": "density", "value": None},
        {"do": "turn", "name": "density", "value": True},
        {"do": "turn", "name": "mute", "value": 1},
        {"do": "turn", "name": "mode", "value": "../solo"},
        {"do": "turn", "name": "panic", "value": False},
        {"do": "turn", "name": "density", "value": 0, "more": 0},
        {"do": "turn", "name": ["density"], "value": 0},
        {"do": ["turn"], "name": "density", "value": 0},
        {"do": "step", "name": "density", "by": 2},
        {"do": "step", "name": "density", "by": 1.0},
        {"do": "step", "name": "density", "by": True},
        {"do": "key", "char": ""},
        {"do": "key", "char": "dd"},
        {"do": "key", "char": "\x03"},
        {"do": "chart", "number": -1},
        {"do": "chart", "number": 3},
        {"do": "chart", "number": True},
        {"do": "chart", "number": 1.0},
        {"do": "chart", "number": "blues_in_f"},
        {"do": "chart", "number": "../../etc/passwd"},
        {"do": "chart", "name": "/etc/passwd"},
        {"do": "chart", "path": "/etc/passwd"},
        {"do": "open", "path": "/etc/passwd"},
    ],
    ids=json.dumps,
)
def test_all_else_is_refused(says: dict[str, Any]) -> None:
    with pytest.raises(CommandError):
        read_command(json.dumps(says), 3)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "null",
        "[]",
        "1" * 5000,
        "[" * 4000,
        "{",
        '{"do": "turn", "name": "density", "value": NaN}',
        '{"do": "turn", "name": "density", "value": 1e999}',
        '{"do": "turn", "name": "dynamics", "value": Infinity}',
        b"\xff\xfe",
        json.dumps({"do": "key", "char": "d", "more": "x" * LONGEST}),
    ],
    ids=lambda line: repr(line[:20]),
)
def test_what_is_no_command_at_all_is_refused(line: str | bytes) -> None:
    with pytest.raises(CommandError):
        read_command(line, 3)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=5,
)


@given(
    st.fixed_dictionaries(
        {"do": st.sampled_from(["turn", "step", "key", "learn", "chart", "other"]) | json_values},
        optional={
            "name": st.sampled_from([*CONTROLS]) | json_values,
            "value": json_values,
            "by": json_values,
            "char": json_values,
            "number": json_values,
        },
    )
)
def test_whatever_comes_is_a_command_of_ours_or_refused(says: dict[str, Any]) -> None:
    try:
        command = read_command(json.dumps(says), 3)
    except CommandError:
        return
    if isinstance(command, Choose):
        assert 0 <= command.number < 3
        return
    for each in command:
        if isinstance(each, Key):
            assert KEYS.get(each.char) != Turned("quit", True)
        else:
            assert each.name not in LEFT_OUT
        if isinstance(each, Turned) and CONTROLS[each.name].kind is not Kind.TRIGGER:
            assert CONTROLS[each.name].checked(each.value) == each.value
