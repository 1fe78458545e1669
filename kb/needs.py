"""What is asked and not found: questions without their askers, for those who fill the library."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from kb import identifiers
from kb.errors import NotFoundError
from kb.models import Concept, Need
from kb.vocabulary import Scheme
from kb.wording import marked

LONGEST = 200  # characters of a question that are kept
KEPT = timedelta(days=400)  # a year and a month: the same month of last year can be compared
MOST_A_DAY = 2_000  # different ones; more come from a program, and would only fill the disk
LONG_NUMBER = re.compile(r"\d{5}")  # of a person, a telephone, a paper; no year and no dose
ENDS = " ?!.,;:…؟。"


@dataclass(frozen=True, slots=True)
class Missing:
    """A question that found nothing good, as it may be kept."""

    day: date
    question: str
    language: str
    concepts: tuple[str, ...]  # notations


@dataclass(frozen=True, slots=True)
class Wanted:
    """One question of a report: how often it was asked, and when last."""

    need_id: int  # of its last day
    question: str  # empty where only its concepts were kept
    language: str
    concepts: tuple[str, ...]
    times: int
    last: date


@dataclass(frozen=True, slots=True)
class Group:
    """The questions about one concept, the most asked first."""

    notation: str  # empty for questions without a concept
    times: int
    questions: tuple[Wanted, ...]


def kept_of(text: str, *, concepts: Collection[str], language: str, day: date) -> Missing | None:
    """Return what may be kept of a question; None when nothing of it may.

    Where something in it may tell who somebody is, only its concepts are left.

    >>> kept_of("Ebola  isolation?", concepts=(), language="en", day=date(2026, 3, 1)).question
    'ebola isolation'
    >>> kept_of("Mrs Amina Juma", concepts=(), language="en", day=date(2026, 3, 1)) is None
    True
    """
    named = LONG_NUMBER.search(text) or identifiers.find(text, language=language)
    question = "" if named else _normalised(text)
    notations = tuple(sorted(set(concepts)))
    if not (question or notations):
        return None
    return Missing(day, question, language, notations)


def note(session: Session, counted: Mapping[Missing, int]) -> None:
    """Add how often each was asked, and remove what is older than 400 days."""
    for missing, times in counted.items():
        there = session.scalar(select(Need).where(*_same_day(missing)).with_for_update())
        if there is not None:
            there.times += times
        elif _different(session, missing.day) < MOST_A_DAY:
            session.add(
                Need(
                    day=missing.day,
                    question=missing.question,
                    language=missing.language,
                    concepts=" ".join(missing.concepts),
                    times=times,
                )
            )
        session.flush()
    if counted:
        newest = max(missing.day for missing in counted)
        session.execute(delete(Need).where(Need.day < newest - KEPT))


def report(session: Session, *, since: date) -> list[Group]:
    """Return what was asked from that day on, by topic; what has none comes last.

    A question about several topics stands under each. One without a topic stands under the
    interventions it names.
    """
    wanted = _wanted(session, since)
    schemes = _schemes(session, {n for one in wanted for n in one.concepts})
    grouped: dict[str, list[Wanted]] = {}
    for one in wanted:
        topics = [n for n in one.concepts if schemes.get(n) is Scheme.TOPICS]
        for notation in topics or one.concepts or ("",):
            grouped.setdefault(notation, []).append(one)
    groups = [
        Group(notation, sum(one.times for one in asked), tuple(asked))
        for notation, asked in grouped.items()
    ]
    return sorted(groups, key=lambda group: (not group.notation, -group.times, group.notation))


def forget(session: Session, need_id: int) -> None:
    """Remove a question, of all days.

    Raises:
        NotFoundError: it is not there.
    """
    need = session.get(Need, need_id)
    if need is None:
        raise NotFoundError(
            marked("There is no question %(number)s.", number=str(need_id)),
            hint=marked("It may have been removed: load the page."),
        )
    session.execute(
        delete(Need).where(
            Need.question == need.question,
            Need.language == need.language,
            Need.concepts == need.concepts,
        )
    )


def _normalised(text: str) -> str:
    r"""Return the text in lower case, on one line, cut between two words.

    >>> _normalised(" No blood,\n at NIGHT ?")
    'no blood, at night'
    """
    said = " ".join(text.casefold().split()).strip(ENDS)
    if len(said) <= LONGEST:
        return said
    return said[: LONGEST + 1].rpartition(" ")[0].rstrip(ENDS) or said[:LONGEST]


def _same_day(missing: Missing) -> tuple[ColumnElement[bool], ...]:
    return (
        Need.day == missing.day,
        Need.question == missing.question,
        Need.language == missing.language,
        Need.concepts == " ".join(missing.concepts),
    )


def _different(session: Session, day: date) -> int:
    query = select(func.count()).select_from(Need).where(Need.day == day)
    return session.scalar(query) or 0


def _wanted(session: Session, since: date) -> list[Wanted]:
    asked = func.sum(Need.times)
    rows = session.execute(
        select(func.max(Need.id), Need.question, Need.language, Need.concepts, asked)
        .add_columns(func.max(Need.day))
        .where(Need.day >= since)
        .group_by(Need.question, Need.language, Need.concepts)
        .order_by(asked.desc(), Need.question, Need.concepts)
    )
    return [
        Wanted(need_id, question, language, tuple(concepts.split()), times, last)
        for need_id, question, language, concepts, times, last in rows
    ]


def _schemes(session: Session, notations: Collection[str]) -> dict[str, Scheme]:
    rows = session.execute(
        select(Concept.notation, Concept.scheme).where(Concept.notation.in_(sorted(notations)))
    )
    return {row.notation: row.scheme for row in rows}
