"""What readers say should have come up, and what a curator decides about it."""

from datetime import date, timedelta

import pytest
from sqlalchemy import inspect

from kb import judgements, records
from kb.errors import ConflictError, InvalidError, NotFoundError
from kb.vocabulary import JudgementState, Visibility

TODAY = date(2026, 3, 2)
CONFIRMED, REJECTED, OPEN = (
    JudgementState.CONFIRMED,
    JudgementState.REJECTED,
    JudgementState.OPEN,
)


@pytest.fixture
def seen(make_record) -> int:
    return make_record(visibility=Visibility.PUBLIC)


def propose(session, question, record_id, *, today=TODAY):
    return judgements.propose(session, question, record_id, language="en", today=today)


def test_the_same_proposal_twice_is_one(session, seen) -> None:
    first = propose(session, "Weigh the baby  later", seen)
    assert propose(session, " weigh the BABY later ", seen).id == first.id
    assert (first.question, first.state, first.proposed) == ("Weigh the baby later", OPEN, TODAY)


def test_a_rejected_proposal_does_not_come_back(session, seen) -> None:
    first = propose(session, "weigh later", seen)
    judgements.decide(session, first.id, REJECTED, by="Ada")
    assert propose(session, "weigh later", seen).state is REJECTED


def test_a_record_that_no_reader_sees_is_as_if_it_were_not_there(session, make_record) -> None:
    hidden = [make_record(publish=False)]
    withdrawn = make_record(visibility=Visibility.PUBLIC)
    records.withdraw(session, withdrawn, by="Ada", reason="asked")
    for record_id in (*hidden, withdrawn, 999):
        with pytest.raises(NotFoundError, match=f"There is no record {record_id}"):
            propose(session, "weigh later", record_id)


def test_a_question_that_names_somebody_is_refused_with_what_it_names(session, seen) -> None:
    with pytest.raises(InvalidError, match="Mrs Amina Juma") as refused:
        propose(session, "how was Mrs Amina Juma helped", seen)
    assert "a mother" in refused.value.hint


@pytest.mark.parametrize("question", ["", "  ", "x" * (judgements.LONGEST + 1)])
def test_an_empty_or_endless_question_is_refused(session, seen, question) -> None:
    with pytest.raises(InvalidError):
        propose(session, question, seen)


def test_one_question_cannot_be_flooded(session, make_record) -> None:
    ids = [make_record(visibility=Visibility.PUBLIC) for _ in range(6)]
    for record_id in ids[:5]:
        propose(session, "weigh later", record_id)
    with pytest.raises(ConflictError, match="this question"):
        propose(session, "Weigh later", ids[5])
    assert propose(session, "weigh later", ids[0])  # what is there is no new one
    judgements.decide(session, judgements.in_state(session, OPEN)[0].id, REJECTED, by="Ada")
    assert propose(session, "weigh later", ids[5]).state is OPEN


def test_one_day_cannot_be_flooded(session, seen) -> None:
    for number in range(judgements.MOST_A_DAY):
        propose(session, f"question {number}", seen)
    with pytest.raises(ConflictError, match="today"):
        propose(session, "one more", seen)
    assert propose(session, "one more", seen, today=TODAY + timedelta(days=1))


def test_nothing_about_who_proposes_has_a_column(engine) -> None:
    columns = {column["name"] for column in inspect(engine).get_columns("judgement")}
    assert columns == {
        *("id", "question", "folded", "language", "record_id", "proposed"),
        *("state", "grade", "decided_by", "decided"),
    }


def test_a_decision_says_who_and_how_good_and_can_be_taken_back(session, seen) -> None:
    proposed = propose(session, "weigh later", seen)
    decided = judgements.decide(session, proposed.id, CONFIRMED, grade=3, by="Ada")
    assert (decided.state, decided.grade, decided.decided_by) == (CONFIRMED, 3, "Ada")
    assert decided.decided is not None
    again = judgements.decide(session, proposed.id, OPEN, by="Ada")
    assert (again.state, again.grade, again.decided_by, again.decided) == (OPEN, None, "", None)


@pytest.mark.parametrize("grade", [None, 0, 4])
def test_nothing_is_confirmed_without_a_grade(session, seen, grade) -> None:
    proposed = propose(session, "weigh later", seen)
    with pytest.raises(InvalidError, match="no grade"):
        judgements.decide(session, proposed.id, CONFIRMED, grade=grade, by="Ada")


def test_only_what_is_confirmed_of_what_readers_see_counts(session, make_record) -> None:
    one, two, three = (make_record(visibility=Visibility.PUBLIC) for _ in range(3))
    for record_id, state in ((one, CONFIRMED), (two, REJECTED), (three, CONFIRMED)):
        proposed = propose(session, "weigh later", record_id)
        grade = 2 if state is CONFIRMED else None
        judgements.decide(session, proposed.id, state, grade=grade, by="Ada")
    records.withdraw(session, three, by="Ada", reason="asked")
    assert [(j.record_id, j.grade) for j in judgements.confirmed(session)] == [(one, 2)]
