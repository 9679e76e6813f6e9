"""What stands in the pages: commands, links, headings, and the examples of docs/contributor.md."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

PAGES = (ROOT / "README.md", ROOT / "models" / "README.md", *sorted((ROOT / "docs").glob("*.md")))
NOTEBOOK = ROOT / "docs" / "tutorial.ipynb"

_PROGRAM = re.compile(
    r"(?:^|[`&;(]\s*|\s{4}|[A-Z_]+=\S+ )(?:python (?:-m live_improv|run_live\.py)|live-improv)"
    r"(?=[ `\n]|$)(?P<rest>[^`\n]*)",
    re.MULTILINE,
)
_CALL = re.compile(r'live_improv\("(?P<rest>[^"]*)"\)')
_LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")
_FILE = re.compile(r"`(?P<path>(?:[\w.-]+/)+[\w.*-]*\.(?:py|md|ipynb|json|toml|txt))(?:::\w+)?`")
_FENCE = re.compile(r"^```(?P<kind>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Command:
    """A command line of ours in a page, without the name of the program."""

    page: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.page}: {shlex.join(self.words)}"


def text_of(page: Path) -> str:
    """The text of a page; of a notebook, that of its cells."""
    if page.suffix != ".ipynb":
        return page.read_text("utf-8")
    return "\n\n".join("".join(cell["source"]) for cell in cells(page))


def cells(notebook: Path) -> list[dict[str, Any]]:
    """The cells of a notebook."""
    found: list[dict[str, Any]] = json.loads(notebook.read_text("utf-8"))["cells"]
    return found


def commands() -> list[Command]:
    """Every command line of ours in the pages and in the notebook, in order."""
    found = []
    for page in (*PAGES, NOTEBOOK):
        text = re.sub(r"\s*\\\n\s*", " ", text_of(page))
        name = page.relative_to(ROOT).as_posix()
        for pattern in (_PROGRAM, _CALL):
            for match in pattern.finditer(text):
                # What follows two blanks or more in a block is a remark.
                rest = re.split(r"\s{2,}|\s+&&\s+", match["rest"].strip())[0]
                found.append(Command(name, tuple(shlex.split(rest, comments=True))))
    return found


def links(page: Path) -> Iterator[str]:
    """What a page links to in this repository."""
    for match in _LINK.finditer(_prose(page)):
        if not re.match(r"[a-z]+:", match["target"]):
            yield match["target"]


def files_named(page: Path) -> Iterator[str]:
    """The files of this repository that a page names in code type."""
    for match in _FILE.finditer(_prose(page)):
        yield match["path"]


def anchors(page: Path) -> set[str]:
    """The names by which the headings of a page can be linked to, as GitHub makes them."""
    found = set()
    for line in _prose(page).splitlines():
        match = re.match(r"#+ +(.*)", line)
        if match:
            plain = re.sub(r"[^\w\- ]", "", match[1].strip().lower())
            found.add(plain.replace(" ", "-"))
    return found


def blocks(page: Path, kind: str) -> list[str]:
    """The fenced blocks of this kind."""
    return [match["body"] for match in _FENCE.finditer(text_of(page)) if match["kind"] == kind]


def _prose(page: Path) -> str:
    return _FENCE.sub("", text_of(page))


class DoesNotApply(ValueError):
    """A change in a page that does not fit the code."""


def apply(change: str, root: Path) -> None:
    """Apply a block of changes to the files below `root`.

    `--- FILE` begins a file, `@@` another place in it; lines begin with a blank, `-` or `+`.

    Raises:
        DoesNotApply: what is to be changed does not stand there, or stands there twice.
    """
    for part in re.split(r"^--- ", change, flags=re.MULTILINE)[1:]:
        name, body = part.split("\n", 1)
        path = root / name.strip()
        text = path.read_text("utf-8")
        for place in re.split(r"^@@\n", body, flags=re.MULTILINE):
            lines = place.splitlines(keepends=True)
            before = "".join(line[1:] or line for line in lines if not line.startswith("+"))
            after = "".join(line[1:] or line for line in lines if not line.startswith("-"))
            if text.count(before) != 1:
                raise DoesNotApply(f"{name} has {text.count(before)} times:\n{before}")
            text = text.replace(before, after)
        path.write_text(text, "utf-8")
