"""Notes and beats as the Jazzomat project annotates them become a solo.

Conventions of theirs
    A beat is known by its bar and its number in it, both from 1; the bars of a pickup are 0, -1
    and so on. A note is at tatum t, from 1, of a beat divided evenly by its division, and has its
    onset and duration in seconds as played. A chord or a part of the form stands at the beat it
    begins with. They say `signature` for the meter.

Beat 0 is the first beat of bar 1 and a beat is taken for a quarter, as in the corpora.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median
from typing import Any

from live_improv.corpus import solo_of
from live_improv.importing.imported import NotUnderstood, Understood
from live_improv.importing.melospy_chords import plain_chord
from live_improv.music.chords import ChordSymbolError
from live_improv.music.solos import MAX_BEATS, Solo

# A beat of other length than that of the usual one times this is a fault of the annotation.
_SHORTEST_BEAT, _LONGEST_BEAT = 0.6, 1.6


@dataclass(frozen=True, slots=True)
class Beat:
    """One beat; `onset` is in seconds, None where it is not known; texts empty where nothing new
    begins."""

    onset: float | None
    bar: int
    number: int
    chord: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True)
class Tone:
    """One note; `loudness` is in dB; `beat_seconds` is how long its beat lasts."""

    onset: float
    duration: float
    pitch: int
    bar: int
    beat: int
    tatum: int
    division: int
    loudness: float | None = None
    beat_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class About:
    """What is said of a solo; empty where nothing is."""

    id: str
    title: str
    performer: str = ""
    instrument: str = ""
    style: str = ""
    feel: str = ""
    key: str = ""
    bpm: float | None = None
    melody: str = "the notes of the file"
    chords_from: str = "the beat track"


def understood(about: About, beats: Sequence[Beat], tones: Sequence[Tone]) -> Understood:
    """The solo.

    Raises:
        NotUnderstood: there are no notes or no beats, or the notes are not over the beats.
    """
    if not tones or not beats:
        raise NotUnderstood("no notes" if not tones else "no beats")
    if len(beats) > MAX_BEATS or len(tones) > MAX_BEATS:
        raise NotUnderstood(f"more than {MAX_BEATS} beats or notes")
    line = _BeatLine(beats)
    dropped: list[str] = []
    chords = line.chords(dropped)
    notes = [note for tone in tones if (note := line.note(tone)) is not None]
    if not notes:
        raise NotUnderstood("no note is at a beat of the beat track")
    if len(notes) < len(tones):
        dropped.append(f"{len(tones) - len(notes)} notes at no beat of the beat track")
    bad = line.bad_beats()
    if bad:
        dropped.append(f"how the notes of {len(bad)} beats were played: those beats' times are off")
    if line.goes_back:
        dropped.append("how the notes were played: a beat is not later than the one before it")
    record: dict[str, Any] = {
        "id": about.id,
        "title": about.title,
        "performer": about.performer,
        "instrument": about.instrument,
        "style": about.style,
        "rhythm_feel": about.feel,
        "key": about.key,
        "avg_tempo": about.bpm or line.bpm() or _bpm(tones),
        "meter": line.meters(),
        "chords": chords,
        "form": [[at, beat.form] for at, beat in line.numbered() if beat.form],
        "bad_beats": bad,
        "notes": notes,
    }
    try:
        solo = solo_of(record)
    except (ValueError, TypeError, LookupError, ArithmeticError) as error:
        raise NotUnderstood(str(error)) from None
    if solo.dropped:
        dropped.append(f"{solo.dropped} notes that began together with a higher one")
    has_chords = any(span.chord.root is not None for span in solo.changes.chords)
    return Understood(
        solo,
        melody=about.melody,
        chords_from=about.chords_from if has_chords else "",
        coverage=covered(solo),
        dropped=tuple(dropped),
    )


def covered(solo: Solo) -> float:
    """The share of the notes of a solo that have a chord, 0..1."""
    under = sum(solo.changes.chord_at(note.onset).root is not None for note in solo.notes)
    return under / len(solo.notes)


class _BeatLine:
    """The beats of a solo, numbered from the first beat of bar 1.

    Attributes:
        goes_back: whether their times cannot be right, so none of them is used.
    """

    def __init__(self, beats: Sequence[Beat]) -> None:
        self._beats = beats
        firsts = [i for i, beat in enumerate(beats) if beat.number == 1]
        from_one = [i for i in firsts if beats[i].bar >= 1]
        self._first = -(from_one or firsts or [0])[0]
        self._at = {(beat.bar, beat.number): at for at, beat in self.numbered()}
        seconds = [beat.onset for beat in beats]
        self._seconds = [each for each in seconds if each is not None]
        self.goes_back = any(b <= a for a, b in pairwise(self._seconds))
        if len(self._seconds) < len(beats) or len(beats) < 2 or self.goes_back:
            self._seconds = []

    def numbered(self) -> list[tuple[int, Beat]]:
        """Each beat with its number."""
        return list(enumerate(self._beats, self._first))

    def bpm(self) -> float | None:
        """Beats a minute, None where the beats have no times."""
        lengths = self._lengths()
        return 60 / median(lengths) if lengths else None

    def bad_beats(self) -> list[int]:
        """The numbers of the beats whose length cannot be right."""
        lengths = self._lengths()
        if not lengths:
            return []
        usual = median(lengths)
        # The last beat has no length of its own.
        return [
            at
            for at, length in enumerate([*lengths, lengths[-1]], self._first)
            if not _SHORTEST_BEAT * usual <= length <= _LONGEST_BEAT * usual
        ]

    def meters(self) -> list[list[int]]:
        """`[[beat, beats in the bar] ..]`, where the meter changes."""
        bars = [
            (bar[0][0], len(bar))
            for _, group in groupby(self.numbered(), lambda each: each[1].bar)
            for bar in [list(group)]
        ]
        whole = [bar for bar in bars if bar[0] >= 0]
        if len(whole) > 1 and whole[-1][1] < whole[-2][1]:
            whole.pop()  # broken off
        found = [[self._first, whole[0][1] if whole else max(count for _, count in bars)]]
        for at, count in whole[1:]:
            if count != found[-1][1]:
                found.append([at, count])
        return found

    def chords(self, dropped: list[str]) -> list[list[Any]]:
        """`[[beat, symbol] ..]`, where the chord changes; what cannot be read is told."""
        found: list[list[Any]] = []
        unknown: dict[str, None] = {}
        for at, beat in self.numbered():
            if not beat.chord:
                continue
            try:
                plain = plain_chord(beat.chord)
            except (NotUnderstood, ChordSymbolError):
                unknown[beat.chord[:20]] = None
                plain = "NC"
            if not found or found[-1][1] != plain:
                found.append([at, plain])
        if unknown:
            dropped.append(f"chords that are not understood: {', '.join(list(unknown)[:8])}")
        return found

    def note(self, tone: Tone) -> list[Any] | None:
        """A note of the full schema; None where its beat does not exist."""
        beat = self._at.get((tone.bar, tone.beat))
        if beat is None or tone.division < 1:
            return None
        at = beat + (tone.tatum - 1) / tone.division
        if self._seconds:
            onset, end = self._beat_at(tone.onset), self._beat_at(tone.onset + tone.duration)
            played: list[Any] = [tone.onset, tone.duration, tone.loudness, onset]
            return [at, end - onset, tone.pitch, *played]
        return [at, tone.duration / (tone.beat_seconds or tone.duration or 1.0), tone.pitch]

    def _lengths(self) -> list[float]:
        return [b - a for a, b in pairwise(self._seconds)]

    def _beat_at(self, seconds: float) -> float:
        """The moment in beats; before the first and after the last one their length goes on."""
        line = self._seconds
        index = min(max(bisect_right(line, seconds) - 1, 0), len(line) - 2)
        within = (seconds - line[index]) / (line[index + 1] - line[index])
        return self._first + index + within


def _bpm(tones: Sequence[Tone]) -> float | None:
    known = [tone.beat_seconds for tone in tones if tone.beat_seconds]
    return 60 / median(known) if known else None
