"""Where the default model and the charts are: inside the installed package or in the checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


class AssetError(ValueError):
    """A chart or model that was asked for by name does not exist."""


def default_model() -> Path:
    """The folder of the model that plays when none is named."""
    return _find("models") / "default"


def chart_names() -> list[str]:
    """The charts that come with the program, in order."""
    return sorted(path.stem for path in _find("charts").glob("*.txt"))


def chart_path(chart: str) -> Path:
    """The file of a chart given by its path or by the name of one that comes with the program.

    Raises:
        AssetError: it is neither; the message lists the names there are.
    """
    path = Path(chart)
    if path.is_file():
        return path
    named = _find("charts") / f"{chart.removesuffix('.txt')}.txt"
    if chart == path.name and named.is_file():
        return named
    raise AssetError(f"no chart {chart!r}: expected a file, or one of {', '.join(chart_names())}")


def _find(kind: str) -> Path:
    """A folder of assets: the wheel holds them all in one place, the checkout by purpose."""
    inside = _PACKAGE / "_assets" / kind
    if inside.is_dir():
        return inside
    return _PACKAGE.parent / {"models": "models", "charts": "data/charts"}[kind]
