"""The concepts of the taxonomy."""

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
