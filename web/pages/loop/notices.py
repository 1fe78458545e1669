"""What the reader is told: the page, how to be told, private feeds, and the end of mails."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from kb import follows, notices
from kb.db import utcnow
from kb.errors import ForbiddenError
from kb.models import User
from kb.people import Person
from kb.vocabulary import DigestEvery
from kb.wording import marked
from web import feeds, mail, telling_people
from web.deps import LibraryDep, NamesDep, PersonDep, ReadingDep, WritingDep
from web.feeds import Entry
from web.forms import FormDep
from web.library import Library
from web.names import Names
from web.render import address, page, shown_next
from web.rules import OPEN, SIGNED_IN

router = APIRouter(include_in_schema=False)
RECENT = timedelta(days=30)  # of what is new, on its page and in its feed
NO_ACCOUNT = "people/no_account.html"  # for whoever sits at the computer of the library
UNKEPT = {"Cache-Control": "no-store"}
# Whoever has the address of a feed may read it: no cache and no other site gets to know it.
SECRET = {**UNKEPT, "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}


@router.get("/notices", dependencies=[SIGNED_IN])
def notices_page(
    request: Request, session: ReadingDep, library: LibraryDep, names: NamesDep, person: PersonDep
) -> Response:
    """List what the reader was told, and how they are told."""
    if person.at_this_computer:
        return page(request, NO_ACCOUNT, title=names.gettext("Notices"))
    return _page(request, session, library, names, person)


@router.post("/notices/seen", dependencies=[SIGNED_IN])
def seen(request: Request, session: WritingDep, person: PersonDep, form: FormDep) -> Response:
    """Take all notices that stood on the page as seen."""
    notices.see(session, account(person), upto=form.number("upto"))
    session.commit()
    return shown_next(request, "/notices")


@router.post("/notices/choices", dependencies=[SIGNED_IN])
def choose(request: Request, session: WritingDep, person: PersonDep, form: FormDep) -> Response:
    """Keep how the reader wants to be told."""
    digest = form.choice("digest", DigestEvery)
    notices.choose(session, account(person), by_mail=bool(form.text("by_mail")), digest=digest)
    session.commit()
    return shown_next(request, "/notices#choices")


@router.post("/notices/feeds", dependencies=[SIGNED_IN])
def renew_feeds(
    request: Request,
    session: WritingDep,
    library: LibraryDep,
    names: NamesDep,
    person: PersonDep,
    *,
    form: FormDep,
) -> Response:
    """Make new secret addresses, shown this once, or end them."""
    if form.text("act") == "end":
        notices.end_feeds(session, account(person))
        session.commit()
        return shown_next(request, "/notices#feeds")
    secret = notices.renew_feeds(session, account(person))
    session.commit()
    return _page(request, session, library, names, person, secret=secret)


@router.get("/notices/news", dependencies=[SIGNED_IN])
def news_page(
    request: Request, session: ReadingDep, library: LibraryDep, names: NamesDep, person: PersonDep
) -> Response:
    """Show what is new in what the reader follows."""
    if person.at_this_computer:
        return page(request, NO_ACCOUNT, title=names.gettext("New in what you follow"))
    until = utcnow()
    user_id = account(person)
    news = telling_people.news_of(session, library, user_id, until - RECENT, until)
    return page(request, "loop/news.html", news=news, days=RECENT.days, label=telling_people.label)


@router.get("/notices/stop/{token}", dependencies=[OPEN])
def stop_page(request: Request, token: str, digest: bool = False) -> Response:
    """Ask whether such mails shall end: programs that look into mails open every address."""
    response = page(request, "loop/stop.html", token=token, digest=digest, stopped=False)
    response.headers.update(UNKEPT)
    return response


@router.post("/notices/stop/{token}", dependencies=[OPEN])
def stop(
    request: Request,
    session: WritingDep,
    token: str,
    digest: Annotated[bool, Query()] = False,
) -> Response:
    """End such mails at once: by the page, or by the button of a mail program (RFC 8058)."""
    notices.stop(session, token, digest=digest)
    session.commit()
    response = page(request, "loop/stop.html", token=token, digest=digest, stopped=True)
    response.headers.update(UNKEPT)
    return response


@router.get("/feeds/{secret}/notices.atom", dependencies=[OPEN])
def notices_feed(
    request: Request, session: ReadingDep, library: LibraryDep, secret: str
) -> Response:
    """Answer with what its owner was told."""
    user = notices.owner_of_feeds(session, secret)
    names = telling_people.names_for(library, telling_people.language_for(library, user))
    told = telling_people.told(session, list(notices.latest(session, user.id)), names)
    entries = [
        Entry(f"notice-{one.notice_id}", one.subject, address(request, one.link), one.at)
        for one in told
    ]
    return _feed(request, library, names, user, which="notices", entries=entries)


@router.get("/feeds/{secret}/news.atom", dependencies=[OPEN])
def news_feed(request: Request, session: ReadingDep, library: LibraryDep, secret: str) -> Response:
    """Answer with what is new in what its owner follows."""
    user = notices.owner_of_feeds(session, secret)
    names = telling_people.names_for(library, telling_people.language_for(library, user))
    until = utcnow()
    news = telling_people.news_of(session, library, user.id, until - RECENT, until)
    entries = [
        Entry(
            f"new-{story.record_id}",
            story.title,
            address(request, f"/records/{story.record_id}"),
            story.published,
            telling_people.label(one.kind, one.value, names),
        )
        for one in news
        for story in one.stories
    ]
    entries.sort(key=lambda entry: entry.at, reverse=True)
    return _feed(request, library, names, user, which="news", entries=entries)


def _page(
    request: Request,
    session: ReadingDep,
    library: Library,
    names: Names,
    person: Person,
    *,
    secret: str = "",
) -> Response:
    user_id = account(person)
    latest = list(notices.latest(session, user_id))
    response = page(
        request,
        "loop/notices.html",
        told=telling_people.told(session, latest, names),
        unseen=sum(one.seen is None for one in latest),
        choice=notices.chosen(session, user_id),
        has_feeds=notices.has_feeds(session, user_id),
        every=tuple(DigestEvery),
        by_mail=mail.is_set_up(library.settings),
        follows=follows.of(session, user_id),
        label=telling_people.label,
        feeds=[address(request, f"/feeds/{secret}/{n}.atom") for n in ("notices", "news")]
        if secret
        else [],
    )
    response.headers.update(UNKEPT)
    return response


def _feed(
    request: Request,
    library: Library,
    names: Names,
    user: User,
    *,
    which: str,
    entries: list[Entry],
) -> Response:
    titles = {"notices": marked("Notices"), "news": marked("New in what you follow")}
    name = library.site.called(names.language)
    body = feeds.atom(
        title=f"{names.gettext(titles[which])} – {name}",
        author=name,
        home=address(request, "/notices"),
        key=f"{which}/{user.id}",
        lang=names.language,
        entries=entries,
    )
    return Response(body, media_type=feeds.MEDIA_TYPE, headers=SECRET)


def account(person: Person) -> int:
    """Return the account of the reader; whoever sits at the computer of the library has none.

    Raises:
        ForbiddenError: they have none.
    """
    if person.user_id is None:
        raise ForbiddenError(
            marked("Notices are for people who have an account."),
            hint=marked("Open the library by kb serve, and sign in."),
        )
    return person.user_id
