"""What was changed here and at its home: both texts, a choice that is a batch, and its undoing."""

import json
import re

import pytest

from kb import batches, collections, conflicts, records
from kb.editions import Choice, Place
from kb.models import BorrowedCollection, Conflict, Record
from kb.people import operator
from kb.vocabulary import Role
from tests.hostile_bags import BAG, folder, listed
from web import federating
from web.collected import public_collection
from web.filling import quietly
from web.names import Names
from web.pages.collections import bind

EVIL = "<script>alert(1)</script>"
STORY = {
    "title": "Chest first",
    "summary": "An hour on the chest.",
    "places": [{"country": "TZA", "admin2": "Rungwe"}],
    "licence": "CC-BY-4.0",
}
PACKAGE = {
    "kind": "change-package",
    "title": "Warm babies",
    "purpose": "For wards.",
    "language": "en",
    "licence": "CC-BY-4.0",
    "parts": [
        {"part_id": 1, "kind": "words", "heading": "Begin", "text": "With the clock."},
        {"part_id": 2, "kind": "record", "record_id": 7, "text": "The first."},
        {"part_id": 3, "kind": "record", "record_id": 8, "text": f"{EVIL} gone."},
    ],
}
HEAD = {"maktaba": 1, "library": "Mbeya & Co"}


@pytest.fixture
def give(library, tmp_path):
    """Take in what another library says of one record and one collection."""
    count = iter(range(99))

    def give(story: dict, package: dict):
        home = "https://mbeya.example"
        record = HEAD | {"origin": f"{home}/records/7", "record": story}
        origins = {"7": f"{home}/records/7", "8": f"{home}/records/8"}
        told = HEAD | {"origin": f"{home}/collections/3", "edition": 2, "records": origins}
        made = BAG | {
            "data/records.jsonl": f"{json.dumps(record)}\n".encode(),
            "data/collections.jsonl": f"{json.dumps(told | {'collection': package})}\n".encode(),
        }
        stick = folder(listed(made), tmp_path / str(next(count)))
        return federating.borrow(library, federating.offered(library, stick), step=quietly)

    return give


@pytest.fixture
def changed(library, give):
    """Both were changed here, and at home."""
    done = give(STORY, PACKAGE)
    assert [one.became for one in done.brought] == ["added", "added"]
    with library.writing() as session:
        record = session.get(Record, 1)
        mine = records.read(record).model_copy(update={"summary": "Ours: two hours."})
        records.edit(session, 1, mine, version=record.version, by="me")
        collections.describe(session, 1, title="Our wards")
        session.commit()
    give(STORY | {"summary": f"Theirs {EVIL}"}, PACKAGE | {"purpose": f"For {EVIL}"})


def _form(page: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="(\w+)" value="(\d+)"', page))


def test_a_curator_sees_both_texts_chooses_and_undoes(library, changed, signed_in) -> None:
    curator = signed_in(Role.CURATOR, country="TZA")
    assert 'href="/desk/batches/conflicts"' in curator.get("/desk/batches").text
    waiting = curator.get("/desk/batches/conflicts").text
    for address in ("/desk/records/1/home", "/desk/collections/1/home"):
        assert f'href="{address}"' in waiting
        page = curator.get(address).text
        assert EVIL not in page
        assert "Mbeya &amp; Co" in page
        assert "&lt;script&gt;" in page
        assert curator.post(address, data=_form(page)).status_code == 422  # neither was chosen
    abroad = signed_in(Role.CURATOR, email="abroad@people.example", country="KEN")
    assert abroad.get("/desk/records/1/home").status_code == 404
    assert "/desk/records/1/home" not in abroad.get("/desk/batches/conflicts").text

    page = curator.get("/desk/records/1/home").text
    assert "<del>" in page
    assert "<ins>" in page
    old = _form(page) | {"version": "1", "keep": "theirs"}
    assert curator.post("/desk/records/1/home", data=old).status_code == 409
    keep = _form(page) | {"keep": "theirs"}
    done = curator.post("/desk/records/1/home", data=keep, follow_redirects=False)
    assert (done.status_code, done.headers["location"]) == (303, "/desk/batches/conflicts")
    assert "/desk/records/1/home" not in curator.get("/desk/batches/conflicts").text
    assert curator.post("/desk/records/1/home", data=keep).status_code == 409
    assert "Nothing was changed" in curator.get("/desk/records/1/home").text
    assert EVIL not in curator.get("/desk/batches").text
    batch = curator.get("/desk/batches/3").text
    assert "Take theirs" in batch
    history = curator.get("/desk/records/1/history").text
    assert "Conflict with its home decided" in history or "as its home says" in history

    assert "wait for a decision again" in curator.get("/desk/batches/3/undo").text
    curator.post("/desk/batches/3/undo")
    with library.writing() as session:
        assert session.get(Record, 1).summary == "Ours: two hours."
        (open_, _), *_ = conflicts.waiting(session, operator("me")).records
        kept = conflicts.decide(session, open_.id, "ours", by="me")
        assert conflicts.of_record(session, 1) is None
        assert kept.finished
        batches.undo(session, kept.id, by="me")
        session.expire_all()
        assert conflicts.of_record(session, 1).theirs.summary.startswith("Theirs")


def test_the_list_asks_as_little_for_many_as_for_few(
    library, changed, signed_in, queries, story
) -> None:
    curator = signed_in(Role.CURATOR)
    asked = []
    for _ in range(2):
        curator.get("/desk/batches/conflicts")
        queries.clear()
        page = curator.get("/desk/batches/conflicts").text
        asked.append((len(queries), page.count("/home")))
        with library.writing() as session:
            for number in range(5):
                said = story.model_copy(update={"title": f"Another {number}"})
                record = records.create(session, said, by="me", library="Mbeya")
                session.add(Conflict(record_id=record.id, fingerprint="x", said={}))
            session.commit()
    assert [found for _, found in asked] == [2, 7]
    assert asked[0][0] == asked[1][0]


def test_a_package_is_decided_the_same_way_and_shows_where_it_comes_from(
    library, changed, signed_in, give
) -> None:
    curator = signed_in(Role.CURATOR)
    desk = curator.get("/desk/collections/1").text
    assert "These parts are missing" in desk
    assert "https://mbeya.example/records/8" in desk
    assert '<a href="https://mbeya.example/collections/3" rel="noopener">' in desk
    assert 'href="/desk/collections/1/home"' in desk
    assert EVIL not in desk
    page = curator.get("/desk/collections/1/home").text
    curator.post("/desk/collections/1/home", data=_form(page) | {"keep": "ours"})
    with library.reading() as session:
        assert collections.get(session, 1).title == "Our wards"
        assert session.get(BorrowedCollection, 1).newer is None
    again = give(STORY, PACKAGE | {"purpose": f"For {EVIL}"})
    assert again.brought[-1].doubts == ()  # the same is not asked again
    give(STORY, PACKAGE | {"purpose": "For all."})
    page = curator.get("/desk/collections/1/home").text
    done = curator.post("/desk/collections/1/home", data=_form(page) | {"keep": "theirs"})
    assert done.status_code == 200
    with library.writing() as session:
        here = collections.get(session, 1)
        assert (here.title, here.purpose) == ("Warm babies", "For all.")
        assert [part.text for part in here.parts] == ["With the clock.", "The first."]
        last = batches.all_of(session)[0].batch
        assert last.kind == "decision"
        batches.undo(session, last.id, by="me")
        session.expire_all()
        assert collections.get(session, 1).title == "Our wards"
        assert conflicts.of_collection(session, 1).theirs.purpose == "For all."


def test_an_idea_of_a_record_is_shown_to_who_may_read_the_record(
    library, changed, signed_in
) -> None:
    with library.writing() as session:
        chosen = Choice(record_id=1, text="A lamp over the cot", place=Place.LEFT_OUT, why="No.")
        collections.get(session, 1).choices = [chosen.model_dump(mode="json")]
        session.commit()
    here = signed_in(Role.CURATOR, country="TZA").get("/desk/collections/1/home").text
    abroad = signed_in(Role.CURATOR, email="abroad@people.example", country="KEN")
    there = abroad.get("/desk/collections/1/home").text
    assert "A lamp over the cot" in here
    assert "Our wards" in there
    assert "A lamp over the cot" not in there


def test_a_package_goes_out_with_origins_comes_in_elsewhere_and_goes_on_as_its_home_s(
    library, story, tmp_path, terms, settings
) -> None:
    with library.writing() as session:
        for title in ("One", "Two"):
            record = records.create(session, story.model_copy(update={"title": title}), by="me")
            records.publish(session, record.id, by="me")
        made = collections.create(session, "Pack", purpose="Why.", by="me")
        for number in (2, 1):
            collections.add(session, made.id, number, note=f"Note {number}")
        collections.publish(session, made.id, by="me")
        session.commit()
    federating.lend(library, tmp_path / "out")
    (line,) = (tmp_path / "out" / "data" / "collections.jsonl").read_text().splitlines()
    said = json.loads(line)
    assert said["origin"] == "Test shelf#collection-1"
    assert said["records"] == {"1": "Test shelf#1", "2": "Test shelf#2"}
    offer = federating.offered(library, tmp_path / "out")
    assert offer.collections == 1
    back = federating.borrow(library, offer, step=quietly)
    assert back.batch_id is None  # all of it is ours

    other = federating.offered(library, tmp_path / "out", name="Elsewhere")
    with library.writing() as session:  # as if these were another's
        for number in (1, 2):
            row = session.get(Record, number)
            row.library, row.origin = "Elsewhere", f"Elsewhere#{number}"
        session.commit()
    federating.borrow(library, other, step=quietly)
    with library.writing() as session:
        here = collections.get(session, 2)
        assert [(p.record_id, p.text) for p in here.parts] == [(2, "Note 2"), (1, "Note 1")]
        collections.publish(session, 2, by="me")
        session.commit()
    with library.reading() as session:
        names = Names(library.taxonomy, "en")
        book = bind(session, library, names, public_collection(session, 2), "https://here.example")
        assert "From the library of</span> <bdi>Elsewhere</bdi>, edition 1" in book.chapters[0].body
        assert "Elsewhere (" in book.chapters[0].body  # as whose it is cited
        assert book.library == "Test shelf"
        assert book.licence == ""  # ours is not theirs
    federating.lend(library, tmp_path / "on")
    lines = (tmp_path / "on" / "data" / "collections.jsonl").read_text().splitlines()
    (passed,) = [one for one in map(json.loads, lines) if one.get("via")]
    assert (passed["library"], passed["via"]) == ("Elsewhere", "Test shelf")
    assert passed["origin"] == "Elsewhere#collection-1"
    assert set(passed["records"].values()) == {"Elsewhere#1", "Elsewhere#2"}
