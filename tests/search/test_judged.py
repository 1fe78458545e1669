"""What readers missed and curators confirmed becomes a set that can be measured."""

import json
from datetime import date

import pytest

from kb import judgements
from kb.content import Place, Section
from kb.errors import ConflictError, NotFoundError
from kb.models import Record
from kb.vocabulary import JudgementState, SectionRole, Visibility
from search.evaluate import evaluate
from search.judged import read, write


@pytest.fixture
def confirm(session):
    """Confirm that a record answers a question."""

    def make(question: str, record_id: int, grade: int = 3) -> None:
        proposed = judgements.propose(
            session, question, record_id, language="en", today=date(2026, 3, 2)
        )
        judgements.decide(session, proposed.id, JudgementState.CONFIRMED, grade=grade, by="Ada")

    return make


def lines(path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_what_was_confirmed_is_written_and_can_be_measured(
    session, make_record, confirm, tmp_path, bag
) -> None:
    scale = make_record()
    fridge = make_record(
        title="Cold oxytocin", summary="A fridge.", sections=(Section(body="On *solar* power."),)
    )
    confirm("Where does the scale stand", scale)
    confirm("oxytocin in a fridge", fridge, grade=2)
    confirm("where does the scale  STAND", fridge, grade=1)
    assert write(session, tmp_path / "missed") == 2
    judged = read(tmp_path / "missed")
    assert judged.queries == {"q1": "oxytocin in a fridge", "q2": "Where does the scale stand"}
    assert judged.qrels == {"q1": {"2": 2.0}, "q2": {"1": 3.0, "2": 1.0}}
    assert judged.told["q1"] == {"language": "en"}
    assert judged.corpus[1]["title"] == "Cold oxytocin"
    assert "On solar power." in judged.corpus[1]["text"]
    assert evaluate(tmp_path / "missed", bag).success == 1


def test_only_what_readers_see_is_written(session, make_record, confirm, tmp_path) -> None:
    shown = make_record(
        summary="Seen by all.",
        contact="call 0712 345 678",
        places=(Place(country="TZA", facility="Ilulu Health Centre"),),
        sections=(
            Section(body="The scale."),
            Section(role=SectionRole.ACKNOWLEDGEMENT, body="We thank Grace."),
        ),
    )
    make_record(publish=False, summary="A draft.")
    hidden = make_record(summary="Only the team's.")

    session.get(Record, hidden).visibility = Visibility.TEAM
    session.flush()
    confirm("the scale", shown)
    write(session, tmp_path)
    said = (tmp_path / "corpus.jsonl").read_text("utf-8")
    assert [line["_id"] for line in lines(tmp_path / "corpus.jsonl")] == [str(shown)]
    for kept_back in ("A draft", "Only the team", "0712", "Ilulu", "Grace"):
        assert kept_back not in said


def test_nothing_confirmed_is_nothing_to_measure(session, tmp_path) -> None:
    with pytest.raises(NotFoundError, match="No judgement is confirmed"):
        write(session, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_judged_set_that_is_there_is_not_written_over(
    session, make_record, confirm, tmp_path
) -> None:
    confirm("the scale", make_record())
    (tmp_path / "corpus.jsonl").write_text("precious")
    with pytest.raises(ConflictError, match="has a judged set already"):
        write(session, tmp_path)
    assert (tmp_path / "corpus.jsonl").read_text() == "precious"


def test_a_change_of_the_set_changes_its_digest(session, make_record, confirm, tmp_path) -> None:
    confirm("the scale", make_record())
    write(session, tmp_path / "one")
    confirm("weighing", 1)
    write(session, tmp_path / "two")
    assert read(tmp_path / "one").digest == read(tmp_path / "one").digest
    assert read(tmp_path / "one").digest != read(tmp_path / "two").digest
