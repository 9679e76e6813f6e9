"""Links of iReal Pro for the tests; the disguise is written from its description, not from ours."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from live_improv.charts import ireal
from live_improv.music.changes import Changes


def scrambled(music: str) -> str:
    """Chords in disguise: of each block of 50, the first five characters change places with the
    last five, mirrored, and the 11th to 24th with those that mirror them; short forms first."""
    rest = music.replace("| x", "Kcl").replace(" |", "LZ").replace("   ", "XyQ")
    out = ""
    while len(rest) > 50:
        block, rest = rest[:50], rest[50:]
        if len(rest) >= 2:
            block = (
                block[45:50][::-1]
                + block[5:10]
                + block[26:40][::-1]
                + block[24:26]
                + block[10:24][::-1]
                + block[40:45]
                + block[0:5][::-1]
            )
        out += block
    return "1r34LbKcu7" + out + rest


def fields(title: str, music: str, **more: str) -> str:
    """The fields of a song, as `irealb://` has them."""
    return "=".join(
        [
            title,
            more.get("composer", ""),
            "",
            more.get("style", "Medium Swing"),
            more.get("key", "C"),
            "",
            scrambled(music),
            "Jazz-Medium Swing",
            more.get("tempo", "0"),
            "3",
        ]
    )


def link(*songs: str, name: str = "") -> str:
    """A link with these songs, and the name of the list if there are several."""
    joined = "===".join([*songs, name] if name else songs)
    return "irealb://" + quote(joined, safe="=")


def read(music: str) -> Changes:
    """The changes of chords, through a link."""
    (song,) = ireal.songs_in(link(fields("A tune", music)))
    return ireal.changes(song)


def by_bar(music: str) -> list[str]:
    """The chord at the head of each bar that is played."""
    changes = read(music)
    return [changes.chord_at(bar.start).symbol for bar in changes.bars]


_QUALITIES = (
    ("m/maj", "-^"),
    ("maj", "^"),
    ("maug", "-#5"),
    ("m7b5", "h7"),
    ("m", "-"),
    ("0", "o"),
)


def quality(text: str) -> str:
    """A quality of the reference charts as iReal Pro spells it."""
    if text.startswith("aug"):
        return f"+{text[3:]}"
    for theirs, written in _QUALITIES:
        if text.startswith(theirs):
            return written + text[len(theirs) :]
    return text


def symbol(text: str) -> str:
    """A chord of the reference charts as iReal Pro spells it."""
    stem, slash, bass = text.partition("/") if "/maj" not in text else (text, "", "")
    root = stem[:2] if stem[1:2] in ("b", "#") else stem[:1]
    return root + quality(stem[len(root) :]) + slash + bass


def music_of(record: dict[str, Any]) -> str:
    """A reference chart in iReal Pro's signs: `[*A` begins a section, bars have up to four cells
    where that says what is meant."""
    starts = {part[0]: part[1] for part in record["sections"]}
    top, _, bottom = (record["meter"] or "4/4").partition("/")
    out, sounds = "", False
    for index, bar in enumerate(record["bars"]):
        line = "|" if index else ""
        if index in starts:
            label = starts[index]
            line = ("]" if index else "") + "[" + (f"*{label}" if label else "")
        bar = bar or ["/"]
        if not sounds and bar[0] == "/":
            bar = ["N.C.", *bar[1:]]
        sounds = True
        out += line + (f"T{top}{bottom}" if index == 0 else "") + cells(bar, int(top))
    return out + "Z"


def cells(bar: list[str], beats: int) -> str:
    """The cells of one bar, whose symbols share it equally."""
    written = [{"/": "p", "N.C.": "n"}.get(each) or symbol(each) for each in bar]
    blanks = 1 if len(bar) == 2 and beats != 2 else 3 if len(bar) == 1 else 0
    return ",".join(each + " " * blanks for each in written).replace(" ,", " ")
