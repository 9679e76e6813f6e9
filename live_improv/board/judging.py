"""One run of the board: read, play, judge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from live_improv import assets, corpus, model_folder
from live_improv.board.making import Plan, make_lines, make_runs
from live_improv.board.ours import Player, range_of
from live_improv.board.scores import Judge, Scores, Timing
from live_improv.corpus import CorpusError, Solo
from live_improv.evaluation.baselines import learned
from live_improv.evaluation.beat_patterns import learn_patterns
from live_improv.evaluation.bits import Bits, bits_per_note
from live_improv.evaluation.lines import line_of
from live_improv.evaluation.midi_lines import read_lines
from live_improv.evaluation.played_rhythm import RhythmReader
from live_improv.evaluation.playing import Verdict, playing, rendition, verdicts
from live_improv.model_folder import Model
from live_improv.music.changes import Changes
from live_improv.music.events import Note

LEARNED = "train"

BASELINES = ("markov", "product")
"""The standing ones: what any net has to beat."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Solos:
    """The human solos of a board.

    Attributes:
        learned: those that may be learned from.
        held_out: those of the split.
    """

    learned: tuple[Solo, ...]
    held_out: tuple[Solo, ...]

    @property
    def in_four(self) -> tuple[Solo, ...]:
        """Those held out over whose changes others play: all that are judged."""
        return tuple(solo for solo in self.held_out if line_of(solo).in_four)

    def judge(self) -> Judge:
        """Who scores others against them."""
        learned = [line_of(solo) for solo in self.learned]
        return Judge(learned, [line_of(solo) for solo in self.held_out])


@dataclass(frozen=True, slots=True)
class MidiFolder:
    """Anybody's lines, to be judged beside ours: their played time is read back.

    Attributes:
        chart: the chords of all its files; None where each brings its own.
    """

    path: Path
    chart: Changes | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """What everybody scores.

    Attributes:
        split: whose solos others are compared with.
        human, ours: always there.
        others: baselines, and the lines of a folder.
        played: how ours are played, beside the people that may be learned from.
        seconds: what the whole run took.
    """

    split: str
    model: str
    human: Scores
    ours: Scores
    others: tuple[Scores, ...]
    played: tuple[Verdict, ...]
    seconds: float


def read_solos(paths: Sequence[Path], split: str) -> Solos:
    """The solos of a split and those of `train`.

    Raises:
        CorpusError: a file cannot be read, or there are none of the split or none to learn from.
    """
    everyone = corpus.read_corpora(paths)
    found = Solos(
        *(tuple(solo for solo in everyone if solo.split == name) for name in (LEARNED, split))
    )
    for name, solos in ((LEARNED, found.learned), (split, found.in_four)):
        if not solos:
            raise CorpusError(f"no solos of split {name!r} in 4/4")
    return found


def board(
    paths: Sequence[Path],
    split: str,
    model: Path | None,
    plan: Plan,
    baselines: Sequence[str],
    midi: MidiFolder | None,
    say: Say,
) -> Board:
    """Play over the changes of a split's solos, and judge that beside them.

    Args:
        paths: corpora.
        model: a model folder, or None for the default one.
        plan: how much is played, by ours and by each baseline.
        baselines: which of `evaluation.baselines.KINDS` are judged too.
        midi: lines of others that are judged too.
        say: told what is done and how long it took.

    Raises:
        CorpusError: see `read_solos`; or no file of the folder can be judged.
        ModelFormatError: the model cannot be used.
    """
    timing = Timing()
    with timing.part("all"):
        loaded = model_folder.load(model or assets.default_model())
        with timing.part("reading"):
            solos = read_solos(paths, split)
            judge = solos.judge()
        say(f"{len(solos.learned)} solos to learn from, {timing.seconds['reading']:.1f} s")
        human = judge.human_scores()
        say(_parts(human))
        player = Player(loaded)
        ours = _play(player, loaded, solos, judge, plan)
        played = verdicts(playing(map(rendition, solos.learned)), playing(player.renditions))
        say(_parts(ours))
        scored = []
        for name in baselines:
            scored.append(_baseline(name, solos, judge, plan))
            say(_parts(scored[-1]))
        if midi is not None:
            scored.append(_folder(midi, solos, judge, say))
            say(_parts(scored[-1]))
    seconds = timing.seconds["all"]
    return Board(split, loaded.name, human, ours, tuple(scored), tuple(played), seconds)


def _play(player: Player, model: Model, solos: Solos, judge: Judge, plan: Plan) -> Scores:
    """What ours scores, with the bits per note of its model."""
    timing, asked = Timing(), solos.in_four
    with timing.part("playing"):
        lines = list(make_lines(player, asked, plan))
    with timing.part("long runs"):
        runs = list(make_runs(player, asked[: len(lines)]))
    with timing.part("bits"):
        bits = bits_per_note(model.weights, solos.held_out)
    scores = judge.score("ours", lines, runs, _known(bits))
    return replace(scores, seconds={**timing.seconds, **scores.seconds})


def _baseline(name: str, solos: Solos, judge: Judge, plan: Plan) -> Scores:
    """What a baseline scores; its drift is not asked."""
    timing = Timing()
    with timing.part("learning"):
        baseline = learned(name, solos.learned)

    def make(solo: Solo, bars: int, seed: int) -> Sequence[Note]:
        register = range_of(solo)
        return baseline.generate(solo.changes, solo.bpm, bars, register, seed).notes

    with timing.part("playing"):
        lines = list(make_lines(make, solos.in_four, plan))
    with timing.part("bits"):
        bits = baseline.bits_per_note(solos.held_out)
    scores = judge.score(name, lines, known=_known(bits))
    return replace(scores, seconds={**timing.seconds, **scores.seconds})


def _folder(midi: MidiFolder, solos: Solos, judge: Judge, say: Say) -> Scores:
    """What the lines of a folder score; why a file is left out is said.

    Raises:
        CorpusError: no file of it is a line.
    """
    timing = Timing()
    with timing.part("reading"):
        reader = RhythmReader(learn_patterns(solos.learned))
        found, refused = read_lines(midi.path, reader, midi.chart)
    for each in refused:
        say(f"{each.name} is left out: {each.why}")
    lines = [each.line for each in found]
    for line in lines:
        if not line.in_four:
            say(f"{line.name} is left out: it is not in 4/4")
    if not any(line.in_four for line in lines):
        raise CorpusError(f"{midi.path}: no MIDI file that can be judged")
    scores = judge.score(midi.path.name or str(midi.path), lines)
    return replace(scores, seconds={**timing.seconds, **scores.seconds})


def _known(bits: Bits) -> dict[str, float]:
    return {"bits": bits.total, "bits_onset": bits.onset, "bits_pitch": bits.pitch}


def _parts(scores: Scores) -> str:
    """What was judged, and how long each part took."""
    parts = ", ".join(f"{part} {seconds:.1f}" for part, seconds in scores.seconds.items())
    return f"{scores.name}: {scores.solos} solos, {scores.notes} notes; seconds: {parts}"
