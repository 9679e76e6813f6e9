"""What the feel of the program is learned from: how the solos of a corpus were played.

Every figure is fitted by least squares to the notes of the `train` solos and tried on those of
`valid`: of the variance there it explains a share, which is told beside it. The facts are those
that the program itself knows when it plays (`performance.feel.facts`), of the line as it would
write it, with swung pairs as even eighths. Beats that were not tracked are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import sqrt
from statistics import median

import numpy as np
from numpy.typing import NDArray

from live_improv.corpus import CorpusError, Solo
from live_improv.music.timing import PPQ
from live_improv.performance.feel_tables import LEVELS, Figure, Ratios, Weight, interpolated
from live_improv.training.feel_samples import Sample, samples, sounding_share, swing_share

Floats = NDArray[np.float64]

_QUARTILES_APART = 1.349  # standard deviations, of a normal distribution
_TEMPO_STEP, _FIRST_TEMPO, _LAST_TEMPO = 40, 1, 8  # 60, 100 ... 340 quarters a minute
_FEWEST, _MOST = 0.2, 0.9  # of a beat: further off, it is no pair of eighths
_LOST = 0.3  # beats: what is further from its place was not meant for it

TIMED = ("slow", "slow_triplet", "slow_sixteenth", "slow_finer", "slow_beat")
SWUNG = ("second", "leapt", "repeats", "peak", "dip")
SOUNDING = ("wait", "beat", "starts", "leaps", "repeated", "peak", "dip")
LOUD = ("height", "starts", "ends", "along", "bar", "half_bar", "leaps", "repeated", "peak", "dip")


@dataclass(frozen=True, slots=True)
class Fitted:
    """A figure, and how well it fits.

    Attributes:
        explained: the share of the variance that the facts explain, on `train` and on `valid`.
        notes: on how many notes of either.
    """

    figure: Figure
    explained: tuple[float, float]
    notes: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Learned:
    """Everything that the feel is made of.

    Attributes:
        ratios: of swung eighths at some tempos, rising.
        drift, jitter: how wide onsets spread in beats, from bar to bar and from note to note.
        figures: in the order of `feel_tables`.
    """

    ratios: Ratios
    drift: float
    jitter: float
    figures: tuple[Fitted, ...]


def learn(solos: Sequence[Solo]) -> Learned:
    """Learn from the solos of `train`, and try on those of `valid`.

    Raises:
        CorpusError: of no solo of `train` it is known how it was played.
    """
    known = list(samples(solos))
    if not any(each.split == "train" for each in known):
        raise CorpusError("no solos of split 'train' of which it is known how they were played")
    timed = [each for each in known if not each.written.swings and abs(each.beats_late) < _LOST]
    drift, jitter = _unevenness(timed)
    lag = fitted("LAG", TIMED, [(each, each.beats_late * 60_000 / each.bpm) for each in timed])
    swung = _swung(known, lag.figure)
    ratios, swing = _swing(swung)
    # A part of what is left over is the jitter of the two notes on the beats.
    own = 1.0 - jitter**2 / 2 / np.var([share for _, share in swung])
    figures = (
        replace(swing, figure=_narrowed(swing.figure, sqrt(max(float(own), 0.0)))),
        # What is left over of the lag is the drift and the jitter.
        replace(lag, figure=replace(lag.figure, spread=(), near=0.0, far=0.0)),
        fitted(
            "ARTICULATION",
            SOUNDING,
            [(each, share) for each in known if (share := sounding_share(each)) is not None],
        ),
        fitted(
            "LOUDNESS",
            LOUD,
            [(each, float(each.here.velocity)) for each in known if each.here.velocity],
        ),
    )
    return Learned(ratios, drift, jitter, figures)


def _swung(known: Sequence[Sample], lag: Figure) -> list[tuple[Sample, float]]:
    """The swung off-beats, and where they came when the lag of the three notes is taken out."""
    found = []
    for before, here, after in zip(known, known[1:], known[2:], strict=False):
        if here.even or swing_share(here) is None:
            continue
        # The second of two eighths is as late as one on the beat, but for the swing.
        second = {**here.facts, "slow_beat": here.facts["slow"]}
        late = tuple(
            max(lag.expected(facts), 0.0) / 60_000 * here.bpm * PPQ
            for facts in (before.facts, second, after.facts)
        )
        share = swing_share(here, (late[0], late[1], late[2]))
        if share is not None and _FEWEST < share < _MOST:
            found.append((here, share))
    return found


def _swing(swung: Sequence[tuple[Sample, float]]) -> tuple[Ratios, Fitted]:
    """The ratio by tempo, and what the facts of a note add to where its off-beat comes.

    Each is fitted to what the other leaves, in turn: slow lines leap more than fast ones.
    """
    ratios = _ratios([(each.bpm, share) for each, share in swung if each.split == "train"])
    for _ in range(3):
        beside = [(each, share - _usual_share(ratios, each.bpm)) for each, share in swung]
        swing = fitted("SWING", SWUNG, beside)
        figure = swing.figure
        middle = figure.left_over(0.5)
        ratios = _ratios(
            [
                (each.bpm, share - figure.expected(each.facts) - middle)
                for each, share in swung
                if each.split == "train"
            ]
        )
    return ratios, swing


def _usual_share(ratios: Ratios, bpm: float) -> float:
    ratio = interpolated(ratios, bpm)
    return ratio / (1 + ratio)


def _ratios(swung: Iterable[tuple[float, float]]) -> Ratios:
    """The medians of the swing ratio at tempos `_TEMPO_STEP` apart, which falls.

    Where the median of faster solos is the higher one, both have their common median.
    """
    by_tempo: dict[int, list[float]] = {}
    for bpm, share in swung:
        at = min(max(int(bpm // _TEMPO_STEP), _FIRST_TEMPO), _LAST_TEMPO)
        by_tempo.setdefault(at, []).append(share)
    groups: list[tuple[list[int], list[float]]] = []
    for tempo in sorted(by_tempo):
        groups.append(([tempo], by_tempo[tempo]))
        while len(groups) > 1 and median(groups[-2][1]) <= median(groups[-1][1]):
            tempos, shares = groups.pop()
            groups[-1] = (groups[-1][0] + tempos, groups[-1][1] + shares)
    found = []
    for tempos, shares in groups:
        share = median(shares)
        ratio = round(max(share / (1 - share), 1.0), 3)
        found += [((tempo + 0.5) * _TEMPO_STEP, ratio) for tempo in tempos]
    return tuple(found)


def _unevenness(timed: Sequence[Sample]) -> tuple[float, float]:
    """How wide onsets spread in beats: what drifts over a bar, and what each note has of its own.

    That beats were tapped a little early or late makes all notes of a beat late or early. It is
    no playing, so neither figure has it: the drift is what notes in neighbouring beats have in
    common, the jitter what neighbours in one beat have not.
    """
    drift, jitter = [], []
    late = _own_lateness(timed)
    for (here, one), (there, two) in pairwise(zip(timed, late, strict=True)):
        if here.solo != there.solo or here.split != "train":
            continue
        apart = there.written.note.onset - here.written.note.onset
        beats = there.written.note.onset // PPQ - here.written.note.onset // PPQ
        if beats == 0 and apart <= PPQ // 3:
            jitter.append(one - two)
        elif beats == 1:
            drift.append(one * two)
    low, high = np.quantile(jitter, (0.25, 0.75))
    together = float(np.mean(drift))
    return _rounded(sqrt(max(together, 0.0))), _rounded((high - low) / _QUARTILES_APART / sqrt(2))


def _own_lateness(timed: Sequence[Sample]) -> list[float]:
    """How late each note is in beats, beside the middle of its solo."""
    by_solo: dict[int, list[float]] = {}
    for each in timed:
        by_solo.setdefault(each.solo, []).append(each.beats_late)
    middles = {solo: median(late) for solo, late in by_solo.items()}
    return [each.beats_late - middles[each.solo] for each in timed]


def fitted(name: str, facts_of: Sequence[str], goals: Sequence[tuple[Sample, float]]) -> Fitted:
    """A figure of these facts, by least squares on `train`."""
    goal = np.array([each for _, each in goals])
    train, valid = (
        np.array([each.split == split for each, _ in goals]) for split in ("train", "valid")
    )
    rows = np.array([[each.facts.get(fact, np.nan) for fact in facts_of] for each, _ in goals])
    usual = np.nanmean(rows[train], axis=0)
    # What is not known counts as usual, as it does when it is played.
    rows = np.where(np.isnan(rows), 0.0, rows - usual)
    middle = float(goal[train].mean())
    by = np.linalg.lstsq(rows[train], goal[train] - middle, rcond=None)[0]
    left = goal - middle - rows @ by
    spread = np.quantile(left[train], LEVELS)
    # The outermost are mistakes of a transcription as often as they are music.
    spread[0], spread[-1] = 2 * spread[1] - spread[2], 2 * spread[-2] - spread[-3]
    near, far = _drifting([each for each, _ in goals if each.split == "train"], left[train])
    weights = {
        fact: Weight(_rounded(one), _rounded(mean))
        for fact, one, mean in zip(facts_of, by.tolist(), usual.tolist(), strict=True)
    }
    figure = Figure(name, _rounded(middle), weights, _all_rounded(spread.tolist()), near, far)
    explained = tuple(_explained(left[part], goal[part] - middle) for part in (train, valid))
    return Fitted(figure, (explained[0], explained[1]), (int(train.sum()), int(valid.sum())))


def _explained(left: Floats, whole: Floats) -> float:
    return 1.0 - float((left**2).sum() / (whole**2).sum()) if len(whole) else float("nan")


def _narrowed(figure: Figure, by: float) -> Figure:
    return replace(figure, spread=_all_rounded(each * by for each in figure.spread))


def _rounded(number: float) -> float:
    """Three digits."""
    return float(f"{number:.3g}")


def _all_rounded(numbers: Iterable[float]) -> tuple[float, ...]:
    return tuple(_rounded(each) for each in numbers)


def _drifting(chosen: Sequence[Sample], left: Floats) -> tuple[float, float]:
    """The shares of what is left over that drift from beat to beat, and over some bars.

    They show in how alike notes up to a beat apart are, and notes four to six beats apart, when
    what is the solo's own has been taken out.
    """
    ids = np.array([each.solo for each in chosen])
    onsets = np.array([each.written.note.onset for each in chosen])
    counts = np.maximum(np.bincount(ids), 1)
    own = left - (np.bincount(ids, left) / counts)[ids]
    shares = []
    for low, high in ((0, PPQ), (4 * PPQ, 6 * PPQ)):
        alike = []
        for lag in range(1, 25):
            apart = onsets[lag:] - onsets[:-lag]
            pairs = (ids[lag:] == ids[:-lag]) & (apart >= low) & (apart <= high)
            alike.append(own[lag:][pairs] * own[:-lag][pairs])
        products = np.concatenate(alike)
        shares.append(float(products.mean() / own.var()) if len(products) else 0.0)
    far = max(shares[1], 0.0)
    return round(max(shares[0] - far, 0.0), 2), round(far, 2)


def tables(learned: Learned) -> str:
    """The figures as they stand in `performance/feel_tables.py`."""
    lines = [
        "SWING_RATIOS = (",
        *(f"    ({bpm:g}, {ratio})," for bpm, ratio in learned.ratios),
        ")",
        f"DRIFT, JITTER = {learned.drift}, {learned.jitter}",
    ]
    for each in learned.figures:
        figure = each.figure
        lines += [
            f"{figure.name} = Figure(",
            f'    "{figure.name}",',
            f"    {figure.usual},",
            "    {",
        ]
        lines += [
            f'        "{name}": Weight({weight.by}, {weight.usual}),'
            for name, weight in figure.weights.items()
        ]
        lines += ["    },"]
        if figure.spread:
            spread = ", ".join(map(str, figure.spread))
            lines += [f"    ({spread}),", f"    {figure.near},", f"    {figure.far},"]
        lines += [")"]
    return "\n".join(lines)


def report(learned: Learned) -> str:
    """How much of what people do the figures explain."""
    return "\n".join(
        f"{each.figure.name.lower():13} {each.notes[0]:7} notes, of the variance "
        f"{each.explained[0]:.3f}; on valid {each.notes[1]:6} notes, {each.explained[1]:.3f}"
        for each in learned.figures
    )
