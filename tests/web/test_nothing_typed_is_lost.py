"""Whatever goes wrong with a form, the words that somebody wrote stand on the page that says so.

All forms that write are asked, from the router: sent after the session has ended, over-long, and
with nonsense beside the words or a version that is long overtaken.
"""

import re
from typing import get_args

import pytest
from fastapi.testclient import TestClient

from kb import drafts, users
from kb.vocabulary import Role
from tests.web.conftest import SAME_SITE
from tests.web.test_permission_matrix import filled
from tests.web.test_rules import routes
from web import forms, uploads
from web.app import create_app
from web.rules import rule_of

WORDS = "Forty babies were cold & <b>we</b> weighed later"
SHOWN = "Forty babies were cold &amp; &lt;b&gt;we&lt;/b&gt; weighed later"
READS = {
    get_args(one)[1].dependency
    for one in (forms.FormDep, forms.LongFormDep, uploads.UploadDep, uploads.PhotoDep)
}
# Their words are a question that stands in the address, a choice, or a secret.
WITHOUT_WORDS = re.compile(r"^/(sign-in|oai|password|invitation|approval|account|api)")
KEPT_FIRST = {"/tell/{draft_id}/photo"}  # captions are saved before the photo is looked at
NO_WORDS = {"/desk/taxonomy/import", "/desk/agreement/{record_id}"}  # a file; choices of a list
FIELDS = ("text", "title", "summary", "value", "why", "reason", "note", "name", "words", "story")
FIELDS += ("message", "purpose", "where", "adapted_how", "numbers", "question", "questions")
FIELDS += ("email", "admin2", "caption", "body")


def reads(dependant) -> bool:
    """Tell whether a route reads a form."""
    return dependant.call in READS or any(reads(one) for one in dependant.dependencies)


def writing(app) -> list[str]:
    found = [route for route in routes(app) if "POST" in route.methods]
    return [
        route.path
        for route in found
        if reads(route.dependant)
        and not WITHOUT_WORDS.match(route.path)
        and route.path not in KEPT_FIRST | NO_WORDS
    ]


def test_words_are_shown_again_whatever_goes_wrong(
    library, signed_in, make_record, indexed
) -> None:
    record_id = make_record(publish=False)
    make_record()
    indexed()
    boss = signed_in(Role.ADMIN, email="boss@x.example")
    with library.writing() as session:
        boss_of_it = users.person_of(users.by_email(session, "boss@x.example"))
        draft = drafts.begin(session, boss_of_it, kind="facility", language="en", path="quick")
        session.commit()
        beside = dict.fromkeys(
            ("enquiry_id", "likeness_id", "batch_id", "judgement_id", "report_id", "user_id"), 1
        ) | {"draft_id": draft.id, "collection_id": 1, "part_id": 1, "number": 1}
    app = create_app(library)
    nobody = TestClient(app, headers=SAME_SITE, raise_server_exceptions=False)
    rules = {route.path: rule_of(route) for route in routes(app) if "POST" in route.methods}
    lost = []
    paths = writing(app)
    assert len(paths) > 40
    for path in paths:
        address = filled(path, record_id, beside)
        words = dict.fromkeys(FIELDS, WORDS) | {"version": "0", "state": "x", "kind": "x"}
        long = words | {"more": "x" * 260_000}
        file = {"file": ("a.jpg", b"x")}
        asked = {
            "nonsense": boss.post(address, data=words, follow_redirects=False),
            "too long": boss.post(address, data=long, follow_redirects=False),
        }
        if rules[path].known:
            asked["no session"] = nobody.post(address, data=words)
            asked["no session, too long"] = nobody.post(address, data=long)
            asked["no session, with a file"] = nobody.post(address, data=words, files=file)
        for what, answer in asked.items():
            kept = SHOWN in answer.text or "Forty+babies+were+cold" in answer.text
            if answer.status_code >= 500 or (answer.status_code >= 400 and not kept):
                lost.append(f"{path}, {what}: {answer.status_code}")
    assert lost == [], "\n" + "\n".join(lost)
    assert nobody.post("/tell", data={"text": WORDS}).status_code == 401


@pytest.mark.parametrize("secret", ["password", "old", "new", "code"])
def test_no_secret_is_shown(client, secret) -> None:
    client.headers |= SAME_SITE
    form = {secret: "seven green mangoes on a tree", "x": "y" * 600_000}
    answer = client.post("/sign-in", data=form)
    assert answer.status_code == 413
    assert "mangoes" not in answer.text
