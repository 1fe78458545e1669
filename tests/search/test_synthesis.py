"""How others did it: every number is a recount of the records it names, and no word is invented."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from kb import records
from kb.before_after import before_after
from kb.content import ChangeIdea, Measure, Place, Point, Section, Tag
from kb.errors import NotFoundError
from kb.models import Likeness, Record
from kb.vocabulary import (
    DataSource,
    Decision,
    Direction,
    FacilityType,
    Level,
    LikenessKind,
    LikenessState,
    MeasureType,
    Naming,
    SectionRole,
    Status,
    TagStatus,
    Unit,
    Verdict,
    Visibility,
)
from search.accounts import Account
from search.answer import good, how_others_did_it
from search.effects import Effect
from search.filters import Filters, Scope
from search.query import Hit, Parts
from search.synthesis import Synthesis, sum_up
from search.understand import Question

START = date(2024, 1, 1)


def series(*values: float, **changes) -> Measure:
    points = tuple(
        Point(period=START + timedelta(weeks=n), value=value) for n, value in enumerate(values)
    )
    fields = {
        "name": "Fed within the hour",
        "direction": Direction.UP,
        "source": DataSource.REGISTER,
        "points": points,
    }
    return Measure(**{**fields, **changes})


def idea(text="Weigh later", *interventions: str, **changes) -> ChangeIdea:
    fields = {"decision": Decision.ADOPTED, "verdict": Verdict.WORKED}
    return ChangeIdea(text=text, interventions=interventions, **{**fields, **changes})


def account(record_id=1, **changes) -> Account:
    fields = {
        "version": (1, datetime(2024, 6, 3, tzinfo=UTC)),
        "title": f"Story {record_id}",
        "language": "en",
        "level": Level.FACILITY,
        "verdict": Verdict.WORKED,
        "verdict_reason": "",
        "strength": 0,
        "cost_said": False,
        "places": (Place(country="TZA", admin2="Rungwe", facility=f"Facility {record_id}"),),
        "ideas": (idea("Weigh later", "process-redesign"),),
        "measures": (),
        "sections": (),
    }
    return Account(record_id=record_id, **{**fields, **changes})


def summed(*told: Account, **how) -> Synthesis:
    return sum_up(told, question=Question(""), total=len(told), **how)


# Every number is a recount.

measures = st.lists(
    st.builds(
        series,
        *[st.integers(0, 100)] * 3,
        unit=st.sampled_from([Unit.PERCENT, Unit.MINUTES, Unit.COUNT]),
        direction=st.sampled_from([Direction.UP, Direction.DOWN, None]),
        name=st.sampled_from(["Fed", "Died"]),
    ),
    max_size=2,
).map(tuple)
ideas = st.lists(
    st.builds(
        lambda kinds, decision, verdict: idea(
            "Weigh later", *sorted(kinds), decision=decision, verdict=verdict
        ),
        st.sets(st.sampled_from(["process-redesign", "reminders-and-cues", "peer-support"])),
        st.sampled_from(Decision),
        st.sampled_from(Verdict),
    ),
    max_size=3,
).map(tuple)
places = st.lists(
    st.builds(
        Place,
        country=st.sampled_from(["", "TZA", "KEN"]),
        admin2=st.sampled_from(["", "Rungwe"]),
        facility=st.sampled_from(["", "Ilulu", "ILULU", "Other"]),
    ),
    max_size=2,
).map(tuple)
libraries = st.lists(
    st.builds(
        dict,
        level=st.sampled_from(Level),
        verdict=st.sampled_from(Verdict),
        strength=st.integers(0, 10),
        cost_said=st.booleans(),
        places=places,
        ideas=ideas,
        measures=measures,
    ),
    max_size=6,
).map(lambda told: [account(n, **fields) for n, fields in enumerate(told, start=1)])


def counts(tallies) -> Counter:
    return Counter({one.value: one.count for one in tallies})


def behind(tallies) -> dict:
    return {one.value: one.records for one in tallies}


def naive_places(told) -> int:
    names = set()
    for one in told:
        shown = [p for p in one.places if p.facility or p.admin2]
        names |= {(p.country, p.admin2.lower(), p.facility.lower()) for p in shown}
        names |= set() if shown else {one.record_id}
    return len(names)


@given(libraries)
def test_every_number_is_a_recount_of_the_records(told) -> None:
    found = summed(*told)
    pairs = [(one, tried) for one in told for tried in one.ideas]
    assert found.n_places == naive_places(told)
    assert counts(found.verdicts) == Counter(one.verdict for one in told)
    assert counts(found.countries) == Counter(
        country for one in told for country in {p.country for p in one.places if p.country}
    )
    kinds = {kind for _, tried in pairs for kind in tried.interventions or ("",)}
    assert {group.intervention for group in found.groups} == kinds
    for group in found.groups:
        mine = [(o, i) for o, i in pairs if group.intervention in (i.interventions or ("",))]
        assert group.records == tuple(sorted({o.record_id for o, _ in mine}))
        assert len(group.ideas) == len(mine)
        assert counts(group.decisions) == Counter(i.decision for _, i in mine)
        assert counts(group.verdicts) == Counter(i.verdict for _, i in mine)
        for decision, ids in behind(group.decisions).items():
            assert ids == tuple(sorted({o.record_id for o, i in mine if i.decision is decision}))
        assert group.n_places == naive_places({o.record_id: o for o, _ in mine}.values())
    assert len(found.dropped) == sum(
        i.decision is Decision.ABANDONED
        or i.verdict in {Verdict.DID_NOT_WORK, Verdict.HARMED, Verdict.WORKED_THEN_LOST}
        for _, i in pairs
    )
    assert counts(found.idea_verdicts) == Counter(i.verdict for _, i in pairs)
    assert found.unknown.uncosted == tuple(o.record_id for o in told if not o.cost_said)
    assert found.unknown.unmeasured == tuple(o.record_id for o in told if not o.measures)


@given(libraries)
def test_an_effect_is_the_median_of_what_can_be_set_side_by_side(told) -> None:
    for effect in summed(*told).effects:
        alike = [
            one.measured.result
            for one in told
            if one.measured
            and (one.measured.unit, one.measured.direction) == (effect.unit, effect.direction)
            and (not effect.name or one.measured.result.name == effect.name)
        ]
        assert len(effect.measured) == len(alike) == len(effect.records)
        assert effect.before == median(result.before for result in alike)
        assert effect.after == median(result.after for result in alike)
        assert bool(effect.name) == (effect.unit is Unit.COUNT)


@given(libraries.filter(bool), st.data())
def test_a_record_less_takes_away_exactly_what_it_told(told, data) -> None:
    gone = data.draw(st.sampled_from(told))
    whole, rest = summed(*told), summed(*(one for one in told if one is not gone))
    alone = summed(gone)
    for name in ("verdicts", "levels", "countries"):
        assert counts(getattr(rest, name)) == counts(getattr(whole, name)) - counts(
            getattr(alone, name)
        )
    before = {group.intervention: group for group in whole.groups}
    after = {group.intervention: group for group in rest.groups}
    own = {group.intervention: group for group in alone.groups}
    for notation, group in before.items():
        if notation not in own:
            assert after[notation] == group
            continue
        left = after.get(notation)
        decisions = counts(left.decisions) if left else Counter()
        assert decisions == counts(group.decisions) - counts(own[notation].decisions)
        ideas_left = left.ideas if left else ()
        assert ideas_left == tuple(i for i in group.ideas if i.record_id != gone.record_id)
    assert {d.idea for d in rest.dropped} == {d.idea for d in whole.dropped} - {
        d.idea for d in alone.dropped
    }


@given(libraries)
def test_the_same_records_are_summed_up_the_same_way_twice(told) -> None:
    assert summed(*told) == summed(*told)


# What counts as what.


def effect_of(*told: Account) -> Effect:
    (effect,) = summed(*told).effects
    return effect


def test_up_and_down_percent_and_minutes_are_never_mixed() -> None:
    told = [
        account(1, measures=(series(30, 80),)),
        account(2, measures=(series(80, 30, direction=Direction.DOWN),)),
        account(3, measures=(series(80, 30, unit=Unit.MINUTES, direction=Direction.DOWN),)),
        account(4, measures=(series(30, 80, direction=None),)),
    ]
    assert [effect.records for effect in summed(*told).effects] == [(3,), (2,), (1,), (4,)]


def test_counts_are_set_side_by_side_under_one_name_only() -> None:
    deaths = {"unit": Unit.COUNT, "direction": Direction.DOWN}
    told = [
        account(1, measures=(series(12, 4, name="Deaths", **deaths),)),
        account(2, measures=(series(300, 200, name="Visits missed", **deaths),)),
        account(3, measures=(series(8, 2, name="deaths", **deaths),)),
    ]
    found = summed(*told).effects
    assert [(e.name, e.before, e.after) for e in found] == [
        ("Deaths", 10, 3),
        ("Visits missed", 300, 200),
    ]


def test_an_effect_says_how_many_data_are_strong_and_how_many_went_better() -> None:
    strong = series(
        *(30, 31, 32, 33, 70, 72, 74, 76, 78, 80),
        type=MeasureType.OUTCOME,
        baseline_points=4,
    )
    told = [account(1, measures=(strong,)), account(2, measures=(series(40, 38, 30),))]
    effect = effect_of(*told)
    assert (effect.strong, effect.went_better, effect.records) == ((1,), (1,), (1, 2))
    assert (effect.before, effect.after) == (
        (Fraction(63, 2) + 40) / 2,
        (Fraction(77) + 30) / 2,
    )


def test_the_two_numbers_are_those_of_the_record_page() -> None:
    measure = series(*range(12), baseline_points=3)
    assert effect_of(account(measures=(measure,))).measured[0].result == before_after(measure, None)


def test_an_idea_that_was_dropped_is_given_no_credit_for_the_result() -> None:
    told = account(
        ideas=(
            idea("Weigh later", "process-redesign"),
            idea("Hang a poster", "job-aids-and-wall-charts", decision=Decision.ABANDONED),
        ),
        measures=(series(34, 82),),
    )
    poster, later = sorted(summed(told).groups, key=lambda group: group.intervention)
    assert (poster.intervention, poster.effects) == ("job-aids-and-wall-charts", ())
    assert later.effects[0].records == (1,)


def test_most_places_go_first_then_the_stronger_data_and_unclassified_ideas_last() -> None:
    told = [
        account(1, strength=3, ideas=(idea("a", "peer-support"), idea("b"))),
        account(2, strength=3, ideas=(idea("a", "process-redesign"), idea("b"))),
        account(3, strength=9, ideas=(idea("a", "reminders-and-cues"), idea("b"))),
        account(4, ideas=(idea("a", "process-redesign"),)),
    ]
    order = [group.intervention for group in summed(*told).groups]
    assert order == ["process-redesign", "reminders-and-cues", "peer-support", ""]
    asked = summed(*told, first={"peer-support"}).groups
    assert asked[0].intervention == "peer-support"


def test_an_idea_with_two_interventions_stands_under_each() -> None:
    found = summed(account(ideas=(idea("a", "peer-support", "process-redesign"),)))
    assert [group.intervention for group in found.groups] == ["peer-support", "process-redesign"]
    assert all(len(group.ideas) == 1 for group in found.groups)


def test_no_record_fills_the_top_of_a_group() -> None:
    told = [
        account(1, ideas=tuple(idea(f"one {n}", "peer-support") for n in range(3))),
        account(2, ideas=(idea("two", "peer-support"),)),
    ]
    (group,) = summed(*told).groups
    assert [tried.text for tried in group.ideas] == ["one 0", "two", "one 1", "one 2"]


def test_two_hidden_facilities_are_two_places_whatever_they_are() -> None:
    hidden = (Place(country="TZA", facility_type=FacilityType.HEALTH_CENTRE),)
    assert summed(account(1, places=hidden), account(2, places=hidden)).n_places == 2
    shown = (Place(country="TZA", facility="Ilulu"),)
    assert summed(account(1, places=shown), account(2, places=shown)).n_places == 1


def test_what_is_not_known_is_only_what_can_be_counted(terms) -> None:
    told = account(
        level=Level.DISTRICT,
        verdict=Verdict.TOO_EARLY,
        places=(Place(country="TZA", facility_type=FacilityType.HEALTH_POST),),
        ideas=(idea("a", "peer-support", verdict=Verdict.NOT_REPORTED),),
    )
    unknown = summed(told, countries={"TZA", "KEN"}, taxonomy=terms).unknown
    assert Level.DISTRICT not in unknown.levels
    assert Level.COMMUNITY in unknown.levels
    assert FacilityType.HEALTH_POST not in unknown.facility_types
    assert unknown.countries == ("KEN",)
    assert "learning-and-sharing" in unknown.interventions
    assert "people-engagement" not in unknown.interventions  # peer support is narrower
    assert (unknown.unmeasured, unknown.unjudged, unknown.uncosted) == ((1,), (1,), (1,))
    assert (unknown.open_ideas.count, unknown.open_ideas.records) == (1, (1,))


# Words of the records.


def section(role: SectionRole, body: str) -> tuple[int, Section]:
    return 0, Section(role=role, body=body)


def test_why_an_idea_failed_is_quoted_from_its_own_words_first() -> None:
    poster = idea("Hang a poster", steps="It covered the clock on the wall.\n\nMore.")
    dropped = poster.model_copy(update={"decision": Decision.ABANDONED})
    (found,) = summed(account(ideas=(dropped,))).dropped
    assert found.why is not None
    assert found.why.text == "It covered the clock on the wall."


def test_else_why_is_the_sentence_about_it_with_the_one_after() -> None:
    told = account(
        ideas=(idea("Hang a large poster in the delivery room", decision=Decision.ABANDONED),),
        sections=(
            section(
                SectionRole.CHANGES,
                "The room is old and small. We hung a large **poster** in May. Nobody read it.",
            ),
        ),
    )
    (dropped,) = summed(told).dropped
    assert dropped.why is not None
    assert dropped.why.text == "We hung a large poster in May. Nobody read it."


def test_of_two_such_sentences_the_one_on_what_the_idea_is_about_is_quoted() -> None:
    lessons = "Two midwives had sore hands. Buckets did more than all posters together."
    told = account(
        ideas=(idea("Hang posters about clean hands", decision=Decision.ABANDONED),),
        sections=(section(SectionRole.DID_NOT_WORK, lessons),),
    )
    (dropped,) = summed(told).dropped
    assert dropped.why is not None
    assert dropped.why.text == "Buckets did more than all posters together."


def test_nothing_is_said_of_why_where_the_record_says_nothing() -> None:
    told = account(
        ideas=(idea("Hang a poster", decision=Decision.ABANDONED),),
        sections=(section(SectionRole.RESULTS, "Babies were fed sooner than ever before."),),
    )
    assert summed(told).dropped[0].why is None


def test_a_record_that_fell_short_says_why() -> None:
    reason = account(1, verdict=Verdict.PARTLY, verdict_reason="Nights stayed as they were.")
    lesson = account(
        2,
        verdict=Verdict.DID_NOT_WORK,
        sections=(section(SectionRole.DID_NOT_WORK, "We had a person and called it a programme."),),
    )
    found = summed(reason, account(3), lesson).fell_short
    assert [(one.record_id, one.why.text if one.why else "") for one in found] == [
        (1, "Nights stayed as they were."),
        (2, "We had a person and called it a programme."),
    ]


def test_results_are_quoted_with_their_numbers_and_advice_from_its_beginning() -> None:
    told = account(
        sections=(
            section(
                SectionRole.RESULTS,
                "| a | b |\n| --- | --- |\n| 1 of | 2 |\n\nThe midwife counts them every single "
                "Friday. In May 189 of 229 babies were fed.",
            ),
            section(SectionRole.ADVICE, "Move the scale out first. Then wait and see."),
        )
    )
    found = summed(told)
    assert [quote.text for quote in found.happened] == ["In May 189 of 229 babies were fed."]
    assert [q.text for q in found.advice] == ["Move the scale out first. Then wait and see."]


# Which records answer.


def hit(record_id: int, meaning: float, words: float = 0.0, concepts: float = 0.0) -> Hit:
    score = meaning + words + concepts
    parts = Parts(meaning, words, concepts)
    return Hit(record_id, "", "en", SectionRole.SUMMARY, "", "", score, parts)


def kept(*hits: Hit) -> list[int]:
    return [one.record_id for one in good(hits)]


def test_records_with_the_concept_asked_for_answer_and_others_only_if_nearly_as_good() -> None:
    best, far, near = hit(1, 0.5, 0.1, 0.25), hit(2, 0.1, 0, 0.25), hit(3, 0.7, 0.1)
    assert kept(best, near, hit(4, 0.3, 0.1), far, hit(5, 0.1, 0, 0.125)) == [1, 3, 2]


def test_without_a_concept_only_the_nearest_answer() -> None:
    assert kept(hit(1, 0.5), hit(2, 0.41), hit(3, 0.39)) == [1, 2]


def test_a_shared_word_alone_is_no_answer() -> None:
    assert kept(hit(1, 0.12, 0.2)) == []
    assert kept(hit(1, 0, 0.2), hit(2, 0, 0.1)) == [1]  # without an encoder words are all there is
    assert kept() == []


# Through the database.


@pytest.fixture
def ask(reading, indexed, bag):
    def answer(question="", *, encoder=bag, **how) -> Synthesis:
        index = indexed(encoder)
        with reading() as session:
            return how_others_did_it(session, index, question=question, **how)

    return answer


def confirmed(*notations: str) -> tuple[Tag, ...]:
    return tuple(Tag(notation=n, status=TagStatus.CONFIRMED) for n in notations)


KMC = confirmed("kangaroo-mother-care")


def test_a_question_sums_up_the_records_that_answer_it_and_no_others(make_record, ask) -> None:
    first = make_record(tags=KMC, measures=(series(10, 60),))
    second = make_record(tags=KMC, measures=(series(20, 80),))
    make_record(title="Hand rub", summary="Bottles at each bed.", tags=confirmed("hand-hygiene"))
    found = ask("kangaroo mother care for babies")
    assert set(found.records) == {first, second}
    (group,) = found.groups
    assert (group.intervention, group.records) == ("process-redesign", (first, second))
    assert (found.effects[0].before, found.effects[0].after) == (15, 70)


def test_a_concept_sums_up_its_records_and_those_of_narrower_ones(make_record, ask) -> None:
    narrow = make_record(tags=KMC)
    make_record(tags=confirmed("hand-hygiene"))
    assert ask(concept="small-and-sick-newborn-care").records == (narrow,)
    assert ask(concept="anaemia-in-pregnancy").records == ()


def test_of_an_intervention_only_its_own_ideas_are_summed_up(make_record, ask) -> None:
    ideas = (idea("a", "peer-support"), idea("b", "process-redesign"))
    tags = (*KMC, *confirmed("peer-support"))
    make_record(tags=tags, change_ideas=ideas)
    found = ask(concept="people-engagement")
    assert [group.intervention for group in found.groups] == ["peer-support"]
    assert [tried.text for tried in found.groups[0].ideas] == ["a"]


def test_a_story_told_twice_counts_once(make_record, ask, engine) -> None:
    first, again = make_record(tags=KMC), make_record(tags=KMC)
    with Session(engine) as session:
        session.add(
            Likeness(
                record_id=again,
                other_id=first,
                kind=LikenessKind.SAME_TEXT,
                score=1.0,
                state=LikenessState.OPEN,
                decided_by="",
            )
        )
        session.commit()
    assert len(ask("kangaroo mother care").records) == 1
    assert len(ask(concept="kangaroo-mother-care").records) == 1


def test_asked_for_an_intervention_alone_nothing_else_is_given_credit(make_record, ask) -> None:
    poster = idea("Hang a poster", "job-aids-and-wall-charts", decision=Decision.ABANDONED)
    other = idea("Weigh later", "process-redesign")
    tags = (*KMC, *confirmed("job-aids-and-wall-charts"))
    dropped = make_record(
        tags=tags,
        change_ideas=(poster, other),
        measures=(series(30, 80),),
        verdict=Verdict.PARTLY,
    )
    make_record(
        tags=tags,
        change_ideas=(idea("Hang a list", "job-aids-and-wall-charts"),),
        measures=(series(20, 40),),
        verdict=Verdict.PARTLY,
    )
    found = ask("do job aids and wall charts help?")
    assert [group.intervention for group in found.groups] == ["job-aids-and-wall-charts"]
    assert [(effect.before, effect.after) for effect in found.effects] == [(20, 40)]
    assert [one.record_id for one in found.fell_short] == [dropped]
    with_topic = ask("do job aids and wall charts help kangaroo mother care?")
    assert "process-redesign" in [group.intervention for group in with_topic.groups]


def test_an_unknown_concept_is_not_found(make_record, ask) -> None:
    make_record()
    with pytest.raises(NotFoundError):
        ask(concept="flying")


def test_filters_hold(make_record, ask) -> None:
    make_record(tags=KMC)
    kenya = make_record(tags=KMC, places=(Place(country="KEN"),))
    found = ask("kangaroo mother care", filters=Filters(countries=("KEN",)))
    assert found.records == (kenya,)


def test_what_a_reader_may_not_see_is_in_no_number(make_record, ask, session) -> None:
    shown, team, gone = make_record(tags=KMC), make_record(tags=KMC), make_record(tags=KMC)
    draft = make_record(tags=KMC, publish=False)
    session.get_one(Record, team).visibility = Visibility.TEAM
    session.get_one(Record, gone).status = Status.WITHDRAWN
    session.commit()
    public = ask("kangaroo mother care")
    assert public.records == (shown,)
    assert public.groups[0].records == (shown,)
    assert set(ask("kangaroo mother care", scope=Scope.ALL).records) == {shown, team, draft}


def test_places_are_counted_as_their_naming_shows_them(make_record, ask) -> None:
    place = Place(
        country="TZA", admin2="Rungwe", facility="Ilulu", facility_type=FacilityType.HEALTH_POST
    )
    ids = {n: make_record(tags=KMC, naming=n, places=(place,)) for n in Naming}
    found = ask(concept="kangaroo-mother-care")
    # Facility, district, and two that show neither: each of these may be a place of its own.
    assert found.n_places == 4
    assert [(one.value, one.count) for one in found.countries] == [("TZA", 3)]
    naming_it = [one.record_id for one in found.accounts if "Ilulu" in str(one.places)]
    assert naming_it == [ids[Naming.NAMED]]
    assert ask(concept="kangaroo-mother-care", scope=Scope.ALL).n_places == 1


def test_an_anonymous_facility_shows_neither_country_nor_kind(make_record, ask) -> None:
    place = Place(country="KEN", facility_type=FacilityType.HEALTH_POST)
    make_record(tags=KMC, naming=Naming.ANONYMOUS, places=(place,))
    found = ask(concept="kangaroo-mother-care")
    assert found.countries == ()
    assert found.unknown.countries == ()
    assert FacilityType.HEALTH_POST in found.unknown.facility_types


def test_a_quote_is_what_the_record_says_now(make_record, indexed, bag, engine, reading) -> None:
    told = Section(role=SectionRole.RESULTS, body="In May the guard and 189 of 229 were fed.")
    record_id = make_record(tags=KMC, sections=(told,))
    index = indexed(bag)
    with Session(engine) as session:
        row = records.get(session, record_id)
        cleaned = told.model_copy(update={"body": "In May a visitor and 189 of 229 were fed."})
        new = records.read(row).model_copy(update={"sections": (cleaned,)})
        records.edit(session, record_id, new, version=row.version, by="test")
        session.commit()
    with reading() as now:
        found = how_others_did_it(now, index, question="kangaroo mother care")
    assert [quote.text for quote in found.happened] == ["In May a visitor and 189 of 229 were fed."]


def test_the_ideas_nearest_to_the_question_go_first(make_record, ask) -> None:
    ideas = (
        idea("Buy diesel for the ambulance", "peer-support"),
        idea("Let the father carry the baby", "peer-support"),
    )
    make_record(tags=KMC, change_ideas=ideas)
    (group,) = ask("kangaroo mother care, does the father carry the baby").groups
    assert group.ideas[0].text == "Let the father carry the baby"


def test_without_an_encoder_it_sums_up_what_is_found_by_words(make_record, ask) -> None:
    found = make_record(tags=KMC)
    assert ask("kangaroo mother care", encoder=None).records == (found,)
    assert ask("quantum chromodynamics", encoder=None).groups == ()


def test_it_asks_the_database_as_often_for_many_records_as_for_few(
    make_record, indexed, reading, bag, queries
) -> None:
    def count() -> int:
        index = indexed(bag)
        queries.clear()
        with reading() as session:
            how_others_did_it(session, index, question="kangaroo mother care")
            how_others_did_it(session, index, concept="kangaroo-mother-care")
        return len(queries)

    def fill(number: int) -> None:
        for _ in range(number):
            make_record(tags=KMC, measures=(series(30, 50), series(1, 2, 3)))

    fill(2)
    few = count()
    fill(10)
    assert count() == few


def test_an_account_says_what_the_record_says(make_record, ask, reading) -> None:
    record_id = make_record(tags=KMC, measures=(series(30, 50),))
    (told,) = ask(concept="kangaroo-mother-care").accounts
    with reading() as session:
        said = records.read(records.get(session, record_id))
    assert (told.ideas, told.measures) == (said.change_ideas, said.measures)
    assert (told.title, told.level, told.verdict) == (said.title, said.level, said.verdict)
