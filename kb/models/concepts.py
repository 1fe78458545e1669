"""The concepts of the taxonomy."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from kb.db import Base
from kb.vocabulary import Scheme


class Concept(Base):
    """A skos:Concept of taxonomy.yaml; `notation` never changes, labels may."""

    __tablename__ = "concept"

    id: Mapped[int] = mapped_column(primary_key=True)
    scheme: Mapped[Scheme] = mapped_column(index=True)
    notation: Mapped[str] = mapped_column(unique=True)
    pref_label: Mapped[str]  # in English; the other languages stand in the file
    deprecated: Mapped[bool] = mapped_column(default=False)
    replaced_by: Mapped[str | None]  # notation


class ConceptStatement(Base):
    """One thing that the library's own curators say of a concept, laid over the taxonomy's files.

    It stands unless the batch that said it was undone, or one that is not undone took it away.
    So what a batch did to the taxonomy is taken back by nothing but saying that it is undone.
    """

    __tablename__ = "concept_statement"

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id", ondelete="CASCADE"), index=True)
    taken_by: Mapped[int | None] = mapped_column(
        ForeignKey("batch.id", ondelete="SET NULL"), index=True
    )
    subject: Mapped[str]  # notation
    predicate: Mapped[str]  # as in a taxonomy file: pref, alt, broader …
    key: Mapped[str]  # language of a label, name of a list; else empty
    value: Mapped[str]
