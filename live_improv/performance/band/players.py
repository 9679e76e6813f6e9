"""The players of the band, their channels and their sounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class BandPlayer(StrEnum):
    """Who may accompany."""

    BASS = "bass"
    PIANO = "piano"
    DRUMS = "drums"
    CLICK = "click"


PROGRAMS: Mapping[BandPlayer, int] = MappingProxyType({BandPlayer.BASS: 32, BandPlayer.PIANO: 0})
"""General MIDI's acoustic bass and acoustic grand piano; drums have a channel instead."""

TRACKS: Mapping[BandPlayer, str] = MappingProxyType(
    {BandPlayer.BASS: "Bass", BandPlayer.PIANO: "Piano", BandPlayer.DRUMS: "Drums"}
    | {BandPlayer.CLICK: "Drums"}
)
"""The name of each player's track; a click is on that of the drums, whose channel it has."""

_USUAL = {BandPlayer.BASS: 1, BandPlayer.PIANO: 2, BandPlayer.DRUMS: 9}
_ELSEWHERE = {BandPlayer.BASS: 3, BandPlayer.PIANO: 4, BandPlayer.DRUMS: 10}


@dataclass(frozen=True, slots=True)
class BandChannels:
    """The MIDI channels of the band, 0..15, all different."""

    bass: int = _USUAL[BandPlayer.BASS]
    piano: int = _USUAL[BandPlayer.PIANO]
    drums: int = _USUAL[BandPlayer.DRUMS]

    @classmethod
    def beside(cls, channel: int) -> BandChannels:
        """The usual channels; whose is the soloist's goes to another one."""
        return cls(
            *(_ELSEWHERE[player] if usual == channel else usual for player, usual in _USUAL.items())
        )

    def of(self, player: BandPlayer) -> int:
        """The channel of one player."""
        clicks = player is BandPlayer.CLICK
        channel: int = self.drums if clicks else getattr(self, player.value)
        return channel


QUARTET = frozenset((BandPlayer.BASS, BandPlayer.PIANO, BandPlayer.DRUMS))
"""Those whom a soloist plays with in a quartet."""
