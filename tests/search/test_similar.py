import pytest
from sqlalchemy.orm import Session

from kb import records, texts
from kb.content import ChangeIdea, Facet, Place, Section, Tag
from kb.errors import InvalidError, NotFoundError
from kb.models import Likeness
from kb.vocabulary import (
    Decision,
    FacilityType,
    Level,
    LikenessKind,
    LikenessState,
    Naming,
    SectionRole,
    TagStatus,
    Verdict,
)
from search.context import Context, Part, births_a_month
from search.differences import Aspect
from search.filters import Scope
from search.similar import LONGEST, similar, similar_to_sections, similar_to_text


def tags(*notations) -> tuple[Tag, ...]:
    return tuple(Tag(notation=n, status=TagStatus.CONFIRMED) for n in notations)


@pytest.fixture
def story_about(make_record):
    def make(
        words, *, country="TZA", facility="", topics=("anaemia-in-pregnancy",), kind=None, **more
    ) -> int:
        told = {
            "title": "A story",
            "summary": words,
            "sections": (Section(body=f"In the end {words}"),),
            "change_ideas": (),
            "places": (Place(country=country, facility=facility, facility_type=kind),),
            "tags": tags(*topics),
        }
        return make_record(**told | more)

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


def told(problem: str, change: str) -> tuple[Section, ...]:
    return (
        Section(role=SectionRole.PROBLEM, body=problem),
        Section(role=SectionRole.CHANGES, body=change),
    )


def test_problem_is_compared_with_problem_and_change_with_change(story_about, alike) -> None:
    apart = {"words": "A short summary.", "topics": ("malaria-in-pregnancy",)}
    cold, wrap = "Babies arrive cold in the nursery.", "Wrap each one before the transfer."
    this = story_about(**apart, sections=told(cold, wrap))
    crossed = story_about(**apart, sections=told(wrap, cold))
    straight = story_about(**apart, sections=told(cold, wrap))
    found = alike(this)
    assert [one.record_id for one in found] == [straight, crossed]
    assert found[0].section is found[0].other_section
    assert found[0].section in {SectionRole.PROBLEM, SectionRole.CHANGES}


def test_a_story_of_the_same_in_another_language_comes_before_another_one_in_its_own(
    story_about, alike
) -> None:
    apart = {"topics": ("malaria-in-pregnancy",)}
    french = "le la les des une dans pour que"
    this = story_about(f"oxytocin uterus {french}", language="fr", **apart)
    for subject in ("diesel generator", "cholera latrine", "carton vaccin", "anemia fer"):
        story_about(f"{subject} {french}", language="fr", **apart)
    english = "the a of and in for that with"
    same = story_about(f"oxytocin uterus {english}", language="en", **apart)
    for subject in ("fuel lamp", "water soap", "fridge petrol", "iron folate"):
        story_about(f"{subject} {english}", language="en", **apart)
    assert alike(this)[0].record_id == same


def alike_by_hand(engine, one, other, state=LikenessState.OPEN) -> None:
    with Session(engine) as session:
        session.add(
            Likeness(
                record_id=max(one, other),
                other_id=min(one, other),
                kind=LikenessKind.NEAR_TEXT,
                score=0.9,
                state=state,
                decided_by="",
            )
        )
        session.commit()


def test_who_tells_the_same_is_not_elsewhere(engine, story_about, alike) -> None:
    this = story_about("The scale waits.")
    copy, other = story_about("The scale waits."), story_about("The scale waits.")
    alike_by_hand(engine, this, copy)
    alike_by_hand(engine, this, other, LikenessState.DIFFERENT)
    assert [one.record_id for one in alike(this)] == [other]
    assert [one.record_id for one in alike(copy)] == [other]


def test_of_two_that_tell_the_same_one_is_enough(engine, story_about, alike) -> None:
    this, first, copy = [story_about("The scale waits.") for _ in range(3)]
    alike_by_hand(engine, first, copy)
    assert [one.record_id for one in alike(this)] == [first]


CENTRE = FacilityType.HEALTH_CENTRE
HOSPITAL = FacilityType.FIRST_REFERRAL_HOSPITAL


def test_places_like_mine_can_be_preferred_and_are_named(story_about, alike) -> None:
    this = story_about("The scale waits.", kind=CENTRE)
    hospital = story_about("The scale waits.", kind=HOSPITAL)
    centre = story_about("The scale waits, at last.", kind=CENTRE)
    assert [one.record_id for one in alike(this)] == [hospital, centre]
    found = alike(this, like_mine=True)
    assert [one.record_id for one in found] == [centre, hospital]
    assert [(one.part, one.value) for one in found[0].context] == [
        (Part.LEVEL, "facility"),
        (Part.FACILITY_TYPE, "health-centre"),
    ]
    by_hand = alike(this, like=Context(facility_types=(HOSPITAL,)))
    assert [one.record_id for one in by_hand] == [hospital, centre]


def test_about_as_many_births_a_setting_and_a_need_are_in_common(story_about, alike) -> None:
    problem = Section(role=SectionRole.PROBLEM, body="With 170 to 190 births a month we wait.")
    same = {"words": "The scale waits.", "facets": (Facet(name="setting", value="remote"),)}
    this = story_about(**same, sections=(problem,))
    number = {"naming": Naming.NAMED, "context_numbers": {"monthly_births": "about 211"}}
    other = story_about(**same, **number)
    [found] = alike(this)
    assert found.record_id == other
    assert [(one.part, one.value) for one in found.context] == [
        (Part.LEVEL, "facility"),
        (Part.SETTING, "remote"),
        (Part.BIRTHS, "210"),
    ]


def test_what_differs_is_read_from_the_fields(story_about, alike) -> None:
    def idea(decision, *more):
        return ChangeIdea(text="Wait", interventions=("process-redesign", *more), decision=decision)

    same = {"words": "The scale waits.", "naming": Naming.NAMED}
    this = story_about(
        **same, kind=CENTRE, verdict=Verdict.WORKED, change_ideas=(idea(Decision.ADOPTED),)
    )
    story_about(
        **same,
        kind=HOSPITAL,
        country="KEN",
        language="sw",
        level=Level.DISTRICT,
        verdict=Verdict.DID_NOT_WORK,
        change_ideas=(idea(Decision.ABANDONED, "reminders-and-cues"),),
    )
    [found] = alike(this)
    assert [(one.aspect, one.here, one.there, one.concept) for one in found.differs] == [
        (Aspect.COUNTRY, ("TZA",), ("KEN",), ""),
        (Aspect.FACILITY_TYPE, ("health-centre",), ("first-referral-hospital",), ""),
        (Aspect.VERDICT, ("worked",), ("did-not-work",), ""),
        (Aspect.DECISION, ("adopted",), ("abandoned",), "process-redesign"),
        (Aspect.INTERVENTIONS, (), ("reminders-and-cues",), ""),
        (Aspect.LANGUAGE, ("en",), ("sw",), ""),
    ]


@pytest.mark.parametrize("like_mine", [False, True])
def test_a_hidden_place_shows_neither_in_order_nor_why_nor_what_differs(
    story_about, alike, like_mine
) -> None:
    same = {"words": "The scale waits.", "context_numbers": {"monthly_births": "200"}}
    this = story_about(**same, naming=Naming.NAMED, kind=CENTRE, facility="Ilulu", facets=())
    far = story_about(**same, naming=Naming.ANONYMOUS, kind=HOSPITAL, country="KEN")
    near = story_about(**same, naming=Naming.ANONYMOUS, kind=CENTRE, facility="Ilulu")
    found = alike(this, like_mine=like_mine)
    assert [one.record_id for one in found] == [far, near]
    assert found[0].score == found[1].score
    for one in found:
        assert not one.elsewhere
        assert [shared.part for shared in one.context] == [Part.LEVEL]
        assert one.differs == ()
    within = {one.record_id: one for one in alike(this, like_mine=True, scope=Scope.ALL)}
    assert Aspect.COUNTRY in {one.aspect for one in within[far].differs}
    assert Part.BIRTHS in {one.part for one in within[near].context}


def test_births_of_a_place_that_is_not_named_are_not_told_by_trying(story_about, alike) -> None:
    hidden = {"naming": Naming.TYPE_AND_DISTRICT, "context_numbers": {"monthly_births": "200"}}
    this = story_about("The scale waits.")
    story_about("The scale waits.", **hidden)
    [found] = alike(this, like=Context(births=200))
    assert found.context == ()


@pytest.fixture
def like_text(indexed, reading, bag):
    def find(text, *, encoder=bag, by=similar_to_text, **how):
        index = indexed(encoder)
        with reading() as session:
            return by(session, index, text, **how)

    return find


def test_a_pasted_text_finds_who_did_it(story_about, like_text) -> None:
    story_about("Diesel for generators.", topics=("malaria-in-pregnancy",))
    near = story_about("The first feed comes before the scale.")
    found = like_text("We want the first feed to come before the scale.")
    assert found.similar[0].record_id == near
    assert "before the scale" in found.similar[0].other_passage
    assert found.language == "en"


def test_a_text_says_what_was_understood_of_it(story_about, like_text) -> None:
    kept = story_about("Diesel.", topics=("kangaroo-mother-care",))
    found = like_text("Kangaroo mother care at our place, with 40 births a month.")
    assert "kangaroo-mother-care" in found.concepts
    assert found.context.births == 40
    [one] = found.similar
    assert (one.record_id, one.concepts) == (kept, ("kangaroo-mother-care",))


@pytest.mark.parametrize("encoded", [True, False])
def test_a_text_sees_no_more_than_its_reader_may(story_about, like_text, bag, encoded) -> None:
    draft = story_about("The scale waits for the feed.", publish=False)
    encoder = bag if encoded else None
    text = "The scale waits for the feed."
    assert like_text(text, encoder=encoder).similar == ()
    within = like_text(text, encoder=encoder, scope=Scope.ALL)
    assert [one.record_id for one in within.similar] == [draft]


def test_without_an_encoder_words_and_concepts_answer(story_about, like_text) -> None:
    story_about("Diesel for generators.", topics=("malaria-in-pregnancy",))
    near = story_about("Babies arrive cold in the nursery.")
    found = like_text("In our nursery babies arrive cold.", encoder=None)
    assert [one.record_id for one in found.similar] == [near]
    assert "arrive cold" in found.similar[0].passage


def test_the_parts_of_a_draft_are_compared_by_what_they_tell(story_about, like_text) -> None:
    apart = {"words": "A short summary.", "topics": ("malaria-in-pregnancy",)}
    cold, wrap = "Babies arrive cold in the nursery.", "Wrap each one before the transfer."
    story_about(**apart, sections=told(wrap, cold))
    straight = story_about(**apart, sections=told(cold, wrap))
    found = like_text(told(cold, wrap), by=similar_to_sections)
    assert found.similar[0].record_id == straight
    assert found.similar[0].other_section is found.similar[0].section


def test_a_text_that_is_too_long_is_refused(like_text) -> None:
    with pytest.raises(InvalidError, match="20001 characters; 20000") as refused:
        like_text("a" * (LONGEST + 1))
    assert "Keep the part" in refused.value.hint


@pytest.mark.parametrize("encoded", [True, False])
def test_nothing_is_like_a_text_without_words(story_about, like_text, bag, encoded) -> None:
    story_about("The scale waits.")
    found = like_text(" … \n", encoder=bag if encoded else None)
    assert (found.concepts, found.similar) == ((), ())


def test_a_text_in_an_empty_library_is_like_nothing(like_text) -> None:
    assert like_text("The scale waits.").similar == ()


def test_the_database_is_asked_as_often_for_many_records_as_for_few(
    story_about, indexed, reading, bag, queries
) -> None:
    def asked(limit: int) -> int:
        index = indexed(bag)
        before = len(queries)
        with reading() as session:
            assert len(similar(session, index, this, limit=limit, like_mine=True)) == limit
        return len(queries) - before

    this = story_about("The scale waits.")
    for _ in range(2):
        story_about("The scale waits.")
    few = asked(2)
    for _ in range(10):
        story_about("The scale waits.")
    assert asked(10) == few


@pytest.mark.parametrize(
    ("text", "births"),
    [
        ("There are 96 beds and about 210 births a month.", 210),
        ("between 15 and 35 births in a month", 25),
        ("1,400 live births a year", 1400 / 12),
        ("entre 70 et 90 accouchements par mois", 80),
        ("unos 45 partos al mes", 45),
        ("cerca de 1.200 partos anuais", 100),
        ("watoto 60 huzaliwa kila mwezi", 60),
        ("34 births in 2022", None),
        ("12 women a month", None),
    ],
)
def test_births_of_a_month_are_read_in_five_languages(text, births) -> None:
    assert births_a_month(text) == births


def test_a_text_of_nothing_but_numbers_is_read_once() -> None:
    # Were it read again from each of its numbers, this would take hours.
    assert births_a_month("100 " * 50_000) is None
