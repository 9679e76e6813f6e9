"""F33: a chord symbol is known exactly or it is an error, never a guess."""

from __future__ import annotations

import random
import re

import pytest

from live_improv.music.chords import ChordSymbolError, parse_chord
from tests.music.test_chords import NOT_CHORDS, WRITTEN

# All that a symbol over C may be made of, besides a bass and a second chord; written from what
# people write (the table of tests/music/test_chords.py), not from the parser.
_VOCABULARY = re.compile(
    r"C(?:maj|major|min|minor|mi|ma|m|M|MI|MA|Maj|dim|diminished|aug|augmented|sus|add|omit|no|alt"
    r"|altered|dom|half|[-+^oh0°øΔ△#b♭♯(),/ ]|2|3|4|5|6|7|9|10|11|13|69)*"
)


def test_the_table_has_all_that_people_write() -> None:
    assert len(WRITTEN) >= 71
    wrong = []
    for symbol, tones in WRITTEN.items():
        found = " ".join(map(str, sorted(parse_chord(symbol).pitch_classes)))
        if found != tones:
            wrong.append((symbol, found, tones))
    assert not wrong


def test_a_known_symbol_with_a_foreign_sign_in_it_is_refused() -> None:
    chance = random.Random("F33 foreign")
    symbols = sorted(WRITTEN)
    for _ in range(2_000):
        symbol, sign = chance.choice(symbols), chance.choice("kqvwxyzKQRVWXYZ!?%&;:=@~§éß")
        at = chance.randint(1, len(symbol))
        _refused(symbol[:at] + sign + symbol[at:])


def test_two_thousand_random_suffixes_are_known_or_refused() -> None:
    chance = random.Random("F33 suffixes")
    alphabet = ["m", "maj", "7", "9", "b", "#", "5", "13", "sus", "dim", "+", "-", "(", ")", "alt"]
    alphabet += [*"abcdefghijklnopqrstuvwxyz0123468M^°ø,. !?é"]
    known = 0
    for _ in range(2_000):
        suffix = "".join(chance.choice(alphabet) for _ in range(chance.randint(1, 6)))
        symbol = f"C{suffix}"
        said = ""
        try:
            parse_chord(symbol)
        except ChordSymbolError as error:
            said = str(error)
        if said:
            assert repr(symbol.strip())[1:-1] in said
            assert "\n" not in said
        else:
            known += 1
            assert _VOCABULARY.fullmatch(symbol.strip()), f"{symbol!r} was guessed"
    assert 20 < known < 1_000


@pytest.mark.parametrize("symbol", NOT_CHORDS)
def test_what_looks_like_a_chord_and_is_none_is_refused(symbol: str) -> None:
    _refused(symbol)


def _refused(symbol: str) -> None:
    with pytest.raises(ChordSymbolError) as caught:
        parse_chord(symbol)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300
