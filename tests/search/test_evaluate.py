import json

import pytest
from sqlalchemy import text

from kb.db import connect
from kb.errors import InvalidError, NotFoundError
from search.evaluate import evaluate
from search.judged import read

CORPUS = [
    ("d1", "Scale", "The scale waits in the postnatal room."),
    ("d2", "", "Oxytocin is kept in a fridge."),
    ("d3", "Diesel", "The generator runs at night."),
]
QUERIES = [("q1", "where is the scale"), ("q2", "cold oxytocin"), ("q3", "nobody judged this")]
QRELS = [("q1", "d1", 2), ("q1", "d3", 0), ("q2", "d2", 1)]


@pytest.fixture
def folder(tmp_path):
    def write(corpus=CORPUS, queries=QUERIES, qrels=QRELS):
        folder = tmp_path / "judged"
        (folder / "qrels").mkdir(parents=True)
        lines = [json.dumps({"_id": i, "title": title, "text": text}) for i, title, text in corpus]
        (folder / "corpus.jsonl").write_text("\n".join(lines))
        lines = [json.dumps({"_id": i, "text": text}) for i, text in queries]
        (folder / "queries.jsonl").write_text("\n".join(lines))
        rows = ["query-id\tcorpus-id\tscore", *("\t".join(map(str, row)) for row in qrels)]
        (folder / "qrels" / "test.tsv").write_text("\n".join(rows))
        return folder

    return write


def test_a_set_that_is_answered_perfectly_scores_one(folder, bag) -> None:
    found = evaluate(folder(), bag).as_dict()
    assert {found[name] for name in ("ndcg@10", "recall@100", "mrr", "success@5")} == {1.0}
    assert (found["docs"], found["queries"]) == (3, 2)
    assert 0 < found["p50_ms"] <= found["p95_ms"]


def test_a_wrong_first_answer_costs(folder, bag) -> None:
    qrels = [("q1", "d3", 1), ("q1", "d1", 1), ("q2", "d3", 1)]
    assert evaluate(folder(qrels=qrels), bag).ndcg < 1


def test_words_alone_can_be_measured(folder) -> None:
    assert evaluate(folder(), None).success == 1


def test_progress_is_told(folder, bag) -> None:
    seen = []
    evaluate(folder(), bag, step=lambda *told: seen.append(told))
    assert seen == [(3, 3, "")]


def test_a_kept_library_is_not_encoded_again(folder, bag, tmp_path) -> None:
    judged, cache = folder(), tmp_path / "cache"
    first = evaluate(judged, bag, cache=cache)
    bag.encoded.clear()
    second = evaluate(judged, bag, cache=cache)
    assert (first.ndcg, first.docs) == (second.ndcg, second.docs)
    assert not any("postnatal" in said for said in bag.encoded)
    assert len(list(cache.glob("*.sqlite"))) == 1


def test_other_code_makes_the_passages_again_without_encoding_them_again(
    folder, bag, tmp_path
) -> None:
    judged, cache = folder(), tmp_path / "cache"
    first = evaluate(judged, bag, cache=cache)
    bag.encoded.clear()
    (kept,) = cache.glob("*.sqlite")
    with connect(f"sqlite:///{kept}").begin() as connection:  # as if other code had made it
        connection.execute(text("pragma user_version = 1"))
        connection.execute(text("update passage set text = 'x'"))
        connection.execute(text("delete from passage_fts"))
    second = evaluate(judged, bag, cache=cache)
    assert (first.ndcg, first.recall) == (second.ndcg, second.recall)
    assert not any("postnatal" in said for said in bag.encoded)
    with connect(f"sqlite:///{kept}").begin() as connection:
        assert "x" not in connection.execute(text("select text from passage")).scalars().all()
        assert connection.scalar(text("select count(*) from passage_fts")) == 3


def test_questions_are_grouped_by_what_their_lines_say(folder, bag) -> None:
    judged = folder(qrels=[("q1", "d1", 1), ("q2", "d3", 1), ("q3", "d3", 1)])
    lines = [
        {"_id": "q1", "text": "where is the scale", "language": "en", "kind": "short"},
        {"_id": "q2", "text": "cold oxytocin", "language": "en", "kind": "lay"},
        {"_id": "q3", "text": "diesel", "language": "en", "kind": "short", "why": "x" * 80},
    ]
    (judged / "queries.jsonl").write_text("\n".join(map(json.dumps, lines)))
    found = evaluate(judged, bag)
    assert found.fields == ("kind",)  # all are English: that tells no two apart
    (number, short), (_, lay) = found.by("kind")["short"], found.by("kind")["lay"]
    assert (number, short.ndcg) == (2, 1.0)
    assert lay.ndcg < 1
    assert found.by("language")["en"][1].ndcg == pytest.approx(found.ndcg)
    with pytest.raises(InvalidError, match="nothing of “place”") as refused:
        found.by("place")
    assert refused.value.hint == "They can be grouped by: kind."


def test_a_missing_file_is_named(folder, bag) -> None:
    judged = folder()
    (judged / "queries.jsonl").unlink()
    with pytest.raises(NotFoundError, match=r"queries\.jsonl"):
        evaluate(judged, bag)


@pytest.mark.parametrize(
    ("file", "content"), [("corpus.jsonl", "{"), ("qrels/test.tsv", "query-id\tscore\nq1\t1")]
)
def test_a_broken_file_is_refused(folder, file, content) -> None:
    judged = folder()
    (judged / file).write_text(content)
    with pytest.raises(InvalidError, match="not a judged set"):
        read(judged)


def test_a_set_without_a_relevant_text_is_refused(folder) -> None:
    with pytest.raises(InvalidError, match="relevant"):
        read(folder(qrels=[("q1", "d1", 0)]))
