"""What curators decided on other records, and what of it speaks for a draft.

A draft is like a record when its own words point to the concepts that were confirmed there. So
the languages may differ and nothing is encoded. Nothing is trained either: a record that is added
speaks for the next draft.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.models import Concept, Record, Tag
from kb.taxonomy import Taxonomy
from kb.vocabulary import TagStatus

Numbers: TypeAlias = NDArray[np.float32]

NEAREST = 10  # records that vote; 5 and 20 were as good
SHARPNESS = 4  # power of the cosine: near ones count far more
ABSTAINING = 0.2  # weight of those who say nothing, so that one distant record does not decide
REJECTION = 0.5  # what a rejected suggestion takes away, where a confirmed one adds 1
PSEUDOCOUNT = 2.0  # records by which the company of a rare concept is drawn towards the usual
ROOM = 64  # records there is room for at first; doubled when full


class Neighbour(NamedTuple):
    """A record on whose tags a curator decided, and how much a draft is like it."""

    record_id: int
    title: str
    similarity: float  # cosine of what the draft seems to be about and what was confirmed, [0, 1]


@dataclass(frozen=True, slots=True)
class Advice:
    """What the decided records say of each concept, in the order of `Confirmed.notations`."""

    votes: Numbers  # confirmed on the nearest less rejected there, about [-0.5, 1]
    company: Numbers  # how much more often it is confirmed beside what the draft is about
    nearest: Mapping[str, Neighbour]  # by concept: the most similar that has it confirmed
    records: int  # that were asked


class Confirmed:
    """The decided records as rows over all concepts that may be suggested."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.notations = tuple(
            term.notation for term in taxonomy.terms.values() if not term.deprecated
        )
        self._column = {notation: at for at, notation in enumerate(self.notations)}
        self._records: list[tuple[int, str]] = []  # id and title, by row
        self._row: dict[int, int] = {}
        self._yes = np.zeros((ROOM, len(self.notations)), np.float32)
        self._no = np.zeros_like(self._yes)
        self._together = np.zeros((len(self.notations),) * 2, np.float32)

    @classmethod
    def load(cls, session: Session, taxonomy: Taxonomy) -> "Confirmed":
        """Return what curators have decided until now, on every record that has a decision."""
        shelf = cls(taxonomy)
        found = session.execute(
            select(Tag.record_id, Record.title, Concept.notation, Tag.status)
            .join(Record, Record.id == Tag.record_id)
            .join(Concept, Concept.id == Tag.concept_id)
            .where(Tag.status != TagStatus.SUGGESTED)
            .order_by(Tag.record_id, Tag.id)
        )
        decided: dict[tuple[int, str], dict[TagStatus, list[str]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for record_id, title, notation, status in found:
            decided[record_id, title][status].append(notation)
        for (record_id, title), tags in decided.items():
            shelf.add(
                record_id,
                title,
                confirmed=tags[TagStatus.CONFIRMED],
                rejected=tags[TagStatus.REJECTED],
            )
        return shelf

    def __len__(self) -> int:
        return len(self._records)

    def add(
        self,
        record_id: int,
        title: str,
        *,
        confirmed: Collection[str],
        rejected: Collection[str] = (),
    ) -> None:
        """Note what was decided on a record, in the place of what was before.

        Concepts that may not be suggested, such as retired ones, are left out.
        """
        if record_id not in self._row:
            self._row[record_id] = len(self._records)
            self._records.append((record_id, title))
            self._grow()
        row = self._row[record_id]
        self._records[row] = (record_id, title)
        self._together -= np.outer(self._yes[row], self._yes[row])
        self._yes[row] = self._marked(confirmed)
        self._no[row] = self._marked(rejected)
        self._together += np.outer(self._yes[row], self._yes[row])

    def advise(self, own: Numbers, *, without: Collection[int] = ()) -> Advice:
        """Return what the decided records say of a draft.

        `own` is how likely each concept is by the draft's own words, in the order of `notations`.
        `without` are records that may not be asked, such as the draft itself.
        """
        asked = self._asked(without)
        if not asked.any() or not own.any():
            nothing = np.zeros(len(self.notations), np.float32)
            return Advice(nothing, nothing, {}, int(asked.sum()))
        cosines = np.where(asked, self._cosines(own), 0)
        order = np.argsort(-cosines)[:NEAREST]
        nearest = order[cosines[order] > 0]
        weights = cosines[nearest] ** SHARPNESS
        decided = self._yes[nearest] - REJECTION * self._no[nearest]
        votes = weights @ decided / (weights.sum() + ABSTAINING)
        return Advice(
            votes=votes.astype(np.float32),
            company=self._company(own, asked),
            nearest=self._who(nearest, cosines),
            records=int(asked.sum()),
        )

    def _grow(self) -> None:
        if len(self._records) > len(self._yes):
            self._yes = np.concatenate([self._yes, np.zeros_like(self._yes)])
            self._no = np.concatenate([self._no, np.zeros_like(self._no)])

    def _marked(self, notations: Collection[str]) -> Numbers:
        marked = np.zeros(len(self.notations), np.float32)
        marked[[self._column[one] for one in notations if one in self._column]] = 1
        return marked

    def _asked(self, without: Collection[int]) -> NDArray[np.bool_]:
        asked = np.ones(len(self._records), bool)
        asked[[self._row[one] for one in without if one in self._row]] = False
        return asked

    def _cosines(self, own: Numbers) -> Numbers:
        yes = self._yes[: len(self._records)]
        lengths = np.sqrt(yes.sum(axis=1)) * np.linalg.norm(own)  # the rows are 0 and 1
        cosines: Numbers = yes @ own / np.maximum(lengths, 1e-9)
        return cosines

    def _company(self, own: Numbers, asked: NDArray[np.bool_]) -> Numbers:
        """For each concept: the rise of its share beside each other one that the draft tells of."""
        left_out = self._yes[: len(self._records)][~asked]
        together = self._together - left_out.T @ left_out
        times = together.diagonal()
        share = times / asked.sum()
        rise = (together + PSEUDOCOUNT * share) / (times[:, None] + PSEUDOCOUNT) - share
        np.fill_diagonal(rise, 0)
        company: Numbers = own @ rise
        return company

    def _who(
        self, nearest: Sequence[int] | NDArray[np.intp], cosines: Numbers
    ) -> dict[str, Neighbour]:
        found: dict[str, Neighbour] = {}
        for row in nearest:
            neighbour = Neighbour(*self._records[row], round(float(cosines[row]), 3))
            for at in np.flatnonzero(self._yes[row]):
                found.setdefault(self.notations[at], neighbour)
        return found
