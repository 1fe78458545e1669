"""Write a letter of the library: choose stories, say a few words, look at it, send it."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse
from sqlalchemy.orm import Session

from kb import newsletters
from kb.db import utcnow
from kb.errors import ConflictError, InvalidError, KBError
from kb.vocabulary import Role
from web import mail, newsletter
from web.catalogue import public_records
from web.deps import LARGEST, LibraryDep, NamesDep, PersonDep, ReadingDep, RecordId, WritingDep
from web.forms import Form, FormDep
from web.library import Library
from web.names import Names
from web.render import page, shown_next
from web.rules import needs

router = APIRouter(
    prefix="/desk/letters", include_in_schema=False, dependencies=[needs(Role.CURATOR)]
)

# A mail is a page that says its own colours; it is shown alone, and may do nothing else.
AS_MAIL = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
DIGITS = 10
STATUS = {ConflictError: 409, InvalidError: 422}


@router.get("")
def letters_page(request: Request, session: ReadingDep) -> Response:
    """Show what is new since the last letter, the letters that wait, and those that went out."""
    return _desk(request, session)


@router.post("")
def write(
    request: Request, session: WritingDep, library: LibraryDep, person: PersonDep, form: FormDep
) -> Response:
    """Keep a letter, a new one or one that waits."""
    said = form.text("letter")
    try:
        letter = newsletters.write(
            session,
            form.number("letter") if said else None,
            title=form.text("title"),
            words=form.text("words"),
            language=_language(library, form),
            record_ids=_chosen(form),
            by=person.by,
        )
    except (ConflictError, InvalidError) as error:
        session.rollback()
        return _desk(request, session, typed=form, error=error)
    session.commit()
    return shown_next(request, f"/desk/letters/{letter.id}")


@router.get("/{letter_id}")
def letter_page(
    request: Request, session: ReadingDep, library: LibraryDep, names: NamesDep, letter_id: RecordId
) -> Response:
    """Show a letter as it will go out, and offer to send it."""
    letter = newsletters.get(session, letter_id, sent=False)
    said = _written(session, library, names, letter_id)
    return page(
        request,
        "desk/letter.html",
        letter=letter,
        said=said,
        text=newsletter.as_text(said, ""),
        readers=len(newsletters.readers(session)),
        mails=mail.is_set_up(library.settings),
    )


@router.get("/{letter_id}/mail.{form}")
def as_mail(
    session: ReadingDep, library: LibraryDep, names: NamesDep, letter_id: RecordId, form: str
) -> Response:
    """Show the letter as mail programs do, or as the text for those that show no pages."""
    said = _written(session, library, names, letter_id)
    if form == "txt":
        return PlainTextResponse(newsletter.as_text(said, ""))
    return HTMLResponse(newsletter.as_html(said, ""), headers={"Content-Security-Policy": AS_MAIL})


@router.post("/{letter_id}/send")
def send(request: Request, session: WritingDep, letter_id: RecordId) -> Response:
    """Send a letter, once."""
    newsletters.send(session, letter_id, utcnow())
    session.commit()
    return shown_next(request, f"/desk/letters/{letter_id}")


def _desk(
    request: Request,
    session: Session,
    *,
    typed: Form | None = None,
    error: KBError | None = None,
) -> Response:
    proposed = newsletters.proposed(session, utcnow())
    more = _chosen(typed) if typed else []
    titles = {one.record_id: (one.title, one.language) for one in proposed}
    others = public_records(session, [number for number in more if number not in titles])
    titles |= {number: (one.said.title, one.said.language) for number, one in others.items()}
    return page(
        request,
        "desk/letters.html",
        status=STATUS.get(type(error), 200) if error else 200,
        titles=titles,
        chosen=set(more) if typed else set(titles),
        waiting=newsletters.waiting(session),
        sent=newsletters.sent(session),
        typed=typed,
        error=error,
        longest=newsletters.TITLE_LENGTH,
        words_length=newsletters.WORDS_LENGTH,
    )


def _written(
    session: Session, library: Library, names: Names, letter_id: int
) -> newsletter.Written:
    letter = newsletters.get(session, letter_id, sent=False)
    parts = [("", newsletter.shown(session, letter))]
    return newsletter.written(letter, parts, library, names, library.settings.address)


def _language(library: Library, form: Form) -> str:
    said = form.text("language")
    return said if said in library.site.languages else library.site.languages[0]


def _chosen(form: Form) -> list[int]:
    """Return the stories that were ticked, and those whose numbers were typed."""
    typed = form.text("more").replace(",", " ").split()
    said = [*form.fields.get("ids", []), *typed]
    numbers = [int(one) for one in said if one.isascii() and one.isdigit() and len(one) <= DIGITS]
    return [number for number in numbers if 0 < number <= LARGEST]
