"""The options that say who accompanies, where it is heard and where it is seen."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from live_improv.cli.parsing import BadOptions, file_of

if TYPE_CHECKING:
    from live_improv.offline import Files
    from live_improv.performance.band import BandPlayer
    from live_improv.view.page import Page

_EVERYBODY, _NOBODY = "all", "none"


def sounding_options(parser: argparse.ArgumentParser) -> None:
    """The band and what it is heard through."""
    add = parser.add_argument_group("band and sound").add_argument
    add(
        "--band",
        metavar="NAMES",
        type=_band,
        help="who accompanies: bass, piano, drums, click with commas between, all or none "
        "(all for --speakers, --wav and --mp3, else none)",
    )
    add("--speakers", action="store_true", help="play through this computer's own sound")
    add("--wav", metavar="OUT.wav", type=file_of(".wav"), help="play into a sound file instead")
    smaller = "the same, smaller (needs lameenc)"
    add("--mp3", metavar="OUT.mp3", type=file_of(".mp3"), help=smaller)
    add(
        "--soundfont",
        metavar="FILE.sf2",
        type=Path,
        help="of --wav and --mp3: these sounds instead of our own (needs fluidsynth)",
    )


def is_offline(options: argparse.Namespace) -> bool:
    """Whether files are asked for instead of sound."""
    return any(each is not None for each in (options.offline, options.wav, options.mp3))


def chosen_files(options: argparse.Namespace) -> Files:
    """Where a performance into files goes.

    Raises:
        BadOptions: two of them are the same file, sounds are named for no sound file, or one is
            the file of the player.
    """
    from live_improv.offline import Files

    given = [each for each in (options.offline, options.wav, options.mp3) if each is not None]
    if len({each.absolute() for each in given}) < len(given):
        raise BadOptions(f"{given[-1]}: two files cannot have one name")
    if options.soundfont is not None and options.wav is None and options.mp3 is None:
        raise BadOptions("--soundfont: expected together with --wav OUT.wav or --mp3 OUT.mp3")
    heard = options.listen
    for each in given:
        if heard is not None and each.exists() and each.samefile(heard):
            raise BadOptions(f"{each}: the file of --listen would be overwritten")
    return Files(options.offline, options.wav, options.mp3, options.soundfont)


def chosen_band(options: argparse.Namespace) -> frozenset[BandPlayer]:
    """Who accompanies: as asked for, else everybody where there is nothing else to be heard."""
    from live_improv.performance.band import QUARTET

    named: frozenset[BandPlayer] | None = options.band
    if named is not None:
        return named
    heard = options.speakers or options.wav is not None or options.mp3 is not None
    return QUARTET if heard else frozenset()


def page_options(parser: argparse.ArgumentParser) -> None:
    """The page in the browser."""
    add = parser.add_argument_group("the page").add_argument
    add("--no-page", action="store_true", help="without the page in the browser")
    add("--open", action="store_true", help="show it in the browser at once")
    add(
        "--page-host",
        metavar="ADDRESS",
        help="this machine's address at which phones in the room find it too (nobody else does)",
    )


def chosen_page(options: argparse.Namespace) -> Page | None:
    """The page that is asked for; None where none is wanted.

    Raises:
        PageError: the address cannot be one.
    """
    from live_improv.view.page import Page

    return None if options.no_page else Page(options.page_host, options.open)


def _band(text: str) -> frozenset[BandPlayer]:
    from live_improv.performance.band import QUARTET, BandPlayer

    names = [name.strip().lower() for name in text.split(",")]
    if names == [_EVERYBODY]:
        return QUARTET
    if names == [_NOBODY]:
        return frozenset()
    try:
        return frozenset(BandPlayer(name) for name in names)
    except ValueError:
        players = ", ".join(BandPlayer)
        raise argparse.ArgumentTypeError(
            f"{text!r}: expected some of {players}, with commas between, or all or none"
        ) from None
