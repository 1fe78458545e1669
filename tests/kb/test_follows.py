"""What somebody follows, and what is new of it: what all readers see, as they see it."""

from datetime import timedelta

import pytest

from kb import content, follows, notices, records
from kb.db import utcnow
from kb.errors import InvalidError
from kb.models import Reuse
from kb.vocabulary import (
    DigestEvery,
    FollowKind,
    Naming,
    NoticeKind,
    TagStatus,
    Verdict,
    Visibility,
)
from tests.accounts import known, maker

TOPIC = "early-initiation-of-breastfeeding"
RUNGWE = content.Place(country="TZA", admin1="Mbeya", admin2="Rungwe", facility="Ilulu")


@pytest.fixture
def make_record(session, story):
    return maker(session, story)


@pytest.fixture
def asha(session):
    return known(session, "asha")


@pytest.fixture
def follow(session, asha):
    def following(kind: FollowKind, value: str) -> None:
        follows.add(session, asha.user_id, kind, value)

    return following


@pytest.fixture
def news(session, asha, terms):
    """What is new of the last hour, by what is followed."""

    def found() -> dict[str, list[int]]:
        now = utcnow() + timedelta(seconds=1)
        since = now - timedelta(hours=1)
        told = follows.news(
            session, asha.user_id, since=since, until=now, below=terms.narrower_transitive
        )
        return {one.value: [story.record_id for story in one.stories] for one in told}

    return found


def test_a_topic_brings_new_stories_about_it_and_about_what_is_narrower(
    follow, news, make_record, terms
) -> None:
    broader = terms[TOPIC].broader[0]
    follow(FollowKind.TOPIC, broader)
    made = make_record()
    make_record(
        tags=(content.Tag(notation="kangaroo-mother-care", status=TagStatus.CONFIRMED),),
    )
    assert news() == {broader: [made]}


def test_a_tag_that_nobody_confirmed_brings_nothing(follow, news, make_record) -> None:
    follow(FollowKind.TOPIC, "skin-to-skin-contact")
    make_record()  # it is only suggested there
    assert news() == {}


@pytest.mark.parametrize(
    "asked",
    [
        ("TZA", Naming.NAMED, True),
        ("TZA", Naming.TYPE_AND_COUNTRY, True),
        ("TZA", Naming.ANONYMOUS, False),
        ("TZA/Mbeya/Rungwe", Naming.TYPE_AND_DISTRICT, True),
        ("TZA//Rungwe", Naming.TYPE_AND_DISTRICT, True),
        ("TZA/Mbeya/Rungwe", Naming.TYPE_AND_COUNTRY, False),
        ("TZA/Mbeya/Rungwe", Naming.ANONYMOUS, False),
        ("KEN", Naming.NAMED, False),
    ],
)
def test_a_place_brings_only_stories_that_show_it(follow, news, make_record, asked) -> None:
    value, naming, found = asked
    follow(FollowKind.PLACE, value)
    made = make_record(places=(RUNGWE,), naming=naming)
    assert news() == ({value: [made]} if found else {})


def test_what_not_everybody_may_read_is_no_news(session, follow, news, make_record) -> None:
    follow(FollowKind.PLACE, "TZA")
    make_record(publish=False)
    narrower = make_record()
    records.get(session, narrower).visibility = Visibility.DISTRICT
    gone = make_record()
    records.withdraw(session, gone, by="test", reason="asked for")
    assert news() == {}


def test_a_story_stands_in_a_digest_once(follow, news, make_record) -> None:
    follow(FollowKind.TOPIC, TOPIC)
    follow(FollowKind.PLACE, "TZA")
    made = make_record()
    assert news() == {TOPIC: [made]}


def test_a_story_brings_the_reports_that_readers_see(session, follow, news, make_record) -> None:
    record_id = make_record()
    follow(FollowKind.RECORD, str(record_id))
    assert news() == {}
    said = {"by": "x", "where": "y", "adapted_how": "", "numbers": "", "verdict": Verdict.WORKED}
    session.add(Reuse(record_id=record_id, **said))
    session.flush()
    assert news() == {str(record_id): []}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (FollowKind.TOPIC, "process-redesign"),
        (FollowKind.INTERVENTION, TOPIC),
        (FollowKind.PLACE, "Tanzania"),
        (FollowKind.PLACE, "TZA/a/b/c"),
        (FollowKind.RECORD, "7"),
        (FollowKind.RECORD, "99999999999999"),
        (FollowKind.RECORD, ""),
    ],
)
def test_what_is_not_there_is_not_followed(follow, kind, value) -> None:
    with pytest.raises(InvalidError):
        follow(kind, value)


def test_to_follow_twice_is_to_follow_and_there_is_an_end(session, asha, follow) -> None:
    follow(FollowKind.PLACE, "TZA")
    follow(FollowKind.PLACE, "TZA/")
    assert [one.value for one in follows.of(session, asha.user_id)] == ["TZA"]
    for n in range(follows.MOST - 1):
        follow(FollowKind.PLACE, f"TZA/{n}")
    with pytest.raises(InvalidError, match="100 things"):
        follow(FollowKind.PLACE, "KEN")


def test_a_digest_is_written_when_its_week_is_over_and_only_once(
    session, asha, follow, make_record, terms
) -> None:
    below = terms.narrower_transitive
    follow(FollowKind.PLACE, "TZA")
    make_record()
    begun = notices.choice(session, asha.user_id).digest_until
    assert follows.write_digests(session, begun + timedelta(days=6), below=below) == 0
    week = begun + timedelta(days=7)
    assert follows.write_digests(session, week, below=below) == 1
    assert follows.write_digests(session, week, below=below) == 0
    assert follows.write_digests(session, week + timedelta(days=7), below=below) == 0  # no news
    (told,) = notices.latest(session, asha.user_id)
    assert told.kind is NoticeKind.DIGEST
    assert told.detail == {"since": begun.isoformat(), "until": week.isoformat()}


def test_who_wants_no_digest_gets_none(session, asha, follow, make_record, terms) -> None:
    follow(FollowKind.PLACE, "TZA")
    make_record()
    notices.choose(session, asha.user_id, by_mail=True, digest=DigestEvery.NEVER)
    later = utcnow() + timedelta(days=30)
    assert follows.write_digests(session, later, below=terms.narrower_transitive) == 0


def test_what_is_new_takes_as_many_queries_for_ten_stories_as_for_one(
    follow, news, make_record, queries
) -> None:
    def count() -> int:
        queries.clear()
        assert news()
        return len(queries)

    follow(FollowKind.PLACE, "TZA")
    make_record()
    one = count()
    for _ in range(9):
        make_record()
    assert count() == one


def test_the_stories_of_all_digests_are_read_once(
    session, follow, make_record, terms, queries
) -> None:
    below = terms.narrower_transitive
    follow(FollowKind.PLACE, "TZA")
    later = utcnow() + timedelta(days=8)

    def count(people: int) -> int:
        for n in range(people):
            person = known(session, f"p{people}x{n}")
            follows.add(session, person.user_id, FollowKind.PLACE, "TZA")
        make_record()
        queries.clear()
        told = follows.write_digests(session, later + timedelta(days=people), below=below)
        assert told >= 1
        return sum("FROM section" in query for query in queries)

    assert count(1) == 1
    assert count(9) == 1
