"""Values and their numbers.

The vocabulary is the product of its axes, not a list of what happened to be in a corpus: every
value the grammar can say has a number, computed from its place on the axes, so the order cannot
change from run to run and no unseen value is missing. It is saved as JSON with a hash of its
content, which the weights repeat.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from live_improv.grammar.values import (
    MAX_STEPS,
    NOTE_KINDS,
    GrammarValue,
    Kind,
    Window,
)

MAX_INTERVAL = 36
"""The widest melodic interval, in semitones, that a value can say: three octaves."""


class VocabularyError(ValueError):
    """A vocabulary file that cannot be used, or a value that is not in the vocabulary."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All values up to a longest length and a widest interval.

    Numbers run over the notes first (kind, then window, then length, the first note's missing
    window before the others) and then over the rests.

    Attributes:
        max_steps: the longest note or rest in grid steps.
        max_interval: the widest interval in semitones, up or down.
    """

    max_steps: int = MAX_STEPS
    max_interval: int = MAX_INTERVAL

    def __post_init__(self) -> None:
        if not (1 <= self.max_steps <= MAX_STEPS and 1 <= self.max_interval <= 127):
            raise VocabularyError(
                f"a vocabulary of {self.max_steps} steps and {self.max_interval} semitones: "
                f"expected 1 to {MAX_STEPS} and 1 to 127"
            )

    @property
    def _windows(self) -> int:
        return 2 * self.max_interval + 2

    def __len__(self) -> int:
        return (len(NOTE_KINDS) * self._windows + 1) * self.max_steps

    def __iter__(self) -> Iterator[GrammarValue]:
        return map(self.decode, range(len(self)))

    def encode(self, value: GrammarValue) -> int:
        """The number of `value`, in 0..len - 1.

        Raises:
            VocabularyError: the value is longer or wider than the vocabulary, or its window is
                not the window of an interval.
        """
        if value.steps > self.max_steps:
            raise VocabularyError(f"{value}: longer than {self.max_steps} steps")
        if value.is_rest:
            return len(NOTE_KINDS) * self._windows * self.max_steps + value.steps - 1
        window = 0
        if value.window is not None:
            centre = value.window.centre
            if Window.around(centre) != value.window or abs(centre) > self.max_interval:
                raise VocabularyError(
                    f"{value}: expected the window of an interval of at most "
                    f"{self.max_interval} semitones"
                )
            window = centre + self.max_interval + 1
        kind = NOTE_KINDS.index(value.kind)
        return (kind * self._windows + window) * self.max_steps + value.steps - 1

    def decode(self, number: int) -> GrammarValue:
        """The value that has `number`.

        Raises:
            VocabularyError: the number is not in 0..len - 1.
        """
        if not 0 <= number < len(self):
            raise VocabularyError(f"value number {number}: expected 0 to {len(self) - 1}")
        rest, steps = divmod(number, self.max_steps)
        kind, window = divmod(rest, self._windows)
        if kind == len(NOTE_KINDS):
            return GrammarValue(Kind.REST, steps + 1)
        around = Window.around(window - self.max_interval - 1) if window else None
        return GrammarValue(NOTE_KINDS[kind], steps + 1, around)

    @property
    def content_hash(self) -> str:
        """The SHA-256, in hexadecimal, of what the vocabulary says."""
        return hashlib.sha256(json.dumps(self._axes(), sort_keys=True).encode()).hexdigest()

    def _axes(self) -> dict[str, object]:
        return {
            "kinds": [str(kind) for kind in NOTE_KINDS],
            "rest": str(Kind.REST),
            "max_steps": self.max_steps,
            "max_interval": self.max_interval,
        }

    def to_json(self) -> str:
        """The vocabulary as JSON text, with its hash."""
        return json.dumps({**self._axes(), "hash": self.content_hash}, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Vocabulary:
        """Read what `to_json` wrote.

        Raises:
            VocabularyError: the text is not such JSON, or its hash is not that of its content.
        """
        try:
            saved = json.loads(text)
            vocabulary = cls(int(saved["max_steps"]), int(saved["max_interval"]))
            found = {key: saved[key] for key in (*vocabulary._axes(), "hash")}
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise VocabularyError(f"not a vocabulary: {error}") from None
        expected = {**vocabulary._axes(), "hash": vocabulary.content_hash}
        if found != expected:
            raise VocabularyError(
                f"the vocabulary's hash is {str(found['hash'])[:12]}, "
                f"its content has {vocabulary.content_hash[:12]}"
            )
        return vocabulary
