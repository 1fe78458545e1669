"""The parts of a collection: words between the records, their order, and what was decided."""

from sqlalchemy.orm import Session

from kb.collections import changed, get, number
from kb.editions import Choice, Place
from kb.errors import ConflictError, InvalidError, NotFoundError
from kb.models import Collection, CollectionPart
from kb.vocabulary import Clearance, PartKind
from kb.wording import marked

MOST_PARTS = 200


def say(
    session: Session,
    collection_id: int,
    *,
    kind: PartKind = PartKind.WORDS,
    heading: str = "",
    text: str = "",
) -> CollectionPart:
    """Put words, or what is made from the records, at the end of the collection.

    Raises:
        InvalidError: a record is added by its number, or the collection is full.
        ConflictError: what is made from the records is in it already.
    """
    collection = get(session, collection_id)
    if kind is PartKind.RECORD:
        raise InvalidError(
            marked("A record is no words."), hint=marked("Add the record by its number.")
        )
    if kind is not PartKind.WORDS and any(part.kind is kind for part in collection.parts):
        raise ConflictError(
            marked("“%(title)s” has this part already.", title=collection.title),
            hint=marked("Move it, or write in it."),
        )
    if len(collection.parts) >= MOST_PARTS:
        raise InvalidError(
            marked(
                "“%(title)s” has %(most)s parts, which is the most.",
                title=collection.title,
                most=MOST_PARTS,
            ),
            hint=marked("Begin a second collection."),
        )
    part = CollectionPart(
        kind=kind, position=len(collection.parts), heading=heading.strip(), text=text.strip()
    )
    collection.parts.append(part)
    changed(session, collection)
    return part


def write(
    session: Session,
    collection_id: int,
    part_id: int,
    *,
    heading: str | None = None,
    text: str | None = None,
    version: int | None = None,
) -> CollectionPart:
    """Change the curator's words of one part; what is None stays.

    `version` is the one that the part had when the curator began.

    Raises:
        NotFoundError: the collection has no such part.
        ConflictError: somebody changed it since.
    """
    collection, part = _find(session, collection_id, part_id)
    if version is not None and version != part.version:
        raise ConflictError(
            marked(
                "This part of “%(title)s” was changed by somebody else since you began.",
                title=collection.title,
            ),
            hint=marked("Compare both texts, then save yours again."),
        )
    part.heading = part.heading if heading is None else heading.strip()
    part.text = part.text if text is None else text.strip()
    changed(session, collection)
    return part


def move(session: Session, collection_id: int, part_id: int, *, by: int) -> Collection:
    """Move a part by so many places: down, or up where `by` is below 0; no further than the end.

    Raises:
        NotFoundError: the collection has no such part.
    """
    collection, part = _find(session, collection_id, part_id)
    order = [one for one in collection.parts if one is not part]
    order.insert(max(0, collection.parts.index(part) + by), part)
    number(order)
    changed(session, collection)
    session.refresh(collection, ["parts"])
    return collection


def drop(session: Session, collection_id: int, part_id: int) -> Collection:
    """Take a part out of the collection; a record stays in the library as it is.

    Raises:
        NotFoundError: the collection has no such part.
    """
    collection, part = _find(session, collection_id, part_id)
    collection.parts.remove(part)
    number(collection.parts)
    return changed(session, collection)


def clear(
    session: Session, collection_id: int, part_id: int, clearance: Clearance, *, note: str = ""
) -> CollectionPart:
    """Decide what becomes of a record whose licence may not allow what the package does.

    Raises:
        NotFoundError: the collection has no such part.
        InvalidError: the part is no record, or nobody says who permitted it.
    """
    collection, part = _find(session, collection_id, part_id)
    if part.record_id is None:
        raise InvalidError(
            marked("Your own words need no licence."), hint=marked("Choose a record.")
        )
    if clearance is Clearance.PERMITTED and not note.strip():
        raise InvalidError(
            marked("Nobody says who permitted it."),
            hint=marked("Write who agreed, and when: it is kept with it."),
        )
    part.clearance, part.clearance_note = clearance, note.strip()
    changed(session, collection)
    return part


def choices(collection: Collection) -> tuple[Choice, ...]:
    """Return what was decided about single ideas."""
    return tuple(Choice.model_validate(one) for one in collection.choices)


def choose(session: Session, collection_id: int, choice: Choice) -> Collection:
    """Take an idea into the table of change ideas, leave it out, or write a note to it.

    Raises:
        NotFoundError: the collection does not have its record.
        InvalidError: an idea is left out or taken in, and nobody says why.
    """
    collection = get(session, collection_id)
    if all(part.record_id != choice.record_id for part in collection.parts):
        raise NotFoundError(
            marked(
                "Record %(number)s is not in “%(title)s”.",
                number=str(choice.record_id),
                title=collection.title,
            ),
            hint=marked("Add it to the collection first."),
        )
    why = choice.why.strip()
    if choice.place is not Place.BY_RULE and not why:
        raise InvalidError(
            marked("Why is “%(idea)s” decided otherwise than by the rule?", idea=choice.text[:60]),
            hint=marked("Say it in a sentence: readers see it."),
        )
    about = (choice.record_id, choice.text)
    kept = [one for one in choices(collection) if (one.record_id, one.text) != about]
    if why:
        kept.append(choice.model_copy(update={"why": why}))
    collection.choices = [one.model_dump(mode="json") for one in kept]
    return changed(session, collection)


def _find(session: Session, collection_id: int, part_id: int) -> tuple[Collection, CollectionPart]:
    collection = get(session, collection_id)
    for part in collection.parts:
        if part.id == part_id:
            return collection, part
    raise NotFoundError(
        marked("“%(title)s” has no part %(number)s.", title=collection.title, number=str(part_id)),
        hint=marked("Somebody may have taken it out. Look at the collection again."),
    )
