"""A second reading: the same records, read blind by another curator, and how well the two agree."""

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response

from kb import agreement, records
from kb.errors import InvalidError
from kb.permissions import Act
from kb.vocabulary import Role, Scheme
from web.deps import LibraryDep, NamesDep, PersonDep, ReadingDep, RecordId, WritingDep
from web.forms import FormDep
from web.names import Names
from web.render import page, shown_next
from web.rules import may, needs

router = APIRouter(
    prefix="/desk/agreement", include_in_schema=False, dependencies=[needs(Role.CURATOR)]
)


@router.get("")
def agreement_page(
    request: Request, session: ReadingDep, library: LibraryDep, person: PersonDep
) -> Response:
    """Show how well readings agree, and the records that this person is asked to read."""
    to_read = agreement.to_read(session, person)
    used = {
        scheme: [t.notation for t in library.taxonomy.scheme(scheme) if not t.deprecated]
        for scheme in Scheme
    }
    return page(
        request,
        "desk/agreement.html",
        measured=agreement.measured(session, person, used),
        to_read=to_read,
        titles=records.titles(session, to_read),
        goal=agreement.GOAL,
        fewest=agreement.FEWEST,
    )


@router.get("/{record_id}", dependencies=[may(Act.CURATE)])
def reading_page(
    request: Request, session: ReadingDep, names: NamesDep, record_id: RecordId
) -> Response:
    """Show the text of a record, without what anybody said of it."""
    return _reading(request, names, records.read(records.get(session, record_id)), record_id)


@router.post("/{record_id}", dependencies=[may(Act.CURATE)])
def keep(
    *,
    request: Request,
    session: WritingDep,
    names: NamesDep,
    person: PersonDep,
    form: FormDep,
    record_id: RecordId,
) -> Response:
    """Keep what this person says that the record is about, and go to the next one."""
    chosen = form.fields.get("concept", [])
    try:
        agreement.keep(session, record_id, chosen, person)
    except InvalidError as error:
        session.rollback()
        said = records.read(records.get(session, record_id))
        return _reading(request, names, said, record_id, chosen=chosen, error=error)
    following = next(iter(agreement.to_read(session, person)), None)
    session.commit()
    return shown_next(request, f"/desk/agreement/{following or ''}".rstrip("/"))


def _reading(
    request: Request,
    names: Names,
    said: object,
    record_id: int,
    *,
    chosen: Sequence[str] = (),
    error: InvalidError | None = None,
) -> Response:
    return page(
        request,
        "desk/reading.html",
        status=422 if error else 200,
        record_id=record_id,
        said=said,
        concepts={scheme: _by_label(names, scheme) for scheme in Scheme},
        chosen=chosen,
        error=error,
    )


def _by_label(names: Names, scheme: Scheme) -> list[str]:
    used = (term.notation for term in names.taxonomy.scheme(scheme) if not term.deprecated)
    return sorted(used, key=lambda notation: names.concept(notation).casefold())
