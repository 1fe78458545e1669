"""Note questions that found nothing good, after the answer was sent, and nothing of who asked."""

import logging
from collections import Counter
from collections.abc import Callable
from datetime import date
from hashlib import blake2b
from secrets import token_bytes
from threading import Lock
from time import monotonic
from typing import Annotated, TypeAlias

from fastapi import BackgroundTasks, Depends, Request
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from starlette.datastructures import Headers

from kb import needs
from kb.db import utcnow
from kb.vocabulary import Role
from search.needs import is_missing
from search.query import Results, Sort
from web.asking import Asked
from web.deps import PersonDep
from web.library import Library

EVERY_S = 60  # between two writes: each takes the write lock, and makes snapshots be read anew
MOST_ASKERS = 100_000  # questions of a day that are told apart, 16 bytes each
FETCHED_AHEAD = ("sec-purpose", "purpose", "x-moz", "x-purpose")
ROBOTS = ("bot", "crawl", "spider", "slurp", "archiver", "monitor", "curl", "wget", "python")

log = logging.getLogger(__name__)


class Noting:
    """Counts questions that found nothing good, and writes the counts down once a minute.

    Who asks the same again on the same day is counted once. To know that, a hash of the
    asker and the question is held in memory under a key of the day that is never written;
    with the key, the hashes of yesterday are gone.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = Lock()
        self._day = date.min
        self._key = b""
        self.marks: set[bytes] = set()  # of who asked what today
        self._counted: Counter[needs.Missing] = Counter()
        self._written = float("-inf")

    def hear(self, results: Results, *, asker: str, today: date) -> None:
        """Count a question, if nothing good was found and this asker did not ask it today."""
        if not is_missing(results):
            return
        asked = results.question
        missing = needs.kept_of(
            asked.text, concepts=asked.notations, language=asked.language, day=today
        )
        if missing is None:
            return
        with self._lock:
            if self._is_first(asker, missing):
                self._counted[missing] += 1
            due = bool(self._counted) and monotonic() - self._written >= EVERY_S
        if due:
            self.write()

    def write(self) -> None:
        """Write down what was counted; what cannot be written now waits for the next time."""
        with self._lock:
            counted, self._counted = self._counted, Counter()
            self._written = monotonic()
        if not counted:
            return
        try:
            with self._library.writing() as session:
                needs.note(session, counted)
                session.commit()
        except SQLAlchemyError as error:  # the reader has the answer: nobody is to wait for this
            # The whole error would bring the questions into the log.
            reason = error.orig if isinstance(error, DBAPIError) else type(error).__name__
            log.warning("Questions that found nothing could not be written down: %s", reason)
            with self._lock:
                self._counted.update(counted)

    def _is_first(self, asker: str, missing: needs.Missing) -> bool:
        if missing.day != self._day:
            self._day, self._key, self.marks = missing.day, token_bytes(32), set()
        said = "\0".join((asker, missing.question, *missing.concepts))
        mark = blake2b(said.encode(errors="replace"), key=self._key, digest_size=16).digest()
        if mark in self.marks or len(self.marks) >= MOST_ASKERS:
            return False
        self.marks.add(mark)
        return True


Note: TypeAlias = Callable[[Asked, Results], None]


def _note(request: Request, tasks: BackgroundTasks, person: PersonDep) -> Note:
    noting: Noting | None = request.app.state.noting

    def note(asked: Asked, results: Results) -> None:
        if noting and is_missing(results):
            request.state.of_this_moment = True  # whoever asks it next is heard, too
        reader = is_a_reader(request.headers) and not person.has(Role.CURATOR)
        if noting and reader and _is_as_it_was_asked(asked):
            client = request.client.host if request.client else ""
            asker = f"{client}\0{request.headers.get('user-agent', '')}"
            tasks.add_task(noting.hear, results, asker=asker, today=utcnow().date())

    return note


# `note(asked, results)` in a route: the question is looked at after the answer was sent.
NoteDep = Annotated[Note, Depends(_note)]


def _is_as_it_was_asked(asked: Asked) -> bool:
    """Tell whether these are the first answers to a question, nothing narrowed or turned."""
    turned = asked.chosen or asked.without or asked.sort is not Sort.RELEVANCE
    return asked.page == 1 and not turned


def is_a_reader(headers: Headers) -> bool:
    """Tell whether somebody asked, and not a robot or a browser that fetches ahead."""
    agent = headers.get("user-agent", "").casefold()
    ahead = any("prefetch" in headers.get(name, "").casefold() for name in FETCHED_AHEAD)
    return not ahead and not any(robot in agent for robot in ROBOTS)
