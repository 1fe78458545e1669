"""An opened library: its settings, database, taxonomy, encoder and index, each made when needed."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from errno import EACCES, EDQUOT, ENOSPC, EPERM, EROFS
from functools import cached_property
from sqlite3 import Error as SQLiteError
from threading import Lock
from time import monotonic

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from kb import own_terms, schema, taxonomy
from kb.db import connect
from kb.errors import NotReadyError
from kb.labels import Labels
from kb.own_terms import LiveTaxonomy, Standing
from kb.replicas import Replica, replica_of
from kb.settings import Settings
from kb.site import Site, site_of, terms_of
from kb.taxonomy import Taxonomy
from search.encoder import Encoder, find_encoder
from search.index import Index, LiveIndex
from search.query import search
from search.store import ensure_fts, has_fts
from search.suggest import suggest
from web.i18n import LANGUAGES

log = logging.getLogger(__name__)

# With a word that no library knows, so that everything a question may need is asked for.
FIRST_QUESTION = "wsahing hands"
LOOK_AGAIN_S = 60.0  # for an encoder that is missing

# What an operator can mend, by the beginning of SQLite's name for it.
HINTS = {
    "SQLITE_BUSY": "Another program is writing to it: try again when that is done.",
    "SQLITE_FULL": "Make room on the disk, then run the same command again.",
    "SQLITE_READONLY": "Change who may write to the file and its folder.",
    "SQLITE_CANTOPEN": "Check that the folder exists, and who may write there.",
    "SQLITE_IOERR": "Check the disk; restore your backup if the file is damaged.",
    "SQLITE_CORRUPT": "Restore your backup.",
    "SQLITE_NOTADB": "KB_DATABASE or the data folder names another kind of file.",
}
ON_DISK = {
    EACCES: "Run it as the account of the library, or change who may read and write there.",
    EPERM: "Run it as the account of the library, or change who may read and write there.",
    EROFS: "Mount the disk so that it may be written to.",
    ENOSPC: HINTS["SQLITE_FULL"],
    EDQUOT: HINTS["SQLITE_FULL"],
}
ON_SERVER = {  # by SQLSTATE
    "53100": HINTS["SQLITE_FULL"],
    "55P03": HINTS["SQLITE_BUSY"],
    "25006": "It takes no changes, as a replica does: name the database itself in KB_DATABASE.",
    "42501": "Let the user of KB_DATABASE read and write all tables.",
}
SERVER_HINT = "Check KB_DATABASE, that its server runs, and that it lets you in."


@dataclass(frozen=True)
class Library:
    """What page, API and command line work with."""

    settings: Settings
    engine: Engine
    files: Taxonomy  # as the shipped, national and site files have it

    @cached_property
    def site(self) -> Site:
        """What makes the library somebody's own: its name, colours, languages and words."""
        return site_of(self.settings, LANGUAGES)

    @cached_property
    def _words(self) -> LiveTaxonomy:
        words = LiveTaxonomy(self.files)
        with self.reading() as session:
            words.look(session)
        return words

    @property
    def standing(self) -> Standing:
        """The taxonomy with what the library's own curators added, as last looked at."""
        return self._words.standing

    @property
    def taxonomy(self) -> Taxonomy:
        """The concepts as they stand in this library."""
        return self.standing.taxonomy

    @property
    def labels(self) -> Labels:
        """The labels of the taxonomy, ready to be found in texts."""
        return self.standing.labels

    def look(self) -> None:
        """See what another process, or another thread, has changed in the taxonomy."""
        with self.reading() as session:
            self._words.look(session)

    @cached_property
    def encoder(self) -> Encoder | None:
        """What turns texts to vectors; None when the library is searched by words only."""
        return find_encoder(self.settings)

    @cached_property
    def _asked(self) -> "_Asked":
        return _Asked(self)

    @property
    def words_only(self) -> bool:
        """Whether the encoder is missing, so that readers find words only, not what is meant."""
        return self._asked.look().words_only

    @cached_property
    def replica(self) -> Replica | None:
        """The copy of the database that guests read from, if there is one."""
        settings = self.settings
        if not settings.database_read:
            return None
        return replica_of(self.engine, settings.database_read, most_s=settings.database_read_lag_s)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that never waits for a writer and cannot write."""
        with Session(self.engine.execution_options(readonly=True)) as session:
            yield session

    @contextmanager
    def reading_as_guest(self) -> Iterator[Session]:
        """Open a session like `reading`, on the replica where that is there and fresh enough."""
        engine = self.replica.engine() if self.replica else None
        session = Session((engine or self.engine).execution_options(readonly=True))
        if self.replica and engine:
            try:
                session.connection()
            except SQLAlchemyError:
                self.replica.lost()
                session.close()
                session = Session(self.engine.execution_options(readonly=True))
        with session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a session that may write; who opened it commits."""
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def aside(self) -> Iterator[Session]:
        """Open a session for claims on files: on PostgreSQL they wait for no other writer."""
        with Session(self.engine.execution_options(aside=True)) as session:
            yield session

    def index(self, session: Session) -> Index:
        """Return the index as the database stands."""
        there = self.replica is not None and self.replica.has(session)
        found = self._asked.look()
        live = found.there if there else found.live
        live.speak(self.standing.labels)
        return live.current(session)

    def get_ready(self) -> None:
        """Ask a first question, so that no reader waits for what is built once."""
        with self.reading() as session:
            index = self.index(session)
            suggest(session, index, FIRST_QUESTION)
            with suppress(NotReadyError):  # who asks is told; all other pages are there
                search(session, index, FIRST_QUESTION, facets=True)


@dataclass(frozen=True, slots=True)
class _Found:
    """What questions are answered with: indexes without vectors where there is no encoder."""

    live: LiveIndex  # the newest
    there: LiveIndex  # the newest that the replica has: it may be behind, and must hold nobody back
    words_only: bool  # since the encoder is missing, though it was asked for


class _Asked:
    """Looks for the encoder of questions: at first, and once a minute while it is missing.

    What was missing may come back: a disk, a folder, a package. Nothing has to be restarted then.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._found: _Found | None = None
        self._looked = 0.0  # when, by the clock that never goes back
        self._lock = Lock()

    def look(self) -> _Found:
        """Return what there is; one thread looks again, the others go on with what was there."""
        found = self._found
        if found is not None and not self._is_due(found):
            return found
        if self._lock.acquire(blocking=found is None):
            try:
                if self._found is None or self._is_due(self._found):
                    self._found = self._looked_for()
            finally:
                self._lock.release()
        assert self._found is not None
        return self._found

    def _is_due(self, found: _Found) -> bool:
        return found.words_only and monotonic() - self._looked >= LOOK_AGAIN_S

    def _looked_for(self) -> _Found:
        before = self._found
        try:
            encoder = self._library.encoder
            if encoder is not None:
                encoder.encode_query(FIRST_QUESTION)  # loads what it needs
        except (NotReadyError, OSError) as error:
            if before is None:
                log.warning("The library is searched by words only: %s", error)
            return before or self._by(None, words_only=True)
        finally:
            self._looked = monotonic()
        if before is not None:
            log.warning("The encoder is back: the library is searched by meaning again.")
        return self._by(encoder, words_only=False)

    def _by(self, encoder: Encoder | None, *, words_only: bool) -> _Found:
        kept = LiveIndex(encoder, folder=self._library.settings.index)
        return _Found(kept, LiveIndex(encoder), words_only)


def open_library(settings: Settings) -> Library:
    """Open the library of `settings`; make its folder, tables and concepts if they are missing.

    Raises:
        InvalidError: site.toml or a taxonomy file breaks a rule.
        NotReadyError: the folder or the database cannot be used, or a newer version made it.
    """
    files = terms_of(settings, LANGUAGES)
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NotReadyError(
            f"The folder {settings.data} cannot be made: {error.strerror}.",
            hint="Choose another folder with KB_DATA, or change who may write there.",
        ) from error
    named = settings.database_url.rpartition("@")[2]  # neither user nor password
    try:
        engine = connect(settings.database_url)
        _bring_up_to_date(engine, files, named if settings.database else str(settings.data))
    except (SQLAlchemyError, ImportError) as error:  # ImportError: the driver is not installed
        raise NotReadyError(
            f"The database {named} cannot be opened: {_said(error)}.",
            hint=_hint(error) or "Check KB_DATABASE; docs/settings.md says what it may be.",
        ) from error
    library = Library(settings, engine, files)
    _ = library.replica  # refused now rather than to the first reader
    return library


def explained(error: Exception) -> NotReadyError | None:
    """Return what the operator is to know of an error of the machine; None when it is a bug."""
    if isinstance(error, OSError):
        hint = ON_DISK.get(error.errno or 0)
        place = error.filename or "What was to be written"
        return NotReadyError(f"{place}: {error.strerror}.", hint=hint) if hint else None
    hint = _hint(error)
    return NotReadyError(f"The database refused: {_said(error)}.", hint=hint) if hint else None


def _bring_up_to_date(engine: Engine, files: Taxonomy, named: str) -> None:
    """Make tables and concepts what this version and its taxonomy say; mostly nothing is to do.

    Looking comes first, and only reads: a command that asks a question does not wait for a
    running ingest. Where the library is `named` wrongly, or its disk is not there, a new one is
    made; the log says so, else an empty library would be the first that anybody sees of it.
    """
    with Session(engine.execution_options(readonly=True)) as session:
        connection = session.connection()
        before = schema.revision_of(connection)
        if (
            schema.is_current(connection)
            and has_fts(connection)
            and taxonomy.is_mirrored(session, own_terms.standing(session, files).taxonomy)
        ):
            return
    schema.upgrade(engine)
    with Session(engine) as session:
        ensure_fts(session.connection())
        taxonomy.mirror(session, own_terms.standing(session, files).taxonomy)
        session.commit()
    if not before:
        log.warning("There was no library at %s: a new one was made.", named)
    elif before != schema.head():
        log.warning("The tables were at %s, and are at %s.", before, schema.head())


def _hint(error: Exception) -> str:
    """Return what to do about an error of the database; empty when nobody but us can."""
    if not isinstance(error, DBAPIError | SQLiteError):  # a backup speaks to the file itself
        return ""
    said = _driver_error(error)
    name = getattr(said, "sqlite_errorname", None)
    if name is None:
        hint = ON_SERVER.get(getattr(said, "sqlstate", None) or "")
        return hint or (SERVER_HINT if isinstance(error, OperationalError) else "")
    return next((hint for known, hint in HINTS.items() if name.startswith(known)), "")


def _said(error: Exception) -> str:
    return str(_driver_error(error)).partition("\n")[0].rstrip(".")


def _driver_error(error: Exception) -> BaseException | None:
    return error.orig if isinstance(error, DBAPIError) else error
