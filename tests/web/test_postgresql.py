"""A library in PostgreSQL is read and browsed; only to search it, it says, is not possible yet."""

import pytest

from web.app import PARTS


@pytest.fixture
def database_server(postgres) -> str:
    return postgres


def test_whatever_asks_nothing_is_answered(client, make_record) -> None:
    filled = {
        "record_id": make_record(),
        "kind": "health-post",
        "size": "192",
        "collection_id": 1,
        "number": 1,
        "notation": "early-initiation-of-breastfeeding",
        "code": "TZA",
        "name": "facility-en.docx",
        "form": "jsonld",
        "part": "1",
        "job_id": "1",
        "letter_id": "1",
    }
    make_record()
    paths = {route.path.format(**filled) for part in PARTS for route in part.router.routes}
    asking = {path for path in paths if path.endswith("/similar")}
    for path in paths - asking - {"/readyz"}:
        assert client.get(path).status_code < 500, path


@pytest.mark.parametrize("path", ["/search", "/answer", "/api/v1/search", "/api/v1/answer"])
def test_who_asks_is_told_that_it_cannot_be_searched(client, make_record, path) -> None:
    make_record()
    answer = client.get(f"{path}?q=skin")
    assert answer.status_code == 503
    assert "does not work on postgresql yet" in answer.text
