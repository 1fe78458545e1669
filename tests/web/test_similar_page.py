"""Who did it before: of a record, of a pasted plan, of a draft that is sent."""

import re
from io import BytesIO
from threading import Event, Thread

import pytest
from docx import Document

from kb.content import ChangeIdea, Place, Section
from kb.errors import InvalidError, NotReadyError
from kb.vocabulary import Decision, FacilityType, Naming, SectionRole
from search.similar import LONGEST
from web import uploads
from web.uploads import MOST_FILE, Upload, filled, read_document

SCRIPT = "<script>alert(1)</script>"
PLAN = "Early initiation of breastfeeding: weigh the baby after the first feed, not before."


def plan(client, text=PLAN, *, file=None, **more):
    files = {"file": file} if file else {"file": ("", b"")}
    return client.post("/similar", data={"text": text, **more}, files=files)


def main(answer) -> str:
    return answer.text[answer.text.index("<main") : answer.text.index("</main")]


def word_file(*paragraphs: str) -> bytes:
    document, kept = Document(), BytesIO()
    for said in paragraphs:
        document.add_paragraph(said)
    document.save(kept)
    return kept.getvalue()


def test_a_pasted_plan_finds_who_did_it_and_says_what_was_understood(client, shelf) -> None:
    record_id = shelf(title="They waited too")
    answer = plan(client, f"{PLAN} 40 births a month.")
    assert answer.status_code == 200
    page = main(answer)
    assert re.search(rf'<a href="/records/{record_id}"[^>]*>They waited too</a>', page)
    assert "Understood:" in page
    assert 'href="/topics/early-initiation-of-breastfeeding"' in page
    assert "about 40 births a month" in page
    assert "Both about:</b> Early initiation of breastfeeding" in page
    assert PLAN in page  # to be changed and asked again


def test_the_answer_is_kept_by_nobody_and_found_by_no_robot(client, shelf) -> None:
    shelf()
    answer = plan(client)
    assert answer.headers["cache-control"] == "no-store"
    assert '<meta name="robots" content="noindex">' in answer.text


def test_a_draft_finds_who_did_it_and_leaves_nothing_behind(
    client, shelf, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    shelf(title="They waited too")
    client.get("/search?q=waited")  # the index has its file now
    before = set(tmp_path.iterdir())
    answer = plan(client, "", file=("Mrs Neema.docx", word_file("Problem", PLAN)))
    assert "They waited too" in main(answer)
    assert "Neema" not in answer.text
    assert set(tmp_path.iterdir()) == before


def test_places_like_the_readers_own_come_first(client, shelf) -> None:
    def kind(one):
        return {"places": (Place(country="TZA", facility_type=one),)}

    shelf(title="Of a hospital: weigh after the feed", **kind(FacilityType.FIRST_REFERRAL_HOSPITAL))
    shelf(title="Of a centre", **kind(FacilityType.HEALTH_CENTRE))
    page = main(plan(client, facility_type="health-centre"))
    assert page.index("Of a centre") < page.index("Of a hospital")
    assert "Places alike:</b> <span>Health centre" in " ".join(page.split())
    page = main(plan(client))
    assert page.index("Of a hospital") < page.index("Of a centre")


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"text": ""}, "There is no text to compare with. Write in a sentence"),
        ({"text": "a " * LONGEST}, "20,000 is the most"),
        ({"births": "many"}, "“births” has to be a number"),
        ({"facility_type": "palace"}, "“facility_type” has to be one of"),
        ({"file": ("x.docx", b"\x00\x01\x02 no document")}, "or paste its text"),
        ({"file": ("x.txt", b"a" * (MOST_FILE + 1))}, "files up to 5 MB are read here"),
        ({"file": ("x.txt", b"a" * (9 * MOST_FILE))}, "files up to 5 MB are read here"),
    ],
)
def test_what_cannot_be_asked_is_said_with_what_to_do_and_the_text_stays(
    client, shelf, sent, said
) -> None:
    shelf()
    answer = plan(client, **sent)
    assert answer.status_code == (413 if "MB" in said else 422)
    assert said in main(answer)
    assert sent.get("text", PLAN).strip()[:40] in main(answer)


def test_one_file_is_read_at_a_time(client, shelf) -> None:
    shelf()
    busy, done = Event(), Event()

    def hold() -> None:
        with uploads.ONE_AT_A_TIME:
            busy.set()
            done.wait()

    other = Thread(target=hold)
    other.start()
    busy.wait()
    try:
        answer = plan(client, file=("x.txt", b"Weigh later."))
        with pytest.raises(NotReadyError, match="Another reader"):
            read_document(Upload("x.txt", b"Weigh later."))
    finally:
        done.set()
        other.join()
    assert answer.status_code == 503
    assert "half a minute" in main(answer)
    assert PLAN in main(answer)


def test_a_plan_from_another_sites_page_is_refused(client, shelf) -> None:
    shelf()
    crossed = {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/similar", data={"text": PLAN}, headers=crossed).status_code == 403


def test_a_plan_without_a_file_may_come_as_an_ordinary_form(client, shelf) -> None:
    shelf(title="They waited too")
    assert "They waited too" in main(client.post("/similar", data={"text": PLAN}))


def test_a_plan_is_shown_as_text(client, shelf) -> None:
    shelf(title=f"T {SCRIPT}", sections=(Section(role=SectionRole.PROBLEM, body=PLAN + SCRIPT),))
    page = main(plan(client, f"{PLAN} {SCRIPT}"))
    assert SCRIPT not in page
    assert "&lt;script&gt;" in page


def test_drafts_and_hidden_places_stay_hidden(client, shelf) -> None:
    shelf(title="A draft", publish=False)
    hidden = Place(country="KEN", facility="Ilulu", facility_type=FacilityType.MOBILE_CLINIC)
    shelf(title="Nobody's", naming=Naming.ANONYMOUS, places=(hidden,))
    page = main(plan(client, facility_type="mobile-clinic"))
    form = page.index("<form")
    assert "Nobody&#39;s" in page
    assert "A draft" not in page
    assert not any(said in page[:form] for said in ("Kenya", "Ilulu", "Mobile", "Places alike"))


def test_the_form_is_there_without_a_question(client) -> None:
    page = main(client.get("/similar"))
    assert 'method="post" action="/similar" enctype="multipart/form-data"' in page
    assert "not stored" in page


def idea(decision, *more):
    return (ChangeIdea(text="Wait", interventions=("process-redesign", *more), decision=decision),)


def test_a_records_page_leads_to_all_that_are_like_it(client, shelf) -> None:
    shelf(
        title="The other one",
        places=(Place(country="KEN"),),
        change_ideas=idea(Decision.ABANDONED, "reminders-and-cues"),
    )
    record_id = shelf(change_ideas=idea(Decision.ADOPTED))
    assert (
        f'href="/records/{record_id}/similar?like=mine"' in client.get(f"/records/{record_id}").text
    )
    page = " ".join(main(client.get(f"/records/{record_id}/similar")).split())
    assert "The other one" in page
    assert "<b>Differs:</b> <span>another country</span>" in page
    assert "Process redesign and patient flow changes: Dropped there, Kept here" in page
    assert "also tried there: Reminders and visual cues" in page
    assert "Nearest to this one" in page


def test_places_like_that_of_a_record_can_be_asked_for(client, shelf) -> None:
    def kind(one):
        return {"places": (Place(country="TZA", facility_type=one),)}

    record_id = shelf(**kind(FacilityType.HEALTH_CENTRE))
    shelf(title="Of a hospital", **kind(FacilityType.FIRST_REFERRAL_HOSPITAL))
    shelf(title="Of a centre", **kind(FacilityType.HEALTH_CENTRE))
    page = main(client.get(f"/records/{record_id}/similar"))
    assert page.index("Of a hospital") < page.index("Of a centre")
    page = main(client.get(f"/records/{record_id}/similar?like=mine"))
    assert page.index("Of a centre") < page.index("Of a hospital")


def test_nothing_is_like_a_draft(client, shelf) -> None:
    assert client.get(f"/records/{shelf(publish=False)}/similar").status_code == 404


BOUNDARY = b"x1"
HEAD = 'multipart/form-data; boundary="x1"'


def part(name: str, data: bytes, filename: str | None = None) -> bytes:
    file = "" if filename is None else f'; filename="{filename}"'
    head = f'Content-Disposition: form-data; name="{name}"{file}\r\n'
    return b"--x1\r\n" + head.encode() + b"Content-Type: message/rfc822\r\n\r\n" + data + b"\r\n"


def test_a_file_in_a_form_arrives_byte_for_byte() -> None:
    data = bytes(range(256)) + b"\r\n--x0\r\n\n\r --x1"
    form = filled(HEAD, part("text", "Œuf".encode()) + part("file", data, "a.eml") + b"--x1--\r\n")
    assert form.form.text("text") == "Œuf"
    assert form.file("file") == Upload("a.eml", data)


@pytest.mark.parametrize(
    "body",
    [
        b"--x1\r\n\r\nno name\r\n--x1--",
        part("text", b"\xff\xfe"),
        part("a", b"") * 45,
        b"--x1\r\nContent-Disposition: form-data; name=" + b"a" * 5_000 + b"\r\n\r\n",
    ],
)
def test_a_form_that_is_none_is_refused(body) -> None:
    with pytest.raises(InvalidError, match="cannot be read"):
        filled(HEAD, body)


def test_of_a_form_that_is_cut_the_fields_are_kept_and_the_file_is_not() -> None:
    form = filled(HEAD, part("text", b"kept") + part("file", b"half", "a.txt")[:-2], cut=True)
    assert form.form.text("text") == "kept"
    with pytest.raises(InvalidError, match="too large"):
        form.file("file")


@pytest.mark.parametrize("name", ["../../etc/passwd", "a.do cx", "a.b/c", "", "ü.größe"])
def test_the_name_of_a_file_leads_nowhere(name) -> None:
    assert re.fullmatch(r"(\.[a-z0-9]+)?", Upload(name, b"").suffix)
