"""The guard: who may see the page, and how much they may say. Pure rules, without a network.

A page on 127.0.0.1 is within reach of every site that the browser has open: a site may open a
WebSocket to it, or have its own name answer with 127.0.0.1 (DNS rebinding). So a request names one
of our hosts, what opens a WebSocket comes from one of our pages, and nothing is told to who does
not know the token, which is in the part of the address that a browser sends to nobody.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

HERE = "127.0.0.1"

_NAMES_OF_HERE = (HERE, "localhost", "::1")

RATE = 30
"""Messages a second that one browser may send."""

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Of every answer. There is none that lets another site read it."""


def in_address(host: str) -> str:
    """A host as an address has it: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


@dataclass(frozen=True, slots=True)
class Guard:
    """Who may come in.

    Attributes:
        port: that is listened at.
        token: what a browser must know.
        host: by which others in the room may call us, or None.
    """

    port: int
    token: str
    host: str | None = None

    @property
    def hosts(self) -> frozenset[str]:
        """What a request may call us."""
        names = (*_NAMES_OF_HERE, *([] if self.host is None else [_plain(self.host)]))
        return frozenset(f"{in_address(name)}:{self.port}" for name in names)

    def knows_host(self, host: str | None) -> bool:
        """Whether a request is meant for us."""
        return host is not None and host.lower() in self.hosts

    def knows_origin(self, origin: str | None, host: str | None) -> bool:
        """Whether who opens a WebSocket is a page of ours, or no page at all."""
        return origin is None or (
            self.knows_host(host) and origin.lower() == f"http://{host}".lower()
        )

    def knows_token(self, token: object) -> bool:
        """Whether that is the token; how long the answer takes tells nothing."""
        from hmac import compare_digest

        return isinstance(token, str) and compare_digest(
            token.encode("utf-8", "surrogatepass"), self.token.encode()
        )


class Allowance:
    """How much somebody may say: `rate` messages in any second."""

    def __init__(self, rate: int = RATE) -> None:
        self._moments: deque[float] = deque(maxlen=rate)

    def allows(self, now: float) -> bool:
        """Whether there may be one more at this moment, in seconds; it counts if so."""
        moments = self._moments
        if len(moments) == moments.maxlen and now - moments[0] < 1.0:
            return False
        moments.append(now)
        return True


def _plain(host: str) -> str:
    """An address as browsers write it."""
    from ipaddress import ip_address

    return ip_address(host).compressed
