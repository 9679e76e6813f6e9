"""MusicXML for tests: scores written by hand, and charts of ours written as a notation program
would.

What chords mean here is copied from the prose of the standard (`kind-value`, `degree-alter`), not
from the reader that is tested.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from live_improv.music.changes import Changes
from live_improv.music.chords import Chord, parse_chord
from live_improv.music.timing import PPQ, Ticks

MAJOR_SCALE = dict(zip(range(1, 8), (0, 2, 4, 5, 7, 9, 11), strict=True))
DOMINANT_SCALE = MAJOR_SCALE | {7: 10}

_TRIADS = {
    "major": {3: 4, 5: 7},
    "minor": {3: 3, 5: 7},
    "augmented": {3: 4, 5: 8},
    "diminished": {3: 3, 5: 6},
}


def _kind(triad: str, **others: int) -> dict[int, int]:
    return {1: 0} | _TRIADS[triad] | {int(name[1:]): tone for name, tone in others.items()}


KIND_TONES: dict[str, dict[int, int]] = {
    "major": _kind("major"),
    "minor": _kind("minor"),
    "augmented": _kind("augmented"),
    "diminished": _kind("diminished"),
    "dominant": _kind("major", d7=10),
    "major-seventh": _kind("major", d7=11),
    "minor-seventh": _kind("minor", d7=10),
    "diminished-seventh": _kind("diminished", d7=9),
    "augmented-seventh": _kind("augmented", d7=10),
    "half-diminished": _kind("diminished", d7=10),
    "major-minor": _kind("minor", d7=11),
    "major-sixth": _kind("major", d6=9),
    "minor-sixth": _kind("minor", d6=9),
    "dominant-ninth": _kind("major", d7=10, d9=2),
    "major-ninth": _kind("major", d7=11, d9=2),
    "minor-ninth": _kind("minor", d7=10, d9=2),
    "dominant-11th": _kind("major", d7=10, d9=2, d11=5),
    "major-11th": _kind("major", d7=11, d9=2, d11=5),
    "minor-11th": _kind("minor", d7=10, d9=2, d11=5),
    "dominant-13th": _kind("major", d7=10, d9=2, d11=5, d13=9),
    "major-13th": _kind("major", d7=11, d9=2, d11=5, d13=9),
    "minor-13th": _kind("minor", d7=10, d9=2, d11=5, d13=9),
    "suspended-second": {1: 0, 2: 2, 5: 7},
    "suspended-fourth": {1: 0, 4: 5, 5: 7},
    "pedal": {1: 0},
    "power": {1: 0, 5: 7},
    "Tristan": {1: 0, 4: 6, 6: 10, 9: 3},
}
"""Degree -> semitones above the root, of each kind that the standard spells out."""

DegreeSpec = tuple[str, int, int]
"""Type, value and alteration of a degree."""


def oracle(kind: str, degrees: Iterable[DegreeSpec]) -> frozenset[int]:
    """The tones above the root that the standard gives to a kind with degrees."""
    tones = [(1, 0)] if kind == "other" else sorted(KIND_TONES[kind].items())
    for action, value, alter in degrees:
        has = any(degree == value for degree, _ in tones)
        if action == "subtract":
            tones = [(degree, tone) for degree, tone in tones if degree != value]
        elif action == "alter" and has:
            tones = [(degree, tone + alter * (degree == value)) for degree, tone in tones]
        else:
            tones.append((value, DOMINANT_SCALE[(value - 1) % 7 + 1] + alter))
    return frozenset(tone % 12 for _, tone in tones)


def harmony(
    root: str,
    kind: str = "major",
    degrees: Iterable[DegreeSpec] = (),
    bass: str = "",
    *,
    text: str | None = None,
    offset: str = "",
    more: str = "",
    attributes: str = "",
) -> str:
    """A <harmony>; notes are written `Bb`, `F#` or `G`."""
    said = "" if text is None else f" text={quoteattr(text)}"
    spelled = "".join(
        f"<degree><degree-value>{value}</degree-value><degree-alter>{alter}</degree-alter>"
        f"<degree-type>{action}</degree-type></degree>"
        for action, value, alter in degrees
    )
    low = f"<bass>{_note('bass', bass)}</bass>" if bass else ""
    return (
        f"<harmony{attributes}><root>{_note('root', root)}</root><kind{said}>{kind}</kind>"
        f"{more}{low}{spelled}{f'<offset>{offset}</offset>' if offset else ''}</harmony>"
    )


def _note(name: str, note: str) -> str:
    alter = note.count("#") - note.count("b")
    return f"<{name}-step>{note[0]}</{name}-step>" + (
        f"<{name}-alter>{alter}</{name}-alter>" if alter else ""
    )


def rest(duration: object = 4) -> str:
    """A rest, so many divisions long."""
    return f"<note><rest/><duration>{duration}</duration></note>"


def attributes(divisions: int = 1, meter: str = "4/4", more: str = "") -> str:
    """The <attributes> of a first bar."""
    return f"<attributes><divisions>{divisions}</divisions>{more}{time(meter)}</attributes>"


def time(meter: str) -> str:
    """A time signature such as `3+2/8`."""
    beats, _, unit = meter.rpartition("/")
    return f"<time><beats>{beats}</beats><beat-type>{unit}</beat-type></time>"


def direction(inner: str, sound: str = "") -> str:
    """A <direction>; `sound` holds the attributes of its <sound>."""
    said = f"<sound {sound}/>" if sound else ""
    return f"<direction><direction-type>{inner}</direction-type>{said}</direction>"


def words(text: str, sound: str = "") -> str:
    """A direction of words."""
    return direction(f"<words>{escape(text)}</words>", sound)


def forward() -> str:
    """The beginning of a repeat."""
    return '<barline location="left"><repeat direction="forward"/></barline>'


def backward(more: str = "", ending: str = "") -> str:
    """The end of a repeat, and perhaps of an ending."""
    closed = f'<ending number="{ending}" type="stop"/>' if ending else ""
    return f'<barline location="right">{closed}<repeat direction="backward"{more}/></barline>'


def begin(number: str) -> str:
    """The beginning of an ending."""
    return f'<barline location="left"><ending number="{number}" type="start"/></barline>'


def close(number: str, kind: str = "discontinue") -> str:
    """The end of an ending that is not repeated."""
    return f'<barline location="right"><ending number="{number}" type="{kind}"/></barline>'


def score(
    *parts: Sequence[str],
    head: str = "",
    numbers: Sequence[str] = (),
    implicit: Iterable[int] = (),
) -> bytes:
    """A partwise score: each part a list of what its measures hold."""
    thin = set(implicit)
    body = ""
    for i, part in enumerate(parts, 1):
        measures = "".join(
            f'<measure number="{numbers[j] if numbers else j + 1}"'
            f"{' implicit=' + chr(34) + 'yes' + chr(34) if j in thin else ''}>{content}</measure>"
            for j, content in enumerate(part)
        )
        body += f'<part id="P{i}">{measures}</part>'
    listed = "".join(
        f'<score-part id="P{i}"><part-name>Part {i}</part-name></score-part>'
        for i in range(1, len(parts) + 1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" '
        '"http://www.musicxml.org/dtds/partwise.dtd">\n'
        f'<score-partwise version="4.0">{head}<part-list>{listed}</part-list>{body}'
        "</score-partwise>"
    ).encode()


def tune(*bars: str) -> bytes:
    """A score of one part in 4/4 with one division a quarter."""
    return score([attributes() + bars[0], *bars[1:]])


def spelled(chord: Chord) -> tuple[str, list[DegreeSpec]]:
    """A kind of the standard, and degrees, that have the tones of a chord: the kind that needs the
    fewest."""
    assert chord.root is not None
    return _spelling(frozenset((tone - chord.root) % 12 for tone in chord.pitch_classes))


@lru_cache
def _spelling(tones: frozenset[int]) -> tuple[str, list[DegreeSpec]]:
    """The same for tones above the root."""
    best: tuple[str, list[DegreeSpec]] | None = None
    for kind, degrees in KIND_TONES.items():
        changes: list[DegreeSpec] = [
            ("subtract", value, 0) for value, tone in degrees.items() if tone % 12 not in tones
        ]
        added = {1: (9, -1), 2: (9, 0), 3: (9, 1), 4: (3, 0), 5: (11, 0), 6: (11, 1), 7: (5, 0)}
        added |= {8: (13, -1), 9: (13, 0), 10: (7, 0), 11: (7, 1)}
        there = {tone % 12 for tone in degrees.values()}
        changes += [("add", *added[tone]) for tone in sorted(tones - there)]
        if best is None or len(changes) < len(best[1]):
            best = kind, changes
    assert best is not None
    assert oracle(*best) == tones
    return best


_FLATS = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")


def harmony_of(chord: Chord, offset: str = "") -> str:
    """A chord of ours as a <harmony>; a polychord as two stacked ones."""
    if chord.root is None:
        return harmony("C", "none", text="N.C.", offset=offset)
    upper, stacked, lower = chord.symbol.partition("\\")
    if stacked:
        above, below = parse_chord(upper), parse_chord(lower)
        one = harmony_of(above).removeprefix("<harmony>").removesuffix("</harmony>")
        return harmony_of(below, offset).replace("<harmony>", f"<harmony>{one}")
    kind, degrees = spelled(chord)
    bass = "" if chord.bass is None else _FLATS[chord.bass]
    return harmony(_FLATS[chord.root], kind, degrees, bass, offset=offset)


def score_of(changes: Changes) -> bytes:
    """A chart as a score: each second bar with a whole rest and offsets, the others with a rest
    from chord to chord."""
    measures = []
    before = None
    names = {part.start: part.name for part in changes.sections}
    for i, bar in enumerate(changes.bars):
        end = bar.start + bar.meter.bar_ticks
        chords = [span for span in changes.chords if bar.start <= span.start < end]
        text = "" if i else f"<attributes><divisions>{PPQ}</divisions></attributes>"
        if bar.meter != before:
            text += f"<attributes>{time(str(bar.meter))}</attributes>"
        before = bar.meter
        if names.get(bar.start):
            text += direction(f"<rehearsal>{escape(names[bar.start])}</rehearsal>")
        if i % 2:
            text += rest(end - bar.start)
            text += f"<backup><duration>{end - bar.start}</duration></backup>"
            for span in chords:
                text += harmony_of(span.chord, offset=str(span.start - bar.start))
        else:
            cuts = [bar.start, *(span.start for span in chords if span.start > bar.start), end]
            placed = {span.start: span.chord for span in chords}
            for start, stop in pairwise(cuts):
                if there := placed.get(Ticks(start)):
                    text += harmony_of(there)
                text += rest(stop - start)
        measures.append(text)
    title = f"<movement-title>{escape(changes.title)}</movement-title>"
    return score(measures, head=title)
