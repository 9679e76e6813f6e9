"""Help and errors name the page to read on, and the page is there."""

from __future__ import annotations

import pytest

from live_improv import cli
from live_improv.cli.pages import OF_COMMAND, OF_ERROR, READERS, page_of
from live_improv.corpus import CorpusError
from live_improv.midi.port_names import PortNotFound
from tests.conftest import ROOT
from tests.pages import anchors


@pytest.mark.parametrize("page", sorted({*OF_COMMAND.values(), *OF_ERROR.values()}))
def test_a_page_and_its_heading_are_there(page: str) -> None:
    name, _, anchor = page.partition("#")
    assert (ROOT / name).is_file()
    if anchor:
        assert anchor in anchors(ROOT / name)


def test_every_command_has_a_page() -> None:
    assert set(cli._COMMANDS) <= set(OF_COMMAND)


@pytest.mark.parametrize("module", OF_ERROR)
def test_errors_have_modules_that_are_there(module: str) -> None:
    path = ROOT.joinpath(*module.split("."))
    assert path.is_dir() or path.with_suffix(".py").is_file()


def test_an_error_has_the_page_of_where_it_is_from() -> None:
    assert page_of("play", PortNotFound("x")) == "docs/musician.md#your-system"
    assert page_of("play", CorpusError("x")) == "docs/researcher.md#your-own-solos"
    assert page_of("adapt", OSError("x")) == "docs/researcher.md#adapting"


@pytest.mark.parametrize("command", ["play", "train", "import", "doctor"])
def test_help_ends_with_the_page(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main([command, "--help"])
    last = capsys.readouterr().out.strip().splitlines()[-4:]
    if command == "play":
        assert [line.split()[0] for line in last] == [page for page, _ in READERS]
    else:
        assert last[-1] == f"more: {OF_COMMAND[command]}"


def test_an_error_is_one_line_and_ends_with_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--offline", "x.mid", "--chart", "no such chart"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith(" (more: README.md#charts)")
