"""Whatever asks us to end does so once."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from live_improv.runtime.stopping import stopping_as_interrupt

ASKING = [s for name in ("SIGINT", "SIGTERM", "SIGHUP") if (s := getattr(signal, name, None))]


@pytest.fixture
def heeded() -> Iterator[None]:
    """All of them are heeded, also where a shell has had them ignored in the background."""
    before = {number: signal.getsignal(number) for number in ASKING}
    for number in ASKING:
        usual = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
        signal.signal(number, usual)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", ASKING)
def test_the_first_request_interrupts_and_the_second_does_not(number: int, heeded: None) -> None:
    before = signal.getsignal(number)
    silenced: list[int] = []

    def play() -> None:
        try:
            os.kill(os.getpid(), number)
        finally:
            for again in ASKING:
                os.kill(os.getpid(), again)
                silenced.append(again)

    with stopping_as_interrupt(), pytest.raises(KeyboardInterrupt):
        play()
    assert silenced == ASKING
    assert signal.getsignal(number) is before
