"""A library in which every word that people can write tries to run a script.

Which columns hold words is asked of the models, so that a new one is hostile by itself.
"""

import itertools
import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import JSON, Enum, String, Table, select, update
from sqlalchemy.orm import Session

from kb import appendonly, batches, enquiries, users
from kb.db import utcnow
from kb.models import ConceptStatement, Record, Reuse
from kb.people import Grant
from kb.vocabulary import BatchKind, EnquiryKind, Level, ReportState, Role, Verdict
from web.library import Library

# Each breaks out of another place: text, an attribute, a script, a style, a link, Markdown, a form.
ATTACKS = (
    "<script>ran(1)</script>",
    "<img src=x onerror=ran(2)>",
    '"><svg onload=ran(3)>',
    "' autofocus onfocus=ran(4) x='",
    "</script><script>ran(5)</script>",
    "</title></textarea></style><svg/onload=ran(6)>",
    "[here](javascript:ran(7)) <javascript:ran(7)>",
    "<details open ontoggle=ran(8)>",
    '<a href="java&#9;script:ran(9)">here</a>',
    "]]><svg xmlns='http://www.w3.org/2000/svg' onload='ran(10)'/>",
    "\u202e<iframe srcdoc='<script>parent.ran(11)</script>'>\u2028",
    "{{ 7 * 7 }} ${7 * 7} <%= 7 * 7 %>",
    '" style="background:url(javascript:ran(12))" onmouseover="ran(12)" x="',
    '<math><mtext></p><style><!--</style><img title="--><img src=x onerror=ran(13)>">',
)
# What is not words: codes, digests, names that the program gave.
CODES = re.compile(
    r"(^|\.)(\w*sha256|hash|previous|key|language|country|licence|fingerprint|notation\w*|concepts"
    r"|replaced_by|predicate|subject|media_type|state|stop_token|scopes|terms_version|attachment"
    r"|email|base|oidc|password_hash|totp_secret|clean|query|field|verb|link|kind|path|decision"
    r"|library|via|doi|source_url|audience|choices|standing|first|phases|files|saved|beside|photos"
    r"|hidden|record_ids|records|summary_languages|detail|asked|candidate_ids|name\.facet)$"
)
LEFT = {
    "facet": ("name", "value"),
    "passage_write": ("mark",),
    "place": ("facility_code",),
    "tag": ("section",),
}
CODE = re.compile(r"[a-z0-9:._/#+-]*|[A-Z]{3}|[A-Z0-9.-]+|\d{4}-\d\d-\d\d.*")


def poison(library: Library) -> None:
    """Write an attack behind every word of the library, past all that would refuse it."""
    attacks = itertools.cycle(ATTACKS)
    with library.writing() as session:
        _more(session)
        appendonly.lift(session.connection())
        for table in Record.metadata.sorted_tables:
            _poison(session, table, attacks)
        session.commit()


def _more(session: Session) -> None:
    """Add what the sample library has none of: a local name, an account, a report, a request."""
    batch = batches.begin(session, BatchKind.TAXONOMY, ["labels"], by="test")
    for subject in ("early-initiation-of-breastfeeding", "process-redesign"):
        said = {"subject": subject, "predicate": "pref", "key": "en", "value": f"The {subject}"}
        session.add(ConceptStatement(batch_id=batch.id, **said))
    one = users.add(session, "asha@people.example", name="Asha", by="test")
    users.grant(session, one, Grant(Role.COACH, country="TZA"), by="test")
    words = {"by": "Asha", "where": "Ilulu", "adapted_how": "By day.", "numbers": "Ten of ten."}
    for state in (ReportState.NEW, ReportState.KEPT, ReportState.HELD):
        session.add(Reuse(record_id=1, at=utcnow(), verdict=Verdict.WORKED, state=state, **words))
    enquiries.new(session, EnquiryKind.SUPPORT, "A scale.", country="TZA", level=Level.DISTRICT)


def words_of(table: Table) -> Iterator[str]:
    """Yield the names of the columns that hold what people write."""
    for column in table.columns:
        word = isinstance(column.type, String | JSON) and not isinstance(column.type, Enum)
        code = CODES.search(column.name) or column.name in LEFT.get(table.name, ())
        if word and not code and not column.foreign_keys and not column.primary_key:
            yield column.name


def _poison(session: Session, table: Table, attacks: Iterator[str]) -> None:
    names = list(words_of(table))
    for row in session.execute(select(table)).mappings().all():
        here = [column == row[column] for column in table.primary_key.columns]
        changed = {name: _hostile(row[name], attacks) for name in names if row[name]}
        if changed:
            session.execute(update(table).where(*here).values(changed))


def _hostile(value: Any, attacks: Iterator[str]) -> Any:
    if isinstance(value, str):
        return f"{value} {next(attacks)}"
    return _inside(value, attacks)


def _inside(value: Any, attacks: Iterator[str]) -> Any:
    if isinstance(value, str):
        return value if CODE.fullmatch(value) else f"{value} {next(attacks)}"
    if isinstance(value, list):
        return [_inside(one, attacks) for one in value]
    if isinstance(value, dict):
        return {k: v if CODES.search(k) else _inside(v, attacks) for k, v in value.items()}
    return value
