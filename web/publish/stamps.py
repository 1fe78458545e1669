"""What each page of a copy was made from, so that a page that cannot have changed is not asked for.

A page of a record can change when the record does, when one that it links to does, when others come
to be similar, or when something changes that every page is made from: the program, the words, the
settings, the taxonomy, what else is in the copy. A shelf changes with the records that stand on it,
another page made of many with any record; both on another day. Rows of the database are told apart
by the record that they belong to; whatever belongs to none counts for all, unless it is named here
as unseen.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from lxml.html import HtmlElement
from sqlalchemy import Column, Table, select
from sqlalchemy.orm import Session

import kb
import search
import web
from kb.db import Base
from kb.errors import NotReadyError
from kb.models import Record
from search.filters import Filters, Scope, condition
from search.similar import nearest
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
        "waiting_file",
    }
)
SEEN_OF: Final = {"user": ("id", "name")}  # of these tables, nothing else
OF_A_RECORD: Final = re.compile(r"/records/(\d+)\b")
RECORD: Final = re.compile(r"^(?:.*records/)?(\d+)\.html")  # as a page of a copy links to it
ALIKE: Final = "//section[@id='similar']"
EVERYTHING, STATE = "", "/"  # stand among the files
# The field of a search that has the records of a shelf.
FIELDS: Final = {
    "topics": "topics",
    "interventions": "interventions",
    "countries": "countries",
    "facility-types": "facility_types",
}
DIGITS = 16
Digest = str


def digest(*said: object) -> Digest:
    """Return what tells one content from another."""
    return sha256("\x1f".join(map(str, said)).encode()).hexdigest()[:DIGITS]


@dataclass
class Stamps:
    """What this run is made from, against what the last one was.

    Of each file it keeps a digest, and of a story which ones its page links to and which ones it
    calls similar: these can change though no record that is shown does.
    """

    file: Path
    around: Digest  # what every page is made from
    records: Mapping[int, Digest]
    standing: "Standing"
    day: str
    before: Mapping[str, Any]
    also: Mapping[str, object]  # path → what else its page is made from
    after: dict[str, Any] = field(default_factory=dict)

    def same(self, file: str, path: str) -> bool:
        """Tell whether the page of `path` would read as it did; then it counts as made."""
        known = self.before.get(file)
        if known is None:
            return False
        stamp, linked, alike = known
        if stamp != self._stamp(path, linked):
            return False
        told = OF_A_RECORD.match(path)
        if told and not self.untouched and alike != self.standing.alike(int(told[1])):
            return False
        self.after[file] = known
        return True

    def made(self, file: str, path: str, page: HtmlElement) -> None:
        """Keep what a page was made from."""
        of_a_record = OF_A_RECORD.match(path) is not None
        linked = sorted(set(_told(page))) if of_a_record else []
        alike = [one for part in page.xpath(ALIKE) for one in _told(part)] if of_a_record else []
        self.after[file] = [self._stamp(path, linked), linked, alike]

    def of_records(self, name: str, record_ids: Iterable[int]) -> bool:
        """Tell whether a list of these records is as it was; keep what it is made from."""
        made_from = [digest(self.around, *self._shown(record_ids)), [], []]
        self.after[name] = made_from
        return self.before.get(name) == made_from

    def keep(self, state: str) -> None:
        """Write down what this run was made from, and which state of the copy it made."""
        said = self.after | {EVERYTHING: self._everything, STATE: state}
        write_whole(self.file, json.dumps(said).encode())

    @cached_property
    def untouched(self) -> bool:
        """Tell whether nothing at all changed, so that nobody can have come to be similar."""
        return self.before.get(EVERYTHING) == self._everything

    def _stamp(self, path: str, linked: Iterable[int]) -> Digest:
        if told := OF_A_RECORD.match(path):
            return digest(self.around, *self._shown([int(told[1]), *linked]))
        there = self.standing.on(path)
        shown = self._all if there is None else digest(*self._shown(there))
        return digest(self.around, shown, self.day, self.also.get(path))

    def _shown(self, record_ids: Iterable[int]) -> Iterator[str]:
        return (f"{one}{self.records.get(one)}" for one in record_ids)

    @cached_property
    def _all(self) -> Digest:
        return digest(*sorted(self.records.items()))

    @cached_property
    def _everything(self) -> Digest:
        return digest(self.around, self._all, self.standing.revision)


class Standing:
    """Which records stand on a shelf, and beside which story as similar."""

    def __init__(self, session: Session, library: Library) -> None:
        self._session, self._index = session, library.index(session)
        self._of: dict[str, Sequence[int]] = {}

    @property
    def revision(self) -> int:
        """The state of the index: with it, who is similar to whom."""
        return self._index.revision

    def alike(self, record_id: int) -> list[int]:
        """Return whom the page of a record calls similar, in its order."""
        try:
            return list(
                nearest(self._session, self._index, record_id, scope=Scope.PUBLIC, limit=SIMILAR)
            )
        except NotReadyError:
            return []

    def on(self, path: str) -> Sequence[int] | None:
        """Return the records of a shelf; None where a page is made of all of them."""
        kind, _, value = path.strip("/").partition("/")
        if kind not in FIELDS or not value:
            return None
        if path not in self._of:
            chosen: dict[str, Any] = {FIELDS[kind]: (value,)}
            filters = Filters(**chosen)
            found = condition(filters, Scope.PUBLIC, self._index.narrower)
            self._of[path] = self._session.scalars(
                select(Record.id).where(found).order_by(Record.id)
            ).all()
        return self._of[path]


def _told(part: HtmlElement) -> Iterator[int]:
    """Yield the numbers of the stories that a page, or a part of it, links to."""
    for link in part.iter("a"):
        if told := RECORD.match(link.get("href", "")):
            yield int(told[1])


def kept(file: Path, *, state: str) -> Mapping[str, Any]:
    """Return what an earlier run was made from, if the copy is still in the `state` it made."""
    before: Mapping[str, Any] = json.loads(file.read_bytes()) if file.is_file() else {}
    return before if before.get(STATE) == state else {}


def stamps(
    session: Session,
    library: Library,
    file: Path,
    *,
    before: Mapping[str, Any],
    made_of: object,
    also: Mapping[str, object],
    day: str,
) -> Stamps:
    """Return the stamps of a run, to be kept in `file`; `before` is what the earlier one kept.

    `made_of` is what else every page depends on, and `also` what one of a path does.
    """
    records, rest = _of_database(session)
    around = digest(of_program(), library.settings, library.site, *library.taxonomy, made_of, rest)
    return Stamps(file, around, records, Standing(session, library), day, before, also)


def of_program() -> Digest:
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
