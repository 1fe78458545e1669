"""The record page: what is told, the numbers, the chart, and what is kept back."""

import gzip
import re
import tempfile
from datetime import date

import pytest
from sqlalchemy.orm import Session

from kb import findings, originals, records
from kb.content import (
    ChangeIdea,
    Cost,
    Measure,
    Place,
    Point,
    Section,
    SupportReceived,
    SupportRequest,
)
from kb.hidden import Hidden
from kb.models import Likeness, Reuse
from kb.vocabulary import (
    Decision,
    Direction,
    FindingState,
    IdentifierKind,
    LikenessKind,
    LikenessState,
    Naming,
    ResourceNeed,
    SectionRole,
    Unit,
    Verdict,
)
from web import filling
from web.library import Library

SCRIPT = "<script>alert(1)</script>"


def test_a_record_tells_its_story_in_reading_order(client, shelf) -> None:
    page = client.get(f"/records/{shelf()}").text
    assert re.search(r"<h1[^>]*>Skin to skin before the scale</h1>", page)
    assert page.index("Only 34 %") < page.index("Weigh later.")
    assert "Weigh the baby after the first feed" in page
    assert "The scale moves to the postnatal room." in page


def test_the_numbers_come_first_and_say_what_they_are(client, shelf, series) -> None:
    idea = ChangeIdea(text="Weigh later", started=date(2024, 1, 29))
    page = client.get(f"/records/{shelf(measures=(series,), change_ideas=(idea,))}").text
    assert "The middle of the 4 points before the change, then of the last 4." in page
    assert "12 points from Jan 2024 to Mar 2024, 360 counted in all." in page
    assert page.count('class="chart chart-wide"') == page.count('class="chart chart-narrow"') == 1
    assert "This pattern would be unusual if nothing had changed" in page
    assert "significant" not in page


def test_the_data_stand_as_a_table_too_with_gaps_as_gaps(client, shelf, series) -> None:
    page = client.get(f"/records/{shelf(measures=(series,))}").text
    table = page[page.index("<table>") : page.index("</table>")]
    assert table.count('<th scope="row"') == 13
    assert "<td>33%</td>" in table
    assert "<td></td><td>30</td><td>–</td>" in table


def test_a_measure_without_a_direction_is_called_neither_better_nor_worse(
    client, shelf, series
) -> None:
    undirected = series.model_copy(update={"direction": None})
    page = client.get(f"/records/{shelf(measures=(undirected,))}").text
    assert "the right way" not in page
    assert 'class="pair"' in page


def test_several_measures_are_shown_the_strongest_first(client, shelf, series) -> None:
    visits = Measure(
        name="Visits", unit=Unit.COUNT, points=(Point(period=date(2024, 1, 1), value=3),)
    )
    page = client.get(f"/records/{shelf(measures=(visits, series))}").text
    assert page.index("Newborns fed") < page.index("Visits")
    assert "Too few points" in page


def test_a_change_idea_says_what_became_of_it(client, shelf) -> None:
    idea = ChangeIdea(
        text="Hang a poster",
        interventions=("job-aids-and-wall-charts",),
        decision=Decision.ABANDONED,
        verdict=Verdict.DID_NOT_WORK,
    )
    page = client.get(f"/records/{shelf(change_ideas=(idea,))}").text
    assert "Dropped" in page
    assert "Did not work" in page
    assert 'href="/interventions/job-aids-and-wall-charts"' in page


def test_only_confirmed_tags_are_shown(client, shelf) -> None:
    page = client.get(f"/records/{shelf()}").text
    assert 'href="/topics/early-initiation-of-breastfeeding"' in page
    assert 'href="/topics/skin-to-skin-contact"' not in page


def test_strength_and_completeness_stand_apart(client, shelf, series) -> None:
    page = client.get(f"/records/{shelf(measures=(series,))}").text
    assert "Counted from a named source" in page
    assert re.search(r"<strong>\d+ of 12</strong> – Say ", page)
    assert "Say what it cost." in page


def test_worked_without_numbers_is_called_the_teams_judgement(client, shelf) -> None:
    assert (
        "Team judgement, no data yet"
        in client.get(f"/records/{shelf(verdict=Verdict.WORKED)}").text
    )


def test_the_share_text_is_short_enough_for_a_message(client, shelf, series) -> None:
    long = "A very long sentence that goes on and on without saying much at all " * 8
    record_id = shelf(
        title=long,
        measures=(series.model_copy(update={"name": long}),),
        change_ideas=tuple(ChangeIdea(text=f"{n} {long}") for n in range(5)),
    )
    page = client.get(f"/records/{record_id}").text
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert found is not None
    assert len(found[1]) <= 700
    assert f"http://testserver/records/{record_id}" in found[1]


def test_similar_records_are_offered_with_the_reason(client, shelf) -> None:
    there = {
        "summary": "Babies stay on the chest at Siaya.",
        "sections": (Section(role=SectionRole.CHANGES, body="Weigh later at Siaya."),),
        "change_ideas": (ChangeIdea(text="Weigh the baby after the first feed at Siaya"),),
    }
    shelf(title="The other one", places=(Place(country="KEN"),), **there)
    page = client.get(f"/records/{shelf()}").text
    assert "Similar, elsewhere" in page
    assert "The other one" in page
    told = re.search(r"<b>Told there:</b> <q[^>]*>(.*?)</q>", page)
    assert told is not None
    assert "Siaya" in told[1]
    assert "Both about:</b> Early initiation of breastfeeding" in page


def test_markup_from_people_stays_text(client, shelf) -> None:
    record_id = shelf(
        title=f"T {SCRIPT}",
        summary=f"S {SCRIPT}",
        verdict_reason=f"V {SCRIPT}",
        offer=f"O {SCRIPT}",
        credit_line=f"C {SCRIPT}",
        authors=(f"A {SCRIPT}",),
        credit_wanted=True,
        source_citation=f"Q {SCRIPT}",
        licence=f"L {SCRIPT}",
        sections=(Section(role=SectionRole.OTHER, heading=f"H {SCRIPT}", body=f"B {SCRIPT}"),),
        change_ideas=(
            ChangeIdea(
                text=f"I {SCRIPT}",
                steps=SCRIPT,
                who_did_it=SCRIPT,
                tests=SCRIPT,
                evidence_note=SCRIPT,
                started=date(2024, 1, 5),
            ),
        ),
        measures=(
            Measure(
                name=f"M {SCRIPT}",
                numerator_text=SCRIPT,
                denominator_text=SCRIPT,
                direction=Direction.UP,
                points=(
                    Point(period=date(2024, 1, 1), value=3, label=SCRIPT, note=SCRIPT),
                    Point(period=date(2024, 2, 1), value=4),
                ),
            ),
        ),
        places=(Place(country="KEN", admin1=SCRIPT, admin2=SCRIPT, facility=SCRIPT),),
        naming=Naming.NAMED,
    )
    page = client.get(f"/records/{record_id}").text
    assert SCRIPT not in page
    assert page.count("&lt;script&gt;") > 20


def test_tables_in_the_text_scroll_by_themselves(client, shelf) -> None:
    body = "| a | b |\n|---|---|\n| 1 | 2 |"
    page = client.get(
        f"/records/{shelf(sections=(Section(role=SectionRole.CHANGES, body=body),))}"
    ).text
    assert '<div class="wide" tabindex="0" role="group" aria-label="Table"><table>' in page


def test_the_head_is_what_reference_managers_read(client, shelf) -> None:
    record_id = shelf(authors=("Okello, Grace", "Banda, Joy"), credit_wanted=True)
    head = client.get(f"/records/{record_id}").text.partition("</head>")[0]
    assert f'<link rel="canonical" href="http://testserver/records/{record_id}">' in head
    assert '<meta name="citation_title" content="Skin to skin before the scale">' in head
    assert head.count('name="citation_author"') == 2
    assert 'name="citation_technical_report_institution"' in head
    assert re.search(r'citation_publication_date" content="\d{4}/\d\d/\d\d"', head)
    assert 'property="og:description"' in head
    assert f'property="og:image" content="http://testserver/records/{record_id}/card.png' in head
    assert 'property="og:locale" content="en_US"' in head
    assert (
        f'type="application/x-bibtex" href="http://testserver/records/{record_id}/cite.bib"' in head
    )
    assert head.count('name="DC.creator"') == 2


def test_in_a_language_without_labels_the_head_stays_whole(client, shelf) -> None:
    head = client.get(f"/records/{shelf()}?lang=ar").text.partition("</head>")[0]
    assert 'name="citation_keywords" content="Early initiation of breastfeeding' in head
    assert "<span" not in head


def test_a_draft_is_not_there_for_the_public(client, shelf) -> None:
    answer = client.get(f"/records/{shelf(publish=False)}")
    assert answer.status_code == 404
    assert "Skin to skin" not in answer.text


def test_everything_is_there_that_another_team_needs(client, shelf) -> None:
    record_id = shelf(
        change_ideas=(
            ChangeIdea(
                text="Move the scale",
                decision=Decision.ADAPTED,
                started=date(2024, 2, 1),
                ended=date(2024, 5, 1),
                who_did_it="the clerk",
                resource_need=ResourceNeed.LOW,
                evidence_note="Nobody missed it",
                n_sites_tested=3,
            ),
        ),
        sections=(
            Section(role=SectionRole.PROBLEM, heading="What was wrong", body="Cold babies."),
            Section(role=SectionRole.DID_NOT_WORK, heading="No luck", body="The poster fell."),
            Section(role=SectionRole.LOGISTICS, body="On Mondays at two."),
        ),
        logistics={"who": "two midwives", "everyone_included": "on every shift"},
        team_roles=("midwife", "clerk"),
        team_size=6,
        cost=Cost(text="Tape", amount=4000, currency="TZS"),
        support_received=(SupportReceived(what="A second scale", from_whom="the district"),),
        support_requests=(SupportRequest(text="Gloves"),),
        licence="CC-BY-4.0",
    )
    page = client.get(f"/records/{record_id}").text
    for said in (
        "Changed, then kept", "Feb 2024 to May 2024", "the clerk", "Nobody missed it", "3 places",
        "The poster fell.", "On Mondays at two.", "two midwives", "on every shift", "6 people",
        "4,000 TZS", "A second scale", "the district", "Gloves",
        'href="https://creativecommons.org/licenses/by/4.0/"',
    ):  # fmt: skip
        assert said in page, said
    order = ["Cold babies.", "Move the scale", "The poster fell.", "two midwives", "4,000 TZS"]
    assert [page.index(said) for said in order] == sorted(page.index(said) for said in order)


def test_a_record_of_a_title_and_a_text_has_no_empty_headings(client, shelf) -> None:
    record_id = shelf(change_ideas=(), sections=(Section(body="We tried."),), places=())
    page = client.get(f"/records/{record_id}").text
    assert 'id="contents"' not in page
    for heading in ("What was tried", "What did not work", "How exactly", "What it cost"):
        assert heading not in page
    assert "The whole story" in page
    assert re.findall(r"<(h[1-6]|dt|dd|ul|dl|ol)[^>]*>\s*</\1>", page) == []


def test_a_long_record_begins_with_what_is_in_it(client, shelf) -> None:
    roles = [SectionRole.PROBLEM, SectionRole.CONTEXT, SectionRole.CAUSES, SectionRole.RESULTS]
    told = tuple(Section(role=role, heading=f"Part {role}", body="Words.") for role in roles)
    page = client.get(
        f"/records/{shelf(sections=told, logistics={'who': 'all'}, cost=Cost(text='Tape'))}"
    ).text
    contents = page[page.index('id="contents"') : page.index("</nav>", page.index('id="contents"'))]
    anchors = re.findall(r'href="#([^"]+)"', contents)
    assert len(anchors) == 8
    assert all(page.count(f'id="{anchor}"') == 1 for anchor in anchors)


def test_other_teams_say_what_became_of_it(client, shelf, engine) -> None:
    record_id = shelf()
    assert "Have you tried this too?" in client.get(f"/records/{record_id}").text
    with Session(engine) as session:
        for n in range(3):
            session.add(
                Reuse(
                    record_id=record_id,
                    by="Mrs Neema",
                    where=f"Clinic {n} {SCRIPT}",
                    adapted_how=f"At night {SCRIPT}",
                    verdict=Verdict.DID_NOT_WORK,
                    numbers=f"2 of 9 {SCRIPT}",
                )
            )
        session.commit()
    page = client.get(f"/records/{record_id}").text
    assert "We tried this too" in page
    assert page.count("At night") == 3
    assert "Neema" not in page
    assert SCRIPT not in page
    assert 'href="/templates"' in page


def test_the_page_asks_as_often_for_many_reports_as_for_one(client, shelf, engine, queries) -> None:
    def asked(record_id: int) -> int:
        client.get(f"/records/{record_id}")
        queries.clear()
        client.get(f"/records/{record_id}")
        return len(queries)

    record_id = shelf()
    few = asked(record_id)
    with Session(engine) as session:
        for n in range(20):
            session.add(
                Reuse(
                    record_id=record_id,
                    by="",
                    where=f"Clinic {n}",
                    adapted_how="",
                    numbers="",
                    verdict=Verdict.PARTLY,
                )
            )
        session.commit()
    assert asked(record_id) == few


def test_numbers_that_moved_by_chance_are_not_called_better(client, shelf, series) -> None:
    wave = tuple(
        point.model_copy(update={"numerator": n, "denominator": 30})
        for n, point in zip(
            (10, 13, 11, 14, 9, 12, 14, 10, 13, 9, 15, 11, 13), series.points, strict=True
        )
    )
    page = client.get(f"/records/{shelf(measures=(series.model_copy(update={'points': wave}),))}")
    assert 'class="headline chance"' in page.text
    page = client.get(f"/records/{shelf(measures=(series,))}")
    assert 'class="headline"' in page.text


@pytest.mark.parametrize(
    ("ending", "media_type", "begins"),
    [
        ("bib", "application/x-bibtex; charset=utf-8", "@techreport{okello"),
        ("ris", "application/x-research-info-systems; charset=utf-8", "TY  - RPRT\r\n"),
    ],
)
def test_how_it_is_cited_is_sent_for_reference_managers(
    client, shelf, ending, media_type, begins
) -> None:
    record_id = shelf(authors=("Okello, Grace",), credit_wanted=True)
    answer = client.get(f"/records/{record_id}/cite.{ending}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    assert f'attachment; filename="record-{record_id}.{ending}"' in answer.headers.values()
    assert answer.text.startswith(begins)
    assert f"http://testserver/records/{record_id}" in answer.text
    assert "Early initiation of breastfeeding" in answer.text
    assert "skin-to-skin" not in answer.text.lower().replace("skin to skin", "")


def test_who_wants_no_credit_is_cited_nowhere(client, shelf) -> None:
    record_id = shelf(authors=("Okello, Grace",), credit_line="Team Okello")
    for address in ("", "/cite.bib", "/cite.ris"):
        assert "Okello" not in client.get(f"/records/{record_id}{address}").text


def test_a_draft_is_cited_by_nobody(client, shelf) -> None:
    record_id = shelf(publish=False)
    for ending in ("bib", "ris"):
        assert client.get(f"/records/{record_id}/cite.{ending}").status_code == 404


def test_downloads_say_how_large_they_are(client, shelf) -> None:
    record_id = shelf()
    page = client.get(f"/records/{record_id}").text
    for ending in ("bib", "ris"):
        assert re.search(rf'cite\.{ending}"[^>]*>\w+ <span class="n">1 kB</span>', page)


@pytest.mark.parametrize(
    ("url", "linked"), [("https://library.example/1", True), ("javascript:alert(1)", False)]
)
def test_only_an_address_of_the_web_becomes_a_link(client, shelf, url, linked) -> None:
    page = client.get(f"/records/{shelf(source_url=url)}").text
    assert (f'href="{url}"' in page) is linked
    assert ("Where it comes from" in page) is linked


def test_the_page_and_its_style_weigh_little(client, shelf, series) -> None:
    shelf(title="Another one")
    record_id = shelf(measures=(series, series.model_copy(update={"name": "Small babies"})))
    page = client.get(f"/records/{record_id}").text
    style = client.get(re.search(r'rel="stylesheet" href="([^"]+)"', page)[1]).text
    weight = sum(len(gzip.compress(text.encode(), 6)) for text in (page, style))
    assert weight <= 25_000


def test_a_withdrawn_record_is_gone_and_says_so(client, shelf, engine) -> None:
    record_id = shelf()
    with Session(engine) as session:
        records.withdraw(session, record_id, by="test", reason="the team asked")
        session.commit()
    answer = client.get(f"/records/{record_id}")
    assert answer.status_code == 410
    assert "taken back" in answer.text
    assert "Skin to skin" not in answer.text
    assert f"Story {record_id} was taken back" in answer.text
    assert "the team asked" not in answer.text
    assert '<meta name="robots" content="noindex">' in answer.text
    for address in (f"/api/v1/records/{record_id}", f"/records/{record_id}/cite.bib"):
        gone = client.get(address)
        assert gone.status_code == 410
        assert "Skin to skin" not in gone.text


@pytest.mark.parametrize("public", [True, False])
def test_a_withdrawn_record_names_the_one_that_takes_its_place_if_it_is_public(
    client, shelf, engine, public
) -> None:
    gone, other = shelf(), shelf(title="The better one", publish=public)
    with Session(engine) as session:
        records.withdraw(session, gone, by="test", reason="a copy")
        session.add(
            Likeness(
                record_id=other,
                other_id=gone,
                kind=LikenessKind.SAME_TEXT,
                score=1,
                state=LikenessState.SAME,
                decided_by="test",
            )
        )
        session.commit()
    answer = client.get(f"/records/{gone}")
    assert answer.status_code == 410
    assert (f'href="/records/{other}"' in answer.text) is public
    assert "better one" not in answer.text


def test_a_record_retired_for_another_is_gone_and_not_lost(client, shelf, engine) -> None:
    record_id = shelf()
    with Session(engine) as session:
        records.withdraw(session, record_id, by="test", reason="old")
        records.retire(session, record_id, by="test", reason="old")
        session.commit()
    answer = client.get(f"/records/{record_id}")
    assert answer.status_code == 410
    assert "Another story tells the same" in answer.text


def test_a_draft_that_was_withdrawn_was_never_there(client, shelf, engine) -> None:
    record_id = shelf(publish=False)
    with Session(engine) as session:
        records.withdraw(session, record_id, by="test", reason="a mistake")
        session.commit()
    assert client.get(f"/records/{record_id}").status_code == 404


WEB_PAGE = (
    b"<html><head><meta name=author content=Neema></head><body><p>Told here.</p></body></html>"
)


def with_original(library: Library, record_id: int, tmp_path, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(WEB_PAGE)
    with library.writing() as session:
        sha256 = originals.sha256_of(file)
        originals.keep(
            session,
            file,
            folder=library.settings.originals,
            sha256=sha256,
            media_type="text/html",
        )
        session.flush()
        records.attach(session, records.get(session, record_id), sha256, original=True)
        session.commit()
    filling.copy_for_readers(library)


def test_an_original_is_not_offered_unless_the_library_shares_it(
    client, library, shelf, tmp_path
) -> None:
    record_id = shelf(naming=Naming.NAMED)
    with_original(library, record_id, tmp_path, "ilulu.html")
    page = client.get(f"/records/{record_id}").text
    assert "HTML, 1 kB" in page
    assert "ilulu.html" not in page
    assert client.get(f"/records/{record_id}/file").status_code == 404


@pytest.fixture
def sharing(library) -> Library:
    settings = library.settings.model_copy(update={"share_originals": True})
    object.__setattr__(library, "settings", settings)
    return library


@pytest.mark.parametrize(("naming", "status"), [(Naming.NAMED, 200), (Naming.ANONYMOUS, 404)])
def test_a_clean_copy_is_sent_to_be_saved_where_its_facility_is_named(
    client, sharing, shelf, naming, status
) -> None:
    record_id = shelf(naming=naming)
    with_original(sharing, record_id, sharing.settings.data, "Mrs Neema.html")
    page = client.get(f"/records/{record_id}").text
    answer = client.get(f"/records/{record_id}/file")
    assert answer.status_code == status
    assert ("Original (HTML)" in page) is (status == 200)
    assert "Neema" not in page
    if status == 200:
        assert b"Told here." in answer.content
        assert b"Neema" not in answer.content
        assert f'filename="record-{record_id}.html"' in answer.headers["content-disposition"]
        assert answer.headers["content-disposition"].startswith("attachment")
        assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert client.get(f"/records/{record_id}/original").status_code == 404


def test_a_copy_for_which_there_was_no_room_is_made_the_next_time(
    client, sharing, shelf, monkeypatch, caplog
) -> None:
    record_id = shelf(naming=Naming.NAMED)
    with monkeypatch.context() as full:
        full.setattr(tempfile, "tempdir", str(sharing.settings.data / "no folder"))
        with_original(sharing, record_id, sharing.settings.data, "story.html")
    assert "no folder" in caplog.text
    assert client.get(f"/records/{record_id}/file").status_code == 404
    filling.copy_for_readers(sharing)
    assert b"Told here" in client.get(f"/records/{record_id}/file").content


def test_a_copy_is_offered_no_more_once_something_else_is_to_go(client, sharing, shelf) -> None:
    record_id = shelf(naming=Naming.NAMED)
    with_original(sharing, record_id, sharing.settings.data, "story.html")
    with sharing.writing() as session:
        findings.scan(
            session, record_id, hidden=[Hidden(IdentifierKind.PERSON, "footer", "Told here")]
        )
        found = findings.of(session, record_id)
        version = records.get(session, record_id).version
        findings.decide(
            session,
            record_id,
            [found[0].id],
            FindingState.REDACTED,
            version=version,
            by="curator",
        )
        session.commit()
    assert client.get(f"/records/{record_id}/file").status_code == 404
    filling.copy_for_readers(sharing)
    assert b"Told here" not in client.get(f"/records/{record_id}/file").content


def test_a_summary_section_is_not_said_twice(client, shelf, story) -> None:
    again = Section(role=SectionRole.SUMMARY, heading="Abstract", body=story.summary)
    page = client.get(f"/records/{shelf(sections=(again, *story.sections))}").text
    assert "Abstract" not in page


def test_unconfirmed_people_stay_unnamed(client, shelf) -> None:
    page = client.get(f"/records/{shelf(authors=('Okello, Grace',), contact='0712 345678')}").text
    assert "Okello" not in page
    assert "0712" not in page


def test_a_record_that_nobody_has_is_missed_in_the_readers_words(client) -> None:
    answer = client.get("/records/12345?lang=fr")
    assert answer.status_code == 404
    assert "Il n’y a pas de fiche 12345." in answer.text
    assert client.get("/api/v1/records/12345").json()["detail"] == "There is no record 12345."
