"""Two records side by side, and what the curator says of them."""

import pytest

from kb import likenesses, records
from kb.content import Section
from kb.models import Likeness
from kb.vocabulary import LikenessKind, LikenessState, Status

HOSTILE = "<script>alert(1)</script> & “x”"


@pytest.fixture
def pair(library, make_record) -> int:
    old = make_record(publish=False, sections=(Section(body="Weigh it later.\n\nGone now."),))
    new = make_record(publish=False, sections=(Section(body="Weigh it much later."),))
    with library.writing() as session:
        likeness = Likeness(
            record_id=new,
            other_id=old,
            kind=LikenessKind.EARLIER_VERSION,
            score=0.91,
            earlier_id=old,
            state=LikenessState.OPEN,
            decided_by="",
        )
        session.add(likeness)
        session.commit()
        return likeness.id


def test_both_stand_side_by_side_with_what_differs_marked(desk, pair) -> None:
    page = desk.get(f"/desk/alike/{pair}").text
    assert "Weigh it <mark>much </mark>later." in page
    assert "<mark>Gone now.</mark>" in page
    assert page.index("Earlier version</p>") < page.index("Later version</p>")
    assert "takes record 1 out of the queue; record 2 stands for both" in page
    assert "91% of the text in common" in page


def test_the_pairs_that_wait_are_listed(desk, pair) -> None:
    page = desk.get("/desk/alike").text
    assert f'href="/desk/alike/{pair}"' in page
    assert "1 pair waits" in page


def test_the_same_story_leaves_the_queue_once_and_comes_back(desk, pair, library) -> None:
    def status() -> Status:
        with library.reading() as session:
            return records.get(session, 1).status

    answer = desk.post(f"/desk/alike/{pair}", data={"state": "same"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/alike")
    assert status() is Status.RETIRED
    assert "No pair waits." in desk.get("/desk/alike").text
    assert "curator" in desk.get(f"/desk/alike/{pair}").text
    desk.post(f"/desk/alike/{pair}", data={"state": "open"})
    assert status() is Status.DRAFT


def test_different_stories_both_stay(desk, pair, library) -> None:
    desk.post(f"/desk/alike/{pair}", data={"state": "different"})
    with library.reading() as session:
        assert likenesses.get(session, pair).state is LikenessState.DIFFERENT
        assert likenesses.get(session, pair).decided_by == "curator"
        assert records.get(session, 1).status is Status.DRAFT


def test_a_pair_that_is_not_there_and_a_word_that_is_none(desk, pair) -> None:
    assert desk.get("/desk/alike/99").status_code == 404
    assert desk.post(f"/desk/alike/{pair}", data={"state": "maybe"}).status_code == 422


def test_the_record_leads_to_its_pair(desk, pair) -> None:
    assert (
        f'href="/desk/alike/{pair}">Earlier version: record 2' in desk.get("/desk/records/1").text
    )


def test_what_people_wrote_is_escaped(desk, pair, library) -> None:
    with library.writing() as session:
        said = records.read(records.get(session, 1))
        new = said.model_copy(update={"title": HOSTILE, "sections": (Section(body=HOSTILE),)})
        records.edit(session, 1, new, version=1, by="test")
        session.commit()
    for address in (f"/desk/alike/{pair}", "/desk/alike"):
        page = desk.get(address).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page.replace("</mark>", "").replace("<mark>", "")
