"""Programs that change things: by permission, by version, once; files that become drafts."""

from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import select

from kb import api_tokens, curating, jobs, records, users
from kb.db import utcnow
from kb.models import Answered, Batch, Job, Record
from kb.people import Grant, operator
from kb.vocabulary import ApiScope, JobState, Role, Ruled
from tests.web.bag_of_words import BagOfWords
from web import working
from web.uploads import Upload

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
    headers |= {"Content-Type": "application/json"}
    for number in ("1" + "0" * 400, "1e400", "-1" + "0" * 400):  # no float has it
        body = f'{{"n_facilities": {number}}}'
        assert client.patch(path, content=body, headers=headers).status_code == 422, number
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
    assert (refused.status_code, refused.json()["hint"]) == (
        409,
        "Say that it is ready; then somebody else publishes it.",
    )
    missing = client.post(f"/api/v1/records/{record_id}/ready", headers=curator)
    assert missing.status_code == 428
    unseen = act("ready", curator)
    assert unseen.status_code == 422
    assert "Nobody has looked at all of" in unseen.json()["detail"]
    with library.writing() as session:
        for field in curating.ESSENTIAL:
            version = records.get(session, record_id).version
            curating.rule(session, record_id, field, Ruled.ACCEPTED, version=version, by="c@x")
        session.commit()
    ready = act("ready", curator)
    assert (ready.status_code, ready.json()["status"]) == (200, "in-review"), ready.text
    published = act("publish", publisher)
    assert (published.status_code, published.json()["status"]) == (200, "published")
    assert client.get(f"/api/v1/records/{record_id}").status_code == 200
    assert act("withdraw", curator, {"reason": " "}).status_code == 422
    withdrawn = act("withdraw", curator, {"reason": "The team asked."})
    assert (withdrawn.status_code, withdrawn.json()["status"]) == (200, "withdrawn")
    assert client.get(f"/api/v1/records/{record_id}").status_code == 410


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
    # A file that is known is of a record that whoever sends it may not read: no more is said.
    far = token(Role.CURATOR, country="KEN")
    theirs = client.post("/api/v1/ingest", files=files[:1], headers=far)
    [known] = client.get(theirs.headers["location"], headers=far).json()["files"]
    assert (known["became"], known["record_id"], known["title"]) == ("known", None, "")
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

    first = send(STORY)
    with library.writing() as session:  # as before any worker came
        session.scalar(select(Job)).state = JobState.WAITING
        session.commit()
    second = send(STORY)
    assert not list((library.settings.data / "sent").glob("*"))  # the first ones were kept
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
        job_id = jobs.ask(session, operator("op"), [file])[0].id
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


class Reading(BagOfWords):
    """Lets something happen while a file is read that holds a word; once."""

    def __init__(self, word: str, happens) -> None:
        self.word, self.happens = word, happens

    def encode(self, texts, **more):
        if self.word in " ".join(texts):
            self.word = "\0"
            self.happens()
        return super().encode(texts, **more)


@pytest.fixture
def sent(library):
    """Send two files as a program of whoever sits here; return the number of the job."""

    def sent(*words: str) -> int:
        files = [Upload(f"{word}.md", STORY.replace(b"later", word.encode())) for word in words]
        told = [jobs.File(one.name, sha256(one.data).hexdigest(), len(one.data)) for one in files]
        with library.writing() as session:
            job, _ = jobs.ask(session, operator("op"), told)
            working.keep(library, job.id, files)
            session.commit()
            return job.id

    return sent


def state(library, job_id: int, **changes) -> tuple[JobState, int, str]:
    with library.writing() as session:
        job = session.get_one(Job, job_id)
        for name, value in changes.items():
            setattr(job, name, value)
        session.commit()
        return job.state, job.tries, job.owner


class Killed(BaseException):
    """What no worker catches."""


@pytest.mark.parametrize("error", [Killed, RuntimeError])
def test_what_stops_between_two_files_is_tried_again_and_nothing_is_made_twice(
    library, sent, error
) -> None:
    def stops() -> None:
        raise error("in between")

    job_id = sent("once", "twice")
    folder = library.settings.data / "sent" / str(job_id)
    library.__dict__["encoder"] = Reading("twice", stops)
    if error is Killed:
        with pytest.raises(Killed):
            working.work(library)
        assert state(library, job_id)[0] is JobState.RUNNING
    else:
        assert working.work(library) == 0
        assert state(library, job_id) == (JobState.WAITING, 1, "")
    assert working.work(library) == 0  # it rests
    assert folder.is_dir()
    state(library, job_id, lease=utcnow())
    assert working.work(library) == 1
    assert not folder.exists()
    with library.reading() as session:
        job = session.get_one(Job, job_id)
        assert (job.state, job.tries) == (JobState.DONE, 2)
        assert [file.became for file in jobs.files_of(job)] == ["added", "added"]
        assert session.scalars(select(Record.title).order_by(Record.id)).all() == [
            "Weigh once",
            "Weigh twice",
        ]
        assert session.query(Batch).count() == 1


def test_a_worker_that_was_thought_dead_leaves_the_job_to_the_other(library, sent) -> None:
    job_id = sent("once", "twice")
    library.__dict__["encoder"] = Reading("once", lambda: state(library, job_id, owner="other"))
    assert working.work(library) == 0
    assert state(library, job_id) == (JobState.RUNNING, 1, "other")
    assert len(list((library.settings.data / "sent" / str(job_id)).rglob("*.md"))) == 2
    # Files of what is over go, as a worker leaves them that is killed at its end; no others.
    state(library, job_id, state=JobState.DONE, finished=utcnow())
    uncommitted = library.settings.data / "sent" / str(job_id + 1)
    uncommitted.mkdir()
    working.work(library)
    assert list((library.settings.data / "sent").iterdir()) == [uncommitted]


def test_one_worker_of_a_process_does_what_comes_meanwhile(library, sent) -> None:
    done = []

    def another() -> None:
        sent("twice")
        done.append(working.work(library))

    sent("once")
    library.__dict__["encoder"] = Reading("once", another)
    done.append(working.work(library))
    assert done == [0, 2]
