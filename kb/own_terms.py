"""What a library's own curators add to its taxonomy: a layer over the files, kept in the database.

The shipped file may be replaced by a newer one, and several processes may serve one library: each
asks, by one number of the database, whether the layer is still the one it knows.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from sqlalchemy import func, or_, select, text, update
from sqlalchemy.orm import Session, aliased

from kb import taxonomy
from kb.concept_file import OWN, ConceptFile, Place, Problem, Statement
from kb.errors import ConflictError
from kb.labels import Labels
from kb.models import (
    Batch,
    ChangeIdea,
    Concept,
    ConceptStatement,
    IdeaConcept,
    SupportActivity,
    Tag,
)
from kb.taxonomy import Taxonomy
from kb.vocabulary import BatchKind, Scheme
from kb.wording import marked

MOST_SHOWN = 10  # notations or records that an error names


@dataclass(frozen=True)
class Standing:
    """The taxonomy as it stands in a library: its files, and its own layer over them."""

    files: Taxonomy  # without the own layer
    own: tuple[Statement, ...]  # their line is the number of the row
    taxonomy: Taxonomy
    left_aside: tuple[Problem, ...]  # what no longer goes with the files, since they are newer

    @property
    def kept(self) -> tuple[Statement, ...]:
        """What of the own layer is not left aside."""
        aside = {problem.place.line for problem in self.left_aside if problem.place.file == OWN}
        return tuple(said for said in self.own if said.place.line not in aside)

    def is_own(self, notation: str) -> bool:
        """Tell whether the library itself added the concept."""
        term = self.taxonomy.terms.get(notation)
        return term is not None and term.origin == OWN

    @cached_property
    def labels(self) -> Labels:
        """The labels of the taxonomy, ready to be found in texts."""
        return Labels.of(self.taxonomy)


class Stamp(NamedTuple):
    """Differs from before whenever the own layer does: batches come and are undone, never go."""

    last: int
    undone: int


def stamp(session: Session) -> Stamp:
    """Return the present stamp of the own layer."""
    query = select(func.max(Batch.id), func.count(Batch.undone)).where(
        Batch.kind == BatchKind.TAXONOMY
    )
    last, undone = session.execute(query).one()
    return Stamp(last or 0, undone)


def statements(session: Session) -> tuple[Statement, ...]:
    """Return what the library's own curators say, in the order they said it."""
    return tuple(
        Statement(row.subject, row.predicate, row.key, row.value, Place(OWN, row.id))
        for row in _rows(session)
    )


def standing(session: Session, files: Taxonomy) -> Standing:
    """Return the taxonomy as it stands now."""
    return of(files, statements(session))


def of(files: Taxonomy, own: Sequence[Statement]) -> Standing:
    """Return the taxonomy of the files with this layer over them.

    What in the layer breaks a rule is left aside: the files may have become newer than it, and
    the library has to open all the same.
    """
    aside: list[Problem] = []
    kept = list(own)
    while kept:
        found, made = taxonomy.laid_over([*files.files, layer_of(kept)])
        wrong = {problem.place.line for problem in found if problem.place.file == OWN}
        aside += found
        if not found:
            return Standing(files, tuple(own), made(), tuple(aside))
        if not wrong:  # nothing of it can be blamed by itself
            break
        kept = [said for said in kept if said.place.line not in wrong]
    return Standing(files, tuple(own), files, tuple(aside))


def problems(files: Taxonomy, own: Sequence[Statement]) -> list[Problem]:
    """Return the rules that the layer would break."""
    return taxonomy.laid_over([*files.files, layer_of(own)])[0]


def layer_of(own: Iterable[Statement]) -> ConceptFile:
    """Return the own layer in the shape of a taxonomy file."""
    layer = ConceptFile(Path(OWN))
    for said in own:
        layer.sections[Scheme.TOPICS].append(said)  # which scheme, says each new concept itself
    return layer


def keep(
    session: Session,
    batch_id: int,
    adds: Iterable[tuple[str, str, str, str]],
    takes: Collection[int],
) -> None:
    """Write down what a batch says (subject, predicate, key, value) and what it takes away."""
    session.add_all(
        ConceptStatement(batch_id=batch_id, subject=s, predicate=p, key=k, value=v)
        for s, p, k, v in adds
    )
    if takes:
        rows = update(ConceptStatement).where(ConceptStatement.id.in_(takes))
        session.execute(rows.values(taken_by=batch_id))
    session.flush()


def lock(session: Session) -> None:
    """Let no other transaction change the layer until this one has ended.

    On SQLite a transaction that may write is alone from its first statement.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE concept_statement IN SHARE ROW EXCLUSIVE MODE"))


class LiveTaxonomy:
    """Holds the taxonomy as it stands, and makes it anew when the own layer has changed."""

    def __init__(self, files: Taxonomy) -> None:
        self.files = files
        self.standing = Standing(files, (), files, ())
        self._stamp = Stamp(0, 0)
        self._lock = Lock()

    def look(self, session: Session) -> Standing:
        """Return the taxonomy as the database has it now; one thread makes it, others wait."""
        if stamp(session) != self._stamp:
            with self._lock:
                now = stamp(session)
                if now != self._stamp:
                    self.standing, self._stamp = standing(session, self.files), now
        return self.standing


def carriers(session: Session, notations: Collection[str]) -> list[int]:
    """Return the records that carry any of these concepts in whatever place, ascending."""
    ids = select(Concept.id).where(Concept.notation.in_(notations))
    query = (
        select(Tag.record_id)
        .where(Tag.concept_id.in_(ids))
        .union(
            select(ChangeIdea.record_id)
            .join(IdeaConcept, IdeaConcept.change_idea_id == ChangeIdea.id)
            .where(IdeaConcept.concept_id.in_(ids)),
            select(SupportActivity.record_id).where(SupportActivity.intervention.in_(notations)),
        )
    )
    return sorted(session.scalars(query))


def refuse_where_built_upon(session: Session, batch: Batch, restored: Collection[int]) -> None:
    """Make sure that nobody uses a concept that the batch added, so that it can be undone.

    `restored` are records that say what they said before once it is undone.

    Raises:
        ConflictError: records carry one, or the taxonomy says more of it since.
    """
    rows = _rows(session)
    added = {r.subject for r in rows if r.batch_id == batch.id and r.predicate == "in_scheme"}
    later = [r for r in rows if r.batch_id != batch.id and (r.subject in added or r.value in added)]
    if later:
        others = ", ".join(map(str, sorted({row.batch_id for row in later})))
        raise ConflictError(
            marked(
                "The taxonomy says more since of %(concepts)s: batch %(others)s.",
                concepts=_quoted(added),
                others=others,
            ),
            hint=marked("Undo that first, the newest before the others; or retire the concept."),
        )
    if carried := set(carriers(session, added)) - set(restored):
        shown = ", ".join(map(str, sorted(carried)[:MOST_SHOWN]))
        raise ConflictError(
            marked(
                "Records carry %(concepts)s: %(records)s.", concepts=_quoted(added), records=shown
            ),
            hint=marked("Take it off them first, or merge the concept into another one."),
        )


def _rows(session: Session) -> Sequence[ConceptStatement]:
    taking = aliased(Batch)
    query = (
        select(ConceptStatement)
        .join(Batch, Batch.id == ConceptStatement.batch_id)
        .outerjoin(taking, taking.id == ConceptStatement.taken_by)
        .where(Batch.undone.is_(None), or_(taking.id.is_(None), taking.undone.is_not(None)))
        .order_by(ConceptStatement.id)
    )
    return session.scalars(query).all()


def _quoted(notations: Collection[str]) -> str:
    return ", ".join(f"“{notation}”" for notation in sorted(notations)[:MOST_SHOWN])
