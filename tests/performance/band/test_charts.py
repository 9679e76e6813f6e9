"""Every reference chart is accompanied, and the figures of what is played."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from statistics import mean

import pytest

from live_improv.music.changes import Changes
from live_improv.music.events import Note
from live_improv.music.timing import PPQ, Ticks
from live_improv.performance.band.voicings import HIGHEST, LOWEST, movement
from tests.performance.band.bands import (
    BASS,
    COUNT,
    DRUMS,
    PIANO,
    Stand,
    chords,
    notes,
    played,
    reference,
)

_SAMPLE = 12  # every so many charts are played for 16 bars
_NEAR = PPQ // 8


def test_every_reference_chart_is_accompanied(data_dir: Path) -> None:
    count = 0
    for changes in reference(data_dir):
        count += 1
        bars = min(4, len(changes.bars))
        stand = Stand.of(changes, bars, seed=count, bpm=changes.tempo or 140.0)
        planned: list[int] = []
        assert stand.band.last is not None
        said = stand.until(stand.band.last, planned.append)
        # Bar by bar the beats add up: each bar line has a beat of its own.
        starts = {tick + PPQ for tick in planned}
        end = changes.bars_ticks(bars)
        assert {0, changes.bars_ticks(1), end} <= starts, changes.title
        check(changes, notes(said, BASS), notes(said, PIANO), end)
        assert notes(said, DRUMS)
    assert count == COUNT


def check(changes: Changes, bass: list[Note], piano: list[Note], end: Ticks) -> None:
    """What holds of every chorus."""
    assert all(28 <= note.pitch <= 55 for note in bass), changes.title
    assert all(LOWEST <= note.pitch <= HIGHEST for note in piano), changes.title
    for before, after in pairwise(bass):
        assert abs(after.pitch - before.pitch) <= 12, changes.title
        assert before.end <= after.onset, changes.title
    for chord in chords(piano):
        assert len(chord) <= 4
        # One hand holds it.
        assert chord[-1].pitch - chord[0].pitch <= 14 or chord[0].onset >= end
        assert 30 <= max(note.velocity for note in chord) <= 90


@pytest.fixture(scope="module")
def choruses(data_dir: Path) -> list[tuple[Changes, list[Note], list[Note]]]:
    """Changes, bass and piano of some charts, 16 bars each."""
    found = []
    for number, changes in enumerate(reference(data_dir, every=_SAMPLE)):
        bars = min(16, len(changes.bars))
        said = played(changes, bars, seed=number, bpm=changes.tempo or 140.0)
        end = changes.bars_ticks(bars)
        bass, piano = ([n for n in notes(said, ch) if n.onset < end] for ch in (BASS, PIANO))
        check(changes, notes(said, BASS), notes(said, PIANO), end)
        found.append((changes, bass, piano))
    return found


Choruses = list[tuple[Changes, list[Note], list[Note]]]


def test_the_bass_is_on_the_root_where_the_chord_changes(choruses: Choruses) -> None:
    total = rooted = 0
    for changes, bass, _ in choruses:
        by_place = {round(note.onset / _NEAR): note.pitch % 12 for note in reversed(bass)}
        for before, span in pairwise(changes.chords):
            chord = span.chord
            if span.start >= bass[-1].onset or chord == before.chord or chord.root is None:
                continue
            total += 1
            wanted = chord.root if chord.bass is None else chord.bass
            rooted += by_place.get(round(span.start / _NEAR)) == wanted
    assert total > 2500
    assert rooted / total >= 0.97


def test_the_bass_leads_into_the_next_chord(choruses: Choruses) -> None:
    led = total = 0
    for changes, bass, _ in choruses:
        for before, after in pairwise(bass):
            onset = Ticks(after.onset + 30)
            if changes.chord_at(onset) != changes.chord_at(Ticks(before.onset + 30)):
                step = after.pitch - before.pitch
                total += 1
                led += abs(step) <= 2 or step in (-7, 5)
    assert total > 2000
    assert led / total >= 0.7


def test_lines_go_somewhere(choruses: Choruses) -> None:
    for changes, bass, _ in choruses:
        if len({span.chord for span in changes.chords}) < 8 or len(bass) < 30:
            continue
        pitches = [note.pitch for note in bass]
        assert len(set(pitches)) >= 6, changes.title
        assert max(pitches) - min(pitches) >= 9, changes.title
        runs = [1]
        for a, b in pairwise(pitches):
            runs.append(runs[-1] + 1 if a == b else 1)
        assert max(runs) <= 8, changes.title


def test_voices_hardly_move(choruses: Choruses) -> None:
    moved = [
        movement(tuple(n.pitch for n in after), tuple(n.pitch for n in before))
        for _, _, piano in choruses
        for before, after in pairwise(chords(piano))
        if {n.pitch for n in after} != {n.pitch for n in before}
    ]
    assert len(moved) > 1500
    assert mean(moved) <= 2.0


def test_the_piano_says_the_changes_and_leaves_room(choruses: Choruses) -> None:
    a_bar = []
    for changes, _, piano in choruses:
        struck = chords(piano)
        a_bar.append(len(struck) / min(16, len(changes.bars)))
        for chord in struck:
            onset = chord[0].onset + 30
            near = [changes.chord_at(Ticks(onset + ahead)) for ahead in (0, PPQ // 2, PPQ)]
            pitches = {note.pitch % 12 for note in chord}
            assert any(pitches <= each.pitch_classes | each.scale for each in near), changes.title
    assert 1.2 <= mean(a_bar) <= 2.6
