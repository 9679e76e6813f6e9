"""The partner: what becomes of each key that they press, and what they give us to do."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from live_improv.charts.text import parse
from live_improv.listening.chord_recognition import SETTLE
from live_improv.listening.listener import PHRASE_SILENCE, STUCK, Filter, HeardNote
from live_improv.music.changes import Changes
from live_improv.music.events import Ear, NoteOff, NoteOn
from live_improv.music.timing import Meter, Seconds, TempoMap, Ticks
from live_improv.performance.harmony import ChordSource, Harmony, free_form
from live_improv.performance.partner import Listening, Partner
from live_improv.performance.turns import First, Mode, Turns
from tests.performance.sessions import Rehearsal

BEAT = Seconds(0.5)
TEMPO = TempoMap.constant(120.0)
CHART = parse("C7 | F7 | Dm7 G7 | CM7")
FREE = free_form(Meter(4, 4))


class Duo:
    """A partner, and what the soloist is told of them."""

    def __init__(
        self,
        mode: str = "trade",
        listening: Listening | None = None,
        chords: ChordSource = ChordSource.CHART,
        changes: Changes = CHART,
    ) -> None:
        self.told: list[tuple[str, object]] = []
        self.soloist = Rehearsal(mode).soloist
        for name in ("hear", "remember", "released"):
            self._watch(name)
        self.turns = Turns(Mode(mode), 4, First.PLAYER, Ticks(0))
        self.harmony = Harmony(changes, chords)
        self.partner = Partner(self.soloist, self.turns, self.harmony, listening or Listening())

    def _watch(self, name: str) -> None:
        does = getattr(self.soloist, name)

        def watched(what: object) -> None:
            self.told.append((name, what))
            does(what)

        setattr(self.soloist, name, watched)

    def play(
        self, at: float, pitch: int, length: float = 0.2, channel: int = 0, ears: Ear = Ear.PLAYER
    ) -> None:
        """A key goes down and comes up."""
        self.key(at, NoteOn(pitch, 80, channel), ears)
        self.key(at + length, NoteOff(pitch, channel), ears)

    def key(self, at: float, event: NoteOn | NoteOff, ears: Ear = Ear.PLAYER) -> None:
        """A key goes down or comes up."""
        moment = Seconds(at)
        self.partner.note(event, ears, moment, TEMPO.tick_at(moment), 1.0)

    def think(self, now: float) -> bool:
        """What is decided at a moment."""
        return self.partner.think(Seconds(now), TEMPO.tick_at(Seconds(now)), BEAT)

    def names(self) -> list[str]:
        """What the soloist was told, by name."""
        return [name for name, _ in self.told]


def test_a_note_of_theirs_is_heard_and_remembered_and_ends() -> None:
    duo = Duo()
    duo.play(1.0, 60)
    assert duo.names() == ["remember", "hear", "released"]
    note = duo.told[0][1]
    assert isinstance(note, HeardNote)
    assert (note.pitch, note.onset) == (60, 960)
    assert duo.told[2] == ("released", TEMPO.tick_at(Seconds(1.2)))


def test_in_our_turn_they_are_only_remembered() -> None:
    duo = Duo("solo")
    turn = duo.turns.turn(Ticks(0), CHART)
    assert turn is not None
    duo.soloist.take(turn, Ticks(0), room=True)
    duo.play(1.0, 60)
    assert duo.names() == ["remember", "released"]
    assert duo.soloist.turn == turn


CHORDS = (50, 53, 57, 60)

# Who hears a note of pitch 55 or 75, on which channel, by which ear: as melody, as chord.
WHERE = [
    (Listening(), 75, 0, Ear.PLAYER, True, False),
    (Listening(), 75, 0, Ear.CHORDS, False, True),
    (Listening(), 75, 0, Ear.PLAYER | Ear.CHORDS, True, True),
    (Listening(), 75, 0, Ear.PLAYER | Ear.CLOCK, True, False),
    (Listening(both_hands=True), 75, 0, Ear.PLAYER, True, True),
    (Listening(split=60), 75, 0, Ear.PLAYER, True, False),
    (Listening(split=60), 55, 0, Ear.PLAYER, False, True),
    (Listening(split=55), 55, 0, Ear.PLAYER, True, False),
    (Listening(chord_channel=3), 75, 3, Ear.PLAYER, False, True),
    (Listening(chord_channel=3), 75, 2, Ear.PLAYER, True, False),
    (Listening(Filter(channel=2)), 75, 1, Ear.PLAYER, False, False),
    (Listening(Filter(channel=2)), 75, 2, Ear.PLAYER, True, False),
    (Listening(Filter(channel=2), chord_channel=3), 75, 3, Ear.PLAYER, False, True),
    (Listening(Filter(low=60, high=70)), 75, 0, Ear.PLAYER, False, False),
    (Listening(Filter(low=60), split=60), 55, 0, Ear.PLAYER, False, True),
]


@pytest.mark.parametrize(("listening", "pitch", "channel", "ears", "melody", "chord"), WHERE)
def test_where_a_note_belongs(
    listening: Listening, pitch: int, channel: int, ears: Ear, melody: bool, chord: bool
) -> None:
    duo = Duo(listening=listening, chords=ChordSource.LIVE, changes=FREE)
    duo.play(1.0, pitch, 0.2, channel, ears)
    assert ("hear" in duo.names()) is melody
    assert duo.partner.playing is melody
    # A voicing of such notes, all around it, is or is no chord.
    again = Duo(listening=listening, chords=ChordSource.LIVE, changes=FREE)
    lowest = pitch - 10 if listening.split == 60 and pitch < 60 else pitch
    for each in (0, 3, 7, 10):
        again.key(1.0, NoteOn(lowest + each, 80, channel), ears)
    assert again.think(1.0 + SETTLE) is chord


@pytest.mark.parametrize(
    ("listening", "pitch", "channel", "ears", "theirs"),
    [
        (Listening(), 60, 0, Ear.PLAYER, True),
        (Listening(Filter(channel=2)), 60, 1, Ear.PLAYER, False),
        (Listening(Filter(channel=2)), 60, 1, Ear.CHORDS, True),
        (Listening(Filter(low=60), split=50), 40, 0, Ear.PLAYER, True),
        (Listening(Filter(low=60), split=50), 55, 0, Ear.PLAYER, False),
        (Listening(Filter(channel=2), split=50), 40, 1, Ear.PLAYER, False),
        (Listening(Filter(channel=2), chord_channel=9), 70, 9, Ear.PLAYER, True),
    ],
)
def test_whose_a_note_is(
    listening: Listening, pitch: int, channel: int, ears: Ear, theirs: bool
) -> None:
    duo = Duo(listening=listening)
    for event in (NoteOn(pitch, 80, channel), NoteOff(pitch, channel)):
        assert duo.partner.theirs(event, ears) is theirs


def test_while_the_music_stands_notes_have_no_place_in_it() -> None:
    """They are chords, or tell a key, and nobody is given a turn."""
    duo = Duo("answer", Listening(split=64), ChordSource.LIVE, FREE)
    for pitch in (*CHORDS, 74):
        duo.partner.note(NoteOn(pitch, 80), Ear.PLAYER, Seconds(1.0), Ticks(960), None)
    assert duo.think(1.0 + SETTLE)
    assert duo.names() == []
    assert not duo.partner.playing


def test_without_ears_for_chords_none_is_recognised() -> None:
    duo = Duo(listening=Listening(both_hands=True), chords=ChordSource.CHART)
    for pitch in (51, 54, 58, 61):
        duo.key(1.0, NoteOn(pitch, 80))
    assert not duo.think(1.0 + SETTLE)
    assert duo.harmony.changes == CHART


def test_a_chord_is_told_once() -> None:
    duo = Duo(listening=Listening(split=64), chords=ChordSource.LIVE, changes=FREE)
    for pitch in CHORDS:
        duo.key(1.0, NoteOn(pitch, 80))
    assert duo.partner.think_at(BEAT) == pytest.approx(1.0 + SETTLE)
    assert not duo.think(1.0 + SETTLE / 2)
    assert duo.think(1.0 + SETTLE)
    assert duo.harmony.changes.chord_at(Ticks(0)).symbol == "Dm7"
    assert duo.partner.think_at(BEAT) is None
    for pitch in CHORDS:
        duo.key(2.0, NoteOff(pitch))
        duo.key(2.1, NoteOn(pitch, 80))
    assert not duo.think(2.1 + SETTLE), "the same again is nothing new"


def test_a_chord_the_chart_has_anyway_is_nothing_new() -> None:
    duo = Duo(listening=Listening(split=64), chords=ChordSource.BOTH)
    for pitch in (48, 52, 58, 62):
        duo.key(0.1, NoteOn(pitch, 80))
    assert not duo.think(0.1 + SETTLE)
    assert duo.harmony.changes == CHART


def rests(duo: Duo, last_off: float) -> float:
    """When they are taken to rest."""
    at = duo.partner.think_at(BEAT)
    assert at == pytest.approx(last_off + PHRASE_SILENCE)
    return float(at or 0.0)


def test_a_phrase_is_over_after_a_silence_and_answered() -> None:
    duo = Duo("answer")
    for i, pitch in enumerate((60, 62, 64, 65)):
        duo.play(1.0 + 0.25 * i, pitch)
    assert duo.partner.playing
    assert duo.turns.turn(Ticks(2000), CHART) is None
    at = rests(duo, 1.95)
    duo.think(at - 0.01)
    assert duo.partner.playing
    duo.think(at)
    assert not duo.partner.playing
    turn = duo.turns.turn(TEMPO.tick_at(Seconds(at)), CHART)
    assert turn is not None
    assert turn.phrase is not None
    assert turn.phrase.notes == 4
    # In whole beats, as long as it was.
    assert (turn.end or 0) - turn.start == 960
    assert duo.partner.think_at(BEAT) is None


def test_slow_music_breathes_longer() -> None:
    duo = Duo("answer")
    duo.play(1.0, 60)
    assert duo.partner.think_at(Seconds(1.5)) == pytest.approx(1.2 + 0.75)


@pytest.mark.parametrize("mode", ["answer", "duet"])
def test_who_comes_back_gets_the_turn(mode: str) -> None:
    duo = Duo(mode)
    duo.play(1.0, 60)
    duo.think(rests(duo, 1.2))
    turn = duo.turns.turn(Ticks(1700), CHART)
    assert turn is not None
    duo.soloist.take(turn, Ticks(1700), room=True)
    duo.soloist.plan(120.0, "")
    duo.key(2.0, NoteOn(62, 80))
    assert duo.soloist.turn is None
    assert duo.turns.turn(Ticks(1930), CHART) is None
    assert not duo.soloist.has_more()


def test_keys_together_are_one_note_and_held_ones_no_rest() -> None:
    duo = Duo("answer")
    for pitch in (60, 64, 67):
        duo.key(1.0, NoteOn(pitch, 80))
    for pitch in (60, 64):
        duo.key(1.2, NoteOff(pitch))
    assert duo.names().count("released") == 0
    assert duo.partner.think_at(BEAT) == pytest.approx(1.0 + STUCK + PHRASE_SILENCE, abs=0.31)
    duo.key(1.5, NoteOff(67))
    rests(duo, 1.5)
    heard = [what for name, what in duo.told if name == "hear"]
    assert [(n.pitch, n.replaces) for n in heard if isinstance(n, HeardNote)] == [
        (60, False),
        (64, True),
        (67, True),
    ]


def pressed(duo: Duo, at: float, pitches: Sequence[int]) -> None:
    """Keys that stay down."""
    for pitch in pitches:
        duo.key(at, NoteOn(pitch, 80))


def test_whoever_is_forgotten_holds_nothing() -> None:
    for mode in ("answer", "duet"):
        duo = Duo(mode, Listening(split=64), ChordSource.LIVE, FREE)
        pressed(duo, 1.0, (*CHORDS, 72))
        duo.think(1.0 + SETTLE)
        duo.partner.forget(Seconds(1.5))
        at = duo.partner.think_at(BEAT)
        if at is not None:
            duo.think(at)
        assert not duo.partner.playing
        assert (duo.turns.turn(Ticks(2500), FREE) is not None) or mode == "answer"
        # The left hand is free as well: what comes is a chord of its own.
        pressed(duo, 4.0, (51, 54, 58, 61))
        assert duo.think(4.0 + SETTLE)
        assert duo.harmony.changes.chord_at(Ticks(0)).symbol == "Ebm7"


def test_a_turn_that_was_decided_anew_is_theirs_if_they_play() -> None:
    duo = Duo("duet")
    duo.partner.cue_again(Ticks(0))
    assert duo.turns.turn(Ticks(0), CHART) is not None
    duo.key(1.0, NoteOn(60, 80))
    duo.turns.switch(Mode.DUET, Ticks(1000))
    duo.partner.cue_again(Ticks(1000))
    assert duo.turns.turn(Ticks(1000), CHART) is None


def test_a_key_is_listened_for_only_where_nobody_names_a_chord() -> None:
    scale = (62, 64, 66, 67, 69, 71, 73, 74)
    for source, changes, found in (
        (ChordSource.LIVE, FREE, True),
        (ChordSource.CHART, FREE, False),
        (ChordSource.BOTH, CHART, False),
    ):
        duo = Duo("trade", Listening(), source, changes)
        for i in range(48):
            duo.play(0.25 * i, scale[i % 8])
        assert (duo.harmony.changes.chord_at(Ticks(0)) != changes.chord_at(Ticks(0))) is found


def test_after_a_jump_a_line_begins_anew() -> None:
    duo = Duo("answer")
    duo.play(1.0, 60)
    duo.partner.relocate()
    moment = Seconds(1.4)
    duo.partner.note(NoteOn(62, 80), Ear.PLAYER, moment, Ticks(40_000), 1.0)
    duo.partner.note(NoteOff(62), Ear.PLAYER, Seconds(1.6), Ticks(40_200), 1.0)
    at = duo.partner.think_at(BEAT)
    assert at is not None
    duo.partner.think(at, Ticks(40_500), BEAT)
    turn = duo.turns.turn(Ticks(40_500), CHART)
    assert turn is not None
    assert (turn.end or 0) - turn.start == 960, "not as long as the jump was wide"
