"""The marks of a measure of MusicXML that say in which order bars are played, and its section.

They stand in <barline>, in <sound>, and in the signs and words of <direction>; a <sound> counts
before what is printed beside it, and words alone count too, as many programs write nothing else.
A mark belongs to its bar, wherever in it it stands: a repeat forward, a segno, a coda and a
rehearsal mark to its beginning, all others to its end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar
from xml.etree.ElementTree import Element

from live_improv.charts.musicxml_tree import shown, text_at, whole
from live_improv.charts.text import MAX_NAME, ChartError

T = TypeVar("T", int, tuple[int, ...])

MAX_TIMES = 20
"""Most times that a passage is repeated."""
MAX_ENDING = 80
"""Longest list of the numbers of an ending, in characters."""

_UNNAMED = frozenset(("",))
_SIGNS = str.maketrans({"𝄌": " coda ", "⊕": " coda ", "𝄋": " segno "})
_JUMP = re.compile(
    r"(?:(?P<capo>d ?c|da capo)|d ?s|dal segno)"
    r"(?: (?:(?:al?|to) (?P<end>fine|coda|(?P<ending>\d)(?:st|nd|rd|th)?(?: end(?:ing)?)?)"
    r"|(?P<open>al)))?"
    r"(?: (?:(?P<repeats>with|w/|take)|no|without|w/o|senza) (?:the )?rep(?:eats?|etizione)?)?"
)
_TO_CODA = re.compile(r"(?:to|till|until|al) (?:the )?coda")
_MEANT = re.compile(
    r"\bd ?\. ?[cs]\b|\bda capo\b|\bdal segno\b|\bcoda\b|\bal fine\b", re.IGNORECASE
)
_ENDING = re.compile(r"[0-9]{1,2}(?:[ ,.&]+[0-9]{1,2})*[ ,.]*")


@dataclass(frozen=True, slots=True)
class Jump:
    """A jump back at the end of a bar.

    Attributes:
        segno: the name of the segno to go to, None for the top (D.C.).
        until: where the second time ends: `fine`, `coda`, or empty where it is not said.
        ending: the ending that is played then; 0 for the last.
        repeats: what was repeated before is repeated again.
    """

    segno: str | None
    until: str = ""
    ending: int = 0
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of one bar.

    Attributes:
        section: the name of the section that begins; None where none does.
        forward: a repeat begins.
        times: how often what a repeat closes here is played; 0 where none closes.
        after_jump: that repeat is also played after a jump.
        starts: the numbers of the ending that begins; empty where none does.
        stops: an ending's bracket closes.
        segno, coda, tocoda: names of the signs; the empty name where they have none.
        jumps: the jump at the end of the bar; more than one contradict each other.
        fine: the tune may end here.
        coda_sign: a coda sign, of which nothing says whether it is the coda or the way to it.
    """

    section: str | None = None
    forward: bool = False
    times: int = 0
    after_jump: bool = False
    starts: tuple[int, ...] = ()
    stops: bool = False
    segno: frozenset[str] = frozenset()
    coda: frozenset[str] = frozenset()
    tocoda: frozenset[str] = frozenset()
    jumps: frozenset[Jump] = frozenset()
    fine: bool = False
    coda_sign: bool = False


_NONE = Marks()


def merged(marks: Iterable[Marks]) -> Marks:
    """All marks together: of several elements of a bar, and of the same bar in several parts.

    Raises:
        ChartError: they contradict each other.
    """
    together = _NONE
    for each in marks:
        if together is _NONE:
            together = each
        elif each is not _NONE:
            together = Marks(
                section=together.section if together.section is not None else each.section,
                forward=together.forward or each.forward,
                times=_one("repeat times", together.times, each.times),
                after_jump=together.after_jump or each.after_jump,
                starts=_one("endings", together.starts, each.starts),
                stops=together.stops or each.stops,
                segno=together.segno | each.segno,
                coda=together.coda | each.coda,
                tocoda=together.tocoda | each.tocoda,
                jumps=_one_jump(together.jumps | each.jumps),
                fine=together.fine or each.fine,
                coda_sign=together.coda_sign or each.coda_sign,
            )
    return together


def _one(what: str, first: T, second: T) -> T:
    """The one of two values that is there."""
    if first and second and first != second:
        raise ChartError(f"{what} {first} and {second} in one bar: expected one")
    return first or second


def _one_jump(jumps: frozenset[Jump]) -> frozenset[Jump]:
    """The one jump that all of these mean: words say where it ends, a sound names the segno."""
    if len(jumps) < 2:
        return jumps
    segnos = {jump.segno for jump in jumps}
    if None not in segnos:
        segnos.discard("")
    ends = {(jump.until, jump.ending, jump.repeats) for jump in jumps} - {("", 0, False)}
    if len(segnos) > 1 or len(ends) > 1:
        raise ChartError("two jumps in one bar: expected one, such as D.S. al Coda")
    segno = segnos.pop() if segnos else ""
    return frozenset((Jump(segno, *ends.pop()) if ends else Jump(segno),))


def marks_of(elements: Iterable[Element]) -> Marks:
    """The marks among the elements of a measure.

    Raises:
        ChartError: a mark is not understood; the message names it.
    """
    found = []
    for element in elements:
        if element.tag == "barline":
            found.append(_barline(element))
        elif element.tag == "direction":
            found.append(_direction(element))
        elif element.tag == "sound":
            found.append(_sound(element))
    return merged(found)


def _barline(barline: Element) -> Marks:
    location = barline.get("location")
    marks = []
    for child in barline:
        if child.tag == "repeat":
            marks.append(_repeat(child, location))
        elif child.tag == "ending":
            marks.append(_ending(child))
        elif child.tag == "segno":
            marks.append(Marks(segno=_named(barline, "segno") or _UNNAMED))
        elif child.tag == "coda":
            coda = _named(barline, "coda")
            marks.append(Marks(coda=coda, coda_sign=not coda))
    return merged(marks)


def _repeat(repeat: Element, location: str | None) -> Marks:
    direction = repeat.get("direction", "")
    if direction not in ("forward", "backward"):
        raise ChartError(f"repeat direction {shown(direction)}: expected forward or backward")
    if location == "middle" or location == {"forward": "right", "backward": "left"}[direction]:
        raise ChartError(f"a {direction} repeat at the {location} of a bar")
    if direction == "forward":
        return Marks(forward=True)
    return Marks(
        times=whole(repeat.get("times", "2"), "repeat times", 1, MAX_TIMES),
        after_jump=repeat.get("after-jump") == "yes",
    )


def _ending(ending: Element) -> Marks:
    kind = ending.get("type", "")
    if kind in ("stop", "discontinue"):
        return Marks(stops=True)
    if kind != "start":
        raise ChartError(f"ending type {shown(kind)}: expected start, stop or discontinue")
    text = ending.get("number", "").strip()
    if len(text) > MAX_ENDING or not _ENDING.fullmatch(text):
        raise ChartError(f"ending {shown(text)}: expected numbers such as 1 or 1, 2")
    numbers = [whole(each, "ending", 1, MAX_TIMES) for each in re.findall("[0-9]+", text)]
    return Marks(starts=tuple(sorted(set(numbers))))


def _direction(direction: Element) -> Marks:
    signs = {child.tag for types in direction.findall("direction-type") for child in types}
    words = " ".join(text_at(each) for each in direction.iterfind("direction-type/words"))
    sounds = merged(_sound(sound) for sound in direction.findall("sound"))
    marks = [sounds, _words(words, "coda" in signs, sounds)]
    for rehearsal in direction.iterfind("direction-type/rehearsal"):
        name = " ".join(text_at(rehearsal).split())
        if len(name) > MAX_NAME:
            raise ChartError(f"section name over {MAX_NAME} characters")
        marks.append(Marks(section=name or None))
    together = merged(marks)
    # A sign beside a jump or in `To ⊕` only repeats in print what they say.
    if not together.jumps:
        if "segno" in signs and not together.segno:
            marks.append(Marks(segno=_UNNAMED))
        if "coda" in signs and not (together.coda or together.tocoda):
            marks.append(Marks(coda_sign=True))
    return merged(marks)


def _words(words: str, coda_sign: bool, sounds: Marks) -> Marks:
    """What words say; `coda_sign` where a coda sign stands with them, `sounds` what a <sound> says
    with them."""
    text = re.sub(r"[\s.()]+", " ", words.translate(_SIGNS).lower()).strip()
    if jump := _JUMP.fullmatch(text):
        end = jump["end"] or ("coda" if jump["open"] and coda_sign else "")
        return _jump(
            Jump(
                segno=None if jump["capo"] else "",
                until="fine" if jump["ending"] else end,
                ending=int(jump["ending"] or 0),
                repeats=bool(jump["repeats"]),
            )
        )
    if _TO_CODA.fullmatch(text) or (text in ("to", "al") and coda_sign):
        return Marks(tocoda=_UNNAMED)
    simple = {
        "fine": Marks(fine=True),
        "coda": Marks(coda=_UNNAMED),
        "segno": Marks(segno=_UNNAMED),
    }
    said = sounds.jumps or sounds.coda or sounds.tocoda
    if text not in simple and not said and _MEANT.search(words.translate(_SIGNS)):
        raise ChartError(
            f"{shown(words)}: expected D.C. or D.S., al Fine, al Coda or al 2nd ending, To Coda, "
            "Coda or Fine"
        )
    return simple.get(text, _NONE)


def _jump(jump: Jump) -> Marks:
    return Marks(jumps=frozenset((jump,)))


def _sound(sound: Element) -> Marks:
    marks = []
    for name, times in (("dacapo", "1"), ("dalsegno", "1"), ("tocoda", "2"), ("fine", "2")):
        if sound.get(name) is not None and sound.get("time-only", times) != times:
            only = shown(sound.get("time-only", ""))
            raise ChartError(f"{name} with time-only {only}: expected {times} or none")
    if sound.get("dacapo") == "yes":
        marks.append(_jump(Jump(None)))
    if (back := sound.get("dalsegno")) is not None:
        marks.append(_jump(Jump(back)))
    segno, coda, tocoda = (_named(sound, sign) for sign in ("segno", "coda", "tocoda"))
    if segno or coda or tocoda:
        marks.append(Marks(segno=segno, coda=coda, tocoda=tocoda))
    if sound.get("fine", "no") != "no":
        marks.append(Marks(fine=True))
    if sound.get("forward-repeat") == "yes":
        marks.append(Marks(forward=True))
    return merged(marks)


def _named(element: Element, sign: str) -> frozenset[str]:
    """The name that a sign has as an attribute of `element`; empty where it has none."""
    name = element.get(sign)
    return frozenset() if name is None else frozenset((name,))
