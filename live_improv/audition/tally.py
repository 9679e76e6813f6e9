"""The tally: what listeners said, beside what is true.

Conventions
    Of one listener, every excerpt is one observation. Together, every excerpt counts once with the
    mean of its ratings, and every place once with the mean difference between its two excerpts, so
    many listeners of few excerpts do not look like much music. The share of right guesses takes all
    guesses as independent. Excerpts that a listener knew from a recording are left out.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any

from live_improv.audition.intervals import Estimate, mean, share
from live_improv.audition.key import AuditionError, By, Key, Truth, read_key

LOWEST, HIGHEST = 1, 5
MAX_BYTES = 1 << 20
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """What one listener said of one excerpt; None for what was not answered."""

    name: str
    truth: Truth
    rating: int | None
    guess: By | None
    known: bool


@dataclass(frozen=True, slots=True)
class Listener:
    """A file of ratings.

    Attributes:
        name: as given, or that of the file.
        signed: the name as given.
    """

    name: str
    signed: str
    background: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What some listeners said; None where nobody said anything.

    Attributes:
        listeners: how many.
        human, ours: mean ratings, `LOWEST` to `HIGHEST`.
        gap: human minus ours, over places of which both were rated by the same listener.
        told: share of guesses that are right; half is chance.
        human_called, ours_called: share of each that was called human.
        known: answers that were left out.
    """

    name: str
    listeners: int
    human: Estimate | None
    ours: Estimate | None
    gap: Estimate | None
    told: Estimate | None
    human_called: Estimate | None
    ours_called: Estimate | None
    known: int


def tally(folder: Path, files: Sequence[Path]) -> list[Verdict]:
    """Each listener's verdict, then those of the backgrounds if there are several, then all.

    Raises:
        AuditionError: there is no audition, or a file is not of its ratings.
    """
    key, seal = read_key(folder)
    listeners = [read_ratings(path, key, seal) for path in files]
    for number, each in enumerate(listeners):
        for before in range(number):
            # A page downloads as often as it is asked to, each time under another name.
            if replace(each, name="") == replace(listeners[before], name=""):
                raise AuditionError(
                    f"{files[number]} says the same as {files[before]}: one listener counts once"
                )
    found = [verdict(each.name, [each]) for each in listeners]
    groups: dict[str, list[Listener]] = defaultdict(list)
    for each in listeners:
        groups[each.background].append(each)
    if len(groups) > 1:
        found += [verdict(name, groups[name]) for name in sorted(groups) if name]
    if len(listeners) > 1:
        found.append(verdict("together", listeners))
    return found


def verdict(name: str, listeners: Sequence[Listener]) -> Verdict:
    """What these listeners say together."""
    answers = [each for listener in listeners for each in listener.answers if not each.known]
    guesses = [(each.truth.by, each.guess) for each in answers if each.guess is not None]

    def called_human(by: By) -> Estimate | None:
        of_it = [guess for truth, guess in guesses if truth is by]
        return share(of_it.count(By.HUMAN), len(of_it))

    return Verdict(
        name=name,
        listeners=len(listeners),
        human=mean(_by_excerpt(answers, By.HUMAN)),
        ours=mean(_by_excerpt(answers, By.OURS)),
        gap=mean(_by_place(listeners)),
        told=share(sum(truth is guess for truth, guess in guesses), len(guesses)),
        human_called=called_human(By.HUMAN),
        ours_called=called_human(By.OURS),
        known=sum(each.known for listener in listeners for each in listener.answers),
    )


def _by_excerpt(answers: Iterable[Answer], by: By) -> list[float]:
    """The mean rating of each excerpt."""
    ratings: dict[str, list[int]] = defaultdict(list)
    for each in answers:
        if each.truth.by is by and each.rating is not None:
            ratings[each.name].append(each.rating)
    return [fmean(some) for some in ratings.values()]


def _by_place(listeners: Iterable[Listener]) -> list[float]:
    """The mean difference, human minus ours, at each place."""
    gaps: dict[int, list[int]] = defaultdict(list)
    for listener in listeners:
        rated: dict[int, dict[By, int]] = defaultdict(dict)
        for each in listener.answers:
            if each.rating is not None and not each.known:
                rated[each.truth.place][each.truth.by] = each.rating
        for place, both in rated.items():
            if len(both) == len(By):
                gaps[place].append(both[By.HUMAN] - both[By.OURS])
    return [fmean(some) for some in gaps.values()]


def read_ratings(path: Path, key: Key, seal: str) -> Listener:
    """A file as the page makes it.

    Raises:
        AuditionError: it is none, or one of another audition.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise AuditionError(f"{path}: {error.strerror or error}") from None
    try:
        if len(content) > MAX_BYTES:
            raise ValueError("too large")
        said = json.loads(content)
        if not isinstance(said, dict) or not isinstance(said.get("ratings"), dict):
            raise ValueError("expected the file that the page makes")
    except (ValueError, RecursionError) as error:
        raise AuditionError(f"{path}: no ratings: {error}") from None
    if said.get("audition") != seal:
        raise AuditionError(
            f"{path}: ratings of another audition, or the key was changed since "
            f"(expected the seal {seal[:12]}...)"
        )
    answers = tuple(
        _answer(path, name, answer, key.excerpts)
        for name, answer in sorted(said["ratings"].items())
    )
    signed, background = (
        str(said.get(each) or "").strip()[:_LONGEST_NAME] for each in ("listener", "background")
    )
    return Listener(signed or path.stem, signed, background, answers)


def _answer(path: Path, name: str, said: Any, truths: Mapping[str, Truth]) -> Answer:
    """One answer, each of its parts checked."""

    def wrong(what: str) -> AuditionError:
        return AuditionError(f"{path}: excerpt {name!r}: {what}")

    if name not in truths:
        raise wrong(f"there are {', '.join(truths)}")
    if not isinstance(said, dict):
        raise wrong("expected a rating and a guess")
    rating, guess, known = (said.get(each) for each in ("rating", "guess", "known"))
    if rating is not None and (type(rating) is not int or not LOWEST <= rating <= HIGHEST):
        raise wrong(f"rating {rating!r}: expected {LOWEST} to {HIGHEST}, or none")
    if guess is not None and guess not in tuple(By):
        raise wrong(f"guess {guess!r}: expected {' or '.join(By)}, or none")
    return Answer(name, truths[name], rating, None if guess is None else By(guess), bool(known))
