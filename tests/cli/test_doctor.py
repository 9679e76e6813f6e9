"""The command `doctor`: its lines, its exit code, what it leaves behind."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from live_improv.runtime.doctor import examination
from live_improv.runtime.doctor.asking import Asked, Check
from live_improv.runtime.doctor.findings import Finding, Level
from live_improv.runtime.doctor.plan import Plan
from tests.cli.conftest import Command
from tests.conftest import ROOT


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Plan]:
    """The plans that are asked about; no process is started, and everything is well."""
    plans: list[Plan] = []

    def examine(plan: Plan) -> Iterator[Finding]:
        plans.append(plan)
        yield Finding(Level.OK, "model", "well")

    monkeypatch.setattr(examination, "examine", examine)
    return plans


def test_everything_is_well(command: Command, asked: list[Plan]) -> None:
    ran = command("doctor", "--port", "IAC", "--in", "key", "--seconds", "2")
    assert ran.code == 0
    assert asked == [Plan(2.0, "IAC", "key", False, "takes", None)]
    *lines, last = ran.out.splitlines()
    assert last.startswith("it can play")
    assert lines[0].split()[1] == "Python"
    assert any("model" in line for line in lines)
    assert all(line.isprintable() for line in ran.out.splitlines())


def test_what_is_wrong_is_in_the_exit_code(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = Finding(Level.WRONG, "MIDI\x1b[2J", "nothing answers", "start something")
    monkeypatch.setattr(examination, "examine", lambda _plan: iter([wrong]))
    ran = command("doctor")
    assert ran.code == 2
    assert "WRONG  MIDI [2J" in ran.out
    assert "nothing answers: start something" in ran.out
    assert ran.out.splitlines()[-1].startswith("1 thing keeps it from playing")


def test_the_home_folder_is_not_shown(
    command: Command, asked: list[Plan], user_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = user_folder.parent
    (user_folder / "config.toml").write_text("tempo = 500.5\n")
    monkeypatch.chdir(home)
    ran = command("doctor")
    assert ran.code == 2
    assert str(home) not in ran.out
    assert "~/live_improv/config.toml" in ran.out
    assert "tempo" in ran.out


def test_what_the_configuration_says_is_looked_at(
    command: Command, asked: list[Plan], tmp_path: Path
) -> None:
    (tmp_path / "live_improv.toml").write_text(
        'port = "IAC"\nin = "key"\nclock = "midi"\nno-take = true\nmodel = "mine"\n'
    )
    ran = command("doctor", "--in", "other")
    assert "live_improv.toml can be read" in ran.out
    (plan,) = asked
    assert (plan.port, plan.player_in, plan.waits_for_clock) == ("IAC", "other", True)
    assert plan.takes is None
    assert plan.model is not None
    assert plan.model.endswith("mine")


@pytest.mark.parametrize(
    "text", ["port = ", "nonsense = 1\n", "tempo = 0\n", "\x00", "[controls]\nwings = 'cc 1'\n"]
)
def test_a_configuration_that_cannot_be_used_keeps_it_from_playing(
    command: Command, asked: list[Plan], tmp_path: Path, text: str
) -> None:
    (tmp_path / "live_improv.toml").write_text(text)
    ran = command("doctor")
    assert ran.code == 2
    (line,) = (line for line in ran.out.splitlines() if line.startswith("WRONG"))
    assert "live_improv.toml" in line
    assert asked == [Plan(takes="takes")], "the rest is looked at all the same"


def test_what_has_been_learned_is_read_and_stays_where_it_is(
    command: Command, asked: list[Plan], user_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The configuration's folder alone; `command` wants it empty at first.
    learned = user_folder / "learned.json"
    learned.write_text('{"controls": {"mute": "cc 300"}}')
    ran = command("doctor")
    assert ran.code == 0
    (line,) = (line for line in ran.out.splitlines() if "MIDI learn" in line)
    assert line.startswith("note")
    assert list(user_folder.iterdir()) == [learned]
    learned.write_text('{"controls": {"mute": "cc 30"}}')
    assert "learned.json can be read" in command("doctor").out


def test_a_configuration_that_does_not_come_is_not_waited_for(
    command: Command, asked: list[Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("live_improv.runtime.doctor.asking.within", lambda _seconds, _look: None)
    ran = command("doctor")
    assert ran.code == 2
    assert "not read in 5 s" in ran.out


@pytest.mark.parametrize("arguments", [["--seconds", "0"], ["--seconds", "x"], ["--loud"]])
def test_options_that_cannot_be(command: Command, arguments: list[str]) -> None:
    command("doctor", *arguments).one_line(2)


def test_an_interruption_ends_what_runs(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Asked] = []

    @contextmanager
    def ask(check: Check, plan: Plan) -> Iterator[Asked]:
        code = "import time; time.sleep(60)"
        with Asked(check, plan, (sys.executable, "-c", code)) as asked:
            begun.append(asked)
            raise KeyboardInterrupt

    whole = examination.examine
    monkeypatch.setattr(examination, "examine", lambda plan: whole(plan, ask))
    assert command("doctor").code == 130
    assert [asked._process.returncode is not None for asked in begun] == [True]


@pytest.mark.realtime
def test_the_whole_of_it_in_a_folder_that_stays_empty(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "live_improv", "doctor", "--seconds", "0.5"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert ran.returncode in (0, 2), "whether there is MIDI here is not known"
    assert (ran.returncode == 2) is ("\nWRONG" in ran.stdout)
    told = [line[7:22].strip() for line in ran.stdout.splitlines()[:-1]]
    for what in ("Python", "packages", "system", "configuration", "model", "charts", "takes"):
        assert what in told
    for what in ("MIDI systems", "BLAS threads", "priority", "lateness"):
        assert what in told
    assert all(line.isprintable() for line in ran.stdout.splitlines())
    assert "Traceback" not in ran.stdout + ran.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.realtime
def test_it_comes_where_nothing_is_installed(tmp_path: Path) -> None:
    broken = tmp_path / "modules"
    for package in ("numpy", "mido", "rtmidi", "miniaudio", "websockets"):
        (broken / package).mkdir(parents=True)
        (broken / package / "__init__.py").write_text("raise ImportError('cannot be loaded')")
    here = tmp_path / "here"
    here.mkdir()
    ran = subprocess.run(
        [sys.executable, "-P", "-m", "live_improv", "doctor", "--seconds", "0.5"],
        cwd=here,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(broken), str(ROOT)])},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert ran.returncode == 2
    assert "Traceback" not in ran.stdout + ran.stderr
    wrong = [line for line in ran.stdout.splitlines() if line.startswith("WRONG")]
    assert [line[7:22].strip() for line in wrong] == ["model", "MIDI systems", "MIDI ports"]
    assert all("cannot be loaded" in line and "install live_improv" in line for line in wrong)
