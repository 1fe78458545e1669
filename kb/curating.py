"""What a curator decides about a record, field by field, before readers can find it.

A ruling says that a person looked at a field and accepted it, changed it or turned it down. It
holds only as long as the field says what it said then. Nothing here commits.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import content, countries, findings, records, tagging
from kb.db import utcnow
from kb.errors import ConflictError, InvalidError, NotFoundError
from kb.models import Record, Ruling
from kb.vocabulary import Decision, Level, Ruled, TagSource, TagStatus, Verdict
from kb.wording import marked

# Without these nobody finds a record by browsing, or knows what it is.
ESSENTIAL = ("title", "summary", "level", "places.0.country")
USEFUL = ("places.0.admin2", "places.0.facility", "verdict")
CHOICES: Mapping[str, tuple[str, ...]] = {
    "level": tuple(Level),
    "verdict": tuple(Verdict),
    "decision": tuple(Decision),
}
# What a field says when nothing is told; a field that is not here has to say something.
NOTHING: Mapping[str, str] = {
    "country": "",
    "admin2": "",
    "facility": "",
    "verdict": Verdict.NOT_REPORTED,
    "decision": Decision.PENDING,
}
LENGTHS: Mapping[str, int] = {
    "title": content.TITLE_LENGTH,
    "summary": content.SUMMARY_LENGTH,
    "admin2": 120,
    "facility": 160,
}
TAGS = "tags."
SENTENCE = re.compile(r"(?<=[.!?।؟])\s+|\n+")
TAG_STATUS = {Ruled.ACCEPTED: TagStatus.CONFIRMED, Ruled.REJECTED: TagStatus.REJECTED}


class Source(NamedTuple):
    """The words a field was read from; `section` is None where nobody noted which one."""

    quote: str
    section: int | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """A field to look at, what it says, from which words, and what was ruled about that."""

    name: str
    value: str
    source: Source
    ruled: Ruled | None
    by: str

    @property
    def kind(self) -> str:
        """The last part of the name: "country" of "places.0.country"."""
        return self.name.rpartition(".")[2]

    @property
    def essential(self) -> bool:
        """Whether a record is not findable without it."""
        return self.name in ESSENTIAL

    @property
    def may_be_empty(self) -> bool:
        """Whether it may be turned down."""
        return self.kind in NOTHING


def fields(session: Session, record: Record, said: content.Record) -> tuple[Field, ...]:
    """Return the fields to look at, those first without which nobody finds the record."""
    ruled = rulings(session, record.id)
    names = (*ESSENTIAL, *USEFUL, *_of_ideas(said))
    return tuple(_field(said, name, ruled.get(name)) for name in names)


def rulings(session: Session, record_id: int) -> dict[str, Ruling]:
    """Return the last ruling about each field that was not undone."""
    query = select(Ruling).where(Ruling.record_id == record_id, Ruling.undone.is_(None))
    return {ruling.field: ruling for ruling in session.scalars(query.order_by(Ruling.id))}


def unseen(fields: Iterable[Field]) -> list[str]:
    """Return the names of the essential fields that nobody ruled about."""
    return [field.name for field in fields if field.essential and field.ruled is None]


def called(names: Iterable[str]) -> tuple[str, ...]:
    """Return what a curator calls these essential fields."""
    words = {
        "title": marked("title"),
        "summary": marked("summary"),
        "level": marked("level"),
        "places.0.country": marked("its country"),
    }
    return tuple(words.get(name, name) for name in names)


def is_findable(session: Session, record_id: int) -> bool:
    """Tell whether all that finding it needs was decided, and nothing in it may name people.

    That is: a title, a summary, its level and its country (or that it has none) looked at by a
    person, at least one confirmed topic, a text, and no finding that is open.
    """
    record = records.get(session, record_id)
    said = records.read(record)
    return not (
        unseen(fields(session, record, said))
        or records.missing_to_publish(record)
        or findings.open_counts(session, [record_id])[record_id]
    )


def rule(
    session: Session,
    record_id: int,
    field: str,
    ruled: Ruled,
    *,
    value: str = "",
    version: int,
    by: str,
) -> Record:
    """Accept what a field says, change it to `value`, or turn it down.

    Raises:
        ConflictError: somebody else has saved another version since.
        InvalidError: the field cannot say that, or has to say something.
        NotFoundError: no such record, or it has no such field.
    """
    record = records.get(session, record_id)
    said = records.read(record)
    before = value_of(said, field)
    after = _after(field, ruled, before, value)
    if record.version != version:  # what was typed goes along, and is shown beside the newest
        mine = _with_value(said, field, after, by=by) if after != before else said
        raise records.OvertakenError(record, mine, began=version)
    if after != before:
        _write(session, record, said, field, after, by=by)
    session.add(
        Ruling(record_id=record_id, by=by, field=field, ruled=ruled, before=before, after=after)
    )
    session.flush()
    return record


def undo(session: Session, record_id: int, *, version: int, by: str) -> Ruling:
    """Take back the last ruling of this person about the record, and return it.

    Raises:
        ConflictError: somebody has changed the field since.
        NotFoundError: there is nothing to take back.
    """
    record = records.get(session, record_id)
    records.refuse_older(record, version)
    last = last_of(session, record_id, by=by)
    if last is None:
        raise NotFoundError(
            marked("There is nothing to undo."), hint=marked("You decided nothing about it yet.")
        )
    said = records.read(record)
    if value_of(said, last.field) != last.after:
        raise ConflictError(
            marked("Somebody has changed this field since."),
            hint=marked("Look at it, and change it by hand."),
        )
    if last.before != last.after:
        _write(session, record, said, last.field, last.before, by=by)
    last.undone = utcnow()
    session.flush()
    return last


def last_of(session: Session, record_id: int, *, by: str) -> Ruling | None:
    """Return the last ruling of this person about the record that was not undone."""
    query = (
        select(Ruling)
        .where(Ruling.record_id == record_id, Ruling.by == by, Ruling.undone.is_(None))
        .order_by(Ruling.id.desc())
        .limit(1)
    )
    return session.scalar(query)


def value_of(said: content.Record, field: str) -> str:
    """Return what the field says, as text.

    Raises:
        NotFoundError: the record has no such field.
    """
    match field.split("."):
        case ["title" | "summary" | "level" | "verdict" as name]:
            return str(getattr(said, name))
        case ["places", "0", "country" | "admin2" | "facility" as part]:
            return str(getattr(said.places[0], part)) if said.places else ""
        case ["change_ideas", number, "decision" | "verdict" as part] if _has_idea(said, number):
            return str(getattr(said.change_ideas[int(number)], part))
        case ["tags", notation]:
            return next((str(t.status) for t in said.tags if t.notation == notation), "")
    raise NotFoundError(
        marked("There is no field “%(field)s”.", field=field),
        hint=marked("Load the page to see its fields."),
    )


def source_of(said: content.Record, field: str) -> Source:
    """Return the words of the text that the field was read from; empty where there are none."""
    noted = [one for one in said.evidence if one.field == field]
    if noted:
        return Source(noted[0].quote, noted[0].section)
    if field in {"title", "summary"}:
        return Source(value_of(said, field))
    if field.startswith("change_ideas."):
        text = field.rpartition(".")[0] + ".text"
        told = (one for one in said.evidence if one.field == text)
        return next((Source(one.quote, one.section) for one in told), Source(""))
    if field == "verdict":
        return Source(said.verdict_reason)
    return _place_source(said, field)


def _place_source(said: content.Record, field: str) -> Source:
    """Return the first sentence that names the place, or the country by any name it has."""
    place = said.places[0] if said.places else content.Place()
    wanted = {
        "places.0.country": (*_names_of(place.country), place.admin1, place.admin2),
        "places.0.admin2": (place.admin2, place.admin1),
        "level": _of_level(said.level, place),
    }.get(field, (place.facility,))
    for word in filter(None, wanted):
        for number, section in enumerate(said.sections):
            for sentence in SENTENCE.split(section.body):
                if word in sentence:
                    return Source(sentence.strip(), number)
    return Source("")


def _of_level(level: Level, place: content.Place) -> tuple[str, ...]:
    """Return the names that say of a text that it is from this level."""
    named = {
        Level.FACILITY: place.facility,
        Level.DISTRICT: place.admin2,
        Level.REGION: place.admin1,
    }
    return (named.get(level, ""),)


def _names_of(country: str) -> list[str]:
    known = (countries.names(), countries.other_names(), countries.people())
    return [name for names in known for name, code in names.items() if country and code == country]


def _of_ideas(said: content.Record) -> Sequence[str]:
    return [
        f"change_ideas.{number}.{part}"
        for number in range(len(said.change_ideas))
        for part in ("decision", "verdict")
    ]


def _has_idea(said: content.Record, number: str) -> bool:
    return number.isdecimal() and int(number) < len(said.change_ideas)


def _field(said: content.Record, name: str, ruling: Ruling | None) -> Field:
    value = value_of(said, name)
    holds = ruling if ruling and ruling.after == value else None
    return Field(
        name,
        value,
        source_of(said, name),
        holds.ruled if holds else None,
        holds.by if holds else "",
    )


def _after(field: str, ruled: Ruled, before: str, value: str) -> str:
    """Return what the field says after the ruling."""
    kind = field.rpartition(".")[2]
    if field.startswith(TAGS):
        if ruled is Ruled.CHANGED:
            raise InvalidError(
                marked("A tag is accepted or rejected."), hint=marked("Add another one instead.")
            )
        return TAG_STATUS[ruled]
    if ruled is Ruled.CHANGED:
        return _checked(kind, value)
    if ruled is Ruled.ACCEPTED:
        return _checked(kind, before)
    if kind not in NOTHING:
        raise InvalidError(
            marked("This field has to say something."), hint=marked("Change it instead.")
        )
    return NOTHING[kind]


def _checked(kind: str, value: str) -> str:
    said = " ".join(value.split()) if kind != "summary" else value.strip()
    if not said and kind not in NOTHING:
        raise InvalidError(
            marked("This field has to say something."), hint=marked("Write it, and save again.")
        )
    if kind in CHOICES and said not in CHOICES[kind]:
        raise InvalidError(
            marked("“%(value)s” is none of the values.", value=said),
            hint=marked("Choose one of the list."),
        )
    if kind == "country" and said and said not in countries.codes():
        raise InvalidError(
            marked("“%(value)s” is no country.", value=said), hint=marked("Choose one of the list.")
        )
    longest = LENGTHS.get(kind)
    if longest and len(said) > longest:
        raise InvalidError(
            marked(
                "It has %(characters)s characters; %(most)s is the most.",
                characters=len(said),
                most=longest,
            ),
            hint=marked("Say it with fewer words."),
        )
    return said


def _write(
    session: Session, record: Record, said: content.Record, field: str, value: str, *, by: str
) -> None:
    new = _with_value(said, field, value, by=by)
    try:
        checked = content.Record.model_validate(new.model_dump(warnings=False))
    except ValidationError as error:
        raise InvalidError(
            marked("“%(value)s” cannot stand there.", value=value), hint=marked("Change it.")
        ) from error
    note = "tags decided" if field.startswith(TAGS) else "field decided"
    records.edit(session, record.id, checked, version=record.version, by=by, note=note)


def _with_value(said: content.Record, field: str, value: str, *, by: str) -> content.Record:
    """Return the record with the field saying `value`."""
    match field.split("."):
        case ["places", _, part]:
            first, *others = said.places or (content.Place(),)
            changed = first.model_copy(update={part: value})
            return said.model_copy(update={"places": (changed, *others)})
        case ["change_ideas", number, part]:
            ideas = list(said.change_ideas)
            ideas[int(number)] = ideas[int(number)].model_copy(update={part: value})
            return said.model_copy(update={"change_ideas": tuple(ideas)})
        case ["tags", notation]:
            return said.model_copy(update={"tags": _tags(said, notation, value, by=by)})
    return said.model_copy(update={field: value})


def _tags(said: content.Record, notation: str, status: str, *, by: str) -> tuple[content.Tag, ...]:
    """Return the tags with one decided, added, or (without a status) taken away."""
    if not status:
        return tuple(tag for tag in said.tags if tag.notation != notation)
    known = {tag.notation for tag in said.tags}
    new = content.Tag(notation=notation, source=TagSource.CURATOR)
    tags = said.tags if notation in known else (*said.tags, new)
    return tuple(
        tagging.decided(tag, TagStatus(status), by=by) if tag.notation == notation else tag
        for tag in tags
    )
