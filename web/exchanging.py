"""Lists and exports into the library as a batch, and the library out as JSON Lines."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy.orm import Session

from ingest import rows
from ingest.sandbox import Limits, read_safely
from kb import batches, exchange
from kb.bags import MANIFEST
from kb.borrowed_collections import Taken
from kb.errors import InvalidError, NotFoundError
from kb.exchange import Brought, Incoming
from kb.originals import sha256_of
from kb.vocabulary import BatchKind, Became
from web.filling import Step
from web.library import Library

Bring = Callable[[Session, Incoming], Brought]
Beside = Callable[[Session, int], Taken]  # with the number of the batch


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do, before anything is kept."""

    path: Path
    columns: tuple[rows.Column, ...]  # none for an export of Maktaba, which says it itself
    incoming: Iterable[Incoming]  # a whole library is read anew each time, not kept in memory
    count: int  # of them
    ready: int  # of these can be made records
    told: tuple[tuple[str, str], ...]  # the line or row, and what is wrong or doubtful there
    doubts: tuple[str, ...] = ()


def planned(
    path: Path,
    incoming: Iterable[Incoming],
    *,
    columns: Sequence[rows.Column] = (),
    doubts: tuple[str, ...] = (),
    meanwhile: Callable[[Incoming], None] | None = None,
) -> Plan:
    """Go through what comes once, and return what would become of it.

    `meanwhile` sees each of them.
    """
    count = ready = 0
    told: list[tuple[str, str]] = []
    for one in incoming:
        count, ready = count + 1, ready + (one.record is not None)
        told += [(one.name, said) for said in (one.error, *one.doubts) if said]
        if meanwhile is not None:
            meanwhile(one)
    return Plan(path, tuple(columns), incoming, count, ready, tuple(told), doubts)


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of each record of the list."""

    brought: tuple[Brought, ...]
    batch_id: int | None

    def count(self, became: Became) -> int:
        """Return of how many this became."""
        return sum(one.became is became for one in self.brought)


def plan(
    library: Library,
    path: Path,
    *,
    chosen: Mapping[str, str] | None = None,
    given: Mapping[str, str] | None = None,
) -> Plan:
    """Return what a list holds: its columns as they would be read, and its records.

    `chosen` maps names of columns to fields, `given` fills fields that no column says.

    Raises:
        InvalidError: it is no list, or a column or field is not there.
        NotFoundError: there is no such file.
    """
    if not path.is_file():
        raise NotFoundError(f"There is no file {path}.", hint="Check the name and the folder.")
    limits = Limits(file_bytes=library.settings.max_file_mb * 2**20)
    try:
        document = read_safely(path, limits=limits)
    except OSError as error:
        raise InvalidError(
            f"{path.name} cannot be opened: {error.strerror}.", hint="Check who may read it."
        ) from error
    unknown = set(given or {}) - set(rows.fields())
    if unknown:
        raise InvalidError(
            f"No record has a field {', '.join(sorted(unknown))}.",
            hint=f"Fields: {', '.join(rows.fields())}.",
        )
    grid = rows.table_of(document)
    columns = rows.mapping(grid, chosen or {})
    if not any(column.field == "title" for column in columns) and "title" not in (given or {}):
        raise InvalidError(
            f"No column of {path.name} is the title.",
            hint=f'Name it: --map "{grid.header[0]}=title". '
            f"The columns are {', '.join(grid.header)}.",
        )
    read = rows.read_rows(
        grid,
        columns,
        taxonomy=library.taxonomy,
        labels=library.labels,
        source=path.name,
        given=given or {},
    )
    found = tuple(
        Incoming(f"row {row.number}", row.origin, row.record, row.doubts, row.error) for row in read
    )
    return planned(path, found, columns=columns, doubts=document.doubts)


def bring_in(
    library: Library,
    planned: Plan,
    *,
    step: Step,
    by: str = "import",
    bring: Bring | None = None,
    beside: Iterable[Beside] = (),
) -> Imported:
    """Add what was planned as drafts, in one batch that `kb undo` takes back.

    `bring` adds one of them, each of `beside` something else in the same batch, when all records
    are there; they leave it to us to commit. An import that was interrupted goes
    on in its batch, unless other bytes lie at that path now: then the old one ends there.
    """
    path = planned.path.resolve()
    manifest = path / MANIFEST
    digest = sha256_of(manifest if manifest.is_file() else path)
    with library.writing() as session:
        batch = batches.begin(session, BatchKind.IMPORT, [str(path)], by=by)
        if any(item.sha256 != digest for item in batch.items):
            batches.finish(session, batch.id)
            session.flush()
            batch = batches.begin(session, BatchKind.IMPORT, [str(path)], by=by)
        batch_id = batch.id
        session.commit()
    done: list[Brought] = []
    for one in planned.incoming:
        with library.writing() as session:
            brought = bring(session, one) if bring else exchange.bring(session, one, by=by)
            batches.note(
                session,
                batch_id,
                name=f"{path.name}, {one.name}",
                position=len(done),
                became=brought.became,
                record=brought.record,
                before=brought.before,
                sha256=digest,
                reason=brought.reason,
                doubts=brought.doubts,
            )
            session.commit()
        done.append(replace(brought, record=None))  # ten thousand of them are large
        step(len(done), planned.count, "")
    for act in beside:
        with library.writing() as session:
            taken = act(session, batch_id)
            batches.note(
                session,
                batch_id,
                name=f"{path.name}, {taken.name}",
                position=len(done),
                became=taken.became,
                sha256=digest,
                reason=taken.reason,
                doubts=taken.doubts,
            )
            session.commit()
        done.append(Brought(taken.name, taken.became, doubts=taken.doubts, reason=taken.reason))
    with library.writing() as session:
        finished = batches.finish(session, batch_id)
        session.commit()
        return Imported(tuple(done), finished.id if finished else None)


def pairs(texts: Sequence[str]) -> dict[str, str]:
    """Return "name=value" arguments as a mapping; a value of “-” means leave out.

    Raises:
        InvalidError: one of them has no “=”.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, separator, value = text.rpartition("=")
        if not separator or not name:
            raise InvalidError(f"“{text}” is no pair.", hint='Write it as "name=value".')
        found[name.strip()] = "" if value.strip() == "-" else value.strip()
    return found
