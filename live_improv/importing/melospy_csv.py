"""CSV files of MeloSpySuite and MeloSpyGUI become solos: one note a row, one solo a file.

Two formats of its `melconv` are read, told apart by their columns, with `;`, `,` or a tab between
and with decimal points or commas.

    MCSV2   onset duration period division bar beat tatum beat_duration signature pitch, and as
            they were asked for: loud_median, chord, form, key, and what is known of the solo
    MCSV1   a line `Signature: 4/4, Ticks per Beat: 48`, then onset takt beat ticks pitch durs

`NAME_beattrack.csv`, which `melconv` writes beside `NAME.csv`, is read with it: only it says where
chords begin and when a beat was. Without it a chord begins somewhere between the last note over
the old one and the first over the new one, and is put where chords begin most often.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from live_improv.importing.imported import Choices, NotUnderstood, Understood
from live_improv.importing.melospy_beats import About, Beat, Tone, understood
from live_improv.importing.melospy_rows import Row, known_in, number_in, text_in
from live_improv.music.solos import MAX_BEATS

MAX_FILE = 64_000_000
"""Largest file that is read, in bytes."""

BEAT_TRACK = "_beattrack"
"""How the name of a beat track ends, before `.csv`."""

_NOTES = ("onset", "duration", "pitch", "bar", "beat", "tatum", "division")
_BEATS = ("onset", "bar", "beat")
_OLD = ("onset", "takt", "beat", "ticks", "pitch", "durs")
_PREAMBLE = re.compile(
    r"signature:\s*(\d{1,3})/\d+,\s*ticks per beat:\s*(\d{1,5})(?!\d)", re.IGNORECASE
)
_METER = re.compile(r"(\d+)/(\d+)")
_NAME = re.compile(r"([^_]+)_([^_]+?)(?:-\d+)?(?:_[^_]+)?_FINAL")
_RUN_TOGETHER = re.compile(r"(?<=[a-z'.])(?=[A-Z])")

_LONGEST_BAR = 32  # beats
_NEAR = 100  # notes, among which the next one of a bar is


def read_melospy_csv(path: Path, choices: Choices) -> tuple[Understood, ...]:
    """The solo of a file.

    Raises:
        NotUnderstood: it has none.
        OSError: the file cannot be read.
    """
    first, rows = _table(path)
    columns = set(rows[0]) if rows else set()
    if not columns.issuperset(_NOTES):
        if first is not None and columns.issuperset(_OLD):
            rows = [_new_row(row, int(first[2]), int(first[1])) for row in rows]
        elif columns.issuperset(_BEATS) and "pitch" not in columns:
            raise NotUnderstood("a beat track: it is read together with its notes")
        else:
            raise NotUnderstood(f"expected a CSV of MeloSpySuite, with columns {', '.join(_NOTES)}")
    tones = [_tone(row, number, choices) for number, row in enumerate(rows, 2)]
    if not tones:
        raise NotUnderstood("no notes")
    if first is not None:
        tones = _with_beat_seconds(tones)
    about = _about(path, rows[0], choices)
    track = _beat_track(path)
    if track is not None:
        return (understood(about, _beats_in(_table(track)[1]), tones),)
    about = replace(about, chords_from="the column chord, beginnings guessed")
    found = understood(about, _beats_of(rows, tones), tones)
    missing = f"how the notes were played: no {path.stem}{BEAT_TRACK}.csv beside it"
    return (replace(found, dropped=(*found.dropped, missing)),)


def _beat_track(path: Path) -> Path | None:
    """The beat track of a file: beside it, or in a folder beside its own."""
    name = f"{path.stem}{BEAT_TRACK}{path.suffix}"
    if (beside := path.with_name(name)).is_file():
        return beside
    try:
        folders = sorted(each for each in path.resolve().parent.parent.iterdir() if each.is_dir())
    except OSError:
        return None
    return next((each / name for each in folders if (each / name).is_file()), None)


def _table(path: Path) -> tuple[re.Match[str] | None, list[Row]]:
    """The preamble, where there is one, and the rows by column."""
    with path.open("rb") as file:
        data = file.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        raise NotUnderstood(f"larger than {MAX_FILE // 1_000_000} MB, not a solo")
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        lines = data.decode("latin-1").splitlines()
    preamble = _PREAMBLE.match(lines[0]) if lines else None
    lines = lines[1:] if preamble else lines
    if not lines:
        return preamble, []
    between = max(";\t,", key=lines[0].count)
    try:
        table = csv.reader(lines, delimiter=between)
        header = [name.strip().lower() for name in next(table)]
        # In the last column of a header of theirs there may be nothing.
        rows = [dict(zip(header, row, strict=False)) for row in table if any(row)]
    except csv.Error as error:
        raise NotUnderstood(f"not a table: {error}") from None
    if preamble is not None and not int(preamble[2]):
        raise NotUnderstood("0 ticks per beat")
    if len(rows) > MAX_BEATS:
        raise NotUnderstood(f"more than {MAX_BEATS} rows")
    if between != ",":
        for row in rows:
            row.update((name, row[name].replace(",", ".")) for name in row if name in _NUMBERS)
    return preamble, rows


_NUMBERS = frozenset(
    (*_NOTES, *_OLD, "period", "beat_duration", "loud_median", "loud_med", "avgtempo")
)


def _new_row(row: Row, ticks: int, period: int) -> Row:
    """A row of the old format as one of the new."""
    tatum = str(int(number_in(row, "ticks")) + 1)
    names = {"bar": "takt", "beat": "beat", "onset": "onset", "duration": "durs", "pitch": "pitch"}
    # A row that is cut off has fewer of them.
    found = {new: row.get(old, "") for new, old in names.items()}
    return {**found, "tatum": tatum, "division": str(ticks), "period": str(period)}


def _tone(row: Row, number: int, choices: Choices) -> Tone:
    try:
        return Tone(
            onset=number_in(row, "onset"),
            duration=number_in(row, "duration"),
            pitch=round(number_in(row, "pitch")) + choices.transposed,
            bar=int(number_in(row, "bar")),
            beat=int(number_in(row, "beat")),
            tatum=int(number_in(row, "tatum")),
            division=int(number_in(row, "division")),
            loudness=known_in(row, "loud_median", "loud_med"),
            beat_seconds=known_in(row, "beat_duration"),
        )
    except NotUnderstood as error:
        raise NotUnderstood(f"row {number}: {error}") from None


def _beats_in(rows: Sequence[Row]) -> list[Beat]:
    """The beats of a beat track, every row of which repeats the part of the form."""
    beats = []
    last = ("", "")
    for number, row in enumerate(rows, 2):
        try:
            onset, bar = number_in(row, "onset"), int(number_in(row, "bar"))
            beat = int(number_in(row, "beat"))
        except NotUnderstood as error:
            raise NotUnderstood(f"row {number} of the beat track: {error}") from None
        part = (text_in(row, "form"), text_in(row, "chorus_id"))
        beats.append(Beat(onset, bar, beat, text_in(row, "chord"), part[0] if part != last else ""))
        last = part
    return beats


def _with_beat_seconds(tones: list[Tone]) -> list[Tone]:
    """The notes of the old format, whose beats are as long as the time between two notes says."""
    at = [(tone.beat - 1) + (tone.tatum - 1) / tone.division for tone in tones]
    found: list[Tone] = []
    for i, tone in enumerate(tones):
        later = next(
            (
                j
                for j in range(i + 1, min(i + _NEAR, len(tones)))
                if tones[j].bar == tone.bar and at[j] > at[i]
            ),
            None,
        )
        seconds = later and (tones[later].onset - tone.onset) / (at[later] - at[i])
        last = found[-1].beat_seconds if found else None
        found.append(replace(tone, beat_seconds=seconds if seconds and seconds > 0 else last))
    return found


def _beats_of(rows: Sequence[Row], tones: Sequence[Tone]) -> list[Beat]:
    """The beats under the notes, with the chords and the form as far as the notes show them."""
    if max(t.bar for t in tones) - min(t.bar for t in tones) > MAX_BEATS:
        raise NotUnderstood(f"more than {MAX_BEATS} bars")
    periods = {tone.bar: _period(row) for row, tone in zip(rows, tones, strict=True)}
    beats: list[Beat] = []
    period = periods[min(periods)]
    for bar in range(min(periods), max(periods) + 1):
        period = periods.get(bar, period)
        beats += [Beat(None, bar, number) for number in range(1, period + 1)]
        if len(beats) > MAX_BEATS:
            raise NotUnderstood(f"more than {MAX_BEATS} beats")
    place = {(beat.bar, beat.number): i for i, beat in enumerate(beats)}
    at = [
        place.get((tone.bar, tone.beat), 0) + (tone.tatum - 1) / max(tone.division, 1)
        for tone in tones
    ]
    for i, chord in _changes(rows, "chord"):
        begins = _beginning(beats, at[i - 1] if i else -1.0, at[i])
        beats[begins] = replace(beats[begins], chord=chord)
    for i, form in _changes(rows, "form"):
        begins = _beginning(beats, at[i - 1] if i else -1.0, at[i])
        beats[begins] = replace(beats[begins], form=form)
    return beats


def _changes(rows: Sequence[Row], name: str) -> Iterator[tuple[int, str]]:
    """The rows with which a column changes, and to what."""
    last = ""
    for i, row in enumerate(rows):
        text = text_in(row, name)
        if text and text != last:
            yield i, text
            last = text


def _beginning(beats: Sequence[Beat], before: float, at: float) -> int:
    """Where something begins that holds at `at` but not at `before`, both in beats.

    At the bar line, or in the middle of the bar, or at the first beat, whichever lies between.
    """
    here = min(max(int(at), 0), len(beats) - 1)
    first = max(int(before) + 1, 0)
    bar = beats[here].bar
    own = [i for i in range(max(first, here + 1 - _LONGEST_BAR), here + 1) if beats[i].bar == bar]
    length = sum(1 for beat in beats[max(here - 32, 0) : here + 32] if beat.bar == bar)
    tests: tuple[Callable[[Beat], bool], ...] = (
        lambda beat: beat.number == 1,
        lambda beat: beat.number * 2 == length + 2,
    )
    for test in tests:
        if found := [i for i in own if test(beats[i])]:
            return found[0]
    return own[0] if own else min(first, here)


def _period(row: Row) -> int:
    """How many beats the bar of a note has."""
    if text_in(row, "period"):
        found = int(number_in(row, "period"))
    else:
        meter = _METER.search(text_in(row, "signature"))
        found = int(meter[1]) if meter else 4
    if not 1 <= found <= _LONGEST_BAR:
        raise NotUnderstood(f"a bar of {found} beats")
    return found


def _about(path: Path, row: Row, choices: Choices) -> About:
    player, title = _named(path.stem)
    return About(
        id=path.stem,
        title=text_in(row, "title") or title,
        performer=text_in(row, "performer") or player or choices.performer,
        instrument=text_in(row, "instrument"),
        style=text_in(row, "style"),
        feel=text_in(row, "rhythmfeel"),
        key=text_in(row, "key"),
        bpm=known_in(row, "avgtempo"),
    )


def _named(stem: str) -> tuple[str, str]:
    """The player and the tune in a name of theirs, as `ArtPepper_BluesForBlanche-2_FINAL`."""
    found = _NAME.fullmatch(stem)
    if found is None:
        return "", stem.replace("_", " ")
    player, tune = (_RUN_TOGETHER.sub(" ", found[i]) for i in (1, 2))
    return player, tune
