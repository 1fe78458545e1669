"""Which records a harvest sees, in the order of their last change."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, false, func, or_, select, tuple_
from sqlalchemy.orm import Session

from kb import collections, countries, withdrawals
from kb.models import Concept, Place, Record, Tag
from kb.vocabulary import RecordType, Scheme
from search.filters import Scope, in_scope, place_counts, tag_counts
from web.oai.arguments import Window

TYPE, COUNTRY, COLLECTION = "type", "country", "collection"
TOPIC, INTERVENTION = "topic", "intervention"
SCHEMES = {TOPIC: Scheme.TOPICS, INTERVENTION: Scheme.INTERVENTIONS}


class Header(NamedTuple):
    """A record as a list of identifiers names it."""

    record_id: int
    changed: datetime
    deleted: bool


def headers(
    session: Session,
    window: Window,
    chosen: str,
    *,
    after: tuple[datetime, int] | None = None,
    limit: int,
) -> list[Header]:
    """Return the next records of a harvest, by their last change, after the one named."""
    query = select(Record.id, Record.updated, withdrawals.is_gone())
    query = query.where(_harvested(session, chosen))
    query = query.where(*_within(window))
    if after is not None:
        query = query.where(tuple_(Record.updated, Record.id) > tuple_(*after))
    rows = session.execute(query.order_by(Record.updated, Record.id).limit(limit))
    return [Header(*row) for row in rows]


def count(session: Session, window: Window, chosen: str) -> int:
    """Return how many records a harvest would see."""
    seen = select(func.count()).select_from(Record).where(_harvested(session, chosen))
    return session.scalar(seen.where(*_within(window))) or 0


def earliest(session: Session) -> datetime | None:
    """Return when the record that has not changed longest changed last."""
    return session.scalar(select(func.min(Record.updated)).where(_harvested(session, "")))


def one(session: Session, record_id: int) -> Header | None:
    """Return one record, None where it is nobody's but its team's."""
    query = select(Record.id, Record.updated, withdrawals.is_gone())
    row = session.execute(query.where(Record.id == record_id, _harvested(session, ""))).first()
    return Header(*row) if row else None


def sets_of(session: Session, record_ids: Sequence[int]) -> dict[int, list[str]]:
    """Return the sets that each of these public records says it is in, collections left out.

    A list of identifiers needs no more of a record than this; its text is not read.
    """
    chosen = and_(Record.id.in_(record_ids), in_scope(Scope.PUBLIC))
    kinds = session.execute(select(Record.id, Record.record_type).where(chosen))
    placed = select(Place.record_id, Place.country).join(Record, Record.id == Place.record_id)
    shown = placed.where(chosen, place_counts(Scope.PUBLIC), Place.country != "")
    tagged = select(Tag.record_id, Concept.scheme, Concept.notation).join(Tag.concept)
    of_records = tagged.join(Record, Record.id == Tag.record_id)
    carried = of_records.where(chosen, tag_counts(Scope.PUBLIC))
    known, names = countries.alpha2(), {scheme: name for name, scheme in SCHEMES.items()}
    said = [(number, f"{TYPE}:{kind}") for number, kind in kinds]
    for number, country in session.execute(shown.order_by(Place.position)):
        said += [(number, f"{COUNTRY}:{known[country]}")] if country in known else []
    for number, scheme, notation in session.execute(carried.order_by(Tag.id)):
        said.append((number, f"{names[scheme]}:{notation}"))
    found: dict[int, list[str]] = {}
    for number, spec in dict.fromkeys(said):
        found.setdefault(number, []).append(spec)
    return found


def used_concepts(session: Session) -> list[tuple[Scheme, str]]:
    """Return scheme and notation of each concept that a public record carries."""
    tagged = select(Concept.scheme, Concept.notation).join(Tag, Tag.concept_id == Concept.id)
    public = tagged.join(Record, Record.id == Tag.record_id)
    shown = public.where(in_scope(Scope.PUBLIC), tag_counts(Scope.PUBLIC)).distinct()
    return [(Scheme(scheme), notation) for scheme, notation in session.execute(shown)]


def used_countries(session: Session) -> list[str]:
    """Return the ISO 3166-1 alpha-3 code of each country that a public record names."""
    placed = select(Place.country).join(Record, Record.id == Place.record_id)
    shown = placed.where(in_scope(Scope.PUBLIC), place_counts(Scope.PUBLIC), Place.country != "")
    return sorted(session.scalars(shown.distinct()))


def _within(window: Window) -> list[ColumnElement[bool]]:
    wanted = [Record.updated >= window.start] if window.start else []
    return [*wanted, *([Record.updated < window.end] if window.end else [])]


def _harvested(session: Session, chosen: str) -> ColumnElement[bool]:
    """Return the condition on a record that a harvest of a set sees it.

    What was taken back says no longer which sets it was in, so every harvest hears of it.
    """
    return or_(withdrawals.is_gone(), and_(in_scope(Scope.PUBLIC), *_in_set(session, chosen)))


def _in_set(session: Session, chosen: str) -> Sequence[ColumnElement[bool]]:
    kind, _colon, value = chosen.partition(":")
    if not chosen:
        return ()
    if kind == TYPE:
        return () if not value else (_of_type(value),)
    if kind == COUNTRY:
        return (_placed(value),)
    if kind in SCHEMES:
        return (_tagged(SCHEMES[kind], value),)
    if kind == COLLECTION:
        return (Record.id.in_(_collected(session, value)),)
    return (false(),)


def _of_type(value: str) -> ColumnElement[bool]:
    return Record.record_type == RecordType(value) if value in set(RecordType) else false()


def _placed(alpha2: str) -> ColumnElement[bool]:
    where = Place.country == countries.alpha3().get(alpha2, "-") if alpha2 else Place.country != ""
    placed = Record.id.in_(select(Place.record_id).where(where))
    return and_(place_counts(Scope.PUBLIC), placed)


def _tagged(scheme: Scheme, notation: str) -> ColumnElement[bool]:
    tagged = select(Tag.record_id).join(Concept, Concept.id == Tag.concept_id)
    wanted = tagged.where(Concept.scheme == scheme, tag_counts(Scope.PUBLIC))
    return Record.id.in_(wanted.where(Concept.notation == notation) if notation else wanted)


def _collected(session: Session, value: str) -> list[int]:
    if value and not (value.isdecimal() and len(value) < len(str(2**31))):
        return []
    shown = collections.published(session, [int(value)] if value else None)
    return sorted({number for one in shown for number in one.content.record_ids})
