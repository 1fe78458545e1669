"""What there is for a copy to hold: stories, collections, shelves, and what was taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import collections, withdrawals
from kb.models import Record
from search.filters import Filters, Scope, in_scope
from search.query import search
from web.catalogue import PublicRecord, public_records
from web.library import Library
from web.publish import words
from web.publish.stamps import FIELDS


@dataclass(frozen=True, slots=True)
class Story:
    """What has to be known of each story before its page is asked for."""

    title: str
    language: str
    countries: frozenset[str]
    original: str  # kind of the file that readers may take home, as an ending

    @classmethod
    def of(cls, record: PublicRecord) -> "Story":
        """Return it of a record."""
        countries = frozenset(place.country for place in record.said.places if place.country)
        kind = record.original.kind.lower() if record.original else ""
        return cls(record.said.title, record.said.language, countries, kind)


@dataclass(frozen=True, slots=True)
class Stock:
    """What there is to show."""

    records: Mapping[int, Story]
    gone: Sequence[withdrawals.Gone]
    collections: Mapping[int, str]  # and the language that each is written in
    shelves: Sequence[str]  # paths of concepts, countries and kinds of facility with records


def in_stock(session: Session, library: Library) -> Stock:
    """Return what the library has for every reader."""
    found = search(
        session,
        library.index(session),
        "",
        filters=Filters(),
        scope=Scope.PUBLIC,
        limit=0,
        facets=True,
    )
    shelves = [
        f"/{base}/{facet.value}"
        for base, field in FIELDS.items()
        for facet in found.facets.get(field, ())
        if facet.count
    ]
    some = words.shelves(_public_ids(session)).values()  # all at once take a lot of memory
    return Stock(
        records={
            record_id: Story.of(record)
            for ids in some
            for record_id, record in public_records(session, ids).items()
        },
        gone=withdrawals.gone(session),
        collections={
            one.collection_id: one.content.language for one in collections.published(session)
        },
        shelves=shelves,
    )


def _public_ids(session: Session) -> Sequence[int]:
    return session.scalars(select(Record.id).where(in_scope(Scope.PUBLIC))).all()


def told_in(language: str, languages: tuple[str, ...], *, every: bool) -> tuple[str, ...]:
    """Return in which `languages` of the pages there is what is written in `language`.

    That is its own, or the first; or in `every` one of them.
    """
    spoken = language.partition("-")[0]
    return languages if every else (spoken if spoken in languages else languages[0],)
