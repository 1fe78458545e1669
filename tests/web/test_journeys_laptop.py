"""Those who work at a laptop, each on her way, by keyboard (see docs/journeys.md)."""

import pytest

from kb import sign_in, users
from kb.content import Section, Tag
from kb.people import Grant
from kb.vocabulary import Role
from tests.web.browsing import needs_chromium, served
from web.library import Library

pytestmark = needs_chromium

LAPTOP = {"width": 1280, "height": 800}
PASSWORD = "seven green mangoes"
TAGS = (
    "breastfeeding",
    "early-initiation-of-breastfeeding",
    "skin-to-skin-contact",
    "process-redesign",
    "pdsa-cycles",
    "run-charts-and-dashboards",
    "qi-team-formation",
    "family-participation-in-care",
)


@pytest.fixture
def site(library):
    with served(library) as address:
        yield address


def employ(library: Library, name: str, role: Role, **place: str) -> str:
    """Open an account with a password; return its address."""
    with library.writing() as session:
        user = users.add(session, f"{name}@people.example", name=name.title(), by="tests")
        users.grant(session, user, Grant(role, **place), by="tests")
        sign_in.choose_password(session, user, PASSWORD, by="tests")
        session.commit()
        return user.email


def settle(page) -> None:
    page.wait_for_function(
        "() => !document.querySelector('.htmx-request, .htmx-settling, .htmx-added')"
    )


def test_a_curator_signs_in_and_sees_each_thing_she_decides(
    open_page, library, make_record
) -> None:
    """Learning-centre curator: from the sign-in to the last tag without a mouse.

    Each decision draws the half of the page anew: what is asked next has to be in sight at once.
    """
    make_record(
        publish=False,
        sections=(Section(heading="Where we began", body="Only 34 % were fed. " * 300),),
        tags=tuple(Tag(notation=tag, confidence=0.6) for tag in TAGS),
        doubts=("Which year is it?",) * 20,
    )
    email = employ(library, "neema", Role.CURATOR)
    page = open_page("/desk", viewport=LAPTOP)
    page.keyboard.type(email)  # the first empty field has the focus
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/records/*")
    for asked in range(4 + len(TAGS), 0, -1):
        assert page.locator("[data-waits][id^=field-]").count() >= asked
        page.keyboard.press("a")
        settle(page)
        top, bottom = page.evaluate(
            """() => {
                const box = document.querySelector("[data-one].current").getBoundingClientRect();
                return [box.top, box.bottom];
            }"""
        )
        assert top >= 0
        assert bottom <= LAPTOP["height"]
    assert "No suggestion is open." in page.locator("#decide").inner_text()
