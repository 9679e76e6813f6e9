"""Configuration files: which wins, what they may say, and what is said of every fault."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from live_improv.performance.bindings import DEFAULT_MAP
from live_improv.runtime.configuration import (
    MAX_BYTES,
    Configuration,
    ConfigurationError,
    apply,
    configuration_paths,
    control_map,
    read_configuration,
    user_folder,
)


def in_range(text: str) -> float:
    """As the command line reads a tempo."""
    number = float(text) if text.replace(".", "").isdigit() else float("nan")
    if not 20 <= number <= 500:
        raise argparse.ArgumentTypeError(f"{text!r}: expected 20 to 500")
    return number


def note(text: str) -> int:
    """A note's name or number."""
    return {"C4": 60}.get(text) or int(text)


def command() -> argparse.ArgumentParser:
    """A parser with every sort of option."""
    parser = argparse.ArgumentParser(exit_on_error=False)
    add = parser.add_argument
    add("--in", dest="input", metavar="NAME")
    add("--tempo", type=in_range)
    add("--seed", type=int, default=0)
    add("--split", type=note)
    add("--mode", choices=("solo", "trade"), default="solo")
    add("--clock-offset-ms", type=int, default=0)
    add("--model", type=Path)
    add("--chart")
    add("--verbose", "-v", action="store_true")
    add("--no-color", action="store_false", dest="color")
    add("--record", action=argparse.BooleanOptionalAction, default=True)
    add("--channels", type=int, nargs="+", default=[1])
    add("--mute-part", action="append")
    add("--list-ports", action="store_true")
    long = parser.add_mutually_exclusive_group()
    long.add_argument("--bars", type=int)
    long.add_argument("--choruses", type=int)
    return parser


def written(folder: Path, text: str, name: str = "live_improv.toml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def parsed(configuration: Configuration, arguments: Sequence[str] = ()) -> argparse.Namespace:
    parser = command()
    apply(parser, configuration, arguments, never=("list_ports",), beside=("chart",))
    return parser.parse_args(arguments)


def said(tmp_path: Path, text: str, *arguments: str) -> argparse.Namespace:
    return parsed(read_configuration([written(tmp_path, text)]), arguments)


def test_flags_win_over_the_folders_file_and_that_over_the_users(tmp_path: Path) -> None:
    paths = configuration_paths(tmp_path / "user", tmp_path / "here")
    written(tmp_path / "user", "tempo = 100\nseed = 1\nmode = 'trade'", "config.toml")
    written(tmp_path / "here", "tempo = 200\nseed = 2")
    options = parsed(read_configuration(paths), ["--seed", "3"])
    assert (options.mode, options.tempo, options.seed) == ("trade", 200.0, 3)


def test_without_files_the_defaults_are_the_parsers(tmp_path: Path) -> None:
    paths = configuration_paths(tmp_path / "nowhere", tmp_path)
    assert parsed(read_configuration(paths)) == command().parse_args([])


def test_every_sort_of_option_can_be_said(tmp_path: Path) -> None:
    options = said(
        tmp_path,
        """
        in = "Keystation"
        tempo = 132.5
        split = "C4"
        clock_offset_ms = -4
        verbose = true
        no-color = true
        record = false
        channels = [2, 3]
        mute-part = ["piano"]
        """,
    )
    assert options.input == "Keystation"
    assert (options.tempo, options.split, options.clock_offset_ms) == (132.5, 60, -4)
    assert (options.verbose, options.color, options.record) == (True, False, False)
    assert (options.channels, options.mute_part) == ([2, 3], ["piano"])


def test_false_leaves_a_switch_off_and_a_flag_turns_it_on(tmp_path: Path) -> None:
    options = said(tmp_path, "verbose = false\nno-color = false\nno-record = true", "-v")
    assert (options.verbose, options.color, options.record) == (True, True, False)


def test_flags_replace_a_list(tmp_path: Path) -> None:
    options = said(tmp_path, 'mute-part = ["piano"]\nchannels = [2]', "--mute-part", "bass")
    assert (options.mute_part, options.channels) == (["bass"], [2])


def test_dash_and_underscore_are_the_same_and_a_byte_order_mark_is_none(tmp_path: Path) -> None:
    options = said(tmp_path, "\ufeffclock-offset-ms = 5")
    assert options.clock_offset_ms == 5


def test_a_path_is_relative_to_its_file(tmp_path: Path) -> None:
    written(tmp_path, "C | F |", "blues.txt")
    options = said(tmp_path, 'model = "nets/mine"\nchart = "blues.txt"')
    assert options.model == tmp_path / "nets" / "mine"
    assert options.chart == str(tmp_path / "blues.txt")
    options = said(tmp_path, 'model = "~/nets"\nchart = "autumn"')
    assert options.model == Path("~/nets").expanduser()
    assert options.chart == "autumn"


@pytest.mark.parametrize("link", ["irealb://" + "x" * 5_000, "irealb:" + "[" * 5_000, "x\0y"])
def test_what_is_no_files_name_stays_as_it_is(tmp_path: Path, link: str) -> None:
    """A link without its slashes was one name too long for the system, found by fuzzing."""
    assert said(tmp_path, f"chart = {json.dumps(link)}").chart == link


def test_a_flag_silences_what_it_excludes(tmp_path: Path) -> None:
    options = said(tmp_path, "choruses = 3", "--bars", "8")
    assert (options.bars, options.choruses) == (8, None)
    assert said(tmp_path, "choruses = 3").choruses == 3


def test_a_stronger_file_silences_what_it_excludes(tmp_path: Path) -> None:
    weak = written(tmp_path / "a", "bars = 8")
    strong = written(tmp_path / "b", "choruses = 3")
    options = parsed(read_configuration([weak, strong]))
    assert (options.bars, options.choruses) == (None, 3)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("tempi = 120", ("tempi: there is no such option", "tempo", "mode", "[controls]")),
        ("list-ports = true", ("list-ports: there is no such option",)),
        ("help = true", ("help: there is no such option",)),
        ("[play]\ntempo = 1", ("play: there is no such option",)),
        ("tempo = 0", ("tempo: '0': expected 20 to 500",)),
        ("tempo = -1", ("tempo: '-1': expected 20 to 500",)),
        ("tempo = 1e9", ("tempo: '1000000000.0': expected 20 to 500",)),
        ("tempo = inf", ("tempo: 'inf': expected 20 to 500",)),
        ("tempo = nan", ("tempo: 'nan': expected 20 to 500",)),
        ("tempo = true", ("tempo: True: expected a number",)),
        ('tempo = "120"', ("tempo: '120': expected a number, without quotes",)),
        ('tempo = "fast"', ("tempo: 'fast': expected 20 to 500",)),
        ("tempo = [120]", ("tempo: [120]: expected a number",)),
        ("tempo = 1979-05-27", ("tempo: datetime.date(1979, 5, 27): expected a number",)),
        ("tempo = {a = 1}", ("tempo: {'a': 1}: expected a number",)),
        ('seed = "x"', ("seed: 'x': expected a whole number",)),
        ("seed = 1.5", ("seed: 1.5: expected a whole number",)),
        ("mode = 'loud'", ("mode: 'loud': expected one of solo, trade",)),
        ("in = 3", ("in: 3: expected text, in quotes",)),
        ("model = 3", ("model: 3: expected text, in quotes",)),
        ("verbose = 1", ("verbose: 1: expected true or false",)),
        ('record = "no"', ("record: 'no': expected true or false",)),
        ("channels = 2", ("channels: 2: expected a list, in brackets",)),
        ("channels = [2, 'x']", ("channels: 'x': expected a whole number",)),
        ("bars = 8\nchoruses = 2", ("choruses: excludes bars",)),
        ("clock-offset-ms = 1\nclock_offset_ms = 2", ("there twice, also as clock-offset-ms",)),
        ("controls = 3", ("controls: expected a table",)),
        ("tempo = ", ("not TOML: Invalid value",)),
        ("tempo = 1\ntempo = 2", ("not TOML: Cannot overwrite a value",)),
        ("seed = " + "9" * 5_000, ("not TOML",)),
        ("seed = " + "[" * 20_000, ("not TOML",)),
        ("seed = 1 #" + " " * MAX_BYTES, ("larger than 64 kB",)),
        (f'mode = "{"x" * 60_000}"', ("mode: 'xxx", "expected one of solo, trade")),
        (f"{'x' * 60_000} = 1", ("there is no such option",)),
    ],
    ids=lambda each: each[:30] if isinstance(each, str) else "",
)
def test_a_fault_is_one_line_with_file_key_and_what_is_valid(
    tmp_path: Path, text: str, says: tuple[str, ...]
) -> None:
    with pytest.raises(ConfigurationError) as fault:
        said(tmp_path, text)
    line = str(fault.value)
    assert line.startswith(str(tmp_path / "live_improv.toml") + ": ")
    assert all(part in line for part in says), line
    assert "\n" not in line
    assert len(line) < 1_000


def test_a_fault_in_a_file_is_told_even_where_a_flag_wins(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="tempo"):
        said(tmp_path, "tempo = 0", "--tempo", "100")


def test_bytes_that_are_no_utf_8_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "live_improv.toml"
    path.write_bytes(b'in = "M\xfcller"')
    with pytest.raises(ConfigurationError, match=r"live_improv.toml: not UTF-8 \(byte 8\)"):
        read_configuration([path])


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "live_improv.toml").mkdir()
    with pytest.raises(ConfigurationError, match="expected a file"):
        read_configuration([tmp_path / "live_improv.toml"])


def test_controls_are_laid_over_the_default_map(tmp_path: Path) -> None:
    user = written(
        tmp_path / "u", '[controls]\nswing = "cc 21"\nclock-offset-ms = "cc 102"', "config.toml"
    )
    here = written(
        tmp_path, 'seed = 4\n[controls]\nmute = "note 36 channel 10"\nswing = "cc 74"\nquit="none"'
    )
    configuration = read_configuration([user, here])
    assert parsed(configuration).seed == 4
    bound = control_map(configuration)
    assert bound.to_dict() == DEFAULT_MAP.to_dict() | {
        "clock_offset_ms": "cc 102",
        "mute": "note 36 channel 10",
        "swing": "cc 74",
    }
    assert control_map(read_configuration([user])).binding("density") is None  # its cc 21 is taken
    assert control_map(read_configuration([])) == DEFAULT_MAP


def test_a_stronger_file_takes_a_knob_from_a_control_of_a_weaker_one(tmp_path: Path) -> None:
    weak = written(tmp_path / "a", '[controls]\nswing = "cc 74"')
    strong = written(tmp_path / "b", '[controls]\nmode = "cc 74 channel 2"')
    bound = control_map(read_configuration([weak, strong]))
    assert (bound.binding("swing"), str(bound.binding("mode"))) == (None, "cc 74 channel 2")


def test_none_takes_a_controls_knob_away(tmp_path: Path) -> None:
    configuration = read_configuration([written(tmp_path, '[controls]\npanic = "none"')])
    assert control_map(configuration).binding("panic") is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('volume = "cc 7"', ("controls.volume", "'volume'", "temperature")),
        ("swing = 21", ("controls.swing: expected text, such as 'cc 21'",)),
        ('swing = "21"', ("controls.swing: '21': expected something like 'cc 21'",)),
        ('swing = "cc 123"', ("controls.swing: cc 123: expected 0 to 119",)),
        ('swing = "cc 7"\nmute = "cc 7 channel 2"', ("controls.mute", "turns swing already")),
    ],
)
def test_a_wrong_control_is_refused(tmp_path: Path, text: str, says: tuple[str, ...]) -> None:
    configuration = read_configuration([written(tmp_path, f"[controls]\n{text}")])
    with pytest.raises(ConfigurationError) as fault:
        control_map(configuration)
    assert all(part in str(fault.value) for part in (*says, "live_improv.toml"))


@pytest.mark.parametrize(
    ("platform", "environ", "folder"),
    [
        ("linux", {}, "/home/ann/.config/live_improv"),
        ("linux", {"XDG_CONFIG_HOME": "/etc/ann"}, "/etc/ann/live_improv"),
        ("linux", {"XDG_CONFIG_HOME": "ann"}, "/home/ann/.config/live_improv"),
        ("darwin", {}, "/home/ann/Library/Application Support/live_improv"),
        ("win32", {"APPDATA": "/roaming"}, "/roaming/live_improv"),
        ("win32", {}, "/home/ann/AppData/Roaming/live_improv"),
    ],
)
def test_the_users_folder_is_where_the_system_has_it(
    platform: str, environ: dict[str, str], folder: str
) -> None:
    assert user_folder(platform, environ, Path("/home/ann")) == Path(folder)
