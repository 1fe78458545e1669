"""The same change to many records: chosen by what they are, ticked, looked at, done as a batch."""

from enum import StrEnum
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from kb import bulk
from kb.bulk import MOST, Where
from kb.bulk_steps import ACTS, NEED_A_REASON, Do, Step
from kb.errors import InvalidError
from kb.people import Person
from kb.vocabulary import Level, RecordType, Role, Status, Visibility
from kb.wording import marked
from web import filling, following
from web.deps import LibraryDep, NamesDep, PersonDep, ReadingDep, WritingDep, chosen
from web.forms import Form, FormDep
from web.names import Names
from web.render import page, shown_next
from web.rules import needs

router = APIRouter(prefix="/desk/bulk", include_in_schema=False, dependencies=[needs(Role.CURATOR)])

E = TypeVar("E", bound=StrEnum)


class Asked(BaseModel):
    """Which records, and what is to become of them; a select that is left alone says nothing."""

    ids: list[str] = []
    words: str = ""
    status: str = ""
    concept: str = ""
    country: str = ""
    language: str = ""
    record_type: str = ""
    level: str = ""
    batch: str = ""
    do: str = ""
    value: str = ""
    why: str = ""

    def where(self) -> Where:
        """Return the conditions that can be; what names nothing is left out."""
        number = self.batch.strip()
        return Where(
            ids=tuple(chosen(self.ids)),
            words=self.words.strip(),
            status=_one_of(Status, self.status),
            concept=self.concept.strip(),
            country=self.country.strip(),
            language=self.language.strip(),
            record_type=_one_of(RecordType, self.record_type),
            level=_one_of(Level, self.level),
            batch=int(number) if number.isdecimal() and len(number) < len("2147483647") else None,
        )

    def ticked(self) -> tuple[int, ...]:
        """Return the records.

        Raises:
            InvalidError: there is none.
        """
        ids = self.where().ids
        if not ids:
            raise InvalidError(marked("No record is ticked."), hint=marked("Tick at least one."))
        return ids

    def step(self) -> Step:
        """Return the change.

        Raises:
            InvalidError: none is chosen, or it lacks its reason.
        """
        do = _one_of(Do, self.do)
        if do is None:
            raise InvalidError(marked("No change was chosen."), hint=marked("Choose one."))
        if do in NEED_A_REASON and not self.why.strip():
            raise InvalidError(
                marked("This change needs a reason."), hint=marked("Say why in a sentence.")
            )
        return Step(do, "" if do in ACTS else self.value.strip())


AskedDep = Annotated[Asked, Query()]


@router.get("")
def bulk_page(
    request: Request, session: ReadingDep, names: NamesDep, person: PersonDep, asked: AskedDep
) -> Response:
    """Let a curator choose records, and what is to become of them."""
    return _choosing(request, session, names, person, asked)


@router.get("/preview")
def preview_page(
    request: Request,
    session: ReadingDep,
    *,
    library: LibraryDep,
    names: NamesDep,
    person: PersonDep,
    asked: AskedDep,
) -> Response:
    """Show which of the ticked records would change and how, and which cannot and why."""
    try:
        step, two_people = asked.step(), library.settings.two_people
        plan = bulk.plan(session, asked.ticked(), [step], person, two_people=two_people)
    except InvalidError as error:  # what was chosen and typed is shown again
        return _choosing(request, session, names, person, asked, error=error)
    return page(
        request,
        "desk/bulk_preview.html",
        asked=asked,
        step=step,
        plan=plan,
        told={one.record_id: following.worded(one.differences, names) for one in plan.change},
        versions=" ".join(f"{number}:{version}" for number, version in plan.versions.items()),
    )


@router.post("")
def change(
    request: Request,
    session: WritingDep,
    *,
    library: LibraryDep,
    person: PersonDep,
    form: FormDep,
) -> Response:
    """Make the change to the records that were looked at, as one batch."""
    asked = Asked(do=form.text("do"), value=form.text("value"), why=form.text("why"))
    step, versions = asked.step(), _versions(form)
    if step.do is Do.PUBLISH:
        # What is searched must not lag behind: its older passages may still name people.
        filling.index(library, step=filling.quietly)
    batch = bulk.carry_out(
        session, versions, [step], person, why=asked.why, two_people=library.settings.two_people
    )
    session.commit()
    filling.index(library, step=filling.quietly)
    return shown_next(request, f"/desk/batches/{batch.id}" if batch else "/desk/batches")


def _choosing(
    request: Request,
    session: Session,
    names: Names,
    person: Person,
    asked: Asked,
    *,
    error: InvalidError | None = None,
) -> Response:
    where = asked.where()
    found = bulk.chosen(session, where, person, limit=MOST + 1) if where != Where() else []
    return page(
        request,
        "desk/bulk.html",
        status=422 if error else 200,
        asked=asked,
        error=error,
        looked=where != Where(),
        records=bulk.listed(session, found[:MOST]),
        more=len(found) > MOST,
        most=MOST,
        values=_values(names),
        **_filters(session, names, person),
    )


def _filters(session: Session, names: Names, person: Person) -> dict[str, Any]:
    """Return what the records can be chosen by, each with its label."""
    countries, languages = bulk.countries_and_languages(session, person)
    return {
        "statuses": [(one, names.facet("editorial_status", one)) for one in Status],
        "levels": [(one, names.facet("level", one)) for one in Level],
        "record_types": [(one, names.facet("record_type", one)) for one in RecordType],
        "countries": sorted(((c, names.country(c)) for c in countries), key=lambda one: one[1]),
        "languages": sorted(((t, names.tongue(t)) for t in languages), key=lambda one: one[1]),
        "concepts": _concepts(names),
    }


def _concepts(names: Names) -> list[tuple[str, str]]:
    terms = (term for term in names.taxonomy.terms.values() if not term.deprecated)
    labels = ((term.notation, names.concept(term.notation)) for term in terms)
    return sorted(labels, key=lambda one: one[1].casefold())


def _values(names: Names) -> list[tuple[str, str]]:
    """Return what may be typed as the value, beside the concepts."""
    closed = {"level": Level, "record_type": RecordType, "visibility": Visibility}
    return [(one, names.facet(facet, one)) for facet, kind in closed.items() for one in kind]


def _versions(form: Form) -> dict[int, int]:
    """Return the records that were looked at, and in which version.

    Raises:
        InvalidError: the field is not as the page wrote it.
    """
    try:
        pairs = (one.split(":") for one in form.text("versions").split())
        versions = {int(number): int(version) for number, version in pairs}
    except ValueError as error:
        raise InvalidError(
            marked("The form cannot be read."), hint=marked("Load the page, send again.")
        ) from error
    if not versions or len(versions) > MOST:
        raise InvalidError(marked("No record is ticked."), hint=marked("Tick at least one."))
    return versions


def _one_of(kind: type[E], value: str) -> E | None:
    return kind(value) if value in list(kind) else None
