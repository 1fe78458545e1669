"""Records of another library: taken in again and again, never doubled, never lost, never ours."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb import borrowing, content, exchange, lending, matching, records, tagging, taxonomy
from kb.borrowing import Here
from kb.errors import ConflictError, InvalidError, NotFoundError
from kb.lending import Lender
from kb.models import Conflict, Record
from kb.vocabulary import (
    Became,
    Ground,
    Naming,
    Scheme,
    SectionRole,
    SourceKind,
    Status,
    TagStatus,
    Visibility,
)

HERE = Here("Zanzibar", "https://here.example")
HOME = "https://far.example/records/7"


@pytest.fixture(scope="module")
def known(terms) -> matching.Matching:
    return matching.match([], terms)


def _line(said: content.Record, origin: str = HOME, library: str = "Mbeya", **more) -> str:
    record = said.model_dump(mode="json", exclude_defaults=True)
    return json.dumps({"maktaba": 1, "library": library, "origin": origin, "record": record} | more)


@pytest.fixture
def bring(session, known):
    def bring(line: str, *, name: str = "", here: Here = HERE):
        (one,) = exchange.incoming([line])
        one = borrowing.from_library(one, name)
        return borrowing.bring(session, one, here=here, matching=known, by="import")

    return bring


def _count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Record)) or 0


def _publish(session: Session, record: Record) -> None:
    """Curate as a person here would: tags, and the word that it may be shown."""
    wanted = {tag.concept.notation: TagStatus.CONFIRMED for tag in record.tags}
    tagging.decide(session, record.id, wanted, version=record.version, by="curator")
    records.publish(session, record.id, by="curator", ground=Ground.OPEN_LICENCE)


def test_what_is_curated_and_published_here_still_follows_its_home(session, story, bring) -> None:
    here = bring(_line(story)).record
    assert (here.library, here.origin, here.licence) == ("Mbeya", HOME, "CC-BY-4.0")
    _publish(session, here)
    assert bring(_line(story)).became is Became.KNOWN
    newer = story.model_copy(update={"summary": "An hour on the chest; then two."})
    again = bring(_line(newer))
    assert (again.became, again.record.id) == (Became.CHANGED, here.id)
    assert (here.summary, here.status) == (newer.summary, Status.PUBLISHED)
    assert here.visibility is Visibility.PUBLIC  # decided here
    assert all(tag.status is TagStatus.CONFIRMED for tag in here.tags)
    assert bring(_line(newer)).became is Became.KNOWN
    assert _count(session) == 1


def test_what_was_changed_in_both_places_waits_for_a_decision_that_is_kept(
    session, story, bring
) -> None:
    here = bring(_line(story)).record
    mine = records.read(here).model_copy(update={"summary": "Ours."})
    records.edit(session, here.id, mine, version=here.version, by="curator")
    assert bring(_line(story)).became is Became.KNOWN  # changed here only
    theirs = story.model_copy(update={"summary": "Theirs.", "title": "Chest first"})
    for _ in range(2):  # the same again is the same conflict
        told = bring(_line(theirs))
        assert (told.became, here.summary) == (Became.KNOWN, "Ours.")
        assert "kb conflicts 1" in told.doubts[-1]
    both = borrowing.conflict(session, 1)
    assert (both.ours.summary, both.theirs.summary) == ("Ours.", "Theirs.")
    borrowing.decide(session, 1, "ours", by="curator")
    assert bring(_line(theirs)).doubts == ()
    assert (here.summary, here.title) == ("Ours.", story.title)
    with pytest.raises(ConflictError, match="was decided by curator"):
        borrowing.decide(session, 1, "theirs", by="curator")

    for word in ("Third.", "Fourth."):  # only the newest text of theirs waits
        bring(_line(theirs.model_copy(update={"summary": word})))
    ((open_, _),) = borrowing.conflicts(session)
    borrowing.decide(session, open_.id, "theirs", by="curator")
    assert (here.summary, here.title, here.origin) == ("Fourth.", "Chest first", HOME)
    fifth = theirs.model_copy(update={"summary": "Fifth."})
    assert bring(_line(fifth)).became is Became.CHANGED  # nothing of ours stands in its way now
    assert not borrowing.conflicts(session)
    kept = session.scalars(select(Conflict.decision).order_by(Conflict.id)).all()
    assert kept == ["ours", "theirs"]
    with pytest.raises(NotFoundError):
        borrowing.decide(session, 99, "ours", by="curator")


def test_withdrawn_at_home_is_withdrawn_here_and_only_by_its_home(session, story, bring) -> None:
    here = bring(_line(story)).record
    _publish(session, here)
    gone = json.dumps({"maktaba": 1, "library": "Mbeya", "origin": HOME, "withdrawn": True})
    stranger = bring(gone.replace("Mbeya", "Nobody"))
    assert ("not in Nobody" in stranger.doubts[0], here.status) == (True, Status.PUBLISHED)
    passed_on = json.dumps({**json.loads(gone), "via": "Nobody"})
    assert (bring(passed_on).doubts != (), here.status) == (True, Status.PUBLISHED)
    assert "withdrawn here, too" in bring(gone).doubts[0]
    assert here.status is Status.WITHDRAWN
    assert here.consent.withdrawn
    assert bring(gone).doubts == ()
    newer = story.model_copy(update={"summary": "It is back."})
    assert "still shows it" in bring(_line(newer)).doubts[0]
    assert here.status is Status.WITHDRAWN


def test_nothing_comes_home_as_somebody_else_s_and_nothing_goes_out_as_ours(
    session, story, bring, make_record
) -> None:
    own = make_record(title="Our own story")
    (line,) = exchange.lines(session, library=HERE.library, address=HERE.address)
    assert bring(line).record.id == own
    (line,) = exchange.lines(session, library=HERE.library)  # without an address, by its name
    assert bring(line).record.id == own
    other = story.model_copy(update={"title": "Another library of that name"})
    assert bring(_line(other, origin="Zanzibar#1", library="Zanzibar")).became is Became.ADDED

    here = bring(_line(story)).record
    _publish(session, here)
    lines = [json.loads(one) for one in exchange.lines(session, library="Z", address="https://z")]
    (foreign,) = [one for one in lines if one["origin"] == HOME]
    assert (foreign["library"], foreign["via"]) == ("Mbeya", "Z")


def test_what_came_from_a_list_is_ours_wherever_it_travelled(session, story, bring) -> None:
    """It goes out with the origin of the list, and comes home by way of another library."""
    listed = story.model_copy(
        update={"origin": "doi:10.1/x", "source_kind": SourceKind.IMPORTED, "licence": ""}
    )
    ours = records.create(session, listed, by="me")
    _publish(session, ours)
    (line,) = exchange.lines(session, library=HERE.library, licence="CC-BY-NC-4.0")
    assert "licence" not in json.loads(line)["record"]  # nobody said of the list what it is under
    home = json.loads(line) | {"via": "Mbeya"}
    home["record"]["summary"] = "Changed on its way."
    assert bring(json.dumps(home)).doubts == ("It is a record of this library.",)
    gone = {"maktaba": 1, "library": "Mbeya", "origin": "doi:10.1/x", "withdrawn": True}
    assert bring(json.dumps(gone)).record is ours
    assert (ours.summary, ours.library, ours.status) == (story.summary, "", Status.PUBLISHED)


def test_a_record_of_ours_that_got_another_title_meanwhile_is_still_ours(
    session, story, bring
) -> None:
    ours = records.create(session, story.model_copy(update={"licence": ""}), by="me")
    _publish(session, ours)
    (line,) = exchange.lines(session, library=HERE.library, licence="CC-BY-NC-4.0")
    assert json.loads(line)["record"]["licence"] == "CC-BY-NC-4.0"  # nobody elsewhere knows ours
    new = records.read(ours).model_copy(update={"title": "Chest first, told anew"})
    records.edit(session, ours.id, new, version=ours.version, by="me")
    assert bring(line).record is ours
    assert _count(session) == 1


def test_the_operator_s_name_for_a_library_stays_with_its_records(session, story, bring) -> None:
    """Two libraries that never chose a name or an address are not mixed up."""
    one = bring(_line(story, origin="Maktaba#1", library="Maktaba"), name="Mbeya").record
    other = story.model_copy(update={"title": "Something else"})
    two = bring(_line(other, origin="Maktaba#1", library="Maktaba"), name="Iringa").record
    assert {one.origin, two.origin} == {"Mbeya#1", "Iringa#1"}
    again = bring(_line(other, origin="Maktaba#1", library="Maktaba"), name="Iringa")
    assert (again.became, again.record.id) == (Became.KNOWN, two.id)
    moved = bring(_line(other, origin="https://iringa.example/records/5", library="Iringa"))
    assert (moved.became, moved.record.id) == (Became.KNOWN, two.id)  # its text is known
    assert "The same is here as record" in moved.doubts[0]


def test_a_library_that_gets_an_address_is_still_the_same_one(session, story, bring) -> None:
    """Its records are not doubled, and what it withdraws is withdrawn here."""
    one = bring(_line(story, origin="Mbeya#7")).record
    newer = story.model_copy(update={"title": "Told anew", "summary": "And longer."})
    again = bring(_line(newer))
    assert (again.became, again.record.id, one.origin) == (Became.CHANGED, one.id, HOME)
    two = bring(_line(story, origin="Mbeya#8")).record
    gone = {"maktaba": 1, "library": "Mbeya", "origin": HOME.replace("7", "8"), "withdrawn": True}
    bring(json.dumps(gone))
    assert two.status is Status.WITHDRAWN
    assert _count(session) == 2

    # Two that never chose a name are told apart by what they say.
    one = story.model_copy(update={"title": "Of one library"})
    first = bring(_line(one, origin="Maktaba#9", library="Maktaba")).record
    other = story.model_copy(update={"title": "Of another library"})
    new = bring(_line(other, origin="https://x.example/records/9", library="Maktaba"))
    assert (new.became, first.title) == (Became.ADDED, "Of one library")
    longer = one.model_copy(update={"summary": "And longer."})
    same = bring(_line(longer, origin="https://y.example/records/9", library="Maktaba"))
    assert (same.became, same.record.id) == (Became.CHANGED, first.id)


def test_concepts_find_ours_by_notation_match_label_or_a_person_s_word(terms, story) -> None:
    topic = next(t for t in terms.scheme(Scheme.TOPICS) if t.exact_match or t.pref.get("fr"))
    lines = [
        {"notation": "their-topic", "scheme": "topics", "pref": {"fr": topic.pref["fr"]}},
        {"notation": "their-match", "scheme": "topics", "exact_match": [topic.notation]},
        {"notation": "early-initiation-of-breastfeeding", "scheme": "interventions"},
        {"notation": "chosen", "scheme": "topics", "pref": {"en": "Chosen by a person"}},
        {"notation": "unknown", "scheme": "topics", "pref": {"en": "Bush ambulance"}},
        {"notation": "put-aside", "scheme": "topics", "pref": {"en": topic.pref["en"]}},
    ]
    broken = ["no json", "[1]", '{"notation": 3}', "[" * 100_000, '{"notation":"x","alt":[1]}']
    foreign = list(matching.foreign([*map(json.dumps, lines), *broken]))
    found = matching.match(foreign, terms, {"chosen": "skin-to-skin-contact", "put-aside": ""})
    assert found.ours["their-topic"] == found.ours["their-match"] == topic.notation
    assert found.ours["chosen"] == "skin-to-skin-contact"
    assert found.ours["skin-to-skin-contact"] == "skin-to-skin-contact"
    assert not {"early-initiation-of-breastfeeding", "unknown", "put-aside"} & found.ours.keys()
    used = ("chosen", "skin-to-skin-contact", "unknown")
    said = story.model_copy(update={"tags": tuple(content.Tag(notation=one) for one in used)})
    new, strange = found.translated(said)
    assert [tag.notation for tag in new.tags] == ["skin-to-skin-contact"]  # not twice
    assert (strange, new.keywords) == (["unknown"], ("Bush ambulance",))
    with pytest.raises(InvalidError, match="no concept nonsense"):
        matching.match(foreign, terms, {"chosen": "nonsense"})


def test_only_what_its_circle_may_see_goes_out_and_somebody_permitted_it(
    session, story, make_record
) -> None:
    make_record()
    near = make_record(title="For the country")
    make_record(publish=False, title="A draft")
    row = records.get(session, near)
    row.visibility, row.public_since = Visibility.COUNTRY, None
    session.flush()

    def titles(circle: Visibility) -> list[str]:
        lines = exchange.lines(session, library="Z", circle=circle)
        return [json.loads(line)["record"]["title"] for line in lines]

    assert titles(Visibility.PUBLIC) == [story.title]
    assert titles(Visibility.COUNTRY) == [story.title, "For the country"]
    with pytest.raises(InvalidError, match="who permitted"):
        lending.info(Lender(library="Z", address="", circle=Visibility.COUNTRY))
    with pytest.raises(InvalidError, match="only its team"):
        lending.info(Lender(library="Z", address="", circle=Visibility.TEAM, permitted="the chief"))


def test_an_origin_that_names_a_hidden_place_stays_at_home(session, story) -> None:
    hidden = story.model_copy(
        update={"origin": "Ilulu Health Centre.csv#3", "naming": Naming.ANONYMOUS}
    )
    record = records.create(session, hidden, by="me")
    records.publish(session, record.id, by="me")
    (line,) = exchange.lines(session, library="Z")
    assert "Ilulu" not in line
    assert json.loads(line)["origin"] == f"Z#{record.id}"


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40).map(
    lambda text: f"A {text.strip()} z"
)
STORIES = st.builds(
    content.Record,
    title=TEXTS,
    summary=TEXTS,
    language=st.sampled_from(["en", "fr", "sw", "ar"]),
    keywords=st.lists(TEXTS, max_size=2, unique=True).map(tuple),
    sections=st.lists(
        st.builds(content.Section, role=st.sampled_from(SectionRole), heading=TEXTS, body=TEXTS),
        min_size=1,
        max_size=2,
    ).map(tuple),
    change_ideas=st.lists(
        st.builds(content.ChangeIdea, text=TEXTS, interventions=st.just(("process-redesign",))),
        max_size=2,
    ).map(tuple),
    measures=st.lists(
        st.builds(
            content.Measure,
            name=TEXTS,
            points=st.lists(
                st.builds(
                    content.Point,
                    period=st.dates(),
                    value=st.floats(0, 100, allow_nan=False).map(lambda value: round(value, 2)),
                ),
                max_size=3,
                unique_by=lambda point: point.period,
            ).map(tuple),
        ),
        max_size=1,
    ).map(tuple),
    tags=st.just(
        (content.Tag(notation="early-initiation-of-breastfeeding", status=TagStatus.CONFIRMED),)
    ),
    licence=st.sampled_from(["CC-BY-4.0", "CC0-1.0"]),
    authors=st.lists(TEXTS, max_size=2).map(tuple),
    credit_wanted=st.booleans(),
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STORIES, min_size=1, max_size=3, unique_by=lambda said: said.title))
def test_out_in_and_out_again_says_the_same(session, known, stories) -> None:
    """What a library gives away and another one shows is given away by that one just so."""
    lines = [
        _line(said, origin=f"https://far.example/records/{number}")
        for number, said in enumerate(stories, start=1)
    ]
    with session.begin_nested() as inner:
        for line in lines * 2:
            (one,) = exchange.incoming([line])
            brought = borrowing.bring(session, one, here=HERE, matching=known, by="me")
            assert not brought.reason
        for record in session.scalars(select(Record)).all():
            for tag in record.tags:
                tag.status = TagStatus.CONFIRMED
            record.status, record.visibility = Status.PUBLISHED, Visibility.PUBLIC
            record.published = record.created
        session.flush()
        out = [json.loads(line) for line in exchange.lines(session, library="Z")]
        inner.rollback()
    session.expunge_all()
    assert len(out) == len(lines)
    for line, again in zip(map(json.loads, lines), out, strict=True):
        (before,), (after,) = (exchange.incoming([json.dumps(one)]) for one in (line, again))
        assert (after.origin, after.library, after.via) == (before.origin, "Mbeya", "Z")
        shown = exchange.public(before.record)
        hidden = {"tags", "source_citation"}
        assert after.record.model_dump(exclude=hidden) == shown.model_dump(exclude=hidden)
        assert [tag.notation for tag in after.record.tags] == [
            tag.notation for tag in before.record.tags
        ]


def test_a_file_of_choices_says_what_is_wrong_with_it(tmp_path) -> None:
    path = tmp_path / "choices.csv"
    path.write_text("theirs,ours\na,b\nc,\n\n", encoding="utf-8-sig")
    assert matching.chosen(path) == {"a": "b", "c": ""}
    path.write_text("a\n")
    with pytest.raises(InvalidError, match="not two columns"):
        matching.chosen(path)
    with pytest.raises(InvalidError, match="cannot be read"):
        matching.chosen(Path(tmp_path / "no.csv"))
    assert taxonomy.shipped().is_file()
