"""Letters in the picture: how wide words are, and words put where they belong.

Conventions
    Points, from the lower left corner. Words are never read as formulas, and a character that the
    font lacks is shown as a box of its own.
"""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.textpath import TextToPath

from live_improv.view.plot_legend import INK
from live_improv.view.plot_text import Symbol

_FAMILY = "DejaVu Sans"  # comes with matplotlib and has ♭ ♯ ♩ ø Δ
_MISSING = "□"

_MEASURED = 100.0  # the size at which words are measured
_REST, _STACKED, _AIR = 0.72, 0.56, 0.04  # of the root's size


class Letters:
    """The one font, in its two weights."""

    def __init__(self) -> None:
        self._measure = TextToPath()
        self._widths: dict[tuple[str, str], float] = {}  # as a share of the size
        self._known = frozenset(get_font(findfont(_font(1, "normal"))).get_charmap())

    def put(
        self,
        axes: Axes,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        colour: str,
        weight: str = "normal",
        align: str = "left",
    ) -> float:
        """Put words with their base line at `y`; returns where they end."""
        if not text:
            return x
        text = self._shown(text)
        axes.text(
            x, y, text, color=colour, ha=align, va="baseline", parse_math=False,
            fontproperties=_font(size, weight), zorder=6,
        )  # fmt: skip
        return x + self.width(text, size, weight)

    def boxed(self, axes: Axes, x: float, y: float, text: str, size: float) -> float:
        """The name of a section in its box; returns where that ends."""
        text = self._shown(text)
        axes.text(
            x + 3, y, text, color="white", va="baseline", parse_math=False,
            fontproperties=_font(size, "bold"), zorder=6,
            bbox={"boxstyle": "square,pad=0.22", "facecolor": INK, "edgecolor": "none"},
        )  # fmt: skip
        return x + 6 + self.width(text, size, "bold")

    def chord(self, axes: Axes, x: float, y: float, symbol: Symbol, size: float) -> None:
        """A chord symbol."""
        end = self.put(axes, x, y, symbol.root, size, colour=INK, weight="bold") + _AIR * size
        small = (_STACKED if symbol.raised else _REST) * size
        lowered = 0.1 * size if symbol.raised else 0.0
        self.put(axes, end, y - lowered, symbol.rest, small, colour=INK)
        self.put(axes, end, y + 0.44 * size, symbol.raised, small, colour=INK)

    def chord_width(self, symbol: Symbol) -> float:
        """How wide a chord symbol is, as a share of its size."""
        small = _STACKED if symbol.raised else _REST
        rest = max(self.width(text, small) for text in (symbol.rest, symbol.raised))
        return self.width(symbol.root, 1.0, "bold") + rest + _AIR

    def width(self, text: str, size: float, weight: str = "normal") -> float:
        """How wide words are."""
        key = text, weight
        if key not in self._widths:
            font = _font(_MEASURED, weight)
            self._widths[key] = 0.0
            if shown := self._shown(text):
                width, _, _ = self._measure.get_text_width_height_descent(shown, font, False)
                self._widths[key] = width / _MEASURED
        return size * self._widths[key]

    def _shown(self, text: str) -> str:
        return "".join(c if ord(c) in self._known else _MISSING for c in text)


def _font(size: float, weight: str) -> FontProperties:
    return FontProperties(family=_FAMILY, size=size, weight=weight)
