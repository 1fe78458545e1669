from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sqlalchemy.orm import Session

from search import files
from search.dense import DenseIndex
from search.encoder import normalise
from search.files import Kept, read, write
from search.index import LiveIndex
from search.postings import Postings
from search.refreshing import refresh
from search.store import State
from tests.deleting import take_out
from tests.search.conftest import Bag

VECTORS = normalise(np.random.default_rng(7).normal(size=(40, 16))).astype("<f2")
KEPT = Kept(State(3, "mark"), "weights", np.arange(1, 41), VECTORS, None)

BESIDE = pytest.mark.sqlite("the files of the index; a server keeps it itself")


@pytest.fixture
def library(engine, make_record, bag, tmp_path, reading):
    """Three records, their index, and the folder that its file lies in."""
    for word in ("breast", "hands", "water"):
        make_record(title=f"{word} {word}")
    with Session(engine) as session:
        refresh(session, bag)
        session.commit()
    folder = tmp_path / "index"

    def current(encoder=bag):
        with reading() as session:
            return LiveIndex(encoder, folder=folder).current(session)

    current()
    return folder, current


def same(one, other) -> bool:
    return (
        list(one.passages) == list(other.passages)
        and list(one.rows) == list(other.rows)
        and np.array_equal(one.dense.halves(), other.dense.halves())
    )


@BESIDE
def test_a_file_of_the_time_before_the_first_record_is_no_other_library_s(
    engine, make_record, tmp_path, reading, caplog
) -> None:
    def started() -> int:
        with reading() as session:
            return len(LiveIndex(None, folder=tmp_path / "index").current(session).passages)

    assert started() == started() == 0
    make_record()
    with Session(engine) as session:
        refresh(session, None)
        session.commit()
    assert started() == started() > 0
    assert not caplog.text


def test_what_is_written_is_read(tmp_path) -> None:
    assert write(tmp_path, KEPT)
    found = read(tmp_path, "weights")
    assert found.state == KEPT.state
    assert list(found.passages) == list(KEPT.passages)
    assert np.array_equal(found.halves, VECTORS)
    assert [path.name for path in tmp_path.iterdir()] == [files.NAME]


def test_a_file_that_was_cut_or_changed_anywhere_is_never_believed(tmp_path, caplog) -> None:
    write(tmp_path, KEPT)
    path = tmp_path / files.NAME
    whole = path.read_bytes()
    points = {len(whole) * tenth // 10 for tenth in range(11)} - {len(whole)}
    broken = [whole[:point] for point in points]
    broken += [whole + b"\0", whole[: -files.DIGEST], b"SQLite format 3\0" * 9]
    for point in points | {len(whole) - 1}:
        for bit in range(8):
            flipped = bytearray(whole)
            flipped[point] ^= 1 << bit
            broken.append(bytes(flipped))
    for content in broken:
        caplog.clear()
        path.write_bytes(content)
        assert read(tmp_path, "weights") is None
        assert "made anew" in caplog.text


def test_vectors_of_other_weights_or_an_older_format_are_not_used(tmp_path, monkeypatch) -> None:
    write(tmp_path, KEPT)
    assert read(tmp_path, "other weights") is None
    monkeypatch.setattr(files, "FORMAT", files.FORMAT + 1)
    assert read(tmp_path, "weights") is None


def test_a_writer_that_dies_before_the_last_step_leaves_the_old_file(tmp_path, monkeypatch) -> None:
    write(tmp_path, KEPT)

    def dies(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "replace", dies)
    assert not write(tmp_path, KEPT._replace(state=State(4, "new")))
    assert read(tmp_path, "weights").state == State(3, "mark")
    assert [path.name for path in tmp_path.iterdir()] == [files.NAME]


def test_writers_at_the_same_time_leave_one_whole_file(tmp_path) -> None:
    with ThreadPoolExecutor(8) as pool:
        states = [KEPT._replace(state=State(n, "mark")) for n in range(40)]
        assert all(pool.map(lambda kept: write(tmp_path, kept), states))
    assert [path.name for path in tmp_path.iterdir()] == [files.NAME]
    assert read(tmp_path, "weights").state.value in range(40)


def test_a_folder_that_cannot_be_written_to_is_said_once(tmp_path, caplog) -> None:
    folder = tmp_path / "a file"
    folder.write_text("in the way")
    assert not write(folder, KEPT)
    assert not write(folder, KEPT)
    assert caplog.text.count("cannot be kept") == 1


@BESIDE
def test_a_process_starts_from_the_file_and_answers_the_same(library, queries, bag) -> None:
    _, current = library
    first = current()
    queries.clear()
    again = current()
    assert same(first, again)
    asked = [query for query in queries if "passage.vector" in query]
    assert len(asked) == 1  # for what came after the file: nothing


@BESIDE
def test_a_broken_file_is_made_anew(library, caplog) -> None:
    folder, current = library
    before = current()
    path = folder / files.NAME
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 255
    path.write_bytes(whole)
    assert same(current(), before)
    assert "checksum" in caplog.text
    assert read(folder, "bag") is not None


@BESIDE
def test_the_file_of_another_library_is_not_used(library, caplog) -> None:
    folder, current = library
    before = current()
    foreign = read(folder, "bag")
    wrong = np.roll(foreign.halves, 1, axis=0).copy()
    write(folder, foreign._replace(state=State(foreign.state.value, "0" * 32), halves=wrong))
    assert same(current(), before)
    assert "another library" in caplog.text


@BESIDE
def test_what_changed_since_the_file_was_written_is_followed(
    library, engine, make_record, bag
) -> None:
    folder, current = library
    old = read(folder, "bag")
    make_record(title="water again")
    with Session(engine) as session:
        take_out(session, 1)
        session.flush()
        refresh(session, bag)
        session.commit()
    fresh = current()
    assert fresh.records.min() == 2
    assert fresh.records.max() == 4
    new = read(folder, "bag")
    assert len(new.passages) == len(fresh.dense)
    gone = set(map(bytes, old.halves)) - set(map(bytes, fresh.dense.halves()))
    whole = (folder / files.NAME).read_bytes()
    assert gone
    assert not any(vector in whole for vector in gone)  # what was removed is in no file


@BESIDE
def test_words_are_read_from_the_file_and_answer_the_same(library, queries) -> None:
    _, current = library
    first = current()
    queries.clear()
    again = current()
    assert not [query for query in queries if "_words" in query]  # neither table was gone through
    for name, array in vars(first.words.passages.parts[0]).items():
        assert np.array_equal(array, vars(again.words.passages.parts[0])[name])
    for term in ("breast", "water"):
        assert len(again.words.titles.holding(term).rows) == 1


@BESIDE
@pytest.mark.parametrize("broken", ["cut", "of another library"])
def test_words_that_cannot_be_believed_are_made_anew(library, caplog, broken) -> None:
    folder, current = library
    path = folder / files.WORDS
    if broken == "cut":
        path.write_bytes(path.read_bytes()[:-9])
    else:
        kept = files.read_words(folder)
        nothing = kept.passages.__class__.read([], kept.passages.ids)
        foreign = kept._replace(state=State(kept.state.value, "0" * 32), passages=nothing)
        assert files.write_words(folder, foreign)
    assert len(current().words.passages.holding("water").rows) > 0
    assert str(path) in caplog.text or broken in caplog.text
    assert len(Postings([files.read_words(folder).passages]).holding("water").rows) > 0


@BESIDE
def test_the_file_of_words_holds_no_text(library) -> None:
    folder, _ = library
    content = (folder / files.WORDS).read_bytes()
    assert not any(word in content for word in (b"breast", b"hand", b"water"))


@BESIDE
def test_words_that_were_taken_out_leave_the_file(library, engine, bag) -> None:
    folder, current = library
    with Session(engine) as session:
        take_out(session, 3)
        session.flush()
        refresh(session, bag)
        session.commit()
    current()
    kept = files.read_words(folder)
    for part in (kept.passages, kept.titles):
        assert not len(Postings([part]).holding("water").rows)
        assert len(Postings([part]).holding("hand").rows)


@BESIDE
def test_other_weights_find_their_own_vectors(library) -> None:
    _, current = library
    assert current(Bag("other")).dense is None


def test_a_coarse_index_goes_through_the_file(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("search.dense.LARGE", 100)
    vectors = normalise(np.random.default_rng(3).normal(size=(600, 16)))
    index = DenseIndex(vectors)
    write(tmp_path, Kept(State(1, "m"), "w", np.arange(600), index.halves(), index.coarse))
    kept = read(tmp_path, "w")
    again = DenseIndex.again(kept.halves, kept.coarse)
    for query in vectors[:20]:
        assert list(again.nearest(query, k=5)[0]) == list(index.nearest(query, k=5)[0])
