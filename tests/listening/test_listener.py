"""The listener: one melody out of what ten fingers do, and where its phrases begin and end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from live_improv.listening.listener import (
    FAR_BELOW,
    PHRASE_SILENCE,
    STUCK,
    TOGETHER,
    Filter,
    HeardNote,
    Listener,
    Phrase,
)
from live_improv.listening.quantising import place
from live_improv.music.events import NoteOff, NoteOn
from live_improv.music.timing import GRID_TICKS, PPQ, Seconds, Ticks

BEAT = Seconds(0.5)
"""A quarter at 120."""


BEGAN = Seconds(64.0)
"""When beat 0 was; seconds and ticks have nothing to do with each other."""


class Player:
    """Somebody who plays at 120, to a listener; times are in beats."""

    def __init__(self) -> None:
        self.listener = Listener()

    def on(self, pitch: int, beat: float, later: float = 0.0) -> HeardNote | None:
        """A key goes down `later` seconds after the beat, where 14 ticks late is in time."""
        at = beat * BEAT + later
        tick = Ticks(round(at / BEAT * PPQ) + 14)
        return self.listener.note_on(NoteOn(pitch, 70), Seconds(BEGAN + at), tick, 0.0)

    def off(self, pitch: int, beat: float, later: float = 0.0) -> Ticks | None:
        """A key comes up."""
        at = beat * BEAT + later
        tick = Ticks(round(at / BEAT * PPQ))
        return self.listener.note_off(NoteOff(pitch), Seconds(BEGAN + at), tick)

    def over(self, beat: Seconds = BEAT) -> float | None:
        """How many seconds after beat 0 the phrase will be over."""
        at = self.listener.over_at(beat)
        return None if at is None else at - BEGAN

    def melody(self, *events: tuple[float, int, float]) -> list[tuple[float, int]]:
        """The melody heard of keys: (beat, pitch, length), ends before beginnings."""
        moments = [(beat, 1, pitch) for beat, pitch, _ in events]
        moments += [(beat + length, 0, pitch) for beat, pitch, length in events]
        found: list[tuple[float, int]] = []
        for beat, down, pitch in sorted(moments):
            heard = self.on(pitch, beat) if down else self.off(pitch, beat)
            if down and isinstance(heard, HeardNote):
                if heard.replaces:
                    found.pop()
                found.append((heard.onset / PPQ, heard.pitch))
        return found


def test_nothing_is_heard_before_the_first_note() -> None:
    listener = Listener()
    assert listener.phrase is None
    assert not listener.playing
    assert not listener.holding
    assert listener.over_at(BEAT) is None
    assert listener.note_off(NoteOff(60), Seconds(1.0), Ticks(100)) is None


def test_a_single_line_is_heard_as_it_is() -> None:
    line = [(0.0, 60, 0.5), (0.5, 64, 0.5), (1.0, 67, 1.0), (3.0, 48, 0.25), (3.5, 72, 2.0)]
    player = Player()
    assert player.melody(*line) == [(beat, pitch) for beat, pitch, _ in line]
    assert player.listener.phrase == Phrase(Ticks(0), Ticks(5 * PPQ + 240), 5)


def test_a_note_keeps_its_velocity_and_is_on_the_grid() -> None:
    listener = Listener()
    heard = listener.note_on(NoteOn(60, 33, 5), Seconds(0.0), Ticks(487), 0.0)
    assert heard == HeardNote(Ticks(480), 60, 33)


@pytest.mark.parametrize("jitter", [0, 2, -3])
def test_who_plays_exactly_is_taken_at_their_word(jitter: int) -> None:
    """A clip of a DAW: after a bar of quarters its triplets are triplets, to the step."""
    listener = Listener()
    steps = [0, 12, 24, 36, *range(48, 96, 4), *range(96, 144, 3), 144, 151, 155, 156]
    found = []
    for i, step in enumerate(steps):
        tick = Ticks(step * GRID_TICKS + (jitter if i % 2 else -jitter))
        heard = listener.note_on(NoteOn(60 + i % 2, 80), Seconds(tick / 960), tick, 0.0)
        listener.note_off(NoteOff(60 + i % 2), Seconds((tick + 20) / 960), Ticks(tick + 20))
        assert heard is not None
        found.append(heard.onset // GRID_TICKS)
    assert found == steps


def test_a_human_is_exact_by_chance_and_stays_a_human() -> None:
    """Three exact onsets say nothing, and one that is not begins the count anew."""
    listener, last = Listener(), None
    for step in (0.0, 12.0, 16.0, 36.4, 48.0, 60.0, 64.0, 76.5, 84.0, 92.0, 96.0, 97.0):
        tick = Ticks(round(step * GRID_TICKS))
        heard = listener.note_on(NoteOn(60, 80), Seconds(tick / 960), tick, 0.0)
        assert heard is not None
        meant = place(step, last, 0.0) if step < 97 else 97
        assert heard.onset == meant * GRID_TICKS
        listener.note_off(NoteOff(60), Seconds((tick + 20) / 960), Ticks(tick + 20))
        last = meant


def test_of_keys_struck_together_the_highest_is_the_melody() -> None:
    for order in ([48, 55, 64, 72], [72, 64, 55, 48], [55, 72, 48, 64]):
        player = Player()
        heard = [player.on(pitch, 2.0, i * 0.009) for i, pitch in enumerate(order)]
        kept = [note for note in heard if note is not None]
        assert kept[-1].pitch == 72
        assert kept[0].pitch == order[0]
        assert not kept[0].replaces
        # Each further one is higher, and takes the place of the one before, at its onset.
        assert all(note.replaces for note in kept[1:])
        assert {note.onset for note in kept} == {960}
        assert [note.pitch for note in kept] == sorted(note.pitch for note in kept)
        assert player.listener.phrase == Phrase(Ticks(960), Ticks(960), 1)


def test_together_is_counted_from_the_first_key() -> None:
    player = Player()
    assert player.on(60, 0.0) is not None
    assert player.on(64, 0.0, 0.029).replaces  # type: ignore[union-attr]
    after = player.on(67, 0.0, 0.058)
    assert after is not None
    assert not after.replaces
    assert after.onset > 0
    assert TOGETHER == 0.03


def test_a_chord_under_a_held_note_is_no_melody() -> None:
    player = Player()
    melody = player.melody(
        (0.0, 76, 4.0), *((beat, 76 - FAR_BELOW - low, 0.9) for beat in (1, 2) for low in (0, 4, 7))
    )
    assert melody == [(0.0, 76)]
    # What ends there is not the melody's note, and not the phrase.
    assert player.listener.phrase == Phrase(Ticks(0), Ticks(4 * PPQ), 1)


def test_the_same_chord_is_melody_where_nothing_sounds_above() -> None:
    player = Player()
    assert player.melody((0.0, 76, 1.0), (1.0, 60, 1.0)) == [(0.0, 76), (1.0, 60)]


def test_a_descending_line_may_overlap() -> None:
    scale = [72, 71, 69, 67, 65, 64, 62, 60]
    player = Player()
    line = [(0.5 * i, pitch, 0.6) for i, pitch in enumerate(scale)]
    assert player.melody(*line) == [(beat, pitch) for beat, pitch, _ in line]
    # Also in wide steps, as long as they are less than an octave.
    wide = [(8.0 + 0.5 * i, 80 - 11 * i, 0.6) for i in range(4)]
    assert player.melody(*wide) == [(beat, pitch) for beat, pitch, _ in wide]


def test_only_the_end_of_the_melody_is_told() -> None:
    player = Player()
    player.on(72, 0.0)
    player.on(50, 1.0)
    assert player.off(50, 1.5) is None
    player.on(71, 2.0)
    assert player.off(72, 2.2) is None  # the note before, which sounded on
    assert player.off(71, 3.0) == 3 * PPQ
    assert player.off(71, 3.5) is None  # was up already


def test_an_end_is_not_before_its_note() -> None:
    # A note played early that is let go before its place.
    listener = Listener()
    heard = listener.note_on(NoteOn(60, 80), Seconds(0.0), Ticks(440), 0.0)
    assert heard is not None
    end = listener.note_off(NoteOff(60), Seconds(0.01), Ticks(445))
    assert end is not None
    assert end >= heard.onset
    assert listener.phrase == Phrase(heard.onset, end, 1)


# Phrases


@pytest.mark.parametrize(
    ("bpm", "silence"), [(200.0, 0.3), (120.0, 0.3), (60.0, 0.5), (40.0, 0.75)]
)
def test_a_phrase_is_over_after_a_silence(bpm: float, silence: float) -> None:
    player, beat = Player(), Seconds(60.0 / bpm)
    player.on(60, 0.0)
    assert player.listener.playing
    # Held, it goes on; for as long as a key is believed to be held.
    assert player.over(beat) == pytest.approx(STUCK + silence)
    player.off(60, 2.0)
    over = player.over(beat)
    assert over == pytest.approx(1.0 + silence)
    assert silence >= PHRASE_SILENCE
    assert player.listener.playing
    player.listener.rest()
    assert not player.listener.playing
    assert player.over(beat) is None
    # What was played is known until the next one begins.
    assert player.listener.phrase == Phrase(Ticks(0), Ticks(2 * PPQ), 1)
    player.on(62, 6.0)
    assert player.listener.playing
    assert player.listener.phrase == Phrase(Ticks(6 * PPQ), Ticks(6 * PPQ), 1)


def test_a_short_silence_is_inside_a_phrase() -> None:
    player = Player()
    player.on(60, 0.0)
    player.off(60, 0.5)
    player.on(62, 1.0)
    assert player.over() == pytest.approx(0.5 + STUCK + 0.3)
    player.off(62, 1.5)
    assert player.over() == pytest.approx(0.75 + 0.3)
    assert player.listener.phrase == Phrase(Ticks(0), Ticks(720), 2)


def test_a_phrase_is_not_over_while_any_key_is_down() -> None:
    player = Player()
    player.on(72, 0.0)
    player.on(50, 0.5)
    player.off(72, 1.0)
    assert player.over() == pytest.approx(0.25 + STUCK + 0.3)
    player.off(50, 3.0)
    assert player.over() == pytest.approx(1.5 + 0.3)


def test_after_a_phrase_notes_struck_together_are_one() -> None:
    player = Player()
    player.melody((0.0, 60, 1.0))
    player.listener.rest()
    assert player.melody((4.0, 64, 1.0), (4.0, 67, 1.0)) == [(4.0, 67)]
    assert player.listener.phrase == Phrase(Ticks(4 * PPQ), Ticks(5 * PPQ), 1)


# What goes wrong on a stage


def test_a_stuck_key_is_given_up() -> None:
    player = Player()
    player.on(90, 0.0)  # its off is lost
    much_later = (STUCK + 0.1) / BEAT
    assert player.on(60, much_later) is not None, "no accompaniment to a note that has gone"
    player.off(60, much_later + 1)
    assert not player.listener.holding
    assert player.over() is not None


def test_a_stuck_key_does_not_hold_up_the_phrase_for_ever() -> None:
    player = Player()
    player.on(60, 0.0)  # its off is lost
    player.on(62, 1.0)
    player.off(62, 2.0)
    assert player.over() == pytest.approx(STUCK + 0.3)
    player.listener.rest()
    assert not player.listener.playing
    assert not player.listener.holding
    assert player.over() is None


def test_after_a_key_that_was_stuck_silence_is_waited_for_all_the_same() -> None:
    player = Player()
    player.on(60, 0.0)  # its off is lost
    player.on(72, 9.9 / BEAT)
    player.off(72, 10.5 / BEAT)
    over = player.over()
    assert over is not None
    assert over >= 10.5 + 0.3 - 1e-9


def test_a_key_held_a_while_is_not_stuck() -> None:
    player = Player()
    player.on(76, 0.0)
    assert player.on(60, (STUCK - 0.1) / BEAT) is None
    assert player.off(76, STUCK / BEAT - 0.1) is not None


def test_all_notes_off_lets_go_of_the_keys() -> None:
    player = Player()
    player.on(76, 0.0)
    player.on(60, 1.0)
    listener = player.listener
    listener.forget(Seconds(BEGAN + 0.7))
    assert not listener.holding
    assert player.off(76, 2.0) is None
    # The phrase ends as if the keys had come up: whoever waits for that is not left waiting.
    assert listener.playing
    assert player.over() == pytest.approx(0.7 + 0.3)
    listener.forget(Seconds(BEGAN + 0.8))
    assert player.over() == pytest.approx(0.7 + 0.3), "nothing was held any more"
    assert player.on(60, 3.0) is not None, "no accompaniment to a note that has gone"


def test_all_notes_off_in_a_rest_is_nothing() -> None:
    listener = Listener()
    listener.forget(Seconds(1.0))
    assert not listener.playing
    assert listener.over_at(BEAT) is None


def test_a_note_right_after_all_notes_off_is_heard() -> None:
    player = Player()
    player.on(76, 4.0)
    player.listener.forget(Seconds(BEGAN + 4.0 * BEAT))
    assert player.on(60, 4.0, 0.02) is not None
    assert player.listener.playing
    assert player.listener.holding


def test_a_keyboard_that_says_all_notes_off_with_its_last_key_has_phrases() -> None:
    player = Player()
    for i, pitch in enumerate((60, 62, 64, 65)):
        player.on(pitch, 0.5 * i)
        player.off(pitch, 0.5 * i + 0.4)
        player.listener.forget(Seconds(BEGAN + (0.5 * i + 0.4) * BEAT))
    assert player.listener.phrase == Phrase(Ticks(0), Ticks(round(1.9 * PPQ)), 4)
    assert player.over() == pytest.approx(1.9 * BEAT + 0.3)


@pytest.mark.parametrize("to", [0, 480, 100 * PPQ])
def test_after_a_jump_the_line_begins_anew(to: int) -> None:
    """A player who goes on playing through a jump, as a DAW's loop makes one."""
    player = Player()
    listener = player.listener
    player.melody((8.0, 60, 0.5), (8.5, 62, 0.5), (9.0, 64, 0.5))
    player.on(65, 9.5)
    listener.relocate()
    assert listener.holding
    # Half a beat later, there; the last place does not keep it from being heard where it is.
    at = Seconds(BEGAN + 10.0 * BEAT)
    listener.note_off(NoteOff(65), at, Ticks(to))
    heard = listener.note_on(NoteOn(67, 80), at, Ticks(to + 14), 0.0)
    assert heard == HeardNote(Ticks(to), 67, 80)
    assert listener.phrase == Phrase(Ticks(to), Ticks(to), 1)
    end = listener.note_off(NoteOff(67), Seconds(at + BEAT), Ticks(to + PPQ))
    assert end == to + PPQ
    assert listener.phrase == Phrase(Ticks(to), Ticks(to + PPQ), 1)
    assert listener.over_at(BEAT) == pytest.approx(at + BEAT + 0.3)


def test_the_end_of_a_note_from_before_a_jump_is_not_behind_it() -> None:
    player = Player()
    player.on(60, 100.0)
    player.listener.relocate()
    end = player.listener.note_off(NoteOff(60), Seconds(BEGAN + 50.5), Ticks(300))
    assert end is None or end == 300


def test_no_note_is_swallowed_by_a_jump() -> None:
    player = Player()
    player.on(60, 4.0)
    player.listener.relocate()
    heard = player.listener.note_on(NoteOn(67, 80), Seconds(BEGAN + 2.01), Ticks(14), 0.0)
    assert heard == HeardNote(Ticks(0), 67, 80)


@pytest.mark.parametrize(
    ("chosen", "event", "passes"),
    [
        (Filter(), NoteOn(0, 1, 15), True),
        (Filter(), NoteOff(127, 0), True),
        (Filter(channel=3), NoteOn(60, 80, 3), True),
        (Filter(channel=3), NoteOn(60, 80, 2), False),
        (Filter(channel=0), NoteOff(60, 1), False),
        (Filter(low=48, high=72), NoteOn(48, 80), True),
        (Filter(low=48, high=72), NoteOff(72), True),
        (Filter(low=48, high=72), NoteOn(47, 80), False),
        (Filter(low=48, high=72), NoteOff(73), False),
        (Filter(2, 60, 60), NoteOn(60, 1, 2), True),
    ],
)
def test_which_notes_are_the_players(chosen: Filter, event: NoteOn | NoteOff, passes: bool) -> None:
    assert chosen.passes(event) is passes


class Anything(RuleBasedStateMachine):
    """Any keys, at any pace, with rests, jumps and lost offs."""

    def __init__(self) -> None:
        super().__init__()
        self.listener = Listener()
        self.now = 1.0
        self.place = 0  # the tick at second 0
        self.down: set[int] = set()
        self.line: list[HeardNote] = []
        self.resting = True

    @property
    def tick(self) -> Ticks:
        """Where the music is, at 120."""
        return Ticks(self.place + int(self.now * 2 * PPQ))

    @rule(gap=st.sampled_from([0.0, 0.004, 0.02, 0.05, 0.12, 0.3, 0.7, 2.5, 11.0]))
    def wait(self, gap: float) -> None:
        """Time passes; a phrase ends when it is said to be over."""
        self.now += gap
        over = self.listener.over_at(BEAT)
        if over is not None and over <= self.now:
            self.listener.rest()
            self.resting = True
            self.down = {key for key in self.down if self.listener.holding}

    @rule(pitch=st.integers(40, 90))
    def press(self, pitch: int) -> None:
        """A key goes down, also one that is down."""
        silent = not self.down
        heard = self.listener.note_on(NoteOn(pitch, 80), Seconds(self.now), self.tick, 0.5)
        self.down.add(pitch)
        # What is struck where nothing sounds is melody, or belongs to what was just struck.
        assert heard is not None or not silent or self.line
        assert self.listener.playing
        if heard is None:
            return
        assert heard.pitch == pitch
        assert heard.onset % GRID_TICKS == 0
        if heard.replaces:
            assert self.line.pop().onset == heard.onset
            assert not self.resting
        else:
            assert not self.line or heard.onset > self.line[-1].onset
            # Not further from where it was played than it takes to be after the last one.
            first = self.line[-1].onset if self.line else heard.onset
            assert heard.onset <= max(self.tick, first) + 5 * GRID_TICKS
            assert heard.onset >= self.tick - 6 * GRID_TICKS
        self.line.append(heard)
        phrase = self.listener.phrase
        assert phrase is not None
        assert phrase.start == heard.onset if self.resting else phrase.start <= heard.onset
        self.resting = False

    @rule(data=st.data())
    def let_go(self, data: st.DataObject) -> None:
        """A key comes up."""
        if not self.down:
            return
        pitch = data.draw(st.sampled_from(sorted(self.down)))
        self.down.discard(pitch)
        end = self.listener.note_off(NoteOff(pitch), Seconds(self.now), self.tick)
        if end is not None:
            assert self.line
            assert end >= self.tick
            assert self.line[-1].pitch == pitch

    @rule(to=st.integers(-2, 100))
    def jump(self, to: int) -> None:
        """The transport is placed elsewhere."""
        self.place += to * PPQ - self.tick
        self.listener.relocate()
        self.line = []

    @rule()
    def silence(self) -> None:
        """All notes off."""
        self.listener.forget(Seconds(self.now))
        self.down.clear()
        self.resting = not self.listener.playing

    @invariant()
    def a_phrase_is_one(self) -> None:
        """It ends after it begins, has notes, and is over only where no key is down."""
        assert self.listener.playing is not self.resting
        phrase = self.listener.phrase
        if phrase is not None:
            assert phrase.start <= phrase.end
            assert phrase.notes >= 1
        over = self.listener.over_at(BEAT)
        assert (over is None) is self.resting
        if over is not None and not self.down:
            assert over <= self.now + 0.3 + 1e-9
        elif over is not None and self.listener.holding:
            assert over <= self.now + STUCK + 0.3 + 1e-9


TestAnything = Anything.TestCase


@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(50, 80)), min_size=1, max_size=20),
    st.integers(0, 50),
)
def test_chords_of_one_length_leave_their_highest_notes(
    chords: list[tuple[int, int]], seed: int
) -> None:
    """Block chords, each struck in any order within 30 ms: what is heard is their top line."""
    player, found = Player(), list[tuple[float, int]]()
    for i, (size, top) in enumerate(chords):
        keys = sorted(
            range(top - 3 * (size - 1), top + 1, 3), key=lambda key: key * (seed + 7) % 11
        )
        for j, key in enumerate(keys):
            heard = player.on(key, i, j * 0.007)
            if heard is not None:
                if heard.replaces:
                    found.pop()
                found.append((heard.onset / PPQ, heard.pitch))
        for key in keys:
            player.off(key, i + 0.9)
    assert found == [(float(i), top) for i, (_, top) in enumerate(chords)]
