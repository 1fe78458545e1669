"""A story while it is told: kept step by step, guarded against a second phone, sent in once."""

import pytest

from kb import drafts
from kb.drafts import TwoPhonesError
from kb.errors import ConflictError, InvalidError, NotFoundError
from kb.models import User
from kb.people import Person, operator

OPERATOR = operator("tests")


@pytest.fixture
def asha(session) -> Person:
    user = User(email="asha@hospital.example", name="Asha", language="")
    session.add(user)
    session.flush()
    return Person(user_id=user.id, email=user.email, name=user.name)


@pytest.fixture
def draft(session, asha):
    return drafts.begin(session, asha, kind="facility", language="en", path="quick")


def test_a_story_is_told_by_nobody_else(session, asha, draft) -> None:
    assert drafts.get(session, asha, draft.id) is draft
    assert drafts.mine(session, OPERATOR) == []
    with pytest.raises(NotFoundError):
        drafts.get(session, OPERATOR, draft.id)


def test_whoever_sits_at_the_computer_has_stories_too(session) -> None:
    draft = drafts.begin(session, OPERATOR, kind="facility", language="en", path="quick")
    assert drafts.mine(session, OPERATOR) == [draft]


def test_an_answer_is_kept_and_an_empty_one_takes_it_away(session, draft) -> None:
    assert drafts.answer(session, draft, "F01", {"F01": "Warm babies"}, version=draft.version)
    assert draft.answers == {"F01": "Warm babies"}
    assert drafts.answer(session, draft, "F01", {"F01": ""}, version=draft.version)
    assert draft.answers == {}


def test_the_same_answer_again_is_nothing_new(session, draft) -> None:
    before = draft.version
    drafts.answer(session, draft, "F01", {"F01": "Warm babies"}, version=before)
    after = draft.version
    assert not drafts.answer(session, draft, "F01", {"F01": "Warm babies"}, version=before)
    assert draft.version == after


def test_two_phones_at_one_question_get_both_answers_shown(session, draft) -> None:
    opened = draft.version
    drafts.answer(session, draft, "F01", {"F01": "of the first phone"}, version=opened)
    with pytest.raises(TwoPhonesError) as caught:
        drafts.answer(session, draft, "F01", {"F01": "of the second"}, version=opened)
    assert caught.value.theirs == {"F01": "of the first phone"}
    drafts.answer(session, draft, "F01", {"F01": "of both"}, version=caught.value.version)
    assert draft.answers == {"F01": "of both"}


def test_two_phones_at_two_questions_are_in_nobodys_way(session, draft) -> None:
    opened = draft.version
    drafts.answer(session, draft, "F01", {"F01": "one"}, version=opened)
    drafts.answer(session, draft, "F02", {"F02": "two"}, version=opened)
    assert draft.answers == {"F01": "one", "F02": "two"}


def test_two_phones_that_decide_otherwise_about_showing_it_are_told(session, draft) -> None:
    opened = draft.version
    drafts.agree(session, draft, {"naming": "named"}, version=opened)
    drafts.agree(session, draft, {"naming": "named"}, version=opened)
    with pytest.raises(TwoPhonesError):
        drafts.agree(session, draft, {"naming": "anonymous"}, version=opened)


def test_an_answer_longer_than_anybody_reads_is_refused(session, draft) -> None:
    long = "a" * (drafts.LONGEST + 1)
    with pytest.raises(InvalidError, match="up to 20000"):
        drafts.answer(session, draft, "F01", {"F01": long}, version=draft.version)


def test_photos_are_few_and_each_is_there_once(session, draft) -> None:
    for n in range(drafts.MOST_PHOTOS):
        drafts.add_photo(session, draft, f"{n}" * 64, width=4, height=3)
    drafts.add_photo(session, draft, "0" * 64, width=4, height=3)
    assert len(draft.photos) == drafts.MOST_PHOTOS
    with pytest.raises(InvalidError):
        drafts.add_photo(session, draft, "f" * 64, width=4, height=3)
    drafts.describe_photo(session, draft, "0" * 64, faces=False, caption="The chart", alt="A line")
    drafts.drop_photo(session, draft, "1" * 64)
    assert [one["caption"] for one in draft.photos][:2] == ["The chart", ""]


def test_a_story_can_be_deleted_until_it_is_sent_in(session, asha, draft, make_record) -> None:
    session.commit()
    draft.record_id = make_record()
    with pytest.raises(ConflictError):
        drafts.forget(session, draft)
    draft.record_id = None
    drafts.forget(session, draft)
    assert drafts.mine(session, asha) == []


def test_nobody_begins_stories_without_end(session, asha) -> None:
    for _ in range(drafts.MOST_OPEN):
        drafts.begin(session, asha, kind="facility", language="en", path="quick")
    with pytest.raises(ConflictError, match="not sent in"):
        drafts.begin(session, asha, kind="facility", language="en", path="quick")
