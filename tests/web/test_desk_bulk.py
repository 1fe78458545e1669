"""The same change to many records at the desk: chosen, ticked, looked at, done, undone."""

import re
from html import unescape

import pytest

from kb import batches, history, records
from kb.vocabulary import Became, Level, Role, Status

HOSTILE = "<script>alert(1)</script> & “x”"
WHY = "They were written by the district."


@pytest.fixture
def several(library, story) -> list[int]:
    """Three drafts, one with a hostile title, and a published record."""
    ids = []
    with library.writing() as session:
        for title in ("First", "Second", HOSTILE, "Shown"):
            new = story.model_copy(update={"title": title})
            ids.append(records.create(session, new, by="ingest").id)
        records.publish(session, ids[3], by="me")
        session.commit()
    return ids


def hidden(page: str) -> dict[str, str]:
    """Return the hidden fields of the form on a page."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in found}


def preview(desk, ids, **what):
    return desk.get("/desk/bulk/preview", params={"ids": ids, **what})


def test_records_are_chosen_by_what_they_are_and_ticked(desk, several) -> None:
    assert 'name="ids"' not in desk.get("/desk/bulk").text
    page = desk.get("/desk/bulk?status=draft&country=TZA&words=").text
    assert [int(n) for n in re.findall(r'name="ids" value="(\d+)" checked', page)] == several[:3]
    assert "<script>alert" not in page
    assert "No record is like that." in desk.get("/desk/bulk?words=zzz").text
    assert desk.get("/desk/bulk?batch=x&status=nothing&level=").status_code == 200


def test_what_would_change_is_shown_and_nothing_is_done(desk, several, library) -> None:
    page = preview(desk, several, do="level", value="district", why=WHY).text
    assert "4 records would change." in page
    assert WHY in page
    assert "District" in page
    assert "<script>alert" not in page
    with library.reading() as session:
        assert records.get(session, several[0]).level is Level.FACILITY


def test_a_country_is_known_by_its_name_too(desk, several) -> None:
    page = preview(desk, several, do="country", value="uganda", why=WHY).text
    assert "4 records would change." in page
    assert "UGA" in page or "Uganda" in page


def test_it_is_done_as_one_batch_and_undone(desk, several, library) -> None:
    page = preview(desk, several, do="level", value="district", why=WHY).text
    answer = desk.post("/desk/bulk", data=hidden(page), follow_redirects=False)
    assert answer.status_code == 303
    batch = desk.get(answer.headers["location"]).text
    assert "several at once" in batch
    assert WHY in batch
    assert "level=district" in batch
    with library.reading() as session:
        assert {records.get(session, id_).level for id_ in several} == {Level.DISTRICT}
        assert history.events(session, several[0])[-1].detail["why"] == WHY
    desk.post(f"{answer.headers['location']}/undo")
    with library.reading() as session:
        assert {records.get(session, id_).level for id_ in several} == {Level.FACILITY}


def test_what_somebody_changed_in_between_is_left(desk, several, library) -> None:
    page = preview(desk, several[:2], do="level", value="district").text
    with library.writing() as session:
        said = records.read(records.get(session, several[0]))
        new = said.model_copy(update={"summary": "Mine."})
        records.edit(session, several[0], new, version=1, by="anna")
        session.commit()
    answer = desk.post("/desk/bulk", data=hidden(page))
    assert "since you looked" in answer.text
    with library.reading() as session:
        items = batches.get(session, 1).items
        assert [item.became for item in items] == [Became.FAILED, Became.CHANGED]
        assert records.get(session, several[0]).summary == "Mine."


def test_those_that_cannot_are_named_with_the_reason(desk, several) -> None:
    page = preview(desk, several, do="retire", why="One report has them all.").text
    assert "3 records would change." in page
    assert "1 cannot, and stays as it is." in page
    assert "Only what waits can be retired." in page
    assert 'name="versions" value="' in page


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ({"do": ""}, "No change was chosen."),
        ({"do": "level", "value": "moon"}, "cannot be the level"),
        ({"do": "country", "value": "the moon"}, "a country by three letters"),
        ({"do": "add-tag", "value": HOSTILE}, "The taxonomy has no concept"),
        ({"do": "retire"}, "This change needs a reason."),
    ],
)
def test_a_change_that_cannot_be_is_explained_and_what_was_typed_stays(
    desk, several, what, said
) -> None:
    answer = preview(desk, several, why=WHY if what["do"] != "retire" else "", **what)
    assert answer.status_code == 422
    assert said in answer.text
    assert f'value="{several[0]}" checked' in answer.text
    assert "<script>alert" not in answer.text
    if what["do"] != "retire":
        assert WHY in answer.text


def test_nothing_ticked_and_broken_forms_are_answered(desk, several) -> None:
    assert preview(desk, [], do="level", value="district").status_code == 422
    for versions in ("", "x", "1", "1:2:3", "1:x"):
        sent = {"do": "level", "value": "district", "versions": versions}
        assert desk.post("/desk/bulk", data=sent).status_code == 422, versions


def test_a_curator_changes_the_records_of_her_place_only(signed_in, several, library) -> None:
    kenya = signed_in(Role.CURATOR, country="KEN")
    assert 'name="ids"' not in kenya.get("/desk/bulk?status=draft").text
    page = preview(kenya, several, do="level", value="district").text
    assert "0 records would change." in page
    sent = {"do": "level", "value": "district", "versions": f"{several[0]}:1"}
    answer = kenya.post("/desk/bulk", data=sent)
    assert "First" not in answer.text
    with library.reading() as session:
        assert records.get(session, several[0]).level is Level.FACILITY
        assert records.get(session, several[0]).status is Status.DRAFT


def test_many_are_listed_in_as_many_queries_as_few(desk, several, library, story, queries) -> None:
    def asked() -> int:
        queries.clear()
        desk.get("/desk/bulk?country=TZA")
        return len(queries)

    asked()
    few = asked()
    with library.writing() as session:
        for _ in range(12):
            records.create(session, story, by="ingest")
        session.commit()
    assert asked() == few
