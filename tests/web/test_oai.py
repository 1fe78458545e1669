"""OAI-PMH: every answer of the protocol, and two harvesters of other people."""

import json
import re
from base64 import urlsafe_b64encode
from contextlib import closing
from datetime import UTC, datetime, timedelta
from threading import Thread
from time import sleep

import pytest
import uvicorn
from lxml import etree
from oaipmh_scythe import Scythe
from sickle import Sickle
from sickle import oaiexceptions as refused
from sqlalchemy.orm import Session

from kb import collections, records
from kb.content import Place, Tag
from kb.vocabulary import Naming, TagStatus
from web.app import create_app
from web.oai import answering, tokens

NS = {"o": "http://www.openarchives.org/OAI/2.0/"}
TOPIC = Tag(notation="early-initiation-of-breastfeeding", status=TagStatus.CONFIRMED)
ASKED = "verb=ListRecords&metadataPrefix=oai_dc"


@pytest.fixture
def ask(client):
    """Return what the library answers to arguments, parsed."""

    def answer(query: str):
        response = client.get(f"/oai?{query}")
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/xml; charset=utf-8"
        return etree.fromstring(response.content)

    return answer


def code(root) -> str | None:
    found = root.find("o:error", NS)
    return None if found is None else found.get("code")


def identifiers(root) -> list[str]:
    return [one.text.rpartition(":")[2] for one in root.iterfind(".//o:identifier", NS)]


def withdraw(engine, record_id: int) -> None:
    with Session(engine) as session:
        records.withdraw(session, record_id, by="test", reason="asked for")
        session.commit()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "badVerb"),
        ("verb=Nothing", "badVerb"),
        ("verb=Identify&verb=Identify", "badVerb"),
        ("verb=Identify&set=type", "badArgument"),
        ("verb=ListRecords", "badArgument"),
        (f"{ASKED}&metadataPrefix=oai_dc", "badArgument"),
        (f"{ASKED}&from=yesterday", "badArgument"),
        (f"{ASKED}&from=2026-02-30", "badArgument"),
        (f"{ASKED}&from=2026-01-01&until=2026-01-02T00:00:00Z", "badArgument"),
        (f"{ASKED}&from=2026-02-01&until=2026-01-01", "badArgument"),
        (f"{ASKED}&resumptionToken=x", "badArgument"),
        ("verb=ListRecords&metadataPrefix=marc", "cannotDisseminateFormat"),
        ("verb=ListRecords&resumptionToken=x.y", "badResumptionToken"),
        ("verb=ListSets&resumptionToken=x", "badResumptionToken"),
        (f"{ASKED}&until=1999-12-31", "noRecordsMatch"),
        (f"{ASKED}&until=9999-12-31&set=no:such", "noRecordsMatch"),
        (f"{ASKED}&set=collection:99999999999999999999", "noRecordsMatch"),
        ("verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:testserver:9", "idDoesNotExist"),
        ("verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:testserver:01", "idDoesNotExist"),
        ("verb=GetRecord&metadataPrefix=oai_dc&identifier=x", "idDoesNotExist"),
        ("verb=GetRecord&metadataPrefix=oai_dc&identifier=%00%0B", "idDoesNotExist"),
        ("verb=ListMetadataFormats&identifier=oai:elsewhere:1", "idDoesNotExist"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_the_words_of_the_protocol(
    ask, shelf, query, expected
) -> None:
    shelf()
    root = ask(query)
    assert code(root) == expected
    request = root.find("o:request", NS)
    assert bool(request.attrib) is (expected not in ("badVerb", "badArgument"))


def test_a_form_is_answered_like_an_address_and_a_huge_one_is_not_read(client, shelf) -> None:
    shelf()
    said = {"verb": "GetRecord", "identifier": "oai:testserver:1", "metadataPrefix": "oai_dc"}
    answer = etree.fromstring(client.post("/oai", data=said).content)
    assert identifiers(answer)[0] == "1"
    assert code(etree.fromstring(client.post("/oai", data={"verb": "x" * 9_000}).content)) == (
        "badVerb"
    )


def test_only_what_every_reader_may_see_is_harvested(ask, shelf, make_record, engine) -> None:
    shelf(places=(Place(country="TZA", facility="Ilulu"),), naming=Naming.ANONYMOUS)
    make_record(publish=False)
    shelf(title="Taken back")
    withdraw(engine, 3)
    root = ask(ASKED)
    assert identifiers(root) == ["1", "3"]
    deleted = root.find(".//o:header[@status='deleted']", NS)
    assert deleted.find("o:identifier", NS).text == "oai:testserver:3"
    assert deleted.find("o:setSpec", NS) is None
    text = etree.tostring(root).decode()
    assert "Taken back" not in text
    assert "Ilulu" not in text
    assert "country:" not in text
    assert identifiers(ask(f"{ASKED}&set=country:TZ")) == ["3"]  # of no set, so of every harvest


def test_a_set_holds_the_records_that_say_so(ask, shelf, library) -> None:
    shelf(tags=(TOPIC,))
    shelf(tags=(TOPIC,), places=(Place(country="KEN"),))
    with library.writing() as session:
        begun = collections.create(session, "Scales", purpose="To begin.", by="test").id
        collections.add(session, begun, 2)
        collections.publish(session, begun, by="test")
        session.commit()
    named = {one.text for one in ask("verb=ListSets").iterfind(".//o:setSpec", NS)}
    for spec, expected in (
        (f"topic:{TOPIC.notation}", ["1", "2"]),
        ("topic", ["1", "2"]),
        ("country:KE", ["2"]),
        ("type:improvement-story", ["1", "2"]),
        (f"collection:{begun}", ["2"]),
        ("collection", ["2"]),
    ):
        assert spec in named
        root = ask(f"{ASKED}&set={spec}")
        assert identifiers(root) == expected
        for header in root.iterfind(".//o:header", NS):
            said = [one.text for one in header.iterfind("o:setSpec", NS)]
            assert any(one == spec or one.startswith(f"{spec}:") for one in said)


def test_from_and_until_take_in_both_ends(ask, shelf, engine) -> None:
    shelf()
    with Session(engine) as session:
        changed = records.get(session, 1).updated
    second = f"{changed:%Y-%m-%dT%H:%M:%SZ}"
    before = f"{changed - timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}"
    after = f"{changed + timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}"
    assert identifiers(ask(f"{ASKED}&from={second}&until={second}")) == ["1"]
    assert identifiers(ask(f"{ASKED}&from={changed:%Y-%m-%d}&until={changed:%Y-%m-%d}")) == ["1"]
    assert code(ask(f"{ASKED}&until={before}")) == "noRecordsMatch"
    assert code(ask(f"{ASKED}&from={after}")) == "noRecordsMatch"


def test_a_token_may_be_used_again_and_a_changed_one_is_noticed(
    ask, shelf, monkeypatch, library, client
) -> None:
    monkeypatch.setattr(answering, "PER_PAGE", 2)
    for _ in range(5):
        shelf()
    first = ask(ASKED)
    token = first.find(".//o:resumptionToken", NS)
    assert (token.get("completeListSize"), token.get("cursor")) == ("5", "0")
    again = f"verb=ListRecords&resumptionToken={token.text}"
    assert identifiers(ask(again)) == identifiers(ask(again)) == ["3", "4"]
    assert code(ask(f"verb=ListIdentifiers&resumptionToken={token.text}")) == "badResumptionToken"
    for cut in (token.text[:-1], token.text[1:], token.text + "A", "." + token.text):
        assert code(ask(f"verb=ListRecords&resumptionToken={cut}")) == "badResumptionToken"
    token = ask(again).find(".//o:resumptionToken", NS)
    last = ask(f"verb=ListRecords&resumptionToken={token.text}")
    assert last.find(".//o:resumptionToken", NS).text is None
    assert identifiers(last) == ["5"]


@pytest.mark.parametrize(
    "values",
    [
        ["ListRecords"],
        ["ListRecords", "oai_dc", "", "", "", "2026-11-28T09:00:00", 1, 1, 1],
        ["ListRecords", "oai_dc", "", "", "", "2026-11-28T09:00:00+00:00", -1, 1, 1],
        ["ListRecords", "oai_dc", "", "", "", "2026-11-28T09:00:00+00:00", "1", 1, 1],
        ["ListRecords", "oai_dc", 7, "", "", "2026-11-28T09:00:00+00:00", 1, 1, 1],
        {"verb": "ListRecords"},
        None,
    ],
)
def test_a_made_up_token_with_a_right_digest_says_nothing(ask, shelf, values) -> None:
    shelf()
    text = urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")
    made_up = f"{tokens.digest(text)}.{text}"
    assert code(ask(f"verb=ListRecords&resumptionToken={made_up}")) == "badResumptionToken"


def test_the_earliest_moment_is_of_the_oldest_record_and_an_empty_library_answers(
    ask, shelf
) -> None:
    assert code(ask(ASKED)) == "noRecordsMatch"
    assert ask("verb=Identify").findtext(".//o:deletedRecord", namespaces=NS) == "persistent"
    shelf()
    said = ask("verb=Identify").findtext(".//o:earliestDatestamp", namespaces=NS)
    assert datetime.fromisoformat(said) <= datetime.now(UTC)
    assert identifiers(ask(f"{ASKED}&from={said}")) == ["1"]


def test_what_is_committed_after_an_answer_is_found_by_its_date(ask, shelf, session) -> None:
    record = records.get(session, shelf())
    record.title = "Told anew"
    session.flush()  # it has its moment now, and waits to be committed
    sleep(1)  # dates are of seconds
    date = ask(ASKED).findtext("o:responseDate", namespaces=NS)
    session.commit()
    assert identifiers(ask(f"{ASKED}&from={date}")) == [str(record.id)]


def test_a_list_of_identifiers_says_the_same_sets_and_reads_no_story(
    ask, shelf, library, queries
) -> None:
    shelf(tags=(TOPIC,), places=(Place(country="KEN"), Place(country="KEN", admin2="Mbooni")))
    shelf(places=(Place(country="TZA"),), naming=Naming.ANONYMOUS)
    with library.writing() as session:
        begun = collections.create(session, "Scales", purpose="To begin.", by="test").id
        collections.add(session, begun, 1)
        collections.publish(session, begun, by="test")
        session.commit()
    queries.clear()
    headers = [
        [etree.tostring(one) for one in ask(f"verb={verb}&metadataPrefix=oai_dc").iter("{*}header")]
        for verb in ("ListIdentifiers", "ListRecords")
    ]
    assert headers[0] == headers[1]
    assert headers[0][0].count(b"country:KE") == headers[0][0].count(b"collection:") == 1
    assert b"country:" not in headers[0][1]
    queries.clear()
    ask("verb=ListIdentifiers&metadataPrefix=oai_dc")
    assert not any("section" in query or "record.summary" in query for query in queries)


def test_a_person_gets_a_page_and_a_program_the_answer_whatever_it_accepts(client, shelf) -> None:
    shelf(title="<b>Bold</b> & “quoted”")
    asked = f"/oai?{ASKED}"
    page = client.get(asked, headers={"Sec-Fetch-Dest": "document"})
    assert page.headers["content-type"].startswith("text/html")
    assert "&lt;b&gt;Bold&lt;/b&gt; &amp; “quoted”" in page.text
    assert "verb=GetRecord&amp;metadataPrefix=oai_dc&amp;identifier=oai:testserver:1" in page.text
    program = client.get(asked, headers={"Accept": "text/html, *; q=.2", "Accept-Encoding": "gzip"})
    assert program.headers["content-type"].startswith("text/xml")
    assert program.headers["content-encoding"] == "gzip"
    assert "Sec-Fetch-Dest" in page.headers["vary"]
    assert "Sec-Fetch-Dest" in program.headers["vary"]
    refused_one = client.get("/oai?verb=<i>", headers={"Sec-Fetch-Dest": "document"})
    assert "badVerb" in refused_one.text
    assert "<i>" not in refused_one.text
    for style in re.findall(r'href="(/static/[^"]+)"', program.text):
        assert client.get(style).headers["content-type"].partition(";")[0] in {
            "application/xslt+xml",
            "text/css",
        }


@pytest.fixture
def served(library):
    """Serve the library on an address of its own; the second call is after a restart."""
    servers = []

    def serve(port: int = 0) -> str:
        for server, thread in servers:
            server.should_exit = True
            thread.join()
        config = uvicorn.Config(create_app(library), port=port, log_level="warning", lifespan="off")
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, daemon=True)
        servers[:] = [(server, thread)]
        thread.start()
        while not server.started:
            sleep(0.02)
        return f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/oai"

    yield serve
    for server, thread in servers:
        server.should_exit = True
        thread.join()


def test_sickle_harvests_all_while_records_change_and_the_library_restarts(
    served, make_record, engine, monkeypatch
) -> None:
    monkeypatch.setattr(answering, "PER_PAGE", 10)
    for number in range(35):
        make_record(title=f"Story {number}")
    address = served()
    listed = Sickle(address).ListRecords(metadataPrefix="oai_dc")
    seen = {}
    for place, record in enumerate(listed):
        seen[record.header.identifier] = record
        if place == 12:
            withdraw(engine, 2)  # sent already, so it is sent again, as deleted
            withdraw(engine, 30)
            make_record(title="A story of the last hour")
            served(port=int(address.split(":")[2].split("/")[0]))
    assert sorted(int(one.rpartition(":")[2]) for one in seen) == list(range(1, 37))
    gone = {one for one, record in seen.items() if record.header.deleted}
    assert {one.rpartition(":")[2] for one in gone} == {"2", "30"}
    with pytest.raises(refused.NoRecordsMatch):
        Sickle(address).ListRecords(metadataPrefix="oai_dc", until="1999-01-01")
    with pytest.raises(refused.CannotDisseminateFormat):
        Sickle(address).ListRecords(metadataPrefix="marc")


def test_scythe_harvests_all_in_both_forms(served, make_record, monkeypatch) -> None:
    monkeypatch.setattr(answering, "PER_PAGE", 10)
    for number in range(25):
        make_record(title=f"Story {number} & <more>")
    with closing(Scythe(served())) as harvester:
        for prefix in ("oai_dc", "oai_datacite"):
            found = list(harvester.list_records(metadata_prefix=prefix))
            assert len({one.header.identifier for one in found}) == 25
        assert len(list(harvester.list_identifiers(metadata_prefix="oai_dc"))) == 25
        assert harvester.identify().protocolVersion == "2.0"
