"""F35: nothing that is read can run: no pickle, no eval, no shell, in any module of the package.

The rules of `tests/test_layers.py`, which are about imports and calls, and what they leave open.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [*sorted((ROOT / "live_improv").rglob("*.py")), ROOT / "run_live.py"]

MODULES = {"pickle", "cPickle", "_pickle", "dill", "joblib", "marshal", "shelve", "cloudpickle"}
MODULES |= {"code", "codeop", "runpy", "imp", "ctypes.util", "xmlrpc"}
NAMES = {"eval", "exec", "compile", "execfile", "__import__", "getstatusoutput", "getoutput"}
METHODS = {
    "os": {"system", "popen", "execl", "execv", "spawnl", "spawnv"},
    "torch": {"load"},
    "pd": {"read_pickle"},
    "yaml": {"load", "unsafe_load"},
    "tempfile": {"mktemp"},
}
FLAGS = {"shell", "allow_pickle"}


def dangers(source: str) -> Iterator[str]:
    """What a module does that could run what it reads."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (f"imports {a.name}" for a in node.names if a.name.split(".")[0] in MODULES)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in MODULES:
            yield f"imports {node.module}"
        elif isinstance(node, ast.Call):
            yield from _calls(node)


def _calls(node: ast.Call) -> Iterator[str]:
    target = node.func
    if isinstance(target, ast.Name) and target.id in NAMES:
        yield f"calls {target.id}"
    if isinstance(target, ast.Attribute):
        owner = target.value.id if isinstance(target.value, ast.Name) else ""
        if target.attr in METHODS.get(owner, ()):
            yield f"calls {owner}.{target.attr}"
        if target.attr == "load" and owner in ("np", "numpy"):
            said = {each.arg: each.value for each in node.keywords}
            refused = said.get("allow_pickle")
            if not (isinstance(refused, ast.Constant) and refused.value is False):
                yield "calls numpy.load and does not refuse pickles"
    for each in node.keywords:
        off = isinstance(each.value, ast.Constant) and not each.value.value
        if each.arg in FLAGS and not off:
            yield f"says {each.arg}=True"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_module_runs_what_it_reads(path: Path) -> None:
    assert list(dangers(path.read_text())) == []


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from pickle import loads",
        "def f():\n    import joblib.memory",
        "eval('1')",
        "exec(text)",
        "__import__(name)",
        "os.system('ls')",
        "os.popen('ls')",
        "subprocess.run('ls', shell=True)",
        "subprocess.run('ls', shell=asked)",
        "np.load(path)",
        "np.load(path, allow_pickle=True)",
        "numpy.load(path, allow_pickle=asked)",
        "torch.load(path)",
    ],
)
def test_each_danger_is_seen(source: str) -> None:
    assert list(dangers(source))


@pytest.mark.parametrize(
    "source",
    ["np.load(path, allow_pickle=False)", "subprocess.run(['ls'], shell=False)", "re.compile('a')"],
)
def test_what_is_harmless_is_left_alone(source: str) -> None:
    assert not list(dangers(source))
