import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from search import lexical, scratch
from search.fts5 import Words
from search.lexical import nearest, shown, telling, titles
from search.terms import Ranked, expression

# The words of PostgreSQL: tests/search/test_on_postgresql.py.
pytestmark = pytest.mark.sqlite("FTS5 itself")
BODIES = {
    1: "The midwife places the baby on the chest.",
    2: "Babies were weighed late, midwives agreed.",
    3: "Diesel for the generator.",
    4: "Le bébé est posé sur la poitrine.",
}
IDS = np.array(sorted(BODIES))
TABLE = (
    "create virtual table passage_fts using fts5("
    "title, keywords, body, tokenize = 'porter unicode61 remove_diacritics 2')"
)
TITLES = (
    "create virtual table title_fts using fts5("
    "title, tokenize = 'porter unicode61 remove_diacritics 2')"
)
EVERY = """
    select rowid, -bm25(passage_fts, 5.0, 2.0, 1.0) as score from passage_fts
    where passage_fts match :expression order by score desc, rowid limit :k
"""


def library(rows) -> Session:
    session = Session(create_engine("sqlite://"))
    session.execute(text(TABLE))
    session.execute(text(TITLES))
    session.execute(
        text("insert into passage_fts (rowid, title, keywords, body) values (:id, :t, :k, :b)"),
        rows,
    )
    return session


def read(session, ids, *, titles=()) -> Words:
    """Return the words of the passages, and of the titles of these records."""
    return Words.load(session, np.array(ids), np.array(titles, np.int64))


@pytest.fixture(scope="module")
def words():
    rows = [{"id": i, "t": "", "k": "", "b": body} for i, body in BODIES.items()]
    with library(rows) as session:
        yield session, read(session, IDS)


def found(library, *said, allowed=None) -> list[int]:
    return nearest(*library, expression(said), k=10, ids=IDS, allowed=allowed).ids.tolist()


def test_words_are_found_in_any_form(words) -> None:
    assert found(words, "weighing") == [2]
    assert set(found(words, "baby")) == {1, 2}


def test_accents_do_not_matter(words) -> None:
    assert found(words, "bebe") == [4]


def test_more_and_rarer_words_rank_first(words) -> None:
    assert found(words, "baby", "weighed") == [2, 1]


def test_scores_are_positive_and_fall(words) -> None:
    scores = nearest(*words, expression(["baby", "chest", "diesel"]), k=10, ids=IDS).scores
    assert (scores > 0).all()
    assert list(scores) == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    ("allowed", "wanted"),
    [
        ([False, True, False, False], [2]),
        ([True, True, True, False], [1, 2]),
        ([True] * 4, [1, 2]),
        ([False] * 4, []),
    ],
)
def test_only_the_allowed_answer(words, allowed, wanted) -> None:
    assert sorted(found(words, "baby", allowed=np.array(allowed))) == wanted


def test_a_phrase_is_found_as_a_phrase(words) -> None:
    only = expression([], ["the baby on the chest"])
    assert nearest(*words, only, k=10, ids=IDS).ids.tolist() == [1]
    assert not len(nearest(*words, expression([], ["chest baby"]), k=10, ids=IDS).ids)


@given(st.lists(st.text(max_size=20), max_size=4), st.lists(st.text(max_size=20), max_size=2))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_is_syntax(words, said, phrases) -> None:
    nearest(*words, expression(said, phrases), k=5, ids=IDS)


@pytest.mark.parametrize(
    "said", ['"', "a AND NOT (b", "title:x*", "NEAR(a b)", "^x", "x\0y", "-x", "{a b}: c", "* + ."]
)
def test_operators_are_only_words(words, said) -> None:
    nearest(*words, expression([said]), k=5, ids=IDS)


def test_no_word_finds_nothing(words) -> None:
    assert found(words, "?!") == []
    assert not len(titles(*words, "", IDS).ids)


def test_titles_are_looked_for_among_the_records_that_may_answer() -> None:
    with library([{"id": 1, "t": "", "k": "", "b": ""}]) as session:
        session.execute(
            text("insert into title_fts (rowid, title) values (1, 'Skin'), (2, 'Skin')")
        )
        words = read(session, [1], titles=[1, 2])
        wanted, ids = expression(["skin"]), np.array([2, 2, 3])
        assert titles(session, words, wanted, ids).ids.tolist() == [2]


def test_matched_words_are_marked_where_they_stand(words) -> None:
    marked = shown(words[0], expression(["midwife", "babies"]), [1, 3])
    body = BODIES[1]
    assert [body[a:b] for a, b in marked[1].highlights] == ["midwife", "baby"]
    assert marked[1].body == body
    assert marked[1].words == ("midwife", "baby")
    assert marked[3].body == BODIES[3]
    assert marked[3].highlights == ()


def test_a_title_word_weighs_more_than_a_word_of_the_text() -> None:
    rows = [
        {"id": 1, "t": "other", "k": "", "b": "oxytocin in a fridge"},
        {"id": 2, "t": "oxytocin", "k": "", "b": "something in a fridge"},
        {"id": 3, "t": "other", "k": "oxytocin", "b": "something in a fridge"},
        *({"id": i, "t": "other", "k": "", "b": "no such word here"} for i in range(4, 12)),
    ]
    with library(rows) as session:
        ids = np.array([row["id"] for row in rows])
        best = nearest(session, read(session, ids), expression(["oxytocin"]), k=5, ids=ids)
        assert best.ids.tolist() == [2, 3, 1]


@pytest.fixture(scope="module")
def ward():
    """So many passages that a word may be common: all have fever, a quarter a ward."""
    rows = [
        {
            "id": i,
            "t": "",
            "k": "",
            "b": f"fever in the {'town' if i % 4 else 'ward'} {'' if i % 50 else 'jaundice'}",
        }
        for i in range(1, 5 * lexical.COMMON)
    ]
    with library(rows) as session:
        ids = np.array([row["id"] for row in rows])
        yield session, read(session, ids), ids


def rarer(session, words, said, *, ids, **how) -> Ranked:
    """Look for the rarer words, as a question does."""
    wanted = expression(said)
    telling_ones = telling(session, words, wanted)
    return nearest(session, words, wanted, ids=ids, telling=telling_ones, **how)


def test_a_common_word_finds_nothing_beside_a_rarer_one(ward) -> None:
    session, words, ids = ward
    by_words = rarer(session, words, ["fever", "jaundice"], k=500, ids=ids).ids
    assert sorted(by_words) == [i for i in ids.tolist() if i % 50 == 0]


def test_a_common_word_counts_where_a_rarer_one_found(ward) -> None:
    session, words, ids = ward
    both = rarer(session, words, ["ward", "jaundice"], k=500, ids=ids)
    in_ward = both.ids % 4 == 0
    assert both.scores[in_ward].min() > both.scores[~in_ward].max()
    rows = session.execute(
        text(EVERY), {"expression": '"ward" OR "jaundice"', "k": int(in_ward.sum())}
    )
    assert both.scores[in_ward].tolist() == [row.score for row in rows]


def test_of_common_words_alone_the_rarest_finds(ward) -> None:
    session, words, ids = ward
    by_words = rarer(session, words, ["fever", "ward"], k=len(ids), ids=ids).ids
    assert sorted(by_words) == [i for i in ids.tolist() if i % 4 == 0]


def test_a_common_word_finds_beside_one_that_nothing_holds(ward) -> None:
    session, words, ids = ward
    assert len(rarer(session, words, ["fever", "fièvre"], k=len(ids), ids=ids).ids) == len(ids)


def test_one_common_word_finds(ward) -> None:
    session, words, ids = ward
    assert len(rarer(session, words, ["fever"], k=len(ids), ids=ids).ids) == len(ids)


def test_a_common_word_does_not_find_what_a_filter_leaves_out(ward) -> None:
    session, words, ids = ward
    allowed = ids % 200 == 0
    by_words = rarer(session, words, ["fever", "jaundice"], k=500, ids=ids, allowed=allowed)
    assert sorted(by_words.ids) == ids[allowed].tolist()


phrases = st.lists(
    st.sampled_from(["fever", "the ward", "in the town", "towns", "jaundice", "no word", "Fever!"]),
    min_size=1,
    max_size=4,
)


@given(phrases, st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_scores_are_those_that_fts5_gives(ward, said, again) -> None:
    session, words, ids = ward
    if again:  # nothing looked up before
        words.passages.phrases.clear()
    wanted = expression(said)
    ranked = nearest(session, words, wanted, k=50, ids=ids)
    rows = session.execute(text(EVERY), {"expression": wanted, "k": 50}).all()
    assert ranked.ids.tolist() == [row.rowid for row in rows]
    assert ranked.scores.tolist() == [row.score for row in rows]


def test_a_phrase_is_looked_up_once_for_the_same_passages(ward) -> None:
    session, words, _ = ward
    words.passages.phrases.clear()
    wanted = expression(["jaundice"], ["the ward", "ward the", "the clinic"])
    assert telling(session, words, wanted) == '"jaundice"'
    kept = dict(words.passages.phrases)
    assert {" ".join(terms): len(held.rows) for terms, held in kept.items()} == {
        "the ward": sum(n % 4 == 0 for n in range(1, 5 * lexical.COMMON)),
        "ward the": 0,
        "the clinic": 0,
    }
    telling(session, words, wanted)
    assert all(words.passages.phrases[terms] is held for terms, held in kept.items())


def test_what_another_thread_forgets_meanwhile_is_cut_again(monkeypatch) -> None:
    class Forgotten(dict):
        """Terms that are cleared as soon as somebody has looked into them."""

        def __contains__(self, key: object) -> bool:
            there = super().__contains__(key)
            self.clear()
            return there

        def get(self, key: str) -> tuple[str, ...] | None:
            found = super().get(key)
            self.clear()
            return found

    monkeypatch.setattr(scratch, "_terms", Forgotten(babies=("babi",)))
    assert scratch.terms(["babies", "weights"]) == [("babi",), ("weight",)]


def test_only_titles_with_a_rarer_word_count() -> None:
    with library([{"id": 1, "t": "", "k": "", "b": ""}]) as session:
        session.execute(
            text("insert into title_fts (rowid, title) values (1, 'Skin care'), (2, 'Care')")
        )
        words = read(session, [1], titles=[1, 2])
        wanted, ids = expression(["skin", "care"]), np.array([1, 2])
        assert titles(session, words, wanted, ids).ids.tolist() == [1, 2]
        assert titles(session, words, wanted, ids, telling='"skin"').ids.tolist() == [1]


def test_behind_a_filter_nothing_answers_that_the_index_does_not_know(words) -> None:
    known, allowed = np.array([1, 3]), np.array([False, True])
    assert nearest(*words, expression(["midwives"]), k=5, ids=known, allowed=allowed).ids.size == 0


def test_only_what_came_since_is_read_and_a_title_that_was_changed() -> None:
    texts = [{"id": n, "t": "", "k": "", "b": f"hands {n}"} for n in range(1, 40)]
    with library(texts[:38]) as session:
        add = text("insert into title_fts (rowid, title) values (:id, :title)")
        session.execute(add, [{"id": n, "title": f"old {n}"} for n in range(1, 40)])
        owners = np.arange(1, 39)
        before = read(session, owners, titles=owners)
        assert Words.load(session, owners, owners, before) is before
        session.execute(text("delete from passage_fts where rowid = 7"))
        session.execute(text("insert into passage_fts values ('', 'gloves', 'hands at last')"))
        session.execute(text("delete from title_fts where rowid = 7"))
        session.execute(add, {"id": 7, "title": "new"})
        ids = np.array([n for n in range(1, 40) if n != 7])
        now = np.where(ids == 39, 7, ids)  # the new passage is of the old record
        after, anew = Words.load(session, ids, now, before), read(session, ids, titles=now)
        for words in (after, anew):
            assert nearest(session, words, '"gloves"', k=9, ids=ids).ids.tolist() == [39]
            assert nearest(session, words, '"7"', k=9, ids=ids).ids.size == 0
            assert titles(session, words, '"new"', np.array([7])).ids.tolist() == [7]
            assert titles(session, words, '"old"', np.array([7])).ids.size == 0
        hands = [nearest(session, words, '"hands"', k=99, ids=ids) for words in (after, anew)]
        assert hands[0].ids.tolist() == hands[1].ids.tolist()
        assert hands[0].scores.tolist() == hands[1].scores.tolist()
