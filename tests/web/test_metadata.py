"""A record as other systems read it: forms, signs, and what an address answers to whom."""

import json

import extruct
import lxml.html
import pytest
from datacite import schema45
from lxml import etree
from signposting import find_signposting_http_link

from kb.content import Place, Tag
from kb.vocabulary import Naming, RecordType, TagStatus
from web.metadata.formats import BY_NAME, FORMATS
from web.metadata.kinds import KINDS
from web.metadata.negotiation import best

NASTY = "</script><script>alert(1)</script> \x00\x0b\ufffe “é” & <b>"
TOPIC = Tag(notation="early-initiation-of-breastfeeding", status=TagStatus.CONFIRMED)


@pytest.fixture
def told(client, shelf):
    """Serve one full record; return what its page answers a program that asks for a form."""
    shelf(
        title=f"Skin to skin {NASTY}",
        summary=NASTY,
        authors=("Okello, Grace", "Díaz, José"),
        credit_wanted=True,
        tags=(TOPIC,),
        keywords=("first hour",),
        places=(Place(country="TZA", admin1="Mbeya", admin2="Rungwe", facility="Ilulu"),),
        naming=Naming.TYPE_AND_DISTRICT,
    )

    def ask(accept: str):
        return client.get("/records/1", headers={"Accept": accept})

    return ask


def test_every_kind_of_record_has_a_name_in_each_form() -> None:
    assert set(KINDS) == set(RecordType)


@pytest.mark.parametrize("form", BY_NAME)
def test_each_form_is_sent_under_its_type_and_names_the_page_it_describes(
    client, told, form
) -> None:
    answer = client.get(f"/records/1/cite.{form}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(BY_NAME[form].media_type)
    assert answer.headers["content-disposition"] == f'attachment; filename="record-1.{form}"'
    assert 'records/1>; rel="describes"' in answer.headers["link"]
    assert "Ilulu" not in answer.text  # the team named its district, not its facility
    asked = told(BY_NAME[form].media_type)
    assert asked.text == answer.text
    assert asked.headers["content-location"].endswith(f"/records/1/cite.{form}")
    assert {"Accept", "Accept-Language"} <= set(asked.headers["vary"].split(", "))


def test_datacite_holds_to_its_schema_with_and_without_a_doi(client, shelf) -> None:
    shelf(doi="10.1234/ab12", authors=("Okello, Grace",), tags=(TOPIC,))
    shelf(authors=(), credit_line="The night team", credit_wanted=True, licence="X-OWN")
    for number in (1, 2):
        said = client.get(f"/records/{number}/cite.datacite.json").json()
        schema45.validator.validate(said)
        written = client.get(f"/records/{number}/cite.datacite.xml").content
        root = etree.fromstring(written)
        assert root.find("{*}identifier").get("identifierType") == ("DOI" if number == 1 else "URL")
    assert said["creators"] == [{"name": "The night team", "nameType": "Organizational"}]


def test_dublin_core_says_the_language_of_its_words_and_holds_what_xml_can(client, told) -> None:
    root = etree.fromstring(client.get("/records/1/cite.dc.xml").content)
    said = {(one.tag.rpartition("}")[2], one.text) for one in root}
    assert ("coverage", "Rungwe, Mbeya, Tanzania") in said
    assert ("subject", "Early initiation of breastfeeding") in said
    assert ("creator", "Díaz, José") in said
    (title,) = root.findall("{*}title")
    assert title.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
    assert "\x00" not in title.text


def test_search_engines_read_the_page_and_nobody_can_end_its_script(client, told) -> None:
    html = client.get("/records/1").text
    assert "<script>alert" not in html
    (said,) = extruct.extract(html, syntaxes=["json-ld"])["json-ld"]
    assert said["@type"] == ["Article", "LearningResource"]
    assert "</script><script>" in said["name"]
    assert said["keywords"][0]["termCode"] == TOPIC.notation
    assert said["spatialCoverage"][0]["address"]["addressCountry"] == "TZ"
    assert said["license"] == "https://creativecommons.org/licenses/by/4.0/"


def test_the_signs_at_the_page_are_read_by_others(client, told) -> None:
    answer = client.head("/records/1")
    assert len(answer.headers["link"]) < 4_096
    signs = find_signposting_http_link([answer.headers["link"]], "http://testserver/records/1")
    assert signs.citeAs.target == "http://testserver/records/1"
    assert {one.target for one in signs.types} == {
        "https://schema.org/AboutPage",
        "https://schema.org/Article",
    }
    assert signs.license.target == "https://creativecommons.org/licenses/by/4.0/"
    assert {one.type for one in signs.describedBy} >= {one.media_type for one in FORMATS}
    for sign in (*signs.describedBy, *signs.linksets):
        assert client.get(sign.target).headers["content-type"].startswith(sign.type)


def test_the_link_sets_say_the_same_and_lead_back(client, told) -> None:
    sets = client.get("/records/1/linkset.json")
    assert sets.headers["content-type"].startswith("application/linkset+json")
    page, *rest = sets.json()["linkset"]
    assert page["anchor"] == "http://testserver/records/1"
    assert {one["describes"][0]["href"] for one in rest} == {page["anchor"]}
    written = client.get("/records/1/linkset").text
    assert written.count(" anchor=") == sum(
        len(links) for one in (page, *rest) for name, links in one.items() if name != "anchor"
    )


def test_a_browser_gets_the_page_and_who_wants_nothing_of_it_the_list(client, told) -> None:
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    for accept in (browser, "*/*", "", "text/html;q=0.1, image/png"):
        assert told(accept).headers["content-type"].startswith("text/html")
    refused = told("image/png")
    assert refused.status_code == 406
    assert "application/ld+json" in refused.text


def test_a_form_that_is_not_there_is_named_with_those_that_are(client, told) -> None:
    answer = client.get("/records/1/cite.docx")
    assert answer.status_code == 404
    assert "csl.json" in answer.text


def test_what_readers_may_not_see_has_no_form(client, make_record) -> None:
    make_record(publish=False)
    for form in (*(f"cite.{name}" for name in BY_NAME), "linkset", "linkset.json"):
        assert client.get(f"/records/1/{form}").status_code == 404


def test_a_person_is_a_family_and_a_given_name_and_a_team_is_whole(client, told) -> None:
    said = client.get("/records/1/cite.csl.json").json()
    assert said["author"][0] == {"family": "Okello", "given": "Grace"}
    assert said["type"] == "report"
    assert json.dumps(said)


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("application/ld+json;q=0.9, text/html;q=0.5", "application/ld+json"),
        ("application/*", "application/ld+json"),
        ("text/html;q=0, */*", "application/ld+json"),
        ("text/html;q=0", None),
        (";;;,,,/", "text/html"),
        ("TEXT/HTML;Q=1", "text/html"),
    ],
)
def test_the_most_specific_range_decides(accept, wanted) -> None:
    assert best(accept, ["text/html", "application/ld+json"]) == wanted


def as_zotero_reads(page: str) -> dict[str, object]:
    """Return the kind of item and its fields as Zotero's translator for such pages decides.

    Source: conventions.md 4.2, of `Embedded Metadata.js`: the first rule that fits counts, and
    keywords are split at semicolons only.
    """
    said: dict[str, list[str]] = {}
    for one in lxml.html.fromstring(page).iterfind(".//meta[@name]"):
        said.setdefault(one.get("name"), []).append(one.get("content"))
    rules = (
        ("citation_journal_title", "journalArticle"),
        ("citation_technical_report_institution", "report"),
        ("citation_conference_title", "conferencePaper"),
        ("citation_conference", "conferencePaper"),
        ("citation_book_title", "bookSection"),
        ("citation_inbook_title", "bookSection"),
        ("citation_dissertation_institution", "thesis"),
        ("citation_title", "journalArticle"),
    )
    kind = next((kind for name, kind in rules if any(said.get(name, ()))), "webpage")
    authors = [tuple(one.split(", ")) for one in said.get("citation_author", ())]
    keywords = [word.strip() for word in said["citation_keywords"][0].split(";")]
    return {"kind": kind, "authors": authors, "keywords": keywords, "title": said["citation_title"]}


def test_zotero_reads_stories_as_reports_with_their_authors_apart(client, shelf) -> None:
    for kind in (RecordType.IMPROVEMENT_STORY, RecordType.CASE_STUDY, RecordType.CHANGE_PACKAGE):
        named = kind is RecordType.IMPROVEMENT_STORY
        authors = ("Okello, Grace", "Díaz, José") if named else ()
        number = shelf(record_type=kind, authors=authors, credit_wanted=True, tags=(TOPIC,))
        item = as_zotero_reads(client.get(f"/records/{number}").text)
        assert item["kind"] == "report"
        assert item["authors"] == [tuple(one.split(", ")) for one in authors]
        assert item["keywords"] == ["Early initiation of breastfeeding"]
