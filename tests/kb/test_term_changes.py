"""A library's own concepts and labels: added over the files, merged, retired, taken back."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import batches, content, history, own_terms, records, taxonomy, term_changes
from kb.errors import ConflictError, InvalidError, NotFoundError
from kb.models import Concept, Event
from kb.own_terms import LiveTaxonomy, Standing
from kb.taxonomy import Taxonomy
from kb.term_changes import Add, Label, Retire, Unlabel, Wish
from kb.vocabulary import TagStatus

KMC = "kangaroo-mother-care"
SKIN = "skin-to-skin-contact"
EARLY = "early-initiation-of-breastfeeding"
MEETING = Add((KMC,), {"en": "KMC mothers’ meeting", "sw": "Mkutano wa akina mama"})


@pytest.fixture
def now(session, terms) -> Callable[[], Standing]:
    return lambda: own_terms.standing(session, terms)


@pytest.fixture
def make(session, terms) -> Callable[[Wish], int]:
    return lambda wish: term_changes.make(session, terms, wish, by="asha").id


def tag(notation: str, status: TagStatus = TagStatus.CONFIRMED) -> content.Tag:
    return content.Tag(notation=notation, status=status)


def test_a_concept_added_stands_below_its_broader_one_with_its_labels(now, make) -> None:
    make(MEETING)
    term = now().taxonomy["kmc-mothers-meeting"]
    assert (term.broader, term.scheme) == ((KMC,), "topics")
    assert term.pref == {"en": "KMC mothers’ meeting", "sw": "Mkutano wa akina mama"}
    assert term.notation in now().taxonomy.narrower_transitive(KMC)
    found = now().labels.find("mkutano wa akina mama kila wiki", language="sw", question=True)
    assert [match.notation for match in found] == [term.notation]


def test_what_was_added_can_carry_tags_at_once(session, make, story) -> None:
    make(MEETING)
    records.create(
        session, story.model_copy(update={"tags": (tag("kmc-mothers-meeting"),)}), by="test"
    )


WRONG = [
    (Add((), {"en": "Shelter"}), "Nothing is said to be broader"),
    (Add((KMC,), {"sw": "Makazi"}), "has no English label"),
    (Add((KMC,), {"en": " "}), "label is empty"),
    (Add((KMC,), {"en": "x" * 201}), "too long: 201"),
    (Add((KMC,), {"en": "Shelter", "french": "Abri"}), "“french” is not a language"),
    (Add((KMC,), {"en": "Shelter"}, notation="My Shelter"), "lower-case words"),
    (Add((KMC,), {"en": "Shelter"}, notation=SKIN), "There is a concept"),
    (Add((KMC, "space-and-layout-changes"), {"en": "Shelter"}), "one of the interventions"),
    (Add((KMC,), {"en": "Skin-to-skin contact"}, notation="mine"), f"also one of {SKIN}"),
    (Label(KMC, "nick", "en", "KMC"), "“nick” is not a kind of label"),
    (Label(KMC, "alt", "en", "Skin-to-skin contact"), f"also one of {SKIN}"),
    (Label(KMC, "pref", "en", "Kangaroo mother care"), "is a label of it already"),
    (Unlabel(KMC, "pref", "en", "Kangaroo mother care"), "was not added here"),
    (Retire(KMC, into=KMC), "cannot take its own place"),
    (Retire(KMC, into="space-and-layout-changes"), "is one of the interventions"),
    (Retire(KMC, filters=(KMC,)), "A filter of this library"),
]


def test_what_breaks_a_rule_is_refused_and_says_why(session, now) -> None:
    standing = now()
    for wish, said in WRONG:
        with pytest.raises(InvalidError, match=said) as refused:
            term_changes.preview(session, standing, wish)
        assert refused.value.hint, wish
    with pytest.raises(NotFoundError):
        term_changes.preview(session, standing, Label("nothing-like-it", "alt", "en", "X"))


def test_another_preferred_label_leaves_the_old_one_understood(session, now, make) -> None:
    old = now().taxonomy[KMC].pref["en"]
    batch = make(Label(KMC, "pref", "en", "Kangaroo care here"))
    term = now().taxonomy[KMC]
    assert term.pref["en"] == "Kangaroo care here"
    assert old in term.alt["en"]
    assert session.scalar(select(Concept.pref_label).filter_by(notation=KMC)) == term.pref["en"]
    batches.undo(session, batch, by="asha")
    assert now().taxonomy[KMC].pref["en"] == old
    assert old not in now().taxonomy[KMC].alt["en"]


def test_a_label_put_right_leaves_nothing_of_the_mistake(now, make) -> None:
    make(Label(KMC, "pref", "pt-MZ", "Mai canguro"))
    make(Label(KMC, "pref", "pt-MZ", "Mãe canguru aqui"))
    term = now().taxonomy[KMC]
    assert term.pref["pt-MZ"] == "Mãe canguru aqui"
    assert "pt-MZ" not in term.alt


def test_a_label_of_the_librarys_own_can_be_taken_away_and_comes_back(session, now, make) -> None:
    make(Label(KMC, "alt", "sw", "joto la kangaruu"))
    taken = make(Unlabel(KMC, "alt", "sw", "joto la kangaruu"))
    assert "joto la kangaruu" not in now().taxonomy[KMC].alt["sw"]
    batches.undo(session, taken, by="asha")
    assert "joto la kangaruu" in now().taxonomy[KMC].alt["sw"]


def test_a_merge_tags_records_ideas_and_support_anew_each_with_a_version(
    session, now, make, story
) -> None:
    idea = content.ChangeIdea(
        text="Hang it up", interventions=("job-aids-and-wall-charts", "safety-checklists")
    )
    support = content.SupportActivity(activity="Print them", intervention="safety-checklists")
    said = story.model_copy(
        update={
            "tags": (tag(KMC), tag(SKIN, TagStatus.SUGGESTED), tag("safety-checklists")),
            "change_ideas": (idea,),
            "support_activities": (support,),
        }
    )
    record = records.create(session, said, by="test")
    other = records.create(session, story.model_copy(update={"tags": ()}), by="test")
    make(Retire("safety-checklists", into="job-aids-and-wall-charts"))
    make(Retire(KMC, into=SKIN))
    now_said = records.read(records.get(session, record.id))
    assert {t.notation: t.status for t in now_said.tags} == {
        SKIN: TagStatus.CONFIRMED,
        "job-aids-and-wall-charts": TagStatus.CONFIRMED,
    }
    assert now_said.change_ideas[0].interventions == ("job-aids-and-wall-charts",)
    assert now_said.support_activities[0].intervention == "job-aids-and-wall-charts"
    notes = [version.note for version in history.versions(session, record.id)]
    assert notes[1:] == [
        "tagged anew: safety-checklists → job-aids-and-wall-charts",
        f"tagged anew: {KMC} → {SKIN}",
    ]
    assert records.get(session, other.id).version == 1
    told = session.scalars(select(Event).filter_by(verb="taxonomy changed")).all()
    assert [event.by for event in told] == ["asha", "asha"]


def test_a_concept_retired_leads_to_what_replaced_it_however_often(now, make) -> None:
    make(Retire(EARLY, into=SKIN))
    make(Retire(SKIN, into=KMC))
    terms = now().taxonomy
    assert (terms.current(EARLY), terms.current(SKIN), terms.current(KMC)) == (KMC, KMC, KMC)
    found = now().labels.find("early initiation of breastfeeding")
    assert {match.notation for match in found} == {KMC}


def test_what_is_narrower_than_a_retired_concept_is_still_found_from_the_top(now, make) -> None:
    before = now().taxonomy
    above = before[KMC].broader
    make(MEETING)
    make(Retire(KMC))
    assert now().taxonomy["kmc-mothers-meeting"].broader == above
    make(Add((SKIN,), {"en": "Wrap of the shelter"}))
    make(Retire(SKIN, into="wrap-of-the-shelter"))  # what stands below takes its place
    assert now().taxonomy["wrap-of-the-shelter"].broader == before[SKIN].broader


def test_a_record_keeps_what_is_retired_without_a_successor(session, make, story) -> None:
    record = records.create(session, story.model_copy(update={"tags": (tag(KMC),)}), by="test")
    make(Retire(KMC))
    assert records.get(session, record.id).version == 1


def test_a_notation_taken_back_may_come_back_as_the_same_concept_only(session, make) -> None:
    batches.undo(session, make(MEETING), by="asha")
    with pytest.raises(InvalidError, match="was the notation of") as refused:
        make(Add((KMC,), {"en": "Meeting"}, notation="kmc-mothers-meeting"))
    assert "kmc-mothers-meeting-2" in refused.value.hint
    make(MEETING)


def test_what_others_built_upon_is_not_undone(session, make, story) -> None:
    added = make(MEETING)
    label = make(Label("kmc-mothers-meeting", "alt", "fr", "réunion des mères"))
    with pytest.raises(ConflictError, match=f"says more since.*batch {label}"):
        batches.undo(session, added, by="asha")
    batches.undo(session, label, by="asha")
    tagged = story.model_copy(update={"tags": (tag("kmc-mothers-meeting"),)})
    record = records.create(session, tagged, by="test")
    with pytest.raises(ConflictError, match=f"Records carry.*: {record.id}"):
        batches.undo(session, added, by="asha")


def test_what_a_newer_shipped_file_says_otherwise_is_left_aside_and_named(
    session, make, terms, tmp_path
) -> None:
    make(MEETING)
    make(Label(KMC, "alt", "sw", "joto la kangaruu"))
    newer = tmp_path / "newer.yaml"
    newer.write_text(
        "topics:\n"
        "  - id: kmc-mothers-meeting\n"
        f"    broader: [{SKIN}]\n"
        "    pref: {en: Meeting of mothers}\n"
        f"  - id: {SKIN}\n"
        "    alt: {sw: [joto la kangaruu]}\n",
        encoding="utf-8",
    )
    files = taxonomy.load(taxonomy.shipped(), newer)
    standing = own_terms.standing(session, files)
    assert standing.taxonomy["kmc-mothers-meeting"].broader == (SKIN,)
    assert "joto la kangaruu" in standing.taxonomy[SKIN].alt["sw"]
    assert "joto la kangaruu" not in standing.taxonomy[KMC].alt.get("sw", ())
    assert {problem.concept for problem in standing.left_aside} == {KMC, "kmc-mothers-meeting"}
    wish = Label(KMC, "alt", "sw", "malezi ya ngozi")
    term_changes.make(session, files, wish, by="asha")  # what is left aside stops nothing


def test_another_process_sees_a_change_at_its_next_look(engine, terms) -> None:
    here = LiveTaxonomy(terms)
    with Session(engine) as session:
        assert here.look(session).taxonomy is terms
        batch = term_changes.make(session, terms, MEETING, by="asha").id
        session.commit()
        assert "kmc-mothers-meeting" in here.look(session).taxonomy.terms
        assert here.look(session) is here.look(session)
        batches.undo(session, batch, by="asha")
        session.commit()
        assert here.look(session).taxonomy == terms


def test_what_stops_one_record_stops_no_merge_and_is_named(session, make, story) -> None:
    one, other = (
        records.create(session, story.model_copy(update={"tags": (tag(KMC),)}), by="test").id
        for _ in range(2)
    )
    records.publish(session, one, by="test")
    records.get(session, one).summary = ""  # as an older version let it be published
    session.flush()
    batch = batches.get(session, make(Retire(KMC, into=SKIN)))
    assert [(item.record_id, item.became) for item in batch.items] == [
        (one, "failed"),
        (other, "changed"),
    ]
    assert "a summary" in batch.items[0].reason
    assert records.read(records.get(session, one)).tags[0].notation == KMC


def in_order(said: content.Record) -> content.Record:
    """Return the record with its tags in the order of the alphabet: they have no other."""
    tags = tuple(sorted(said.tags, key=lambda one: one.notation))
    return said.model_copy(update={"tags": tags})


@pytest.fixture
def files(terms) -> Callable[[], Taxonomy]:
    """Return the taxonomy, in a shape that Hypothesis prints in a word."""
    return lambda: terms


NOTATIONS = (KMC, SKIN, EARLY)
TAGS = st.dictionaries(st.sampled_from(NOTATIONS), st.sampled_from(TagStatus), max_size=3)


@settings(
    max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    tagged=st.lists(TAGS, min_size=1, max_size=4),
    edited=st.sets(st.integers(0, 3)),
    merges=st.permutations(NOTATIONS),
)
def test_undoing_merges_brings_back_all_but_what_somebody_worked_on_since(
    engine, files, story, *, tagged, edited, merges
) -> None:
    terms = files()
    with Session(engine) as session:
        made = [
            records.create(
                session,
                story.model_copy(update={"tags": tuple(tag(n, s) for n, s in tags.items())}),
                by="test",
            )
            for tags in tagged
        ]
        before = {record.id: records.read(record) for record in made}
        first, second, last = merges
        done = [
            term_changes.make(session, terms, Retire(first, into=second), by="asha").id,
            term_changes.make(session, terms, Retire(second, into=last), by="asha").id,
        ]
        for record in made:
            assert {t.notation for t in records.read(record).tags}.isdisjoint({first, second})
        touched = {made[n].id for n in edited if n < len(made)}
        for record_id in touched:
            record = records.get(session, record_id)
            mine = records.read(record).model_copy(update={"summary": "My own words."})
            records.edit(session, record_id, mine, version=record.version, by="me")
        after_edit = {record.id: records.read(record) for record in made}
        undone = [batches.undo(session, batch, by="asha") for batch in reversed(done)]
        assert own_terms.standing(session, terms).taxonomy == terms
        left = {one.record_id for report in undone for one in report.conflicts}
        carried = {
            n for n, said in before.items() if {first, second} & {t.notation for t in said.tags}
        }
        assert left == touched & carried
        for record_id, said in before.items():
            expected = after_edit[record_id] if record_id in touched else said
            assert in_order(records.read(records.get(session, record_id))) == in_order(expected)
        session.rollback()
