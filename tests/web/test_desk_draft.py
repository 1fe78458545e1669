"""One record at the desk: its card, its tags, its text, and publishing it."""

import re

import pytest

from kb import curating, originals, records
from kb.content import Aim, Evidence, Section, Tag
from kb.vocabulary import SectionRole, Status, TagStatus

HOSTILE = "<script>alert(1)</script> & “x”"
NAMED = "Mrs Amina Juma came on Monday."
BODY = "At first only **34 %** of babies were fed.\n\n| Month | Fed |\n|---|---|\n| May | 20 |\n"


@pytest.fixture
def draft(make_record) -> int:
    return make_record(
        publish=False,
        sections=(Section(role=SectionRole.PROBLEM, heading="Where we began", body=BODY),),
        aim=Aim(target="80 %"),
        evidence=(
            Evidence(field="problem", section=0, quote="At first only **34 %** of babies"),
            Evidence(field="aim.target", section=0, quote="We never wrote this"),
        ),
        doubts=("Which year is it?",),
        tags=(
            Tag(
                notation="breastfeeding",
                confidence=0.83,
                evidence="only 34 % of babies were fed",
                section="Where we began",
                source="rule",
            ),
            Tag(notation="skin-to-skin-contact", confidence=0.4, source="model"),
        ),
    )


def said(library, record_id: int):
    with library.reading() as session:
        return records.read(records.get(session, record_id))


def status(library, record_id: int) -> Status:
    with library.reading() as session:
        return records.get(session, record_id).status


def look_at(desk, library, record_id: int) -> None:
    """Accept what the fields say without which nobody finds a record."""
    for field in curating.ESSENTIAL:
        with library.reading() as session:
            version = records.get(session, record_id).version
        form = {"field": field, "ruled": "accepted", "version": version}
        desk.post(f"/desk/records/{record_id}/fields", data=form)


def decide(desk, record_id: int, concept: str, decision: str, version: int = 1, **more):
    form = {"concept": concept, "status": decision, "version": str(version)}
    return desk.post(f"/desk/records/{record_id}/tags", data=form, follow_redirects=False, **more)


def test_a_field_of_the_card_leads_to_its_passage(desk, draft) -> None:
    page = desk.get(f"/desk/records/{draft}").text
    quote = page.index("At first only 34 % of babies</p>")
    target = re.search(r'href="#(passage-\w+)"[^>]*>Where we began', page[quote:]).group(1)
    marked = page.index(f'<mark id="{target}">At first </mark>')
    assert marked > quote
    assert "The text no longer says this." in page
    assert "Not told:" in page
    assert "Which year is it?" in page


def test_a_passage_says_where_it_stands_in_the_language_of_the_page(desk, make_record) -> None:
    tags = (
        Tag(notation="breastfeeding", confidence=0.9, evidence="Chest first"),
        Tag(notation="run-charts-and-dashboards", confidence=0.5, evidence="Run chart"),
    )
    sections = (Section(heading="Run chart", body="| Ward | Fed |\n|---|---|\n| Rungwe | 20 |"),)
    tags = (tags[0], tags[1].model_copy(update={"section": "Run chart"}))
    record_id = make_record(publish=False, title="Chest first", sections=sections, tags=tags)
    page = desk.get(f"/desk/records/{record_id}", headers={"Accept-Language": "fr"}).text
    quotes = re.findall(r'<blockquote><p [^>]*>(.*?)</p>\s*<p class="from">(.*?)</p>', page)
    assert ("Chest first", '<a href="#title">Titre</a>') in quotes
    assert ("Run chart", "Titre") not in quotes
    assert [said_of for quote, said_of in quotes if quote == "Run chart"] != ["Run chart"]
    assert any(quote == "Rungwe | 20" for quote, _ in quotes)


def test_passages_that_follow_each_other_stand_as_one(desk, make_record) -> None:
    record_id = make_record(
        publish=False,
        sections=(Section(heading="Where", body="One came. Two came. Three came."),),
        evidence=(
            Evidence(field="problem", section=0, quote="One came."),
            Evidence(field="problem", section=0, quote="Two came."),
        ),
    )
    page = desk.get(f"/desk/records/{record_id}").text
    assert "One came. Two came.</p>" in page
    assert page.count("<blockquote>") == 2  # the problem, and the sentence behind the tag
    assert re.search(r'<mark id="passage-\w+">One came.</mark>', page)


def test_a_suggestion_says_why(desk, draft) -> None:
    page = desk.get(f"/desk/records/{draft}").text
    assert "topic, 83% sure, by its words" in page
    assert ", 40% sure, by its meaning" in page
    assert page.count("only 34 % of babies were fed") == 1


def test_one_tag_is_decided_and_the_others_wait(desk, draft, library) -> None:
    answer = decide(desk, draft, "breastfeeding", "confirmed")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/desk/records/{draft}")
    tags = {tag.notation: tag for tag in said(library, draft).tags}
    assert tags["breastfeeding"].status is TagStatus.CONFIRMED
    assert tags["breastfeeding"].confirmed_by == "curator"
    assert tags["skin-to-skin-contact"].status is TagStatus.SUGGESTED
    decide(desk, draft, "breastfeeding", "rejected", version=2)
    assert said(library, draft).tags[0].status is TagStatus.REJECTED


def test_a_concept_that_nobody_suggested_may_be_added(desk, draft, library) -> None:
    decide(desk, draft, "process-redesign", "confirmed")
    added = {tag.notation: tag for tag in said(library, draft).tags}["process-redesign"]
    assert (added.source, added.status) == ("curator", TagStatus.CONFIRMED)
    assert decide(desk, draft, "no-such-concept", "confirmed", version=2).status_code == 422


def test_a_decision_on_an_older_version_is_refused(desk, draft) -> None:
    decide(desk, draft, "breastfeeding", "confirmed")
    late = decide(desk, draft, "skin-to-skin-contact", "confirmed", version=1)
    assert late.status_code == 409
    assert "Somebody" in late.text


def test_the_part_stands_in_the_page(desk, draft) -> None:
    whole = desk.get(f"/desk/records/{draft}").text
    part = desk.get(f"/desk/records/{draft}", headers={"HX-Request": "true"}).text
    assert part in whole
    assert part.startswith('<div id="decide"')


def test_why_it_is_not_ready_is_said_and_publishing_refused(desk, make_record, library) -> None:
    record_id = make_record(publish=False, summary=NAMED, tags=())
    page = desk.get(f"/desk/records/{record_id}").text
    assert "1 finding may name people" in page
    assert "It lacks a confirmed topic" in page
    assert "Publish" not in page
    refused = desk.post(f"/desk/records/{record_id}/publish")
    assert refused.status_code == 422
    assert "a confirmed topic" in refused.text
    assert status(library, record_id) is Status.DRAFT


def test_a_record_that_may_name_people_is_not_published(desk, make_record, library) -> None:
    record_id = make_record(publish=False, summary=NAMED)
    assert desk.post(f"/desk/records/{record_id}/publish").status_code == 409
    assert status(library, record_id) is Status.DRAFT


def test_a_ready_record_is_published_and_found(desk, make_record, library) -> None:
    record_id = make_record(publish=False)
    assert "It has what a reader needs" not in desk.get(f"/desk/records/{record_id}").text
    look_at(desk, library, record_id)
    page = desk.get(f"/desk/records/{record_id}").text
    assert "It has what a reader needs" in page
    answer = desk.post(f"/desk/records/{record_id}/publish")
    assert answer.status_code == 200
    assert "See it as readers do" in answer.text
    assert status(library, record_id) is Status.PUBLISHED
    assert "Skin to skin before the scale" in desk.get("/search?q=chest").text


def test_what_was_taken_out_is_not_found_once_published(
    desk, make_record, library, indexed
) -> None:
    record_id = make_record(publish=False, summary=NAMED)
    indexed()
    with library.reading() as session:
        from kb import findings

        finding = findings.of(session, record_id)[0].id
    form = {"finding": finding, "state": "redacted", "version": 1}
    desk.post(f"/desk/records/{record_id}/privacy", data=form)
    look_at(desk, library, record_id)
    desk.post(f"/desk/records/{record_id}/publish")
    found = desk.get("/search?q=Amina").text
    assert "Juma" not in found
    assert status(library, record_id) is Status.PUBLISHED


def test_the_original_is_there_for_the_curator_only(desk, client, library, story, tmp_path) -> None:
    file = tmp_path / "Mrs Juma.txt"
    file.write_text("As it came.", encoding="utf-8")
    sha256 = originals.sha256_of(file)
    with library.writing() as session:
        folder = library.settings.originals
        originals.keep(session, file, folder=folder, sha256=sha256, media_type="text/html")
        record = records.create(session, story, by="test", original=sha256)
        session.commit()
        address = f"/desk/records/{record.id}/original"
    answer = desk.get(address)
    assert answer.text == "As it came."
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert client.get(address, follow_redirects=False).status_code == 303  # to sign in


def test_a_record_without_a_file_says_so(desk, draft) -> None:
    assert desk.get(f"/desk/records/{draft}/original").status_code == 404
    assert desk.get("/desk/records/99").status_code == 404


def test_what_people_wrote_is_escaped(desk, make_record) -> None:
    record_id = make_record(
        publish=False,
        title=HOSTILE,
        summary=HOSTILE,
        doubts=(HOSTILE,),
        team_lead_role=HOSTILE,
        sections=(Section(heading=HOSTILE, body=HOSTILE),),
        evidence=(Evidence(field="team_lead_role", section=0, quote=HOSTILE),),
        tags=(Tag(notation="breastfeeding", evidence=HOSTILE, section=HOSTILE),),
    )
    page = desk.get(f"/desk/records/{record_id}").text
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)") >= 6
