"""Correct misspelt words of a question from the library's own words and the taxonomy's labels."""

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from threading import Lock
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    String,
    and_,
    bindparam,
    func,
    literal,
    select,
)
from sqlalchemy.orm import Session

from kb.folding import Token, plain, tokens
from kb.label_trie import Kind, labels_of
from kb.labels import Labels
from kb.models import Record
from kb.spelling import FUZZY_FROM, TWO_EDITS_FROM, edits
from search import full_text, marks, scratch, store, terms
from search.filters import Scope, in_scope
from search.listed import each
from search.stopwords import STOP_WORDS
from search.store import PassageRow
from search.terms import PASSAGE
from search.understand import Correction, Question, corrected_by

MOST = 3  # words that one misspelt word may stand for
WORDS = 20  # of one question that are corrected
PLACES = 20  # passages up to which a stem is the likelier, the more have it
LONGEST = 24  # letters: a longer word is not corrected
WORD = re.compile(r"[^\W\d_]+")
TRIED = 20  # stems that a word may begin with
TAIL = 6  # letters that a stem may lack of its word
COGNATE_FROM = 8  # letters: a shorter word of another language is near by chance
MOST_SAID = 20_000  # words of which is kept whether they are said: 3 MB
ENDING = 2  # letters at the end of a stem in which its words may differ

_ANY_STOP_WORD = frozenset().union(*STOP_WORDS.values())

Codes: TypeAlias = NDArray[np.uint32]  # (n, letters), code points, 0 behind the end
Counts: TypeAlias = NDArray[np.int64]  # (n,)
Said: TypeAlias = dict[tuple[Scope, str], bool]  # whether a reader of that scope sees the word
Visible: TypeAlias = ColumnElement[bool]  # condition on Record that the reader may see it


class Near(NamedTuple):
    """A word that another may have been meant to be."""

    edits: int
    word: str


class _Meant(NamedTuple):
    """A correction to be compared with others: the least is the best."""

    edits: int
    foreign: bool  # of another language than the question
    other_start: bool  # the first letter is rarely mistyped
    letters: int  # edits of the whole word, where `edits` may leave its ending out
    places: int  # of passages that hold it, below 0; a label that none holds has 0
    word: str  # as it stands there, lower case


class Words:
    """Words among which the nearest to a misspelt one are looked for."""

    def __init__(self, words: Iterable[str]) -> None:
        kept = sorted({word for word in words if word.isalpha() and len(word) <= LONGEST})
        self._words = np.array(kept, f"<U{LONGEST}")
        self._codes = _codes(self._words)
        self._lengths = (self._codes > 0).sum(axis=1)
        self._letters = _letters(self._codes)

    def near(self, word: str, most: int) -> list[Near]:
        """Return the words that are at most `most` edits away, the nearest first."""
        if not 0 < len(word) <= LONGEST:
            return []
        typed = _codes(np.array([word], f"<U{LONGEST}"))
        # An edit changes two letters at most, and the length by one.
        others = np.bitwise_count(self._letters ^ _letters(typed)) <= 2 * most
        others &= abs(self._lengths - len(word)) <= most
        return self._within(most, others, typed[0, : len(word)])

    def starting(self, word: str, most: int) -> list[Near]:
        """Return the long words with which `word` begins, give or take `most` edits."""
        if not FUZZY_FROM <= len(word) <= LONGEST:
            return []
        typed = _codes(np.array([word], f"<U{LONGEST}"))
        missing = self._letters & ~_letters(typed)
        others = np.bitwise_count(missing) <= most
        others &= (self._lengths >= FUZZY_FROM) & (self._lengths <= len(word) + most)
        return self._within(most, others, typed[0, : len(word)], tail=TAIL)

    def _within(
        self, most: int, others: NDArray[np.bool_], typed: Codes, *, tail: int = 0
    ) -> list[Near]:
        at = np.flatnonzero(others)
        distances = _edits(typed, self._codes[at], self._lengths[at], tail=tail)
        near = distances <= most
        found = zip(distances[near].tolist(), self._words[at[near]].tolist(), strict=True)
        return sorted(Near(*pair) for pair in found)


class Vocabulary:
    """What words can be corrected to: stems of the library, and words of labels."""

    def __init__(self, labels: Labels | None = None) -> None:
        self.labels = labels
        self._revision = -1
        self._stems = Words(())
        self._lock = Lock()

    def stems(self, session: Session) -> Words:
        """Return the stems of all passages; read when first needed, and again when changed."""
        with self._lock:
            now = store.revision(session)
            if now != self._revision:
                self._revision, self._stems = now, Words(full_text.of(session).stems(session))
            return self._stems

    def is_label(self, form: str) -> bool:
        """Return whether the folded word stands in a label."""
        return form in self._forms

    def labels_near(self, word: str, most: int) -> Iterator[tuple[Near, str, str]]:
        """Yield the words of labels near to one without accents: as written, and the language."""
        for near in self._words.near(word, most):
            for language, written in self._written[near.word]:
                yield near, written, language

    @cached_property
    def _words(self) -> Words:
        return Words(self._written)

    @cached_property
    def _forms(self) -> frozenset[str]:
        return frozenset(token.form for _, token in self._label_words())

    @cached_property
    def _written(self) -> Mapping[str, Collection[tuple[str, str]]]:
        """Language and spelling of the words of labels, by their form without accents."""
        written: defaultdict[str, dict[tuple[str, str], None]] = defaultdict(dict)
        for language, token in self._label_words():
            written[plain(token.surface)][language, token.surface.casefold()] = None
        return {word: tuple(ways) for word, ways in written.items()}

    def _label_words(self) -> Iterator[tuple[str, Token]]:
        """Yield the words of labels that are long enough; hidden ones are misspelt themselves."""
        said = (
            label
            for term in (self.labels.taxonomy if self.labels else ())
            for label in labels_of(term)
        )
        for kind, language, label in said:
            if kind not in (Kind.ABBR, Kind.HIDDEN):
                yield from ((language, t) for t in tokens(label) if len(t.surface) >= FUZZY_FROM)


def corrected(
    session: Session,
    question: Question,
    vocabulary: Vocabulary,
    *,
    scope: Scope,
    said: Said | None = None,
    is_word: Callable[[str], bool] | None = None,
    without: Collection[str] = (),
) -> Question:
    """Return the question with its misspelt words corrected, if it has any.

    Misspelt is a word of five letters or more that stands in no passage this reader may see, in
    no label, and is no stop word. What it is corrected to stands in such a passage or in a
    label, so that nothing else of the library shows. Words in quotes are meant as they are.
    `is_word` may know more words that are spelt right; `said` keeps which ones such a passage
    has.
    """
    doubtful = _doubtful(question, vocabulary)
    if is_word is not None:
        doubtful = [typed for typed in doubtful if not is_word(typed)]
    if doubtful:
        known = _known(session, doubtful, scope, {} if said is None else said)
        doubtful = [typed for typed in doubtful if not known[typed]]
    library = _Library(session, vocabulary, in_scope(scope)) if doubtful else None
    meant = {typed: _meant(typed, question.language, vocabulary, library) for typed in doubtful}
    found = [Correction(typed, words) for typed, words in meant.items() if words]
    return corrected_by(question, found, vocabulary.labels, without=without)


def _doubtful(question: Question, vocabulary: Vocabulary) -> list[str]:
    """Return the words, lower case, that may be misspelt as far as the library is not asked."""
    marked = marks.read(question.text)
    offered = {word for offer in question.offers for word in offer.text.casefold().split()}
    asked = [
        token
        for token in tokens(marked.asked)
        if FUZZY_FROM <= len(plain(token.surface)) <= LONGEST and token.surface.isalpha()
        if not any(start <= token.start < end for start, end in marked.marked)
        if plain(token.surface) not in _ANY_STOP_WORD and not vocabulary.is_label(token.form)
    ]
    words = dict.fromkeys(token.surface.casefold() for token in asked)
    return [word for word in words if word not in offered][:WORDS]


def _known(
    session: Session, words: Collection[str], scope: Scope, said: Said
) -> Mapping[str, bool]:
    """Return for each of the words whether it stands in a passage the reader may see."""
    found = {word: there for word in words if (there := said.get((scope, word))) is not None}
    spoken = full_text.of(session)
    matches = {
        spoken.query(phrase): word
        for word in words
        if word not in found
        for phrase in terms.said(terms.expression([word]))
    }
    if matches:
        statement = _matched(session.get_bind().dialect.name, scope)
        rows = session.scalars(statement, {"queries": json.dumps(list(matches))})
        here = {matches[str(row)] for row in rows}
        found |= {word: word in here for word in matches.values()}
        if len(said) > MOST_SAID:
            said.clear()
        said.update({(scope, word): found[word] for word in matches.values()})
    return found


@cache  # to put a statement together takes longer than to run it
def _matched(dialect: str, scope: Scope) -> Select[tuple[str]]:
    """Return the statement for those of the queries, a JSON list, that such a passage matches."""
    asked = each(bindparam("queries", type_=String))
    said = (
        select(PassageRow.id)
        .select_from(PASSAGE)
        .join(PassageRow, PassageRow.id == PASSAGE.c.rowid)
        .join(Record, Record.id == PassageRow.record_id)
        .where(full_text.on(dialect).matches(asked.c.value))
        .where(PassageRow.record_version == Record.version, in_scope(scope))
        .correlate(asked)
    )
    return select(asked.c.value).where(said.exists())


class _Library:
    """The words of the passages that one reader may see, and that their records still say."""

    def __init__(self, session: Session, vocabulary: Vocabulary, visible: Visible) -> None:
        self._session = session
        self._vocabulary = vocabulary
        self._visible = and_(PassageRow.record_version == Record.version, visible)

    def near(self, typed: str, language: str, most: int) -> list[_Meant]:
        """Return the words of the library near to the typed one, which has no accents.

        Where the ending is misspelt, FTS5 cuts off another one, or none.
        """
        stem = next(iter(scratch.terms([typed])[0]), typed)
        stems = self._vocabulary.stems(self._session)
        same_ending = list(self._said(stems.near(stem, most), typed, stem, language, most))
        return same_ending or list(
            self._said(stems.starting(typed, most)[:TRIED], typed, stem, language, most)
        )

    def _said(
        self, near: Sequence[Near], typed: str, stem: str, language: str, most: int
    ) -> Iterator[_Meant]:
        for found in self._places([one.word for one in near], language):
            word = _word_of(found.value, typed, f"{found.title} {found.body}")
            distance = min(edits(typed, plain(word)), edits(stem, found.value))
            if word and distance <= most:
                foreign = not found.language.startswith(language)
                yield _Meant(
                    distance,
                    foreign,
                    word[0] != typed[0],
                    edits(typed, plain(word)),
                    -found.places,
                    word,
                )

    def _places(self, stems: list[str], language: str) -> Sequence[Row[Any]]:
        """Return for each stem that is said a passage, of the language if there is one.

        `places` counts the passages, up to twenty.
        """
        asked = each(literal(json.dumps(stems)))
        holding = full_text.of(self._session).with_stem(self._session, asked.c.value)
        (passage,) = holding.selected_columns
        said = (
            holding.join(PassageRow, PassageRow.id == passage)
            .join(Record, Record.id == PassageRow.record_id)
            .where(self._visible)
            .correlate(asked)
        )
        at_home = said.where(Record.language.startswith(language)).limit(1).scalar_subquery()
        places = select(func.count()).select_from(said.limit(PLACES).subquery())
        found = select(
            asked.c.value,
            func.coalesce(at_home, said.limit(1).scalar_subquery()).label("passage"),
            places.scalar_subquery().label("places"),
        ).subquery()
        return self._session.execute(
            select(found, PASSAGE.c.title, PASSAGE.c.body, Record.language)
            .join(PASSAGE, PASSAGE.c.rowid == found.c.passage)
            .join(PassageRow, PassageRow.id == found.c.passage)
            .join(Record, Record.id == PassageRow.record_id)
        ).all()


def _meant(
    typed: str, language: str, vocabulary: Vocabulary, library: _Library | None
) -> tuple[str, ...]:
    """Return the words that the reader may have meant, the likeliest first."""
    letters = plain(typed)
    most = 1 if len(letters) < TWO_EDITS_FROM else 2
    found = [
        _Meant(distance, language not in ("", foreign), word[0] != letters[0], distance, 0, word)
        for (distance, _), word, foreign in vocabulary.labels_near(letters, most)
    ]
    if library is not None:
        found += library.near(letters, language, most)
    if len(letters) < COGNATE_FROM:
        found = [one for one in found if not one.foreign]
    found.sort()
    nearest = (one.word for one in found if one.edits == found[0].edits)
    return tuple(dict.fromkeys(nearest))[:MOST]


def _word_of(stem: str, typed: str, said: str) -> str:
    """Return the word of this stem that is nearest to the typed one; empty if none is found.

    A word is known by the letters that its ending does not change.
    """
    start = stem[: max(len(stem) - ENDING, 1)]
    words = set(WORD.findall(unicodedata.normalize("NFC", said.casefold())))
    likely = (word for word in words if word[0] == start[0] or not word[0].isascii())
    alike = (word for word in likely if plain(word).startswith(start))
    return min(alike, key=lambda word: (edits(typed, plain(word)), word), default="")


def _codes(words: NDArray[np.str_]) -> Codes:
    codes: Codes = words.view(np.uint32).reshape(len(words), LONGEST)
    return codes


def _letters(codes: Codes) -> NDArray[np.uint64]:
    """Return which letters each word has, a bit for each, some sharing one."""
    bits = np.left_shift(np.uint64(1), codes.astype(np.uint64) % 64)
    letters: NDArray[np.uint64] = np.bitwise_or.reduce(np.where(codes > 0, bits, 0), axis=1)
    return letters


def _edits(typed: Codes, codes: Codes, lengths: Counts, *, tail: int = 0) -> Counts:
    """Return how many edits turn `typed` into each of the words, as `kb.spelling.edits` does.

    Up to `tail` letters at the end of `typed` may be left out at no cost. All words at once, a
    column for each letter.
    """
    n, width = len(codes), int(lengths.max(initial=0))
    least = np.full(n, LONGEST)
    before = last = np.tile(np.arange(width + 1), (n, 1))
    for i, letter in enumerate(typed, 1):
        row = np.empty_like(last)
        row[:, 0] = i
        other = codes[:, :width] != letter
        for j in range(1, width + 1):
            cost = np.minimum(last[:, j] + 1, row[:, j - 1] + 1)
            cost = np.minimum(cost, last[:, j - 1] + other[:, j - 1])
            if i > 1 and j > 1:
                swapped = (codes[:, j - 2] == letter) & (codes[:, j - 1] == typed[i - 2])
                cost = np.where(swapped, np.minimum(cost, before[:, j - 2] + 1), cost)
            row[:, j] = cost
        before, last = last, row
        if i >= len(typed) - tail:
            least = np.minimum(least, last[np.arange(n), lengths])
    return least
