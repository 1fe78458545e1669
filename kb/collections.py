"""Records put together for a purpose: a curator's choice, in an order, with words between them."""

from collections.abc import Collection as Some
from collections.abc import Sequence

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.exc import StaleDataError

from kb import clearance, editions, history, licences
from kb.concept_file import LANGUAGE
from kb.content import MOST_COUNTED
from kb.db import utcnow
from kb.editions import Published
from kb.errors import ConflictError, InvalidError, NotFoundError
from kb.models import Collection, CollectionPart, Record
from kb.vocabulary import Audience, CollectionKind, PartKind, Status, Visibility
from kb.wording import marked

TITLE_LENGTH = 120  # characters
MOST_RECORDS = 100
# What a collection of each kind begins with: docs/packages.md says why in this order.
OUTLINES = {
    CollectionKind.READING_LIST: (),
    CollectionKind.CHANGE_PACKAGE: (
        PartKind.WORDS,
        PartKind.TRIED,
        PartKind.DID_NOT_WORK,
        PartKind.CONDITIONS,
    ),
    CollectionKind.SYNTHESIS_BRIEF: (
        PartKind.QUESTION,
        PartKind.INCLUDED,
        PartKind.TRIED,
        PartKind.HAPPENED,
        PartKind.DID_NOT_WORK,
        PartKind.CONDITIONS,
        PartKind.NOT_KNOWN,
        PartKind.SUGGESTED,
        PartKind.FOR_WHOM,
    ),
}


def get(session: Session, collection_id: int) -> Collection:
    """Return the collection with its parts, whatever its status.

    Raises:
        NotFoundError: there is none.
    """
    collection = session.get(Collection, collection_id, options=_WITH_PARTS)
    if collection is None:
        raise NotFoundError(
            marked("There is no collection %(number)s.", number=str(collection_id)),
            hint=marked("See which collections there are."),
        )
    return collection


def listed(session: Session) -> Sequence[Collection]:
    """Return all collections, for the curator, newest first."""
    query = select(Collection).options(*_WITH_PARTS).order_by(Collection.id.desc())
    return session.scalars(query).all()


def create(
    session: Session,
    title: str,
    *,
    purpose: str = "",
    language: str = "en",
    kind: CollectionKind = CollectionKind.READING_LIST,
    by: str,
) -> Collection:
    """Begin a collection with the parts of its kind; readers see nothing until it is published.

    Raises:
        InvalidError: it has no title, or one that is too long, or no language.
    """
    collection = Collection(
        title=titled(title), purpose=purpose.strip(), language=tongue(language), kind=kind
    )
    collection.parts = [
        CollectionPart(kind=part, position=position) for position, part in enumerate(OUTLINES[kind])
    ]
    session.add(collection)
    session.flush()
    history.happened(session, "collection begun", by=by, collection=str(collection.id))
    return collection


def describe(
    session: Session,
    collection_id: int,
    *,
    title: str | None = None,
    purpose: str | None = None,
    language: str | None = None,
    kind: CollectionKind | None = None,
    audience: Some[Audience] | None = None,
    licence: str | None = None,
    thanks: str | None = None,
    least_places: int | None = None,
    version: int | None = None,
) -> Collection:
    """Say anew what the collection is; what is None stays.

    `version` is the one the curator began with.

    Raises:
        ConflictError: somebody changed it since.
        InvalidError: no title, no language, a licence that nobody knows here, or a number below 0.
    """
    collection = get(session, collection_id)
    refuse_older(collection, version)
    if title is not None:
        collection.title = titled(title)
    if purpose is not None:
        collection.purpose = purpose.strip()
    if audience is not None:
        collection.audience = [one.value for one in Audience if one in audience]
    if licence is not None:
        collection.licence = _licence(licence)
    if thanks is not None:
        collection.thanks = thanks.strip()
    if least_places is not None:
        collection.least_places = at_least_nothing(least_places)
    collection.kind = kind or collection.kind
    collection.language = tongue(language) if language else collection.language
    return changed(session, collection)


def add(session: Session, collection_id: int, record_id: int, *, note: str = "") -> Collection:
    """Put a record at the end of the collection, with the curator's words about it.

    A draft may be added: readers see it in the collection from the day it is published.

    Raises:
        ConflictError: it is in there already.
        InvalidError: the collection is full.
        NotFoundError: there is no such record.
    """
    collection = get(session, collection_id)
    record = session.get(Record, record_id)
    if record is None:
        raise NotFoundError(
            marked("There is no record %(number)s.", number=str(record_id)),
            hint=marked("Find its number by search."),
        )
    held = records_of(collection)
    if any(part.record_id == record_id for part in held):
        raise ConflictError(
            marked(
                "“%(title)s” is in “%(collection)s” already.",
                title=record.title,
                collection=collection.title,
            ),
            hint=marked("Change the words about it instead."),
        )
    if len(held) >= MOST_RECORDS:
        raise InvalidError(
            marked(
                "“%(title)s” has %(most)s records, which is the most.",
                title=collection.title,
                most=str(MOST_RECORDS),
            ),
            hint=marked("Begin a second collection."),
        )
    collection.parts.append(
        CollectionPart(
            kind=PartKind.RECORD, record=record, position=len(collection.parts), text=note.strip()
        )
    )
    return changed(session, collection)


def annotate(session: Session, collection_id: int, record_id: int, note: str) -> Collection:
    """Change the curator's words about a record of the collection.

    Raises:
        NotFoundError: the collection does not have it.
    """
    collection = get(session, collection_id)
    _of_record(collection, record_id).text = note.strip()
    return changed(session, collection)


def remove(session: Session, collection_id: int, record_id: int) -> Collection:
    """Take a record out of the collection; the record itself stays as it is.

    Raises:
        NotFoundError: the collection does not have it.
    """
    collection = get(session, collection_id)
    collection.parts.remove(_of_record(collection, record_id))
    number(collection.parts)
    return changed(session, collection)


def order(session: Session, collection_id: int, record_ids: Sequence[int]) -> Collection:
    """Let these records come before the others, in this order; words stay in their places.

    Raises:
        NotFoundError: the collection does not have one of them.
    """
    collection = get(session, collection_id)
    first = [_of_record(collection, record_id) for record_id in dict.fromkeys(record_ids)]
    others = (part for part in records_of(collection) if part not in first)
    in_turn = iter([*first, *others])
    number([part if part.record_id is None else next(in_turn) for part in collection.parts])
    session.flush()
    session.refresh(collection, ["parts"])
    return changed(session, collection)


def publish(
    session: Session, collection_id: int, *, by: str, note: str = "", own_licence: str = ""
) -> Collection:
    """Show the collection as it stands to every reader, as its next edition.

    `note` says what is new; `own_licence` is the library's own.

    Raises:
        InvalidError: it says nothing of its purpose, or readers may see none of its records.
        ConflictError: a licence does not allow it, and nobody has decided what to do.
    """
    collection = get(session, collection_id)
    missing = missing_to_publish(collection, own_licence=own_licence)
    if missing:
        raise InvalidError(
            marked("“%(title)s” is not ready for readers.", title=collection.title),
            hint=marked("Still missing: %(what)s.", what=tuple(missing)),
        )
    found = clearance.doubts(session, collection, own_licence=own_licence)
    # By number: who publishes a package may not be one who reads all of its stories.
    undecided = [str(doubt.record_id or doubt.title) for doubt in found if doubt.open]
    if undecided:
        raise ConflictError(
            marked(
                "Licences of “%(title)s” are not decided: %(records)s.",
                title=collection.title,
                records="; ".join(undecided),
            ),
            hint=marked(
                "Ask who holds the rights, only link the record, or choose another licence."
            ),
        )
    collection.status = Status.PUBLISHED
    collection.published = collection.published or utcnow()
    edition = editions.freeze(session, collection, by=by, note=note)
    history.happened(
        session,
        "collection published",
        by=by,
        collection=str(collection.id),
        edition=str(edition.number),
    )
    return changed(session, collection)


def missing_to_publish(collection: Collection, *, own_licence: str = "") -> list[str]:
    """Return, in plain words, what a reader would miss; empty when nothing is."""
    makes = collection.kind is not CollectionKind.READING_LIST
    records = [part.record for part in records_of(collection) if part.record is not None]
    checks = (
        (not collection.purpose, marked("what it is for")),
        (not any(map(is_shown, records)), marked("a published record")),
        (makes and not (collection.licence or own_licence), marked("a licence for the whole")),
    )
    return [words for wanting, words in checks if wanting]


def withdraw(session: Session, collection_id: int, *, by: str, reason: str) -> Collection:
    """Take the collection away from readers; its records stay where they are.

    Raises:
        ConflictError: readers do not see it.
    """
    collection = get(session, collection_id)
    if collection.status is not Status.PUBLISHED:
        raise ConflictError(marked("“%(title)s” is not published.", title=collection.title))
    collection.status = Status.WITHDRAWN
    history.happened(
        session, "collection withdrawn", by=by, collection=str(collection.id), reason=reason
    )
    return changed(session, collection)


def discard(session: Session, collection_id: int, *, by: str, reason: str = "") -> None:
    """Throw a collection away that no reader ever saw. That is final; its records stay.

    That it was there, what it was called and who threw it away stays in the history, and its
    number is never given again.

    Raises:
        ConflictError: readers saw an edition of it.
    """
    collection = refuse_seen(session, collection_id)
    title = collection.title
    session.delete(collection)
    session.flush()
    history.happened(
        session,
        "collection discarded",
        by=by,
        collection=str(collection_id),
        title=title,
        reason=reason.strip(),
    )


def refuse_seen(session: Session, collection_id: int) -> Collection:
    """Return the collection.

    Raises:
        ConflictError: readers saw an edition of it.
    """
    collection = get(session, collection_id)
    if collection.published is not None or editions.of(session, collection_id):
        raise ConflictError(
            marked("Readers saw “%(title)s”.", title=collection.title),
            hint=marked("Take it back from readers instead: its editions are kept."),
        )
    return collection


def is_shown(record: Record) -> bool:
    """Tell whether readers may see the record, in a collection or anywhere."""
    return record.status is Status.PUBLISHED and record.visibility is Visibility.PUBLIC


def records_of(collection: Collection) -> list[CollectionPart]:
    """Return the parts that are records, in their order."""
    return [part for part in collection.parts if part.record_id is not None]


def not_shown(collection: Collection) -> list[Record]:
    """Return the records that a reader does not find in the collection, for its curator to know."""
    records = (part.record for part in collection.parts if part.record is not None)
    return [record for record in records if not is_shown(record)]


def published(session: Session, collection_ids: Sequence[int] | None = None) -> list[Published]:
    """Return the newest editions of published collections, newest first, of all or of these."""
    return editions.newest(session, collection_ids)


def was_withdrawn(session: Session, collection_id: int) -> bool:
    """Tell whether readers once saw the collection, and it was taken back."""
    withdrawn = exists().where(
        Collection.id == collection_id, Collection.status == Status.WITHDRAWN
    )
    return bool(session.scalar(select(withdrawn)))


def titled(said: str) -> str:
    """Return a title without what stands around it.

    Raises:
        InvalidError: there is none, or it is too long.
    """
    title = said.strip()
    if not title or len(title) > TITLE_LENGTH:
        raise InvalidError(
            marked("“%(title)s…” is too long a title.", title=title[:40])
            if title
            else marked("A collection needs a title."),
            hint=marked(
                "Say in at most %(most)s characters what somebody would look for.",
                most=TITLE_LENGTH,
            ),
        )
    return title


def number(parts: Sequence[CollectionPart]) -> None:
    """Give the parts their places in this order."""
    for position, part in enumerate(parts):
        part.position = position


def changed(session: Session, collection: Collection) -> Collection:
    """Write down what was changed.

    Raises:
        ConflictError: somebody else changed the same at the same moment.
    """
    title = collection.title
    try:
        session.flush()
    except StaleDataError as error:
        raise ConflictError(
            marked("“%(title)s” was changed by somebody else at the same moment.", title=title),
            hint=marked("Look at it again, then make your change."),
        ) from error
    return collection


_WITH_PARTS = (selectinload(Collection.parts).joinedload(CollectionPart.record),)


def _of_record(collection: Collection, record_id: int) -> CollectionPart:
    for part in collection.parts:
        if part.record_id == record_id:
            return part
    raise NotFoundError(
        marked(
            "Record %(number)s is not in “%(title)s”.",
            number=str(record_id),
            title=collection.title,
        ),
        hint=marked("Add it to the collection first."),
    )


def refuse_older(collection: Collection, version: int | None) -> None:
    """Refuse what somebody began with another version than the newest.

    Raises:
        ConflictError: that is so.
    """
    if version is not None and version != collection.version:
        raise ConflictError(
            marked(
                "“%(title)s” was changed by somebody else since you began.",
                title=collection.title,
            ),
            hint=marked("Compare both texts, then save yours again."),
        )


def tongue(language: str) -> str:
    """Return the language, BCP 47.

    Raises:
        InvalidError: it is none.
    """
    if not LANGUAGE.fullmatch(language):
        raise InvalidError(
            marked("“%(language)s” is not a language.", language=language),
            hint=marked("Write its code, such as fr, sw or pt-MZ."),
        )
    return language


def _licence(spdx: str) -> str:
    if spdx and licences.known(spdx) is None:
        raise InvalidError(
            marked("The licence “%(licence)s” is not known here.", licence=spdx),
            hint=marked("Choose one of: %(known)s.", known=", ".join(licences.KNOWN)),
        )
    return spdx


def at_least_nothing(number_of_places: int) -> int:
    """Return the number.

    Raises:
        InvalidError: it is below 0, or larger than any number of places.
    """
    if not 0 <= number_of_places <= MOST_COUNTED:
        raise InvalidError(
            marked("%(number)s places are no number of places.", number=str(number_of_places)),
            hint=marked("Give 0, 1, 2, …"),
        )
    return number_of_places
