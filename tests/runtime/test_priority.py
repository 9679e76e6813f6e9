"""The wish for priority is granted or not, and given back."""

from __future__ import annotations

import os

import pytest

from live_improv.runtime.priority import realtime

linux = pytest.mark.skipif(
    not hasattr(os, "sched_setscheduler"), reason="this system has no scheduling policies"
)


@linux
def test_priority_is_given_back() -> None:
    before = os.sched_getscheduler(0)
    with pytest.raises(KeyboardInterrupt), realtime():
        raise KeyboardInterrupt
    assert os.sched_getscheduler(0) == before


@linux
def test_a_refusal_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    before = os.sched_getscheduler(0)
    with realtime():
        assert os.sched_getscheduler(0) == before
