"""What is played through; opening and watching it is tested as a whole in `tests/test_stage.py`."""

from __future__ import annotations

import pytest

from live_improv.music.events import Ear
from live_improv.performance.incoming import Port
from live_improv.runtime.gear import Gear
from live_improv.runtime.hot_plug import PortNews


@pytest.mark.parametrize(
    ("gear", "expected"),
    [
        (Gear("o"), {}),
        (Gear("o", player_in="a"), {"a": Ear.PLAYER | Ear.CLOCK}),
        (Gear("o", player_in="a", clock_in="b"), {"a": Ear.PLAYER, "b": Ear.CLOCK}),
        (Gear("o", clock_in="b"), {"b": Ear.CLOCK}),
        (Gear("o", chord_in="c"), {"c": Ear.CHORDS}),
        (Gear("o", "a", "a", None, "a"), {"a": Ear.PLAYER | Ear.CLOCK | Ear.CHORDS}),
        (Gear("o", "a", "b", None, "b"), {"a": Ear.PLAYER, "b": Ear.CLOCK | Ear.CHORDS}),
    ],
)
def test_each_input_is_opened_once(gear: Gear, expected: dict[str, Ear]) -> None:
    assert gear.inputs() == expected


@pytest.mark.parametrize(
    ("name", "output", "expected"),
    [
        ("o", True, [Port.NOTES, Port.CLOCK]),
        ("o", False, [Port.PLAYER]),
        ("c", False, [Port.CHORDS]),
        ("k", False, []),  # a clock that goes is missed by the clock itself
        ("c", True, []),
    ],
)
def test_a_port_is_all_that_it_is_used_for(name: str, output: bool, expected: list[Port]) -> None:
    gear = Gear("o", player_in="o", clock_in="k", clock_out="o", chord_in="c")
    assert gear.uses(PortNews(name, f"{name} 2", output=output, back=True)) == expected
