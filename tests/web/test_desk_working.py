"""The working page of the desk: a record is made findable by keyboard, or without a script."""

from statistics import median

import pytest
import yaml
from sqlalchemy import select

from kb import consent, curating, records, threads
from kb.content import Section, Tag
from kb.models import Record, RecordLock, Ruling
from kb.vocabulary import Ground, Ruled, Status, TagStatus
from tests.web.browsing import DESK, PHONE, follow, needs_chromium, served, widest
from tests.web.curating import Curator
from web import filling
from web.demo import samples
from web.names import Names

pytestmark = needs_chromium

SAMPLES = (  # one that names patients, one whose country is wrong, one in Swahili, a failure
    "05-PPH-checklist-what-happened.docx",
    "15-one_strip_two_infections_interim_note.md",
    "46-kunawa-mikono-ndunguluni-ripoti.odt",
    "49_SAM ward night feeds.docx",
)
BODY = "At first only 34 % of babies were fed.\n\nWe serve Rungwe in Tanzania."


@pytest.fixture
def draft(make_record) -> int:
    return make_record(
        publish=False,
        sections=(Section(heading="Where we began", body=BODY),),
        tags=(
            Tag(notation="breastfeeding", confidence=0.9, evidence="At first only 34 %"),
            Tag(notation="process-redesign", confidence=0.3),
        ),
    )


@pytest.fixture
def site(library, draft):
    with served(library, desk=True) as address:
        yield address


def press(page, *keys: str) -> None:
    """Press keys, each after the page has come to rest."""
    for key in keys:
        page.wait_for_function(
            "() => !document.querySelector('.htmx-request, .htmx-settling, .htmx-added')"
        )
        page.keyboard.press(key)
    page.wait_for_function("() => !document.querySelector('.htmx-request, .htmx-settling')")


def agree(library) -> None:
    """Say of all records on what ground they may be shown: that is asked once for a folder."""
    with library.writing() as session:
        for row in session.scalars(select(Record)).all():
            consent.record(session, row.id, consent.stated(row, Ground.ILLUSTRATION), by="test")
        session.commit()


def at(page) -> str:
    return page.evaluate("document.activeElement.id")


def said(library, record_id: int):
    with library.reading() as session:
        return records.read(records.get(session, record_id))


def test_samples_are_made_findable_within_twenty_five_presses(chromium, library) -> None:
    """Median 25 presses or fewer, and 3 minutes or less by the keystroke-level model."""
    library.__dict__["encoder"] = None  # the tags of rules and words; nothing is downloaded
    folder = samples()
    truths = yaml.safe_load((folder / "truth.yaml").read_text(encoding="utf-8"))
    paths = [folder / "library" / name for name in SAMPLES]
    made = filling.ingest(library, paths, step=filling.quietly).outcomes
    agree(library)
    with served(library, desk=True) as address:
        page = chromium.new_context(base_url=address, viewport=DESK, locale="en").new_page()
        curator = Curator(page, Names(library.taxonomy))
        work = [curator.make_findable(one.record_id, truths[one.path.name]) for one in made]
        page.context.close()
    assert median(one.presses for one in work) <= 25
    assert median(one.seconds for one in work) <= 180
    with library.reading() as session:
        for one in made:
            assert records.get(session, one.record_id).status is Status.PUBLISHED
            truth = truths[one.path.name]
            now = records.read(records.get(session, one.record_id))
            assert (now.title, now.level) == (truth["title"], truth["level"])
            assert now.places[0].country == truth["country"]
            wanted = {*truth["topics"], *truth["interventions"]}
            taken = {t.notation for t in now.tags if t.status is TagStatus.CONFIRMED}
            assert taken <= wanted


def test_one_key_decides_and_goes_on(open_page, library, draft) -> None:
    page = open_page(f"/desk/records/{draft}", viewport=DESK)
    assert page.get_by_role("button", name="Publish").count() == 0
    press(page, "a")
    page.wait_for_function("() => document.activeElement.id === 'field-summary'")
    press(page, "a", "a", "a")
    assert at(page) == "field-tags-breastfeeding"
    press(page, "a", "x")
    assert page.get_by_text("No suggestion is open.").is_visible()
    decided = {t.notation: t.status for t in said(library, draft).tags}
    assert decided["breastfeeding"] is TagStatus.CONFIRMED
    assert decided["process-redesign"] is TagStatus.REJECTED
    press(page, "p")
    page.get_by_role("link", name="See it as readers do").wait_for()
    with library.reading() as session:
        assert records.get(session, draft).status is Status.PUBLISHED


def test_a_field_is_changed_in_place(open_page, library, draft) -> None:
    page = open_page(f"/desk/records/{draft}", viewport=DESK)
    press(page, "e")
    page.keyboard.type("Weighed later")
    page.keyboard.press("Escape")
    assert at(page) == "field-title"
    assert said(library, draft).title == "Skin to skin before the scale"
    press(page, "e")
    page.keyboard.type("Weighed later")
    press(page, "Enter")
    page.wait_for_function("() => document.activeElement.id === 'field-summary'")
    assert said(library, draft).title == "Weighed later"
    press(page, "u")
    page.wait_for_function("() => document.activeElement.id === 'field-title'")
    assert said(library, draft).title == "Skin to skin before the scale"


def test_what_cannot_be_kept_stays_in_its_field(open_page, library, draft) -> None:
    page = open_page(f"/desk/records/{draft}", viewport=DESK)
    press(page, "e")
    page.keyboard.type("x" * 130)
    press(page, "Enter")
    assert page.get_by_role("alert").inner_text().startswith("It has 130 characters")
    assert page.locator("#field-title-value").input_value() == "x" * 130
    assert at(page) == "field-title-value"


def test_keys_move_between_fields_and_show_where_they_were_read(open_page, draft) -> None:
    page = open_page(f"/desk/records/{draft}", viewport=DESK)
    press(page, "j", "ArrowDown", "j", "j")
    assert at(page) == "field-places-0-country"
    assert page.locator("mark.lit").inner_text() == "We serve Rungwe in Tanzania."
    press(page, "k", "ArrowUp")
    assert at(page) == "field-summary"
    press(page, "?")
    assert page.locator(".keys.over").is_visible()
    press(page, "Escape")
    assert page.locator(".keys.over").count() == 0


def test_questions_are_sent_by_keyboard(open_page, library, draft) -> None:
    page = open_page(f"/desk/records/{draft}", viewport=DESK)
    press(page, "s")
    page.keyboard.type("Which year?")
    page.keyboard.press("Enter")
    page.keyboard.type("Who counted?")
    page.keyboard.press("Control+Enter")
    page.locator(".messages .question").nth(1).wait_for()
    with library.reading() as session:
        assert [m.text for m in threads.of(session, draft)] == ["Which year?", "Who counted?"]
        assert records.get(session, draft).status is Status.RETURNED


def test_who_has_it_open_is_known(open_page, library, draft) -> None:
    page = open_page(f"/desk/records/{draft}", viewport=DESK)
    page.get_by_text("You have it open.").wait_for()
    with library.reading() as session:
        assert session.get(RecordLock, draft).by == "curator"


def test_without_a_script_on_a_phone_the_same_is_done_by_buttons(open_page, library, draft) -> None:
    page = open_page(f"/desk/records/{draft}", viewport=PHONE, java_script_enabled=False)
    assert widest(page) <= PHONE["width"]
    for field in ("Title", "Summary", "Level", "Country"):
        follow(page.get_by_role("button", name=f"Accept {field}"))
    follow(page.get_by_role("button", name="Accept Breastfeeding", exact=True))
    page.locator("#field-verdict summary").click()
    page.locator("#field-verdict select").select_option("partly")
    follow(page.locator("#field-verdict").get_by_role("button", name="Save"))
    assert said(library, draft).verdict == "partly"
    follow(page.get_by_role("button", name="Undo"))
    assert said(library, draft).verdict == "not-reported"
    page.get_by_role("button", name="Publish").click()
    page.get_by_role("link", name="See it as readers do").wait_for()
    with library.reading() as session:
        ruled = session.scalars(select(Ruling).order_by(Ruling.id)).all()
    assert [one.field for one in ruled[:4]] == list(curating.ESSENTIAL)
    assert [one.ruled for one in ruled if one.undone] == [Ruled.CHANGED]
