"""The picture of a take: `python -m live_improv plot TAKE.mid OUT.svg`.

A piano roll, as a rule a chorus a line: chord names above, bar numbers below, the improviser's
notes filled and the player's outlined, coloured by what they are to the chord. What a file says is
read with the bounds of `midi.scan`; what is drawn is decided in `plot_model`, and drawn with
matplotlib in `plot_draw`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from live_improv.disk import DiskError, put_bytes
from live_improv.midi.codec import printable
from live_improv.midi.files import check_writable
from live_improv.midi.forms import read_form_marks
from live_improv.midi.parts import FilePart, read_parts
from live_improv.midi.reader import Recorded
from live_improv.music.changes import Changes
from live_improv.music.timing import GRID_TICKS, PPQ, Ticks
from live_improv.view.plot_form import bars_of, changes_of, cropped, form_of, led_in, lines_of
from live_improv.view.plot_model import Picture, picture
from live_improv.view.plot_parts import Voice, Who, voices

ENDINGS = (".svg", ".png")
MAX_LINES = 100
"""More lines are no picture."""

_UNTITLED = "live_improv"  # what a take without a title is called in its file
_SLACK = Ticks(PPQ // 4)  # an end that is so little behind a bar line begins no bar
_MELODIES = (Who.IMPROVISER, Who.PLAYER)


class PlotError(ValueError):
    """A take that cannot be shown, or not there; the message is one line."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a take is to be seen.

    Attributes:
        chart: one chorus; for a file that does not name its chords or its form.
        bars: the first and the last, as they are numbered in the picture; None: all.
        band: the rest of the band as well, faintly.
    """

    chart: Changes | None = None
    bars: tuple[int, int] | None = None
    band: bool = False


def plot_take(take: Path, out: Path, wanted: Wanted = Wanted()) -> Picture:
    """Draw a take; `out` is replaced only by the complete picture. Returns what it shows.

    Raises:
        PlotError: `out` ends in something else, matplotlib is missing, or there is nothing to show.
        MidiFileError: `take` cannot be read or `out` not written.
    """
    ending = out.suffix.lower()
    if ending not in ENDINGS:
        raise PlotError(f"{printable(str(out))}: expected a name that ends in .svg or .png")
    if take.exists() and out.exists() and take.samefile(out):
        raise PlotError(f"{printable(str(out))}: it is the take itself")
    try:
        from live_improv.view.plot_draw import drawn
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "matplotlib":
            raise
        raise PlotError("plot needs matplotlib: pip install -e '.[plot]'") from None
    check_writable(out)
    shown = picture_of(take, wanted)
    try:
        put_bytes(out, drawn(shown, ending))
    except DiskError as error:
        raise PlotError(f"cannot write {printable(str(out))}: {error}") from None
    return shown


def picture_of(take: Path, wanted: Wanted = Wanted()) -> Picture:
    """What the picture of a take shows.

    Raises:
        PlotError: there are no notes or no chords, the bars are not there, or it is too long.
        MidiFileError: `take` cannot be read.
    """
    recorded, parts = read_parts(take)
    name = printable(str(take))
    players = [voice for voice in voices(parts) if wanted.band or voice.who in _MELODIES]
    if not any(voice.who in _MELODIES for voice in players):
        raise PlotError(f"{name}: there is no melody in it")
    if not recorded.chords and wanted.chart is None:
        raise PlotError(f"{name}: no markers name its chords; give its chart with --chart")
    bars = bars_of(recorded.meters, _last(recorded, players))
    changes = changes_of(recorded.chords, bars, wanted.chart)
    form = form_of(changes, read_form_marks(take), wanted.chart)
    changes = led_in(changes, form)
    ends = (note.end for voice in players for note in voice.notes)
    lines = lines_of(form, Ticks(max(ends) - _SLACK))
    if wanted.bars is not None:
        lines = cropped(lines, *wanted.bars)
        if not lines:
            raise PlotError(f"{name}: expected bars between {form[0].number} and {form[-1].number}")
    if len(lines) > MAX_LINES:
        raise PlotError(f"{name}: {len(lines)} lines; ask for {MAX_LINES} at most with --bars")
    return picture(_title(take, recorded, parts), lines, changes, players, recorded.tempo)


def _last(recorded: Recorded, players: Iterable[Voice]) -> Ticks:
    """A tick in the last bar that has to be seen.

    A note that is played a little before a bar line is meant for the bar behind it.
    """
    onsets = [note.onset + GRID_TICKS // 2 for voice in players for note in voice.notes]
    return Ticks(max(*onsets, recorded.end - _SLACK, 0))


def _title(take: Path, recorded: Recorded, parts: tuple[FilePart, ...]) -> str:
    """What the first track is called, if it has no notes; else the name of the file."""
    title = recorded.names[0] if recorded.names else ""
    is_track = any(part.name == title for part in parts)
    return printable(take.stem) if title in ("", _UNTITLED) or is_track else title
