"""A sheet of paper: one page for a story, whatever is in it; counted in what chromium prints."""

from io import BytesIO
from itertools import product

import pypdfium2
import pytest

from kb import records
from kb.content import ChangeIdea, Cost, Place, Section
from kb.vocabulary import Decision, Ground, Naming, SectionRole
from search.refreshing import refresh
from tests.web.browsing import needs_chromium, served
from tests.web.sample import FED, SCALE, weeks

pytestmark = needs_chromium

WORDS = {
    "en": "The midwife on duty weighs the baby after the first feed and writes the minute down. ",
    "am": "ተረኛዋ አዋላጅ ነርስ ሕፃኑን ከመጀመሪያው ጡት በኋላ ትመዝናለች፤ ደቂቃውንም ትጽፋለች። ",
    "ar": "تزن القابلة المناوبة المولود بعد الرضعة الأولى وتكتب الدقيقة. ",
    "hi": "ड्यूटी पर दाई पहले स्तनपान के बाद बच्चे को तौलती है और मिनट लिखती है। ",
}


def long_story(language: str):
    """Return a story of a length that nobody would read."""
    words = WORDS[language] * 60
    idea = ChangeIdea(text=words[:300], steps=words, decision=Decision.ADAPTED, tests=words)
    roles = (SectionRole.PROBLEM, SectionRole.DID_NOT_WORK)
    return SCALE.model_copy(
        update={
            "title": words[:200],
            "summary": words[90:],
            "language": language,
            "sections": tuple(Section(role=role, body=words) for role in roles),
            "change_ideas": (idea,) * 9,
            "measures": (weeks(FED, name=words[:200], numerator_text=words),),
            "places": (Place(country="TZA", admin2=words[:60], facility=words[:90]),),
            "naming": Naming.NAMED,
            "logistics": {"who": words, "when": words},
            "cost": Cost(text=words),
            "offer": words,
        }
    )


@pytest.fixture
def printed(chromium, own_sample):
    """Print an address of the sample library, with long stories in it; return the pages."""
    with own_sample.writing() as session:
        for language in WORDS:
            made = records.create(session, long_story(language), by="test")
            records.publish(session, made.id, by="test", ground=Ground.ILLUSTRATION)
        while refresh(session, own_sample.encoder, limit=50):
            pass
        session.commit()
    with served(own_sample) as site:
        context = chromium.new_context(base_url=site, java_script_enabled=False)
        page = context.new_page()

        def print_it(address: str, **paper) -> list[str]:
            page.goto(address)
            pdf = pypdfium2.PdfDocument(BytesIO(page.pdf(**paper)))
            return [sheet.get_textpage().get_text_range() for sheet in pdf]

        yield print_it
        context.close()


def test_a_story_is_one_page(printed) -> None:
    longer = {}
    for record_id, language in product((1, 2, 3, 4, 8, 9, 10, 11), ("en", "ar")):
        address = f"/records/{record_id}/print?lang={language}"
        pages = printed(address, prefer_css_page_size=True)
        # What is read out of Arabic pages is in another order.
        assert language == "ar" or f"/r/{record_id}" in pages[0]
        if len(pages) > 1:
            longer[address] = pages[1:]
    assert longer == {}


def test_on_letter_paper_a_story_is_one_page_or_two(printed) -> None:
    for record_id in (1, 8):
        assert len(printed(f"/records/{record_id}/print", format="Letter")) <= 2


def test_a_pack_is_a_cover_and_a_page_for_each_story(printed) -> None:
    pages = printed("/print?ids=2,8,1", prefer_css_page_size=True)
    assert len(pages) == 4
    assert "A poster nobody read" in pages[0]
    assert "A poster nobody read" in pages[1]
    assert "Skin to skin before the scale" in pages[3]
    assert not any("Ctrl+P" in page for page in pages)


@pytest.mark.parametrize("address", ["/records/1", "/search?q=scale", "/answer?q=scale", "/"])
def test_other_pages_print_without_what_only_a_screen_can_use(printed, address) -> None:
    text = "\n".join(printed(address))
    for only_on_screen in ("Skip to content", "Share by WhatsApp", "Copy text", "Français"):
        assert only_on_screen not in text
    if address == "/search?q=scale":
        assert "(/records/1)" in text
