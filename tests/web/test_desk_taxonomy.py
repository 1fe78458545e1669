"""The taxonomy on the desk: looked at, added to, merged and undone; readers see it at once."""

import io

import openpyxl
import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from kb import records
from kb.content import ChangeIdea, Tag
from kb.vocabulary import Role, TagStatus
from web.app import create_app
from web.library import Library

KMC = "kangaroo-mother-care"
SKIN = "skin-to-skin-contact"
HOSTILE = "<script>alert(1)</script>"
PAGE = "/desk/taxonomy"
MEETING = {
    "act": "add",
    "concept": KMC,
    "english": "Mothers’ meeting",
    "text": "",
    "language": "en",
}


@pytest.fixture
def kmc(shelf) -> int:
    return shelf(
        title="Wrapped at once",
        tags=(Tag(notation=KMC, status=TagStatus.CONFIRMED),),
        change_ideas=(ChangeIdea(text="Hang it up", interventions=("safety-checklists",)),),
    )


@pytest.fixture
def change(desk):
    """Look at a change, as its form asks for it, and make it; return the page that comes next."""

    def make(**fields: str) -> str:
        looked = desk.get(f"{PAGE}/change", params=fields)
        assert looked.status_code == 200, looked.text
        for name, value in fields.items():
            assert f'name="{name}"' in looked.text, value
        done = desk.post(f"{PAGE}/change", data=fields, follow_redirects=False)
        assert done.status_code == 303, done.text
        return desk.get(done.headers["location"]).text

    return make


def test_the_tree_has_every_concept_with_its_records_and_a_way_to_look_for_one(desk, kmc) -> None:
    tree = desk.get(PAGE).text
    assert (
        f'href="{PAGE}/concepts/{KMC}"><span>Kangaroo mother care</span> <span class="n">1<' in tree
    )
    assert "Job aids" not in tree
    assert "Job aids" in desk.get(PAGE, params={"scheme": "interventions"}).text
    found = desk.get(PAGE, params={"q": "canguru"}).text
    assert "1 concept has “canguru” in a label" in found
    assert "Try a shorter word" in desk.get(PAGE, params={"q": "xyzzy"}).text


def test_a_concept_added_is_browsed_searched_and_suggested_at_once(
    desk, client, kmc, change
) -> None:
    assert client.get("/topics/mothers-meeting").status_code == 404
    assert "Mothers’ meeting" not in client.get(f"/topics/{KMC}").text
    said = change(**MEETING)
    assert "Done." in said
    change(
        act="label", concept="mothers-meeting", kind="alt", language="sw", text="mkutano wa mama"
    )
    page = client.get("/topics/mothers-meeting").text
    assert "Mothers’ meeting" in page
    assert "Mothers’ meeting" in client.get(f"/topics/{KMC}").text
    assert "Mothers’ meeting" in client.get("/suggest", params={"q": "mothers’ mee"}).text
    asked = client.get("/search", params={"q": "mkutano wa mama", "lang": "sw"}).text
    assert "Mothers’ meeting" in asked  # what was understood
    with_api = client.get("/api/v1/taxonomy/mothers-meeting").json()
    assert with_api["alt_label"]["sw"] == ["mkutano wa mama"]


def test_what_is_narrower_is_found_under_the_broader_one(desk, client, change, shelf) -> None:
    change(**MEETING)
    tag = Tag(notation="mothers-meeting", status=TagStatus.CONFIRMED)
    shelf(title="Mothers who met", tags=(tag,))
    assert "Mothers who met" in client.get(f"/topics/{KMC}").text
    assert "Mothers who met" in client.get("/search", params={"topic": KMC}).text


def test_a_merge_is_looked_at_made_and_undone(desk, client, kmc, change, engine) -> None:
    looked = desk.get(
        f"{PAGE}/change", params={"act": "merge", "concept": KMC, "into": "skin-to-skin contact"}
    ).text
    assert "Merge “Kangaroo mother care” into “Skin-to-skin contact”?" in looked
    assert "1 record is tagged anew" in looked
    assert "Wrapped at once" in looked
    page = change(act="merge", concept=KMC, into="skin-to-skin contact")
    assert "In its place:" in page
    moved = client.get(f"/topics/{KMC}", follow_redirects=False)
    assert (moved.status_code, moved.headers["location"]) == (301, f"/topics/{SKIN}")
    assert "Wrapped at once" in client.get(f"/topics/{SKIN}").text
    assert "Wrapped at once" in client.get("/search", params={"topic": KMC}).text  # an old link
    assert "Skin-to-skin" in client.get("/search", params={"q": "kangaroo mother care"}).text
    undo = page.split('href="/desk/batches/')[1].split('"')[0]
    asked = desk.get(f"/desk/batches/{undo}").text
    assert "1 record gets back the tags it had." in asked
    assert "0 records go" not in asked
    assert "Merged kangaroo-mother-care into skin-to-skin-contact" in desk.get("/desk/batches").text
    desk.post(f"/desk/batches/{undo}")
    assert client.get(f"/topics/{KMC}", follow_redirects=False).status_code == 200
    with Session(engine) as session:
        said = records.read(records.get(session, kmc))
    assert [tag.notation for tag in said.tags] == [KMC]


def test_what_was_typed_stands_there_again_beside_what_was_wrong(desk) -> None:
    answer = desk.get(
        f"{PAGE}/change",
        params={
            **MEETING,
            "english": "Skin-to-skin contact",
            "text": "Ngozi kwa ngozi",
            "language": "sw",
        },
    )
    assert answer.status_code == 422
    assert "Nothing was changed." in answer.text
    assert "There is a concept “skin-to-skin-contact” already" in answer.text
    assert 'value="Ngozi kwa ngozi"' in answer.text
    unsaid = desk.get(f"{PAGE}/change", params={**MEETING, "text": "Mkutano"})
    assert "not said in which language “Mkutano” is" in unsaid.text


def test_what_somebody_writes_is_never_markup(desk, change) -> None:
    change(**MEETING | {"english": HOSTILE, "notation": "hostile"})
    change(act="label", concept="hostile", kind="alt", language="fr", text=HOSTILE + "2")
    for address in (PAGE, f"{PAGE}/concepts/hostile", f"{PAGE}?q=%3Cscript", "/topics/hostile"):
        text = desk.get(address).text
        assert "<script>alert" not in text, address
        assert "&lt;script&gt;alert" in text, address
    looked = desk.get(f"{PAGE}/change", params={**MEETING, "english": HOSTILE, "text": HOSTILE})
    assert "<script>alert" not in looked.text


def test_a_sheet_goes_out_and_comes_back_and_is_looked_at_before(desk, client) -> None:
    sent = desk.get(f"{PAGE}/export.xlsx")
    assert 'filename="taxonomy.xlsx"' in sent.headers["content-disposition"]
    book = openpyxl.load_workbook(io.BytesIO(sent.content))
    sheet = book["Concepts"]
    sheet.append(["mothers-meeting", "topics", KMC, "Mothers’ meeting"])
    changed = io.BytesIO()
    book.save(changed)
    file = {"file": ("ours.xlsx", changed.getvalue())}
    looked = desk.post(f"{PAGE}/import", files=file)
    assert "Import “ours.xlsx”?" in looked.text
    assert client.get("/topics/mothers-meeting").status_code == 404
    said = looked.text.split('<textarea name="said" hidden>')[1].split("</textarea>")[0]
    said = said.replace("&#34;", '"').replace("&amp;", "&")
    form = {"said": (None, said), "name": (None, "ours.xlsx")}
    done = desk.post(f"{PAGE}/import", files=form, follow_redirects=False)
    assert done.status_code == 303
    assert "Mothers’ meeting" in client.get("/topics/mothers-meeting").text


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (("ours.pdf", b"%PDF"), "no “.pdf” file"),
        (("ours.xlsx", b"no sheet"), "not an Excel workbook"),
        (("ours.ttl", b"@prefix"), "neither Turtle nor N-Triples"),
        (("", b""), "No file was chosen"),
    ],
)
def test_a_file_that_cannot_be_taken_is_explained(desk, file, said) -> None:
    answer = desk.post(f"{PAGE}/import", files={"file": file})
    assert answer.status_code == 422
    assert said in answer.text


def test_a_preview_that_was_tampered_with_changes_nothing(desk) -> None:
    for said in ("[", "[1]", '[["a"]]', '{"a": 1}'):
        answer = desk.post(f"{PAGE}/import", files={"said": (None, said)})
        assert answer.status_code == 422, said


def test_who_curates_one_district_may_look_but_not_change(signed_in, kmc) -> None:
    coach = signed_in(Role.COACH)
    assert coach.get(PAGE).status_code == 403
    local = signed_in(Role.CURATOR, email="local@people.example", country="TZA")
    assert local.get(f"{PAGE}/concepts/{KMC}").status_code == 200
    looked = local.get(f"{PAGE}/change", params={"act": "retire", "concept": KMC})
    assert looked.status_code == 403  # it would name the records that it touches
    assert "drafts too" not in local.get(PAGE).text
    assert local.post(f"{PAGE}/change", data={"act": "retire", "concept": KMC}).status_code == 403
    whole = signed_in(Role.CURATOR, email="whole@people.example")
    form = {"act": "retire", "concept": KMC}
    assert whole.post(f"{PAGE}/change", data=form, follow_redirects=False).status_code == 303
    assert '<span class="soft">Whole ·' in whole.get(PAGE).text  # by name: addresses are for admins


def test_another_process_shows_a_change_at_its_next_answer(library, desk, change) -> None:
    other = TestClient(create_app(Library(library.settings, library.engine, library.files)))
    assert other.get("/topics/mothers-meeting").status_code == 404
    change(**MEETING)
    assert "Mothers’ meeting" in other.get("/topics/mothers-meeting").text


def test_a_list_of_ten_costs_as_many_questions_as_one_of_one(desk, change, queries) -> None:
    counts = []
    for n in range(1, 4):
        change(**MEETING | {"english": f"Meeting of mothers {'abc'[n - 1]}"})
        desk.get(PAGE)
        queries.clear()
        desk.get(PAGE)
        counts.append(len(queries))
    assert len(set(counts)) == 1, counts
