"""Songs of iReal Pro: links (`irealb://`, `irealbook://`) and exported play lists -> `Changes`.

    ireal_links     a link or a page -> songs, their fields and chords
    ireal_scramble  the disguise of the chords
    ireal_tokens    chords as written -> signs
    ireal_bars      signs -> written bars
    ireal_cells     cells of a bar -> where its chords start
    ireal_form      written bars -> the bars of one chorus

A `Changes` is what the app plays in a chorus before the last one. An intro or a verse is part of
it, as it is of the chart. The tempo is left out where the song names none that can be played.
"""

from __future__ import annotations

import re

from live_improv.charts.ireal_bars import written_bars
from live_improv.charts.ireal_cells import beats_of
from live_improv.charts.ireal_form import played
from live_improv.charts.ireal_links import Song, songs_in
from live_improv.charts.ireal_tokens import MAX_MUSIC
from live_improv.charts.layout import Heading, PlayedBar, lay_out, plain_text
from live_improv.charts.text import ChartError
from live_improv.music.changes import Changes
from live_improv.music.timing import MAX_BPM, MIN_BPM, Meter

__all__ = ["Song", "changes", "songs_in"]

_KEY = re.compile(r"([A-G][b#]?)(-?)")


def changes(song: Song) -> Changes:
    """The changes of a song.

    Raises:
        ChartError: something in it cannot be read; the message names the bar as written.
    """
    if len(song.music) > MAX_MUSIC:
        raise ChartError(f"the song has {len(song.music)} characters: expected at most {MAX_MUSIC}")
    bars = [
        PlayedBar(bar.meter, bar.starts(), bar.section) for bar in played(written_bars(song.music))
    ]
    return lay_out(
        bars,
        Heading(
            title=plain_text(song.title),
            key=_key(song.key),
            tempo=_tempo(song.tempo, bars[0].meter),
            style=plain_text(song.style),
        ),
    )


def _key(text: str) -> str:
    """The key as our charts write it: `G-` is Gmin."""
    key = _KEY.fullmatch(text)
    if key is None:
        return plain_text(text)
    return f"{key[1]}min" if key[2] else key[1]


def _tempo(text: str, meter: Meter) -> float | None:
    """Quarters a minute; the app counts the beats of the meter, dotted ones in 12/8."""
    if not re.fullmatch(r"[0-9]{1,4}", text):
        return None
    dotted = beats_of(meter) != meter.numerator
    bpm = int(text) * (1.5 if dotted else 1.0)
    return bpm if MIN_BPM <= bpm <= MAX_BPM else None
