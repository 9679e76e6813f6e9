"""MusicXML bytes -> a tree of elements, with nothing fetched, expanded or run.

A DOCTYPE that only names the standard's DTD is read over; one with declarations of its own is
refused, and so is every entity besides the five of XML: no file and no address is ever opened, and
no text grows. Sizes are bounded before and while reading (OWASP, XML External Entity Prevention
Cheat Sheet). A tree is plain `xml.etree.ElementTree` elements.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NoReturn
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from live_improv.charts.text import ChartError

MAX_XML = 4_000_000
"""Longest score that is read, in bytes: a lead sheet has some ten thousand a page."""
MAX_DEPTH = 40
"""Deepest element; MusicXML itself goes to about twelve."""
MAX_ELEMENTS = 200_000
"""Most elements: some ten thousand notes."""
MAX_SHOWN = 40

_DECIMAL = re.compile(r"[+-]?[0-9]{1,12}(?:\.[0-9]{0,12})?")


def parse_tree(data: bytes) -> Element:
    """The root element of an XML document.

    Raises:
        ChartError: it is not well-formed, is too large, or declares entities.
    """
    if len(data) > MAX_XML:
        raise ChartError(f"the score has {len(data)} bytes: expected at most {MAX_XML}")
    grower = _Grower()
    parser = expat.ParserCreate()
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.buffer_text = True
    parser.StartElementHandler = grower.start
    parser.EndElementHandler = grower.end
    parser.CharacterDataHandler = grower.builder.data
    parser.StartDoctypeDeclHandler = _doctype
    parser.EntityDeclHandler = _entity
    parser.SkippedEntityHandler = _skipped
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise ChartError(f"not well-formed XML: {error}") from None
    except (LookupError, ValueError) as error:
        if isinstance(error, ChartError):
            raise
        raise ChartError(f"the encoding of the XML is not known: {error}") from None
    return grower.builder.close()


class _Grower:
    """Builds the tree, within bounds."""

    def __init__(self) -> None:
        self.builder = TreeBuilder()
        self.depth = 0
        self.elements = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.elements += 1
        if self.depth > MAX_DEPTH:
            raise ChartError(f"elements over {MAX_DEPTH} deep: this is no MusicXML")
        if self.elements > MAX_ELEMENTS:
            raise ChartError(f"the score has over {MAX_ELEMENTS} elements")
        self.builder.start(tag, attributes)

    def end(self, tag: str) -> None:
        self.depth -= 1
        self.builder.end(tag)


def _doctype(name: str, system: str | None, public: str | None, subset: int) -> None:
    if subset:
        raise ChartError("the DOCTYPE has declarations of its own: expected none")


def _entity(*declaration: object) -> NoReturn:
    raise ChartError("the XML declares entities: expected none")


def _skipped(name: str, is_parameter: bool) -> None:
    raise ChartError(f"the XML uses the entity {shown(name)}: expected none but &amp; and its like")


def text_at(element: Element | None, path: str = "") -> str:
    """The text of the first element at `path` (of `element` itself without one), without spaces
    around it; empty where there is none."""
    found = element.find(path) if element is not None and path else element
    return (found.text or "").strip() if found is not None else ""


def decimal(text: str, what: str) -> Fraction:
    """A number such as `-1` or `0.5`.

    Raises:
        ChartError: it is none, or out of all proportion; the message begins with `what`.
    """
    if not _DECIMAL.fullmatch(text):
        raise ChartError(f"{what} {shown(text)}: expected a number such as 1 or 0.5")
    return Fraction(text)


def whole(text: str, what: str, least: int, most: int) -> int:
    """A whole number from `least` to `most`.

    Raises:
        ChartError: it is none; the message begins with `what`.
    """
    # Fractions take their time.
    plain = len(text) < 10 and text.isascii() and text.isdigit()
    number = int(text) if plain else decimal(text, what)
    if number.denominator != 1 or not least <= number <= most:
        raise ChartError(f"{what} {shown(text)}: expected a whole number, {least} to {most}")
    return int(number)


def shown(text: str) -> str:
    """A value as an error shows it."""
    return repr(text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}...")
