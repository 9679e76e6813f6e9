"""The files of the page: plain HTML, CSS and JavaScript, which come with the package."""

from __future__ import annotations

from pathlib import Path

STATIC = Path(__file__).resolve().parent / "static"

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
"""What is served, by the ending of its name."""


def static_files() -> dict[str, tuple[str, bytes]]:
    """All that is served, by path: its type and its content. Nothing else can be asked for."""
    found = {
        f"/{path.name}": (TYPES[path.suffix], path.read_bytes())
        for path in STATIC.iterdir()
        if path.suffix in TYPES
    }
    found["/"] = found["/index.html"]
    return found
