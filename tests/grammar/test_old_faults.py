"""What the older programs get wrong, and ours must not: one test for each fault.

The older programs are deepjazz and its descendants, whose grammar this language continues.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from live_improv.charts.text import parse
from live_improv.corpus import CorpusError, read_corpus
from live_improv.grammar.abstraction import abstract, on_grid
from live_improv.grammar.context import Context
from live_improv.grammar.realization import Last, Register, candidates, realize
from live_improv.grammar.values import NOTE_KINDS, GrammarValue, Kind, Window, parse_value
from live_improv.model import Weights, initial_state, step
from live_improv.music.chords import ChordSymbolError, parse_chord
from live_improv.music.events import Note
from live_improv.music.timing import Ticks
from live_improv.performance.feel import Feel
from live_improv.performance.improviser import Idea, Improviser
from live_improv.performance.line import Moment
from live_improv.performance.taste import Taste
from tests.conftest import ROOT
from tests.lines import QUALITIES, ROOT_NAMES, even_line, line, note
from tests.small_nets import random_weights

BLUES = parse("F7 | Bb7 | F7 | Cm7 F7 | Bb7 | Bdim7 | F7 | D7b9 | Gm7 | C7 | F7 D7b9 | Gm7 C7")


def improviser(weights: Weights, taste: Taste | None = None, chart: str = "") -> Improviser:
    """A soloist over the blues, or over another chart."""
    changes = parse(chart) if chart else BLUES
    context = Context(changes, 160.0, straight=True)
    return Improviser(weights, context, taste or Taste(), start=Ticks(0))


def improvised(seed: int, bars: int = 48) -> list[Idea]:
    """What a net that nobody taught plays over the blues."""
    return improviser(random_weights(seed), Taste(seed=seed)).extend(Ticks(bars * 1920))


def test_notes_are_not_placed_at_their_end() -> None:
    values = [parse_value(text) for text in ("C,1.0", "C,2.0,<+3,-3>", "R,0.5", "C,0.5,<+3,-3>")]
    played = realize(values, parse("C7"), lambda _, offered: offered[0], Register(60, 72))
    assert [each.onset for each in played] == [0, 480, 1680]
    assert abstract(played, parse("C7"))[0] == values[0]

    ideas = improvised(1)
    assert ideas[0].written.note.onset == 0
    for idea, following in pairwise(ideas):
        steps = sum(value.steps for value in idea.values)
        assert idea.written.note.onset + 40 * steps == following.written.note.onset


def test_windows_are_not_reset_at_bar_lines() -> None:
    # One note a bar, and a bar of silence: every value but the first has a window.
    played = (note(0, 60, 48), note(48, 64, 48), note(96, 67, 12), note(192, 70, 48))
    values = [v for v in abstract(played, parse("C7 |" * 6)) if not v.is_rest]
    assert [v.window for v in values] == [None, Window(7, 1), Window(6, 0), Window(6, 0)]

    values = [value for idea in improvised(2) for value in idea.values if not value.is_rest]
    assert [value.window is None for value in values] == [True] + [False] * (len(values) - 1)


def test_approach_tones_are_not_rewritten_to_chord_tones() -> None:
    # Ab leads down to G and Eb up to E, over C7: they come back as they were.
    played = line(68, 67, 63, 64, every=12)
    values = abstract(played, parse("C7"))
    assert [value.kind for value in values] == [Kind.APPROACH, Kind.CHORD] * 2
    pitches = {each.onset: each.pitch for each in played}
    back = realize(values, parse("C7"), lambda onset, offered: pitches[onset])
    assert back == played

    approaches = 0
    for idea, following in pairwise(improvised(3)):
        played_now, after = idea.written.note, following.written.note
        if idea.values[0].kind is Kind.APPROACH:
            approaches += 1
            assert played_now.pitch % 12 not in BLUES.chord_at(played_now.onset).scale
            assert abs(after.pitch - played_now.pitch) == 1
            assert after.pitch % 12 in BLUES.chord_at(after.onset).chord_tones
    assert approaches > 5


def test_triplets_are_not_destroyed_by_rounding() -> None:
    # Triplets, sixteenths and sixteenth triplets in one bar, at their exact ticks.
    ticks = [0, 160, 320, 480, 600, 720, 840, 960, 1040, 1120, 1200, 1440, 1600, 1760]
    played = tuple(
        Note(Ticks(at), Ticks(after - at), 60 + i % 3)
        for i, (at, after) in enumerate(pairwise([*ticks, 1920]))
    )
    assert on_grid(played) == played
    values = [parse_value(str(value)) for value in abstract(played, parse("C7"))]
    pitches = {each.onset: each.pitch for each in played}
    back = realize(values, parse("C7"), lambda onset, _: pitches[onset])
    assert [(n.onset, n.length) for n in back] == [(n.onset, n.length) for n in played]


def test_lengths_do_not_grow() -> None:
    gaps = [7, 1, 30, 6, 6, 4, 4, 4, 5, 100, 25, 48, 48]
    played = even_line([60 + i for i in range(len(gaps))], gaps)
    values = abstract(played, BLUES)
    assert [value.steps for value in values] == gaps
    assert sum(value.steps for value in values) * 40 == 6 * 1920

    feel = Feel(ratio=1.4, seed=0)
    for idea, following in pairwise(improvised(4)):
        note_steps, *rest_steps = (value.steps for value in idea.values)
        assert idea.written.note.length == 40 * note_steps
        assert note_steps + sum(rest_steps) <= 192
        # Nor when they are played: a note has ended when the next one starts.
        assert feel.played(idea.written).end <= following.written.note.onset


def test_an_unknown_quality_is_not_read_as_minor(tmp_path: Path) -> None:
    with pytest.raises(ChordSymbolError, match="'Cfoo'"):
        parse_chord("Cfoo")
    with pytest.raises(ChordSymbolError, match="bar 2: chord symbol 'Cfoo'"):
        parse("C7 | Cfoo")
    record = {
        "id": "x",
        "title": "x",
        "meter": "4/4",
        "tempo": 120,
        "first_bar_tick": 0,
        "chords": [[0, "Cfoo"]],
        "form": [],
        "notes": [[0, 24, 60, 0, 0]],
    }
    path = tmp_path / "solos.jsonl.gz"
    with gzip.open(path, "wt") as file:
        file.write(json.dumps(record))
    with pytest.raises(CorpusError, match="'Cfoo'"):
        list(read_corpus(path))
    # And what is known is not minor unless it says so.
    minor_third = {q: 3 in parse_chord(f"C{q}").pitch_classes for q in QUALITIES}
    assert [quality for quality, minor in minor_third.items() if minor] == [
        *("m7", "m7b5", "dim7", "7alt", "m6")
    ]


@pytest.mark.parametrize("quality", QUALITIES)
def test_scale_tones_are_read_and_written_in_one_scale(quality: str) -> None:
    for root in ROOT_NAMES:
        chord = parse_chord(root + quality)
        changes = parse(f"{root}{quality} | {root}{quality}")
        for pitch in range(55, 79):
            # Followed by itself, so that nothing resolves.
            (value, *_) = abstract((note(0, pitch, 48), note(48, pitch, 48)), changes)
            written = {
                kind
                for kind in NOTE_KINDS
                if pitch
                in candidates(
                    GrammarValue(kind, 1, Window(0, 0)),
                    chord,
                    Last(pitch, Kind.CHORD),
                    chord,
                    Register(),
                )
            }
            outside = pitch % 12 not in chord.scale
            assert value.kind in written
            assert written == ({Kind.APPROACH, Kind.OTHER} if outside else {value.kind})


def test_the_register_has_an_upper_limit() -> None:
    # A net that wants to rise an octave with every note.
    eager = random_weights(5)
    eager.arrays["experts_bias"][36 + 12] += 30.0
    register = Register(50, 75)
    ideas = improviser(eager, Taste(register)).extend(Ticks(48 * 1920))
    pitches = [idea.written.note.pitch for idea in ideas]
    assert min(pitches) >= 50
    assert max(pitches) <= 75
    assert max(pitches) > 70
    # The same net goes on rising where it may.
    free = improviser(eager, Taste(Register(50, 127))).extend(Ticks(48 * 1920))
    assert max(idea.written.note.pitch for idea in free) > 100


def test_the_vocabulary_has_one_order() -> None:
    code = (
        "from live_improv.grammar.vocabulary import Vocabulary\n"
        "from live_improv.grammar.context import Context, Past, layout_hash\n"
        "from live_improv.charts.text import parse\n"
        "from live_improv.music.timing import Ticks\n"
        "v = Vocabulary()\n"
        "print(v.content_hash, layout_hash(), [str(v.decode(i)) for i in range(0, len(v), 999)])\n"
        "c = Context(parse('C7(b9,#11) | FM7 | N.C.'), 120, straight=True)\n"
        "print([c.rows(Ticks(t), Past()) for t in range(0, 5760, 480)])\n"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(told) == 1
    assert len(told.pop()) > 1000


def test_the_state_is_carried_so_bars_are_not_all_the_same() -> None:
    weights = random_weights(5)
    ideas = improviser(weights, Taste(seed=1), chart="C7").extend(Ticks(32 * 1920))
    bars: dict[int, list[tuple[int, int]]] = {}
    for idea in ideas:
        bar, within = divmod(idea.written.note.onset, 1920)
        bars.setdefault(bar, []).append((within, idea.written.note.pitch))
    assert len(bars) > 16
    assert len({tuple(bar) for bar in bars.values()}) > 0.9 * len(bars)

    # What came before matters although the moment looks the same: another state, another line.
    soloist = improviser(weights, Taste(seed=1))
    soloist.extend(Ticks(12 * 1920))
    moment = soloist.moment
    fresh = Moment(moment.tick, initial_state(weights), moment.past)
    rows = Context(BLUES, 160.0, straight=True).rows(moment.tick, moment.past)
    carried, forgotten = (step(weights, m.state, rows)[0] for m in (moment, fresh))
    assert np.abs(carried.interval - forgotten.interval).max() > 0.05
    lines = []
    for start in (moment, fresh, moment):
        soloist.moment = start
        lines.append([idea.written.note for idea in soloist.extend(Ticks(24 * 1920))])
    assert lines[0] != lines[1]
    assert lines[0] == lines[2]
