"""Collections: put together, put in order, shown, taken back."""

import pytest
from sqlalchemy import select

from kb import collections, records
from kb.errors import ConflictError, InvalidError, NotFoundError
from kb.models import Event
from kb.vocabulary import Status, Visibility


@pytest.fixture
def begun(session, make_record) -> int:
    """A collection of three records, the last of them a draft."""
    made = [make_record(title=f"Story {n}", publish=n < 3) for n in (1, 2, 3)]
    collection = collections.create(session, "Warm babies", purpose="For the night.", by="test")
    for record_id in made:
        collections.add(session, collection.id, record_id, note=f"Note {record_id}")
    number = collection.id
    session.commit()  # so that other sessions may write
    return number


def read(session, collection_id: int) -> list[tuple[int, str]]:
    (found,) = collections.published(session, [collection_id])
    return [(part.record_id, part.text) for part in found.content.parts if part.record_id]


def in_order(session, collection_id: int) -> list[int]:
    found = collections.records_of(collections.get(session, collection_id))
    return [part.record_id for part in found]


def test_readers_see_a_collection_once_it_is_published(session, begun) -> None:
    assert collections.published(session) == []
    collections.publish(session, begun, by="test")
    (found,) = collections.published(session)
    said = found.content
    assert (said.title, said.purpose, said.language) == ("Warm babies", "For the night.", "en")
    assert (found.number, found.newest) == (1, 1)


def test_readers_see_only_the_records_that_they_may_read(session, begun) -> None:
    collections.publish(session, begun, by="test")
    assert read(session, begun) == [(1, "Note 1"), (2, "Note 2")]
    records.get(session, 1).visibility = Visibility.TEAM
    session.flush()
    assert read(session, begun) == [(2, "Note 2")]
    not_shown = collections.not_shown(collections.get(session, begun))
    assert [record.id for record in not_shown] == [1, 3]


def test_a_record_that_is_withdrawn_goes_and_comes_back_by_itself(session, begun) -> None:
    collections.publish(session, begun, by="test")
    records.withdraw(session, 1, by="test", reason="asked for")
    assert read(session, begun) == [(2, "Note 2")]
    records.reopen(session, 1, by="test", reason="agreed")
    records.publish(session, 1, by="test")
    assert read(session, begun) == [(1, "Note 1"), (2, "Note 2")]


def test_a_collection_without_a_record_to_read_is_none(session, begun) -> None:
    collections.publish(session, begun, by="test")
    for record_id in (1, 2):
        records.withdraw(session, record_id, by="test", reason="asked for")
    assert collections.published(session) == []
    assert not collections.was_withdrawn(session, begun)


def test_records_stand_in_the_order_of_the_curator(session, begun) -> None:
    collections.order(session, begun, [3, 1])
    assert in_order(session, begun) == [3, 1, 2]
    collections.remove(session, begun, 1)
    assert in_order(session, begun) == [3, 2]
    collections.add(session, begun, 1)
    assert in_order(session, begun) == [3, 2, 1]


def test_words_about_a_record_can_be_changed(session, begun) -> None:
    collections.annotate(session, begun, 2, "  Read this first. ")
    assert collections.get(session, begun).parts[1].text == "Read this first."


def test_what_is_described_anew_keeps_the_rest(session, begun) -> None:
    collections.describe(session, begun, title="Bébés au chaud", language="fr")
    found = collections.get(session, begun)
    assert (found.title, found.purpose, found.language) == (
        "Bébés au chaud",
        "For the night.",
        "fr",
    )


def test_a_record_stands_in_a_collection_once(session, begun) -> None:
    with pytest.raises(ConflictError, match="already"):
        collections.add(session, begun, 1)
    assert in_order(session, begun) == [1, 2, 3]


@pytest.mark.parametrize(
    "act",
    [
        lambda session: collections.get(session, 99),
        lambda session: collections.add(session, 1, 99),
        lambda session: collections.annotate(session, 1, 99, "x"),
        lambda session: collections.remove(session, 1, 99),
        lambda session: collections.order(session, 1, [1, 99]),
    ],
)
def test_what_is_not_there_is_said(session, begun, act) -> None:
    with pytest.raises(NotFoundError, match="99") as error:
        act(session)
    assert error.value.hint


def test_the_words_of_a_collection_are_in_a_language(session, begun) -> None:
    for odd in ("English", "en us", 'en" onclick="x'):
        with pytest.raises(InvalidError, match="not a language"):
            collections.describe(session, begun, language=odd)
        with pytest.raises(InvalidError, match="not a language"):
            collections.create(session, "T", language=odd, by="test")
    assert collections.describe(session, begun, language="pt-MZ").language == "pt-MZ"


@pytest.mark.parametrize("title", ["", "   ", "x" * 121])
def test_a_collection_needs_a_title_that_fits(session, title) -> None:
    with pytest.raises(InvalidError):
        collections.create(session, title, by="test")


def test_a_collection_is_published_with_a_purpose_and_something_to_read(
    session, make_record
) -> None:
    draft = make_record(publish=False)
    empty = collections.create(session, "Nothing yet", by="test").id
    collections.add(session, empty, draft)
    with pytest.raises(InvalidError) as error:
        collections.publish(session, empty, by="test")
    assert error.value.hint == "Still missing: what it is for; a published record."


def test_a_full_collection_takes_no_more(session, begun, make_record, monkeypatch) -> None:
    monkeypatch.setattr(collections, "MOST_RECORDS", 3)
    with pytest.raises(InvalidError, match="the most"):
        collections.add(session, begun, make_record())


def test_a_collection_taken_back_is_known_as_such(session, begun) -> None:
    with pytest.raises(ConflictError, match="not published"):
        collections.withdraw(session, begun, by="test", reason="no")
    collections.publish(session, begun, by="test")
    collections.withdraw(session, begun, by="ana", reason="Out of date.")
    assert collections.published(session) == []
    assert collections.was_withdrawn(session, begun)
    assert records.get(session, 1).status is Status.PUBLISHED
    last = session.scalars(select(Event).order_by(Event.id.desc())).first()
    assert (last.by, last.verb) == ("ana", "collection withdrawn")
    assert last.detail == {"collection": str(begun), "reason": "Out of date."}


def test_a_collection_published_again_keeps_its_day(session, begun) -> None:
    first = collections.publish(session, begun, by="test").published
    collections.withdraw(session, begun, by="test", reason="no")
    assert collections.publish(session, begun, by="test").published == first


def test_the_queries_of_the_list_do_not_grow(session, make_record, queries) -> None:
    def fill(n: int) -> None:
        for _ in range(n):
            one = collections.create(session, "One more", purpose="To count.", by="test")
            collections.add(session, one.id, record_id)
            collections.publish(session, one.id, by="test")
        session.flush()
        session.expire_all()

    def count() -> int:
        queries.clear()
        assert collections.published(session)
        assert collections.listed(session)
        return len(queries)

    record_id = make_record()
    fill(5)
    few = count()
    fill(15)
    assert count() == few
