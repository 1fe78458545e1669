"""The judged questions: their layout, their promises, and a corpus in step with the sources."""

import csv
import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest
import yaml

EXAMPLES = Path(__file__).parents[2] / "examples"
JUDGEMENTS = EXAMPLES / "judgements"
TRUTH = yaml.safe_load((EXAMPLES / "truth.yaml").read_text(encoding="utf-8"))
LANGUAGES = ["en", "fr", "es", "pt", "sw"]
KINDS = [
    "short",
    "long",
    "lay",
    "misspelt",
    "abbreviation",
    "failure",
    "intervention",
    "place",
    "logistics",
    "management",
    "cross-language",
]
SCANNED = "20-scan0047 oxytocin notebook.pdf"


def rows_of(name: str) -> list[dict]:
    return [json.loads(line) for line in (JUDGEMENTS / name).read_text("utf-8").splitlines()]


def grades() -> list[tuple[str, str, int]]:
    with (JUDGEMENTS / "qrels" / "test.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [(row["query-id"], row["corpus-id"], int(row["score"])) for row in rows]


QUESTIONS = {row["_id"]: row for row in rows_of("queries.jsonl")}
CORPUS = {row["_id"]: row for row in rows_of("corpus.jsonl")}
GRADES = grades()
BY_QUESTION = defaultdict(dict)
for question, document, grade in GRADES:
    BY_QUESTION[question][document] = grade


def best(question: str) -> list[str]:
    return [document for document, grade in BY_QUESTION[question].items() if grade == 3]


def told(kinds_or_languages: str) -> list[dict]:
    """Return the questions whose kind or language is the one given."""
    return [
        row for row in QUESTIONS.values() if kinds_or_languages in (row["kind"], row["language"])
    ]


def test_the_first_line_of_the_grades_names_the_columns():
    first = (JUDGEMENTS / "qrels" / "test.tsv").read_text("utf-8").splitlines()[0]
    assert first == "query-id\tcorpus-id\tscore"


def test_every_question_has_a_text_a_language_and_a_kind():
    for row in rows_of("queries.jsonl"):
        assert set(row) == {"_id", "text", "language", "kind"}
        assert row["text"] == row["text"].strip() != ""
        assert row["language"] in LANGUAGES
        assert row["kind"] in KINDS


def test_no_question_is_asked_twice():
    rows = rows_of("queries.jsonl")
    asked = Counter((row["language"], row["text"].casefold()) for row in rows)
    assert [key for key, times in asked.items() if times > 1] == []
    assert len(QUESTIONS) == len(rows)


def test_no_document_is_graded_twice_for_one_question():
    assert len({(question, document) for question, document, _ in GRADES}) == len(GRADES)


def test_grades_are_zero_to_three_and_name_questions_and_documents_that_exist():
    assert {grade for _, _, grade in GRADES} == {0, 1, 2, 3}
    assert {question for question, _, _ in GRADES} == set(QUESTIONS)
    assert {document for _, document, _ in GRADES} <= set(CORPUS)


def test_every_question_has_something_useful_to_find():
    without = [question for question, by in BY_QUESTION.items() if max(by.values()) < 2]
    assert without == []


@pytest.mark.parametrize(
    ("language", "least"), [("en", 50), ("fr", 10), ("es", 10), ("pt", 10), ("sw", 6)]
)
def test_there_are_enough_questions_in_each_of_five_languages(language, least):
    assert len(told(language)) >= least


@pytest.mark.parametrize("kind", KINDS)
def test_there_are_enough_questions_of_each_kind(kind):
    assert len(told(kind)) >= 10


def test_the_best_answers_to_a_cross_language_question_are_in_other_languages():
    for row in told("cross-language"):
        others = {TRUTH[document]["language"] for document in best(row["_id"])}
        assert others, row
        assert row["language"] not in others, row


def test_a_near_duplicate_is_graded_like_the_document_it_repeats():
    pairs = [(file, truth["near_duplicate_of"]) for file, truth in TRUTH.items()]
    for copy, original in [pair for pair in pairs if pair[1]]:
        for question, by in BY_QUESTION.items():
            assert by.get(copy) == by.get(original), question


def test_the_scanned_document_has_no_text_and_no_question_counts_on_it():
    assert CORPUS[SCANNED] == {"_id": SCANNED, "title": "", "text": ""}
    assert [file for file, row in CORPUS.items() if not row["text"]] == [SCANNED]
    assert SCANNED not in {document for _, document, _ in GRADES}


def test_every_other_document_answers_some_question():
    answering = {document for _, document, grade in GRADES if grade == 3}
    assert set(CORPUS) - answering == {SCANNED}


def test_the_corpus_is_the_library_and_what_the_sources_give():
    assert set(CORPUS) == set(TRUTH)
    script = EXAMPLES / "make_judgements.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_corpus_is_plain_text():
    marked = [file for file, row in CORPUS.items() if re.search(r"\*\*|\n#+ |\n\|", row["text"])]
    assert marked == []


def test_the_readme_gives_the_true_counts():
    readme = (JUDGEMENTS / "README.md").read_text(encoding="utf-8")
    counted = Counter((row["kind"], row["language"]) for row in QUESTIONS.values())
    for kind in KINDS:
        cells = [counted[kind, language] for language in LANGUAGES]
        assert f"| {kind} | {' | '.join(map(str, [*cells, sum(cells)]))} |" in readme
    cells = [len(told(language)) for language in LANGUAGES]
    assert f"| all | {' | '.join(map(str, [*cells, sum(cells)]))} |" in readme
    for grade, times in Counter(grade for _, _, grade in GRADES).items():
        assert f"| {grade} | {times} |" in readme
