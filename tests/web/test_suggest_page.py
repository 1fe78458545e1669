import pytest

from kb import records
from kb.content import Tag
from kb.vocabulary import TagStatus

PART = {"HX-Request": "true"}
KMC = "kangaroo-mother-care"


def test_htmx_gets_the_list_alone_and_the_page_contains_it(client, shelf) -> None:
    shelf(title="Mothers of the night", tags=(Tag(notation=KMC, status=TagStatus.CONFIRMED),))
    part = client.get("/suggest?q=mother", headers=PART)
    page = client.get("/suggest?q=mother")
    assert part.status_code == page.status_code == 200
    assert part.text in page.text
    assert part.text.startswith("<ul")
    assert "HX-Request" in part.headers["vary"]


def test_a_title_leads_to_its_record_and_a_concept_to_the_search_for_it(client, shelf) -> None:
    record_id = shelf(
        title="Mothers of the night", tags=(Tag(notation=KMC, status=TagStatus.CONFIRMED),)
    )
    html = client.get("/suggest?q=mother", headers=PART).text
    assert f'href="/records/{record_id}"' in html
    assert 'href="/search?q=Kangaroo%20mother%20care"' in html


def test_titles_are_escaped(client, shelf) -> None:
    shelf(title='<b>Diesel</b> & "oil"')
    html = client.get("/suggest?q=diesel", headers=PART).text
    assert "&lt;b&gt;Diesel&lt;/b&gt; &amp; &#34;oil&#34;" in html
    assert "<b>Diesel" not in html
    assert "<script>" not in client.get("/suggest?q=<script>").text


def test_what_was_withdrawn_is_suggested_no_more(client, shelf, session) -> None:
    record_id = shelf(title="Diesel for all")
    for address in ("/suggest?q=diesel", "/api/v1/suggest?q=diesel"):
        assert "Diesel for all" in client.get(address).text
    records.withdraw(session, record_id, by="test", reason="asked for")
    session.commit()
    for address in ("/suggest?q=diesel", "/api/v1/suggest?q=diesel"):
        assert "Diesel for all" not in client.get(address).text


def test_nothing_of_a_draft_is_suggested(client, shelf) -> None:
    shelf(title="Diesel in a draft", publish=False)
    assert "draft" not in client.get("/suggest?q=diesel", headers=PART).text
    assert client.get("/api/v1/suggest?q=diesel").json() == []


def test_programs_get_what_each_suggestion_stands_for(client, shelf) -> None:
    record_id = shelf(
        title="Mothers of the night", tags=(Tag(notation=KMC, status=TagStatus.CONFIRMED),)
    )
    concept, title, *others = client.get("/api/v1/suggest?q=mother").json()
    assert concept == {
        "text": "Kangaroo mother care",
        "kind": "concept",
        "language": "en",
        "record_id": None,
        "notation": KMC,
    }
    assert title == {
        "text": "Mothers of the night",
        "kind": "title",
        "language": "en",
        "record_id": record_id,
        "notation": None,
    }
    assert all(other["kind"] == "concept" for other in others)


@pytest.mark.parametrize("address", ["/suggest", "/suggest?q=", "/suggest?q=x", "/suggest?q=zzzz"])
def test_too_little_or_unknown_suggests_nothing(address, client) -> None:
    html = client.get(address, headers=PART).text
    assert "<li>" not in html
    assert "<ul" in html  # it takes the place of the list before
