"""The folder of an audition: numbered excerpts, a page to rate them on, and the key."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from random import Random
from string import Template

from live_improv import assets, model_folder
from live_improv.audition.excerpts import Place, excerpt, places
from live_improv.audition.key import (
    KEY_NAME,
    AuditionError,
    By,
    Key,
    Truth,
    seal_of,
    sealed,
)
from live_improv.corpus import read_corpora
from live_improv.midi import files
from live_improv.music.score import Score
from live_improv.music.timing import Seconds, Ticks
from live_improv.performance.chance import stream
from live_improv.sound.render import Synth, render

PAGE_NAME = "index.html"
_PAGE = Path(__file__).with_name("page.html")

FADING = Seconds(1.5)
"""How long a sound file goes on after its last bar."""

_SEEDS = 1 << 62


@dataclass(frozen=True, slots=True)
class Plan:
    """What an audition is to be.

    Attributes:
        corpora: files of human solos.
        split: only its solos are taken, or all.
        excerpts: how many, half of them by humans.
        seed: of everything; who knows it can find out which is which.
        model: who plays ours, or None for the default model.
    """

    corpora: Sequence[Path]
    split: str | None
    excerpts: int
    seed: int
    model: Path | None = None


def make_audition(
    plan: Plan,
    out: Path,
    synth: Synth | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> str:
    """Make the folder `out`, whole or not at all; its seal.

    Args:
        out: must not exist yet.
        synth: who makes sound files as well, if anybody does.
        say: told which excerpt is being made.

    Raises:
        AuditionError: `out` exists or cannot be made, the number of excerpts is odd, or there are
            too few tunes.
        CorpusError, ModelFormatError, SoundError: something cannot be read or rendered.
    """
    if plan.excerpts < 2 or plan.excerpts % 2:
        raise AuditionError(f"{plan.excerpts} excerpts: expected an even number, half by humans")
    if out.exists() or out.is_symlink():
        raise AuditionError(f"{out} is there already: expected the name of a new folder")
    if not out.parent.is_dir():
        raise AuditionError(f"cannot make {out}: there is no folder {out.parent}")
    model = model_folder.load(plan.model or assets.default_model())
    solos = [solo for solo in read_corpora(plan.corpora) if plan.split in (None, solo.split)]
    chance = stream(plan.seed, "audition", Ticks(0))
    chosen = places(solos, plan.excerpts // 2, chance)
    order = shuffled(len(chosen), chance)
    width = max(len(str(len(order))), 2)
    names = [f"{number:0{width}}" for number in range(1, len(order) + 1)]
    truths: dict[str, Truth] = {}
    part = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        for name, (number, by) in zip(names, order, strict=True):
            say(f"excerpt {name} of {names[-1]}")
            place = chosen[number]
            score = excerpt(place, by, model, chance.randrange(_SEEDS))
            midi = part / f"{name}.mid"
            files.write_score(midi, score)
            if synth is not None:
                render(synth, midi, part / f"{name}.wav", duration(score))
            truths[name] = _truth(number, place, by)
        content = sealed(Key(truths, plan.seed, model.name))
        (part / KEY_NAME).write_bytes(content)
        page = page_of(names, seal_of(content), sound=synth is not None)
        (part / PAGE_NAME).write_text(page, encoding="utf-8")
        part.chmod(0o755)
        part.rename(out)
    except OSError as error:
        raise AuditionError(f"cannot make {out}: {error.strerror or error}") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return seal_of(content)


def shuffled(count: int, chance: Random) -> list[tuple[int, By]]:
    """The order of the excerpts: the number of the place, and who.

    One of each pair is in the first half and the other one in the second, each half in an order
    of its own; how many of a half are by humans is chance. So who has heard half of it has judged
    every place once, and nobody hears a pair side by side but by chance.
    """
    first = [(number, chance.choice(tuple(By))) for number in range(count)]
    second = [(number, By.OURS if by is By.HUMAN else By.HUMAN) for number, by in first]
    chance.shuffle(first)
    chance.shuffle(second)
    return first + second


def duration(score: Score) -> Seconds:
    """How long the sound file of a score is; the same for both of a pair."""
    return Seconds(score.tempo.seconds_at(score.length) + FADING)


def page_of(names: Sequence[str], seal: str, *, sound: bool) -> str:
    """The page: one file, which asks nobody for anything."""
    template = Template(_PAGE.read_text(encoding="utf-8"))
    return template.substitute(
        COUNT=len(names),
        EXCERPTS="\n".join(_section(name, sound=sound) for name in names),
        KEY_NAME=escape(KEY_NAME),
        SEAL=seal,
    )


def _section(name: str, *, sound: bool) -> str:
    """What is asked about one excerpt."""
    heard = (
        f'<audio controls preload="none" src="{name}.wav"></audio>'
        if sound
        else f'<a href="{name}.mid" download>{name}.mid</a>'
    )
    ratings = "".join(_choice("rating", name, str(each), str(each)) for each in range(1, 6))
    guesses = "".join(_choice("guess", name, by, f"a {by}") for by in By)
    return (
        f'<section id="{name}"><h2>{name}</h2>{heard}'
        f"<fieldset><legend>1 poor, 5 superb</legend>{ratings}</fieldset>"
        f"<fieldset><legend>Improvised by</legend>{guesses}</fieldset>"
        f'<fieldset><label><input type="checkbox" name="known-{name}"> '
        "I know this solo from a recording</label></fieldset></section>"
    )


def _choice(kind: str, name: str, value: str, text: str) -> str:
    return f'<label><input type="radio" name="{kind}-{name}" value="{value}"> {text}</label>'


def _truth(number: int, place: Place, by: By) -> Truth:
    solo = place.solo
    return Truth(by, number, solo.id, solo.title, solo.performer, place.first)
