"""What each record is filtered and counted by, held in memory and never stale."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from threading import Lock
from time import perf_counter
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    ColumnElement,
    ColumnExpressionArgument,
    Connection,
    String,
    case,
    cast,
    func,
    select,
)
from sqlalchemy.orm import Session

from kb.commits import Commits, Mark, in_memory
from kb.folding import plain
from kb.models import Concept, Place, Record, Tag
from kb.vocabulary import Level, Naming, Scheme, Status, TagStatus, Visibility
from search import changes
from search.facets import BUDGET_MS, Broader, Clock, Facets, Mask, Rows, Values, counts
from search.filters import Filters, Narrower, RecordIds, Scope, indexed, tag_counts
from search.store import State, state

NAMES = tuple(field.name for field in fields(Filters))
CONCEPTS = {Scheme.TOPICS: "topics", Scheme.INTERVENTIONS: "interventions"}
NOT_RATED = -1
NOWHERE = -1
SEPARATOR = "\x1f"  # between the values of a column; no text needs it
YEAR, SECONDS = len("2026"), len("2026-01-01 12:00:00")

Moments: TypeAlias = NDArray[np.datetime64]
Stamps: TypeAlias = tuple[str, ...]


class _Raised(NamedTuple):
    """The concepts of the records with all broader ones, and by which hierarchy."""

    above: tuple[tuple[str, ...], ...]
    values: Values


@dataclass(frozen=True, eq=False)
class Columns:
    """All records that can be found as they stood at one moment, one row each.

    `values` has the facets of `Filters` by name, as far as each scope may know them.
    """

    stamps: Stamps  # equal as long as all below is what the database says
    records: RecordIds  # (n,), ascending
    titles: tuple[str, ...]
    published: Moments  # (n,), to the second, NaT for never
    strength: NDArray[np.int8]  # (n,), 0 to 10, or NOT_RATED
    facilities: NDArray[np.int64]  # (n,), how many took part, 0 where nobody said
    visible: Mapping[Scope, Mask]  # (n,) each
    values: Mapping[Scope, Mapping[str, Values]]
    facility: Mapping[Scope, Rows]  # (n,) each, a number for the one it is from, or NOWHERE
    _raised: dict[tuple[Scope, str], "_Raised"] = field(default_factory=dict, repr=False)

    def allowed(self, filters: Filters, scope: Scope, narrower: Narrower) -> RecordIds:
        """Return the ids of the records that may answer, ascending."""
        rows = np.flatnonzero(self.visible[scope])
        for name, chosen in _chosen(filters).items():
            if chosen:
                wanted: Collection[str] = chosen
                if name in CONCEPTS.values():
                    wanted = {below for n in chosen for below in (n, *narrower(n))}
                rows = rows[self.values[scope][name].has(rows, wanted)]
        found: RecordIds = self.records[rows]
        return found

    def counts(
        self,
        filters: Filters,
        scope: Scope,
        *,
        broader: Broader,
        ids: Collection[int] | RecordIds | None = None,
        budget_ms: float = BUDGET_MS,
        clock: Clock = perf_counter,
    ) -> tuple[Facets, bool]:
        """Return how many records each value of each facet has, and whether that is only about.

        `ids` narrows it to the records that match a question. A record counts for a concept and
        for every broader one. See `search.facets.counts`.
        """
        if ids is None:
            rows = np.flatnonzero(self.visible[scope])
        else:
            rows = np.unique(self.rows(ids))
            rows = rows[self.visible[scope][rows]]
        values = self.facets(scope, broader)
        return counts(values, _chosen(filters), rows, budget_ms=budget_ms, clock=clock)

    def facets(self, scope: Scope, broader: Broader) -> Mapping[str, Values]:
        """Return the values of each facet; a record has each broader concept of its own too."""
        return {**self.values[scope], **self._with_broader(scope, broader)}

    def rows(self, ids: Collection[int] | RecordIds) -> Rows:
        """Return the rows of those of the records that can be found, in the order of `ids`."""
        wanted = np.asarray(ids if isinstance(ids, np.ndarray) else list(ids), np.int64)
        rows = _rows(self.records, wanted)
        found: Rows = rows[rows != NOWHERE]
        return found

    def facility_of(self, ids: RecordIds, scope: Scope) -> dict[int, int]:
        """Return a number for the facility of each record, where this reader may know it."""
        rows = _rows(self.records, ids)
        numbers = np.where(rows == NOWHERE, NOWHERE, self.facility[scope][rows])
        known = numbers != NOWHERE
        return dict(zip(ids[known].tolist(), numbers[known].tolist(), strict=True))

    def _with_broader(self, scope: Scope, broader: Broader) -> dict[str, Values]:
        found = {}
        for name in CONCEPTS.values():
            values = self.values[scope][name]
            above = tuple(tuple(dict.fromkeys((n, *broader(n)))) for n in values.names)
            known = self._raised.get((scope, name))
            if known is None or known.above != above:
                known = self._raised[scope, name] = _Raised(above, values.raised(above))
            found[name] = known.values
        return found


def _chosen(filters: Filters) -> dict[str, tuple[str, ...]]:
    """Return what is chosen of each facet, as it stands in `Values`."""
    return {name: tuple(map(str, getattr(filters, name))) for name in NAMES}


class Now(NamedTuple):
    """What the database says at one moment."""

    columns: Columns
    passages: State


class LiveColumns:
    """Holds the newest columns, and reads them again when a record or a concept has changed.

    On SQLite a connection is kept to ask whether anything was committed (`kb.commits`), on
    PostgreSQL triggers count (`search.changes`). Of a database in memory the stamps are read
    each time.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._now: Now | None = None
        self._commits = Commits()
        self._file: Mark | None = None
        self._mark = (0, 0)  # of the changes, on PostgreSQL

    def current(self, session: Session) -> Columns:
        """Return the columns as last committed; see `now`."""
        return self.now(session).columns

    def now(self, session: Session) -> Now:
        """Return what was last committed; one thread reads, the others wait for it.

        What the session itself has changed and not committed is not in them on SQLite; on
        PostgreSQL it is, and goes again when it is rolled back.
        """
        engine = session.get_bind().engine
        if engine.dialect.name == "postgresql":
            return self._on_postgresql(session.connection())
        with self._lock:
            if in_memory(engine.url):
                return self._read(session.connection())
            with self._commits.looking(engine) as (mark, connection):
                if self._now is not None and mark == self._file:
                    return self._now
                if self._file is None or mark.connection != self._file.connection:
                    self._now = None  # it may be another file
                now, self._file = self._read(connection), mark
                return now

    def _on_postgresql(self, connection: Connection) -> Now:
        mark = changes.mark(connection)  # first: what is read afterwards is no older
        with self._lock:
            if self._now is None or mark != self._mark:
                self._now, self._mark = self._read(connection), mark
            columns = self._now.columns
        return Now(columns, state(connection))

    def _read(self, connection: Connection) -> Now:
        columns = self._now.columns if self._now is not None else None
        if columns is None or columns.stamps != stamps(connection):
            columns = read(connection)
        self._now = Now(columns, state(connection))
        return self._now


def stamps(connection: Connection) -> Stamps:
    """Return what differs from before whenever a record, its tags or its places were changed.

    A record's version grows with every change of it, of its tags and of its places; who may
    see it is compared itself, so that no other program can change that unnoticed.
    """
    who = (Record.version, Record.status, Record.visibility, Record.shown_naming)
    return (
        *_texts(connection, Record.id, *who),
        *_texts(connection, Concept.id, Concept.notation, Concept.scheme),
    )


def read(connection: Connection) -> Columns:
    """Return the columns as they stand in the transaction of the connection."""
    now = stamps(connection)
    texts = _texts(connection, *_RECORD.values(), where=indexed())
    records = _numbers(texts[0])
    order = np.argsort(records, kind="stable")
    said = {
        name: _in_order(_list(text, len(order)), order)
        for name, text in zip(_RECORD, texts, strict=True)
    }
    rows = np.arange(len(order))
    everyone = np.ones(len(order), bool)
    public = _equal(said["status"], Status.PUBLISHED) & _equal(
        said["visibility"], Visibility.PUBLIC
    )
    shown = {Scope.PUBLIC: ~_equal(said["naming"], Naming.ANONYMOUS), Scope.ALL: everyone}
    alone = {
        name: Values.of_pairs(*_coded(said[name]), rows, len(rows))
        for name in NAMES
        if name in _RECORD
    }
    tags = _tags(connection, records[order])
    places = _places(connection, records[order], shown)
    facility = _facility(connection, records[order])
    named = _equal(said["naming"], Naming.NAMED)
    return Columns(
        stamps=now,
        records=records[order],
        titles=tuple(said["title"]),
        published=np.array(said["published"], "datetime64[s]"),
        strength=np.array([int(s) if s else NOT_RATED for s in said["strength"]], np.int8),
        facilities=np.array(said["facilities"], np.int64),
        visible={Scope.PUBLIC: public, Scope.ALL: everyone},
        values={scope: {**alone, **tags[scope], **places[scope]} for scope in Scope},
        facility={Scope.ALL: facility, Scope.PUBLIC: np.where(named, facility, NOWHERE)},
    )


def _clean(column: ColumnExpressionArgument[str]) -> ColumnElement[str]:
    return func.replace(column, SEPARATOR, " ")


_RECORD: Mapping[str, ColumnExpressionArgument[Any]] = {
    "id": Record.id,
    "status": Record.status,
    "visibility": Record.visibility,
    "naming": Record.shown_naming,
    "title": _clean(Record.shown_title),
    "published": func.substr(cast(Record.published, String), 1, SECONDS),
    "strength": Record.strength,
    "facilities": func.coalesce(
        Record.n_facilities, case((Record.level == Level.FACILITY, 1), else_=0)
    ),
    # These have the names of the facets.
    "levels": Record.level,
    "verdicts": Record.verdict,
    "languages": _clean(Record.language),
    "record_types": Record.record_type,
    "years": func.substr(cast(Record.start_date, String), 1, YEAR),
    "strengths": Record.strength_band,
}


def _tags(connection: Connection, records: RecordIds) -> dict[Scope, dict[str, Values]]:
    """Return the concepts of the records, as far as they count in each scope."""
    ids, notations, schemes = _texts(connection, Concept.id, Concept.notation, Concept.scheme)
    concepts = _numbers(ids)
    order = np.argsort(concepts, kind="stable")
    known = _in_order(_list(notations, len(order)), order)
    of_scheme = _in_order(_list(schemes, len(order)), order)
    owners, tagged, statuses = _texts(
        connection, Tag.record_id, Tag.concept_id, Tag.status, where=tag_counts(Scope.ALL)
    )
    rows = _rows(records, _numbers(owners))
    # A concept may have come, with its tags, since the concepts were read: on PostgreSQL.
    codes = _rows(concepts[order], _numbers(tagged))
    confirmed = _equal(_list(statuses, len(rows)), TagStatus.CONFIRMED)
    found: dict[Scope, dict[str, Values]] = {}
    for scope in Scope:
        sure = rows if scope is Scope.ALL else np.where(confirmed, rows, NOWHERE)
        found[scope] = {}
        for scheme, name in CONCEPTS.items():
            mine = _equal(of_scheme, scheme)
            names = [n for n, is_mine in zip(known, mine.tolist(), strict=True) if is_mine]
            local = np.append(np.where(mine, np.cumsum(mine) - 1, NOWHERE), NOWHERE)
            found[scope][name] = Values.of_pairs(names, local[codes], sure, len(records))
    return found


def _places(
    connection: Connection, records: RecordIds, shown: Mapping[Scope, Mask]
) -> dict[Scope, dict[str, Values]]:
    """Return where the records are from, as far as their naming shows it to each scope."""
    columns = (Place.record_id, _clean(Place.country), Place.facility_type)
    owners, countries, types = _texts(connection, *columns)
    rows = _rows(records, _numbers(owners))
    said = {
        "countries": _coded(_list(countries, len(rows))),
        "facility_types": _coded(_list(types, len(rows))),
    }
    found = {}
    for scope in Scope:
        known = np.append(shown[scope], False)[rows]  # of NOWHERE, the last
        mine = np.where(known, rows, NOWHERE)
        found[scope] = {
            name: Values.of_pairs(*coded, mine, len(records)) for name, coded in said.items()
        }
    return found


def _facility(connection: Connection, records: RecordIds) -> Rows:
    """Return a number for the facility of each record, of several the first."""
    columns = (Place.record_id, Place.position, _clean(Place.country), _clean(Place.facility))
    owners, positions, *named = _texts(connection, *columns, where=Place.facility != "")
    rows = _rows(records, _numbers(owners))
    countries, names = (_list(text, len(rows)) for text in named)
    folded = {name: plain(name) for name in set(names)}
    said = [f"{c}{SEPARATOR}{folded[name]}" for c, name in zip(countries, names, strict=True)]
    _, codes = _coded(said)
    last_first = np.argsort(-_numbers(positions), kind="stable")
    found = np.full(len(records) + 1, NOWHERE)  # the last is for NOWHERE
    found[rows[last_first]] = codes[last_first]
    return found[:-1]


def _coded(said: Sequence[str]) -> tuple[list[str], Rows]:
    """Return the different values, and the number of each; NOWHERE for what is empty."""
    names = sorted(set(said) - {""})
    code = {name: number for number, name in enumerate(names)} | {"": NOWHERE}
    return names, np.fromiter(map(code.__getitem__, said), np.int64, len(said))


def _rows(records: RecordIds, ids: RecordIds) -> Rows:
    """Return the row of each record, or NOWHERE."""
    if not len(records):
        return np.full(len(ids), NOWHERE)
    at = np.searchsorted(records, ids).clip(max=len(records) - 1)
    return np.where(records[at] == ids, at, NOWHERE)


def _equal(said: Sequence[str], value: str) -> Mask:
    return np.fromiter(map(str(value).__eq__, said), bool, len(said))


def _in_order(said: list[str], order: Rows) -> list[str]:
    if bool((np.diff(order) == 1).all()):
        return said
    return [said[at] for at in order.tolist()]


def _numbers(text: str) -> NDArray[np.int64]:
    return np.fromstring(text, np.int64, sep=SEPARATOR)


def _list(text: str, n: int) -> list[str]:
    return text.split(SEPARATOR) if n else []


def _texts(
    connection: Connection,
    *columns: ColumnExpressionArgument[Any],
    where: ColumnElement[bool] | None = None,
) -> tuple[str, ...]:
    """Return each of the columns as one text, in the same order of rows."""
    # In one row: to fetch a row for each record takes several times as long.
    texts = [
        func.aggregate_strings(func.coalesce(cast(column, String), ""), SEPARATOR)
        for column in columns
    ]
    query = select(*texts)
    row = connection.execute(query if where is None else query.where(where)).one()
    return tuple(text or "" for text in row)
