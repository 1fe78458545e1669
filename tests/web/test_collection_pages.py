"""Collections as pages and as JSON: only what is published, in the curator's order and words."""

import re

import pytest
from sqlalchemy.orm import Session

from kb import collections, records
from kb.content import Place
from kb.errors import InvalidError
from kb.vocabulary import Naming, Verdict, Visibility


@pytest.fixture
def collect(engine):
    """Make a collection of these records; return its number."""

    def make(*record_ids: int, publish: bool = True, note: str = "", **about) -> int:
        said = {"title": "Warm babies", "purpose": "For the night shift.", **about}
        with Session(engine) as session:
            begun = collections.create(session, **said, by="test").id
            for record_id in record_ids:
                collections.add(session, begun, record_id, note=note)
            if publish:
                collections.publish(session, begun, by="test")
            session.commit()
        return begun

    return make


def test_a_collection_shows_its_records_in_order_with_the_curators_words(
    client, shelf, collect
) -> None:
    first, second = shelf(title="Story one"), shelf(title="Story two", verdict=Verdict.WORKED)
    number = collect(second, first, note="Read **this** with a colleague.")
    page = client.get(f"/collections/{number}").text
    assert re.findall(r'<h2><a href="/records/(\d)"', page) == [str(second), str(first)]
    assert page.count("Read <strong>this</strong> with a colleague.") == 2
    assert page.index("Read <strong>this") < page.index("Story two")
    assert "For the night shift." in page
    assert f'href="/print?ids={second},{first}"' in page
    assert f'href="/compare?ids={second},{first}"' in page
    assert f'data-keep="/collections/{number}"' in page
    assert f'data-keep-with="/records/{second} /records/{first}"' in page
    assert 'href="/collections">Collections</a>' in page
    assert re.search(r"<li>1 <span class=\"badge worked\">", page)


def test_the_list_has_the_published_ones_only(client, shelf, collect) -> None:
    record_id = shelf()
    shown, draft = collect(record_id), collect(record_id, publish=False, title="A draft of mine")
    page = client.get("/collections").text
    assert f'href="/collections/{shown}"' in page
    assert "1 story" in page
    assert "A draft of mine" not in page
    assert client.get(f"/collections/{draft}").status_code == 404
    assert client.get("/api/v1/collections").json()[0]["record_ids"] == [record_id]


def test_a_library_without_collections_says_so(client) -> None:
    page = client.get("/collections")
    assert page.status_code == 200
    assert "There is no collection yet." in page.text


def test_a_draft_answers_in_the_words_of_a_number_never_given(client, shelf, collect) -> None:
    draft = collect(shelf(), publish=False)
    missing = client.get("/collections/77").text
    for words in ("/collections/", "collection "):
        missing = missing.replace(f"{words}77", f"{words}{draft}")
    assert client.get(f"/collections/{draft}").text == missing
    assert client.get("/collections/0").status_code == 404
    assert client.get("/collections/99999999999").status_code == 404


def test_a_collection_that_was_taken_back_is_gone(client, shelf, collect, engine) -> None:
    number = collect(shelf(), title="Out of date")
    with Session(engine) as session:
        collections.withdraw(session, number, by="test", reason="A secret reason")
        session.commit()
    for address in (f"/collections/{number}", f"/api/v1/collections/{number}"):
        answer = client.get(address)
        assert answer.status_code == 410
        assert "Out of date" not in answer.text
        assert "secret reason" not in answer.text
    assert "Out of date" not in client.get("/collections").text


def test_a_record_that_may_not_be_read_leaves_no_trace(client, shelf, collect, engine) -> None:
    shown, inside = shelf(title="Shown"), shelf(title="Inside")
    draft = shelf(title="Draft", publish=False)
    plain = collect(shown, note="Words.")
    number = collect(draft, shown, inside, note="Words.")
    with Session(engine) as session:
        records.get(session, inside).visibility = Visibility.TEAM
        session.commit()
    for address in ("/collections/{}", "/api/v1/collections/{}"):
        alone = client.get(address.format(plain)).text
        mixed = client.get(address.format(number)).text
        cleared = re.sub(
            r'"published":"[^"]+"', "", mixed.replace(f"ions/{number}", f"ions/{plain}")
        )
        cleared = cleared.replace(f'"id":{number},', f'"id":{plain},')
        assert cleared == re.sub(r'"published":"[^"]+"', "", alone)


def test_a_collection_of_an_anonymous_facility_names_no_country(client, shelf, collect) -> None:
    number = collect(shelf(places=(Place(country="LSO"),), naming=Naming.ANONYMOUS))
    for address in ("/collections", f"/collections/{number}", f"/api/v1/collections/{number}"):
        text = client.get(address).text
        assert "Lesotho" not in text
        assert "LSO" not in text


def test_a_story_that_left_a_collection_is_named_as_it_may_be_named(
    client, shelf, collect, engine
) -> None:
    hidden = {"naming": Naming.TYPE_AND_DISTRICT, "title": "Ilulu Health Centre waits"}
    places = (Place(country="TZA", admin2="Rungwe", facility="Ilulu Health Centre"),)
    gone, stays = shelf(places=places, **hidden), shelf(places=())
    number = collect(gone, stays)
    with Session(engine) as session:
        collections.remove(session, number, gone)
        collections.publish(session, number, by="test")
        session.commit()
    page = client.get(f"/collections/{number}").text
    assert f'href="/records/{gone}"' in page
    assert "Ilulu" not in page


def test_what_curators_write_is_escaped(client, shelf, collect) -> None:
    attack = "<script>alert(1)</script>"
    with pytest.raises(InvalidError):
        collect(shelf(), language='"><b>')
    number = collect(shelf(), title=attack, purpose=attack, note=attack)
    for address in ("/collections", f"/collections/{number}"):
        page = client.get(address).text
        assert attack not in page


def test_the_words_say_in_which_language_they_are(client, shelf, collect) -> None:
    number = collect(shelf(), language="fr", note="À lire.")
    page = client.get(f"/collections/{number}").text
    assert '<div class="note" dir="auto" lang="fr">' in page
    assert re.search(r'<header class="prose" lang="fr">\s*<h1 dir="auto">', page)


def test_a_collection_is_json_with_its_notes(client, shelf, collect) -> None:
    record_id = shelf(title="Story one")
    found = client.get(f"/api/v1/collections/{collect(record_id, note='Read it.')}").json()
    assert (found["title"], found["purpose"]) == ("Warm babies", "For the night shift.")
    assert found["items"][0]["note"] == "Read it."
    assert found["items"][0]["record"]["title"] == "Story one"
    assert client.get("/api/v1/collections/77").json()["status"] == 404
    assert "/api/v1/collections/{collection_id}" in client.get("/api/v1/openapi.json").text


def test_the_queries_of_collections_do_not_grow(
    client, make_record, indexed, collect, queries
) -> None:
    def count(address: str) -> int:
        client.get(address)
        queries.clear()
        assert client.get(address).status_code == 200
        return len(queries)

    ids = [make_record() for _ in range(50)]
    indexed()
    small, large = collect(*ids[:5]), collect(*ids)
    assert count(f"/collections/{large}") == count(f"/collections/{small}")
    few = count("/collections"), count("/api/v1/collections")
    for _ in range(10):
        collect(*ids[:5])
    assert (count("/collections"), count("/api/v1/collections")) == few
