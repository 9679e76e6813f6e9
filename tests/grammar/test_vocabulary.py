"""The vocabulary: every value has a number, always the same one."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.grammar.values import GrammarValue, Kind, Window, parse_value
from live_improv.grammar.vocabulary import Vocabulary, VocabularyError

WHOLE = Vocabulary()
SMALL = Vocabulary(max_steps=4, max_interval=2)


def test_its_size_is_the_product_of_its_axes() -> None:
    # 5 kinds, 73 windows and none, 192 lengths; and 192 rests.
    assert len(WHOLE) == 5 * 74 * 192 + 192
    assert len(SMALL) == 5 * 6 * 4 + 4


def test_all_values_of_a_small_one_are_different_and_come_back() -> None:
    values = list(SMALL)
    assert len(set(values)) == len(SMALL) == len(values)
    assert [SMALL.encode(value) for value in values] == list(range(len(values)))
    assert {value.steps for value in values} == {1, 2, 3, 4}
    assert {value.window for value in values} == {None, *map(Window.around, range(-2, 3))}
    assert {value.kind for value in values} == set(Kind)


@given(st.integers(0, len(WHOLE) - 1))
def test_a_number_comes_back(number: int) -> None:
    assert WHOLE.encode(WHOLE.decode(number)) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        # Golden: weights and saved values mean these numbers.
        ("C,0.083", 0),
        ("C,16.000", 191),
        ("C,0.083,<-33,-39>", 192),
        ("C,0.500,<+3,-3>", 37 * 192 + 5),
        ("L,0.083", 74 * 192),
        ("A,0.333,<+1,-5>", (3 * 74 + 1 + 34) * 192 + 3),
        ("X,16.000,<+39,+33>", 5 * 74 * 192 - 1),
        ("R,0.083", 5 * 74 * 192),
        ("R,16.000", 5 * 74 * 192 + 191),
    ],
)
def test_numbers_never_change(text: str, number: int) -> None:
    assert WHOLE.encode(parse_value(text)) == number
    assert WHOLE.decode(number) == parse_value(text)


def test_its_hash_never_changes() -> None:
    hashed = "9952c5469b20a36fe37ed5c3b9d658cfb8241b944922986179c230b7ed808cb4"
    assert WHOLE.content_hash == hashed
    assert json.loads(WHOLE.to_json())["hash"] == hashed


@pytest.mark.parametrize("number", [-1, len(WHOLE), 10**9])
def test_other_numbers_are_no_values(number: int) -> None:
    with pytest.raises(VocabularyError, match=f"value number {number}: expected 0 to"):
        WHOLE.decode(number)


@pytest.mark.parametrize(
    "value",
    [
        GrammarValue(Kind.CHORD, 5, Window.around(0)),
        GrammarValue(Kind.REST, 5),
        GrammarValue(Kind.CHORD, 4, Window.around(3)),
        GrammarValue(Kind.CHORD, 4, Window.around(-3)),
        GrammarValue(Kind.CHORD, 4, Window(3, -2)),
        GrammarValue(Kind.CHORD, 4, Window(4, -4)),
        GrammarValue(Kind.CHORD, 4, Window(0, 0)),
    ],
)
def test_other_values_have_no_number(value: GrammarValue) -> None:
    with pytest.raises(VocabularyError, match=r"longer|window"):
        SMALL.encode(value)


@pytest.mark.parametrize("axes", [(0, 5), (193, 5), (5, 0), (5, 128), (-1, -1)])
def test_its_axes_have_bounds(axes: tuple[int, int]) -> None:
    with pytest.raises(VocabularyError):
        Vocabulary(*axes)


@given(st.integers(1, 192), st.integers(1, 127))
def test_it_is_saved_and_read(steps: int, interval: int) -> None:
    vocabulary = Vocabulary(steps, interval)
    assert Vocabulary.from_json(vocabulary.to_json()) == vocabulary


def test_different_vocabularies_have_different_hashes() -> None:
    hashes = {Vocabulary(a, b).content_hash for a in (1, 12, 192) for b in (1, 12, 36)}
    assert len(hashes) == 9


SAVED = json.loads(WHOLE.to_json())


@pytest.mark.parametrize(
    "changed",
    [
        {"hash": SMALL.content_hash},
        {"hash": None},
        {"max_steps": 191},
        {"max_steps": 192.5},
        {"max_steps": "192"},
        {"max_steps": float("inf")},
        {"max_steps": float("nan")},
        {"max_interval": 10**30},
        {"max_interval": None},
        {"kinds": ["L", "C", "S", "A", "X"]},
        {"kinds": "CLSAX"},
        {"rest": "Q"},
    ],
)
def test_a_changed_file_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(VocabularyError):
        Vocabulary.from_json(json.dumps({**SAVED, **changed}))


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "1", "null", "{}", '{"max_steps": 192}', "[" * 100_000, '"' + "x" * 50],
)
def test_another_text_is_refused(text: str) -> None:
    with pytest.raises(VocabularyError):
        Vocabulary.from_json(text)
