"""What a curator decides about two records that tell the same, and that it can be taken back."""

import pytest
from sqlalchemy.orm import Session

from kb import history, likenesses, records
from kb.errors import ConflictError, NotFoundError
from kb.models import Likeness
from kb.vocabulary import LikenessKind, LikenessState, Status

OPEN, SAME, DIFFERENT = LikenessState.OPEN, LikenessState.SAME, LikenessState.DIFFERENT


@pytest.fixture
def pair(session, make_record):
    """Keep two records as a pair; return the id of the pair."""

    def pair(older: int, newer: int, kind=LikenessKind.NEAR_TEXT, *, earlier=None, score=0.8):
        likeness = Likeness(
            record_id=newer,
            other_id=older,
            kind=kind,
            score=score,
            earlier_id=earlier,
            state=OPEN,
            decided_by="",
        )
        session.add(likeness)
        session.flush()
        return likeness.id

    return pair


@pytest.fixture
def drafts(make_record):
    return [make_record(publish=False) for _ in range(3)]


def status(session: Session, record_id: int) -> Status:
    return records.get(session, record_id).status


def test_open_pairs_are_listed_likest_first_and_decided_ones_are_not(session, pair, drafts):
    a, b, c = drafts
    less, more = pair(a, b, score=0.6), pair(a, c, score=0.9)
    assert [p.id for p in likenesses.open_ones(session)] == [more, less]
    likenesses.decide(session, more, DIFFERENT, by="ama")
    assert [p.id for p in likenesses.open_ones(session)] == [less]
    assert [p.id for p in likenesses.of(session, a)] == [more, less]
    assert [p.id for p in likenesses.of(session, c)] == [more]


def test_the_one_that_came_later_gives_way_to_the_same_text(session, pair, drafts):
    a, b, _ = drafts
    decided = likenesses.decide(session, pair(a, b), SAME, by="ama")
    assert (decided.state, decided.decided_by) == (SAME, "ama")
    assert decided.decided is not None
    assert (status(session, a), status(session, b)) == (Status.DRAFT, Status.RETIRED)
    event = history.events(session, b)[-1]
    assert (event.verb, event.by, event.detail["reason"]) == (
        "retired",
        "ama",
        f"same as record {a}",
    )


def test_the_earlier_version_gives_way_whichever_came_first(session, pair, drafts):
    a, b, c = drafts
    version = LikenessKind.EARLIER_VERSION
    likenesses.decide(session, pair(a, b, version, earlier=a), SAME, by="ama")
    assert (status(session, a), status(session, b)) == (Status.RETIRED, Status.DRAFT)
    likenesses.decide(session, pair(b, c, version, earlier=c), SAME, by="ama")
    assert (status(session, b), status(session, c)) == (Status.DRAFT, Status.RETIRED)


@pytest.mark.parametrize("again", [DIFFERENT, OPEN])
def test_another_decision_brings_the_record_back_as_a_draft(session, pair, drafts, again):
    a, b, _ = drafts
    one = pair(a, b)
    likenesses.decide(session, one, SAME, by="ama")
    decided = likenesses.decide(session, one, again, by="kofi")
    assert status(session, b) is Status.DRAFT
    assert decided.state is again
    assert (decided.decided is None) == (again is OPEN)
    assert history.events(session, b)[-1].verb == "reopened"


def test_a_record_that_was_retired_for_itself_is_not_brought_back(session, pair, drafts):
    a, b, _ = drafts
    records.retire(session, b, by="ama", reason="its numbers were wrong")
    one = pair(a, b)
    likenesses.decide(session, one, SAME, by="ama")
    likenesses.decide(session, one, DIFFERENT, by="ama")
    assert status(session, b) is Status.RETIRED


def test_a_record_that_two_pairs_retire_comes_back_with_the_last(session, pair, drafts):
    a, b, c = drafts
    one, two = pair(a, c), pair(b, c)
    for each in (one, two):
        likenesses.decide(session, each, SAME, by="ama")
    likenesses.decide(session, one, DIFFERENT, by="ama")
    assert status(session, c) is Status.RETIRED
    likenesses.decide(session, two, DIFFERENT, by="ama")
    assert status(session, c) is Status.DRAFT


def test_a_published_record_is_never_retired_silently(session, pair, make_record):
    a, b = make_record(), make_record()
    one = pair(a, b)
    with pytest.raises(ConflictError, match="published") as refused:
        likenesses.decide(session, one, SAME, by="ama")
    assert "Withdraw" in refused.value.hint
    assert likenesses.get(session, one).state is OPEN
    with pytest.raises(ConflictError, match="published"):
        records.retire(session, a, by="ama", reason="old")


def test_of_a_published_record_and_a_draft_the_draft_gives_way(session, pair, make_record):
    a, b = make_record(publish=False), make_record()
    likenesses.decide(session, pair(a, b), SAME, by="ama")
    assert (status(session, a), status(session, b)) == (Status.RETIRED, Status.PUBLISHED)


def test_a_published_earlier_version_stays_until_it_is_withdrawn(session, pair, make_record):
    a, b = make_record(), make_record(publish=False)
    one = pair(a, b, LikenessKind.EARLIER_VERSION, earlier=a)
    with pytest.raises(ConflictError, match=f"Record {a}"):
        likenesses.decide(session, one, SAME, by="ama")
    records.withdraw(session, a, by="ama", reason="a newer version came")
    likenesses.decide(session, one, SAME, by="ama")
    assert (status(session, a), status(session, b)) == (Status.WITHDRAWN, Status.DRAFT)


def test_a_pair_with_a_retired_record_does_not_wait_and_leaves_nobody_alone(session, pair, drafts):
    a, b, c = drafts
    first, second = pair(a, b), pair(b, c)
    likenesses.decide(session, first, SAME, by="ama")
    assert [p.id for p in likenesses.open_ones(session)] == []
    with pytest.raises(ConflictError, match="retired"):
        likenesses.decide(session, second, SAME, by="ama")
    assert status(session, c) is Status.DRAFT


def test_a_copy_of_a_withdrawn_record_is_shown_to_the_curator(session, pair, drafts):
    a, b, _ = drafts
    records.withdraw(session, a, by="ama", reason="the team asked")
    one = pair(a, b)
    assert [p.id for p in likenesses.open_ones(session)] == [one]


def test_a_pair_that_is_not_there_is_said(session):
    with pytest.raises(NotFoundError, match="7"):
        likenesses.decide(session, 7, SAME, by="ama")
