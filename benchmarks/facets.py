"""What filters, counts and suggestions cost in a large library: python -m benchmarks.facets.

The library is grown in a temporary folder: records with title, summary, tags and places like real
ones, and nothing to search in. All figures come from one run, so their ratios can be trusted
where the machine is busy and the milliseconds cannot.
"""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

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

MANY = 65_000
REPEATS = 7
COUNTRIES = ["TZA", "KEN", "UGA", "RWA", "NPL", "IND", "MOZ", "SEN", "BGD", "PER", "GHA", "ETH"]
LANGUAGES = ["en", "en", "en", "fr", "es", "pt", "sw"]
START = datetime(2019, 1, 1, tzinfo=UTC)
FILLER = "What the team tried, what they counted, and what they would not do again. "
STATEMENT = 2_000  # rows inserted at once


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
