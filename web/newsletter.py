"""A newsletter for one reader: what stands in it, as a mail and as text, from one source.

The mail is a page of its own: it loads nothing, needs no picture, and says its colours beside each
line, because programs that show mails drop stylesheets as they like.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from markupsafe import Markup
from sqlalchemy.orm import Session

from kb import follows, newsletters
from kb.follows import Fresh
from kb.models import Newsletter
from web.catalogue import PublicRecord, public_records
from web.i18n import direction
from web.library import Library
from web.names import Names
from web.sharing import shorten
from web.telling_people import below

LEAD = 220  # characters of what a story says of itself
DARK: Final = Markup(
    "<style>@media (prefers-color-scheme: dark) {"
    ".page { background: #14181b !important; color: #e8eaec !important } "
    ".soft { color: #b3bac0 !important } a { color: #8cc8ff !important } }</style>"
)


class Line(NamedTuple):
    """A story of a letter."""

    title: str
    language: str
    lead: str
    where: str
    link: str


@dataclass(frozen=True, slots=True)
class Written:
    """A letter as one reader gets it."""

    title: str
    paragraphs: tuple[str, ...]
    language: str  # of title and paragraphs
    parts: tuple[tuple[str, tuple[Line, ...]], ...]  # each with its heading, or without one
    link: str  # of its page
    library: str
    names: Names


def for_reader(
    session: Session, library: Library, letter_id: int, *, user_id: int, names: Names, base: str
) -> Written | None:
    """Return the letter with the reader's own subjects first; None where no story is left."""
    letter = newsletters.get(session, letter_id)
    followed = follows.of(session, user_id)

    def is_theirs(one: PublicRecord) -> bool:
        said = one.said
        tagged = frozenset(tag.notation for tag in said.tags)
        fresh = Fresh(one.record_id, one.published, said.title, said.language, tagged, said.places)
        return bool(follows.matching(followed, [fresh], {}, below(library)))

    stories = shown(session, letter)
    theirs = [one for one in stories if is_theirs(one)]
    others = [one for one in stories if one not in theirs]
    heads = names.gettext("New in what you follow"), names.gettext("Also new")
    parts = [(head, part) for head, part in zip(heads, (theirs, others), strict=True) if part]
    return written(letter, parts, library, names, base) if stories else None


def shown(session: Session, letter: Newsletter) -> list[PublicRecord]:
    """Return the stories of the letter that readers may see now, in its order."""
    found = public_records(session, letter.record_ids)
    return [found[number] for number in letter.record_ids if number in found]


def written(
    letter: Newsletter,
    parts: Sequence[tuple[str, Sequence[PublicRecord]]],
    library: Library,
    names: Names,
    base: str,
) -> Written:
    """Return the letter with these stories under these headings."""
    return Written(
        letter.title,
        tuple(part.strip() for part in letter.words.split("\n\n") if part.strip()),
        letter.language,
        tuple((head, tuple(line(one, names, base) for one in part)) for head, part in parts),
        f"{base}/letters/{letter.id}" if letter.id else base,
        library.site.called(names.language),
        names,
    )


def line(record: PublicRecord, names: Names, base: str) -> Line:
    """Return a story as a letter names it."""
    said, place = record.said, record.place
    country = str(names.country(place.country)) if place.country else ""
    return Line(
        said.title,
        said.language,
        shorten(said.summary, LEAD),
        ", ".join(filter(None, (place.admin2, country))),
        f"{base}/records/{record.record_id}",
    )


def as_text(one: Written, stop: str) -> str:
    """Return the letter as the text of a mail."""
    told = [one.title, *one.paragraphs]
    for head, lines in one.parts:
        told += [head.upper()] if head else []
        told += [
            "\n".join(filter(None, (f"* {said.title}", said.where, said.lead, said.link)))
            for said in lines
        ]
    told.append(f"{one.names.gettext('Read it here:')}\n{one.link}")
    if stop:
        told.append(f"-- \n{one.names.gettext('To get no more such mails, open:')}\n{stop}\n")
    return "\n\n".join(told)


def as_html(one: Written, stop: str) -> str:
    """Return the letter as a page that stands alone."""
    language, own = one.names.language, _tongue(one.language)
    words = Markup("").join(_P.format(own, part) for part in one.paragraphs)
    parts = Markup("").join(_part(head, lines) for head, lines in one.parts)
    ends = _END.format(stop, one.names.gettext("To get no more such mails, open:"), stop)
    return _PAGE.format(
        attributes=_tongue(language),
        name=one.title,
        dark=DARK,
        library=one.library,
        own=own,
        words=words,
        parts=parts,
        link=one.link,
        read=one.names.gettext("Read it here:"),
        end=ends if stop else "",
    )


def _tongue(language: str) -> Markup:
    return Markup('lang="{}" dir="{}"').format(language, direction(language))


def _part(head: str, lines: Sequence[Line]) -> Markup:
    told = Markup("").join(
        _STORY.format(_tongue(said.language), said.link, said.title)
        + (_SOFT.format(said.where) if said.where else "")
        + (_P.format(_tongue(said.language), said.lead) if said.lead else "")
        for said in lines
    )
    return (_HEAD.format(head) if head else Markup("")) + told


_P: Final = Markup('<p {} style="margin:0 0 12px">{}</p>\n')
_SOFT: Final = Markup('<p class="soft" style="margin:0 0 4px;color:#555f66">{}</p>\n')
_HEAD: Final = Markup('<h2 style="margin:32px 0 12px;font-size:20px;line-height:1.3">{}</h2>\n')
_STORY: Final = Markup(
    '<h3 {} style="margin:20px 0 4px;font-size:17px;line-height:1.35">'
    '<a href="{}" style="color:#0b5cad">{}</a></h3>\n'
)
_END: Final = Markup(
    '<p class="soft" style="margin:12px 0 0;color:#555f66;font-size:14px">{1} '
    '<a href="{0}" style="color:#0b5cad">{2}</a></p>\n'
)
_PAGE: Final = Markup(
    """<!doctype html>
<html {attributes}>
<head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{name}</title>{dark}</head>
<body class="page" style="margin:0;background:#ffffff;color:#1c2226">
<div class="page" style="max-width:600px;margin:0 auto;padding:24px 20px;\
font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;\
overflow-wrap:anywhere;background:#ffffff;color:#1c2226">
<p class="soft" style="margin:0 0 8px;color:#555f66">{library}</p>
<h1 {own} style="margin:0 0 16px;font-size:26px;line-height:1.25">{name}</h1>
{words}{parts}<p style="margin:32px 0 0">{read}
<a href="{link}" style="color:#0b5cad">{link}</a></p>
{end}</div>
</body>
</html>
"""
)
