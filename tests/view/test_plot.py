"""The picture as a file: well-formed, complete, the same every time, and put where it belongs."""

from __future__ import annotations

import re
import struct
import subprocess
import sys
import xml.etree.ElementTree as ET
import zlib
from collections import Counter
from pathlib import Path

import pytest

from live_improv.midi.files import MidiFileError
from live_improv.view.plot import PlotError, Wanted, picture_of, plot_take
from live_improv.view.plot_legend import COLOURS
from live_improv.view.plot_model import Picture
from tests.view.takes import BAR, blues, take

matplotlib = pytest.importorskip("matplotlib")

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def duet(tmp_path: Path) -> Path:
    """Two choruses of two players and a band, with a pickup and notes over the ends of lines."""
    ours = [(BAR + 240 * i, 230, 58 + i % 23) for i in range(150)]
    theirs = [(480 * i, 400, 60 + i * 5 % 19) for i in range(96)] + [(13 * BAR - 99, 999, 80)]
    bass = [(480 * i, 470, 36 + i % 12) for i in range(100)]
    drums = [(480 * i, 20, (51, 44, 36, 38, 41)[i % 5]) for i in range(100)]
    tracks = {"Improviser": ours, "Player": theirs, "Bass": bass, "Drums": drums}
    return take(tmp_path / "duet.mid", tracks, blues(2, start=1), bars=25)


def shapes(svg: Path) -> Counter[str]:
    """How many shapes each group of notes has; a group is called by who, kind and line."""
    found: Counter[str] = Counter()
    for group in ET.parse(svg).iter(f"{SVG}g"):
        name = group.get("id", "")
        if re.fullmatch(r"(improviser|player|band|drums)-\w+-\d+", name):
            drawn = [each for each in group.iter() if each.tag in (f"{SVG}path", f"{SVG}use")]
            outlines = {each.get("id") for each in group.iter(f"{SVG}path") if each.get("id")}
            # A shape that is drawn several times is defined once and then used.
            found[name] += len(drawn) - len(outlines)
    return found


def expected(shown: Picture) -> Counter[str]:
    return Counter(
        f"{block.who}-{block.kind or 'notes'}-{number}"
        for number, system in enumerate(shown.systems)
        for block in system.blocks
    )


def chunks(png: bytes) -> dict[bytes, bytes]:
    """The chunks of a PNG, its check sums checked."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    found: dict[bytes, bytes] = {}
    at = 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, data = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        (check,) = struct.unpack(">I", png[at + 8 + length : at + 12 + length])
        assert zlib.crc32(kind + data) == check
        found[kind] = found.get(kind, b"") + data
        at += 12 + length
    return found


@pytest.mark.parametrize("band", [False, True])
def test_an_svg_shows_every_note(tmp_path: Path, duet: Path, band: bool) -> None:
    shown = plot_take(duet, tmp_path / "a.svg", Wanted(band=band))
    assert shapes(tmp_path / "a.svg") == expected(shown)
    assert sum(expected(shown).values()) == (448 if band else 248)


def test_an_svg_needs_no_font_and_no_network(tmp_path: Path, duet: Path) -> None:
    plot_take(duet, tmp_path / "a.svg")
    text = (tmp_path / "a.svg").read_text("utf-8")
    assert "<text" not in text
    assert "font-family" not in text
    links = set(re.findall(r'(?:href|src)="([^"#]+)', text))
    assert not links
    assert ET.fromstring(text).tag == f"{SVG}svg"


def test_a_png_shows_every_colour(tmp_path: Path, duet: Path) -> None:
    from matplotlib.image import imread

    shown = plot_take(duet, tmp_path / "a.png")
    found = chunks((tmp_path / "a.png").read_bytes())
    assert {b"IHDR", b"IDAT", b"IEND"} <= set(found)
    width, height = struct.unpack(">II", found[b"IHDR"][:8])
    image = (imread(tmp_path / "a.png")[:, :, :3] * 255).round().astype(int)
    assert image.shape[:2] == (height, width)
    colours = Counter(map(tuple, image.reshape(-1, 3).tolist()))
    kinds = {block.kind for system in shown.systems for block in system.blocks}
    assert kinds == set(COLOURS)
    for colour in COLOURS.values():
        assert colours[tuple(bytes.fromhex(colour[1:]))] > 200
    assert colours.most_common(1)[0][0] == (255, 255, 255)


@pytest.mark.parametrize("ending", ["svg", "png", "SVG"])
def test_the_same_take_is_the_same_picture(tmp_path: Path, duet: Path, ending: str) -> None:
    first, second = tmp_path / f"a.{ending}", tmp_path / f"b.{ending}"
    plot_take(duet, first)
    with matplotlib.rc_context({"axes.facecolor": "red", "font.size": 40, "savefig.dpi": 10}):
        plot_take(duet, second)
        assert matplotlib.rcParams["font.size"] == 40
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize(
    "title", ["$x^", "<b>&amp;", "枯葉", "A\x1b[2Jtune", "x" * 300, "50 % {b}"]
)
def test_any_title_is_shown_as_it_is(tmp_path: Path, title: str) -> None:
    path = take(tmp_path / "a.mid", {"Improviser": [(0, 90, 65)]}, [(0, "C")], title=title)
    plot_take(path, tmp_path / "a.svg")
    assert shapes(tmp_path / "a.svg").total() == 1
    plot_take(path, tmp_path / "a.png")


def test_a_chorus_of_many_chords_is_still_a_picture(tmp_path: Path) -> None:
    chords = [(480 * i, ("Bbmaj7#11", "F#m7b5/C", "N.C.", "E7(b9,#11)")[i % 4]) for i in range(160)]
    path = take(tmp_path / "a.mid", {"Improviser": [(0, 90, 65)]}, chords, bars=40)
    plot_take(path, tmp_path / "a.png")
    width, height = struct.unpack(">II", chunks((tmp_path / "a.png").read_bytes())[b"IHDR"][:8])
    assert width < 3000
    assert height < 3000


def test_a_long_take_is_not_too_large_a_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("live_improv.view.plot_draw.MOST_PIXELS", 3000)
    notes = [(BAR * i, BAR, 60 + i % 12) for i in range(12 * 20)]
    path = take(tmp_path / "a.mid", {"Improviser": notes}, blues(20), bars=12 * 20)
    shown = plot_take(path, tmp_path / "a.png")
    assert len(shown.systems) == 20
    sides = struct.unpack(">II", chunks((tmp_path / "a.png").read_bytes())[b"IHDR"][:8])
    assert 2900 <= max(sides) <= 3000


def test_what_was_there_is_replaced_by_the_whole_picture(tmp_path: Path, duet: Path) -> None:
    out = tmp_path / "a.svg"
    out.write_text("before")
    plot_take(duet, out)
    assert out.read_text("utf-8").startswith("<?xml")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.svg", "duet.mid"]


def test_what_was_there_stays_where_there_is_no_picture(tmp_path: Path) -> None:
    out = tmp_path / "a.svg"
    out.write_text("before")
    with pytest.raises(PlotError):
        plot_take(take(tmp_path / "a.mid", {"X": [(0, 9, 60)]}), out)
    assert out.read_text() == "before"


def test_a_link_is_written_through(tmp_path: Path, duet: Path) -> None:
    (tmp_path / "link.svg").symlink_to(tmp_path / "real.svg")
    plot_take(duet, tmp_path / "link.svg")
    assert (tmp_path / "link.svg").is_symlink()
    assert (tmp_path / "real.svg").is_file()


@pytest.mark.parametrize("name", ["a.pdf", "a", "a.svgz", ".svg"])
def test_other_kinds_of_pictures_are_refused(tmp_path: Path, duet: Path, name: str) -> None:
    with pytest.raises(PlotError, match=r"ends in \.svg or \.png"):
        plot_take(duet, tmp_path / name)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path, duet: Path) -> None:
    with pytest.raises(MidiFileError, match="there is no folder"):
        plot_take(duet, tmp_path / "no" / "a.svg")


def test_the_take_itself_is_not_written_over(tmp_path: Path, duet: Path) -> None:
    disguised = duet.rename(tmp_path / "take.svg")
    with pytest.raises(PlotError, match="it is the take itself"):
        plot_take(disguised, disguised)
    assert picture_of(disguised).systems


def test_without_matplotlib_one_line_says_what_to_do(
    tmp_path: Path, duet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("live_improv.view.plot_")]:
        monkeypatch.delitem(sys.modules, name)
    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(PlotError, match=r"^plot needs matplotlib: pip install -e '\.\[plot\]'$"):
        plot_take(duet, tmp_path / "a.svg")
    assert not (tmp_path / "a.svg").exists()


def test_nothing_of_matplotlib_is_imported_before_it_is_needed() -> None:
    code = (
        "import sys, live_improv.view.plot, live_improv.view.plot_model, live_improv.cli.plotting;"
        "print([n for n in sys.modules if n.startswith('matplotlib')])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
