"""Witten-Bell smoothing: what follows the longest context that has been seen, and all shorter.

What a context was followed by is mixed with what the next shorter one says, and that one's share
grows with the number of different symbols that followed, since where many did another new one is
likely (Witten and Bell, "The zero-frequency problem", 1991). Below the empty context every symbol
is as likely as any other.

Conventions
    A context is a row of whole numbers; the first number counts most, and the shorter contexts are
    the row's beginnings. Symbols are 0 up to, not including, `size`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
_Keys = NDArray[np.uint64]

# Odd numbers to mix the bits of a key with, from the generator SplitMix64.
_SPREAD, _MIX = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9
_64_BITS = 0xFFFFFFFFFFFFFFFF


@dataclass(frozen=True, slots=True)
class _Level:
    """The contexts of one length.

    Attributes:
        contexts: their keys, in order, `(contexts,)`.
        starts: where the symbols of each begin, and where the last ones end, `(contexts + 1,)`.
        symbols, counts: what followed and how often, context after context.
        totals: how often each context was followed, `(contexts,)`.
    """

    contexts: _Keys
    starts: Ints
    symbols: Ints
    counts: Floats
    totals: Floats


@dataclass(frozen=True, slots=True)
class WittenBell:
    """What follows what."""

    size: int
    levels: tuple[_Level, ...]

    @classmethod
    def learn(cls, contexts: Ints, symbols: Ints, size: int) -> WittenBell:
        """Count symbols, `(notes,)`, after their contexts, `(notes, numbers)`."""
        return cls(size, tuple(_level(keys, symbols) for keys in _keys(contexts)))

    def probabilities(self, contexts: Ints) -> Floats:
        """What follows each of the contexts, `(contexts, size)`; nothing is impossible."""
        if len(contexts) == 1:
            return self._after(contexts[0].tolist())[None]
        found = np.full((len(contexts), self.size), 1.0 / self.size)
        for keys, level in zip(_keys(contexts), self.levels, strict=True):
            if not len(level.contexts):
                continue
            at = np.minimum(np.searchsorted(level.contexts, keys), len(level.contexts) - 1)
            seen = np.flatnonzero(level.contexts[at] == keys)
            at = at[seen]
            first, kinds = level.starts[at], level.starts[at + 1] - level.starts[at]
            shares = 1.0 / (level.totals[at] + kinds)
            found[seen] *= (kinds * shares)[:, None]
            # The entries of all contexts at once, one row after the other.
            ends = kinds.cumsum()
            entries = np.repeat(first - ends + kinds, kinds) + np.arange(ends[-1] if len(at) else 0)
            rows, columns = np.repeat(seen, kinds), level.symbols[entries]
            found[rows, columns] += level.counts[entries] * np.repeat(shares, kinds)
        return found

    def _after(self, context: list[int]) -> Floats:
        """The same for a single context, `(size,)`: as it is when playing, many times faster."""
        found = np.full(self.size, 1.0 / self.size)
        for key, level in zip(_keys_of_one(context), self.levels, strict=True):
            at = int(level.contexts.searchsorted(np.uint64(key)))
            if at == len(level.contexts) or level.contexts[at] != key:
                break  # nor has any longer one been seen
            first, end = level.starts[at : at + 2]
            share = 1.0 / (level.totals[at] + (end - first))
            found *= (end - first) * share
            found[level.symbols[first:end]] += level.counts[first:end] * share
        return found


def _keys(contexts: Ints) -> list[_Keys]:
    """A key for each beginning of each row, from the empty one to the whole, `(rows,)` each."""
    keys = np.zeros(len(contexts), np.uint64)
    found = [keys]
    for column in contexts.T:
        keys = (keys ^ (column.astype(np.uint64) + np.uint64(1))) * np.uint64(_SPREAD)
        keys = (keys ^ (keys >> np.uint64(29))) * np.uint64(_MIX)
        keys = keys ^ (keys >> np.uint64(32))
        found.append(keys)
    return found


def _keys_of_one(context: list[int]) -> Iterator[int]:
    """The same keys for one row."""
    key = 0
    yield key
    for number in context:
        key = (key ^ (number + 1 & _64_BITS)) * _SPREAD & _64_BITS
        key = (key ^ (key >> 29)) * _MIX & _64_BITS
        key = key ^ (key >> 32)
        yield key


def _level(keys: _Keys, symbols: Ints) -> _Level:
    """What followed each of the keys."""
    order = np.lexsort((symbols, keys))
    keys, symbols = keys[order], symbols[order]
    pairs = np.flatnonzero(_changes(keys) | _changes(symbols))
    counts = np.diff(np.append(pairs, len(keys))).astype(np.float64)
    keys, symbols = keys[pairs], symbols[pairs]
    first = np.flatnonzero(_changes(keys))
    totals = np.add.reduceat(counts, first) if len(first) else counts
    return _Level(keys[first], np.append(first, len(keys)), symbols, counts, totals)


def _changes(values: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Where a new value begins."""
    found = np.ones(len(values), np.bool_)
    found[1:] = values[1:] != values[:-1]
    return found
