from dataclasses import fields
from datetime import UTC, datetime
from itertools import chain

import numpy as np
import pytest
from sqlalchemy.orm import Session

from kb import records
from kb.content import Place, Section, Tag
from kb.errors import InvalidError
from kb.models import Likeness, Record
from kb.vocabulary import (
    Level,
    LikenessKind,
    LikenessState,
    Naming,
    SectionRole,
    Status,
    TagStatus,
    Verdict,
    Visibility,
)
from search import query, ranking
from search.diversity import Fold
from search.filters import Filters, Scope
from search.fusion import Weights
from search.query import Sort, search
from tests.deleting import take_out

WORDS = ["scale", "chest", "oxytocin", "fridge", "night", "ward", "diesel", "referral", "coach"]
WORDS += ["register", "mother", "song"]


@pytest.fixture
def ask(reading, indexed, bag):
    def answer(question, *, encoder=bag, **how):
        index = indexed(encoder)
        with reading() as session:
            return search(session, index, question, **how)

    return answer


@pytest.fixture
def library(make_record):
    """Twelve records, each about a few of the words, in two levels and countries."""

    def about(number: int) -> str:
        return " ".join(WORDS[number % 12 :: number % 4 + 2])

    return [
        make_record(
            title=f"Story {number}",
            summary=f"About {about(number)}.",
            sections=(Section(role=SectionRole.RESULTS, body=f"We saw {about(number + 1)}."),),
            change_ideas=(),
            level=(Level.FACILITY, Level.DISTRICT)[number % 2],
            places=(Place(country=("TZA", "KEN", "UGA")[number % 3]),),
        )
        for number in range(12)
    ]


def ids(results) -> list[int]:
    return [hit.record_id for hit in results.hits]


def test_the_best_passage_of_the_right_record_comes_first(make_record, ask) -> None:
    make_record(title="Fridges", summary="Oxytocin is kept cold in a fridge.")
    right = make_record(
        title="Counting",
        sections=(
            Section(role=SectionRole.PROBLEM, heading="Why", body="The register was half empty."),
            Section(role=SectionRole.CHANGES, heading="What", body="The scale waits in the ward."),
        ),
        change_ideas=(),
    )
    hit = ask("Where does the scale wait?").hits[0]
    assert (hit.record_id, hit.title) == (right, "Counting")
    assert (hit.section, hit.heading) == (SectionRole.CHANGES, "What")
    assert hit.passage == "The scale waits in the ward."
    assert [hit.passage[a:b] for a, b in hit.highlights] == ["scale", "waits"]
    assert hit.words == ("scale", "waits")
    assert hit.score == pytest.approx(hit.parts.meaning + hit.parts.words + hit.parts.concepts)
    assert hit.parts.words == pytest.approx(0.2)


def test_words_of_the_title_are_marked_there(make_record, ask) -> None:
    make_record(title="Oxytocin in the fridge", summary="Cold.")
    hit = ask("oxytocin").hits[0]
    assert [hit.title[a:b] for a, b in hit.title_highlights] == ["Oxytocin"]


def test_each_record_is_one_hit(library, ask) -> None:
    results = ask("scale chest diesel song", limit=100)
    assert len(set(ids(results))) == len(ids(results)) == results.total


def test_pages_follow_each_other_without_gap_or_repetition(library, ask) -> None:
    whole = ids(ask("scale diesel", limit=100))
    pages = [ids(ask("scale diesel", limit=4, offset=offset)) for offset in (0, 4, 8)]
    assert [*chain(*pages)] == whole[:12]


@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        Filters(levels=(Level.DISTRICT,)),
        Filters(levels=(Level.DISTRICT,), countries=("KEN",)),
        Filters(countries=("TZA", "UGA")),
        Filters(countries=("XXX",)),
    ],
)
def test_filtering_first_gives_what_filtering_the_whole_list_gives(
    library, ask, monkeypatch, filters
) -> None:
    monkeypatch.setattr(ranking, "SMALL", 0)
    monkeypatch.setitem(ranking.rank.__kwdefaults__, "depth", 5)
    weights = Weights(words=0)  # bm25 is scaled by the best of the list, cosine is not
    whole = ids(ask("song of the night", limit=100, weights=weights, scope=Scope.ALL))
    filtered = ask("song of the night", filters=filters, limit=100, weights=weights)
    passing = set(ids(ask("", filters=filters, limit=100)))
    assert set(ids(filtered)) <= passing
    monkeypatch.setitem(ranking.rank.__kwdefaults__, "depth", 1000)
    everything = ids(ask("song of the night", limit=100, weights=weights))
    wanted = [i for i in everything if i in passing]
    assert ids(filtered)[: min(3, len(wanted))] == wanted[: min(3, len(wanted))]
    assert whole


def test_scores_are_those_of_plain_arithmetic(library, ask, bag) -> None:
    results = ask("night song", limit=100, weights=Weights(meaning=1, words=0))
    query = bag.encode_query("night song")
    for hit in results.hits:
        passage = bag.encode([f"{hit.title}\n{hit.passage}"])[0]
        assert hit.score == pytest.approx(float(passage @ query), abs=2e-3)
    scores = [hit.score for hit in results.hits]
    assert scores == sorted(scores, reverse=True)


def test_total_is_the_number_of_records_that_can_be_paged_to(library, ask) -> None:
    results = ask("oxytocin", limit=3)
    assert len(results.hits) <= 3
    assert results.total == len(ask("oxytocin", limit=100).hits)
    assert not results.more


def test_a_question_about_nothing_here_finds_nothing(library, ask) -> None:
    results = ask("quantum chromodynamics", encoder=None)
    assert results.hits == ()
    assert results.total == 0


def test_more_is_said_when_only_the_best_were_looked_at(library, ask, monkeypatch) -> None:
    monkeypatch.setattr(ranking, "SMALL", 0)
    monkeypatch.setitem(ranking.rank.__kwdefaults__, "depth", 2)
    assert ask("scale chest diesel").more


def test_without_an_encoder_it_works_by_words(library, ask) -> None:
    results = ask("oxytocin", encoder=None)
    assert results.hits
    assert all("oxytocin" in hit.words for hit in results.hits)
    assert all(hit.parts.meaning == 0 for hit in results.hits)


def test_an_empty_question_lists_the_newest_first(engine, library, ask, session) -> None:
    for day, record_id in enumerate(library, start=1):
        session.get_one(Record, record_id).published = datetime(2024, 1, day, tzinfo=UTC)
    session.commit()
    results = ask("  ", filters=Filters(levels=(Level.FACILITY,)), limit=2, offset=1)
    assert ids(results) == [library[8], library[6]]
    assert results.total == 6
    assert results.hits[0].passage.startswith("About")


def test_what_is_not_public_is_found_by_the_team_only(make_record, ask, session) -> None:
    shown, team, draft = make_record(), make_record(), make_record(publish=False)
    session.get_one(Record, team).visibility = Visibility.TEAM
    session.commit()
    assert set(ids(ask("chest"))) == {shown}
    assert set(ids(ask("chest", scope=Scope.ALL))) == {shown, team, draft}


def test_a_withdrawn_record_is_gone_at_once(make_record, indexed, reading, session, bag) -> None:
    record_id = make_record()
    index = indexed(bag)
    session.get_one(Record, record_id).status = Status.WITHDRAWN
    session.commit()
    with reading() as now:
        for scope in Scope:
            assert search(now, index, "chest", scope=scope).hits == ()


def test_a_record_deleted_since_the_index_was_read_is_not_shown(
    make_record, indexed, reading, session, bag
) -> None:
    gone, left = make_record(), make_record()
    index = indexed(bag)
    take_out(session, gone)
    session.commit()
    with reading() as now:
        assert ids(search(now, index, "chest")) == [left]


def tag(notation, status=TagStatus.CONFIRMED, confidence=1.0) -> Tag:
    return Tag(notation=notation, status=status, confidence=confidence)


def test_a_record_with_the_concept_ranks_above_its_like(make_record, ask) -> None:
    other = make_record(tags=(tag("anaemia-in-pregnancy"),))
    tagged = make_record(tags=(tag("kangaroo-mother-care"),))
    results = ask("kangaroo mother care for babies")
    assert ids(results) == [tagged, other]
    assert results.hits[0].concepts == ("kangaroo-mother-care",)
    assert results.hits[0].parts.concepts == pytest.approx(Weights().concepts)
    assert results.hits[1].concepts == ()


def test_a_narrower_concept_answers_a_broader_question(make_record, ask) -> None:
    make_record(tags=(tag("anaemia-in-pregnancy"),))
    narrower = make_record(tags=(tag("kangaroo-mother-care"),))
    hit = ask("small and sick newborn care").hits[0]
    assert hit.record_id == narrower
    assert hit.concepts == ("small-and-sick-newborn-care",)


def test_a_suggested_concept_is_a_reason_for_the_team_alone(make_record, ask) -> None:
    suggested = tag("kangaroo-mother-care", TagStatus.SUGGESTED, 0.9)
    make_record(tags=(tag("anaemia-in-pregnancy"), suggested))
    assert ask("kangaroo mother care").hits[0].concepts == ()
    (hit,) = ask("kangaroo mother care", scope=Scope.ALL).hits
    assert hit.concepts == ("kangaroo-mother-care",)


def test_a_suggested_concept_counts_by_its_confidence(make_record, ask) -> None:
    topic = tag("anaemia-in-pregnancy")
    suggested = tag("kangaroo-mother-care", TagStatus.SUGGESTED, 0.4)
    rejected = tag("kangaroo-mother-care", TagStatus.REJECTED)
    make_record(tags=(topic, suggested))
    make_record(tags=(topic, rejected))
    first, second = ask("kangaroo mother care for babies").hits
    assert first.parts.concepts == pytest.approx(0.4 * Weights().concepts)
    assert second.parts.concepts == 0


def test_a_question_in_one_language_finds_a_story_in_another(make_record, ask) -> None:
    make_record(title="Diesel", summary="The generator.")
    french = make_record(
        title="Une salle", summary="La méthode mère kangourou jour et nuit.", language="fr"
    )
    assert ids(ask("kangaroo mother care", encoder=None))[0] == french


def test_facets_count_the_records_that_match_the_question(library, ask) -> None:
    results = ask("oxytocin", encoder=None, facets=True)
    assert sum(c.count for c in results.facets["levels"]) == results.total
    chosen = Filters(levels=(Level.FACILITY,))
    narrowed = ask("oxytocin", encoder=None, filters=chosen, facets=True)
    counted = {c.value: c.count for c in narrowed.facets["levels"]}
    assert counted == {c.value: c.count for c in results.facets["levels"]}
    assert narrowed.total == counted["facility"]


def test_facets_are_named_as_the_filters(library, ask) -> None:
    assert set(ask("", facets=True).facets) == {field.name for field in fields(Filters)}


def test_steps_are_timed(library, ask) -> None:
    ms = ask("oxytocin", facets=True).ms
    assert set(ms) == {"understand", "encode", "find", "arrange", "show", "facets", "total"}
    assert ms["total"] >= max(ms["find"], ms["facets"])


def test_a_question_that_is_too_long_is_refused(ask) -> None:
    with pytest.raises(InvalidError, match="most"):
        ask("word " * 300)


@pytest.mark.parametrize("question", ['"', "a OR (", "title:x", "\0", "*", "NEAR(", "' or 1=1 --"])
def test_a_question_is_never_syntax(library, ask, question) -> None:
    ask(question)


def test_a_search_asks_as_often_for_many_hits_as_for_few(library, ask, queries, indexed) -> None:
    indexed()
    queries.clear()
    ask("scale", limit=1, facets=True, encoder=None)
    few = len([q for q in queries if q.lstrip().lower().startswith("select")])
    queries.clear()
    ask("scale", limit=50, facets=True, encoder=None)
    many = len([q for q in queries if q.lstrip().lower().startswith("select")])
    assert many == few


def test_meaning_finds_what_no_word_does(make_record, ask, encoder) -> None:
    make_record(
        title="Diesel",
        summary="The generator of the district store needs fuel each week.",
        sections=(Section(body="A tank was bought."),),
        change_ideas=(),
    )
    warm = make_record(
        title="On the chest",
        summary="Newborns are dried and held on their mother's skin to keep them warm.",
        sections=(Section(body="Infants no longer get cold."),),
        change_ideas=(),
    )
    hit = ask("preventing hypothermia in neonates", encoder=encoder).hits[0]
    assert hit.record_id == warm
    assert hit.parts.meaning > 0.2
    assert np.isfinite(hit.score)


@pytest.fixture
def reworded(engine, make_record, indexed, reading, bag):
    """Search after what was indexed has been changed, and before it is indexed again."""

    def answer(question, **changes):
        record_id = make_record(
            title="Told by Zawadi",
            summary="Warm babies.",
            sections=(Section(body="Zawadi waits beside the scale."),),
            change_ideas=(),
        )
        index = indexed(bag)
        with Session(engine) as session:
            new = records.read(records.get(session, record_id)).model_copy(update=changes)
            version = records.get(session, record_id).version
            records.edit(session, record_id, new, version=version, by="me")
            session.commit()
        with reading() as session:
            return search(session, index, question).hits

    return answer


def test_a_passage_that_was_reworded_since_is_not_shown(reworded) -> None:
    hits = reworded("scale", sections=(Section(body="A mother waits beside the scale."),))
    assert not [hit for hit in hits if "Zawadi" in hit.passage]


def test_a_title_that_was_reworded_since_is_shown_as_it_is_now(reworded) -> None:
    [hit] = reworded("scale Zawadi", title="Told by a mother")
    assert (hit.title, hit.title_highlights) == ("Told by a mother", ())
    assert "beside the scale" in hit.passage  # which is still so


def test_a_phrase_must_stand_in_title_or_text(make_record, ask) -> None:
    in_title = make_record(title="The golden hour", summary="Feeding.", change_ideas=())
    in_text = make_record(title="Feeding", summary="Within the Golden, Hour.", change_ideas=())
    make_record(title="An hour of golden light", summary="Hour: golden.", change_ideas=())
    assert set(ids(ask('"golden hour"'))) == {in_title, in_text}
    assert ids(ask('"golden hour" "the golden hour" title')) == ids(ask('"the golden hour"'))
    assert ids(ask('"golden light" "golden hour"')) == []


def test_the_passage_that_holds_the_phrase_is_shown(make_record, ask) -> None:
    make_record(
        title="Feeding",
        summary="Hour by hour, golden light on the golden wall.",
        sections=(Section(role=SectionRole.RESULTS, body="It was kept for a golden hour."),),
        change_ideas=(),
    )
    hit = ask('"golden hour"', encoder=None).hits[0]
    assert [hit.passage[a:b] for a, b in hit.highlights] == ["golden hour"]


def test_a_record_with_an_excluded_word_anywhere_is_left_out(make_record, ask) -> None:
    kept = make_record(title="Feeding", summary="Milk.", change_ideas=())
    make_record(title="Feeding in malaria", summary="Milk.", change_ideas=())
    make_record(
        title="Feeding",
        summary="Milk.",
        sections=(Section(role=SectionRole.RESULTS, body="Less malaria."),),
        change_ideas=(),
    )
    assert ids(ask("feeding milk -malaria")) == [kept]
    assert ids(ask("-malaria")) == [kept]
    results = ask('-malaria -"no such words"', facets=True)
    assert results.total == sum(count.count for count in results.facets["levels"]) == 1


def test_a_phrase_finds_nothing_that_was_redacted_since(make_record, engine, reading, indexed, bag):
    id_ = make_record(title="Drills", summary="The blue lantern leads.", change_ideas=())
    index = indexed(bag)
    with Session(engine) as session:
        record = session.get(Record, id_)
        record.summary = "Somebody leads."
        session.commit()
    with reading() as session:
        assert ids(search(session, index, '"blue lantern"')) == []
        assert ids(search(session, index, "drills -lantern")) == [id_]
        assert ids(search(session, index, '"drills"')) == [id_]
    with Session(engine) as session:
        session.get(Record, id_).title = session.get(Record, id_).shown_title = "Exercises"
        session.commit()
    with reading() as session:
        assert ids(search(session, index, '"drills"')) == []


def test_a_concept_taken_away_does_not_rank(make_record, ask) -> None:
    make_record(title="Kangaroo mother care", summary="Chest.", change_ideas=())
    found = ask("KMC", encoder=None)
    assert "kangaroo-mother-care" in found.question.notations
    assert found.total
    bare = ask("KMC", without=found.question.notations, encoder=None)
    assert bare.question.dropped == found.question.notations
    assert not bare.total


def test_of_equals_the_more_relevant_goes_first_in_any_order(library, ask, session) -> None:
    for number, record_id in enumerate(library):
        record = session.get_one(Record, record_id)
        record.published = datetime(2024, 1, number // 3 + 1, tzinfo=UTC)
        record.strength = (None, 0, 7)[number % 3]
    session.commit()
    relevant = ids(ask("scale diesel", limit=100))
    days = {record_id: number // 3 for number, record_id in enumerate(library)}
    newest = sorted(relevant, key=lambda record: -days[record])
    assert ids(ask("scale diesel", limit=100, sort=Sort.NEWEST)) == newest
    strength = {record_id: (-1, 0, 7)[number % 3] for number, record_id in enumerate(library)}
    strongest = sorted(relevant, key=lambda record: -strength[record])
    assert ids(ask("scale diesel", limit=100, sort=Sort.STRENGTH)) == strongest


def test_an_empty_question_can_list_the_strongest_first(library, ask, session) -> None:
    session.get_one(Record, library[5]).strength = 3
    session.get_one(Record, library[2]).strength = 8
    session.commit()
    assert ids(ask("", limit=2, sort=Sort.STRENGTH)) == [library[2], library[5]]


@pytest.fixture
def alike(session):
    """Say of two records how they are alike."""

    def say(one: int, other: int, state=LikenessState.OPEN, kind=LikenessKind.NEAR_TEXT) -> None:
        pair = Likeness(record_id=max(one, other), other_id=min(one, other), kind=kind)
        pair.score, pair.state, pair.decided_by = 0.9, state, ""
        session.add(pair)
        session.commit()

    return say


def test_a_story_that_is_told_twice_is_one_hit(library, ask, alike) -> None:
    first, second, third, *_ = ids(ask("scale diesel", limit=100))
    alike(first, third, kind=LikenessKind.EARLIER_VERSION)
    results = ask("scale diesel", limit=2)
    assert ids(results) == [first, second]
    assert [(f.record_id, f.why) for f in results.hits[0].folded] == [(third, Fold.DUPLICATE)]
    assert results.listed == results.total - 1
    assert third in ids(ask("scale diesel", limit=100, diverse=False))


def test_records_that_a_curator_found_different_are_two_hits(library, ask, alike) -> None:
    found = ids(ask("scale diesel", limit=100))
    alike(found[0], found[1], LikenessState.DIFFERENT)
    assert ids(ask("scale diesel", limit=100)) == found


def test_nothing_is_said_of_a_likeness_that_the_reader_may_not_see(
    library, ask, alike, session
) -> None:
    first, second, *_ = ids(ask("scale diesel", limit=100))
    alike(first, second)
    session.get_one(Record, first).visibility = Visibility.TEAM
    session.commit()
    results = ask("scale diesel", limit=100)
    assert first not in ids(results)
    assert second in ids(results)
    assert not any(hit.folded for hit in results.hits)
    whole = ask("scale diesel", limit=100, scope=Scope.ALL)
    assert [f.record_id for f in whole.hits[0].folded] == [second]


@pytest.fixture
def crowd(make_record):
    """Six records of one ward and then two of others, in the order of their relevance."""

    def make(naming=Naming.NAMED) -> list[int]:
        return [
            make_record(
                title=f"Story {number}",
                summary=" ".join(["oxytocin"] * (9 - number) + ["fridge"] * number),
                sections=(Section(body="."),),
                change_ideas=(),
                naming=naming,
                places=(Place(country="TZA", facility=("Ilulu", "Ílulu", "Mbozi")[number // 3]),),
            )
            for number in range(8)
        ]

    return make


def test_a_facility_has_two_hits_as_long_as_another_one_waits(crowd, ask) -> None:
    made = crowd()
    results = ask("oxytocin", limit=100)
    assert ids(results) == [*made[:2], *made[6:]]
    folded = results.hits[1].folded
    assert [f.record_id for f in folded] == made[2:6]
    assert {f.why for f in folded} == {Fold.FACILITY}
    assert folded[0].title == "Story 2"
    assert (results.listed, results.total) == (4, 8)
    assert ids(ask("oxytocin", limit=100, diverse=False)) == made


def test_a_facility_that_is_not_named_is_not_told_by_folding(crowd, ask) -> None:
    made = crowd(Naming.TYPE_AND_DISTRICT)
    assert ids(ask("oxytocin", limit=100)) == made
    assert ids(ask("oxytocin", limit=100, scope=Scope.ALL)) == [*made[:2], *made[6:]]


def test_by_another_order_than_relevance_no_facility_is_folded(crowd, ask) -> None:
    made = crowd()
    assert ids(ask("oxytocin", limit=100, sort=Sort.NEWEST)) == made[::-1]


def test_a_hit_names_the_language_of_its_record(make_record, ask) -> None:
    make_record(title="Une salle", summary="La balance du service.", language="fr")
    assert ask("balance").hits[0].language == ask("").hits[0].language == "fr"


def test_whether_it_worked_moves_no_record(library, ask, session) -> None:
    def scored(question: str) -> list[tuple[int, float]]:
        return [(hit.record_id, hit.score) for hit in ask(question, limit=100).hits]

    before = scored("night song")
    for number, record_id in enumerate(library):
        verdict = (Verdict.DID_NOT_WORK, Verdict.WORKED)[number % 2]
        session.get_one(Record, record_id).verdict = verdict
    session.commit()
    first = scored("night song")
    for number, record_id in enumerate(library):
        verdict = (Verdict.WORKED, Verdict.DID_NOT_WORK)[number % 2]
        session.get_one(Record, record_id).verdict = verdict
    session.commit()
    assert scored("night song") == first == before


def test_a_record_withdrawn_while_the_question_is_answered_is_not_shown(
    library, ask, session, monkeypatch
) -> None:
    first = ids(ask("scale diesel"))[0]

    def withdraw_meanwhile(now, *arguments, **options):
        found = ranking.rank(now, *arguments, **options)
        session.get_one(Record, first).status = Status.WITHDRAWN
        session.commit()
        now.rollback()  # else this reader would see the database as it was
        return found

    monkeypatch.setattr(query, "rank", withdraw_meanwhile)
    for scope in Scope:
        assert first not in ids(ask("scale diesel", scope=scope))


def test_an_everyday_word_finds_stories_in_other_languages(make_record, ask) -> None:
    make_record(title="Diesel", summary="The generator.", change_ideas=())
    french = make_record(title="Un rappel", summary="Le téléphone sonne.", language="fr")
    assert ids(ask("phone", encoder=None))[0] == french
    assert ids(ask("comment utiliser le téléphone", encoder=None)) == [french]


def test_the_nearest_stories_of_each_language_are_looked_at(
    make_record, ask, encoder, monkeypatch
) -> None:
    monkeypatch.setattr(ranking, "SMALL", 0)
    monkeypatch.setitem(ranking.rank.__kwdefaults__, "depth", 2)
    for number in range(4):
        make_record(
            title=f"Premature infants {number}",
            summary="Premature infants are kept at the right temperature.",
            sections=(Section(body="Keeping the right temperature."),),
            change_ideas=(),
        )
    french = make_record(
        title="Thermorégulation",
        summary="Thermorégulation en incubateur.",
        sections=(Section(body="Moins de refroidissement."),),
        change_ideas=(),
        language="fr",
    )
    question = "keeping premature infants at the right temperature"
    assert french in ids(ask(question, encoder=encoder, limit=100))
