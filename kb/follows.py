"""What somebody follows, and what is new of it: only what all readers see, as they see it."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from kb import content, notices, records, reuse
from kb.db import utcnow
from kb.errors import InvalidError
from kb.models import Concept, Follow, NoticeChoice, Record
from kb.privacy import public
from kb.vocabulary import (
    DigestEvery,
    FollowKind,
    NoticeKind,
    Scheme,
    Status,
    Visibility,
)
from kb.wording import marked

MOST = 100  # that one person follows
MOST_NEW = 300  # stories that one digest looks through, the newest
LONGEST = 200  # characters of a place
EVERY: Final = {DigestEvery.DAY: timedelta(days=1), DigestEvery.WEEK: timedelta(weeks=1)}
SCHEMES: Final = {
    FollowKind.TOPIC: Scheme.TOPICS,
    FollowKind.INTERVENTION: Scheme.INTERVENTIONS,
}
Below = Callable[[str], Collection[str]]  # of a notation: itself, and all that is narrower


class Fresh(NamedTuple):
    """A story that is new, as readers see it."""

    record_id: int
    published: datetime
    title: str
    language: str
    notations: frozenset[str]  # of its confirmed tags
    places: tuple[content.Place, ...]  # as its naming allows


@dataclass(frozen=True, slots=True)
class News:
    """What is new of one thing that somebody follows."""

    kind: FollowKind
    value: str
    stories: tuple[Fresh, ...] = ()
    reports: int = 0  # of other teams, on a record


def place_value(place: content.Place) -> str:
    """Return the place as it is kept: code, region and district, as far as they are known.

    >>> place_value(content.Place(country="TZA", admin2="Rungwe"))
    'TZA//Rungwe'
    """
    return f"{place.country}/{place.admin1}/{place.admin2}".rstrip("/")


def add(session: Session, user_id: int, kind: FollowKind, value: str) -> None:
    """Let the person hear of this from now on; to follow it twice is to follow it.

    Raises:
        InvalidError: there is no such thing, or they follow too much to read any of it.
    """
    value = _checked(session, kind, value)
    same = {"user_id": user_id, "kind": kind, "value": value}
    if session.scalar(select(Follow.id).filter_by(**same)) is not None:
        return
    followed = session.scalar(select(func.count()).where(Follow.user_id == user_id)) or 0
    if followed >= MOST:
        raise InvalidError(
            marked("You follow %(number)s things already.", number=followed),
            hint=marked("Stop following some of them first."),
        )
    if not followed:  # a digest that begins does not tell of old stories
        notices.choice(session, user_id).digest_until = utcnow()
    session.add(Follow(**same))
    session.flush()


def remove(session: Session, user_id: int, kind: FollowKind, value: str) -> None:
    """Let the person hear of this no more."""
    session.execute(delete(Follow).filter_by(user_id=user_id, kind=kind, value=value))


def of(session: Session, user_id: int) -> Sequence[Follow]:
    """Return what the person follows, the oldest first."""
    return session.scalars(select(Follow).filter_by(user_id=user_id).order_by(Follow.id)).all()


def follows(session: Session, user_id: int, kind: FollowKind, value: str) -> bool:
    """Tell whether the person follows this."""
    query = select(Follow.id).filter_by(user_id=user_id, kind=kind, value=value)
    return session.scalar(query) is not None


def news(
    session: Session, user_id: int, *, since: datetime, until: datetime, below: Below
) -> list[News]:
    """Return what is new of each thing that the person follows; a story stands there once."""
    told = fresh(session, since=since, until=until)
    return _news(session, user_id, told, since=since, until=until, below=below)


def fresh(session: Session, *, since: datetime, until: datetime) -> list[Fresh]:
    """Return the stories that all readers see since then, the newest first."""
    query = (
        select(Record)
        .where(
            Record.status == Status.PUBLISHED,
            Record.visibility == Visibility.PUBLIC,
            Record.published > since,
            Record.published <= until,
        )
        .order_by(Record.published.desc(), Record.id.desc())
        .limit(MOST_NEW)
        .options(*records.WITH_PARTS)
    )
    return [_fresh(row) for row in session.scalars(query)]


def matching(
    followed: Iterable[Follow], told: Sequence[Fresh], reported: Mapping[int, int], below: Below
) -> list[News]:
    """Return for each thing that is followed the stories that are about it, each of them once."""
    found, taken = [], set[int]()
    for one in followed:
        if one.kind is FollowKind.RECORD:
            number = reported.get(int(one.value), 0)
            found.append(News(one.kind, one.value, reports=number))
            continue
        about = _about(one, below)
        stories = tuple(story for story in told if story.record_id not in taken and about(story))
        taken |= {story.record_id for story in stories}
        found.append(News(one.kind, one.value, stories))
    return [one for one in found if one.stories or one.reports]


def write_digests(session: Session, now: datetime, *, below: Below) -> int:
    """Tell everybody whose day or week is over of what is new; return how many were told.

    Who runs it twice tells nobody twice: each digest begins where the last one ended.
    """
    query = (
        select(NoticeChoice)
        .where(NoticeChoice.digest != DigestEvery.NEVER)
        .with_for_update(skip_locked=True)
    )
    due = [one for one in session.scalars(query) if one.digest_until <= now - EVERY[one.digest]]
    # The stories are read once for all: nobody else can write meanwhile.
    earliest = min((one.digest_until for one in due), default=now)
    stories = fresh(session, since=earliest, until=now) if due else []
    told = 0
    for one in due:
        since = one.digest_until
        new = [story for story in stories if story.published > since]
        if _news(session, one.user_id, new, since=since, until=now, below=below):
            notices.write(
                session,
                [one.user_id],
                NoticeKind.DIGEST,
                link="/notices/news",
                since=since.isoformat(),
                until=now.isoformat(),
            )
            told += 1
        one.digest_until = now
    return told


def _news(
    session: Session,
    user_id: int,
    told: Sequence[Fresh],
    *,
    since: datetime,
    until: datetime,
    below: Below,
) -> list[News]:
    followed = of(session, user_id)
    return matching(followed, told, _reported(session, followed, since, until), below)


def _fresh(row: Record) -> Fresh:
    said = public(records.read(row))
    assert row.published is not None
    return Fresh(
        row.id,
        row.published,
        said.title,
        said.language,
        frozenset(tag.notation for tag in said.tags),
        said.places,
    )


def _about(one: Follow, below: Below) -> Callable[[Fresh], bool]:
    if one.kind is FollowKind.PLACE:
        wanted = one.value.split("/")
        return lambda story: any(_within(place, wanted) for place in story.places)
    notations = frozenset(below(one.value))
    return lambda story: bool(notations & story.notations)


def _within(place: content.Place, wanted: Sequence[str]) -> bool:
    there = (place.country, place.admin1, place.admin2)
    return all(not name or name == at for name, at in zip(wanted, there, strict=False))


def _reported(
    session: Session, followed: Iterable[Follow], since: datetime, until: datetime
) -> dict[int, int]:
    ids = [int(one.value) for one in followed if one.kind is FollowKind.RECORD]
    return reuse.numbers(session, ids, since=since, until=until) if ids else {}


def _checked(session: Session, kind: FollowKind, value: str) -> str:
    value = value.strip()
    if kind in SCHEMES:
        query = select(Concept.id).filter_by(notation=value, scheme=SCHEMES[kind])
        known = session.scalar(query) is not None
    elif kind is FollowKind.RECORD:
        known = value.isascii() and value.isdigit() and _is_public(session, int(value))
    else:
        country = value.partition("/")[0]
        shaped = len(country) == 3 and country.isalpha() and country.isupper()  # noqa: PLR2004
        known = shaped and len(value) <= LONGEST and value.count("/") <= 2  # noqa: PLR2004
    if not known:
        raise InvalidError(
            marked("There is no “%(value)s” to follow.", value=value[:80]),
            hint=marked("Open its page, and follow it from there."),
        )
    return str(int(value)) if kind is FollowKind.RECORD else value.rstrip("/")


def _is_public(session: Session, record_id: int) -> bool:
    query = select(Record.id).where(
        Record.id == record_id,
        Record.status == Status.PUBLISHED,
        Record.visibility == Visibility.PUBLIC,
    )
    return record_id < 2**31 and session.scalar(query) is not None
