"""Programs that change things: by permission, by version, once; files that become drafts."""

from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import select

from kb import api_tokens, jobs, records, users
from kb.db import utcnow
from kb.models import Answered
from kb.people import Grant, operator
from kb.vocabulary import ApiScope, JobState, Role
from web import working

STORY = b"""# Weigh later

## Problem

Babies were weighed first.

## Change

Weigh after the feed.
"""


@pytest.fixture
def token(library):
    """Make somebody with a role and a token; return the header that their program sends."""

    def token(role: Role, *, scopes=tuple(ApiScope), **place: str) -> dict[str, str]:
        with library.writing() as session:
            user = users.add(session, f"{role}{len(place)}@people.example", name="P", by="tests")
            users.grant(session, user, Grant(role, **place), by="tests")
            secret = api_tokens.make(session, user, name="t", scopes=scopes)
            session.commit()
        return {"Authorization": f"Bearer {secret}"}

    return token


def test_a_change_names_its_version_and_only_who_may_makes_it(client, make_record, token) -> None:
    record_id = make_record()
    curator, path = token(Role.CURATOR), f"/api/v1/records/{record_id}/content"
    shown = client.get(path, headers=curator)
    etag = shown.headers["etag"]
    assert shown.json()["content"]["title"] == "Skin to skin before the scale"
    assert shown.headers["cache-control"] == "no-store"
    known = client.get(path, headers=curator | {"If-None-Match": etag})
    assert known.status_code == 304

    change = {"title": "The scale waits", "n_facilities": 3, "verdict_reason": None}
    assert client.patch(path, json=change, headers=curator).status_code == 428
    wrong = curator | {"If-Match": '"v99"'}
    assert client.patch(path, json=change, headers=wrong).status_code == 412
    right = curator | {"If-Match": etag}
    changed = client.patch(path, json=change, headers=right)
    assert changed.status_code == 200, changed.text
    assert changed.headers["etag"] != etag
    assert changed.json()["content"]["title"] == "The scale waits"
    assert changed.json()["content"]["sections"] == shown.json()["content"]["sections"]
    assert client.patch(path, json=change, headers=right).status_code == 412  # it is over
    # Readers see it, and the search finds it.
    assert client.get(f"/api/v1/records/{record_id}").json()["title"] == "The scale waits"
    assert client.get("/api/v1/search?q=waits").json()["total"] == 1

    for refused, status in (
        ({"title": None}, 422),
        ({"visibility": "public"}, 422),  # decided on the desk
        ({"title": "a\0b"}, 422),
        ({"n_facilities": 2**63}, 422),
        ({"change_ideas": [{"text": "x", "interventions": ["none"]}]}, 422),
    ):
        headers = curator | {"If-Match": changed.headers["etag"]}
        assert client.patch(path, json=refused, headers=headers).status_code == status, refused
    abroad = token(Role.CURATOR, country="KEN")
    assert client.patch(path, json=change, headers=abroad | right | abroad).status_code == 403
    reads = token(Role.COACH, scopes=[ApiScope.READ])
    assert client.patch(path, json=change, headers=right | reads).status_code == 403
    assert client.get(path, headers=token(Role.READER)).status_code == 403
    assert client.get("/api/v1/records/99/content", headers=curator).status_code == 404


def test_tags_ready_publish_and_withdraw_are_the_verbs_of_the_desk(
    client, library, make_record, token
) -> None:
    record_id = make_record(publish=False)
    curator, publisher = token(Role.CURATOR), token(Role.PUBLISHER)

    def act(verb: str, who: dict[str, str], body=None):
        with library.reading() as session:
            version = records.get(session, record_id).version
        headers = who | {"If-Match": f'"v{version}"'}
        return client.post(f"/api/v1/records/{record_id}/{verb}", json=body, headers=headers)

    decided = {"tags": [{"notation": "skin-to-skin-contact", "status": "confirmed"}]}
    tagged = act("tags", curator, decided)
    assert tagged.status_code == 200, tagged.text
    tags = {tag["notation"]: tag["status"] for tag in tagged.json()["content"]["tags"]}
    assert tags["skin-to-skin-contact"] == "confirmed"
    unknown = {"tags": [{"notation": "none", "status": "confirmed"}]}
    assert act("tags", curator, unknown).status_code == 422
    assert act("publish", curator).status_code == 403
    refused = act("publish", publisher)  # a second person has to say that it is ready
    assert refused.status_code in {409, 422}
    assert refused.json()["hint"]
    library.__dict__["settings"] = library.settings
    missing = client.post(f"/api/v1/records/{record_id}/ready", headers=curator)
    assert missing.status_code == 428
    ready = act("ready", curator)
    assert ready.status_code in {200, 422}, ready.text  # nobody looked at its fields yet
    withdrawn = act("withdraw", curator, {"reason": " "})
    assert withdrawn.status_code == 422


def test_files_become_drafts_and_the_job_says_what_became_of_each(client, library, token) -> None:
    curator = token(Role.CURATOR)
    long = "é" * 300 + ".docx"
    files = [("files", ("../été.md", STORY)), ("files", (long, b"")), ("other", ("x", b""))]
    sent = client.post("/api/v1/ingest", files=files, headers=curator)
    assert sent.status_code == 202, sent.text
    assert sent.headers["retry-after"] == "2"
    assert sent.json()["state"] == "waiting"
    job = client.get(sent.headers["location"], headers=curator)
    assert "retry-after" not in job.headers
    told = job.json()
    assert (told["state"], told["done"], told["total"], told["error"]) == ("done", 2, 2, "")
    may, empty = told["files"]
    assert (may["name"], may["became"], may["title"]) == ("été.md", "added", "Weigh later")
    assert may["sha256"] == sha256(STORY).hexdigest()
    assert (empty["became"], empty["reason"]) == ("failed", "empty")
    assert empty["name"].endswith("éé.docx")
    assert "empty" in empty["message"]
    draft = client.get(f"/api/v1/records/{may['record_id']}/content", headers=curator)
    assert draft.json()["status"] == "draft"
    assert not list((library.settings.data / "sent").glob("*"))  # the originals keep the bytes
    again = client.post("/api/v1/ingest", files=files[:1], headers=curator)
    [known] = client.get(again.headers["location"], headers=curator).json()["files"]
    assert (known["became"], known["record_id"]) == ("known", may["record_id"])
    other = token(Role.ADMIN)
    assert client.get(sent.headers["location"], headers=other).status_code == 404
    assert client.post("/api/v1/ingest", files=files, headers=token(Role.COACH)).status_code == 403
    none = client.post("/api/v1/ingest", files=files[2:], headers=curator)
    assert none.status_code == 422
    text = client.post("/api/v1/ingest", json={}, headers=curator)
    assert text.status_code == 415


def test_the_same_key_gets_the_same_job_and_never_another_body(client, library, token) -> None:
    curator = token(Role.CURATOR) | {"Idempotency-Key": "may-2026"}

    def send(body: bytes):
        return client.post("/api/v1/ingest", files={"files": ("May.md", body)}, headers=curator)

    first, second = send(STORY), send(STORY)
    assert first.headers["location"] == second.headers["location"]
    assert second.status_code == 202
    other = send(STORY + b"more")
    assert other.status_code == 422
    assert "Idempotency-Key" in other.json()["detail"]
    with library.writing() as session:
        session.scalar(select(Answered)).expires = utcnow() - timedelta(seconds=1)
        session.commit()
    assert send(STORY + b"more").status_code == 202  # it has expired


def test_what_a_killed_worker_left_is_taken_over_and_given_up_in_the_end(library) -> None:
    file = jobs.File("May.md", sha256(STORY).hexdigest(), len(STORY))
    with library.writing() as session:
        job_id = jobs.ask(session, operator("op"), [file]).id
        session.commit()
        assert jobs.claim(session, "one").id == job_id
        assert jobs.claim(session, "two") is None  # it is one's
        later = utcnow() + jobs.LEASE + timedelta(seconds=1)
        assert jobs.claim(session, "two", now=later).id == job_id
        assert not jobs.finish(session, job_id, "one", error="late")  # the first comes back
        assert jobs.claim(session, "three", now=later + jobs.LEASE * 2).id == job_id
        assert jobs.claim(session, "four", now=later + jobs.LEASE * 4) is None
        session.expire_all()
        job = jobs.get(session, operator("op"), job_id)
        assert (job.state, job.error) == (JobState.FAILED, "It was tried too often.")
        session.commit()
    assert working.work(library) == 0
