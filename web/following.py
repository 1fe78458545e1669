"""A record's history as pages show it: the differences in the words of the reader's language."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from fastapi import Request, Response
from sqlalchemy.orm import Session

from kb import content, history, permissions, records
from kb.diff import Changed, Difference, Value, diff, merge
from kb.models import Record
from kb.permissions import Act
from kb.vocabulary import TagStatus
from kb.wording import marked
from web.forms import MOST_BYTES
from web.library import Library
from web.names import Names
from web.render import language_of, page
from web.who import person_of

# Fields whose values are those of a facet of the taxonomy.
FACETS: Mapping[str, str] = {
    "record_type": "record_type",
    "level": "level",
    "from_level": "level",
    "naming": "facility_naming",
    "visibility": "visibility",
    "verdict": "outcome_verdict",
    "decision": "change_decision",
    "stage": "implementation_stage",
    "resource_need": "resource_need",
    "facility_type": "facility_type",
    "ownership": "ownership",
}
STATES: Mapping[str, str] = {
    TagStatus.SUGGESTED: marked("Suggested"),
    TagStatus.CONFIRMED: marked("Confirmed"),
    TagStatus.REJECTED: marked("Rejected"),
}


def compared(
    session: Session, record_id: int, names: Names, *, old: int, new: int
) -> list[Difference]:
    """Return what differs between two versions, in the reader's words.

    Raises:
        NotFoundError: the record never had one of them, or what it said was purged.
    """
    before, after = (history.version(session, record_id, number) for number in (old, new))
    return worded(diff(before, after), names)


def restoring(
    session: Session, record: Record, names: Names, version: int
) -> tuple[list[Difference], list[Difference], list[str]]:
    """Return what restoring a version changes, what of it stays as it is now, and what forbids it.

    Raises:
        NotFoundError: the record never had it, or what it said was purged.
    """
    now, then = records.read(record), history.version(session, record.id, version)
    would = records.restorable(session, record, version)
    return (
        worded(diff(now, would), names),
        worded(diff(would, then), names),
        records.unknown_concepts(session, would),
    )


def worded(differences: Iterable[Difference], names: Names) -> list[Difference]:
    """Return the differences with the labels of facets, concepts, countries and languages."""
    return [
        replace(
            one,
            name=names.concept(one.name) if one.field == "tags" else one.name,
            fields=tuple(_worded(field, names) for field in one.fields),
        )
        for one in differences
    ]


def _worded(field: Changed, names: Names) -> Changed:
    label = _label(field.field, names)
    if label is None:
        return field
    return replace(field, value=Value(label(field.value.old), label(field.value.new)))


def _label(field: str, names: Names) -> Any:
    if field in FACETS:
        return lambda value: names.facet(FACETS[field], value) if value else ""
    if field == "interventions":
        return lambda value: "\n".join(map(names.concept, value.split("\n"))) if value else ""
    if field == "status":
        return lambda value: names.told(STATES[value]) if value else ""
    if field == "country":
        return lambda value: names.country(value) if value else ""
    if field == "language":
        return lambda value: names.tongue(value) if value else ""
    return None


def overtaken(
    session: Session, record: Record, mine: content.Record, names: Names, *, began: int
) -> dict[str, Any]:
    """Return what a page says when somebody else saved first: theirs, mine, and where both meet.

    What the record said when mine was begun may have been purged: then mine is compared with now.
    """
    kept = {row.version for row in history.versions(session, record.id) if row.content}
    now = records.read(record)
    base = history.version(session, record.id, began) if began in kept else now
    merged, clashes = merge(base, mine, now)
    changed = {name for name in content.Record.model_fields if _differs(name, merged, now)}
    own = base.model_copy(update={name: getattr(mine, name) for name in changed})
    return {
        "theirs": worded(diff(base, now), names),
        "mine": worded(diff(base, own), names),
        "clashes": clashes,
        "patch": merged.model_dump_json(include=changed, warnings=False),
    }


def _differs(name: str, one: content.Record, other: content.Record) -> bool:
    return bool(getattr(one, name) != getattr(other, name))


def overtaken_page(request: Request, error: records.OvertakenError, *, status: int) -> Response:
    """Answer whoever saved second with both texts, and with a way to save theirs on top."""
    library: Library = request.app.state.library
    names, person = Names(library.taxonomy, language_of(request)), person_of(request)
    with library.reading() as session:
        record = records.get(session, error.record_id)
        both = overtaken(session, record, error.mine, names, began=error.began)
        at_desk = permissions.may(session, person, Act.CURATE, record.id)
        return page(
            request,
            "history/overtaken.html",
            status=status,
            base="desk/base.html" if at_desk else "history/base.html",
            record=record,
            began=error.began,
            can_save=at_desk and len(both["patch"]) < MOST_BYTES // 3,  # escaped, a form is longer
            **both,
        )
