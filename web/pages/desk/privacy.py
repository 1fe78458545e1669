"""What in a record may name people, shown where it stands, and decided one after the other."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.orm import Session

from ingest.sandbox import Limits, Reader
from kb import content, findings, gate, originals, queue, records, users
from kb.errors import InvalidError, NotFoundError
from kb.models import Finding
from kb.permissions import Act
from kb.queue import Asked
from kb.vocabulary import Awaits, FindingState, IdentifierKind, Role
from kb.wording import marked
from web import filling
from web.deps import LibraryDep, PersonDep, ReadingDep, RecordId, WritingDep
from web.forms import LARGEST, FormDep
from web.render import page, shown_next
from web.rules import may, needs

router = APIRouter(
    prefix="/desk/records",
    include_in_schema=False,
    dependencies=[needs(Role.CURATOR), may(Act.CURATE)],
)

ALWAYS_SHOWN = re.compile(r"title|summary|sections\.\d+\.body")  # the others where needed
IN_TEXT = frozenset({FindingState.OPEN, FindingState.KEPT})

FindingId = Annotated[int | None, Query(ge=1, le=LARGEST)]


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of a text, and the finding that it is, if any."""

    text: str
    finding: Finding | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """The text of one field, cut where something was found."""

    field: str
    heading: str  # of the section, empty where it has none or is none
    pieces: tuple[Piece, ...]


@router.get("/{record_id}/privacy")
def privacy_page(
    request: Request,
    session: ReadingDep,
    person: PersonDep,
    *,
    record_id: RecordId,
    finding: FindingId = None,
) -> Response:
    """Show what was found, and ask about one of it."""
    record = records.get(session, record_id)
    found = findings.of(session, record_id)
    waiting = [one for one in found if one.state is FindingState.OPEN]
    focus = next((one for one in found if one.id == finding), None)
    focus = focus or next(iter(waiting or found), None)
    said = records.read(record)
    texts = gate.fields(record, said)
    same = [one for one in found if focus and _says_the_same(one, focus)]
    return page(
        request,
        "desk/privacy.html",
        part="desk/_privacy.html",
        record=record,
        found=found,
        waiting=waiting,
        focus=focus,
        called=users.called(session, [focus.decided_by] if focus else []),
        in_file=focus is not None and focus.field.startswith(gate.FILE),
        never_copied=gate.NEVER_COPIED,
        same=len(same),
        around=findings.surroundings(focus, texts) if focus else None,
        role=findings.role_for(focus, record.language) if focus else "",
        roles=findings.roles(record.language),
        previous=_beside(found, focus, -1),
        following=_beside(found, focus, 1),
        blocks=list(_blocks(texts, said, found, focus)),
        upcoming=queue.next_of(session, Asked(Awaits.PRIVACY), person, after=record_id),
    )


@router.get("/{record_id}/pictures/{finding_id}")
def picture(
    session: ReadingDep, library: LibraryDep, record_id: RecordId, finding_id: RecordId
) -> Response:
    """Send the picture that is asked about, drawn anew in the process that opens files."""
    record = records.get(session, record_id)
    asked = (one for one in findings.of(session, record_id) if one.id == finding_id)
    finding = next((one for one in asked if one.kind is IdentifierKind.FACE), None)
    sha256 = next((a.sha256 for a in record.attachments if a.original), None)
    if finding is None or sha256 is None:
        raise NotFoundError(
            marked("There is no such picture."), hint=marked("Open the original file.")
        )
    path = originals.find(library.settings.originals, sha256)
    limits = Limits(file_bytes=library.settings.max_file_mb * 2**20)
    with Reader(limits=limits, preload=False, at_once=1) as reader:
        drawn = reader.picture(path, finding.field.removeprefix(gate.FILE))
    return Response(drawn, media_type="image/png")


@router.post("/{record_id}/privacy")
def decide(
    request: Request,
    session: WritingDep,
    library: LibraryDep,
    person: PersonDep,
    form: FormDep,
    *,
    record_id: RecordId,
) -> Response:
    """Decide the finding, and go to the next one of the record that is open."""
    finding_id, state = form.number("finding"), form.choice("state", FindingState)
    replacement = form.text("role") if state is FindingState.REPLACED else ""
    if state is FindingState.REPLACED and not replacement:
        raise InvalidError(
            marked("No role was written."), hint=marked("Write one, such as “a mother”.")
        )
    findings.decide(
        session,
        record_id,
        [finding_id],
        state,
        version=form.number("version"),
        by=person.by,
        replacement=replacement,
        same=bool(form.text("same")),
    )
    following = _next(session, record_id, finding_id)
    session.commit()
    address = f"/desk/records/{record_id}/privacy"
    if following is None:  # what was taken out goes from the search, too
        filling.index(library, step=filling.quietly)
        return shown_next(request, address, part=True)
    return shown_next(request, f"{address}?finding={following}#finding", part=True)


def _next(session: Session, record_id: int, decided: int) -> int | None:
    """Return the next finding of the record that is open, if any.

    Another record never comes by itself: a key pressed once more would decide what nobody has read.
    """
    found = findings.of(session, record_id)
    ids = [one.id for one in found]
    start = ids.index(decided) + 1 if decided in ids else 0
    waiting = (one.id for one in found[start:] + found if one.state is FindingState.OPEN)
    return next(waiting, None)


def _beside(found: Sequence[Finding], focus: Finding | None, step: int) -> int | None:
    """Return the finding before or behind this one; round the end it goes on at the start."""
    if focus is None or len(found) < 2:  # noqa: PLR2004  one has nothing beside it
        return None
    return found[(found.index(focus) + step) % len(found)].id


def _says_the_same(one: Finding, other: Finding) -> bool:
    return (
        one.kind is other.kind
        and one.text == other.text
        and one.state is FindingState.OPEN
        and one.field.startswith(gate.FILE) == other.field.startswith(gate.FILE)
    )


def _blocks(
    texts: Mapping[str, str],
    said: content.Record,
    found: Sequence[Finding],
    focus: Finding | None,
) -> Iterator[Block]:
    by_field: dict[str, list[Finding]] = {}
    for finding in found:
        if finding.state in IN_TEXT:
            by_field.setdefault(finding.field, []).append(finding)
    for field, text in texts.items():
        if text.strip() and (ALWAYS_SHOWN.fullmatch(field) or field in by_field):
            pieces = _pieces(text, _apart(text, by_field.get(field, ()), focus))
            yield Block(field, _heading(field, said), tuple(pieces))


def _heading(field: str, said: content.Record) -> str:
    parts = field.split(".")
    is_body = parts[0] == "sections" and parts[-1] == "body"
    return said.sections[int(parts[1])].heading if is_body else ""


def _apart(text: str, found: Sequence[Finding], focus: Finding | None) -> Mapping[int, Finding]:
    """Return the findings to mark by where they start: of two that overlap the one in focus."""
    chosen: list[Finding] = []
    for finding in sorted(found, key=lambda one: one is not focus):
        free = all(finding.end <= one.start or one.end <= finding.start for one in chosen)
        if free and finding.text and text[finding.start : finding.end] == finding.text:
            chosen.append(finding)
    return {finding.start: finding for finding in sorted(chosen, key=lambda one: one.start)}


def _pieces(text: str, marks: Mapping[int, Finding]) -> Iterator[Piece]:
    at = 0
    for start, finding in marks.items():
        if start > at:
            yield Piece(text[at:start])
        yield Piece(finding.text, finding)
        at = finding.end
    if at < len(text):
        yield Piece(text[at:])
