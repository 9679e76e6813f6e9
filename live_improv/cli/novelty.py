"""The commands about copying: what of a take stands in a corpus, and a model's index of its own."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from live_improv.cli.parsing import OK, check_folder, number, write_json

if TYPE_CHECKING:
    from live_improv.corpus import Solo
    from live_improv.evaluation.lines import Line
    from live_improv.evaluation.novelty import Repertoire, Run, Sharing
    from live_improv.importing.imported import Understood

_FEWEST, _MOST = 8, 10
_LEARNED = "train"


class NoSolo(ValueError):
    """There is no solo to look at, or none to compare it with."""


def novelty_options(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "The longest runs of notes of a take, intervals and rhythm alike in any key, that stand "
        "in the solos of a corpus, and where; beside it what people share with solos that are "
        "not theirs."
    )
    add = parser.add_argument
    add("take", metavar="TAKE.mid", type=Path, help="a take, or any file that import reads")
    add("--corpus", metavar="FILE", type=Path, nargs="+", required=True, help="solos, JSON lines")
    add("--split", metavar="NAME", help="only the solos of this split")
    add("--track", metavar="NAME", help="the track of the melody, by a part of its name or number")
    add(
        "--fewest",
        metavar="N",
        type=number(3, 64, int),
        default=_FEWEST,
        help=f"notes of the shortest run that is shown ({_FEWEST})",
    )
    add(
        "--most",
        metavar="N",
        type=number(1, 1000, int),
        default=_MOST,
        help=f"runs that are shown ({_MOST})",
    )
    add("--any-rhythm", action="store_true", help="show runs by their intervals alone")
    add("--json", metavar="OUT", type=Path, help="write the figures here too")


def novelty(options: argparse.Namespace) -> int:
    """Look for a take in a corpus."""
    check_folder(options.json)
    from live_improv.corpus import read_corpora
    from live_improv.evaluation.lines import line_of
    from live_improv.evaluation.novelty import Repertoire
    from live_improv.midi.codec import printable

    takes = _takes(options.take, options.track)
    everyone = read_corpora(options.corpus)
    solos = [solo for solo in everyone if options.split in (None, solo.split)]
    if not any(solo.notes for solo in solos):
        names = ", ".join(map(str, options.corpus))
        raise NoSolo(f"{names}: no solos" + (f" of split {options.split!r}" * bool(options.split)))
    repertoire = Repertoire([line_of(solo) for solo in solos])
    people, who = _people(everyone)
    figures = []
    for understood in takes:
        take, before = understood.solo, understood.first_bar - 1
        line = line_of(take)
        runs = repertoire.runs(line, options.fewest, options.most, timed=not options.any_rhythm)
        sharing = repertoire.sharing([line])
        rows = _table(line, before, runs, repertoire, solos)
        names = f"{options.take}: {take.performer or take.id}"
        against = f"{sum(len(each.notes) for each in solos)} notes of {len(solos)} solos"
        print(f"{printable(names)}, {len(line.notes)} notes, beside {against}")
        if not options.any_rhythm:
            # What was played was read as written, and not every rhythm as it was meant.
            alone = repertoire.runs(line, options.fewest, 1, timed=False)
            rows += ["by intervals alone:", *_table(line, before, alone, repertoire, solos)[1:]]
        print("\n".join([*rows, "", *_shares(sharing, people, who), ""]))
        figures.append(
            {
                "take": take.id,
                "performer": take.performer,
                "notes": len(line.notes),
                "runs": [_as_json(run, line, before, repertoire, solos) for run in runs],
                "sharing": asdict(sharing),
            }
        )
    if options.json is not None:
        write_json(options.json, {"solos": figures, "people": asdict(people), "who": who})
    return OK


def quotes_options(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Writes the index that --max-quote needs into a model folder: a bit for each group of ten "
        "notes that the model learned from. New models bring theirs."
    )
    add = parser.add_argument
    add("--model", metavar="DIR", type=Path, required=True, help="a model folder")
    add(
        "--corpus",
        metavar="FILE",
        type=Path,
        nargs="+",
        required=True,
        help="what it learned from: the files its card names",
    )


def quotes(options: argparse.Namespace) -> int:
    """Write a model's index."""
    from live_improv import model_folder
    from live_improv.corpus import read_corpora
    from live_improv.evaluation.copying import index_of
    from live_improv.evaluation.lines import line_of
    from live_improv.midi.codec import printable

    model_folder.load(options.model)
    solos = [solo for solo in read_corpora(options.corpus) if solo.split == _LEARNED]
    if not solos:
        names = ", ".join(map(str, options.corpus))
        raise NoSolo(f"{names}: no solos of split {_LEARNED!r}")
    index = index_of([line_of(solo) for solo in solos])
    model_folder.put_quotes(options.model, index)
    notes = sum(len(solo.notes) for solo in solos)
    print(
        printable(
            f"{options.model}: an index of {len(solos)} solos, {notes} notes, "
            f"{len(index.bitmap) / 1024:.0f} KB, {index.filled:.0%} of its bits set"
        )
    )
    return OK


def _takes(path: Path, track: str | None) -> list[Understood]:
    """The solos of a file.

    Raises:
        NoSolo: there is none; the message says why.
    """
    from live_improv.importing.imported import Choices, Understood
    from live_improv.importing.reading import solos_of

    found = list(solos_of(path, Choices(melody=track)))
    takes = [each for each in found if isinstance(each, Understood)]
    if not takes:
        why = "; ".join(str(each) for each in found) or "there is no solo in it"
        raise NoSolo(f"{path}: {why}")
    return takes


def _people(everyone: Sequence[Solo]) -> tuple[Sharing, str]:
    """What people share with solos that are not theirs, and which people.

    Those of the corpus, where it has enough that are kept apart from `train`.
    """
    from live_improv.evaluation.lines import line_of
    from live_improv.evaluation.novelty import FEWEST_WINDOWS, PEOPLE, Repertoire

    learned = [line_of(solo) for solo in everyone if solo.split == _LEARNED]
    apart = [line_of(solo) for solo in everyone if solo.split != _LEARNED and solo.notes]
    if learned and apart:
        found = Repertoire(learned).sharing(apart)
        if found.windows >= FEWEST_WINDOWS:
            return found, f"the {len(apart)} solos of this corpus that are not for training"
    return PEOPLE, "47 solos of the Weimar Jazz Database beside 482 others"


def _table(
    line: Line,
    before: int,
    runs: Sequence[Run],
    repertoire: Repertoire,
    solos: Sequence[Solo],
) -> list[str]:
    """The runs, a row each below a head.

    Args:
        before: bars of the file that come before the line.
    """
    rows = [("notes", "bar", "stands in", "bar", "and in")]
    if not runs:
        rows.append(("none", "", "", "", ""))
    for run in runs:
        solo = solos[run.source.line]
        there = repertoire.lines[run.source.line]
        others = f"{run.others} more" if run.others else ""
        rows.append(
            (
                str(run.notes),
                _place(line, run.at, before),
                _name(solo),
                _place(there, run.source.note),
                others,
            )
        )
    widths = [max(len(row[i]) for row in rows) for i in range(5)]
    return [
        f"{row[0]:>{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:{widths[2]}}  "
        f"{row[3]:>{widths[3]}}  {row[4]}".rstrip()
        for row in rows
    ]


def _shares(found: Sharing, people: Sharing, who: str) -> list[str]:
    """What is shared beside what people share."""
    from live_improv.evaluation.copying import LONGEST
    from live_improv.evaluation.novelty import GROUPS

    rows = [f"{'':38} it  people"]
    for name, ours, theirs in (
        ("intervals and rhythm", found.timed, people.timed),
        ("intervals alone", found.moves, people.moves),
    ):
        half, most, nearly_all = theirs.levels
        label = f"longest run, {name}"
        # Longer ones are not followed there.
        longest = f"{ours.longest}" if ours.longest <= LONGEST else f"{LONGEST}+"
        rows.append(
            f"{label:35} {longest:>4} {half:7} in 16 bars, above {most} in 5 of 100, "
            f"above {nearly_all} in one"
        )
        for notes, one, other in zip(GROUPS, ours.groups, theirs.groups, strict=True):
            label = f"groups of {notes} notes"
            rows.append(f"  {label:32} {one:6.1%} {other:7.1%}")
    return [*rows, f"people: {who}"]


def _name(solo: Solo) -> str:
    from live_improv.midi.codec import printable

    named = ", ".join(each for each in (solo.performer, solo.title) if each)
    return printable(f"{named} ({solo.id})" if named else solo.id)


def _place(line: Line, note: int, before: int = 0) -> str:
    """Bar and beat, as `12.3`."""
    from live_improv.evaluation.novelty import bar_and_beat

    bar, beat = bar_and_beat(line, note)
    return f"{before + bar}.{int(beat)}"


def _as_json(
    run: Run, line: Line, before: int, repertoire: Repertoire, solos: Sequence[Solo]
) -> dict[str, object]:
    from live_improv.evaluation.novelty import bar_and_beat

    solo, there = solos[run.source.line], repertoire.lines[run.source.line]
    return {
        "notes": run.notes,
        "bar": before + bar_and_beat(line, run.at)[0],
        "performer": solo.performer,
        "title": solo.title,
        "solo": solo.id,
        "solo_bar": bar_and_beat(there, run.source.note)[0],
        "others": run.others,
    }
