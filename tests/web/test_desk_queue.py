"""The queue: what waits, how much of it, in which order."""

import re

import pytest
from fastapi.testclient import TestClient

from kb import likenesses, queue, records
from kb.content import Place, Tag
from kb.models import Likeness
from kb.queue import Asked
from kb.vocabulary import Awaits, LikenessKind, LikenessState, Role, TagStatus
from web.app import create_app
from web.who import COOKIE, COOKIE_HTTPS

HOSTILE = "<script>alert(1)</script> & “x”"
NAMED = "Mrs Amina Juma came on Monday. Her number is 0712 345 678."


@pytest.fixture
def alike(library):
    """Say that two records look alike; return the pair."""

    def pair(newer: int, older: int, state: LikenessState = LikenessState.OPEN) -> int:
        with library.writing() as session:
            likeness = Likeness(
                record_id=newer,
                other_id=older,
                kind=LikenessKind.NEAR_TEXT,
                score=0.9,
                state=state,
                decided_by="",
            )
            session.add(likeness)
            session.commit()
            return likeness.id

    return pair


def test_the_queue_has_what_no_reader_sees_the_oldest_first(desk, make_record) -> None:
    make_record(title="Seen by readers")
    make_record(title="Came first", publish=False)
    make_record(title="Came later", publish=False)
    page = desk.get("/desk").text
    assert "Seen by readers" not in page
    assert page.index("Came first") < page.index("Came later")


def test_over_https_what_was_looked_at_is_remembered_for_https_alone(library, account) -> None:
    at_desk = account(Role.CURATOR)
    for home, is_secure in (("https://library.example", True), ("http://clinic.example", False)):
        client = TestClient(
            create_app(library),
            base_url=home,
            cookies={COOKIE_HTTPS if is_secure else COOKIE: at_desk},
        )
        kept = client.get("/desk?awaits=tags").headers["set-cookie"]
        assert kept.startswith("queue=")
        assert ("Secure" in kept) == is_secure
        assert "HttpOnly" in kept


def test_an_entry_says_how_much_of_what_is_open(desk, make_record, alike) -> None:
    one = make_record(publish=False, summary=NAMED, doubts=("Which year?", "Which place?"))
    two = make_record(publish=False)
    alike(two, one)
    page = desk.get("/desk").text
    assert "<b>2</b> may name people" in page
    assert page.count("<b>1</b> looks alike") == 2
    assert "<b>2</b> doubts" in page
    assert "<b>1</b> tag to judge" in page
    assert "not told" in page


@pytest.mark.parametrize("awaits", list(Awaits))
def test_totals_are_the_lengths_of_the_lists(library, make_record, alike, awaits) -> None:
    decided = (Tag(notation="breastfeeding", status=TagStatus.CONFIRMED),)
    named = make_record(publish=False, summary=NAMED, doubts=("Which year?",))
    twin, other = make_record(publish=False), make_record(publish=False, tags=decided)
    make_record(publish=False, tags=decided)
    make_record()
    alike(twin, named)
    alike(other, named, LikenessState.DIFFERENT)
    expected = {
        Awaits.ANYTHING: 4,
        Awaits.PRIVACY: 1,
        Awaits.LIKENESS: 2,
        Awaits.TAGS: 2,
        Awaits.DOUBTS: 1,
        Awaits.NOTHING: 2,
    }
    with library.reading() as session:
        assert queue.totals(session) == expected
        ranked = queue.ranking(session, Asked(awaits))
        assert len(queue.entries(session, ranked)) == expected[awaits]


def test_a_pair_with_a_retired_record_waits_for_nobody(library, make_record, alike) -> None:
    one, two = make_record(publish=False), make_record(publish=False)
    pair = alike(two, one)
    with library.writing() as session:
        assert likenesses.open_counts(session, [one, two]) == {one: 1, two: 1}
        likenesses.decide(session, pair, LikenessState.SAME, by="test")
        likenesses.decide(session, pair, LikenessState.OPEN, by="test")
        records.retire(session, two, by="test", reason="another one says it")
        session.flush()
        assert likenesses.open_counts(session, [one, two]) == {one: 0, two: 0}
        assert queue.totals(session)[Awaits.LIKENESS] == 0


def test_a_curator_of_one_country_meets_no_number_of_another(signed_in, make_record) -> None:
    mine = make_record(publish=False, summary=NAMED, places=(Place(country="TZA"),))
    make_record(publish=False, summary=NAMED, places=(Place(country="UGA"),), doubts=("Which?",))
    page = signed_in(Role.CURATOR, country="TZA").get("/desk").text
    assert f'href="/desk/records/{mine}"' in page
    tallies = re.findall(r"<b>(\d+)</b> <span>([^<]+)", page)
    assert {what: number for number, what in tallies} == {
        "All that wait": "1",
        "May name people": "1",
        "Look like another": "0",
        "Tags to judge": "1",
        "Doubts": "0",
        "Nothing left to decide": "0",
    }
    assert "2 findings" in page


def test_a_pair_waits_for_whoever_may_decide_it_and_counts_for_nobody_else(
    signed_in, desk, make_record, alike
) -> None:
    mine = make_record(publish=False, places=(Place(country="TZA"),))
    other = make_record(publish=False, places=(Place(country="UGA"),))
    pair = alike(other, mine)
    curator = signed_in(Role.CURATOR, country="TZA")
    page = curator.get("/desk").text
    assert re.findall(r"<b>(\d+)</b> <span>Look like another", page) == ["0"]
    assert "looks alike" not in page
    assert f"/desk/alike/{pair}" not in curator.get("/desk/alike").text
    assert f'href="/desk/records/{mine}"' not in curator.get("/desk?awaits=likeness").text
    page = desk.get("/desk").text
    assert re.findall(r"<b>(\d+)</b> <span>Look like another", page) == ["2"]
    assert page.count("looks alike") == 2


def test_after_the_last_record_comes_the_first_one(library, make_record) -> None:
    one, two = (make_record(publish=False, summary=NAMED) for _ in range(2))
    plain = make_record(publish=False)
    with library.reading() as session:
        assert queue.next_of(session, Asked(Awaits.PRIVACY), after=one) == two
        assert queue.next_of(session, Asked(Awaits.PRIVACY), after=two) == one
        assert queue.next_of(session, Asked(Awaits.PRIVACY), after=plain) == one
        assert queue.next_of(session, Asked(Awaits.DOUBTS), after=one) is None


def test_the_next_record_is_of_the_queue_that_one_came_from(desk, make_record) -> None:
    def following(address: str) -> str:
        return desk.get(address, follow_redirects=False).headers["location"]

    doubtful, _, other = (make_record(publish=False, doubts=d) for d in (("?",), (), ("?",)))
    desk.get("/desk?awaits=doubts&order=age")
    desk.get(f"/desk/records/{doubtful}/privacy")  # and whatever else is done on the way
    assert following(f"/desk/next?after={doubtful}") == f"/desk/records/{other}"
    desk.get("/desk", headers={"HX-Request": "true"})
    assert following(f"/desk/next?order=age&after={doubtful}") == f"/desk/records/{doubtful + 1}"
    desk.get("/desk?awaits=likeness&language=fr")
    assert following(f"/desk/next?after={doubtful}") == "/desk?awaits=likeness&language=fr"
    for broken in ("awaits=money", "page=2", '"', "language=<b>"):
        desk.cookies.clear()
        desk.cookies.set("queue", broken, path="/desk")
        assert following(f"/desk/next?after={other}").startswith("/desk/records/")


def test_the_part_stands_in_the_page(desk, make_record) -> None:
    make_record(publish=False)
    whole = desk.get("/desk?awaits=tags")
    part = desk.get("/desk?awaits=tags", headers={"HX-Request": "true"})
    assert part.text in whole.text
    assert "<html" not in part.text
    assert "HX-Request" in whole.headers["vary"]


def test_pages_follow_each_other(desk, make_record, monkeypatch) -> None:
    monkeypatch.setattr("web.pages.desk.queue.PER_PAGE", 2)
    for number in range(3):
        make_record(title=f"Story number {number}", publish=False)
    first, second = desk.get("/desk").text, desk.get("/desk?page=2").text
    assert "Page 1 of 2" in first
    assert "Story number 2" not in first
    assert "Story number 2" in second
    assert "the queue has become shorter" in desk.get("/desk?page=9").text
    assert desk.get("/desk?page=0").status_code == 422
    assert desk.get("/desk?awaits=money").status_code == 422


def test_each_record_can_be_ticked_to_change_several_at_once(desk, make_record) -> None:
    ids = [make_record(title=HOSTILE, publish=False) for _ in range(2)]
    part = desk.get("/desk", headers={"HX-Request": "true"}).text
    boxes = re.findall(r'name="ids" value="(\d+)" form="choose" aria-keyshortcuts="x"', part)
    assert sorted(map(int, boxes)) == ids
    assert '<form class="chosen" id="choose" action="/desk/bulk"' in part
    chosen = desk.get("/desk/bulk", params={"ids": ids}).text
    assert all(f'value="{one}" checked' in chosen for one in ids)
    assert "<script>alert" not in part
    assert 'id="choose"' not in desk.get("/desk?awaits=doubts").text


def test_what_people_wrote_is_escaped(desk, make_record) -> None:
    make_record(title=HOSTILE, publish=False, doubts=(HOSTILE,))
    page = desk.get("/desk").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_queries_of_the_desk_do_not_grow_with_its_rows(
    desk, make_record, queries, alike, library
) -> None:
    def count(address: str) -> int:
        desk.get(address)
        queries.clear()
        assert desk.get(address).status_code == 200
        return len(queries)

    def fill(number: int) -> None:
        for _ in range(number):
            alike(make_record(publish=False, summary=NAMED), first)

    addresses = ("/desk", "/desk?awaits=privacy", "/desk/alike", "/desk/batches")
    first = make_record(publish=False)
    fill(5)
    few = [count(address) for address in addresses]
    fill(20)
    assert [count(address) for address in addresses] == few
    assert len(re.findall("data-one", desk.get("/desk").text)) == 25


def test_open_findings_are_counted_over_the_queue_only(library, make_record) -> None:
    make_record(publish=False, summary=NAMED)
    with library.reading() as session:
        assert queue.open_findings(session) == 2
