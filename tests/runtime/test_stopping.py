"""Whatever asks us to end does so once."""

from __future__ import annotations

import os
import signal

import pytest

from live_improv.runtime.stopping import stopping_as_interrupt

ASKING = [s for name in ("SIGINT", "SIGTERM", "SIGHUP") if (s := getattr(signal, name, None))]


@pytest.mark.parametrize("number", ASKING)
def test_the_first_request_interrupts_and_the_second_does_not(number: int) -> None:
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
