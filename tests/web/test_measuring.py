"""Whoever watches the library sees how it is, and nothing of anybody who uses it."""

import io
import json
import logging
import re

import pytest
from fastapi.testclient import TestClient
from prometheus_client import generate_latest

from kb.vocabulary import Role
from web import logs
from web.app import create_app
from web.library import Library

MAIL, WORDS, AGENT = "neema@clinic.example", "hiv positive mothers", "Secret-Phone/7"


@pytest.fixture
def lines(monkeypatch):
    """What is written while the test lasts, as `KB_LOG=json` writes it."""
    kept, level = logging.root.handlers[:], logging.root.level
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    logs.begin()
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.root.handlers[:] = kept
    logging.root.setLevel(level)
    logging.getLogger("web").setLevel(logging.NOTSET)


@pytest.fixture
def watched(library, settings, terms, shelf, account) -> TestClient:
    """The library as it is served with logs in JSON and metrics, with a record and a curator."""
    shelf()
    account(Role.CURATOR, email=MAIL)
    watched = Library(
        settings.model_copy(update={"log": "json", "metrics": "127.0.0.1:9464"}),
        library.engine,
        terms,
    )
    watched.__dict__["encoder"] = library.encoder
    return TestClient(
        create_app(watched),
        raise_server_exceptions=False,
        client=("203.0.113.9", 50000),
        headers={"User-Agent": AGENT, "Sec-Fetch-Site": "same-origin"},
    )


def test_neither_logs_nor_metrics_say_who_asked_or_what_for(watched, lines, monkeypatch) -> None:
    found = watched.get("/search", params={"q": WORDS})
    watched.post("/sign-in", data={"email": MAIL, "password": "a long password"})
    watched.get("/records/1")
    watched.head("/records/1")
    watched.get("/records/1?from=" + MAIL)
    watched.get(f"/{MAIL}/nothing")
    watched.request("NEEMA", "/")
    watched.get("/static/maktaba.css")

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(f"{MAIL} asked for {WORDS}")

    monkeypatch.setattr("web.pages.search.search", broken)
    assert watched.get("/search", params={"q": WORDS}).status_code == 500
    logging.getLogger("web.x").warning("No mail to %s at 203.0.113.9", MAIL)
    logging.getLogger("web.x").error("Broken", exc_info=RuntimeError(WORDS))

    told = generate_latest(watched.app.state.measures.registry).decode()
    written = json.dumps(lines())
    for secret in (
        MAIL,
        "neema",
        "hiv",
        "positive",
        AGENT,
        "203.0.113",
        "password",
        "NEEMA",
        "?q=",
    ):
        assert secret.lower() not in written.lower().replace("\\u2026", ""), secret
        assert secret.lower() not in told.lower(), secret

    requests = [line for line in lines() if line["message"] == "answered"]
    assert {"route": "/search", "status": 200, "method": "GET"}.items() <= requests[0].items()
    assert requests[0]["request"] == found.headers["x-request-id"]
    assert requests[0]["ms"] > 0
    assert [r["route"] for r in requests[2:]] == [
        "/records/{record_id}", "/records/{record_id}", "/records/{record_id}", "other", "/",
        "/static", "/search",
    ]  # fmt: skip
    assert len({r["request"] for r in requests}) == len(requests)
    broke = next(line for line in lines() if line.get("error"))
    assert broke["at"] == [] or "web" in broke["at"][0]
    assert (
        'maktaba_requests_total{method="GET",route="/records/{record_id}",status="200"} 2.0' in told
    )
    assert 'maktaba_requests_total{method="GET",route="/search",status="500"} 1.0' in told
    assert 'maktaba_ready{part="database"} 1.0' in told
    assert re.search(r"^maktaba_jobs_waiting 0\.0$", told, re.MULTILINE)
    assert re.search(r"^maktaba_files_waiting 0\.0$", told, re.MULTILINE)


def test_nothing_is_measured_and_no_number_is_sent_unless_it_is_asked_for(client) -> None:
    assert "x-request-id" not in client.get("/healthz").headers
    assert client.get("/metrics").status_code == 404
