"""The thread of a record: notes, questions, answers, and who may read them."""

import pytest

from kb import records, threads
from kb.errors import ConflictError, InvalidError, NotFoundError
from kb.models import Review
from kb.vocabulary import Circle, MessageKind, Status


@pytest.fixture
def record(session, story):
    return records.create(session, story, by="ingest")


def test_a_record_is_sent_back_and_comes_back_with_the_answers(session, record) -> None:
    threads.send_back(session, record.id, ["Which year?", " ", "Who counted?"], by="amina")
    assert record.status is Status.RETURNED
    assert session.query(Review).one().questions == ["Which year?", "Who counted?"]
    one, two = threads.open_questions(session, record.id)
    threads.answer(session, one.id, "2023", by="nurse")
    assert record.status is Status.RETURNED
    assert threads.open_counts(session, [record.id, 99]) == {record.id: 1, 99: 0}
    threads.answer(session, two.id, "The matron", by="nurse")
    assert record.status is Status.DRAFT
    said = [(m.kind, m.text, m.by) for m in threads.of(session, record.id)]
    assert said[2] == (MessageKind.ANSWER, "2023", "nurse")


def test_a_story_that_was_sent_in_is_in_review_again(session, record) -> None:
    record.submitted = record.created
    threads.send_back(session, record.id, ["Which year?"], by="amina")
    question = threads.open_questions(session, record.id)[0]
    threads.answer(session, question.id, "2023", by="nurse")
    assert record.status is Status.IN_REVIEW


@pytest.mark.parametrize(
    ("questions", "words"),
    [
        ([], "no question"),
        (["  "], "no question"),
        (["?"] * 6, "6 questions"),
        (["x" * 301], "301"),
    ],
)
def test_questions_are_few_and_short(session, record, questions, words) -> None:
    with pytest.raises(InvalidError, match=words):
        threads.send_back(session, record.id, questions, by="amina")
    assert record.status is Status.DRAFT


def test_what_readers_see_is_not_sent_back(session, record) -> None:
    records.publish(session, record.id, by="amina")
    with pytest.raises(ConflictError, match="not in work"):
        threads.send_back(session, record.id, ["Which year?"], by="amina")


def test_the_team_does_not_read_what_is_for_curators(session, record) -> None:
    threads.note(session, record.id, "Odd numbers.", circle=Circle.CURATORS, by="amina")
    threads.note(session, record.id, "Thank you!", circle=Circle.TEAM, by="amina")
    threads.send_back(session, record.id, ["Which year?"], by="amina")
    team = [m.text for m in threads.of(session, record.id, circle=Circle.TEAM)]
    assert team == ["Thank you!", "Which year?"]
    assert len(threads.of(session, record.id)) == 3


def test_only_a_question_is_answered_and_with_words(session, record) -> None:
    note = threads.note(session, record.id, "Odd.", circle=Circle.TEAM, by="amina")
    with pytest.raises(NotFoundError):
        threads.answer(session, note.id, "Yes", by="nurse")
    with pytest.raises(InvalidError, match="says nothing"):
        threads.note(session, record.id, " ", circle=Circle.TEAM, by="amina")
    with pytest.raises(InvalidError, match="2,001"):
        threads.note(session, record.id, "x" * 2_001, circle=Circle.TEAM, by="amina")
