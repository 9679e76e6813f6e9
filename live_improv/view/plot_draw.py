"""Drawing the picture of a take with matplotlib, which is imported only by these modules.

Conventions
    Lengths are points, 72 to the inch, from the lower left corner. matplotlib's settings are
    changed only while it draws, and what a user has configured there does not count: the same take
    is the same picture, to the byte.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Sequence

import matplotlib
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure

from live_improv.grammar.values import Kind
from live_improv.music.timing import PPQ, Ticks
from live_improv.view.plot_legend import BAND, COLOURS, INK, SOFT
from live_improv.view.plot_letters import Letters
from live_improv.view.plot_model import Block, Picture
from live_improv.view.plot_page import KEY_ROOM, KEY_SIZE, TITLE, Page, Staff
from live_improv.view.plot_parts import Who
from live_improv.view.plot_text import pitch_name, shortened

_LINE, _FAINT, _SHADE = "#8a8a8a", "#dddddd", "#f4f4f4"

_LONGEST_TITLE = 40
_PNG_DPI = 120

MOST_PIXELS = 30_000
"""The longer side of a PNG; a picture that would be larger is coarser."""


def drawn(picture: Picture, ending: str) -> bytes:
    """The picture as the bytes of a file.

    Args:
        ending: `.svg` or `.png`.
    """
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams["svg.fonttype"] = "path"  # letters are shapes: no font is needed to see
        matplotlib.rcParams["svg.hashsalt"] = "live_improv"
        matplotlib.rcParams["path.simplify"] = False
        page = Page.of(picture, Letters())
        figure = _figure(page)
        out = io.BytesIO()
        if ending == ".svg":
            about = {"Title": picture.title, "Creator": "live_improv", "Date": None}
            figure.savefig(out, format="svg", metadata=about)
        else:
            dpi = min(_PNG_DPI, 72 * MOST_PIXELS / max(page.width, page.height))
            about = {"Title": picture.title, "Software": "live_improv"}
            figure.savefig(out, format="png", dpi=dpi, metadata=about)
        return out.getvalue()


def _figure(page: Page) -> Figure:
    figure = Figure(figsize=(page.width / 72, page.height / 72), facecolor="white")
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, page.width), ylim=(0, page.height))
    axes.set_axis_off()
    _headline(axes, page)
    for number in range(len(page.picture.systems)):
        staff = Staff.of(page, number)
        _background(axes, staff)
        _labels(axes, staff)
        _notes(axes, staff)
    return figure


def _headline(axes: Axes, page: Page) -> None:
    """The title, the facts and the legend."""
    put, unit = page.letters.put, page.unit
    x, y = page.left, page.height - TITLE * unit
    title = shortened(page.picture.title, _LONGEST_TITLE)
    x = put(axes, x, y, title, 17 * unit, weight="bold", colour=INK) + 16 * unit
    put(axes, x, y, "   ".join(page.picture.facts), 11 * unit, colour=SOFT)
    high, wide = 7 * unit, 14 * unit
    for key, x, below in page.legend():
        y = page.height - below
        corners = [(x, y), (x, y + high), (x + wide, y + high), (x + wide, y)]
        swatch = PolyCollection([corners], facecolors=key.inside, edgecolors=key.edge, linewidths=1)
        axes.add_collection(swatch)
        put(axes, x + KEY_ROOM * unit, y, key.words, KEY_SIZE * unit, colour=INK)


def _background(axes: Axes, staff: Staff) -> None:
    """The chords' stretches, pitch lines, beats and bars."""
    system, page = staff.system, staff.page
    ends = [*(name.at for name in system.chords[1:]), system.end]
    bands = []
    shaded = False
    before = None
    for name, end in zip(system.chords, ends, strict=True):
        shaded = shaded if name.symbol == before else not shaded
        before = name.symbol
        if not shaded:
            left, right = staff.x(name.at), staff.x(end)
            bands.append(
                [(left, staff.foot), (left, staff.top), (right, staff.top), (right, staff.foot)]
            )
    axes.add_collection(PolyCollection(bands, facecolors=_SHADE, edgecolors="none", zorder=0))
    left, right = staff.x(system.start), staff.x(system.end)
    octaves = [p for p in range(page.picture.low, page.picture.high + 1) if p % 12 == 0]
    _strokes(axes, [((left, staff.y(p)), (right, staff.y(p))) for p in octaves], BAND, 0.6)
    beats: list[float] = []
    bars: list[float] = []
    sections: list[float] = []
    for bar in system.bars:
        step = PPQ * 4 // bar.meter.denominator
        beats += [staff.x(Ticks(at)) for at in range(bar.start + step, bar.end, step)]
        (sections if bar.section or bar.chorus else bars).append(staff.x(bar.start))
    bars.append(right)
    for places, colour, width in ((beats, _FAINT, 0.5), (bars, _LINE, 0.8), (sections, INK, 1.4)):
        _strokes(axes, [((x, staff.foot), (x, staff.top)) for x in places], colour, width)
    edges = [staff.top, staff.bottom, *([staff.foot] if page.drums else [])]
    _strokes(axes, [((left, y), (right, y)) for y in edges], _LINE, 0.8)
    size = 8 * page.unit
    for pitch in octaves:
        y = staff.y(pitch) - 0.36 * size
        page.letters.put(axes, left - 4, y, pitch_name(pitch), size, colour=SOFT, align="right")


def _strokes(
    axes: Axes,
    lines: Sequence[tuple[tuple[float, float], tuple[float, float]]],
    colour: str,
    width: float,
) -> None:
    if lines:
        axes.add_collection(
            LineCollection(lines, colors=colour, linewidths=width, capstyle="butt", zorder=1)
        )


def _labels(axes: Axes, staff: Staff) -> None:
    """Choruses, sections, chords, meters and bar numbers."""
    page, bars = staff.page, staff.system.bars
    letters, unit = page.letters, page.unit
    meter = bars[0].meter if staff.number else None
    for bar in bars:
        x, y = staff.x(bar.start), staff.words
        if bar.section:
            x = letters.boxed(axes, x, y, bar.section, 9 * unit) + 5 * unit
        if bar.chorus is not None:
            letters.put(axes, x, y, f"Chorus {bar.chorus}", 9.5 * unit, weight="bold", colour=SOFT)
        number = str(bar.number)
        if bar.meter != meter:
            number += f"   {bar.meter}"
            meter = bar.meter
        x, y = staff.x(bar.start) + 1, staff.foot - 9 * unit
        letters.put(axes, x, y, number, 7.5 * unit, colour=SOFT)
    for at, symbol, size in staff.set_chords():
        letters.chord(axes, staff.x(at) + 1, staff.top + 4.5 * unit, symbol, size)


def _notes(axes: Axes, staff: Staff) -> None:
    """All notes of a line: those of a kind and a player are one group, which has a name."""
    groups: dict[tuple[Who, Kind | None], list[Block]] = defaultdict(list)
    for block in staff.system.blocks:
        groups[block.who, block.kind].append(block)
    for (who, kind), blocks in groups.items():
        name = f"{who}-{kind.value if kind else 'notes'}-{staff.number}"
        colour = BAND if kind is None else COLOURS[kind]
        if who is Who.DRUMS:
            shapes = [staff.hit(block) for block in blocks]
        else:
            shapes = [staff.corners(b, 0.5 if who is Who.PLAYER else 0.0) for b in blocks]
        outlined = who is Who.PLAYER
        axes.add_collection(
            PolyCollection(
                shapes,
                facecolors="none" if outlined else colour,
                edgecolors=colour if outlined else "none",
                linewidths=1.0 if outlined else 0.0,
                zorder=4 if outlined else 3 if kind else 2,
                gid=name,
            )
        )
