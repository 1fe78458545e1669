"""Records that tell the same: the same text, nearly the same text, an earlier version.

A text is its folded words; layout, case and accents do not count. Each record's MinHash stands
in the table `text_signature` (derived), a `Shelf` holds them in memory under locality-sensitive
hashing, so that one text is compared with few, and what these have in common is then counted
exactly. A translation shares no words with its source and is not found here.

Sources: A. Broder, “On the resemblance and containment of documents” (1997); P. Indyk and
R. Motwani, “Approximate nearest neighbors” (1998); the library `datasketch`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from hashlib import sha256
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Executable, select
from sqlalchemy.orm import Session

from ingest.sentences import tokens
from ingest.versionmarks import mark, newer
from kb import content
from kb.errors import NotFoundError
from kb.models import Attachment, Likeness, Place, Record, Section, SourceFile, TextSignature
from kb.vocabulary import LikenessKind, LikenessState

if TYPE_CHECKING:
    from datasketch import MinHash

SEED = 1997
N_HASHES = 126  # = BANDS * ROWS
# A text of which every fifth word was changed has 0.47 of its pairs in common with the old one:
# it is a candidate with probability 1 - (1 - 0.47**3)**42 = 0.99. Two stories about one topic
# have 0.02 in common and become candidates one time in 3,000.
BANDS, ROWS = 42, 3
SHORT = 30  # words; shorter texts are the same only word by word
LONG_RUN = 30  # characters; a longer one is a sentence in a script without spaces
MOST_CANDIDATES = 48  # that are read again and counted exactly, the likeliest first
LIKELY = 0.15  # resemblance; LEAST_ALIKE is 3.7 standard errors above
LEAST_IN_COMMON = 0.55  # share of the shorter text's pairs, of what is not a form's
LEAST_ALIKE = 0.3  # Jaccard, likewise: below, a text only quotes the other
ALMOST_ALL = 0.9  # Jaccard of everything: with no words of their own they are still the same
SAME_TITLE_WORDS = 20  # one reader takes a title out of the text, another leaves it in
IN_A_FORM = 6  # records in which a pair of words stands for it to be the form's, not the story's
UNLIKE = 0.6  # Jaccard below which another record may be one of the same form; versions are above
AT_ONCE = 10_000  # pairs hashed in one step, at half a KB each
OWN_PAIRS = 20  # fewer of one's own say nothing
HARDLY_CHANGED = 0.97  # Jaccard; above, two files of one story are not called versions

Pairs = frozenset[tuple[str, str]]
Hashes = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Signature:
    """What of a text is compared: digest of its words, how many, and their MinHash."""

    text_sha256: str
    n_words: int
    hashes: Hashes  # (N_HASHES,)


@dataclass(frozen=True, slots=True)
class Told:
    """One text as it is compared exactly, and what is known of its file."""

    record_id: int
    words: tuple[str, ...]
    title: str = ""
    facility: str = ""
    name: str = ""  # of the file
    modified: date | None = None
    version: int = 1  # of the record


@dataclass(frozen=True, slots=True)
class Found:
    """How two texts are alike."""

    kind: LikenessKind
    score: float  # Jaccard of the pairs of words, in [0, 1]
    earlier_id: int | None = None


def text_of(said: content.Record) -> str:
    """Return the text of a record that is compared, where the file's own is not at hand."""
    parts = (part for section in said.sections for part in (section.heading, section.body))
    return _joined((said.title, *parts))


def signature(text: str) -> Signature:
    """Return what of `text` is compared; equal for two texts of equal words in equal order."""
    return _signature(_words(text))


def resemblance(one: Signature, other: Signature) -> float:
    """Estimate the Jaccard index of the two texts' pairs of words, in [0, 1].

    The standard error is sqrt(j * (1 - j) / N_HASHES), 0.045 at most (Broder 1997).
    """
    return float(np.mean(one.hashes == other.hashes))


def jaccard(one: str, other: str) -> float:
    """Return the share of the pairs of words in either text that stand in both; 1 for no words."""
    return _jaccard(_pairs(_words(one)), _pairs(_words(other)))


class Shelf:
    """The signatures of a library, in memory, where the neighbours of one are found at once."""

    def __init__(self) -> None:
        from datasketch import MinHashLSH  # noqa: PLC0415  brings SciPy: who only reads needs none

        self._near = MinHashLSH(num_perm=N_HASHES, params=(BANDS, ROWS))
        self._hashes: dict[int, Hashes] = {}
        self._newest = 0  # number of a record

    @classmethod
    def load(cls, session: Session) -> Self:
        """Return the shelf of the library.

        Records without a signature, and those whose text was changed since, are noted first.
        """
        shelf = cls()
        shelf._catch_up(session)
        for record_id in unsigned(session):
            [told] = _told(session, [record_id])
            shelf._note(session, told)
        for record_id in _edited(session):
            shelf._note_again(session, record_id)
        return shelf

    def __len__(self) -> int:
        return len(self._hashes)

    def note(
        self,
        session: Session,
        record_id: int,
        text: str,
        *,
        name: str = "",
        modified: date | None = None,
    ) -> list[Likeness]:
        """Put the record on the shelf and return how it is like others there, surest first.

        `text` is the whole text of the file, else `text_of` the record; `name` the file's name
        (else that of the record's original), `modified` the date that the file itself says.
        Noting it again changes nothing but what the text has changed, and no decision.

        Raises:
            NotFoundError: there is no such record.
        """
        session.flush()
        told = next(iter(_told(session, [record_id], texts={record_id: text})), None)
        if told is None:
            raise NotFoundError(f"There is no record {record_id}.", hint="Create it first.")
        known = replace(told, name=name or told.name, modified=modified or told.modified)
        return self._note(session, known)

    def _catch_up(self, session: Session) -> None:
        """Put on the shelf what others, who work at the same time, have noted since."""
        kept = select(TextSignature.record_id, TextSignature.minhash)
        newer = kept.where(TextSignature.record_id > self._newest).order_by(TextSignature.record_id)
        for record_id, minhash in session.execute(newer):
            self._newest = record_id
            if len(minhash) == N_HASHES * 4:  # another length is another version's: made again
                self._put(record_id, np.frombuffer(minhash, dtype="<u4"))

    def _note(self, session: Session, told: Told) -> list[Likeness]:
        self._catch_up(session)
        signed = _signature(told.words)
        _sign(session, told, signed)
        found = self._compare(session, told, signed)
        self._newest = max(self._newest, told.record_id)
        self._put(told.record_id, signed.hashes)  # a short one too: who loads the shelf has it
        rows = [_row(session, told.record_id, other, how) for other, how in found.items()]
        session.flush()
        return sorted(rows, key=lambda row: (-row.score, row.record_id, row.other_id))

    def _note_again(self, session: Session, record_id: int) -> None:
        """Note a record that was edited, where that changed its text and not only its tags."""
        [told] = _told(session, [record_id])
        row = session.get_one(TextSignature, record_id)
        kept = self._hashes.get(record_id)
        now = _signature(told.words)
        if kept is not None and np.mean(kept == now.hashes) >= HARDLY_CHANGED:
            row.record_version = told.version
            session.flush()
        else:
            self._note(session, told)

    def _put(self, record_id: int, hashes: Hashes) -> None:
        if record_id in self._hashes:
            self._near.remove(record_id)
        self._hashes[record_id] = hashes
        self._near.insert(record_id, _minhash(hashes))

    def _compare(self, session: Session, told: Told, signed: Signature) -> dict[int, Found]:
        if not told.words:  # nothing to read in it, as in a scan
            return {}
        same = {other for other in _same_words(session, signed) if other != told.record_id}
        near = self._candidates(told.record_id, signed) if signed.n_words >= SHORT else []
        others = _told(session, [other for other in near if other not in same])
        found = compare(told, [one for one in others if len(one.words) >= SHORT])
        return found | dict.fromkeys(same, Found(LikenessKind.SAME_TEXT, 1.0))

    def _candidates(self, record_id: int, signed: Signature) -> list[int]:
        met = [one for one in self._near.query(_minhash(signed.hashes)) if one != record_id]
        if not met:
            return []
        alike = np.mean(np.stack([self._hashes[one] for one in met]) == signed.hashes, axis=1)
        likely = sorted((-share, one) for share, one in zip(alike, met, strict=True))
        return [one for share, one in likely[:MOST_CANDIDATES] if -share >= LIKELY]


def compare(told: Told, others: Sequence[Told]) -> dict[int, Found]:
    """Return how `told` is like each of the `others`, by record; who is not like it is left out.

    What it has in common with `IN_A_FORM` others that are otherwise unlike it are the questions
    of a form: two stories in one form are two stories.
    """
    own = _pairs(told.words)
    theirs = {other.record_id: _pairs(other.words) for other in others}
    met = Counter(
        pair for pairs in theirs.values() if _jaccard(own, pairs) < UNLIKE for pair in own & pairs
    )
    form = frozenset(pair for pair, times in met.items() if times >= IN_A_FORM)
    found = {
        other.record_id: _alike(told, other, own, theirs[other.record_id], form) for other in others
    }
    return {record_id: how for record_id, how in found.items() if how}


def unsigned(session: Session) -> Sequence[int]:
    """Return the records without a signature, in a library made before there were any."""
    query = select(Record.id).outerjoin(TextSignature, TextSignature.record_id == Record.id)
    return session.scalars(query.where(TextSignature.record_id.is_(None)).order_by(Record.id)).all()


def _edited(session: Session) -> Sequence[int]:
    """Return the records that are of another version than the one that was signed."""
    query = select(Record.id).join(TextSignature, TextSignature.record_id == Record.id)
    query = query.where(TextSignature.record_version != Record.version)
    return session.scalars(query.order_by(Record.id)).all()


def _words(text: str) -> tuple[str, ...]:
    """Cut the text into folded words; a sentence without spaces into its characters."""
    found = tokens(text)
    if all(len(word) <= LONG_RUN for word in found):
        return found
    return tuple(part for word in found for part in (word if len(word) > LONG_RUN else (word,)))


def _pairs(words: Sequence[str]) -> Pairs:
    return frozenset(pairwise(words))


def _jaccard(one: Pairs, other: Pairs) -> float:
    return len(one & other) / len(one | other) if one or other else 1.0


def _signature(words: Sequence[str]) -> Signature:
    bare = sha256(" ".join(words).encode()).hexdigest()
    sketch = _minhash(None)
    pairs = iter(_pairs(words))
    while batch := [f"{a} {b}".encode() for a, b in islice(pairs, AT_ONCE)]:
        sketch.update_batch(batch)
    return Signature(bare, len(words), sketch.hashvalues.astype(np.uint32))


@cache
def _empty() -> "MinHash":
    """Return the MinHash of no words; its permutations are those of all, made once."""
    from datasketch import MinHash  # noqa: PLC0415  as above

    return MinHash(num_perm=N_HASHES, seed=SEED, scheme="affine32")


def _minhash(hashes: Hashes | None) -> "MinHash":
    empty = _empty()
    return type(empty)(
        num_perm=N_HASHES,
        seed=SEED,
        hashvalues=empty.hashvalues if hashes is None else hashes,
        permutations=empty.permutations,
        scheme="affine32",
    )


def _alike(told: Told, other: Told, own: Pairs, theirs: Pairs, form: Pairs) -> Found | None:
    if _same_but_title(told.words, other.words):
        return Found(LikenessKind.SAME_TEXT, 1.0)
    if min(len(told.words), len(other.words)) < SHORT:
        return None
    whole = _jaccard(own, theirs)
    if whole < ALMOST_ALL and not _tells_the_same(own - form, theirs - form):
        return None
    return _as_version(told, other, whole) or Found(LikenessKind.NEAR_TEXT, whole)


def _tells_the_same(own: Pairs, theirs: Pairs) -> bool:
    shorter = min(len(own), len(theirs))
    if shorter < OWN_PAIRS:
        return False
    return len(own & theirs) / shorter >= LEAST_IN_COMMON and _jaccard(own, theirs) >= LEAST_ALIKE


def _same_but_title(one: Sequence[str], other: Sequence[str]) -> bool:
    shorter, longer = sorted((one, other), key=len)
    more = len(longer) - len(shorter)
    if len(shorter) < SHORT:
        return shorter == longer
    return more <= SAME_TITLE_WORDS and longer[more:] == shorter


def _as_version(told: Told, other: Told, score: float) -> Found | None:
    """Call the two versions of one story where title and facility, or the file name, say so."""
    one, two = mark(told.name), mark(other.name)
    order = newer(one, two)
    named = bool(one.stem) and one.stem == two.stem
    titled = tokens(told.title) == tokens(other.title) and told.facility == other.facility
    if not (named or titled) or (score >= HARDLY_CHANGED and not order):
        return None
    if not order and told.modified and other.modified and told.modified != other.modified:
        order = 1 if told.modified > other.modified else -1
    if not order:
        order = 1 if told.record_id > other.record_id else -1
    earlier = other if order > 0 else told
    return Found(LikenessKind.EARLIER_VERSION, score, earlier.record_id)


def _same_words(session: Session, signed: Signature) -> Sequence[int]:
    query = select(TextSignature.record_id).filter_by(text_sha256=signed.text_sha256)
    return session.scalars(query.order_by(TextSignature.record_id)).all()


def _sign(session: Session, told: Told, signed: Signature) -> None:
    row = session.get(TextSignature, told.record_id)
    if row is None:
        row = TextSignature(record_id=told.record_id)
        session.add(row)
    row.text_sha256 = signed.text_sha256
    row.minhash = signed.hashes.astype("<u4").tobytes()
    row.modified = told.modified
    row.record_version = told.version
    session.flush()


def _row(session: Session, record_id: int, other_id: int, found: Found) -> Likeness:
    """Keep the likeness of the two, once; what a curator decided stays."""
    newest, oldest = max(record_id, other_id), min(record_id, other_id)
    query = select(Likeness).filter_by(record_id=newest, other_id=oldest)
    row = session.scalar(query)
    if row is None:
        row = Likeness(record_id=newest, other_id=oldest, state=LikenessState.OPEN, decided_by="")
        session.add(row)
    if row.state is LikenessState.OPEN:
        row.kind, row.score, row.earlier_id = found.kind, found.score, found.earlier_id
    return row


def _told(
    session: Session, record_ids: Iterable[int], *, texts: Mapping[int, str] | None = None
) -> list[Told]:
    """Return these records with the `texts` given, else as they are now; a missing one is not."""
    wanted = list(record_ids)
    if not wanted:
        return []
    titles = _column(session, select(Record.id, Record.title).where(Record.id.in_(wanted)))
    versions = _column(session, select(Record.id, Record.version).where(Record.id.in_(wanted)))
    places = select(Place.record_id, Place.facility).where(Place.record_id.in_(wanted))
    files = (
        select(Attachment.record_id, SourceFile.name)
        .join(SourceFile, SourceFile.sha256 == Attachment.sha256)
        .where(Attachment.record_id.in_(wanted), Attachment.original)
    )
    signed = select(TextSignature.record_id, TextSignature.modified)
    facilities = _column(session, places.order_by(Place.position.desc()))
    names = _column(session, files.order_by(Attachment.id.desc()))
    modified = _column(session, signed.where(TextSignature.record_id.in_(wanted)))
    said = texts or _texts(session, titles)
    return [
        Told(
            record_id,
            _words(said[record_id]),
            titles[record_id],
            facilities.get(record_id, ""),
            names.get(record_id, ""),
            modified.get(record_id),
            versions[record_id],
        )
        for record_id in wanted
        if record_id in titles
    ]


def _texts(session: Session, titles: Mapping[int, str]) -> dict[int, str]:
    parts = {record_id: [title] for record_id, title in titles.items()}
    query = select(Section.record_id, Section.heading, Section.body)
    query = query.where(Section.record_id.in_(titles)).order_by(Section.position)
    for record_id, heading, body in session.execute(query):
        parts[record_id] += [heading, body]
    return {record_id: _joined(said) for record_id, said in parts.items()}


def _joined(parts: Iterable[str]) -> str:
    return "\n\n".join(filter(None, parts))


def _column(session: Session, query: Executable) -> dict[int, Any]:
    """Return the second column by the first; of several rows the last."""
    return {row[0]: row[1] for row in session.execute(query)}
