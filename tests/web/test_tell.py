"""Tell a story without JavaScript: begun, kept with every step, shown back, sent in."""

import io
import re

import pytest
from PIL import Image

from ingest import templates
from ingest.questions import kinds
from kb import drafts, records, threads
from kb.models import Record, StoryDraft
from kb.vocabulary import Circle, Role, Status, TagStatus, Visibility
from tests.ingest.filling import fill_word
from tests.web.test_similar_page import word_file
from web.pages.tell.mine import place_of
from web.render import environment
from web.uploads import MOST_FILE

PLACE = {"country": "TZA", "admin1": "Mbeya", "admin2": "Rungwe", "facility": "Ilulu"}
HOSTILE = '<b>Caps</b> & "quotes" \''
WEEKS = "Week\tFed\tBorn\n2024-01-01\t10\t30\n2024-01-08\t31\t30\n2024-01-15\t20\t30"


@pytest.fixture
def nurse(signed_in):
    return signed_in(Role.CONTRIBUTOR, **PLACE)


def main(answer) -> str:
    return re.search(r"<main.*?</main>", answer.text, re.DOTALL)[0]


def version(answer) -> str:
    return re.search(r'name="version" value="(\d+)"', answer.text)[1]


def begin(client, kind: str = "facility", path: str = "quick") -> str:
    answer = client.post("/tell", data={"kind": kind, "path": path})
    assert answer.status_code == 200
    return re.search(r"(/tell/\d+)/", str(answer.url))[1]


def answer(client, story: str, screen: str, act: str = "next", **said):
    opened = client.get(f"{story}/{screen}")
    return client.post(f"{story}/{screen}", data={"version": version(opened), "do": act} | said)


def ready(client, **about) -> str:
    """Tell a story up to its last page."""
    story = begin(client)
    answer(client, story, "F01", F01="Feed babies within one hour.")
    answer(client, story, "F12", F12="Nobody read the poster.")
    answer(client, story, "about", **{"A01": "Feed first", "A02": "TZA", "A04": "Rungwe"} | about)
    answer(
        client,
        story,
        "showing",
        naming="type-and-district",
        visibility="district",
        by_role="in-charge",
        agreed="yes",
    )
    return story


def test_the_quick_path_asks_five_questions_and_then_what_is_needed(nurse) -> None:
    story = begin(nurse)
    seen, page = [], nurse.get(f"{story}/F01")
    for _ in range(12):
        seen.append(str(page.url).rpartition("/")[2])
        if seen[-1] == "review":
            break
        form = re.search(rf'action="({story}/[^"]+)"[^>]*data-keep-draft', page.text)
        action = form[1] if form else f"{story}/photo"
        page = nurse.post(action, data={**fields(page), "do": "next"})
    assert seen == [
        "F01",
        "F02",
        "F06",
        "F09",
        "F09.1",
        "F12",
        "about",
        "photo",
        "showing",
        "review",
    ]
    assert "Question 3 of 5" in main(nurse.get(f"{story}/F06"))


def fields(page) -> dict[str, str]:
    found = {"version": version(page)} if 'name="version"' in page.text else {}
    chosen = re.findall(r'type="radio" name="(\w+)" value="([\w-]+)" checked', page.text)
    return found | dict(chosen)


def test_every_kind_of_story_asks_all_its_questions_one_on_each_screen(nurse) -> None:
    for name, kind in kinds().items():
        story = begin(nurse, name, "whole")
        for one in kind.questions:
            if one.inside or one.fills == "naming":
                continue
            page = nurse.get(f"{story}/{one.code}")
            assert page.status_code == 200
            assert one.ask["en"] in main(page).replace("&#39;", "'").replace("&amp;", "&")


def test_questions_are_asked_in_the_readers_language_and_in_arabic_from_the_right(nurse) -> None:
    story = begin(nurse)
    question = kinds()["facility"].questions[0]
    for language in ("fr", "es", "pt", "sw", "ar"):
        page = nurse.get(f"{story}/F01?lang={language}")
        assert question.ask[language] in main(page).replace("&#39;", "'")
    assert '<html lang="ar" dir="rtl">' in page.text


def test_back_and_skip_keep_what_was_typed_too(nurse) -> None:
    story = begin(nurse)
    page = answer(nurse, story, "F02", "back", F02="10 of 30")
    assert str(page.url).endswith("/F01")
    assert "10 of 30" in nurse.get(f"{story}/F02").text
    page = answer(nurse, story, "F01", "skip")
    assert str(page.url).endswith("/F02")


def test_what_is_typed_is_shown_back_escaped(nurse) -> None:
    story = begin(nurse)
    for code in ("F01", "F02", "F12"):
        answer(nurse, story, code, **{code: HOSTILE})
    answer(nurse, story, "F06", "add", **{"new.text": HOSTILE, "new.steps": HOSTILE})
    answer(nurse, story, "F09.1", "stay", **{"F09.1a": HOSTILE, "p0": HOSTILE, "a0": HOSTILE})
    answer(nurse, story, "about", A01=HOSTILE, A05=HOSTILE)
    for screen in ("F01", "F06", "F06.1", "F09.1", "about", "showing", "review"):
        text = nurse.get(f"{story}/{screen}").text
        assert "<b>Caps" not in text, screen
        assert "&lt;b&gt;Caps" in text, screen
    assert "<b>Caps" not in nurse.get("/tell").text


def test_the_part_is_a_piece_of_the_page(nurse) -> None:
    story = begin(nurse)
    answer(nurse, story, "F09.1", "paste", cells=WEEKS)
    for screen in ("F01", "F06", "F09.1", "about", "photo", "showing"):
        whole = nurse.get(f"{story}/{screen}").text
        part = nurse.get(f"{story}/{screen}", headers={"HX-Request": "true"}).text
        assert part.strip() in whole
        assert "<html" not in part


def test_ideas_are_added_one_by_one_changed_and_deleted(nurse) -> None:
    story = begin(nurse)
    page = answer(nurse, story, "F06", "add", **{"new.text": "Caps", "new.decision": "adopted"})
    assert str(page.url).endswith("/F06#ideas")
    answer(nurse, story, "F06", "add", **{"new.text": "Poster"})
    page = main(nurse.get(f"{story}/F06"))
    assert page.index("Caps") < page.index("Poster")
    assert "kept" in page
    answer(nurse, story, "F06.2", "add", **{"F06.2a": "A small poster"})
    answer(nurse, story, "F06.1", "delete")
    page = main(nurse.get(f"{story}/F06"))
    assert "A small poster" in page
    assert "Caps" not in page


def test_an_idea_that_is_sent_twice_is_there_once(nurse, library) -> None:
    story = begin(nurse)
    opened = version(nurse.get(f"{story}/F06"))
    for _ in range(2):
        data = {"version": opened, "do": "add", "new.text": "Caps", "new.reason": "cheap"}
        nurse.post(f"{story}/F06", data=data)
    with library.reading() as session:
        (draft,) = session.query(StoryDraft).all()
        assert [code for code in draft.answers if code.startswith("F06")] == ["F06.1a"]


def test_pasted_cells_are_shown_back_with_their_chart_and_what_does_not_add_up(nurse) -> None:
    story = begin(nurse)
    page = answer(nurse, story, "F09.1", "paste", cells=WEEKS)
    text = main(page)
    assert 'name="p1" value="2024-01-08"' in text
    assert "<svg" in text
    assert "More were counted than there are: 31 / 30" in text
    assert 'value="2024-01-22"' in text  # the week that follows is offered
    page = answer(nurse, story, "F09.1", "paste", cells="nothing of use", p0="2024-02-05", a0="1")
    assert page.status_code == 422
    assert "nothing of use" in main(page)
    assert 'value="2024-02-05"' in main(page)


def test_the_chart_can_be_looked_at_before_anything_is_kept(nurse, library) -> None:
    story = begin(nurse)
    opened = version(nurse.get(f"{story}/F09.1"))
    rows = {"p0": "2024-01-01", "a0": "1", "b0": "9", "p1": "2024-01-08", "a1": "4", "b1": "9"}
    page = nurse.post(f"{story}/F09.1/look", data={"version": opened} | rows)
    assert "<svg" in page.text
    with library.reading() as session:
        assert not session.query(StoryDraft).one().answers.get("F09.1t")


def test_numbers_that_cannot_be_read_are_kept_as_they_were_typed(nurse) -> None:
    story = begin(nurse)
    page = answer(nurse, story, "F09.1", "stay", p0="soon", a0="many", b0="9")
    assert 'value="soon"' in main(page)
    assert "“many” is not a number." in main(page)


def test_two_phones_at_one_question_see_both_texts(nurse) -> None:
    story = begin(nurse)
    opened = version(nurse.get(f"{story}/F01"))
    nurse.post(f"{story}/F01", data={"version": opened, "do": "next", "F01": "from the first"})
    page = nurse.post(f"{story}/F01", data={"version": opened, "do": "next", "F01": "the second"})
    assert page.status_code == 409
    assert "from the first" in main(page)
    assert "the second" in main(page)
    data = {"version": version(page), "do": "next", "F01": "of both"}
    assert nurse.post(f"{story}/F01", data=data).status_code == 200
    assert "of both" in nurse.get(f"{story}/F01").text


def test_too_long_an_answer_is_shown_back_whole(nurse) -> None:
    story = begin(nurse)
    long = "word " * (drafts.LONGEST // 4)
    page = answer(nurse, story, "F01", F01=long)
    assert page.status_code == 422
    assert long.strip() in page.text


def test_each_way_to_name_the_place_says_what_readers_will_see(nurse) -> None:
    story = begin(nurse)
    answer(nurse, story, "about", A02="TZA", A04="Rungwe", A05="Ilulu HC", A06="health-centre")
    page = " ".join(main(nurse.get(f"{story}/showing")).split())
    assert 'Readers see: <b dir="auto">Ilulu HC, Rungwe, Tanzania</b>' in page
    assert re.search(r"<b dir=\"auto\">[^<]*ealth centre[^<]*, Rungwe, Tanzania</b>", page)
    assert re.search(r"<b dir=\"auto\">[^<]*ealth centre[^<]*, Tanzania</b>", page)
    assert "Readers see no place." in page


def test_the_last_page_says_what_is_needed_missing_and_may_name_people(nurse) -> None:
    story = begin(nurse)
    page = nurse.post(f"{story}/submit")
    assert page.status_code == 422
    for needed in ("Answer at least one question", "Give it a title", "who of the team agreed"):
        assert needed in main(page)
    answer(nurse, story, "F12", F12="Mrs Amina Juma came on Monday.")
    page = main(nurse.get(f"{story}/review"))
    assert "<mark>Mrs Amina Juma</mark>" in page
    assert f'<a href="{story}/F12">Mend it</a>' in page
    assert re.search(r"\d+ of 12</strong> – <a", page)


def test_a_story_that_is_sent_in_waits_in_review_with_suggested_tags(nurse, library) -> None:
    page = nurse.post(f"{ready(nurse)}/submit")
    assert page.status_code == 200
    assert "Not yet reviewed" in main(page)
    assert "Only people of its district see this" in main(page)
    with library.reading() as session:
        (row,) = session.query(Record).all()
        said = records.read(row)
        assert (row.status, row.visibility) == (Status.IN_REVIEW, Visibility.DISTRICT)
        assert row.author_id is not None
        assert row.submitted is not None
        assert said.places[0].admin2 == "Rungwe"
        assert all(tag.status is TagStatus.SUGGESTED for tag in said.tags)
        assert said.doubts == ()
    assert "Not yet reviewed" in main(nurse.get("/tell"))


def test_what_names_people_is_sent_in_but_said_to_be_held(nurse) -> None:
    story = ready(nurse)
    answer(nurse, story, "F12", F12="Mrs Amina Juma came.")
    assert "only the learning centre sees it" in main(nurse.post(f"{story}/submit"))


def test_a_returned_story_is_told_on_in_the_same_place(nurse, library) -> None:
    story = ready(nurse)
    nurse.post(f"{story}/submit")
    with library.writing() as session:
        session.query(Record).one().status = Status.RETURNED
        session.commit()
    assert "The library asks you something" in main(nurse.get("/tell"))
    answer(nurse, story, "F02", F02="10 of 30 in January 2024.")
    assert "Send the changes" in main(nurse.get(f"{story}/review"))
    nurse.post(f"{story}/submit")
    with library.reading() as session:
        row = session.query(Record).one()
        assert row.status is Status.IN_REVIEW
        assert any("10 of 30" in section.body for section in row.sections)


def test_what_the_library_asks_is_answered_in_place_and_goes_back_with_the_last_answer(
    nurse, library, signed_in
) -> None:
    story = ready(nurse, A05="Ilulu", A03="Mbeya")
    nurse.post(f"{story}/submit")
    with library.writing() as session:
        record = session.query(Record).one().id
        threads.send_back(session, record, ["How many beds?", HOSTILE], by="curator@x.example")
        threads.note(
            session, record, "For us only.", circle=Circle.CURATORS, by="curator@x.example"
        )
        first, second = (one.id for one in threads.open_questions(session, record))
        session.commit()
    assert f'href="/tell/questions/{record}"' in main(nurse.get("/tell"))
    page = nurse.get(f"/tell/questions/{record}").text
    assert "How many beds?" in page
    assert "<b>Caps" not in page
    assert "For us only." not in page
    assert "curator@x.example" not in page
    assert "How many beds?" in nurse.get(f"{story}/review").text
    long = nurse.post(f"/tell/questions/{record}/{first}", data={"text": "word " * 500})
    assert long.status_code == 422
    assert "word word" in main(long)
    nurse.post(f"/tell/questions/{record}/{first}", data={"text": "Twelve."})
    elsewhere = PLACE | {"facility": "Another"}
    other = signed_in(Role.CONTRIBUTOR, email="other@people.example", **elsewhere)
    assert other.get(f"/tell/questions/{record}").status_code in {403, 404}
    assert other.post(f"/tell/questions/{record}/{second}", data={"text": "x"}).status_code > 400
    mate = signed_in(Role.CONTRIBUTOR, email="mate@people.example", **PLACE)
    assert f'href="/tell/questions/{record}"' in main(mate.get("/tell"))
    page = mate.post(f"/tell/questions/{record}/{second}", data={"text": HOSTILE})
    assert page.status_code == 200
    assert "Twelve." in main(page)
    assert (
        mate.post(f"/tell/questions/{record}/{second + 99}", data={"text": "x"}).status_code == 404
    )
    with library.reading() as session:
        assert session.query(Record).one().status is Status.IN_REVIEW
    assert "The library asks you something" not in main(mate.get("/tell"))


def test_a_coach_is_asked_whether_the_facility_agrees(signed_in) -> None:
    coach = signed_in(Role.COACH, country="TZA", admin2="Rungwe")
    story = ready(coach, A05="Another facility")
    assert "it asked me to tell its story" in main(coach.get(f"{story}/showing"))
    page = coach.post(f"{story}/submit")
    assert "Ask the facility" in main(page)
    answer(
        coach, story, "showing", naming="named", visibility="district", by_role="in-charge",
        agreed="yes", facility_agreed="yes",
    )  # fmt: skip
    assert coach.post(f"{story}/submit").status_code == 200


def test_the_place_of_whoever_tells_is_known_from_their_role(nurse) -> None:
    page = main(nurse.get(f"{begin(nurse)}/about"))
    for words in ("Mbeya", "Rungwe", "Ilulu", 'value="TZA" selected'):
        assert words in page


def test_a_district_story_does_not_take_the_name_of_a_facility(signed_in) -> None:
    coach = signed_in(Role.COACH, country="TZA", admin2="Rungwe")
    assert 'value="Rungwe"' in main(coach.get(f"{begin(coach, 'district')}/about"))
    assert place_of(type("P", (), {"grants": ()})(), "district") == {}


def test_nobody_reads_or_writes_the_story_of_somebody_else(nurse, signed_in, client) -> None:
    story = begin(nurse)
    other = signed_in(Role.CONTRIBUTOR, email="other@people.example", **PLACE)
    for screen in ("F01", "about", "showing", "photo", "review", "found", "sent"):
        assert other.get(f"{story}/{screen}").status_code == 404
        assert client.get(f"{story}/{screen}", follow_redirects=False).status_code == 303
    assert other.post(f"{story}/F01", data={"version": "1", "F01": "x"}).status_code == 404
    assert other.post(f"{story}/delete").status_code == 404
    assert other.post(f"{story}/submit").status_code == 404


def test_there_is_no_screen_of_another_name(nurse) -> None:
    story = begin(nurse)
    for screen in ("F99", "F07", "F20", "nothing", "F01.999"):
        assert nurse.get(f"{story}/{screen}").status_code in {404, 422}


def photo() -> bytes:
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x010F] = "Secret camera"
    Image.new("RGB", (2400, 1800), "teal").save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_a_photo_is_kept_small_without_its_camera_and_its_faces_are_asked_for(nurse) -> None:
    story = ready(nurse)
    page = nurse.post(f"{story}/photo", data={"do": "add"}, files={"photo": ("a.jpg", photo())})
    address = re.search(rf'href="({story}/photos/[0-9a-f]+)"', page.text)[1]
    kept = nurse.get(address)
    assert b"Secret camera" not in kept.content
    assert f"{address}?small=true" in page.text
    with Image.open(io.BytesIO(nurse.get(f"{address}?small=true").content)) as image:
        assert image.size == (640, 480)  # what she looks at costs few bytes
    with Image.open(io.BytesIO(kept.content)) as image:
        assert image.size == (1600, 1200)
    assert "Say of each photo whether it shows a face" in main(nurse.get(f"{story}/review"))
    own = address.rpartition("/")[2]
    said = {f"faces.{own}": "no", f"caption.{own}": HOSTILE, f"alt.{own}": HOSTILE}
    # The large button saves what is written beside the photos: nobody looks for another one.
    page = nurse.post(f"{story}/photo", data={**said, "do": "next"})
    assert str(page.url).endswith("/showing")
    assert address in main(nurse.get(f"{story}/review"))
    page = nurse.get(f"{story}/photo")
    assert "<b>Caps" not in page.text
    assert 'value="no" checked' in page.text
    # What was said is kept, too, where the next photo cannot be read.
    said[f"caption.{own}"] = "The chart on our wall"
    files = {"photo": ("b.jpg", b"no picture")}
    page = nurse.post(f"{story}/photo", data={**said, "do": "add"}, files=files)
    assert page.status_code == 422
    assert "The chart on our wall" in main(page)
    assert address not in nurse.post(f"{story}/photo", data={"do": f"delete {own}"}).text


def test_what_is_no_photo_is_refused_and_said(nurse) -> None:
    story = begin(nurse)
    for name, data in (("a.jpg", b"no picture"), ("a.txt", b"some words"), ("", b"")):
        page = nurse.post(f"{story}/photo", data={"do": "add"}, files={"photo": (name, data)})
        assert page.status_code == 422
        assert 'role="alert"' in main(page)


def test_a_document_is_shown_back_and_only_what_is_missing_is_asked(nurse) -> None:
    data = word_file("Problem", "Half of the babies in the ward were cold in May 2023.")
    page = nurse.post("/tell/document", files={"file": ("story.docx", data)})
    assert "This was found in your document" in main(page)
    assert "Half of the babies" in main(page)
    page = nurse.post(str(page.url))
    story = re.search(r"(/tell/\d+)/", str(page.url))[1]
    assert not str(page.url).endswith("/F02")
    assert "Half of the babies" in nurse.get(f"{story}/F02").text


def test_a_document_is_shown_back_without_the_signs_of_markdown(nurse) -> None:
    story = (
        b"# Warm babies\n\n## The problem\n\nIn May **half** were cold.\n\n### Counts\n\n"
        b"| Ward | Cold |\n|---|---|\n| A | 20 |\n\n## Thanks\n\n- The *drivers*\n"
    )
    page = nurse.post("/tell/document", files={"file": ("story.md", story)})
    shown = main(page)
    assert "In May half were cold.\nCounts\nWard | Cold\nA | 20</pre>" in shown
    assert "The drivers</pre>" in shown
    assert "**half**" in main(nurse.get(str(page.url).replace("/found", "/F02")))  # as it is kept


def test_our_own_template_comes_back_answer_by_answer(nurse) -> None:
    answers = {"F01": "Warm babies", "F06.1a": "Caps", "A02": "Malawi", "F20": "yes, show the name"}
    data = fill_word(templates.made("facility-en.docx"), answers, {})
    page = nurse.post("/tell/document", files={"file": ("f.docx", data)})
    assert "Malawi" in main(page)
    story = re.search(r"(/tell/\d+)/", str(page.url))[1]
    assert "Caps" in nurse.get(f"{story}/F06").text
    assert 'name="naming" value="named" checked' in nurse.get(f"{story}/showing").text


@pytest.mark.parametrize("name", ["..", f"{'मातृ' * 30}.docx"])  # one leads out, one is too long
def test_a_document_may_be_called_anything(nurse, name) -> None:
    data = word_file("Problem", "Half of the babies in the ward were cold in May 2023.")
    page = nurse.post("/tell/document", files={"file": (name, data)})
    assert page.status_code == 200
    assert "This was found in your document" in main(page)


def test_a_document_that_is_too_large_costs_nothing_that_was_typed(nurse) -> None:
    page = nurse.post(
        "/tell/document",
        data={"note": "What it does not say"},
        files={"file": ("big.docx", b"x" * (MOST_FILE + 1))},
    )
    assert page.status_code == 413
    assert "What it does not say" in main(page)


def test_a_list_of_many_stories_costs_no_more_queries(nurse, queries) -> None:
    def asked() -> int:
        queries.clear()
        nurse.get("/tell")
        return len(queries)

    nurse.post(f"{ready(nurse)}/submit")
    few = asked()
    for _ in range(5):
        nurse.post(f"{ready(nurse)}/submit")
        begin(nurse)
    assert asked() == few


def test_a_story_is_deleted_with_a_button(nurse) -> None:
    story = begin(nurse)
    nurse.post(f"{story}/delete")
    assert nurse.get(f"{story}/F01").status_code == 404


def test_no_template_of_telling_prints_unsafe(library) -> None:
    loader = environment(library).loader
    names = [name for name in loader.list_templates() if name.startswith("tell/")]
    assert len(names) > 10
    assert not [n for n in names if "|safe" in loader.get_source(environment(library), n)[0]]
