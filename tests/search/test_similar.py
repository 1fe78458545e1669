import pytest
from sqlalchemy.orm import Session

from kb import records, texts
from kb.content import Place, Section, Tag
from kb.errors import NotFoundError
from kb.vocabulary import Naming, TagStatus
from search.filters import Scope
from search.similar import similar


def tags(*notations) -> tuple[Tag, ...]:
    return tuple(Tag(notation=n, status=TagStatus.CONFIRMED) for n in notations)


@pytest.fixture
def story_about(make_record):
    def make(words, *, country="TZA", facility="", topics=("anaemia-in-pregnancy",), **more) -> int:
        return make_record(
            title=more.pop("title", "A story"),
            summary=words,
            sections=(Section(body=f"In the end {words}"),),
            change_ideas=(),
            places=(Place(country=country, facility=facility),),
            tags=tags(*topics),
            **more,
        )

    return make


@pytest.fixture
def alike(indexed, reading, bag):
    def find(record_id, *, encoder=bag, **how):
        index = indexed(encoder)
        with reading() as session:
            return similar(session, index, record_id, **how)

    return find


def test_the_nearest_text_is_the_most_similar(story_about, alike) -> None:
    this = story_about("The scale waits until the first feed.", topics=("anaemia-in-pregnancy",))
    far = story_about("Diesel for generators.", topics=("kangaroo-mother-care",))
    near = story_about("The first feed comes before the scale.", topics=("malaria-in-pregnancy",))
    found = alike(this)
    assert [one.record_id for one in found] == [near, far]
    assert found[0].score > found[1].score + 0.1
    assert "scale" in found[0].passage
    assert "scale" in found[0].other_passage


def test_a_record_is_not_similar_to_itself(story_about, alike) -> None:
    this = story_about("The scale waits.")
    assert alike(this) == ()


def test_what_both_are_about_is_said(story_about, alike) -> None:
    this = story_about("One thing.", topics=("kangaroo-mother-care", "anaemia-in-pregnancy"))
    other = story_about("Quite another.", topics=("kangaroo-mother-care",))
    [found] = alike(this)
    assert (found.record_id, found.concepts) == (other, ("kangaroo-mother-care",))


def test_the_same_facility_comes_last_and_another_country_first(story_about, alike) -> None:
    same = {"words": "The scale waits.", "naming": Naming.NAMED}
    this = story_about(facility="Ilulu", **same)
    own = story_about(facility="Ilulu", **same)
    near = story_about(facility="Masoko", **same)
    abroad = story_about(facility="Ilulu", country="KEN", **same)
    found = alike(this)
    assert [one.record_id for one in found] == [abroad, near, own]
    assert [one.elsewhere for one in found] == [True, False, False]


def test_a_hidden_place_does_not_show_in_the_order(story_about, alike) -> None:
    same = {"words": "The scale waits.", "facility": "Ilulu"}
    this = story_about(naming=Naming.NAMED, **same)
    hidden = story_about(naming=Naming.TYPE_AND_DISTRICT, **same)
    nowhere = story_about(naming=Naming.ANONYMOUS, country="KEN", **same)
    later = story_about("The scale waits, says another.", naming=Naming.NAMED, facility="Masoko")
    found = alike(this)
    assert [one.record_id for one in found] == [hidden, nowhere, later]
    assert not found[1].elsewhere
    within = {one.record_id: one for one in alike(this, scope=Scope.ALL)}
    assert within[nowhere].elsewhere


def test_only_what_the_reader_may_see_is_similar(story_about, alike) -> None:
    this = story_about("The scale waits.")
    draft = story_about("The scale waits.", publish=False)
    assert alike(this) == ()
    assert [one.record_id for one in alike(this, scope=Scope.ALL)] == [draft]


def test_without_vectors_concepts_alone_make_records_similar(story_about, alike) -> None:
    this = story_about("The scale waits.")
    other = story_about("Diesel.")
    [found] = alike(this, encoder=None)
    assert (found.record_id, found.passage) == (other, "")


def test_at_most_as_many_as_asked_for(story_about, alike) -> None:
    this, *_ = [story_about("The scale waits.") for _ in range(6)]
    assert len(alike(this, limit=3)) == 3


def test_an_unknown_record_is_not_found(alike) -> None:
    with pytest.raises(NotFoundError, match="99"):
        alike(99)


def test_a_passage_that_was_reworded_since_is_not_shown(
    engine, story_about, indexed, reading, bag
) -> None:
    this = story_about("Zawadi waits beside the scale.")
    other = story_about("Zawadi waits beside the other scale.")
    index = indexed(bag)
    with Session(engine) as session:
        record = records.get(session, other)
        bare = texts.reworded(records.read(record), lambda text: text.replace("Zawadi", "She"))
        records.edit(session, other, bare, version=record.version, by="me")
        session.commit()
    with reading() as session:
        [found] = similar(session, index, this)
    assert (found.passage, "Zawadi" in found.other_passage) == ("", True)
