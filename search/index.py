"""All that is needed to answer: one snapshot, never changed, only replaced."""

from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

import numpy as np
from sqlalchemy.orm import Session

from kb.labels import Labels
from kb.taxonomy import Taxonomy
from search import files, fts5, full_text, meaning
from search.columns import Columns, LiveColumns, read
from search.dense import Dense, DenseIndex, Ids, Mask
from search.encoder import Encoder
from search.postings import Postings
from search.spelling import Said, Vocabulary
from search.store import State, standing, state, was
from search.terms import Words

NOWHERE = -1
PASSED = 100  # states remembered, in one of which a slow reader may still be


@dataclass(frozen=True)
class Index:
    """The passages as they stood at `state`, ready to be asked.

    A passage is known by its position from 0; `rows` has the positions that have a vector,
    `slots` the row in `dense` of each position or -1.
    """

    state: State
    passages: Ids  # (n,), ascending
    records: Ids  # (n,), to which each passage belongs
    dense: Dense | None
    rows: Ids  # (m,)
    slots: Ids  # (n,)
    encoder: Encoder | None
    taxonomy: Taxonomy | None
    labels: Labels | None
    columns: Columns  # of a moment of their own: newer than the passages, never older
    vocabulary: Vocabulary  # what misspelt words are corrected to
    said: Said  # words that were looked up, of these passages and columns
    words: Words  # of these passages

    @classmethod
    def load(
        cls,
        session: Session,
        encoder: Encoder | None,
        *,
        taxonomy: Taxonomy | None = None,
        labels: Labels | None = None,
        columns: Columns | None = None,
        vocabulary: Vocabulary | None = None,
        before: "Derived | None" = None,
    ) -> "Index":
        """Read which passages there are, and the vectors that `before` has not.

        Only vectors of this encoder's weights are taken. Passages never change and their ids
        only grow, so what is new stands behind what is known.
        """
        now = state(session)
        passages, records = standing(session)
        before = before or NOTHING
        dense, found = meaning.load(session, encoder, passages, before.dense, before.passages)
        rows = np.searchsorted(passages, found)
        slots = np.full(len(passages), NOWHERE, np.int64)
        slots[rows] = np.arange(len(rows))
        return cls(
            state=now,
            passages=passages,
            records=records,
            dense=dense,
            rows=rows,
            slots=slots,
            encoder=encoder,
            taxonomy=taxonomy,
            labels=labels,
            columns=read(session.connection()) if columns is None else columns,
            vocabulary=vocabulary or Vocabulary(labels),
            said={},
            words=full_text.of(session).load(session, passages, records, before.words),
        )

    @property
    def revision(self) -> int:
        """A number that grows whenever the passages change."""
        return self.state.value

    @property
    def derived(self) -> "Derived":
        """What need not be read again for the next index."""
        return Derived(self.passages[self.rows], self.dense, self.words)

    def positions(self, passage_ids: Ids) -> Ids:
        """Return the positions of the passages, without those that came later than the index."""
        return np.searchsorted(self.passages, passage_ids)[self.known(passage_ids)]

    def known(self, passage_ids: Ids) -> Mask:
        """Return for each of the ids whether the index has that passage."""
        return _among(passage_ids, self.passages)

    def of_records(self, record_ids: Ids) -> Mask:
        """Return for each position whether its record is one of these."""
        size = int(max(self.records.max(initial=0), record_ids.max(initial=0))) + 1
        wanted = np.zeros(size, bool)
        wanted[record_ids] = True
        mask: Mask = wanted[self.records]
        return mask

    def narrower(self, notation: str) -> tuple[str, ...]:
        """Return the concept and all below it; of an unknown one only itself."""
        if self.taxonomy is None or notation not in self.taxonomy.terms:
            return (notation,)
        current = self.taxonomy.current(notation)  # an old link names what was replaced since
        below = self.taxonomy.narrower_transitive(current or notation)
        return below if current in (notation, None) else (notation, *below)

    def broader(self, notation: str) -> tuple[str, ...]:
        """Return the concept and all above it; of an unknown one only itself."""
        if self.taxonomy is None or notation not in self.taxonomy.terms:
            return (notation,)
        found = {notation: None}
        for above in self.taxonomy.broader(notation):
            found |= dict.fromkeys(self.broader(above.notation))
        return tuple(found)


@dataclass(frozen=True)
class Derived:
    """Vectors and words that were read before, of passages that may be there still."""

    passages: Ids  # (m,), ascending: those that have a vector
    dense: Dense | None  # their vectors in the same order; None without any
    words: Words | None  # None where they are to be read anew


NOTHING = Derived(np.empty(0, np.int64), None, None)


class LiveIndex:
    """Holds the newest index, and reads what has changed when the passages have.

    With a `folder`, vectors are kept in a file there, so that another process starts sooner.
    """

    def __init__(
        self,
        encoder: Encoder | None,
        taxonomy: Taxonomy | None = None,
        *,
        folder: Path | None = None,
    ) -> None:
        self._encoder = encoder
        self._taxonomy = taxonomy
        self._labels = Labels.of(taxonomy) if taxonomy else None
        self._columns = LiveColumns()
        self._vocabulary = Vocabulary(self._labels)
        self._folder = folder
        self._index: Index | None = None
        self._passed: deque[State] = deque(maxlen=PASSED)
        self._in_file: DenseIndex | None = None
        self._words_in_file: fts5.Words | None = None
        self._lock = Lock()

    def speak(self, labels: Labels) -> None:
        """Understand questions by these labels, and their taxonomy, from now on."""
        if labels is self._labels:
            return
        with self._lock:
            self._labels, self._taxonomy = labels, labels.taxonomy
            self._vocabulary = Vocabulary(labels)
            if self._index is not None:
                self._index = replace(
                    self._index,
                    taxonomy=self._taxonomy,
                    labels=labels,
                    vocabulary=self._vocabulary,
                )

    def current(self, session: Session) -> Index:
        """Return the index as the database stands; one thread reads, the others wait for it.

        Who began to read before the last change gets the index after it.
        """
        index, now = self._index, self._columns.now(session)
        if index is None or index.state != now.passages:
            index = self._as_of(session)
            now = self._columns.now(session)  # last: what was withdrawn meanwhile is out
        if index.columns is now.columns:
            return index
        joined = replace(index, columns=now.columns, said={})
        with self._lock:
            if self._index is index:
                self._index = joined
        return joined

    def _as_of(self, session: Session) -> Index:
        index = self._index
        if index is not None and index.state == state(session):
            return index
        with self._lock:
            now = state(session)
            if self._index is None or (self._index.state != now and now not in self._passed):
                self._index = self._load(session)
                self._passed.append(self._index.state)
            index = self._index
            vectors, words = self._to_be_kept(index)
            self._in_file = vectors or self._in_file
            self._words_in_file = words or self._words_in_file
        if vectors is not None:  # nobody waits for the disk
            self._keep(index, vectors)
        if words is not None:
            self._keep_words(index, words)
        return index

    def _load(self, session: Session) -> Index:
        before = None
        if self._index is None:
            before = self._from_files(session)
        elif was(session, self._index.state):
            before = self._index.derived
        return Index.load(
            session,
            self._encoder,
            taxonomy=self._taxonomy,
            labels=self._labels,
            columns=self._columns.current(session),
            vocabulary=self._vocabulary,
            before=before,
        )

    def _from_files(self, session: Session) -> Derived:
        """Return what the files have; of what they have not, nothing."""
        before = NOTHING
        if self._folder is None:
            return before
        if self._encoder is not None:
            kept = files.read(self._folder, self._encoder.digest)
            if kept is not None and self._is_ours(session, kept.state, files.NAME):
                self._in_file = DenseIndex.again(kept.halves, kept.coarse)
                before = replace(before, passages=kept.passages, dense=self._in_file)
        said = files.read_words(self._folder)
        if said is not None and self._is_ours(session, said.state, files.WORDS):
            self._words_in_file = fts5.Words(Postings([said.passages]), Postings([said.titles]))
            before = replace(before, words=self._words_in_file)
        return before

    def _is_ours(self, session: Session, kept: State, name: str) -> bool:
        ours = was(session, kept)
        if not ours:
            files.log.warning("the %s in %s are of another library", name, self._folder)
        return ours

    def _to_be_kept(self, index: Index) -> tuple[DenseIndex | None, fts5.Words | None]:
        """Return the vectors and the words that are to be written, if they are."""
        if self._folder is None:
            return None, None
        dense, words = index.dense, index.words
        mine = dense if isinstance(dense, DenseIndex) and dense is not self._in_file else None
        said = words if isinstance(words, fts5.Words) and words is not self._words_in_file else None
        return mine if mine and mine.is_whole else None, said if said and said.is_whole else None

    def _keep(self, index: Index, dense: DenseIndex) -> None:
        assert self._folder is not None
        assert self._encoder is not None
        passages, halves = index.passages[index.rows], dense.halves()
        digest = self._encoder.digest
        files.write(self._folder, files.Kept(index.state, digest, passages, halves, dense.coarse))

    def _keep_words(self, index: Index, words: fts5.Words) -> None:
        assert self._folder is not None
        (passages,), (titles,) = words.passages.parts, words.titles.parts
        files.write_words(self._folder, files.KeptWords(index.state, passages, titles))


def _among(some: Ids, ascending: Ids) -> Mask:
    """Return for each of `some` whether it is in `ascending`."""
    if not len(ascending):
        return np.zeros(len(some), bool)
    found = np.searchsorted(ascending, some).clip(max=len(ascending) - 1)
    mask: Mask = ascending[found] == some
    return mask
