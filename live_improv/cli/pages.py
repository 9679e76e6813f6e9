"""Where to read on: which page belongs to which command, and to which error."""

from __future__ import annotations

_CONNECTING = "docs/musician.md#your-system"
_SILENT = "docs/musician.md#when-nothing-sounds"
_CHARTS = "README.md#charts"
_SOLOS = "docs/researcher.md#your-own-solos"
_TRAINING = "docs/researcher.md#training"
_ADAPTING = "docs/researcher.md#adapting"
_EVALUATION = "docs/researcher.md#evaluation"
_COPYING = "docs/researcher.md#copying"

OF_COMMAND = {
    "play": "README.md#options",
    "chart": _CHARTS,
    "plot": "README.md#see-a-take",
    "import": _SOLOS,
    "export": _SOLOS,
    "train": _TRAINING,
    "adapt": _ADAPTING,
    "seeds": "docs/tutorial.ipynb",
    "evaluate": _EVALUATION,
    "feel": _EVALUATION,
    "audition": _EVALUATION,
    "novelty": _COPYING,
    "quotes": _COPYING,
    "doctor": _SILENT,
}
"""The page of each command."""

OF_ERROR = {
    "live_improv.midi.port_names": _CONNECTING,
    "live_improv.midi.connection": _CONNECTING,
    "live_improv.charts": _CHARTS,
    "live_improv.music": _CHARTS,
    "live_improv.assets": _CHARTS,
    "live_improv.corpus": _SOLOS,
    "live_improv.corpus_writing": _SOLOS,
    "live_improv.importing": _SOLOS,
    "live_improv.model_folder": _TRAINING,
    "live_improv.runtime.configuration": "README.md#play-together",
}
"""The page of errors by the module, or the package, that they are from."""

READERS = (
    ("docs/musician.md", "your DAW, your keyboard, and what to do when nothing sounds"),
    ("docs/researcher.md", "your own solos, training, figures"),
    ("docs/tutorial.ipynb", "how it works, step by step"),
    ("docs/contributor.md", "how to add something"),
)
"""For whom there is a page of their own."""


def page_of(command: str, error: Exception | None = None) -> str:
    """The page to read on, with its heading: of an error, or else of the command it came up in."""
    module = "" if error is None else type(error).__module__
    while module:
        if module in OF_ERROR:
            return OF_ERROR[module]
        module = module.rpartition(".")[0]
    return OF_COMMAND[command]
