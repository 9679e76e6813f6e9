"""The scheduler: every note-on gets its off, whatever is asked of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from live_improv.music.events import Note, NoteOff, NoteOn, Timed
from live_improv.music.timing import Ticks
from live_improv.performance.scheduler import Scheduler

FAR = Ticks(10**9)


def n(onset: int, length: int, pitch: int = 60, velocity: int = 80) -> Note:
    """A note."""
    return Note(Ticks(onset), Ticks(length), pitch, velocity)


def on(tick: int, pitch: int = 60, velocity: int = 80, channel: int = 0) -> Timed:
    """A note-on."""
    return Timed(Ticks(tick), NoteOn(pitch, velocity, channel))


def off(tick: int, pitch: int = 60, channel: int = 0) -> Timed:
    """A note-off."""
    return Timed(Ticks(tick), NoteOff(pitch, channel))


def scheduled(*notes: Note) -> Scheduler:
    """A scheduler of these notes."""
    scheduler = Scheduler()
    for note in notes:
        scheduler.add(note)
    return scheduler


def test_events_come_when_they_are_due() -> None:
    scheduler = scheduled(n(100, 50), n(20, 10, 62))
    assert scheduler.next_tick() == 20
    assert scheduler.due(Ticks(19)) == []
    assert scheduler.due(Ticks(20)) == [on(20, 62)]
    assert scheduler.next_tick() == 30
    assert scheduler.sounding() == {62}
    assert scheduler.due(Ticks(100)) == [off(30, 62), on(100)]
    assert scheduler.due(FAR) == [off(150)]
    assert scheduler.next_tick() is None
    assert scheduler.sounding() == frozenset()


def test_offs_come_before_ons_of_the_same_tick() -> None:
    scheduler = scheduled(n(100, 50, 62), n(0, 100, 60), n(0, 100, 64))
    assert scheduler.due(FAR) == [
        *(on(0, 60), on(0, 64), off(100, 60), off(100, 64)),
        *(on(100, 62), off(150, 62)),
    ]


def test_a_pitch_that_is_struck_again_is_released_first() -> None:
    scheduler = scheduled(n(0, 200), n(100, 50))
    assert scheduler.due(FAR) == [on(0), off(100), on(100), off(150)]
    # The end of the first note is void then: it does not cut the second one.
    assert scheduled(n(0, 200), n(100, 300)).due(FAR) == [on(0), off(100), on(100), off(400)]
    assert scheduled(n(0, 100), n(100, 100)).due(FAR) == [on(0), off(100), on(100), off(200)]
    assert scheduled(n(0, 100), n(0, 50)).due(FAR) == [on(0), off(0), on(0), off(50)]


def test_notes_keep_their_velocity_and_channel() -> None:
    scheduler = Scheduler(channel=5)
    scheduler.add(n(0, 10, 60, 33))
    assert scheduler.due(FAR) == [on(0, 60, 33, 5), off(10, 60, 5)]
    scheduler.add(n(0, 10, 60, 33))
    scheduler.due(Ticks(0))
    assert scheduler.all_off(Ticks(3)) == [off(3, 60, 5)]


def test_cancelling_leaves_what_sounds_to_its_end() -> None:
    scheduler = scheduled(n(0, 500), n(100, 10, 62), n(200, 10, 64))
    scheduler.due(Ticks(100))
    scheduler.cancel()
    assert scheduler.sounding() == {60, 62}
    assert scheduler.due(FAR) == [off(110, 62), off(500)]
    scheduler.add(n(600, 10))
    scheduler.cancel()
    assert scheduler.next_tick() is None


def test_who_cancels_is_told_from_where_on_as_written() -> None:
    scheduler = Scheduler()
    assert scheduler.cancel() is None
    # Without a word it is played as it is written.
    scheduler.add(n(700, 100, 65))
    scheduler.add(n(800, 100, 65))
    assert scheduler.cancel() == 700
    assert scheduler.due(FAR) == []
    # A swung off-beat, written at 240 and played at 290, and one laid back.
    for onset, written, pitch in ((0, 0, 60), (290, 240, 62), (485, 480, 64)):
        scheduler.add(n(onset, 100, pitch), Ticks(written))
    assert scheduler.due(Ticks(280)) == [on(0), off(100)]
    assert scheduler.cancel() == 240, "not begun, though its place has passed"
    # What has begun is no matter for cancelling, though it has not ended.
    scheduler.add(n(1000, 500, 60), Ticks(960))
    scheduler.due(Ticks(1000))
    assert scheduler.cancel() is None
    assert scheduler.due(FAR) == [off(1500)]


def test_silence_ends_all_and_forgets_the_rest() -> None:
    scheduler = scheduled(n(0, 500, 64), n(0, 500, 60), n(100, 10, 62))
    scheduler.due(Ticks(0))
    assert scheduler.all_off(Ticks(7)) == [off(7, 60), off(7, 64)]
    assert scheduler.all_off(Ticks(8)) == []
    assert scheduler.due(FAR) == []
    # And it can go on after that.
    scheduler.add(n(900, 10, 64))
    assert scheduler.due(FAR) == [on(900, 64), off(910, 64)]


class Playing(RuleBasedStateMachine):
    """Any calls in any order, beside a plain account of what has been handed out."""

    def __init__(self) -> None:
        super().__init__()
        self.scheduler = Scheduler()
        self.now = 0
        self.sounding: dict[int, int] = {}  # pitch -> when it must have ended
        self.coming: list[Note] = []
        self.written: dict[Note, int] = {}
        self.last = 0

    @rule(
        ahead=st.integers(0, 60),
        length=st.integers(1, 80),
        pitch=st.integers(60, 64),
        late=st.none() | st.integers(0, 30),
    )
    def add(self, ahead: int, length: int, pitch: int, late: int | None) -> None:
        """A note that starts now or later, later than it is written or not."""
        note = n(self.now + ahead, length, pitch, 1 + len(self.written) % 127)
        self.scheduler.add(note, None if late is None else Ticks(note.onset - late))
        self.coming.append(note)
        self.written[note] = note.onset - (late or 0)

    @rule(ahead=st.integers(0, 60))
    def due(self, ahead: int) -> None:
        """Time passes."""
        self.now += ahead
        events = self.scheduler.due(Ticks(self.now))
        for i, timed in enumerate(events):
            if isinstance(timed.event, NoteOff):
                pitch = timed.event.pitch
                struck = [e.event.pitch for e in events[i + 1 :] if isinstance(e.event, NoteOn)]
                # At its end, unless its key is struck again.
                assert timed.tick == self.sounding[pitch] or pitch in struck
            self.account(timed)
        assert not [note for note in self.coming if note.onset <= self.now]
        assert all(end > self.now for end in self.sounding.values())

    @rule()
    def cancel(self) -> None:
        """Somebody changes his mind."""
        found = self.scheduler.cancel()
        assert found == min((self.written[note] for note in self.coming), default=None)
        self.coming = []

    @rule()
    def all_off(self) -> None:
        """Panic."""
        for timed in self.scheduler.all_off(Ticks(self.now)):
            assert isinstance(timed.event, NoteOff)
            self.account(timed)
        assert not self.sounding
        self.coming = []

    def account(self, timed: Timed) -> None:
        """One event, in order of time; an on needs a free pitch, an off a sounding one."""
        assert self.last <= timed.tick <= self.now
        self.last = timed.tick
        pitch = timed.event.pitch  # type: ignore[union-attr]
        if isinstance(timed.event, NoteOn):
            assert pitch not in self.sounding
            note = next(x for x in self.coming if (x.onset, x.pitch) == (timed.tick, pitch))
            self.coming.remove(note)
            self.sounding[pitch] = note.end
        else:
            assert timed.tick <= self.sounding.pop(pitch)

    @invariant()
    def the_ledger_is_true(self) -> None:
        """What is said to sound sounds."""
        assert self.scheduler.sounding() == frozenset(self.sounding)

    def teardown(self) -> None:
        """At the end nothing is left."""
        self.now = FAR
        for timed in self.scheduler.due(FAR):
            self.account(timed)
        assert not self.sounding
        assert not self.coming
        assert self.scheduler.next_tick() is None


TestPlaying = Playing.TestCase


@given(
    st.lists(st.tuples(st.integers(0, 200), st.integers(1, 100), st.integers(60, 63)), max_size=30),
    st.lists(st.integers(0, 320), max_size=8).map(sorted),
)
def test_how_often_it_is_asked_changes_nothing(
    notes: list[tuple[int, int, int]], asked: list[int]
) -> None:
    whole = scheduled(*(n(*each) for each in notes)).due(FAR)
    scheduler = scheduled(*(n(*each) for each in notes))
    parts = [timed for tick in (*asked, FAR) for timed in scheduler.due(Ticks(tick))]
    assert parts == whole
    ticks = [timed.tick for timed in whole]
    assert ticks == sorted(ticks)
    assert sum(isinstance(timed.event, NoteOn) for timed in whole) == len(notes)
    assert sum(isinstance(timed.event, NoteOff) for timed in whole) == len(notes)
