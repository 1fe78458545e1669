"""What each run did, and taking it back at the desk."""

from pathlib import Path

import pytest

from kb import batches, processes, records, waiting
from kb.vocabulary import BatchKind, Became

HOSTILE = "<script>alert(1)</script> & “x”"


@pytest.fixture
def batch(library, story) -> int:
    """Two drafts, a file that failed, and one that was known."""
    with library.writing() as session:
        made = batches.begin(session, BatchKind.INGEST, ["/shelf/partners"], by="ingest")
        for position, title in enumerate(("First", "Second", HOSTILE)):
            record = records.create(session, story.model_copy(update={"title": title}), by="ingest")
            batches.note(
                session,
                made.id,
                name=f"/shelf/partners/{position}.docx",
                position=position,
                became=Became.ADDED,
                record=record,
                doubts=(HOSTILE,),
            )
        batches.note(
            session,
            made.id,
            name=f"/shelf/partners/{HOSTILE}.pdf",
            position=3,
            became=Became.FAILED,
            reason=f"{HOSTILE} It is encrypted.",
        )
        batches.finish(session, made.id)
        session.commit()
        return made.id


def test_batches_are_listed_with_what_became_of_their_files(desk, batch) -> None:
    page = desk.get("/desk/batches").text
    assert f'href="/desk/batches/{batch}"' in page
    assert "/shelf/partners" in page
    assert ">3</td>" in page
    assert "Finished" in page


def test_a_batch_is_shown_file_by_file(desk, batch) -> None:
    page = desk.get(f"/desk/batches/{batch}").text
    assert "0.docx" in page
    assert 'href="/desk/records/1"' in page
    assert "It is encrypted." in page


def test_a_batch_of_which_a_worker_has_a_file_was_not_interrupted(desk, library) -> None:
    with library.writing() as session:
        made = batches.begin(session, BatchKind.INGEST, ["/shelf"], by="ingest")
        waiting.put(session, made.id, [Path("/shelf/1.docx")])
        session.commit()
        pages = ("/desk/batches", f"/desk/batches/{made.id}")
        assert all("nterrupted" in desk.get(path).text for path in pages)
        waiting.claim(session, processes.name())
        session.commit()
    for path in pages:
        page = desk.get(path).text
        assert "eing read" in page
        assert "nterrupted" not in page


def test_undoing_is_shown_before_it_is_done(desk, batch, library) -> None:
    edit(library, 2)
    page = desk.get(f"/desk/batches/{batch}/undo").text
    assert "2 records go" in page
    assert "1 stays as it is" in page
    assert "It was edited since." in page
    with library.reading() as session:
        assert records.count(session) == 3


def test_undoing_takes_out_what_nobody_touched_and_names_the_rest(desk, batch, library) -> None:
    edit(library, 2)
    answer = desk.post(f"/desk/batches/{batch}/undo", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/desk/batches/{batch}")
    with library.reading() as session:
        assert records.count(session) == 1
    page = desk.get(f"/desk/batches/{batch}").text
    assert "2 taken out, 0 put back as they were, 1 left alone." in page
    assert "Second</a>: It was edited since." in page
    assert "by curator" in page
    assert "Undo this batch" not in page
    again = desk.post(f"/desk/batches/{batch}/undo")
    assert again.status_code == 409
    assert desk.get(f"/desk/batches/{batch}/undo").status_code == 409


def test_a_batch_that_is_not_there(desk) -> None:
    assert desk.get("/desk/batches/99").status_code == 404
    assert "There is no batch yet" in desk.get("/desk/batches").text


def test_what_people_wrote_is_escaped(desk, batch) -> None:
    for address in (f"/desk/batches/{batch}", f"/desk/batches/{batch}/undo"):
        page = desk.get(address).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page


def edit(library, record_id: int) -> None:
    with library.writing() as session:
        said = records.read(records.get(session, record_id))
        new = said.model_copy(update={"summary": "Edited."})
        records.edit(session, record_id, new, version=1, by="somebody")
        session.commit()
