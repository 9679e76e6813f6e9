"""Configuration files, read for the command that plays, and what MIDI learn keeps."""

from __future__ import annotations

import argparse
from pathlib import Path

from live_improv.cli import playing
from live_improv.runtime.configuration import (
    ConfigurationError,
    apply,
    control_map,
    read_configuration,
)
from live_improv.runtime.learned import read_learned
from tests.fuzz.seeds.settings import (
    CONFIGURATION_TOKENS,
    CONFIGURATIONS,
    LEARNED,
    LEARNED_TOKENS,
)
from tests.fuzz.target import Target, refused


def config(folder: Path) -> Target:
    """A configuration file, up to the options that the command has then."""
    path = folder / "live_improv.toml"
    parser = argparse.ArgumentParser(exit_on_error=False)
    playing.add_options(parser)
    first = {action: action.default for action in parser._actions}

    def read(data: bytes) -> bool:
        path.write_bytes(data)
        for action, default in first.items():
            action.default = default
        try:
            configuration = read_configuration([path])
            apply(parser, configuration, (), never=playing.NOT_IN_FILES, beside=("chart",))
            map_of_all = control_map(configuration)
        except ConfigurationError as error:
            return refused(error, str(path))
        options = parser.parse_args([])
        assert options.tempo is None or 20 <= options.tempo <= 500
        for name, entry in configuration.controls.items():
            assert (map_of_all.binding(name) is None) == (entry.value == "none")
        return True

    return Target(read, CONFIGURATIONS, CONFIGURATION_TOKENS)


def learned(folder: Path) -> Target:
    """What MIDI learn keeps; a file with faults is moved aside and what is right in it used."""
    path = folder / "learned.json"

    def read(data: bytes) -> bool:
        path.write_bytes(data)
        found = read_learned(path)
        aside = path.with_name("learned.json.bad")
        if found.warning is None:
            assert path.read_bytes() == data
            return True
        assert aside.read_bytes() == data, "what was learned is lost"
        aside.unlink()
        return refused(ConfigurationError(found.warning))

    return Target(read, LEARNED, LEARNED_TOKENS)
