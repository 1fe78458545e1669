"""Those who work at a laptop, each on her way, by keyboard (see docs/journeys.md)."""

import re

import pytest

from kb import sign_in, users
from kb.content import ChangeIdea, Section, Tag
from kb.people import Grant
from kb.vocabulary import Decision, Role, Verdict
from tests.web.browsing import follow, needs_chromium, served, settled
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
    page.locator("input:focus").wait_for()  # the first empty field, once it is painted
    page.keyboard.type(email)
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
        settled(page)
        top, bottom = page.evaluate(
            """() => {
                const box = document.querySelector("[data-one].current").getBoundingClientRect();
                return [box.top, box.bottom];
            }"""
        )
        assert top >= 0
        assert bottom <= LAPTOP["height"]
    assert "No suggestion is open." in page.locator("#decide").inner_text()


def enter(page, email: str) -> None:
    page.get_by_label("Your e-mail address").fill(email)
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def test_an_admin_invites_a_curator_of_a_district_who_meets_nothing_of_another(
    open_page, library, make_record
) -> None:
    """Admin: an invitation to a place, handed over; later the laptop is lost."""
    make_record(publish=False)  # from another country
    admin = open_page("/people", viewport=LAPTOP)
    enter(admin, employ(library, "asha", Role.ADMIN))
    admin.get_by_label("E-mail address").fill("halima@people.example")
    admin.get_by_label("What they may do").select_option("curator")
    admin.get_by_label("Country").select_option("MOZ")
    admin.get_by_label("District").fill("Namurrima")
    admin.get_by_role("button", name="Invite").click()
    hers = open_page(admin.get_by_label("The link.").input_value(), viewport=LAPTOP)
    assert "Namurrima" in hers.locator("main").inner_text()
    hers.locator("input:focus").wait_for()  # the first empty field, once it is painted
    hers.keyboard.type("Halima")
    hers.keyboard.press("Tab")
    hers.keyboard.type(PASSWORD)
    hers.keyboard.press("Enter")
    hers.wait_for_url("**/account")
    hers.goto("/desk")
    assert hers.locator(".tallies b").all_inner_texts() == ["0"] * 6
    admin.goto("/people")
    admin.get_by_role("link", name="Halima").click()
    admin.get_by_role("button", name="Sign out").click()
    admin.get_by_text("Not signed in anywhere.").wait_for()
    hers.reload()
    hers.get_by_role("heading", name="Sign in").wait_for()


def test_a_package_has_two_editions_and_loses_a_story_that_its_team_takes_back(
    open_page, library, shelf
) -> None:
    """Learning centre, without a script: put together, published, changed; then a withdrawal."""
    idea = ChangeIdea(
        text="Weigh later",
        interventions=("process-redesign",),
        decision=Decision.ADOPTED,
        verdict=Verdict.WORKED,
    )
    one, two = (
        shelf(title=title, licence="CC-BY-4.0", change_ideas=(idea,))
        for title in ("The scale waits", "The breast comes first")
    )
    page = open_page("/desk/collections", viewport=LAPTOP, java_script_enabled=False)
    enter(page, employ(library, "paul", Role.PUBLISHER))
    page.get_by_label("Title: what").fill("The first hour")
    page.get_by_label("What it is for").fill("For maternity teams.")
    page.get_by_label("What it is", exact=True).select_option("change-package")
    follow(page.get_by_role("button", name="Begin"))
    page.get_by_label("Add stories by their numbers").fill(f"{one}, 99")
    follow(page.get_by_role("button", name="Add the stories"))
    page.get_by_text("There is no record 99.").wait_for()
    page.get_by_label("Add stories by their numbers").fill(f"{one}, {two}")
    follow(page.get_by_role("button", name="Add the stories"))
    page.get_by_label("Licence of the whole").select_option("CC-BY-4.0")
    follow(page.locator("#about").get_by_role("button", name="Save"))
    page.get_by_role("button", name="Publish").click()
    page.wait_for_url(re.compile(r"\d/collections/1$"))
    assert "Weigh later" in page.locator("main").inner_text()
    # Breaks of the template are no blank lines.
    assert page.locator("li.hit").first.evaluate("e => getComputedStyle(e).whiteSpace") == "normal"
    page.goto("/desk/collections/1")
    page.get_by_label("Your words").first.fill("Read the failures first.")
    follow(page.locator("#parts").get_by_role("button", name="Save").first)
    page.get_by_label("What is new in this edition?").fill("A word before.")
    page.get_by_role("button", name="Publish edition 2").click()
    page.wait_for_url(re.compile(r"\d/collections/1$"))
    assert "What changed from edition 1 to edition 2" in page.locator("main").inner_text()
    page.goto(f"/desk/records/{two}/consent")
    page.get_by_text("Its team no longer agrees").click()
    page.get_by_label("Who asked for it, and when").fill("In-charge, by phone")
    follow(page.get_by_role("button", name="Take it back"))
    for address in ("/collections/1", "/collections/1/editions/1", "/search?q=breast"):
        page.goto(address)
        assert "The breast comes first" not in page.locator("main").inner_text()
    page.goto(f"/records/{two}")
    page.get_by_role("heading", name=re.compile("was taken back")).wait_for()
