"""What each page of a copy was made from, so that a page that cannot have changed is not asked for.

A page of a record can change when the record does, when one that it links to does, when others come
to be similar, or when something changes that every page is made from: the program, the words, the
settings, the taxonomy, what else is in the copy. Rows of the database are told apart by the record
that they belong to; whatever belongs to none counts for all, unless it is named here as unseen.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Column, Table, select
from sqlalchemy.orm import Session

import kb
import search
import web
from kb.db import Base
from kb.errors import NotReadyError
from kb.models import Record
from search.filters import Scope
from search.similar import similar
from search.weights import write_whole
from web.library import Library
from web.pages.records import SIMILAR

# No page that everybody sees shows these: who works here, what was done, what is derived.
UNSEEN: Final = frozenset(
    {
        "answered",
        "api_token",
        "batch",
        "batch_item",
        "conflict",
        "event",
        "failed_sign_in",
        "follow",
        "job",
        "judgement",
        "link_mail",
        "message",
        "need",
        "notice",
        "notice_choice",
        "passage",
        "passage_revision",
        "passage_write",
        "record_lock",
        "record_version",
        "role_grant",
        "saved_view",
        "second_reading",
        "sign_in",
        "story_draft",
        "text_signature",
        "ticket",
        "usage",
    }
)
SEEN_OF: Final = {"user": ("id", "name")}  # of these tables, nothing else
RECORD: Final = re.compile(r"^(?:.*records/)?(\d+)\.html")
DIGITS = 16
Digest = str


def digest(*said: object) -> Digest:
    """Return what tells one content from another."""
    return sha256("\x1f".join(map(str, said)).encode()).hexdigest()[:DIGITS]


@dataclass
class Stamps:
    """What this run is made from, against what the last one was."""

    file: Path
    around: Digest  # what every page is made from
    records: Mapping[int, Digest]
    alike: "Alike"
    day: str
    before: Mapping[str, Any]
    after: dict[str, Any] = field(default_factory=dict)

    def same(self, path: str, *, record_id: int | None = None) -> bool:
        """Tell whether the page of `path` would read as it did; then it counts as made."""
        known = self.before.get(path)
        if known is None or known[0] != self._stamp(known[1], record_id):
            return False
        self.after[path] = known
        return True

    def made(self, path: str, addresses: Iterable[str], *, record_id: int | None = None) -> None:
        """Keep what a page was made from; `addresses` are what it links to."""
        linked = sorted({int(m[1]) for a in addresses if (m := RECORD.match(a))})
        if record_id is None:
            linked = []
        self.after[path] = [self._stamp(linked, record_id), linked]

    def of_records(self, name: str, record_ids: Iterable[int]) -> bool:
        """Tell whether a list of these records is as it was; keep what it is made from."""
        stamp = digest(self.around, *(f"{one}{self.records.get(one)}" for one in record_ids))
        self.after[name] = [stamp, []]
        return self.before.get(name) == [stamp, []]

    def keep(self) -> None:
        """Write down what this run was made from."""
        write_whole(self.file, json.dumps(self.after).encode())

    def _stamp(self, linked: Iterable[int], record_id: int | None) -> Digest:
        if record_id is None:
            return digest(self.around, self._all, self.day)
        shown = [f"{one}{self.records.get(one)}" for one in (record_id, *linked)]
        return digest(self.around, *shown, self.alike[record_id])

    @cached_property
    def _all(self) -> Digest:
        return digest(*sorted(self.records.items()))


class Alike(dict[int, Digest]):
    """What each record's page says of similar ones, looked up when asked for."""

    def __init__(self, session: Session, library: Library) -> None:
        self._session, self._index = session, library.index(session)

    def __missing__(self, record_id: int) -> Digest:
        try:
            found = similar(
                self._session, self._index, record_id, scope=Scope.PUBLIC, limit=SIMILAR
            )
            said = digest(*(replace(one, score=0.0) for one in found))  # shown to nobody
        except NotReadyError:
            said = ""
        self[record_id] = said
        return said


def stamps(session: Session, library: Library, file: Path, *, made_of: object, day: str) -> Stamps:
    """Return the stamps of a run; `made_of` is what else every page depends on."""
    records, rest = _of_database(session)
    around = digest(_of_program(), library.settings, library.site, *library.taxonomy, made_of, rest)
    before = json.loads(file.read_bytes()) if file.is_file() else {}
    return Stamps(file, around, records, Alike(session, library), day, before)


def _of_program() -> Digest:
    """Return what tells this version of program, templates and words from another."""
    whole = sha256()
    for package in (kb, search, web):
        for path in sorted(Path(package.__path__[0]).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                whole.update(path.read_bytes())
    return whole.hexdigest()[:DIGITS]


def _of_database(session: Session) -> tuple[dict[int, Digest], Digest]:
    """Return a digest of all rows of each record, and one of the rows of none."""
    of = defaultdict[int, Any](sha256)
    rest = sha256()
    for table in Base.metadata.sorted_tables:
        if table.name in UNSEEN:
            continue
        columns = [c for c in table.columns if c.name in SEEN_OF.get(table.name, (c.name,))]
        owners = list(_owners(table))
        query = select(*owners, *columns).order_by(*table.primary_key.columns)
        for parent in {c.table for c in owners} - {table}:
            query = query.join_from(table, parent)
        for row in session.execute(query):
            said = repr((table.name, *row[len(owners) :])).encode()
            ids = {one for one in row[: len(owners)] if one is not None}
            for one in ids:
                of[one].update(said)
            if not ids:
                rest.update(said)
    return {one: said.hexdigest()[:DIGITS] for one, said in of.items()}, rest.hexdigest()


def _owners(table: Table) -> Iterator[Column[Any]]:
    """Yield the columns that say which records a row belongs to, of its parent if need be."""
    if table is Record.__table__:
        yield table.c.id
        return
    own = [c for c in table.columns if _leads_to(c, Record.__tablename__)]
    yield from own
    if own:
        return
    for column in table.columns:
        for key in column.foreign_keys:
            parent = key.column.table
            yield from (c for c in parent.columns if _leads_to(c, Record.__tablename__))
            break


def _leads_to(column: Column[Any], name: str) -> bool:
    return any(key.column.table.name == name for key in column.foreign_keys)
