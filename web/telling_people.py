"""What a notice says, in the language of the person it is for; it quotes nobody."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from kb import follows
from kb.follows import News
from kb.models import Notice, User
from kb.vocabulary import FollowKind, NoticeKind
from kb.wording import marked
from web.catalogue import PublicRecord, public_records
from web.i18n import LANGUAGES
from web.library import Library
from web.names import Names

SUBJECTS: Final[Mapping[NoticeKind, str]] = {
    NoticeKind.REPORT: marked("Another team tried it too: %(story)s"),
    NoticeKind.REPORT_TO_REVIEW: marked("A report waits for a curator: %(story)s"),
    NoticeKind.REPORT_HIDDEN: marked("A curator hid your report: %(story)s"),
    NoticeKind.SUPPORT_ASKED: marked("A team asks for your help"),
    NoticeKind.SUPPORT_ESCALATED: marked(
        "A request for help waited 30 days and went to the level above"
    ),
    NoticeKind.SUPPORT_OVERDUE: marked("A request for help still waits: no level answered"),
    NoticeKind.TEAM_ASKED: marked("Somebody asks about a story: %(story)s"),
    NoticeKind.ANSWERED: marked("Somebody wrote to you through the library"),
    NoticeKind.DIGEST: marked("New in what you follow"),
    NoticeKind.LETTER: marked("A letter from the library"),
    NoticeKind.RETURNED: marked("A story of yours came back with questions: %(story)s"),
    NoticeKind.PUBLISHED: marked("A story of yours is published: %(story)s"),
    NoticeKind.COMMENTED: marked("Somebody wrote about a story: %(story)s"),
    NoticeKind.OVERDUE: marked("A story waits too long for a curator: %(story)s"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A notice in words."""

    notice_id: int
    subject: str
    link: str  # path
    at: datetime
    seen: bool


def language_for(library: Library, user: User) -> str:
    """Return the language that mails and feeds of the person are in."""
    offered = library.site.languages
    return user.language if user.language in offered else offered[0]


def names_for(library: Library, language: str) -> Names:
    """Return the words of the pages in a language."""
    return Names(library.taxonomy, language if language in LANGUAGES else LANGUAGES[0])


def told(session: Session, notices: list[Notice], names: Names) -> list[Told]:
    """Return notices in words; the title of a story only while everybody may read it."""
    ids = {one.record_id for one in notices if one.record_id is not None}
    shown = public_records(session, ids) if ids else {}
    return [
        Told(one.id, subject(one, shown, names), one.link, one.at, one.seen is not None)
        for one in notices
    ]


def subject(notice: Notice, shown: Mapping[int, PublicRecord], names: Names) -> str:
    """Return the one line that a notice is."""
    message = names.gettext(str(SUBJECTS[notice.kind]))
    if "%(story)s" not in message:
        return message
    record = shown.get(notice.record_id) if notice.record_id is not None else None
    number = str(notice.record_id or "")
    story = record.said.title if record else names.gettext("story %(number)s") % {"number": number}
    return message % {"story": story}


def several_line(number: int, names: Names) -> str:
    """Return the subject of a mail about several notices."""
    said = names.ngettext("%(num)s notice for you", "%(num)s notices for you", number)
    return said % {"num": names.number(number)}


def mail_text(subject_line: str, link: str, stop: str, names: Names) -> str:
    """Return the text of a mail: what happened, where to look, how to end such mails."""
    return "\n\n".join(
        [
            subject_line,
            f"{names.gettext('Read it here:')}\n{link}",
            f"-- \n{names.gettext('To get no more such mails, open:')}\n{stop}\n",
        ]
    )


def news_text(news: list[News], base: str, names: Names) -> str:
    """Return a digest as the text of a mail: for each thing that is followed what is new."""
    parts = []
    for one in news:
        lines = [heading(one, names)]
        lines += [f"- {story.title}\n  {base}/records/{story.record_id}" for story in one.stories]
        if one.reports:
            lines += [f"- {reports_line(one.reports, names)}\n  {base}/records/{one.value}#too"]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def heading(one: News, names: Names) -> str:
    """Return what a person follows, in words."""
    return label(one.kind, one.value, names)


def label(kind: FollowKind, value: str, names: Names) -> str:
    """Return what is followed, in words: a concept, a place, or the number of a story."""
    if kind is FollowKind.PLACE:
        country, *inner = value.split("/")
        return ", ".join([*(name for name in reversed(inner) if name), str(names.country(country))])
    if kind is FollowKind.RECORD:
        return names.gettext("story %(number)s") % {"number": value}
    return str(names.concept(value))


def reports_line(number: int, names: Names) -> str:
    """Return how many other teams reported."""
    said = names.ngettext("%(num)s other team tried it", "%(num)s other teams tried it", number)
    return said % {"num": names.number(number)}


def news_of(
    session: Session, library: Library, user_id: int, since: datetime, until: datetime
) -> list[News]:
    """Return what is new in what the person follows; a topic counts with what is narrower."""
    return follows.news(session, user_id, since=since, until=until, below=below(library))


def below(library: Library) -> follows.Below:
    """Return what gives a concept and all that is narrower."""

    def notations(notation: str) -> tuple[str, ...]:
        known = notation in library.taxonomy.terms
        narrower = library.taxonomy.narrower_transitive(notation) if known else ()
        return (notation, *narrower)

    return notations
