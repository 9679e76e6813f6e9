"""Which knob or pad turns which control."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.music.events import (
    ControlChange,
    Event,
    NoteOff,
    NoteOn,
    ProgramChange,
    Pulse,
)
from live_improv.performance.bindings import DEFAULT_MAP, Binding, ControlMap, Source
from live_improv.performance.controls import CONTROLS, ControlError, Knobs, Turned, Value

BINDINGS = st.builds(
    Binding,
    st.sampled_from(Source),
    st.integers(0, 119),
    st.one_of(st.none(), st.integers(0, 15)),
)


@pytest.mark.parametrize(
    ("text", "binding"),
    [
        ("cc 21", Binding(Source.CC, 21)),
        ("CC  21  channel 3", Binding(Source.CC, 21, 2)),
        ("note 36", Binding(Source.NOTE, 36)),
        (" note 127 channel 16 ", Binding(Source.NOTE, 127, 15)),
    ],
)
def test_a_binding_is_read_as_people_write_it(text: str, binding: Binding) -> None:
    assert Binding.parse(text) == binding


@given(BINDINGS)
def test_what_is_written_is_read(binding: Binding) -> None:
    assert Binding.parse(str(binding)) == binding


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "'cc 21'"),
        ("21", "'cc 21'"),
        ("cc", "'cc 21'"),
        ("cc -1", "'cc 21'"),
        ("cc 21 channel", "'cc 21'"),
        ("cc 120", "0 to 119"),
        ("cc 123", "0 to 119"),
        ("note 128", "0 to 127"),
        ("note 60 channel 0", "1 to 16"),
        ("cc 1 channel 17", "1 to 16"),
    ],
)
def test_a_wrong_binding_is_refused(text: str, says: str) -> None:
    with pytest.raises(ControlError, match=says):
        Binding.parse(text)


MAP = ControlMap.from_dict(
    {
        "temperature": "cc 20",
        "dynamics": "note 40 channel 10",
        "mode": "note 41",
        "trade": "note 42",
        "mute": "note 43",
        "panic": "cc 30 channel 2",
        "downbeat": "note 44",
        "clock": "cc 22",
    }
)


@pytest.mark.parametrize(
    ("event", "knobs", "expected"),
    [
        (ControlChange(20, 127, 7), Knobs(), ("temperature", 4.0)),
        (ControlChange(20, 64), Knobs(temperature=2.0), ("temperature", 1.0)),
        (ControlChange(20, 64), Knobs(), None),  # it is there already
        (NoteOn(40, 127, 9), Knobs(), ("dynamics", 40)),
        (NoteOn(40, 64, 9), Knobs(dynamics=3), ("dynamics", 0)),
        (NoteOn(41, 1), Knobs(), ("mode", "trade")),
        (NoteOn(41, 1), Knobs(mode="duet"), ("mode", "solo")),
        (NoteOn(42, 90), Knobs(trade=4), ("trade", 8)),
        (NoteOn(42, 90), Knobs(trade=16), ("trade", 1)),
        (NoteOn(43, 90), Knobs(), ("mute", True)),
        (NoteOn(43, 90), Knobs(mute=True), ("mute", False)),
        (ControlChange(30, 127, 1), Knobs(), ("panic", True)),
        (ControlChange(30, 63, 1), Knobs(), None),
        (NoteOn(44, 5, 3), Knobs(), ("downbeat", True)),
        (ControlChange(22, 127), Knobs(), ("clock", "link")),
        (NoteOff(43), Knobs(), None),
    ],
)
def test_a_bound_event_turns_its_control(
    event: Event, knobs: Knobs, expected: tuple[str, Value] | None
) -> None:
    assert MAP.owns(event)
    assert MAP.read(event, knobs) == (None if expected is None else Turned(*expected))


@pytest.mark.parametrize(
    "event",
    [
        NoteOn(40, 90, 8),  # another channel
        NoteOff(40, 8),
        NoteOn(60, 90),
        NoteOn(20, 90),  # the number of a controller
        ControlChange(43, 127),  # the number of a note
        ControlChange(30, 127, 0),
        ControlChange(120, 0),
        ControlChange(123, 0),
        ProgramChange(20),
        Pulse(),
    ],
)
def test_what_is_not_bound_is_music(event: Event) -> None:
    assert not MAP.owns(event)
    assert MAP.read(event, Knobs()) is None


def test_a_notes_off_is_the_controls_as_its_on_is() -> None:
    assert MAP.owns(NoteOn(40, 90, 9))
    assert MAP.owns(NoteOff(40, 9))


def test_the_default_map_uses_undefined_controllers_and_ends_nothing() -> None:
    data = DEFAULT_MAP.to_dict()
    assert list(data.values()) == [f"cc {number}" for number in range(20, 31)]
    assert not {"quit", "learn", "clock", "latency_ms", "clock_offset_ms"} & set(data)
    flood: list[Event] = [ControlChange(c, 0, ch) for ch in range(16) for c in (120, 123)]
    assert not any(DEFAULT_MAP.owns(event) for event in flood)


def test_a_new_binding_replaces_that_of_its_control_and_that_of_its_knob() -> None:
    after = DEFAULT_MAP.with_binding("swing", Binding.parse("cc 21 channel 4"))
    data = DEFAULT_MAP.to_dict()
    del data["density"]  # cc 21 on any channel
    assert after.to_dict() == {**data, "swing": "cc 21 channel 4"}
    assert not after.owns(ControlChange(23, 1))
    assert after.with_binding("swing", None).to_dict() == {
        name: text for name, text in data.items() if name != "swing"
    }


def test_two_controls_cannot_share_a_knob() -> None:
    with pytest.raises(ControlError, match=r"swing and density are both cc 21 channel 3"):
        ControlMap.from_dict({"density": "cc 21", "swing": "cc 21 channel 3"})


@pytest.mark.parametrize(
    ("data", "says"),
    [({"volume": "cc 7"}, "'volume'"), ({"swing": "cc 130"}, "swing: cc 130: expected 0 to 119")],
)
def test_a_wrong_map_is_refused_by_name(data: dict[str, str], says: str) -> None:
    with pytest.raises(ControlError, match=says):
        ControlMap.from_dict(data)


@given(st.dictionaries(st.sampled_from(sorted(CONTROLS)), BINDINGS))
def test_a_map_survives_plain_data(bindings: dict[str, Binding]) -> None:
    laid = ControlMap()
    for name, binding in bindings.items():
        laid = laid.with_binding(name, binding)
    assert ControlMap.from_dict(laid.to_dict()) == laid
    assert DEFAULT_MAP.with_all(laid).with_all(laid) == DEFAULT_MAP.with_all(laid)
    assert laid.to_dict().items() <= DEFAULT_MAP.with_all(laid).to_dict().items()
