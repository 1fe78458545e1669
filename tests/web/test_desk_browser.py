"""A real browser at the desk: decided by keyboard only, without JavaScript too, open to all."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from kb import batches, collections, findings, history, records
from kb.content import Evidence, Section, Tag
from kb.gate import Hidden
from kb.models import Likeness
from kb.vocabulary import (
    BatchKind,
    Became,
    CollectionKind,
    FindingState,
    IdentifierKind,
    LikenessKind,
    LikenessState,
)
from tests.web.browsing import DESK, PHONE, SMALLEST, needs_chromium, served, widest

pytestmark = needs_chromium

NAMED = "Mrs Amina Juma came on Monday. Her number is 0712 345 678, her village Kijiji."


@pytest.fixture
def site(library, story, series) -> Iterator[str]:
    """Serve a library with its desk: a draft that names people, and one that is like it."""
    with library.writing() as session:
        batch = batches.begin(session, BatchKind.INGEST, ["/shelf"], by="ingest")
        named = story.model_copy(
            update={
                "summary": NAMED,
                "measures": (series,),
                "doubts": ("Which year is it?",),
                "sections": (
                    Section(
                        heading="Where",
                        body="Weigh it later.\n\n| Month | Fed |\n|--|--|\n| May | 2 |",
                    ),
                ),
                "evidence": (Evidence(field="problem", section=0, quote="Weigh it later."),),
                "tags": (
                    Tag(notation="breastfeeding", confidence=0.9, evidence="Weigh it later."),
                    Tag(notation="skin-to-skin-contact", confidence=0.6),
                    Tag(notation="process-redesign", confidence=0.3),
                ),
            }
        )
        for position, said in enumerate((named, story)):
            record = records.create(session, said, by="ingest")
            batches.note(
                session,
                batch.id,
                name=f"/shelf/{position}.docx",
                position=position,
                became=Became.ADDED,
                record=record,
            )
        batches.finish(session, batch.id)
        hidden = [Hidden(IdentifierKind.FACE, "word/media/image1.png", "picture 1")]
        findings.scan(session, 1, hidden=hidden)
        pair = Likeness(
            record_id=2,
            other_id=1,
            kind=LikenessKind.NEAR_TEXT,
            score=0.8,
            state=LikenessState.OPEN,
            decided_by="",
        )
        session.add(pair)
        session.commit()
    with served(library, desk=True) as address:
        yield address


def states(library) -> list[FindingState]:
    with library.reading() as session:
        return [one.state for one in findings.of(session, 1)]


def test_findings_are_decided_with_one_key_each(open_page, library) -> None:
    assert states(library) == [FindingState.OPEN] * 3
    page = open_page("/desk/records/1/privacy", viewport=DESK)
    told = page.locator("#told")
    page.keyboard.press("p")
    told.get_by_text("2 of 3 open").wait_for()
    assert page.evaluate("document.activeElement.matches('[data-one]')")
    page.keyboard.press("k")
    told.get_by_text("1 of 3 open").wait_for()
    assert page.get_by_role("heading", name="Does this picture show a face?").is_visible()
    page.keyboard.press("r")
    page.get_by_text("All is decided.").wait_for()
    assert states(library) == [FindingState.REPLACED, FindingState.KEPT, FindingState.REDACTED]
    with library.reading() as session:
        assert records.get(session, 1).summary.startswith("a woman came on Monday.")


def test_keys_go_from_finding_to_finding(open_page) -> None:
    page = open_page("/desk/records/1/privacy", viewport=DESK)
    focused = page.locator("#one-title")
    assert focused.inner_text().strip() == "Name"
    for key, title in (("n", "Phone number"), ("ArrowRight", "Does this"), ("b", "Phone number")):
        page.keyboard.press(key)
        page.locator("#one-title", has_text=title).wait_for()
    assert "finding=" in page.url
    page.go_back()
    page.locator("#one-title", has_text="Does this").wait_for()
    assert page.locator("header.top").count() == 1


def test_no_key_is_taken_from_who_writes_or_has_turned_them_off(open_page, library) -> None:
    page = open_page("/desk/records/1/privacy", viewport=DESK)
    page.get_by_label("Role instead").fill("")
    page.get_by_label("Role instead").press_sequentially("krpno")
    assert page.get_by_label("Role instead").input_value() == "krpno"
    page.keyboard.press("Control+r")
    page.get_by_role("button", name="Turn keys off").click()
    page.keyboard.press("k")
    page.get_by_role("button", name="Turn keys on").click()
    assert states(library) == [FindingState.OPEN] * 3


def test_enter_in_the_role_writes_the_role(open_page, library) -> None:
    page = open_page("/desk/records/1/privacy", viewport=DESK)
    page.get_by_label("Role instead").fill("a first-time mother")
    page.keyboard.press("Enter")
    page.locator("#told", has_text="2 of 3 open").wait_for(state="attached")
    assert states(library)[0] is FindingState.REPLACED
    with library.reading() as session:
        assert records.get(session, 1).summary.startswith("a first-time mother came")


def test_without_javascript_findings_are_decided_by_buttons(open_page, library) -> None:
    page = open_page("/desk/records/1/privacy", viewport=PHONE, java_script_enabled=False)
    page.get_by_role("button", name="Redact").click()
    expect(page.locator(".tally")).to_contain_text("2 of 3 open")
    page.get_by_role("button", name="Keep").click()
    page.get_by_role("button", name="Yes: leave it out").click()
    expect(page.get_by_text("All is decided.")).to_be_visible()
    assert FindingState.OPEN not in states(library)
    page.get_by_role("link", name="Go on with this record").click()
    page.get_by_text("It lacks a confirmed topic").wait_for()


def test_the_passage_of_a_field_is_jumped_to(open_page) -> None:
    page = open_page("/desk/records/1", viewport=DESK)
    page.locator("#card").get_by_role("link", name="Where").first.click()
    assert page.locator("mark:target").inner_text() == "Weigh it later."
    expect(page.locator("mark:target")).to_be_in_viewport()


def test_keys_go_through_the_queue_and_judge_pairs(open_page, library) -> None:
    page = open_page("/desk", viewport=DESK)
    page.keyboard.press("n")
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/records/2")
    page.goto("/desk/alike/1")
    page.keyboard.press("d")
    page.get_by_text("No pair waits.").wait_for()
    with library.reading() as session:
        assert session.get(Likeness, 1).state is LikenessState.DIFFERENT


def test_records_of_the_queue_are_ticked_with_a_key_and_changed_together(open_page) -> None:
    page = open_page("/desk", viewport=PHONE)
    bar = page.get_by_role("button", name="Several at once")
    page.keyboard.press("e")  # nothing is ticked: nothing happens
    assert not bar.is_visible()
    for key in "jxjx":
        page.keyboard.press(key)
    assert page.locator(":checked").count() == 2
    page.keyboard.press("x")
    assert page.locator(":checked").count() == 1
    assert bar.is_visible()
    page.keyboard.press("e")
    page.wait_for_url("**/desk/bulk?ids=*")
    assert page.locator("input[name=ids]:checked").count() == 1


def test_without_javascript_records_of_the_queue_are_ticked_by_hand(open_page) -> None:
    page = open_page("/desk", viewport=DESK, java_script_enabled=False)
    for box in page.locator(".queue [name=ids]").all():
        box.check()
    page.get_by_role("button", name="Several at once").click()
    expect(page.locator("input[name=ids]:checked")).to_have_count(2)


def test_the_parts_of_the_desk_take_one_line_at_every_width(open_page) -> None:
    phone, wide = (
        open_page("/desk/ages", viewport=size).locator(".desk-nav") for size in (PHONE, DESK)
    )
    assert max(one.bounding_box()["height"] for one in (phone, wide)) < 60
    assert phone.get_by_text("Ages").filter(visible=True).all_inner_texts() == ["Ages"]
    assert wide.get_by_role("link").count() == 14
    phone.locator("summary").click()
    phone.get_by_role("link", name="Several at once").click()
    phone.page.wait_for_url("**/desk/bulk")


def test_a_filter_exchanges_only_the_queue(open_page) -> None:
    page = open_page("/desk", viewport=DESK)
    page.evaluate("document.body.dataset.same = 'page'")
    page.get_by_role("link", name=re.compile("May name people")).first.click()
    page.wait_for_url("**awaits=privacy")
    page.get_by_text("May name people, what is worth most first.").wait_for()
    assert page.locator("ol.queue > li").count() == 1
    assert page.evaluate("document.body.dataset.same") == "page"


def test_the_role_that_stands_instead_of_a_name_can_be_read(open_page) -> None:
    for size in (PHONE, DESK):
        role = open_page("/desk/records/1/privacy", viewport=size).get_by_label("Role instead")
        role.fill("a first-time mother")
        assert role.evaluate("field => field.scrollWidth <= field.clientWidth")


def test_what_became_of_a_file_stands_on_the_screen_of_a_phone(open_page) -> None:
    page = open_page("/desk/batches/1", viewport=PHONE)
    edge = page.locator(".files td:last-child").first.evaluate(
        "cell => cell.getBoundingClientRect().right"
    )
    assert edge <= PHONE["width"]
    assert page.locator(".files").evaluate("area => area.scrollWidth <= area.clientWidth")


def test_why_a_package_is_not_published_is_in_sight(open_page, library) -> None:
    with library.writing() as session:
        kind = CollectionKind.CHANGE_PACKAGE
        begun = collections.create(session, "The hour", purpose="Go.", kind=kind, by="tests")
        collections.add(session, begun.id, 1)
        address = f"/desk/collections/{begun.id}"
        session.commit()
    page = open_page(address, viewport=PHONE, java_script_enabled=False)
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("alert")).to_be_in_viewport()
    page.get_by_label("Title", exact=True).fill(" ")
    page.locator("#about").get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_be_in_viewport()
    assert page.locator("#about").get_by_role("alert").count() == 1


def test_the_box_beside_a_story_says_what_it_is_for_on_a_phone_too(open_page) -> None:
    page = open_page("/desk", viewport=PHONE)
    box = page.locator(".queue li").first.aria_snapshot()
    assert re.search(r'checkbox "Choose ?: ', box)


def test_each_button_of_a_package_says_of_which_part(open_page, library) -> None:
    with library.writing() as session:
        kind = CollectionKind.CHANGE_PACKAGE
        begun = collections.create(session, "The hour", kind=kind, by="tests")
        collections.add(session, begun.id, 1)
        address = f"/desk/collections/{begun.id}"
        session.commit()
    page = open_page(address, viewport=PHONE)
    names = re.findall(r'(button|textbox) "([^"]+)"', page.locator("#parts").aria_snapshot())
    assert len(names) > 10
    assert len(names) == len(set(names))


def test_tables_and_choices_of_the_desk_fit_a_phone(open_page, library) -> None:
    with library.writing() as session:
        for verb in ("reported", "overdue", "held"):  # the longest names of what happens
            history.happened(session, verb, by="tests")
        session.commit()
    audit = open_page("/desk/audit", viewport=SMALLEST)
    assert widest(audit) <= SMALLEST["width"]
    ages = open_page("/desk/ages", viewport=SMALLEST).locator(".wide")
    assert ages.evaluate("area => area.scrollWidth <= area.clientWidth")


def test_words_that_were_not_kept_are_not_left_without_a_question(open_page, library) -> None:
    with library.writing() as session:
        begun = collections.create(
            session, "The hour", kind=CollectionKind.SYNTHESIS_BRIEF, by="tests"
        )
        address = f"/desk/collections/{begun.id}"
        session.commit()
    page = open_page(address, viewport=DESK)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    first, second = (page.get_by_label("Your words").nth(n) for n in (0, 1))
    first.press_sequentially("Babies cool in minutes.")
    second.press_sequentially("Nobody weighs them first.")
    page.get_by_role("link", name="See it as readers will").click()
    page.wait_for_timeout(200)  # nothing is to happen
    assert asked == ["beforeunload"]
    assert page.url.endswith(address)
    page.get_by_role("button", name="Save").first.click()
    page.wait_for_url("**#part-*")
    assert first.input_value() == "Babies cool in minutes."
    assert second.input_value() == "Nobody weighs them first."
    page.get_by_role("link", name="See it as readers will").click()
    page.wait_for_url("**/preview")
    assert asked == ["beforeunload"]


@pytest.mark.parametrize("page", ["/desk", "/desk/batches/{batch}", "/desk/batches/{batch}/undo"])
def test_a_title_without_a_space_widens_no_page(open_page, library, story, page) -> None:
    with library.writing() as session:
        batch = batches.begin(session, BatchKind.INGEST, ["/scans"], by="ingest")
        record = records.create(session, story.model_copy(update={"title": "x" * 120}), by="ingest")
        batches.note(session, batch.id, name="scan", position=0, became=Became.ADDED, record=record)
        batches.finish(session, batch.id)
        address = page.format(batch=batch.id)
        session.commit()
    opened = open_page(address, viewport=PHONE)
    assert "x" * 120 in opened.content()
    assert widest(opened) <= PHONE["width"]
