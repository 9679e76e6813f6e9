"""The layers of the house: who may import whom, and what nobody may use.

Imports are read from the source, also those inside functions, so that nothing has to run. The
checker is itself checked: each rule is broken once in a small tree that is planted for it.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGE = "live_improv"

LAYERS = {
    "music": 0,
    "model": 0,
    "grammar": 1,
    "charts": 1,
    "midi": 1,
    "sound": 1,
    "listening": 1,
    "corpus": 1,
    "prediction": 1,
    "model_folder": 1,
    "assets": 1,
    "disk": 1,
    "performance": 2,
    "training": 2,
    "evaluation": 2,
    "importing": 2,
    "corpus_writing": 1,
    "repertoire": 1,
    "runtime": 3,
    "view": 3,
    "request": 3,
    "app": 3,
    "loop": 3,
    "audition": 3,
    "board": 3,
    "stage": 3,
    "offline": 3,
    "cli": 4,
    "__main__": 4,
}

# What only some may import; a name ends at a dot.
RESTRICTED = {
    **dict.fromkeys(("mido", "rtmidi"), ("midi",)),
    **dict.fromkeys(("keras", "tensorflow", "jax", "music21"), ("training",)),
    "link": ("runtime.link",),
    "miniaudio": ("runtime.speaker_process",),
    "lameenc": ("sound.recording",),
    "websockets": ("view.server",),
    "segno": ("view.about",),
    "matplotlib": ("view",),
    **dict.fromkeys(
        ("time", "threading", "multiprocessing", "signal", "subprocess"),
        ("performance.clock", "midi.ports", "sound.render", "disk", "runtime", "view"),
    ),
    **dict.fromkeys(("pickle", "cPickle", "dill", "joblib", "marshal", "shelve"), ()),
}

# What these may import besides the standard library and themselves.
NOTHING_BUT: dict[str, tuple[str, ...]] = {"music": (), "model": ("numpy",)}

# What runs while it plays.
PLAYING = ("request", "app", "loop", "stage", "offline", "runtime", "view")

FORBIDDEN_CALLS = ("eval", "exec", "os.system", "os.popen")


@dataclass(frozen=True)
class Import:
    """That `importer`, a module of the package, imports the module `imported`."""

    importer: str
    imported: str
    line: int


def unit(module: str) -> str:
    """The part of the house that a module of the package belongs to."""
    return module.split(".")[1]


def within(module: str, parts: tuple[str, ...]) -> bool:
    """Whether `module` of the package is one of `parts` or inside one."""
    return any(f"{module}.".startswith(f"{PACKAGE}.{part}.") for part in parts)


def modules(root: Path) -> dict[str, ast.Module]:
    """The modules below `root`, by dotted name; a package goes by the name of its folder."""
    found = {}
    for path in sorted((root / PACKAGE).rglob("*.py")):
        parts = list(path.relative_to(root).with_suffix("").parts)
        if parts[-1] == "__init__":
            parts.pop()
        found[".".join(parts)] = ast.parse(path.read_text("utf-8"), str(path))
    return found


def packages(root: Path) -> set[str]:
    """The dotted names that are folders."""
    return {
        ".".join(path.parent.relative_to(root).parts)
        for path in (root / PACKAGE).rglob("__init__.py")
    }


def imports(root: Path) -> tuple[list[Import], list[str]]:
    """Every import of every module, and the faults of those that cannot be read."""
    trees, folders = modules(root), packages(root)
    found: list[Import] = []
    faults: list[str] = []
    for name, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found += [Import(name, alias.name, node.lineno) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                base = _base(name, name in folders, node)
                for alias in node.names:
                    inner = f"{base}.{alias.name}"
                    found.append(Import(name, inner if inner in trees else base, node.lineno))
            elif isinstance(node, ast.Call) and _called(node).endswith(
                ("import_module", "__import__")
            ):
                argument = node.args[0] if node.args else None
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    found.append(Import(name, argument.value, node.lineno))
                else:
                    faults.append(f"{name}:{node.lineno} imports what cannot be told")
    return found, faults


def _base(name: str, is_folder: bool, node: ast.ImportFrom) -> str:
    """The absolute name after `from`."""
    if not node.level:
        return node.module or ""
    parts = name.split(".")
    parts = parts[: len(parts) - node.level + is_folder]
    return ".".join([*parts, *([node.module] if node.module else [])])


def _called(node: ast.Call) -> str:
    """The dotted name of what is called, `...` where it is no name."""
    parts: list[str] = []
    target = node.func
    while isinstance(target, ast.Attribute):
        parts.append(target.attr)
        target = target.value
    parts.append(target.id if isinstance(target, ast.Name) else "...")
    return ".".join(reversed(parts))


def faults(root: Path) -> list[str]:
    """Everything below `root` that breaks a rule, one line each."""
    found, broken = imports(root)
    for name in modules(root):
        if name != PACKAGE and unit(name) not in LAYERS:
            broken.append(f"{name} is in no layer")
        if name.split(".")[-1] in ("util", "utils"):
            broken.append(f"{name}: a module is named for what it does")
    for each in found:
        broken += _broken_by(each)
    graph: dict[str, set[str]] = {}
    for each in found:
        graph.setdefault(each.importer, set()).add(each.imported)
    broken += [f"cycle: {' -> '.join(cycle)}" for cycle in cycles(graph)]
    for name, tree in modules(root).items():
        broken += [f"{name}:{line} {what}" for line, what in _dangers(tree)]
    return broken


def _broken_by(each: Import) -> Iterator[str]:
    where = f"{each.importer}:{each.line} imports {each.imported}"
    if each.importer == PACKAGE:
        yield f"{where}: nothing happens on import of the package"
        return
    here = unit(each.importer)
    top = each.imported.split(".")[0]
    if top != PACKAGE:
        allowed = RESTRICTED.get(top)
        if allowed is not None and not within(each.importer, allowed):
            yield f"{where}: only for {', '.join(allowed) or 'nobody'}"
        extra = NOTHING_BUT.get(here)
        if extra is not None and top not in sys.stdlib_module_names and top not in extra:
            yield f"{where}: {here} stands on {', '.join(extra) or 'the standard library'} alone"
        return
    if each.imported == PACKAGE:
        return
    there = unit(each.imported)
    if LAYERS.get(there, 99) > LAYERS.get(here, -1):
        yield f"{where}: upward"
    if here in NOTHING_BUT and there != here:
        yield f"{where}: {here} stands alone"
    if here in PLAYING and there == "training":
        yield f"{where}: playing never trains"


def cycles(graph: dict[str, set[str]]) -> Iterator[list[str]]:
    """One path round each cycle that a walk in order of the names meets."""
    done: set[str] = set()

    def walk(node: str, path: list[str]) -> Iterator[list[str]]:
        if node in path:
            yield [*path[path.index(node) :], node]
        elif node not in done:
            for following in sorted(graph.get(node, ())):
                yield from walk(following, [*path, node])
            done.add(node)

    for start in sorted(graph):
        yield from walk(start, [])


def _dangers(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = _called(node)
        if name in FORBIDDEN_CALLS:
            yield node.lineno, f"calls {name}"
        for keyword in node.keywords:
            off = isinstance(keyword.value, ast.Constant) and not keyword.value.value
            if keyword.arg in ("shell", "allow_pickle") and not off:
                yield node.lineno, f"says {keyword.arg}=True"


def test_the_house_keeps_its_rules() -> None:
    assert faults(ROOT) == []


def test_the_checker_sees_the_real_imports() -> None:
    found = {(each.importer, each.imported) for each in imports(ROOT)[0]}
    assert {
        ("live_improv.app", "live_improv.model_folder"),  # from live_improv import ...
        ("live_improv.cli.playing", "live_improv.app"),  # inside a function
        ("live_improv.cli.learning", "live_improv.training.command"),
        ("live_improv.stage", "live_improv.app"),
        ("live_improv.stage", "live_improv.loop"),
        ("live_improv.runtime.link", "link"),
        ("live_improv.midi.systems", "rtmidi"),  # by import_module
        ("live_improv.performance.clock", "time"),
        ("live_improv.training.network", "keras"),
    } <= found


CLEAN = {
    "music/timing.py": "from fractions import Fraction\n",
    "music/chords.py": "from live_improv.music.timing import Fraction\n",
    "model.py": "import numpy as np\n",
    "grammar/values.py": "from ..music import chords\nimport numpy\n",
    "midi/ports.py": "import time\n\ndef f():\n    import rtmidi\n",
    "performance/clock.py": "import time\nimport live_improv.music.timing\n",
    "training/network.py": "import keras.layers\nfrom tensorflow import data\n",
    "app.py": "from live_improv import model\nfrom live_improv.performance import clock\n",
    "stage.py": "from live_improv import app\nfrom live_improv.runtime import inbox\n",
    "runtime/inbox.py": "import threading\n",
    "runtime/link.py": "import time\ndef f():\n    import link\n",
    "cli/__init__.py": "from live_improv.cli import playing\n",
    "cli/playing.py": "from live_improv import stage\n",
    "cli/learning.py": "def f():\n    from live_improv import training\n    g(shell=False)\n",
    "__main__.py": "from live_improv.cli import f\n",
}

PLANTED = {
    "upward": ({"grammar/values.py": "from live_improv.performance import clock"}, "upward"),
    "upward, whole package": ({"model.py": "import live_improv.grammar"}, "upward"),
    "upward, in a function": (
        {"midi/ports.py": "def f():\n  from live_improv import app"},
        "upward",
    ),
    "upward, relative": ({"grammar/values.py": "from .. import cli"}, "upward"),
    "upward, relative module": ({"performance/clock.py": "from ..app import x"}, "upward"),
    "upward, from a folder": ({"grammar/__init__.py": "from ..app import x"}, "upward"),
    "upward, by name": ({"midi/ports.py": "importlib.import_module('live_improv.app')"}, "upward"),
    "cycle": (
        {"music/timing.py": "from live_improv.music import chords"},
        "cycle: live_improv.music.timing -> live_improv.music.chords -> live_improv.music.timing",
    ),
    "cycle in a function": (
        {"music/timing.py": "def f():\n  from live_improv.music import chords"},
        "cycle",
    ),
    "cycle of three": (
        {
            "midi/a.py": "from live_improv.midi import b",
            "midi/b.py": "from live_improv.midi import c",
            "midi/c.py": "from live_improv.midi import a",
        },
        "live_improv.midi.a -> live_improv.midi.b -> live_improv.midi.c -> live_improv.midi.a",
    ),
    "mido": ({"charts/text.py": "import mido"}, "only for midi"),
    "rtmidi": ({"runtime/doctor.py": "import rtmidi.midiutil"}, "only for midi"),
    "rtmidi by name": ({"app.py": "import_module('rtmidi')"}, "only for midi"),
    "a name like midi": ({"midi_files.py": "import mido"}, "only for midi"),
    "keras": ({"evaluation.py": "def f():\n  import keras"}, "only for training"),
    "tensorflow": ({"app.py": "import tensorflow as tf"}, "only for training"),
    "music21": ({"corpus.py": "from music21 import stream"}, "only for training"),
    "time": ({"performance/session.py": "import time"}, "only for performance.clock"),
    "time in training": ({"training/network.py": "from time import time"}, "only for"),
    "time beside the clock": ({"performance/clock_face.py": "import time"}, "only for"),
    "upward, from the stage": ({"stage.py": "from live_improv.cli import playing"}, "upward"),
    "upward, from the runtime": (
        {"performance/x.py": "import live_improv.runtime.inbox"},
        "upward",
    ),
    "cycle of the stage": ({"app.py": "from live_improv import stage"}, "cycle"),
    "link": ({"performance/transport.py": "import link"}, "only for runtime.link"),
    "time on the stage": ({"stage.py": "import time"}, "only for"),
    "threading": ({"midi/files.py": "import threading"}, "only for"),
    "multiprocessing": ({"app.py": "from multiprocessing import Pool"}, "only for"),
    "signal": ({"app.py": "import signal"}, "only for"),
    "subprocess": ({"cli/playing.py": "import subprocess"}, "only for"),
    "music stands alone": ({"music/timing.py": "import numpy"}, "standard library alone"),
    "model stands alone": ({"model.py": "from live_improv.music import timing"}, "stands alone"),
    "model on numpy alone": ({"model.py": "import scipy"}, "numpy alone"),
    "app trains": ({"app.py": "def f():\n  from live_improv.training import network"}, "trains"),
    "the loop trains": ({"loop.py": "from live_improv.training import x"}, "trains"),
    "the stage trains": ({"stage.py": "import live_improv.training.network"}, "trains"),
    "no layer": ({"magic.py": ""}, "in no layer"),
    "no layer, a folder": ({"magic/wand.py": ""}, "in no layer"),
    "utils": ({"midi/utils.py": ""}, "named for what it does"),
    "the package itself": ({"__init__.py": "from live_improv import app"}, "nothing happens"),
    "any name": ({"app.py": "import_module(name)"}, "cannot be told"),
    "pickle": ({"corpus.py": "import pickle"}, "nobody"),
    "eval": ({"corpus.py": "x = eval('1')"}, "calls eval"),
    "exec": ({"corpus.py": "exec('1')"}, "calls exec"),
    "os.system": ({"corpus.py": "os.system('ls')"}, "calls os.system"),
    "shell": ({"runtime/x.py": "subprocess.run('ls', shell=True)"}, "says shell=True"),
    "allow_pickle": ({"corpus.py": "np.load(f, allow_pickle=1)"}, "says allow_pickle=True"),
}


def plant(root: Path, files: dict[str, str]) -> Path:
    """A package below `root` with these files."""
    for name, source in files.items():
        path = root / PACKAGE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        for folder in (path.parent, root / PACKAGE):
            if not (folder / "__init__.py").exists():
                (folder / "__init__.py").write_text("")
        path.write_text(source)
    return root


def test_a_clean_tree_has_no_faults(tmp_path: Path) -> None:
    assert faults(plant(tmp_path, CLEAN)) == []


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found(tmp_path: Path, name: str) -> None:
    files, message = PLANTED[name]
    found = faults(plant(tmp_path, {**CLEAN, **files}))
    assert any(message in line for line in found), found


def loaded_by(code: str, folder: Path) -> set[str]:
    """The modules that are loaded after `code` has run in a fresh interpreter."""
    ending = "\nimport sys\nprint('LOADED', *sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", code + ending],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=120,
        check=True,
    )
    line = next(line for line in ran.stdout.splitlines() if line.startswith("LOADED "))
    return {name.split(".")[0] for name in line.split()[1:]}


HEAVY = {"tensorflow", "keras", "music21", "matplotlib", "h5py"}


@pytest.mark.parametrize("arguments", [["--help"], ["train", "--help"], ["evaluate", "--help"]])
def test_help_loads_nothing_heavy(tmp_path: Path, arguments: list[str]) -> None:
    code = (
        "from live_improv.cli import main\n"
        f"try:\n    main({arguments!r})\nexcept SystemExit as left:\n    assert left.code == 0"
    )
    assert not loaded_by(code, tmp_path) & {*HEAVY, "numpy", "mido", "rtmidi"}


def test_playing_offline_loads_nothing_heavy_and_no_midi_system(tmp_path: Path) -> None:
    code = (
        "from live_improv.cli import main\n"
        "assert main(['--offline', 'solo.mid', '--bars', '2']) == 0"
    )
    loaded = loaded_by(code, tmp_path)
    assert "numpy" in loaded
    assert not loaded & {*HEAVY, "rtmidi"}
    assert (tmp_path / "solo.mid").stat().st_size > 0


def test_what_live_playing_imports_is_not_heavy(tmp_path: Path) -> None:
    code = "import live_improv.stage, live_improv.midi.ports, live_improv.runtime.stopping"
    assert not loaded_by(code, tmp_path) & HEAVY


def test_importing_the_command_line_starts_nothing(tmp_path: Path) -> None:
    code = (
        "import threading\nimport live_improv.cli, live_improv.stage, live_improv.midi.ports\n"
        "assert threading.active_count() == 1"
    )
    assert "rtmidi" not in loaded_by(code, tmp_path)
