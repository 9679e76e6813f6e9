"""Playing together from the command line: modes, a recorded player, inputs, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mido
import pytest

from live_improv import stage
from live_improv.app import Performance
from live_improv.listening.listener import Filter
from live_improv.music.events import Ear
from live_improv.music.timing import Ticks
from live_improv.performance.bindings import Binding
from live_improv.performance.controls import CONTROLS, MODES, Kind, Knobs
from live_improv.performance.harmony import ChordSource
from live_improv.performance.turns import First
from live_improv.runtime.gear import Gear
from tests.cli.conftest import Command, Rig, messages
from tests.recordings import write_player

CALL = [
    (bar * 3840 + 240 * i, pitch, 200)
    for bar in range(3)
    for i, pitch in enumerate((60, 62, 64, 65, 67, 69, 71, 72))
]


@pytest.fixture
def player(tmp_path: Path) -> Path:
    """A recorded player, who plays a bar and rests one."""
    path = tmp_path / "player.mid"
    write_player(path, CALL)
    return path


def bytes_of(command: Command, out: str, *arguments: str | Path) -> bytes:
    """What a command writes into a file."""
    ran = command("--offline", out, *arguments)
    assert (ran.code, ran.err) == (0, ""), ran
    return Path(out).read_bytes()


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("mode", MODES)
def test_a_seed_is_a_file_in_every_mode(command: Command, player: Path, mode: str) -> None:
    options = ("--listen", player, "--mode", mode, "--trade", "1")
    first, again, other = (
        bytes_of(command, f"{name}.mid", *options, "--seed", seed)
        for name, seed in (("a", "7"), ("b", "7"), ("c", "8"))
    )
    assert first == again
    assert first != other
    # Both are in it, the player as they were.
    theirs = [(at, message.note) for at, message in messages(Path("a.mid"), 2, "note_on")]
    assert theirs == [(tick, pitch) for tick, pitch, _ in CALL]
    assert messages(Path("a.mid"), 1, "note_on")


@pytest.mark.usefixtures("quick")
def test_modes_and_follow_are_other_performances(command: Command, player: Path) -> None:
    found = {
        bytes_of(command, "x.mid", "--listen", player, *options)
        for options in (
            ("--mode", "solo", "--follow", "0"),
            ("--mode", "solo", "--follow", "1"),
            ("--mode", "trade", "--trade", "1"),
            ("--mode", "trade", "--trade", "2"),
            ("--mode", "trade", "--trade", "1", "--first", "machine"),
            ("--mode", "answer"),
            ("--mode", "answer", "--follow", "1"),
            ("--mode", "duet"),
        )
    }
    assert len(found) == 8


@pytest.mark.usefixtures("quick")
def test_a_file_has_no_clock_but_its_own(command: Command, tmp_path: Path) -> None:
    """Whatever the live rig follows: a file is played through."""
    plain = bytes_of(command, "a.mid", "--bars", "4")
    for clock in ("midi", "link"):
        (tmp_path / "live_improv.toml").write_text(f'clock = "{clock}"\n')
        assert bytes_of(command, "b.mid", "--bars", "4") == plain


@pytest.mark.usefixtures("quick")
def test_chords_of_a_player_are_played_over(command: Command, tmp_path: Path) -> None:
    """Their left hand below the split, and no chart."""
    voicings = {0: (50, 53, 57, 60), 1920: (43, 53, 59, 62), 3840: (48, 52, 55, 59)}
    notes = [(at, pitch, 1800) for at, voicing in voicings.items() for pitch in voicing]
    write_player(tmp_path / "left.mid", notes)
    options = ("--listen", "left.mid", "--chords", "live", "--split", "64", "--bars", "4")
    bytes_of(command, "x.mid", *options)
    markers = [message.text for _, message in messages(Path("x.mid"), 0, "marker")]
    assert [text for text in markers if text != "N.C."] == ["Dm7", "G7", "CM7"]


@pytest.mark.usefixtures("quick")
def test_the_player_of_a_take_can_be_played_with_again(command: Command, player: Path) -> None:
    """What was kept of one session has a player for the next; our part of it is nobody."""
    first = bytes_of(command, "a.mid", "--listen", player, "--mode", "duet", "--bars", "8")
    again = bytes_of(command, "b.mid", "--listen", "a.mid", "--mode", "duet", "--bars", "8")
    assert first == again


# What is asked for, and what the performance is told.


class Asked:
    """Keeps what live playing is asked for, and plays nothing."""

    def __init__(self) -> None:
        self.performance: Performance | None = None
        self.gear: Gear | None = None

    def play_live(self, performance: Performance, gear: Gear, *_say: Any) -> None:
        """Take it."""
        self.performance, self.gear = performance, gear


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """In the place of live playing."""
    found = Asked()
    monkeypatch.setattr(stage, "play_live", found.play_live)
    return found


def request_of(command: Command, asked: Asked, *arguments: str) -> tuple[Any, Gear]:
    """What a command asks for."""
    ran = command(*arguments)
    assert (ran.code, ran.err) == (0, ""), ran
    assert asked.performance is not None
    assert asked.gear is not None
    return asked.performance.request, asked.gear


@pytest.mark.usefixtures("quick")
def test_by_default_it_plays_alone(command: Command, asked: Asked) -> None:
    request, gear = request_of(command, asked)
    assert request.knobs == Knobs()
    assert (request.count_in, request.first, request.leads) == (0, First.PLAYER, False)
    assert request.chords is ChordSource.CHART
    assert request.horizon == 480
    assert gear.inputs() == {}
    assert gear.port == "live_improv"
    assert gear.takes == Path("takes")


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("arguments", "name", "program"),
    [
        ((), "alto", None),  # live the synth's own sound stays, unless one is named
        (("--low", "60"), "alto", None),
        (("--instrument", "tenor"), "tenor", 66),
        (("--instrument", "tenor", "--program", "0"), "tenor", 0),
    ],
)
def test_an_instrument_is_asked_for(
    command: Command, asked: Asked, arguments: tuple[str, ...], name: str, program: int | None
) -> None:
    request, _ = request_of(command, asked, *arguments)
    assert request.instrument.name == name
    assert request.program == program


@pytest.mark.usefixtures("quick")
def test_everything_that_can_be_asked_for(command: Command, asked: Asked) -> None:
    request, gear = request_of(
        command,
        asked,
        *("--in", "Keys", "--clock-in", "DAW", "--clock-out", "Drums", "--chord-in", "Pads"),
        *("--first", "machine", "--count-in", "3", "--chords", "both", "--chord-channel", "5"),
        *("--split", "48", "--in-channel", "2", "--in-low", "30", "--in-high", "99"),
        *("--horizon", "0.25", "--take-dir", "there", "--mode", "trade", "--trade", "3"),
        *("--clock", "midi", "--clock-offset-ms", "-12", "--latency-ms", "35"),
        *("--follow", "0.75", "--density", "-0.5", "--register", "0.25", "--swing", "1.5"),
        *("--dynamics", "-8", "--temperature", "0.9"),
    )
    assert request.knobs == Knobs(
        temperature=0.9, density=-0.5, register=0.25, swing=1.5, dynamics=-8, follow=0.75,
        mode="trade", trade=3, clock="midi", clock_offset_ms=-12, latency_ms=35,
    )  # fmt: skip
    assert (request.first, request.count_in, request.leads) == (First.MACHINE, 3, True)
    assert request.chords is ChordSource.BOTH
    assert request.horizon == Ticks(120)
    listening = request.listening
    assert listening.notes == Filter(1, 30, 99)
    assert (listening.split, listening.chord_channel, listening.both_hands) == (48, 4, False)
    assert gear.inputs() == {"Keys": Ear.PLAYER, "DAW": Ear.CLOCK, "Pads": Ear.CHORDS}
    assert gear.clock_out == "Drums"
    assert gear.takes == Path("there")


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("name", [name for name in CONTROLS if name != "tempo"])
def test_each_control_is_an_option_and_a_key_of_the_configuration(
    command: Command, asked: Asked, name: str, tmp_path: Path
) -> None:
    """All but the tempo, whose option has the chart's own as its default."""
    row = CONTROLS[name]
    flag = f"--{name.replace('_', '-')}"
    if row.kind in (Kind.TRIGGER, Kind.TOGGLE):
        assert flag in command(flag).one_line(2)
        return
    value = row.choices[-1] if row.choices else row.high
    if isinstance(value, float) and row.kind in (Kind.WHOLE, Kind.STOPS):
        value = int(value)
    by_flag, _ = request_of(command, asked, flag, str(value))
    assert by_flag.knobs.value(name) == value
    written = f'"{value}"' if isinstance(value, str) else value
    (tmp_path / "live_improv.toml").write_text(f"{name.replace('_', '-')} = {written}\n")
    by_file, _ = request_of(command, asked)
    assert by_file.knobs == by_flag.knobs
    back, _ = request_of(command, asked, flag, str(row.default))
    assert back.knobs == Knobs(), "a flag wins"


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--mode", "answer"), {"live_improv in": Ear.PLAYER | Ear.CLOCK}),
        (("--mode", "trade", "--in", "Keys"), {"Keys": Ear.PLAYER | Ear.CLOCK}),
        (("--clock", "midi"), {"live_improv in": Ear.PLAYER | Ear.CLOCK}),
        (("--clock", "midi", "--clock-in", "DAW"), {"DAW": Ear.CLOCK}),
        (("--chords", "live"), {"live_improv in": Ear.PLAYER | Ear.CLOCK}),
        (("--in", "Keys", "--clock-in", "keys"), {"Keys": Ear.PLAYER, "keys": Ear.CLOCK}),
        (("--in", "Keys", "--chord-in", "Keys"), {"Keys": Ear.PLAYER | Ear.CLOCK | Ear.CHORDS}),
        (("--chord-in", "Pads"), {"Pads": Ear.CHORDS}),
    ],
)
def test_which_inputs_are_opened(
    command: Command, asked: Asked, arguments: Sequence[str], expected: dict[str, Ear]
) -> None:
    _, gear = request_of(command, asked, *arguments)
    assert gear.inputs() == expected


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("apart", ["--split 50", "--chord-channel 3", "--chord-in x"])
def test_both_hands_play_chords_unless_they_are_told_apart(
    command: Command, asked: Asked, apart: str
) -> None:
    together, _ = request_of(command, asked, "--chords", "live")
    assert together.listening.both_hands
    one, _ = request_of(command, asked, "--chords", "live", *apart.split())
    assert not one.listening.both_hands


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("arguments", "bars"),
    [
        (("--mode", "trade"), 1),  # a player begins, and has to know where
        (("--mode", "trade", "--first", "machine"), 0),
        (("--mode", "trade", "--clock", "midi"), 0),  # the DAW counts in
        (("--mode", "trade", "--count-in", "0"), 0),
        (("--mode", "solo", "--count-in", "2"), 2),
        (("--mode", "answer"), 0),
    ],
)
def test_when_it_counts_in(
    command: Command, asked: Asked, arguments: Sequence[str], bars: int
) -> None:
    request, _ = request_of(command, asked, *arguments)
    assert request.count_in == bars


@pytest.mark.usefixtures("quick")
def test_no_take_keeps_nothing(command: Command, rig: Rig, tmp_path: Path) -> None:
    rig.interrupt_at = 20
    ran = command("--no-take")
    assert (ran.code, ran.err) == (0, "")
    assert "take:" not in ran.out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("quick", "rig")
def test_a_take_of_nothing_leaves_nothing(command: Command, tmp_path: Path) -> None:
    ran = command("--mode", "answer", "--bars", "2")
    assert (ran.code, ran.err) == (0, "")
    assert "take:" not in ran.out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("quick")
def test_trading_live_opens_an_input_and_counts_in(command: Command, rig: Rig) -> None:
    ran = command("--mode", "trade", "--trade", "1", "--bars", "4", "--port", "IAC")
    assert (ran.code, ran.err) == (0, "")
    assert rig.opened == ["open IAC Bus", "virtual live_improv in"]
    assert "live_improv in" in ran.out
    assert "trade" in ran.out
    clicks = [e for e in rig.sent if type(e).__name__ == "NoteOn" and e.channel == 9]  # type: ignore[union-attr]
    assert len(clicks) == 4


@pytest.mark.usefixtures("quick")
def test_leading_sends_the_clock_to_its_port_alone(command: Command, rig: Rig) -> None:
    ran = command("--clock-out", "Drums", "--bars", "1", "--port", "IAC")
    assert (ran.code, ran.err) == (0, "")
    assert rig.opened == ["open IAC Bus", "virtual Drums"]
    notes, clock = ([data[0] for data in device.sent] for device in rig.devices if device.sent)
    assert all(status < 0xF0 for status in notes)
    assert clock.count(0xF8) >= 96
    assert (clock[0], clock[-1]) == (0xFA, 0xFC)
    assert set(clock) == {0xFA, 0xF8, 0xFC}


def test_keys_are_listed(command: Command) -> None:
    ran = command("--list-keys")
    assert (ran.code, ran.err) == (0, "")
    for name in CONTROLS:
        assert f" {name} " in ran.out


@pytest.mark.usefixtures("quick")
def test_the_configuration_is_laid_below_the_flags(
    command: Command, asked: Asked, tmp_path: Path, user_folder: Path
) -> None:
    (user_folder / "config.toml").write_text('mode = "duet"\ntrade = 8\nin = "Keys"\n')
    (tmp_path / "live_improv.toml").write_text(
        'trade = 2\nsplit = 50\n[controls]\ndensity = "cc 77"\npanic = "none"\n'
    )
    request, gear = request_of(command, asked, "--split", "52")
    assert (request.knobs.mode, request.knobs.trade, request.listening.split) == ("duet", 2, 52)
    assert gear.player_in == "Keys"
    assert request.hands.map.binding("density") == Binding.parse("cc 77")
    assert request.hands.map.binding("panic") is None
    assert request.hands.map.binding("follow") == Binding.parse("cc 25")


@pytest.mark.usefixtures("quick")
def test_what_was_learned_is_used_and_a_broken_file_is_told(
    command: Command, asked: Asked, user_folder: Path
) -> None:
    learned = user_folder / "learned.json"
    learned.write_text(json.dumps({"controls": {"follow": "cc 99"}}))
    request, gear = request_of(command, asked)
    assert request.hands.map.binding("follow") == Binding.parse("cc 99")
    assert gear.learned == learned
    learned.write_text("{")
    ran = command()
    assert (ran.code, ran.err) == (0, "")
    assert "learned.json" in ran.out
    assert learned.with_name("learned.json.bad").exists()


TOML = {
    "no TOML": ("mode = \n", ("live_improv.toml", "not TOML")),
    "unknown key": ("moood = 'solo'\n", ("moood", "there is no such option")),
    "a bad choice": ("mode = 'sologne'\n", ("mode", "trade")),
    "a bad number": ("trade = 0\n", ("trade", "1 to 64")),
    "a number as text": ("trade = '4'\n", ("trade", "without quotes")),
    "text as a number": ("chart = 5\n", ("chart", "in quotes")),
    "never in a file": ("offline = 'x.mid'\n", ("offline", "there is no such option")),
    "a player in a file": ("listen = 'x.mid'\n", ("listen", "there is no such option")),
    "bars and choruses": ("bars = 1\nchoruses = 1\n", ("bars", "choruses")),
    "twice": ("clock-in = 'a'\nclock_in = 'b'\n", ("twice",)),
    "an unknown control": ("[controls]\nloudness = 'cc 1'\n", ("loudness",)),
    "a bad binding": ("[controls]\npanic = 'cc 200'\n", ("cc 200", "0 to 119")),
    "one knob for two": ("[controls]\nmute = 'cc 5'\npanic = 'cc 5'\n", ("mute", "already")),
}


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("name", TOML)
@pytest.mark.parametrize("offline", [False, True])
def test_a_bad_configuration_is_one_line(
    command: Command, name: str, offline: bool, tmp_path: Path
) -> None:
    text, parts = TOML[name]
    (tmp_path / "live_improv.toml").write_text(text)
    line = command(*(("--offline", "x.mid") if offline else ())).one_line(2)
    for part in parts:
        assert part in line
    assert [each.name for each in tmp_path.iterdir()] == ["live_improv.toml"]


def test_help_needs_no_good_configuration(command: Command, tmp_path: Path) -> None:
    """Whoever has broken it looks there first."""
    (tmp_path / "live_improv.toml").write_text("mode = \n")
    ran = command("--help")
    assert (ran.code, ran.err) == (0, "")
    for word in ("--mode", "--listen", "--chords", "--clock-offset-ms", "--take-dir"):
        assert word in ran.out


BAD = {
    "mode": (("--mode", "sologne"), ("--mode", "duet")),
    "trade 0": (("--trade", "0"), ("1 to 64",)),
    "trade 65": (("--trade", "65"), ("1 to 64",)),
    "trade 2.5": (("--trade", "2.5"), ("2.5", "1 to 64")),
    "trade nan": (("--trade", "nan"), ("1 to 64",)),
    "trade many": (("--trade", "many"), ("many",)),
    "first": (("--first", "nobody"), ("--first", "machine")),
    "clock": (("--clock", "sun"), ("--clock", "internal")),
    "chords": (("--chords", "none"), ("--chords", "chart")),
    "follow 2": (("--follow", "2"), ("0 to 1",)),
    "follow -0.1": (("--follow", "-0.1"), ("0 to 1",)),
    "density inf": (("--density", "inf"), ("-1 to 1",)),
    "register 2": (("--register", "2"), ("-1 to 1",)),
    "swing 3": (("--swing", "3"), ("0 to 2",)),
    "dynamics 1.5": (("--dynamics", "1.5"), ("-40 to 40",)),
    "dynamics 99": (("--dynamics", "99"), ("-40 to 40",)),
    "offset": (("--clock-offset-ms", "300"), ("-200 to 200",)),
    "latency": (("--latency-ms", "-201"), ("-200 to 500",)),
    "latency 1e999": (("--latency-ms", "1e999"), ("-200 to 500",)),
    "horizon 0": (("--horizon", "0"), ("0.125 to 4",)),
    "horizon 5": (("--horizon", "5"), ("0.125 to 4",)),
    "count-in 9": (("--count-in", "9"), ("0 to 8",)),
    "split 128": (("--split", "128"), ("1 to 127",)),
    "split C3": (("--split", "C3"), ("'C3'",)),
    "chord channel 0": (("--chord-channel", "0"), ("1 to 16",)),
    "in channel 17": (("--in-channel", "17"), ("1 to 16",)),
    "in low -1": (("--in-low", "-1"), ("0 to 127",)),
    "in high 128": (("--in-high", "128"), ("0 to 127",)),
    "in low > in high": (("--in-low", "80", "--in-high", "60"), ("80", "60")),
    "no name": (("--in",), ("--in",)),
    "no player": (("--listen", "nobody.mid"), ("nobody.mid",)),
    "a folder for a player": (("--listen", "."), (".",)),
    "a player that is none": (("--listen", "chart.txt"), ("chart.txt",)),
    "a player cut short": (("--listen", "short.mid"), ("short.mid",)),
}


@pytest.mark.usefixtures("quick", "rig")
@pytest.mark.parametrize("offline", [True, False])
@pytest.mark.parametrize("name", BAD)
def test_bad_values_are_one_line(
    command: Command, tmp_path: Path, name: str, offline: bool
) -> None:
    arguments, parts = BAD[name]
    if arguments[0] == "--listen" and not offline:
        assert "--offline" in command(*arguments).one_line(2)
        return
    (tmp_path / "chart.txt").write_text("C7")
    write_player(tmp_path / "short.mid", CALL)
    short = tmp_path / "short.mid"
    short.write_bytes(short.read_bytes()[:-20])
    (tmp_path / "out.mid").write_bytes(b"mine")
    before = {each.name for each in tmp_path.iterdir()}
    line = command(*(("--offline", "out.mid") if offline else ()), *arguments).one_line(2)
    for part in parts:
        assert part in line
    assert (tmp_path / "out.mid").read_bytes() == b"mine"
    assert {each.name for each in tmp_path.iterdir()} == before


@pytest.mark.usefixtures("quick", "rig")
def test_where_no_take_can_be_kept_it_says_so(command: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    ran = command("--take-dir", "file/takes")
    assert ran.code == 2
    (line,) = ran.err.splitlines()
    assert "file/takes" in line.replace("\\", "/")
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


@pytest.mark.usefixtures("quick")
def test_a_player_without_a_note_is_listened_to(command: Command, tmp_path: Path) -> None:
    mido.MidiFile(tracks=[mido.MidiTrack()]).save(tmp_path / "empty.mid")
    for mode in MODES:
        ran = command("--offline", "x.mid", "--listen", "empty.mid", "--mode", mode)
        assert (ran.code, ran.err) == (0, "")
        assert not messages(Path("x.mid"), 1, "note_on") or mode in ("solo", "duet", "trade")
