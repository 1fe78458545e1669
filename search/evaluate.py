"""Measure the search on judged questions, through the same index as the product."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session
from sqlalchemy.schema import CreateTable

from kb import content, markup
from kb.db import Base, connect
from kb.errors import InvalidError
from kb.folding import plain, tokens
from kb.models import Record, Section
from kb.taxonomy import Taxonomy
from kb.vocabulary import SectionRole, Status, StrengthBand, Visibility
from search import fts5, passages, refreshing, store
from search.encoder import Encoder
from search.fusion import Weights
from search.index import Index, LiveIndex
from search.judged import Judged, read
from search.metrics import Gains, ndcg, recall, reciprocal_rank, success
from search.query import WEIGHTS
from search.query import search as ask
from search.refreshing import count_stale, refresh
from search.stopwords import STOP_WORDS
from search.store import ensure_fts
from search.understand import ENGLISH, guess_language

Step: TypeAlias = Callable[[int, int, str], None]  # done, of how many, a line about the last one
Answer: TypeAlias = Callable[[str], tuple[Sequence[str], float]]  # ids, best first; milliseconds

MEASURES = ("ndcg@10", "recall@100", "mrr", "success@5")
DEEP = 100  # answers that are looked at
LOOKED_AT = 600  # characters of a text, for its language
LEAST_STOP_WORDS = 0.1  # share of the words; some sets have them taken out
BATCH = 200  # records indexed between two commits


class Scores(NamedTuple):
    """How well one question was answered, or the means over several."""

    ndcg: float  # of the first 10, in [0, 1]
    recall: float  # of the first 100, in [0, 1]
    mrr: float
    success: float  # whether, or how often, a relevant answer is among the first 5

    def as_dict(self) -> dict[str, float]:
        """Return the measures under the names the field uses."""
        return dict(zip(MEASURES, self, strict=True))


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How well and how fast judged questions were answered; means over the questions."""

    ndcg: float
    recall: float
    mrr: float
    success: float
    p50_ms: float
    p95_ms: float
    docs: int
    queries: int
    digest: str  # of the judged set
    scores: Mapping[str, Scores] = field(repr=False)  # of each question
    told: Mapping[str, Mapping[str, str]] = field(repr=False)  # what each question is grouped by

    def as_dict(self) -> dict[str, float]:
        """Return the measures under the names the field uses."""
        means = Scores(self.ndcg, self.recall, self.mrr, self.success).as_dict()
        times = {"p50_ms": self.p50_ms, "p95_ms": self.p95_ms}
        return means | times | {"docs": self.docs, "queries": self.queries}

    @property
    def fields(self) -> tuple[str, ...]:
        """What the questions can be grouped by: each field that tells them apart."""
        names = dict.fromkeys(name for said in self.told.values() for name in said)
        return tuple(name for name in names if 1 < len(self._values(name)) < self.queries)

    def by(self, name: str) -> dict[str, tuple[int, Scores]]:
        """Return for each value of a field how many questions have it, and their means.

        Raises:
            InvalidError: the questions of this set do not say it.
        """
        values = self._values(name)
        if not values:
            raise InvalidError(
                f"The questions of this set say nothing of “{name}”.",
                hint=f"They can be grouped by: {', '.join(self.fields) or 'nothing'}.",
            )
        return {value: (len(of), mean(self.scores[i] for i in of)) for value, of in values.items()}

    def _values(self, name: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for i, said in self.told.items():
            if said.get(name):
                found.setdefault(said[name], []).append(i)
        return found


def evaluate(
    folder: Path,
    encoder: Encoder | None,
    *,
    taxonomy: Taxonomy | None = None,
    weights: Weights = WEIGHTS,
    cache: Path | None = None,
    database: str = "",
    step: Step | None = None,
) -> Evaluation:
    """Return how well the questions of `folder`, in BEIR's layout, are answered.

    Each text becomes a published record with one section. The library made of them is kept
    in the folder `cache`, if one is given, and used again as long as texts and weights are
    the same; where only the code that cuts and stores passages has changed, its vectors are. Or it
    is made in the empty `database` of that URL, and left there.

    Raises:
        NotFoundError: a file of the set is missing.
        InvalidError: a file is not what BEIR's layout asks for.
    """
    judged = read(folder)
    with library_of(
        judged, encoder, taxonomy=taxonomy, cache=cache, database=database, step=step
    ) as opened:
        session, index = opened
        rows = session.execute(select(Record.id, Record.source_citation))
        names = {row.id: row.source_citation for row in rows}

        def answer(question: str) -> tuple[Sequence[str], float]:
            # What is folded behind its like is judged like any other answer.
            found = ask(session, index, question, limit=DEEP, weights=weights, diverse=False)
            return [names[hit.record_id] for hit in found.hits], found.ms["total"]

        return judge(judged, answer)


@contextmanager
def library_of(
    judged: Judged,
    encoder: Encoder | None,
    *,
    taxonomy: Taxonomy | None = None,
    cache: Path | None = None,
    database: str = "",
    step: Step | None = None,
) -> Iterator[tuple[Session, Index]]:
    """Yield a library made of the texts of a judged set, ready to be asked."""
    with _library(judged, encoder, cache) as path:
        engine = connect(database or f"sqlite:///{path}")
        with Session(engine) as session:
            _fill(session, judged, encoder, step)
            yield session, LiveIndex(encoder, taxonomy).current(session)
        engine.dispose()


def judge(judged: Judged, answer: Answer) -> Evaluation:
    """Return the measures of `answer` over the questions that have a relevant text."""
    answer(next(iter(judged.queries.values())))  # the first loads what the others find loaded
    answers = {i: answer(question) for i, question in judged.queries.items()}
    times = [ms for _, ms in answers.values()]
    scores = {i: score(ranking, judged.qrels[i]) for i, (ranking, _) in answers.items()}
    return Evaluation(
        *mean(scores.values()),
        p50_ms=float(np.percentile(times, 50)),
        p95_ms=float(np.percentile(times, 95)),
        docs=len(judged.corpus),
        queries=len(judged.queries),
        digest=judged.digest,
        scores=scores,
        told=judged.told,
    )


def score(ranking: Sequence[str], gains: Gains) -> Scores:
    """Return the measures of the answer to one question."""
    measures = (ndcg, recall, reciprocal_rank, success)
    return Scores(*(measure(ranking, gains) for measure in measures))


def mean(scores: Iterable[Scores]) -> Scores:
    """Return the mean of each measure."""
    return Scores(*(fmean(column) for column in zip(*scores, strict=True)))


@contextmanager
def _library(judged: Judged, encoder: Encoder | None, cache: Path | None) -> Iterator[Path]:
    """Yield the path of the library, new or as it was left."""
    if cache is None:
        with TemporaryDirectory() as folder:
            yield Path(folder, "kb.sqlite")
        return
    cache.mkdir(parents=True, exist_ok=True)
    tables = (str(CreateTable(table)) for table in _TABLES)
    made_of = [json.dumps(judged.corpus), encoder.digest if encoder else "", *tables]
    yield cache / f"{sha256(chr(0).join(made_of).encode()).hexdigest()[:16]}.sqlite"


_TABLES = tuple(Base.metadata.tables[name] for name in ("record", "section", "passage"))


def _fill(session: Session, judged: Judged, encoder: Encoder | None, step: Step | None) -> None:
    Base.metadata.create_all(session.connection())
    if session.get_bind().dialect.name == "sqlite":
        _forget_passages_of_other_code(session)
    ensure_fts(session.connection())
    if session.scalar(select(Record.id).limit(1)) is None:
        session.execute(insert(Record), [_record(i, said) for i, said in _numbered(judged)])
        session.execute(insert(Section), [_section(i, said) for i, said in _numbered(judged)])
    # Each time: a kept library may be older than this, and its vectors take long to make.
    tongues = [{"i": i, "l": _language(said["text"])} for i, said in _numbered(judged)]
    session.execute(text("update record set language = :l where id = :i"), tongues)
    session.commit()
    left = count_stale(session, encoder)
    while done := refresh(session, encoder, limit=BATCH):
        session.commit()
        left -= done
        if step:
            step(len(judged.corpus) - left, len(judged.corpus), "")


def _forget_passages_of_other_code(session: Session) -> None:
    """Have passages made again by this code where other code made them, of the same vectors.

    Without full-text tables `ensure_fts` makes them again, and every passage with them.
    """
    modules = (markup, passages, refreshing, store)
    sources = (Path(str(module.__file__)).read_bytes() for module in modules)
    mark = int.from_bytes(sha256(b"".join(sources)).digest()[:3])
    if session.scalar(text("pragma user_version")) != mark:
        for table in fts5.TABLES:
            session.execute(text(f"drop table if exists {table}"))
        session.execute(text(f"pragma user_version = {mark}"))


def _numbered(judged: Judged) -> Iterator[tuple[int, dict[str, str]]]:
    return enumerate(judged.corpus, start=1)


def _record(number: int, said: Mapping[str, str]) -> dict[str, Any]:
    blank = content.Record(title="untitled").model_dump()
    return {name: value for name, value in blank.items() if name in Record.__table__.columns} | {
        "id": number,
        "version": 1,
        "source_citation": said["_id"],
        "title": said.get("title") or "–",  # some sets have none
        "language": _language(said["text"]),
        "status": Status.PUBLISHED,
        "visibility": Visibility.PUBLIC,
        "strength_band": StrengthBand.NOT_ASSESSED,
        "completeness": 0,
    }


def _language(said: str) -> str:
    """Return the language of a text by its stop words; English for one without them."""
    words = [token.surface.casefold() for token in tokens(said[:LOOKED_AT])]
    language = guess_language(words) or ENGLISH
    n_stop_words = sum(plain(word) in STOP_WORDS[language] for word in words)
    return language if n_stop_words > LEAST_STOP_WORDS * len(words) else ENGLISH


def _section(number: int, said: Mapping[str, str]) -> dict[str, Any]:
    return {
        "record_id": number,
        "position": 0,
        "role": SectionRole.OTHER,
        "heading": "",
        "body": said["text"],
    }
