"""Judged sets in the layout of BEIR: read to be measured, written from what curators confirmed."""

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import judgements, records
from kb.errors import ConflictError, InvalidError, NotFoundError
from kb.markup import to_text
from kb.models import Record
from kb.privacy import public
from search.filters import Scope, in_scope
from search.metrics import Gains
from search.store import texts

LONGEST_VALUE = 40  # characters of what questions are grouped by


class Judged(NamedTuple):
    """A judged set: texts to find, questions, and how well each text answers each question."""

    corpus: list[dict[str, str]]  # _id, title, text
    queries: Mapping[str, str]  # those that have a judgement
    qrels: Mapping[str, Gains]
    told: Mapping[str, Mapping[str, str]] = {}  # of each question: its kind, its language, …

    @property
    def digest(self) -> str:
        """What tells this set from any other, and from itself before a change; 16 hex digits."""
        said = json.dumps([self.corpus, self.queries, self.qrels], sort_keys=True)
        return sha256(said.encode()).hexdigest()[:16]


def read(folder: Path) -> Judged:
    """Return the judged set in `folder`: corpus.jsonl, queries.jsonl and qrels/test.tsv.

    Raises:
        NotFoundError: one of them is missing.
        InvalidError: one of them cannot be read, or nothing is judged.
    """
    try:
        corpus = list(_lines(folder / "corpus.jsonl"))
        lines = {line["_id"]: line for line in _lines(folder / "queries.jsonl")}
        queries = {i: line["text"] for i, line in lines.items()}
        qrels = _qrels(folder / "qrels" / "test.tsv")
    except FileNotFoundError as missing:
        raise NotFoundError(
            f"{missing.filename} is not there.",
            hint="A judged set has corpus.jsonl, queries.jsonl and qrels/test.tsv.",
        ) from missing
    except (KeyError, ValueError) as broken:
        raise InvalidError(
            f"{folder} is not a judged set: {broken}.", hint="Compare it with BEIR's layout."
        ) from broken
    asked = {i: queries[i] for i, gains in qrels.items() if i in queries and any(gains.values())}
    if not asked:
        raise InvalidError(f"No question in {folder} has a relevant text.", hint="See its qrels.")
    return Judged(corpus, asked, qrels, {i: _told(lines[i]) for i in asked})


def write(session: Session, folder: Path) -> int:
    """Write what curators confirmed as a judged set; return how many questions it has.

    Its corpus are all records that readers see, as the search reads them: an answer has to be
    found among the others.

    Raises:
        NotFoundError: nothing is confirmed.
        ConflictError: the folder has a judged set already.
    """
    confirmed = judgements.confirmed(session)
    if not confirmed:
        raise NotFoundError(
            "No judgement is confirmed yet.", hint="Confirm some on /desk/judgements (kb desk)."
        )
    if (folder / "corpus.jsonl").exists():
        raise ConflictError(
            f"{folder} has a judged set already.", hint="Name a new folder, or remove that one."
        )
    worded = {one.folded: one for one in reversed(confirmed)}  # as it was asked first
    names = {question: f"q{number}" for number, question in enumerate(sorted(worded), start=1)}
    (folder / "qrels").mkdir(parents=True, exist_ok=True)
    _write_lines(folder / "corpus.jsonl", _texts_of(session))
    _write_lines(
        folder / "queries.jsonl",
        (
            {"_id": i, "text": worded[q].question, "language": worded[q].language}
            for q, i in names.items()
        ),
    )
    rows = [f"{names[one.folded]}\t{one.record_id}\t{one.grade}" for one in confirmed]
    header = "query-id\tcorpus-id\tscore"
    (folder / "qrels" / "test.tsv").write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return len(names)


def _texts_of(session: Session) -> Iterator[dict[str, str]]:
    query = select(Record).where(in_scope(Scope.PUBLIC)).order_by(Record.id)
    for record in session.scalars(query.options(*records.WITH_PARTS)):
        shown = public(records.read(record))
        bodies = (to_text(said.body) for said in texts(shown))
        yield {
            "_id": str(record.id),
            "title": shown.title,
            "text": "\n\n".join(body for body in bodies if body),
        }


def _write_lines(path: Path, lines: Iterable[Mapping[str, str]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)


def _told(line: Mapping[str, Any]) -> dict[str, str]:
    """Return what a line says of its question beside its text: in a word, not in an essay."""
    return {
        name: value
        for name, value in line.items()
        if name not in {"_id", "text"} and isinstance(value, str) and len(value) <= LONGEST_VALUE
    }


def _lines(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def _qrels(path: Path) -> dict[str, dict[str, float]]:
    found: defaultdict[str, dict[str, float]] = defaultdict(dict)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            found[row["query-id"]][row["corpus-id"]] = float(row["score"])
    return dict(found)
