"""An opened library: its settings, database, taxonomy, encoder and index, each made when needed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.orm import Session

from kb import schema, taxonomy
from kb.db import connect
from kb.errors import NotReadyError
from kb.labels import Labels
from kb.settings import Settings
from kb.taxonomy import Taxonomy
from search.encoder import Encoder, find_encoder
from search.index import Index, LiveIndex
from search.store import ensure_fts, has_fts


@dataclass(frozen=True)
class Library:
    """What page, API and command line work with."""

    settings: Settings
    engine: Engine
    taxonomy: Taxonomy

    @cached_property
    def labels(self) -> Labels:
        """The labels of the taxonomy, ready to be found in texts."""
        return Labels.of(self.taxonomy)

    @cached_property
    def encoder(self) -> Encoder | None:
        """What turns texts to vectors; None when the library is searched by words only."""
        return find_encoder(self.settings)

    @cached_property
    def live(self) -> LiveIndex:
        """The newest index."""
        return LiveIndex(self.encoder, self.taxonomy)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that never waits for a writer and cannot write."""
        with Session(self.engine.execution_options(readonly=True)) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a session that may write; who opened it commits."""
        with Session(self.engine) as session:
            yield session

    def index(self, session: Session) -> Index:
        """Return the index as the database stands."""
        return self.live.current(session)


def open_library(settings: Settings) -> Library:
    """Open the library of `settings`; make its folder, tables and concepts if they are missing.

    Raises:
        InvalidError: a taxonomy file breaks a rule.
        NotReadyError: the folder cannot be written, or a newer version made the database.
    """
    terms = taxonomy.load(taxonomy.shipped(), *settings.taxonomy)
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NotReadyError(
            f"The folder {settings.data} cannot be made: {error.strerror}.",
            hint="Choose another folder with KB_DATA, or change who may write there.",
        ) from error
    try:
        engine = connect(settings.database_url)
        _bring_up_to_date(engine, terms)
    except SQLAlchemyError as error:
        raise NotReadyError(
            f"The database {_without_password(settings.database_url)} cannot be opened: "
            f"{getattr(error, 'orig', None) or error}.",
            hint="Check KB_DATABASE, that its server runs, and who may write to its file.",
        ) from error
    return Library(settings, engine, terms)


def _bring_up_to_date(engine: Engine, terms: Taxonomy) -> None:
    """Make tables and concepts what this version and its taxonomy say; mostly nothing is to do.

    Looking comes first, and only reads: a command that asks a question does not wait for a
    running ingest.
    """
    with Session(engine.execution_options(readonly=True)) as session:
        connection = session.connection()
        if (
            schema.is_current(connection)
            and has_fts(connection)
            and taxonomy.is_mirrored(session, terms)
        ):
            return
    schema.upgrade(engine)
    with Session(engine) as session:
        ensure_fts(session.connection())
        taxonomy.mirror(session, terms)
        session.commit()


def _without_password(url: str) -> str:
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return f"“{url}”"
