"""The order of the bars of MusicXML: repeats, endings, jumps; a letter is a bar."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.charts.musicxml import read
from live_improv.charts.text import MAX_BARS, ChartError
from live_improv.music.changes import Changes
from tests.charts.musicxml_scores import (
    attributes,
    backward,
    begin,
    close,
    direction,
    forward,
    harmony,
    rest,
    score,
    words,
)

SEGNO, CODA = direction("<segno/>"), direction("<coda/>")
LETTERS = "ABCDEFG"

Marked = tuple[str, str]
"""What stands before and behind the music of a bar."""


def form(marks: dict[str, Marked], bars: str) -> Changes:
    """A tune with a bar to each letter of `bars`; `marks` are those of some letters.

    The chord of a bar is its letter; more than seven bars go on with minor chords.
    """
    measures = []
    for i, letter in enumerate(bars):
        before, behind = marks.get(letter, ("", ""))
        root = LETTERS[ord(letter) % 7]
        kind = ("major", "minor", "dominant", "augmented")[(ord(letter) - ord("A")) // 7]
        measures.append(
            ("" if i else attributes()) + before + harmony(root, kind) + rest() + behind
        )
    return read(score(measures), "x.musicxml")


def order(bars: str, **marks: Marked) -> str:
    """The letters of the bars as they are played."""
    by_symbol = {form({}, letter).chords[0].chord.symbol: letter for letter in bars}
    return "".join(by_symbol[span.chord.symbol] for span in form(marks, bars).chords)


UP, DOWN = (forward(), ""), ("", backward())


def test_letters_are_bars() -> None:
    assert order("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@pytest.mark.parametrize(
    ("bars", "marks", "expected"),
    [
        ("ABCD", {"B": UP, "C": DOWN}, "ABCBCD"),
        ("ABCD", {"B": DOWN, "D": DOWN}, "ABABCDCD"),
        ("ABC", {"A": (forward(), backward())}, "AABC"),
        ("ABC", {"B": (forward(), backward(' times="4"'))}, "ABBBBC"),
        ("ABC", {"B": (forward(), backward(' times="1"'))}, "ABC"),
        ("AB", {"B": ("", '<barline><repeat direction="backward"/></barline>')}, "ABAB"),
        ("ABC", {"B": ('<sound forward-repeat="yes"/>', backward())}, "ABBC"),
        (
            "ABC",
            {"B": (direction("<rehearsal>B</rehearsal>", 'forward-repeat="yes"'), backward())},
            "ABBC",
        ),
    ],
)
def test_repeats(bars: str, marks: dict[str, Marked], expected: str) -> None:
    assert order(bars, **marks) == expected


TWO = {"B": (begin("1"), backward(ending="1")), "C": (begin("2"), close("2"))}


@pytest.mark.parametrize(
    ("bars", "marks", "expected"),
    [
        ("ABCD", TWO, "ABACD"),
        ("ABCD", {"A": UP, **TWO}, "ABACD"),
        (
            "ABCD",
            {**TWO, "B": (begin("1, 2"), backward(ending="1, 2")), "C": (begin("3"), "")},
            "ABABACD",
        ),
        (
            "ABCD",
            {
                **TWO,
                "B": (begin("1,2"), backward(' times="3"', ending="1,2")),
                "C": (begin("3."), ""),
            },
            "ABABACD",
        ),
        (
            "ABCDE",
            {**TWO, "C": (begin("2"), backward(ending="2")), "D": (begin("3"), close("3"))},
            "ABACADE",
        ),
        # The last ending has a repeat sign of its own: twice is twice.
        ("ABCD", {**TWO, "C": (begin("2"), backward(ending="2"))}, "ABACD"),
        # Without a next ending the last time goes on after the first one.
        ("ABCD", {"B": TWO["B"]}, "ABACD"),
        ("ABCD", {"B": (begin("1, 2"), backward(ending="1, 2"))}, "ABABACD"),
        # Endings of two bars; a bracket over the first alone, as iReal Pro draws it.
        (
            "ABCDEF",
            {"B": (begin("1") + close("1"), ""), "C": DOWN, "D": (begin("2") + close("2"), "")},
            "ABCADEF",
        ),
        (
            "ABCDEF",
            {
                "B": (begin("1"), ""),
                "C": ("", backward(ending="1")),
                "D": (begin("2"), ""),
                "E": ("", close("2")),
            },
            "ABCADEF",
        ),
        # A repeat after endings goes back behind them.
        ("ABCDEF", {**TWO, "E": DOWN}, "ABACDEDEF"),
        ("ABCDEF", {**TWO, "D": UP, "E": DOWN}, "ABACDEDEF"),
        (
            "ABCDEFG",
            {**TWO, "E": (begin("1"), backward(ending="1")), "F": (begin("2"), close("2"))},
            "ABACDEDFG",
        ),
    ],
)
def test_endings(bars: str, marks: dict[str, Marked], expected: str) -> None:
    assert order(bars, **marks) == expected


DC, FINE = words("D.C. al Fine", 'dacapo="yes"'), words("Fine", 'fine="yes"')
SIGN = (direction("<segno/>", 'segno="s"'), "")
TO = words("To Coda", 'tocoda="c"')
TAIL = (direction("<coda/>", 'coda="c"'), "")


@pytest.mark.parametrize(
    ("bars", "marks", "expected"),
    [
        ("ABCD", {"B": ("", FINE), "D": ("", DC)}, "ABCDAB"),
        ("ABCD", {"B": ("", words("Fine")), "D": ("", words("D. C. al Fine"))}, "ABCDAB"),
        ("ABCD", {"B": ("", '<sound fine="4"/>'), "D": ("", '<sound dacapo="yes"/>')}, "ABCDAB"),
        ("ABCD", {"D": ("", words("D.C."))}, "ABCDABCD"),
        ("ABCD", {"D": ("", words("da capo al fine")), "A": ("", words("FINE"))}, "ABCDA"),
        (
            "ABCD",
            {"B": SIGN, "C": ("", FINE), "D": ("", words("D.S. al Fine", 'dalsegno="s"'))},
            "ABCDBC",
        ),
        (
            "ABCD",
            {"B": (SEGNO, ""), "C": ("", words("Fine")), "D": ("", words("D.S. al Fine"))},
            "ABCDBC",
        ),
        ("ABCD", {"B": (SEGNO, ""), "D": ("", words("D.S."))}, "ABCDBCD"),
        (
            "ABCDE",
            {"B": SIGN, "C": ("", TO), "D": ("", words("D.S. al Coda", 'dalsegno="s"')), "E": TAIL},
            "ABCDBCE",
        ),
        (
            "ABCDE",
            {"C": ("", words("To Coda")), "D": ("", words("D.C. al Coda")), "E": (CODA, "")},
            "ABCDABCE",
        ),
        ("ABCDE", {"C": ("", CODA), "D": ("", words("D.C. al Coda")), "E": (CODA, "")}, "ABCDABCE"),
        (
            "ABCDE",
            {
                "C": ("", words("To") + CODA),
                "D": ("", words("Da Capo al Coda")),
                "E": (words("Coda"), ""),
            },
            "ABCDABCE",
        ),
        (
            "ABCDE",
            {
                "B": (words("𝄋"), ""),
                "C": ("", words("To 𝄌")),
                "D": ("", words("Dal 𝄋 al 𝄌")),
                "E": (words("𝄌"), ""),
            },
            "ABCDBCE",
        ),
        (
            "ABCDE",
            {
                "C": ("", "<barline><coda/></barline>"),
                "D": ("", words("D.C. al Coda")),
                "E": ('<barline location="left"><coda/></barline>', ""),
            },
            "ABCDABCE",
        ),
        (
            "ABCDE",
            {
                "B": ('<barline location="left" segno="x"><segno/></barline>', ""),
                "D": ("", '<sound dalsegno="x"/>'),
            },
            "ABCDBCDE",
        ),
        # Two signs, told apart by name.
        (
            "ABCDE",
            {
                "A": (direction("<segno/>", 'segno="a"'), ""),
                "C": SIGN,
                "D": ("", '<sound dalsegno="s"/>'),
            },
            "ABCDCDE",
        ),
        # The sign in `D.S. al ⊕` is no coda.
        (
            "ABCDE",
            {"C": ("", TO), "D": ("", direction("<words>D.C. al</words><coda/>")), "E": TAIL},
            "ABCDABCE",
        ),
        # A jump stands before repeats are over, and they are not repeated again ...
        ("ABCD", {"A": (forward(), backward()), "B": ("", FINE), "D": ("", DC)}, "AABCDAB"),
        (
            "ABCDE",
            {**TWO, "D": ("", words("D.C. al Fine")), "C": (begin("2"), FINE + close("2"))},
            "ABACDAC",
        ),
        ("ABCD", {"C": (forward(), words("D.C. al Fine") + backward()), "A": ("", FINE)}, "ABCCA"),
        # ... unless it says so.
        (
            "ABCD",
            {"A": (forward(), backward(' after-jump="yes"')), "B": ("", FINE), "D": ("", DC)},
            "AABCDAAB",
        ),
        (
            "ABCD",
            {
                "A": (forward(), backward()),
                "B": ("", FINE),
                "D": ("", words("D.C. al Fine (with repeats)")),
            },
            "AABCDAAB",
        ),
        (
            "ABCD",
            {
                "A": (forward(), backward()),
                "B": ("", FINE),
                "D": ("", words("D.C. al Fine no repeats")),
            },
            "AABCDAB",
        ),
        # What is new after a jump is repeated.
        (
            "ABCDE",
            {
                "B": ("", TO),
                "C": ("", words("D.C. al Coda")),
                "E": DOWN,
                "D": (direction("<coda/>", 'coda="c"') + forward(), ""),
            },
            "ABCABDEDE",
        ),
        (
            "ABCDE",
            {"B": ("", TO), "C": ("", words("D.C. al Coda")), "D": (TAIL[0], FINE)},
            "ABCABD",
        ),
        # To a numbered ending, and to the Fine in it.
        (
            "ABCDEF",
            {
                **TWO,
                "C": (begin("2"), FINE + backward(ending="2")),
                "D": (begin("3"), close("3")),
                "E": ("", words("D.C. al 2nd ending")),
            },
            "ABACADEAC",
        ),
        # A Fine is passed by on the way to the coda, a To Coda on the way to the Fine.
        (
            "ABCDE",
            {"A": ("", FINE), "B": ("", TO), "C": ("", words("D.C. al Coda")), "D": TAIL},
            "ABCABDE",
        ),
        # Jumps in several parts or marks of one bar are one.
        ("ABC", {"B": ("", words("D.C.") + '<sound dacapo="yes"/>' + DC), "A": ("", FINE)}, "ABA"),
    ],
)
def test_jumps(bars: str, marks: dict[str, Marked], expected: str) -> None:
    assert order(bars, **marks) == expected


@pytest.mark.parametrize(
    ("marks", "message"),
    [
        ({"A": UP}, "bar 1: the repeat is not closed"),
        ({"A": UP, "C": UP, "D": DOWN}, "bar 3: the repeat of bar 1 is not closed"),
        ({"B": (begin("1"), "")}, "bar 2: ending 1: expected a repeat at its end"),
        ({"A": (begin("1"), backward())}, "bar 1: an ending without a passage before it"),
        ({"B": (begin("2"), backward())}, "bar 2: endings 2: expected 1, 2 and so on"),
        ({**TWO, "C": (begin("1"), "")}, "bar 2: endings 1, 1: expected"),
        ({**TWO, "C": (begin("3"), "")}, "bar 2: endings 1, 3: expected"),
        ({**TWO, "D": (begin("3"), "")}, "bar 4: ending 3: expected after the repeat"),
        ({**TWO, "B": (begin("1"), backward(' times="5"', "1"))}, "bar 2: 5 times"),
        ({"B": (begin("x"), "")}, "bar 2: ending 'x': expected numbers such as 1 or 1, 2"),
        ({"B": (begin(""), "")}, "bar 2: ending ''"),
        ({"B": ("", '<barline><ending number="1" type="on"/></barline>')}, "ending type 'on'"),
        ({"B": ("", '<barline><repeat direction="up"/></barline>')}, "repeat direction 'up'"),
        (
            {"B": ("", backward(' times="99"'))},
            "repeat times '99': expected a whole number, 1 to 20",
        ),
        ({"B": ("", backward(' times="x"'))}, "repeat times 'x'"),
        (
            {"B": ("", '<barline location="middle"><repeat direction="backward"/></barline>')},
            "bar 2: a backward repeat at the middle of a bar",
        ),
        (
            {"B": ("", '<barline location="right"><repeat direction="forward"/></barline>')},
            "bar 2: a forward repeat at the right of a bar",
        ),
        (
            {"B": ("", backward() + backward(' times="3"'))},
            "bar 2: repeat times 2 and 3 in one bar",
        ),
        ({"D": ("", DC)}, "bar 4: after the jump no Fine is reached"),
        ({"D": ("", words("D.C. al Coda"))}, "bar 4: after the jump no To Coda is reached"),
        (
            {"D": ("", words("D.S. al Fine")), "B": ("", FINE)},
            "bar 4: no segno signs: expected one",
        ),
        ({"D": ("", words("D.S.")), "A": (SEGNO, ""), "B": (SEGNO, "")}, "bar 4: 2 segno signs"),
        ({"A": ("", words("D.S.")), "B": (SEGNO, "")}, "bar 1: expected the segno before it"),
        ({"B": ("", TO), "C": ("", words("D.C. al Coda"))}, "bar 2: no coda signs: expected one"),
        (
            {"C": ("", TO), "D": ("", words("D.C. al Coda")), "B": TAIL},
            "bar 3: expected the coda after it",
        ),
        ({"B": ("", TO), "D": TAIL}, "bar 2: a coda: expected a D.C. or D.S. as well"),
        ({"B": SIGN}, "bar 2: a segno: expected a D.C. or D.S. as well"),
        ({"B": ("", FINE)}, "bar 2: a Fine: expected a D.C. or D.S. as well"),
        ({"B": (CODA, "")}, "bar 2: a coda sign of which nothing says"),
        (
            {"A": (CODA, ""), "B": (CODA, ""), "C": (CODA, ""), "D": ("", words("D.C."))},
            "bar 1: a coda",
        ),
        ({"B": ("", DC), "A": ("", FINE), "C": ("", words("D.C."))}, "bar 3: the jump is never"),
        (
            {**TWO, "B": (begin("1"), words("D.C.") + backward(ending="1"))},
            "bar 2: the jump is never reached",
        ),
        (
            {"B": ("", words("D.C. al Fine") + '<sound dalsegno="a"/>')},
            "bar 2: two jumps in one bar",
        ),
        ({"B": ("", words("D.C. al Fine") + words("D.C. al Coda"))}, "bar 2: two jumps in one bar"),
        ({"B": ("", words("D.S. to bar 3"))}, "'D.S. to bar 3': expected D.C. or D.S., al Fine"),
        ({"B": ("", words("On cue: Dal Segno"))}, "'On cue: Dal Segno': expected D.C."),
        ({"B": ("", words("last time to Coda"))}, "'last time to Coda': expected"),
        ({"B": ("", '<sound dacapo="yes" time-only="2"/>')}, "dacapo with time-only '2'"),
        ({"B": ("", '<sound tocoda="c" time-only="3"/>')}, "tocoda with time-only '3'"),
    ],
)
def test_what_makes_no_order(marks: dict[str, Marked], message: str) -> None:
    with pytest.raises(ChartError) as caught:
        form(marks, "ABCD")
    assert message in str(caught.value)
    assert str(caught.value).startswith("bar ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["Solo", "fine and mellow", "dsp", "Swing"])
def test_words_that_mean_no_order(text: str) -> None:
    assert order("AB", B=(words(text), "")) == "AB"


def test_many_times_many_bars_are_refused() -> None:
    bars = [attributes() + harmony("C") + rest() + forward(), *[rest()] * 998]
    full = score([*bars, rest() + backward(' times="10"')])
    assert len(read(full, "x").bars) == MAX_BARS
    with pytest.raises(ChartError, match="the chart has too many bars: expected at most 10000"):
        read(score([*bars, rest() + backward(' times="11"')]), "x")


def test_sections_begin_again_when_their_bars_do() -> None:
    marks = {
        "A": (direction("<rehearsal>A</rehearsal>") + forward(), ""),
        "B": (begin("1"), backward(ending="1")),
        "C": (begin("2"), close("2")),
        "D": (direction("<rehearsal> B  2 </rehearsal>"), words("D.C. al Fine")),
    }
    marks["C"] = (marks["C"][0], FINE + marks["C"][1])
    changes = form(marks, "ABCD")
    found = [(changes.bar_index(part.start), part.name) for part in changes.sections]
    assert found == [(0, "A"), (2, "A"), (4, "B 2"), (5, "A")]


def test_marks_of_the_top_part_count_for_the_part_with_the_chords() -> None:
    top = [
        attributes() + rest(),
        direction("<rehearsal>X</rehearsal>") + rest() + FINE,
        rest() + DC,
    ]
    chords = [attributes() + harmony("A") + rest(), harmony("B") + rest(), harmony("C") + rest()]
    changes = read(score(top, chords), "x")
    assert [span.chord.symbol for span in changes.chords] == ["A", "B", "C", "A", "B"]
    assert [part.name for part in changes.sections] == ["X", "X"]


ROOTS = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
KINDS = ("major", "minor", "dominant", "augmented", "diminished", "major-sixth", "power")
Passage = tuple[int, int, int, list[int]]
passages = st.lists(
    st.tuples(
        st.integers(0, 2),  # bars before
        st.integers(1, 3),  # bars of the body
        st.integers(1, 4),  # times without endings
        st.lists(st.integers(1, 2), max_size=3),  # bars of each ending
    ),
    min_size=1,
    max_size=4,
)


@given(passages, st.booleans())
def test_any_passages_with_any_endings(form_of: list[Passage], signs: bool) -> None:
    """Passages written with repeat signs are played as the passages say, written out by hand."""
    measures: list[str] = []
    expected: list[int] = []

    def write(count: int) -> list[int]:
        first = len(measures)
        measures.extend(rest() for _ in range(count))
        return list(range(first, first + count))

    for lead, body, times, endings in form_of:
        expected += write(lead)
        passage = write(body)
        if signs or lead:
            measures[passage[0]] = forward() + measures[passage[0]]
        if len(endings) < 2:
            measures[passage[-1]] += backward(f' times="{times}"')
            expected += passage * times
            continue
        for number, length in enumerate(endings, 1):
            ending = write(length)
            expected += passage + ending
            measures[ending[0]] = begin(str(number)) + measures[ending[0]]
            last = number == len(endings)
            measures[ending[-1]] += close(str(number)) if last else backward(ending=str(number))
    for i, measure in enumerate(measures):
        first = "" if i else attributes()
        measures[i] = first + harmony(ROOTS[i % 12], KINDS[i // 12]) + measure
    changes = read(score(measures), "x")
    straight = read(score([each.replace("barline", "x") for each in measures]), "x")
    symbols = [span.chord.symbol for span in straight.chords]
    assert len(set(symbols)) == len(measures)
    assert [span.chord.symbol for span in changes.chords] == [symbols[i] for i in expected]
