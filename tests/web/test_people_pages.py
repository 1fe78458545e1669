"""One's own account, and those of the library."""

import re
from dataclasses import replace
from html import unescape
from urllib.parse import quote

import pyotp
import pytest
from fastapi.testclient import TestClient

from kb import permissions, sign_in, tickets, users
from kb.errors import ForbiddenError
from kb.people import Grant, Person
from kb.vocabulary import Errand, Role
from web.app import create_app
from web.who import COOKIE

PASSWORD = "seven green mangoes"


def link_in(text: str, path: str) -> str:
    return re.search(rf"http://testserver({path}/[\w-]+)", unescape(text))[1]


def test_an_admin_invites_a_coach_who_opens_her_account(library, signed_in, client) -> None:
    admin = signed_in(Role.ADMIN)
    typed = {"email": "bahati@x.example", "name": "<Bahati>", "role": "coach", "admin2": "Rungwe"}
    wrong = admin.post("/people/invite", data=typed)
    assert wrong.status_code == 422
    assert "needs its country" in wrong.text
    assert 'value="&lt;Bahati&gt;"' in wrong.text  # nothing is to be typed again
    link = link_in(
        admin.post("/people/invite", data=typed | {"country": "TZA"}).text, "/invitation"
    )
    page = client.get(link)
    assert "Rungwe" in page.text
    assert page.headers["cache-control"] == "no-store"
    client.headers |= {"Sec-Fetch-Site": "same-origin"}
    assert client.post(link, data={"name": "Bahati", "password": "short"}).status_code == 422
    accepted = client.post(
        link, data={"name": "Bahati", "password": PASSWORD}, follow_redirects=False
    )
    assert accepted.headers["location"] == "/account"
    assert "District coach" in client.get("/account").text
    assert client.get("/people").status_code == 403
    assert client.get(link).status_code == 404


def test_an_admin_of_a_district_gives_and_opens_nothing_beyond_it(library, signed_in) -> None:
    boss = signed_in(Role.ADMIN, email="boss@x.example")
    mine = signed_in(Role.ADMIN, email="rungwe@x.example", country="TZA", admin2="Rungwe")
    with library.reading() as session:
        boss_id = users.by_email(session, "boss@x.example").id
    beyond = {"email": "b@x.example", "role": "coach", "country": "TZA"}
    assert "beyond the places" in mine.post("/people/invite", data=beyond).text
    within = beyond | {"admin2": "Rungwe"}
    assert mine.post("/people/invite", data=within).status_code == 200
    grant = {"role": "admin"}
    verbs = ("link", "close", "open", "sign-out", "grant", "take")
    for verb in verbs:  # of an account elsewhere nobody hears that there is one
        answer = mine.post(f"/people/{boss_id}/{verb}", data=grant)
        assert answer.status_code == 404, verb
        absent = mine.post(f"/people/9999/{verb}", data=grant).text
        assert answer.text == absent.replace("9999", str(boss_id)), verb
    coach = {"role": "coach", "country": "TZA", "admin2": "Rungwe"}
    assert boss.post(f"/people/{boss_id}/grant", data=coach).status_code == 200
    for verb in verbs:  # the link would let him in as somebody who may more
        assert mine.post(f"/people/{boss_id}/{verb}", data=grant).status_code == 403, verb
    assert boss.get("/people").status_code == 200


def test_nobody_is_over_a_role_that_holds_elsewhere() -> None:
    admin = Person(user_id=1, grants=(Grant(Role.ADMIN, country="TZA"),))
    permissions.require_over(admin, [Grant(Role.COACH, country="TZA", admin2="Rungwe")])
    for other in (Grant(Role.READER), Grant(Role.READER, country="MWI")):
        with pytest.raises(ForbiddenError):
            permissions.require_over(admin, [other])
    with pytest.raises(ForbiddenError):
        permissions.require_over(replace(admin, grants=(Grant(Role.PUBLISHER),)), [])


def test_an_account_is_changed_and_closed_by_an_admin(library, signed_in, account) -> None:
    admin = signed_in(Role.ADMIN)
    stolen = account(Role.CURATOR, email="asha@x.example")
    with library.reading() as session:
        number = users.by_email(session, "asha@x.example").id
    here = f"/people/{number}"
    admin.post(f"{here}/grant", data={"role": "coach", "country": "tza"})
    assert "Tanzania" in admin.get(here).text
    admin.post(f"{here}/take", data={"role": "coach", "country": "TZA"})
    assert "Tanzania</bdi>" not in admin.get(here).text
    link = link_in(admin.post(f"{here}/link").text, "/password")
    admin.post(f"{here}/close", data={"reason": "left"})
    assert "closed on" in admin.get(here).text
    thief = TestClient(create_app(library), cookies={COOKIE: stolen}, follow_redirects=False)
    assert thief.get("/account").status_code == 303
    admin.post(f"{here}/open")
    thief.headers |= {"Sec-Fetch-Site": "same-origin"}
    kept = thief.post(link, data={"password": PASSWORD})
    assert kept.headers["location"] == "/sign-in?chosen=true"


def test_an_account_is_its_owners_to_change(library, signed_in) -> None:
    me = signed_in(Role.CONTRIBUTOR, email="neema@x.example", country="TZA")
    me.post("/account", data={"name": "Neema <b>", "language": "sw"})
    assert "Neema &lt;b&gt;" in me.get("/account").text
    me.post("/account/password", data={"new": PASSWORD})  # the account had none yet
    wrong = me.post("/account/password", data={"old": "no", "new": "another three words"})
    assert "do not belong together" in wrong.text
    right = me.post("/account/password", data={"old": PASSWORD, "new": "another three words"})
    assert right.url.path == "/account"  # and this browser stays signed in
    begun = me.post("/account/codes")
    secret = re.search(r'class="secret" dir="ltr">([A-Z2-7]+)<', begun.text)[1]
    assert "not right" in me.post("/account/codes/confirm", data={"code": "000000"}).text
    me.post("/account/codes/confirm", data={"code": pyotp.TOTP(secret).now()})
    assert "On since" in me.get("/account").text
    assert "not right" in me.post("/account/codes/off", data={"code": "000000"}).text
    assert "On since" in me.get("/account").text


def test_a_browser_is_signed_out_from_another(library, signed_in, account) -> None:
    me = signed_in(Role.READER, email="neema@x.example")
    lost = TestClient(
        create_app(library),
        cookies={COOKIE: account(Role.READER, email="neema@x.example")},
        follow_redirects=False,
    )
    number = re.search(r"/account/browsers/(\d+)/end", me.get("/account").text)[1]
    me.post(f"/account/browsers/{number}/end")
    assert lost.get("/account").status_code == 303
    assert me.get("/account").status_code == 200


def test_an_admin_signs_a_lost_laptop_out(library, signed_in) -> None:
    admin, lost = signed_in(Role.ADMIN), signed_in(Role.COACH, email="neema@x.example")
    with library.reading() as session:
        number = users.by_email(session, "neema@x.example").id
    assert "Signed in with one browser" in admin.get(f"/people/{number}").text
    admin.post(f"/people/{number}/sign-out")
    assert lost.get("/account", follow_redirects=False).status_code == 303
    assert "Not signed in anywhere" in admin.get(f"/people/{number}").text


def test_a_role_that_was_refused_is_not_typed_again(library, signed_in) -> None:
    admin = signed_in(Role.ADMIN)
    with library.reading() as session:
        number = users.all_of(session)[0].id
    typed = {"role": "coach", "country": "", "admin2": "<Rungwe>"}
    refused = admin.post(f"/people/{number}/grant", data=typed)
    assert refused.status_code == 422
    assert 'value="&lt;Rungwe&gt;"' in refused.text
    assert '<option value="coach" selected>' in refused.text


def test_who_chose_a_password_is_told_so(library, signed_in, client) -> None:
    signed_in(Role.READER, email="neema@x.example")
    with library.writing() as session:
        user = users.by_email(session, "neema@x.example")
        secret = tickets.issue(session, Errand.RESET, user=user, by="tests")
        session.commit()
    client.headers |= {"Sec-Fetch-Site": "same-origin"}
    chosen = client.post(f"/password/{secret}", data={"password": PASSWORD})
    assert "Your password is kept." in chosen.text
    assert chosen.history[0].status_code == 303  # to load the page again sends nothing again
    assert "Your password is kept." not in client.get("/sign-in").text


def test_who_chose_a_password_finds_the_address_typed_once(library, signed_in, client) -> None:
    signed_in(Role.READER, email="neéma+1@x.example")
    with library.writing() as session:
        user = users.by_email(session, "neéma+1@x.example")
        secret = tickets.issue(session, Errand.RESET, user=user, by="tests")
        session.commit()
    client.headers |= {"Sec-Fetch-Site": "same-origin"}
    chosen = client.post(f"/password/{secret}", data={"password": PASSWORD})
    assert 'value="neéma+1@x.example"' in chosen.text
    cookie = chosen.history[0].headers["set-cookie"]
    assert {"HttpOnly", "Max-Age=600", "Path=/sign-in", "SameSite=strict"} <= set(
        cookie.split("; ")
    )
    assert "example" not in str(chosen.url)
    assert 'value=""' in client.get("/sign-in?chosen=true").text  # it is forgotten
    client.cookies.set("maktaba-address", quote('"><b>'), path="/sign-in")
    assert '"><b>' not in client.get("/sign-in?chosen=true").text


def test_a_token_reads_the_api_for_its_owner_and_does_no_more(library, signed_in, client) -> None:
    me = signed_in(Role.CONTRIBUTOR, email="neema@x.example", country="TZA")
    made = me.post("/account/tokens", data={"name": "Report", "read": "1", "days": "30"})
    token = re.search(r"kb_[\w-]+", made.text)[0]
    assert token not in me.get("/account").text
    answer = client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["email"] == "neema@x.example"
    assert answer.json()["scopes"] == ["read"]
    assert answer.headers["cache-control"] == "no-store"
    refused = client.get("/api/v1/me", headers={"Authorization": "Bearer kb_wrong"})
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert (
        client.get("/account", headers={"Authorization": f"Bearer {token}"}).url.path == "/sign-in"
    )
    number = re.search(r"/account/tokens/(\d+)/end", me.get("/account").text)[1]
    me.post(f"/account/tokens/{number}/end")
    ended = client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert ended.status_code == 401


def test_an_approver_without_an_account_reads_one_story_and_answers_once(
    library, signed_in, client, make_record
) -> None:
    record_id = make_record(publish=False)
    curator = signed_in(Role.CURATOR)
    path = f"/desk/records/{record_id}/approval"
    assert curator.post(path, data={"email": "no address"}).status_code == 422
    link = link_in(curator.post(path, data={"email": "dmo@x.example"}).text, "/approval")
    page = client.get(link)
    assert "Skin to skin" in page.text
    assert client.get(f"/records/{record_id}").status_code == 404
    client.post(link, data={"answer": "no", "words": "Not <b>our</b> numbers."})
    assert client.get(link).status_code == 404
    from kb import history

    with library.reading() as session:
        event = history.events(session, record_id)[-1]
        assert (event.verb, event.by) == ("not approved by link", "dmo@x.example")
        assert event.detail["words"] == "Not <b>our</b> numbers."


def test_a_password_link_is_shown_only_to_who_has_it(library, client) -> None:
    assert "sends no mail" in client.get("/password").text
    assert client.post("/password", data={"email": "x@x.example"}).status_code == 503
    with library.writing() as session:
        user = users.add(session, "asha@x.example", by="tests")
        secret = tickets.issue(session, Errand.RESET, user=user, by="tests")
        session.commit()
    page = client.get(f"/password/{secret}")
    assert page.headers["cache-control"] == "no-store"
    assert client.post(f"/password/{secret}", data={"password": "x"}).status_code == 422
    assert client.post(f"/password/{secret}", data={"password": PASSWORD}).status_code == 200
    assert client.get(f"/password/{secret}").status_code == 404
    with library.reading() as session:
        assert sign_in.verify(session, "asha@x.example", PASSWORD)
