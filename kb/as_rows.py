"""A record as rows: what it says, written into them; a part that stays the same keeps its row."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import content, privacy, scores
from kb.errors import InvalidError
from kb.models import (
    ChangeIdea,
    Concept,
    Facet,
    IdeaConcept,
    Measure,
    Place,
    Point,
    Record,
    Section,
    SupportActivity,
    SupportReceived,
    SupportRequest,
    Tag,
)
from kb.wording import marked

P = TypeVar(
    "P", Section, ChangeIdea, Measure, Place, SupportActivity, SupportReceived, SupportRequest
)

# Fields of content.Record that are columns of the same name.
COLUMNS = tuple(
    name
    for name in content.Record.model_fields
    if name in Record.__table__.columns and name not in {"aim", "baseline", "cost", "evidence"}
)


def carry(session: Session, new: content.Record, record: Record) -> None:
    """Write every field of `new` into the row and its parts; unchanged parts keep their rows.

    Raises:
        InvalidError: the taxonomy has no such concept.
    """
    concepts = _concepts(session, notations(new))
    for name in COLUMNS:
        value = getattr(new, name)
        setattr(record, name, list(value) if isinstance(value, tuple) else value)
    record.aim = new.aim.model_dump() if new.aim else None
    record.baseline = new.baseline.model_dump() if new.baseline else None
    record.cost = new.cost.model_dump() if new.cost else None
    record.evidence = [said.model_dump() for said in new.evidence]
    with session.no_autoflush:
        _replace(record.sections, [Section(**_row(s)) for s in new.sections])
        _replace(record.places, [Place(**_row(p)) for p in new.places])
        _replace(
            record.support_activities, [SupportActivity(**_row(a)) for a in new.support_activities]
        )
        _replace(
            record.support_received, [SupportReceived(**_row(h)) for h in new.support_received]
        )
        _replace(record.support_requests, [SupportRequest(**_row(r)) for r in new.support_requests])
        _replace(record.change_ideas, [_idea(i, concepts) for i in new.change_ideas])
        _replace(record.measures, [_measure(m) for m in new.measures])
        _set_facets(record, new.facets)
        _set_tags(record, new.tags, concepts)
    seen = privacy.view(new)
    record.shown_naming = seen.shown_naming
    record.shown_title, record.shown_summary = seen.text(new.title), seen.text(new.summary)
    strength = scores.record_strength(new)
    record.strength = strength.total if strength else None
    record.strength_band = scores.band(record.strength)
    record.completeness = scores.completeness(new).total


def notations(new: content.Record) -> Iterable[str]:
    """Yield the concepts that a record names, by their notation."""
    yield from (tag.notation for tag in new.tags)
    for idea in new.change_ideas:
        yield from idea.interventions
    yield from (a.intervention for a in new.support_activities if a.intervention)


def _concepts(session: Session, named: Iterable[str]) -> dict[str, Concept]:
    wanted = set(named)
    rows = session.scalars(select(Concept).where(Concept.notation.in_(wanted)))
    found = {concept.notation: concept for concept in rows}
    unknown = sorted(wanted - found.keys())
    if unknown:
        raise InvalidError(
            marked("The taxonomy has no concept “%(concept)s”.", concept=", ".join(unknown)),
            hint=marked("Run `kb taxonomy list` to see the notations."),
        )
    return found


def _row(value: content.Value, *without: str) -> dict[str, Any]:
    return {name: getattr(value, name) for name in type(value).model_fields if name not in without}


def _replace(old: list[P], new: Sequence[P]) -> None:
    """Put `new` in the place of `old`; rows that say the same at the same place stay."""
    for position, part in enumerate(new):
        part.position = position
    same = 0
    while same < min(len(old), len(new)) and _says(old[same]) == _says(new[same]):
        same += 1
    old[same:] = new[same:]


def _says(part: object) -> dict[str, Any]:
    """Return what a part says, its own parts included, without keys and owners."""
    columns = [c.key for c in type(part).__table__.columns]  # type: ignore[attr-defined]
    said = {key: getattr(part, key) for key in columns if not key.endswith("id")}
    if isinstance(part, ChangeIdea):
        said["interventions"] = [link.concept for link in part.interventions]
    if isinstance(part, Measure):
        said["points"] = [_says(point) for point in part.points]
    return said


def _idea(value: content.ChangeIdea, concepts: Mapping[str, Concept]) -> ChangeIdea:
    links = [
        IdeaConcept(position=n, concept=concepts[notation])
        for n, notation in enumerate(dict.fromkeys(value.interventions))
    ]
    return ChangeIdea(**_row(value, "interventions"), interventions=links)


def _measure(value: content.Measure) -> Measure:
    points = [Point(position=n, **_row(point)) for n, point in enumerate(value.points)]
    return Measure(**_row(value, "points", "phases"), phases=list(value.phases), points=points)


def _set_facets(record: Record, facets: Iterable[content.Facet]) -> None:
    wanted = {(facet.name, facet.value) for facet in facets}
    record.facets[:] = [f for f in record.facets if (f.name, f.value) in wanted]
    missing = wanted - {(facet.name, facet.value) for facet in record.facets}
    record.facets.extend(Facet(name=name, value=value) for name, value in sorted(missing))


def _set_tags(record: Record, tags: Iterable[content.Tag], concepts: Mapping[str, Concept]) -> None:
    wanted = {tag.notation: tag for tag in tags}
    rows = {row.concept.notation: row for row in record.tags}
    record.tags[:] = [row for notation, row in rows.items() if notation in wanted]
    for notation, tag in wanted.items():
        row = rows.get(notation)
        if row is None:
            row = Tag(concept=concepts[notation])
            record.tags.append(row)
        for name, said in _row(tag, "notation").items():
            setattr(row, name, said)
