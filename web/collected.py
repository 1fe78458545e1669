"""What a reader may see of collections: their editions, and what is made from their records."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import collections, editions
from kb.db import utcnow
from kb.editions import Changes, Content, Part, Published
from kb.errors import NotFoundError
from kb.licences import Obstacle
from kb.models import Collection, Place, Record
from kb.taxonomy import Taxonomy
from kb.vocabulary import Clearance, CollectionKind, PartKind
from kb.wording import marked
from search import packages
from search.filters import Scope, place_counts
from search.packages import Became, Told
from web.catalogue import PublicRecord, public_records

KINDS = {
    CollectionKind.READING_LIST: marked("Reading list"),
    CollectionKind.CHANGE_PACKAGE: marked("Change package"),
    CollectionKind.SYNTHESIS_BRIEF: marked("Synthesis brief"),
}
# What a part is called where its curator gave it no heading.
PARTS = {
    PartKind.RECORD: marked("Story"),
    PartKind.WORDS: marked("Words"),
    PartKind.QUESTION: marked("The question"),
    PartKind.INCLUDED: marked("The stories, and why they are here"),
    PartKind.TRIED: marked("What was tried"),
    PartKind.HAPPENED: marked("What happened"),
    PartKind.DID_NOT_WORK: marked("What did not work"),
    PartKind.CONDITIONS: marked("What it takes to work"),
    PartKind.NOT_KNOWN: marked("Not known yet"),
    PartKind.SUGGESTED: marked("What we suggest"),
    PartKind.FOR_WHOM: marked("For whom"),
}
OBSTACLES = {
    Obstacle.UNKNOWN: marked("It names no licence."),
    Obstacle.UNREAD: marked("This library does not know its licence. Somebody has to read it."),
    Obstacle.NO_CHANGES: marked("Its licence allows no changes, and a package shortens and joins."),
    Obstacle.NOT_COMMERCIAL: marked("Nobody may earn money with it. The whole allows that."),
    Obstacle.ALIKE: marked("What is made of it has to stay under its own licence."),
    Obstacle.CREDIT: marked("It asks for credit. The licence of the whole does not."),
}
CLEARANCES = {
    Clearance.BY_LICENCE: marked("Not decided yet"),
    Clearance.PERMITTED: marked("Whoever holds the rights agreed"),
    Clearance.LINKED: marked("Only link it: none of its words"),
}
OWN_WORDS = frozenset({PartKind.WORDS, PartKind.QUESTION, PartKind.CONDITIONS, PartKind.SUGGESTED})


class TakenBackError(NotFoundError):
    """The collection was once here for all to read, and is no longer."""


@dataclass(frozen=True, slots=True)
class Collected:
    """A record of a collection, and the curator's words before it."""

    part: Part
    record: PublicRecord
    newer: bool  # it was changed since the edition

    @property
    def note(self) -> str:
        """The curator's words, in Markdown."""
        return self.part.text

    @property
    def linked(self) -> bool:
        """Whether its licence allows no more than a link."""
        return self.part.clearance is Clearance.LINKED


@dataclass(frozen=True, slots=True)
class Block:
    """What stands together on the page: words, something made from records, or some records."""

    part: Part | None  # None for a run of records
    name: str  # of a part without a heading of its own
    items: tuple[Collected, ...] = ()


@dataclass(frozen=True, slots=True)
class PublicCollection:
    """An edition, and where its records come from as far as that may be shown."""

    about: Published
    countries: tuple[str, ...]  # ISO 3166-1 alpha-3, each once, in the order of the records

    @property
    def said(self) -> Content:
        """What its curator wrote and chose."""
        return self.about.content

    @property
    def record_ids(self) -> list[int]:
        """The numbers of its records, in its order."""
        return list(self.said.record_ids)


@dataclass(frozen=True, slots=True)
class News:
    """What changed from one edition to a later one."""

    old: int
    new: int
    changes: Changes
    became: tuple[Became, ...]
    titles: Mapping[int, tuple[str, str]]  # and languages, of the records that were taken out

    def __bool__(self) -> bool:
        """Return whether anything changed."""
        return bool(self.changes) or bool(self.became)


def public_collection(
    session: Session, collection_id: int, number: int | None = None
) -> PublicCollection:
    """Return the collection as its readers see it: its newest edition, or that `number`.

    Raises:
        TakenBackError: it was published once and taken back.
        NotFoundError: there is none, it is not published, or nothing in it may be read.
    """
    found = collections.published(session, [collection_id])
    if found and number is not None:
        edition = editions.find(session, collection_id, number)
        if edition is None:
            raise NotFoundError(
                marked(
                    "Collection %(number)s has no edition %(edition)s.",
                    number=collection_id,
                    edition=number,
                ),
                hint=marked("Open the newest one."),
            )
        found = [edition]
    if found:
        return _with_countries(session, found)[0]
    if collections.was_withdrawn(session, collection_id):
        raise TakenBackError(
            marked("Collection %(number)s was taken back.", number=collection_id),
            hint=marked("Its stories may still be here. Search for them."),
        )
    raise NotFoundError(
        marked("There is no collection %(number)s.", number=collection_id),
        hint=marked("See which collections there are."),
    )


def preview(session: Session, collection: Collection) -> PublicCollection:
    """Return the collection as its readers would see it if it were published now."""
    number = len(editions.of(session, collection.id)) + 1
    said = editions.content_of(session, collection)
    now = Published(collection.id, number, number, utcnow(), "", said, taken_back=0)
    return _with_countries(session, [now])[0]


def public_collections(session: Session, *, most: int | None = None) -> list[PublicCollection]:
    """Return the newest collections for readers, or all, in as many queries for ten as for one."""
    return _with_countries(session, collections.published(session)[:most])


def collected(session: Session, said: Content) -> list[Collected]:
    """Return the records of an edition; one that was withdrawn this moment is left out."""
    records = public_records(session, said.record_ids)
    changed = editions.said_then(session, said)
    return [
        Collected(part, records[part.record_id], part.record_id in changed)
        for part in said.parts
        if part.record_id in records
    ]


def blocks(said: Content, items: Sequence[Collected]) -> list[Block]:
    """Return an edition in the order of its page: records that follow each other are one block.

    Where a part lists the records, they stand there and nowhere else.
    """
    by_part = {item.part.part_id: item for item in items}
    listed = any(part.kind is PartKind.INCLUDED for part in said.parts)
    return list(_blocks(said, by_part, listed=listed))


def _blocks(said: Content, by_part: Mapping[int, Collected], *, listed: bool) -> Iterator[Block]:
    run: list[Collected] = []
    for part in said.parts:
        if part.kind is PartKind.RECORD:
            if not listed and part.part_id in by_part:
                run.append(by_part[part.part_id])
            continue
        if run:
            yield Block(None, "", tuple(run))
            run = []
        if part.kind in OWN_WORDS and not part.text:
            continue
        all_here = tuple(by_part.values()) if part.kind is PartKind.INCLUDED else ()
        yield Block(part, PARTS[part.kind], all_here)
    if run:
        yield Block(None, "", tuple(run))


def needs_telling(said: Content) -> bool:
    """Tell whether a part is made from what the records tell."""
    made = {PartKind.TRIED, PartKind.HAPPENED, PartKind.DID_NOT_WORK, PartKind.NOT_KNOWN}
    return any(part.kind in made for part in said.parts)


def told(session: Session, said: Content, taxonomy: Taxonomy) -> Told | None:
    """Return what is made from the records, None where the edition shows nothing of it."""
    return packages.told(session, said, taxonomy=taxonomy) if needs_telling(said) else None


def news(session: Session, old: Published, new: Published) -> News:
    """Return what changed between two editions, as far as their readers may know it today."""
    accounts = (packages.accounts_of(session, one.content) for one in (old, new))
    before, after = accounts
    changes = editions.since(old.content, new.content)
    removed = [part.record_id for part in changes.removed if part.record_id is not None]
    titled = public_records(session, removed)  # as they may be named today
    return News(
        old=old.number,
        new=new.number,
        changes=changes,
        became=packages.became(before, after),
        titles={id_: (one.said.title, one.said.language) for id_, one in titled.items()},
    )


def ideas(told: Told, draft: Content) -> list[dict[str, Any]]:
    """Return every idea of the records: whether it stands in the table, and what was decided."""
    standing = {(i.record_id, i.text) for group in told.table.groups for i in group.ideas}
    choices = {(one.record_id, one.text): one for one in draft.choices}
    return [
        {
            "account": account,
            "idea": idea,
            "stands": (key := (account.record_id, idea.text)) in standing,
            "choice": choices.get(
                key, editions.Choice(record_id=account.record_id, text=idea.text)
            ),
        }
        for account in told.accounts
        for idea in account.ideas
    ]


def _with_countries(session: Session, found: Sequence[Published]) -> list[PublicCollection]:
    wanted = {id_ for one in found for id_ in one.content.record_ids}
    rows = session.execute(
        select(Place.record_id, Place.country)
        .join(Record, Record.id == Place.record_id)
        .where(Place.record_id.in_(wanted), Place.country != "", place_counts(Scope.PUBLIC))
        .order_by(Place.position)
    )
    places: dict[int, list[str]] = {}
    for record_id, country in rows:
        places.setdefault(record_id, []).append(country)
    return [
        PublicCollection(
            one,
            tuple(dict.fromkeys(c for id_ in one.content.record_ids for c in places.get(id_, ()))),
        )
        for one in found
    ]
