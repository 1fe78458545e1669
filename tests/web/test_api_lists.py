"""Lists of the API: links to both sides, tables, what is refused before anything is done."""

import csv
import io

import pytest
from fastapi.testclient import TestClient

from web.app import create_app
from web.limiting import limits_of

PROBLEM = {"type", "title", "status", "detail", "hint", "instance", "errors"}


@pytest.fixture(scope="module")
def site(sample) -> TestClient:
    return TestClient(create_app(sample), raise_server_exceptions=False)


def test_records_are_walked_forwards_and_backwards(site) -> None:
    def ids(answer) -> list[int]:
        return [one["id"] for one in answer.json()["records"]]

    first = site.get("/api/v1/records?limit=2")
    assert ids(first) == [1, 2]
    assert first.json()["total"] == 4
    assert set(first.links) == {"first", "next"}
    last = site.get(first.links["next"]["url"])
    assert ids(last) == [3, 4]
    assert set(last.links) == {"first", "prev"}
    assert last.json()["next"] is None
    back = site.get(last.links["prev"]["url"])
    assert ids(back) == [1, 2]
    assert set(back.links) == {"first", "next"}
    assert ids(site.get(back.links["next"]["url"])) == [3, 4]
    assert ids(site.get(back.links["first"]["url"])) == [1, 2]


def test_a_search_links_its_pages_and_keeps_what_was_asked(site) -> None:
    links = site.get("/api/v1/search?q=scale&country=TZA&page=2").links
    assert links["prev"]["url"].endswith("/api/v1/search?q=scale&country=TZA&page=1")
    assert "next" not in links


def test_lists_are_tables_too_and_no_cell_is_a_formula(site) -> None:
    for path, column, at_least in (
        ("/api/v1/records?limit=2", "verdict", 2),
        ("/api/v1/search?q=scale", "countries", 1),
        ("/api/v1/taxonomy", "broader", 200),
        ("/api/v1/collections", "kind", 2),
    ):
        asked = site.get(path, headers={"Accept": "text/csv"})
        named = site.get(f"{path}{'&' if '?' in path else '?'}format=csv")
        assert asked.headers["content-type"] == "text/csv; charset=utf-8"
        assert asked.text == named.text
        rows = list(csv.DictReader(io.StringIO(asked.text)))
        assert len(rows) >= at_least
        assert column in rows[0]
        assert asked.headers["etag"]
    table = site.get("/api/v1/records?limit=2&format=csv")
    assert "next" in table.links
    for answer in (table, site.get("/api/v1/records?limit=2")):  # a cache keeps both apart
        assert "Accept" in answer.headers["vary"].replace(" ", "").split(",")


def test_what_did_not_change_is_not_sent_again(site) -> None:
    for path in ("/api/v1/records/1", "/api/v1/records", "/api/v1/collections/1", "/topics.ttl"):
        etag = site.get(path).headers["etag"]
        assert site.get(path, headers={"If-None-Match": etag}).status_code == 304, path


def test_every_refusal_is_a_problem_that_says_what_to_do(site) -> None:
    refused = (
        (404, site.get("/api/v1/nothing")),
        (405, site.put("/api/v1/records")),
        (406, site.get("/api/v1/records", headers={"Accept": "image/png"})),
        (406, site.get("/api/v1/records/1", headers={"Accept": "text/csv"})),
        (415, site.post("/api/v1/similar", content=b"a", headers={"Content-Type": "text/plain"})),
        (415, site.post("/api/v1/similar", content=b"a")),
        (413, site.post("/api/v1/similar", json={"text": "a" * 300_001})),
        (422, site.post("/api/v1/similar", json={"text": ""})),
        (401, site.post("/api/v1/ingest")),
        (401, site.patch("/api/v1/records/1/content", json={})),
    )
    for status, answer in refused:
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert set(answer.json()) == PROBLEM
        assert (answer.json()["status"], answer.json()["instance"][:8]) == (status, "/api/v1/")
    assert "text/csv" in refused[2][1].json()["hint"]
    assert "POST" not in refused[1][1].headers["allow"]


def test_a_bug_is_a_problem_too_and_says_nothing_of_itself(sample) -> None:
    app = create_app(sample)

    def broken() -> None:
        raise RuntimeError("secret")

    app.add_api_route("/api/v1/broken", broken)
    answer = TestClient(app, raise_server_exceptions=False).get("/api/v1/broken")
    assert (answer.status_code, answer.json()["title"]) == (500, "Internal Server Error")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text


def test_what_all_may_see_is_open_to_other_sites_and_nothing_else_is(site) -> None:
    open_ = site.get("/api/v1/records/1").headers
    assert open_["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in open_
    assert "ETag" in open_["access-control-expose-headers"]
    assert "access-control-allow-origin" not in site.get("/api/v1/me").headers


def test_who_asks_too_often_waits_and_others_do_not(sample, monkeypatch) -> None:
    settings = sample.settings.model_copy(update={"api_guests": "3/minute;100/hour"})
    monkeypatch.setitem(sample.__dict__, "settings", settings)
    app = create_app(sample)
    client = TestClient(app, client=("192.0.2.1", 1))
    left = [client.get("/api/v1/taxonomy/breastfeeding").headers for _ in range(3)]
    assert [one["ratelimit-remaining"] for one in left] == ["2", "1", "0"]
    assert left[0]["ratelimit-limit"] == "3"
    assert 0 < int(left[0]["ratelimit-reset"]) <= 60
    refused = client.get("/api/v1/taxonomy/breastfeeding")
    assert (refused.status_code, refused.json()["status"]) == (429, 429)
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["retry-after"] == refused.headers["ratelimit-reset"]
    # A made-up token is nobody's: it is counted by address.
    made_up = {"Authorization": "Bearer kb_nobody"}
    assert client.get("/api/v1/taxonomy/breastfeeding", headers=made_up).status_code == 429
    assert client.get("/healthz").status_code == 200  # pages are not counted
    other = TestClient(app, client=("192.0.2.2", 1))
    assert other.get("/api/v1/taxonomy/breastfeeding").status_code == 200
    # Who has one address of IPv6 has a network of them.
    of_a_home = [f"2001:db8:0:{net}::{number}" for net, number in ("1a", "1b", "1c", "1d", "2a")]
    homes = [TestClient(app, client=(one, 1)) for one in of_a_home]
    asked = [home.get("/api/v1/taxonomy/breastfeeding").status_code for home in homes]
    assert asked == [200, 200, 200, 429, 200]


def test_a_limit_that_cannot_be_read_is_refused_with_an_example() -> None:
    from kb.errors import InvalidError

    assert limits_of("") == []
    with pytest.raises(InvalidError, match="often"):
        limits_of("often")
