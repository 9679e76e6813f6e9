"""Inputs guided by coverage: what reaches new code is mutated further (atheris, libFuzzer).

libFuzzer leaves the process when it is done, so it runs in a process of its own:

    python -m tests.fuzz.guided TARGET SECONDS CORPUS FINDINGS COUNTS

The corpus grows from our seeds alone. At the first defect libFuzzer stops, and the input stays in
the folder of findings.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

EVERY = 500
"""After so many inputs the counts are written."""
SLOW = 5
"""Seconds that one input may take here, where every line that runs is told to libFuzzer."""
MOST_MEMORY = 2_000
"""MB in all."""
LONGEST = 20_000


def guided(name: str, seconds: int, folder: Path, keep: Path | None) -> int:
    """Try one target for so long; how many defects were found, 0 or 1."""
    corpus, findings, counts = folder / "corpus", keep or folder / "findings", folder / "counts"
    corpus.mkdir()
    findings.mkdir(parents=True, exist_ok=True)
    words = [sys.executable, "-m", "tests.fuzz.guided", name, str(seconds), str(corpus)]
    run = subprocess.run(
        [*words, str(findings), str(counts)], capture_output=True, text=True, errors="replace"
    )
    figures = json.loads(counts.read_text()) if counts.exists() else {}
    grown = len(list(corpus.iterdir()))
    said = ", ".join(f"{number} {what}" for what, number in figures.items())
    print(f"{name:10} {seconds} s by coverage: {said}; corpus of {grown}", flush=True)
    if run.returncode == 0:
        return 0
    print("\n".join((run.stdout + run.stderr).splitlines()[-40:]), flush=True)
    return 1


def _child(name: str, seconds: int, corpus: Path, findings: Path, counts: Path) -> None:
    import atheris

    with atheris.instrument_imports(include=["live_improv"]):
        from tests.fuzz.table import TARGETS

        folder = counts.parent / "files"
        folder.mkdir()
        target = TARGETS[name](folder)
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed{number}").write_bytes(seed)
    words = counts.parent / "tokens"
    words.write_text("".join(f'"{_escaped(each)}"\n' for each in target.tokens if len(each) < 60))
    figures = {"inputs": 0, "parsed": 0, "refused": 0}

    def one(data: bytes) -> None:
        figures["inputs"] += 1
        if figures["inputs"] % EVERY == 0:
            counts.write_text(json.dumps(figures))
        figures["parsed" if target.read(data) else "refused"] += 1

    options: list[Any] = [
        *(f"-max_total_time={seconds}", f"-timeout={SLOW}", f"-rss_limit_mb={MOST_MEMORY}"),
        *(f"-max_len={LONGEST}", f"-dict={words}", f"-artifact_prefix={findings}/", "-seed=1"),
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], one)
    atheris.Fuzz()


def _escaped(token: bytes) -> str:
    """A token as libFuzzer reads it."""
    return "".join(f"\\x{byte:02x}" for byte in token)


if __name__ == "__main__":
    _child(sys.argv[1], int(sys.argv[2]), *map(Path, sys.argv[3:6]))
