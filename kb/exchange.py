"""Records out of the library and into another: JSON Lines, one record a line, origin kept.

A line is an object: `maktaba` (version of the form), `library` (its name), `origin` (where the
record has its home: an address, or library and number), `files` (names and sha256 of originals,
which are not in the line) and `record`, the JSON of `kb.content.Record` as a reader may see it.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from kb import content, history, records, withdrawals
from kb.errors import InvalidError
from kb.models import BatchItem, Concept, Record
from kb.privacy import public
from kb.vocabulary import Became, SourceKind, Status, TagSource, TagStatus, Visibility

VERSION = 1
MOST_CHARS = 8_000_000  # of one line
MOST_FILES = 200  # beside one record
AT_ONCE = 100  # records in memory while they are written
MOST_ORIGIN = 2000  # characters
MOST_NAME = 200  # characters of the name of a library
# Escapes of what is no character, or of one that PostgreSQL keeps in no text.
_NO_TEXT = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_WIDTH = tuple(Visibility)  # narrowest first


@dataclass(frozen=True, slots=True)
class Incoming:
    """One record that comes from elsewhere, or the reason why it cannot."""

    name: str  # the line or row it stands in
    origin: str = ""
    record: content.Record | None = None
    doubts: tuple[str, ...] = ()
    error: str = ""
    withdrawn: bool = False  # its library has taken it back
    library: str = ""  # the name of its home; empty for a list
    via: str = ""  # of the library that passed it on
    files: tuple[dict[str, Any], ...] = ()  # what came beside it, as `kb.lending` tells


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of one record that came from elsewhere."""

    name: str
    became: Became
    record: Record | None = None
    before: int | None = None  # version of the record until then; None for a new one
    doubts: tuple[str, ...] = field(default=())
    reason: str = ""


def lines(
    session: Session,
    *,
    library: str,
    address: str = "",
    circle: Visibility = Visibility.PUBLIC,
    licence: str = "",
    beside: Callable[[Record], list[dict[str, Any]]] | None = None,
) -> Iterator[str]:
    """Yield every published, public record as a line of JSON, in order of their numbers.

    `address` is that of the library's pages, such as https://library.example; without one the
    origin is the library's name and the record's number. A record that has its home elsewhere
    keeps the name and the address of that. Records that everybody had and has no more are named,
    without their text, so that copies of them can be taken back.

    `circle` also lets those go that are published within it, which is for who may decide so.
    `licence` is the library's own: elsewhere no page says what a record without one is under.
    `beside` tells which files of a record go with it.
    """
    within = _WIDTH[_WIDTH.index(circle) :]
    shown = and_(Record.status == Status.PUBLISHED, Record.visibility.in_(within))
    told = select(Record).where(or_(shown, withdrawals.is_gone()))
    rows = told.order_by(Record.id).options(*records.WITH_PARTS)
    for row in session.scalars(rows.execution_options(yield_per=AT_ONCE)):
        said = public(records.read(row))
        home = origin_of(row.id, said, library=library, address=address)
        if not (said.licence or said.origin):
            said = said.model_copy(update={"licence": licence})
        head: dict[str, Any] = {"maktaba": VERSION, "library": row.library or library}
        if row.library:
            head["via"] = library
        head["origin"] = home
        if row.status is Status.PUBLISHED and row.visibility in within:
            head["record"] = said.model_dump(mode="json", exclude_defaults=True)
            if files := beside(row) if beside else []:
                head["files"] = files
        else:
            head["withdrawn"] = True
        yield json.dumps(head, ensure_ascii=False, separators=(",", ":"))


def origin_of(record_id: int, said: content.Record, *, library: str, address: str) -> str:
    """Return the origin of a record of which a reader sees `said`.

    Without what a reader may not see of it, because it names the place.
    """
    number = f"{address.rstrip('/')}/records/{record_id}" if address else f"{library}#{record_id}"
    return said.origin or number


def incoming(text: Iterable[str]) -> Iterator[Incoming]:
    """Yield the record of each line of an export; a line that is broken says why.

    Raises:
        InvalidError: a newer version of Maktaba wrote the lines.
    """
    for number, line in enumerate(text, start=1):
        if line.strip():
            yield _incoming(f"line {number}", line)


def bring(session: Session, one: Incoming, *, by: str) -> Brought:
    """Add the record as a draft, or bring an earlier import of it up to date.

    What somebody has edited here since is not overwritten: that is a doubt, and theirs to settle.
    Concepts that this library does not have are kept as keywords.
    """
    if one.record is None and not one.withdrawn:
        return Brought(one.name, Became.FAILED, reason=one.error)
    query = select(Record).where(Record.origin == one.origin).order_by(Record.id)
    here = session.scalar(query.options(*records.WITH_PARTS).limit(1))
    if one.withdrawn:
        told = ("Its library has withdrawn it; withdraw it here too.",) if here else ()
        return Brought(one.name, Became.KNOWN, here, doubts=told)
    assert one.record is not None
    new, strange = _with_known_concepts(session, one.record)
    doubts = [*one.doubts, *strange]
    if here is None:
        record = records.create(session, new, by=by, note=f"imported from {one.origin}")
        return Brought(one.name, Became.ADDED, record, doubts=tuple(doubts))
    return _again(session, one, here, new, doubts, by=by)


def _again(
    session: Session,
    one: Incoming,
    here: Record,
    new: content.Record,
    doubts: Sequence[str],
    *,
    by: str,
) -> Brought:
    imported = _imported(session, here)
    if imported == new:
        return Brought(one.name, Became.KNOWN, here, doubts=tuple(doubts))
    if here.version != _imported_version(session, here.id):
        changed = "It has changed at its source, and was edited here too: compare and decide."
        return Brought(one.name, Became.KNOWN, here, doubts=(*doubts, changed))
    before = here.version
    record = records.edit(
        session, here.id, new, version=before, by=by, note=f"imported again from {one.origin}"
    )
    return Brought(one.name, Became.CHANGED, record, before=before, doubts=tuple(doubts))


def _imported(session: Session, here: Record) -> content.Record | None:
    """Return what the last import said of the record, None where none did."""
    version = _imported_version(session, here.id)
    return history.version(session, here.id, version) if version else None


def _imported_version(session: Session, record_id: int) -> int | None:
    query = (
        select(BatchItem.after)
        .where(BatchItem.record_id == record_id, BatchItem.after.is_not(None))
        .order_by(BatchItem.id.desc())
    )
    return session.scalar(query.limit(1))


def _incoming(name: str, line: str) -> Incoming:
    said = object_of(line)
    if isinstance(said, str):
        return Incoming(name, error=said)
    if said["maktaba"] > VERSION:
        raise InvalidError(
            f"The export has form {said['maktaba']}; this version reads {VERSION}.",
            hint="Install the version of Maktaba that made it, or a newer one.",
        )
    origin, library = said["origin"], said.get("library") or ""
    told = Incoming(name, origin, library=library, via=said.get("via") or "", files=_files(said))
    if said.get("withdrawn"):
        return replace(told, withdrawn=True)
    try:
        record = content.Record.model_validate(said.get("record"))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "record"
        return replace(told, error=f"{where}: {first['msg']}.")
    return replace(told, record=_as_a_draft(record, origin, library))


def _files(said: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    files = said.get("files")
    if not isinstance(files, list):
        return ()
    return tuple(one for one in files[:MOST_FILES] if isinstance(one, dict))


def object_of(line: str) -> dict[str, Any] | str:
    """Return the object of a line of an export, or what is wrong with the line."""
    if len(line) > MOST_CHARS:
        return f"It is longer than {MOST_CHARS:,} characters."
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return "It is no JSON."
    if not isinstance(said, dict) or type(said.get("maktaba")) is not int:
        return "It is no record of Maktaba: “maktaba” is missing."
    return _wrong(said, line) or said


def _wrong(said: dict[str, Any], line: str) -> str:
    """Return what is wrong with what the line says of itself; empty for nothing."""
    if not said.get("origin"):
        return "It does not say where it comes from: no “origin”."
    for name, most in (("origin", MOST_ORIGIN), ("library", MOST_NAME), ("via", MOST_NAME)):
        value = said.get(name) or ""
        if not isinstance(value, str) or len(value) > most:
            return f"Its “{name}” is no text of at most {most} characters."
    if _NO_TEXT.search(line) and not all(map(_is_text, _strings(said))):
        return "It holds characters that are no text."
    return ""


def _strings(said: Any) -> Iterator[str]:
    """Yield all that stands in a JSON value as text, the names of its fields too."""
    if isinstance(said, str):
        yield said
    elif isinstance(said, (dict, list)):
        for one in said:
            yield from _strings(one)
        if isinstance(said, dict):
            for one in said.values():
                yield from _strings(one)


def _is_text(said: str) -> bool:
    return not re.search("[\x00\ud800-\udfff]", said)


def _as_a_draft(record: content.Record, origin: str, library: str) -> content.Record:
    """Another curator's tags come as suggestions, and nobody here has agreed to show it."""
    tags = tuple(
        content.Tag(
            notation=tag.notation,
            source=TagSource.AUTHOR,
            confidence=tag.confidence,
            evidence=tag.evidence,
            section=tag.section,
            status=TagStatus.SUGGESTED,
        )
        for tag in record.tags
    )
    return record.model_copy(
        update={
            "tags": tags,
            "origin": origin,
            "source_kind": SourceKind.HARVESTED,
            "source_citation": record.source_citation or library,
            "visibility": Visibility.TEAM,
            "review_due": None,
        }
    )


def _with_known_concepts(session: Session, new: content.Record) -> tuple[content.Record, list[str]]:
    """Return the record without the concepts that this library does not have, and their names."""
    named = {tag.notation for tag in new.tags}
    named |= {notation for idea in new.change_ideas for notation in idea.interventions}
    named |= {one.intervention for one in new.support_activities if one.intervention}
    known = set(session.scalars(select(Concept.notation).where(Concept.notation.in_(named))))
    strange = sorted(named - known)
    if not strange:
        return new, []
    ideas = tuple(
        idea.model_copy(
            update={"interventions": tuple(n for n in idea.interventions if n in known)}
        )
        for idea in new.change_ideas
    )
    support = tuple(
        one if one.intervention in known else one.model_copy(update={"intervention": None})
        for one in new.support_activities
    )
    kept = new.model_copy(
        update={
            "tags": tuple(tag for tag in new.tags if tag.notation in known),
            "change_ideas": ideas,
            "support_activities": support,
            "keywords": tuple(dict.fromkeys([*new.keywords, *strange])),
        }
    )
    return kept, [f"Not in this taxonomy, kept as keywords: {', '.join(strange)}."]
