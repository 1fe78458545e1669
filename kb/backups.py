"""A whole library in a bag, made while it is used, and a library made from one again.

In the bag: the database as a SQLite file, all that lies in the data folder but what is derived
(index, models), the files that settings name, and the settings without their secrets.
"""

import json
import os
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from sqlite3 import Error as FileError  # of a file that is opened, or copies itself
from sqlite3 import connect as open_file
from tempfile import TemporaryDirectory
from typing import IO, Any, Final

from pydantic import SecretStr
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from kb import bags, schema, tables
from kb.bags import Bag, Packing, Step, quietly
from kb.db import connect, url_of
from kb.errors import ConflictError, InvalidError, NotReadyError
from kb.leftovers import HALF, mark
from kb.settings import Settings
from kb.site import file_of, site_of

KIND: Final = "backup"
DATABASE: Final = "kb.sqlite"
TABLES: Final = "tables.json"  # rows and digest of every table
SETTINGS: Final = "settings.json"
LIBRARY: Final = "library/"  # what lies in the data folder
NAMED: Final = "named/"  # what settings name elsewhere
# Made again from what is kept, or the database itself.
DERIVED: Final = frozenset({"index", "models", DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm"})
DATABASES: Final = ("database", "database_read")  # settings whose addresses may hold a password
BY_SHA256: Final = ("originals", "copies")  # folders whose files are called by their digests


@dataclass(frozen=True, slots=True)
class Backed:
    """What is in a backup."""

    rows: int
    files: int
    size: int  # bytes
    damaged: tuple[str, ...]  # files that cannot be read, originals missing or not as they came
    secrets: tuple[str, ...]  # settings that are not in it


@dataclass(frozen=True, slots=True)
class Restored:
    """What a backup became."""

    folder: Path
    rows: int
    files: int
    database: str  # where the rows are, without a password
    settings: dict[str, Any]  # as they were set then, without secrets
    named: tuple[Path, ...]  # files that settings named, to be named again


def write(target: Path, *, settings: Settings, step: Step = quietly) -> Backed:
    """Write everything of the library to `target`, a folder or a zip; it may be used meanwhile.

    The database comes first, as of one moment; originals are only ever added, so that all that
    it names are there afterwards.

    Raises:
        InvalidError: something is at `target` already, or it cannot be written, or it lies within
            the library.
        NotReadyError: there is no library, or its database cannot be copied.
    """
    if settings.data.resolve() in (target.resolve(), *target.resolve().parents):
        raise InvalidError(
            f"{target} lies within the library.", hint="Name a place on another disk."
        )
    info = _info(settings)
    with _database(settings) as engine, bags.packed(target, info) as bag, _beside(target) as half:
        database = half / DATABASE
        tables.snapshot(engine, database)
        rows = tables.digests(database)
        info["Maktaba-Schema"] = tables.revision(database)
        with database.open("rb") as file:
            bag.add(DATABASE, file)
        bag.write(TABLES, _json({name: list(one) for name, one in rows.items()}))
        bag.write(SETTINGS, _json(_told(settings)))
        ill = tuple(_files(bag, settings, step))
        damaged = (*ill, *_missing(database, bag, ill))
        if damaged:
            bag.write("damaged.txt", "".join(f"{line}\n" for line in damaged))
        count = sum(one.rows for one in rows.values())
        return Backed(count, len(bag.digests), bag.size, damaged, secrets(settings))


def restore(backup: Path, folder: Path, *, database: str = "", step: Step = quietly) -> Restored:
    """Make the library of a backup again, in an empty folder, and bring its tables up to date.

    Every checksum is looked at before anything is written. Where `database` names a PostgreSQL
    server, the rows go there.

    Raises:
        BrokenBagError: the backup is not as it was written.
        InvalidError: it is no backup, or the folder or the database is not empty.
        NotReadyError: a newer version of Maktaba wrote it.
    """
    _refuse_full(folder)
    with _opened(backup, step) as bag, _emptied_on_error(folder):
        said = _read(bag, SETTINGS)
        rows, half = _unpacked(bag, folder, step)
        tables.brought_up_to_date(half)
        if database and url_of(database).get_backend_name() != "sqlite":
            server = connect(database)
            try:
                tables.load(half, server)
            finally:
                server.dispose()
            half.unlink()
            where = url_of(database).render_as_string(hide_password=True)
        else:  # last: until then nobody takes the folder for a library
            where = str(half.replace(folder / DATABASE))
        named = tuple(sorted(folder.glob(f"{NAMED}*")))
        return Restored(folder, rows, len(bag.payload()), where, said, named)


def verify(backup: Path, *, step: Step = quietly, beside: Path | None = None) -> Restored:
    """Restore a backup into a temporary folder, compare every table and file, keep nothing.

    The folder is made in `beside`, else where the system keeps such.

    Raises:
        BrokenBagError: the backup is not as it was written.
        ConflictError: a table is not restored as it was.
        NotReadyError: a newer version of Maktaba wrote it.
    """
    with _opened(backup, step) as bag, _for_a_moment(beside) as made:
        folder = made / "library"
        _, half = _unpacked(bag, folder, step)
        then = _read(bag, TABLES)
        now = {name: list(one) for name, one in tables.digests(half).items()}
        if differ := sorted(name for name in then | now if then.get(name) != now.get(name)):
            raise ConflictError(
                f"The table {differ[0]} is not restored as it was.",
                hint="Make a new backup; keep this one, and report it.",
            )
        for name in bag.payload(LIBRARY):
            with bag.open(name) as one, (folder / _under(name)).open("rb") as other:
                if bags.digest_of(one) != bags.digest_of(other):
                    raise ConflictError(f"{_under(name)} is not restored as it was.")
        shutil.rmtree(folder)
        return restore(backup, made / "again")  # and it becomes a library of this version


@contextmanager
def _for_a_moment(beside: Path | None) -> Iterator[Path]:
    try:
        with TemporaryDirectory(dir=beside, prefix=mark(HALF)) as made:
            yield Path(made)
    except OSError as error:
        raise InvalidError(
            f"The backup cannot be unpacked to be compared: {error.strerror or error}.",
            hint="Name a folder with room for it: TMPDIR=/mnt/disk kb restore … --dry-run.",
        ) from error


def _read(bag: Bag, name: str) -> dict[str, Any]:
    """Return what a file of the bag says, as JSON."""
    try:
        said = json.loads(bag.text(bags.DATA + name))
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise InvalidError(f"{name} in {bag.path.name} is not as Maktaba writes it.")
    return said


def secrets(settings: Settings) -> tuple[str, ...]:
    """Return the variables that are set and hold a secret, or name a file of one.

    None of these secrets is written anywhere.
    """
    names = (name for secret in _secret() for name in (secret, f"{secret}_file"))
    found = {name for name in names if getattr(settings, name, None)}
    found |= {name for name in DATABASES if _password(getattr(settings, name))}
    return tuple(f"KB_{name.upper()}" for name in sorted(found))


def _password(address: str) -> str | None:
    return url_of(address).password if address else None


def _secret() -> set[str]:
    """Return the settings that hold a secret, by how they are declared."""
    return {
        name
        for name, told in Settings.model_fields.items()
        if told.annotation is SecretStr or not told.repr
    }


def _told(settings: Settings) -> dict[str, Any]:
    """Return what is set, by its variable, without secrets."""
    told = settings.model_dump(mode="json", exclude_unset=True, exclude=_secret())
    for name in DATABASES:
        if address := getattr(settings, name):
            told[name] = url_of(address).render_as_string(hide_password=True)
    return {f"KB_{name.upper()}": value for name, value in told.items()}


@contextmanager
def _database(settings: Settings) -> Iterator[Engine]:
    """Open the database as it is: an old one is kept as an old one."""
    url = url_of(settings.database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise NotReadyError(
            f"There is no library in {settings.data}.", hint="Name its folder with KB_DATA."
        )
    engine = connect(settings.database_url)
    try:
        yield engine
    finally:
        engine.dispose()


def _info(settings: Settings) -> dict[str, str]:
    return {
        "Maktaba-Kind": KIND,
        "Maktaba-Version": version("maktaba"),
        "Maktaba-Database": url_of(settings.database_url).get_backend_name(),
        "External-Description": "A whole library of Maktaba, with people and what is not public",
    }


def _files(bag: Packing, settings: Settings, step: Step) -> Iterator[str]:
    """Put the files of the library into the bag; yield what is not as it came."""
    hidden = {getattr(settings, f"{name}_file", None) for name in _secret()}
    left_out = {path.resolve() for path in hidden if path is not None}
    left_out |= _of_database(settings)
    closed: list[OSError] = []  # folders
    lying = _lying(settings.data, closed.append)
    found = sorted(path for path in lying if path.resolve() not in left_out)
    for error in closed:
        folder = Path(error.filename).relative_to(settings.data).as_posix()
        yield f"{folder} cannot be read ({error.strerror})"
    for number, path in enumerate(found, start=1):
        name = path.relative_to(settings.data).as_posix()
        try:
            file = path.open("rb")
        except FileNotFoundError:  # taken back meanwhile, with its record
            continue
        except OSError as error:  # somebody else's, or its disk is ill
            yield f"{name} cannot be read ({error.strerror})"
            continue
        with file:
            digest = bag.add(LIBRARY + name, file)
        if path.relative_to(settings.data).parts[0] in BY_SHA256 and digest != path.name:
            yield f"{name} is no longer as it came"
        step(number, len(found), "")
    for number, path in enumerate(_elsewhere(settings)):
        with path.open("rb") as file:
            bag.add(f"{NAMED}{number:02}-{path.name}", file)


def _lying(data: Path, closed: Callable[[OSError], None]) -> Iterator[Path]:
    """Yield the files that lie in the data folder, but what is derived and what is half written.

    Also behind links: originals may be kept on another disk. `closed` is told of each folder that
    cannot be looked into.
    """
    seen: set[Path] = set()
    for place, below, names in os.walk(data, onerror=closed, followlinks=True):
        folder = Path(place)
        if folder.resolve() in seen:  # a link that leads round
            below.clear()
            continue
        seen.add(folder.resolve())
        left_out = DERIVED if folder == data else ()
        below[:] = [one for one in below if one not in left_out and not one.startswith(HALF)]
        for name in names:
            path = folder / name
            if name not in left_out and not name.startswith(HALF) and path.is_file():
                yield path


def _of_database(settings: Settings) -> set[Path]:
    """Return the files of a SQLite database that is called otherwise: it is copied as one."""
    url = url_of(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        return set()
    path = Path(url.database).resolve()
    return {path.with_name(f"{path.name}{end}") for end in ("", "-wal", "-shm")}


def _elsewhere(settings: Settings) -> Iterator[Path]:
    """Yield the files that settings name, and that do not lie in the data folder."""
    data, site = settings.data.resolve(), file_of(settings)
    named = [*settings.taxonomy]
    if site is not None:
        own = site_of(settings)
        named += [site, *own.taxonomy, *((own.logo,) if own.logo else ())]
    for path in named:
        if data not in path.resolve().parents:
            yield path


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """Make a folder on the disk of the backup, for as long as the database is copied."""
    try:
        with TemporaryDirectory(dir=target.parent, prefix=mark(HALF)) as half:
            yield Path(half)
    except (SQLAlchemyError, FileError) as error:
        said = getattr(error, "orig", None) or error
        raise NotReadyError(
            f"The database cannot be copied: {said}.",
            hint="Make room on the disk, and try again. Where the file is damaged: Restore your "
            "backup with kb restore.",
        ) from error


def _missing(database: Path, bag: Packing, ill: Collection[str]) -> list[str]:
    """Return the originals that the database names and the folder does not have."""
    with open_file(database) as rows:
        known = [sha256 for (sha256,) in rows.execute("select sha256 from source_file")]
    rows.close()
    names = {f"originals/{one[:2]}/{one}" for one in known}
    there = {name.removeprefix(bags.DATA + LIBRARY) for name in bag.digests}
    named = {line.partition(" ")[0] for line in ill}
    return [f"{name} is missing" for name in sorted(names - there - named)]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


@contextmanager
def _opened(backup: Path, step: Step) -> Iterator[Bag]:
    with bags.opened(backup, step=step) as bag:
        if bag.info.get("Maktaba-Kind") != KIND or bags.DATA + DATABASE not in bag.sizes:
            raise InvalidError(
                f"{backup} is no backup of a library.",
                hint="An export of a library is read by `kb import`.",
            )
        said = bag.info.get("Maktaba-Schema", "")
        if not schema.knows(said):
            raise NotReadyError(
                f"The backup is at revision {said}, which this version does not know.",
                hint=f"Install Maktaba {bag.info.get('Maktaba-Version', '')} or a newer one.",
            )
        yield bag


def _unpacked(bag: Bag, folder: Path, step: Step) -> tuple[int, Path]:
    """Write the files of the library into `folder`, the database last.

    Return its rows, and where it lies: under a name that is not yet that of a library's.
    """
    names = bag.payload(LIBRARY)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number, name in enumerate(names, start=1):
        target = folder / _under(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        with bag.open(name) as file:
            _write(target, file)
        if target.relative_to(folder).parts[0] in BY_SHA256:
            target.chmod(0o440)
        step(number, len(names), "")
    for name in bag.payload(NAMED):
        target = folder / name.removeprefix(bags.DATA)
        target.parent.mkdir(parents=True, exist_ok=True)
        with bag.open(name) as file:
            _write(target, file)
    half = folder / f"{mark(HALF)}{DATABASE}"
    with bag.open(bags.DATA + DATABASE) as file:
        _write(half, file)
    try:
        return sum(one.rows for one in tables.digests(half).values()), half
    except FileError as error:  # its checksum is right: so it was packed
        raise InvalidError(
            f"The database in {bag.path.name} cannot be read: {error}.",
            hint="Restore an earlier backup.",
        ) from error


def _under(name: str) -> str:
    return name.removeprefix(bags.DATA + LIBRARY)


def _write(target: Path, file: IO[bytes]) -> None:
    with target.open("xb") as new:
        shutil.copyfileobj(file, new)


def _refuse_full(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InvalidError(
            f"{folder} is not empty.",
            hint="Name a new folder: a backup never goes over what is there.",
        )


@contextmanager
def _emptied_on_error(folder: Path) -> Iterator[None]:
    """Take away again what was written into the folder where not all of it could be."""
    was_there = folder.exists()
    try:
        yield
    except BaseException as error:
        for path in folder.iterdir() if folder.exists() else ():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        if folder.exists() and not was_there:
            folder.rmdir()
        if isinstance(error, OSError):
            raise InvalidError(
                f"{folder} cannot be written: {error.strerror or error}.",
                hint="Name a folder that is there, with room on its disk.",
            ) from error
        raise
