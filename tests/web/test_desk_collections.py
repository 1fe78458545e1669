"""Putting a package together at the desk: parts, ideas, licences, what readers will see."""

import re

import pytest
from sqlalchemy.orm import Session

from kb import audit, collections, editions, parts, records
from kb.content import ChangeIdea, Place
from kb.vocabulary import Clearance, CollectionKind, Decision, PartKind, Role, Status, Verdict

HERE = "/desk/collections/1"
KEPT = ChangeIdea(
    text="Weigh later",
    interventions=("process-redesign",),
    decision=Decision.ADOPTED,
    verdict=Verdict.WORKED,
)
DROPPED = ChangeIdea(
    text="Hang a poster",
    interventions=("reminders-and-cues",),
    decision=Decision.ABANDONED,
    verdict=Verdict.DID_NOT_WORK,
)


@pytest.fixture
def package(shelf, engine) -> int:
    """A change package of two records, ready to be published."""
    made = [shelf(title=f"Story {n}", change_ideas=(KEPT, DROPPED)) for n in (1, 2)]
    with Session(engine) as session:
        kind = CollectionKind.CHANGE_PACKAGE
        begun = collections.create(session, "The hour", purpose="Go.", kind=kind, by="test").id
        for record_id in made:
            collections.add(session, begun, record_id, note=f"Note {record_id}")
        collections.describe(session, begun, licence="CC-BY-4.0")
        session.commit()
    return begun


def kinds(engine) -> list[PartKind]:
    with Session(engine) as session:
        return [part.kind for part in collections.get(session, 1).parts]


def first(engine, kind: PartKind) -> int:
    with Session(engine) as session:
        return next(p.id for p in collections.get(session, 1).parts if p.kind is kind)


def opened(page: str, *numbers: int, **fields: str) -> dict[str, list[str]]:
    """Return what the form of the parts sends, with `fields` of the parts with these `numbers`."""
    numbers_of = re.findall(r'name="part" value="(\d+)"', page)
    marks = re.findall(r'name="opened" value="([^"]+)"', page)
    headings = re.findall(r'name="heading"[^>]* value="([^"]*)"', page)
    texts = re.findall(r'<textarea id="text-[^>]*>([^<]*)</textarea>', page)
    columns = {"heading": headings, "text": [text.replace("\n", "\r\n") for text in texts]}
    assert len(numbers_of) == len(marks) == len(headings) == len(texts)
    for number in numbers:
        for name, said in fields.items():
            columns[name][numbers_of.index(str(number))] = said
    return {"part": numbers_of, "opened": marks, **columns}


def about(engine, **changes) -> dict[str, object]:
    with Session(engine) as session:
        one = collections.get(session, 1)
        return {
            "title": one.title,
            "purpose": one.purpose,
            "kind": one.kind.value,
            "language": one.language,
            "licence": one.licence,
            "thanks": one.thanks,
            "least_places": one.least_places,
            "version": one.version,
        } | changes


def test_a_package_is_begun_with_chosen_stories(desk, shelf, engine) -> None:
    shelf(title="Story one")
    asked = desk.get("/desk/collections/add?ids=1").text
    assert "Story one" in asked
    assert '<input type="hidden" name="ids" value="1">' in asked
    form = {"title": "Warm", "kind": "change-package", "language": "en", "ids": "1"}
    answer = desk.post("/desk/collections", data=form, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, HERE)
    assert kinds(engine)[-1] is PartKind.RECORD
    assert desk.get(HERE).status_code == 200
    more = shelf(title="Story two")
    for _ in range(2):  # what is in it already stays
        desk.post("/desk/collections/add", data={"collection": 1, "ids": [1, more]})
    assert kinds(engine).count(PartKind.RECORD) == 2


def test_a_title_that_cannot_be_loses_nothing_else_that_was_typed(desk) -> None:
    form = {"title": "x" * 121, "kind": "synthesis-brief", "purpose": "For the night."}
    answer = desk.post("/desk/collections", data=form)
    assert answer.status_code == 422
    assert "For the night." in answer.text
    assert '<option value="synthesis-brief" selected>' in answer.text
    assert "too long a title" in answer.text


def test_parts_are_written_moved_and_taken_out_without_a_script(desk, package, engine) -> None:
    desk.post(f"{HERE}/parts", data={"kind": "words"})
    assert kinds(engine)[-1] is PartKind.WORDS
    part = first(engine, PartKind.TRIED)
    form = opened(desk.get(HERE).text, part, text="What five teams tried.") | {"act": ["up"]}
    answer = desk.post(f"{HERE}/parts/{part}", data=form, follow_redirects=False)
    assert answer.headers["location"] == f"{HERE}#part-{part}"
    assert kinds(engine)[0] is PartKind.TRIED
    assert "What five teams tried." in desk.get(HERE).text
    desk.post(f"{HERE}/parts/{part}", data=opened(desk.get(HERE).text) | {"act": ["remove"]})
    assert PartKind.TRIED not in kinds(engine)
    assert desk.post(f"{HERE}/records", data={"ids": "none"}).status_code == 422
    assert desk.post(f"{HERE}/records", data={"ids": "7, 12"}).status_code == 404


def test_numbers_that_name_no_story_are_not_typed_again(desk, package, engine) -> None:
    before = len(kinds(engine))
    for typed, said in (("1, 9999", "There is no record 9999."), (",", "names no story")):
        answer = desk.post(f"{HERE}/records", data={"ids": typed})
        assert answer.status_code in {404, 422}
        assert said in answer.text
        assert f'value="{typed}"' in answer.text
    assert len(kinds(engine)) == before


def said(engine) -> list[str]:
    with Session(engine) as session:
        return [part.text for part in collections.get(session, 1).parts if part.text]


def test_a_press_of_any_button_keeps_the_words_of_all_parts(desk, package, engine) -> None:
    """Parts, adding, publishing: whoever wrote a note to two stories has pressed one button."""
    words, tried = first(engine, PartKind.WORDS), first(engine, PartKind.TRIED)
    presses = {
        f"parts/{tried}": {},
        f"parts/{tried}#up": {"act": ["up"]},
        "parts": {"kind": ["words"]},
        "records": {"ids": ["1"]},
        "publish": {"note": ["The first."]},
    }
    for press, more in presses.items():
        mine = f"Read this first, {press}."
        form = opened(desk.get(HERE).text, words, text=mine) | more
        answer = desk.post(f"{HERE}/{press.partition('#')[0]}", data=form)
        assert answer.status_code == 200
        assert mine in said(engine), press
    form = opened(desk.get(HERE).text, words, text="Read this last.")
    desk.post(f"{HERE}/parts/{tried}", data=form | {"act": ["remove"]})
    assert "Read this last." in said(engine)
    assert PartKind.TRIED not in kinds(engine)


@pytest.mark.parametrize("act", ["save", "up", "remove"])
def test_a_part_that_somebody_else_took_out_costs_no_words(desk, package, engine, act) -> None:
    words, tried = first(engine, PartKind.WORDS), first(engine, PartKind.TRIED)
    form = opened(desk.get(HERE).text, words, tried, text="Read <this> first.")
    desk.post(f"{HERE}/parts/{tried}", data={"act": "remove"})
    answer = desk.post(f"{HERE}/parts/{tried}", data=form | {"act": [act]})
    assert answer.status_code == 404
    assert f"has no part {tried}." in answer.text
    assert "Read &lt;this&gt; first.</textarea>" in answer.text
    assert "Read &lt;this&gt; first.</div>" in answer.text


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"ids": ["9999"]}, "There is no record 9999."),
        ({"kind": ["tried"]}, "has this part already"),
    ],
)
def test_what_cannot_be_added_loses_no_words(desk, package, engine, more, told) -> None:
    press = "records" if "ids" in more else "parts"
    words = first(engine, PartKind.WORDS)
    form = opened(desk.get(HERE).text, words, text="Read <this> first.") | more
    answer = desk.post(f"{HERE}/{press}", data=form)
    assert answer.status_code in {404, 409}
    assert told in answer.text
    assert "Read &lt;this&gt; first.</textarea>" in answer.text
    again = opened(answer.text)
    desk.post(f"{HERE}/parts/{words}", data=again)
    assert "Read &lt;this&gt; first." in said(engine)  # as it stood in the page


def test_enter_in_the_field_of_numbers_adds_the_stories(desk, package, shelf, engine) -> None:
    more = shelf(title="Story three")
    part = first(engine, PartKind.WORDS)  # its button is the first of the form
    desk.post(f"{HERE}/parts/{part}", data=opened(desk.get(HERE).text) | {"ids": [str(more)]})
    assert kinds(engine).count(PartKind.RECORD) == 3


def test_two_who_write_at_once_see_both_texts(desk, package, engine) -> None:
    part = first(engine, PartKind.WORDS)
    page = desk.get(HERE).text
    theirs = opened(page, part, heading="Theirs", text="Their words.")
    desk.post(f"{HERE}/parts/{part}", data=theirs)
    mine = opened(page, part, heading="Mine", text="My <words>.")
    answer = desk.post(f"{HERE}/parts/{part}", data=mine)
    assert answer.status_code == 409
    assert "Their words." in answer.text
    assert "My &lt;words&gt;." in answer.text
    again = opened(answer.text, part, text="Mine after all.")
    desk.post(f"{HERE}/parts/{part}", data=again)
    assert "Mine after all." in said(engine)


def test_what_somebody_else_wrote_in_another_part_stays(desk, package, engine) -> None:
    words, tried = first(engine, PartKind.WORDS), first(engine, PartKind.TRIED)
    page = desk.get(HERE).text
    desk.post(f"{HERE}/parts/{words}", data=opened(page, words, text="Theirs."))
    answer = desk.post(f"{HERE}/parts/{tried}", data=opened(page, tried, text="Mine."))
    assert answer.status_code == 200
    assert {"Theirs.", "Mine."} <= set(said(engine))


def test_two_who_describe_at_once_see_both_texts(desk, package, engine) -> None:
    mine = about(engine, purpose="My purpose.", audience=["researchers"])
    desk.post(HERE, data=about(engine, purpose="Their purpose."))
    answer = desk.post(HERE, data=mine)
    assert answer.status_code == 409
    assert "Their purpose." in answer.text
    assert "My purpose.</textarea>" in answer.text
    assert 'value="researchers" checked' in answer.text


def test_an_idea_is_left_out_with_a_reason_that_readers_see(desk, client, package, engine) -> None:
    page = desk.get(HERE).text
    assert page.count("not in the table</span>") == 2  # the poster, kept nowhere
    form = {"record": 1, "idea": KEPT.text, "place": "left-out", "why": ""}
    refused = desk.post(f"{HERE}/ideas", data=form)
    assert refused.status_code == 422
    assert "Say it in a sentence" in refused.text
    assert re.search(r'<option value="left-out" selected>', refused.text)
    desk.post(f"{HERE}/ideas", data=form | {"why": "It is <dull>."})
    desk.post(f"{HERE}/publish", data={"note": "The first."})
    shown = client.get("/collections/1").text
    assert "1 idea was left out by hand." in shown
    assert "It is &lt;dull&gt;." in shown


def test_a_licence_has_to_be_decided_before_readers_see_it(desk, client, package, engine) -> None:
    with Session(engine) as session:
        records.get(session, 2).licence = "CC-BY-ND-4.0"
        session.commit()
    refused = desk.post(f"{HERE}/publish", data={"note": "What is <new>."})
    assert refused.status_code == 409
    assert "What is &lt;new&gt;.</textarea>" in refused.text
    assert "allows no changes" in refused.text
    part = re.search(r"parts/(\d+)/clearance", refused.text)
    assert part
    here = f"{HERE}/parts/{part[1]}/clearance"
    assert desk.post(here, data={"clearance": "permitted"}).status_code == 422
    desk.post(here, data={"clearance": "linked"})
    desk.post(f"{HERE}/publish")
    shown = client.get("/collections/1").text
    assert "Its licence allows a link only." in shown
    assert "The ideas of 1 story are not counted" in shown
    assert shown.count("Weigh later") == 1


def test_stories_do_not_stand_under_what_did_not_work(desk, client, package) -> None:
    desk.post(f"{HERE}/publish")
    page = client.get("/collections/1").text
    headings = re.findall(r"<(h[1-4])[^>]*>(?:<a [^>]*>)?([^<]*)", page)
    last = headings.index(("h3", "Story 1"))
    assert headings[last - 1] == ("h2", "Stories")


def test_who_wants_to_throw_away_what_readers_saw_is_told_and_led_back(desk, package) -> None:
    desk.post(f"{HERE}/publish")
    page = desk.get(f"{HERE}/discard")
    assert "Readers saw" in page.text
    assert f'<a href="{HERE}">Back to the desk</a>' in page.text


def test_the_language_of_the_words_is_chosen_by_its_name(desk, package, engine) -> None:
    with Session(engine) as session:
        collections.describe(session, 1, language="ne")
        session.commit()
    page = desk.get(HERE).text
    assert re.search(r'<option value="ne"[^>]* selected>Nepali</option>', page)
    assert re.search(r'<option value="fr"[^>]*>French</option>', page)


def test_a_preview_shows_what_readers_will_see_and_only_that(desk, client, package, engine) -> None:
    with Session(engine) as session:
        records.get(session, 2).status = Status.IN_REVIEW
        session.commit()
    shown = desk.get(f"{HERE}/preview").text
    assert "Nothing is published yet." in shown
    assert "Note 1" in shown
    assert "Note 2" not in shown
    assert "Take it with you" not in shown  # nobody may yet
    assert client.get("/collections/1").status_code == 404
    assert "readers do not see it" in desk.get(HERE).text


def test_somebody_makes_a_published_package_their_own(desk, client, package) -> None:
    desk.post(f"{HERE}/publish")
    assert "Copy and adapt" in desk.get("/collections/1").text
    assert "Copy and adapt" not in client.get("/collections/1").text
    answer = desk.post(f"{HERE}/adapt", follow_redirects=False)
    assert answer.headers["location"] == "/desk/collections/2"
    desk.post("/desk/collections/2/publish")
    assert "Based on edition 1 of" in client.get("/collections/2").text
    assert "Others made their own of it" in client.get("/collections/1").text


def test_who_may_put_together_and_who_may_publish(signed_in, client, package) -> None:
    assert client.get(HERE, follow_redirects=False).status_code == 303
    assert signed_in(Role.COACH).get(HERE).status_code == 403
    curator = signed_in(Role.CURATOR)
    page = curator.get(HERE)
    assert page.status_code == 200
    assert f'action="{HERE}/publish"' not in page.text
    assert curator.post(f"{HERE}/publish").status_code == 403
    publisher = signed_in(Role.PUBLISHER)
    assert publisher.post(f"{HERE}/publish", follow_redirects=False).status_code == 303
    assert publisher.post(f"{HERE}/withdraw", data={"reason": ""}).status_code == 422
    publisher.post(f"{HERE}/withdraw", data={"reason": "old"})
    assert client.get("/collections/1").status_code == 410


def test_a_curator_of_one_country_sees_no_draft_of_another(
    signed_in, shelf, package, engine
) -> None:
    draft = shelf(title="A secret draft", publish=False, places=(Place(country="KEN"),))
    with Session(engine) as session:
        collections.add(session, 1, draft)
        session.commit()
    curator = signed_in(Role.CURATOR, country="TZA")
    page = curator.get(HERE).text
    assert "A secret draft" not in page
    assert "A story that you may not see" in page
    assert "A secret draft" not in curator.get(f"/desk/collections/add?ids={draft}").text
    form = {"collection": 1, "ids": draft}
    assert curator.post("/desk/collections/add", data=form).status_code == 404


def test_what_is_written_at_the_desk_is_escaped(desk, package, engine) -> None:
    attack = "<script>alert(1)</script>"
    with Session(engine) as session:
        collections.describe(session, 1, title=attack, purpose=attack, thanks=attack)
        parts.say(session, 1, heading=attack, text=attack)
        part = collections.records_of(collections.get(session, 1))[0]
        parts.clear(session, 1, part.id, Clearance.PERMITTED, note=attack)
        session.commit()
    desk.post(f"{HERE}/publish", data={"note": attack})
    for address in ("/desk/collections", HERE, f"{HERE}/preview", "/collections/1"):
        assert attack not in desk.get(address).text, address


def test_the_queries_of_the_desk_do_not_grow(desk, make_record, indexed, engine, queries) -> None:
    def count(number: int) -> int:
        desk.get(f"/desk/collections/{number}")
        queries.clear()
        assert desk.get(f"/desk/collections/{number}").status_code == 200
        return len(queries)

    ids = [make_record() for _ in range(20)]
    indexed()
    with Session(engine) as session:
        for some in (ids[:3], ids):
            kind = CollectionKind.SYNTHESIS_BRIEF
            begun = collections.create(session, "Why", purpose="x", kind=kind, by="test").id
            for record_id in some:
                collections.add(session, begun, record_id)
        session.commit()
    assert count(2) == count(1)


def test_an_edition_has_its_own_page_that_says_what_changed(desk, client, package, engine) -> None:
    part = first(engine, PartKind.WORDS)
    form = opened(desk.get(HERE).text, part, heading="Begin", text="Count.")
    desk.post(f"{HERE}/parts/{part}", data=form)
    noted = {"record": 2, "idea": KEPT.text, "place": "by-rule", "why": "Cheap."}
    desk.post(f"{HERE}/ideas", data=noted)
    desk.post(f"{HERE}/publish")
    with Session(engine) as session:
        record = records.get(session, 1)
        lost = KEPT.model_copy(update={"verdict": Verdict.WORKED_THEN_LOST})
        said = records.read(record).model_copy(update={"change_ideas": (lost, DROPPED)})
        records.edit(session, 1, said, version=record.version, by="test")
        parts.write(session, 1, part, text="Count twice.")
        collections.remove(session, 1, 2)
        session.commit()
    desk.post(f"{HERE}/publish", data={"note": "One was lost again."})
    old = client.get("/collections/1/editions/1").text
    assert "This is edition 1" in old
    assert "Count." in old
    assert "Story 2" in old
    for page in (old, client.get("/collections/1").text):
        assert "What changed from edition 1 to edition 2" in page
        assert 'In new words: <bdi lang="en">Begin</bdi>' in page
        assert "One was lost again." in page
        assert re.search(r"Taken out: <a [^>]*>Story 2</a>", page)
        assert "Other rules" not in page
        assert re.search(r"Weigh later</bdi>: Kept, Worked → <b>Kept, Worked", page)
    assert client.get("/collections/1/editions/3").status_code == 404
    found = client.get("/api/v1/collections/1/editions/1").json()
    assert (found["edition"], found["record_ids"]) == (1, [1, 2])
    assert found["items"][0]["newer"] is True
    # the facts are those of then, in words that its record still says
    worked = [v for g in found["ideas"]["groups"] for v in g["verdicts"] if v["value"] == "worked"]
    assert worked[0]["count"] == 2


def test_words_taken_out_of_a_record_are_in_no_edition(desk, client, package, engine) -> None:
    desk.post(f"{HERE}/publish")
    with Session(engine) as session:
        record = records.get(session, 1)
        clean = KEPT.model_copy(update={"text": "Weigh after the first feed"})
        said = records.read(record).model_copy(update={"change_ideas": (clean,), "title": "New"})
        records.edit(session, 1, said, version=record.version, by="test")
        records.withdraw(session, 2, by="test", reason="asked for")
        session.commit()
    desk.post(f"{HERE}/publish")
    for address in ("/collections/1/editions/1", "/api/v1/collections/1/editions/1"):
        page = client.get(address).text
        assert "Weigh later" not in page
        assert "Story 1" not in page
        assert "Story 2" not in page
        assert "Note 2" not in page
    old = client.get("/collections/1/editions/1").text
    assert "Its story puts this idea in other words now." in old
    assert "1 story that stood here was taken back." in old
    with Session(engine) as session:
        assert len(editions.of(session, 1)) == 2


def test_a_draft_that_no_reader_saw_is_thrown_away_and_its_number_with_it(
    desk, package, engine
) -> None:
    asked = desk.get(f"{HERE}/discard").text
    assert "go for good" in asked
    assert desk.post(f"{HERE}/discard", data={"reason": "Two of them"}).status_code == 200
    assert desk.get(HERE).status_code == 404
    with Session(engine) as session:
        assert records.get(session, 1).title == "Story 1"
        (event,) = audit.found(session, verb="collection discarded")
        assert event.detail == {"collection": "1", "title": "The hour", "reason": "Two of them"}
        again = collections.create(session, "Another", purpose="Go.", by="test")
        assert again.id == package + 1
        collections.add(session, again.id, 1)
        collections.publish(session, again.id, by="test")
        collections.withdraw(session, again.id, by="test", reason="x")
        session.commit()
    seen = "/desk/collections/2/discard"
    assert "grave" not in desk.get(seen).text
    assert desk.post(seen).status_code == 409
    assert desk.get("/desk/collections/2").status_code == 200
