"""Lists and exports into the library as a batch, and the library out as JSON Lines."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from ingest import rows
from ingest.sandbox import Limits, read_safely
from kb import batches, exchange
from kb.errors import InvalidError, NotFoundError
from kb.exchange import Brought, Incoming
from kb.originals import sha256_of
from kb.vocabulary import BatchKind, Became
from web.filling import Step
from web.library import Library

Bring = Callable[[Session, Incoming], Brought]


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do, before anything is kept."""

    path: Path
    columns: tuple[rows.Column, ...]  # none for an export of Maktaba, which says it itself
    incoming: tuple[Incoming, ...]
    doubts: tuple[str, ...] = ()


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
    return Plan(path, tuple(columns), found, document.doubts)


def bring_in(
    library: Library,
    planned: Plan,
    *,
    step: Step,
    by: str = "import",
    bring: Bring | None = None,
) -> Imported:
    """Add what was planned as drafts, in one batch that `kb undo` takes back.

    `bring` adds one of them, and leaves it to us to commit.
    """
    path = planned.path.resolve()
    with library.writing() as session:
        batch_id = batches.begin(session, BatchKind.IMPORT, [str(path)], by=by).id
        session.commit()
    digest = sha256_of(path) if path.is_file() else ""
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
        done.append(brought)
        step(len(done), len(planned.incoming), "")
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
