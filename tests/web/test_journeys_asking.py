"""On a phone: help that nobody gives for a month, a question to a team, a password that is lost."""

from datetime import timedelta

import pytest

from kb import sign_in, support, users
from kb.db import utcnow
from kb.models import Record
from kb.people import Grant
from kb.vocabulary import Role
from tests.web.browsing import needs_chromium, served, sticking_out
from web.who import COOKIE

pytestmark = needs_chromium
PHONE = {"width": 360, "height": 740}
PASSWORD = "seven small buckets of sand"
RUNGWE = {"country": "TZA", "admin2": "Rungwe"}
PEOPLE = {
    "neema": Grant(Role.CONTRIBUTOR, **RUNGWE, facility="Ilulu"),
    "asha": Grant(Role.CONTRIBUTOR, **RUNGWE, facility="Tukuyu"),
    "coach": Grant(Role.COACH, **RUNGWE),
    "nation": Grant(Role.COACH, country="TZA"),
    "curator": Grant(Role.CURATOR),
    "admin": Grant(Role.ADMIN),
}


@pytest.fixture
def phones(chromium, own_sample):
    """Give the phone of each person by name; of nobody, one that is signed in nowhere."""
    contexts = []
    with own_sample.writing() as session:
        secrets = {}
        for name, grant in PEOPLE.items():
            user = users.add(session, f"{name}@x.example", name=name, grants=[grant], by="tests")
            secrets[name] = sign_in.open_door(session, user)
        session.get(Record, 1).contact = "through the library"
        session.commit()
    with served(own_sample) as address:

        def phone(name: str):
            context = chromium.new_context(
                base_url=address, viewport=PHONE, has_touch=True, is_mobile=True
            )
            contexts.append(context)
            if name in secrets:
                cookie = {"name": COOKIE, "value": secrets[name], "url": address}
                context.add_cookies([cookie])
            return context.new_page()

        yield phone
        for context in contexts:
            context.close()


def test_a_request_that_nobody_answers_goes_on_and_comes_back_answered(phones, own_sample) -> None:
    nurse = phones("neema")
    nurse.goto("/requests")
    nurse.get_by_role("link", name="Ask for help").tap()
    nurse.get_by_label("What help do you need?").fill("A thermometer for the labour ward.")
    nurse.locator("input[name=level][value=district]").tap()
    nurse.get_by_role("button", name="Send the request").tap()
    nurse.get_by_role("heading", name="Request for help").wait_for()
    with own_sample.writing() as session:
        assert support.escalate(session, utcnow() + timedelta(days=31)) == 1
        session.commit()
    nurse.reload()
    assert nurse.get_by_text("Nobody answered in 30 days: handed on.").is_visible()
    above = phones("nation")
    above.goto("/notices")
    above.locator("main a[href^='/requests/']").first.tap()
    above.wait_for_url("**/requests/*")
    above.get_by_label("Your answer").fill("One comes with Friday's car.")
    assert sticking_out(above) == []
    above.get_by_role("button", name="Send", exact=True).tap()
    above.get_by_text("One comes with Friday's car.").wait_for()
    nurse.goto("/notices")
    nurse.locator("main a[href^='/requests/']").first.tap()
    nurse.get_by_text("One comes with Friday's car.").wait_for()
    nurse.get_by_role("button", name="This is done: close it").tap()
    nurse.get_by_text("This is closed.").wait_for()
    nurse.wait_for_load_state()
    assert sticking_out(nurse) == []


def test_a_team_is_asked_and_answers_and_neither_sees_who(phones) -> None:
    asha, curator = phones("asha"), phones("curator")
    asha.goto("/records/1")
    asha.get_by_role("link", name="Ask the team").first.tap()
    asha.get_by_label("What do you want to know?").fill("Where did you put the scale?")
    asha.get_by_role("button", name="Send the question").tap()
    asha.get_by_role("heading", name="Question to a team").wait_for()
    curator.goto("/notices")
    curator.locator("main a[href^='/requests/']").first.tap()
    curator.wait_for_url("**/requests/*")
    curator.get_by_label("Your answer").fill("Into the postnatal room.")
    assert "asha" not in curator.locator("main").inner_text()
    curator.get_by_role("button", name="Send", exact=True).tap()
    curator.get_by_text("Into the postnatal room.").wait_for()
    curator.wait_for_load_state()
    asha.reload()
    assert asha.get_by_text("Into the postnatal room.").is_visible()
    assert "curator" not in asha.locator("main").inner_text()
    assert sticking_out(asha) == sticking_out(curator) == []


def test_an_admin_hands_over_a_link_for_a_new_password(phones) -> None:
    admin, lost = phones("admin"), phones("")
    admin.goto("/people")
    admin.get_by_role("link", name="neema").first.tap()
    admin.get_by_role("button", name="Make a link for a new password").tap()
    link = admin.locator("#link").input_value()
    admin.wait_for_load_state()
    assert sticking_out(admin) == []
    lost.goto(link)
    for box in lost.locator("input[type=password]").all():
        box.fill(PASSWORD)
    lost.get_by_role("button", name="Save").tap()
    lost.get_by_text("Your password is kept.").wait_for()
    lost.get_by_label("Your e-mail address").fill("neema@x.example")
    lost.get_by_label("Your password").fill(PASSWORD)
    lost.get_by_role("button", name="Sign in").tap()
    lost.get_by_text("neema").first.wait_for()
    lost.goto(link)
    assert lost.get_by_text("used").first.is_visible()
