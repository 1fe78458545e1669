"""What a route may ask for."""

import re
from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Path, Query, Request
from sqlalchemy.orm import Session

from kb.people import Person
from search.index import Index
from web.library import Library
from web.names import Names
from web.render import language_of
from web.who import person_of, secret_of

# As large as a number of PostgreSQL: a larger one names nothing, and SQLite would choke on it.
LARGEST = 2**31 - 1
RecordId = Annotated[int, Path(ge=1, le=LARGEST)]
MOST_CHOSEN = 100  # records in one address
Typed = Annotated[str, Query(alias="q", max_length=1000, description="As typed so far.")]


def _library(request: Request) -> Library:
    library: Library = request.app.state.library
    library.look()  # what a curator has just changed is what this answer says
    return library


LibraryDep = Annotated[Library, Depends(_library)]


# The beginnings of addresses that a replica may answer: public pages, as whoever asks sees them.
# Whatever hangs on a secret, on what was just sent or on who somebody is, is not among them; nor
# are harvests: who asks next for what changed after this answer never hears of what was not in it.
PUBLIC = frozenset(
    {
        *("", "search", "suggest", "answer", "similar", "compare", "explore"),
        *("records", "collections", "topics", "interventions", "countries", "facility-types"),
        *("print", "search.atom", "collections.atom", "feeds", "api"),
    }
)


def _reading(request: Request, library: LibraryDep) -> Iterator[Session]:
    opened = library.reading_as_guest if _is_guest(request) else library.reading
    with opened() as session:
        yield session


def _is_guest(request: Request) -> bool:
    """Return whether nobody signed in asks for a public page, and sends nothing."""
    first = request.url.path.strip("/").partition("/")[0]
    known = request.app.state.desk or secret_of(request) or "authorization" in request.headers
    return request.method == "GET" and first in PUBLIC and not known


# Closed before the answer is sent: a slow network would hold a connection of the database.
ReadingDep = Annotated[Session, Depends(_reading, scope="function")]


def _writing(library: LibraryDep) -> Iterator[Session]:
    with library.writing() as session:
        yield session


# The route commits, as its last act.
WritingDep = Annotated[Session, Depends(_writing, scope="function")]


def _index(library: LibraryDep, session: ReadingDep) -> Index:
    return library.index(session)


IndexDep = Annotated[Index, Depends(_index)]


def _person(request: Request) -> Person:
    person = person_of(request)
    request.state.person = person  # for the page that is shown
    return person


PersonDep = Annotated[Person, Depends(_person)]


def _names(request: Request, library: LibraryDep) -> Names:
    return Names(library.taxonomy, language_of(request))


NamesDep = Annotated[Names, Depends(_names)]


def chosen(
    ids: Annotated[list[str], Query(description="Numbers of records: `7,9`, or one each.")] = [],  # noqa: B006
) -> list[int]:
    """Return the records that an address names, each once, in its order.

    A form says `ids=7&ids=9`, a link `ids=7,9`. What is no number of a record is left out: who
    follows an address that was cut in two sees at least the beginning.

    >>> chosen(["7,9", "9", "x"])
    [7, 9]
    """
    said = (text.strip() for one in ids for text in one.split(","))
    numbers = (int(text) for text in said if re.fullmatch("[0-9]{1,10}", text))
    return [n for n in dict.fromkeys(numbers) if 0 < n <= LARGEST][:MOST_CHOSEN]


ChosenDep = Annotated[list[int], Depends(chosen)]
