"""How the place is named, who may see the story, and who agreed to that."""

from typing import Any, NamedTuple

from fastapi import APIRouter, Request, Response

from kb import content, drafts
from kb.errors import ConflictError
from kb.models import StoryDraft
from kb.people import Person
from kb.privacy import shown_place
from kb.vocabulary import Naming, Role, Visibility
from web import story as screens
from web.deps import NamesDep, PersonDep, ReadingDep, RecordId, WritingDep
from web.errors import STATUS
from web.forms import Form, FormDep
from web.names import Names
from web.pages.tell.words import CIRCLES, MEANS, NAMINGS
from web.render import page, shown_next
from web.rules import needs

router = APIRouter(prefix="/tell", dependencies=[needs(Role.CONTRIBUTOR)], include_in_schema=False)

TEXTS = ("by_role", "contact", "offer", *screens.CONTEXT)
TICKS = (
    "agreed",
    "photos",
    "translation",
    "ai_processing",
    "patient_voice",
    "credit",
    "facility_agreed",
)


class Choice(NamedTuple):
    """A way to name the place, and exactly what readers then see."""

    value: Naming
    words: str
    shown: str  # empty: no place at all


@router.get("/{draft_id}/showing")
def showing_page(
    request: Request, session: ReadingDep, person: PersonDep, names: NamesDep, draft_id: RecordId
) -> Response:
    """Ask how far the team lets its story go."""
    draft = drafts.get(session, person, draft_id)
    return _page(request, names, person, draft, draft.agreed)


@router.post("/{draft_id}/showing")
def decide(
    request: Request,
    session: WritingDep,
    person: PersonDep,
    names: NamesDep,
    form: FormDep,
    *,
    draft_id: RecordId,
) -> Response:
    """Keep what was decided; only sending it in needs all of it."""
    draft = drafts.get(session, person, draft_id)
    said = _said(form)
    try:
        drafts.agree(session, draft, said, version=form.number("version"))
    except drafts.TwoPhonesError as error:
        session.rollback()
        draft = drafts.get(session, person, draft_id)
        return _page(request, names, person, draft, said, error=error)
    where = screens.progress(draft, screens.SHOWING)
    address = f"/tell/{draft.id}/{where.before if form.text('do') == 'back' else where.after}"
    session.commit()
    return shown_next(request, address, part=True)


def place_line(place: content.Place, naming: Naming, names: Names) -> str:
    """Return a place as readers see it under a naming; empty where no place is shown."""
    shown = shown_place(place, naming)
    kind = names.facet("facility_type", shown.facility_type) if shown.facility_type else ""
    country = names.country(shown.country) if shown.country else ""
    parts = (shown.facility or kind, shown.admin2, shown.admin1, country)
    return names.gettext(", ").join(str(part) for part in parts if part)


def on_behalf(person: Person, place: content.Place) -> bool:
    """Tell whether somebody tells the story of a facility that is not their own."""
    own = [grant for grant in person.grants if grant.facility]
    if any(grant.covers(place) for grant in own):
        return False
    return bool(place.facility) and (person.has(Role.COACH) or bool(own))


def _said(form: Form) -> dict[str, Any]:
    said: dict[str, Any] = {name: form.text(name) for name in TEXTS}
    said |= {name: form.text(name) == "yes" for name in TICKS}
    said["naming"] = form.choice("naming", Naming)
    said["visibility"] = form.choice("visibility", Visibility)
    return said


def _page(
    request: Request,
    names: Names,
    person: Person,
    draft: StoryDraft,
    agreed: dict[str, Any],
    *,
    error: drafts.TwoPhonesError | None = None,
) -> Response:
    told = screens.told(draft)
    place = told.places[0] if told.places else content.Place()
    facility = draft.kind == "facility"
    return page(
        request,
        "tell/showing.html",
        part="tell/_showing.html",
        status=STATUS[ConflictError] if error else 200,
        draft=draft,
        agreed=agreed,
        error=error,
        theirs=[],
        name=screens.SHOWING,
        facility=facility,
        naming=agreed.get("naming") or told.naming,
        visibility=agreed.get("visibility") or told.visibility,
        namings=[
            Choice(value, words, place_line(place, value, names))
            for value, words in NAMINGS.items()
        ],
        circles=CIRCLES,
        means=MEANS,
        on_behalf=facility and on_behalf(person, place),
        context=screens.CONTEXT if facility else {},
        progress=screens.progress(draft, screens.SHOWING),
    )
