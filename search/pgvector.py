"""Nearest passages by meaning, out of a pgvector column: the only door to pgvector.

The bytes in `passage.vector` are what is kept; the column beside them is made of these, so that
another encoder, or a library that moves, needs nothing else. The extension may be missing: then
there are no vectors to ask, and words answer alone.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from kb.errors import NotReadyError
from search.dense import Cosines, Ids, Mask
from search.encoder import Encoder, Vector, Vectors

VERSION = (0, 8)  # of pgvector: the first that goes on looking where a filter leaves too few
BYTES = np.dtype("<f2")  # as `search.store.VECTOR`
DIGITS = "%.5g"  # of a number of 16 bits, from which it can be read again

# From MANY vectors on, a graph (HNSW) is asked for candidates. Below, and behind a filter that
# leaves fewer than MANY, all are compared: that is sooner done there, and always right.
# Source: components.md 3.1, and docs/measured.md, "On PostgreSQL".
MANY = 20_000
DEEPER = 2  # times k that are looked for, so that the best k are nearly always among them
MOST = 1_000  # that pgvector looks for at once
NARROW = 0.1  # share of the vectors: behind a narrower filter the graph finds too few

EXTEND = "create extension if not exists vector"
MAKE = """
    create table if not exists passage_vector (
      passage_id bigint primary key references passage (id) on delete cascade,
      encoder text not null, vector halfvec not null)
"""
# Vectors need not be looked at to know which there are.
ENCODERS = "create index if not exists ix_passage_vector_encoder on passage_vector (encoder)"
CAN = """
    select exists (select from pg_extension where extname = 'vector') as there,
           (select default_version from pg_available_extensions where name = 'vector') as offered,
           (select extversion from pg_extension where extname = 'vector') as version
"""
# Both as of one moment: a passage may be gone with the next statement.
IDS = """
    select string_agg(passage_id::text, ','), ({dim})
    from passage_vector where encoder = :encoder
"""
DIM = "select vector_dims(vector) from passage_vector where encoder = :encoder limit 1"
MISSING = """
    select id, vector from passage where encoder = :encoder and vector is not null
      and not exists (select from passage_vector v where v.passage_id = passage.id
                      and v.encoder = passage.encoder)
    order by id limit :most
"""
ADD = """
    insert into passage_vector (passage_id, encoder, vector)
    select id, :encoder, vector::halfvec
    from unnest(cast(:ids as bigint[]), cast(:vectors as text[])) as new (id, vector)
    on conflict (passage_id) do update set encoder = excluded.encoder, vector = excluded.vector
"""
HINT = (
    "Install pgvector 0.8 or later beside PostgreSQL, and let a superuser say "
    "“create extension vector” in this database; then run kb index. docs/postgresql.md tells more."
)
LEAST = 100  # with its own 40, pgvector found 0.87 of the ten nearest of 100,000 (docs/measured.md)
TOLD = """
    select string_agg(passage_id::text, ','), string_agg(distance::text, ',')
    from ({found}) as found
"""
EXACT = """
    select passage_id, vector <#> cast(:query as halfvec) as distance
    from passage_vector where encoder = {encoder}
"""
# Written as the index is, or the index is not used.
GRAPH = """
    select passage_id, (vector::halfvec({dim})) <#> cast(:query as halfvec({dim})) as distance
    from passage_vector where encoder = {encoder}
    order by (vector::halfvec({dim})) <#> cast(:query as halfvec({dim}))
"""
SETTINGS = """
    select set_config('hnsw.ef_search', :ef, true),
           set_config('hnsw.iterative_scan', 'strict_order', true)
"""
VECTORS = """
    select id, vector from passage
    where id = any(:ids) and encoder = :encoder and vector is not null
"""
BUILDER = 0x67726166  # "graf": the lock of whoever makes a graph
THERE = "select indisvalid from pg_index where indexrelid = to_regclass(:name)"
MAKE_GRAPH = """
    create index concurrently {name} on passage_vector
    using hnsw ((vector::halfvec({dim})) halfvec_ip_ops) where encoder = {encoder}
"""
# A server may end what takes long; a writer that is not done yet may need a while.
PATIENT = {"statement_timeout": 0, "lock_timeout": "2min"}
WRITTEN = "select pg_current_xact_id_if_assigned() is not null"
AT_ONCE = 5_000  # vectors written between two looks
log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Dense:
    """The vectors of an index, by number; the database has them, this knows only which."""

    ids: Ids  # (m,) of the passages that have one, ascending
    encoder: str  # digest of the weights
    dim: int

    def __len__(self) -> int:
        return len(self.ids)

    def at(self, session: Session) -> "Asked":
        """Return what can be asked in this session."""
        return Asked(self, session)


@dataclass(frozen=True, eq=False)
class Asked:
    """The vectors of an index, ready to be asked in one session.

    A passage that has gone meanwhile is not found, and its cosine is 0.
    """

    dense: Dense
    session: Session = field(repr=False)

    def nearest(self, query: Vector, *, k: int, allowed: Mask | None = None) -> tuple[Ids, Cosines]:
        """Return the positions of the `k` nearest vectors, best first, and their cosines."""
        n = len(self.dense)
        may = n if allowed is None else int(allowed.sum())
        k = min(k, may)
        if k == 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        wanted = DEEPER * k * n // may
        if may >= max(MANY, NARROW * n) and has_graph(self.session, self.dense):
            rows, cosines = self._roughly(query, wanted)
            if allowed is not None:
                rows, cosines = rows[allowed[rows]], cosines[allowed[rows]]
            if len(rows) >= k:
                return rows[:k], cosines[:k]
        return self._exactly(query, k, allowed)

    def cosines(self, query: Vector, positions: Ids) -> Cosines:
        """Return the exact cosine of `query` with each of the vectors at `positions`."""
        among = "and passage_id = any(:ids)"
        rows, found = self._told(query, f"{EXACT} {among}", ids=self.dense.ids[positions].tolist())
        cosines = np.zeros(len(self.dense), np.float32)
        cosines[rows] = found
        return cosines[positions]

    def vectors(self, positions: Ids) -> Vectors:
        """Return the vectors at `positions`, (n, dim), of unit length to 16 bits."""
        ids = self.dense.ids[positions]
        asked = {"ids": ids.tolist(), "encoder": self.dense.encoder}
        found = self.session.execute(text(VECTORS), asked)
        known = {id_: np.frombuffer(vector, BYTES) for id_, vector in found}
        none = np.zeros(self.dense.dim, BYTES)
        rows = [known.get(id_, none) for id_ in ids.tolist()]
        return np.array(rows, np.float32).reshape(len(ids), self.dense.dim)

    def _exactly(self, query: Vector, k: int, allowed: Mask | None) -> tuple[Ids, Cosines]:
        """Compare with all that are allowed: those are listed, or the others if they are fewer."""
        ids, among = self.dense.ids, ""
        if allowed is not None and not allowed.all():
            few = 2 * int(allowed.sum()) <= len(allowed)
            ids = ids[allowed if few else ~allowed]
            among = "and passage_id = any(:ids)" if few else "and passage_id <> all(:ids)"
        nearest = f"{EXACT} {among} order by distance limit {k}"
        rows, cosines = self._told(query, nearest, **({"ids": ids.tolist()} if among else {}))
        # What came since the index was made is not known here, and may have taken a place.
        return _best_first(rows, cosines)

    def _roughly(self, query: Vector, k: int) -> tuple[Ids, Cosines]:
        """Ask the graph, which goes on looking until it has found `k`."""
        self.session.execute(text(SETTINGS), {"ef": str(min(max(k, LEAST), MOST))})
        return _best_first(*self._told(query, f"{GRAPH} limit {k}"))

    def _told(self, query: Vector, statement: str, **given: object) -> tuple[Ids, Cosines]:
        """Return the positions that a statement tells, of those known here, and their cosines."""
        told = TOLD.format(
            found=statement.format(encoder=_quoted(self.dense.encoder), dim=self.dense.dim)
        )
        vector = _written(np.asarray(query, np.float32))
        ids, distances = self.session.execute(text(told), {"query": vector, **given}).one()
        found = np.fromstring(ids or "", np.int64, sep=",")
        cosines = -np.fromstring(distances or "", np.float64, sep=",").astype(np.float32)
        rows = np.searchsorted(self.dense.ids, found).clip(max=len(self.dense) - 1)
        known = self.dense.ids[rows] == found
        return rows[known], cosines[known]


def make(connection: Connection) -> None:
    """Make the table of vectors where it is missing and the extension lets us.

    Without the extension the library works by words, and says so in the log.
    """
    try:
        _extend(connection)
    except NotReadyError as error:
        log.warning("search works by words alone: %s %s", error, error.hint)
        return
    connection.execute(text(MAKE))
    connection.execute(text(ENCODERS))


def is_made(connection: Connection) -> bool:
    """Return whether `make` has made the table, or could not; only reads."""
    return _has_table(connection) or not connection.execute(text(CAN)).one().there


def check(connection: Connection) -> None:
    """Do nothing where vectors can be kept and asked.

    Raises:
        NotReadyError: the extension is missing, or too old.
    """
    there = connection.execute(text(CAN)).one()
    if not there.there:
        raise NotReadyError("This PostgreSQL database has no pgvector.", hint=HINT)
    if tuple(map(int, there.version.split(".")[:2])) < VERSION:
        raise NotReadyError(f"pgvector is here in version {there.version}.", hint=HINT)


def load(session: Session, encoder: Encoder, passages: Ids) -> Dense | None:
    """Return the vectors of these weights; None where there are none, or no pgvector.

    Only those of `passages`, ascending: others may have come since these were read.
    """
    if not _has_table(session.connection()):
        return None
    asked = {"encoder": encoder.digest}
    listed, dim = session.execute(text(IDS.format(dim=DIM)), asked).one()
    ids = np.fromstring(listed or "", np.int64, sep=",")
    ids = np.intersect1d(ids, passages, assume_unique=True)
    return Dense(ids, encoder.digest, dim) if len(ids) else None


def add(session: Session, encoder: Encoder, vectors: Iterable[tuple[int, bytes]]) -> None:
    """Write vectors of passages, given as the passages keep them."""
    written = {id_: _written(np.frombuffer(vector, BYTES)) for id_, vector in vectors}
    if written and _has_table(session.connection()):
        given = {"ids": [*written], "vectors": [*written.values()], "encoder": encoder.digest}
        session.execute(text(ADD), given)


def fill(session: Session, encoder: Encoder) -> None:
    """Write the vectors that the passages have and the column lacks."""
    while rows := _missing(session, encoder, AT_ONCE):
        add(session, encoder, rows)


def lacks(session: Session, encoder: Encoder) -> bool:
    """Return whether `fill` would write anything."""
    return bool(_missing(session, encoder, 1))


def has_any(session: Session, encoder: Encoder) -> bool:
    """Return whether there is any vector of these weights, or no table for them."""
    if not _has_table(session.connection()):
        return True
    return session.scalar(text(DIM), {"encoder": encoder.digest}) is not None


def settle(session: Session, encoder: Encoder) -> None:
    """Make the graph over the vectors where they are many and it is missing.

    By a connection of its own, and nobody waits meanwhile: it takes half a minute for 100,000 of
    them. Where another process makes it, or the session has written something, the next time will
    do. What the session has read, it reads anew.
    """
    asked = {"encoder": encoder.digest}
    dim = session.scalar(text(DIM), asked) if _has_table(session.connection()) else None
    if dim is None or _is_there(session.connection(), _graph(encoder.digest, dim)):
        return
    count = text("select count(*) from passage_vector where encoder = :encoder")
    n = session.scalar(count, asked) or 0
    if n < MANY:
        return
    if session.scalar(text(WRITTEN)):
        return
    session.rollback()  # nothing was written; who still reads would be waited for
    memory = min(n * (2 * dim + 400) // 1024 + 65_536, 4 * 1024 * 1024)  # kB
    engine = session.get_bind().engine.execution_options(readonly=True)
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.detach()  # its settings, and its lock, go with it
            for name, value in (("maintenance_work_mem", memory), *PATIENT.items()):
                # nosemgrep: sql-from-outside  numbers and words of ours
                connection.execute(text(f"set {name} = '{value}'"))
            _make_graph(connection, encoder.digest, dim)
    except DBAPIError as error:
        log.warning("the graph over the vectors is not made yet: %s", error.orig)


def _make_graph(connection: Connection, encoder: str, dim: int) -> None:
    """Make it, unless another one is at it; what one that was killed left goes first."""
    if not connection.scalar(text(f"select pg_try_advisory_lock({BUILDER})")):
        return
    name = _graph(encoder, dim)
    if not _is_there(connection, name):
        connection.execute(text(f"drop index concurrently if exists {name}"))
        making = MAKE_GRAPH.format(name=name, dim=dim, encoder=_quoted(encoder))
        connection.execute(text(making))
        connection.execute(text("analyze passage_vector"))


def has_graph(session: Session, dense: Dense) -> bool:
    """Return whether there is a whole graph over these vectors."""
    return _is_there(session.connection(), _graph(dense.encoder, dense.dim))


def _extend(connection: Connection) -> None:
    if not connection.execute(text(CAN)).one().there:
        try:
            with connection.begin_nested():
                connection.execute(text(EXTEND))
        except DBAPIError as error:
            raise NotReadyError("This PostgreSQL database has no pgvector.", hint=HINT) from error
    check(connection)


def _has_table(connection: Connection) -> bool:
    return connection.scalar(text("select to_regclass('passage_vector')")) is not None


def _missing(session: Session, encoder: Encoder, most: int) -> Sequence[tuple[int, bytes]]:
    if not _has_table(session.connection()):
        return []
    asked = {"encoder": encoder.digest, "most": most}
    return [(row.id, row.vector) for row in session.execute(text(MISSING), asked)]


def _is_there(connection: Connection, graph: str) -> bool:
    return bool(connection.scalar(text(THERE), {"name": graph}))


def _graph(encoder: str, dim: int) -> str:
    name = "".join(filter(str.isalnum, encoder))[:16].lower()
    return f"ix_passage_vector_{name}_{dim}"


def _best_first(rows: Ids, cosines: Cosines) -> tuple[Ids, Cosines]:
    order = np.lexsort((rows, -cosines))
    return rows[order], cosines[order]


def _written(vector: Vector) -> str:
    return "[" + ",".join([DIGITS % number for number in vector.tolist()]) + "]"


def _quoted(said: str) -> str:
    return "'" + said.replace("'", "''") + "'"
