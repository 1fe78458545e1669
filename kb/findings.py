"""What in a record may identify people, and what a curator decides about each. Nothing commits."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb import copies, gate, history, identifiers, records, stand_ins, texts
from kb.db import utcnow
from kb.errors import ConflictError, InvalidError, NotFoundError
from kb.gate import FILE, of
from kb.hidden import Hidden
from kb.models import Finding, Record
from kb.vocabulary import FindingState, Status
from kb.wording import marked

__all__ = [
    "Hidden",
    "InContext",
    "decide",
    "in_context",
    "of",
    "open_counts",
    "role_for",
    "roles",
    "scan",
    "surroundings",
    "waiting",
]


class InContext(NamedTuple):
    """A finding and the text around it."""

    finding: Finding
    before: str
    after: str


TAKEN_OUT = frozenset({FindingState.REDACTED, FindingState.REPLACED})


def scan(session: Session, record_id: int, *, hidden: Sequence[Hidden] = ()) -> list[Finding]:
    """Look through the record and what its files hide; return all its findings, decided ones too.

    Nothing happens to the record. To look again changes nothing, and no decision is lost.

    Raises:
        NotFoundError: no such record.
    """
    record = records.get(session, record_id)
    findings = gate.look(session, record, records.read(record), hidden=hidden)
    session.flush()
    return findings


def open_counts(session: Session, record_ids: Collection[int]) -> dict[int, int]:
    """Return how many findings each of the records has that nobody decided; none is left out."""
    rows = session.execute(
        select(Finding.record_id, func.count())
        .where(Finding.record_id.in_(record_ids), Finding.state == FindingState.OPEN)
        .group_by(Finding.record_id)
    )
    counted = {record_id: count for record_id, count in rows}  # noqa: C416  rows are no pairs
    return {record_id: counted.get(record_id, 0) for record_id in record_ids}


def waiting(session: Session) -> Sequence[tuple[Record, int]]:
    """Return the records with findings that nobody decided, and how many, those with most first.

    Withdrawn and retired ones are left out.
    """
    counted = (
        select(Finding.record_id, func.count().label("number"))
        .where(Finding.state == FindingState.OPEN)
        .group_by(Finding.record_id)
        .subquery()
    )
    rows = session.execute(
        select(Record, counted.c.number)
        .join(counted, counted.c.record_id == Record.id)
        .where(Record.status.not_in((Status.WITHDRAWN, Status.RETIRED)))
        .order_by(counted.c.number.desc(), Record.id)
    )
    return [(record, number) for record, number in rows]


def in_context(session: Session, record_id: int, *, around: int = 80) -> list[InContext]:
    """Return the findings of the record with what stands before and after each.

    Both are empty for what is in a file, and for what is no longer in the text.
    """
    record = records.get(session, record_id)
    by_field = gate.fields(record, records.read(record))
    return [surroundings(one, by_field, around=around) for one in of(session, record_id)]


def surroundings(finding: Finding, by_field: Mapping[str, str], *, around: int = 80) -> InContext:
    """Return the finding with what stands before and after it in the text of its field."""
    text, start, end = by_field.get(finding.field, ""), finding.start, finding.end
    stands = not finding.field.startswith(FILE) and text[start:end] == finding.text
    before = text[max(0, start - around) : start] if stands else ""
    return InContext(finding, before, text[end : end + around] if stands else "")


def decide(
    session: Session,
    record_id: int,
    finding_ids: Iterable[int],
    state: FindingState,
    *,
    version: int,
    by: str,
    replacement: str = "",
    same: bool = False,
) -> Record:
    """Decide the findings; what is redacted or replaced goes from every text of the record.

    A name taken out of one sentence and left in another is not taken out, so redacting and
    replacing decide all findings of the same text; keeping does so when `same`. What stands in
    place is `replacement`, or else a mark (redacted) or a role (replaced) in the record's language.
    The text of a file is never changed: redacted means left out of the copy for readers.
    OPEN takes back a decision to keep.

    Raises:
        NotFoundError: no such record, or it has no such finding.
        ConflictError: the record is not at `version` any more.
        InvalidError: what was taken out is to be opened again, or stands in its own replacement.
    """
    record = records.get(session, record_id)
    if record.version != version:
        raise ConflictError(
            marked(
                "“%(title)s” was changed since you looked: you began with version %(began)s, "
                "it is now version %(now)s.",
                title=record.title,
                began=version,
                now=record.version,
            ),
            hint=marked("Look at its findings again, then decide."),
        )
    known = of(session, record_id)
    asked = _asked(known, finding_ids, record)
    if state is FindingState.OPEN:
        _refuse_to_open(asked)
    if same or state in TAKEN_OUT:
        meant = {(f.kind, f.text, f.field.startswith(FILE)) for f in asked}
        asked = [f for f in known if (f.kind, f.text, f.field.startswith(FILE)) in meant]
    for finding in asked:
        finding.state = state
        finding.replacement = _stand_in(finding, state, replacement, record.language)
        finding.decided_by = "" if state is FindingState.OPEN else by
        finding.decided = None if state is FindingState.OPEN else utcnow()
    words = {
        f.text: f.replacement for f in asked if state in TAKEN_OUT and not f.field.startswith(FILE)
    }
    copies.forget(session, record_id)
    history.happened(session, f"findings {state}", by=by, record=record, findings=_ids(asked))
    if words:
        return _take_out(session, record, words, by=by, note=f"findings {state}")
    records.hold_where_open(session, record, by=by)
    session.flush()
    return record


def role_for(finding: Finding, language: str) -> str:
    """Return what a curator is offered to write instead, such as “a mother”."""
    return stand_ins.role(finding.kind, finding.text, language)


def roles(language: str) -> tuple[str, ...]:
    """Return all roles a curator can choose from in the language."""
    return stand_ins.roles(language)


def _asked(known: Iterable[Finding], ids: Iterable[int], record: Record) -> list[Finding]:
    by_id = {finding.id: finding for finding in known}
    wanted = list(dict.fromkeys(ids))
    strange = [str(one) for one in wanted if one not in by_id]
    if strange:
        raise NotFoundError(
            marked(
                "“%(title)s” has no finding %(numbers)s.",
                title=record.title,
                numbers=", ".join(strange),
            ),
            hint=marked("Load the page to see what it has."),
        )
    return [by_id[one] for one in wanted]


def _refuse_to_open(asked: Iterable[Finding]) -> None:
    if any(f.state in TAKEN_OUT and not f.field.startswith(FILE) for f in asked):
        raise InvalidError(
            marked("What was taken out of the text cannot be opened again."),
            hint=marked("Restore the version that still had it; it is then looked through anew."),
        )


def _stand_in(finding: Finding, state: FindingState, replacement: str, language: str) -> str:
    if state not in TAKEN_OUT or finding.field.startswith(FILE):
        return ""
    chosen = replacement.strip() or (
        stand_ins.mark(finding.kind, language)
        if state is FindingState.REDACTED
        else role_for(finding, language)
    )
    if any(True for _ in identifiers.occurrences([finding.text])(chosen)):
        raise InvalidError(
            marked("“%(words)s” still says “%(name)s”.", words=chosen, name=finding.text),
            hint=marked("Write a role, such as “a mother”."),
        )
    return chosen


def _take_out(
    session: Session, record: Record, words: dict[str, str], *, by: str, note: str
) -> Record:
    change = _replacing(words)
    for attachment in record.attachments:
        attachment.caption = change(attachment.caption)
        attachment.alt_text = change(attachment.alt_text)
    new = texts.reworded(records.read(record), change)
    return records.edit(session, record.id, new, version=record.version, by=by, note=note)


def _replacing(words: dict[str, str]) -> Callable[[str], str]:
    standing_in = identifiers.occurrences(words)

    def change(text: str) -> str:
        parts, at = [], 0
        for start, end in standing_in(text):
            parts += [text[at:start], words[text[start:end]]]
            at = end
        return "".join([*parts, text[at:]])

    return change


def _ids(findings: Iterable[Finding]) -> str:
    return ", ".join(str(finding.id) for finding in findings)
