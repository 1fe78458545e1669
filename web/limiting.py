"""How often one program may ask the API; counted in memory, by address or by token.

Addresses are forgotten when their minute or hour is over, and written nowhere. A token counts by
itself, so that programs behind one address do not stand in each other's way; but only one that
was seen to be somebody's: whoever makes tokens up is counted by address.
"""

from collections import OrderedDict
from collections.abc import Callable
from math import ceil
from time import time
from typing import Final

from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.errors import InvalidError
from kb.secrets import kept
from web.security import API, network_of

MOST_TOKENS: Final = 10_000  # that are remembered as somebody's


class Limiting:
    """Refuse who asks the API too often, and tell everybody what is left."""

    def __init__(
        self,
        app: ASGIApp,
        refusal: Callable[[Request], Response],
        *,
        guests: str = "",
        people: str = "",
    ) -> None:
        self.app = app
        self._refusal = refusal
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._guests, self._people = limits_of(guests), limits_of(people)
        self._somebodys: OrderedDict[str, None] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the request; answer with the refusal, or pass it on."""
        if scope["type"] != "http" or not scope["path"].startswith(API):
            await self.app(scope, receive, send)
            return
        token = _token(scope)
        known = token in self._somebodys
        key = f"token {token}" if known else f"address {network_of(scope)}"
        limits = self._people if known else self._guests
        allowed = all(self._limiter.hit(limit, key) for limit in limits)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._remember(token, scope)
                self._tell(MutableHeaders(scope=message), limits, key, allowed=allowed)
            await send(message)

        answer = self.app if allowed else self._refusal(Request(scope))
        await answer(scope, receive, send_with_headers)

    def _remember(self, token: str, scope: Scope) -> None:
        person = scope.get("state", {}).get("person")
        if token and person is not None and person.known:
            self._somebodys[token] = None
            self._somebodys.move_to_end(token)
            if len(self._somebodys) > MOST_TOKENS:
                self._somebodys.popitem(last=False)

    def _tell(
        self, headers: MutableHeaders, limits: list[RateLimitItem], key: str, *, allowed: bool
    ) -> None:
        """Put on an answer what is left of the limit that is nearest to its end."""
        if not limits:
            return
        told = [(self._limiter.get_window_stats(limit, key), limit) for limit in limits]
        stats, limit = min(told, key=lambda one: one[0].remaining)
        reset = max(1, ceil(stats.reset_time - time()))
        headers["RateLimit-Limit"] = str(limit.amount)
        headers["RateLimit-Remaining"] = str(stats.remaining)
        headers["RateLimit-Reset"] = str(reset)
        if not allowed:
            headers["Retry-After"] = str(reset)


def limits_of(said: str) -> list[RateLimitItem]:
    """Return the limits of a setting, such as "500/minute;5000/hour"; none of an empty one.

    Raises:
        InvalidError: it cannot be read.
    """
    if not said.strip():
        return []
    try:
        return parse_many(said)
    except ValueError as error:
        raise InvalidError(
            f"“{said}” is no limit.", hint="Write such as 500/minute;5000/hour, or nothing."
        ) from error


def _token(scope: Scope) -> str:
    kind, _, secret = Headers(scope=scope).get("authorization", "").partition(" ")
    return kept(secret.strip()) if kind.lower() == "bearer" and secret else ""
