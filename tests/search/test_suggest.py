import pytest

from kb import records
from kb.content import Tag
from kb.models import Record
from kb.vocabulary import Status, TagStatus, Visibility
from search.filters import Scope
from search.index import LiveIndex
from search.suggest import Kind, suggest

KMC = "kangaroo-mother-care"


@pytest.fixture
def live(terms) -> LiveIndex:
    return LiveIndex(None, terms)


@pytest.fixture
def type_(live, reading):
    """Return what is suggested now: the texts."""

    def typed(text, **how) -> list[str]:
        with reading() as session:
            return [one.text for one in suggest(session, live.current(session), text, **how)]

    return typed


@pytest.mark.parametrize("typed", ["cesar", "CÉSAR", "césar", "after ces", "césa afte"])
def test_any_word_may_begin_so_whatever_its_case_and_accents(typed, make_record, type_) -> None:
    make_record(title="Walking after a Césarienne")
    make_record(title="Nothing of the kind")
    assert "Walking after a Césarienne" in type_(typed)
    assert "Nothing of the kind" not in type_(typed)


def test_a_word_is_found_by_its_beginning_only(make_record, type_) -> None:
    make_record(title="Breastfeeding at once")
    assert "Breastfeeding at once" in type_("breastf")
    assert type_("feeding at onc") == []


def test_a_concept_is_found_by_its_labels_in_every_language(type_) -> None:
    assert "Kangaroo mother care" in type_("kangar")
    assert "Kangaroo mother care" in type_("KMC")
    assert "Soins maternels kangourou" in type_("kangourou")


def test_concepts_that_records_have_come_before_titles_and_those_without_after(
    make_record, live, reading
) -> None:
    title = "Mothers of the night"
    make_record(title=title, tags=(Tag(notation=KMC, status=TagStatus.CONFIRMED),))
    with reading() as session:
        found = suggest(session, live.current(session), "mother")
    assert found[0].notation == KMC
    at = [one.text for one in found].index(title)
    kinds = [one.kind for one in found]
    assert kinds[at] is Kind.TITLE
    assert found[at].record_id
    assert all(one.notation != KMC for one in found[at:])
    assert Kind.CONCEPT in kinds[at + 1 :]


def test_what_the_public_may_not_see_is_not_suggested(make_record, type_, session) -> None:
    make_record(title="Diesel for the team")
    session.query(Record).update({"visibility": Visibility.TEAM})
    session.commit()
    make_record(title="Diesel in a draft", publish=False)
    make_record(title="Diesel for all")
    assert type_("diesel") == ["Diesel for all"]
    assert set(type_("diesel", scope=Scope.ALL)) == {
        "Diesel for all",
        "Diesel in a draft",
        "Diesel for the team",
    }


def test_a_title_is_gone_as_soon_as_its_record_is_withdrawn(make_record, type_, session) -> None:
    record_id = make_record(title="Diesel for all")
    assert type_("diesel") == ["Diesel for all"]
    records.withdraw(session, record_id, by="test", reason="asked for")
    session.commit()
    assert type_("diesel") == type_("diesel", scope=Scope.ALL) == []


def test_a_withdrawal_between_index_and_answer_counts(make_record, live, reading, session) -> None:
    record_id = make_record(title="Diesel for all")
    with reading() as other:
        index = live.current(other)
    session.get_one(Record, record_id).status = Status.WITHDRAWN
    session.commit()
    with reading() as other:
        assert suggest(other, index, "diesel") == ()


def test_an_edited_title_is_suggested_as_it_is_now(make_record, type_, session) -> None:
    record_id = make_record(title="Diesel in room seven")
    assert type_("diesel") == ["Diesel in room seven"]
    record = records.get(session, record_id)
    new = records.read(record).model_copy(update={"title": "Diesel in a room"})
    records.edit(session, record_id, new, version=record.version, by="test")
    session.commit()
    assert type_("diesel") == ["Diesel in a room"]
    assert type_("seven") == []


def test_a_concept_that_only_drafts_have_does_not_stand_first(make_record, type_) -> None:
    before = type_("care", limit=50)
    make_record(publish=False, tags=(Tag(notation=KMC, status=TagStatus.CONFIRMED),))
    assert type_("care", limit=50) == before


def test_newer_titles_come_first_and_before_them_those_that_begin_so(make_record, type_) -> None:
    for title in ("Diesel, the old", "A bit of diesel", "Diesel, the new"):
        make_record(title=title)
    assert type_("diesel") == ["Diesel, the new", "Diesel, the old", "A bit of diesel"]


@pytest.mark.parametrize("typed", ["", " ", "d", "-", "“”", "\x00", "🙂"])
def test_too_little_suggests_nothing(typed, make_record, type_) -> None:
    make_record(title="Diesel for all")
    assert type_(typed) == []


def test_no_more_than_asked_for_and_no_title_twice(make_record, type_) -> None:
    for _ in range(3):
        make_record(title="Mothers of the night")
    assert type_("mothers of") == ["Mothers of the night"]
    assert len(type_("mother", limit=3)) == 3
    assert "Mothers of the night" in type_("mother", limit=3)


def test_a_library_without_taxonomy_suggests_titles(make_record, reading) -> None:
    make_record(title="Mothers of the night")
    live = LiveIndex(None)
    with reading() as session:
        found = suggest(session, live.current(session), "moth")
    assert [one.text for one in found] == ["Mothers of the night"]
