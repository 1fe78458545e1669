"""Signing in by another server: a real provider, running here."""

import warnings
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from kb import tickets, users
from kb.people import Grant
from kb.vocabulary import Role
from web.app import create_app

with warnings.catch_warnings():  # it is written with a part of authlib that goes one day
    warnings.simplefilter("ignore")
    from oidc_provider_mock import User, run_server_in_thread

ASHA = {"email": "asha@hospital.example", "email_verified": True, "name": "Asha Mrema"}
# The provider warns of itself while it answers.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    people = [
        User(sub="asha", claims=ASHA),
        User(sub="thief", claims={**ASHA, "email_verified": False}),
        User(sub="namesake", claims=ASHA),
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with run_server_in_thread(user_claims=people) as server:
            yield f"http://localhost:{server.server_port}"


@pytest.fixture
def browser(library, provider) -> TestClient:
    settings = library.settings.model_copy(
        update={
            "oidc_issuer": provider,
            "oidc_client_id": "maktaba",
            "oidc_client_secret": SecretStr("for tests"),
            "oidc_name": "the ministry",
            "base_url": "http://testserver",
        }
    )
    return TestClient(
        create_app(replace(library, settings=settings)),
        headers=SAME_SITE,
        follow_redirects=False,
        raise_server_exceptions=False,
    )


def come_back(browser, sub: str, *, to: str = "/account", tamper=lambda query: query):
    """Go to the provider, sign in there as `sub`, and return what the library answers."""
    there = browser.post("/sign-in/with", data={"to": to})
    assert there.status_code == 303, there.text
    answer = httpx.post(there.headers["location"], data={"sub": sub})
    back = urlsplit(answer.headers["location"])
    return browser.get(f"{back.path}?{tamper(back.query)}")


@pytest.fixture
def invited(library) -> None:
    with library.writing() as session:
        tickets.invite(session, ASHA["email"], [Grant(Role.CURATOR, country="TZA")], by="tests")
        session.commit()


def test_an_invited_person_comes_in_by_the_other_server_and_stays_known(
    browser, library, invited
) -> None:
    assert "Sign in with the ministry" in browser.get("/sign-in").text
    answer = come_back(browser, "asha", to="/desk")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
    assert browser.get("/desk").status_code == 200
    with library.reading() as session:
        user = users.by_email(session, ASHA["email"])
        assert (user.name, user.password_hash) == ("Asha Mrema", None)
        assert tickets.invitations(session) == []
    browser.post("/sign-out")
    assert come_back(browser, "asha").status_code == 303


def test_who_has_no_account_and_no_invitation_is_told_so(browser) -> None:
    answer = come_back(browser, "asha")
    assert answer.status_code == 403
    assert "You have no account here yet" in answer.text


def test_an_address_that_the_server_has_not_verified_opens_no_account(browser, invited) -> None:
    assert come_back(browser, "thief").status_code == 403


def test_an_account_that_is_known_elsewhere_is_not_its_namesakes(browser, invited) -> None:
    assert come_back(browser, "asha").status_code == 303
    assert come_back(browser, "namesake").status_code == 403


def test_what_comes_back_with_another_state_is_refused_and_the_log_says_why(
    browser, invited, caplog
) -> None:
    def other_state(query: str) -> str:
        code = parse_qs(query)["code"][0]
        return f"code={code}&state=forged"

    assert come_back(browser, "asha", tamper=other_state).status_code == 403
    assert "Nobody came in by the other server: MismatchingStateException" in caplog.text
    assert ASHA["email"] not in caplog.text


def test_a_way_is_gone_only_once(browser, invited) -> None:
    queries = []
    assert come_back(browser, "asha", tamper=lambda q: queries.append(q) or q).status_code == 303
    assert browser.get(f"/sign-in/back?{queries[0]}").status_code == 404


def test_another_browser_cannot_finish_the_way(browser, library, invited) -> None:
    there = browser.post("/sign-in/with", data={"to": "/"})
    answer = httpx.post(there.headers["location"], data={"sub": "asha"})
    browser.cookies.clear()
    back = urlsplit(answer.headers["location"])
    assert browser.get(f"{back.path}?{back.query}").status_code == 404


def test_a_library_without_another_server_says_so(client) -> None:
    client.headers |= SAME_SITE
    answer = client.post("/sign-in/with", data={"to": "/"})
    assert answer.status_code == 503
    assert "Sign in with your e-mail" in answer.text


def test_a_server_that_is_not_there_is_no_bug(library) -> None:
    settings = library.settings.model_copy(
        update={"oidc_issuer": "http://localhost:9", "oidc_client_id": "maktaba"}
    )
    browser = TestClient(create_app(replace(library, settings=settings)), headers=SAME_SITE)
    answer = browser.post("/sign-in/with", data={"to": "/"})
    assert answer.status_code == 503
    assert "cannot be reached now" in answer.text


def test_a_secret_whose_file_is_gone_is_no_bug(browser, tmp_path) -> None:
    library = browser.app.state.library
    lost = {"oidc_client_secret_file": tmp_path / "secret"}
    library = replace(library, settings=library.settings.model_copy(update=lost))
    answer = TestClient(create_app(library), headers=SAME_SITE).post(
        "/sign-in/with", data={"to": "/"}
    )
    assert answer.status_code == 503
    assert "KB_OIDC_CLIENT_SECRET_FILE cannot be read" in answer.text
