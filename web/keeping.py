"""Answers that many readers get alike are kept, and made again once something has changed.

Nothing has to be told when something changes: before an answer is given again, the database is
asked whether anything was committed since it was made. If so, it may still be given for a while
(KB_KEEP_S), but only while every record in it says what it said, to everybody, and none has come
to the public ones or gone from them. Several processes of one server share what they keep.
"""

import re
from asyncio import AbstractEventLoop, Event, Semaphore, get_running_loop
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from time import monotonic
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb import told
from kb.commits import Commits
from web.caching import may_be_kept, validated
from web.library import Library
from web.shared_pages import OLDEST_S, Answer, Key, SharedPages, State
from web.who import COOKIES

# Paths of routes whose answers are made of the library alone, the same for all who are nobody.
KEPT: Final = frozenset(
    {
        "/",
        "/search",
        "/answer",
        "/suggest",
        "/records",
        "/records/{record_id}",
        "/records/{record_id}/similar",
        "/topics",
        "/topics/{notation}",
        "/interventions",
        "/interventions/{notation}",
        "/countries",
        "/countries/{code}",
        "/facility-types",
        "/facility-types/{kind}",
        "/explore",
    }
)
# Of these, what names records without saying which: they hold only while nothing changes at all.
EXACT: Final = frozenset({"/suggest", "/explore"})
_PATHS: Final = re.compile("|".join(re.sub(r"\{\w+\}", "[^/.]+", path) for path in sorted(KEPT)))
# Of a request, what such an answer may differ by, beside its address and the reader's language.
BY: Final = ("host", "accept", "save-data", "hx-request", "hx-history-restore-request")
LONGEST: Final = 2000  # characters of what an answer is kept under: longer is nobody's question
LARGEST: Final = 500_000  # bytes of one answer
MOST_BYTES: Final = 32_000_000  # of all
# Bytes of an answer that are not its body: its head, and its place among the others (2,200 to 2,500
# were measured). Of what is suggested for a few letters they are nearly all that is kept.
BESIDE: Final = 3_000
# Answers that are made at a time. Python makes one after another; of forty at a time each would
# take forty times as long, and all of them more than if they had queued. The second uses what the
# first waits for: the database, the encoder.
AT_ONCE: Final = 2
OK: Final = 200


class Keeping:
    """Give again what was answered before, and let one request make what several wait for."""

    def __init__(self, app: ASGIApp, library: Library, shared: SharedPages | None = None) -> None:
        self.app = app
        self._library = library
        self._shared = shared if library.settings.keep_s else None  # nothing may be older
        self._commits = Commits()
        self._lock = Lock()
        self._kept: OrderedDict[Key, Answer] = OrderedDict()  # what was asked for last, last
        self._bytes = 0
        self._state: State | None = None  # the last one that was seen
        self._coming: dict[tuple[Key, AbstractEventLoop], Event] = {}
        self._turns: WeakKeyDictionary[AbstractEventLoop, Semaphore] = WeakKeyDictionary()
        # Beside the threads that make pages: what is kept waits for none of them.
        self._lookers = ThreadPoolExecutor(2, thread_name_prefix="keeping")
        self._sharer = ThreadPoolExecutor(1, thread_name_prefix="sharing")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with what is kept, or pass the request on and keep what comes."""
        key = key_of(scope)
        if key is None:
            await self.app(scope, receive, send)
            return
        loop = get_running_loop()
        here = (key, loop)
        state, answer = await loop.run_in_executor(self._lookers, self._look, key)
        if answer is None and here in self._coming:  # once: what cannot be kept is made for each
            await self._coming[here].wait()
            state, answer = await loop.run_in_executor(self._lookers, self._look, key)
        if answer is not None:
            scope.update(answer.route)
            await _send(send, answer.start, answer.body, scope)
            return
        ready = self._coming.setdefault(here, Event())
        try:
            async with self._turns.setdefault(loop, Semaphore(AT_ONCE)):
                answer = await self._make(key, state, scope, receive, send)
        finally:
            ready.set()
            if self._coming.get(here) is ready:
                del self._coming[here]
        if answer is not None and self._shared is not None and key[0] not in EXACT:
            await loop.run_in_executor(self._sharer, self._shared.put, key, answer)

    def _look(self, key: Key) -> tuple[State | None, Answer | None]:
        """Return the state of the library, and what is kept and holds; None where none can tell."""
        try:
            state = self._now()
            answer = self._kept.get(key)
            if answer is not None and not (state and self._holds(key, answer, state)):
                answer = None
            if answer is None and state is not None:
                answer = self._of_others(key, state)
        except SQLAlchemyError:  # the page says what is wrong with the database
            return None, None
        if answer is not None:
            with self._lock:
                if key in self._kept:
                    self._kept.move_to_end(key)
        return state, answer

    def _now(self) -> State | None:
        """Return the state of what guests read from just now: the database or its replica.

        With it, whether the encoder is there, which no database tells.
        """
        replica = self._library.replica
        copy = replica.engine() if replica else None
        said = self._commits.mark(copy or self._library.engine)
        if said is None:
            return None
        mark = (copy is not None, said, self._library.words_only)
        known = self._state
        if known is None or known.mark != mark:
            with self._library.reading_as_guest() as session:
                known = self._state = State(mark, told.shelf(session))
        return known

    def _holds(self, key: Key, answer: Answer, now: State) -> bool:
        age_s = monotonic() - answer.made
        if answer.state.mark == now.mark:
            return age_s < OLDEST_S
        if not 0 <= age_s < self._library.settings.keep_s or key[0] in EXACT:
            return False
        if answer.state.shelf != now.shelf:
            return False
        with self._library.reading() as session:
            return told.still_stands(session, answer.told)

    def _of_others(self, key: Key, now: State) -> Answer | None:
        """Return what another process keeps, and keep it here too."""
        if self._shared is None or key[0] in EXACT:
            return None
        answer = self._shared.get(key)
        if answer is None or not self._holds(key, answer, now):
            return None
        self._keep(key, answer)
        return answer

    async def _make(
        self, key: Key, state: State | None, scope: Scope, receive: Receive, send: Send
    ) -> Answer | None:
        """Let the answer be made; keep and return it if it is whole and all readers' alike."""
        made = monotonic()
        # Whoever has it already is told so by us: what is kept is never a 304.
        asked = {**scope, "headers": [h for h in scope["headers"] if h[0] != b"if-none-match"]}
        start: Message | None = None
        answer: Answer | None = None

        async def keep(message: Message) -> None:
            nonlocal start, answer
            if message["type"] == "http.response.start":
                start = message
                return
            if start is not None:
                begun, start = start, None
                if not message.get("more_body"):
                    body = message.get("body", b"")
                    if state is not None and _is_alike(asked, begun, body):
                        heads = list(begun["headers"])  # those outside of us add theirs
                        answer = Answer(
                            {**begun, "headers": heads}, body, _routed(asked), state, versions, made
                        )
                        self._keep(key, answer)
                    await _send(send, begun, body, scope)
                    return
                await send(begun)
            await send(message)

        try:
            with told.listening() as versions:
                await self.app(asked, receive, keep)
        finally:
            scope.update(_routed(asked))  # of one that broke, too
        return answer

    def _keep(self, key: Key, answer: Answer) -> None:
        with self._lock:
            before = self._kept.pop(key, None)
            self._kept[key] = answer
            self._bytes += _size(key, answer) - (_size(key, before) if before else 0)
            while self._bytes > MOST_BYTES:
                self._bytes -= _size(*self._kept.popitem(last=False))


def key_of(scope: Scope) -> Key | None:
    """Return what the answer to this request is kept under; None where it is one person's.

    A path is known by its form alone, before anybody has looked for its route.
    """
    if scope["type"] != "http" or scope["method"] != "GET" or not _PATHS.fullmatch(scope["path"]):
        return None
    headers = Headers(scope=scope)
    cookies = cookie_parser(headers.get("cookie", ""))
    if "authorization" in headers or any(name in cookies for name in COOKIES):
        return None
    key = (
        scope["path"],
        scope["query_string"].decode("latin-1"),
        scope["scheme"],
        scope.get("state", {}).get("language", ""),
        str("gzip" in headers.get("accept-encoding", "")),
        *(headers.get(name, "") for name in BY),
    )
    return key if sum(map(len, key)) <= LONGEST else None


def _size(key: Key, answer: Answer) -> int:
    """Return about how many bytes of memory an answer takes, with what it is kept under."""
    return BESIDE + sum(map(len, key)) + len(answer.body)


def _is_alike(scope: Scope, start: Message, body: bytes) -> bool:
    """Tell whether any reader would be answered like that, a moment later too."""
    state = scope.get("state", {})
    return (
        start["status"] == OK
        and len(body) <= LARGEST
        and not (state.get("unkept") or state.get("of_this_moment"))
        and may_be_kept(start)
        and "set-cookie" not in Headers(raw=start["headers"])
    )


def _routed(scope: Scope) -> dict[str, Any]:
    """Return what those who count want to know of a request that was answered."""
    return {name: scope[name] for name in ("route", "path_params") if name in scope}


async def _send(send: Send, start: Message, body: bytes, scope: Scope) -> None:
    """Send an answer, or 304 to whoever has it already."""
    known = Headers(scope=scope).get("if-none-match", "")
    head: Message = {**start, "headers": list(start["headers"])}
    message = validated(head, {"type": "http.response.body", "body": body}, known)
    await send(head)
    await send(message)
