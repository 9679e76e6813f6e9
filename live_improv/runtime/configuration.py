"""Configuration files: TOML that says what a command's options are when no flag says so.

Conventions
    A flag wins over `live_improv.toml` in the current folder, which wins over `config.toml` in the
    user's. A key is the long name of an option, with - or _; the table `[controls]` says which knob
    or pad turns which control, as `temperature = "cc 21 channel 3"` or `panic = "none"`.

        tempo = 132
        clock-offset-ms = -4
        in = "Keystation"
        model = "models/mine"

        [controls]
        density = "cc 21"

    Files are read only; what the program learns is written elsewhere (`runtime/learned.py`).
"""

from __future__ import annotations

import argparse
import os
import sys
import tomllib
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from live_improv.performance.bindings import DEFAULT_MAP, Binding, ControlMap
from live_improv.performance.controls import ControlError, control

LOCAL_NAME, USER_NAME = "live_improv.toml", "config.toml"
MAX_BYTES = 64 * 1024
"""A larger file is none of ours."""

CONTROLS_TABLE = "controls"
_FOLDER = "live_improv"
_LONGEST_REASON = 600
_EXPECTED: dict[object, str] = {int: "a whole number", float: "a number"}


class ConfigurationError(ValueError):
    """A file that cannot be read, or says something that cannot be; one line with file and key."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a file: the key as written there, and its value as TOML has it."""

    file: Path
    key: str
    value: object

    def error(self, reason: str) -> ConfigurationError:
        """The error that this entry is, in one line."""
        return _error(self.file, f"{_short(self.key, 60)}: {reason}")


@dataclass(frozen=True, slots=True)
class Configuration:
    """What all files say together, from the weakest to the strongest.

    Attributes:
        options: by the name of the option, with underscores.
        controls: by the name of the control, from the table `[controls]`.
    """

    options: Mapping[str, Entry]
    controls: Mapping[str, Entry]


def user_folder(
    platform: str = sys.platform,
    environ: Mapping[str, str] = os.environ,
    home: Path | None = None,
) -> Path:
    """Where this user's configuration is, whether or not it exists.

    `Library/Application Support` on macOS, `%APPDATA%` on Windows; elsewhere `XDG_CONFIG_HOME`, if
    it is absolute, or `~/.config` (XDG Base Directory Specification).
    """
    at_home = Path(os.path.expanduser("~")) if home is None else home
    if platform == "darwin":
        return at_home / "Library" / "Application Support" / _FOLDER
    if platform == "win32":
        given = environ.get("APPDATA")
        return (Path(given) if given else at_home / "AppData" / "Roaming") / _FOLDER
    base = Path(environ.get("XDG_CONFIG_HOME", ""))
    return (base if base.is_absolute() else at_home / ".config") / _FOLDER


def configuration_paths(folder: Path | None = None, here: Path | None = None) -> list[Path]:
    """The files that count, the weakest first; they need not exist.

    Args:
        folder: instead of the user's.
        here: instead of the current folder.
    """
    return [(folder or user_folder()) / USER_NAME, (here or Path()) / LOCAL_NAME]


def read_configuration(paths: Sequence[Path]) -> Configuration:
    """What the files say, the weakest first. One that does not exist says nothing.

    Raises:
        ConfigurationError: a file cannot be read or is not TOML, or has a key twice.
    """
    options: dict[str, Entry] = {}
    controls: dict[str, Entry] = {}
    for path in paths:
        table = _read(path)
        said = table.pop(CONTROLS_TABLE, {})
        if not isinstance(said, dict):
            raise _error(path, f"{CONTROLS_TABLE}: expected a table, as [{CONTROLS_TABLE}]")
        _lay_over(options, path, table, "")
        _lay_over(controls, path, said, f"{CONTROLS_TABLE}.")
    return Configuration(options, controls)


def control_map(configuration: Configuration, base: ControlMap = DEFAULT_MAP) -> ControlMap:
    """The map that `[controls]` asks for, laid over `base`.

    Raises:
        ConfigurationError: there is no such control or binding, or a file binds one knob twice.
    """
    laid, taken = base, dict[str, Entry]()
    for name, entry in configuration.controls.items():
        try:
            binding = _binding(name, entry)
            for other, before in taken.items():
                held = laid.binding(other)
                same_file = before.file == entry.file
                if same_file and binding and held and held.overlaps(binding):
                    raise entry.error(f"{entry.value!r} turns {other} already")
            laid = laid.with_binding(name, binding)
        except ControlError as error:
            raise entry.error(_short(str(error))) from None
        taken[name] = entry
    return laid


def apply(
    parser: argparse.ArgumentParser,
    configuration: Configuration,
    arguments: Sequence[str] = (),
    *,
    never: Collection[str] = (),
    beside: Collection[str] = (),
) -> None:
    """Make what the files say the defaults of `parser`, each value checked as its flag's is.

    A path is relative to the folder of the file that names it. Of options that exclude each other,
    a flag silences those in files, and a stronger file those of a weaker one.

    Args:
        parser: of the command; call its `parse_args` with the same arguments afterwards.
        arguments: the flags that will be parsed.
        never: names of options that make no sense in a file, such as `list_ports`.
        beside: names of options that are text but may mean a file, such as `chart`: if there is one
            of that name beside the configuration, it is meant.

    Raises:
        ConfigurationError: an unknown key, a value of the wrong type or out of range, two options
            of one file that exclude each other.
    """
    actions = _actions(parser, never)
    chosen: dict[str, tuple[Entry, object]] = {}
    for name, entry in configuration.options.items():
        action = actions.get(name)
        if action is None:
            known = ", ".join(sorted(name.replace("_", "-") for name in actions))
            raise entry.error(f"there is no such option; there are {known}, and [controls]")
        value = _value(action, name, entry)
        if name in beside and isinstance(value, str):
            with suppress(OSError, ValueError):  # a link may be longer than any file's name
                near = entry.file.parent / value
                value = str(near) if near.is_file() else value
        chosen[action.dest] = (entry, value)
    given = _given(parser, arguments) if chosen else set()
    for group in parser._mutually_exclusive_groups:
        dests = [action.dest for action in group._group_actions]
        if given.intersection(dests):
            chosen = {dest: each for dest, each in chosen.items() if dest not in dests}
        rivals = [dest for dest in chosen if dest in dests]  # the strongest file's are last
        for dest in rivals[:-1]:
            weaker, strongest = chosen.pop(dest)[0], chosen[rivals[-1]][0]
            if weaker.file == strongest.file:
                raise strongest.error(f"excludes {weaker.key}; leave out one of them")
    parser.set_defaults(**{d: value for d, (_, value) in chosen.items() if d not in given})


def _read(path: Path) -> dict[str, object]:
    try:
        if not path.exists():
            return {}
        if not path.is_file():
            raise _error(path, "expected a file")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise _error(path, f"larger than {MAX_BYTES // 1024} kB: this is no configuration")
        return tomllib.loads(data.decode("utf-8-sig"))
    except OSError as error:
        raise _error(path, error.strerror or str(error)) from None
    except UnicodeDecodeError as error:
        raise _error(path, f"not UTF-8 (byte {error.start + 1})") from None
    except RecursionError:
        raise _error(path, "not TOML that we read: nested too deeply") from None
    except ConfigurationError:
        raise
    except ValueError as error:  # TOMLDecodeError, and numbers of thousands of digits
        raise _error(path, f"not TOML: {error}") from None


def _lay_over(
    below: dict[str, Entry], path: Path, table: Mapping[str, object], prefix: str
) -> None:
    """Put a file's entries over what weaker files say; the stronger come last."""
    for key, value in table.items():
        name = key.replace("-", "_")
        entry = Entry(path, prefix + key, value)
        before = below.pop(name, None)
        if before is not None and before.file == path:
            raise entry.error(f"there twice, also as {before.key}")
        below[name] = entry


def _binding(name: str, entry: Entry) -> Binding | None:
    control(name)
    if not isinstance(entry.value, str):
        raise entry.error("expected text, such as 'cc 21', 'note 36 channel 10' or 'none'")
    return None if entry.value == "none" else Binding.parse(entry.value)


def _actions(parser: argparse.ArgumentParser, never: Collection[str]) -> dict[str, argparse.Action]:
    """The options that a file may set, by their long names with underscores."""
    asking = (argparse._HelpAction, argparse._VersionAction)
    found = {}
    for text, action in parser._option_string_actions.items():
        name = text[2:].replace("-", "_")
        if text.startswith("--") and not isinstance(action, asking) and name not in never:
            found[name] = action
    return found


def _value(action: argparse.Action, name: str, entry: Entry) -> object:
    """What the flag would have made of the value."""
    value = entry.value
    if action.nargs == 0 or isinstance(action, argparse.BooleanOptionalAction):
        if not isinstance(value, bool):
            raise entry.error(f"{_short(repr(value))}: expected true or false")
        if isinstance(action, argparse.BooleanOptionalAction):
            return value is not name.startswith("no_")
        return action.const if value else not action.const
    if action.nargs is None and not isinstance(action, argparse._AppendAction):
        return _one(action, entry, value)
    if not isinstance(value, list):
        raise entry.error(f"{_short(repr(value))}: expected a list, in brackets")
    return [_one(action, entry, each) for each in value]


def _one(action: argparse.Action, entry: Entry, value: object) -> object:
    shown = _short(repr(value))
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise entry.error(f"{shown}: expected a number, or text in quotes")
    text = value if isinstance(value, str) else repr(value)
    try:
        made = action.type(text) if callable(action.type) else text
    except argparse.ArgumentTypeError as error:
        raise entry.error(_short(str(error))) from None
    except (ValueError, TypeError) as error:
        said = str(error) if type(error).__module__.startswith("live_improv.") else ""
        expected = _EXPECTED.get(action.type, "another value")
        raise entry.error(_short(said) or f"{shown}: expected {expected}") from None
    if isinstance(made, str | Path) and not isinstance(value, str):
        raise entry.error(f"{shown}: expected text, in quotes")
    if isinstance(made, int | float) and isinstance(value, str) and _is_number(value):
        raise entry.error(f"{shown}: expected a number, without quotes")
    if action.choices is not None and made not in action.choices:
        raise entry.error(f"{shown}: expected one of {', '.join(map(str, action.choices))}")
    return entry.file.parent / made.expanduser() if isinstance(made, Path) else made


def _given(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> set[str]:
    """The options that the arguments set themselves."""
    # Where an attribute is there already, argparse does not put a default in.
    unset = argparse.Namespace(**{action.dest: None for action in parser._actions})
    parsed, _ = parser.parse_known_args(arguments, unset)
    return {name for name, value in vars(parsed).items() if value is not None}


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _short(text: str, most: int = 120) -> str:
    return text if len(text) <= most else f"{text[:most]}..."


def _error(path: Path, reason: str) -> ConfigurationError:
    return ConfigurationError(f"{path}: {_short(reason, _LONGEST_REASON)}")
