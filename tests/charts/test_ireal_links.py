"""Links, lists and pages of iReal Pro: which songs are in them, and their disguise."""

from __future__ import annotations

import time
from functools import partial
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.charts.ireal_links import MAX_LINKS, songs_in
from live_improv.charts.ireal_scramble import SIGN, unscramble
from live_improv.charts.text import ChartError
from tests.charts.ireal_writing import fields, link, scrambled
from tests.charts.refusals import is_one_line, refusal

CHORDS = st.text(alphabet="ABCDEFG^-7hob#/ |[]{}xrnpNTSQUZ*<>,()sl", max_size=300)


@given(CHORDS.filter(lambda music: not any(short in music for short in ("Kcl", "LZ", "XyQ"))))
def test_the_disguise_is_undone(music: str) -> None:
    assert unscramble(scrambled(music).removeprefix(SIGN)) == music


def test_blocks_of_fifty_change_places() -> None:
    letters = "".join(chr(0x100 + place) for place in range(102))
    plain = unscramble(letters)
    moved = [place for place in range(102) if plain[place] != letters[place]]
    within = [*range(5), *range(10, 24), *range(26, 40), *range(45, 50)]
    assert moved == [*within, *(50 + place for place in within)]
    # A block with less than two characters after it is left as it is.
    assert unscramble(letters[:51]) == letters[:51]
    assert unscramble(letters[:52]) != letters[:52]


def titles(text: str) -> list[str]:
    """The titles of the songs of a text."""
    return [song.title for song in songs_in(text)]


A, B, C = fields("One", "C Z"), fields("", "D Z", style="", key=""), fields("Three & more", "E Z")


def test_a_list_has_its_songs_in_order() -> None:
    songs = songs_in(link(A, B, C, name="My list"))
    assert [song.title for song in songs] == ["One", "", "Three & more"]
    assert [song.music for song in songs] == ["C Z", "D Z", "E Z"]
    assert [song.key for song in songs] == ["C", "", "C"]


@pytest.mark.parametrize(
    "written",
    [
        link(A),
        f"  {link(A)}\n",
        "irealb://" + A,  # not encoded
        "irealb://" + quote(A, safe=""),  # all of it
        link(A)[:30] + "\n   " + link(A)[30:],  # broken by a mail
        f'<a href="{link(A)}">One</a>',
        f"<html><body><h3>x</h3><p><a class=b href = '{link(A)}' >One</a></body></html>",
        f'My tune: <a href="{link(A)}">One</a>',
        link(A).replace("irealb", "IREALB"),
    ],
)
def test_ways_to_write_one_link(written: str) -> None:
    (song,) = songs_in(written)
    assert (song.title, song.style, song.key, song.music) == ("One", "Medium Swing", "C", "C Z")


def test_several_links_in_one_text() -> None:
    page = f'<p><a href="{link(A)}">a</a><p><a href="{link(C, A)}">b</a>'
    assert titles(page) == ["One", "Three & more", "One"]
    assert titles(f"{link(A)}\n{link(C)}\n") == ["One", "Three & more"]


def test_entities_of_a_page_are_read_once() -> None:
    written = link(fields("Tom &amp; Jerry's", "C Z")).replace("%26", "&#38;")
    assert titles(f'<a href="{written}">x</a>') == ["Tom &amp; Jerry's"]


def test_plain_links() -> None:
    book = "irealbook://One=Me=Swing=G-=n=T44C   Z=Two===C=n=[F   Z=My list"
    songs = songs_in(book)
    assert [(s.title, s.composer, s.style, s.key, s.tempo) for s in songs] == [
        ("One", "Me", "Swing", "G-", ""),
        ("Two", "", "", "C", ""),
    ]
    assert [song.music for song in songs] == ["T44C   Z", "[F   Z"]
    apart = "irealbook://One=Me=Swing=C=n=C Z===Two=Me=Swing=C=n=D Z"
    assert titles(apart) == ["One", "Two"]


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("", "no song: expected an irealb:// or irealbook:// link"),
        ("<html></html>", "no song: expected an irealb:// or irealbook:// link"),
        ("irealb://", "no song"),
        ("irealb://===", "no song"),
        ("irealb://One", "song 1 of the link: 1 fields: expected TITLE=COMPOSER=STYLE=KEY=n"),
        ("irealb://search?Blues", "song 1 of the link: 1 fields"),
        (f"irealb://One=C={SIGN}C", "the link is broken: expected TITLE=COMPOSER==STYLE=KEY=="),
        ("irealbook://A=B=C=D=n=C Z=Two=X=[C", "song 2 of the link: 3 fields"),
        ("irealb://%ff%fe=", "the link is broken: its %-signs do not spell UTF-8"),
        ("x" * (MAX_LINKS + 1), f"expected at most {MAX_LINKS}"),
    ],
)
def test_what_is_no_link(written: str, message: str) -> None:
    with pytest.raises(ChartError) as caught:
        songs_in(written)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


HOSTILE = {
    "percents": "irealb://" + "%20" * 330_000,
    "fields": "irealb://" + "=" * 1_000_000,
    "songs": "irealb://" + "=".join(["A", "B", "", "S", "C", "", SIGN + "C"] * 40_000),
    "signs": "irealb://" + (SIGN + "=") * 90_000,
    "quotes": '="irealb://' * 90_000,
    "schemes": "irealb://" * 110_000,
    "equals": "= " * 500_000,
    "spaces": "=" + " " * 1_000_000,
    "entities": '<a href="irealb://' + "&amp;" * 200_000 + '">',
    "lines": "irealb://A=B\n" * 80_000,
    "breaks": "irealb://" + "\n" * 1_000_000,
    "one block after another": "irealb://A=B==S=C==" + SIGN + "C" * 1_000_000,
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_million_characters_take_no_second(name: str) -> None:
    began = time.process_time()
    assert is_one_line(refusal(lambda: songs_in(HOSTILE[name])))
    assert time.process_time() - began < 1


@given(st.text(max_size=200))
def test_any_text_after_the_scheme(text: str) -> None:
    for written in (f"irealb://{text}", f"irealbook://{text}", f"irealb://A={SIGN}{text}"):
        assert is_one_line(refusal(partial(songs_in, written)))


def test_more_songs_than_any_list_has_are_refused_soon() -> None:
    begun = time.process_time()
    assert "over 10000 songs" in refusal(partial(songs_in, "irealb://" + "A=" * 1_000_000))
    assert time.process_time() - begun < 1.0
    assert len(songs_in("irealbook://" + "A=B=C=D=n=C=" * 9_999)) == 9_999
