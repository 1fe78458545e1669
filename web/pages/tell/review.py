"""The story as readers will see it, what is missing, what may name people; and sending it in."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from ingest import story
from ingest.draft import Proposer
from ingest.neighbours import Confirmed
from kb import consent, content, copies, drafts, identifiers, scores, sending
from kb.errors import ConflictError, InvalidError
from kb.models import Record, StoryDraft
from kb.people import Person
from kb.privacy import public
from kb.vocabulary import IdentifierKind, Naming, Role, Visibility
from kb.wording import marked
from web import story as screens
from web import telling
from web.catalogue import PublicRecord
from web.deps import LibraryDep, NamesDep, PersonDep, ReadingDep, RecordId, WritingDep
from web.errors import STATUS
from web.followed import followed
from web.library import Library
from web.names import Names
from web.pages.tell.questions import asked
from web.pages.tell.showing import on_behalf, place_line
from web.pages.tell.words import CIRCLES
from web.render import page, shown_next
from web.rules import needs

router = APIRouter(prefix="/tell", dependencies=[needs(Role.CONTRIBUTOR)], include_in_schema=False)

NO_TEXT = frozenset({"A02", "A03", "A04", "A05", "A10"})  # places, and who is to be thanked
AROUND = 40  # characters on either side of what may name somebody


class Named(NamedTuple):
    """Words that may name somebody, the words around them, and the screen to mend them at."""

    kind: IdentifierKind
    before: str
    text: str
    after: str
    screen: str


class Lacking(NamedTuple):
    """Something a reader would miss, and the screen that asks for it."""

    advice: str
    screen: str


@router.get("/{draft_id}/review")
def review_page(
    request: Request, session: ReadingDep, person: PersonDep, names: NamesDep, draft_id: RecordId
) -> Response:
    """Show the story as its readers will see it."""
    return _page(request, session, names, person, drafts.get(session, person, draft_id))


@router.post("/{draft_id}/submit")
def submit(
    request: Request,
    session: WritingDep,
    person: PersonDep,
    library: LibraryDep,
    names: NamesDep,
    *,
    draft_id: RecordId,
) -> Response:
    """Send the story in; its peers see it at once, not yet reviewed."""
    draft = drafts.get(session, person, draft_id)
    if needed(draft, person):
        error = InvalidError(
            marked("A few things are needed before you can send it."),
            hint=marked("They stand at the top of the page."),
        )
        return _page(request, session, names, person, draft, error=error)
    had = copies.offered(session, draft.record_id) if draft.record_id else []
    try:
        sent(session, library, draft, by=person.by)
    except (InvalidError, ConflictError) as error:
        session.rollback()
        draft = drafts.get(session, person, draft_id)
        return _page(request, session, names, person, draft, error=error)
    session.commit()
    copies.delete(session, had, folder=library.settings.copies)  # photos that were taken away
    return shown_next(request, f"/tell/{draft_id}/sent")


@router.get("/{draft_id}/sent")
def sent_page(
    request: Request, session: ReadingDep, person: PersonDep, draft_id: RecordId
) -> Response:
    """Say that the story arrived, who sees it now, and what happens next."""
    draft = drafts.get(session, person, draft_id)
    record = session.get(Record, draft.record_id) if draft.record_id else None
    held = bool(record) and bool(list(named(draft)))
    return page(request, "tell/sent.html", draft=draft, record=record, held=held)


def sent(session: Session, library: Library, draft: StoryDraft, *, by: str) -> Record:
    """Send a story in with the tags that its words suggest."""
    encode = library.encoder.encode if library.encoder else None
    confirmed = Confirmed.load(session, library.taxonomy)
    propose = Proposer(library.taxonomy, library.labels, encode, confirmed)
    folders = sending.Folders(library.settings.originals, library.settings.copies)
    before = _before(draft)
    return sending.send(
        session,
        draft,
        propose.completed(screens.told(draft)),
        _agreed(draft),
        before=propose.completed(before) if before else None,
        by=by,
        folders=folders,
    )


def needed(draft: StoryDraft, person: Person) -> list[Lacking]:
    """Return what sending it in needs, and the screen that asks for it."""
    kind, agreed = screens.kind_of(draft), draft.agreed
    told = screens.told(draft)
    place = told.places[0] if told.places else content.Place()
    first = screens.screens(draft)[0]
    behalf = draft.kind == "facility" and on_behalf(person, place)
    photos = any(one["faces"] is None for one in draft.photos)
    checks = (
        (not screens.answered(kind, draft.answers), marked("Answer at least one question."), first),
        (
            not draft.answers.get(story.TITLE),
            marked("Give it a title: what you changed, and for which problem."),
            screens.ABOUT,
        ),
        (photos, marked("Say of each photo whether it shows a face."), screens.PHOTO),
        (
            not (agreed.get("agreed") and agreed.get("by_role")),
            marked("Say who of the team agreed that this story is shown."),
            screens.SHOWING,
        ),
        (
            behalf and not agreed.get("facility_agreed"),
            marked("Ask the facility whether you may tell its story."),
            screens.SHOWING,
        ),
    )
    return [Lacking(advice, screen) for wanting, advice, screen in checks if wanting]


def named(draft: StoryDraft) -> Iterator[Named]:
    """Yield what may name people in the answers, with the screen to mend it at."""
    for code, words in draft.answers.items():
        place = story.place(code)
        if (
            place is None
            or not isinstance(words, str)
            or code in {"A02", "A03", "A04", "A05", "A10"}
        ):
            continue
        screen = screens.ABOUT if code.startswith("A") else place.code
        screen = f"{place.code}.{place.number}" if place.number else screen
        for one in identifiers.find(words, language=draft.language):
            yield Named(
                one.kind,
                words[max(0, one.start - AROUND) : one.start],
                one.text,
                words[one.end : one.end + AROUND],
                screen,
            )


def _before(draft: StoryDraft) -> content.Record | None:
    """Return what the story said when it was sent in the last time."""
    if draft.sent is None:
        return None
    earlier = StoryDraft(
        kind=draft.kind,
        language=draft.language,
        beside=draft.beside,
        answers=draft.sent["answers"],
        agreed=draft.sent["agreed"],
    )
    return screens.told(earlier)


def _agreed(draft: StoryDraft) -> consent.Agreed:
    said = draft.agreed
    return consent.Agreed(
        visibility=Visibility(said.get("visibility") or Visibility.DISTRICT),
        naming=Naming(said.get("naming") or Naming.TYPE_AND_DISTRICT),
        by_role=said.get("by_role", ""),
        photos=bool(said.get("photos")),
        translation=bool(said.get("translation")),
        ai_processing=bool(said.get("ai_processing")),
        patient_voice=bool(said.get("patient_voice")),
    )


def _page(
    request: Request,
    session: Session,
    names: Names,
    person: Person,
    draft: StoryDraft,
    *,
    error: Any = None,
) -> Response:
    kind, told = screens.kind_of(draft), screens.told(draft)
    completeness = scores.completeness(told)
    said = public(told)
    parts = telling.parts(said)
    whole = screens.questions(kind, screens.WHOLE)
    more = len(whole) - len(screens.questions(kind, draft.path))
    place = told.places[0] if told.places else content.Place()
    return page(
        request,
        "tell/review.html",
        status=next(STATUS[k] for k in type(error).__mro__ if k in STATUS) if error else 200,
        draft=draft,
        asked=asked(session, draft.record_id) if draft.record_id else None,
        typed={},
        error=error,
        needed=needed(draft, person),
        lacking=[
            Lacking(telling.ADVICE[thing], screens.mended_at(kind, thing))
            for thing in completeness.missing
        ],
        completeness=completeness,
        named=list(named(draft)),
        more=more,
        record=_as_readers_see(draft, told, said),
        said=said,
        measures=followed(said, names),
        parts=parts,
        blocks=telling.blocks(said, parts),
        logistics=telling.logistics(said),
        support=telling.support(said, parts),
        cost_text=telling.cost_text(said, parts),
        lead=telling.lead(said),
        where_shown=place_line(place, told.naming, names),
        circle=CIRCLES[told.visibility],
    )


def _as_readers_see(draft: StoryDraft, told: content.Record, said: content.Record) -> PublicRecord:
    strength = scores.record_strength(told)
    return PublicRecord(
        record_id=0,
        version=0,
        published=draft.updated,
        updated=draft.updated,
        said=said,
        strength=strength,
        band=scores.band(strength.total if strength else None),
        completeness=scores.completeness(told),
        team_only=scores.judged_by_team_only(told),
        original=None,
    )
