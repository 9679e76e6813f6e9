"""Knowing our own notes when a looped port brings them back.

What is sent is entered in a ledger; a message that comes in and is found there is ours, and its
entry is used up. So it is counted, not timed: of n equal messages sent, n are ours and the next
one is the player's, also where the player doubles a note before its echo has come. Time only says
when an entry is void.

Three kinds of loop
    A plain one (loopMIDI, an IAC bus, a DAW's MIDI thru) brings back the message as it was.
    A DAW track may send it on under its own channel, or with another velocity. Such an echo is
    known by its pitch alone, which a player may hit as well; so that is believed only of a channel
    on which most of our last notes came back altered, and the first few are heard as the player's.
    Anything that transposes is not known.

The opening
    What is sent before the first note, the controllers that silence what may sound, is a probe: if
    all of it comes back there is a loop, and it is known before anything is played. One controller
    alone proves nothing, since a DAW sends the same ones. A loop that is made later, or that alters
    the channel, is known by its notes.

Note-offs
    An off says nothing but its pitch, so it is judged by its on: ours if only an echo holds the
    key, the player's if only they do. Where both do, it is ours if an off of ours is due: on its
    way for about as long as its on was. Whatever is taken for whose, every on that is heard has an
    off that is heard.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from live_improv.music.events import ControlChange, Event, NoteOff, NoteOn, ProgramChange
from live_improv.music.timing import Seconds

WINDOW = Seconds(0.25)
"""After this time what was sent no longer comes back."""

RECENT, ENOUGH = 12, 6
"""When this many of our last `RECENT` note-ons came back, there is a loop; those on their way do
not count."""

PROBE = 2
"""An opening of at least so many messages is a probe."""

# So many note-ons may be on their way at once.
_NOTES = 64

_DUE = 0.5
"""The share of its on's delay after which an off is taken for an echo where it may be either."""

# Stamps may be read late, after more has been sent: entries are kept this many windows.
_KEPT_WINDOWS = 4

_CHANNEL_MESSAGES = (NoteOn, NoteOff, ControlChange, ProgramChange)


@dataclass(slots=True)
class _Sent:
    """An entry of the ledger.

    Attributes:
        at: when it was sent, in seconds.
        channel: on which it was sent.
        used: it has come back.
        altered: the channel on which its pitch was heard, but not the message itself.
    """

    at: Seconds
    channel: int
    used: bool = False
    altered: int | None = None


@dataclass(frozen=True, slots=True)
class _Echo:
    """A key that an echo holds: on which channel it was sent, and how long it took."""

    channel: int
    delay: Seconds


class EchoGuard:
    """The ledger of one output, and of the input that may bring it back.

    Notes, controllers and programs are entered. A clock is not: all pulses are equal, so ours could
    not be told from a DAW's.

    Args:
        window: seconds within which an echo comes back.
    """

    def __init__(self, window: Seconds = WINDOW) -> None:
        self._window = window
        self.clear()
        self._looped = False
        self._delay = Seconds(0.0)

    @property
    def looped(self) -> bool:
        """Whether our notes have been coming back; once seen, it stays true."""
        return self._looped

    @property
    def delay(self) -> Seconds:
        """How long the last note of ours took to come back; 0 if none has."""
        return self._delay

    def clear(self) -> None:
        """Forget what was sent and what sounds, as when a port is opened anew."""
        self._sent: deque[tuple[Event, _Sent]] = deque()
        self._waiting: dict[Event, deque[_Sent]] = {}
        self._notes: deque[tuple[NoteOn, _Sent]] = deque(maxlen=_NOTES)
        self._opening: list[_Sent] = []
        # What holds a key, by (channel, pitch) as heard: our echoes, and how often the player
        # struck it.
        self._echoes: dict[tuple[int, int], list[_Echo]] = {}
        self._players: dict[tuple[int, int], int] = {}

    def sent(self, event: Event, at: Seconds) -> None:
        """Enter a message.

        Args:
            event: what is sent.
            at: a time read before it was sent, on the clock that stamps what is heard.
        """
        if not isinstance(event, _CHANNEL_MESSAGES):
            return
        self._forget(Seconds(at - _KEPT_WINDOWS * self._window))
        entry = _Sent(at, event.channel)
        self._sent.append((event, entry))
        self._waiting.setdefault(event, deque()).append(entry)
        if isinstance(event, NoteOn):
            self._notes.append((event, entry))
        elif isinstance(event, ControlChange) and not self._notes:
            self._opening.append(entry)

    def ours(self, event: Event, at: Seconds) -> bool:
        """Whether the message heard at the moment `at` is an echo; it is used up by asking."""
        match event:
            case NoteOn():
                return self._on_is_ours(event, at)
            case NoteOff():
                return self._off_is_ours(event, at)
            case ControlChange() | ProgramChange():
                return self._control_is_ours(event, at)
        return False

    def _control_is_ours(self, control: ControlChange | ProgramChange, at: Seconds) -> bool:
        found = self._take(control, at) is not None
        opening = self._opening
        if found and len(opening) >= PROBE and all(entry.used for entry in opening):
            self._looped = True
        return found

    def _on_is_ours(self, on: NoteOn, at: Seconds) -> bool:
        key = (on.channel, on.pitch)
        entry = self._take(on, at) or self._take_altered(on, at)
        if entry is None:
            self._players[key] = self._players.get(key, 0) + 1
            return False
        self._delay = Seconds(at - entry.at)
        self._echoes.setdefault(key, []).append(_Echo(entry.channel, self._delay))
        self._looped = self._looped or sum(each.used for each in self._settled(at)) >= ENOUGH
        return True

    def _off_is_ours(self, off: NoteOff, at: Seconds) -> bool:
        key = (off.channel, off.pitch)
        echoes, players = self._echoes.get(key), self._players.get(key, 0)
        if echoes:
            echo = echoes[0]
            late = echo.delay * _DUE if players else 0.0
            sent = self._take(NoteOff(off.pitch, echo.channel), Seconds(at - late))
            if sent is not None or not players:
                echoes.pop(0)
                return True
        if players:
            self._players[key] = players - 1
        return False

    def _take(self, event: Event, at: Seconds) -> _Sent | None:
        """Use up the oldest entry of this very message that may have come back by now."""
        waiting = self._waiting.get(event)
        while waiting and waiting[0].at <= at:
            entry = waiting.popleft()
            if not entry.used and at - entry.at <= self._window:
                entry.used, entry.altered = True, None
                return entry
        return None

    def _take_altered(self, on: NoteOn, at: Seconds) -> _Sent | None:
        """Use up the oldest entry of this pitch, if this channel brings our notes back altered."""
        for note, entry in self._notes:
            may_come = not entry.used and 0 <= at - entry.at <= self._window
            if may_come and note.pitch == on.pitch and entry.altered != on.channel:
                break
        else:
            return None
        if entry.altered is None:
            entry.altered = on.channel
        if sum(each.altered == on.channel for each in self._settled(at)) < ENOUGH:
            return None
        entry.used, entry.altered = True, on.channel
        return entry

    def _settled(self, at: Seconds) -> list[_Sent]:
        """The last `RECENT` note-ons that came back, or no longer will."""
        settled = [
            entry
            for _, entry in self._notes
            if entry.used or entry.altered is not None or at - entry.at > self._window
        ]
        return settled[-RECENT:]

    def _forget(self, before: Seconds) -> None:
        """Drop the entries of that time and earlier."""
        while self._sent and self._sent[0][1].at < before:
            event, entry = self._sent.popleft()
            waiting = self._waiting.get(event)
            if waiting and waiting[0] is entry:
                waiting.popleft()
            if not waiting:
                self._waiting.pop(event, None)
