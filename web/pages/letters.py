"""Letters of the library that went out, for everybody: a page each, and a feed."""

from fastapi import APIRouter, Request, Response

from kb import newsletters
from web import feeds, newsletter
from web.deps import LibraryDep, NamesDep, ReadingDep, RecordId
from web.feeds import Entry
from web.render import address, page
from web.rules import OPEN

router = APIRouter(dependencies=[OPEN])

MOST = 50  # entries of the feed


@router.get("/letters")
def letters_page(request: Request, session: ReadingDep) -> Response:
    """List the letters, the newest first."""
    return page(request, "letters.html", letters=newsletters.sent(session))


@router.get("/letters/{letter_id}")
def letter_page(
    request: Request,
    session: ReadingDep,
    library: LibraryDep,
    names: NamesDep,
    letter_id: RecordId,
) -> Response:
    """Show one letter; a story that was taken back since is not in it."""
    letter = newsletters.get(session, letter_id)
    parts = [("", newsletter.shown(session, letter))]
    said = newsletter.written(letter, parts, library, names, "")
    return page(request, "letter.html", letter=letter, said=said)


@router.get("/letters.atom")
def letters_feed(
    request: Request, session: ReadingDep, library: LibraryDep, names: NamesDep
) -> Response:
    """Send the newest letters."""
    name = library.site.called(names.language)
    body = feeds.atom(
        title=f"{names.gettext('Letters')} – {name}",
        author=name,
        home=address(request, ""),
        key="letters.atom",
        lang=names.language,
        entries=[
            Entry(
                key=f"letters/{one.id}",
                title=one.title,
                link=address(request, f"/letters/{one.id}"),
                at=one.sent or one.at,
                text=one.words,
                lang=one.language,
            )
            for one in newsletters.sent(session, limit=MOST)
        ],
        here=address(request),
    )
    return Response(body, media_type=feeds.MEDIA_TYPE)
