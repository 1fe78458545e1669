"""Signing in and out; nothing that was typed is lost on the way."""

import pytest
from fastapi.testclient import TestClient

from kb import sign_in, users
from kb.models import FailedSignIn, SignIn
from kb.people import Grant
from kb.vocabulary import Role
from web.app import create_app
from web.who import COOKIE, COOKIE_HTTPS

SAME_SITE = {"Sec-Fetch-Site": "same-origin"}
EMAIL, PASSWORD = "asha@hospital.example", "seven green mangoes"


@pytest.fixture
def asha(library) -> int:
    with library.writing() as session:
        user = users.add(
            session, EMAIL, name="Asha", grants=[Grant(Role.CURATOR, country="TZA")], by="tests"
        )
        sign_in.choose_password(session, user, PASSWORD, by=EMAIL)
        session.commit()
        return user.id


def enter(client, **fields):
    data = {"email": EMAIL, "password": PASSWORD} | fields
    client.headers |= SAME_SITE
    return client.post("/sign-in", data=data, follow_redirects=False)


def test_the_right_password_opens_the_page_that_was_asked_for(client, asha) -> None:
    asked = client.get("/desk/needs?days=30", follow_redirects=False)
    assert asked.status_code == 303
    page = client.get(asked.headers["location"])
    assert 'name="to" value="/desk/needs?days=30"' in page.text
    answer = enter(client, to="/desk/needs?days=30")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/needs?days=30")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie  # http, as in a clinic
    assert client.get("/desk/needs").status_code == 200


def test_over_https_the_cookie_is_for_https_alone(library, asha) -> None:
    secure = TestClient(create_app(library), base_url="https://library.example")
    cookie = enter(secure).headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE_HTTPS}=")
    assert "Secure" in cookie


@pytest.mark.parametrize(
    "wrong", [{"password": "seven green mangos"}, {"email": "nobody@hospital.example"}]
)
def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client, asha, wrong) -> None:
    answer = enter(client, **wrong)
    assert answer.status_code == 403
    assert "do not belong together" in answer.text
    assert PASSWORD not in answer.text
    assert wrong.get("email", EMAIL) in answer.text  # not to be typed again
    assert COOKIE not in client.cookies


def test_signing_in_leads_to_no_other_site(client, asha) -> None:
    for elsewhere in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1"):
        assert enter(client, to=elsewhere).headers["location"] == "/"


def test_who_fails_often_has_to_wait_even_with_the_right_password(client, library, asha) -> None:
    for _ in range(sign_in.FREE_TRIES):
        assert enter(client, password="wrong").status_code == 403
    answer = enter(client)
    assert answer.status_code == 429
    assert "Too many sign-ins failed" in answer.text
    with library.reading() as session:
        kept = session.query(FailedSignIn).all()
        assert all(EMAIL not in row.key for row in kept)


def test_signing_out_ends_the_session_and_not_only_the_cookie(client, library, asha) -> None:
    enter(client)
    stolen = client.cookies[COOKIE]
    client.post("/sign-out")
    thief = TestClient(create_app(library), cookies={COOKIE: stolen}, follow_redirects=False)
    assert thief.get("/desk").status_code == 303
    with library.reading() as session:
        assert session.query(SignIn).count() == 0


def test_a_closed_account_is_out_at_once(client, library, asha) -> None:
    enter(client)
    with library.writing() as session:
        users.add(session, "b@x.example", grants=[Grant(Role.ADMIN)], by="tests")
        users.disable(session, users.get(session, asha), by="tests")
        session.commit()
    assert client.get("/desk", follow_redirects=False).status_code == 303
    assert enter(client).status_code == 403


def test_a_form_that_was_sent_too_late_is_shown_again_behind_the_sign_in(client, asha) -> None:
    typed = {"state": "redacted", "finding": "7", "why": "She is <named> & known\nin the village."}
    late = client.post("/desk/records/1/privacy", data=typed)
    assert late.status_code == 401
    assert "nothing is lost" in late.text
    carried = _hidden(late.text, "typed")
    again = enter(client, to="/desk/records/1/privacy", typed=carried)
    assert again.status_code == 200
    assert 'action="/desk/records/1/privacy"' in again.text
    assert "She is &lt;named&gt; &amp; known" in again.text
    assert 'name="finding" value="7"' in again.text


def test_a_cookie_does_not_sign_a_browser_in_to_the_api(client, asha) -> None:
    enter(client)
    assert client.get("/api/v1/me").status_code == 401


def test_what_is_kept_of_a_session_is_not_its_secret(client, library, asha) -> None:
    enter(client)
    with library.reading() as session:
        assert session.query(SignIn).one().token_sha256 != client.cookies[COOKIE]


def _hidden(html: str, name: str) -> str:
    from html import unescape

    return unescape(html.split(f'name="{name}" value="')[1].split('"', maxsplit=1)[0])
