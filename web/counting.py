"""Count what readers look at and take home, after the answer was sent, and nobody is followed.

Whether somebody looked before on the same day is told by a hash under a key of the day. Key and
hashes are only ever in memory, so that no file, no backup and no server behind another knows them;
what that costs is that a visitor counts once more after a restart.
"""

import logging
from collections.abc import Mapping
from datetime import date
from hashlib import blake2b
from secrets import token_bytes
from threading import Event, Lock, Thread
from time import monotonic
from typing import Final
from urllib.parse import parse_qs

from counter_robots import is_robot_or_machine
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb import usage
from kb.db import utcnow
from kb.people import NOBODY
from kb.usage import Key, Sum
from kb.vocabulary import Counted, Role, Use
from web.library import Library
from web.noting import is_a_reader

EVERY_S = 60  # between two writes: that much is lost when the power fails
MOST_MARKS = 200_000  # of visitors and what they saw on a day, about 150 bytes each
SEEN = frozenset({200, 304})  # a page that a browser shows again from what it kept is seen again
LOOKED, TAKEN = (Use.INVESTIGATION,), (Use.INVESTIGATION, Use.REQUEST)
HTML = "text/html"

# The path of the route → what is counted, which part of the path says its number, and how.
USES: Final[Mapping[str, tuple[Counted, str, tuple[Use, ...]]]] = {
    "/records/{record_id}": (Counted.RECORD, "record_id", LOOKED),
    "/records/{record_id}/print": (Counted.RECORD, "record_id", TAKEN),
    "/records/{record_id}/one-page.pdf": (Counted.RECORD, "record_id", TAKEN),
    "/records/{record_id}/poster": (Counted.RECORD, "record_id", TAKEN),
    "/records/{record_id}/file": (Counted.RECORD, "record_id", TAKEN),
    "/records/{record_id}/cite.{form}": (Counted.RECORD, "record_id", TAKEN),
    "/collections/{collection_id}": (Counted.COLLECTION, "collection_id", LOOKED),
    "/collections/{collection_id}/editions/{number}": (Counted.COLLECTION, "collection_id", LOOKED),
    "/collections/{collection_id}/package.{form}": (Counted.COLLECTION, "collection_id", TAKEN),
    "/collections/{collection_id}/editions/{number}/package.{form}": (
        Counted.COLLECTION,
        "collection_id",
        TAKEN,
    ),
    "/search": (Counted.LIBRARY, "", (Use.SEARCH,)),
    "/answer": (Counted.LIBRARY, "", (Use.SEARCH,)),
}

log = logging.getLogger(__name__)


class Counting:
    """Holds what was counted, and writes it down once a minute on a thread of its own."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = Lock()
        self._day = date.min
        self._key = b""
        self._last: dict[bytes, float] = {}  # when a visitor did this last, by `monotonic`
        self._counted: dict[Key, Sum] = {}
        self._stop = Event()
        self._thread: Thread | None = None

    def hear(
        self, thing: Counted, number: int, ways: tuple[Use, ...], *, visitor: str, what: str
    ) -> None:
        """Count one use; `what` tells one link from another, so that a double click is one use."""
        now, today = monotonic(), utcnow().date()
        with self._lock:
            if today != self._day:
                self._day, self._key, self._last = today, token_bytes(32), {}
            if self._is_double(f"{what}\0{visitor}", now):
                return
            for way in ways:
                first = self._is_first(f"{thing}\0{number}\0{way}\0{visitor}", now)
                key = Key(today, thing, number, way)
                self._counted[key] = self._counted.get(key, Sum()) + Sum(1, int(first))

    def write(self) -> None:
        """Write down what was counted; what cannot be written now waits for the next time."""
        with self._lock:
            counted, self._counted = self._counted, {}
        if not counted:
            return
        try:
            with self._library.writing() as session:
                usage.note(session, counted)
                session.commit()
        except SQLAlchemyError as error:
            log.warning("What was counted could not be written: %s", type(error).__name__)
            with self._lock:
                for key, added in counted.items():
                    self._counted[key] = self._counted.get(key, Sum()) + added

    def start(self) -> None:
        """Begin to write once a minute."""
        self._thread = Thread(target=self._run, name="counting", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write the last time."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=EVERY_S)
        self.write()

    def _run(self) -> None:
        while not self._stop.wait(EVERY_S):
            self.write()

    def _is_double(self, said: str, now: float) -> bool:
        mark = self._mark(said)
        last = self._last.get(mark)
        self._keep(mark, now)
        return last is not None and now - last < usage.DOUBLE_CLICK_S

    def _is_first(self, said: str, now: float) -> bool:
        mark = self._mark(said)
        known = mark in self._last
        return not known and self._keep(mark, now)

    def _keep(self, mark: bytes, now: float) -> bool:
        """Keep that it was; False where so much was already that it is no readers' doing."""
        if len(self._last) >= MOST_MARKS and mark not in self._last:
            return False
        self._last[mark] = now
        return True

    def _mark(self, said: str) -> bytes:
        return blake2b(said.encode(errors="replace"), key=self._key, digest_size=16).digest()


class Count:
    """Tell the counting what was answered. It stands where HEAD is still HEAD and 304 is 304."""

    def __init__(self, app: ASGIApp, counting: Counting) -> None:
        self.app = app
        self.counting = counting

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and count it when its answer has gone."""
        answered: list[Message] = []

        async def send_and_see(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered.append(message)
            await send(message)

        asked = scope["type"] == "http" and scope["method"] == "GET"
        await self.app(scope, receive, send_and_see if asked else send)
        if answered and answered[0]["status"] in SEEN:
            self._count(scope, Headers(raw=answered[0]["headers"]))

    def _count(self, scope: Scope, sent: Headers) -> None:
        path = getattr(scope.get("route"), "path", "")
        if path not in USES or not _is_counted(scope):
            return
        thing, name, ways = USES[path]
        what = scope["path"]
        if thing is Counted.LIBRARY:
            said = parse_qs(scope["query_string"].decode("latin-1"))
            question = said.get("q", [""])[0].strip()
            if not question or said.get("page", ["1"]) != ["1"]:
                return
            what = f"search\0{question}"  # the answer to a question is no second search
        elif sent.get("content-type", HTML).partition(";")[0] != HTML:  # a 304 does not say
            ways = TAKEN
        number = int(scope["path_params"][name]) if name else 0
        client = scope["client"][0] if scope.get("client") else ""
        visitor = f"{client}\0{Headers(scope=scope).get('user-agent', '')}"
        self.counting.hear(thing, number, ways, visitor=visitor, what=what)


def _is_counted(scope: Scope) -> bool:
    """Tell whether a reader asked who minds no counting: no robot, no curator at work."""
    headers = Headers(scope=scope)
    minds = headers.get("dnt") == "1" or headers.get("sec-gpc") == "1"
    person = scope.get("state", {}).get("person", NOBODY)
    if minds or not is_a_reader(headers) or person.has(Role.CURATOR):
        return False
    # The list is meant for any case (COUNTER Code of Practice, appendix I).
    agent = headers.get("user-agent", "")
    return not (is_robot_or_machine(agent) or is_robot_or_machine(agent.lower()))
