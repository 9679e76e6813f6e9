"""The band: bass, piano and drums that accompany over changes."""

from live_improv.performance.band.band import Band
from live_improv.performance.band.ending import final_chord
from live_improv.performance.band.players import (
    PROGRAMS,
    QUARTET,
    TRACKS,
    BandChannels,
    BandPlayer,
)

__all__ = ["PROGRAMS", "QUARTET", "TRACKS", "Band", "BandChannels", "BandPlayer", "final_chord"]
