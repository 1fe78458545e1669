"""A page that did not change is not sent again: its ETag, and 304 for who has it.

The validator is weak, because the same page travels compressed or not. It is made of the page
itself, so that nothing has to be told when a record, a template or a language changes.
"""

from hashlib import sha256
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

API = "/api/"
# What is written anew for each request, and the worker that browsers ask for again and again.
OURS = (
    "text/html",
    "text/plain",
    "application/json",
    "text/javascript",
    "application/atom+xml",
    "application/xml",
    "text/csv",
    "text/turtle",
    "application/rdf+xml",
    "application/ld+json",
)
# A page is in the language of a cookie: the reader's browser may keep it, nobody else.
PAGE = "private, no-cache"
FOR_PROGRAMS = "no-cache"
# What a 304 must repeat of the answer it stands for; RFC 9110, 15.4.5. The rest is left out.
REPEATED: Final = ("cache-control", "content-location", "date", "etag", "expires", "vary")


class Caching:
    """Let browsers keep pages and ask, with what they know, whether these still hold.

    It stands inside of the compression, so that one page has one validator, and leaves alone what
    says `no-store`: the desk, and what a reader pasted.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and answer with the page or with 304."""
        if scope["type"] == "http":
            send = _Answer(scope, send)
        await self.app(scope, receive, send)


class _Answer:
    """One answer on its way back: its head waits until the body is known."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._asked = scope["method"] == "GET"
        self._program = scope["path"].startswith(API)
        self._known = Headers(scope=scope).get("if-none-match", "")
        self._send = send
        self._start: Message | None = None

    async def __call__(self, message: Message) -> None:
        own = message["type"] == "http.response.start" and self._is_ones_own()
        if own:
            MutableHeaders(scope=message)["Cache-Control"] = "no-store"
        if own and not self._program:
            pass  # no browser keeps it, so none asks whether it still holds
        elif (
            self._asked
            and message["type"] == "http.response.start"
            and (own or may_be_kept(message))
        ):
            MutableHeaders(scope=message).setdefault(
                "Cache-Control", FOR_PROGRAMS if self._program else PAGE
            )
            self._start = message
            return
        if self._start is not None:
            start, self._start = self._start, None
            if not message.get("more_body"):  # else it streams: nobody waits for its end
                message = validated(start, message, self._known)
            await self._send(start)
        await self._send(message)

    def _is_ones_own(self) -> bool:
        """Tell whether the rule of the route said that this is one person's (`web.rules`)."""
        return bool(self._scope.get("state", {}).get("unkept"))


def may_be_kept(start: Message) -> bool:
    """Tell whether an answer is one of ours, and nothing forbids to keep it."""
    headers = Headers(raw=start["headers"])
    kind = headers.get("content-type", "").partition(";")[0]
    return kind in OURS and "no-store" not in headers.get("cache-control", "")


def validated(start: Message, message: Message, known: str) -> Message:
    """Give the answer its ETag; make it a 304 without a body where that is `known`."""
    if start["status"] != 200:  # noqa: PLR2004 – the one status whose body is the page
        return message
    headers = MutableHeaders(scope=start)
    headers.setdefault("ETag", f'W/"{sha256(message.get("body", b"")).hexdigest()[:20]}"')
    if not is_known(headers["etag"], known):
        return message
    if "accept-encoding" not in headers.get("vary", "").lower():
        headers.add_vary_header("Accept-Encoding")  # compression says so only where there is a body
    start["status"] = 304
    start["headers"] = [(name, value) for name, value in headers.raw if name.decode() in REPEATED]
    return {**message, "body": b""}


def is_known(etag: str, known: str) -> bool:
    """Tell whether `known`, the value of If-None-Match, names this version.

    >>> is_known('W/"a1"', '"b2", W/"a1"'), is_known('W/"a1"', '*'), is_known('"a1"', '"a"')
    (True, True, False)
    """
    # The weak comparison: with or without the mark, RFC 9110, 8.8.3.2.
    named = {one.strip().removeprefix("W/") for one in known.split(",")}
    return "*" in named or etag.removeprefix("W/") in named
