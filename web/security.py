"""Headers on every answer, and no changes in a reader's name from another site's page."""

from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, IPv6Network, ip_address
from math import inf
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

API = "/api/"
MOST_BYTES = 300_000  # that a program may send: a long text with each character escaped
# Where a program sends more: files, and what a whole record says.
MORE_BYTES: Final[Mapping[str, int]] = {"/ingest": 64 << 20, "/content": 4 << 20}
OUR_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
PASSED_ON = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # no-referrer would send "Origin: null" with every form on a plain-http network.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-site",
}
# What every reader may see of the API is for everyone's programs, in browsers, too.
OPEN_TO_ALL: Final[Mapping[str, str]] = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, Location, RateLimit-Limit, "
    "RateLimit-Remaining, RateLimit-Reset, Retry-After",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
# Only over https: on a plain-http address of a clinic it would lock the readers out later.
HTTPS_ONLY: Final[Mapping[str, str]] = {"Strict-Transport-Security": "max-age=31536000"}


class SecurityHeaders:
    """Put the headers on every answer that does not bring its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add the headers on the way back."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                add_headers(MutableHeaders(scope=message), scope)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


def add_headers(headers: MutableHeaders, scope: Scope) -> None:
    """Add the security headers for an answer to the request of `scope`."""
    wanted = dict(HEADERS)
    own = scope.get("state", {}).get("unkept")  # by the rule of the route: one person's
    if scope["path"].startswith(API) and not own:
        wanted |= OPEN_TO_ALL
    if scope["scheme"] == "https":
        wanted |= HTTPS_ONLY
    for name, value in wanted.items():
        headers.setdefault(name, value)


class RefuseCrossSite:
    """Refuse a changing request that a browser sends for another site's page.

    Browsers say where a request comes from, and no script can forge it; on plain http they leave
    Sec-Fetch-Site out, but send Origin. A program sends neither, and carries no reader's cookies.

    Source: https://words.filippo.io/csrf/
    """

    def __init__(self, app: ASGIApp, refusal: Callable[[Request], Response]) -> None:
        self.app = app
        self.refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the refusal, or pass the request on."""
        if scope["type"] != "http" or scope["method"] in SAFE or _is_ours(Headers(scope=scope)):
            await self.app(scope, receive, send)
        else:
            await self.refusal(Request(scope))(scope, receive, send)


def _is_ours(headers: Headers) -> bool:
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site in {"same-origin", "none"}
    if origin is not None:
        return urlsplit(origin).netloc == headers.get("host")
    return "cookie" not in headers


class RefuseLarge:
    """Refuse what is sent to the API when it is longer than a question may be.

    It would be held in memory whole before anybody looks at it. Who does not say how long it is
    is refused as well.
    """

    def __init__(self, app: ASGIApp, refusal: Callable[[Request], Response]) -> None:
        self.app = app
        self.refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the refusal, or pass the request on."""
        if (
            scope["type"] == "http"
            and scope["path"].startswith(API)
            and _length(Headers(scope=scope)) > most_bytes(scope["path"])
        ):
            await self.refusal(Request(scope))(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def most_bytes(path: str) -> int:
    """Return how many bytes a program may send there."""
    return next((most for end, most in MORE_BYTES.items() if path.endswith(end)), MOST_BYTES)


def _length(headers: Headers) -> float:
    said = headers.get("content-length")
    if said is None:
        return inf if "transfer-encoding" in headers else 0
    return int(said) if said.isdecimal() else inf


class OnlyThisComputer:
    """Refuse whoever does not sit at this computer: here nobody has to sign in.

    The client's address alone is not enough. A page of another site may have its own name
    resolve to 127.0.0.1 (DNS rebinding), but its browser then says that name as Host; and a
    proxy on this computer, which passes on what others ask, says so in a header.
    """

    def __init__(self, app: ASGIApp, refusal: Callable[[Request], Response]) -> None:
        self.app = app
        self.refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the refusal, or pass the request on."""
        if scope["type"] != "http" or is_from_here(scope):
            await self.app(scope, receive, send)
        else:
            await self.refusal(Request(scope))(scope, receive, send)


def is_from_here(scope: Scope) -> bool:
    """Tell whether a request comes from this computer, and was meant for it."""
    headers = Headers(scope=scope)
    client = scope["client"][0] if scope.get("client") else ""
    return (
        _is_loopback(client)
        and _name(headers.get("host", "")) in OUR_NAMES
        and not any(name in headers for name in PASSED_ON)
    )


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:  # a name, or nothing: a socket of the system, which is nobody's computer
        return False


def _name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:  # half an address of IPv6
        return None


class HeadAsGet:
    """Answer HEAD as GET without the body: FastAPI's GET routes would refuse it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask for the page, send only its head."""

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        if scope["type"] == "http" and scope["method"] == "HEAD":
            asked = {**scope, "method": "GET"}
            await self.app(asked, receive, send_head)
            scope["route"] = asked.get("route")  # for who measures
        else:
            await self.app(scope, receive, send)


def network_of(scope: Scope) -> str:
    """Return where a request comes from; of IPv6 the network, all addresses of which one home has.

    >>> [network_of({"client": (one, 9)}) for one in ("2001:db8:1:2:aaaa::1", "192.0.2.1")]
    ['2001:db8:1:2::/64', '192.0.2.1']

    Source: RFC 4291, 2.5.4: the part of an address that names its network has 64 bits.
    """
    said = str(scope["client"][0]) if scope.get("client") else ""
    try:
        address = ip_address(said)
    except ValueError:  # a socket of the system, or nothing
        return said
    if isinstance(address, IPv4Address):
        return said
    return str(address.ipv4_mapped or IPv6Network((int(address) >> 64 << 64, 64)))
