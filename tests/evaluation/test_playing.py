"""How lines are played: figures by hand, and what people and our feel measure."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from live_improv.corpus import Played, Solo, read_corpus
from live_improv.evaluation.playing import (
    TEMPOS,
    Playing,
    Quartiles,
    Rendition,
    Verdict,
    lateness,
    played_by_us,
    playing,
    rendition,
    shares_sounding,
    swing_ratios,
    velocities,
    verdicts,
)
from live_improv.grammar.abstraction import straighten
from live_improv.music.events import Note
from live_improv.music.timing import Ticks
from live_improv.performance.feel import Feel, swing_ratio
from live_improv.training.feel_samples import written_line
from tests.lines import even_line


def line(*notes: tuple[int, int, int] | None, gaps: list[int], bpm: float = 150.0) -> Rendition:
    """A line with these gaps in grid steps; onset, length and velocity of each note as played."""
    written = even_line([60 + i for i in range(len(gaps))], gaps)
    played = tuple(
        None if each is None else Played(Ticks(each[0]), Ticks(each[1]), each[2] or None)
        for each in notes
    )
    return Rendition(written, played, bpm)


PAIRS = line(
    (10, 200, 80),
    (300, 150, 0),
    (500, 200, 90),
    (720, 200, 70),
    (990, 400, 60),
    gaps=[6] * 4 + [12],
)


def test_the_ratio_of_two_eighths() -> None:
    # 290 to 200, and 220 to 270.
    assert swing_ratios(PAIRS) == pytest.approx([1.45, 220 / 270])


@pytest.mark.parametrize(
    ("gaps", "pairs"),
    [
        ([6, 6, 12], 1),
        ([6, 18, 12], 0),  # no note on the next beat
        ([12, 12, 12], 0),
        ([4, 4, 4, 12], 0),
        ([3, 3, 6, 12], 0),
        ([6, 3, 3, 12], 0),
        ([8, 4, 12], 0),  # written as it is: not a pair of eighths
        ([6, 6, 3, 9], 1),
    ],
)
def test_which_beats_are_pairs(gaps: list[int], pairs: int) -> None:
    at, played = 0, []
    for gap in gaps:
        played.append((at, 40, 80))
        at += gap * 40
    assert len(swing_ratios(line(*played, gaps=gaps))) == pairs
    for missing in range(2 if pairs else 0):
        holed = [None if i == missing else each for i, each in enumerate(played)]
        assert swing_ratios(line(*holed, gaps=gaps)) == []


def test_the_share_that_sounds() -> None:
    # The last note has none after it.
    assert shares_sounding(PAIRS) == pytest.approx([200 / 290, 150 / 200, 200 / 220, 200 / 270])
    overlapping = line((0, 300, 0), (240, 100, 0), gaps=[6, 6])
    assert shares_sounding(overlapping) == [1.0]
    rested = line((0, 200, 0), (960, 100, 0), gaps=[24, 6])
    rested = replace(rested, notes=(replace(rested.notes[0], length=Ticks(200)), rested.notes[1]))
    assert shares_sounding(rested) == []


def test_how_late_notes_come_but_for_swung_off_beats() -> None:
    assert lateness(PAIRS) == pytest.approx([10 / 480, 20 / 480, 30 / 480])
    triplet = line((0, 1, 0), (170, 1, 0), (300, 1, 0), (480, 1, 0), gaps=[4, 4, 4, 12])
    assert lateness(triplet) == pytest.approx([0.0, 10 / 480, -20 / 480, 0.0])
    lost = line((300, 1, 0), (200, 1, 0), gaps=[6, 3])
    assert lateness(lost) == []


def test_velocities_that_are_known() -> None:
    assert velocities(PAIRS) == [80, 90, 70, 60]
    assert velocities(line(None, (0, 1, 5), gaps=[6, 6])) == [5]


def test_quartiles() -> None:
    assert Quartiles.of([3, 1, 2, 5, 4]) == Quartiles(2, 3, 4, 5)
    nothing = Quartiles.of([])
    assert nothing.count == 0
    assert math.isnan(nothing.middle)


BEATS = 120


def repeated(bpm: float, second: int, *, even: bool = False) -> Rendition:
    """Beats of pairs whose second note comes at this tick, twenty ticks late in all."""
    played = tuple(
        Played(Ticks(beat * 480 + at + 20), Ticks(200), 70 + beat % 3)
        for beat in range(BEATS)
        for at in (0, second)
    )
    return Rendition(even_line([60] * 2 * BEATS, [6] * 2 * BEATS), played, bpm, even)


def test_figures_of_many_lines() -> None:
    lines = [
        repeated(150, 288),
        repeated(155, 288),
        repeated(210, 260),
        repeated(150, 240, even=True),
    ]
    found = playing(lines)
    at = dict(zip(TEMPOS, found.swing, strict=True))
    assert at[120].middle == pytest.approx(1.5)
    assert at[120].count == 2 * (BEATS - 1)
    assert at[200].middle == pytest.approx(260 / 220)
    assert all(each.count == 0 for tempo, each in at.items() if tempo not in (120, 200))
    late = found.late
    assert (late.low, late.middle, late.high) == pytest.approx((20 / 480,) * 3)
    assert late.count == 4
    assert found.unevenness.middle == pytest.approx(0.0)
    assert found.loudness.middle == pytest.approx(math.sqrt(2 / 3), abs=0.01)
    # Few notes say nothing of a solo.
    assert playing([PAIRS]).late.count == 0


def test_verdicts() -> None:
    human = playing([repeated(150, 288), repeated(210, 260)])
    near, far = playing([repeated(150, 282)]), playing([repeated(150, 270)])
    said = {each.name: each.reached for each in verdicts(human, near)}
    assert said["swing 120-160"] is True
    assert said["swing 200-240"] is None
    assert (said["late"], said["loudness"], said["unevenness"]) == (True, True, None)
    off = {each.name: each for each in verdicts(human, far)}
    assert off["swing 120-160"].reached is False
    assert "NOT REACHED" in str(off["swing 120-160"])
    later = replace(human, late=Quartiles(0.1, 0.1, 0.1, 9))
    assert {each.name: each.reached for each in verdicts(human, later)}["late"] is False


def test_our_notes_and_how_we_played_them() -> None:
    written = even_line([60, 62], [8, 4])
    sent = [Note(Ticks(5), Ticks(100), 60, 77), Note(Ticks(300), Ticks(90), 62, 66)]
    found = played_by_us(written, sent, 150, "Bossa Nova")
    assert [each.onset for each in found.notes] == [0, 240]  # a swung pair is one of eighths
    assert found.played == (Played(Ticks(5), Ticks(100), 77), Played(Ticks(300), Ticks(90), 66))
    assert found.even
    with pytest.raises(ValueError, match="2 notes written, and 1 played"):
        played_by_us(written, sent[:1], 150, "")


@pytest.fixture(scope="module")
def valid(data_dir: Path) -> list[Solo]:
    """The solos of `valid`."""
    path = data_dir / "corpus" / "wjazzd_lean.jsonl.gz"
    return [solo for solo in read_corpus(path) if solo.split == "valid"]


@pytest.fixture(scope="module")
def human(valid: list[Solo]) -> Playing:
    """How people play."""
    return playing(map(rendition, valid))


def test_how_people_play(human: Playing) -> None:
    assert human.articulation.middle == pytest.approx(0.86, abs=0.02)
    assert human.late.middle == pytest.approx(0.03, abs=0.015)
    assert human.loudness.middle == pytest.approx(14.3, abs=0.5)
    ratios = [each.middle for each in human.swing if each.count > 100]
    assert len(ratios) == 5
    assert all(1.05 < ratio < 1.5 for ratio in ratios)
    assert ratios[0] > ratios[-1] + 0.2


def rendered(solo: Solo, feel: Callable[[Solo], Feel]) -> Rendition:
    """The notes of a human solo as our feel plays them."""
    line = written_line(straighten(solo.notes), solo.changes)
    one = feel(solo)
    pairs = zip(line, [*line[1:], None], strict=True)
    sent = [one.played(each, following) for each, following in pairs]
    return played_by_us([each.note for each in line], sent, solo.bpm, solo.changes.style)


def ours(solo: Solo) -> Feel:
    """Our feel, as people do."""
    ratio = swing_ratio(solo.bpm, solo.changes.style)
    return Feel(ratio, len(solo.notes), bpm=solo.bpm, laid_back=1.0, loose=1.0)


def test_our_feel_plays_human_lines_as_people_do(valid: list[Solo], human: Playing) -> None:
    found = playing(rendered(solo, ours) for solo in valid[::3])
    for said in verdicts(human, found):
        if not said.name.startswith("swing"):
            assert said.reached is not False, said
    ratios = [each for each in found.swing if each.count > 100]
    assert all(0.25 < each.high - each.low < 0.9 for each in ratios)


def test_a_machine_is_told_from_people(valid: list[Solo], human: Playing) -> None:
    """Triplets for swing, on the beat, legato: what players of notation do."""
    stiff = playing(
        rendered(solo, lambda solo: Feel(2.0, 1, bpm=solo.bpm, articulation=1.0))
        for solo in valid[:8]
    )
    said = {each.name: each for each in verdicts(human, stiff)}
    assert said["late"].reached is said["articulation"].reached is False
    assert not any(each.reached for name, each in said.items() if name.startswith("swing"))
    assert isinstance(said["late"], Verdict)
