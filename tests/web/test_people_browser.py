"""The pages of accounts and boards in a real browser: nobody is kept out, and a phone is enough."""

import pytest

from kb import records, sign_in, tickets, users
from kb.people import Grant
from kb.vocabulary import Errand, Role
from tests.web.browsing import DESK, SMALLEST, needs_chromium, served, sticking_out, violations
from web.who import COOKIE

pytestmark = needs_chromium


@pytest.fixture
def place(own_sample):
    """The sample library with an admin, and a link of each kind; yield its address and these."""
    with own_sample.writing() as session:
        admin = users.add(session, "a@x.example", name="Asha", grants=[Grant(Role.ADMIN)], by="t")
        grant = Grant(Role.COACH, country="TZA", admin2="Rungwe")
        links = {
            "invitation": tickets.invite(session, "b@x.example", [grant], by="a@x.example"),
            "password": tickets.issue(session, Errand.RESET, user=admin, by="t"),
            "approval": tickets.ask_approval(
                session, records.get(session, 1), "dmo@x.example", by="a@x.example"
            ),
        }
        secret = sign_in.open_door(session, admin, device="Firefox, Android")
        session.commit()
        number = admin.id
    with served(own_sample) as address:
        yield address, secret, links, number


def test_the_pages_of_accounts_and_boards_keep_nobody_out(chromium, place) -> None:
    address, secret, links, number = place
    paths = ["/account", "/people", f"/people/{number}", "/boards", "/notices", "/peers"]
    known = chromium.new_context()
    known.add_cookies([{"name": COOKIE, "value": secret, "url": address}])
    unknown = chromium.new_context()
    asked = [f"/{kind}/{token}" for kind, token in links.items()] + ["/sign-in", "/password"]
    wrong = []
    for context, some in ((known, paths), (unknown, asked)):
        page = context.new_page()
        for path in some:
            for language, size, scheme in (("en", SMALLEST, "light"), ("ar", DESK, "dark")):
                page.set_viewport_size(size)
                page.emulate_media(color_scheme=scheme)
                assert page.goto(f"{address}{path}?lang={language}").ok, path
                wrong += [f"{path} {language} {found}" for found in violations(page)]
                wrong += [f"{path} {language} sticks out: {one}" for one in sticking_out(page)]
        context.close()
    assert not wrong, "\n".join(wrong)


def test_an_invited_nurse_is_in_after_one_screen_on_a_phone(chromium, place) -> None:
    address, _, links, _ = place
    context = chromium.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(f"{address}/invitation/{links['invitation']}")
    page.get_by_label("What others call you").fill("Bahati")
    page.get_by_label("A password").fill("seven green mangoes")
    page.get_by_role("button", name="Open my account").click()
    page.wait_for_url("**/account")
    page.get_by_role("button", name="Sign out").first.click()
    page.wait_for_url(f"{address}/")
    page.goto(f"{address}/boards/district?country=TZA&district=Rungwe")
    page.get_by_label("Your e-mail address").fill("b@x.example")
    page.get_by_label("Your password").fill("seven green mangoes")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/boards/district**")  # where she wanted to go
    assert page.get_by_role("heading", level=1).inner_text() == "Rungwe"
    context.close()
