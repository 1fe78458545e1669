"""Packages: parts between records, licences, editions, and another's package made one's own."""

import pytest

from kb import adapting, clearance, collections, editions, parts, records
from kb.editions import Choice, Place
from kb.errors import ConflictError, InvalidError, NotFoundError
from kb.licences import KNOWN, Obstacle, obstacle
from kb.vocabulary import Audience, Clearance, CollectionKind, PartKind, Visibility

IDEA = "Weigh the baby after the first feed"


@pytest.fixture
def package(session, make_record) -> int:
    """A change package of two records under CC BY."""
    made = [make_record(title=f"Story {n}", licence="CC-BY-4.0") for n in (1, 2)]
    begun = collections.create(
        session, "The first hour", purpose="Go.", kind=CollectionKind.CHANGE_PACKAGE, by="test"
    )
    for record_id in made:
        collections.add(session, begun.id, record_id, note=f"Note {record_id}")
    collections.describe(session, begun.id, licence="CC-BY-4.0")
    number = begun.id
    session.commit()
    return number


def kinds(session, collection_id: int) -> list[PartKind]:
    return [part.kind for part in collections.get(session, collection_id).parts]


def first(session, collection_id: int, kind: PartKind):
    return next(p for p in collections.get(session, collection_id).parts if p.kind is kind)


def content(session, collection_id: int, number: int) -> editions.Content:
    found = editions.find(session, collection_id, number)
    assert found is not None
    return found.content


def test_a_brief_begins_with_the_parts_of_a_brief(session) -> None:
    begun = collections.create(session, "Why", kind=CollectionKind.SYNTHESIS_BRIEF, by="test")
    found = kinds(session, begun.id)
    assert found == list(collections.OUTLINES[CollectionKind.SYNTHESIS_BRIEF])
    assert found[0] is PartKind.QUESTION
    assert found[-1] is PartKind.FOR_WHOM


def test_words_stand_between_records_where_they_are_moved(session, package) -> None:
    part = parts.say(session, package, heading="Harder", text=" Nights. ")
    assert part.text == "Nights."
    parts.move(session, package, part.id, by=-1)
    assert kinds(session, package)[-3:] == [PartKind.RECORD, PartKind.WORDS, PartKind.RECORD]
    parts.move(session, package, part.id, by=-99)
    assert kinds(session, package)[0] is PartKind.WORDS
    parts.move(session, package, part.id, by=99)
    assert kinds(session, package)[-1] is PartKind.WORDS
    parts.drop(session, package, part.id)
    assert PartKind.RECORD is kinds(session, package)[-1]


def test_records_put_in_order_leave_words_in_their_places(session, package) -> None:
    part = parts.say(session, package, text="Between")
    parts.move(session, package, part.id, by=-1)
    before = kinds(session, package)
    collections.order(session, package, [2])
    assert kinds(session, package) == before
    held = collections.records_of(collections.get(session, package))
    assert [one.record_id for one in held] == [2, 1]


def test_what_is_made_from_the_records_stands_in_it_once(session, package) -> None:
    with pytest.raises(ConflictError, match="already"):
        parts.say(session, package, kind=PartKind.TRIED)


def test_who_writes_over_the_words_of_another_is_told(session, package) -> None:
    part = first(session, package, PartKind.WORDS)
    began = part.version
    parts.write(session, package, part.id, text="Mine", version=began)
    with pytest.raises(ConflictError, match="since you began"):
        parts.write(session, package, part.id, text="Yours", version=began)
    assert first(session, package, PartKind.WORDS).text == "Mine"
    began = collections.get(session, package).version
    collections.describe(session, package, title="Another", version=began)
    with pytest.raises(ConflictError, match="since you began"):
        collections.describe(session, package, title="Yours", version=began)


@pytest.mark.parametrize(
    ("of_part", "of_whole", "why"),
    [
        ("", "CC-BY-4.0", Obstacle.UNKNOWN),
        ("Own-1.0", "CC-BY-4.0", Obstacle.UNREAD),
        ("CC-BY-4.0", "", Obstacle.UNREAD),
        ("CC-BY-ND-4.0", "CC-BY-4.0", Obstacle.NO_CHANGES),
        ("CC-BY-NC-4.0", "CC-BY-4.0", Obstacle.NOT_COMMERCIAL),
        ("CC-BY-NC-3.0", "CC-BY-NC-SA-4.0", None),
        ("CC-BY-SA-3.0", "CC-BY-SA-4.0", None),
        ("CC-BY-SA-4.0", "CC-BY-SA-3.0", Obstacle.ALIKE),
        ("CC-BY-SA-4.0", "CC-BY-4.0", Obstacle.ALIKE),
        ("CC-BY-4.0", "CC0-1.0", Obstacle.CREDIT),
        ("CC0-1.0", "CC-BY-4.0", None),
    ],
)
def test_a_licence_allows_a_package_or_says_why_not(of_part, of_whole, why) -> None:
    assert obstacle(of_part, of_whole) is why


def test_every_licence_that_allows_changes_allows_its_like() -> None:
    for spdx, licence in KNOWN.items():
        assert (obstacle(spdx, spdx) is None) is licence.change


def test_without_a_licence_of_the_whole_only_what_none_would_help_is_in_doubt(
    session, package
) -> None:
    collections.describe(session, package, licence="")
    collection = collections.get(session, package)
    assert clearance.doubts(session, collection) == []
    for licence, why in (
        ("CC-BY-ND-4.0", Obstacle.NO_CHANGES),
        ("Own-1.0", Obstacle.UNREAD),
        ("", Obstacle.UNKNOWN),
        ("CC-BY-NC-SA-4.0", None),
    ):
        records.get(session, 2).licence = licence
        found = [doubt.obstacle for doubt in clearance.doubts(session, collection)]
        assert found == ([why] if why else []), licence


def test_a_licence_that_does_not_allow_it_holds_the_package_back(session, package) -> None:
    records.get(session, 2).licence = "CC-BY-NC-4.0"
    session.flush()
    collection = collections.get(session, package)
    (doubt,) = clearance.doubts(session, collection)
    assert (doubt.record_id, doubt.obstacle, doubt.open) == (2, Obstacle.NOT_COMMERCIAL, True)
    with pytest.raises(ConflictError, match="not decided: 2"):  # no title: it may be hidden
        collections.publish(session, package, by="test")
    assert doubt.part_id
    with pytest.raises(InvalidError, match="permitted"):
        parts.clear(session, package, doubt.part_id, Clearance.PERMITTED)
    parts.clear(session, package, doubt.part_id, Clearance.LINKED)
    collections.publish(session, package, by="test")
    assert content(session, package, 1).parts[-1].clearance is Clearance.LINKED


def test_a_reading_list_only_names_its_records_and_needs_no_licence(session, make_record) -> None:
    record_id = make_record()
    records.get(session, record_id).licence = ""
    begun = collections.create(session, "To read", purpose="Rest.", by="test")
    collections.add(session, begun.id, record_id)
    collections.publish(session, begun.id, by="test")


def test_the_licence_of_the_library_stands_for_what_was_made_here(session, make_record) -> None:
    ours, elsewhere = make_record(), make_record(origin="elsewhere")
    for record_id in (ours, elsewhere):
        records.get(session, record_id).licence = ""
    begun = collections.create(
        session, "Ours", purpose="x", kind=CollectionKind.CHANGE_PACKAGE, by="test"
    )
    collections.add(session, begun.id, ours)
    with pytest.raises(InvalidError) as error:
        collections.publish(session, begun.id, by="test")
    assert "a licence for the whole" in error.value.hint
    collections.publish(session, begun.id, by="test", own_licence="CC-BY-4.0")
    collections.add(session, begun.id, elsewhere)
    with pytest.raises(ConflictError):
        collections.publish(session, begun.id, by="test", own_licence="CC-BY-4.0")


@pytest.mark.parametrize("wrong", [{"licence": "My-own"}, {"least_places": -1}])
def test_what_cannot_be_is_refused(session, package, wrong) -> None:
    with pytest.raises(InvalidError):
        collections.describe(session, package, **wrong)


def test_an_edition_stays_as_it_was_published(session, package) -> None:
    collections.publish(session, package, by="ana", note="The first one.")
    collections.describe(session, package, title="Another title", audience=[Audience.RESEARCHERS])
    collections.annotate(session, package, 1, "Another note")
    assert content(session, package, 1).title == "The first hour"
    (shown,) = collections.published(session)
    assert shown.content.title == "The first hour"
    collections.publish(session, package, by="ana", note="The second.")
    assert content(session, package, 1).title == "The first hour"
    assert content(session, package, 2).audience == (Audience.RESEARCHERS,)
    assert [(e.number, e.by, e.note) for e in editions.all_of(session, package)] == [
        (1, "ana", "The first one."),
        (2, "ana", "The second."),
    ]
    assert editions.find(session, package, 3) is None


def test_what_changed_since_an_edition_is_told(session, package, make_record) -> None:
    new = make_record(title="Story 3", licence="CC-BY-4.0")
    words = first(session, package, PartKind.WORDS)
    parts.write(session, package, words.id, heading="Begin", text="Count.")
    collections.publish(session, package, by="test")
    assert not editions.since(content(session, package, 1), content(session, package, 1))
    collections.add(session, package, new)
    collections.remove(session, package, 2)
    parts.write(session, package, words.id, text="Count twice.")
    collections.describe(session, package, least_places=2, title="Within the hour")
    record = records.get(session, 1)
    said = records.read(record).model_copy(update={"summary": "Told anew."})
    records.edit(session, 1, said, version=record.version, by="test")
    parts.move(session, package, words.id, by=1)
    collections.publish(session, package, by="test")
    found = editions.since(content(session, package, 1), content(session, package, 2))
    assert [part.record_id for part in found.added] == [new]
    assert [part.record_id for part in found.removed] == [2]
    assert [part.text for part in found.reworded] == ["Count twice."]
    assert found.newer == (1,)
    assert found.named_anew
    assert found.other_rules
    assert found.moved


def test_a_record_taken_back_goes_from_every_edition(session, package) -> None:
    words = Choice(record_id=2, text=IDEA, place=Place.LEFT_OUT, why="Not of the first hour.")
    parts.choose(session, package, words)
    collections.publish(session, package, by="test")
    collections.publish(session, package, by="test")
    records.withdraw(session, 2, by="test", reason="asked for")
    for number in (1, 2):
        found = editions.find(session, package, number)
        assert found is not None
        assert found.content.record_ids == (1,)
        assert found.content.choices == ()
        assert found.taken_back == 1
    records.get(session, 1).visibility = Visibility.TEAM
    session.flush()
    assert editions.find(session, package, 2) is None
    assert collections.published(session) == []


def test_a_record_that_was_never_public_is_not_counted_as_taken_back(session, package) -> None:
    records.get(session, 2).visibility = Visibility.TEAM
    session.flush()
    collections.publish(session, package, by="test")
    (shown,) = collections.published(session)
    assert (shown.content.record_ids, shown.taken_back) == ((1,), 0)


def test_no_edition_holds_words_of_a_record(session, package) -> None:
    collections.publish(session, package, by="test")
    (edition,) = editions.all_of(session, package)
    assert "Story 1" not in str(edition.content)
    assert IDEA not in str(edition.content)


def test_what_is_decided_against_the_rule_says_why(session, package) -> None:
    with pytest.raises(InvalidError, match="otherwise than by the rule"):
        parts.choose(session, package, Choice(record_id=1, text=IDEA, place=Place.TAKEN_IN))
    with pytest.raises(NotFoundError, match="99"):
        parts.choose(session, package, Choice(record_id=99, text=IDEA, why="x"))
    parts.choose(session, package, Choice(record_id=1, text=IDEA, why="Begin here."))
    parts.choose(session, package, Choice(record_id=1, text=IDEA, why="Or here."))
    (kept,) = parts.choices(collections.get(session, package))
    assert (kept.place, kept.why) == (Place.BY_RULE, "Or here.")
    parts.choose(session, package, Choice(record_id=1, text=IDEA))
    assert parts.choices(collections.get(session, package)) == ()


def test_a_package_is_made_ones_own_and_says_whose_it_was(session, package) -> None:
    with pytest.raises(NotFoundError, match="to begin with"):
        adapting.adapt(session, package, by="ben")
    collections.publish(session, package, by="ana")
    collections.publish(session, package, by="ana")
    copy = adapting.adapt(session, package, by="ben")
    assert kinds(session, copy.id) == kinds(session, package)
    assert adapting.adapted(session, package) == []
    collections.describe(session, copy.id, title="For our district")
    collections.publish(session, copy.id, by="ben")
    origin = adapting.origin_of(session, content(session, copy.id, 1))
    assert origin == adapting.Kin(package, "The first hour", "en", 2)
    assert [one.title for one in adapting.adapted(session, package)] == ["For our district"]
    collections.withdraw(session, package, by="ana", reason="old")
    assert adapting.origin_of(session, content(session, copy.id, 1)) is None


def test_the_licence_of_the_package_that_was_adapted_is_kept_to(session, package) -> None:
    collections.describe(session, package, licence="CC-BY-SA-4.0")
    collections.publish(session, package, by="ana")
    copy = adapting.adapt(session, package, by="ben")
    collections.describe(session, copy.id, licence="CC-BY-4.0")
    (doubt,) = clearance.doubts(session, copy)
    assert (doubt.record_id, doubt.obstacle) == (None, Obstacle.ALIKE)
    with pytest.raises(ConflictError):
        collections.publish(session, copy.id, by="ben")
    collections.describe(session, copy.id, licence="CC-BY-SA-4.0")
    collections.publish(session, copy.id, by="ben")
