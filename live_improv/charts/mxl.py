"""Compressed MusicXML (.mxl): a zip file -> the score in it.

Only `META-INF/container.xml` and the one score that it names are unpacked, in memory, each up to a
bound; nothing is written, and pictures and sound that may be in the file are left alone.
"""

from __future__ import annotations

import zlib
from io import BytesIO
from struct import error as StructError
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from live_improv.charts.musicxml_tree import MAX_XML, parse_tree, shown
from live_improv.charts.text import ChartError

MAX_MXL = 4_000_000
"""Largest file that is read, in bytes."""
MAX_ENTRIES = 1_000
"""Most files in it."""
MAX_RATIO = 400
"""How many times its packed size a file may have: deflate makes of repeated bars up to some 200."""
MAX_CONTAINER = 20_000
"""Longest container.xml, in bytes."""
MAX_REASON = 240
"""How much is said of why a file cannot be unpacked: names in it may have 65,535 characters."""
SIGNATURE = b"PK\x03\x04"
"""How a zip file begins."""

_CONTAINER = "META-INF/container.xml"
_SCORE = ("", "application/vnd.recordare.musicxml+xml", "application/vnd.recordare.musicxml")
_END = b"PK\x05\x06"
"""How the end of a zip file's table begins; ten bytes on stands how many files there are."""


def unpack(data: bytes) -> bytes:
    """The score in an .mxl file.

    Raises:
        ChartError: it is no .mxl file, is too large, or the score cannot be unpacked.
    """
    if len(data) > MAX_MXL:
        raise ChartError(f"the file has {len(data)} bytes: expected at most {MAX_MXL}")
    # Before the table is read: reading a table of a million files takes long.
    end = data.rfind(_END)
    if int.from_bytes(data[end + 10 : end + 12], "little") > MAX_ENTRIES:
        raise ChartError(f"the .mxl has over {MAX_ENTRIES} files")
    try:
        with ZipFile(BytesIO(data)) as archive:
            if len(archive.infolist()) > MAX_ENTRIES:
                raise ChartError(f"the .mxl has over {MAX_ENTRIES} files")
            return _entry(archive, _rootfile(_entry(archive, _CONTAINER, MAX_CONTAINER)), MAX_XML)
    except ChartError:
        raise
    # All that zipfile is known to raise on damaged files; an encrypted one is a RuntimeError.
    except (
        BadZipFile,
        EOFError,
        OSError,
        RuntimeError,
        StructError,
        ValueError,
        zlib.error,
    ) as error:
        raise ChartError(f"the .mxl cannot be unpacked: {_reason(str(error))}") from None


def _reason(said: str) -> str:
    """What zipfile says, without the middle of it where that is long."""
    half = MAX_REASON // 2
    return said if len(said) <= MAX_REASON else f"{said[:half]} ... {said[-half:]}"


def _rootfile(container: bytes) -> str:
    """The name of the score that a container.xml names: the first one."""
    root = parse_tree(container)
    for rootfile in root.iter("rootfile"):
        if rootfile.get("media-type", "") in _SCORE:
            path = rootfile.get("full-path", "")
            if not path or path.startswith("/") or "\\" in path or ".." in path.split("/"):
                raise ChartError(f"{_CONTAINER} names {shown(path)}: expected a file in the .mxl")
            return path
    raise ChartError(f"{_CONTAINER} names no MusicXML score")


def _entry(archive: ZipFile, name: str, most: int) -> bytes:
    """One file of the archive, of at most `most` bytes."""
    found = [info for info in archive.infolist() if info.filename == name]
    if len(found) != 1:
        there = "is there twice" if found else "is missing"
        raise ChartError(f"{shown(name)} {there} in the .mxl")
    info = found[0]
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise ChartError(
            f"{shown(name)} is packed by method {info.compress_type}: expected deflate"
        )
    if info.file_size > most:
        raise ChartError(f"{shown(name)} has {info.file_size} bytes: expected at most {most}")
    if info.file_size > MAX_RATIO * max(info.compress_size, 1):
        raise ChartError(f"{shown(name)} is packed over {MAX_RATIO} to 1")
    with archive.open(info) as file:
        # What the table says of the size need not be so.
        content = file.read(most + 1)
    if len(content) > most:
        raise ChartError(f"{shown(name)} has over {most} bytes: expected at most {most}")
    return content
