"""One record as its curator sees it: the card with its passages, the tags, the text, publishing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count, groupby
from typing import Any, NamedTuple

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse
from sqlalchemy.orm import Session

from kb import consent, content, findings, likenesses, markup, originals, records
from kb.card import CardField, card, missing
from kb.errors import NotFoundError
from kb.models import Likeness, Record
from kb.permissions import Act
from kb.taxonomy import Term
from kb.vocabulary import LikenessState, Role, Scheme, Status, TagStatus
from kb.wording import marked
from web import filling
from web.deps import LibraryDep, NamesDep, PersonDep, ReadingDep, RecordId, WritingDep
from web.followed import followed
from web.forms import FormDep
from web.marking import Anchor, holds
from web.names import Names
from web.pages.records import FOR_SAVING
from web.render import page, shown_next
from web.rules import may, needs

router = APIRouter(
    prefix="/desk/records",
    include_in_schema=False,
    dependencies=[needs(Role.CURATOR), may(Act.CURATE)],
)


class Passage(NamedTuple):
    """Words of the text that something was read from, and where a link to them leads."""

    quote: str
    heading: str
    target: str  # id on the page; empty where the text no longer has the words


@dataclass(frozen=True, slots=True)
class Read:
    """A field of the card, ready to print."""

    name: str
    value: str  # empty where it is what the passages say
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Proposed:
    """A tag, ready to print."""

    tag: content.Tag
    scheme: str  # empty where the taxonomy no longer has it
    passage: Passage | None


class Marks:
    """The passages to mark in each section, gathered while what quotes them is laid out."""

    def __init__(self, said: content.Record) -> None:
        self.title = said.title
        self.sections = said.sections
        self.anchors: list[list[Anchor]] = [[] for _ in said.sections]
        self._numbers = count(1)

    def passage(self, quote: str, *, heading: str = "", section: int | None = None) -> Passage:
        """Return where `quote` stands, looking first where it was read."""
        at, plain = self._where(quote, section), markup.to_text(quote) or quote
        if at is None:
            in_title = holds(self.title, quote)
            return Passage(plain, "Title" if in_title else heading, "title" if in_title else "")
        known = (anchor.name for anchor in self.anchors[at] if anchor.quote == quote)
        name = next(known, None) or f"passage-{next(self._numbers)}"
        self.anchors[at].append(Anchor(name, quote))
        return Passage(plain, self.sections[at].heading or heading, name)

    def _where(self, quote: str, section: int | None) -> int | None:
        here = [section] if section is not None and 0 <= section < len(self.sections) else []
        order = [*here, *range(len(self.sections))]
        return next((at for at in order if holds(self.sections[at].body, quote)), None)

    def marked(self) -> Iterator[tuple[content.Section, list[Anchor]]]:
        """Yield the sections that have a text, with what to mark in each."""
        for section, anchors in zip(self.sections, self.anchors, strict=True):
            if section.body.strip():
                yield section, list(dict.fromkeys(anchors))


@router.get("/{record_id}")
def draft_page(
    request: Request, session: ReadingDep, library: LibraryDep, names: NamesDep, record_id: RecordId
) -> Response:
    """Show the record with all that its curator needs to judge it."""
    record = records.get(session, record_id)
    said = records.read(record)
    marks, terms = Marks(said), library.taxonomy.terms
    read = [_read(field, marks) for field in card(said)]
    by_status = {status: _proposed(said, status, marks, terms) for status in TagStatus}
    return page(
        request,
        "desk/draft.html",
        part="desk/_decide.html",
        record=record,
        said=said,
        file=next((a.file for a in record.attachments if a.original), None),
        fields=read,
        missing=missing(said),
        measures=followed(said, names),
        suggested=by_status[TagStatus.SUGGESTED],
        confirmed=by_status[TagStatus.CONFIRMED],
        rejected=by_status[TagStatus.REJECTED],
        concepts=_concepts(names, said),
        sections=list(marks.marked()),
        pairs=_open_pairs(session, record_id),
        **_readiness(session, record),
    )


@router.post("/{record_id}/tags")
def decide_tag(
    request: Request,
    session: WritingDep,
    person: PersonDep,
    form: FormDep,
    record_id: RecordId,
) -> Response:
    """Accept or reject one tag."""
    records.decide_tags(
        session,
        record_id,
        {form.text("concept"): form.choice("status", TagStatus)},
        version=form.number("version"),
        by=person.by,
    )
    session.commit()
    return shown_next(request, f"/desk/records/{record_id}", part=True)


@router.post("/{record_id}/publish")
def publish(
    request: Request,
    session: WritingDep,
    library: LibraryDep,
    person: PersonDep,
    record_id: RecordId,
) -> Response:
    """Show the record to every reader."""
    # What is searched must not lag behind: its older passages may still name people.
    filling.index(library, step=filling.quietly)
    records.publish(session, record_id, by=person.by)
    session.commit()
    filling.index(library, step=filling.quietly)
    return shown_next(request, f"/desk/records/{record_id}")


@router.post("/{record_id}/suggest")
def suggest_again(request: Request, library: LibraryDep, record_id: RecordId) -> Response:
    """Suggest its tags again, with what was decided on other records since."""
    filling.suggest_again(library, [record_id], step=filling.quietly)
    return shown_next(request, f"/desk/records/{record_id}")


@router.get("/{record_id}/original")
def original_file(session: ReadingDep, library: LibraryDep, record_id: RecordId) -> Response:
    """Send the file the record was made from, whoever it names."""
    record = records.get(session, record_id)
    file = next((a.file for a in record.attachments if a.original), None)
    if file is None:
        raise NotFoundError(
            marked("Record %(number)s was not made from a file.", number=record_id),
            hint=marked("Its text is all there is."),
        )
    return FileResponse(
        originals.find(library.settings.originals, file.sha256),
        filename=file.name,
        media_type=file.media_type,
        headers=FOR_SAVING,
    )


def _read(field: CardField, marks: Marks) -> Read:
    passages = [marks.passage(one.quote, section=one.section) for one in field.evidence]
    quoted = "\n\n".join(one.quote for one in field.evidence)
    return Read(field.name, "" if field.value == quoted else field.value, tuple(_joined(passages)))


def _joined(passages: Iterable[Passage]) -> Iterator[Passage]:
    """Yield passages that follow each other in one section as one; its link leads to the first."""
    for (_, there), group in groupby(passages, key=lambda one: (one.heading, bool(one.target))):
        some = list(group)
        if there:
            yield some[0]._replace(quote=" ".join(one.quote for one in some))
        else:
            yield from some


def _proposed(
    said: content.Record, status: TagStatus, marks: Marks, terms: Mapping[str, Term]
) -> list[Proposed]:
    tags = sorted(
        (tag for tag in said.tags if tag.status is status), key=lambda tag: -tag.confidence
    )
    return [
        Proposed(
            tag,
            terms[tag.notation].scheme if tag.notation in terms else "",
            marks.passage(tag.evidence, heading=tag.section) if tag.evidence else None,
        )
        for tag in tags
    ]


def _concepts(names: Names, said: content.Record) -> dict[Scheme, list[str]]:
    """Return the concepts that may be added, by their label."""
    taken = {tag.notation for tag in said.tags}
    return {
        scheme: sorted(
            (
                term.notation
                for term in names.taxonomy.scheme(scheme)
                if not term.deprecated and term.notation not in taken
            ),
            key=lambda notation: names.concept(notation).casefold(),
        )
        for scheme in Scheme
    }


def _open_pairs(session: Session, record_id: int) -> list[Likeness]:
    if not likenesses.open_counts(session, [record_id])[record_id]:
        return []
    pairs = likenesses.of(session, record_id)
    return [pair for pair in pairs if pair.state is LikenessState.OPEN]


def _readiness(session: Session, record: Record) -> dict[str, Any]:
    return {
        "version": record.version,
        "published": record.status is Status.PUBLISHED,
        "open_findings": findings.open_counts(session, [record.id])[record.id],
        "lacking": records.missing_to_publish(record),
        "unagreed": consent.lacking(record),
    }
