"""What was asked and not found is kept without anybody in it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, inspect, select

from kb import needs
from kb.errors import NotFoundError
from kb.models import Need

TODAY = date(2026, 3, 2)
KMC = "kangaroo-mother-care"


def asked(text: str, *concepts: str, day: date = TODAY, language: str = "en") -> needs.Missing:
    found = needs.kept_of(text, concepts=concepts, language=language, day=day)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "text",
    [
        "baby of Mrs Amina Juma is cold",
        "call 0712 345 678 about the incubator",
        "who is nurse.grace@example.org",
        "patient OPD/2023/04417 lost her card",
        "file 998877",
        "x " * 150 + "Mrs Amina Juma",  # behind what would be cut
    ],
)
def test_a_question_that_may_name_somebody_leaves_only_its_concepts(text) -> None:
    kept = asked(text, KMC)
    assert (kept.question, kept.concepts) == ("", (KMC,))
    assert needs.kept_of(text, concepts=(), language="en", day=TODAY) is None


def test_a_question_without_a_word_is_not_kept() -> None:
    assert needs.kept_of(" ?! ", concepts=(), language="", day=TODAY) is None


@given(st.text(max_size=400))
def test_what_is_kept_is_short_and_on_one_line(text) -> None:
    kept = needs.kept_of(text, concepts=(), language="", day=TODAY)
    assert kept is None or (0 < len(kept.question) <= needs.LONGEST and "\n" not in kept.question)


def test_a_long_question_is_cut_between_words() -> None:
    kept = asked("water " * 60)
    assert kept.question.endswith("water")
    assert len(kept.question) <= needs.LONGEST


def test_the_same_question_on_one_day_is_one_row(session) -> None:
    needs.note(session, {asked("Ebola isolation?"): 1})
    needs.note(session, {asked("ebola  ISOLATION"): 2, asked("mpox"): 1})
    rows = session.execute(select(Need.question, Need.times).order_by(Need.question)).all()
    assert [tuple(row) for row in rows] == [("ebola isolation", 3), ("mpox", 1)]


def test_the_table_has_room_for_nothing_about_the_asker(engine) -> None:
    columns = {column["name"] for column in inspect(engine).get_columns("need")}
    assert columns == {"id", "day", "question", "language", "concepts", "times"}


def test_a_flood_of_different_questions_stops_at_the_limit_of_a_day(session, monkeypatch) -> None:
    monkeypatch.setattr(needs, "MOST_A_DAY", 3)
    needs.note(session, {asked(f"question {letter}"): 1 for letter in "abcdef"})
    assert session.scalar(select(func.count()).select_from(Need)) == 3
    needs.note(session, {asked("question a"): 1})
    assert session.scalar(select(Need.times).where(Need.question == "question a")) == 2


def test_what_is_older_than_400_days_goes_when_something_is_noted(session) -> None:
    old, young = TODAY - timedelta(days=401), TODAY - timedelta(days=400)
    needs.note(session, {asked("old", day=old): 1})
    needs.note(session, {asked("young", day=young): 1})
    needs.note(session, {asked("now"): 1})
    assert set(session.scalars(select(Need.question))) == {"young", "now"}


def test_the_report_is_by_topic_with_what_has_none_last(session) -> None:
    needs.note(
        session,
        {
            asked("no topic at all"): 9,
            asked("kmc for twins", KMC): 2,
            asked("kmc for fathers", KMC, "process-redesign"): 3,
            asked("redesign", "process-redesign"): 1,
            asked("kmc for twins", KMC, day=TODAY - timedelta(days=3)): 2,
        },
    )
    groups = needs.report(session, since=TODAY - timedelta(days=30))
    assert [(g.notation, g.times) for g in groups] == [(KMC, 7), ("process-redesign", 1), ("", 9)]
    twins, fathers = groups[0].questions
    assert (twins.question, twins.times, twins.last) == ("kmc for twins", 4, TODAY)
    assert (fathers.question, fathers.times) == ("kmc for fathers", 3)


def test_the_report_begins_on_the_day_it_is_asked_for(session) -> None:
    needs.note(session, {asked("before", day=TODAY - timedelta(days=2)): 1, asked("now"): 1})
    (group,) = needs.report(session, since=TODAY - timedelta(days=1))
    assert [one.question for one in group.questions] == ["now"]


def test_a_question_is_forgotten_on_all_days(session) -> None:
    yesterday = TODAY - timedelta(days=1)
    needs.note(session, {asked("gone"): 1, asked("gone", day=yesterday): 1, asked("stays"): 1})
    (group,) = needs.report(session, since=yesterday)
    needs.forget(session, next(w.need_id for w in group.questions if w.question == "gone"))
    assert list(session.scalars(select(Need.question))) == ["stays"]


def test_what_is_not_there_cannot_be_forgotten(session) -> None:
    with pytest.raises(NotFoundError, match="no question 7"):
        needs.forget(session, 7)
