"""Headers on every answer, and no changes from another site's page."""

import pytest
from fastapi.testclient import TestClient

from web.app import create_app
from web.security import HEADERS


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/search?q=x",
        "/records/1",
        "/records/99",
        "/nothing",
        "/static/maktaba.css",
        "/healthz",
        "/api/v1/records",
        "/api/v1/nothing",
        "/api/v1/records/99",
    ],
)
def test_every_answer_carries_the_headers(client, shelf, address) -> None:
    shelf()
    headers = client.get(address).headers
    for name, value in HEADERS.items():
        open_to_all = name == "Cross-Origin-Resource-Policy" and address.startswith("/api/")
        assert headers[name] == ("cross-origin" if open_to_all else value)
    assert "strict-transport-security" not in headers


def test_a_bug_carries_the_headers_too_and_tells_nothing(client, library, monkeypatch) -> None:
    monkeypatch.setattr("web.pages.home.search", None)
    answer = client.get("/")
    assert answer.status_code == 500
    assert answer.headers["content-security-policy"] == HEADERS["Content-Security-Policy"]
    assert "our fault" in answer.text
    assert "NoneType" not in answer.text


def test_https_is_promised_only_over_https(library) -> None:
    secure = TestClient(create_app(library), base_url="https://library.example")
    assert "strict-transport-security" in secure.get("/about").headers


@pytest.mark.parametrize("address", ["/search", "/api/v1/records"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 405),  # a program
        ({"Sec-Fetch-Site": "same-origin"}, 405),
        ({"Sec-Fetch-Site": "none"}, 405),
        ({"Origin": "http://testserver"}, 405),  # a browser on plain http
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Cookie": "session=x"}, 403),  # a reader's cookies, and nobody says from where
    ],
)
def test_other_sites_cannot_post(client, address, headers, status) -> None:
    answer = client.post(address, headers=headers)
    assert answer.status_code == status
    if address.startswith("/api/"):
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("address", ["/", "/about", "/api/v1/records", "/static/maktaba.css"])
def test_head_is_get_without_the_body(client, address) -> None:
    plain = {"Accept-Encoding": "identity"}
    head, get = client.head(address, headers=plain), client.get(address, headers=plain)
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == str(len(get.content))


def test_programs_of_everyone_may_read_the_api(client) -> None:
    assert client.get("/api/v1/records").headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in client.get("/").headers


def test_pages_are_compressed(client) -> None:
    answer = client.get("/about", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"


def test_static_files_named_by_content_are_kept_for_a_year(client) -> None:
    page = client.get("/about").text
    address = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    assert "immutable" in client.get(address).headers["cache-control"]
    assert "immutable" not in client.get("/static/maktaba.css").headers["cache-control"]
