"""The colours of the picture, and the legend that explains them.

The colours of the kinds are those of Okabe and Ito (Color universal design, 2008), which people
with any common colour vision tell apart: cold for tones inside the harmony, warm for those outside.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from live_improv.grammar.values import Kind
from live_improv.view.plot_model import Picture
from live_improv.view.plot_parts import Who
from live_improv.view.plot_text import pitch_name, shortened

COLOURS = {
    Kind.CHORD: "#0072B2",
    Kind.COLOUR: "#009E73",
    Kind.SCALE: "#56B4E9",
    Kind.APPROACH: "#E69F00",
    Kind.OTHER: "#D55E00",
}
"""The colour of each kind of note."""

NAMES = {
    Kind.CHORD: "chord tone",
    Kind.COLOUR: "colour tone",
    Kind.SCALE: "scale tone",
    Kind.APPROACH: "approach tone",
    Kind.OTHER: "outside",
}
"""What each kind is called."""

INK, SOFT, BAND = "#1a1a1a", "#666666", "#cdcdcd"
"""The colours of what is read first, of what is read next, and of the band's notes."""

_LONGEST_NAME = 24


@dataclass(frozen=True, slots=True)
class Key:
    """A note as it is coloured, inside and at its edge, and what that says."""

    words: str
    inside: str
    edge: str
    of_player: bool = False


def keys(picture: Picture) -> Iterator[Key]:
    """What the legend explains: the kinds, with their shares, and who plays."""
    shares = dict(picture.shares)
    for kind, colour in COLOURS.items():
        share = f" {shares[kind]:.0%}".replace("%", " %") if shares else ""
        yield Key(NAMES[kind] + share, colour, colour)
    for player in picture.players:
        reach = f"{pitch_name(player.low)}–{pitch_name(player.high)}"
        words = f"{shortened(player.name, _LONGEST_NAME)}, {player.count} notes, {reach}"
        yield Key(words, SOFT if player.who is Who.IMPROVISER else "white", SOFT, True)
    whos = {block.who for system in picture.systems for block in system.blocks}
    if whos & {Who.BAND, Who.DRUMS}:
        yield Key("the band", BAND, BAND, True)
