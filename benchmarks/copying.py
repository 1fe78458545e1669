"""A large library poured in as a whole: the rows that the program would write.

On PostgreSQL by COPY: two processes cut the words, and the tables of words are indexed and
counted afterwards. A million passages take minutes so, where statement after statement takes most
of an hour.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlalchemy.pool import NullPool

from benchmarks.growing import Corpus, Story, digest
from benchmarks.postgresql import told
from kb.vocabulary import SectionRole
from search import scratch, tsvector
from search.store import VECTOR

FIRST = 200  # stories that are written as ever: the others are like them
AT_ONCE = 2_000  # passages whose words are cut together
LATER = ("drop index ix_passage_fts_words", "drop index ix_title_fts_words")
STORIES = """
    create temporary table story
    (number int, title text, body text, country text, topic text, began date)
"""
# Values that differ from those of the first story, by table.
LIKE_THE_FIRST = {
    "record": {
        "id": "number",
        "title": "story.title",
        "shown_title": "case first.shown_title when '' then '' else story.title end",
        "start_date": "began",
    },
    "section": {"record_id": "number", "body": "story.body"},
    "place": {"record_id": "number", "country": "story.country"},
    "tag": {"record_id": "number", "concept_id": "concept.id"},
}
TELL = "insert into story values (:n, :title, :text, :country, :topic, :began)"
GO_ON = "select setval(pg_get_serial_sequence('{0}', 'id'), (select max(id) from {0}))"
WORDS = "copy passage_fts (rowid, title, keywords, body, words, said) from stdin"
TITLES = "copy title_fts (rowid, title, words, said) from stdin"
VECTORS = "copy passage_vector (passage_id, encoder, vector) from stdin (format binary)"
BEGUN = b"PGCOPY\n\xff\r\n\0" + bytes(8)
ENDED = b"\xff\xff"
_FORKED: list[Corpus] = []  # a forked process has it without a copy


def tell(engine: Engine, corpus: Corpus) -> None:
    """Write the stories of a corpus into an empty database, as published records."""
    told(engine, Corpus(corpus.stories[:FIRST], [], corpus.vectors[:0]))
    with _bare(engine) as connection:
        connection.execute(text(STORIES))
        _tell_of(connection, corpus.stories[FIRST:])
        for table, other in LIKE_THE_FIRST.items():
            _like_the_first(connection, table, other)
            if engine.dialect.name == "postgresql":
                connection.execute(text(GO_ON.format(table)))
        connection.commit()


def _tell_of(connection: Connection, stories: Sequence[Story]) -> None:
    rows = [
        (n, s.title, s.text, s.country, s.topic, f"{s.year}-01-01")
        for n, s in enumerate(stories, start=FIRST + 1)
    ]
    if connection.dialect.name == "postgresql":
        _copy(connection, "copy story from stdin", rows)
    else:
        names = ("n", "title", "text", "country", "topic", "began")
        connection.execute(text(TELL), [dict(zip(names, row, strict=True)) for row in rows])


def _like_the_first(connection: Connection, table: str, other: Mapping[str, str]) -> None:
    """Write a row for each story, like that of the first one but for what it says itself."""
    columns = [column["name"] for column in inspect(connection).get_columns(table)]
    columns = [name for name in columns if name != "id" or name in other]
    said = ", ".join(other.get(name, f'first."{name}"') for name in columns)
    into = ", ".join(f'"{name}"' for name in columns)
    of = "id" if table == "record" else "record_id"
    connection.execute(
        text(f"""
            insert into {table} ({into}) select {said} from story
            join concept on notation = topic, {table} first where first.{of} = 1 order by number
        """)  # noqa: S608  all of it is ours
    )


def passages(engine: Engine, corpus: Corpus, *, encoder: str) -> None:
    """Write the passages, their vectors and their words, by as many processes as there are cores.

    Triggers count nothing meanwhile, and the words are not indexed.
    """
    url = engine.url.render_as_string(hide_password=False)
    with engine.begin() as connection:
        for statement in LATER:
            connection.execute(text(statement))
    engine.dispose()
    _FORKED.append(corpus)
    parts = list(_parts(corpus))
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("fork")) as pool:
        list(pool.map(partial(_part, url, encoder), parts))
    _FORKED.clear()
    with engine.begin() as connection:
        connection.execute(text(GO_ON.format("passage")))


def rows(corpus: Corpus, part: slice, *, encoder: str) -> Iterator[dict[str, Any]]:
    """Yield rows of `passage`, as the program would write them; a part begins with a story."""
    start, story = 0, -1
    for number in range(part.start, part.stop):
        passage = corpus.passages[number]
        start = start if passage.story == story else 0
        story = passage.story
        said = passage.text.removeprefix(corpus.stories[story].title).lstrip("\n")
        yield {
            "id": number + 1,
            "record_id": story + 1,
            "record_version": 1,
            "section": SectionRole.OTHER,
            "section_position": 0,
            "heading": "",
            "start": start,
            "end": start + len(said),
            "text": said,
            "encoded": digest(passage.text),
            "encoder": encoder,
            "vector": corpus.vectors[number].astype(VECTOR).tobytes(),
        }
        start += len(said) + 1


def _parts(corpus: Corpus) -> Iterator[slice]:
    """Yield some thousand passages at a time, of whole stories."""
    begin = 0
    for number in range(1, len(corpus.passages)):
        new = corpus.passages[number].story != corpus.passages[number - 1].story
        if new and number - begin >= AT_ONCE:
            yield slice(begin, number)
            begin = number
    yield slice(begin, len(corpus.passages))


def _part(url: str, encoder: str, part: slice) -> None:
    """Write one part, in a process that was forked."""
    corpus = _FORKED[0]
    some = list(rows(corpus, part, encoder=encoder))
    titles = {row["record_id"]: corpus.stories[row["record_id"] - 1].title for row in some}
    said = [(row["id"], titles[row["record_id"]], "", row["text"]) for row in some]
    with _bare(create_engine(url, poolclass=NullPool)) as connection:
        columns = ", ".join(f'"{name}"' for name in some[0])
        _copy(connection, f"copy passage ({columns}) from stdin", (r.values() for r in some))
        with connection.connection.cursor().copy(VECTORS) as copy:  # type: ignore[attr-defined]
            copy.write(_packed(corpus, part, encoder))
        _copy(connection, WORDS, _spoken(said))
        named = _spoken((id_, title, "", "") for id_, title in titles.items())
        _copy(connection, TITLES, ((id_, title, *words) for id_, title, _, _, *words in named))
        connection.commit()


def _spoken(texts: Iterable[scratch.Row]) -> Iterator[tuple[object, ...]]:
    """Yield texts with their words as `tsvector` keeps them."""
    known = list(texts)
    spoken = scratch.spoken(known)
    for row in known:
        yield *row, *tsvector.kept_as(spoken[row[0]])


def _packed(corpus: Corpus, part: slice, encoder: str) -> bytes:
    """Return rows of `passage_vector`, as COPY takes them in binary."""
    vectors = corpus.vectors[part].astype(">f2")
    n, dim = vectors.shape
    name = encoder.encode()
    key = [("fields", ">i2"), ("eight", ">i4"), ("id", ">i8"), ("named", ">i4")]
    said = [("name", f"S{len(name)}"), ("size", ">i4"), ("dim", ">i2"), ("unused", ">i2")]
    kind = np.dtype([*key, *said, ("vector", ">f2", (dim,))])
    packed = np.zeros(n, kind)
    packed["fields"], packed["eight"], packed["named"] = 3, 8, len(name)
    packed["id"], packed["name"] = np.arange(part.start, part.stop) + 1, name
    packed["size"], packed["dim"], packed["vector"] = 4 + 2 * dim, dim, vectors
    return BEGUN + packed.tobytes() + ENDED


def _copy(connection: Connection, statement: str, some: Iterable[Iterable[object]]) -> None:
    with connection.connection.cursor().copy(statement) as copy:  # type: ignore[attr-defined]
        for row in some:
            copy.write_row(tuple(row))


@contextmanager
def _bare(engine: Engine) -> Iterator[Connection]:
    """Open a connection whose rows set off no triggers and look for no foreign keys."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("set session_replication_role = replica"))
            connection.detach()
        yield connection
