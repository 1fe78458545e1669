"""Collections of another library: their order and words come, and nothing of ours is lost."""

import json

import pytest

from kb import batches, borrowed_collections, collections, exchange, parts, records
from kb.borrowing import Here
from kb.models import BorrowedCollection, Collection
from kb.vocabulary import BatchKind, Became, Clearance, PartKind, Status

HERE = Here("Zanzibar", "https://here.example")
HOME = "https://far.example/collections/4"


def _package(**changes) -> dict:
    """Return a change package of another library: words, two records of theirs, one of ours."""
    said = {
        "kind": "change-package",
        "title": "Warm babies",
        "purpose": "For *wards*.",
        "language": "sw",
        "licence": "CC-BY-4.0",
        "thanks": "To all.",
        "parts": [
            {"part_id": 9, "kind": "words", "heading": "First", "text": "Read <b>this</b>."},
            {"part_id": 3, "kind": "record", "record_id": 72, "text": "The second, first."},
            {"part_id": 8, "kind": "tried"},
            {"part_id": 1, "kind": "record", "record_id": 71},
            {"part_id": 2, "kind": "record", "record_id": 73, "text": "It did not come."},
            {"part_id": 5, "kind": "record", "record_id": 74},
        ],
        "choices": [
            {"record_id": 72, "text": "Weigh later", "place": "left-out", "why": "Too early."},
            {"record_id": 73, "text": "Gone", "place": "left-out", "why": "x"},
        ],
    }
    return said | changes


def _line(said: dict | None = None, **head) -> str:
    told = {"maktaba": 1, "library": "Mbeya", "origin": HOME, "edition": 2} | head
    origins = {str(n): f"https://far.example/records/{n}" for n in (71, 72, 73)}
    told["records"] = origins | {"74": "https://here.example/records/1"}
    return json.dumps(told | ({"collection": said} if said else {}))


@pytest.fixture
def library(session, story):
    """Our own record 1, and their records 71 and 72 as 2 and 3."""
    records.create(session, story, by="me")
    for number in (71, 72):
        origin = f"https://far.example/records/{number}"
        told = {"title": f"Theirs {number}", "origin": origin}
        records.create(session, story.model_copy(update=told), by="import", library="Mbeya")
    session.flush()


@pytest.fixture
def bring(session, library):
    def bring(line: str, *, name: str = "", batch: int = 0) -> borrowed_collections.Taken:
        (one,) = borrowed_collections.incoming([line])
        one = borrowed_collections.from_library(one, name)
        done = borrowed_collections.bring(
            session, one, here=HERE, find=lambda _origin: None, batch_id=batch, by="import"
        )
        session.flush()
        session.expire_all()
        return done

    return bring


def _parts(session) -> list[tuple]:
    found = collections.get(session, 1).parts
    return [(part.kind.value, part.record_id, part.heading, part.text) for part in found]


def test_a_package_comes_with_its_order_and_words_and_again_without_doubling(
    session, bring, story
) -> None:
    first = bring(_line(_package()))
    assert first.became is Became.ADDED
    assert "The records of its parts 5 did not come." in first.doubts
    here = collections.get(session, 1)
    assert (here.title, here.language, here.licence) == ("Warm babies", "sw", "CC-BY-4.0")
    assert (here.status, here.purpose, here.thanks) == (Status.DRAFT, "For *wards*.", "To all.")
    order = [
        ("words", None, "First", "Read <b>this</b>."),
        ("record", 3, "", "The second, first."),
        ("tried", None, "", ""),
        ("record", 2, "", ""),
        ("record", 1, "", ""),
    ]
    assert _parts(session) == order
    assert [(one["record_id"], one["why"]) for one in here.choices] == [(3, "Too early.")]
    row = session.get(BorrowedCollection, 1)
    assert (row.library, row.origin, row.edition) == ("Mbeya", HOME, 2)
    assert [(one["at"], one["origin"]) for one in row.missing] == [
        (5, "https://far.example/records/73")
    ]
    assert bring(_line(_package())).became is Became.KNOWN

    # The record comes later: its place and its words are there. What was decided here stays.
    part = next(part for part in here.parts if part.record_id == 3)
    parts.clear(session, 1, part.id, Clearance.LINKED)
    ids = {part.id for part in here.parts}
    told = {"title": "Theirs 73", "origin": "https://far.example/records/73"}
    records.create(session, story.model_copy(update=told), by="import", library="Mbeya")
    again = bring(_line(_package(title="Warm babies, 2"), edition=3))
    assert again.became is Became.CHANGED
    assert _parts(session) == [*order[:4], ("record", 4, "", "It did not come."), order[4]]
    here = collections.get(session, 1)
    assert here.title == "Warm babies, 2"
    assert ids < {part.id for part in here.parts}
    assert next(p.clearance for p in here.parts if p.record_id == 3) is Clearance.LINKED
    assert session.get(BorrowedCollection, 1).missing == []
    assert len(collections.listed(session)) == 1


def test_what_was_adapted_here_waits_and_only_its_home_changes_it(session, bring) -> None:
    bring(_line(_package()))
    collections.describe(session, 1, title="Our wards")
    assert bring(_line(_package())).doubts == ()
    newer = bring(_line(_package(title="Theirs, anew"), edition=3))
    assert (newer.became, "decide at the desk" in newer.doubts[0]) == (Became.KNOWN, True)
    assert collections.get(session, 1).title == "Our wards"
    assert session.get(BorrowedCollection, 1).newer["title"] == "Theirs, anew"
    for head in ({"library": "Nobody"}, {"via": "Nobody"}):
        assert "only from there" in bring(_line(_package(title="x"), **head)).doubts[0]
    gone = bring(_line(withdrawn=True))
    assert "a draft here" in gone.doubts[0]

    ours = bring(_line(_package(), origin="https://here.example/collections/1"))
    assert ours.doubts == ("It is a collection of this library.",)
    named = bring(_line(_package(), origin="Mbeya#collection-9"), name="Mbeya Region")
    assert named.became is Became.ADDED
    assert session.get(BorrowedCollection, 2).origin == "Mbeya Region#collection-9"


def test_a_broken_or_hostile_line_says_why(session, bring) -> None:
    many = [{"part_id": 1, "kind": "words"}] * 201
    twice = [{"part_id": n, "kind": "record", "record_id": 72} for n in range(3)]
    odd = [{"part_id": 1, "kind": "record"}, {"part_id": 1, "kind": "words", "record_id": 72}]
    for line, said in (
        ("{", "no JSON"),
        ("[" * 100_000, "no JSON"),
        (_line(), "It is no collection"),
        (_line(_package(title="")), "It is no collection"),
        (_line(_package(title="x" * 121)), "It is no collection"),
        (_line(_package(colour=1)), "It is no collection"),
        (_line(_package(language="no tongue")), "It is no collection"),
        (_line(_package(least_places="many")), "It is no collection"),
        (_line(_package(), edition={}), "It is no collection"),
        (_line(_package(least_places=-1)), "It is no collection"),
        (_line(_package(least_places=10**30)), "It is no collection"),
        (_line(_package(parts=many)), "more parts"),
        (_line(_package(), origin="\ud800"), "no text"),
    ):
        done = bring(line)
        assert (done.became, said in done.reason) == (Became.FAILED, True), (line[:80], done)
    assert bring(_line(_package(parts=twice + odd))).became is Became.ADDED
    assert _parts(session) == [("record", 3, "", ""), ("words", None, "", "")]
    assert exchange.VERSION == 1


def test_undoing_an_import_takes_its_collections_and_their_records_back(
    session, bring, story
) -> None:
    batch = batches.begin(session, BatchKind.IMPORT, ["a stick"], by="import")
    told = {"title": "Theirs 73", "origin": "https://far.example/records/73"}
    new = records.create(session, story.model_copy(update=told), by="import", library="Mbeya")
    batches.note(session, batch.id, name="1", position=0, became=Became.ADDED, record=new)
    bring(_line(_package()), batch=batch.id)
    assert batches.preview(session, batch.id).removed == (new.id,)
    later = batches.begin(session, BatchKind.IMPORT, ["another"], by="import")
    bring(_line(_package(title="Anew")), batch=later.id)
    assert "It stands in a collection." in str(batches.preview(session, batch.id).conflicts[0])
    batches.undo(session, later.id, by="me")
    assert collections.get(session, 1).title == "Warm babies"
    row = session.get(BorrowedCollection, 1)
    assert row.newer["title"] == "Anew"  # it waits
    assert session.get(Collection, 1).parts[0].kind is PartKind.WORDS

    second = batches.begin(session, BatchKind.IMPORT, ["a third"], by="import")
    bring(_line(_package(), origin="https://far.example/collections/5"), batch=second.id)
    batches.undo(session, second.id, by="me")
    session.expire_all()
    assert session.get(Collection, 2) is None
    assert session.get(BorrowedCollection, 2) is None
