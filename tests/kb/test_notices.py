"""What people are told: once, by the ways they chose, and in secret feeds."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from kb import notices, users
from kb.db import utcnow
from kb.errors import NotFoundError
from kb.models import Notice, NoticeChoice
from kb.vocabulary import DigestEvery, NoticeKind
from tests.accounts import known


@pytest.fixture
def asha(session):
    return known(session, "asha")


@pytest.fixture
def neema(session):
    return known(session, "neema")


@pytest.fixture
def tell(session):
    def telling(*people, kind=NoticeKind.ANSWERED, **options) -> None:
        ids = [person.user_id for person in people]
        notices.write(session, ids, kind, link="/requests/1", **options)
        session.flush()

    return telling


def waiting(session) -> list[int]:
    return list(session.scalars(select(Notice.user_id).where(Notice.mail_due.is_not(None))))


def test_everybody_is_told_once_and_whoever_did_it_is_not(session, asha, neema, tell) -> None:
    tell(asha, asha, neema, without=neema.user_id)
    assert [one.user_id for one in session.scalars(select(Notice))] == [asha.user_id]
    assert notices.unseen(session, asha.user_id) == 1
    assert notices.unseen(session, neema.user_id) == 0


def test_what_comes_while_somebody_reads_stays_new(session, asha, neema, tell) -> None:
    tell(asha)
    seen = notices.latest(session, asha.user_id)[0].id
    tell(asha)
    tell(neema)
    notices.see(session, asha.user_id, upto=seen + 2)
    session.expire_all()
    assert notices.unseen(session, asha.user_id) == 0
    assert notices.unseen(session, neema.user_id) == 1
    tell(asha)
    notices.see(session, asha.user_id, upto=seen)
    assert notices.unseen(session, asha.user_id) == 1


def test_what_was_seen_is_not_mailed(session, asha, tell) -> None:
    tell(asha)
    notices.see(session, asha.user_id, upto=notices.latest(session, asha.user_id)[0].id)
    assert waiting(session) == []


def test_who_wants_no_mail_gets_none_not_even_what_waits(session, asha, neema, tell) -> None:
    tell(asha, neema)
    notices.choose(session, asha.user_id, by_mail=False, digest=DigestEvery.WEEK)
    assert waiting(session) == [neema.user_id]
    tell(asha)
    assert waiting(session) == [neema.user_id]
    tell(asha, kind=NoticeKind.DIGEST)  # that is another choice
    assert waiting(session) == [neema.user_id, asha.user_id]
    notices.choose(session, asha.user_id, by_mail=False, digest=DigestEvery.NEVER)
    assert waiting(session) == [neema.user_id]


def test_the_token_of_a_mail_ends_only_such_mails(session, asha) -> None:
    token = notices.choice(session, asha.user_id).stop_token
    notices.stop(session, token, digest=True)
    assert notices.chosen(session, asha.user_id) == (True, DigestEvery.NEVER)
    notices.stop(session, token, digest=False)
    assert notices.chosen(session, asha.user_id) == (False, DigestEvery.NEVER)
    with pytest.raises(NotFoundError):
        notices.stop(session, "another", digest=False)


def test_the_secret_of_a_feed_is_not_kept_and_ends_when_it_is_renewed(session, asha) -> None:
    first = notices.renew_feeds(session, asha.user_id)
    kept = session.get_one(NoticeChoice, asha.user_id)
    assert first not in str(vars(kept))
    assert notices.owner_of_feeds(session, first).id == asha.user_id
    second = notices.renew_feeds(session, asha.user_id)
    with pytest.raises(NotFoundError):
        notices.owner_of_feeds(session, first)
    notices.end_feeds(session, asha.user_id)
    session.flush()
    with pytest.raises(NotFoundError):
        notices.owner_of_feeds(session, second)


def test_the_feed_of_a_closed_account_is_closed(session, asha) -> None:
    secret = notices.renew_feeds(session, asha.user_id)
    users.get(session, asha.user_id).disabled = utcnow()
    session.flush()
    with pytest.raises(NotFoundError):
        notices.owner_of_feeds(session, secret)


def test_a_notice_is_claimed_by_one_sender_and_given_back_after_an_hour(
    session, asha, tell
) -> None:
    tell(asha)
    now = utcnow()
    claimed = notices.claim(session, now)
    assert claimed is not None
    assert claimed[1].email == asha.email
    assert notices.claim(session, now) is None
    assert notices.claim(session, now + timedelta(hours=2)) is not None
    notices.mailed(session, claimed[0].id, now)
    assert notices.claim(session, now + timedelta(hours=9)) is None


def test_a_mail_is_tried_again_with_longer_and_longer_waits_then_given_up(
    session, asha, tell
) -> None:
    tell(asha)
    now = utcnow()
    waits = []
    while (claimed := notices.claim(session, now)) is not None:
        notices.try_later(session, claimed[0].id, now, "away")
        session.flush()
        if claimed[0].mail_due is None:
            break
        waits.append(claimed[0].mail_due - now)
        now = claimed[0].mail_due
    assert tuple(waits) == notices.WAITS
    (kept,) = notices.latest(session, asha.user_id)
    assert (kept.mailed, kept.mail_failed) == (None, "away")


def test_old_notices_are_not_mailed_when_a_mail_server_comes_late(session, asha, tell) -> None:
    tell(asha)
    assert notices.claim(session, utcnow() + timedelta(days=8)) is None


def test_nothing_is_mailed_to_a_closed_account(session, asha, tell) -> None:
    tell(asha)
    users.get(session, asha.user_id).disabled = utcnow()
    session.flush()
    assert notices.claim(session, utcnow()) is None
