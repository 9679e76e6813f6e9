"""Which of the system's ports a person means by a name, and the errors of ports. Pure.

Names as python-rtmidi shows them: ALSA `client:port 20:0`, where the numbers change from run to
run; JACK and PipeWire `client:port`; Windows `device 3`, where the last number is the place in the
list; CoreMIDI `IAC Driver Bus 1`, with the words of the system's language.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from live_improv.midi.codec import printable

_ALSA_NUMBERS = re.compile(r"^\d+:\d+\s+|\s+\d+:\d+$")
_ALSA_ADDRESS = re.compile(r"\b\d+:\d+\b")
_WINDOWS_NUMBER = re.compile(r"\s+\d+$")
_WORD = re.compile(r"[^\W_]+")


class PortError(RuntimeError):
    """A MIDI port that cannot be had; the message is one line with the cause and the way out."""


class PortNotFound(PortError):
    """No port has that name, and the system cannot make one."""


class PortAmbiguous(PortError):
    """Several ports answer to that name."""


class PortInUse(PortError):
    """The port is there but does not open."""


class MidiUnavailable(PortError):
    """python-rtmidi cannot be loaded, or no MIDI system of this computer answers."""


def match_port(wanted: str, names: Sequence[str]) -> int | None:
    """The index in `names` of the port that is meant by `wanted`, or None where nothing fits.

    The first way of matching that exactly one port passes decides: the same name; the same but
    for upper and lower case; the same without the numbers of ALSA or Windows; the whole name of a
    client or of its port, where they are shown as `client:port`; the beginning of one name; a part
    of one name; all its words, in order, in one name. A number is never cut: `loopMIDI Port 1` is
    not a part of `loopMIDI Port 10`.

    Raises:
        PortAmbiguous: ports fit, and no way of matching leaves a single one.
    """
    if not wanted.strip():
        return None
    candidates: list[int] = []
    for fits in _WAYS:
        found = [index for index, name in enumerate(names) if fits(wanted, name)]
        if len(found) == 1:
            return found[0]
        candidates = candidates or found
    if candidates:
        listed = ", ".join(printable(names[index]) for index in candidates)
        raise PortAmbiguous(f"MIDI port {printable(wanted)!r} could be any of: {listed}")
    return None


def _same(wanted: str, name: str) -> bool:
    return wanted == name


def _same_letters(wanted: str, name: str) -> bool:
    return _folded(wanted) == _folded(name)


def _same_without_numbers(wanted: str, name: str) -> bool:
    # Only the name loses a trailing number: the 1 of a wanted `loopMIDI Port 1` is its own.
    return _folded(_ALSA_NUMBERS.sub("", wanted)) in (
        _folded(_ALSA_NUMBERS.sub("", name)),
        _folded(_WINDOWS_NUMBER.sub("", name)),
    )


def _is_client_or_port(wanted: str, name: str) -> bool:
    # ALSA and JACK show `client:port`.
    parts = _ALSA_NUMBERS.sub("", name).split(":")
    return len(parts) > 1 and _folded(wanted) in map(_folded, parts)


def _begins(wanted: str, name: str) -> bool:
    start, whole = _folded(wanted), _comparable(wanted, name)
    return whole.startswith(start) and _cuts_no_number(start, whole, 0)


def _contains(wanted: str, name: str) -> bool:
    part, whole = _folded(wanted), _comparable(wanted, name)
    places = (match.start() for match in re.finditer(f"(?={re.escape(part)})", whole))
    return any(_cuts_no_number(part, whole, place) for place in places)


def _has_words(wanted: str, name: str) -> bool:
    words = _WORD.findall(_folded(wanted))
    found = 0
    for word in _WORD.findall(_comparable(wanted, name)):
        if found == len(words):
            break
        if word == words[found]:
            found += 1
        elif word.isdecimal() and words[found].isdecimal():
            return False  # `loopMIDI Port 1` does not mean `loopMIDI Port 10 1`
    return 0 < found == len(words)


_WAYS: tuple[Callable[[str, str], bool], ...] = (
    _same,
    _same_letters,
    _same_without_numbers,
    _is_client_or_port,
    _begins,
    _contains,
    _has_words,
)


def _folded(text: str) -> str:
    # CoreMIDI may hand over accents as characters of their own.
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _comparable(wanted: str, name: str) -> str:
    """`name`, with its ALSA numbers only if `wanted` has such numbers too."""
    return _folded(name if _ALSA_ADDRESS.search(wanted) else _ALSA_NUMBERS.sub("", name))


def _cuts_no_number(part: str, whole: str, place: int) -> bool:
    before = whole[place - 1 : place] if place else ""
    after = whole[place + len(part) : place + len(part) + 1]
    return not (before.isdecimal() and part[0].isdecimal()) and not (
        after.isdecimal() and part[-1].isdecimal()
    )
