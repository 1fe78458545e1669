"""A page that did not change is not sent again, and never to the wrong reader."""

import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient

from kb import records
from web.caching import Caching

GZIP = {"Accept-Encoding": "gzip"}
PAGES = ("/", "/search?q=scale", "/records/1", "/topics", "/about", "/api/v1/records")


@pytest.mark.parametrize("address", PAGES)
def test_who_has_a_page_is_told_that_it_still_holds(client, shelf, address) -> None:
    shelf()
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    for name in ("etag", "cache-control", "vary"):
        assert again.headers[name] == first.headers[name]
    assert "content-length" not in again.headers
    assert "content-type" not in again.headers


def test_a_changed_record_is_sent(client, shelf, library) -> None:
    record_id = shelf()
    etag = client.get(f"/records/{record_id}").headers["etag"]
    with library.writing() as session:
        said = records.read(records.get(session, record_id))
        version = records.get(session, record_id).version
        changed = said.model_copy(update={"title": "Weigh later"})
        records.edit(session, record_id, changed, version=version, by="test")
        session.commit()
    answer = client.get(f"/records/{record_id}", headers={"If-None-Match": etag})
    assert answer.status_code == 200
    assert "Weigh later" in answer.text


def test_compressed_or_not_it_is_the_same_page(client) -> None:
    plain = client.get("/about", headers={"Accept-Encoding": "identity"})
    packed = client.get("/about", headers=GZIP)
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert plain.headers["etag"] == packed.headers["etag"]
    assert plain.headers["etag"].startswith('W/"')
    assert "Accept-Encoding" in plain.headers["vary"]
    assert "Accept-Encoding" in packed.headers["vary"]


def test_each_language_and_each_part_has_a_validator_of_its_own(client, shelf) -> None:
    shelf()
    asked = ({}, {"Accept-Language": "ar"}, {"HX-Request": "true"})
    etags = {client.get("/search?q=scale", headers=headers).headers["etag"] for headers in asked}
    assert len(etags) == 3
    assert client.get("/search", headers={"If-None-Match": etags.pop()}).status_code == 200


def test_a_head_is_answered_like_its_page(client) -> None:
    etag = client.get("/about").headers["etag"]
    assert client.head("/about").headers["etag"] == etag
    assert client.head("/about", headers={"If-None-Match": etag}).status_code == 304


def test_a_page_is_kept_by_its_reader_only_and_asked_about(client) -> None:
    assert client.get("/about").headers["cache-control"] == "private, no-cache"
    assert client.get("/api/v1/records").headers["cache-control"] == "no-cache"
    missing = client.get("/records/99")
    assert missing.headers["cache-control"] == "private, no-cache"
    assert "etag" not in missing.headers


def test_the_desk_and_what_was_pasted_are_kept_nowhere(desk) -> None:
    for answer in (desk.get("/desk"), desk.post("/similar", data={"text": "weigh later"})):
        assert answer.headers["cache-control"] == "no-store"
        assert "etag" not in answer.headers


def test_what_streams_is_not_held_back() -> None:
    app = FastAPI()
    app.get("/")(lambda: StreamingResponse(iter(["a", "b"]), media_type="text/plain"))
    app.add_middleware(Caching)
    answer = TestClient(app).get("/")
    assert answer.text == "ab"
    assert "etag" not in answer.headers


@pytest.mark.parametrize(("sent", "saves"), [("on", True), ("ON", True), ("off", False)])
def test_who_saves_data_gets_no_more_than_is_needed(client, shelf, series, sent, saves) -> None:
    shelf(measures=(series,))
    answer = client.get("/search?q=scale", headers={"Save-Data": sent})
    assert "Save-Data" in answer.headers["vary"]
    assert ("htmx-2" not in answer.text) == saves
    assert ('class="spark"' not in answer.text) == saves
    assert "Newborns fed within one hour" in answer.text
