"""Feel: what a player does to the written line. It never changes which notes are played.

Four things are done to a note, as people do them in the Weimar Jazz Database (`feel_tables` has the
figures and says how they were learned):

    swing         the second of two eighths comes late. The ratio of the first to the second falls
                  with the tempo and is far from a triplet's 2. It is no constant: an off-beat
                  below both its neighbours comes later, and the middle half of all off-beats
                  spreads over a tenth of a beat.
    laying back   notes come late, some 20 ms at medium tempos and not at all at the fastest, those
                  on the beat most; quick notes hardly. That drifts from bar to bar, and no two
                  notes are quite alike.
    articulation  notes sound for some 0.86 of the time to the next one, before a leap for less and
                  before the same pitch again for much less.
    loudness      a line grows louder as it rises and as a phrase begins, and softer as it goes on;
                  what is lowest is softest. Off-beats are as loud as beats, and chord tones as
                  others.

Conventions
    Ticks are 480 to the beat, and "late" and "early" are meant against the place in the score.
    Every draw is keyed by the seed and the tick, and each note is played by itself: what it needs
    to know of its neighbours it works out anew. So a note may be planned again, or alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import log2

from live_improv.music.changes import Bar
from live_improv.music.events import Note
from live_improv.music.timing import GRID_TICKS, PPQ, Ticks
from live_improv.performance.feel_chance import TIME, FeelChance, share_below
from live_improv.performance.feel_tables import (
    ARTICULATION,
    DRIFT,
    JITTER,
    LAG,
    LOUDNESS,
    SWING,
    SWING_RATIOS,
    interpolated,
)

_HALF = PPQ // 2
_LAST_SWUNG = 4  # a meter in eighths has its swing written out

EVEN_STYLES = frozenset(
    {"afro", "baiao", "bossa", "bossanova", "cuban", "even", "funk", "fusion", "latin"}
    | {"mambo", "nova", "pop", "rock", "samba", "straight", "tango"}
)
"""Words of a style that ask for even eighths."""

USUAL_LEGATO = 0.86
"""The share of the time to the next note that sounds, over all instruments."""

EARLIEST = Ticks(PPQ // 8)
"""How much earlier than written a note may come: it is planned no more than a horizon before."""

_BAR = Ticks(4 * PPQ)
"""How far apart the draws lie between which the time drifts."""

_SOFTEST, _LOUDEST = 30, 120
_SHORTEST = PPQ // 24
_STACCATO = 0.6  # of a note's length, how much `articulation` can take away

# Bounds that keep the notes of a line in order whatever is drawn, as shares of the time to the
# nearest other note; of notes nearer than a sixteenth less.
_LAG_AT_MOST, _JITTER_AT_MOST, _NEAR_AT_MOST = 0.3, 0.2, 0.15
_NEAR = 100
_DRIFT_AT_MOST = 2.5  # times as wide as it usually is
_SWUNG_FROM, _SWUNG_TO = 0.38, 0.75  # where in the beat a swung off-beat may come
_UNFORESEEN = 0.03  # beats by which it may yet come earlier, when what follows it is known


@dataclass(frozen=True, slots=True)
class Written:
    """A note of the line and what its feel depends on.

    Attributes:
        note: as written, onset on the grid.
        before: the onset of the note before, or None.
        after: the onset of the note after.
        bar: the bar it is in, from which its beats are counted.
        rested: whether a rest follows it.
        starts_phrase: whether a rest, or nothing, came before it.
        interval: the semitones from the note before, None where that is not known.
        phrase: how many notes of its phrase came before it.
    """

    note: Note
    before: Ticks | None
    after: Ticks
    bar: Bar
    rested: bool
    starts_phrase: bool
    interval: int | None = None
    phrase: int = 0

    @property
    def nearest(self) -> int:
        """The ticks to the nearest other note."""
        gap = self.after - self.note.onset
        return gap if self.before is None else min(gap, self.note.onset - self.before)

    @property
    def swings(self) -> bool:
        """Whether it is the second of two eighths that may be swung, with its beat to itself."""
        onset, bar = self.note.onset, self.bar
        beat = onset - (onset - bar.start) % PPQ
        return (
            bar.meter.denominator <= _LAST_SWUNG
            and onset - beat == _HALF
            and (self.before is None or self.before <= beat)
            and self.after >= beat + PPQ
        )


def swing_ratio(bpm: float, style: str = "") -> float:
    """How much longer the first of two swung eighths is than the second; 1 is even.

    Styles that are played even are known by a word in their name.
    """
    if is_even(style):
        return 1.0
    return interpolated(SWING_RATIOS, bpm)


def is_even(style: str) -> bool:
    """Whether a style is one whose eighths are even."""
    return not EVEN_STYLES.isdisjoint(re.findall(r"[a-z]+", style.lower()))


def facts(
    written: Written, following: Written | None, bpm: float, centre: float
) -> dict[str, float]:
    """What is known of a note that its feel may depend on, by the names of `feel_tables`.

    Args:
        following: the note after it, where that is known.
        bpm: quarters a minute.
        centre: the pitch about which the line lies.
    """
    note, nearest = written.note, written.nearest
    place = note.onset - written.bar.start
    slow = max(3.0 - bpm / 100, 0.0)
    wait = (written.after - note.onset) / PPQ * 60 / bpm
    found = {
        "slow": slow,
        "slow_triplet": slow * (nearest == PPQ // 3),
        "slow_sixteenth": slow * (nearest == PPQ // 4),
        "slow_finer": slow * (nearest < PPQ // 4),
        "slow_beat": slow * (place % PPQ == 0),
        "beat": float(place % PPQ == 0),
        "bar": float(place == 0),
        "half_bar": float(place == 2 * PPQ),
        "starts": float(written.starts_phrase),
        "second": float(written.phrase == 1),
        "along": min(written.phrase, 30) / 10,
        "ends": float(written.rested),
        "wait": min(max(log2(wait / 0.15), -2.0), 3.0),
        "height": note.pitch - centre,
    }
    came = None if written.starts_phrase else written.interval
    goes = None if following is None or written.rested else following.note.pitch - note.pitch
    if came is not None:
        found["leapt"] = min(abs(came), 12)
        found["repeats"] = float(came == 0)
    if goes is not None:
        found["leaps"] = min(abs(goes), 12)
        found["repeated"] = float(goes == 0)
    if came is not None and goes is not None:
        found["peak"] = float(came > 0 > goes)
        found["dip"] = float(came < 0 < goes)
    return found


@dataclass(frozen=True, slots=True)
class Feel:
    """How a line is played.

    Attributes:
        ratio: of swung eighths, see `swing_ratio`.
        seed: of the small irregularities.
        louder: added to every velocity.
        bpm: quarters a minute.
        laid_back: how late notes come, 0 is on the beat and 1 as people do.
        loose: how uneven the time is, 0 not at all and 1 as people's.
        articulation: -1 is short, 0 as people do and 1 legato.
        legato: of the time to the next note the share that sounds, on this instrument.
        centre: the pitch about which the line lies, where it is of medium loudness.
        early: how much earlier than written a note may come.
    """

    ratio: float
    seed: int
    louder: int = 0
    bpm: float = 140.0
    laid_back: float = 0.0
    loose: float = 0.0
    articulation: float = 0.0
    legato: float = USUAL_LEGATO
    centre: float = 67.0
    early: Ticks = EARLIEST

    def played(
        self,
        written: Written,
        following: Written | None = None,
        since: Ticks | None = None,
        until: Ticks | None = None,
    ) -> Note:
        """The note in ticks as played, with its loudness.

        Args:
            following: the note after it, where that is known already.
            since: no note comes before this; the note is written at it or after.
            until: every note comes before this and has ended then; the note is written before it.
        """
        known = facts(written, following, self.bpm, self.centre)
        chance = FeelChance(self.seed)
        onset = self._bounded(written, self._moment(written, known, chance), since, until)
        end = self._end(written, following, known, chance, onset, since)
        end = end if until is None else min(end, until)
        velocity = LOUDNESS.expected(known) + chance.left_over(LOUDNESS, written.note.onset)
        loud = min(max(round(velocity) + self.louder, _SOFTEST), _LOUDEST)
        return Note(Ticks(onset), Ticks(max(end - onset, 1)), written.note.pitch, loud)

    def _moment(self, written: Written, known: dict[str, float], chance: FeelChance) -> float:
        """When a note comes, in ticks."""
        onset, nearest, swung = written.note.onset, written.nearest, 0.0
        jitter = chance.own(TIME, onset)
        if written.swings:
            share = self.ratio / (1 + self.ratio)
            share += self.loose * (SWING.expected(known) + chance.left_over(SWING, onset))
            swung = min(max(share, _SWUNG_FROM), _SWUNG_TO) * PPQ - _HALF
            nearest = min(nearest, round(_HALF - swung))
            # It is the second of two, and as late as the first but for the swing.
            jitter, known = 0.0, {**known, "slow_beat": known["slow"]}
        most = nearest * (_NEAR_AT_MOST if nearest < _NEAR else _JITTER_AT_MOST)
        late = self._late(known, nearest) + self._uneven(onset, jitter, most, chance)
        return onset + swung + late

    def _late(self, known: dict[str, float], nearest: int) -> float:
        """How many ticks late a note is for being laid back."""
        late = LAG.expected(known) / 60_000 * self.bpm * PPQ * self.laid_back
        most = nearest * (_NEAR_AT_MOST if nearest < _NEAR else _LAG_AT_MOST)
        return min(max(late, 0.0), most)

    def _uneven(self, onset: Ticks, jitter: float, most: float, chance: FeelChance) -> float:
        """By how many ticks the time is not quite even at a note."""
        alone = min(max(jitter * JITTER * PPQ * self.loose, -most), most)
        drift = min(max(chance.drift(TIME, onset, _BAR), -_DRIFT_AT_MOST), _DRIFT_AT_MOST)
        return alone + drift * DRIFT * PPQ * self.loose

    def _bounded(
        self, written: Written, moment: float, since: Ticks | None, until: Ticks | None
    ) -> int:
        """The tick at which a note comes; notes stay in order here."""
        onset = written.note.onset
        moment = max(moment, onset - self.early)
        if since is not None:
            moment = max(moment, since + (onset - since) / 8)
        if until is not None:
            moment = min(moment, until - (until - onset) / 8)
        return round(moment)

    def _end(
        self,
        written: Written,
        following: Written | None,
        known: dict[str, float],
        chance: FeelChance,
        onset: int,
        since: Ticks | None,
    ) -> int:
        """When a note ends that begins at `onset`: never after the next one has begun."""
        if following is None:
            latest = self._earliest(written, chance)
            then = latest + round(self._late(known, written.nearest))
        else:
            expected = facts(following, None, self.bpm, self.centre)
            moment = self._moment(following, expected, chance)
            sooner = _UNFORESEEN * PPQ * self.loose if following.swings else 0.0
            then = self._bounded(following, moment, since, None)
            latest = self._bounded(following, moment - sooner, since, None)
        if written.rested:
            steps = share_below(chance.own(ARTICULATION.name, written.note.onset))
            sounds = onset + written.note.length - GRID_TICKS * steps
        else:
            share = ARTICULATION.expected(known)
            share += chance.left_over(ARTICULATION, written.note.onset)
            sounds = onset + self._sounding(share) * (then - onset)
        return min(max(round(sounds), onset + _SHORTEST), latest)

    def _sounding(self, share: float) -> float:
        """The share of the time to the next note that sounds, on this instrument and as asked."""
        share = min(max(share + self.legato - USUAL_LEGATO, 0.2), 1.0)
        if self.articulation > 0.0:
            return share + self.articulation * (1.0 - share)
        return share * (1.0 + _STACCATO * self.articulation)

    def _earliest(self, written: Written, chance: FeelChance) -> int:
        """When the note after `written` comes at the earliest, whatever it will be."""
        after, gap = written.after, written.after - written.note.onset
        jitter = min(chance.own(TIME, after), 0.0)
        sooner = self._uneven(after, jitter, gap * _JITTER_AT_MOST, chance)
        if self.loose and (after - written.bar.start) % PPQ == _HALF:
            sooner -= _HALF - _SWUNG_FROM * PPQ  # it may be swung, and not late
        return max(after - self.early, int(after + sooner))
