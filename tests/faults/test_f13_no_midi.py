"""F13: no MIDI is to be had: a port in use or gone, no backend, no libasound, no ports at all.

Whatever is the matter, playing live is one line with the cause and the way out, exit code 3 and no
traceback; the doctor says the same; playing into a file works. Real processes, which find the
module rtmidi of the case in front of the real one.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import mido
import pytest

from live_improv.runtime.doctor.asking import Asked
from live_improv.runtime.doctor.examination import LISTENING, SYSTEMS
from live_improv.runtime.doctor.findings import Level
from live_improv.runtime.doctor.plan import Plan
from tests.conftest import ROOT

_SCRIPTED = """
import sys
from tests.fake_rtmidi import ALSA, JACK, WINDOWS, FakeRtMidi
fake = FakeRtMidi({compiled}, {working}, {names})
{more}
sys.modules[__name__] = fake
"""


@dataclass(frozen=True, slots=True)
class Case:
    """What is the matter with MIDI.

    Attributes:
        rtmidi: the source of the module.
        port: what is asked for.
        cause, remedy: words of the line.
        answers: some MIDI system does; where none does, playing to no port in particular goes
            into a file.
    """

    rtmidi: str
    cause: str
    remedy: str
    port: str = "Synth"
    answers: bool = True


def scripted(
    compiled: str = "[ALSA]", working: str = "[ALSA]", names: str = "['Synth']", more: str = ""
) -> str:
    """The source of a module rtmidi that behaves so."""
    return _SCRIPTED.format(compiled=compiled, working=working, names=names, more=more)


CASES = {
    "in use": Case(
        scripted("[WINDOWS]", "[WINDOWS]", "['Synth 0']", "fake.busy = {'Synth 0'}"),
        "in use by another program",
        "close that, or choose another port",
    ),
    "gone while it is opened": Case(
        scripted(more="fake.vanishing = True"), "has just gone", "plug it in again"
    ),
    "several of that name": Case(
        scripted(names="['Synth 1', 'Synth 2']"), "could be any of", "Synth 1, Synth 2"
    ),
    "no backend": Case(scripted("[]", "[]"), "no MIDI system answers", "--offline", answers=False),
    "no server": Case(
        scripted("[ALSA, JACK]", "[]"), "no MIDI system answers", "JACK", answers=False
    ),
    "no libasound": Case(
        "raise ImportError('libasound.so.2: cannot open shared object file: No such file')",
        "libasound.so.2: cannot open shared object file",
        "install libasound2",
        answers=False,
    ),
    "no ports, and none can be made": Case(
        scripted("[WINDOWS]", "[WINDOWS]", "[]"),
        "no MIDI port is called 'Synth'",
        "there are: none",
    ),
    "a virtual port is refused": Case(
        scripted(names="[]", more="fake.no_virtual = True"),
        "cannot make a virtual MIDI port",
        "too long?",
    ),
}
# A name that could mean several ports is an option that cannot be used; see `cli._exit_code`.
EXIT_CODES = {name: 2 if name == "several of that name" else 3 for name in CASES}

Play = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Case], Play]:
    """Takes MIDI away; the result runs the program, in an empty folder."""

    def take_away(case: Case) -> Play:
        (tmp_path / "modules" / "rtmidi").mkdir(parents=True)
        (tmp_path / "modules" / "rtmidi" / "__init__.py").write_text(case.rtmidi)
        here = tmp_path / "here"
        here.mkdir()
        places = os.pathsep.join([str(tmp_path / "modules"), str(ROOT)])
        monkeypatch.setenv("PYTHONPATH", places)
        monkeypatch.setenv("XDG_CONFIG_HOME", str(here))

        def play(*arguments: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [sys.executable, "-P", "-m", "live_improv", *arguments],
                cwd=here,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )

        return play

    return take_away


@pytest.mark.parametrize("name", CASES)
def test_playing_live_is_one_line_with_the_way_out(
    without: Callable[[Case], Play], name: str
) -> None:
    case = CASES[name]
    ran = without(case)("--port", case.port)
    assert (ran.returncode, ran.stdout) == (EXIT_CODES[name], "")
    (line,) = ran.stderr.splitlines()
    assert line.startswith("live-improv: ")
    assert line.isprintable()
    assert case.cause in line
    assert case.remedy in line


@pytest.mark.parametrize("name", CASES)
def test_playing_into_a_file_works(
    without: Callable[[Case], Play], tmp_path: Path, name: str
) -> None:
    ran = without(CASES[name])("--offline", "solo.mid", "--bars", "2")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert mido.MidiFile(tmp_path / "here" / "solo.mid").length > 0


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if not case.answers])
def test_playing_to_nothing_in_particular_goes_into_a_file(
    without: Callable[[Case], Play], tmp_path: Path, name: str
) -> None:
    ran = without(CASES[name])("--bars", "2")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert CASES[name].cause in ran.stdout
    assert mido.MidiFile(tmp_path / "here" / "solo.mid").length > 0


@pytest.mark.parametrize("name", CASES)
def test_the_doctor_says_the_same(without: Callable[[Case], Play], name: str) -> None:
    case = CASES[name]
    without(case)
    plan = Plan(seconds=0.0, port=case.port)
    with Asked(SYSTEMS, plan) as systems, Asked(LISTENING, plan) as listening:
        found = [*systems.findings(), *listening.findings()]
    assert Level.WRONG in {each.level for each in found}
    assert any(case.cause in each.says and case.remedy in each.says for each in found)
