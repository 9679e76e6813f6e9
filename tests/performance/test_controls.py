"""The table of controls: every row, every key."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.performance.controls import (
    CONTROLS,
    KEYS,
    Control,
    ControlError,
    Kind,
    Knobs,
    Step,
    Turned,
    Value,
    control,
    key_lines,
    read_key,
    turned,
)

ROWS = list(CONTROLS.values())
WITH_VALUES = [row for row in ROWS if row.kind is not Kind.TRIGGER]
SPANNED = [row for row in ROWS if row.kind in (Kind.NUMBER, Kind.RATIO, Kind.WHOLE)]
TRIGGERS = [row for row in ROWS if row.kind is Kind.TRIGGER]
TYPES: dict[Kind, type] = {
    Kind.NUMBER: float,
    Kind.RATIO: float,
    Kind.WHOLE: int,
    Kind.STOPS: int,
    Kind.CHOICE: str,
    Kind.OFFERED: str,
    Kind.TOGGLE: bool,
}


def named(row: Control) -> str:
    return row.name


def test_knobs_hold_the_default_of_every_row_that_has_a_value() -> None:
    knobs = Knobs()
    names = [field.name for field in fields(knobs) if field.name != "manners"]
    assert names == [row.name for row in WITH_VALUES]
    for row in WITH_VALUES:
        value = knobs.value(row.name)
        assert (value, type(value)) == (row.default, TYPES[row.kind])
    assert {row.name: knobs.value(row.name) for row in TRIGGERS} == {
        "panic": False,
        "start_stop": False,
        "downbeat": False,
        "learn": False,
        "quit": False,
    }


@pytest.mark.parametrize("row", WITH_VALUES, ids=named)
def test_each_midi_value_is_a_value_of_the_control(row: Control) -> None:
    reached = [row.at(midi) for midi in range(128)]
    for value in reached:
        assert Knobs().with_(row.name, value).value(row.name) == value
    if row in SPANNED:
        assert (reached[0], reached[64], reached[127]) == (row.low, row.default, row.high)
        assert all(float(one) <= float(two) for one, two in pairwise(reached))
        assert len(set(reached)) == min(128, row.high - row.low + 1 if row.step >= 1 else 128)
    else:
        assert set(reached) == set(row.choices or row.stops or (False, True))


def test_half_way_down_and_up_temperature_is_half_the_ratio() -> None:
    temperature = control("temperature")
    assert temperature.at(32) == pytest.approx((0.05 * 1.0) ** 0.5, abs=1e-3)
    assert temperature.at(64 + 63 // 2) == pytest.approx(2.0, rel=0.03)


@pytest.mark.parametrize("row", SPANNED, ids=named)
def test_steps_go_to_the_ends_and_back_to_where_they_were(row: Control) -> None:
    knobs = Knobs()
    for by, end in ((-1, row.low), (+1, row.high)):
        seen = 0
        while (move := turned(Step(row.name, by), knobs)) is not None:
            knobs = knobs.with_(move.name, move.value)
            seen += 1
        assert knobs.value(row.name) == end
        assert 5 <= seen <= 150
    one = turned(Step(row.name, -1), Knobs())
    assert one is not None
    below = Knobs().with_(row.name, one.value)
    assert turned(Step(row.name, +1), below) == Turned(row.name, row.default)


def test_manners_are_those_that_are_offered_and_off() -> None:
    assert turned(Step("manner", +1), Knobs()) is None  # this model has none
    knobs = Knobs(manners=("BEBOP", "Bird"))
    seen = []
    for by in (+1, +1, +1, -1):
        move = turned(Step("manner", by), knobs)
        assert move is not None
        knobs = knobs.with_(move.name, move.value)
        seen.append((knobs.manner, knobs.manner_number))
    assert seen == [("BEBOP", 0), ("Bird", 1), ("off", None), ("Bird", 1)]
    assert {knobs.row("manner").at(midi) for midi in range(128)} == {"off", "BEBOP", "Bird"}
    assert read_key("N", knobs) == Turned("manner", "off")
    assert read_key("n", knobs) == Turned("manner", "BEBOP")
    with pytest.raises(ControlError, match="manner 'Trane': expected off, BEBOP or Bird"):
        knobs.with_("manner", "Trane")
    with pytest.raises(ControlError, match="manner 'Bird': expected off or one of the model's"):
        Knobs(manner="Bird")


@pytest.mark.parametrize(
    ("bars", "by", "expected"),
    [
        (4, +1, 8),
        (4, -1, 2),
        (3, +1, 4),
        (3, -1, 2),
        (1, -1, 1),
        (16, +1, 16),
        (20, +1, 20),
        (64, -1, 16),
    ],
)
def test_a_turn_steps_from_stop_to_stop(bars: int, by: int, expected: int) -> None:
    move = turned(Step("trade", by), Knobs(trade=bars))
    assert (bars if move is None else move.value) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", 0.04),
        ("temperature", 4.01),
        ("temperature", float("nan")),
        ("temperature", float("inf")),
        ("temperature", "1"),
        ("temperature", True),
        ("density", -1.1),
        ("dynamics", 1.5),
        ("dynamics", 41),
        ("trade", 0),
        ("trade", 65),
        ("trade", 4.5),
        ("mode", "loud"),
        ("mode", 1),
        ("clock", "MIDI"),
        ("mute", 1),
        ("mute", "on"),
        ("latency_ms", 501),
    ],
)
def test_a_value_outside_is_refused_by_name_with_what_is_valid(name: str, value: Value) -> None:
    with pytest.raises(ControlError, match=name) as refused:
        Knobs().with_(name, value)
    assert control(name).expected in str(refused.value)
    assert repr(value) in str(refused.value)
    with pytest.raises(ControlError, match="expected"):
        Knobs(**{name: value})  # type: ignore[arg-type]


def test_what_does_not_exist_is_refused_with_what_does() -> None:
    with pytest.raises(ControlError, match=r"'volume'.*temperature.*quit"):
        Knobs().with_("volume", 3)
    with pytest.raises(ControlError, match="panic True: expected no value"):
        Knobs().with_("panic", True)


def test_with_turns_one_knob_and_leaves_the_old_ones() -> None:
    before = Knobs()
    after = before.with_("dynamics", 7.0)
    assert (before.dynamics, after.dynamics, type(after.dynamics)) == (0, 7, int)
    assert after == Knobs(dynamics=7)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("temperature", "0.8", 0.8),
        ("trade", "7", 7),
        ("latency_ms", "-20", -20),
        ("mode", "duet", "duet"),
        ("mute", "on", True),
        ("mute", "off", False),
    ],
)
def test_a_written_value_is_read(name: str, text: str, value: Value) -> None:
    assert control(name).parsed(text) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [("temperature", "hot"), ("trade", "4.5"), ("mode", ""), ("mute", "1"), ("trade", "1e999")],
)
def test_a_wrongly_written_value_is_refused(name: str, text: str) -> None:
    with pytest.raises(ControlError, match="expected"):
        control(name).parsed(text)


@given(st.sampled_from(WITH_VALUES), st.integers(0, 127))
def test_what_is_shown_can_be_read(row: Control, midi: int) -> None:
    value = row.at(midi)
    again = row.parsed(row.shown(value).removesuffix(row.unit).strip())
    assert again == (round(value, 2) if isinstance(value, float) else value)


def test_every_control_has_its_keys_and_no_key_has_two() -> None:
    assert sum(len(row.keys) for row in ROWS) == len(KEYS)
    assert {action.name for action in KEYS.values()} == set(CONTROLS)
    assert len(key_lines()) == len(CONTROLS)


PRESSED: list[tuple[str, Turned | None]] = [
    ("t", Turned("temperature", 0.9)),
    ("T", Turned("temperature", 1.1)),
    ("d", Turned("density", -0.1)),
    ("R", Turned("register", 0.1)),
    ("S", Turned("swing", 1.1)),
    ("h", Turned("laid_back", 0.9)),
    ("H", Turned("laid_back", 1.1)),
    ("u", Turned("loose", 0.9)),
    ("A", Turned("articulation", 0.1)),
    ("v", Turned("dynamics", -4)),
    ("F", Turned("follow", 0.6)),
    ("1", None),
    ("2", Turned("mode", "trade")),
    ("3", Turned("mode", "answer")),
    ("4", Turned("mode", "duet")),
    ("[", Turned("trade", 2)),
    ("]", Turned("trade", 8)),
    ("c", Turned("clock", "midi")),
    ("o", Turned("clock_offset_ms", -5)),
    ("Y", Turned("latency_ms", 5)),
    ("m", Turned("mute", True)),
    (" ", Turned("panic", True)),
    ("!", Turned("panic", True)),
    ("b", Turned("downbeat", True)),
    ("l", Turned("learn", True)),
    ("q", Turned("quit", True)),
    ("z", None),
    ("\x1b", None),
]


@pytest.mark.parametrize(("key", "expected"), PRESSED)
def test_each_key_does_what_the_table_says(key: str, expected: Turned | None) -> None:
    assert read_key(key, Knobs()) == expected


def test_clock_goes_round_and_mute_back() -> None:
    assert read_key("c", Knobs(clock="link")) == Turned("clock", "internal")
    assert read_key("m", Knobs(mute=True)) == Turned("mute", False)
