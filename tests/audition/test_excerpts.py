"""Excerpts: where they are taken from, and that only the notes tell the two of a pair apart."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import fmean

import pytest

from live_improv.audition.excerpts import BARS, COUNT_IN, EARLY, Place, excerpt, places
from live_improv.audition.key import AuditionError, By
from live_improv.charts.text import parse
from live_improv.corpus import Solo, read_corpus
from live_improv.evaluation.lines import written
from live_improv.model_folder import Model
from live_improv.music.events import Note, NoteOff, NoteOn, ProgramChange
from live_improv.music.score import IMPROVISER, Score
from live_improv.music.timing import PPQ, Ticks
from tests.lines import line

PAIRS = 8


@pytest.fixture(scope="module")
def solos(held_out: Path) -> list[Solo]:
    """The human solos that are held out."""
    return list(read_corpus(held_out))


@pytest.fixture(scope="module")
def chosen(solos: list[Solo]) -> list[Place]:
    """Some places."""
    return places(solos, PAIRS, Random(3))


@pytest.fixture(scope="module")
def pairs(chosen: list[Place], default_model: Model) -> list[dict[By, Score]]:
    """Both excerpts of each."""
    return [
        {by: excerpt(place, by, default_model, 10 * number + len(by)) for by in By}
        for number, place in enumerate(chosen)
    ]


def solo_part(score: Score) -> list[Note]:
    """The notes of the solo, every one with its end."""
    (events,) = (part.events for part in score.parts if part.name == IMPROVISER)
    sounding: dict[int, tuple[Ticks, int]] = {}
    found = []
    for timed in events:
        if isinstance(timed.event, NoteOn):
            assert timed.event.pitch not in sounding
            sounding[timed.event.pitch] = (timed.tick, timed.event.velocity)
        elif isinstance(timed.event, NoteOff):
            onset, velocity = sounding.pop(timed.event.pitch)
            found.append(Note(onset, Ticks(timed.tick - onset), timed.event.pitch, velocity))
    assert not sounding
    return sorted(found, key=lambda note: note.onset)


def test_places_are_of_different_tunes_and_inside_solos(chosen: list[Place]) -> None:
    assert len({place.solo.title for place in chosen}) == PAIRS
    for place in chosen:
        changes = place.solo.changes
        assert 1 <= place.first <= len(changes.bars) - BARS
        bar = changes.bars[place.first].meter.bar_ticks
        assert place.end - place.start == BARS * bar
        assert place.start in {section.start for section in changes.sections}
        onsets = [note.onset for note in place.solo.notes]
        for low in range(place.start, place.end, 4 * bar):
            assert any(low <= onset < low + 4 * bar for onset in onsets)


def test_places_are_chance_of_the_seed_alone(solos: list[Solo]) -> None:
    def found(seed: int, order: list[Solo]) -> list[tuple[str, int]]:
        return [(each.solo.title, each.first) for each in places(order, 8, Random(seed))]

    assert found(1, solos) == found(1, solos)
    assert found(1, solos) != found(2, solos)


def test_too_few_tunes_are_said_to_be(solos: list[Solo]) -> None:
    with pytest.raises(AuditionError, match=r"200 excerpts take 100 tunes .* there are \d\d$"):
        places(solos, 100, Random(0))


def test_a_solo_of_an_unknown_instrument_or_of_two_meters_has_no_place() -> None:
    changes = parse("time: 4/4\n" + "C7 | " * 40)
    solo = Solo("x", "valid", "", "x", line(*([60] * 300)), changes, 120.0, instrument="ts")
    assert len(places([solo], 1, Random(0))) == 1
    for other in (
        replace(solo, instrument=""),
        replace(solo, instrument="kazoo"),
        replace(solo, changes=parse("time: 4/4\n" + "C7 | " * 10 + "\ntime: 3/4\n" + "C7 | " * 16)),
        replace(solo, changes=parse("C7 | " * BARS)),  # the first bar begins no excerpt
        replace(solo, notes=line(*([60] * 100))),  # over too soon
    ):
        with pytest.raises(AuditionError, match="there are 0"):
            places([other], 1, Random(0))


def test_the_human_excerpt_has_the_humans_notes(
    chosen: list[Place], pairs: list[dict[By, Score]]
) -> None:
    for place, pair in zip(chosen, pairs, strict=True):
        bar = place.solo.changes.bars[place.first].meter.bar_ticks
        page = [n for n in written(place.solo.notes) if place.start <= n.onset < place.end]
        played = solo_part(pair[By.HUMAN])
        moved = place.start - bar
        # But for a note at an edge that the feel moves over it.
        missing = abs(len(page) - len(played))
        assert missing <= 1
        near = sum(
            any(abs(b.onset + moved - a.onset) < PPQ // 2 and a.pitch == b.pitch for b in played)
            for a in page
        )
        assert near >= len(page) - 1
        assert len(page) > BARS


def test_nothing_but_notes_tells_a_pair_apart(pairs: list[dict[By, Score]]) -> None:
    for pair in pairs:
        human, ours = pair[By.HUMAN], pair[By.OURS]
        for name in ("length", "tempo", "meters", "chords", "title", "key", "chord_track"):
            assert getattr(human, name) == getattr(ours, name), name
        assert human.title == human.key == ""
        assert [part.name for part in human.parts] == [COUNT_IN, IMPROVISER]
        assert [part.name for part in ours.parts] == [COUNT_IN, IMPROVISER]
        assert human.parts[0] == ours.parts[0]
        for score in (human, ours):
            first, *rest = score.parts[1].events
            assert (first.tick, type(first.event)) == (0, ProgramChange)
            assert first == human.parts[1].events[0]
            assert {type(each.event) for each in rest} == {NoteOn, NoteOff}
            assert {each.event.channel for each in rest} == {0}  # type: ignore[union-attr]


def test_every_excerpt_is_a_bar_of_clicks_and_sixteen_of_music(
    pairs: list[dict[By, Score]],
) -> None:
    for pair in pairs:
        for score in pair.values():
            (first,) = score.meters
            bar = first.meter.bar_ticks
            assert score.length == (1 + BARS) * bar
            clicks = [t for t in score.parts[0].events if isinstance(t.event, NoteOn)]
            assert [t.tick for t in clicks] == list(range(0, bar, PPQ))
            assert (score.chords[0].start, score.chords[-1].end) == (bar, score.length)
            assert all(a.end == b.start for a, b in pairwise(score.chords))
            notes = solo_part(score)
            assert all(bar - EARLY <= note.onset < note.end <= score.length for note in notes)


def test_both_are_played_alike(pairs: list[dict[By, Score]]) -> None:
    """Loudness and how much of the time sounds inside phrases are the feel's, not the player's."""

    def loudness(by: By) -> float:
        return fmean(note.velocity for pair in pairs for note in solo_part(pair[by]))

    def sounding(by: By) -> float:
        shares = []
        for pair in pairs:
            for a, b in pairwise(solo_part(pair[by])):
                if b.onset - a.onset <= PPQ:
                    shares.append((a.end - a.onset) / (b.onset - a.onset))
        return fmean(shares)

    assert loudness(By.HUMAN) == pytest.approx(loudness(By.OURS), abs=5)
    assert sounding(By.HUMAN) == pytest.approx(sounding(By.OURS), abs=0.05)


def test_an_excerpt_is_a_matter_of_its_seed(chosen: list[Place], default_model: Model) -> None:
    place = chosen[0]
    again = [excerpt(place, By.OURS, default_model, seed) for seed in (4, 4, 5)]
    assert again[0] == again[1]
    assert [n.pitch for n in solo_part(again[0])] != [n.pitch for n in solo_part(again[2])]
    human = [excerpt(place, By.HUMAN, default_model, seed) for seed in (4, 5)]
    assert [n.pitch for n in solo_part(human[0])] == [n.pitch for n in solo_part(human[1])]
