"""MIDI files become solos: somebody's own, and the takes that this program recorded.

A file is read by our own scan, which trusts nothing in it. Its melody is found (`midi_melody`), one
line is taken out of it (`midi_line`), what was played is written on the grid (`midi_rhythm`), and
the chords are read or recognised (`midi_chords`). A line that rests for long is more than one solo.
Of a take both players are solos, over the chart that stands in it.

Conventions
    `Solo.notes` are as written, on the grid of 12 to the beat; a line that lies on that grid
    already stays as it is. `Solo.played` are as the file has them, velocities as in the corpus.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from live_improv.corpus import Solo
from live_improv.importing.imported import Choices, NotUnderstood, Understood
from live_improv.importing.midi_chords import Chords, chart_beside, chords_of, spans_of
from live_improv.importing.midi_form import Form, form_of, key_of, sections_of
from live_improv.importing.midi_line import Taken, top_line
from live_improv.importing.midi_melody import FEWEST, melody_of, named, voices
from live_improv.importing.midi_notation import is_legato, keeps_time, stretches, written
from live_improv.importing.midi_words import About, about, instrument_of
from live_improv.midi.parts import FilePart, parts_of
from live_improv.midi.reader import BadMidiFile, Recorded, read_scanned
from live_improv.midi.scan import Scanned
from live_improv.music.changes import Changes, Section
from live_improv.music.events import Note
from live_improv.music.score import IMPROVISER, PLAYER
from live_improv.music.timing import PPQ, Ticks

SUFFIXES = (".mid", ".midi", ".kar", ".smf")

_REST = 16
"""Bars of rest, after which a solo is another one."""

_LEAD = 4  # empty bars before a solo are left out in groups of so many, as forms are made of them
_MOST_NOTES = 20_000
_NOBODY_SET = 120.0  # the tempo of a file whose tempo nobody set


@dataclass(frozen=True, slots=True)
class _File:
    """What a file says that all its solos share."""

    path: Path
    recorded: Recorded
    scanned: Scanned
    about: About
    form: Form


@dataclass(frozen=True, slots=True)
class _Voice:
    """A line of a file, and what it is played over.

    Attributes:
        part: the track.
        taken: the line, and what of the track is not of it.
        performer: who plays.
        suffix: of the solo's id.
        whole: whether it stands in a form that begins where the file does.
    """

    part: FilePart
    taken: Taken
    chords: Chords
    performer: str
    suffix: str = ""
    whole: bool = False


def read_midi(path: Path, choices: Choices) -> tuple[Understood, ...]:
    """The solos of a file of format 0 or 1.

    Raises:
        NotUnderstood: no solo can be had from it; the message says why.
    """
    try:
        recorded, scanned = read_scanned(path)
    except BadMidiFile as error:
        raise NotUnderstood(error.why) from None
    parts = parts_of(recorded, scanned)
    if not parts:
        raise NotUnderstood("there are no notes in it")
    last = Ticks(max(part.notes[-1].onset for part in parts))
    said = about(scanned)
    # A note may be written a little later than it was played.
    form = form_of(recorded.meters, Ticks(last + PPQ), pickup=not said.exported)
    file = _File(path, recorded, scanned, said, form)
    found = voices(parts)
    if not keeps_time(parts) and {each.bpm for each in recorded.tempo.changes} == {_NOBODY_SET}:
        raise NotUnderstood(
            "its notes keep to no beat: it was recorded without a click (a tempo of 120 throughout)"
        )
    if {IMPROVISER, PLAYER}.intersection(recorded.names) and choices.melody is None:
        lines = _of_take(file, found, choices)
    else:
        lines = [_melody(file, found, choices)]
    return tuple(each for line in lines for each in _solos(file, line, choices.transposed))


def _melody(file: _File, found: Sequence[FilePart], choices: Choices) -> _Voice:
    """The melody of a file."""
    melody = melody_of(found, choices.melody)
    taken = _line_of(melody)
    others = [part for part in found if part is not melody and not _doubles(part, melody)]
    ours, end = file.about.exported, file.form.end
    chart = None if ours else chart_beside(file.path)
    chords = chords_of(
        file.recorded.chords, others, taken.rest, file.form, end, sure=ours, chart=chart
    )
    performer = choices.performer or file.about.performer
    return _Voice(melody, taken, chords, performer, whole=ours)


def _of_take(file: _File, found: Sequence[FilePart], choices: Choices) -> list[_Voice]:
    """Both players of a take of ours; `choices.performer` is the player."""
    band = [part for part in found if part.name not in (IMPROVISER, PLAYER)]
    sure = IMPROVISER in file.recorded.names
    chords = chords_of(file.recorded.chords, band, (), file.form, file.form.end, sure=sure)
    who = {IMPROVISER: IMPROVISER, PLAYER: choices.performer or PLAYER}
    players = [part for part in found if part.name in who and len(part.notes) >= FEWEST]
    if not players:
        raise NotUnderstood(f"a take in which nobody plays {FEWEST} notes")
    return [
        _Voice(part, _line_of(part), chords, who[part.name], f"-{part.name.lower()}", whole=True)
        for part in players
    ]


def _solos(file: _File, voice: _Voice, transposed: int) -> Iterator[Understood]:
    """The solos of one line: one, or more where it rests long."""
    line = voice.taken.line
    parts = [line] if file.about.exported else list(stretches(line, file.form, _REST))
    long_enough = [part for part in parts if len(part) >= FEWEST]
    short = sum(len(part) for part in parts if len(part) < FEWEST)
    if not long_enough:
        raise NotUnderstood(f"{named(voice.part)} has no {FEWEST} notes in one stretch")
    for number, part in enumerate(long_enough, 1):
        one = replace(voice, whole=voice.whole and part is parts[0])
        dropped = []
        if voice.taken.rest:
            dropped.append(f"{len(voice.taken.rest)} notes of its track that are below the melody")
        if short:
            dropped.append(f"{short} notes in stretches of fewer than {FEWEST}")
        if len(long_enough) > 1:
            one = replace(one, suffix=f"{voice.suffix}-{number}")
            dropped.append(f"part {number} of {len(long_enough)}: {_REST} bars of rest between")
        moved = [
            replace(note, onset=Ticks(note.onset + file.form.lead), pitch=note.pitch + transposed)
            for note in part
        ]
        if any(not 0 <= note.pitch <= 127 for note in moved):
            raise NotUnderstood(f"transposed by {transposed} it leaves 0..127")
        yield _understood(file, one, moved, dropped)


def _understood(file: _File, voice: _Voice, line: Sequence[Note], dropped: list[str]) -> Understood:
    """One line, in ticks of the form, over its chords, from a bar on."""
    form, tempo = file.form, file.recorded.tempo
    first, last = (Ticks(note.onset - form.lead) for note in (line[0], line[-1]))
    seconds = max(tempo.seconds_at(last) - tempo.seconds_at(first), 1e-3)
    bpm = round(max(last - first, 1) / PPQ * 60 / seconds, 2)
    key, guessed = (file.about.key, False) if file.about.key else key_of(file.scanned, line, tempo)
    notes, played = written(line, bpm)
    if len(notes) < len(line):
        dropped.append(f"{len(line) - len(notes)} notes for which the beat has no place")
    start, end = _bounds(form, notes, whole=voice.whole)
    bars = tuple(
        replace(bar, start=Ticks(bar.start - start))
        for bar in form.bars
        if start <= bar.start < end
    )
    about = file.about
    title = about.title or file.path.stem
    changes = Changes(
        chords=spans_of(voice.chords.marks, start, end),
        bars=bars,
        sections=_sections(sections_of(file.scanned, form, file.recorded.chords), start, end),
        title=title,
        key=key,
        tempo=bpm,
        style=about.feel.lower(),
    )
    notes = tuple(replace(note, onset=Ticks(note.onset - start)) for note in notes)
    over = sum(changes.chord_at(note.onset).root is not None for note in notes) / len(notes)
    if guessed:
        dropped.append(f"no key signature: {key} is guessed from the notes")
    return Understood(
        solo=Solo(
            id=(about.id or file.path.stem) + voice.suffix,
            split=about.split or "train",
            performer=voice.performer,
            title=title,
            notes=notes,
            changes=changes,
            bpm=bpm,
            lengths_known=not (about.lengths or is_legato(line)),
            dropped=len(line) - len(notes),
            instrument=about.instrument or instrument_of(voice.part.name, voice.part.program),
            style=about.style,
            feel=about.feel,
            played=tuple(replace(each, onset=Ticks(each.onset - start)) for each in played),
        ),
        melody=named(voice.part),
        chords_from=voice.chords.source,
        coverage=over,
        dropped=tuple(dropped),
        first_bar=form.bar_index(start) + 1,
    )


def _line_of(part: FilePart) -> Taken:
    """The line of a part."""
    taken = top_line(part.notes)
    if len(taken.line) > _MOST_NOTES:
        raise NotUnderstood(f"{named(part)}: {len(taken.line)} notes; expected {_MOST_NOTES}")
    return taken


def _bounds(form: Form, notes: Sequence[Note], *, whole: bool) -> tuple[Ticks, Ticks]:
    """From which bar line to which a solo goes."""
    first, last = form.bar_index(notes[0].onset), form.bar_index(notes[-1].onset)
    first = 0 if whole else first - first % _LEAD
    return form.bars[first].start, Ticks(form.bars[last].start + form.bars[last].meter.bar_ticks)


def _sections(sections: Sequence[Section], start: Ticks, end: Ticks) -> tuple[Section, ...]:
    """Those from `start` to `end`, counted from there; the one that holds at `start` among them."""
    found = {Ticks(max(each.start - start, 0)): each.name for each in sections if each.start < end}
    return tuple(Section(tick, name) for tick, name in sorted(found.items()))


def _doubles(part: FilePart, melody: FilePart) -> bool:
    """Whether a part plays the melody as well, in unison or octaves."""
    own = {(note.onset // (PPQ // 4), note.pitch % 12) for note in melody.notes}
    theirs = {(note.onset // (PPQ // 4), note.pitch % 12) for note in part.notes}
    return 2 * len(own & theirs) > len(theirs)
