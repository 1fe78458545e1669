"""What filters, counts and suggestions cost in a large library: python -m benchmarks.facets.

The library is grown in a temporary folder: records with title, summary, tags and places like real
ones, and nothing to search in. Beside each step stands what the same costs in SQL, from the same
run. Milliseconds are of the processor, so that other programs do not count.
"""

import argparse
import random
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from time import process_time
from typing import Any

import numpy as np
from sqlalchemy import extract, func, insert, select
from sqlalchemy.orm import Session

from kb import schema, taxonomy
from kb.db import connect
from kb.models import Concept, Place, Record, Tag
from kb.taxonomy import Taxonomy
from kb.vocabulary import (
    FacilityType,
    Level,
    Naming,
    RecordType,
    SourceKind,
    Status,
    StrengthBand,
    TagSource,
    TagStatus,
    Verdict,
    Visibility,
)
from search.columns import CONCEPTS, NAMES, read, stamps
from search.filters import EVERYTHING, Filters, Scope, condition, tag_counts
from search.index import Index, LiveIndex
from search.store import ensure_fts
from search.suggest import suggest

MANY = 65_000
REPEATS = 7
COUNTRIES = ["TZA", "KEN", "UGA", "RWA", "NPL", "IND", "MOZ", "SEN", "BGD", "PER", "GHA", "ETH"]
LANGUAGES = ["en", "en", "en", "fr", "es", "pt", "sw"]
START = datetime(2019, 1, 1, tzinfo=UTC)
FILLER = "What the team tried, what they counted, and what they would not do again. "
STATEMENT = 2_000  # rows inserted at once


def main() -> None:
    """Grow a library and print what each step costs in it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=MANY)
    n: int = parser.parse_args().records
    terms = taxonomy.load(taxonomy.shipped())
    with tempfile.TemporaryDirectory() as folder:
        engine = connect(f"sqlite:///{folder}/kb.sqlite")
        schema.upgrade(engine)
        with Session(engine) as session:
            ensure_fts(session.connection())
            taxonomy.mirror(session, terms)
            session.commit()
            grow(session, terms, n)
            session.commit()
        print(f"{n:,} records; ms of processor, the quickest of {REPEATS}\n")
        with Session(engine.execution_options(readonly=True)) as session:
            compare(session, LiveIndex(None, terms))
        engine.dispose()


def compare(session: Session, live: LiveIndex) -> None:
    """Print what the columns, the counts and the suggestions cost, and what SQL would."""
    index = live.current(session)
    columns, connection = index.columns, session.connection()
    topic = columns.values[Scope.PUBLIC]["topics"].names[0]
    some = Filters(topics=index.broader(topic)[-1:], countries=("TZA", "KEN"))
    few = np.sort(np.random.default_rng(1).choice(columns.records, 300, replace=False))
    print(f"{'':42}{'ms':>9}{'by SQL':>9}{'times':>8}")
    show("nothing was committed", lambda: live.current(session))
    show("committed, but no record", lambda: stamps(connection))
    show("a record was changed: read", lambda: read(connection))
    show(
        "a record was changed: read and count",
        lambda: read(connection).counts(EVERYTHING, Scope.PUBLIC, broader=index.broader),
    )
    for name, filters in (("no filter", EVERYTHING), ("topic and country", some)):
        show(
            f"allowed, {name}",
            lambda f=filters: columns.allowed(f, Scope.PUBLIC, index.narrower),
            lambda f=filters: session.scalars(
                select(Record.id).where(condition(f, Scope.PUBLIC, index.narrower))
            ).all(),
        )
        show(
            f"counts, {name}",
            lambda f=filters: columns.counts(f, Scope.PUBLIC, broader=index.broader),
            lambda f=filters: counts_by_sql(session, index, f),
        )
    show(
        "counts of 300 that match a question",
        lambda: columns.counts(some, Scope.PUBLIC, broader=index.broader, ids=few),
        lambda: counts_by_sql(session, index, some, few.tolist()),
    )
    start = process_time()
    suggest(session, index, "kan")
    print(f"{'first suggestion after a start':42}{1000 * (process_time() - start):9.1f}")
    for typed in ("ka", "kangaroo", "care war", "wa"):
        show(f"suggest “{typed}”", lambda t=typed: suggest(session, index, t))


def counts_by_sql(
    session: Session, index: Index, filters: Filters, ids: list[int] | None = None
) -> dict[str, dict[str, int]]:
    """Return what a database counts: a statement for each facet, and nothing of what is broader."""
    found: dict[str, dict[str, int]] = {}
    n = func.count(Record.id.distinct())
    for name in NAMES:
        where = condition(filters.without(name), Scope.PUBLIC, index.narrower)
        value, joined = FACETS[name]
        query = select(value, n).join_from(Record, joined) if joined else select(value, n)
        if name in CONCEPTS.values():
            where &= tag_counts(Scope.PUBLIC) & (Concept.scheme == name)
            query = query.join(Concept)
        if ids is not None:
            where &= Record.id.in_(ids)
        found[name] = {
            row[0]: row[1] for row in session.execute(query.where(where).group_by(value))
        }
    return found


FACETS: dict[str, tuple[Any, Any]] = {
    "topics": (Concept.notation, Tag),
    "interventions": (Concept.notation, Tag),
    "countries": (Place.country, Place),
    "levels": (Record.level, None),
    "facility_types": (Place.facility_type, Place),
    "verdicts": (Record.verdict, None),
    "languages": (Record.language, None),
    "record_types": (Record.record_type, None),
    "years": (extract("year", Record.start_date), None),
    "strengths": (Record.strength_band, None),
}


def show(name: str, act: Callable[[], object], other: Callable[[], object] | None = None) -> None:
    """Print what the act costs, and how many times as much the other one."""
    ms = milliseconds(act)
    line = f"{name:42}{ms:9.2f}"
    if other is not None:
        by_other = milliseconds(other)
        line += f"{by_other:9.1f}{by_other / ms:8.0f}"
    print(line, flush=True)


def milliseconds(act: Callable[[], object]) -> float:
    """Return the processor time of the quickest run."""
    times = []
    for _ in range(REPEATS):
        start = process_time()
        act()
        times.append(process_time() - start)
    return 1000 * min(times)


def grow(session: Session, terms: Taxonomy, n: int) -> None:
    """Add n invented records with tags and places; no sections, no passages."""
    chance = random.Random(1)
    concepts = {row.notation: row.id for row in session.scalars(select(Concept))}
    labels = [term.pref["en"] for term in terms]
    ids = [concepts[term.notation] for term in terms if not term.deprecated]
    for table, rows in (
        (Record, (_record(chance, number, labels) for number in range(1, n + 1))),
        (Tag, (row for number in range(1, n + 1) for row in _tags(chance, number, ids))),
        (Place, (row for number in range(1, n + 1) for row in _places(chance, number))),
    ):
        _insert(session, table, rows)


def _insert(session: Session, table: type[Any], rows: Iterator[dict[str, Any]]) -> None:
    some: list[dict[str, Any]] = []
    for row in rows:
        some.append(row)
        if len(some) == STATEMENT:
            session.execute(insert(table), some)
            some.clear()
    if some:
        session.execute(insert(table), some)


def _record(chance: random.Random, number: int, labels: list[str]) -> dict[str, Any]:
    began = START + timedelta(days=chance.randrange(2_000))
    title = f"{chance.choice(labels)} with {chance.choice(labels).lower()} in ward {number}"
    return {
        "id": number,
        "created": began,
        "updated": began,
        "status": Status.PUBLISHED if chance.random() < 0.8 else Status.DRAFT,
        "published": began,
        "record_type": chance.choice(list(RecordType)),
        "level": chance.choice(list(Level)),
        "title": title,
        "summary": FILLER * 8,
        "language": chance.choice(LANGUAGES),
        "summary_languages": [],
        "keywords": [],
        "start_date": date(2015, 1, 1) + timedelta(days=chance.randrange(3_000)),
        "still_running": False,
        "context_numbers": {},
        "logistics": {},
        "team_roles": [],
        "team_lead_role": "",
        "verdict": chance.choice(list(Verdict)),
        "verdict_reason": FILLER,
        "naming": chance.choice(list(Naming)),
        "visibility": Visibility.PUBLIC if chance.random() < 0.9 else Visibility.TEAM,
        "authors": [],
        "credit_line": "",
        "credit_wanted": False,
        "contact": "",
        "offer": "",
        "source_kind": SourceKind.IMPORTED,
        "source_citation": FILLER,
        "source_url": "",
        "doi": "",
        "licence": "",
        "origin": "",
        "evidence_note": "",
        "evidence": [{"field": "title", "sentence": FILLER}] * 6,
        "doubts": [],
        "strength": chance.randrange(11),
        "strength_band": chance.choice(list(StrengthBand)),
        "completeness": 6,
    }


def _tags(chance: random.Random, number: int, ids: list[int]) -> Iterator[dict[str, Any]]:
    for concept in chance.sample(ids, chance.randint(2, 6)):
        yield {
            "record_id": number,
            "concept_id": concept,
            "source": TagSource.CURATOR,
            "confidence": chance.random(),
            "evidence": FILLER,
            "section": "",
            "neighbour": "",
            "status": TagStatus.CONFIRMED if chance.random() < 0.7 else TagStatus.SUGGESTED,
            "confirmed_by": "",
        }


def _places(chance: random.Random, number: int) -> Iterator[dict[str, Any]]:
    for position, country in enumerate(chance.sample(COUNTRIES, chance.choice([1, 1, 1, 2]))):
        yield {
            "record_id": number,
            "position": position,
            "country": country,
            "admin1": "",
            "admin2": "",
            "facility": f"Health centre {chance.randrange(5_000)}",
            "facility_code": "",
            "facility_type": chance.choice(list(FacilityType)),
        }


if __name__ == "__main__":
    main()
