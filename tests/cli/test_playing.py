"""Playing from the command line: what it plays, what it says, and how it refuses."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest

from live_improv import model_folder, offline
from live_improv.grammar.vocabulary import Vocabulary
from live_improv.midi import ports
from live_improv.midi.codec import to_message
from live_improv.midi.port_names import (
    MidiUnavailable,
    PortAmbiguous,
    PortInUse,
    PortNotFound,
)
from live_improv.midi.ports import Ports
from live_improv.model_folder import context_sizes
from live_improv.music.events import ControlChange
from live_improv.performance.constraints import CONSTRAINTS
from live_improv.performance.ensemble import ALL_NOTES_OFF
from live_improv.repertoire import read_chart
from live_improv.runtime import gear
from tests.cli.conftest import Command, Rig, messages
from tests.conftest import ROOT
from tests.small_nets import random_weights


@pytest.mark.usefixtures("quick")
def test_a_solo_in_a_file(command: Command, tmp_path: Path) -> None:
    ran = command("--offline", "solo.mid")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("solo.mid: ")
    assert len(ran.out.splitlines()) == 1
    path = tmp_path / "solo.mid"
    assert [each.name for each in tmp_path.iterdir()] == ["solo.mid"]
    ons = messages(path, 1, "note_on")
    assert f" {len(ons)} notes" in ran.out
    # Two choruses of the blues in F, with the symbols of the chart over them.
    changes = read_chart("blues_in_f")
    markers = [(at, message.text) for at, message in messages(path, 0, "marker")]
    assert markers == [
        (chorus + span.start, span.chord.symbol)
        for chorus in (0, changes.length)
        for span in changes.chords
    ]
    assert messages(path, 1, "end_of_track")[0][0] == 2 * changes.length
    assert all(52 <= message.note <= 80 for _, message in ons)
    assert len({message.velocity for _, message in ons}) > 5
    assert [message.program for _, message in messages(path, 1, "program_change")] == [65]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("arguments", "low", "high", "program"),
    [
        (("--instrument", "trumpet"), 55, 89, 56),
        (("--instrument", "TS"), 45, 82, 66),  # as the Weimar Jazz Database has it
        (("--instrument", "guitar", "--program", "27"), 49, 78, 27),
        (("--instrument", "vibes", "--high", "70"), 55, 70, 11),
        (("--low", "60"), 60, 80, 65),
    ],
)
def test_an_instrument_brings_its_range_and_sound(
    command: Command, tmp_path: Path, arguments: tuple[str, ...], low: int, high: int, program: int
) -> None:
    ran = command("--offline", "x.mid", "--bars", "24", *arguments)
    assert (ran.code, ran.err) == (0, "")
    pitches = [message.note for _, message in messages(tmp_path / "x.mid", 1, "note_on")]
    assert low <= min(pitches) <= max(pitches) <= high
    (sound,) = messages(tmp_path / "x.mid", 1, "program_change")
    assert sound[1].program == program


@pytest.mark.usefixtures("quick")
def test_a_constraint_is_switched_off(command: Command, tmp_path: Path) -> None:
    def notes(*arguments: str) -> list[tuple[int, int]]:
        assert command("--offline", "x.mid", "--bars", "16", *arguments).code == 0
        found = messages(tmp_path / "x.mid", 1, "note_on")
        (tmp_path / "x.mid").unlink()
        return [(at, message.note) for at, message in found]

    assert notes() == notes()
    assert notes("--without", "all") != notes()
    # Without it a line begins on the first beat.
    strict = ("--laid-back", "0", "--loose", "0")
    assert notes("--without", "all", *strict)[0][0] == 0
    line = command("--without", "repeats,wings").one_line(2)
    assert "constraint 'wings'" in line
    assert "expected one of repeats" in line


@pytest.fixture
def mannered(tmp_path: Path) -> Path:
    """The folder of a small model of two manners."""
    shape = context_sizes(6, 5, 4, manners=2)
    model_folder.save(
        tmp_path / "net", random_weights(4, shape=shape), Vocabulary(), "", ("BEBOP", "Bird")
    )
    return tmp_path / "net"


def test_a_manner_is_chosen(command: Command, tmp_path: Path, mannered: Path) -> None:
    def notes(*arguments: str) -> list[tuple[int, Any]]:
        asked = ("--offline", "x.mid", "--bars", "8", "--model", "net", *arguments)
        assert command(*asked).code == 0
        return messages(tmp_path / "x.mid", 1, "note_on")

    bird = notes("--manner", "bird")
    assert bird == notes("--manner", "Bird")
    assert notes() == notes("--manner", "off")
    assert len({str(each) for each in (bird, notes(), notes("--manner", "BEBOP"))}) == 3
    (tmp_path / "live_improv.toml").write_text('manner = "Bird"\n')
    assert bird == notes()


def test_a_manner_that_the_model_does_not_have(command: Command, mannered: Path) -> None:
    line = command("--manner", "Foo", "--model", "net", "--offline", "x.mid").one_line(2)
    assert "no manner 'Foo' in the model net: BEBOP, Bird" in line


def test_the_manners_of_a_model_are_listed(command: Command, mannered: Path) -> None:
    assert command("--list-manners", "--model", "net").out.splitlines() == ["BEBOP", "Bird"]
    shutil.copytree(mannered, mannered.with_name("plain"))
    model_folder.save(mannered.with_name("plain"), random_weights(4), Vocabulary(), "")
    assert command("--list-manners", "--model", "plain").out.startswith("none")


@pytest.mark.usefixtures("quick")
def test_constraints_are_shown(command: Command) -> None:
    ran = command("--list-constraints")
    assert ran.code == 0
    assert [line.split()[0] for line in ran.out.splitlines()] == list(CONSTRAINTS)


@pytest.mark.usefixtures("quick")
def test_the_instrument_of_the_configuration_gives_way_to_a_flag(
    command: Command, tmp_path: Path
) -> None:
    (tmp_path / "live_improv.toml").write_text('instrument = "vibes"\nhigh = 72\n')

    def sound(*arguments: str) -> int:
        assert command("--offline", "x.mid", "--bars", "4", *arguments).code == 0
        ((_, change),) = messages(tmp_path / "x.mid", 1, "program_change")
        assert all(note.note <= 72 for _, note in messages(tmp_path / "x.mid", 1, "note_on"))
        return int(change.program)

    assert sound() == 11
    assert sound("--instrument", "trumpet") == 56
    (tmp_path / "live_improv.toml").write_text('instrument = "kazoo"\n')
    line = command("--offline", "x.mid").one_line(2)
    assert "live_improv.toml" in line
    assert "'kazoo'" in line
    assert "trumpet" in line


@pytest.mark.usefixtures("quick")
def test_what_can_be_asked_for(command: Command, tmp_path: Path) -> None:
    ran = command(
        *("--offline", "x.mid", "--chart", "jazz_waltz", "--tempo", "201.5", "--bars", "7"),
        *("--seed", "5", "--temperature", "0.8", "--channel", "16", "--program", "56"),
        *("--low", "60", "--high", "72"),
    )
    assert (ran.code, ran.err) == (0, "")
    assert "201.5" in ran.out
    assert "seed 5" in ran.out
    path = tmp_path / "x.mid"
    ons = messages(path, 1, "note_on")
    assert all(60 <= message.note <= 72 and message.channel == 15 for _, message in ons)
    assert [m.program for _, m in messages(path, 1, "program_change")] == [56]
    (tempo,) = messages(path, 0, "set_tempo")
    assert tempo[1].tempo == round(60e6 / 201.5)
    (meter,) = messages(path, 0, "time_signature")
    assert (meter[1].numerator, meter[1].denominator) == (3, 4)
    assert messages(path, 1, "end_of_track")[0][0] == 7 * 1440


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("name", ["x.MID", "x.midi", "x"])
def test_a_file_of_notes_may_be_called(command: Command, tmp_path: Path, name: str) -> None:
    assert command("--offline", name, "--bars", "1").code == 0
    assert (tmp_path / name).read_bytes().startswith(b"MThd")


@pytest.mark.usefixtures("quick")
def test_the_same_seed_is_the_same_file(command: Command, tmp_path: Path) -> None:
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        assert command("--offline", f"{name}.mid", "--bars", "6", "--seed", str(seed)).code == 0
    a, b, c = ((tmp_path / f"{name}.mid").read_bytes() for name in "abc")
    assert a == b
    assert a != c
    # In another process too, whatever its hashes are seeded with.
    subprocess.run(
        [sys.executable, "-m", "live_improv", "--offline", "d.mid", "--bars", "6", "--seed", "7"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "99"},
        check=True,
        timeout=120,
        capture_output=True,
    )
    assert (tmp_path / "d.mid").read_bytes() == a


@pytest.mark.usefixtures("quick")
def test_an_old_file_is_replaced_by_a_whole_one(command: Command, tmp_path: Path) -> None:
    (tmp_path / "solo.mid").write_bytes(b"old")
    assert command("play", "--offline", "solo.mid", "--bars", "1").code == 0
    assert (tmp_path / "solo.mid").read_bytes().startswith(b"MThd")
    assert [each.name for each in tmp_path.iterdir()] == ["solo.mid"]


def test_the_charts_are_listed(command: Command) -> None:
    ran = command("--list-charts")
    assert (ran.code, ran.err) == (0, "")
    names = ran.out.split()
    assert len(names) >= 12
    assert names == sorted(path.stem for path in (ROOT / "data" / "charts").glob("*.txt"))


def test_help_names_every_command(command: Command) -> None:
    ran = command("--help")
    assert (ran.code, ran.err) == (0, "")
    for word in ("--port", "--offline", "--chart", "--tempo", "train", "evaluate"):
        assert word in ran.out
    assert "--corpus" in command("train", "--help").out
    assert "--split" in command("evaluate", "--help").out


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("port", ["IAC Bus", "mine"])
def test_live_and_offline_are_one_performance(
    command: Command, rig: Rig, tmp_path: Path, port: str
) -> None:
    arguments = ("--chart", "bossa", "--bars", "8", "--seed", "3", "--tempo", "180")
    ran = command("--port", port, *arguments, "--program", "65")
    assert (ran.code, ran.err) == (0, "")
    made = port == "mine"
    assert rig.opened == ["virtual mine" if made else "open IAC Bus"]
    assert ("virtual port mine" in ran.out) is made
    assert "Ctrl-C" in ran.out
    assert command("--offline", "x.mid", *arguments).code == 0
    kinds = ("program_change", "note_on", "note_off")
    track = mido.MidiFile(tmp_path / "x.mid").tracks[1]
    in_file = [message.copy(time=0) for message in track if message.type in kinds]
    silence = [ControlChange(64, 0), ControlChange(ALL_NOTES_OFF, 0)]
    assert rig.sent[:2] == silence, "somebody may have left notes sounding"
    assert [to_message(event) for event in rig.sent[2:]] == in_file


@pytest.mark.usefixtures("quick")
def test_no_arguments_play_on_a_port_of_our_own_until_it_is_stopped(
    command: Command, rig: Rig, tmp_path: Path
) -> None:
    rig.interrupt_at = 99
    ran = command()
    assert (ran.code, ran.err) == (0, "")
    assert rig.opened == ["virtual live_improv"], "and nothing is listened to"
    assert len(rig.sent) >= 99
    # Nobody's sound is changed unasked.
    assert {type(event).__name__ for event in rig.sent[2:]} == {"NoteOn", "NoteOff"}
    # What was played is kept, and we are told where.
    (take,) = (tmp_path / "takes").iterdir()
    assert [each.name for each in tmp_path.iterdir()] == ["takes"]
    assert f"take: takes/{take.name}" in ran.out.replace("\\", "/")
    ons = messages(take, 1, "note_on")
    # It is stopped while something is being sent, which may be a note of the take.
    assert len(ons) - sum(type(event).__name__ == "NoteOn" for event in rig.sent) in (0, 1)


@pytest.mark.usefixtures("quick")
def test_where_there_is_no_midi_it_says_so_and_writes_a_file(
    command: Command, rig: Rig, tmp_path: Path
) -> None:
    rig.working = []
    (tmp_path / "solo.mid").write_bytes(b"mine")
    ran = command("--bars", "2")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("no MIDI system answers")
    assert (tmp_path / "solo.mid").read_bytes() == b"mine"
    assert messages(tmp_path / "solo-2.mid", 1, "note_on")
    assert "no MIDI system answers" in command("--port", "x", "--bars", "2").one_line(3)


PORT_ERRORS = {
    "in use": (PortInUse("MIDI port 'x' is in use"), 3),
    "not found": (PortNotFound("no MIDI port 'x'"), 3),
    "no midi": (MidiUnavailable("no MIDI here"), 3),
    "ambiguous": (PortAmbiguous("'x' may be a\nor b"), 2),
}


@pytest.mark.usefixtures("quick", "rig")
@pytest.mark.parametrize("name", PORT_ERRORS)
@pytest.mark.parametrize("which", ["--port", "--in", "--clock-in", "--clock-out", "--chord-in"])
def test_a_port_that_cannot_be_had(
    command: Command, monkeypatch: pytest.MonkeyPatch, which: str, name: str, tmp_path: Path
) -> None:
    error, code = PORT_ERRORS[name]
    for kind in ("output", "input"):
        opens = getattr(gear, f"open_steady_{kind}")

        def fails(wanted: str, *rest: object, _opens: Any = opens) -> object:
            if wanted == "x":
                raise error
            return _opens(wanted, *rest)

        monkeypatch.setattr(gear, f"open_steady_{kind}", fails)
    wanted = ("--port", "x") if which == "--port" else ("--port", "y", which, "x")
    line = command(*wanted).one_line(code)
    assert " ".join(str(error).split()) in line
    assert list(tmp_path.iterdir()) == []


def test_ports_are_listed(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    there = Ports("ALSA", ("keys 20:0",), ("synth 128:0", "other 129:0"), virtual_possible=True)
    monkeypatch.setattr(ports, "list_ports", lambda: there)
    ran = command("--list-ports", "--port", "synth")
    assert (ran.code, ran.err) == (0, "")
    assert all(name in ran.out for name in ("ALSA", "keys 20:0", "synth 128:0", "other 129:0"))
    assert "would play to: synth 128:0" in ran.out
    assert "a new virtual port live_improv" in command("--list-ports").out


def chart(text: str | bytes) -> Callable[[Path], list[str]]:
    """Arguments with a chart of this text."""

    def arguments(folder: Path) -> list[str]:
        path = folder / "chart.txt"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return ["--chart", str(path)]

    return arguments


def plain(*arguments: str) -> Callable[[Path], list[str]]:
    """These arguments."""
    return lambda _folder: list(arguments)


def model(change: Callable[[Path], None]) -> Callable[[Path], list[str]]:
    """Arguments with a model folder that was whole before the change."""

    def arguments(folder: Path) -> list[str]:
        path = folder / "model"
        model_folder.save(path, random_weights(0), Vocabulary(), "")
        change(path)
        return ["--model", str(path)]

    return arguments


def another_bit(folder: Path) -> None:
    """Change the weights, not the hash."""
    path = folder / "weights.npz"
    path.write_bytes(path.read_bytes()[:-1] + b"\x7f")


def other_arrays(folder: Path, **changed: Any) -> None:
    """Change an array, and the hash with it."""
    path, packed = folder / "weights.npz", io.BytesIO()
    with np.load(path) as sound:
        np.savez(packed, **{**dict(sound), **changed})
    path.write_bytes(packed.getvalue())
    config = json.loads((folder / "config.json").read_text())
    config["weights"] = hashlib.sha256(packed.getvalue()).hexdigest()
    (folder / "config.json").write_text(json.dumps(config))


BAD: dict[str, tuple[Callable[[Path], list[str]], tuple[str, ...]]] = {
    "unknown symbol": (chart("C7 | Hm7 | F"), ("bar 2", "'Hm7'", "expected")),
    "empty chart": (chart(""), ("no bars",)),
    "a chart of comments": (chart("# nothing\ntitle: x\n"), ("no bars",)),
    "a chart that is not text": (chart(b"MThd\x00\x00\xff\xfe"), ("chart.txt",)),
    "a chart off the grid": (chart("time: 7/32\nC7"), ("twelfths",)),
    "a huge chart": (chart("C |" * 400_000), ("1200000 characters", "at most 200000")),
    "a chart with tempo 0": (chart("tempo: 0\nC7"), ("20 to 500",)),
    "unknown chart": (plain("--chart", "nonsense"), ("'nonsense'", "blues_in_f", "bossa")),
    "a folder for a chart": (plain("--chart", "/"), ("blues_in_f",)),
    "a chart with a nasty name": (plain("--chart", "x\n\x1b[31mred\x07"), ("blues_in_f",)),
    "tempo 0": (plain("--tempo", "0"), ("'0'", "20 to 500")),
    "tempo 10000": (plain("--tempo", "10000"), ("'10000'", "20 to 500")),
    "tempo nan": (plain("--tempo", "nan"), ("20 to 500",)),
    "tempo quick": (plain("--tempo", "quick"), ("'quick'", "20 to 500")),
    "low > high": (plain("--low", "80", "--high", "60"), ("80", "60", "0 to 127")),
    "low > default high": (plain("--low", "100"), ("100", "80")),
    "an instrument that is none": (
        plain("--instrument", "kazoo"),
        ("--instrument", "'kazoo'", "trumpet", "alto", "piano"),
    ),
    "low > an instrument's high": (
        plain("--instrument", "baritone", "--low", "70"),
        ("70", "68"),
    ),
    "low 128": (plain("--low", "128"), ("'128'", "0 to 127")),
    "high -1": (plain("--high", "-1"), ("0 to 127",)),
    "low middle C": (plain("--low", "c4"), ("'c4'", "0 to 127")),
    "temperature 0": (plain("--temperature", "0"), ("0.05 to 4",)),
    "temperature inf": (plain("--temperature", "inf"), ("0.05 to 4",)),
    "bars 0": (plain("--bars", "0"), ("1 to 100000",)),
    "bars 1.5": (plain("--bars", "1.5"), ("'1.5'",)),
    "choruses -1": (plain("--choruses", "-1"), ("1 to 10000",)),
    "bars and choruses": (plain("--bars", "1", "--choruses", "1"), ("--bars", "--choruses")),
    "seed -1": (plain("--seed", "-1"), ("'-1'",)),
    "channel 0": (plain("--channel", "0"), ("1 to 16",)),
    "channel 17": (plain("--channel", "17"), ("1 to 16",)),
    "program 128": (plain("--program", "128"), ("0 to 127",)),
    "notes into a sound file": (plain("--offline", "x.wav"), ("'x.wav'", ".mid or .midi")),
    "sound into a file of notes": (plain("--wav", "x.mid"), ("--wav", "'x.mid'", ".wav")),
    "an ending of an MP3 that is none": (plain("--mp3", "x.ogg"), ("--mp3", "'x.ogg'", ".mp3")),
    "an option that is none": (plain("--loud"), ("--loud",)),
    "a word too many": (plain("loud"), ("loud",)),
    "an option without a value": (plain("--chart"), ("--chart",)),
    "no model": (plain("--model", "nowhere"), ("nowhere", "no folder")),
    "a device for a model": (plain("--model", "/dev/null"), ("/dev/null",)),
    "a file for a model": (plain("--model", "out.mid"), ("out.mid", "model folder")),
    "a keras file": (plain("--model", "net.keras"), ("net.keras", "model folder")),
    "a wrong hash": (model(another_bit), ("hash", "weights")),
    "a wrong shape": (
        model(lambda folder: other_arrays(folder, bias=np.zeros(4, np.float16))),
        ("weights.npz", "bias", "expected float16"),
    ),
    "a pickled array": (
        model(lambda folder: other_arrays(folder, bias=np.array([{}] * 33, object))),
        ("weights.npz", "allow_pickle=False"),
    ),
    "not a number": (
        model(lambda folder: other_arrays(folder, bias=np.full(33, np.nan, np.float16))),
        ("weights.npz", "finite"),
    ),
    "a file missing": (
        model(lambda folder: (folder / "values.json").unlink()),
        ("values.json", "No such file"),
    ),
}


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line_and_nothing_is_written_over(
    command: Command, tmp_path: Path, name: str
) -> None:
    make, parts = BAD[name]
    arguments = make(tmp_path)
    out = tmp_path / "out.mid"
    out.write_bytes(b"what I played last night")
    before = {each.name for each in tmp_path.iterdir()}
    line = command("--offline", out, *arguments).one_line(2)
    for part in parts:
        assert part in line
    assert out.read_bytes() == b"what I played last night"
    assert {each.name for each in tmp_path.iterdir()} == before


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("target", ["nowhere/x.mid", ".", "", "file/x.mid", "x" * 300 + ".mid"])
def test_a_place_where_no_file_can_be(command: Command, tmp_path: Path, target: str) -> None:
    (tmp_path / "file").write_bytes(b"a file")
    line = command("--bars", "1", "--offline", target).one_line(2)
    assert "cannot write" in line
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


@pytest.mark.usefixtures("quick")
def test_a_bad_place_is_told_before_the_work_is_done(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offline, "run", lambda *_arguments: 1 / 0)
    assert "cannot write" in command("--offline", "nowhere/x.mid").one_line(2)


@pytest.mark.usefixtures("quick")
def test_an_interrupted_take_is_not_written(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def interrupted(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(offline, "run", interrupted)
    (tmp_path / "out.mid").write_bytes(b"mine")
    ran = command("--offline", "out.mid")
    assert (ran.code, ran.out, ran.err) == (130, "", "")
    assert (tmp_path / "out.mid").read_bytes() == b"mine"
    assert [each.name for each in tmp_path.iterdir()] == ["out.mid"]


@pytest.mark.usefixtures("quick")
def test_a_fault_of_the_program_is_not_hidden(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offline, "run", lambda *_arguments: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        command("--offline", "out.mid")
