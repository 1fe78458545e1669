"""Somebody's package as the beginning of another, and who began with whose."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import editions, history
from kb.errors import NotFoundError
from kb.models import Collection, CollectionPart
from kb.vocabulary import Clearance, Status
from kb.wording import marked


@dataclass(frozen=True, slots=True)
class Kin:
    """Another published collection: one that this is based on, or one that is based on this."""

    collection_id: int
    title: str
    language: str
    edition: int  # of the original


def adapt(session: Session, collection_id: int, *, by: str) -> Collection:
    """Begin a collection with all that the newest edition of another says.

    Of its records come those that readers may see. What was decided about their licences holds
    for the other one only.

    Raises:
        NotFoundError: there is no such published collection.
    """
    found = editions.newest(session, [collection_id])
    if not found:
        raise NotFoundError(
            marked(
                "There is no published collection %(number)s to begin with.",
                number=str(collection_id),
            ),
            hint=marked("See which collections there are."),
        )
    origin = found[0]
    said = origin.content
    copy = Collection(
        kind=said.kind,
        title=said.title,
        purpose=said.purpose,
        language=said.language,
        audience=[one.value for one in said.audience],
        licence=said.licence,
        thanks=said.thanks,
        least_places=said.least_places,
        choices=[one.model_dump(mode="json") for one in said.choices],
        based_on_id=origin.collection_id,
        based_on_edition=origin.number,
        parts=[
            CollectionPart(
                position=position,
                kind=part.kind,
                heading=part.heading,
                text=part.text,
                record_id=part.record_id,
                clearance=Clearance.BY_LICENCE,
            )
            for position, part in enumerate(said.parts)
        ],
    )
    session.add(copy)
    session.flush()
    history.happened(
        session,
        "collection adapted",
        by=by,
        collection=str(copy.id),
        based_on=str(origin.collection_id),
        edition=str(origin.number),
    )
    return copy


def origin_of(session: Session, content: editions.Content) -> Kin | None:
    """Return the published collection that this one is based on; None where there is none now."""
    if content.based_on is None or content.based_on_edition is None:
        return None
    found = editions.newest(session, [content.based_on])
    if not found:
        return None
    said = found[0].content
    return Kin(content.based_on, said.title, said.language, content.based_on_edition)


def adapted(session: Session, collection_id: int) -> Sequence[Kin]:
    """Return the published collections that are based on this one, newest first."""
    query = select(Collection.id).where(
        Collection.based_on_id == collection_id, Collection.status == Status.PUBLISHED
    )
    ids = session.scalars(query).all()
    return [
        Kin(one.collection_id, one.content.title, one.content.language, basis)
        for one in (editions.newest(session, ids) if ids else [])
        if (basis := one.content.based_on_edition) is not None
        and one.content.based_on == collection_id
    ]
