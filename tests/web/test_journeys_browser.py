"""On a phone: what a nurse, a coach and an approver do, and what may go wrong on the way.

What each journey costs in taps and bytes stands in docs/journeys.md.
"""

import pytest
from sqlalchemy import select

from kb import sign_in, users
from kb.models import Record, SignIn
from kb.people import Grant
from kb.vocabulary import Role, Status
from tests.web.browsing import needs_chromium, served, sticking_out, violations
from tests.web.test_journeys import Counted
from web.who import COOKIE

pytestmark = needs_chromium
PHONE = {"width": 360, "height": 740}
RUNGWE = {"country": "TZA", "admin2": "Rungwe"}
PEOPLE = {
    "neema": Grant(Role.CONTRIBUTOR, **RUNGWE, facility="Ilulu"),
    "coach": Grant(Role.COACH, **RUNGWE),
    "curator": Grant(Role.CURATOR),
}
STORY_TAPS, STORY_BYTES = 22, 150_000  # the quick path: what is typed counts as one tap


@pytest.fixture
def library(own_sample):
    """The sample library, its address, and the secret by which each of its people is signed in."""
    secrets = {}
    with own_sample.writing() as session:
        for name, grant in PEOPLE.items():
            user = users.add(session, f"{name}@x.example", name=name, grants=[grant], by="tests")
            secrets[name] = sign_in.open_door(session, user)
        session.commit()
    with served(own_sample) as address:
        yield own_sample, address, secrets


def phone(chromium, library, name=None, **options):
    """Return a page of a phone with a touch screen, and its browser, signed in as somebody."""
    _, address, secrets = library
    context = chromium.new_context(
        base_url=address, viewport=PHONE, has_touch=True, is_mobile=True, **options
    )
    if name:
        context.add_cookies([{"name": COOKIE, "value": secrets[name], "url": address}])
    return context.new_page()


def begin(page) -> str:
    """Begin a quick story; return its address."""
    page.goto("/tell")
    page.get_by_role("button", name="Quick").tap()
    page.wait_for_url("**/tell/*/F01")
    return page.url.rpartition("/")[0]


def tell(page) -> None:
    """Answer what has to be answered, up to the page that shows the story."""
    counted = page if isinstance(page, Counted) else Counted(page)
    page = counted.page
    while (screen := page.url.rpartition("/")[2]) != "review":
        if screen == "about":
            counted.type(page.get_by_label("A title in one line"), "Warm babies in an hour")
        elif screen == "showing":
            counted.type(page.get_by_label("Who agreed?"), "in-charge")
            counted.tap(page.get_by_label("The team agrees"))
        elif screen != "photo" and page.locator("main textarea:visible").count():
            counted.type(page.locator("main textarea:visible").first, "Babies were cold.")
        counted.tap(page.get_by_role("button", name="Next").first)
        page.wait_for_url(lambda url, last=screen: not url.endswith(f"/{last}"))


def test_a_quick_story_costs_few_taps_and_few_bytes(chromium, library) -> None:
    page = phone(chromium, library, "neema")
    counted = Counted.on(page)
    begin(page)
    counted.acts += 1
    tell(counted)
    counted.tap(page.get_by_role("button", name="Send it in"))
    page.wait_for_url("**/sent")
    assert page.get_by_text("Only people of its district see this").is_visible()
    assert counted.acts <= STORY_TAPS
    assert counted.received <= STORY_BYTES
    page.context.close()


def test_a_story_that_is_sent_without_network_arrives_by_itself(chromium, library) -> None:
    page = phone(chromium, library, "neema")
    begin(page)
    tell(page)
    page.context.set_offline(True)
    page.get_by_role("button", name="Send it in").tap()
    page.get_by_text("They are sent by themselves").wait_for()
    page.context.set_offline(False)
    page.wait_for_url("**/sent")
    with library[0].reading() as session:
        last = session.scalar(select(Record).order_by(Record.id.desc()).limit(1))
        assert last.status == Status.IN_REVIEW
    page.context.close()


def test_what_is_too_long_stays_and_is_not_called_a_dead_network(chromium, library) -> None:
    page = phone(chromium, library, "neema")
    begin(page)
    box = page.locator("main textarea").first
    box.evaluate("box => { box.value = 'word '.repeat(60000); }")
    page.get_by_role("button", name="Next").tap()
    page.get_by_text("The form is too long. Write less").wait_for()
    assert not page.get_by_text("No network").is_visible()
    assert len(box.input_value()) == 300_000
    page.context.close()


def test_whoever_was_signed_out_is_told_that_nothing_is_lost(chromium, library) -> None:
    page = phone(chromium, library, "neema")
    begin(page)
    with library[0].writing() as session:
        session.query(SignIn).delete()
        session.commit()
    page.locator("main textarea").first.fill("Typed too late")
    page.get_by_role("button", name="Next").tap()
    page.get_by_text("nothing is lost").wait_for()
    assert page.url.rpartition("to=")[2].endswith("F01")
    page.context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_story_that_is_sent_back_is_answered_in_place(chromium, library, scripts) -> None:
    page = phone(chromium, library, "neema")
    begin(page)
    tell(page)
    page.get_by_role("button", name="Send it in").tap()
    page.wait_for_url("**/sent")
    page.context.close()
    with library[0].reading() as session:
        number = session.scalar(select(Record.id).order_by(Record.id.desc()).limit(1))
    desk = chromium.new_context(base_url=library[1])
    desk.add_cookies([{"name": COOKIE, "value": library[2]["curator"], "url": library[1]}])
    origin = {"Sec-Fetch-Site": "same-origin"}
    asked = {"questions": "What of power cuts?\nWho measured?"}
    assert desk.request.post(f"/desk/records/{number}/return", form=asked, headers=origin).ok
    desk.close()
    page = phone(chromium, library, "neema", java_script_enabled=scripts)
    page.goto("/tell")
    page.get_by_role("link", name="Warm babies in an hour").first.tap()
    for words in ("Charcoal in a tin", "The nurse at the door"):
        page.locator("#asked textarea").first.fill(words)
        page.locator("#asked form button").first.tap()
        page.locator("#asked blockquote", has_text=words).wait_for()
    assert page.get_by_text("Thank you. It has arrived.").is_visible()
    said = page.locator("#asked").inner_text()  # each answer below its question
    parts = ("What of power cuts?", "Charcoal", "Who measured?", "The nurse")
    assert sorted(parts, key=said.index) == list(parts)
    page.context.close()


def test_a_coach_ticks_stories_with_a_thumb_and_reads_her_board_whole(chromium, library) -> None:
    page = phone(chromium, library, "coach")
    page.goto("/boards/district?country=TZA&district=Rungwe")
    assert not sticking_out(page)
    table = page.locator("table.stacked")
    assert table.evaluate("one => one.scrollWidth <= one.parentElement.clientWidth")
    for tick in page.locator("main input[type=checkbox]").all():
        assert tick.bounding_box()["width"] >= 20
    assert not violations(page)
    page.context.close()


def test_an_approver_answers_once_without_an_account(chromium, library) -> None:
    desk = phone(chromium, library, "curator")
    desk.goto("/desk/records/1/consent")
    desk.get_by_text("Ask somebody to approve").tap()
    desk.locator("#approver").fill("dmo@x.example")
    desk.get_by_role("button", name="Ask").tap()
    desk.wait_for_url("**/approval")
    link = desk.locator("main input[readonly]").first.input_value()
    assert not sticking_out(desk)
    desk.context.close()
    page = phone(chromium, library)
    page.goto(link)
    assert not sticking_out(page)
    page.get_by_label("Yes, I agree").check()
    page.get_by_role("button", name="Send").tap()
    page.get_by_role("heading", name="Thank you").wait_for()
    assert page.goto(link).status == 404
    page.context.close()
