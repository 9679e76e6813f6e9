"""The pages are true: commands parse, links lead somewhere, examples work, the tutorial runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from live_improv import cli
from tests.conftest import ROOT
from tests.pages import (
    NOTEBOOK,
    PAGES,
    Command,
    DoesNotApply,
    anchors,
    apply,
    blocks,
    cells,
    commands,
    files_named,
    links,
    text_of,
)

COMMANDS = commands()
CONTRIBUTOR = ROOT / "docs" / "contributor.md"
TRY = "# try it\n"

# Run by itself, so that no thread of another test is there when the kernel starts.
EXECUTE = """
import nbformat, sys
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=600, kernel_name="python3").execute()
for cell in notebook.cells:
    for output in cell.get("outputs", ()):
        print(output.get("text", ""), end="")
"""


@pytest.fixture
def never_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Commands are parsed as always, and then nothing is done."""
    monkeypatch.chdir(tmp_path)
    for name in ("HOME", "XDG_CONFIG_HOME", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    for name, (options, _run, summary) in list(cli._COMMANDS.items()):
        monkeypatch.setitem(cli._COMMANDS, name, (options, lambda _options: 0, summary))


def test_there_are_commands_to_look_at() -> None:
    assert len(COMMANDS) > 60
    first = {command.words[0] for command in COMMANDS if command.words}
    # Each command of the program is shown somewhere.
    assert set(cli._COMMANDS) - first - {"play"} == set()


@pytest.mark.usefixtures("never_run")
@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_a_command_of_the_pages_can_be_given(command: Command) -> None:
    if {"--help", "--list-ports"} & set(command.words):
        return
    try:
        code = cli.main(command.words)
    except SystemExit as error:
        pytest.fail(f"{command} ends with {error.code}")
    assert code == 0


def test_a_wrong_command_would_be_noticed(never_run: None) -> None:
    for words in (["--ofline", "x.mid"], ["train", "--corpus", "x"], ["--mode", "dance"]):
        with pytest.raises(SystemExit):
            cli.main(words)


@pytest.mark.parametrize("page", [*PAGES, NOTEBOOK], ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in links(page):
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), f"{link}: expected one of {sorted(anchors(target))}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_are_named_are_there(page: Path) -> None:
    for name in files_named(page):
        roots = (ROOT, ROOT / "live_improv", page.parent)
        assert any(next(root.glob(name), None) for root in roots), name


def test_every_page_is_in_the_index() -> None:
    index = set(links(ROOT / "docs" / "README.md"))
    pages = {path.name for path in (ROOT / "docs").iterdir() if path.suffix in (".md", ".ipynb")}
    assert pages - {"README.md"} <= index


def test_the_pages_name_nobodys_machine() -> None:
    for page in (*PAGES, NOTEBOOK):
        for word in ("/home/", "/work/", "/tmp/", "C:\\Users"):
            assert word not in text_of(page), page


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program, with everything added that docs/contributor.md adds."""
    root = tmp_path_factory.mktemp("changed")
    skip = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "live_improv", root / "live_improv", ignore=skip)
    for name in ("models", "data"):
        shutil.copytree(ROOT / name, root / name)
    for block in blocks(CONTRIBUTOR, "python"):
        if not block.startswith(TRY):
            name = block.split("\n", 1)[0].removeprefix("# ")
            (root / name).write_text(block.split("\n", 1)[1], "utf-8")
    for block in blocks(CONTRIBUTOR, "diff"):
        apply(block, root)
    return root


EXAMPLES = [block for block in blocks(CONTRIBUTOR, "python") if block.startswith(TRY)]


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_what_a_contributor_is_told_works(example: str, changed: Path, tmp_path: Path) -> None:
    player = tmp_path / "player.mid"
    assert cli.main(["--offline", str(player), "--bars", "4", "--seed", "1"]) == 0
    environment = {**os.environ, "PYTHONPATH": str(changed)}
    ran = subprocess.run(
        [sys.executable, "-c", f"PLAYER = {str(player)!r}\n{example}"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    # What was run is the copy.
    where = subprocess.run(
        [sys.executable, "-c", "import live_improv; print(live_improv.__file__)"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert where.stdout.startswith(str(changed))


def test_a_change_that_does_not_fit_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("a = 1\nb = 2\nb = 2\n", "utf-8")
    apply("--- one.py\n a = 1\n+c = 3\n", tmp_path)
    assert (tmp_path / "one.py").read_text("utf-8") == "a = 1\nc = 3\nb = 2\nb = 2\n"
    for change in ("--- one.py\n-d = 4\n", "--- one.py\n-b = 2\n"):
        with pytest.raises(DoesNotApply):
            apply(change, tmp_path)


def test_the_tutorial_is_kept_without_outputs() -> None:
    for cell in cells(NOTEBOOK):
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
        assert cell["metadata"] == {}


@pytest.mark.timeout(900)
def test_the_tutorial_runs(tmp_path: Path) -> None:
    for package in ("keras", "matplotlib", "nbclient", "ipykernel"):
        pytest.importorskip(package, reason=f"{package} is not installed")
    ran = subprocess.run(
        [sys.executable, "-c", EXECUTE, str(NOTEBOOK)],
        cwd=tmp_path,
        env={**os.environ, "IPYTHONDIR": str(tmp_path / "ipython")},
        capture_output=True,
        text=True,
        timeout=800,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    # The net learned the piece by heart, and the line that came of it is there.
    assert "epoch 100" in ran.stdout
    assert (tmp_path / "tutorial" / "seeds.mid").stat().st_size > 500
    assert (tmp_path / "tutorial" / "quartet.wav").stat().st_size > 1_000_000
