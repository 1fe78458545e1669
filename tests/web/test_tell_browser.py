"""A story is told on a phone: with and without scripts, through a power cut, and for few bytes."""

import gzip

import pytest
from sqlalchemy import select

from kb import sign_in, users
from kb.models import Record, SignIn
from kb.people import Grant
from kb.vocabulary import Role, Status
from tests.web.browsing import SMALLEST, needs_chromium, served, settled, sticking_out, violations
from web.who import COOKIE

pytestmark = needs_chromium
PHONE = {"width": 360, "height": 740}
MOST = 60_000  # bytes of the first screen, compressed: page, style, scripts
CELLS = "Month\tWarm\tBorn\nJan 2026\t12\t40\nFeb 2026\t20\t38\nMar 2026\t30\t41\nApr 2026\t33\t40"


@pytest.fixture
def nurse(own_sample):
    """The sample library with a nurse; yield its address and the secret she is signed in by."""
    with own_sample.writing() as session:
        grant = Grant(Role.CONTRIBUTOR, country="TZA", admin2="Rungwe", facility="Ilulu")
        user = users.add(session, "neema@x.example", name="Neema", grants=[grant], by="tests")
        secret = sign_in.open_door(session, user)
        session.commit()
    with served(own_sample) as address:
        yield address, secret


def phone(chromium, nurse, **options):
    address, secret = nurse
    context = chromium.new_context(base_url=address, viewport=PHONE, **options)
    context.add_cookies([{"name": COOKIE, "value": secret, "url": address}])
    return context


def onward(page) -> None:
    here = page.url
    page.get_by_role("button", name="Next").first.click()
    page.wait_for_url(lambda url: url != here)


@pytest.mark.parametrize("scripts", [True, False])
def test_the_quick_story_is_told_and_sent_in(chromium, nurse, own_sample, scripts) -> None:
    context = phone(chromium, nurse, java_script_enabled=scripts)
    page = context.new_page()
    page.goto("/tell")
    page.get_by_role("button", name="Quick").click()
    page.wait_for_url("**/tell/*/F01")
    wrong: list[object] = []
    for _ in range(12):
        if scripts:
            page.set_viewport_size(SMALLEST)
            wrong += violations(page) + sticking_out(page)
            page.set_viewport_size(PHONE)
        screen = page.url.rpartition("/")[2]
        if screen == "review":
            break
        if screen == "about":
            page.get_by_label("A title in one line").fill("Warm babies within the hour")
        elif screen == "showing":
            page.get_by_label("Who agreed?").fill("in-charge")
            page.get_by_label("The team agrees").check()
        elif screen != "photo" and page.locator("main textarea:visible").count():
            page.locator("main textarea:visible").first.fill("Babies were cold on the way.")
        onward(page)
    assert not wrong
    page.get_by_role("button", name="Send it in").click()
    page.wait_for_url("**/sent")
    context.close()
    with own_sample.reading() as session:
        sent = session.scalar(select(Record).order_by(Record.id.desc()).limit(1))
        assert (sent.title, sent.status) == ("Warm babies within the hour", Status.IN_REVIEW)


def test_the_chart_grows_while_numbers_are_pasted(chromium, nurse) -> None:
    context = phone(chromium, nurse)
    page = context.new_page()
    page.goto("/tell")
    page.get_by_role("button", name="Quick").click()
    page.wait_for_url("**/tell/*/F01")
    page.goto(page.url.replace("F01", "F09.1"))
    page.get_by_text("Paste from a spreadsheet").click()
    page.locator("#cells").fill(CELLS)
    page.get_by_role("button", name="Show the chart").click()
    page.locator("#tell svg, main svg.chart, main figure svg").first.wait_for()
    assert page.get_by_role("textbox").filter(has_not_text="x").count() > 4
    context.close()


def begun(context):
    page = context.new_page()
    page.goto("/tell")
    page.get_by_role("button", name="Quick").click()
    page.wait_for_url("**/tell/*/F01")
    return page


def test_cells_pasted_into_a_cell_are_read_and_the_chart_grows_with_each_number(
    chromium, nurse
) -> None:
    context = phone(chromium, nurse)
    page = begun(context)
    page.goto(page.url.replace("F01", "F09.1"))
    page.locator("[name=a0]").evaluate(
        """(cell, text) => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text", text);
            const options = { clipboardData, bubbles: true, cancelable: true };
            cell.dispatchEvent(new ClipboardEvent("paste", options));
        }""",
        CELLS,
    )
    page.locator("#grown svg").first.wait_for()
    assert page.url.partition("#")[0].endswith("F09.1")
    assert page.locator("[name=p1]").input_value() == "Feb 2026"
    assert page.locator("[name=p4]").input_value() == "2026-05"  # the month that follows
    points = page.locator("#grown svg circle").count()
    settled(page)  # until then no number that is typed is heard
    page.locator("[name=a4]").fill("35")
    page.locator("[name=b4]").fill("40")
    page.locator("#grown svg circle").nth(points).wait_for(state="attached")
    context.close()


def test_a_power_cut_and_a_dead_network_lose_no_word(chromium, nurse) -> None:
    context = phone(chromium, nurse)
    page = begun(context)
    here = page.url
    page.locator("main textarea").first.fill("Half a sentence about cold")
    page.wait_for_function(
        "said => Object.values(localStorage).some((kept) => kept.includes(said))",
        arg="Half a sentence about cold",
    )
    page.close()  # nothing was sent
    page = context.new_page()
    page.goto(here)
    page.get_by_text("What you had typed is back").wait_for()
    assert page.locator("main textarea").first.input_value() == "Half a sentence about cold"
    context.set_offline(True)
    page.get_by_role("button", name="Next").first.click()
    page.locator("[data-unsent]").wait_for()  # it says so
    assert page.locator("main textarea").first.input_value() == "Half a sentence about cold"
    context.set_offline(False)  # sent by itself
    page.wait_for_url("**/F02")
    page.wait_for_function(
        "() => !Object.keys(localStorage).some((key) => key.startsWith('draft:'))"
    )
    page.goto("/tell")
    assert not page.locator("[data-unsent-list]").is_visible()
    context.close()


def test_two_phones_see_both_texts_and_one_of_them_decides(chromium, nurse) -> None:
    context = phone(chromium, nurse)
    page = begun(context)
    other = context.new_page()
    other.goto(page.url)
    page.locator("main textarea").first.fill("Of the first phone")
    onward(page)
    other.locator("main textarea").first.fill("Of the second phone")
    other.get_by_role("button", name="Next").first.click()
    other.get_by_text("Of the first phone").wait_for()
    assert other.locator("main textarea").first.input_value() == "Of the second phone"
    onward(other)
    page.goto(page.url.replace("F02", "F01"))
    assert page.locator("main textarea").first.input_value() == "Of the second phone"
    context.close()


def test_what_is_typed_after_the_session_has_ended_is_there_after_signing_in(
    chromium, nurse, own_sample
) -> None:
    context = phone(chromium, nurse)
    page = begun(context)
    here = page.url
    with own_sample.writing() as session:
        session.query(SignIn).delete()
        session.commit()
    page.locator("main textarea").first.fill("Typed too late")
    page.get_by_role("button", name="Next").first.click()
    page.wait_for_url("**/sign-in?*to=*")
    with own_sample.writing() as session:
        user = users.find(session, "neema@x.example")
        secret = sign_in.open_door(session, user)
        session.commit()
    context.add_cookies([{"name": COOKIE, "value": secret, "url": nurse[0]}])
    page.goto(here)
    page.get_by_text("What you had typed is back").wait_for()
    assert page.locator("main textarea").first.input_value() == "Typed too late"
    context.close()


def test_the_first_screen_costs_little(chromium, nurse) -> None:
    context = phone(chromium, nurse)
    page = context.new_page()
    answers = []
    page.on("response", lambda answer: answers.append(answer) if answer.ok else None)
    page.goto("/tell", wait_until="networkidle")
    taken = [answer.body() for answer in answers]
    assert sum(len(gzip.compress(body)) for body in taken) <= MOST
    context.close()
