"""What a route may ask for."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Path, Query, Request
from sqlalchemy.orm import Session

from search.index import Index
from web.library import Library
from web.names import Names
from web.render import language_of

# As large as a number of PostgreSQL: a larger one names no record, and SQLite would choke on it.
RecordId = Annotated[int, Path(ge=1, le=2**31 - 1)]
Typed = Annotated[str, Query(alias="q", max_length=1000, description="As typed so far.")]


def _library(request: Request) -> Library:
    library: Library = request.app.state.library
    return library


LibraryDep = Annotated[Library, Depends(_library)]


def _reading(library: LibraryDep) -> Iterator[Session]:
    with library.reading() as session:
        yield session


ReadingDep = Annotated[Session, Depends(_reading)]


def _writing(library: LibraryDep) -> Iterator[Session]:
    with library.writing() as session:
        yield session


# The route commits, as its last act.
WritingDep = Annotated[Session, Depends(_writing)]


def _index(library: LibraryDep, session: ReadingDep) -> Index:
    return library.index(session)


IndexDep = Annotated[Index, Depends(_index)]


def _names(request: Request, library: LibraryDep) -> Names:
    return Names(library.taxonomy, language_of(request))


NamesDep = Annotated[Names, Depends(_names)]
