"""What a record holds that may identify people, and whether it is decided. `records` asks here.

Findings are made anew whenever a record is created or edited, and before it is published.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import content, identifiers, texts
from kb.db import utcnow
from kb.hidden import Hidden
from kb.identifiers import Identifier
from kb.models import Finding, Record
from kb.vocabulary import FindingState, IdentifierKind

FILE = "file:"  # begins the field of a finding that stands in a file, beside its text
# What a file says of its author, and what was said or deleted beside its text, never goes into
# the copy for readers; a curator sees it, and has nothing to decide.
NEVER_COPIED = frozenset(
    {
        IdentifierKind.METADATA,
        IdentifierKind.COMMENT,
        IdentifierKind.TRACKED_CHANGE,
        IdentifierKind.COORDINATES,
    }
)
ALWAYS = "always left out"
WRITTEN_OUT = "taken out of the text"  # by whoever edited it
HIDDEN_LENGTH = 2000  # characters kept of what a file hides
# Texts: a record has some hundred, looked at when it is kept, edited, scanned and published.
MOST_REMEMBERED = 500


@dataclass(frozen=True, slots=True)
class _Seen:
    kind: IdentifierKind
    field: str
    start: int
    end: int
    text: str
    confidence: float


def look(
    session: Session, record: Record, said: content.Record, *, hidden: Sequence[Hidden] = ()
) -> list[Finding]:
    """Bring the record's findings up to date with what it says; return them all.

    Decisions stay. What was kept is kept wherever the record says it again; what was taken out
    and is back is open again; an open one that the text no longer holds goes, or counts as
    redacted where the record has a file that may hold it still. Findings in files stay, as files
    never change.
    """
    with session.no_autoflush:  # to flush is the caller's, who answers for a record that is stale
        known = of(session, record.id)
        seen = [*_seen(record, said), *(_in_file(one) for one in hidden)]
    kept = {(f.kind, f.text): f for f in known if f.state is FindingState.KEPT}
    waiting: dict[tuple[IdentifierKind, str, str], list[Finding]] = {}
    for finding in known:
        waiting.setdefault((finding.kind, finding.field, finding.text), []).append(finding)
    new = []
    for one in seen:
        same = waiting.get((one.kind, one.field, one.text))
        if same:
            _meet(same.pop(0), one)
        else:
            new.append(_found(record.id, one, kept.get((one.kind, one.text))))
    gone = _without_written_out(
        [f for some in waiting.values() for f in some if _is_stale(f)], record, said
    )
    for finding in gone:
        session.delete(finding)
    session.add_all(new)
    stale = set(gone)
    return _sorted([f for f in known if f not in stale] + new)


def look_again(
    session: Session, record: Record, before: content.Record, said: content.Record
) -> list[Finding]:
    """Bring the findings up to date after an edit; as `look`, but only where that can change them.

    They come of the texts, of their language, and of who is credited. Where an edit brings no text
    that was not looked at – it changes tags, the level, a date – they stay as they are, and follow
    a text that moved, as a passage does with its tag. What newer rules find is found when the
    record is published, or by a scan.
    """
    if _rules(before) != _rules(said):
        return look(session, record, said)
    with session.no_autoflush:  # as in `look`
        known = of(session, record.id)
        moved = _moved(fields(record, before), fields(record, said))
    if moved is None or any(f.field not in moved for f in known if _is_stale(f)):
        return look(session, record, said)
    for finding in known:
        finding.field = moved.get(finding.field, finding.field)
    return _sorted(known)


def _rules(said: content.Record) -> tuple[str, frozenset[str]]:
    """Return what decides, beside its words, whether a text names somebody."""
    return said.language, frozenset(said.authors if said.credit_wanted else ())


def _moved(were: Mapping[str, str], are: Mapping[str, str]) -> dict[str, str] | None:
    """Return where the text of each field stands now; None where a text is new.

    >>> _moved({"tags.0": "a", "tags.1": "b"}, {"tags.0": "b"})
    {'tags.1': 'tags.0'}
    >>> _moved({"title": "a"}, {"title": "b"}) is None
    True
    """
    moved = {name: name for name, text in were.items() if are.get(name) == text}
    left: dict[str, list[str]] = {}
    for name, text in were.items():
        if name not in moved:
            left.setdefault(text, []).append(name)
    for name, text in are.items():
        if name in moved:
            continue
        if not left.get(text):
            return None
        moved[left[text].pop(0)] = name
    return moved


def of(session: Session, record_id: int) -> list[Finding]:
    """Return the findings of the record, in the order of its fields and text."""
    return _sorted(session.scalars(select(Finding).filter_by(record_id=record_id)).all())


def open_kinds(findings: Iterable[Finding]) -> Counter[IdentifierKind]:
    """Return how many of the findings nobody has decided yet, by kind."""
    return Counter(f.kind for f in findings if f.state is FindingState.OPEN)


def _seen(record: Record, said: content.Record) -> list[_Seen]:
    by_field = fields(record, said)
    found = _found_in(by_field, said.language)
    names = {one.text for one in found if one.kind is IdentifierKind.PERSON}
    if names:  # whoever is named in one field may be called by half the name in another
        found = _found_in(by_field, said.language, names)
    credited = set(said.authors) if said.credit_wanted else set()
    found = [one for one in found if one.text not in credited]
    return found + list(_elsewhere(by_field, found))


def _found_in(
    by_field: Mapping[str, str], language: str, names: Collection[str] = ()
) -> list[_Seen]:
    return [
        _Seen(i.kind, field, i.start, i.end, i.text, i.confidence)
        for field, text in by_field.items()
        for i in _looked_through(text, language, frozenset(names))
    ]


@lru_cache(maxsize=MOST_REMEMBERED)
def _looked_through(text: str, language: str, names: frozenset[str]) -> Sequence[Identifier]:
    return tuple(identifiers.find(text, language=language, names=names))


def fields(record: Record, said: content.Record) -> dict[str, str]:
    """Return the texts that are looked through, by the name of their field."""
    return dict([*texts.texts(said), *_captions(record)])


def _captions(record: Record) -> Iterator[tuple[str, str]]:
    for attachment in record.attachments:
        for name in ("caption", "alt_text"):
            text = getattr(attachment, name)
            if text:
                yield f"attachments.{attachment.sha256[:12]}.{name}", text


def _elsewhere(by_field: Mapping[str, str], found: Sequence[_Seen]) -> Iterator[_Seen]:
    """Yield where another field repeats what was found in one: a quote out of its sentence."""
    taken: dict[str, list[tuple[int, int]]] = {}
    for one in found:
        taken.setdefault(one.field, []).append((one.start, one.end))
    texts_found = {one.text: one for one in found if one.kind is not IdentifierKind.RARE_EVENT}
    again = identifiers.occurrences(texts_found)
    for field, text in by_field.items():
        spans = taken.get(field, [])
        for start, end in again(text):
            if all(end <= left or right <= start for left, right in spans):
                kind = texts_found[text[start:end]].kind
                yield _Seen(kind, field, start, end, text[start:end], 0.8)


def _in_file(hidden: Hidden) -> _Seen:
    text = hidden.text[:HIDDEN_LENGTH]
    return _Seen(hidden.kind, f"{FILE}{hidden.where}", 0, 0, text, 1.0)


def _meet(finding: Finding, seen: _Seen) -> None:
    """Let a finding that is known stand where its text stands now."""
    finding.start, finding.end = seen.start, seen.end
    finding.confidence = seen.confidence
    in_file = finding.field.startswith(FILE)
    if not in_file and finding.state in {FindingState.REDACTED, FindingState.REPLACED}:
        _reopen(finding)  # it was taken out, and is back


def _reopen(finding: Finding) -> None:
    finding.state = FindingState.OPEN
    finding.replacement = finding.decided_by = ""
    finding.decided = None


def _found(record_id: int, seen: _Seen, kept: Finding | None) -> Finding:
    state, by, when = FindingState.OPEN, "", None
    if seen.field.startswith(FILE) and seen.kind in NEVER_COPIED:
        state, by, when = FindingState.REDACTED, ALWAYS, utcnow()
    elif kept:
        state, by, when = FindingState.KEPT, kept.decided_by, kept.decided
    return Finding(
        record_id=record_id,
        kind=seen.kind,
        field=seen.field,
        start=seen.start,
        end=seen.end,
        text=seen.text,
        confidence=seen.confidence,
        state=state,
        replacement="",
        decided_by=by,
        decided=when,
    )


def _is_stale(finding: Finding) -> bool:
    return finding.state is FindingState.OPEN and not finding.field.startswith(FILE)


def _without_written_out(
    stale: list[Finding], record: Record, said: content.Record
) -> list[Finding]:
    """Call redacted what somebody wrote out of the record by hand, and return the other ones.

    The file that the record was made from still holds it, and its copy for readers must not.
    """
    if not stale or not any(attachment.original for attachment in record.attachments):
        return stale
    standing = identifiers.occurrences({f.text for f in stale})
    left = {text[a:b] for text in fields(record, said).values() for a, b in standing(text)}
    written_out: dict[str, Finding] = {}
    for finding in stale:
        if finding.text not in left:
            written_out.setdefault(finding.text, finding)
    for finding in written_out.values():
        finding.state, finding.decided_by = FindingState.REDACTED, WRITTEN_OUT
        finding.decided = utcnow()
    return [f for f in stale if written_out.get(f.text) is not f]


def _sorted(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda f: (_order(f.field), f.start, f.id or 0))


def _order(field: str) -> tuple[int, list[tuple[int, str]]]:
    """Return the key by which fields are sorted as a reader meets them, files last."""
    if field.startswith(FILE):
        return len(_FIELDS) + 1, [(0, field)]
    first, *rest = field.split(".")
    place = _FIELDS.get(first, len(_FIELDS))
    return place, [(int(part), "") if part.isdigit() else (0, part) for part in rest]


_FIELDS = {name: n for n, name in enumerate(content.Record.model_fields)}
