from datetime import date
from itertools import product

import pytest
from sqlalchemy import select

from kb.content import Place, Tag
from kb.models import Record
from kb.vocabulary import (
    FacilityType,
    Level,
    Naming,
    RecordType,
    TagStatus,
    Verdict,
    Visibility,
)
from search.columns import Columns, read
from search.filters import Filters, Scope, condition
from search.index import Index

CONFIRMED, SUGGESTED, REJECTED = TagStatus.CONFIRMED, TagStatus.SUGGESTED, TagStatus.REJECTED
TOPIC, BELOW = "small-and-sick-newborn-care", "kangaroo-mother-care"


@pytest.fixture
def index(indexed) -> Index:
    return indexed()


@pytest.fixture
def columns(reading):
    """Read what is filtered and counted, as it stands."""

    def now() -> Columns:
        with reading() as session:
            return read(session.connection())

    return now


@pytest.fixture
def ask(reading, index, columns):
    """Return the records that are allowed: in memory and by SQL, which must be the same."""

    def ids(scope=Scope.PUBLIC, **chosen) -> set[int]:
        filters = Filters(**chosen)
        found = columns().allowed(filters, scope, index.narrower).tolist()
        with reading() as session:
            by_sql = select(Record.id).where(condition(filters, scope, index.narrower))
            assert found == sorted(session.scalars(by_sql))
        return set(found)

    return ids


@pytest.fixture
def count(columns, index):
    def facets(scope=Scope.PUBLIC, ids=None, **chosen) -> dict[str, dict[str, int]]:
        found, _ = columns().counts(Filters(**chosen), scope, broader=index.broader, ids=ids)
        return {name: {c.value: c.count for c in values} for name, values in found.items()}

    return facets


def tags(*notations, status=CONFIRMED, confidence=1.0) -> tuple[Tag, ...]:
    return tuple(Tag(notation=n, status=status, confidence=confidence) for n in notations)


def test_the_public_sees_what_is_published_for_all(session, make_record, ask) -> None:
    shown, within, draft = make_record(), make_record(), make_record(publish=False)
    session.get_one(Record, within).visibility = Visibility.TEAM
    session.commit()
    assert ask() == {shown}
    assert ask(Scope.ALL) == {shown, within, draft}


def test_alternatives_within_a_filter_and_all_filters_together(make_record, ask) -> None:
    a = make_record(level=Level.FACILITY, verdict=Verdict.WORKED)
    b = make_record(level=Level.DISTRICT, verdict=Verdict.WORKED)
    make_record(level=Level.DISTRICT, verdict=Verdict.HARMED)
    assert ask(levels=(Level.FACILITY, Level.DISTRICT), verdicts=(Verdict.WORKED,)) == {a, b}
    assert ask(levels=(Level.DISTRICT,), verdicts=(Verdict.WORKED,)) == {b}


def test_a_topic_stands_for_all_below_it(make_record, ask, terms) -> None:
    assert BELOW in terms.narrower_transitive(TOPIC)
    below = make_record(tags=tags(BELOW))
    make_record(tags=tags("anaemia-in-pregnancy"))
    assert ask(topics=(TOPIC,)) == ask(topics=(BELOW,)) == {below}


def test_a_concept_that_nobody_knows_filters_everything_away(make_record, ask) -> None:
    make_record()
    assert ask(topics=("no-such-topic",)) == set()


def test_only_confirmed_tags_filter_for_the_public(make_record, ask) -> None:
    topic = tags("anaemia-in-pregnancy")  # what a record needs to be published
    make_record(tags=(*topic, *tags(BELOW, status=SUGGESTED, confidence=0.9)))
    unsure = make_record(tags=(*topic, *tags(BELOW, status=SUGGESTED, confidence=0.4)))
    make_record(tags=(*topic, *tags(BELOW, status=REJECTED)))
    assert ask(topics=(BELOW,)) == set()
    within = ask(Scope.ALL, topics=(BELOW,))
    assert len(within) == 1
    assert unsure not in within


def test_years_are_those_in_which_the_work_began(make_record, ask) -> None:
    a = make_record(start_date=date(2021, 12, 1))
    b = make_record(start_date=date(2022, 1, 1))
    make_record(start_date=None)
    assert ask(years=(2021,)) == {a}
    assert ask(years=(2021, 2022)) == {a, b}


def test_a_hidden_place_cannot_be_found_by_its_country(make_record, ask, count) -> None:
    place = (Place(country="TZA", facility_type=FacilityType.HEALTH_CENTRE),)
    hidden = make_record(places=place, naming=Naming.ANONYMOUS)
    shown = make_record(places=place, naming=Naming.TYPE_AND_COUNTRY)
    assert ask(countries=("TZA",)) == ask(facility_types=(FacilityType.HEALTH_CENTRE,)) == {shown}
    assert count()["countries"] == {"TZA": 1}
    assert ask(Scope.ALL, countries=("TZA",)) == {hidden, shown}
    assert count(Scope.ALL)["countries"] == {"TZA": 2}


def test_a_record_in_two_countries_is_in_both(make_record, ask, count) -> None:
    both = make_record(places=(Place(country="TZA"), Place(country="KEN"), Place(country="KEN")))
    assert ask(countries=("KEN",)) == ask(countries=("TZA",)) == {both}
    assert count()["countries"] == {"KEN": 1, "TZA": 1}


def test_a_facet_respects_the_other_filters_but_not_its_own(make_record, count) -> None:
    for level, verdict in product((Level.FACILITY, Level.DISTRICT), (Verdict.WORKED,)):
        make_record(level=level, verdict=verdict)
    make_record(level=Level.FACILITY, verdict=Verdict.HARMED)
    found = count(levels=(Level.FACILITY,))
    assert found["levels"] == {"facility": 2, "district": 1}
    assert found["verdicts"] == {"worked": 1, "harmed": 1}


def test_a_count_is_what_choosing_the_value_gives(make_record, ask, count) -> None:
    choices = product(
        (Level.FACILITY, Level.DISTRICT),
        (Verdict.WORKED, Verdict.HARMED),
        ("TZA", "KEN"),
        (TOPIC, BELOW, "anaemia-in-pregnancy"),
    )
    for number, (level, verdict, country, topic) in enumerate(choices):
        if number % 3:
            make_record(
                level=level,
                verdict=verdict,
                places=(Place(country=country),),
                tags=tags(topic),
                record_type=list(RecordType)[number % 4],
                start_date=date(2020 + number % 3, 1, 1),
            )
    chosen = {"levels": (Level.FACILITY,), "topics": (TOPIC,), "years": (2020, 2021)}
    for facet, values in count(**chosen).items():
        for value, expected in values.items():
            one = int(value) if facet == "years" else value
            assert len(ask(**{**chosen, facet: (one,)})) == expected, (facet, value)


def test_a_record_counts_once_for_a_broader_concept(make_record, count, terms) -> None:
    first, second, *_ = [n for n in terms.narrower_transitive(TOPIC) if n != TOPIC]
    make_record(tags=tags(first, second))
    found = count()["topics"]
    assert found[TOPIC] == found[first] == found[second] == 1


def test_a_chosen_value_stays_even_with_nothing_behind_it(make_record, count) -> None:
    make_record(level=Level.FACILITY)
    assert count(levels=(Level.GLOBAL,))["levels"] == {"facility": 1, "global": 0}


def test_counts_can_be_of_some_records_only(make_record, count) -> None:
    first = make_record(level=Level.FACILITY)
    make_record(level=Level.DISTRICT)
    assert count(ids=[first])["levels"] == {"facility": 1}
    assert count(ids=[])["levels"] == {}


def test_many_records_are_read_in_as_many_statements_as_few(make_record, count, queries) -> None:
    for _ in range(5):
        make_record()
    queries.clear()
    count(levels=(Level.FACILITY,))
    few = len([q for q in queries if q.startswith("SELECT")])
    for _ in range(20):
        make_record()
    queries.clear()
    count(levels=(Level.FACILITY,))
    assert len([q for q in queries if q.startswith("SELECT")]) == few == 7


def test_filters_know_whether_there_are_any() -> None:
    assert not Filters()
    assert Filters(years=(2021,))
    assert Filters(years=(2021,), levels=(Level.GLOBAL,)).without("years") == Filters(
        levels=(Level.GLOBAL,)
    )


def test_a_record_without_a_place_has_none_to_count(make_record, count) -> None:
    make_record(places=())
    assert count()["countries"] == {}
