"""My stories: those that are being told, those that were sent in, and a new one."""

from typing import Any, NamedTuple

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from ingest import story
from ingest.questions import kinds
from kb import copies, drafts, records, threads
from kb.errors import InvalidError
from kb.models import Record, StoryDraft
from kb.people import Person
from kb.vocabulary import Role, Status
from kb.wording import marked
from web import story as screens
from web.deps import LibraryDep, PersonDep, ReadingDep, RecordId, WritingDep
from web.forms import FormDep
from web.render import language_of, page, shown_next
from web.rules import needs
from web.uploads import MOST_FILE

router = APIRouter(prefix="/tell", dependencies=[needs(Role.CONTRIBUTOR)], include_in_schema=False)

# Which place a grant names, and the questions about it.
PLACE = {"country": "A02", "admin1": "A03", "admin2": "A04", "facility": "A05"}
CURATING = {Role.CURATOR, Role.PUBLISHER, Role.ADMIN}


class Mine(NamedTuple):
    """A story of this person, ready to print."""

    draft: StoryDraft
    title: str
    kind: str
    answered: int
    of: int
    goes_on: str  # name of the screen to go on at
    record: Record | None


@router.get("")
def my_stories(request: Request, session: ReadingDep, person: PersonDep) -> Response:
    """List the stories of this person, and offer to begin one."""
    return _page(request, session, person)


@router.post("")
def begin(request: Request, session: WritingDep, person: PersonDep, form: FormDep) -> Response:
    """Begin a story, and ask its first question."""
    kind = form.text("kind")
    if kind not in kinds():
        raise InvalidError(
            marked("Which story do you want to tell?"), hint=marked("Load the page, send again.")
        )
    path = screens.WHOLE if form.text("path") == screens.WHOLE else screens.QUICK
    language = screens.asked_in(language_of(request))
    draft = drafts.begin(session, person, kind=kind, language=language, path=path)
    draft.answers = place_of(person, kind)
    session.commit()
    return shown_next(request, f"/tell/{draft.id}/{screens.screens(draft)[0]}")


@router.post("/{draft_id}/delete")
def delete(
    request: Request,
    session: WritingDep,
    person: PersonDep,
    library: LibraryDep,
    draft_id: RecordId,
) -> Response:
    """Delete a story that was not sent in, and its photos."""
    draft = drafts.get(session, person, draft_id)
    had = [one["sha256"] for one in draft.photos]
    drafts.forget(session, draft)
    session.commit()
    copies.delete(session, had, folder=library.settings.copies)
    return shown_next(request, "/tell")


@router.post("/{draft_id}/path")
def choose_path(
    request: Request, session: WritingDep, person: PersonDep, draft_id: RecordId
) -> Response:
    """Ask all questions of a story that was begun with the quick ones, from the first open one."""
    draft = drafts.get(session, person, draft_id)
    drafts.choose_path(session, draft, screens.WHOLE)
    address = f"/tell/{draft.id}/{_goes_on(draft)}"
    session.commit()
    return shown_next(request, address)


def place_of(person: Person, kind: str) -> dict[str, Any]:
    """Return what is known of the place of whoever tells: what their role names."""
    grants = [grant for grant in person.grants if not grant.anywhere]
    if not grants:
        return {}
    asked = {one.code for one in kinds()[kind].about}
    first = max(grants, key=lambda grant: bool(grant.facility))
    found = {code: getattr(first, name) for name, code in PLACE.items()}
    return {code: words for code, words in found.items() if words and code in asked}


def _page(request: Request, session: Session, person: Person) -> Response:
    language = screens.asked_in(language_of(request))
    told = drafts.mine(session, person)
    rows = records.rows(session, [one.record_id for one in told if one.record_id])
    mine = [_mine(one, language, rows.get(one.record_id or 0)) for one in told]
    return page(
        request,
        "tell/mine.html",
        begun=[one for one in mine if one.record is None],
        asked=threads.sent_back_to(session, person),
        sent=[one for one in mine if one.record and one.record.status is not Status.RETURNED],
        kinds=_offered(person, language),
        most_mb=MOST_FILE >> 20,
    )


def _offered(person: Person, language: str) -> list[tuple[str, str, str, int, int]]:
    """Return the kinds of story to choose from, the likeliest first: name, title, whom, sizes."""
    roles = {grant.role for grant in person.grants}
    first = "district" if Role.COACH in roles else "facility"
    names = sorted(kinds(), key=lambda name: name != first)
    if not roles & CURATING:
        names = [name for name in names if name != "brief"]
    return [
        (
            name,
            kinds()[name].title[language],
            kinds()[name].whom[language],
            len(screens.questions(kinds()[name], screens.QUICK)),
            len(screens.questions(kinds()[name], screens.WHOLE)),
        )
        for name in names
    ]


def _mine(draft: StoryDraft, language: str, record: Record | None) -> Mine:
    kind = screens.kind_of(draft)
    asked = screens.questions(kind, draft.path)
    open_ = set(screens.unanswered(kind, draft.answers))
    return Mine(
        draft=draft,
        title=record.title if record else story.title_of(kind, draft.answers),
        kind=kind.title[language],
        answered=sum(one.code not in open_ for one in asked),
        of=len(asked),
        goes_on=_goes_on(draft),
        record=record,
    )


def _goes_on(draft: StoryDraft) -> str:
    """Return the first screen that nobody answered; the last one where all are."""
    open_ = set(screens.unanswered(screens.kind_of(draft), draft.answers))
    return next((name for name in screens.screens(draft) if name in open_), screens.REVIEW)
