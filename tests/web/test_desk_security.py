"""The desk opens for whoever sits at the computer, and for nobody else."""

import re
import signal
import subprocess
import sys

import httpx
import pytest
from fastapi.testclient import TestClient

from kb.vocabulary import Role
from tests.databases import environment
from web.app import create_app
from web.pages.desk import PARTS

PAGES = ("/desk", "/desk/records/1", "/desk/records/1/privacy", "/desk/alike", "/desk/batches")
PAGES += ("/desk/needs", "/desk/statistics", "/desk/judgements")


def _routes() -> list[tuple[str, str]]:
    """Return method and address of every route of the desk."""
    one = {"record_id": "1", "batch_id": "1", "likeness_id": "1", "need_id": "1"}
    routes = [route for part in PARTS for route in part.router.routes]
    assert len(routes) > 10
    return [
        (method, re.sub(r"{(\w+)}", lambda name: one.get(name[1], "1"), route.path))
        for route in routes
        for method in route.methods
    ]


def test_whoever_has_not_signed_in_is_asked_to_before_a_page_of_the_desk(
    library, make_record
) -> None:
    make_record()
    app = create_app(library)
    everybody = TestClient(app, follow_redirects=False)
    for method, address in _routes():
        answer = everybody.request(method, address)
        assert answer.status_code == (303 if method == "GET" else 401), (method, address)
        assert "Skin to skin" not in answer.text
    assert "/desk" not in everybody.get("/").text


def test_a_reader_and_a_coach_are_refused_at_the_desk(signed_in, make_record) -> None:
    make_record()
    for role in (Role.READER, Role.CONTRIBUTOR, Role.COACH):
        browser = signed_in(role)
        for method, address in _routes():
            answer = browser.request(method, address)
            assert answer.status_code == 403, (method, address)
            assert "Skin to skin" not in answer.text


def test_a_curator_works_at_the_desk_from_anywhere_and_no_browser_keeps_it(
    signed_in, make_record
) -> None:
    make_record()
    browser = signed_in(Role.CURATOR)
    for address in PAGES:
        answer = browser.get(address)
        assert answer.status_code == 200, address
        assert answer.headers["cache-control"] == "no-store"
    assert 'href="/desk"' in browser.get("/").text


@pytest.mark.parametrize("address", PAGES)
def test_a_desk_page_is_kept_by_no_browser(desk, make_record, address) -> None:
    make_record()
    answer = desk.get(address)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("client", ["192.168.1.7", "10.0.0.1", "2001:db8::1", "testclient", ""])
@pytest.mark.parametrize("address", [*PAGES, "/"])
def test_another_computer_is_refused(library, make_record, client, address) -> None:
    make_record()
    far = TestClient(
        create_app(library, desk=True), base_url="http://127.0.0.1", client=(client, 1)
    )
    answer = far.get(address)
    assert answer.status_code == 403
    assert "whoever sits at this computer" in answer.text
    assert "Skin to skin" not in answer.text


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("localhost:8000", 200),
        ("127.0.0.1:8000", 200),
        ("[::1]:8000", 200),
        ("evil.example", 403),  # a name that was made to resolve to 127.0.0.1
        ("evil.example:8000", 403),
        ("127.0.0.1.evil.example", 403),
        ("localhost.evil.example", 403),
        ("localhost@evil.example", 403),
        ("192.168.1.7:8000", 403),
        ("[::1", 403),
        ("", 403),
    ],
)
def test_only_the_names_of_this_computer_are_answered(desk, host, status) -> None:
    answer = desk.get("/desk", headers={"Host": host})
    assert answer.status_code == status
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_what_a_proxy_passes_on_is_refused(desk, name) -> None:
    assert desk.get("/desk", headers={name: "127.0.0.1"}).status_code == 403


@pytest.mark.parametrize(
    "address",
    [
        "/desk/records/1/tags",
        "/desk/records/1/publish",
        "/desk/records/1/privacy",
        "/desk/alike/1",
        "/desk/batches/1/undo",
    ],
)
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},  # another program on this computer serves that page
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "null"},
    ],
)
def test_other_sites_cannot_decide(desk, make_record, address, headers) -> None:
    make_record(publish=False)
    assert desk.post(address, headers=headers).status_code == 403


def test_a_form_is_read_within_bounds(desk, make_record) -> None:
    make_record(publish=False)
    address = "/desk/records/1/tags"
    assert desk.post(address, content="concept=" + "x" * 70_000).status_code == 413
    assert desk.post(address, content=b"concept=\xff").status_code == 422
    assert desk.post(address, data={"concept": "x", "status": "maybe"}).status_code == 422
    assert desk.post(address, data={"status": "confirmed", "version": "9" * 30}).status_code == 422


def test_readers_do_not_load_what_only_the_desk_needs(client, desk) -> None:
    assert "desk" not in client.get("/about").text
    assert 'href="/desk"' in desk.get("/about").text


def test_kb_desk_opens_on_this_computer_only(tmp_path) -> None:
    command = ["-c", "from web.cli import run; run()", "--data", str(tmp_path), "desk"]
    running = subprocess.Popen(
        [sys.executable, *command, "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env=environment(tmp_path, KB_SEMANTIC="false", KB_HOST="0.0.0.0"),
    )
    try:
        said = running.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+/desk", said).group(0)
        assert "Nothing waits." in httpx.get(address, timeout=60).text  # pages are made ready
        passed_on = httpx.get(address, headers={"X-Forwarded-For": "192.0.2.7"})
        assert passed_on.status_code == 403
    finally:
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=30)
