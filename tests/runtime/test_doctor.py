"""What the doctor says, and what it says when a check hangs, crashes or cannot begin."""

from __future__ import annotations

import os
import re
import shutil
import sys
import threading
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.assets import default_model
from live_improv.runtime.doctor import belongings, computer, sound, takes, timing
from live_improv.runtime.doctor.asking import REINSTALL, Asked, Check, within
from live_improv.runtime.doctor.computer import PACKAGES, PYTHON, Package
from live_improv.runtime.doctor.examination import ONE_BY_ONE, TOGETHER
from live_improv.runtime.doctor.findings import MOST, Discretion, Finding, Level, verdict
from live_improv.runtime.doctor.plan import Plan
from live_improv.runtime.doctor.timing import Late
from live_improv.runtime.speakers import SETTING
from tests.conftest import ROOT

SHORT = Plan(seconds=0.2)


# --- what is shown ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("home", "text", "shown"),
    [
        ("/home/ann", "no /home/ann/takes here", "no ~/takes here"),
        ("/home/ann", "file:///home/ann/a.txt", "file://~/a.txt"),
        ("/home/ann", "/home/anna/takes", "/home/anna/takes"),
        ("/home/ann", "/home/ann-old/takes", "/home/ann-old/takes"),
        ("/home/ann", "/media/ann/stick/takes", "/media/~/stick/takes"),
        ("/home/ann/", "'/home/ann'", "'~'"),
        (r"C:\Users\Ann", r"c:\users\ann\takes", r"~\takes"),
        (r"C:\Users\Ann", "C:/Users/Ann/takes", "~/takes"),
        ("/", "/takes", "/takes"),
        ("", "/takes", "/takes"),
        ("/home/a+b", "/home/a+b/takes", "~/takes"),
        ("/home/ann", "a\x1b[2J\u202eb\nc\x00", "a [2J b c"),
    ],
)
def test_a_line_leads_to_nobodys_files_and_obeys_nobody(home: str, text: str, shown: str) -> None:
    assert Discretion(home).text(text) == shown


@given(st.text(max_size=600))
def test_whatever_was_found_is_one_printable_line(text: str) -> None:
    shown = Discretion("/home/ann").of(Finding(Level.NOTE, text, text, text)).line()
    assert shown.isprintable()
    assert "/home/ann/" not in Discretion("/home/ann").text(f"{text}/home/ann/{text}")


def test_a_long_line_is_cut() -> None:
    assert len(Discretion("/home/ann").text("x " * 1000)) == MOST + 3


@pytest.mark.parametrize(
    ("levels", "says"),
    [
        ([], "it can play"),
        ([Level.OK, Level.INFO], "it can play"),
        ([Level.NOTE], "it can play; 1 thing could be better"),
        ([Level.WRONG], "1 thing keeps it from playing"),
        (
            [Level.WRONG, Level.NOTE, Level.WRONG, Level.NOTE],
            "2 things keep it from playing; 2 things could be better",
        ),
    ],
)
def test_the_last_line_counts(levels: list[Level], says: str) -> None:
    assert verdict(Finding(level, "", "") for level in levels) == says


# --- the computer ----------------------------------------------------------------------------


def test_the_tables_are_those_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (low, below) = (".".join(map(str, version)) for version in PYTHON)
    assert project["requires-python"] == f">={low},<{below}"
    extras = project["optional-dependencies"]
    asked = {"": project["dependencies"], **{name: extras[name] for name in _extras()}}
    ours = {
        extra: [
            f"{package.name}>={package.low},<{package.below}"
            for package in PACKAGES
            if package.extra == extra
        ]
        for extra in asked
    }
    assert ours == asked


def _extras() -> set[str]:
    return {package.extra for package in PACKAGES if package.extra}


@pytest.mark.parametrize(
    ("version", "level"),
    [
        ((3, 10, 12), Level.NOTE),
        ((3, 11, 0), Level.OK),
        ((3, 12, 9), Level.OK),
        ((3, 13, 0), Level.NOTE),
    ],
)
def test_the_python_is_one_that_rtmidi_is_built_for(version: tuple[int, ...], level: Level) -> None:
    found = computer.python(version, None)
    assert found.level is level
    assert ("3.11 to 3.12" in found.advice) is (level is not Level.OK)


@pytest.mark.parametrize(
    ("has", "level"),
    [
        (None, Level.WRONG),
        ("1.26", None),
        ("1.26.4", None),
        ("2.4.6rc1", None),
        ("1.25.9", Level.NOTE),
        ("3.0", Level.NOTE),
        ("3", Level.NOTE),
        ("strange", Level.NOTE),
    ],
)
def test_what_it_does_not_play_without(has: str | None, level: Level | None) -> None:
    found = list(computer.packages(lambda name: has if name == "numpy" else _newest(name)))
    assert [each.level for each in found[1:]] == ([] if level is None else [level])
    assert all(each.what == "numpy" and each.advice for each in found[1:])


def _newest(name: str) -> str:
    (package,) = (package for package in PACKAGES if package.name == name)
    return package.low


def test_an_extra_that_is_missing_is_no_fault() -> None:
    needed = {package.name for package in PACKAGES if not package.extra}
    _, *found = computer.packages(lambda name: "1.5.8" if name in needed else None)
    missing = [each for each in found if each.level is Level.INFO]
    assert len(missing) == len(PACKAGES) - len(needed)
    assert "pip install -e '.[audio]'" in {each.advice for each in missing}


def test_an_extra_without_an_upper_bound_may_be_any_newer() -> None:
    assert computer._fits(Package("x", "1.2", ""), "99")
    assert not computer._fits(Package("x", "1.2", ""), "1.1")


def test_wsl_is_named() -> None:
    found = computer.system("Linux-5.15.90-microsoft-standard-WSL2-x86_64", 8)
    assert found.level is Level.NOTE
    assert "Windows" in found.advice
    assert computer.system("Windows-11", None).level is Level.OK


def test_this_computer_has_what_the_tests_need() -> None:
    found = list(computer.look())
    assert Level.WRONG not in {each.level for each in found}


# --- a process for each check ----------------------------------------------------------------


def _asked(code: str, patience: float, failing: Level = Level.WRONG) -> tuple[list[Finding], float]:
    check = Check("x", "the thing", patience, 0, failing, "do this")
    begun = time.monotonic()
    with Asked(check, SHORT, (sys.executable, "-c", code)) as asked:
        found = asked.findings()
    return found, time.monotonic() - begun


ONE = 'import os; os.write(1, b\'["ok", "a", "b", ""]\\n\'); '
SAID = Finding(Level.OK, "a", "b")


def test_a_check_that_ends_as_it_should_says_what_it_found() -> None:
    found, _ = _asked(f"{ONE}os.write(1, b'null\\n')", 20.0)
    assert found == [SAID]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="signals")
def test_a_check_that_crashes_is_one_line_and_loses_nothing() -> None:
    found, _ = _asked(f"{ONE}os.kill(os.getpid(), 11)", 20.0, Level.NOTE)
    assert found == [
        SAID,
        Finding(Level.NOTE, "the thing", "the check crashed (SIGSEGV)", "do this"),
    ]


def test_a_check_that_ends_too_soon_is_one_line() -> None:
    found, _ = _asked(f'{ONE}os.write(1, b\'["ok", "cut o\'); os._exit(3)', 20.0)
    assert found == [SAID, Finding(Level.WRONG, "the thing", "the check ended with 3", "do this")]


def test_a_check_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("live_improv.runtime.doctor.asking._GRACE", 0.5)
    found, took = _asked(f"{ONE}import time; time.sleep(60)", 0.5)
    assert found[-1].says == "no answer in 0.5 s"
    assert took < 10.0


HANGING = """
import ctypes, sys
from live_improv.runtime.doctor import asking, findings, plan

def hang(_plan):
    yield findings.Finding(findings.Level.OK, "a", "b")
    ctypes.PyDLL(None).pause()  # which holds the interpreter, as rtmidi does

check = asking.Check("x", "x", 0.5, 0, findings.Level.WRONG, "")
print("a library prints", flush=True)
asking.answer(check, hang, plan.Plan())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="libc by no name")
def test_a_check_that_holds_the_interpreter_for_ever_ends_by_itself() -> None:
    check = Check("x", "the thing", 0.5, 0, Level.WRONG, "do this")
    with Asked(check, SHORT, (sys.executable, "-c", HANGING)) as asked:
        assert asked._process.wait(20.0) == 1, "nobody had to kill it"
        assert asked.findings()[0] == SAID
        assert asked.findings()[-1].says == "no answer in 0.5 s"


RAISING = """
import sys
from live_improv.runtime.doctor import asking, findings, plan

def fail(_plan):
    print("noise")
    raise ImportError("no libasound")
    yield

check = asking.Check("x", "the thing", 20.0, 0, findings.Level.WRONG, "do this")
asking.answer(check, fail, plan.Plan())
"""


def test_an_exception_in_a_check_is_one_line() -> None:
    check = Check("x", "the thing", 20.0, 0, Level.WRONG, "do this")
    with Asked(check, SHORT, (sys.executable, "-c", RAISING)) as asked:
        assert asked.findings() == [
            Finding(Level.WRONG, "the thing", "ImportError: no libasound", REINSTALL)
        ]


def test_any_other_exception_is_one_line_with_the_check_s_own_advice() -> None:
    check = Check("x", "the thing", 20.0, 0, Level.WRONG, "do this")
    code = RAISING.replace("ImportError", "EOFError")
    with Asked(check, SHORT, (sys.executable, "-c", code)) as asked:
        (found,) = asked.findings()
    assert (found.says, found.advice) == ("EOFError: no libasound", "do this")


def test_leaving_early_leaves_nothing_running() -> None:
    check = Check("x", "the thing", 60.0, 0, Level.WRONG, "do this")
    with Asked(check, SHORT, (sys.executable, "-c", "import time; time.sleep(60)")) as asked:
        process = asked._process
    assert process.returncode is not None


def test_every_check_has_a_process_and_an_end() -> None:
    from live_improv.runtime.doctor.__main__ import CHECKS

    checks = (*ONE_BY_ONE, *TOGETHER)
    assert [check.name for check in checks] == list(CHECKS)
    assert all(check.patience > 0 and check.advice for check in checks)


def test_what_does_not_come_in_time_is_not_waited_for() -> None:
    assert within(0.01, lambda: [SAID][int(threading.Event().wait(1.0)) :]) is None
    assert within(20.0, lambda: [SAID]) == [SAID]


def test_a_plan_is_the_same_after_the_way() -> None:
    plan = Plan(1.5, "a\nb", None, True, "takes", "ø")
    assert Plan.from_json(plan.to_json()) == plan


# --- what it plays from and writes to ---------------------------------------------------------


def test_the_default_model_and_charts_are_well() -> None:
    model, step = belongings.model(Plan())
    assert model.level is Level.OK
    assert re.search(r"weights [0-9a-f]{16}", model.says)
    assert step.what == "step of the net"
    (charts,) = belongings.charts()
    assert charts.level is Level.OK


def test_a_broken_model_keeps_it_from_playing(tmp_path: Path) -> None:
    shutil.copytree(default_model(), tmp_path / "mine")
    with (tmp_path / "mine" / "weights.npz").open("ab") as file:
        file.write(b"x")
    (found,) = belongings.model(Plan(model=str(tmp_path / "mine")))
    assert found.level is Level.WRONG
    assert "hash" in found.says


def test_a_slow_step_is_noted() -> None:
    assert belongings.speed(0.001, 0.004).level is Level.OK
    assert belongings.speed(0.02, 0.04).level is Level.NOTE


@pytest.mark.parametrize("there", [True, False])
def test_the_folder_of_takes_is_as_it_was_before(tmp_path: Path, there: bool) -> None:
    folder = tmp_path / "some" / "takes"
    if there:
        folder.mkdir(parents=True)
    before = sorted(tmp_path.rglob("*"))
    (found,) = takes.takes(Plan(takes=str(folder)))
    assert found.level is Level.OK
    assert ("will be made" in found.says) is not there
    assert sorted(tmp_path.rglob("*")) == before


def test_a_file_in_the_place_of_the_folder_of_takes_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "takes").touch()
    (found,) = takes.takes(Plan(takes=str(tmp_path / "takes")))
    assert found.level is Level.WRONG
    assert "--no-take" in found.advice


def test_a_disk_without_room_is_noted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=1 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    (found,) = takes.takes(Plan(takes=str(tmp_path)))
    assert found.level is Level.NOTE


def test_no_takes_are_no_fault() -> None:
    (found,) = takes.takes(Plan(takes=None))
    assert found.level is Level.INFO


# --- lateness --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "idle", "level", "advice"),
    [
        (0.001, 0.001, Level.OK, ""),
        (0.009, 0.050, Level.OK, ""),
        (0.009, 0.001, Level.NOTE, "compute"),
        (0.050, 0.050, Level.NOTE, "wakes"),
    ],
)
def test_lateness_is_judged_beside_sleeping(
    ours: float, idle: float, level: Level, advice: str
) -> None:
    found = timing.lateness(Late.of([ours] * 100), Late.of([idle] * 100), 100)
    assert found.level is level
    assert advice in found.advice


def test_figures_of_lateness() -> None:
    late = Late.of([number / 1000 for number in range(101)])
    assert (late.p50, late.p99, late.most) == (0.05, 0.099, 0.1)
    assert str(late) == "50.00/99.00/100.00"
    assert Late.of([0.5]) == Late(0.5, 0.5, 0.5)


@pytest.mark.parametrize(
    ("threads", "asked", "level"),
    [(1, "1", Level.OK), (8, "8", Level.NOTE), (None, "1", Level.OK), (None, None, Level.INFO)],
)
def test_threads_of_linear_algebra(threads: int | None, asked: str | None, level: Level) -> None:
    assert timing.blas(threads, asked).level is level


def test_the_tests_themselves_run_on_one_thread() -> None:
    assert timing.blas_threads() in (1, None)


@pytest.mark.parametrize(
    ("obtained", "platform", "level"),
    [(True, "linux", Level.OK), (False, "linux", Level.NOTE), (False, "darwin", Level.INFO)],
)
def test_priority_is_a_wish(obtained: bool, platform: str, level: Level) -> None:
    assert timing.priority(obtained, platform).level is level


def test_without_a_model_nothing_is_measured_and_nothing_advised(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What is to be done about it is said once, by the line of the model."""
    monkeypatch.setattr(timing, "ask_realtime", lambda: True)
    *_, last = timing.measure(Plan(0.01, model=str(tmp_path / "nowhere")))
    assert (last.what, last.level, last.advice) == ("lateness", Level.INFO, "")
    assert "no model" in last.says
    (model,) = belongings.model(Plan(model=str(tmp_path / "nowhere")))
    assert (model.level, model.advice) == (Level.WRONG, "name another model (--model)")


# --- sound and the page -----------------------------------------------------------------------


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Which sound system is asked for."""
    pytest.importorskip("miniaudio")
    return lambda backend: monkeypatch.setenv(SETTING, backend)


def test_the_null_device_is_said_to_be_null(settings: Callable[[str], None]) -> None:
    settings("null")
    (found,) = sound.speakers()
    assert found.level is Level.NOTE
    assert "null device opens, which nobody hears" in found.says


def test_a_sound_system_that_is_none_is_told_from_sound_that_does_not_work(
    settings: Callable[[str], None],
) -> None:
    settings("oboe_d_amore")
    (found,) = sound.speakers()
    assert found.level is Level.NOTE
    assert "no sound system 'oboe_d_amore'" in found.says
    assert "miniaudio works" in found.says


def test_without_the_extra_there_is_nothing_to_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound, "find_spec", lambda _name: None)
    assert [*sound.speakers(), *sound.page()] == []


def test_a_port_that_cannot_be_had_for_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound, "find_spec", lambda _name: object())
    (found,) = sound.page()
    assert found.level is Level.OK
    monkeypatch.setattr(sound, "HERE", "192.0.2.1")  # TEST-NET-1: no machine has it
    (found,) = sound.page()
    assert found.level is Level.NOTE
    assert "--no-page" in found.advice


def test_no_synthesizer_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    (found,) = sound.fluidsynth()
    assert found.level is Level.INFO
