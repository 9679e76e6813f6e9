"""What a browser is told first, and once: what can be turned, and where else the page is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import segno

from live_improv.performance.controls import CONTROLS, Control
from live_improv.view.commands import LEFT_OUT
from live_improv.view.guard import Guard, in_address


def about(charts: Sequence[str], guard: Guard) -> dict[str, Any]:
    """It all, for JSON.

    Args:
        charts: the names of those that can be chosen.
        guard: who lets browsers in.
    """
    return {
        "type": "about",
        "controls": [_row(row) for row in CONTROLS.values() if row.name not in LEFT_OUT],
        "charts": charts,
        "phone": _phone(guard),
    }


def _row(row: Control) -> dict[str, Any]:
    """A control as the page takes it."""
    return {
        "name": row.name,
        "about": row.about,
        "kind": row.kind.name.lower(),
        "default": row.default,
        "low": row.low,
        "high": row.high,
        "choices": row.choices,
        "stops": row.stops,
        "step": row.step,
        "keys": row.keys,
        "unit": row.unit,
    }


def _phone(guard: Guard) -> dict[str, Any] | None:
    """Where a phone in the room finds the page, and that as a QR code; None if it does not."""
    if guard.host is None:
        return None
    address = f"http://{in_address(guard.host)}:{guard.port}/#{guard.token}"
    code = segno.make(address, error="l", boost_error=False, micro=False)
    picture = ["".join("01"[bool(dark)] for dark in row) for row in code.matrix]
    return {"address": address, "picture": picture}
